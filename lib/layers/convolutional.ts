/**
 * The convolution layer of `tf.layers`, as class and function.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import { zerosInitializer } from '../initializers/constants';
import { checkKeywords, namedArguments } from '../keras/arguments';
import { Conv2D as KerasConv2D, type Conv2DOptions as KerasConv2DOptions } from '../keras/convolution';
import { type LayerInput, ownClass } from '../keras/layer';
import type { Pair } from '../keras/windows';
import { type LegacyLayerOptions, legacyLayer } from './base';
import { KERNEL_FUNCTION_KEYWORDS, type KernelFunctionOptions } from './dense';

export interface Conv2DOptions extends KerasConv2DOptions, LegacyLayerOptions {}

/**
 * `activation(conv(inputs, kernel) + bias)` of pictures, with `filters` channels.
 *
 *     const layer = new tf.layers.Conv2D(32, 5, { padding: 'same', activation: tf.nn.relu });
 *     const y = layer.apply(x);                     // x: float [batch, height, width, c], c known; y: [batch, height, width, 32]
 *
 * Variables: `kernel` [height, width, c, filters], by default Glorot uniform, and `bias` [filters], zeros. See the Keras layer for errors.
 *
 * Mirrors tf.compat.v1.layers.Conv2D.
 */
export class Conv2D extends legacyLayer(KerasConv2D) {
  constructor(filters: number, kernelSize: Pair, options?: Conv2DOptions);
  constructor(config: Conv2DOptions & { readonly filters: number; readonly kernelSize: Pair });
  constructor(...args: readonly unknown[]) {
    const named = namedArguments<Conv2DOptions>('Conv2D.__init__()', ['filters', 'kernelSize'], args);
    super({ biasInitializer: zerosInitializer(), ...named } as LegacyLayerOptions);
  }
}

ownClass(Conv2D);

export interface Conv2DFunctionOptions
  extends KernelFunctionOptions,
    Pick<KerasConv2DOptions, 'strides' | 'padding' | 'dataFormat' | 'dilationRate'> {}

const KEYWORDS = ['strides', 'padding', 'dataFormat', 'dilationRate', ...KERNEL_FUNCTION_KEYWORDS];

/** Makes a Conv2D layer and calls it. Mirrors tf.compat.v1.layers.conv2d. */
export function conv2d(
  inputs: TensorLike,
  filters: number,
  kernelSize: Pair,
  options: Conv2DFunctionOptions = {},
): Tensor {
  checkKeywords('conv2d', KEYWORDS, options);
  const { reuse = null, ...rest } = options;
  const layer = new Conv2D(filters, kernelSize, { ...rest, _scope: rest.name ?? null, _reuse: reuse });
  return layer.apply(inputs as LayerInput);
}
