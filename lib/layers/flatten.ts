/**
 * The flattening layer of `tf.layers`, as class and function.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import { checkKeywords } from '../keras/arguments';
import { Flatten as KerasFlatten, type FlattenOptions as KerasFlattenOptions } from '../keras/flatten';
import { type LayerInput, ownClass } from '../keras/layer';
import { type LegacyLayerOptions, legacyLayer } from './base';

export interface FlattenOptions extends KerasFlattenOptions, LegacyLayerOptions {}

/** All axes but the first as one: [batch, a, b] becomes [batch, a · b]. Any dtype. Mirrors tf.compat.v1.layers.Flatten. */
export class Flatten extends legacyLayer(KerasFlatten) {
  constructor(options: FlattenOptions = {}) {
    super(options);
  }
}

ownClass(Flatten);

/** Makes a Flatten layer and calls it. Mirrors tf.compat.v1.layers.flatten. */
export function flatten(inputs: TensorLike, options: Pick<FlattenOptions, 'name' | 'dataFormat'> = {}): Tensor {
  checkKeywords('flatten', ['name', 'dataFormat'], options);
  return new Flatten(options).apply(inputs as LayerInput);
}
