/**
 * The largest elements of rows, whether classes are among them, and counts, in compiled plans: equal to the plain kernels', with ties,
 * NaN and infinities, and with their errors.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, failBoth, fed, picks, table } from './compareBackends';

const dtypes = [tf.float32, tf.float64, tf.int32, tf.int64];

function op(type: string, inputs: tf.Tensor[], attrs: Record<string, unknown> = {}): readonly tf.Tensor[] {
  return tf.getDefaultGraph().createOp(type, inputs, { attrs: attrs as never }).outputs;
}

describe('the largest elements in compiled plans', () => {
  for (const dtype of dtypes)
    it(`are those of the plain kernel: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const feeds = [[1], [250], [5, 40], [2, 3, 7], [300, 120], [0, 4]].map((shape) => fed(table(shape, dtype)));
        const fetch = feeds.flatMap(([x, { shape }]) =>
          [0, 1, 2, 3, 17, shape.at(-1)!]
            .filter((k) => k <= shape.at(-1)!)
            .flatMap((k) => {
              const sorted = tf.nn.topK(x, k, { indexType: k % 2 === 0 ? tf.int64 : tf.int32 });
              return [sorted.values, sorted.indices, op('TopK', [x], { k })[1]];
            }),
        );
        return { fetch, feed: feeds };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('have NaN at their end, zeros of both signs in order, and infinities', () => {
    const onHost = compareBackends(() => {
      const x = fed(tf.NdArray.from([NaN, 1, -0, 0, Infinity, NaN, -0, -Infinity, 1, NaN, 0], tf.float32));
      const fetch = [1, 3, 5, 8, 9, 11].flatMap((k) => Object.values(tf.nn.topK(x[0], k)));
      return { fetch, feed: [x] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('are refused as the plain kernel refuses them', () => {
    const message = failBoth(() => {
      const [x, k] = [fed(table([3, 4], tf.float32)), fed(tf.NdArray.from(5, tf.int32))];
      return { fetch: [op('TopKV2', [x[0], k[0]])[0]], feed: [x, k] };
    });
    expect(message).to.include('input must have at least k columns. Had 4, needed 5');
  });

  it('tell whether classes are among them', () => {
    const onHost = compareBackends(() => {
      const predictions = table([50, 23], tf.float32);
      for (const [at, value] of [[5, NaN] as const, [30, Infinity] as const, [60, -Infinity] as const])
        (predictions.data as Float32Array)[at] = value;
      const x = fed(predictions);
      const numbers = Array.from({ length: 50 }, (_, i) => ((i * 7) % 25) - 1);
      const [short, long] = [fed(tf.NdArray.from(numbers, tf.int32)), fed(tf.NdArray.from(numbers, tf.int64))];
      const fetch = [1, 3, 23, 0].flatMap((k) => [
        op('InTopK', [x[0], short[0]], { k })[0],
        op('InTopKV2', [x[0], short[0], tf.constant(k, { dtype: tf.int32 })])[0],
        op('InTopKV2', [x[0], long[0], tf.constant(k, { dtype: tf.int64 })])[0],
      ]);
      return { fetch, feed: [x, short, long] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });
});

describe('counts in compiled plans', () => {
  it('are those of the plain kernel', () => {
    const onHost = compareBackends(() => {
      const numbers = fed(picks(200, 13, tf.int32));
      const size = (n: number) => tf.constant(n, { dtype: tf.int32 });
      const none = fed(tf.NdArray.zeros(tf.int32, [0]));
      const fetch = dtypes.flatMap((dtype) => [
        op('Bincount', [numbers[0], size(20), tf.zeros([0], dtype)])[0],
        op('Bincount', [numbers[0], size(7), tf.constant(table([200], dtype))])[0],
        op('Bincount', [none[0], size(3), tf.zeros([0], dtype)])[0],
        op('Bincount', [numbers[0], size(0), tf.zeros([0], dtype)])[0],
      ]);
      return { fetch, feed: [numbers, none] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('are of no negative numbers', () => {
    const message = failBoth(() => {
      const numbers = fed(tf.NdArray.from([1, -1], tf.int32));
      const size = tf.constant(3, { dtype: tf.int32 });
      return { fetch: [op('Bincount', [numbers[0], size, tf.zeros([0], tf.int32)])[0]], feed: [numbers] };
    });
    expect(message).to.include('Input arr must be non-negative!');
  });
});
