/**
 * What is known of a tensor's value while building: for shape rules, and for choosing a branch of a static condition.
 *
 * Only small integer, bool and string expressions of shapes and constants are followed: it serves shape arithmetic and
 * is no interpreter. Anything else has an unknown value.
 */
import { DType, int32 } from './dtypes';
import { allocate, NdArray, sizeOf } from './ndarray';
import { TensorShape, unknownShape, type Dimension } from './shape';
import type { Tensor } from './tensor';

/** Larger results than this are not worth knowing. */
const MAX_ELEMENTS = 1 << 16;

type Evaluate = (tensor: Tensor) => NdArray | null;

const input = (tensor: Tensor, index: number): NdArray | null => constantValue(tensor.op.inputs[index]);
const toInts = (value: NdArray): number[] => Array.from(value.data as ArrayLike<number | bigint>, Number);

function integers(dtype: DType, shape: readonly number[], values: readonly number[]): NdArray {
  const data = allocate(dtype, values.length);
  values.forEach((value, i) => {
    data[i] = (dtype.isBigInt ? BigInt(value) : value) as never;
  });
  return new NdArray(dtype, shape, data);
}

/** Elementwise integer arithmetic of a scalar or a vector with another, as shape computations use it. */
function binary(apply: (a: number, b: number) => number): Evaluate {
  return (tensor) => {
    const [a, b] = [input(tensor, 0), input(tensor, 1)];
    if (!a?.dtype.isInteger || !b?.dtype.isInteger || a.rank > 1 || b.rank > 1) return null;
    const [x, y] = [toInts(a), toInts(b)];
    if (x.length !== y.length && x.length !== 1 && y.length !== 1) return null;
    const shape = a.rank >= b.rank && (a.rank > b.rank || a.size >= b.size) ? a.shape : b.shape;
    const values = Array.from({ length: sizeOf(shape) }, (_, i) => apply(x[x.length === 1 ? 0 : i], y[y.length === 1 ? 0 : i]));
    if (!values.every(Number.isSafeInteger)) return null;
    const [low, high] = tensor.dtype.limits;
    return values.every((value) => value >= low && value <= high) ? integers(tensor.dtype, shape, values) : null;
  };
}

function compare(apply: (a: number | bigint, b: number | bigint) => boolean): Evaluate {
  return (tensor) => {
    const [a, b] = [input(tensor, 0), input(tensor, 1)];
    if (!a || !b || !a.dtype.isNumeric || a.size !== 1 || b.size !== 1 || a.rank + b.rank > 0) return null;
    return NdArray.from(apply(a.data[0] as number, b.data[0] as number), tensor.dtype);
  };
}

function logical(apply: (a: boolean, b: boolean) => boolean): Evaluate {
  return (tensor) => {
    const [a, b] = [input(tensor, 0), input(tensor, 1)];
    if (!a || !b || a.rank + b.rank > 0) return null;
    return NdArray.from(apply(a.data[0] !== 0, b.data[0] !== 0), tensor.dtype);
  };
}

/** `a[begin:end:stride]` of a vector, for the masks that indexing one axis makes. */
function stridedSlice(tensor: Tensor): { begin: number; end: number; stride: number; shrink: boolean } | null {
  const { attrs } = tensor.op;
  const [begin, end, strides] = [1, 2, 3].map((i) => input(tensor, i));
  if (!begin || !end || !strides || begin.size !== 1 || attrs.ellipsis_mask !== 0 || attrs.new_axis_mask !== 0) return null;
  const length = tensor.op.inputs[0].shape;
  if (length.rank !== 1 || length.dims![0] === null) return null;
  const size = length.dims![0];
  const stride = Number(strides.data[0]);
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const [low, high] = stride > 0 ? [0, size] : [-1, size - 1];
  if (attrs.shrink_axis_mask === 1) {
    const at = Number(begin.data[0]);
    const index = at < 0 ? at + size : at;
    return index >= 0 && index < size ? { begin: index, end: index + 1, stride: 1, shrink: true } : null;
  }
  return {
    begin: attrs.begin_mask === 1 ? (stride > 0 ? low : high) : clamp(Number(begin.data[0]), low, high),
    end: attrs.end_mask === 1 ? (stride > 0 ? high : low) : clamp(Number(end.data[0]), low, high),
    stride,
    shrink: false,
  };
}

function sliceVector<T>(values: readonly T[], range: { begin: number; end: number; stride: number }): T[] {
  const out: T[] = [];
  for (let i = range.begin; range.stride > 0 ? i < range.end : i > range.end; i += range.stride) out.push(values[i]);
  return out;
}

const evaluators: Record<string, Evaluate> = {
  Const: (tensor) => tensor.op.attrs.value as NdArray,
  Shape: (tensor) => {
    const { shape } = tensor.op.inputs[0];
    return shape.isFullyDefined() ? integers(tensor.dtype, [shape.rank!], shape.asNumbers()) : null;
  },
  VariableShape: (tensor) => {
    const held = tensor.op.inputs[0].handleData?.shape;
    return held?.isFullyDefined() ? integers(tensor.dtype, [held.rank!], held.asNumbers()) : null;
  },
  Size: (tensor) => {
    const size = tensor.op.inputs[0].shape.numElements();
    return size === null ? null : integers(tensor.dtype, [], [size]);
  },
  Rank: (tensor) => {
    const { rank } = tensor.op.inputs[0].shape;
    return rank === null ? null : integers(int32, [], [rank]);
  },
  Identity: (tensor) => input(tensor, 0),
  StopGradient: (tensor) => input(tensor, 0),
  Cast: (tensor) => {
    const value = input(tensor, 0);
    return value?.dtype.isInteger && tensor.dtype.isInteger ? integers(tensor.dtype, value.shape, toInts(value)) : null;
  },
  Add: binary((a, b) => a + b),
  AddV2: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  FloorDiv: binary((a, b) => Math.floor(a / b)),
  FloorMod: binary((a, b) => a - b * Math.floor(a / b)),
  Neg: (tensor) => {
    const value = input(tensor, 0);
    return value?.dtype.isInteger && !value.dtype.isUnsigned ? integers(tensor.dtype, value.shape, toInts(value).map((v) => 0 - v)) : null;
  },
  Equal: compare((a, b) => a === b),
  NotEqual: compare((a, b) => a !== b),
  Less: compare((a, b) => a < b),
  LessEqual: compare((a, b) => a <= b),
  Greater: compare((a, b) => a > b),
  GreaterEqual: compare((a, b) => a >= b),
  LogicalAnd: logical((a, b) => a && b),
  LogicalOr: logical((a, b) => a || b),
  LogicalNot: (tensor) => {
    const value = input(tensor, 0);
    return value && value.rank === 0 ? NdArray.from(value.data[0] === 0, tensor.dtype) : null;
  },
  Prod: (tensor) => {
    const [value, axes] = [input(tensor, 0), input(tensor, 1)];
    if (!value?.dtype.isInteger || !axes || value.rank !== 1 || axes.size !== 1 || tensor.op.attrs.keep_dims === true) return null;
    return integers(tensor.dtype, [], [toInts(value).reduce((a, b) => a * b, 1)]);
  },
  Range: (tensor) => {
    const parts = [0, 1, 2].map((i) => input(tensor, i));
    if (!parts.every((part) => part?.dtype.isInteger)) return null;
    const [start, limit, delta] = parts.map((part) => Number(part!.data[0]));
    const count = delta === 0 ? 0 : Math.max(0, Math.ceil((limit - start) / delta));
    if (delta === 0 || count > MAX_ELEMENTS) return null;
    return integers(tensor.dtype, [count], Array.from({ length: count }, (_, i) => start + i * delta));
  },
  Pack: (tensor) => {
    const parts = tensor.op.inputs.map(constantValue);
    if (!parts.every((part) => part?.dtype.isInteger && part.rank === 0)) return null;
    return integers(tensor.dtype, [parts.length], parts.map((part) => Number(part!.data[0])));
  },
  ConcatV2: (tensor) => {
    const parts = tensor.op.inputs.slice(0, -1).map(constantValue);
    if (!parts.every((part) => part?.dtype.isInteger && part.rank === 1)) return null;
    const values = parts.flatMap((part) => toInts(part!));
    return integers(tensor.dtype, [values.length], values);
  },
  GatherV2: (tensor) => {
    const [params, indices] = [input(tensor, 0), input(tensor, 1)];
    if (!params?.dtype.isInteger || !indices || params.rank !== 1 || indices.rank > 1) return null;
    const values = toInts(params);
    const picked = toInts(indices).map((i) => values[i]);
    return picked.every((v) => v !== undefined) ? integers(tensor.dtype, indices.shape, picked) : null;
  },
  StridedSlice: (tensor) => {
    const value = input(tensor, 0);
    const range = value?.dtype.isInteger && value.rank === 1 ? stridedSlice(tensor) : null;
    if (!value || !range) return shapeElement(tensor);
    const picked = sliceVector(toInts(value), range);
    return integers(tensor.dtype, range.shrink ? [] : [picked.length], picked);
  },
  Fill: (tensor) => {
    const [dims, value] = [input(tensor, 0), input(tensor, 1)];
    if (!dims || !value || !value.dtype.isInteger) return null;
    const shape = toInts(dims);
    if (sizeOf(shape) > MAX_ELEMENTS) return null;
    return integers(tensor.dtype, shape, new Array<number>(sizeOf(shape)).fill(Number(value.data[0])));
  },
  Reshape: (tensor) => reshaped(tensor),
  Squeeze: (tensor) => reshaped(tensor),
  ExpandDims: (tensor) => reshaped(tensor),
};

function reshaped(tensor: Tensor): NdArray | null {
  const value = input(tensor, 0);
  return value && tensor.shape.isFullyDefined() ? value.reshape(tensor.shape.asNumbers()) : null;
}

/** One known element of a partly known shape: `shape(x)[0]` where only that dimension is known. */
function shapeElement(tensor: Tensor): NdArray | null {
  const range = tensor.op.inputs[0].op.type === 'Shape' ? stridedSlice(tensor) : null;
  if (!range) return null;
  const dims = tensor.op.inputs[0].op.inputs[0].shape.dims;
  const picked = dims ? sliceVector(dims, range) : [];
  if (picked.length === 0 || picked.some((dim) => dim === null)) return null;
  return integers(tensor.dtype, range.shrink ? [] : [picked.length], picked as number[]);
}

/** Values of tensors that were found; misses are looked up again, since static shapes may still be refined. */
const found = new WeakMap<Tensor, NdArray>();

/** How deep an expression may be before its value counts as unknown; keeps the walk off the end of the stack. */
const MAX_DEPTH = 64;
let depth = 0;

/**
 * The tensor's value where it is known while building, else null.
 *
 * Mirrors tf.get_static_value, and the constant folding that TensorFlow's shape functions do.
 */
export function constantValue(tensor: Tensor): NdArray | null {
  const known = found.get(tensor);
  if (known) return known;
  const evaluate = Object.hasOwn(evaluators, tensor.op.type) ? evaluators[tensor.op.type] : undefined;
  if (!evaluate || depth >= MAX_DEPTH) return null;
  depth++;
  try {
    const value = evaluate(tensor);
    if (value) found.set(tensor, value);
    return value;
  } finally {
    depth--;
  }
}

/** A vector of integers read as a shape: unknown elements and -1 are unknown dimensions. */
export function constantValueAsShape(tensor: Tensor): TensorShape {
  const value = constantValue(tensor);
  if (value) return value.rank === 1 ? new TensorShape(toInts(value).map((dim) => (dim < 0 ? null : dim))) : unknownShape;
  const { op } = tensor;
  if (op.type === 'Shape') return op.inputs[0].shape;
  if (op.type === 'Cast' || op.type === 'Identity') return constantValueAsShape(op.inputs[0]);
  if (op.type === 'Pack') return new TensorShape(op.inputs.map(scalarDimension));
  if (op.type === 'ConcatV2') {
    return op.inputs.slice(0, -1).reduce<TensorShape>((shape, part) => shape.concatenate(constantValueAsShape(part)), new TensorShape([]));
  }
  if (op.type === 'StridedSlice') {
    const range = stridedSlice(tensor);
    const whole = range && !range.shrink ? constantValueAsShape(op.inputs[0]) : unknownShape;
    if (whole.dims && range) return new TensorShape(sliceVector(whole.dims, range));
  }
  const length = tensor.shape.rank === 1 ? tensor.shape.dims![0] : null;
  return length === null ? unknownShape : new TensorShape(new Array<Dimension>(length).fill(null));
}

function scalarDimension(tensor: Tensor): Dimension {
  const value = constantValue(tensor);
  if (!value) return null;
  const dim = Number(value.data[0]);
  return dim < 0 ? null : dim;
}
