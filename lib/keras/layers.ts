/**
 * `tf.keras.layers`: what the page's "Migrate to TF2" section sends `tf.layers` to.
 */
export { BatchNormalization } from './batchNormalization';
export { Conv2D } from './convolution';
export { Dense } from './dense';
export { Dropout } from './dropout';
export { Flatten } from './flatten';
export { InputSpec } from './inputSpec';
export { Layer } from './layer';
export { AveragePooling2D, MaxPooling2D } from './pooling';
