/**
 * `tf.keras`: the layers that TensorFlow 2 knows, usable in v1 graphs, and what goes with them.
 */

export * as regularizers from '../regularizers';
export * as backend from './backend';
export * as initializers from './initializers';
export * as layers from './layers';
