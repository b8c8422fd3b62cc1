/**
 * Loops in two lanes: float64 and int64, and what is converted to them and from them, at every offset from the end of a vector,
 * and along strides; against the plain kernels.
 */
import { expect } from 'chai';
import * as tf from '../../../../../lib/index';

const dtypes = {
  float32: tf.float32,
  float64: tf.float64,
  int32: tf.int32,
  int64: tf.int64,
  int16: tf.int16,
  uint16: tf.uint16,
  int8: tf.int8,
  uint8: tf.uint8,
  bool: tf.bool,
};
type Name = keyof typeof dtypes;

const LENGTH = 23;
/** What 64-bit elements are converted to in loops. */
const targets = ['float32', 'float64', 'int32', 'int64', 'bool'] as const;

/** Numbers of a type: small and large, zeros of both signs, and where there are any, NaN and infinities. */
function numbers(name: Name, length = LENGTH): tf.NdArray {
  const at = (i: number): number =>
    [0, -0, 1, -1, 2.5, -7.75, 100, -3, 1e10, -1e10, Infinity, -Infinity, Number.NaN][i % 13];
  const dtype = dtypes[name];
  const data = Array.from({ length }, (_, i) => {
    if (dtype === tf.int64)
      return BigInt(Math.trunc(Number.isFinite(at(i)) ? at(i) : i)) * (i % 3 === 0 ? 4294967n : 1n);
    if (dtype.isFloating) return at(i);
    if (dtype.isBool) return i % 3 === 1;
    return name.startsWith('u') ? (i * 37) % 200 : ((i * 37) % 200) - 100;
  });
  return tf.NdArray.from(data as number[], dtype);
}

/** What a graph of values fed for placeholders gives on both backends, threads or not. */
function compare(inputs: readonly tf.NdArray[], build: (...inputs: tf.Tensor[]) => tf.Tensor): void {
  const graph = new tf.Graph();
  graph.asDefault(() => {
    const placeholders = inputs.map(({ dtype, shape }) => tf.placeholder(dtype, shape));
    const output = build(...placeholders);
    const run = (config: tf.SessionConfig) => {
      const session = new tf.Session({ graph, config });
      const feed = placeholders.map((tensor, i) => [tensor, inputs[i]] as const);
      const { data } = session.runSync(output, { feed });
      if (config.backend !== 'plain') {
        const kinds = new Set(session.explain(output, { feed }).data.kernels.map(({ kind }) => kind));
        expect([...kinds]).to.deep.equal(['loop']);
      }
      session.close();
      return Array.from(data as Float64Array);
    };
    expect(run({ threads: 1 })).to.deep.equal(run({ backend: 'plain' }));
  });
}

describe('loops in two lanes', () => {
  for (const from of Object.keys(dtypes) as Name[])
    for (const to of targets) {
      if (from === to || !(dtypes[from].size === 8 || dtypes[to].size === 8)) continue;
      it(`convert ${from} to ${to}`, () => {
        for (const length of [1, 2, 7, LENGTH]) compare([numbers(from, length)], (x) => tf.cast(x, dtypes[to]));
      });
    }

  for (const name of ['float64', 'int64'] as const) {
    const zero = () => tf.cast(tf.constant(0), dtypes[name]);
    const turned = (x: tf.Tensor) => tf.transpose(tf.reshape(tf.tile(x, [4]), [4, LENGTH]), [1, 0]);

    it(`compute with ${name}`, () => {
      compare([numbers(name), numbers(name)], (x, y) => tf.maximum(x.mul(y).add(x), tf.minimum(x.sub(y), tf.abs(x))));
      compare([numbers(name)], (x) => tf.sign(x).sub(x.mul(x)));
    });

    it(`compare and choose among ${name}, by bools from memory too`, () => {
      compare([numbers(name), numbers('bool')], (x, chosen) =>
        tf.where(tf.logicalAnd(chosen, tf.greater(x, zero())), x, x.sub(x.mul(x))),
      );
      compare([numbers(name), numbers(name)], (x, y) => tf.logicalOr(tf.less(x, y), tf.notEqual(x, zero())));
      compare([numbers(name)], (x) => tf.where(tf.lessEqual(x, zero()), tf.zerosLike(x), x));
    });

    it(`mix ${name} with types of four bytes and fewer`, () => {
      compare([numbers(name), numbers('float32'), numbers('int32')], (x, y, z) => {
        const isLarger = tf.greater(y, tf.cast(z, tf.float32));
        const chosen = tf.where(isLarger, y, tf.abs(y));
        return tf.where(isLarger, x, tf.cast(tf.where(tf.isNan(chosen), tf.zerosLike(z), z), dtypes[name]));
      });
      compare([numbers(name), numbers('float32')], (x, y) =>
        tf.where(tf.greater(x, zero()), y.mul(2), tf.zerosLike(y)),
      );
      compare([numbers(name), numbers('int8')], (x, y) =>
        tf.where(tf.less(x, zero()), tf.cast(y, tf.int32), tf.cast(x, tf.int32)),
      );
    });

    it(`walk ${name} along strides`, () => {
      compare([numbers(name), numbers('float32'), numbers('bool')], (x, y, chosen) =>
        tf.where(turned(chosen), turned(x), tf.cast(turned(tf.floor(tf.minimum(y, 5))), dtypes[name])),
      );
      compare([numbers(name)], (x) => tf.cast(turned(x), tf.bool));
    });

    it(`convert what was reduced to ${name}`, () => {
      const matrix = numbers('int8', 43 * 19);
      for (const type of [tf.float32, tf.int32])
        for (const axis of [0, 1])
          for (const reduce of [tf.reduceSum, tf.reduceMax, tf.reduceMin])
            compare([matrix], (x) => {
              const rows = tf.cast(tf.reshape(x, [43, 19]), type);
              return tf.cast(reduce(rows, axis), dtypes[name]).mul(tf.cast(reduce(rows.add(rows), axis), dtypes[name]));
            });
    });

    it(`reduce ${name}`, () => {
      const x = numbers('int16', 43 * 19).data as Int16Array;
      const matrix = tf.NdArray.from(
        Array.from(x, (each, i) => (name === 'int64' ? BigInt(each * (i % 5)) : each * (i % 5))) as number[],
        dtypes[name],
      ).reshape([43, 19]);
      for (const axis of [0, 1, [0, 1]])
        for (const reduce of [tf.reduceSum, tf.reduceMax, tf.reduceMin]) compare([matrix], (m) => reduce(m, axis));
      for (const axis of [0, 1])
        for (const reduce of [tf.reduceAny, tf.reduceAll])
          compare([matrix], (m) => reduce(tf.greater(m, zero()), axis));
      compare([matrix], (m) => tf.reduceSum(tf.cast(m, tf.float32), 1));
    });
  }
});
