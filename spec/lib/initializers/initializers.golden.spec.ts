/**
 * Twins of spec/golden/initializers.py: the nodes of every initializer, as TensorFlow's.
 */
import { float64, int32, int64 } from '../../../graph/dtypes';
import { setRandomSeed } from '../../../graph/seeds';
import { constantInitializer, onesInitializer, zerosInitializer } from '../../../lib/initializers/constants';
import type { Initializer } from '../../../lib/initializers/initializer';
import { identityInitializer, orthogonalInitializer } from '../../../lib/initializers/matrices';
import {
  randomNormalInitializer,
  randomUniformInitializer,
  truncatedNormalInitializer,
  uniformUnitScalingInitializer,
} from '../../../lib/initializers/random';
import {
  glorotNormalInitializer,
  glorotUniformInitializer,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  varianceScalingInitializer,
} from '../../../lib/initializers/varianceScaling';
import { getVariable } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const pair = (first: Initializer, second: Initializer) => [
  getVariable('a', [4, 3], { initializer: first }),
  getVariable('b', [4, 3], { initializer: second }),
];

goldenCases('initializers', {
  zeros_initializer: () => {
    const initializer = zerosInitializer();
    return [getVariable('a', [2, 2], { initializer }), getVariable('b', [2], { dtype: int64, initializer })];
  },
  zeros_initializer_large: () => getVariable('w', [40, 50], { initializer: zerosInitializer }),
  ones_initializer: () => {
    const initializer = onesInitializer();
    return [getVariable('a', [2, 2], { initializer }), getVariable('b', [40, 50], { initializer })];
  },
  constant_initializer: () => [
    getVariable('a', [2, 2], { initializer: constantInitializer(0.5) }),
    getVariable('b', [3], { initializer: constantInitializer([1, 2, 3]) }),
    getVariable('c', [2], { dtype: int32, initializer: constantInitializer(7) }),
    getVariable('d', [40, 50], { initializer: constantInitializer(0.1) }),
  ],
  random_uniform_initializer: () => [
    getVariable('a', [2, 3], { initializer: randomUniformInitializer({ minval: -0.5, maxval: 0.5, seed: 1 }) }),
    getVariable('b', [2, 3], { initializer: randomUniformInitializer({ seed: 1 }) }),
    getVariable('c', [2, 3], {
      dtype: int32,
      initializer: randomUniformInitializer({ minval: 0, maxval: 10, seed: 1 }),
    }),
  ],
  random_normal_initializer: () => [
    getVariable('a', [2, 3], { initializer: randomNormalInitializer({ seed: 1 }) }),
    getVariable('b', [2, 3], { initializer: randomNormalInitializer({ mean: 1, stddev: 0.1 }) }),
  ],
  truncated_normal_initializer: () => [
    getVariable('a', [2, 3], { initializer: truncatedNormalInitializer({ stddev: 0.1, seed: 1 }) }),
    getVariable('b', [2, 3], { dtype: float64, initializer: truncatedNormalInitializer() }),
  ],
  uniform_unit_scaling_initializer: () =>
    getVariable('w', [2, 3], { initializer: uniformUnitScalingInitializer({ factor: 1.5, seed: 1 }) }),
  variance_scaling_initializer_fan_in: () =>
    getVariable('w', [4, 3], { initializer: varianceScalingInitializer({ seed: 1 }) }),
  variance_scaling_initializer_fan_out_untruncated: () =>
    getVariable('w', [4, 3], {
      initializer: varianceScalingInitializer({
        scale: 2,
        mode: 'fan_out',
        distribution: 'untruncated_normal',
        seed: 1,
      }),
    }),
  variance_scaling_initializer_fan_avg_uniform: () =>
    getVariable('w', [3, 3, 2, 4], {
      initializer: varianceScalingInitializer({ scale: 1, mode: 'fan_avg', distribution: 'uniform', seed: 1 }),
    }),
  glorot_initializers: () => pair(glorotUniformInitializer({ seed: 1 }), glorotNormalInitializer({ seed: 1 })),
  he_initializers: () => pair(heUniform({ seed: 1 }), heNormal({ seed: 1 })),
  lecun_initializers: () => pair(lecunUniform({ seed: 1 }), lecunNormal({ seed: 1 })),
  orthogonal_initializer: () => [
    getVariable('a', [4, 3], { initializer: orthogonalInitializer({ seed: 1 }) }),
    getVariable('b', [2, 3], { initializer: orthogonalInitializer({ gain: 2, seed: 1 }) }),
  ],
  identity_initializer: () => [
    getVariable('a', [3, 3], { initializer: identityInitializer() }),
    getVariable('b', [2, 3], { initializer: identityInitializer({ gain: 2 }) }),
  ],
  initializers_unseeded_with_graph_seed: () => {
    setRandomSeed(11);
    return [
      getVariable('a', [2], { initializer: randomUniformInitializer() }),
      getVariable('b', [2], { initializer: randomNormalInitializer() }),
      getVariable('c', [2], { initializer: truncatedNormalInitializer({ seed: 5 }) }),
      getVariable('d', [2, 2], { initializer: glorotUniformInitializer() }),
    ];
  },
});
