/**
 * Initializers with fixed values.
 */
import { constantIn } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import type { DType } from '../../graph/dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from '../../graph/errors';
import { type ArrayLike, NdArray, sizeOf } from '../../graph/ndarray';
import { ones, zeros } from '../../graph/ops/source';
import { TensorShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';
import { Initializer, type InitializerOptions, maker } from './initializer';

/** Zeros, false, or empty strings. Mirrors tf.compat.v1.zeros_initializer. */
export class Zeros extends Initializer {
  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    return zeros(shape, dtype ?? this.dtype);
  }
}

/** Ones, or true. Mirrors tf.compat.v1.ones_initializer. */
export class Ones extends Initializer {
  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    return ones(shape, dtype ?? this.dtype);
  }
}

export interface ConstantOptions extends InitializerOptions {
  /** True refuses values of another shape than the variable's. */
  readonly verifyShape?: boolean;
}

/**
 * One value for all elements, or values in row-major order, of which the last is repeated.
 *
 * Mirrors tf.compat.v1.constant_initializer. TypeError for what is no value; a call with more values than elements is a
 * ValueError.
 */
export class Constant extends Initializer {
  readonly value: ArrayLike;
  readonly #verifyShape: boolean;

  constructor(value: ArrayLike = 0, options: ConstantOptions = {}) {
    super(options);
    const isText =
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      !ArrayBuffer.isView(value) &&
      !('data' in value);
    if (value === null || value === undefined || value instanceof Tensor || isText || typeof value === 'function') {
      throw new GraphTypeError(
        `Invalid type for initial value=${repr(value)} of type: ${typeWord(value)}. Expected Python scalar, list or tuple of values, or numpy.ndarray.`,
      );
    }
    this.value = value;
    this.#verifyShape = options.verifyShape ?? false;
  }

  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    const given = NdArray.from(this.value, dtype ?? this.dtype);
    if (this.#verifyShape && !new TensorShape(given.shape).equals(shape)) {
      throw new GraphTypeError(
        `Expected Tensor's shape: ${new TensorShape(shape)}, but got ${new TensorShape(given.shape)}.`,
      );
    }
    return constantIn(getDefaultGraph(), stretched(given, shape));
  }

  override getConfig(): Record<string, unknown> {
    return { value: this.value, ...super.getConfig() };
  }

  static override fromConfig<I extends Initializer>(
    this: new (
      value: never,
      options: never,
    ) => I,
    { value, ...options }: Readonly<Record<string, unknown>>,
  ): I {
    return new this(value as never, options as never);
  }
}

function stretched(given: NdArray, shape: readonly number[]): NdArray {
  const size = sizeOf(shape);
  if (given.size > size)
    throw new ValueError(`Too many elements provided. Takes at most ${size}, but got ${given.size}.`);
  const filled = NdArray.zeros(given.dtype, shape);
  const [target, source] = [filled.data as unknown[], given.data as unknown[]];
  for (let i = 0; i < size; i++) target[i] = source[Math.min(i, source.length - 1)];
  return filled;
}

export const zerosInitializer = maker((options: InitializerOptions = {}) => new Zeros(options));
export const onesInitializer = maker((options: InitializerOptions = {}) => new Ones(options));
export const constantInitializer = maker(
  (value: ArrayLike = 0, options: ConstantOptions = {}) => new Constant(value, options),
);
