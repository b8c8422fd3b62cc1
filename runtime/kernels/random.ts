/**
 * Plain kernels: random numbers from a stream that each node keeps. The numbers themselves are runtime/random.
 */
import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { randomOps } from '../../graph/ops/random';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import {
  checkIntegerRange,
  type FloatArray,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  fillUniformInt,
  type IntegerArray,
} from '../random/distributions';
import type { Philox4x32 } from '../random/philox';
import { fillMultinomial, multinomialBlocks, shuffleBlocks, shufflePermutation } from '../random/sampling';
import { streamOf } from '../random/source';

/** The shape that a vector of integers asks for. */
export function shapeOf(shape: NdArray): number[] {
  if (shape.rank !== 1)
    throw new InvalidArgumentError(`shape must be a vector of {int32,int64}, got shape [${shape.shape.join(',')}]`);
  const dims = Array.from(shape.data as ArrayLike<number | bigint>, Number);
  const negative = dims.find((dim) => dim < 0);
  if (negative !== undefined) throw new InvalidArgumentError(`Dimension ${negative} must be >= 0`);
  return dims;
}

/** An array for floats of the op's dtype; float16 and bfloat16 are not implemented. */
export function floatOutput(
  c: KernelContext,
  shape: readonly number[],
): { readonly dtype: DType; readonly out: FloatArray } {
  const [dtype] = c.outputTypes;
  if (dtype.size < 4) throw new UnimplementedError(`${c.op.type} is not implemented for ${dtype.name}.`);
  return { dtype, out: allocate(dtype, sizeOf(shape)) as FloatArray };
}

export type Fill = (generator: Philox4x32, out: FloatArray) => void;

const floats =
  (fill: Fill): Kernel =>
  ([dims], c) => {
    const shape = shapeOf(dims);
    const { dtype, out } = floatOutput(c, shape);
    if (out.length > 0) fill(streamOf(c).reserveOutputs(out.length), out);
    return new NdArray(dtype, shape, out);
  };

/** The bounds of integers, checked unless nothing is drawn. */
export function integerBounds(
  minval: NdArray,
  maxval: NdArray,
  count: number,
): readonly [number | bigint, number | bigint] {
  for (const [name, bound] of [
    ['minval', minval],
    ['maxval', maxval],
  ] as const) {
    if (bound.rank > 0) throw new InvalidArgumentError(`${name} must be 0-D, got shape [${bound.shape.join(',')}]`);
  }
  const [low, high] = [minval.data[0], maxval.data[0]] as [number, number];
  if (count > 0) checkIntegerRange(low, high);
  return [low, high];
}

/** What a sampling op draws from: a matrix of scores and the number of samples for each row. */
export function samplingInputs(
  logits: NdArray,
  numSamples: NdArray,
): { readonly scores: FloatArray; readonly batch: number; readonly samples: number } {
  if (logits.rank !== 2)
    throw new InvalidArgumentError(`logits should be a matrix, got shape [${logits.shape.join(',')}]`);
  if (numSamples.rank !== 0)
    throw new InvalidArgumentError(`num_samples should be a scalar, got shape [${numSamples.shape.join(',')}]`);
  const samples = numSamples.data[0] as number;
  if (samples < 0) throw new InvalidArgumentError(`num_samples should be nonnegative, got ${samples}`);
  const [batch, classes] = logits.shape;
  if (classes <= 0) throw new InvalidArgumentError(`num_classes should be positive, got ${classes}`);
  const isFloat = logits.data instanceof Float32Array || logits.data instanceof Float64Array;
  const scores = isFloat
    ? (logits.data as FloatArray)
    : Float64Array.from(logits.data as ArrayLike<number | bigint>, Number);
  return { scores, batch, samples };
}

const shuffle: Kernel = ([value], c) => {
  const rows = value.shape[0] ?? 1;
  if (value.size <= 1 || rows <= 1) return value;
  const order = shufflePermutation(streamOf(c).reserve(shuffleBlocks(rows)), rows);
  const width = value.size / rows;
  const out = allocate(value.dtype, value.size);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) out[i * width + j] = value.data[order[i] * width + j] as never;
  }
  return new NdArray(value.dtype, value.shape, out);
};

export const randomKernels: KernelTable<typeof randomOps> = {
  RandomUniform: floats(fillUniform),
  RandomStandardNormal: floats(fillNormal),
  TruncatedNormal: floats(fillTruncatedNormal),
  RandomUniformInt: ([dims, minval, maxval], c) => {
    const shape = shapeOf(dims);
    const out = allocate(minval.dtype, sizeOf(shape)) as IntegerArray;
    const [low, high] = integerBounds(minval, maxval, out.length);
    if (out.length > 0) fillUniformInt(streamOf(c).reserveOutputs(out.length), out, low, high);
    return new NdArray(minval.dtype, shape, out);
  },
  RandomShuffle: shuffle,
  Multinomial: ([logits, numSamples], c) => {
    const { scores, batch, samples } = samplingInputs(logits, numSamples);
    if (logits.dtype.isFloating && logits.dtype.size < 4)
      throw new UnimplementedError(`Multinomial is not implemented for ${logits.dtype.name}.`);
    const out = allocate(c.outputTypes[0], batch * samples) as Int32Array | BigInt64Array;
    if (out.length > 0) fillMultinomial(streamOf(c).reserve(multinomialBlocks(batch, samples)), scores, batch, out);
    return new NdArray(c.outputTypes[0], [batch, samples], out);
  },
};
