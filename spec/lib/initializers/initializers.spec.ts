/**
 * Initializers: their values in a session, their configurations, and what they refuse. Their nodes are compared in
 * initializers.golden.spec.ts.
 */
import { expect } from 'chai';
import { type DType, float32, float64, int32, int64, string } from '../../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { constant } from '../../../graph/ops/source';
import {
  Constant,
  constantInitializer,
  Ones,
  onesInitializer,
  Zeros,
  zerosInitializer,
} from '../../../lib/initializers/constants';
import type { Initializer } from '../../../lib/initializers/initializer';
import { Identity, identityInitializer, Orthogonal, orthogonalInitializer } from '../../../lib/initializers/matrices';
import { RandomNormal, RandomUniform, TruncatedNormal, UniformUnitScaling } from '../../../lib/initializers/random';
import {
  computeFans,
  GlorotNormal,
  GlorotUniform,
  heNormal,
  VarianceScaling,
} from '../../../lib/initializers/varianceScaling';
import { getVariable } from '../../../lib/variables/variableScope';
import { Session } from '../../../runtime/session';

function valueOf(initializer: Initializer, shape: readonly number[], dtype?: DType) {
  const graph = new Graph();
  return graph.asDefault(() => new Session({ graph }).runSync(initializer.call(shape, dtype)));
}

const moments = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
};

describe('lib: initializers', () => {
  it('fill with fixed values', () => {
    expect(valueOf(zerosInitializer(), [2]).toArray()).to.deep.equal([0, 0]);
    expect(valueOf(zerosInitializer({ dtype: string }), [2]).toArray()).to.deep.equal(['', '']);
    expect(valueOf(onesInitializer({ dtype: int64 }), [2]).toArray()).to.deep.equal([1n, 1n]);
    expect(valueOf(onesInitializer(), [2], int32).dtype).to.equal(int32);
    expect(valueOf(constantInitializer(2.5), [2, 1]).toArray()).to.deep.equal([[2.5], [2.5]]);
    expect(valueOf(constantInitializer([1, 2, 3]), [2, 2]).toArray()).to.deep.equal([
      [1, 2],
      [3, 3],
    ]);
    expect(valueOf(constantInitializer([[1], [2]]), [2], float64).toArray()).to.deep.equal([1, 2]);
    expect(valueOf(identityInitializer({ gain: 2 }), [2, 3]).toArray()).to.deep.equal([
      [2, 0, 0],
      [0, 2, 0],
    ]);
  });

  it('draw orthogonal matrices', () => {
    for (const shape of [
      [4, 3],
      [3, 4],
      [2, 2, 5],
      [3, 3],
    ]) {
      const value = valueOf(orthogonalInitializer({ gain: 2, seed: 1, dtype: float64 }), shape);
      const columns = shape.at(-1)!;
      const rows = value.size / columns;
      const at = (i: number, j: number) => value.data[i * columns + j] as number;
      const isWide = rows < columns;
      const [count, length] = isWide ? [rows, columns] : [columns, rows];
      for (let a = 0; a < count; a++) {
        for (let b = 0; b < count; b++) {
          let dot = 0;
          for (let k = 0; k < length; k++) dot += isWide ? at(a, k) * at(b, k) : at(k, a) * at(k, b);
          expect(dot).to.be.closeTo(a === b ? 4 : 0, 1e-12);
        }
      }
    }
  });

  it('scale with the shape', () => {
    expect([[], [5], [2, 3], [3, 3, 2, 4]].map((shape) => computeFans(shape))).to.deep.equal([
      [1, 1],
      [5, 5],
      [2, 3],
      [18, 36],
    ]);
    const shape = [100, 50];
    const cases: [Initializer, number][] = [
      [new VarianceScaling({ seed: 1 }), 1 / 100],
      [new VarianceScaling({ seed: 1, scale: 2, mode: 'fan_out', distribution: 'untruncated_normal' }), 2 / 50],
      [new VarianceScaling({ seed: 1, distribution: 'normal' }), 1 / 100],
      [new GlorotUniform({ seed: 1 }), 2 / 150],
      [new GlorotNormal({ seed: 1 }), 2 / 150],
      [heNormal({ seed: 1 }), 2 / 100],
      [new RandomNormal({ seed: 1, mean: 0, stddev: 0.5 }), 0.25],
      [new RandomUniform({ seed: 1, minval: -1, maxval: 1 }), 1 / 3],
      [new UniformUnitScaling({ seed: 1 }), 1 / 100],
      [new TruncatedNormal({ seed: 1 }), 0.7737],
    ];
    for (const [initializer, want] of cases) {
      const { mean, variance } = moments([...(valueOf(initializer, shape).data as Float32Array)]);
      expect(mean / Math.sqrt(want)).to.be.closeTo(0, 0.06);
      expect(variance / want).to.be.closeTo(1, 0.06);
    }
  });

  it('give the same values for the same seed, as TensorFlow does', () => {
    // tf.glorot_uniform_initializer(seed=42)([2, 2]), from its uniform numbers .95227146 .67740774 .79531825 .75578177.
    const limit = Math.sqrt(6 / 4);
    const want = [0.95227146, 0.67740774, 0.79531825, 0.75578177].map((unit) => (2 * unit - 1) * limit);
    const got = [...(valueOf(new GlorotUniform({ seed: 42 }), [2, 2]).data as Float32Array)];
    got.forEach((value, i) => expect(value).to.be.closeTo(want[i], 1e-6));
  });

  it('are made again from their configuration', () => {
    const rows: [Initializer, { fromConfig(config: Record<string, unknown>): Initializer }, Record<string, unknown>][] =
      [
        [new Zeros({ dtype: int32 }), Zeros, { dtype: 'int32' }],
        [new Ones(), Ones, { dtype: 'float32' }],
        [new Constant([1, 2]), Constant, { value: [1, 2], dtype: 'float32' }],
        [new RandomUniform({ seed: 3 }), RandomUniform, { minval: 0, maxval: null, seed: 3, dtype: 'float32' }],
        [new RandomNormal({ mean: 1 }), RandomNormal, { mean: 1, stddev: 1, seed: null, dtype: 'float32' }],
        [new TruncatedNormal(), TruncatedNormal, { mean: 0, stddev: 1, seed: null, dtype: 'float32' }],
        [new UniformUnitScaling(), UniformUnitScaling, { factor: 1, seed: null, dtype: 'float32' }],
        [
          new VarianceScaling(),
          VarianceScaling,
          { scale: 1, mode: 'fan_in', distribution: 'truncated_normal', seed: null, dtype: 'float32' },
        ],
        [new GlorotUniform({ seed: 1 }), GlorotUniform, { seed: 1, dtype: 'float32' }],
        [new GlorotNormal(), GlorotNormal, { seed: null, dtype: 'float32' }],
        [new Orthogonal(), Orthogonal, { gain: 1, seed: null, dtype: 'float32' }],
        [new Identity({ gain: 3 }), Identity, { gain: 3, dtype: 'float32' }],
      ];
    for (const [initializer, Class, config] of rows) {
      expect(initializer.getConfig()).to.deep.equal(config);
      const again = Class.fromConfig(JSON.parse(JSON.stringify(config)));
      expect(again.getConfig()).to.deep.equal(config);
      expect(again.constructor).to.equal(initializer.constructor);
    }
  });

  it('may be given by their maker, or as functions', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const a = getVariable('a', [2], { initializer: onesInitializer });
      const b = getVariable('b', [2], {
        initializer: (shape, dtype) => constant(7, { dtype, shape }),
      });
      const session = new Session({ graph });
      session.runSync([a.initializer, b.initializer]);
      expect(session.runSync([a, b]).map((value) => value.toArray())).to.deep.equal([
        [1, 1],
        [7, 7],
      ]);
    });
  });

  it('refuse what they cannot make', () => {
    expect(() => valueOf(constantInitializer([1, 2, 3]), [2])).to.throw(
      ValueError,
      'Too many elements provided. Takes at most 2, but got 3.',
    );
    expect(() => valueOf(constantInitializer([1, 2, 3], { verifyShape: true }), [3, 4])).to.throw(
      GraphTypeError,
      "Expected Tensor's shape: (3, 4), but got (3,).",
    );
    expect(() => new Graph().asDefault(() => constantInitializer(constant(1) as never))).to.throw(
      GraphTypeError,
      'Invalid type for initial value=Tensor("Const:0"',
    );
    for (const make of [orthogonalInitializer, identityInitializer]) {
      expect(() => valueOf(make(), [3])).to.throw(ValueError, 'must be at least two-dimensional. Received shape=[3]');
    }
    expect(() => new VarianceScaling({ scale: 0 })).to.throw(
      ValueError,
      'Argument `scale` must be a positive float. Received: 0',
    );
    expect(() => new VarianceScaling({ mode: 'x' as never })).to.throw(
      ValueError,
      "should be one of ('fan_in', 'fan_out', 'fan_avg'). Received: x",
    );
    expect(() => new VarianceScaling({ distribution: 'x' as never })).to.throw(
      ValueError,
      "'untruncated_normal'). Received: x",
    );
    expect(() => new RandomNormal({ dtype: int32 })).to.throw(
      ValueError,
      "Argument `dtype` is expected to be floating point. Received: <dtype: 'int32'>.",
    );
    expect(() => valueOf(new RandomUniform(), [2], int32)).to.throw(
      ValueError,
      'Must specify maxval for integer dtype tf.int32',
    );
    expect(valueOf(new RandomUniform(), [2]).dtype).to.equal(float32);
  });
});
