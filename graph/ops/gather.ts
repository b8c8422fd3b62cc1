/**
 * Ops: elements and slices picked by indices.
 */
import { applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import { int32, int64 } from '../dtypes';
import { ValueError } from '../errors';
import { IndexedSlices } from '../indexedSlices';
import { NdArray } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import { constantValue } from '../staticValue';
import { Tensor } from '../tensor';
import { densified, expandDims, reshape, squeeze, transpose } from './array';
import { sliceAt } from './brackets';
import { concat } from './joining';
import { range, rank as rankOf, shape as shapeOf, size as sizeOf } from './shapes';
import { ones, zeros } from './source';

export const gatherOps = defineOps({
  Gather: {
    signature: `(params: Tparams, indices: Tindices) -> (output: Tparams)
      validate_indices: bool = true
      Tparams: type
      Tindices: {int32, int64}`,
    shape: (c) => [c.shape(1).concatenate(c.withRankAtLeast(c.shape(0), 1).slice(1))],
    gradient: gatherGradient,
    sparseGradients: true,
  },
  GatherV2: {
    signature: `(params: Tparams, indices: Tindices, axis: Taxis) -> (output: Tparams)
      batch_dims: int = 0
      Tparams: type
      Tindices: {int16, int32, int64}
      Taxis: {int32, int64}`,
    shape: gatherShape,
    gradient: gatherV2Gradient,
    sparseGradients: true,
  },
  GatherNd: {
    signature: `(params: Tparams, indices: Tindices) -> (output: Tparams)
      Tparams: type
      Tindices: {int16, int32, int64}`,
    shape: (c) => {
      const indices = c.withRankAtLeast(c.shape(1), 1);
      const params = c.shape(0);
      const depth = indices.dims?.at(-1) ?? null;
      if (params.dims === null || depth === null) return [unknownShape];
      if (depth > params.dims.length) {
        c.fail(
          `indices.shape[-1] must be <= params.rank, but saw indices shape: ${indices.toCpp()} and params shape: ${params.toCpp()}`,
        );
      }
      return [indices.slice(0, -1).concatenate(params.slice(depth))];
    },
    gradient: gatherNdGradient,
  },
});

function gatherShape(c: ShapeContext): TensorShape[] {
  const [params, indices] = [c.withRankAtLeast(c.shape(0), 1), c.shape(1)];
  c.ranked(2, 0);
  const given = Number(c.attr('batch_dims'));
  const value = c.value(2);
  if (!value) {
    if (params.dims === null || indices.dims === null) return [unknownShape];
    return [
      new TensorShape(
        new Array<null>(
          params.dims.length + indices.dims.length - 1 - (given < 0 ? given + indices.dims.length : given),
        ).fill(null),
      ),
    ];
  }
  const axis = Number(value.data[0]);
  c.withRankAtLeast(params, axis < 0 ? -axis : axis + 1);
  c.withRankAtLeast(indices, Math.abs(given));
  if (params.dims === null || indices.dims === null) return [unknownShape];
  const batch = given < 0 ? given + indices.dims.length : given;
  c.withRankAtLeast(params, batch + 1);
  const at = axis < 0 ? axis + params.dims.length : axis;
  return [
    params
      .slice(0, at)
      .concatenate(indices.slice(batch))
      .concatenate(params.slice(at + 1)),
  ];
}

/** The gradient of a gather along the first axis: rows that belong to the gathered indices. */
function rowGradient(grad: Tensor, indices: Tensor, size: Tensor, paramsShape: Tensor): IndexedSlices {
  const valuesShape = concat([size, sliceAt(paramsShape, [[1, null]])], 0);
  const values = reshape(densified(grad), valuesShape);
  return new IndexedSlices(values, reshape(indices, size), paramsShape);
}

function gatherGradient(op: Operation, grad: Tensor): Gradient[] {
  const [params, indices] = op.inputs;
  const paramsShape = op.graph.colocateWith(params, {}, () => shapeOf(params));
  return [rowGradient(grad, indices, expandDims(sizeOf(indices), 0), paramsShape), null];
}

function gatherV2Gradient(op: Operation, grad: Tensor): Gradient[] {
  const [params, indices, axis] = op.inputs;
  const paramsShape = params.graph.colocateWith(params, {}, () =>
    applyUnary('Cast', { x: shapeOf(params, { outType: int64 }), DstT: int32 }),
  );
  const indicesSize = expandDims(sizeOf(indices), 0);
  const known = constantValue(axis);
  const batchDims = positiveBatchDims(Number(op.attrs.batch_dims), indices);
  if (known && Number(known.data[0]) === 0) return [rowGradient(grad, indices, indicesSize, paramsShape), null, null];
  return [alongAxisGradient(grad, indices, axis, paramsShape, batchDims), null, null];
}

function positiveBatchDims(batchDims: number, indices: Tensor): number {
  if (batchDims >= 0) return batchDims;
  const { rank } = indices.shape;
  if (rank !== null) return batchDims + rank;
  throw new ValueError(
    `Currently, it is unsupported to take the gradient of tf.gather when batch_dims < 0 and the rank of the indices is unknown. Please pass a positive batch_dims or use tf.ensure_shape to update the shape of indices when calling tf.gather. Got batch_dims=${batchDims} and indices=${indices}`,
  );
}

const plus = (x: Tensor, y: TensorLike): Tensor => applyUnary('AddV2', { x, y }, 'add');
const times = (x: Tensor, y: Tensor): Tensor => applyUnary('Mul', { x, y }, 'mul');

/** The gathered axis is moved behind the batch axes, the gradient is summed there and moved back. */
function alongAxisGradient(
  grad: Tensor,
  indices: Tensor,
  axis: Tensor,
  paramsShape: Tensor,
  batchDims: number,
): Tensor {
  const outer = sliceAt(paramsShape, [[null, axis]]);
  const inner = sliceAt(sliceAt(paramsShape, [[axis, null]]), [[1, null]]);
  const valuesShape = concat([outer, [-1], inner], 0);
  const valuesRank = sizeOf(valuesShape);
  const axisAt = sizeOf(outer);
  const batchAxes = range(batchDims);
  const outerAxes = range(batchDims, axisAt);
  const innerAxes = range(plus(axisAt, 1), valuesRank);
  const values = reshape(densified(grad), valuesShape);
  const toFront = concat([batchAxes, [axisAt], outerAxes, innerAxes], 0);
  const moved = transpose(values, toFront);
  const movedShape = gather(paramsShape, toFront);
  const axisSize = sliceAt(paramsShape, [axis]);
  const summed = batchGatherGradient(movedShape, moved, indices, batchDims, axisSize);
  const back = concat([batchAxes, plus(outerAxes, 1), [batchDims], innerAxes], 0);
  return transpose(summed, back);
}

/** The sums of `values` by index, with the batch axes flattened away and put back. */
function batchGatherGradient(
  paramsShape: Tensor,
  values: Tensor,
  indices: Tensor,
  batchDims: number,
  axisSize: Tensor,
): Tensor {
  const flatSize = expandDims(sizeOf(indices), 0);
  const summed = (rows: Tensor, ids: Tensor, count: Tensor) =>
    applyUnary('UnsortedSegmentSum', { data: rows, segment_ids: reshape(ids, flatSize), num_segments: count });
  if (batchDims === 0) return summed(values, indices, axisSize);
  const valuesShape = shapeOf(values);
  const outer = sliceAt(valuesShape, [[null, batchDims]]);
  const inner = sliceAt(sliceAt(valuesShape, [[batchDims, null]]), [[1, null]]);
  const batchSize = applyUnary('Prod', { input: outer, reduction_indices: [0] });
  const flatShape = concat([[-1], inner], 0);
  const count = times(axisSize, batchSize);
  const flatIndices = withBatchOffsets(paramsShape, indices, batchDims);
  return reshape(summed(reshape(values, flatShape), flatIndices, count), concat([outer, flatShape], 0));
}

/** Indices into the flattened batch axes: the offset of each batch entry added. */
function withBatchOffsets(paramsShape: Tensor, indices: Tensor, batchDims: number): Tensor {
  const { dtype } = indices;
  const dims = dtype === paramsShape.dtype ? paramsShape : applyUnary('Cast', { x: paramsShape, DstT: dtype });
  let stride: Tensor = ones([], dtype);
  let result = indices;
  for (let dim = batchDims; dim > 0; dim--) {
    const size = sliceAt(dims, [dim - 1]);
    stride = times(stride, sliceAt(dims, [dim]));
    const start = zeros([], dtype);
    const step = ones([], dtype);
    const offsets = times(range(start, size, step, { dtype }), stride);
    const behind = applyUnary('Sub', { x: rankOf(indices), y: dim }, 'sub');
    const one = NdArray.vector(dtype, [1]);
    const ahead = applyUnary('Tile', { input: one, multiples: [dim - 1] });
    const shape = concat([ahead, [size], applyUnary('Tile', { input: one, multiples: [behind] })], 0);
    result = plus(result, reshape(offsets, shape));
  }
  return result;
}

function gatherNdGradient(op: Operation, grad: Tensor): Gradient[] {
  const [params, indices] = op.inputs;
  const shape = shapeOf(params, { outType: indices.dtype });
  if (indices.shape.rank === 2 && indices.shape.dims![1] === 1) {
    return [new IndexedSlices(grad, squeeze(indices, -1), shape), null];
  }
  return [applyUnary('ScatterNd', { indices, updates: grad, shape }), null];
}

export interface GatherOptions {
  /** The axis to pick along. Default `batchDims`. */
  readonly axis?: TensorLike;
  /** How many leading axes of params and indices belong together. */
  readonly batchDims?: number;
  readonly name?: string;
}

/** Values that read themselves by rows, as variables do. */
interface SparseReadable {
  sparseRead(indices: TensorLike, options: { name?: string }): Tensor;
}

function isSparseReadable(value: unknown): value is SparseReadable {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<SparseReadable>).sparseRead === 'function'
  );
}

/**
 * The slices of `params` at `indices` along an axis. Mirrors tf.gather.
 *
 * InvalidArgumentError `indices[1] = 5 is not in [0, 2)` while running.
 */
export function gather(params: TensorLike, indices: TensorLike, options: GatherOptions = {}): Tensor {
  const { batchDims = 0, axis = batchDims, name } = options;
  if (axis === 0 && isSparseReadable(params)) return params.sparseRead(indices, { name });
  return applyUnary('GatherV2', { params, indices, axis, batch_dims: batchDims }, name);
}

/** The elements or slices of `params` at the positions that the last axis of `indices` holds. Mirrors tf.gather_nd. */
export function gatherNd(params: TensorLike, indices: TensorLike, options: { name?: string } = {}): Tensor {
  return applyUnary('GatherNd', { params, indices }, options.name);
}
