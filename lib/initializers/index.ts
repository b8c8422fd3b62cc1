/**
 * `tf.initializers`: what variables start as.
 */
export {
  Constant,
  constantInitializer as constant,
  Ones,
  onesInitializer as ones,
  Zeros,
  zerosInitializer as zeros,
} from './constants';
export { Initializer } from './initializer';
export { Identity, identityInitializer as identity, Orthogonal, orthogonalInitializer as orthogonal } from './matrices';
export {
  RandomNormal,
  RandomUniform,
  randomNormalInitializer as randomNormal,
  randomUniformInitializer as randomUniform,
  TruncatedNormal,
  truncatedNormalInitializer as truncatedNormal,
  UniformUnitScaling,
  uniformUnitScalingInitializer as uniformUnitScaling,
} from './random';
export {
  GlorotNormal,
  GlorotUniform,
  glorotNormalInitializer as glorotNormal,
  glorotUniformInitializer as glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  VarianceScaling,
  varianceScalingInitializer as varianceScaling,
} from './varianceScaling';
