/**
 * Ops: random numbers that depend on their seed alone: the same seed gives the same numbers in every run and session.
 *
 * A seed of two integers becomes a key and a counter of the generator (Philox); the numbers are runtime/random.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { asDType, bfloat16, type DType, float16, float32, float64, int32, int64, uint32, uint64 } from '../dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from '../errors';
import { defineOps, none } from '../registry';
import { TensorShape } from '../shape';
import { type ShapeContext, scalarOutputs } from '../shapeContext';
import { Tensor } from '../tensor';
import { composite } from './composite';
import { samplesShape, sampleType, shapeTensor } from './random';

const noGradient = none('random numbers do not depend on the inputs in a way that has derivatives');

const FLOATS = '{float16, bfloat16, float32, float64}';
const INTEGERS = '{int32, int64, uint32, uint64}';
const LOGITS = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';

/** Two integers. */
function checkSeed(c: ShapeContext, index: number): void {
  const seed = c.ranked(index, 1);
  const length = seed.dims![0];
  if (length !== null && length !== 2) c.fail(`Dimension must be 2 but is ${length}`);
}

const fromSeed = (c: ShapeContext): TensorShape[] => {
  checkSeed(c, 1);
  c.ranked(0, 1);
  return [c.valueAsShape(0)];
};

const fromKey = (c: ShapeContext): TensorShape[] => {
  c.ranked(1, 1);
  c.ranked(2, 1);
  c.ranked(3, 0);
  c.ranked(0, 1);
  return [c.valueAsShape(0)];
};

const seeded = (dtypes: string, fallback: string, bounds = '', tseed = '{int32, int64} = int64') =>
  ({
    signature: `(shape: T, seed: Tseed${bounds}) -> (output: dtype)\ndtype: ${dtypes}${fallback}\nT: {int32, int64} = int32\nTseed: ${tseed}`,
    shape: fromSeed,
    gradient: noGradient,
  }) as const;

const keyed = (dtypes: string, fallback: string, bounds = '') =>
  ({
    signature: `(shape: Tshape, key: uint64, counter: uint64, alg: int32${bounds}) -> (output: dtype)\ndtype: ${dtypes}${fallback}\nTshape: {int32, int64} = int32`,
    shape: fromKey,
    gradient: noGradient,
  }) as const;

const BOUNDS = ', minval: dtype, maxval: dtype';

export const randomStatelessOps = defineOps({
  StatelessRandomGetKeyCounter: {
    signature: '(seed: Tseed) -> (key: uint64, counter: uint64)\nTseed: {int32, int64} = int64',
    shape: (c) => {
      checkSeed(c, 0);
      return [new TensorShape([1]), new TensorShape([2])];
    },
    gradient: noGradient,
  },
  StatelessRandomGetKeyCounterAlg: {
    signature: '(seed: Tseed) -> (key: uint64, counter: uint64, alg: int32)\nTseed: {int32, int64} = int64',
    shape: (c) => {
      checkSeed(c, 0);
      return [new TensorShape([1]), new TensorShape([2]), new TensorShape([])];
    },
    gradient: noGradient,
  },
  StatelessRandomGetAlg: {
    signature: '() -> (alg: int32)',
    shape: scalarOutputs,
    gradient: noGradient,
    stateful: true,
  },
  StatelessRandomUniform: seeded(FLOATS, ' = float32'),
  StatelessRandomNormal: seeded(FLOATS, ' = float32'),
  StatelessTruncatedNormal: seeded(FLOATS, ' = float32'),
  StatelessRandomUniformInt: seeded('{int32, int64}', '', BOUNDS),
  StatelessRandomUniformFullInt: seeded(INTEGERS, ' = uint64', '', `${INTEGERS} = int64`),
  StatelessRandomUniformV2: keyed(FLOATS, ' = float32'),
  StatelessRandomNormalV2: keyed(FLOATS, ' = float32'),
  StatelessTruncatedNormalV2: keyed(FLOATS, ' = float32'),
  StatelessRandomUniformIntV2: keyed(INTEGERS, '', BOUNDS),
  StatelessRandomUniformFullIntV2: keyed(INTEGERS, ' = uint64'),
  StatelessMultinomial: {
    signature: `(logits: T, num_samples: int32, seed: Tseed) -> (output: output_dtype)
      T: ${LOGITS}
      Tseed: {int32, int64} = int64
      output_dtype: {int32, int64} = int64`,
    shape: (c) => {
      checkSeed(c, 2);
      return samplesShape(c);
    },
    gradient: noGradient,
  },
});

const ALGORITHMS: Readonly<Record<string, number>> = { philox: 1, threefry: 2, autoselect: 3 };

/** The generator: a name (`philox`, `auto_select`) or its number. Threefry is refused when it runs. */
export type RandomAlgorithm = string | number | Tensor;

function algorithmNumber(alg: RandomAlgorithm): number | Tensor {
  if (typeof alg === 'number' || alg instanceof Tensor) return alg;
  if (typeof alg !== 'string')
    throw new GraphTypeError(
      `Can't convert argument \`alg\` (of value ${repr(alg)} and type ${typeWord(alg)}) to int.`,
    );
  const number = ALGORITHMS[alg.trim().toLowerCase().replaceAll(/[-_]/g, '')];
  if (number !== undefined) return number;
  throw new ValueError(
    `Argument \`alg\` got unsupported value ${alg}. Supported values are philox for the Philox algorithm, threefry for the ThreeFry algorithm, and auto_select for auto-selection.`,
  );
}

export interface StatelessOptions {
  readonly dtype?: DType;
  readonly name?: string;
  readonly alg?: RandomAlgorithm;
}

/** The key, counter and algorithm that ops of the second version take. */
function generator(
  seed: TensorLike,
  alg: RandomAlgorithm = 'auto_select',
): { key: Tensor; counter: Tensor; alg: TensorLike } {
  const [key, counter] = applyOp('StatelessRandomGetKeyCounter', { seed: asSeed(seed) }).outputs;
  return { key, counter, alg: algorithmNumber(alg) };
}

/** Plain numbers are int32, as in Python, where they fit. */
function asSeed(seed: TensorLike): TensorLike {
  const isPlain = Array.isArray(seed) && seed.every((item) => typeof item === 'number' && Number.isInteger(item));
  if (!isPlain) return seed;
  const numbers = seed as readonly number[];
  return numbers.every((item) => Math.abs(item) < 2 ** 31)
    ? Int32Array.from(numbers)
    : BigInt64Array.from(numbers.map(BigInt));
}

const UNIFORM_TYPES: readonly DType[] = [float16, bfloat16, float32, float64, int32, int64, uint32, uint64];

export interface StatelessUniformOptions extends StatelessOptions {
  /** Default 0; null, with `maxval` null, draws integers from the whole range of the dtype. */
  readonly minval?: TensorLike | null;
  /** Default 1 for floats. */
  readonly maxval?: TensorLike | null;
}

/**
 * Uniformly distributed numbers in [minval, maxval), from a seed of two integers. Mirrors tf.random.stateless_uniform.
 */
export function statelessRandomUniform(
  shape: TensorLike | TensorShape,
  seed: TensorLike,
  options: StatelessUniformOptions = {},
): Tensor {
  const { minval = 0, name, alg } = options;
  const dtype = asDType(options.dtype ?? float32);
  const maxval = options.maxval ?? (dtype.isInteger ? null : 1);
  checkUniform(dtype, minval, maxval);
  return composite(name, 'stateless_random_uniform', [shape, seed, minval, maxval], (scope) => {
    const dims = shapeTensor(shape);
    if (dtype.isInteger && minval === null)
      return applyUnary('StatelessRandomUniformFullIntV2', { shape: dims, dtype, ...generator(seed, alg) }, scope);
    const low = convertToTensor(minval!, { dtype, name: 'min' });
    const high = convertToTensor(maxval!, { dtype, name: 'max' });
    const source = { shape: dims, dtype, ...generator(seed, alg) };
    if (dtype.isInteger)
      return applyUnary('StatelessRandomUniformIntV2', { ...source, minval: low, maxval: high }, scope);
    const unit = applyUnary('StatelessRandomUniformV2', source);
    const scaled = applyUnary('Mul', { x: unit, y: applyUnary('Sub', { x: high, y: low }, 'sub') }, 'mul');
    return applyUnary('AddV2', { x: scaled, y: low }, scope);
  });
}

function checkUniform(dtype: DType, minval: TensorLike | null, maxval: TensorLike | null): void {
  if (!UNIFORM_TYPES.includes(dtype)) {
    const accepted = UNIFORM_TYPES.map((type) => `tf.${type.name}`).join(', ');
    throw new ValueError(`Argument \`dtype\` got invalid value ${dtype}. Accepted dtypes are (${accepted}).`);
  }
  if (!dtype.isInteger) return;
  if ((minval === null) !== (maxval === null)) {
    throw new ValueError(
      `For integer \`dtype\` argument ${dtype}, argument \`minval\` and \`maxval\` must be both None or not None. Got \`minval\`=${repr(minval)} and \`maxval\`=${repr(maxval)}.`,
    );
  }
  if (minval !== null && dtype.isUnsigned) {
    throw new ValueError(
      `Argument \`dtype\` got invalid value ${dtype} when argument \`minval\` is not None. Please don't use unsigned integers in this case.`,
    );
  }
}

export interface StatelessNormalOptions extends StatelessOptions {
  /** Default 0. */
  readonly mean?: TensorLike;
  /** Default 1. */
  readonly stddev?: TensorLike;
}

function scaledNormal(
  type: string,
  fallback: string,
  shape: TensorLike | TensorShape,
  seed: TensorLike,
  options: StatelessNormalOptions,
): Tensor {
  const { mean = 0, stddev = 1, name, alg } = options;
  const dtype = asDType(options.dtype ?? float32);
  return composite(name, fallback, [shape, seed, mean, stddev], (scope) => {
    const dims = shapeTensor(shape);
    const center = convertToTensor(mean, { dtype, name: 'mean' });
    const width = convertToTensor(stddev, { dtype, name: 'stddev' });
    const standard = applyUnary(type, { shape: dims, dtype, ...generator(seed, alg) });
    return applyUnary('AddV2', { x: applyUnary('Mul', { x: standard, y: width }, 'mul'), y: center }, scope);
  });
}

/** Normally distributed numbers from a seed of two integers. Mirrors tf.random.stateless_normal. */
export function statelessRandomNormal(
  shape: TensorLike | TensorShape,
  seed: TensorLike,
  options: StatelessNormalOptions = {},
): Tensor {
  return scaledNormal('StatelessRandomNormalV2', 'stateless_random_normal', shape, seed, options);
}

/** Truncated normal numbers from a seed of two integers. Mirrors tf.random.stateless_truncated_normal. */
export function statelessTruncatedNormal(
  shape: TensorLike | TensorShape,
  seed: TensorLike,
  options: StatelessNormalOptions = {},
): Tensor {
  return scaledNormal('StatelessTruncatedNormalV2', 'stateless_truncated_normal', shape, seed, options);
}

export interface StatelessSampleOptions {
  readonly dtype?: DType | null;
  readonly name?: string;
}

function sample(
  logits: TensorLike,
  numSamples: TensorLike,
  seed: TensorLike,
  fallback: string,
  { dtype, name }: StatelessSampleOptions,
): Tensor {
  return composite(name, fallback, [logits, seed], () => {
    const scores = convertToTensor(logits, { name: 'logits' });
    return applyUnary('StatelessMultinomial', {
      logits: scores,
      num_samples: numSamples,
      seed: asSeed(seed),
      output_dtype: sampleType(dtype),
    });
  });
}

/** As `categorical`, from a seed of two integers. Mirrors tf.random.stateless_categorical. */
export function statelessCategorical(
  logits: TensorLike,
  numSamples: TensorLike,
  seed: TensorLike,
  options: StatelessSampleOptions = {},
): Tensor {
  return sample(logits, numSamples, seed, 'stateless_categorical', options);
}

/** See `statelessCategorical`. Mirrors tf.compat.v1.random.stateless_multinomial. */
export function statelessMultinomial(
  logits: TensorLike,
  numSamples: TensorLike,
  seed: TensorLike,
  { outputDtype, ...options }: { readonly outputDtype?: DType | null; readonly name?: string } = {},
): Tensor {
  return sample(logits, numSamples, seed, 'stateless_multinomial', { ...options, dtype: outputDtype });
}
