/**
 * Ops: constants, placeholders, identities and filled tensors.
 */
import { applyOp, applyUnary } from '../applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { asDType, type DType, float32, int32, int64 } from '../dtypes';
import { LookupError, ValueError } from '../errors';
import { type ArrayLike, type Element, NdArray, sizeOf, toNumbers } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, none } from '../registry';
import { asShape, type ShapeLike, TensorShape } from '../shape';
import { noOutputs, type ShapeContext, sameShape } from '../shapeContext';
import { constantValue } from '../staticValue';
import { Tensor } from '../tensor';
import { composite } from './composite';
import { range, rank as rankOf, shape as shapeOf } from './shapes';

/** The input's shape, and what a resource handle refers to. */
function sameShapeAndHandle(c: ShapeContext): TensorShape[] {
  return c.inputs.map((input, i) => {
    c.outputHandleData[i] = c.handleData(i);
    return input.shape;
  });
}

export const sourceOps = defineOps({
  Const: {
    signature: `() -> (output: dtype)
      value: tensor
      dtype: type`,
    shape: (c) => [new TensorShape(c.attr<NdArray>('value').shape)],
    gradient: none('a constant has no inputs'),
  },
  Placeholder: {
    signature: `() -> (output: dtype)
      dtype: type
      shape: shape = unknown`,
    shape: (c) => [c.attr('shape')],
    gradient: none('a placeholder has no inputs'),
  },
  PlaceholderWithDefault: {
    signature: `(input: dtype) -> (output: dtype)
      dtype: type
      shape: shape`,
    shape: (c) => {
      const declared = c.attr<TensorShape>('shape');
      c.merge(c.shape(0), declared);
      return [declared];
    },
    gradient: (_op, grad) => [grad],
  },
  Identity: {
    signature: `(input: T) -> (output: T)
      T: type`,
    shape: sameShapeAndHandle,
    gradient: (_op, grad) => [grad],
    sparseGradients: true,
  },
  IdentityN: {
    signature: `(input: T) -> (output: T)
      T: list(type) >= 1`,
    shape: sameShapeAndHandle,
    gradient: (_op, ...grads) => grads,
    sparseGradients: true,
  },
  StopGradient: {
    signature: `(input: T) -> (output: T)
      T: type`,
    shape: sameShape,
    gradient: none('stopping gradients is what it is for'),
  },
  PreventGradient: {
    signature: `(input: T) -> (output: T)
      T: type
      message: string = ''`,
    shape: sameShape,
    gradient: (op) => {
      throw new LookupError(`Gradient explicitly disabled. Reason: ${String(op.attrs.message)}`);
    },
  },
  GuaranteeConst: {
    signature: `(input: T) -> (output: T)
      T: type`,
    stateful: true,
    shape: sameShape,
    gradient: none('a constant has no gradient'),
  },
  EnsureShape: {
    signature: `(input: T) -> (output: T)
      shape: shape
      T: type`,
    shape: (c) => {
      const wanted = c.attr<TensorShape>('shape');
      const given = c.shape(0);
      if (wanted.dims !== null && given.dims !== null) c.withRank(given, wanted.dims.length);
      return [c.merge(wanted, given)];
    },
    gradient: (_op, grad) => [grad],
  },
  NoOp: { signature: '() -> ()', shape: noOutputs, gradient: none('it computes nothing') },
  ZerosLike: {
    signature: `(x: T) -> (y: T)
      T: type`,
    shape: sameShape,
    gradient: none('the result does not depend on the values of x'),
  },
  OnesLike: {
    signature: `(x: T) -> (y: T)
      T: {bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64, complex128, bool}`,
    shape: sameShape,
    gradient: none('the result does not depend on the values of x'),
  },
  Fill: {
    signature: `(dims: index_type, value: T) -> (output: T)
      T: type
      index_type: {int32, int64} = int32`,
    shape: (c) => {
      c.ranked(0, 1);
      c.ranked(1, 0);
      const shape = c.valueAsShape(0);
      const dims = constantValue(c.inputs[0]);
      if (dims && toNumbers(dims).some((dim) => dim < 0)) c.fail('Fill dimensions must be >= 0');
      return [shape];
    },
    gradient: (_op, grad) => [null, reduceSum(grad)],
  },
});

/** The sum of all elements, as tf.reduce_sum(x) makes it; this file cannot import the family of reductions. */
function reduceSum(tensor: Tensor): Tensor {
  const { rank } = tensor.shape;
  const axes = rank ? constant(Int32Array.from({ length: rank }, (_, i) => i)) : range(0, rankOf(tensor));
  return applyUnary('Sum', { input: tensor, reduction_indices: axes });
}

export interface ConstantOptions {
  readonly dtype?: DType;
  /** A scalar value is repeated to fill it; otherwise the value must have exactly this shape. */
  readonly shape?: readonly number[];
  readonly name?: string;
}

/**
 * A constant: numbers are float32 unless `dtype` says otherwise (JavaScript has no integer literals), booleans bool,
 * strings string, bigints int64; typed arrays and NdArrays keep their dtype.
 *
 * Mirrors tf.constant. TypeError or ValueError where the value cannot be held; the graph is then unchanged.
 */
export function constant(value: ArrayLike, options: ConstantOptions | DType = {}, more: ConstantOptions = {}): Tensor {
  const { dtype, shape, name } = 'asDatatypeEnum' in options ? { ...more, dtype: options } : options;
  if (value === null || value === undefined) throw new ValueError('None values not supported.');
  const array = NdArray.from(value, dtype && asDType(dtype));
  return constantIn(getDefaultGraph(), shape ? fillShape(array, shape) : array, name);
}

function fillShape(array: NdArray, shape: readonly number[]): NdArray {
  const size = sizeOf(asShape(shape).asNumbers());
  if (array.size === size) return array.reshape(shape);
  if (array.size !== 1) {
    throw new ValueError(
      `Cannot reshape a tensor with ${array.size} elements to shape [${shape.join(',')}] (${size} elements)`,
    );
  }
  const filled = NdArray.zeros(array.dtype, shape);
  (filled.data as unknown[]).fill(array.data[0]);
  return filled;
}

/**
 * A tensor that every run must feed. A null dimension may be fed with any size; a null shape with any rank.
 *
 * Mirrors tf.compat.v1.placeholder.
 */
export function placeholder(dtype: DType, shape: ShapeLike = null, options: { name?: string } = {}): Tensor {
  return getDefaultGraph().createOp('Placeholder', [], {
    name: options.name ?? 'Placeholder',
    attrs: { dtype: asDType(dtype), shape: asShape(shape) },
  }).output;
}

/**
 * A placeholder that yields `input` when it is not fed. Mirrors tf.compat.v1.placeholder_with_default.
 */
export function placeholderWithDefault(input: TensorLike, shape: ShapeLike, options: { name?: string } = {}): Tensor {
  return applyUnary(
    'PlaceholderWithDefault',
    { input, shape: asShape(shape) },
    options.name ?? 'PlaceholderWithDefault',
  );
}

/** The same tensor behind a new node. Mirrors tf.identity. */
export function identity(input: TensorLike, options: { name?: string } = {}): Tensor {
  return applyUnary('Identity', { input }, options.name);
}

/** The same tensors behind one new node. Mirrors tf.identity_n. */
export function identityN(inputs: readonly TensorLike[], options: { name?: string } = {}): readonly Tensor[] {
  return applyOp('IdentityN', { input: inputs }, options.name).outputs;
}

/** The same values, opaque to gradients. Mirrors tf.stop_gradient. */
export function stopGradient(input: TensorLike, options: { name?: string } = {}): Tensor {
  return applyUnary('StopGradient', { input }, options.name);
}

/** The same values; asking for a gradient through them is a LookupError. Mirrors tf.raw_ops.PreventGradient. */
export function preventGradient(input: TensorLike, options: { message?: string; name?: string } = {}): Tensor {
  return applyUnary('PreventGradient', { input, message: options.message }, options.name);
}

/** The same values, promised not to change between runs. Mirrors tf.guarantee_const. */
export function guaranteeConst(input: TensorLike, options: { name?: string } = {}): Tensor {
  return applyUnary('GuaranteeConst', { input }, options.name);
}

/**
 * The same values, with `shape` merged into the static shape and checked at run time.
 *
 * Mirrors tf.ensure_shape. ValueError while building, InvalidArgumentError while running, when the shape contradicts.
 */
export function ensureShape(x: TensorLike, shape: ShapeLike, options: { name?: string } = {}): Tensor {
  return applyUnary('EnsureShape', { input: x, shape: asShape(shape) }, options.name);
}

/** An operation that does nothing. Mirrors tf.no_op. */
export function noOp(options: { name?: string } = {}): Operation {
  return applyOp('NoOp', {}, options.name);
}

/** A tensor of shape `dims` (an int32 or int64 vector) filled with a scalar. Mirrors tf.fill. */
export function fill(dims: TensorLike, value: TensorLike, options: { name?: string } = {}): Tensor {
  return applyUnary('Fill', { dims, value }, options.name);
}

/** Results of fewer elements than this are constants; larger ones are filled at run time. */
const SMALL = 1000;

function zeroOf(dtype: DType): Element {
  return dtype.isBool ? false : dtype.name === 'string' ? '' : 0;
}

/** A shape's dimensions where they are plain numbers, else null. */
function plainDims(shape: TensorLike | TensorShape): number[] | null {
  if (shape instanceof TensorShape) return shape.asNumbers();
  if (typeof shape === 'number') return Number.isInteger(shape) && shape >= 0 ? [shape] : null;
  if (shape instanceof NdArray) return shape.rank === 1 ? toNumbers(shape) : null;
  const list = Array.isArray(shape) || ArrayBuffer.isView(shape) ? Array.from(shape as readonly unknown[]) : null;
  const dims = list?.map((dim) => (typeof dim === 'bigint' ? Number(dim) : dim));
  return dims?.every((dim) => Number.isSafeInteger(dim) && (dim as number) >= 0) ? (dims as number[]) : null;
}

function filled(
  shape: TensorLike | TensorShape,
  value: Element,
  dtype: DType,
  name: string | undefined,
  fallback: string,
): Tensor {
  return composite(name, fallback, [shape], (scope) => {
    const graph = getDefaultGraph();
    const dims = shape instanceof Tensor ? null : plainDims(shape);
    if (dims && sizeOf(dims) < SMALL) return constantIn(graph, fillShape(NdArray.from(value, dtype), dims), scope);
    let vector = dims
      ? constantIn(graph, shapeArray(dims), 'shape_as_tensor')
      : convertToTensor(shape as TensorLike, { dtype: shape instanceof Tensor ? undefined : int32 });
    if (!vector.shape.rank) vector = applyUnary('Reshape', { tensor: vector, shape: [-1] });
    return applyUnary('Fill', { dims: vector, value: constant(value, { dtype }) }, scope);
  });
}

/** A shape as a vector: int32, or int64 where a dimension needs it. */
function shapeArray(dims: readonly number[]): NdArray {
  return NdArray.from(dims, dims.some((dim) => dim > 0x7fffffff) ? int64 : int32);
}

/**
 * A tensor of zeros (false, or empty strings). `shape` is a list of numbers, a list with scalar tensors, or an integer
 * vector. Small static shapes make a constant, others a `Fill`. Mirrors tf.zeros.
 */
export function zeros(
  shape: TensorLike | TensorShape,
  dtype: DType = float32,
  options: { name?: string } = {},
): Tensor {
  return filled(shape, zeroOf(asDType(dtype)), asDType(dtype), options.name, 'zeros');
}

/** A tensor of ones (true for bool); see `zeros` for the shapes. Mirrors tf.ones. */
export function ones(shape: TensorLike | TensorShape, dtype: DType = float32, options: { name?: string } = {}): Tensor {
  return filled(shape, asDType(dtype).isBool ? true : 1, asDType(dtype), options.name, 'ones');
}

export interface LikeOptions {
  readonly name?: string;
  /** False keeps what could be a constant a node that looks at the tensor when it runs. */
  readonly optimize?: boolean;
}

/** Zeros of the shape and, unless given, the dtype of `tensor`. Mirrors tf.zeros_like. */
export function zerosLike(
  tensor: TensorLike,
  dtype?: DType | null,
  { name, optimize = true }: LikeOptions = {},
): Tensor {
  return composite(name, 'zeros_like', [tensor], (scope) => {
    const x = convertToTensor(tensor, { name: 'tensor' });
    const wanted = dtype ? asDType(dtype) : x.dtype;
    if (optimize && x.shape.isFullyDefined() && x.dtype.name !== 'variant')
      return zeros(x.shape, wanted, { name: scope });
    if (wanted !== x.dtype && wanted.name !== 'variant')
      return zeros(shapeForLike(x, optimize), wanted, { name: scope });
    return applyUnary('ZerosLike', { x }, scope);
  });
}

/** Ones of the shape and, unless given, the dtype of `tensor`. Mirrors tf.ones_like. */
export function onesLike(
  tensor: TensorLike,
  dtype?: DType | null,
  { name, optimize = true }: LikeOptions = {},
): Tensor {
  return composite(name, 'ones_like', [tensor], (scope) => {
    const x = convertToTensor(tensor, { name: 'tensor' });
    const result = ones(shapeForLike(x, optimize), dtype ? asDType(dtype) : x.dtype, { name: scope });
    result.setShape(x.shape);
    return result;
  });
}

/** The shape of x for a `Fill`: a constant `Shape/shape_as_tensor` where it is known. */
function shapeForLike(x: Tensor, optimize: boolean): Tensor {
  if (!optimize || !x.shape.isFullyDefined()) return shapeOf(x, { optimize: false });
  return composite(null, 'Shape', [x], () =>
    constantIn(getDefaultGraph(), shapeArray(x.shape.asNumbers()), 'shape_as_tensor'),
  );
}
