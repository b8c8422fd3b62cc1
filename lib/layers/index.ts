/**
 * `tf.layers`: layers as classes, and as functions that make one and call it.
 */

export { InputSpec } from '../keras/inputSpec';
export { Layer, type LegacyCallOptions, type LegacyLayerOptions } from './base';
export { Conv2D, conv2d } from './convolutional';
export { Dropout, dropout } from './core';
export { Dense, dense } from './dense';
export { Flatten, flatten } from './flatten';
export { BatchNormalization, batchNormalization } from './normalization';
export { AveragePooling2D, averagePooling2d, MaxPooling2D, maxPooling2d } from './pooling';
