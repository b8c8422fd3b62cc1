/**
 * The pooling layers of `tf.layers`, as classes and functions.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import { type LayerInput, ownClass } from '../keras/layer';
import {
  AveragePooling2D as KerasAveragePooling2D,
  MaxPooling2D as KerasMaxPooling2D,
  type Pooling2DOptions as KerasOptions,
} from '../keras/pooling';
import type { PairLike } from '../keras/windows';
import { type LegacyLayerOptions, legacyLayer } from './base';

export interface Pooling2DOptions extends KerasOptions, LegacyLayerOptions {}

export type PoolingFunctionOptions = Pick<KerasOptions, 'padding' | 'dataFormat' | 'name'>;

/**
 * The largest value of each window of an image `[batch, height, width, channels]`. Mirrors tf.compat.v1.layers.MaxPooling2D.
 */
export class MaxPooling2D extends legacyLayer(KerasMaxPooling2D) {
  constructor(poolSize: PairLike, strides: PairLike, options: Pooling2DOptions = {}) {
    super({ ...options, poolSize, strides } as LegacyLayerOptions);
  }
}

/** The mean of each window of an image. Mirrors tf.compat.v1.layers.AveragePooling2D. */
export class AveragePooling2D extends legacyLayer(KerasAveragePooling2D) {
  constructor(poolSize: PairLike, strides: PairLike, options: Pooling2DOptions = {}) {
    super({ ...options, poolSize, strides } as LegacyLayerOptions);
  }
}

for (const layerClass of [MaxPooling2D, AveragePooling2D]) ownClass(layerClass);

/** Mirrors tf.compat.v1.layers.max_pooling2d. */
export function maxPooling2d(
  inputs: TensorLike,
  poolSize: PairLike,
  strides: PairLike,
  options: PoolingFunctionOptions = {},
): Tensor {
  return new MaxPooling2D(poolSize, strides, options).apply(inputs as LayerInput);
}

/** Mirrors tf.compat.v1.layers.average_pooling2d. */
export function averagePooling2d(
  inputs: TensorLike,
  poolSize: PairLike,
  strides: PairLike,
  options: PoolingFunctionOptions = {},
): Tensor {
  return new AveragePooling2D(poolSize, strides, options).apply(inputs as LayerInput);
}
