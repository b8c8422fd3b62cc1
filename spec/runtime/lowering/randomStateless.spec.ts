/**
 * Random numbers that depend on their seed alone, in compiled plans: those of the plain kernels, bit for bit, with seeds that are known
 * and that are fed, of both versions, for any number of threads.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, failBoth, fed } from './compareBackends';

function op(type: string, inputs: tf.Tensor[], attrs: Record<string, unknown> = {}): readonly tf.Tensor[] {
  return tf.getDefaultGraph().createOp(type, inputs, { attrs: attrs as never }).outputs;
}

const shapes = [[], [0], [3, 5], [64], [100, 133]];
const ints = (value: tf.ArrayLike, dtype: tf.DType = tf.int32) => tf.constant(value, { dtype });

/** All that can be drawn by a seed; `version` makes the op's inputs of the shape. */
function drawAll(shape: readonly number[], suffix: string, generator: readonly tf.Tensor[]): tf.Tensor[] {
  const inputs = [ints([...shape]), ...generator];
  const bounds = (dtype: tf.DType) => [ints(-7, dtype), ints(1234567, dtype)];
  return [
    ...['Uniform', 'Normal'].flatMap((kind) => op(`StatelessRandom${kind}${suffix}`, inputs, { dtype: tf.float32 })),
    ...op(`StatelessTruncatedNormal${suffix}`, inputs, { dtype: tf.float32 }),
    ...op(`StatelessRandomUniform${suffix}`, inputs, { dtype: tf.float64 }),
    ...[tf.int32, tf.int64].flatMap((dtype) => [
      ...op(`StatelessRandomUniformInt${suffix}`, [...inputs, ...bounds(dtype)], { dtype }),
      ...op(`StatelessRandomUniformFullInt${suffix}`, inputs, { dtype }),
    ]),
  ];
}

describe('random numbers by seed in compiled plans', () => {
  for (const dtype of [tf.int32, tf.int64])
    it(`are those of the plain kernels: seeds of ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const seeds = [
          [1, 2],
          [-5, 2147483647],
        ].map((seed) => fed(tf.NdArray.from(seed, dtype)));
        const fetch = seeds.flatMap(([seed]) => shapes.flatMap((shape) => drawAll(shape, '', [seed])));
        return { fetch, feed: seeds };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('are those of the plain kernels: keys and counters', () => {
    const onHost = compareBackends(() => {
      const seed = fed(tf.NdArray.from([42n, -(2n ** 40n)] as never, tf.int64));
      const [key, counter] = op('StatelessRandomGetKeyCounter', [seed[0]]);
      const known = op('StatelessRandomGetKeyCounter', [tf.constant([7, 8], { dtype: tf.int64 })]);
      const fetch = shapes.flatMap((shape) => [
        ...drawAll(shape, 'V2', [key, counter, ints(1)]),
        ...drawAll(shape, 'V2', [...known, ints(3)]),
      ]);
      return { fetch, feed: [seed] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('are the same in the public functions', () => {
    const onHost = compareBackends(() => {
      const seed = fed(tf.NdArray.from([3, 4], tf.int32));
      const fetch = [
        tf.random.statelessUniform([20, 30], seed[0]),
        tf.random.statelessNormal([20, 30], seed[0], { mean: 1, stddev: 2 }),
        ...op('StatelessRandomGetKeyCounterAlg', [seed[0]]),
      ];
      return { fetch, feed: [seed] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('by an algorithm that there is not fail as in plain kernels', () => {
    for (const isKnown of [true, false]) {
      const message = failBoth(() => {
        const seed = fed(tf.NdArray.from([3, 4], tf.int32));
        const [key, counter] = op('StatelessRandomGetKeyCounter', [seed[0]]);
        const algorithm = fed(tf.NdArray.from(2, tf.int32));
        const inputs = [ints([5]), key, counter, isKnown ? ints(2) : algorithm[0]];
        return { fetch: op('StatelessRandomUniformV2', inputs, { dtype: tf.float32 }), feed: [seed, algorithm] };
      });
      expect(message).to.include('Unsupported algorithm id: 2');
    }
  });
});
