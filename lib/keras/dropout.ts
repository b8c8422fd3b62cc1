/**
 * The Keras dropout layer.
 */
import { smartCond } from '../../graph/controlFlow/smartCond';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { int32 } from '../../graph/dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from '../../graph/errors';
import { shape } from '../../graph/ops/shapes';
import { identity } from '../../graph/ops/source';
import { onRollback } from '../../graph/rollback';
import { type Seed, seedOfText } from '../../graph/seeds';
import { asShape, type ShapeLike, type TensorShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';
import { dropoutV2, type Rate } from '../nn/dropout';
import { namedArguments } from './arguments';
import { type CallOptions, Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import { learningPhase } from './learningPhase';

/** The shape of the mask: numbers, null where the input's dimension is to be used, or an int32 vector. */
export type NoiseShape = readonly (number | null | Tensor)[] | Tensor;

export interface DropoutOptions extends LayerOptions {
  /** Fraction of the units to drop, in [0, 1], or a scalar tensor. */
  readonly rate?: Rate;
  readonly noiseShape?: NoiseShape | null;
  /** Op seed of the first mask; each further mask uses the next integer. A text stands for an integer. */
  readonly seed?: Seed;
}

/**
 * Sets units to 0 with probability `rate` while training, and scales the others by 1 / (1 − rate).
 *
 * `apply(inputs, { training })`: inputs of any shape and a floating dtype; `training` is a boolean, a boolean tensor, or null
 * for the Keras learning phase (the default). ValueError for a rate outside [0, 1]. Mirrors tf.keras.layers.Dropout.
 */
export class Dropout extends Layer {
  static override readonly callArguments: readonly string[] | null = ['training'];
  static override readonly keywords: readonly string[] = ['rate', 'noiseShape', 'seed'];
  static override readonly positional: readonly string[] = ['rate'];

  readonly rate: Rate;
  readonly noiseShape: NoiseShape | null;
  readonly seed: Seed;
  #nextSeed: number | bigint | null;

  constructor(rate: Rate, options?: DropoutOptions);
  constructor(config: DropoutOptions & { readonly rate: Rate });
  constructor(...args: readonly unknown[]) {
    const options = namedArguments<DropoutOptions & { rate: Rate }>('Dropout.__init__()', ['rate'], args);
    const { rate, noiseShape = null, seed = null } = options;
    super(options);
    if (typeof rate === 'number' && !(rate >= 0 && rate <= 1)) {
      throw new ValueError(`Invalid value ${repr(rate)} received for \`rate\`, expected a value between 0 and 1.`);
    }
    this.rate = rate;
    this.noiseShape = noiseShape;
    this.seed = seed;
    this.#nextSeed = typeof seed === 'string' ? seedOfText(seed) : seed;
    this.supportsMasking = true;
  }

  override call(inputs: LayerInput, { training = null }: CallOptions = {}): Tensor {
    const input = inputs as TensorLike;
    if (this.rate === 0) return identity(input);
    return smartCond(
      training ?? learningPhase(),
      () => dropoutV2(input, this.rate, { noiseShape: this.noiseShapeOf(input), seed: this.#takeSeed() }),
      () => identity(input),
    ) as Tensor;
  }

  /** Each mask made has its own seed: two masks of one layer differ, also within one run. */
  #takeSeed(): Seed {
    const seed = this.#nextSeed;
    if (seed === null) return null;
    this.#nextSeed = typeof seed === 'bigint' ? seed + 1n : seed + 1;
    onRollback(() => {
      this.#nextSeed = seed;
    });
    return seed;
  }

  /** The mask's shape for given inputs, or null for theirs. Subclasses may define their own. */
  protected noiseShapeOf(inputs: TensorLike): Tensor | null {
    const wanted = this.noiseShape;
    if (wanted === null || wanted instanceof Tensor) return wanted;
    if (!Array.isArray(wanted) && !ArrayBuffer.isView(wanted)) {
      throw new GraphTypeError(`'${typeWord(wanted)}' object is not iterable`);
    }
    const concrete = shape(inputs);
    const dims = Array.from(wanted as readonly (number | null | Tensor)[], (dim, i) =>
      dim === null ? concrete.at(i) : dim,
    );
    const isIntegral = dims.length > 0 && dims.every((dim) => typeof dim !== 'number' || Number.isInteger(dim));
    return convertToTensor(dims, isIntegral ? { dtype: int32 } : {});
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    return asShape(inputShape);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape, seed: this.seed };
  }
}

ownClass(Dropout);
