/**
 * `tf.layers`: layers as classes, and as functions that make one and call it.
 */

export { InputSpec } from '../keras/inputSpec';
export { Layer, type LegacyCallOptions, type LegacyLayerOptions } from './base';
export { Conv2D, type Conv2DFunctionOptions, type Conv2DOptions, conv2d } from './convolutional';
export { Dropout, type DropoutFunctionOptions, type DropoutOptions, dropout } from './core';
export { Dense, type DenseOptions, dense } from './dense';
export { Flatten, type FlattenOptions, flatten } from './flatten';
export {
  BatchNormalization,
  type BatchNormalizationFunctionOptions,
  type BatchNormalizationOptions,
  batchNormalization,
} from './normalization';
export { AveragePooling2D, averagePooling2d, MaxPooling2D, maxPooling2d, type Pooling2DOptions } from './pooling';
