/**
 * The pooling layers of `tf.layers`, as classes and functions.
 */
import type { TensorLike } from '../../graph/convert';
import { ValueError } from '../../graph/errors';
import type { Tensor } from '../../graph/tensor';
import { checkKeywords, namedArguments } from '../keras/arguments';
import { type LayerInput, ownClass } from '../keras/layer';
import {
  AveragePooling2D as KerasAveragePooling2D,
  MaxPooling2D as KerasMaxPooling2D,
  type Pooling2DOptions as KerasPooling2DOptions,
} from '../keras/pooling';
import type { Pair } from '../keras/windows';
import { type LegacyLayerOptions, legacyLayer } from './base';

export interface Pooling2DOptions extends KerasPooling2DOptions, LegacyLayerOptions {}

type Config = Pooling2DOptions & { readonly poolSize: Pair; readonly strides: Pair };

function poolingArguments(caller: string, args: readonly unknown[]): LegacyLayerOptions {
  const named = namedArguments<Config>(`${caller}.__init__()`, ['poolSize', 'strides'], args);
  if (named.strides === null) throw new ValueError('Argument `strides` must not be None.');
  return named;
}

/**
 * The largest element of each window of inputs [batch, height, width, channels]; a window is `poolSize`, windows are `strides` apart.
 *
 * ValueError for inputs of another rank and for windows larger than the padded input. Mirrors tf.compat.v1.layers.MaxPooling2D.
 */
export class MaxPooling2D extends legacyLayer(KerasMaxPooling2D) {
  constructor(poolSize: Pair, strides: Pair, options?: Pooling2DOptions);
  constructor(config: Config);
  constructor(...args: readonly unknown[]) {
    super(poolingArguments('MaxPooling2D', args));
  }
}

/** As MaxPooling2D, with the mean; padding does not count. Mirrors tf.compat.v1.layers.AveragePooling2D. */
export class AveragePooling2D extends legacyLayer(KerasAveragePooling2D) {
  constructor(poolSize: Pair, strides: Pair, options?: Pooling2DOptions);
  constructor(config: Config);
  constructor(...args: readonly unknown[]) {
    super(poolingArguments('AveragePooling2D', args));
  }
}

ownClass(MaxPooling2D);
ownClass(AveragePooling2D);

export type Pooling2DFunctionOptions = Pick<Pooling2DOptions, 'padding' | 'dataFormat' | 'name'>;

const KEYWORDS = ['padding', 'dataFormat', 'name'];

/** Makes a MaxPooling2D layer and calls it. Mirrors tf.compat.v1.layers.max_pooling2d. */
export function maxPooling2d(
  inputs: TensorLike,
  poolSize: Pair,
  strides: Pair,
  options: Pooling2DFunctionOptions = {},
): Tensor {
  checkKeywords('max_pooling2d', KEYWORDS, options);
  return new MaxPooling2D(poolSize, strides, options).apply(inputs as LayerInput);
}

/** Makes an AveragePooling2D layer and calls it. Mirrors tf.compat.v1.layers.average_pooling2d. */
export function averagePooling2d(
  inputs: TensorLike,
  poolSize: Pair,
  strides: Pair,
  options: Pooling2DFunctionOptions = {},
): Tensor {
  checkKeywords('average_pooling2d', KEYWORDS, options);
  return new AveragePooling2D(poolSize, strides, options).apply(inputs as LayerInput);
}
