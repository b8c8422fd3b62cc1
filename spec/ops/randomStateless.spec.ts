/**
 * Stateless random ops as a session runs them: TensorFlow's numbers (spec/golden/random.json), and errors.
 */
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import { asDType, float32, float64, int32, int64, uint32, uint64 } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import {
  statelessCategorical,
  statelessMultinomial,
  statelessRandomNormal,
  statelessRandomUniform,
  statelessTruncatedNormal,
} from '../../graph/ops/randomStateless';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { type Drawn, expectClose, expectSame, golden } from '../runtime/random/goldenRandom';
import { f32, i32, i64, opCase } from '../support/opCase';

const seedOf = ([a, b]: readonly [string, string]) => NdArray.from([BigInt(a), BigInt(b)], int64);

describe('ops: stateless random numbers', () => {
  for (const { op, dtype, seed, range, run, key, counter, alg } of golden.stateless) {
    it(`${op} ${dtype ?? ''} ${seed} ${run?.size ?? ''}`, () => {
      const graph = new Graph();
      graph.asDefault(() => {
        const session = new Session({ graph });
        const [keys, counters, algorithm] = applyOp('StatelessRandomGetKeyCounterAlg', { seed: seedOf(seed) }).outputs;
        if (!run) {
          const values = session.runSync([
            keys,
            counters,
            algorithm,
            ...applyOp('StatelessRandomGetKeyCounter', { seed: seedOf(seed) }).outputs,
          ]);
          expect(Array.from(values[0].data as BigUint64Array, String)).to.deep.equal(key);
          expect(Array.from(values[1].data as BigUint64Array, String)).to.deep.equal(counter);
          expect(values[2].item()).to.equal(alg);
          expect([values[3].equals(values[0]), values[4].equals(values[1])]).to.deep.equal([true, true]);
          return;
        }
        const type = asDType(dtype);
        const bounds = range
          ? { minval: NdArray.from(BigInt(range[0]), type), maxval: NdArray.from(BigInt(range[1]), type) }
          : {};
        const shape = [run.size];
        const outputs = [
          applyUnary(op, { shape, seed: seedOf(seed), dtype: type, ...bounds }),
          applyUnary(`${op}V2`, { shape, key: keys, counter: counters, alg: algorithm, dtype: type, ...bounds }),
        ];
        for (const value of session.runSync(outputs)) {
          const isExact = dtype !== 'float64' || op.includes('Uniform');
          if (isExact) expectSame(value.data as Drawn, run);
          else expectClose(value.data as Drawn, run, 64);
        }
      });
    });
  }
});

describe('ops: stateless random functions', () => {
  const seed = i32([1, 2]);

  it('is the same in every run and session', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const output = statelessRandomNormal([3], [1, 2]);
      const [first, second] = [new Session({ graph }), new Session({ graph })].map((session) => [
        session.runSync(output),
        session.runSync(output),
      ]);
      for (const value of [first[1], ...second]) expect(value.equals(first[0])).to.equal(true);
    });
  });

  const mixed = golden.stateless.find(
    ({ op, dtype, seed: pair, run }) =>
      op === 'StatelessRandomUniform' && dtype === 'float32' && pair[0] === '1' && run.size === 5,
  )!;
  const drawn = mixed.run.values as number[];
  opCase('StatelessRandomUniformV2', 'scaled', {
    inputs: [i32([5]), seed],
    build: (shape, pair) => statelessRandomUniform(shape, pair, { minval: -1, maxval: 3 }),
    want: f32(drawn.map((value) => Math.fround(value) * 4 - 1)),
    covers: ['StatelessRandomGetKeyCounter'],
  });
  opCase('StatelessRandomUniform', 'first version', {
    inputs: [i32([5]), seed],
    build: (shape, pair) => applyUnary('StatelessRandomUniform', { shape, seed: pair }),
    want: f32(drawn),
  });
  const pairOf = (op: string, dtype: string) =>
    golden.stateless.find((row) => row.op === op && row.dtype === dtype && row.seed[0] === '1' && row.run.size === 5)!;
  for (const [op, build] of [
    ['StatelessRandomNormal', statelessRandomNormal],
    ['StatelessTruncatedNormal', statelessTruncatedNormal],
  ] as const) {
    const want = f32(pairOf(op, 'float32').run.values as number[]);
    opCase(`${op}V2`, 'standard', { inputs: [i32([5]), seed], build: (shape, pair) => build(shape, pair), want });
    opCase(op, 'first version', {
      inputs: [i32([5]), seed],
      build: (shape, pair) => applyUnary(op, { shape, seed: pair }),
      want,
    });
  }
  const integers = pairOf('StatelessRandomUniformInt', 'int32');
  const [low, high] = integers.range!.map(Number);
  opCase('StatelessRandomUniformIntV2', 'int32', {
    inputs: [i32([5]), seed],
    build: (shape, pair) => statelessRandomUniform(shape, pair, { minval: low, maxval: high, dtype: int32 }),
    want: i32(integers.run.values as number[]),
  });
  opCase('StatelessRandomUniformInt', 'first version', {
    inputs: [i32([5]), seed],
    build: (shape, pair) =>
      applyUnary('StatelessRandomUniformInt', { shape, seed: pair, minval: i32(low), maxval: i32(high) }),
    want: i32(integers.run.values as number[]),
  });
  for (const dtype of [int32, int64, uint32, uint64]) {
    const { run } = pairOf('StatelessRandomUniformFullInt', dtype.name);
    const want = NdArray.from((run.values as (number | string)[]).map(BigInt), dtype);
    opCase('StatelessRandomUniformFullIntV2', dtype.name, {
      inputs: [i32([5]), seed],
      build: (shape, pair) => statelessRandomUniform(shape, pair, { minval: null, maxval: null, dtype }),
      want,
    });
    opCase('StatelessRandomUniformFullInt', dtype.name, {
      inputs: [i32([5]), seed],
      build: (shape, pair) => applyUnary('StatelessRandomUniformFullInt', { shape, seed: pair, dtype }),
      want,
    });
  }
  opCase('StatelessRandomGetKeyCounterAlg', 'key and counter', {
    inputs: [seed],
    build: (pair) => applyOp('StatelessRandomGetKeyCounterAlg', { seed: pair }).outputs,
    want: [NdArray.from([10413732777507651514n], uint64), NdArray.from([0n, 17830669156045600267n], uint64), i32(1)],
  });
  opCase('StatelessRandomGetAlg', 'is Philox', {
    inputs: [],
    build: () => applyUnary('StatelessRandomGetAlg', {}),
    want: i32(1),
  });

  const certain = f32([
    [0, 100, 0],
    [100, 0, 0],
  ]);
  opCase('StatelessMultinomial', 'certain classes', {
    inputs: [certain, seed],
    build: (logits, pair) => statelessCategorical(logits, 2, pair),
    want: i64([
      [1n, 1n],
      [0n, 0n],
    ]),
  });
  opCase('StatelessMultinomial', 'int32', {
    inputs: [certain, seed],
    build: (logits, pair) => statelessMultinomial(logits, 1, pair, { outputDtype: int32 }),
    want: i32([[1], [0]]),
  });

  const wrongSeed = /Dimension must be 2 but is 3|seed must have shape \[2\], not \[3\]/;
  opCase('StatelessRandomUniformV2', 'a seed of three', {
    inputs: [i32([1, 2, 3])],
    build: (pair) => statelessRandomUniform([2], pair),
    fails: wrongSeed,
  });
  opCase('StatelessRandomUniform', 'a seed of three', {
    inputs: [i32([1, 2, 3])],
    build: (pair) => applyUnary('StatelessRandomUniform', { shape: [2], seed: pair }),
    fails: wrongSeed,
  });
  opCase('StatelessMultinomial', 'a seed of three', {
    inputs: [i32([1, 2, 3])],
    build: (pair) => statelessCategorical([[1, 2]], 2, pair),
    fails: wrongSeed,
  });
  opCase('StatelessRandomUniformIntV2', 'an empty range', {
    inputs: [i32(5)],
    build: (bound) => statelessRandomUniform([2], [1, 2], { minval: bound, maxval: bound, dtype: int32 }),
    fails: /Need minval < maxval, got 5 >= 5/,
  });
  opCase('StatelessRandomUniformV2', 'another algorithm', {
    inputs: [i32([2])],
    build: (shape: Tensor) => statelessRandomUniform(shape, [1, 2], { alg: 'threefry' }),
    fails: /Unsupported algorithm id: 2/,
  });
  opCase('StatelessRandomUniformV2', 'a negative dimension', {
    inputs: [i32([-4])],
    build: (shape) => statelessRandomUniform(shape, [1, 2], { dtype: float64 }),
    fails: /Dimension -4 must be >= 0/,
  });

  it('refuses what has no distribution', () => {
    new Graph().asDefault(() => {
      const build = (options: Parameters<typeof statelessRandomUniform>[2]) => () =>
        statelessRandomUniform([1], [1, 2], options);
      expect(build({ dtype: asDType('string') })).to.throw(ValueError, 'tf.int64, tf.uint32, tf.uint64).');
      expect(build({ dtype: int32 })).to.throw(
        ValueError,
        "For integer `dtype` argument <dtype: 'int32'>, argument `minval` and `maxval` must be both None or not None. Got `minval`=0 and `maxval`=None.",
      );
      expect(build({ dtype: uint32, maxval: 3 })).to.throw(
        ValueError,
        "Please don't use unsigned integers in this case.",
      );
      expect(build({ alg: 'x' })).to.throw(ValueError, 'Argument `alg` got unsupported value x.');
      expect(() => statelessCategorical([[1]], 1, [1, 2], { dtype: float32 })).to.throw(
        ValueError,
        'Accepted dtypes are (tf.int32, tf.int64).',
      );
    });
  });
});
