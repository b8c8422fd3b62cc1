/**
 * The dropout layer of `tf.layers`, as class and function.
 */
import type { TensorLike } from '../../graph/convert';
import type { Seed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';
import { checkKeywords, isOptions } from '../keras/arguments';
import { Dropout as KerasDropout, type DropoutOptions as KerasDropoutOptions, type NoiseShape } from '../keras/dropout';
import { type LayerInput, ownClass } from '../keras/layer';
import type { Rate } from '../nn/dropout';
import { type LegacyCallOptions, type LegacyLayerOptions, legacyLayer } from './base';

export interface DropoutOptions extends KerasDropoutOptions, LegacyLayerOptions {}

/**
 * Applies dropout to its inputs: sets units to 0 with probability `rate` (default 0.5) while training and scales the others by
 * 1 / (1 − rate), so that their sum keeps its expectation.
 *
 *     const layer = new tf.layers.Dropout({ rate: 0.4, seed: 7 });
 *     const y = layer.apply(x, { training });       // x: float, any shape; training: boolean or boolean tensor, default false
 *
 * `rate` may also come first: `new tf.layers.Dropout(0.4)`. `noiseShape` is the shape of the mask: numbers, null for the input's own
 * dimension, or an int32 vector; it must broadcast to the input. ValueError for a rate outside [0, 1].
 *
 * Mirrors tf.compat.v1.layers.Dropout.
 */
export class Dropout extends legacyLayer(KerasDropout) {
  constructor(rate?: Rate, options?: DropoutOptions);
  constructor(options: DropoutOptions);
  constructor(rate: Rate | DropoutOptions = 0.5, options: DropoutOptions = {}) {
    super((isOptions(rate) ? { rate: 0.5, ...rate } : { ...options, rate }) as LegacyLayerOptions);
  }

  override call(inputs: LayerInput, { training = false }: LegacyCallOptions = {}): Tensor {
    return super.call(inputs, { training });
  }
}

ownClass(Dropout);

export interface DropoutFunctionOptions {
  /** Default 0.5. */
  readonly rate?: Rate;
  readonly noiseShape?: NoiseShape | null;
  readonly seed?: Seed;
  /** Boolean or boolean tensor; null for the Keras learning phase. Default false. */
  readonly training?: TensorLike | null;
  readonly name?: string | null;
}

const KEYWORDS = ['rate', 'noiseShape', 'seed', 'training', 'name'];

/** Applies dropout once: makes a Dropout layer and calls it. Mirrors tf.compat.v1.layers.dropout. */
export function dropout(inputs: TensorLike, options: DropoutFunctionOptions = {}): Tensor {
  checkKeywords('dropout', KEYWORDS, options);
  const { training = false, ...rest } = options;
  return new Dropout(rest).apply(inputs as LayerInput, { training });
}
