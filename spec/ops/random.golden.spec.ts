/**
 * Twins of spec/golden/random_ops.py: the nodes of random functions, and the seeds they get.
 */
import { float32, float64, int32, int64 } from '../../graph/dtypes';
import {
  categorical,
  multinomial,
  randomNormal,
  randomShuffle,
  randomUniform,
  truncatedNormal,
} from '../../graph/ops/random';
import {
  statelessCategorical,
  statelessMultinomial,
  statelessRandomNormal,
  statelessRandomUniform,
  statelessTruncatedNormal,
} from '../../graph/ops/randomStateless';
import { shape } from '../../graph/ops/shapes';
import { placeholder, zeros } from '../../graph/ops/source';
import { getSeed, setRandomSeed } from '../../graph/seeds';
import { randomCrop } from '../../lib/math/randomCrop';
import { goldenCases } from '../support/golden';
import { f32 } from '../support/opCase';

const logits = () => placeholder(float32, [null, 4], { name: 'logits' });

goldenCases(
  'random_ops',
  {
    random_uniform: () => [
      randomUniform([2, 3]),
      randomUniform([2, 3], { minval: 0, maxval: 1 }),
      randomUniform([2, 3], { maxval: 5 }),
      randomUniform([2, 3], { minval: -1, maxval: 1, seed: 7 }),
      // Python's floats 0. and 1., which are nodes where the integers 0 and 1 are none.
      randomUniform([2, 3], { minval: f32(0), maxval: f32(1) }),
      randomUniform([], { dtype: float64, name: 'u' }),
    ],
    random_uniform_int: () => [
      randomUniform([4], { maxval: 10, dtype: int32 }),
      randomUniform([4], { minval: 5, maxval: 10, dtype: int64, seed: 1 }),
    ],
    random_uniform_dynamic_shape: () => {
      const x = placeholder(float32, [null, 3], { name: 'x' });
      return [randomUniform(shape(x)), randomUniform([shape(x).at(0), 2])];
    },
    random_uniform_tensor_bounds: () => {
      const low = placeholder(float32, [], { name: 'low' });
      const high = placeholder(float32, [], { name: 'high' });
      return randomUniform([3], { minval: low, maxval: high });
    },
    random_normal: () => [
      randomNormal([2, 3]),
      randomNormal([2, 3], { mean: 1, stddev: 2, seed: 3 }),
      randomNormal([2], { dtype: float64, name: 'noise' }),
    ],
    truncated_normal: () => [truncatedNormal([2, 3]), truncatedNormal([2, 3], { stddev: 0.1, seed: 3, name: 'init' })],
    random_shuffle: () => [
      randomShuffle(placeholder(float32, [null, 3], { name: 'x' })),
      randomShuffle(Int32Array.of(1, 2, 3), { seed: 4 }),
    ],
    multinomial: () => {
      const scores = logits();
      return [multinomial(scores, 5), multinomial(scores, 5, { seed: 2, name: 'draw', outputDtype: int32 })];
    },
    categorical: () => {
      const scores = logits();
      return [categorical(scores, 5), categorical(scores, 1, { dtype: int32, seed: 2 })];
    },
    random_crop: () => randomCrop(zeros([8, 8, 3]), [4, 4, 3], { seed: 1 }),
    stateless_uniform: () => {
      const seed = placeholder(int32, [2], { name: 'seed' });
      return [
        statelessRandomUniform([2, 3], [1, 2]),
        statelessRandomUniform([2, 3], seed, { minval: -1, maxval: 1 }),
        statelessRandomUniform([2, 3], [1, 2], { minval: 0, maxval: 10, dtype: int32 }),
      ];
    },
    stateless_normal: () => [
      statelessRandomNormal([2, 3], [1, 2]),
      statelessRandomNormal([2, 3], [1, 2], { mean: 1, stddev: 0.5 }),
      statelessTruncatedNormal([2, 3], [1, 2], { name: 't' }),
    ],
    stateless_categorical: () => {
      const scores = logits();
      return [statelessCategorical(scores, 5, [1, 2]), statelessMultinomial(scores, 5, [1, 2])];
    },

    seeds_none: () => [randomUniform([2]), randomUniform([2])],
    seeds_of_op: () => [0, 1, -3, 2 ** 31 - 1, 2n ** 40n].map((seed) => randomUniform([2], { seed })),
    seeds_of_graph: () => {
      setRandomSeed(1234);
      return [
        randomUniform([2]),
        randomNormal([2]),
        randomUniform([2], { seed: 9 }),
        randomShuffle(Int32Array.of(1, 2)),
      ];
    },
    seeds_zero: () => {
      setRandomSeed(0);
      return [randomUniform([2]), randomUniform([2], { seed: 0 }), randomUniform([2])];
    },
    seeds_changed_midway: () => {
      const a = randomUniform([2]);
      setRandomSeed(1);
      const b = randomUniform([2]);
      setRandomSeed(2);
      return [a, b, randomUniform([2])];
    },
    seeds_after_other_ops: () => {
      setRandomSeed(5);
      zeros([2, 2]);
      placeholder(float32);
      return [randomUniform([2]), truncatedNormal([2])];
    },
    seeds_negative_graph: () => {
      setRandomSeed(-1);
      return randomUniform([2]);
    },
    get_seed: () => {
      const first = getSeed(null);
      setRandomSeed(3);
      return [first, getSeed(null), getSeed(4), getSeed(null)];
    },
  },
  { random_gamma: 'there is no op RandomGamma' },
);
