/**
 * `tf.layers`: layers as classes, and as functions that make one and call it.
 */
export { Layer, type LegacyCallOptions, type LegacyLayerOptions } from './base';
export { Conv2D, conv2d } from './convolutional';
export { Dropout, dropout } from './core';
export { Dense, dense, Flatten, flatten } from './dense';
export { BatchNormalization, batchNormalization } from './normalization';
export { AveragePooling2D, averagePooling2d, MaxPooling2D, maxPooling2d } from './pooling';
export { InputSpec } from '../keras/inputSpec';
