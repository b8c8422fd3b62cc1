/**
 * Divisions and remainders of integers in compiled plans: those of the plain kernels in every dtype that registers hold, with the
 * error of a zero divisor, and without a guard where the divisor is known.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, failBoth, fed } from './compareBackends';

const types = ['FloorDiv', 'FloorMod', 'TruncateDiv', 'TruncateMod', 'Div', 'Mod'] as const;
const narrow = ['FloorDiv', 'FloorMod', 'TruncateDiv', 'Div'];

/** Numbers near the ends of a dtype, and small ones. */
function numbers(dtype: tf.DType): (number | bigint)[] {
  const bits = BigInt(dtype.size * 8);
  const isUnsigned = dtype.name.startsWith('u');
  const highest = 2n ** (isUnsigned ? bits : bits - 1n) - 1n;
  const lowest = isUnsigned ? 0n : -highest - 1n;
  const all = [highest, highest - 1n, lowest, lowest + 1n, 1n, -1n, 2n, 7n, -7n, 10n, 100n, -3n, highest / 3n];
  const fitting = all.filter((x) => x >= lowest && x <= highest);
  return dtype === tf.int64 ? fitting : fitting.map(Number);
}

const isZero = (x: number | bigint) => Number(x) === 0;

describe('integer division in compiled plans', () => {
  for (const dtype of [tf.int8, tf.uint8, tf.int16, tf.uint16, tf.int32, tf.int64])
    it(`is that of plain kernels: ${dtype.name}`, () => {
      const values = numbers(dtype);
      const divisors = values.filter((y) => !isZero(y));
      const [data, other] = [
        tf.NdArray.from({ data: values as number[], shape: [values.length, 1] }, dtype),
        tf.NdArray.from({ data: divisors as number[], shape: [divisors.length] }, dtype),
      ];
      const onHost = compareBackends(() => {
        const [x, y] = [fed(data), fed(other)];
        const ops = dtype.size >= 4 ? types : types.filter((type) => narrow.includes(type));
        const fetch = ops.flatMap((type) => {
          const apply = (b: tf.Tensor) =>
            tf.getDefaultGraph().createOp(type, [x[0], b], { attrs: { T: dtype } }).outputs[0];
          return [apply(y[0]), apply(tf.constant(divisors.at(-1)!, { dtype }))];
        });
        return { fetch, feed: [x, y] };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('is guarded only where the divisor may be zero', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const x = tf.placeholder(tf.int32, [100]);
      const feed = [[x, tf.NdArray.zeros(tf.int32, [100])]] as const;
      const kinds = (fetch: tf.Tensor) =>
        new tf.Session({ graph }).explain(fetch, { feed }).data.kernels.map(({ kind }) => kind);
      expect(kinds(tf.mod(x, tf.constant(3, { dtype: tf.int32 })))).to.deep.equal(['loop']);
      expect(kinds(tf.mod(x, tf.add(x, 1)))).to.include('host');
    });
  });

  it('by zero is the error of the plain kernels, wherever the zero is', () => {
    for (const dtype of [tf.int32, tf.int64])
      for (const at of [0, 6, 99]) {
        const divisors = Array.from({ length: 100 }, (_, i) => (i === at ? 0 : i + 1));
        const message = failBoth(() => {
          const y = fed(tf.NdArray.from(divisors, dtype));
          return { fetch: [tf.floorDiv(tf.onesLike(y[0]), y[0])], feed: [y] };
        });
        expect(message).to.match(/InvalidArgumentError: .*Integer division by zero/);
      }
    const known = failBoth(() => {
      const x = fed(tf.NdArray.from([1, 2], tf.int32));
      return { fetch: [tf.mod(x[0], tf.constant([1, 0], { dtype: tf.int32 }))], feed: [x] };
    });
    expect(known).to.match(/InvalidArgumentError: .*Integer division by zero/);
  });

  it('of nothing by zero is nothing', () => {
    const onHost = compareBackends(() => {
      const [x, y] = [fed(tf.NdArray.zeros(tf.int32, [0, 1])), fed(tf.NdArray.zeros(tf.int32, [3]))];
      return { fetch: [tf.floorDiv(x[0], y[0])], feed: [x, y] };
    });
    expect(onHost).to.deep.equal([]);
  });
});

describe('remainders of float32 in compiled plans', () => {
  it('are exact', () => {
    const special = [0, 1, 3, 0.1, 1e-45, 3.4e38, Infinity, NaN, 7.25, 1e10].flatMap((x) => [x, -x]);
    for (const divisor of [special, special.slice(0, 1)]) {
      const onHost = compareBackends(() => {
        const x = fed(tf.NdArray.from({ data: special, shape: [special.length, 1] }, tf.float32));
        const y = fed(tf.NdArray.from({ data: divisor, shape: [divisor.length] }, tf.float32));
        const rests = ['FloorMod', 'Mod', 'TruncateMod'].map(
          (type) => tf.getDefaultGraph().createOp(type, [x[0], y[0]], { attrs: { T: tf.float32 } }).outputs[0],
        );
        return { fetch: rests, feed: [x, y] };
      }, true);
      expect(onHost).to.deep.equal([]);
    }
  });
});
