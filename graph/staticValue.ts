/**
 * What is known of a tensor's value while building: for shape rules, and for choosing a branch of a static condition.
 *
 * Only expressions of shapes and constants are followed (graph/staticOps.ts computes them): it serves shape arithmetic and is
 * no interpreter. Anything else has an unknown value.
 */
import type { DType } from './dtypes';
import type { FuncGraph } from './funcGraph';
import { NdArray, toNumbers } from './ndarray';
import { type Dimension, TensorShape, unknownShape } from './shape';
import { resolveSlice, sliceMasks } from './sliceSpec';
import { folds, wholeNumbers } from './staticOps';
import type { Tensor } from './tensor';

const input = (tensor: Tensor, index: number): NdArray | null => constantValue(tensor.op.inputs[index]);

function shapeValue(shape: TensorShape | undefined, dtype: DType): NdArray | null {
  return shape?.isFullyDefined() ? wholeNumbers(dtype, [shape.rank!], shape.asNumbers()) : null;
}

function scalarValue(value: number | null, dtype: DType): NdArray | null {
  return value === null ? null : wholeNumbers(dtype, [], [value]);
}

function reshaped(tensor: Tensor): NdArray | null {
  const value = tensor.shape.isFullyDefined() ? input(tensor, 0) : null;
  const shape = value && tensor.shape.asNumbers();
  return value && shape && tensor.shape.numElements() === value.size ? value.reshape(shape) : null;
}

/** The dimensions that a strided slice picks from a partly known shape; null where that is unclear. */
function slicedDims(
  tensor: Tensor,
  dims: readonly Dimension[],
): { dims: readonly Dimension[]; isScalar: boolean } | null {
  const [begin, end, strides] = [1, 2, 3].map((i) => input(tensor, i));
  if (!begin || !end || !strides) return null;
  const spec = {
    begin: toNumbers(begin),
    end: toNumbers(end),
    strides: toNumbers(strides),
    masks: sliceMasks(tensor.op.attrs),
  };
  if (spec.strides.length !== 1 || spec.masks.newAxis !== 0) return null;
  let isUnfit = false;
  const { axes, shape } = resolveSlice([dims.length], spec, (): never => {
    isUnfit = true;
    return undefined as never;
  });
  if (isUnfit) return null;
  const [{ begin: first, stride, size }] = axes;
  return { dims: Array.from({ length: size! }, (_, i) => dims[first + i * stride]), isScalar: shape.length === 0 };
}

/** Known elements of a partly known shape: `shape(x)[0]` where that dimension is known. */
function shapeElements(tensor: Tensor): NdArray | null {
  const source = tensor.op.inputs[0];
  const partial = source.shape.rank === 1 ? constantValueAsShape(source) : unknownShape;
  const picked = partial.dims && slicedDims(tensor, partial.dims);
  if (!picked || picked.dims.length === 0 || picked.dims.includes(null)) return null;
  return wholeNumbers(tensor.dtype, picked.isScalar ? [] : [picked.dims.length], picked.dims as number[]);
}

/** The outer tensor that an argument of a function body stands for, if it was captured. */
function capturedTensor(tensor: Tensor): Tensor | undefined {
  return tensor.graph.isFunction ? (tensor.graph as FuncGraph).outerOf(tensor) : undefined;
}

/** A tensor that the body of a function captured has the value of the outer one. */
function capturedValue(tensor: Tensor): NdArray | null {
  const outer = capturedTensor(tensor);
  return outer ? constantValue(outer) : null;
}

/** Evaluators of ops that look at shapes, attributes or graphs rather than at their inputs' values. */
const evaluators: Readonly<Record<string, (tensor: Tensor) => NdArray | null>> = {
  Const: (tensor) => tensor.op.attrs.value as NdArray,
  Placeholder: capturedValue,
  Shape: (tensor) => shapeValue(tensor.op.inputs[0].shape, tensor.dtype),
  ShapeN: (tensor) => shapeValue(tensor.op.inputs[tensor.index].shape, tensor.dtype),
  VariableShape: (tensor) => shapeValue(tensor.op.inputs[0].handleData?.shape, tensor.dtype),
  Size: (tensor) => scalarValue(tensor.op.inputs[0].shape.numElements(), tensor.dtype),
  Rank: (tensor) => scalarValue(tensor.op.inputs[0].shape.rank, tensor.dtype),
  Identity: (tensor) => input(tensor, 0),
  StopGradient: (tensor) => input(tensor, 0),
  StridedSlice: (tensor) => folded(tensor) ?? shapeElements(tensor),
  Reshape: reshaped,
  Squeeze: reshaped,
  ExpandDims: reshaped,
};

function folded(tensor: Tensor): NdArray | null {
  const { op } = tensor;
  const fold = Object.hasOwn(folds, op.type) ? folds[op.type] : undefined;
  if (!fold) return null;
  const values: NdArray[] = [];
  for (const each of op.inputs) {
    const value = constantValue(each);
    if (!value) return null;
    values.push(value);
  }
  return fold(values, op.attrs, tensor.dtype, tensor.index);
}

/** Values of tensors that were found; misses are looked up again, since static shapes may still be refined. */
const found = new WeakMap<Tensor, NdArray>();

/** How deep an expression may be before its value counts as unknown; keeps the walk off the end of the stack. */
const MAX_DEPTH = 64;
/** How many ops one question may look at: expressions may share parts, which unknown values would walk again and again. */
const MAX_STEPS = 2000;
let depth = 0;
let steps = 0;

/**
 * The tensor's value where it is known while building, else null.
 *
 * Mirrors tf.get_static_value, and the constant folding that TensorFlow's shape functions do.
 */
export function constantValue(tensor: Tensor): NdArray | null {
  const known = found.get(tensor);
  if (known) return known;
  const { type } = tensor.op;
  const evaluate = Object.hasOwn(evaluators, type) ? evaluators[type] : Object.hasOwn(folds, type) ? folded : undefined;
  if (!evaluate || depth >= MAX_DEPTH) return null;
  if (depth === 0) steps = 0;
  if (steps++ > MAX_STEPS) return null;
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
  if (value)
    return value.rank === 1 ? new TensorShape(toNumbers(value).map((dim) => (dim < 0 ? null : dim))) : unknownShape;
  return partialShape(tensor) ?? unknownVector(tensor);
}

function partialShape(tensor: Tensor): TensorShape | null {
  const { op } = tensor;
  switch (op.type) {
    case 'Shape':
      return op.inputs[0].shape;
    case 'ShapeN':
      return op.inputs[tensor.index].shape;
    case 'VariableShape':
      return op.inputs[0].handleData?.shape ?? null;
    case 'Cast':
    case 'Identity':
    case 'StopGradient':
      return constantValueAsShape(op.inputs[0]);
    case 'Pack':
      return op.inputs.every((part) => part.shape.rank === 0) ? new TensorShape(op.inputs.map(scalarDimension)) : null;
    case 'ConcatV2':
      return op.inputs
        .slice(0, -1)
        .reduce<TensorShape>((shape, part) => shape.concatenate(constantValueAsShape(part)), new TensorShape([]));
    case 'StridedSlice': {
      const whole = op.inputs[0].shape.rank === 1 ? constantValueAsShape(op.inputs[0]).dims : null;
      const picked = whole && slicedDims(tensor, whole);
      return picked && !picked.isScalar ? new TensorShape(picked.dims) : null;
    }
    case 'Placeholder': {
      const outer = capturedTensor(tensor);
      return outer ? constantValueAsShape(outer) : null;
    }
    default:
      return null;
  }
}

/** As many unknown dimensions as the vector is long. */
function unknownVector(tensor: Tensor): TensorShape {
  const length = tensor.shape.rank === 1 ? tensor.shape.dims![0] : null;
  return length === null ? unknownShape : new TensorShape(new Array<Dimension>(length).fill(null));
}

function scalarDimension(tensor: Tensor): Dimension {
  const value = constantValue(tensor);
  if (!value) return null;
  const dim = Number(value.data[0]);
  return dim < 0 ? null : dim;
}
