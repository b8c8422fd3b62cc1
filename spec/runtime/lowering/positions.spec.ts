/**
 * Slices at positions that are fed or computed, in compiled plans, with their gradients: those of the plain kernels, negative positions
 * and wrong ones included, and loops that read a row in each iteration.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, failBoth, fed, table } from './compareBackends';

/** `x` at the positions along some axes, the other axes whole. */
function at(x: tf.Tensor, positions: readonly (tf.Tensor | null)[]): tf.Tensor {
  const mask = (test: (position: tf.Tensor | null) => boolean) =>
    positions.reduce((bits, position, i) => (test(position) ? bits | (1 << i) : bits), 0);
  const whole = mask((position) => position === null);
  const zero = tf.constant(0, { dtype: tf.int32 });
  const begin = tf.stack(positions.map((position) => position ?? zero));
  const ones = tf.constant(
    positions.map(() => 1),
    { dtype: tf.int32 },
  );
  const attrs = {
    begin_mask: whole,
    end_mask: whole,
    shrink_axis_mask: mask((position) => position !== null),
    ellipsis_mask: 0,
    new_axis_mask: 0,
  };
  return tf.getDefaultGraph().createOp('StridedSlice', [x, begin, tf.add(begin, ones), ones], { attrs }).outputs[0];
}

const position = (value: number) => fed(tf.NdArray.from(value, tf.int32));

describe('slices at positions that plans do not know', () => {
  for (const dtype of [tf.float32, tf.float64, tf.int64, tf.uint8])
    it(`are those of plain kernels: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const data = Array.from({ length: 3 * 4 * 5 * 2 }, (_, i) => i);
        const x = fed(tf.NdArray.from({ data, shape: [3, 4, 5, 2] }, dtype));
        const [i, j, k] = [position(1), position(-2), position(4)];
        const fetch = [
          at(x[0], [i[0]]),
          at(x[0], [j[0]]),
          at(x[0], [i[0], j[0]]),
          at(x[0], [null, j[0]]),
          at(x[0], [null, i[0], k[0]]),
          at(x[0], [i[0], j[0], k[0], i[0]]),
          at(x[0], [null, null, null, i[0]]),
        ];
        return { fetch, feed: [x, i, j, k] };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('have gradients among zeros', () => {
    const onHost = compareBackends(() => {
      const x = fed(table([3, 4, 5], tf.float32));
      const [i, j] = [position(2), position(-3)];
      const parts = [at(x[0], [i[0]]), at(x[0], [null, j[0]]), at(x[0], [i[0], j[0]]), at(x[0], [null, i[0], j[0]])];
      const fetch = parts.map((part) => tf.gradients([tf.square(part)], [x[0]])[0] as tf.Tensor);
      return { fetch, feed: [x, i, j] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('outside are the errors of the plain kernels', () => {
    for (const [value, axis] of [[3, 0] as const, [-4, 0] as const, [5, 1] as const]) {
      const message = failBoth(() => {
        const x = fed(table([3, 5], tf.float32));
        const i = position(value);
        return { fetch: [at(x[0], axis === 0 ? [i[0]] : [null, i[0]])], feed: [x, i] };
      });
      expect(message).to.match(/slice index -?\d of dimension \d out of bounds/);
    }
  });

  it('are read in loops', () => {
    compareBackends(() => {
      const x = fed(table([6, 40], tf.float32));
      const zero = tf.constant(0, { dtype: tf.int32 });
      const [, sum] = tf.whileLoop(
        (i: tf.Tensor) => tf.less(i, tf.constant(6, { dtype: tf.int32 })),
        (i: tf.Tensor, total: tf.Tensor) => [
          tf.add(i, tf.constant(1, { dtype: tf.int32 })),
          tf.add(total, tf.multiply(at(x[0], [i]), tf.cast(i, tf.float32))),
        ],
        [zero, tf.zeros([40])],
      ) as tf.Tensor[];
      return { fetch: [sum, tf.gradients([sum], [x[0]])[0] as tf.Tensor], feed: [x] };
    });
  });
});
