/**
 * The core layers of `tf.layers` as classes and functions: dropout, dense and flatten.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import {
  DROPOUT_KEYWORDS,
  isOptions,
  Dropout as KerasDropout,
  type DropoutOptions as KerasDropoutOptions,
  type NoiseShape,
} from '../keras/dropout';
import type { LayerInput } from '../keras/layer';
import { type LegacyCallOptions, type LegacyLayerOptions, legacyLayer } from './base';

export interface DropoutOptions extends KerasDropoutOptions, LegacyLayerOptions {}

/**
 * Applies dropout to its inputs: sets units to 0 with probability `rate` (default 0.5) while training and scales the others by
 * 1 / (1 − rate), so that their sum keeps its expectation.
 *
 *     const layer = new tf.layers.Dropout({ rate: 0.4, seed: 7 });
 *     const y = layer.apply(x, { training });       // x: float, any shape; training: boolean or boolean tensor, default false
 *
 * `noiseShape` is the shape of the mask: numbers, null for the input's own dimension, or an int32 vector; it must broadcast to
 * the input. ValueError for a rate outside [0, 1]. Mirrors tf.compat.v1.layers.Dropout.
 */
export class Dropout extends legacyLayer(KerasDropout) {
  constructor(rate: number | Tensor | DropoutOptions = {}, options: DropoutOptions = {}) {
    const given = isOptions(rate) ? rate : { ...options, rate };
    super({ rate: 0.5, ...given } as LegacyLayerOptions, DROPOUT_KEYWORDS);
  }

  override call(inputs: LayerInput, { training = false }: LegacyCallOptions = {}): Tensor {
    return super.call(inputs, { training });
  }
}

/**
 * Applies dropout once: makes a Dropout layer and calls it. Mirrors tf.compat.v1.layers.dropout.
 */
export function dropout(
  inputs: TensorLike,
  options: {
    readonly rate?: number | Tensor;
    readonly noiseShape?: NoiseShape | null;
    readonly seed?: number | null;
    readonly training?: TensorLike | null;
    readonly name?: string | null;
  } = {},
): Tensor {
  const { training = false, ...rest } = options;
  return new Dropout(rest).apply(inputs as LayerInput, { training });
}
