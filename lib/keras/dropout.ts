/**
 * The Keras dropout layer.
 */

import { smartCond } from '../../graph/controlFlow/smartCond';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { int32 } from '../../graph/dtypes';
import { GraphTypeError, repr, ValueError } from '../../graph/errors';
import { shape } from '../../graph/ops/shapes';
import { identity } from '../../graph/ops/source';
import { vectorElement } from '../../graph/ops/vectorSlice';
import { asShape, type ShapeLike, type TensorShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';
import { dropout } from '../nn/dropout';
import { type CallOptions, Layer, type LayerInput, type LayerOptions } from './layer';
import { learningPhase } from './learningPhase';

/** The shape of the mask: numbers, null where the input's dimension is to be used, or an int32 vector. */
export type NoiseShape = readonly (number | null | Tensor)[] | Tensor;

export interface DropoutOptions extends LayerOptions {
  /** Fraction of the units to drop, in [0, 1], or a scalar tensor. */
  readonly rate?: number | Tensor;
  readonly noiseShape?: NoiseShape | null;
  /** Op seed of the first call; each further call that makes a mask uses the next integer. */
  readonly seed?: number | null;
}

export const DROPOUT_KEYWORDS = ['rate', 'noiseShape', 'seed'];

/**
 * Sets units to 0 with probability `rate` while training, and scales the others by 1 / (1 − rate).
 *
 * `apply(inputs, { training })`: inputs of any shape and a floating dtype; `training` is a boolean, a boolean tensor, or null
 * for the Keras learning phase (the default). Mirrors tf.keras.layers.Dropout.
 */
export class Dropout extends Layer {
  static override readonly callArguments: readonly string[] | null = ['training'];

  readonly rate: number | Tensor;
  readonly noiseShape: NoiseShape | null;
  readonly seed: number | null;
  #nextSeed: number | null;

  /** ValueError for a number outside [0, 1]. */
  constructor(rate: number | Tensor | DropoutOptions, options: DropoutOptions = {}) {
    const given = isOptions(rate) ? rate : { ...options, rate };
    super(given, DROPOUT_KEYWORDS);
    if (given.rate === undefined)
      throw new GraphTypeError("Dropout.__init__() missing 1 required positional argument: 'rate'");
    if (typeof given.rate === 'number' && !(given.rate >= 0 && given.rate <= 1)) {
      throw new ValueError(
        `Invalid value ${repr(given.rate)} received for \`rate\`, expected a value between 0 and 1.`,
      );
    }
    this.rate = given.rate;
    this.noiseShape = given.noiseShape ?? null;
    this.seed = given.seed ?? null;
    this.#nextSeed = this.seed;
    this.supportsMasking = true;
  }

  override call(inputs: LayerInput, { training = null }: CallOptions = {}): Tensor {
    const input = inputs as TensorLike;
    if (this.rate === 0) return identity(input);
    const phase = training ?? learningPhase();
    return smartCond(
      phase as TensorLike,
      () => dropout(input, { rate: this.rate, noiseShape: this.#noiseShapeFor(input), seed: this.#takeSeed() }),
      () => identity(input),
    ) as Tensor;
  }

  /** Each mask made has its own seed: two masks of one layer differ, also within one run. */
  #takeSeed(): number | null {
    const seed = this.#nextSeed;
    if (seed !== null) this.#nextSeed = seed + 1;
    return seed;
  }

  #noiseShapeFor(inputs: TensorLike): Tensor | null {
    const wanted = this.noiseShape;
    if (wanted === null) return null;
    if (wanted instanceof Tensor) return wanted;
    const concrete = shape(inputs);
    return convertToTensor(
      wanted.map((dim, i) => (dim === null ? vectorElement(concrete, i) : dim)),
      { dtype: int32 },
    );
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    return asShape(inputShape);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape, seed: this.seed };
  }
}

/** Whether a first argument holds all options, as `fromConfig` passes them. */
export function isOptions(value: unknown): value is DropoutOptions {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor) && !Array.isArray(value);
}
