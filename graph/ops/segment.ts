/**
 * Ops: sums, means, products and extremes over segments of the first axes.
 *
 * Sorted segments take ids that do not decrease; the unsorted ones any ids, and the number of segments with them.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { bool, int32 } from '../dtypes';
import type { Operation } from '../operation';
import { defineOps, type Gradient, type OpDefinition } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { expandDims, reshape } from './array';
import { newaxis, sliceAt } from './brackets';
import { composite } from './composite';
import { gather } from './gather';
import { concat } from './joining';
import { rank as rankOf, shape as shapeOf } from './shapes';
import { ones, onesLike, zerosLike } from './source';

const NUMBERS =
  '{float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64}';
const REAL_NUMBERS = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';

function sorted(types: string, gradient: OpDefinition['gradient']): OpDefinition {
  return {
    signature: `(data: T, segment_ids: Tindices) -> (output: T)
      T: ${types}
      Tindices: {int32, int64}`,
    shape: (c) => {
      c.ranked(1, 1);
      const data = c.withRankAtLeast(c.shape(0), 1);
      return [new TensorShape([null]).concatenate(data.slice(1))];
    },
    gradient,
  };
}

function unsorted(types: string, indexTypes: string, gradient: OpDefinition['gradient']): OpDefinition {
  return {
    signature: `(data: T, segment_ids: Tindices, num_segments: Tnumsegments) -> (output: T)
      T: ${types}
      Tindices: ${indexTypes}
      Tnumsegments: {int32, int64} = int32`,
    shape: unsortedShape,
    gradient,
  };
}

export const segmentOps = defineOps({
  SegmentSum: sorted(NUMBERS, (op, grad) => [gather(grad, op.inputs[1]), null]),
  SegmentMean: sorted(NUMBERS, meanGradient),
  SegmentProd: sorted(NUMBERS, prodGradient),
  SegmentMax: sorted(REAL_NUMBERS, extremeGradient),
  SegmentMin: sorted(REAL_NUMBERS, extremeGradient),
  UnsortedSegmentSum: unsorted(NUMBERS, '{int16, int32, int64}', (op, grad) => [
    gatherDropNegatives(grad, op.inputs[1]).gathered,
    null,
    null,
  ]),
  UnsortedSegmentProd: unsorted(NUMBERS, '{int32, int64}', unsortedProdGradient),
  UnsortedSegmentMax: unsorted(REAL_NUMBERS, '{int32, int64}', unsortedExtremeGradient),
  UnsortedSegmentMin: unsorted(REAL_NUMBERS, '{int32, int64}', unsortedExtremeGradient),
});

function unsortedShape(c: ShapeContext): TensorShape[] {
  const [data, ids] = [c.shape(0), c.shape(1)];
  c.ranked(2, 0);
  const value = c.value(2);
  const count = value && Number(value.data[0]);
  if (count !== null && count < 0) {
    c.fail(`Dimension size, given by scalar input 2, must be non-negative but is ${count}`);
  }
  if (data.dims === null || ids.dims === null) return [unknownShape];
  c.withRankAtLeast(data, ids.dims.length);
  ids.dims.forEach((dim, i) => c.mergeDims(data.dims![i], dim));
  return [new TensorShape([count, ...data.dims.slice(ids.dims.length)])];
}

const divide = (x: Tensor, y: Tensor): Tensor => applyUnary('RealDiv', { x, y }, 'truediv');
const multiply = (x: Tensor, y: Tensor): Tensor => applyUnary('Mul', { x, y }, 'mul');
const minus = (x: Tensor, y: TensorLike): Tensor => applyUnary('Sub', { x, y }, 'sub');
const select = (condition: Tensor, t: Tensor, e: Tensor): Tensor => applyUnary('SelectV2', { condition, t, e });
const equal = (x: Tensor, y: TensorLike): Tensor => applyUnary('Equal', { x, y });

function meanGradient(op: Operation, grad: Tensor): Gradient[] {
  const [data, ids] = op.inputs;
  const inner = minus(rankOf(data), 1);
  const shape = concat([shapeOf(ids), ones(expandDims(inner, 0), int32)], 0);
  const counts = segmentSum(ones(shape, grad.dtype), ids);
  return [gather(divide(grad, counts), ids), null];
}

function extremeGradient(op: Operation, grad: Tensor): Gradient[] {
  const [data, ids] = op.inputs;
  const zeros = zerosLike(data, data.dtype);
  const isSelected = equal(data, gather(op.outputs[0], ids));
  const count = segmentSum(applyUnary('Cast', { x: isSelected, DstT: grad.dtype }), ids);
  return [select(isSelected, gather(divide(grad, count), ids), zeros), null];
}

/** Zeros make the product of the others their gradient; two zeros in a segment make all gradients zero. */
function prodGradient(op: Operation, grad: Tensor): Gradient[] {
  const [data, ids] = op.inputs;
  const isZero = equal(data, 0);
  const zeroCount = segmentSum(applyUnary('Cast', { x: isZero, DstT: int32 }), ids);
  const alive = select(applyUnary('Greater', { x: zeroCount, y: 1 }), zerosLike(grad), grad);
  const nonZero = select(isZero, onesLike(data), data);
  const nonZeroProd = segmentProd(nonZero, ids);
  const products = gather(op.outputs[0], ids);
  const nonZeroProducts = gather(nonZeroProd, ids);
  const partial = select(isZero, nonZeroProducts, divide(products, nonZero));
  return [multiply(gather(alive, ids), partial), null];
}

interface Dropped {
  readonly gathered: Tensor;
  readonly clipped: Tensor;
  readonly isPositive: Tensor;
}

/** Rows of `params` by id, zeros for negative ids; what is known of the ids may be passed on. */
function gatherDropNegatives(
  params: Tensor,
  ids: Tensor,
  known: { clipped?: Tensor; isPositive?: Tensor } = {},
): Dropped {
  const clipped = known.clipped ?? applyUnary('Maximum', { x: ids, y: zerosLike(ids) });
  const gathered = gather(params, clipped);
  const isPositive = known.isPositive ?? positiveLike(ids, gathered);
  return { gathered: select(isPositive, gathered, zerosLike(gathered)), clipped, isPositive };
}

/** Whether each id is not negative, broadcast to the shape of the gathered rows. */
function positiveLike(ids: Tensor, gathered: Tensor): Tensor {
  const isPositive = applyUnary('GreaterEqual', { x: ids, y: 0 });
  const shape = shapeOf(isPositive);
  const behind = minus(rankOf(gathered), rankOf(isPositive));
  const column = reshape(isPositive, concat([shape, ones([behind], shape.dtype)], 0));
  return applyUnary('LogicalAnd', { x: column, y: onesLike(gathered, bool) }, 'and');
}

function unsortedExtremeGradient(op: Operation, grad: Tensor): Gradient[] {
  const [data, ids, count] = op.inputs;
  const { gathered, clipped, isPositive } = gatherDropNegatives(op.outputs[0], ids);
  const isSelected = applyUnary('LogicalAnd', { x: equal(data, gathered), y: isPositive });
  const selected = unsortedSegmentSum(applyUnary('Cast', { x: isSelected, DstT: grad.dtype }), ids, count);
  const weighted = divide(grad, selected);
  const gradients = gatherDropNegatives(weighted, ids, { clipped, isPositive }).gathered;
  return [select(isSelected, gradients, zerosLike(gradients)), null, null];
}

function unsortedProdGradient(op: Operation, grad: Tensor): Gradient[] {
  const [data, ids, count] = op.inputs;
  const isZero = equal(data, 0);
  const zeroCount = unsortedSegmentSum(applyUnary('Cast', { x: isZero, DstT: int32 }), ids, count);
  const alive = select(applyUnary('Greater', { x: zeroCount, y: 1 }), zerosLike(grad), grad);
  const nonZero = select(isZero, onesLike(data), data);
  const nonZeroProd = unsortedSegmentProd(nonZero, ids, count);
  const clipped = applyUnary('Maximum', { x: ids, y: zerosLike(ids) });
  const products = gather(op.outputs[0], clipped);
  const nonZeroProducts = gather(nonZeroProd, clipped);
  // Where data is zero this is no number; it is not selected there.
  const partial = select(isZero, nonZeroProducts, divide(products, data));
  const gathered = gatherDropNegatives(alive, ids, { clipped }).gathered;
  return [multiply(gathered, partial), null, null];
}

interface Named {
  readonly name?: string;
}

/** The sum of the rows of each segment. Mirrors tf.math.segment_sum. */
export function segmentSum(data: TensorLike, segmentIds: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('SegmentSum', { data, segment_ids: segmentIds }, name);
}

/** The mean of the rows of each segment; 0 for an empty one. Mirrors tf.math.segment_mean. */
export function segmentMean(data: TensorLike, segmentIds: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('SegmentMean', { data, segment_ids: segmentIds }, name);
}

/** The product of the rows of each segment; 1 for an empty one. Mirrors tf.math.segment_prod. */
export function segmentProd(data: TensorLike, segmentIds: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('SegmentProd', { data, segment_ids: segmentIds }, name);
}

/** The maximum over the rows of each segment; 0 for an empty one. Mirrors tf.math.segment_max. */
export function segmentMax(data: TensorLike, segmentIds: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('SegmentMax', { data, segment_ids: segmentIds }, name);
}

/** The minimum over the rows of each segment; 0 for an empty one. Mirrors tf.math.segment_min. */
export function segmentMin(data: TensorLike, segmentIds: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('SegmentMin', { data, segment_ids: segmentIds }, name);
}

function unsortedSegment(type: string, data: TensorLike, ids: TensorLike, count: TensorLike, { name }: Named): Tensor {
  return applyUnary(type, { data, segment_ids: ids, num_segments: count }, name);
}

/** The sum of the elements of each segment; negative ids are left out. Mirrors tf.math.unsorted_segment_sum. */
export function unsortedSegmentSum(
  data: TensorLike,
  segmentIds: TensorLike,
  numSegments: TensorLike,
  options: Named = {},
): Tensor {
  return unsortedSegment('UnsortedSegmentSum', data, segmentIds, numSegments, options);
}

/** The product of the elements of each segment; 1 for an empty one. Mirrors tf.math.unsorted_segment_prod. */
export function unsortedSegmentProd(
  data: TensorLike,
  segmentIds: TensorLike,
  numSegments: TensorLike,
  options: Named = {},
): Tensor {
  return unsortedSegment('UnsortedSegmentProd', data, segmentIds, numSegments, options);
}

/** The maximum of each segment; the lowest value for an empty one. Mirrors tf.math.unsorted_segment_max. */
export function unsortedSegmentMax(
  data: TensorLike,
  segmentIds: TensorLike,
  numSegments: TensorLike,
  options: Named = {},
): Tensor {
  return unsortedSegment('UnsortedSegmentMax', data, segmentIds, numSegments, options);
}

/** The minimum of each segment; the highest value for an empty one. Mirrors tf.math.unsorted_segment_min. */
export function unsortedSegmentMin(
  data: TensorLike,
  segmentIds: TensorLike,
  numSegments: TensorLike,
  options: Named = {},
): Tensor {
  return unsortedSegment('UnsortedSegmentMin', data, segmentIds, numSegments, options);
}

/** How many elements each segment has, at least 1, in a shape that divides sums. */
function segmentCounts(data: Tensor, ids: Tensor, numSegments: TensorLike): Tensor {
  const count = convertToTensor(numSegments, { preferredDtype: int32 });
  const sums = unsortedSegmentSum(ones(shapeOf(ids, { optimize: false }), data.dtype), ids, count);
  const rows = sliceAt(count, [newaxis]);
  const behind = minus(rankOf(data), rankOf(ids));
  const shape = concat([rows, ones([behind], count.dtype)], 0);
  return applyUnary('Maximum', { x: reshape(sums, shape), y: 1 });
}

/** The mean of each segment; 0 for an empty one. Mirrors tf.math.unsorted_segment_mean. */
export function unsortedSegmentMean(
  data: TensorLike,
  segmentIds: TensorLike,
  numSegments: TensorLike,
  { name }: Named = {},
): Tensor {
  return composite(name, 'UnsortedSegmentMean', [data, segmentIds, numSegments], () => {
    const [x, ids] = [convertToTensor(data), convertToTensor(segmentIds, { preferredDtype: int32 })];
    const counts = segmentCounts(x, ids, numSegments);
    return divide(unsortedSegmentSum(x, ids, numSegments), counts);
  });
}

/** The sum of each segment divided by the root of its size. Mirrors tf.math.unsorted_segment_sqrt_n. */
export function unsortedSegmentSqrtN(
  data: TensorLike,
  segmentIds: TensorLike,
  numSegments: TensorLike,
  { name }: Named = {},
): Tensor {
  return composite(name, 'UnsortedSegmentSqrtN', [data, segmentIds, numSegments], () => {
    const [x, ids] = [convertToTensor(data), convertToTensor(segmentIds, { preferredDtype: int32 })];
    const counts = segmentCounts(x, ids, numSegments);
    return divide(unsortedSegmentSum(x, ids, numSegments), applyUnary('Sqrt', { x: counts }));
  });
}
