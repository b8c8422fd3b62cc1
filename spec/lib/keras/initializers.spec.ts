/**
 * Keras's initializers: distributions, drawn seeds, configurations and errors. Values against TensorFlow: spec/lib/layers/dropoutValues.spec.ts.
 */
import { expect } from 'chai';
import { getDrawnSeeds, setDrawnSeeds } from '../../../graph/drawnSeeds';
import * as tf from '../../../lib/index';
import { evaluate, expectError, inGraph } from '../layers/support';

const { ValueError } = tf.errors;
const { initializers } = tf.keras;
const any = <T>(value: unknown): T => value as T;

function moments(values: readonly number[]): { mean: number; deviation: number; bound: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, deviation, bound: Math.max(...values.map(Math.abs)) };
}

describe('tf.keras.initializers', () => {
  const shape = [200, 300];
  const fans = { in: 200, out: 300, avg: 250 };
  const seed = 1;
  const uniform = (variance: number) => ({ deviation: Math.sqrt(variance), bound: Math.sqrt(3 * variance) });
  const truncated = (variance: number) => ({
    deviation: Math.sqrt(variance),
    bound: (2 * Math.sqrt(variance)) / 0.8796256610342398,
  });
  const table: readonly [
    string,
    { call(shape: readonly number[]): tf.Tensor },
    { deviation: number; bound?: number },
  ][] = [
    ['RandomUniform', new initializers.RandomUniform({ seed }), uniform(0.05 ** 2 / 3)],
    ['RandomNormal', new initializers.RandomNormal({ seed }), { deviation: 0.05 }],
    ['TruncatedNormal', new initializers.TruncatedNormal({ seed }), { deviation: 0.05 * 0.8796, bound: 0.1 }],
    ['GlorotUniform', new initializers.GlorotUniform({ seed }), uniform(1 / fans.avg)],
    ['GlorotNormal', new initializers.GlorotNormal({ seed }), truncated(1 / fans.avg)],
    ['LecunUniform', new initializers.LecunUniform({ seed }), uniform(1 / fans.in)],
    ['LecunNormal', new initializers.LecunNormal({ seed }), truncated(1 / fans.in)],
    ['HeUniform', new initializers.HeUniform({ seed }), uniform(2 / fans.in)],
    ['HeNormal', new initializers.HeNormal({ seed }), truncated(2 / fans.in)],
    [
      'VarianceScaling',
      new initializers.VarianceScaling({ scale: 3, mode: 'fan_out', distribution: 'untruncated_normal', seed }),
      { deviation: Math.sqrt(3 / fans.out) },
    ],
  ];
  for (const [title, initializer, want] of table) {
    inGraph(`${title}: mean, deviation and bound`, () => {
      const got = moments((evaluate(initializer.call(shape)) as number[][]).flat());
      expect(got.mean).to.be.closeTo(0, want.deviation / 50);
      expect(got.deviation / want.deviation).to.be.closeTo(1, 0.02);
      if (want.bound) {
        expect(got.bound).to.be.at.most(want.bound);
        expect(got.bound).to.be.greaterThan(want.bound * 0.99);
      }
    });
  }

  inGraph('fixed values', () => {
    expect(evaluate(new initializers.Zeros().call([2]))).to.deep.equal([0, 0]);
    expect(evaluate(new initializers.Ones().call([2], tf.bool))).to.deep.equal([true, true]);
    expect(evaluate(new initializers.Constant(3).call([2]))).to.deep.equal([3, 3]);
    expect(evaluate(new initializers.Constant([1, 2]).call([2], tf.int32))).to.deep.equal([1, 2]);
    expect(evaluate(new initializers.Identity({ gain: 2 }).call([2, 3]))).to.deep.equal([
      [2, 0, 0],
      [0, 2, 0],
    ]);
  });

  inGraph('orthogonal: rows or columns of unit length, at right angles', () => {
    for (const dims of [
      [5, 3],
      [3, 5],
      [2, 2, 3],
    ]) {
      const matrix = tf.reshape(new initializers.Orthogonal({ seed: 2 }).call(dims), [-1, dims.at(-1)!]);
      const [rows, columns] = matrix.shape.asNumbers();
      const product =
        rows < columns
          ? tf.matmul(matrix, matrix, { transposeB: true })
          : tf.matmul(matrix, matrix, { transposeA: true });
      (evaluate(product) as number[][]).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(value).to.be.closeTo(i === j ? 1 : 0, 1e-5);
        });
      });
    }
  });

  inGraph('an object draws its seed once, at its first call', () => {
    const [first, second] = [new initializers.GlorotUniform(), new initializers.GlorotUniform()];
    const [a, b, c] = [first.call([3, 3]), first.call([3, 3]), second.call([3, 3])];
    const session = new tf.Session();
    const [x, y, z] = session.runSync([a, b, c]).map((value) => String(value.toArray()));
    expect(x).to.equal(y);
    expect(x).to.not.equal(z);
    expect(first.getConfig()).to.deep.equal({ seed: null });
  });

  inGraph('seeds follow from the graph’s seed, else from a source that can be read and replayed', () => {
    const seedOf = (graphSeed: number | null) =>
      new tf.Graph().asDefault((graph) => {
        tf.setRandomSeed(graphSeed);
        new initializers.GlorotUniform().call([2, 2]);
        return graph.operations.find(({ name }) => name.endsWith('/seed'))!.getAttr<tf.NdArray>('value').data[0];
      });
    expect(seedOf(4)).to.equal(seedOf(4));
    expect(seedOf(4)).to.not.equal(seedOf(5));
    const state = getDrawnSeeds();
    const drawn = [seedOf(null), seedOf(null)];
    expect(drawn[0]).to.not.equal(drawn[1]);
    setDrawnSeeds(state);
    expect([seedOf(null), seedOf(null)]).to.deep.equal(drawn);
  });

  inGraph('configurations', () => {
    const made = [
      new initializers.Constant([1, 2]),
      new initializers.RandomUniform({ minval: -1, seed: 2 }),
      new initializers.RandomNormal({ mean: 3 }),
      new initializers.VarianceScaling({ distribution: 'normal', mode: 'fan_avg' }),
      new initializers.HeNormal({ seed: 3 }),
      new initializers.Orthogonal({ gain: 2 }),
      new initializers.Identity(),
      new initializers.Zeros(),
    ];
    for (const initializer of made) {
      const initializerClass = initializer.constructor as unknown as {
        fromConfig(config: object): { getConfig(): object };
      };
      const config = initializer.getConfig();
      expect(initializerClass.fromConfig(config).getConfig()).to.deep.equal(config);
    }
    expect(made[3].getConfig()).to.deep.equal({
      scale: 1,
      mode: 'fan_avg',
      distribution: 'truncated_normal',
      seed: null,
    });
  });

  inGraph('layers take them by name', () => {
    const y = tf.layers.dense(tf.ones([1, 2]), 2, { kernelInitializer: 'ones', biasInitializer: 'ones' });
    expect(evaluate(y)).to.deep.equal([[3, 3]]);
    expect(() => tf.layers.dense(tf.ones([1, 2]), 2, { kernelInitializer: 'bogus' })).to.throw(
      ValueError,
      "Unknown initializer: 'bogus'",
    );
    tf.layers.dense(tf.ones([1, 2]), 2, { kernelRegularizer: 'l2' });
    expect(tf.getCollection(tf.GraphKeys.REGULARIZATION_LOSSES).length).to.equal(1);
    expect(() => tf.layers.dense(tf.ones([1, 2]), 2, { kernelRegularizer: 'l3' })).to.throw(
      ValueError,
      "Unknown regularizer: 'l3'",
    );
  });

  inGraph('errors', () => {
    expectError(
      ValueError,
      '`scale` must be positive float. Received: scale=0.',
      () => new initializers.VarianceScaling({ scale: 0 }),
    );
    expect(() => new initializers.VarianceScaling({ mode: any('fan') })).to.throw(
      ValueError,
      'Invalid `mode` argument: fan.',
    );
    expect(() => new initializers.VarianceScaling({ distribution: any('flat') })).to.throw(
      ValueError,
      'Invalid `distribution` argument: flat.',
    );
    expectError(ValueError, "Expected floating point type, got <dtype: 'int32'>.", () =>
      new initializers.GlorotUniform().call([2], tf.int32),
    );
    expectError(ValueError, "Expected float or integer dtype, got <dtype: 'bool'>.", () =>
      new initializers.RandomUniform().call([2], tf.bool),
    );
    expectError(ValueError, "Expected numeric or boolean dtype, got <dtype: 'string'>.", () =>
      new initializers.Zeros().call([2], tf.string),
    );
    expectError(
      ValueError,
      'The tensor to initialize must be at least two-dimensional. Received: shape=[3] of rank 1.',
      () => new initializers.Orthogonal().call([3]),
    );
    expectError(
      ValueError,
      'Identity matrix initializer can only be used for 2D matrices. Received: shape=[3] of rank 1.',
      () => new initializers.Identity().call([3]),
    );
  });
});
