/**
 * `tf.random`: seeds and random tensors, whose numbers are TensorFlow's.
 */
export {
  categorical,
  multinomial,
  randomNormal as normal,
  randomShuffle as shuffle,
  randomUniform as uniform,
  truncatedNormal,
} from '../graph/ops/random';
export {
  statelessCategorical,
  statelessMultinomial,
  statelessRandomNormal as statelessNormal,
  statelessRandomUniform as statelessUniform,
  statelessTruncatedNormal,
} from '../graph/ops/randomStateless';
export { getSeed, setRandomSeed } from '../graph/seeds';
