/**
 * Plain kernels: reductions over axes, and the positions of extremes.
 *
 * Every reduction is one walk over the input in runs: the accumulator of an output element is a double (or a bigint) that
 * is rounded once at the end, so sums of float32 are more precise than a chain of float32 additions.
 */
import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { reduceOps } from '../../graph/ops/reduce';
import { forEachRun, stridesOf } from '../broadcast';
import type { Kernel, KernelTable } from '../kernel';
import { type BigInts, checkComputable, type Numbers, unsupported } from './elementwise';

/** Folds `n` elements of x from `i` on into the accumulators from `at` on, which move by `step`: 0 or 1. */
type Fold<Acc, A> = (acc: Acc, at: number, step: number, x: A, i: number, n: number) => void;

interface Reducer {
  /** What accumulators start from; of an empty reduction it is the result. */
  readonly initial: (dtype: DType) => number;
  readonly fold: Fold<Float64Array, Numbers>;
  readonly bigInts: { readonly initial: (dtype: DType) => bigint; readonly fold: (acc: bigint, x: bigint) => bigint };
  /** From an accumulator over `count` elements to the result. */
  readonly finish?: (value: number, count: number) => number;
  readonly finishBigInt?: (value: bigint, count: bigint) => bigint;
}

const sum: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  if (step === 1) for (let k = 0; k < n; k++) acc[at + k] += x[i + k];
  else {
    let total = acc[at];
    for (let k = 0; k < n; k++) total += x[i + k];
    acc[at] = total;
  }
};

const sumOfSquares: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) acc[at + k * step] += x[i + k] * x[i + k];
};

/** Squares modulo 2^32, as 32-bit integers have them. */
const sumOfIntSquares: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) acc[at + k * step] += Math.imul(x[i + k], x[i + k]);
};

const product: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) acc[at + k * step] *= x[i + k];
};

const intProduct: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) acc[at + k * step] = Math.imul(acc[at + k * step], x[i + k]);
};

const maximum: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) acc[at + k * step] = Math.max(acc[at + k * step], x[i + k]);
};

const minimum: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) acc[at + k * step] = Math.min(acc[at + k * step], x[i + k]);
};

const all: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) if (x[i + k] === 0) acc[at + k * step] = 0;
};

const any: Fold<Float64Array, Numbers> = (acc, at, step, x, i, n) => {
  for (let k = 0; k < n; k++) if (x[i + k] !== 0) acc[at + k * step] = 1;
};

const lowest = (dtype: DType): number => (dtype.isFloating ? -Infinity : Number(dtype.min));
const highest = (dtype: DType): number => (dtype.isFloating ? Infinity : Number(dtype.max));

/** Which axes of the input are reduced. */
export function reducedAxes(input: NdArray, axes: NdArray): boolean[] {
  const { rank } = input;
  const reduced = new Array<boolean>(rank).fill(false);
  for (const value of axes.data as Int32Array | BigInt64Array) {
    const axis = Number(value);
    if (axis < -rank || axis >= rank)
      throw new InvalidArgumentError(`Invalid reduction dimension (${axis} for input with ${rank} dimension(s)`);
    const index = axis < 0 ? axis + rank : axis;
    if (reduced[index])
      throw new InvalidArgumentError(`Invalid reduction arguments: Axes contains duplicate dimension: ${index}`);
    reduced[index] = true;
  }
  return reduced;
}

/** Folds the input into one accumulator per output element. */
function accumulate<Acc extends Float64Array | BigInts, A>(
  input: NdArray,
  reduced: readonly boolean[],
  acc: Acc,
  fold: Fold<Acc, A>,
): void {
  const kept = stridesOf(input.shape.map((dim, i) => (reduced[i] ? 1 : dim)));
  const strides = kept.map((stride, i) => (reduced[i] ? 0 : stride));
  const x = input.data as A;
  forEachRun(input.shape, [stridesOf(input.shape), strides], (_at, n, [from, to], steps) =>
    fold(acc, to, steps[1], x, from, n),
  );
}

function reduceNumbers(
  input: NdArray,
  reduced: readonly boolean[],
  out: Numbers,
  count: number,
  reducer: Reducer,
): void {
  const { fold, initial, finish } = reducer;
  const acc = new Float64Array(out.length).fill(initial(input.dtype));
  accumulate(input, reduced, acc, fold);
  for (let k = 0; k < out.length; k++) out[k] = finish ? finish(acc[k], count) : acc[k];
}

function reduceBigInts(
  input: NdArray,
  reduced: readonly boolean[],
  out: BigInts,
  count: number,
  { bigInts, finishBigInt }: Reducer,
): void {
  out.fill(bigInts.initial(input.dtype));
  accumulate<BigInts, BigInts>(input, reduced, out, (acc, at, step, x, i, n) => {
    for (let k = 0; k < n; k++) acc[at + k * step] = bigInts.fold(acc[at + k * step], x[i + k]);
  });
  if (finishBigInt) out.forEach((value, k) => (out[k] = finishBigInt(value, BigInt(count))));
}

/** A kernel from the reducer for floats and, where it differs, the one for 32-bit and smaller integers. */
function reduction(floats: Reducer, ints: Reducer = floats): Kernel {
  return ([input, axes], c) => {
    checkComputable(c, input.dtype);
    const reduced = reducedAxes(input, axes);
    const keep = c.attr<boolean>('keep_dims');
    const shape = input.shape.flatMap((dim, i) => (reduced[i] ? (keep ? [1] : []) : [dim]));
    const out = allocate(input.dtype, sizeOf(shape));
    const count = sizeOf(input.shape.filter((_, i) => reduced[i]));
    if (input.dtype.isBigInt) reduceBigInts(input, reduced, out as BigInts, count, floats);
    else reduceNumbers(input, reduced, out as Numbers, count, input.dtype.isFloating ? floats : ints);
    return new NdArray(input.dtype, shape, out);
  };
}

/** A reduction of bools. */
function logical(initial: number, fold: Fold<Float64Array, Numbers>): Kernel {
  const none = () => {
    throw new Error('unreachable: bools are no 64-bit integers');
  };
  return reduction({ initial: () => initial, fold, bigInts: { initial: none, fold: none } });
}

const summing: Reducer = { initial: () => 0, fold: sum, bigInts: { initial: () => 0n, fold: (acc, x) => acc + x } };

const multiplying: Reducer = {
  initial: () => 1,
  fold: product,
  bigInts: { initial: () => 1n, fold: (acc, x) => acc * x },
};

const averaging: Reducer = {
  ...summing,
  finish: (total, count) => total / count,
  finishBigInt: (total, count) => (count === 0n ? 0n : total / count),
};

const norm: Reducer = {
  initial: () => 0,
  fold: sumOfSquares,
  bigInts: { initial: () => 0n, fold: (acc, x) => acc + x * x },
  finish: Math.sqrt,
  finishBigInt: (value) => BigInt(Math.trunc(Math.sqrt(Number(value)))),
};

const largest: Reducer = {
  initial: lowest,
  fold: maximum,
  bigInts: { initial: (dtype) => BigInt(dtype.min), fold: (acc, x) => (x > acc ? x : acc) },
};

const smallest: Reducer = {
  initial: highest,
  fold: minimum,
  bigInts: { initial: (dtype) => BigInt(dtype.max), fold: (acc, x) => (x < acc ? x : acc) },
};

/** Integers have their sum of squares wrapped by their dtype before the root is taken. */
const euclideanNorm: Kernel = (inputs, c) => {
  const { dtype } = inputs[0];
  if (dtype.isFloating || dtype.isBigInt) return reduction(norm)(inputs, c);
  const squares = reduction({ ...norm, fold: sumOfIntSquares, finish: undefined })(inputs, c) as NdArray;
  const out = (squares.data as Numbers).map(Math.sqrt);
  return new NdArray(dtype, squares.shape, out);
};

/** The index along one axis of the first element that beats all others; comparisons with NaN never hold. */
function argReduction(
  worst: (dtype: DType) => number | bigint,
  beats: (x: number | bigint, best: number | bigint) => boolean,
): Kernel {
  return ([input, dimension], c) => {
    checkComputable(c, input.dtype);
    if (input.dtype.name === 'string') throw unsupported(c, input.dtype);
    const { rank, shape } = input;
    const given = Number(dimension.data[0]);
    if (given < -rank || given >= rank) {
      throw new InvalidArgumentError(
        `Expected dimension in the range [${rank === 0 ? 0 : -rank}, ${rank}), but got ${given}`,
      );
    }
    const axis = given < 0 ? given + rank : given;
    if (shape[axis] === 0)
      throw new InvalidArgumentError(`Reduction axis ${axis} is empty in shape [${shape.join(',')}]`);
    const inner = sizeOf(shape.slice(axis + 1));
    const resultShape = shape.filter((_, i) => i !== axis);
    const out = allocate(c.outputTypes[0], sizeOf(resultShape));
    const wide = c.outputTypes[0].isBigInt;
    const start = worst(input.dtype);
    for (let at = 0; at < out.length; at++) {
      const first = Math.floor(at / inner) * inner * shape[axis] + (at % inner);
      let [best, index] = [start, 0];
      for (let k = 0; k < shape[axis]; k++) {
        const value = input.data[first + k * inner] as number | bigint;
        if (beats(value, best)) [best, index] = [value, k];
      }
      out[at] = (wide ? BigInt(index) : index) as never;
    }
    return new NdArray(c.outputTypes[0], resultShape, out);
  };
}

export const reduceKernels: KernelTable<typeof reduceOps> = {
  Sum: reduction(summing),
  Mean: reduction(averaging),
  Prod: reduction(multiplying, { ...multiplying, fold: intProduct }),
  Max: reduction(largest),
  Min: reduction(smallest),
  All: logical(1, all),
  Any: logical(0, any),
  EuclideanNorm: euclideanNorm,
  ArgMax: argReduction(
    (dtype) => (dtype.isBigInt ? dtype.min : lowest(dtype)),
    (x, best) => x > best,
  ),
  ArgMin: argReduction(
    (dtype) => (dtype.isBigInt ? dtype.max : highest(dtype)),
    (x, best) => x < best,
  ),
};
