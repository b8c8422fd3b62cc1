/**
 * Ops: values written to positions given by indices.
 */
import { applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import { type ShapeContext, ShapeError } from '../shapeContext';
import type { Tensor } from '../tensor';
import { gatherNd } from './gather';
import { shape as shapeOf } from './shapes';
import { identity, zerosLike } from './source';

const TENSOR_SCATTER = `(tensor: T, indices: Tindices, updates: T) -> (output: T)
      T: type
      Tindices: {int32, int64}`;

export const scatterOps = defineOps({
  ScatterNd: {
    signature: `(indices: Tindices, updates: T, shape: Tindices) -> (output: T)
      T: type
      Tindices: {int16, int32, int64}`,
    shape: scatterShape,
    gradient: (op, grad) => [null, gatherNd(grad, op.inputs[0]), null],
  },
  TensorScatterUpdate: {
    signature: `(tensor: T, indices: Tindices, updates: T) -> (output: T)
      T: type
      Tindices: {int16, int32, int64, uint16}`,
    shape: tensorScatterShape,
    gradient: (op, grad) => {
      const [, indices, updates] = op.inputs;
      const forUpdates = gatherNd(grad, indices);
      const forTensor = tensorScatterNdUpdate(identity(grad), indices, zerosLike(updates, grad.dtype));
      return [forTensor, null, forUpdates];
    },
  },
  TensorScatterAdd: {
    signature: TENSOR_SCATTER,
    shape: tensorScatterShape,
    gradient: (op, grad) => {
      const forUpdates = gatherNd(grad, op.inputs[1]);
      return [identity(grad), null, forUpdates];
    },
  },
  TensorScatterSub: {
    signature: TENSOR_SCATTER,
    shape: tensorScatterShape,
    gradient: (op, grad) => {
      const forUpdates = gatherNd(grad, op.inputs[1]);
      return [identity(grad), null, applyUnary('Neg', { x: forUpdates })];
    },
  },
  TensorScatterMax: { signature: TENSOR_SCATTER, shape: tensorScatterShape, gradient: extremeGradient },
  TensorScatterMin: { signature: TENSOR_SCATTER, shape: tensorScatterShape, gradient: extremeGradient },
});

/** Checks that indices, updates and the shape written to fit each other. */
function checkScatter(c: ShapeContext, indices: TensorShape, updates: TensorShape, target: TensorShape): void {
  const depth = indices.dims?.at(-1) ?? null;
  if (indices.dims === null || updates.dims === null || depth === null) return;
  const outer = indices.dims.length - 1;
  const compare = (left: TensorShape, right: TensorShape, message: () => string) => {
    try {
      c.merge(left, right);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`${message()}: ${error.message}`);
    }
  };
  const [indexPrefix, updatePrefix] = [indices.slice(0, -1), updates.slice(0, outer)];
  compare(
    indexPrefix,
    updatePrefix,
    () =>
      `Dimensions [0,${outer}) of indices[shape=${indices.toCpp()}] = ${indexPrefix.toCpp()} must match dimensions [0,${outer}) of updates[shape=${updates.toCpp()}] = ${updatePrefix.toCpp()}`,
  );
  // More indices than dimensions show at run time, as in TensorFlow.
  if (target.dims === null || depth > target.dims.length) return;
  const [inner, rest] = [target.slice(depth), updates.slice(outer)];
  compare(
    inner,
    rest,
    () =>
      `Dimensions [${depth},${target.dims!.length}) of input[shape=${target.toCpp()}] = ${inner.toCpp()} must match dimensions [${outer},${updates.dims!.length}) of updates[shape=${updates.toCpp()}] = ${rest.toCpp()}`,
  );
}

function scatterShape(c: ShapeContext): TensorShape[] {
  const [indices, updates] = [c.withRankAtLeast(c.shape(0), 1), c.withRankAtLeast(c.shape(1), 0)];
  const rank = c.ranked(2, 1).dims![0];
  // Ranks are compared before values are known.
  checkScatter(c, indices, updates, rank === null ? unknownShape : new TensorShape(new Array<null>(rank).fill(null)));
  const target = c.valueAsShape(2);
  if (target.numElements() === 0 && ((indices.numElements() ?? 0) > 0 || (updates.numElements() ?? 0) > 0)) {
    c.fail('Indices and updates specified for empty input');
  }
  checkScatter(c, indices, updates, target);
  return [target];
}

function tensorScatterShape(c: ShapeContext): TensorShape[] {
  const target = c.withRankAtLeast(c.shape(0), 1);
  checkScatter(c, c.withRankAtLeast(c.shape(1), 1), c.shape(2), target);
  return [target];
}

/** The gradient of a minimum or maximum goes to all elements that attain it, in equal parts. */
function extremeGradient(op: Operation, grad: Tensor): Gradient[] {
  const [x, indices, y] = op.inputs;
  const [output] = op.outputs;
  const indicator = (a: Tensor, b: Tensor) =>
    applyUnary('Cast', { x: applyUnary('Equal', { x: a, y: b }), DstT: grad.dtype });
  const ofTensor = indicator(x, output);
  const ofUpdates = indicator(y, gatherNd(output, indices));
  const perElement = scatterNd(indices, ofUpdates, shapeOf(x, { outType: indices.dtype }));
  const count = applyUnary('AddV2', { x: ofTensor, y: perElement }, 'add');
  const mul = (a: Tensor, b: Tensor) => applyUnary('Mul', { x: a, y: b }, 'mul');
  const div = (a: Tensor, b: Tensor) => applyUnary('RealDiv', { x: a, y: b }, 'truediv');
  const forTensor = div(mul(grad, ofTensor), count);
  return [forTensor, null, mul(gatherNd(div(grad, count), indices), ofUpdates)];
}

interface Named {
  readonly name?: string;
}

/** A tensor of zeros with `updates` added at `indices`. Mirrors tf.scatter_nd. */
export function scatterNd(indices: TensorLike, updates: TensorLike, shape: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('ScatterNd', { indices, updates, shape }, name);
}

/** The tensor with `updates` written at `indices`; of repeated indices the last counts. Mirrors tf.tensor_scatter_nd_update. */
export function tensorScatterNdUpdate(
  tensor: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('TensorScatterUpdate', { tensor, indices, updates }, name);
}

/** The tensor with `updates` added at `indices`. Mirrors tf.tensor_scatter_nd_add. */
export function tensorScatterNdAdd(
  tensor: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('TensorScatterAdd', { tensor, indices, updates }, name);
}

/** The tensor with `updates` subtracted at `indices`. Mirrors tf.tensor_scatter_nd_sub. */
export function tensorScatterNdSub(
  tensor: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('TensorScatterSub', { tensor, indices, updates }, name);
}

/** The larger of the tensor and `updates` at `indices`. Mirrors tf.tensor_scatter_nd_max. */
export function tensorScatterNdMax(
  tensor: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('TensorScatterMax', { tensor, indices, updates }, name);
}

/** The smaller of the tensor and `updates` at `indices`. Mirrors tf.tensor_scatter_nd_min. */
export function tensorScatterNdMin(
  tensor: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('TensorScatterMin', { tensor, indices, updates }, name);
}
