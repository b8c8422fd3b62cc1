/**
 * The convolution layer of `tf.layers`, as class and function.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import { namedArguments } from '../keras/arguments';
import { Conv2D as KerasConv2D, type Conv2DOptions as KerasOptions } from '../keras/convolution';
import { type LayerInput, ownClass } from '../keras/layer';
import type { PairLike } from '../keras/windows';
import type { Reuse } from '../variables/variableScope';
import { legacyLayer, type LegacyLayerOptions } from './base';

export interface Conv2DOptions extends KerasOptions, LegacyLayerOptions {}

/**
 * activation(inputs ∗ kernel + bias) over images `[batch, height, width, channels]`: variables `kernel`
 * [height, width, channels, filters] and `bias` [filters]. Mirrors tf.compat.v1.layers.Conv2D.
 */
export class Conv2D extends legacyLayer(KerasConv2D) {
  constructor(filters: number, kernelSize: PairLike, options?: Conv2DOptions);
  constructor(config: Conv2DOptions & { readonly filters: number; readonly kernelSize: PairLike });
  constructor(...args: readonly unknown[]) {
    super(namedArguments<LegacyLayerOptions>('Conv2D.__init__()', ['filters', 'kernelSize'], args));
  }
}

ownClass(Conv2D);

export interface Conv2DFunctionOptions extends Omit<KerasOptions, 'filters' | 'kernelSize'> {
  /** Share the variables of a layer of that name. */
  readonly reuse?: Reuse | null;
}

/** Makes a Conv2D layer and calls it. Mirrors tf.compat.v1.layers.conv2d. */
export function conv2d(inputs: TensorLike, filters: number, kernelSize: PairLike, options: Conv2DFunctionOptions = {}): Tensor {
  const { reuse = null, ...rest } = options;
  return new Conv2D(filters, kernelSize, { ...rest, _scope: rest.name ?? null, _reuse: reuse }).apply(inputs as LayerInput);
}
