/**
 * Ops: parts of tensors by position: slices with and without strides, and their gradients.
 *
 * The syntax of Python's brackets, `tensor.at(…)`, is in graph/ops/slicing.ts.
 */
import { applyOp, applyUnary, type OpArguments } from '../applyOp';
import type { TensorLike } from '../convert';
import { int32 } from '../dtypes';
import { type ArrayLike, NdArray, toNumbers } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import { resolveSlice, sliceMasks } from '../sliceSpec';
import { constantValue } from '../staticValue';
import { Tensor } from '../tensor';
import { reshape } from './array';
import { concat, stack } from './joining';
import { pad } from './padding';
import { rank as rankOf, shape as shapeOf } from './shapes';
import { onesLike, zerosLike } from './source';

const MASKS = `begin_mask: int = 0
      end_mask: int = 0
      ellipsis_mask: int = 0
      new_axis_mask: int = 0
      shrink_axis_mask: int = 0`;

export const sliceOps = defineOps({
  Slice: {
    signature: `(input: T, begin: Index, size: Index) -> (output: T)
      T: type
      Index: {int32, int64}`,
    shape: (c) => [sliceShape(c)],
    gradient: sliceGradient,
  },
  StridedSlice: {
    signature: `(input: T, begin: Index, end: Index, strides: Index) -> (output: T)
      T: type
      Index: {int16, int32, int64}
      ${MASKS}`,
    shape: (c) => [stridedSliceShape(c)],
    gradient: stridedSliceGradient,
  },
  StridedSliceGrad: {
    signature: `(shape: Index, begin: Index, end: Index, strides: Index, dy: T) -> (output: T)
      T: type
      Index: {int32, int64}
      ${MASKS}`,
    shape: (c) => [c.valueAsShape(0)],
    gradient: (op, grad) => [
      null,
      null,
      null,
      null,
      applyUnary('StridedSlice', {
        input: grad,
        begin: op.inputs[1],
        end: op.inputs[2],
        strides: op.inputs[3],
        ...masksOf(op),
      }),
    ],
  },
  TensorStridedSliceUpdate: {
    signature: `(input: T, begin: Index, end: Index, strides: Index, value: T) -> (output: T)
      T: type
      Index: {int32, int64}
      ${MASKS}`,
    // Whether the value fits the slice shows at run time, as in TensorFlow.
    shape: (c) => {
      stridedSliceShape(c);
      return [c.shape(0)];
    },
    gradient: stridedUpdateGradient,
  },
});

function sliceShape(c: ShapeContext): TensorShape {
  const vector = c.merge(c.ranked(1, 1), c.ranked(2, 1));
  const count = vector.dims![0];
  const input = count === null ? c.shape(0) : c.withRank(c.shape(0), count);
  const begin = c.valueAsShape(1);
  const size = c.value(2);
  if (size) {
    const sizes = toNumbers(size);
    const source = c.withRank(input, sizes.length);
    return new TensorShape(
      sizes.map((length, axis) => {
        if (length !== -1) return length < 0 ? c.fail(`Dimension ${length} must be >= 0`) : length;
        const [dim, from] = [source.dims![axis], begin.dims?.[axis] ?? null];
        if (dim === null || from === null) return null;
        if (from > dim) c.fail(`Negative dimension size caused by subtracting ${from} from ${dim}`);
        return dim - from;
      }),
    );
  }
  const sizes = c.valueAsShape(2);
  if (sizes.dims !== null) return sizes;
  return input.dims === null ? unknownShape : new TensorShape(input.dims.map(() => null));
}

function stridedSliceShape(c: ShapeContext): TensorShape {
  const vector = c.merge(c.merge(c.ranked(1, 1), c.ranked(2, 1)), c.ranked(3, 1));
  const input = c.shape(0);
  const strides = c.value(3);
  if (input.dims === null || vector.dims![0] === null || !strides) return unknownShape;
  const [begin, end] = [c.value(1), c.value(2)];
  const spec = {
    begin: begin && toNumbers(begin),
    end: end && toNumbers(end),
    strides: toNumbers(strides),
    masks: sliceMasks(c.attrs),
  };
  return new TensorShape(resolveSlice(input.dims, spec, (message) => c.fail(message)).shape);
}

/** The gradient padded with zeros on all sides to the shape of the input. */
function sliceGradient(op: Operation, grad: Tensor): Gradient[] {
  const [input, begin] = op.inputs;
  const rank = rankOf(input);
  const sizes = shapeOf(op.outputs[0], { outType: begin.dtype });
  const column = stack([rank, 1]);
  const before = reshape(begin, column);
  const rest = applyUnary('Sub', { x: shapeOf(input, { outType: begin.dtype }), y: sizes }, 'sub');
  const after = reshape(applyUnary('Sub', { x: rest, y: begin }, 'sub'), column);
  return [pad(grad, concat([before, after], 1)), null, null];
}

function masksOf(op: Operation): OpArguments {
  const names = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
  return Object.fromEntries(names.map((name) => [name, op.attrs[name]]));
}

/** The tensor's value as a constant where it is known: TensorFlow makes new constants of such bounds. */
const knownOr = (tensor: Tensor): TensorLike => constantValue(tensor) ?? tensor;

function stridedSliceGradient(op: Operation, grad: Tensor): Gradient[] {
  const [input, ...bounds] = op.inputs;
  const shape = shapeOf(input, { outType: bounds[0].dtype });
  const [begin, end, strides] = bounds.map(knownOr);
  const args = { shape: knownOr(shape), begin, end, strides, dy: grad, ...masksOf(op) };
  return [applyUnary('StridedSliceGrad', args), null, null, null];
}

function stridedUpdateGradient(op: Operation, grad: Tensor): Gradient[] {
  const [, begin, end, strides, value] = op.inputs;
  const where = { begin, end, strides, ...masksOf(op) };
  const taken = applyUnary('StridedSlice', { input: grad, ...where });
  const rest = applyUnary('TensorStridedSliceUpdate', { input: grad, ...where, value: zerosLike(taken) });
  const sliceShapeOf = shapeOf(taken, { outType: begin.dtype });
  const valueShape = shapeOf(value, { outType: begin.dtype });
  const axes = applyOp('BroadcastGradientArgs', { s0: sliceShapeOf, s1: valueShape }).outputs[1];
  const summed = applyUnary('Sum', { input: taken, reduction_indices: axes, keep_dims: true });
  return [rest, null, null, null, reshape(summed, valueShape)];
}

interface Named {
  readonly name?: string;
}

/** `size` elements from `begin` along each axis; a size of -1 takes all that are left. Mirrors tf.slice. */
export function slice(input: TensorLike, begin: TensorLike, size: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('Slice', { input, begin, size }, name);
}

export interface StridedSliceOptions extends Named {
  readonly beginMask?: number;
  readonly endMask?: number;
  readonly ellipsisMask?: number;
  readonly newAxisMask?: number;
  readonly shrinkAxisMask?: number;
}

/**
 * The elements from `begin` up to `end` in steps of `strides` (default 1). Bit i of a mask: ignore begin or end of item i,
 * item i is an ellipsis or a new axis, or its axis is dropped.
 *
 * Mirrors tf.strided_slice. ValueError, or InvalidArgumentError where it shows at run time only, for an index out of bounds.
 */
export function stridedSlice(
  input: TensorLike,
  begin: TensorLike,
  end: TensorLike,
  strides?: TensorLike | null,
  options: StridedSliceOptions = {},
): Tensor {
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask, name } = options;
  const args = {
    input,
    begin,
    end,
    strides: strides ?? onesLike(begin instanceof Tensor ? begin : NdArray.from(begin as ArrayLike, int32)),
    begin_mask: beginMask,
    end_mask: endMask,
    ellipsis_mask: ellipsisMask,
    new_axis_mask: newAxisMask,
    shrink_axis_mask: shrinkAxisMask,
  };
  return applyUnary('StridedSlice', args, name);
}
