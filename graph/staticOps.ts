/**
 * How the small integer, bool and string expressions of shapes and constants are computed while building.
 *
 * A table of evaluators by op type: plain values in, a plain value out, null where it is not worth knowing. Which tensors are
 * followed, and how far, is graph/staticValue.ts. Numbers are exact: what leaves the safe integers or the dtype is unknown.
 */
import type { Attrs } from './attributes';
import type { DType } from './dtypes';
import { allocate, NdArray, sizeOf } from './ndarray';
import { broadcastStaticShape, TensorShape } from './shape';
import { resolveSlice, sliceMasks } from './sliceSpec';

/** Larger results than this are not worth knowing. */
const MAX_ELEMENTS = 1 << 16;

/** The result of an op from its inputs' values; `outputType` and `index` are of the output asked for. */
export type Fold = (inputs: readonly NdArray[], attrs: Attrs, outputType: DType, index: number) => NdArray | null;

const isWhole = (value: NdArray): boolean => value.dtype.isInteger || value.dtype.isBool;

function numbersOf(value: NdArray): number[] {
  return Array.from(value.data as ArrayLike<number | bigint>, Number);
}

/** The numbers as an array of that dtype; null where the dtype cannot hold one of them. */
export function wholeNumbers(dtype: DType, shape: readonly number[], values: readonly number[]): NdArray | null {
  const [low, high] = dtype.limits;
  if (!values.every((value) => Number.isSafeInteger(value) && value >= low && value <= high)) return null;
  const data = allocate(dtype, values.length);
  values.forEach((value, i) => {
    data[i] = (dtype.isBigInt ? BigInt(value) : value) as never;
  });
  return new NdArray(dtype, shape, data);
}

/** The same elements in another order and shape: `positions` are flat indices into `value`. */
function taken(value: NdArray, shape: readonly number[], positions: readonly number[]): NdArray {
  const data = allocate(value.dtype, positions.length);
  positions.forEach((position, i) => {
    data[i] = value.data[position] as never;
  });
  return new NdArray(value.dtype, shape, data);
}

function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) result[axis] = result[axis + 1] * shape[axis + 1];
  return result;
}

/** The flat positions that a view of that shape visits, in row-major order. */
function visit(shape: readonly number[], offset: number, steps: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (offsets, size, axis) => offsets.flatMap((base) => Array.from({ length: size }, (_, i) => base + i * steps[axis])),
    [offset],
  );
}

/** The flat positions in an operand of each element of a broadcast result. */
function broadcastPositions(shape: readonly number[], target: readonly number[]): number[] {
  const own = strides(shape);
  const shift = target.length - shape.length;
  return visit(
    target,
    0,
    target.map((_, axis) => (axis < shift || shape[axis - shift] === 1 ? 0 : own[axis - shift])),
  );
}

function broadcastAll(shapes: readonly (readonly number[])[]): number[] | null {
  let result = new TensorShape([]);
  for (const shape of shapes) {
    const next = broadcastStaticShape(result, new TensorShape(shape));
    if (!next) return null;
    result = next;
  }
  return result.asNumbers();
}

/** Elementwise, with broadcasting; operands must satisfy `accepts`. */
function elementwise(
  apply: (...values: number[]) => number | boolean,
  accepts: (value: NdArray) => boolean = isWhole,
): Fold {
  return (inputs, _attrs, outputType) => {
    const shape = inputs.every(accepts) ? broadcastAll(inputs.map((value) => value.shape)) : null;
    if (!shape || sizeOf(shape) > MAX_ELEMENTS) return null;
    const operands = inputs.map((value) => {
      const numbers = numbersOf(value);
      return broadcastPositions(value.shape, shape).map((position) => numbers[position]);
    });
    const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
      Number(apply(...operands.map((operand) => operand[i]))),
    );
    return wholeNumbers(outputType, shape, values);
  };
}

const isNumeric = (value: NdArray): boolean => value.dtype.isNumeric && !value.dtype.isComplex && value.dtype.size > 2;
const isComparable = (value: NdArray): boolean => isWhole(value) || isNumeric(value);
const compare = (apply: (a: number, b: number) => boolean): Fold => elementwise(apply, isComparable);

function axisAt(axis: number, rank: number): number | null {
  const at = axis < 0 ? axis + rank : axis;
  return at >= 0 && at < rank ? at : null;
}

function reduction(apply: (a: number, b: number) => number, start: number | null): Fold {
  return ([value, indices], attrs, outputType) => {
    if (!isWhole(value)) return null;
    const axes = numbersOf(indices).map((axis) => axisAt(axis, value.rank));
    if (axes.includes(null)) return null;
    const own = strides(value.shape);
    const isReduced = value.shape.map((_, axis) => axes.includes(axis));
    const outer = visit(
      value.shape.filter((_, i) => !isReduced[i]),
      0,
      own.filter((_, i) => !isReduced[i]),
    );
    const inner = visit(
      value.shape.filter((_, i) => isReduced[i]),
      0,
      own.filter((_, i) => isReduced[i]),
    );
    if (inner.length === 0 && start === null) return null;
    const numbers = numbersOf(value);
    const values = outer.map((base) => {
      const parts = inner.map((offset) => numbers[base + offset]);
      return start === null ? parts.reduce(apply) : parts.reduce(apply, start);
    });
    const kept = value.shape.map((dim, i) => (isReduced[i] ? 1 : dim));
    return wholeNumbers(outputType, attrs.keep_dims === true ? kept : kept.filter((_, i) => !isReduced[i]), values);
  };
}

/** Tensors of one shape joined along an existing axis. */
function joined(values: readonly NdArray[], axis: number): NdArray | null {
  const [first] = values;
  const at = axisAt(axis, first.rank);
  if (at === null) return null;
  const shape = first.shape.with(
    at,
    values.reduce((sum, value) => sum + value.shape[at], 0),
  );
  const outer = sizeOf(first.shape.slice(0, at));
  const data = allocate(first.dtype, sizeOf(shape));
  let next = 0;
  for (let row = 0; row < outer; row++) {
    for (const value of values) {
      const block = sizeOf(value.shape.slice(at));
      for (let i = 0; i < block; i++) data[next++] = value.data[row * block + i] as never;
    }
  }
  return new NdArray(first.dtype, shape, data);
}

const packed: Fold = (values, attrs) => {
  const axis = Number(attrs.axis);
  const at = axisAt(axis, values[0].rank + 1);
  return at === null
    ? null
    : joined(
        values.map((value) => value.reshape(value.shape.toSpliced(at, 0, 1))),
        at,
      );
};

const unpacked: Fold = ([value], attrs, _type, index) => {
  const at = axisAt(Number(attrs.axis), value.rank);
  if (at === null) return null;
  const own = strides(value.shape);
  return taken(value, value.shape.toSpliced(at, 1), visit(value.shape.with(at, 1), index * own[at], own));
};

const sliced: Fold = ([value, begin, size]) => {
  const [start, sizes] = [numbersOf(begin), numbersOf(size)];
  const shape = sizes.map((length, axis) => (length === -1 ? value.shape[axis] - start[axis] : length));
  const fits = shape.every(
    (length, axis) => length >= 0 && start[axis] >= 0 && start[axis] + length <= value.shape[axis],
  );
  if (!fits) return null;
  const own = strides(value.shape);
  return taken(
    value,
    shape,
    visit(
      shape,
      start.reduce((sum, at, axis) => sum + at * own[axis], 0),
      own,
    ),
  );
};

const stridedSlice: Fold = ([value, begin, end, steps], attrs) => {
  const spec = { begin: numbersOf(begin), end: numbersOf(end), strides: numbersOf(steps), masks: sliceMasks(attrs) };
  class Unfit extends Error {}
  try {
    const { axes, shape } = resolveSlice(value.shape, spec, () => {
      throw new Unfit();
    });
    const own = strides(value.shape);
    const offset = axes.reduce((sum, axis, i) => sum + axis.begin * own[i], 0);
    const positions = visit(
      axes.map((axis) => axis.size!),
      offset,
      axes.map((axis, i) => axis.stride * own[i]),
    );
    return taken(value, shape as readonly number[], positions);
  } catch (error) {
    if (error instanceof Unfit) return null;
    throw error;
  }
};

const transposed: Fold = ([value, perm]) => {
  const axes = numbersOf(perm).map((axis) => axisAt(axis, value.rank));
  if (axes.length !== value.rank || new Set(axes).size !== axes.length || axes.includes(null)) return null;
  const own = strides(value.shape);
  const shape = axes.map((axis) => value.shape[axis!]);
  return taken(
    value,
    shape,
    visit(
      shape,
      0,
      axes.map((axis) => own[axis!]),
    ),
  );
};

const gathered: Fold = ([params, indices, axis], attrs) => {
  if (params.rank !== 1 || numbersOf(axis)[0] !== 0 || Number(attrs.batch_dims) !== 0) return null;
  const positions = numbersOf(indices);
  return positions.every((at) => at >= 0 && at < params.size) ? taken(params, indices.shape, positions) : null;
};

const ranged: Fold = (inputs, _attrs, outputType) => {
  if (!inputs.every((value) => value.dtype.isInteger && value.rank === 0)) return null;
  const [start, limit, delta] = inputs.map((value) => Number(value.data[0]));
  const count = delta === 0 ? 0 : Math.max(0, Math.ceil((limit - start) / delta));
  if (delta === 0 || count > MAX_ELEMENTS) return null;
  return wholeNumbers(
    outputType,
    [count],
    Array.from({ length: count }, (_, i) => start + i * delta),
  );
};

function repeated(value: NdArray, shape: readonly number[]): NdArray | null {
  if (shape.some((dim) => dim < 0) || sizeOf(shape) > MAX_ELEMENTS) return null;
  const broadcast = broadcastAll([value.shape, shape]);
  if (!broadcast || broadcast.join() !== shape.join()) return null;
  return taken(value, shape, broadcastPositions(value.shape, shape));
}

/** The axes along which each of two shapes is repeated in their broadcast. */
const gradientAxes: Fold = ([s0, s1], _attrs, outputType, index) => {
  const [a, b] = [numbersOf(s0), numbersOf(s1)];
  const rank = Math.max(a.length, b.length);
  const padded = [a, b].map((dims) => [...new Array<number>(rank - dims.length).fill(1), ...dims]);
  const [own, other] = index === 0 ? padded : [padded[1], padded[0]];
  const axes = own.flatMap((dim, axis) =>
    dim === 1 && (other[axis] !== 1 || axis < rank - (index === 0 ? a : b).length) ? [axis] : [],
  );
  return wholeNumbers(outputType, [axes.length], axes);
};

const stitched: Fold = (inputs, _attrs, outputType) => {
  const count = inputs.length / 2;
  const [indices, data] = [inputs.slice(0, count), inputs.slice(count)];
  if (!data.every((value, i) => isWhole(value) && value.rank === indices[i].rank)) return null;
  const size = indices.flatMap(numbersOf).reduce((most, at) => Math.max(most, at + 1), 0);
  const values = new Array<number>(size).fill(0);
  indices.forEach((index, i) => {
    const numbers = numbersOf(data[i]);
    numbersOf(index).forEach((at, j) => {
      values[at] = numbers[j];
    });
  });
  return wholeNumbers(outputType, [size], values);
};

const difference: Fold = ([x, y], _attrs, outputType, index) => {
  if (!isWhole(x) || x.rank !== 1 || y.rank !== 1) return null;
  const excluded = new Set(numbersOf(y));
  const kept = numbersOf(x).flatMap((value, i) => (excluded.has(value) ? [] : [index === 0 ? value : i]));
  return wholeNumbers(outputType, [kept.length], kept);
};

const inverted: Fold = ([x], _attrs, outputType) => {
  const perm = numbersOf(x);
  if (x.rank !== 1 || ![...perm].sort((a, b) => a - b).every((at, i) => at === i)) return null;
  const values = new Array<number>(perm.length);
  perm.forEach((to, from) => {
    values[to] = from;
  });
  return wholeNumbers(outputType, x.shape, values);
};

/** The evaluators by op type. Those that need the output's static shape are in graph/staticValue.ts. */
export const folds: Readonly<Record<string, Fold>> = {
  Add: elementwise((a, b) => a + b),
  AddV2: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Maximum: elementwise(Math.max),
  Minimum: elementwise(Math.min),
  FloorDiv: elementwise((a, b) => (b === 0 ? Number.NaN : Math.floor(a / b))),
  FloorMod: elementwise((a, b) => (b === 0 ? Number.NaN : a - b * Math.floor(a / b))),
  Neg: elementwise((a) => 0 - a),
  Abs: elementwise(Math.abs),
  Cast: elementwise((a) => a),
  Equal: compare((a, b) => a === b),
  NotEqual: compare((a, b) => a !== b),
  Less: compare((a, b) => a < b),
  LessEqual: compare((a, b) => a <= b),
  Greater: compare((a, b) => a > b),
  GreaterEqual: compare((a, b) => a >= b),
  LogicalAnd: elementwise((a, b) => a !== 0 && b !== 0),
  LogicalOr: elementwise((a, b) => a !== 0 || b !== 0),
  LogicalNot: elementwise((a) => a === 0),
  Select: (inputs, attrs, outputType, index) =>
    inputs[0].rank === 0 || inputs[0].rank === inputs[1].rank ? folds.SelectV2(inputs, attrs, outputType, index) : null,
  SelectV2: elementwise((condition, t, e) => (condition ? t : e)),
  Prod: reduction((a, b) => a * b, 1),
  Sum: reduction((a, b) => a + b, 0),
  Max: reduction(Math.max, null),
  Min: reduction(Math.min, null),
  All: reduction(Math.min, 1),
  Any: reduction(Math.max, 0),
  Range: ranged,
  Pack: packed,
  Unpack: unpacked,
  ConcatV2: (inputs) => joined(inputs.slice(0, -1), Number(inputs.at(-1)!.data[0])),
  GatherV2: gathered,
  Slice: sliced,
  StridedSlice: stridedSlice,
  Transpose: transposed,
  InvertPermutation: inverted,
  ListDiff: difference,
  DynamicStitch: stitched,
  Fill: ([dims, value]) => repeated(value, numbersOf(dims)),
  BroadcastTo: ([value, shape]) => repeated(value, numbersOf(shape)),
  BroadcastArgs: ([a, b], _attrs, outputType) => {
    const shape = broadcastAll([numbersOf(a), numbersOf(b)]);
    return shape && wholeNumbers(outputType, [shape.length], shape);
  },
  BroadcastGradientArgs: gradientAxes,
  ZerosLike: ([value], _attrs, outputType) =>
    isWhole(value) ? wholeNumbers(outputType, value.shape, new Array<number>(value.size).fill(0)) : null,
  OnesLike: ([value], _attrs, outputType) =>
    isWhole(value) ? wholeNumbers(outputType, value.shape, new Array<number>(value.size).fill(1)) : null,
};
