/**
 * Ops: shapes, sizes and ranks of tensors, and sequences of numbers.
 */
import { applyOp, applyUnary } from '../applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { asDType, type DType, float32, float64, int32, int64 } from '../dtypes';
import { GraphTypeError } from '../errors';
import { type ArrayLike, NdArray } from '../ndarray';
import { defineOps, none } from '../registry';
import { scalarShape, TensorShape } from '../shape';
import { type ShapeContext, ShapeError } from '../shapeContext';
import { Tensor } from '../tensor';
import { composite } from './composite';

/** The rule that input `index`, called `name` in the message, is a scalar. */
function scalarNamed(c: ShapeContext, index: number, name: string): void {
  const { rank } = c.shape(index);
  if (rank !== null && rank !== 0) throw new ShapeError(`Shape must be rank 0 but is rank ${rank}\n\t for '${name}'`);
}

export const shapesOps = defineOps({
  Shape: {
    signature: `(input: T) -> (output: out_type)
      T: type
      out_type: {int32, int64} = int32`,
    shape: (c) => [new TensorShape([c.shape(0).rank])],
    gradient: none('a shape is an integer'),
  },
  ShapeN: {
    signature: `(input: N * T) -> (output: N * out_type)
      N: int >= 1
      T: type
      out_type: {int32, int64} = int32`,
    shape: (c) => c.inputs.map((input) => new TensorShape([input.shape.rank])),
    gradient: none('a shape is an integer'),
  },
  Size: {
    signature: `(input: T) -> (output: out_type)
      T: type
      out_type: {int32, int64} = int32`,
    shape: () => [scalarShape],
    gradient: none('a size is an integer'),
  },
  Rank: {
    signature: `(input: T) -> (output: int32)
      T: type`,
    shape: () => [scalarShape],
    gradient: none('a rank is an integer'),
  },
  Range: {
    signature: `(start: Tidx, limit: Tidx, delta: Tidx) -> (output: Tidx)
      Tidx: {bfloat16, float16, float32, float64, int8, int16, int32, int64, uint16, uint32} = int32`,
    shape: rangeShape,
    gradient: none('sequences are built from constants'),
  },
  LinSpace: {
    signature: `(start: T, stop: T, num: Tidx) -> (output: T)
      T: {bfloat16, float16, float32, float64}
      Tidx: {int32, int64} = int32`,
    shape: (c) => {
      ['start', 'stop', 'num'].forEach((name, i) => scalarNamed(c, i, name));
      const num = c.value(2);
      if (num && Number(num.data[0]) <= 0) c.fail(`Requires num > 0: ${num.data[0]}`);
      return [new TensorShape([num && Number(num.data[0])])];
    },
    gradient: none('TensorFlow has none'),
  },
});

function rangeShape(c: ShapeContext): TensorShape[] {
  ['start', 'limit', 'delta'].forEach((name, i) => scalarNamed(c, i, name));
  const parts = [0, 1, 2].map((i) => c.value(i));
  if (parts.some((part) => part === null)) return [new TensorShape([null])];
  const [start, limit, delta] = parts.map((part) => Number(part!.data[0]));
  const complaint = rangeComplaint(start, limit, delta);
  if (complaint) c.fail(complaint);
  return [new TensorShape([rangeSize(start, limit, delta, c.inputs[0].dtype)])];
}

/** What is wrong with the bounds of a range, or null. */
export function rangeComplaint(start: number, limit: number, delta: number): string | null {
  if (start > limit && delta > 0) return `Requires start <= limit when delta > 0: ${start}/${limit}`;
  if (start < limit && delta < 0) return `Requires start >= limit when delta < 0: ${start}/${limit}`;
  return delta === 0 ? 'Requires delta != 0' : null;
}

/** Number of elements of a range; float32 bounds are divided in float32. */
export function rangeSize(start: number, limit: number, delta: number, dtype: DType): number {
  const steps = dtype === float32 ? Math.fround(Math.fround(limit - start) / delta) : (limit - start) / delta;
  return Math.ceil(Math.abs(steps));
}

export interface ShapeOptions {
  readonly name?: string;
  /** int32 (the default) or int64. */
  readonly outType?: DType;
  /** False looks at the tensor when it runs even where the answer is known while building. */
  readonly optimize?: boolean;
}

/** The constant `value` in the graph of the scope that is open. */
function known(value: ArrayLike, dtype: DType, name: string): Tensor {
  return constantIn(getDefaultGraph(), NdArray.from(value, dtype), name);
}

/** The shape of a tensor as a vector; a constant where it is fully known. Mirrors tf.shape. */
export function shape(input: TensorLike, { name, outType = int32, optimize = true }: ShapeOptions = {}): Tensor {
  return composite(name, 'Shape', [input], (scope) => {
    const x = convertToTensor(input);
    if (optimize && x.shape.isFullyDefined()) return known(x.shape.asNumbers(), asDType(outType), scope);
    return applyUnary('Shape', { input: x, out_type: asDType(outType) }, scope);
  });
}

/** The shapes of several tensors of one dtype. Mirrors tf.shape_n. */
export function shapeN(inputs: readonly TensorLike[], { name, outType = int32 }: ShapeOptions = {}): readonly Tensor[] {
  return applyOp('ShapeN', { input: inputs, out_type: asDType(outType) }, name).outputs;
}

/** The number of elements of a tensor as a scalar; a constant where it is known. Mirrors tf.size. */
export function size(input: TensorLike, { name, outType = int32, optimize = true }: ShapeOptions = {}): Tensor {
  return composite(name, 'Size', [input], (scope) => {
    const x = convertToTensor(input);
    const count = x.shape.dims?.includes(0) ? 0 : x.shape.numElements();
    if (optimize && count !== null) return known(count, asDType(outType), scope);
    return applyUnary('Size', { input: x, out_type: asDType(outType) }, scope);
  });
}

/** The number of dimensions of a tensor as an int32 scalar; a constant where it is known. Mirrors tf.rank. */
export function rank(input: TensorLike, { name, optimize = true }: ShapeOptions = {}): Tensor {
  return composite(name, 'Rank', [input], (scope) => {
    const x = convertToTensor(input);
    if (optimize && x.shape.rank !== null) return known(x.shape.rank, int32, scope);
    return applyUnary('Rank', { input: x }, scope);
  });
}

export interface RangeOptions {
  readonly dtype?: DType;
  readonly name?: string;
}

/** The dtypes a range may infer, each wider than the ones before. */
const rangeTypes: readonly DType[] = [int32, int64, float32, float64];

/**
 * `start`, `start + delta`, … before `limit`; `range(limit)` starts at 0.
 *
 * Whole numbers are int32 unless one of the plain numbers has a fraction; tensors of other types win, the others are
 * cast. Mirrors tf.range. InvalidArgumentError (ValueError where it is known while building) for a zero delta or one that
 * leads away from the limit.
 */
export function range(limit: TensorLike, options?: RangeOptions): Tensor;
export function range(start: TensorLike, limit: TensorLike, delta?: TensorLike, options?: RangeOptions): Tensor;
export function range(
  first: TensorLike,
  second?: TensorLike | RangeOptions,
  delta: TensorLike = 1,
  options: RangeOptions = {},
): Tensor {
  const hasLimit = second !== undefined && !isOptions(second);
  const { dtype, name } = hasLimit ? options : ((second as RangeOptions | undefined) ?? options);
  const [start, limit] = hasLimit ? [first, second as TensorLike] : [0, first];
  return composite(name, 'range', [start, limit, delta], (scope) => {
    const fractional = [start, limit, delta].some((part) => typeof part === 'number' && !Number.isInteger(part));
    const convert = (part: TensorLike, argument: string) => {
      if (part instanceof Tensor) return part;
      const own = typeof part === 'number' ? (fractional ? float32 : int32) : undefined;
      return convertToTensor(part, { dtype: dtype ? asDType(dtype) : own, name: argument });
    };
    const parts = [convert(start, 'start'), convert(limit, 'limit'), convert(delta, 'delta')];
    const target = dtype ? asDType(dtype) : widest(parts);
    const [a, b, step] = parts.map((part) =>
      part.dtype === target ? part : applyUnary('Cast', { x: part, DstT: target }),
    );
    return applyUnary('Range', { start: a, limit: b, delta: step }, scope);
  });
}

function isOptions(value: TensorLike | RangeOptions): value is RangeOptions {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    !('shape' in value)
  );
}

function widest(parts: readonly Tensor[]): DType {
  const levels = parts.map((part) => rangeTypes.indexOf(part.dtype));
  const unknown = parts[levels.indexOf(-1)];
  if (unknown)
    throw new GraphTypeError(
      `A range of dtype ${unknown.dtype.name} needs the dtype option; only ${rangeTypes.map((dtype) => dtype.name).join(', ')} are inferred.`,
    );
  return rangeTypes[Math.max(...levels)];
}
