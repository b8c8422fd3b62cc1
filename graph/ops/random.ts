/**
 * Ops: random numbers from a stream that each node keeps. Streams without state are graph/ops/randomStateless.ts.
 *
 * How seeds get into a node is graph/seeds.ts; the numbers are runtime/random.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { asDType, bfloat16, type DType, float16, float32, float64, int32, int64 } from '../dtypes';
import { ValueError } from '../errors';
import { defineOps, none } from '../registry';
import { type Seed, seedAttrs } from '../seeds';
import { TensorShape } from '../shape';
import { type ShapeContext, sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { composite } from './composite';

const noGradient = none('random numbers do not depend on the inputs in a way that has derivatives');

const givenShape = (c: ShapeContext): TensorShape[] => {
  c.ranked(0, 1);
  return [c.valueAsShape(0)];
};

/** Shape of samples of each row of logits. */
export const samplesShape = (c: ShapeContext): TensorShape[] => {
  const logits = c.ranked(0, 2);
  c.ranked(1, 0);
  const count = c.value(1);
  return [new TensorShape([logits.dims![0], count ? Number(count.data[0]) : null])];
};

const SEEDS = 'seed: int = 0\nseed2: int = 0';
const FLOATS = '{float16, bfloat16, float32, float64}';
const LOGITS = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';

const floats = {
  signature: `(shape: T) -> (output: dtype)\n${SEEDS}\ndtype: ${FLOATS}\nT: {int32, int64}`,
  stateful: true,
  shape: givenShape,
  gradient: noGradient,
} as const;

export const randomOps = defineOps({
  RandomUniform: floats,
  RandomStandardNormal: floats,
  TruncatedNormal: floats,
  RandomUniformInt: {
    signature: `(shape: T, minval: Tout, maxval: Tout) -> (output: Tout)\n${SEEDS}\nTout: {int32, int64}\nT: {int32, int64}`,
    stateful: true,
    shape: (c) => {
      c.ranked(1, 0);
      c.ranked(2, 0);
      return givenShape(c);
    },
    gradient: noGradient,
  },
  RandomShuffle: {
    signature: `(value: T) -> (output: T)\n${SEEDS}\nT: type`,
    stateful: true,
    shape: sameShape,
    gradient: noGradient,
  },
  Multinomial: {
    signature: `(logits: T, num_samples: int32) -> (output: output_dtype)\n${SEEDS}\nT: ${LOGITS}\noutput_dtype: {int32, int64} = int64`,
    stateful: true,
    shape: samplesShape,
    gradient: noGradient,
  },
});

/** A shape given by a user as the tensor that ops take: plain numbers become the constant `shape`. */
export function shapeTensor(shape: TensorLike | TensorShape): Tensor {
  return convertToTensor(shape instanceof TensorShape ? shape.asNumbers() : shape, {
    name: 'shape',
    preferredDtype: int32,
  });
}

export interface RandomOptions {
  readonly dtype?: DType;
  /** Number or text. Without it, the graph's seed decides; without that, each session draws one. */
  readonly seed?: Seed;
  readonly name?: string;
}

export interface RandomUniformOptions extends RandomOptions {
  /** Smallest value; default 0. */
  readonly minval?: TensorLike;
  /** Values are less than this; default 1, required for integers. */
  readonly maxval?: TensorLike | null;
}

const UNIFORM_TYPES: readonly DType[] = [float16, bfloat16, float32, float64, int32, int64];

/**
 * Uniformly distributed numbers in [minval, maxval). Mirrors tf.random.uniform.
 *
 * ValueError for other dtypes than floats, int32 and int64, and for integers without `maxval`.
 */
export function randomUniform(shape: TensorLike | TensorShape, options: RandomUniformOptions = {}): Tensor {
  const { minval = 0, seed, name } = options;
  const dtype = asDType(options.dtype ?? float32);
  if (!UNIFORM_TYPES.includes(dtype)) {
    const accepted = UNIFORM_TYPES.map((type) => `tf.${type.name}`).join(', ');
    throw new ValueError(`Argument \`dtype\` got invalid value ${dtype}. Accepted dtypes are (${accepted}).`);
  }
  if (dtype.isInteger && (options.maxval ?? null) === null)
    throw new ValueError(`Must specify maxval for integer dtype tf.${dtype.name}`);
  const maxval = options.maxval ?? 1;
  return composite(name, 'random_uniform', [shape, minval, maxval], (scope) => {
    const dims = shapeTensor(shape);
    const attrs = seedAttrs(seed, getDefaultGraph());
    const isUnit = minval === 0 && maxval === 1;
    if (isUnit && !dtype.isInteger) return applyUnary('RandomUniform', { shape: dims, dtype, ...attrs });
    const low = convertToTensor(minval, { dtype, name: 'min' });
    const high = convertToTensor(maxval, { dtype, name: 'max' });
    if (dtype.isInteger)
      return applyUnary('RandomUniformInt', { shape: dims, minval: low, maxval: high, ...attrs }, scope);
    const unit = applyUnary('RandomUniform', { shape: dims, dtype, ...attrs });
    if (minval === 0) return applyUnary('Mul', { x: unit, y: high });
    const scaled = applyUnary('Mul', { x: unit, y: applyUnary('Sub', { x: high, y: low }, 'sub') }, 'mul');
    return applyUnary('AddV2', { x: scaled, y: low }, scope);
  });
}

export interface RandomNormalOptions extends RandomOptions {
  /** Default 0. */
  readonly mean?: TensorLike;
  /** Default 1. */
  readonly stddev?: TensorLike;
}

function scaledNormal(
  type: string,
  fallback: string,
  shape: TensorLike | TensorShape,
  options: RandomNormalOptions,
): Tensor {
  const { mean = 0, stddev = 1, seed, name } = options;
  const dtype = asDType(options.dtype ?? float32);
  return composite(name, fallback, [shape, mean, stddev], (scope) => {
    const dims = shapeTensor(shape);
    const center = convertToTensor(mean, { dtype, name: 'mean' });
    const width = convertToTensor(stddev, { dtype, name: 'stddev' });
    const standard = applyUnary(type, { shape: dims, dtype, ...seedAttrs(seed, getDefaultGraph()) });
    return applyUnary('AddV2', { x: applyUnary('Mul', { x: standard, y: width }, 'mul'), y: center }, scope);
  });
}

/** Normally distributed numbers. Mirrors tf.random.normal. */
export function randomNormal(shape: TensorLike | TensorShape, options: RandomNormalOptions = {}): Tensor {
  return scaledNormal('RandomStandardNormal', 'random_normal', shape, options);
}

/**
 * Normally distributed numbers, none further from the mean than two standard deviations. Mirrors
 * tf.random.truncated_normal.
 */
export function truncatedNormal(shape: TensorLike | TensorShape, options: RandomNormalOptions = {}): Tensor {
  return scaledNormal('TruncatedNormal', 'truncated_normal', shape, options);
}

/** The rows of `value` in random order. Mirrors tf.random.shuffle. */
export function randomShuffle(value: TensorLike, { seed, name }: Omit<RandomOptions, 'dtype'> = {}): Tensor {
  return getDefaultGraph().transaction(() => applyUnary('RandomShuffle', { value, ...seedAttrs(seed) }, name));
}

export interface CategoricalOptions {
  /** int32 or int64, the default. */
  readonly dtype?: DType | null;
  readonly seed?: Seed;
  readonly name?: string;
}

/** The dtype of samples; ValueError unless int32 or int64. */
export function sampleType(dtype: DType | null | undefined): DType {
  const wanted = asDType(dtype ?? int64);
  if (wanted === int32 || wanted === int64) return wanted;
  throw new ValueError(`Argument \`dtype\` got invalid value ${wanted}. Accepted dtypes are (tf.int32, tf.int64).`);
}

function sample(
  logits: TensorLike,
  numSamples: TensorLike,
  fallback: string,
  { dtype, seed, name }: CategoricalOptions,
): Tensor {
  return composite(name, fallback, [logits], () => {
    const scores = convertToTensor(logits, { name: 'logits' });
    const attrs = { output_dtype: sampleType(dtype), ...seedAttrs(seed, getDefaultGraph()) };
    return applyUnary('Multinomial', { logits: scores, num_samples: numSamples, ...attrs });
  });
}

/**
 * `numSamples` draws of class numbers for each row of the unnormalised log-probabilities `logits` [batch, classes]:
 * [batch, numSamples].
 *
 * Mirrors tf.random.categorical.
 */
export function categorical(logits: TensorLike, numSamples: TensorLike, options: CategoricalOptions = {}): Tensor {
  return sample(logits, numSamples, 'categorical', options);
}

/** See `categorical`. Mirrors tf.compat.v1.multinomial. */
export function multinomial(
  logits: TensorLike,
  numSamples: TensorLike,
  { outputDtype, ...options }: Omit<CategoricalOptions, 'dtype'> & { readonly outputDtype?: DType | null } = {},
): Tensor {
  return sample(logits, numSamples, 'multinomial', { ...options, dtype: outputDtype });
}
