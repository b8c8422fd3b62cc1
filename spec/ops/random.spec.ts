/**
 * Random ops as a session runs them: TensorFlow's numbers over successive runs (spec/golden/random.json), seeds, and
 * errors. The distributions themselves are checked in spec/runtime/random.
 */
import { expect } from 'chai';
import { applyUnary, type OpArguments } from '../../graph/applyOp';
import { asDType, float32, float64, int32, int64 } from '../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../graph/errors';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import {
  categorical,
  multinomial,
  randomNormal,
  randomShuffle,
  randomUniform,
  truncatedNormal,
} from '../../graph/ops/random';
import { placeholder } from '../../graph/ops/source';
import { seedOfText, setRandomSeed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { type Drawn, expectClose, expectSame, golden } from '../runtime/random/goldenRandom';
import { f32, f64, i32, i64, opCase } from '../support/opCase';

const seeds = ([seed, seed2]: readonly [string, string]): OpArguments => ({ seed: BigInt(seed), seed2: BigInt(seed2) });

describe('ops: random numbers over successive runs of a session', () => {
  golden.streams.forEach(({ op, dtype, seed, range, runs }, i) => {
    it(`${op} ${dtype} ${seed} (${i})`, () => {
      const graph = new Graph();
      graph.asDefault(() => {
        const shape = placeholder(int32, [1]);
        const type = asDType(dtype);
        const bound = (text: string) => NdArray.from(BigInt(text), type);
        const output = range
          ? applyUnary(op, { shape, minval: bound(range[0]), maxval: bound(range[1]), ...seeds(seed) })
          : applyUnary(op, { shape, dtype: type, ...seeds(seed) });
        const session = new Session({ graph });
        for (const run of runs) {
          const value = session.runSync(output, { feed: [[shape, [run.size]]] });
          const isExact = dtype !== 'float64' || op === 'RandomUniform';
          if (isExact) expectSame(value.data as Drawn, run);
          else expectClose(value.data as Drawn, run, 64);
        }
      });
    });
  });

  golden.graphs.forEach(({ nodes, runs }, i) => {
    it(`several nodes of one graph (${i})`, () => {
      const graph = new Graph();
      graph.asDefault(() => {
        const built = Object.fromEntries(
          Object.entries(nodes).map(([name, { op, dtype, seed, size }]) => [
            name,
            applyUnary(op, { shape: [size], dtype: asDType(dtype), ...seeds(seed) }),
          ]),
        );
        const session = new Session({ graph });
        for (const run of runs) {
          const values = session.runSync(Object.fromEntries(Object.keys(run).map((name) => [name, built[name]])));
          for (const [name, drawn] of Object.entries(run)) expectSame(values[name].data as Drawn, drawn);
        }
      });
    });
  });
});

describe('ops: random functions', () => {
  const first = {
    RandomUniform: [0.95227146, 0.67740774, 0.79531825, 0.75578177],
    RandomStandardNormal: [-0.28077507, -0.1377521, -0.6763296, 0.02458041],
  };
  opCase('RandomUniform', 'op seed', {
    inputs: [i32([4])],
    build: (shape) => randomUniform(shape, { seed: 42 }),
    want: f32(first.RandomUniform),
  });
  opCase('RandomUniform', 'scaled, by two dimensions', {
    inputs: [i64([2n, 2n])],
    build: (shape) => randomUniform(shape, { minval: -1, maxval: 3, seed: 42 }),
    want: f32(first.RandomUniform.map((value) => value * 4 - 1)).reshape([2, 2]),
  });
  opCase('RandomUniform', 'no elements', {
    inputs: [i32([2, 0])],
    build: (shape) => randomUniform(shape, { dtype: float64 }),
    want: NdArray.zeros(float64, [2, 0]),
  });
  opCase('RandomStandardNormal', 'op seed', {
    inputs: [i32([4])],
    build: (shape) => randomNormal(shape, { seed: 42 }),
    want: f32(first.RandomStandardNormal),
  });
  opCase('RandomStandardNormal', 'scaled', {
    inputs: [i32([4]), f32([0, 10, 20, 30])],
    build: (shape, mean) => randomNormal(shape, { mean, stddev: 2, seed: 42 }),
    want: f32(first.RandomStandardNormal.map((value, i) => value * 2 + 10 * i)),
  });
  opCase('TruncatedNormal', 'op seed', {
    inputs: [i32([4])],
    build: (shape) => truncatedNormal(shape, { seed: 42 }),
    want: f32(first.RandomStandardNormal),
  });
  opCase('RandomUniformInt', 'all values of the range', {
    inputs: [i32([2])],
    build: (shape) => randomUniform(shape, { minval: 5, maxval: 6, dtype: int32 }),
    want: i32([5, 5]),
  });
  opCase('RandomUniformInt', 'an empty range', {
    inputs: [i32([2]), i64(5n), i64(5n)],
    build: (shape, minval, maxval) => randomUniform(shape, { minval, maxval, dtype: int64 }),
    fails: /Need minval < maxval, got 5 >= 5/,
  });
  opCase('RandomUniformInt', 'a bound that is no scalar', {
    inputs: [i32([2]), i32([1])],
    build: (shape, minval) => randomUniform(shape, { minval, maxval: 9, dtype: int32 }),
    fails: /Shape must be rank 0 but is rank 1|minval must be 0-D, got shape \[1\]/,
  });
  opCase('RandomUniform', 'a negative dimension', {
    inputs: [i32([-1])],
    build: (shape) => randomUniform(shape),
    fails: /Dimension -1 must be >= 0/,
  });
  opCase('RandomUniform', 'a shape that is no vector', {
    inputs: [i32(3)],
    build: (shape) => randomUniform(shape),
    fails: /Shape must be rank 1 but is rank 0|shape must be a vector of \{int32,int64\}, got shape \[\]/,
  });

  opCase('RandomShuffle', 'rows', {
    inputs: [
      f32([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    ],
    build: (value) => randomShuffle(value, { seed: 1 }),
    want: f32([
      [1, 1],
      [3, 3],
      [2, 2],
    ]),
  });
  opCase('RandomShuffle', 'one row', {
    inputs: [f64([[1, 2]])],
    build: (value) => randomShuffle(value),
    want: f64([[1, 2]]),
  });
  opCase('RandomShuffle', 'a scalar', { inputs: [i64(1n)], build: (value) => randomShuffle(value), want: i64(1n) });

  const certain = f32([
    [0, 100, 0],
    [100, 0, 0],
  ]);
  opCase('Multinomial', 'certain classes', {
    inputs: [certain, i32(3)],
    build: (logits, count) => categorical(logits, count),
    want: i64([
      [1n, 1n, 1n],
      [0n, 0n, 0n],
    ]),
  });
  opCase('Multinomial', 'int32', {
    inputs: [certain, i32(1)],
    build: (logits, count) => multinomial(logits, count, { outputDtype: int32 }),
    want: i32([[1], [0]]),
  });
  opCase('Multinomial', 'no samples', {
    inputs: [certain, i32(0)],
    build: (logits, count) => categorical(logits, count),
    want: NdArray.zeros(int64, [2, 0]),
  });
  opCase('Multinomial', 'a vector of scores', {
    inputs: [f32([1, 2]), i32(1)],
    build: (logits, count) => categorical(logits, count),
    fails: /Shape must be rank 2 but is rank 1|logits should be a matrix, got shape \[2\]/,
  });
  opCase('Multinomial', 'fewer than no samples', {
    inputs: [certain, i32(-2)],
    build: (logits, count) => categorical(logits, count),
    fails: /num_samples should be nonnegative, got -2|Dimension -2 must be >= 0/,
  });
  opCase('Multinomial', 'no classes', {
    inputs: [NdArray.zeros(float32, [2, 0]), i32(1)],
    build: (logits, count) => categorical(logits, count),
    fails: /num_classes should be positive, got 0/,
  });

  it('refuses what has no distribution', () => {
    new Graph().asDefault((graph) => {
      expect(() => randomUniform([1], { dtype: asDType('string') })).to.throw(
        ValueError,
        "Argument `dtype` got invalid value <dtype: 'string'>. Accepted dtypes are (tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.int32, tf.int64).",
      );
      expect(() => randomUniform([1], { dtype: int32 })).to.throw(
        ValueError,
        'Must specify maxval for integer dtype tf.int32',
      );
      expect(() => randomNormal([1], { dtype: int32 })).to.throw(GraphTypeError);
      expect(() => randomUniform([1], { seed: 1.5 })).to.throw(GraphTypeError);
      expect(() => categorical([[1]], 1, { dtype: float32 })).to.throw(
        ValueError,
        'Accepted dtypes are (tf.int32, tf.int64).',
      );
      expect(graph.operations).to.have.length(0);
    });
  });
});

describe('ops: seeds of random ops', () => {
  const drawn = (seed: string | undefined, build: () => Tensor, runs = 2) => {
    const graph = new Graph();
    return graph.asDefault(() => {
      const output = build();
      const session = new Session({ graph, config: { seed } });
      return Array.from({ length: runs }, () => session.runSync(output).toArray());
    });
  };

  it('draws the seeds of unseeded ops from one source that can be replayed', () => {
    const build = () => randomUniform([3]).add(randomNormal([3]));
    expect(drawn('a', build)).to.deep.equal(drawn('a', build));
    expect(drawn('a', build)).to.not.deep.equal(drawn('b', build));
    expect(drawn(undefined, build)).to.not.deep.equal(drawn(undefined, build));
  });

  it('gives unseeded ops streams of their own', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const pair = [randomUniform([3]), randomUniform([3])];
      const [a, b] = new Session({ graph }).runSync(pair);
      expect(a.toArray()).to.not.deep.equal(b.toArray());
    });
  });

  it('continues a stream from a saved state', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const output = randomUniform([3], { seed: 1 });
      const session = new Session({ graph });
      session.runSync(output);
      const state = JSON.parse(JSON.stringify(session.rngState));
      const next = session.runSync(output).toArray();
      const other = new Session({ graph });
      other.rngState = state;
      expect(other.runSync(output).toArray()).to.deep.equal(next);
      session.rngState = state;
      expect(session.runSync(output).toArray()).to.deep.equal(next);
    });
  });

  it('takes texts for seeds', () => {
    const seeded = (seed: string) =>
      drawn(undefined, () => {
        setRandomSeed(seed);
        return randomUniform([3]);
      });
    expect(seeded('tea')).to.deep.equal(seeded('tea'));
    expect(seeded('tea')).to.not.deep.equal(seeded('coffee'));
    expect(seedOfText('tea')).to.be.within(0, 2 ** 31 - 2);
    expect(drawn(undefined, () => randomUniform([3], { seed: 'tea' }))).to.deep.equal(
      drawn(undefined, () => randomUniform([3], { seed: seedOfText('tea') })),
    );
  });
});
