/**
 * Ops: sums of many tensors of one shape, and clipping to bounds.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import type { DType } from '../dtypes';
import { GraphTypeError, ValueError } from '../errors';
import type { Operation } from '../operation';
import { defineOps } from '../registry';
import { asShape, type ShapeLike, type TensorShape, unknownShape } from '../shape';
import { type ShapeContext, ShapeError, sameShape } from '../shapeContext';
import { Tensor } from '../tensor';
import { where } from './compare';
import type { NameOptions } from './elementwise';
import { reduceSum } from './reduce';
import { shape } from './shapes';
import { identity, zeros } from './source';

const summable = `float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64`;

/** All inputs have one shape. */
function mergedShape(c: ShapeContext): TensorShape[] {
  let merged = c.shape(c.inputs.length - 1);
  for (let i = c.inputs.length - 2; i >= 0; i--) {
    try {
      merged = c.merge(c.shape(i), merged);
    } catch (error) {
      throw error instanceof ShapeError
        ? new ShapeError(`${error.message}\n\tFrom merging shape ${i} with other shapes.`)
        : error;
    }
  }
  return [merged];
}

const toAll = (op: Operation, grad: Tensor) => op.inputs.map(() => grad);

export const combineOps = defineOps({
  AddN: {
    signature: `(inputs: N * T) -> (sum: T)
      N: int >= 1
      T: {${summable}, variant}`,
    shape: mergedShape,
    gradient: toAll,
  },
  AccumulateNV2: {
    signature: `(inputs: N * T) -> (sum: T)
      N: int >= 1
      T: {${summable}}
      shape: shape`,
    shape: (c) => [c.attr<TensorShape>('shape')],
    gradient: toAll,
  },
  ClipByValue: {
    signature: `(t: T, clip_value_min: T, clip_value_max: T) -> (output: T)
      T: {${summable}}`,
    shape: sameShape,
    gradient: clipGradient,
  },
});

/** The gradient passes where nothing was clipped, and goes to the bound elsewhere. */
function clipGradient(op: Operation, grad: Tensor): readonly Tensor[] {
  const [x, low, high] = op.inputs;
  const [sx, sl, sh] = [shape(x), shape(low), shape(high)];
  const zero = zeros(shape(grad), grad.dtype);
  const below = x.less(low);
  const above = x.greater(high);
  const lowAxes = applyOp('BroadcastGradientArgs', { s0: sx, s1: sl }).outputs[1];
  const highAxes = applyOp('BroadcastGradientArgs', { s0: sx, s1: sh }).outputs[1];
  const gx = where(below.logicalOr(above), zero, grad);
  const gl = where(below, grad, zero);
  const gh = where(above, grad, zero);
  const toShape = (tensor: Tensor, target: Tensor) => applyUnary('Reshape', { tensor, shape: target });
  const toLow = toShape(reduceSum(gl, lowAxes), sl);
  return [gx, toLow, toShape(reduceSum(gh, highAxes), sh)];
}

/** A lone tensor is its own sum: itself, or an Identity if it is to have a name. */
function sumOf(tensors: readonly Tensor[], name: string | undefined): Tensor {
  if (tensors.length > 1) return applyUnary('AddN', { inputs: tensors }, name);
  return name === undefined ? tensors[0] : identity(tensors[0], { name });
}

/** The sum of tensors of one shape and dtype; IndexedSlices are made dense. Mirrors tf.add_n. ValueError for an empty list. */
export function addN(inputs: readonly TensorLike[], options: NameOptions = {}): Tensor {
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw new ValueError(
      'Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.',
    );
  }
  return sumOf(
    inputs.map((input: TensorLike) => convertToTensor(input)),
    options.name,
  );
}

export interface AccumulateOptions extends NameOptions {
  /** The shape that all inputs must have. */
  readonly shape?: ShapeLike;
  /** The dtype that all inputs must have. */
  readonly tensorDtype?: DType;
}

/** The sum of tensors whose static shapes must fit each other. Mirrors tf.accumulate_n. */
export function accumulateN(inputs: readonly TensorLike[], options: AccumulateOptions = {}): Tensor {
  const wrong = () => new ValueError('inputs must be a list of at least one Tensor with the same dtype and shape');
  if (!Array.isArray(inputs) || inputs.length === 0) throw wrong();
  const tensors = inputs.map((input: TensorLike) => convertToTensor(input));
  if (tensors.some(({ dtype }) => dtype !== tensors[0].dtype)) throw wrong();
  tensors.reduce(
    (merged, tensor) => merged.mergeWith(tensor.shape),
    options.shape ? asShape(options.shape) : unknownShape,
  );
  if (options.tensorDtype && options.tensorDtype !== tensors[0].dtype) {
    throw new GraphTypeError(
      `The \`tensor_dtype\` argument is ${options.tensorDtype}, but \`input\` is of type ${tensors[0].dtype}. These must be equal. Try casting the input to the desired type.`,
    );
  }
  return sumOf(tensors, options.name);
}
