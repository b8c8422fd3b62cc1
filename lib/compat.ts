/**
 * `tf.compat.v1`: the same door under the name that TensorFlow 2 gives it.
 */
export * as v1 from './index';
