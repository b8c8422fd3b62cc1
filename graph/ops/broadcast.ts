/**
 * Ops: broadcasting a tensor to a shape, shapes to each other, and which axes a broadcast repeated.
 */
import { applyOp, applyUnary } from '../applyOp';
import { constantIn, graphFromInputs, type TensorLike } from '../convert';
import { ValueError } from '../errors';
import { defineOps, none } from '../registry';
import { asShape, broadcastStaticShape as broadcastKnown, type Dimension, type ShapeLike, TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import { constantValue } from '../staticValue';
import type { Tensor } from '../tensor';
import type { NameOptions } from './elementwise';
import { reduceSum } from './reduce';
import { shape } from './shapes';

const shapesHaveNone = none('shapes are integers');

/** The target shape; dimensions of the input above 1 stay as they are and may tell unknown ones of the target. */
function broadcastToShape(c: ShapeContext): TensorShape[] {
  c.ranked(1, 1);
  const target = c.valueAsShape(1);
  const input = c.shape(0);
  if (target.dims === null || input.dims === null) return [target];
  c.withRankAtMost(input, target.dims.length);
  const dims: Dimension[] = [...target.dims];
  const shift = dims.length - input.dims.length;
  input.dims.forEach((dim, i) => {
    if (dim !== null && dim > 1) dims[i + shift] = c.mergeDims(dim, dims[i + shift]);
  });
  return [new TensorShape(dims)];
}

/** The length of a shape vector, or null. */
function vectorLength(c: ShapeContext, index: number): Dimension {
  return c.ranked(index, 1).dims![0];
}

export const broadcastOps = defineOps({
  BroadcastTo: {
    signature: `(input: T, shape: Tidx) -> (output: T)
      T: type
      Tidx: {int32, int64} = int32`,
    shape: broadcastToShape,
    gradient: (op, grad) => {
      const [input, target] = op.inputs;
      const inputShape = shape(input, { outType: target.dtype });
      const known = constantValue(target);
      const s0 = known ? constantIn(graphFromInputs([grad]), known) : target;
      const [, axes] = applyOp('BroadcastGradientArgs', { s0, s1: inputShape }).outputs;
      const summed = reduceSum(grad, axes, { keepdims: true });
      return [applyUnary('Reshape', { tensor: summed, shape: inputShape }), null];
    },
  },
  BroadcastArgs: {
    signature: `(s0: T, s1: T) -> (r0: T)
      T: {int32, int64} = int32`,
    shape: (c) => {
      const [a, b] = [vectorLength(c, 0), vectorLength(c, 1)];
      return [new TensorShape([a === null || b === null ? null : Math.max(a, b)])];
    },
    gradient: shapesHaveNone,
  },
  BroadcastGradientArgs: {
    signature: `(s0: T, s1: T) -> (r0: T, r1: T)
      T: {int32, int64} = int32`,
    shape: (c) => {
      vectorLength(c, 0);
      vectorLength(c, 1);
      return [new TensorShape([null]), new TensorShape([null])];
    },
    gradient: shapesHaveNone,
  },
});

/**
 * A tensor repeated to `shape` by the rules of broadcasting. Any dtype. Mirrors tf.broadcast_to.
 *
 * ValueError, or InvalidArgumentError when it runs, for a shape that it does not broadcast to.
 */
export function broadcastTo(input: TensorLike, shape: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('BroadcastTo', { input, shape }, options.name);
}

/** The shape vector of broadcasting two shape vectors. Mirrors tf.broadcast_dynamic_shape. */
export function broadcastDynamicShape(shapeX: TensorLike, shapeY: TensorLike): Tensor {
  return applyUnary('BroadcastArgs', { s0: shapeX, s1: shapeY });
}

/** The static shape of broadcasting two static shapes; ValueError when they do not fit. Mirrors tf.broadcast_static_shape. */
export function broadcastStaticShape(shapeX: ShapeLike, shapeY: ShapeLike): TensorShape {
  const [x, y] = [asShape(shapeX), asShape(shapeY)];
  const result = broadcastKnown(x, y);
  if (!result)
    throw new ValueError(
      `Incompatible shapes for broadcasting. Two shapes are compatible if for each dimension pair they are either equal or one of them is 1. Received: ${x} and ${y}.`,
    );
  return result;
}
