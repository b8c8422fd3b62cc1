/**
 * Functions that make sequences and repetitions of several ops: linspace, meshgrid, repeat, batchGather.
 */
import { applyUnary } from '../../graph/applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32, int32, int64 } from '../../graph/dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import { expandDims, reshape } from '../../graph/ops/array';
import { sliceAt } from '../../graph/ops/brackets';
import { broadcastDynamicShape, broadcastTo } from '../../graph/ops/broadcast';
import { cast } from '../../graph/ops/cast';
import { whereV2 } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { gather } from '../../graph/ops/gather';
import { concat, stack } from '../../graph/ops/joining';
import { allAxes, booleanMask, sequenceMask } from '../../graph/ops/masking';
import { tileOneDimension } from '../../graph/ops/padding';
import { range, rank as rankOf, shape as shapeOf, size as sizeOf } from '../../graph/ops/shapes';
import { slice } from '../../graph/ops/slice';
import { ones, zeros, zerosLike } from '../../graph/ops/source';
import { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

const add = (x: TensorLike, y: TensorLike): Tensor => applyUnary('AddV2', { x, y }, 'add');
const sub = (x: TensorLike, y: TensorLike): Tensor => applyUnary('Sub', { x, y }, 'sub');
const mul = (x: TensorLike, y: TensorLike): Tensor => applyUnary('Mul', { x, y }, 'mul');
const div = (x: TensorLike, y: TensorLike): Tensor => applyUnary('RealDiv', { x, y }, 'truediv');
const atLeast = (x: TensorLike, y: TensorLike): Tensor => applyUnary('Maximum', { x, y });

/** An integer tensor, with the Cast that TensorFlow always puts behind it. */
function toIntTensor(value: TensorLike, name: string): Tensor {
  const tensor = convertToTensor(value, { name, preferredDtype: int32 });
  if (!tensor.dtype.isInteger) {
    throw new GraphTypeError(
      `Argument \`tensor\` (name: ${name}) must be of type integer. Received \`tensor\` = ${tensor} of dtype: ${tensor.dtype}`,
    );
  }
  return applyUnary('Cast', { x: tensor, DstT: int32 });
}

export interface LinspaceOptions {
  /** The axis along which the numbers run, where start and stop are no scalars. */
  readonly axis?: number;
  readonly name?: string;
}

/** `num` evenly spaced numbers from `start` to `stop`, both included. Mirrors tf.linspace. */
export function linspace(
  start: TensorLike,
  stop: TensorLike,
  num: TensorLike,
  { axis = 0, name }: LinspaceOptions = {},
): Tensor {
  return composite(name, 'linspace', [start, stop], () => {
    const first = convertToTensor(start, { name: 'start' });
    const last = convertToTensor(stop, { name: 'stop', dtype: first.dtype });
    const count = toIntTensor(num, 'num');
    cast(count, first.dtype);
    const common = broadcastDynamicShape(shapeOf(first), shapeOf(last));
    const [from, to] = [broadcastTo(first, common), broadcastTo(last, common)];
    const [expandedFrom, expandedTo] = [expandDims(from, axis), expandDims(to, axis)];
    const shape = shapeOf(expandedFrom);
    const rank = sliceAt(shapeOf(shape), [0]);
    const fromEnd = add(rank, axis);
    const at = whereV2(axis >= 0, NdArray.scalar(int32, axis), fromEnd);
    const inner = atLeast(sub(count, 2), 0);
    const steps = atLeast(sub(count, 1), 1);
    const delta = div(sub(expandedTo, expandedFrom), cast(steps, first.dtype));
    const isCounted = applyUnary('GreaterEqual', { x: count, y: 0 });
    const end = whereV2(isCounted, steps, NdArray.scalar(int32, -1));
    const multiples = cast(range(1, end, 1, { dtype: int64 }), delta.dtype);
    const isAxis = applyUnary('Equal', { x: at, y: range(rank) });
    const innerShape = whereV2(isAxis, inner, NdArray.scalar(int32, 1));
    const between = add(expandedFrom, mul(delta, reshape(multiples, innerShape)));
    const all = concat([expandedFrom, between, expandedTo], at);
    const begin = zerosLike(shape);
    const size = concat([sliceAt(shape, [[0, at]]), reshape(count, [1]), sliceAt(shape, [[add(at, 1), null]])], 0);
    return slice(all, begin, size);
  });
}

export interface MeshgridOptions {
  /** `xy` (the default, the second argument varies along the first axis) or `ij`. */
  readonly indexing?: 'xy' | 'ij';
  readonly name?: string;
}

/** For vectors, the coordinates of all points of the grid that they span, one tensor per vector. Mirrors tf.meshgrid. */
export function meshgrid(vectors: readonly TensorLike[], { indexing = 'xy', name }: MeshgridOptions = {}): Tensor[] {
  if (indexing !== 'xy' && indexing !== 'ij') {
    throw new ValueError(`Argument \`indexing\` parameter must be either 'xy' or 'ij', got '${String(indexing)}'`);
  }
  return composite(name, 'meshgrid', vectors, () => {
    const count = vectors.length;
    if (count === 0) return [];
    const tensors = vectors.map((vector) => convertToTensor(vector));
    const along = (axis: number) => Array.from({ length: count }, (_, i) => (i === axis ? -1 : 1));
    const grids = tensors.map((vector, axis) => reshape(vector, along(axis)));
    const sizes = tensors.map((vector) => sizeOf(vector));
    if (indexing === 'xy' && count > 1) {
      grids[0] = reshape(grids[0], along(1));
      grids[1] = reshape(grids[1], along(0));
      [sizes[0], sizes[1]] = [sizes[1], sizes[0]];
    }
    const factor = ones(sizes, tensors[0].dtype);
    return grids.map((grid) => mul(grid, factor));
  });
}

export interface RepeatOptions {
  readonly name?: string;
}

/**
 * Each entry along `axis` (default: of the flattened tensor) `repeats` times: one number for all, or one for each.
 *
 * Mirrors tf.repeat.
 */
export function repeat(
  input: TensorLike,
  repeats: TensorLike,
  axis?: number | null,
  { name }: RepeatOptions = {},
): Tensor {
  const isFlat = axis === null || axis === undefined;
  if (!isFlat && !Number.isInteger(axis)) {
    throw new GraphTypeError(
      `Argument \`axis\` must be an int. Received \`axis\` = ${repr(axis)} of type ${typeWord(axis)}`,
    );
  }
  const source = isFlat ? reshape(input, [-1]) : input;
  return composite(name, 'Repeat', [source, repeats], () => {
    const given = convertToTensor(source, { name: 'data' });
    const counts = toIntTensor(repeats, 'repeats');
    if (counts.shape.rank !== null && counts.shape.rank > 1)
      throw new ValueError(`Shape ${counts.shape} must have rank at most 1`);
    const data = withNonzeroRank(given);
    const dataShape = shapeOf(data);
    const at = positiveAxis(isFlat ? 0 : (axis as number), data.shape.rank);
    return counts.shape.numElements() === 1
      ? repeatEqually(data, dataShape, counts, at)
      : repeatEach(data, dataShape, counts, at);
  });
}

function withNonzeroRank(data: Tensor): Tensor {
  const { rank } = data.shape;
  if (rank !== null) return rank === 0 ? stack([data]) : data;
  const dataShape = shapeOf(data);
  const start = applyUnary('Neg', { x: rankOf(data) });
  return reshape(data, sliceAt(concat([NdArray.vector(int32, [1]), dataShape], 0), [[start, null]]));
}

function positiveAxis(axis: number, rank: number | null): number {
  if (rank === null) {
    if (axis < 0) throw new ValueError(`axis=${axis} may only be negative if rank(data) is statically known.`);
    return axis;
  }
  if (axis < -rank || axis >= rank) throw new ValueError(`axis=${axis} out of bounds: expected ${-rank}<=axis<${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** The shape with another size at `axis`. */
function resized(dataShape: Tensor, axis: number, size: TensorLike): Tensor {
  return concat([sliceAt(dataShape, [[null, axis]]), [size], sliceAt(dataShape, [[axis + 1, null]])], 0);
}

function repeatEqually(data: Tensor, dataShape: Tensor, counts: Tensor, axis: number): Tensor {
  const count = toScalar(counts);
  const tiled = tileOneDimension(expandDims(data, axis + 1), axis + 1, count);
  const before = sliceAt(dataShape, [[null, axis]]);
  const size = mul(count, sliceAt(dataShape, [axis]));
  return reshape(tiled, concat([before, [size], sliceAt(dataShape, [[axis + 1, null]])], 0));
}

/** A tensor of one element as a scalar. TensorFlow tries the empty shape as floats first, and leaves that constant behind. */
function toScalar(tensor: Tensor): Tensor {
  return composite(null, 'Reshape', [tensor], (scope) => {
    constantIn(getDefaultGraph(), NdArray.zeros(float32, [0]), 'shape');
    return applyUnary('Reshape', { tensor, shape: NdArray.zeros(int32, [0]) }, scope);
  });
}

/** As many copies as the largest number asks for, of which a mask keeps those that are wanted. */
function repeatEach(data: Tensor, dataShape: Tensor, counts: Tensor, axis: number): Tensor {
  if (counts.shape.rank === 1 && data.shape.dims) {
    new TensorShape([data.shape.dims[axis]]).assertIsCompatibleWith(counts.shape);
  }
  const original = broadcastTo(counts, [sliceAt(dataShape, [axis])]);
  let each = original;
  if (each.shape.rank !== axis + 1) {
    const ownShape = shapeOf(each);
    const rank = rankOf(each);
    const outer = sliceAt(dataShape, [[null, sub(NdArray.scalar(int32, axis + 1), rank)]]);
    each = broadcastTo(each, concat([outer, ownShape], 0));
    each.setShape(new Array<null>(axis + 1).fill(null));
  }
  const largest = applyUnary('Max', { input: each, reduction_indices: allAxes(each) });
  const most = atLeast(convertToTensor(0, { name: 'zero', dtype: largest.dtype }), largest);
  const mask = sequenceMask(each, most);
  const tiled = tileOneDimension(expandDims(data, axis + 1), axis + 1, most);
  const masked = booleanMask(tiled, mask);
  const result = axis === 0 ? masked : reshape(masked, resized(dataShape, axis, total(original)));
  if (data.shape.dims) {
    const size = each.shape.dims?.[0] === 0 ? 0 : null;
    result.setShape(new TensorShape(data.shape.dims.with(axis, size)));
  }
  return result;
}

function total(counts: Tensor): Tensor {
  const axes = applyUnary('Range', { start: 0, limit: rankOf(counts), delta: 1 });
  return applyUnary('Sum', { input: counts, reduction_indices: axes });
}

/**
 * The slices of `params` at `indices` along its last batch axis: all axes of the indices but the last are batch axes.
 *
 * Mirrors tf.batch_gather. ValueError for indices of unknown rank.
 */
export function batchGather(params: TensorLike, indices: TensorLike, options: { name?: string } = {}): Tensor {
  return composite(options.name, 'BatchGather', [params, indices], () => {
    const ids = convertToTensor(indices, { name: 'indices', preferredDtype: int32 });
    const x = convertToTensor(params, { name: 'params' });
    if (ids.shape.rank === null) throw new ValueError('batch_gather does not allow indices with unknown shape.');
    return gatherBatches(x, ids, ids.shape.rank - 1);
  });
}

function gatherBatches(params: Tensor, indices: Tensor, batchDims: number): Tensor {
  const rank = indices.shape.rank!;
  const [indicesShape, paramsShape] = [shapeOf(indices), shapeOf(params)];
  const { dtype } = indices;
  let stride = ones([], dtype);
  const dims = applyUnary('Cast', { x: paramsShape, DstT: dtype });
  let flatIndices = indices;
  for (let dim = batchDims; dim > 0; dim--) {
    const size = sliceAt(dims, [dim - 1]);
    stride = mul(stride, sliceAt(dims, [dim]));
    const [start, step] = [zeros([], dtype), ones([], dtype)];
    const offsets = mul(applyUnary('Range', { start, limit: size, delta: step }), stride);
    const shape = stack([...new Array<number>(dim - 1).fill(1), size, ...new Array<number>(rank - dim).fill(1)]);
    flatIndices = add(flatIndices, reshape(offsets, shape));
  }
  const flat = reshape(flatIndices, [-1]);
  const outer = sliceAt(paramsShape, [[batchDims + 1, null]]);
  const flatSize = applyUnary('Prod', { input: sliceAt(paramsShape, [[null, batchDims + 1]]), reduction_indices: [0] });
  const rows = reshape(params, concat([[flatSize], outer], 0));
  const result = reshape(gather(rows, flat), concat([indicesShape, outer], 0));
  const batch = indices.shape.slice(0, batchDims).mergeWith(params.shape.slice(0, batchDims));
  result.setShape(batch.concatenate(indices.shape.slice(batchDims)).concatenate(params.shape.slice(batchDims + 1)));
  return result;
}
