/**
 * Dropout as a function: zeros with probability `rate`, at every run anew. The layers are lib/keras/dropout.ts and lib/layers/core.ts.
 */
import {
  constantIn,
  convertToTensor,
  isTensorConvertible,
  type TensorConvertible,
  type TensorLike,
} from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import type { DType } from '../../graph/dtypes';
import { repr, ValueError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import { multiply, realdiv, subtract } from '../../graph/ops/binary';
import { greaterEqual, whereV2 } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { randomUniform } from '../../graph/ops/random';
import { shape } from '../../graph/ops/shapes';
import { getSeed, type Seed } from '../../graph/seeds';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';

/** A number, or a scalar tensor or variable of the inputs' dtype. */
export type Rate = number | boolean | Tensor | TensorConvertible;

export interface DropoutV2Options {
  /** Shape of the mask, broadcast to that of `x`: numbers, with null for the dimensions of `x`, or an int32 or int64 vector. */
  readonly noiseShape?: ShapeLike | Tensor;
  readonly seed?: Seed;
  readonly name?: string | null;
}

export interface DropoutFunctionOptions extends DropoutV2Options {
  /** Probability that an element is dropped: a number in [0, 1) or a scalar tensor. */
  readonly rate?: Rate | null;
  /** The older spelling: 1 − rate. */
  readonly keepProb?: Rate | null;
}

const isSymbolic = (value: unknown): value is Tensor | TensorConvertible =>
  value instanceof Tensor || isTensorConvertible(value);

/**
 * Sets elements of a floating tensor to 0 with probability `rate` and multiplies the others by 1 / (1 − rate).
 *
 * ValueError for inputs that are not floating, for a number outside [0, 1), for a rate that is neither number nor scalar
 * tensor or is of another dtype, for both or none of `rate` and `keepProb`, and for a mask that cannot be broadcast.
 * Mirrors tf.compat.v1.nn.dropout.
 */
export function dropout(x: TensorLike, keepProb: Rate, options?: DropoutFunctionOptions): Tensor;
export function dropout(x: TensorLike, options: DropoutFunctionOptions): Tensor;
export function dropout(
  x: TensorLike,
  first: Rate | DropoutFunctionOptions | null,
  more: DropoutFunctionOptions = {},
): Tensor {
  const {
    keepProb = null,
    rate = null,
    noiseShape = null,
    seed = null,
    name,
  } = isOptions(first) ? first : { keepProb: first, ...more };
  if (keepProb !== null && rate !== null) throw new ValueError("Cannot specify both 'keep_prob' and 'rate'.");
  const wanted = keepProb === null ? rate : oneMinus(keepProb);
  if (wanted === null) throw new ValueError('`rate` must be provided. Received: rate=None');
  return dropoutV2(x, wanted, { noiseShape, seed, name });
}

/** As `dropout`, with the rate by position. Mirrors tf.compat.v2.nn.dropout. */
export function dropoutV2(x: TensorLike, rate: Rate, options: DropoutV2Options = {}): Tensor {
  const { noiseShape = null, seed = null, name } = options;
  return composite(name, 'dropout', [x], () => dropped(x, rate, noiseShape, seed));
}

function isOptions(value: unknown): value is DropoutFunctionOptions {
  return typeof value === 'object' && value !== null && !isSymbolic(value) && !Array.isArray(value);
}

function oneMinus(keepProb: Rate): Rate {
  if (isSymbolic(keepProb)) return subtract(1, keepProb, { name: 'sub' });
  if (typeof keepProb === 'number' || typeof keepProb === 'boolean') return 1 - Number(keepProb);
  throw new ValueError(
    `\`keep_prob\` must be a floating point number or Tensor. Received: keep_prob=${text(keepProb)}`,
  );
}

function dropped(input: TensorLike, rate: Rate, noiseShape: ShapeLike | Tensor, seed: Seed): Tensor {
  const number = typeof rate === 'number' || typeof rate === 'boolean' ? Number(rate) : null;
  if (number !== null && !(number >= 0 && number < 1)) {
    throw new ValueError(
      `\`rate\` must be a scalar tensor or a float in the range [0, 1). Received: rate=${repr(rate)}`,
    );
  }
  const x = convertToTensor(input, { name: 'x' });
  if (!x.dtype.isFloating) {
    throw new ValueError(
      `\`x.dtype\` must be a floating point tensor as \`x\` will be scaled. Received: x_dtype=${x.dtype}`,
    );
  }
  if (number === 0) {
    // Takes a number from the graph's seeds, so that the seeds of other ops do not depend on the rate.
    getSeed(seed);
    return x;
  }
  const scaled = number === null ? scaledByTensor(x, rate) : multiply(x, scalar(1 / (1 - number), x.dtype));
  const random = randomUniform(maskShape(x, noiseShape), { dtype: x.dtype, seed });
  const keep = greaterEqual(random, number ?? (rate as Tensor));
  const result = whereV2(keep, scaled, scalar(0, x.dtype));
  result.setShape(x.shape);
  return result;
}

const scalar = (value: number, dtype: DType): Tensor => constantIn(getDefaultGraph(), NdArray.from(value, dtype));

function scaledByTensor(x: Tensor, rate: Rate): Tensor {
  if (!isSymbolic(rate))
    throw new ValueError(`\`rate\` must be a scalar or scalar tensor. Received: rate=${text(rate)}`);
  (rate as { shape?: TensorShape }).shape?.assertHasRank(0);
  if (rate.dtype !== x.dtype) {
    throw new ValueError(
      `\`x.dtype\` must be compatible with \`rate.dtype\`. Received: x.dtype=${x.dtype} and rate.dtype=${rate.dtype}`,
    );
  }
  return realdiv(x, subtract(scalar(1, x.dtype), rate));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : repr(value));

/** The mask's shape: of x, or as given, with what x knows for the unknown dimensions. */
function maskShape(x: Tensor, noiseShape: ShapeLike | Tensor): TensorLike | TensorShape {
  if (noiseShape === null || noiseShape === undefined) return shape(x);
  if (noiseShape instanceof Tensor) return noiseShape;
  const dims = asShape(noiseShape).dims;
  if (dims === null) throw new ValueError('Cannot convert an unknown TensorShape <unknown> to a Tensor.');
  const known = x.shape.dims?.length === dims.length ? x.shape.dims : null;
  const merged = new TensorShape(dims.map((dim, i) => dim ?? known?.[i] ?? null));
  if (!merged.isFullyDefined())
    throw new ValueError(`Cannot convert a partially known TensorShape ${merged} to a Tensor.`);
  return merged;
}
