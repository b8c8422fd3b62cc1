/**
 * `tf.initializers`: what variables start as.
 */
export { Constant, constantInitializer as constant, Ones, onesInitializer as ones, Zeros, zerosInitializer as zeros } from './constants';
export { Initializer } from './initializer';
export { Identity, identityInitializer as identity, Orthogonal, orthogonalInitializer as orthogonal } from './matrices';
export {
  RandomNormal,
  randomNormalInitializer as randomNormal,
  RandomUniform,
  randomUniformInitializer as randomUniform,
  TruncatedNormal,
  truncatedNormalInitializer as truncatedNormal,
  UniformUnitScaling,
  uniformUnitScalingInitializer as uniformUnitScaling,
} from './random';
export {
  GlorotNormal,
  glorotNormalInitializer as glorotNormal,
  GlorotUniform,
  glorotUniformInitializer as glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  VarianceScaling,
  varianceScalingInitializer as varianceScaling,
} from './varianceScaling';
