/**
 * Plain kernels: sums, means, products and extremes over segments.
 */
import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { segmentOps } from '../../graph/ops/segment';
import type { Kernel, KernelTable } from '../kernel';
import { positionText } from './gather';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** How a segment takes up an element, and what it is without any. */
interface Reduction {
  readonly combine: (total: never, element: never) => unknown;
  /** The same for 32-bit integers, where it needs more than the 53 bits of a double. */
  readonly on32Bits?: (total: number, element: number) => number;
  /** The value of an empty segment, and what a segment starts from. */
  readonly start: (dtype: DType) => number | bigint;
}

/** A small whole number as a dtype holds it. */
const whole = (value: number) => (dtype: DType) => (dtype.isBigInt ? BigInt(value) : value);
const add = (a: never, b: never): unknown => (a as number) + (b as number);
const multiply = (a: never, b: never): unknown => (a as number) * (b as number);
const larger = (a: never, b: never): unknown => ((b as number) > (a as number) ? b : a);
const smaller = (a: never, b: never): unknown => ((b as number) < (a as number) ? b : a);
const lowest = (dtype: DType) => dtype.limits[0];
const highest = (dtype: DType) => dtype.limits[1];

function requireSupported(data: NdArray, type: string): void {
  if (data.dtype.isComplex || (data.dtype.isFloating && data.dtype.size === 2)) {
    throw new UnimplementedError(`${type} has no kernel for ${data.dtype.name}.`);
  }
}

/** Combines rows of `inner` elements into `count` segments; negative ids are left out. */
function reduce(
  data: NdArray,
  ids: readonly number[],
  inner: number,
  count: number,
  { combine: onAll, on32Bits, start }: Reduction,
): unknown[] {
  const { dtype } = data;
  const combine = (dtype.isInteger && dtype.size === 4 && on32Bits) || onAll;
  const out = allocate(data.dtype, count * inner) as unknown as unknown[];
  out.fill(start(data.dtype));
  ids.forEach((id, row) => {
    if (id < 0) return;
    for (let j = 0; j < inner; j++)
      out[id * inner + j] = combine(out[id * inner + j] as never, data.data[row * inner + j] as never);
  });
  return out;
}

/** The ids of sorted segments, checked: they must not decrease. */
function sortedIds(data: NdArray, idsInput: NdArray): number[] {
  if (data.rank < 1) throw new InvalidArgumentError('input must be at least rank 1');
  if (idsInput.rank !== 1) throw new InvalidArgumentError('segment_ids should be a vector.');
  if (idsInput.size !== data.shape[0]) {
    throw new InvalidArgumentError('segment_ids should be the same size as dimension 0 of input.');
  }
  const ids = toNumbers(idsInput);
  const count = ids.length > 0 ? ids[ids.length - 1] + 1 : 0;
  ids.forEach((id, i) => {
    if (id < 0) {
      throw new InvalidArgumentError(
        `Segment id ${id} out of range [0, ${count}), possibly because 'segment_ids' input is not sorted.`,
      );
    }
    if (i > 0 && id < ids[i - 1]) throw new InvalidArgumentError('segment ids are not increasing');
  });
  return ids;
}

/** A kernel for sorted segments; `empty` is the value of those that no id names, `finish` divides by the sizes. */
function sorted(reduction: Reduction, empty: number, isMean = false): Kernel {
  return ([data, idsInput], c) => {
    requireSupported(data, c.op.type);
    const ids = sortedIds(data, idsInput);
    const count = ids.length > 0 ? ids[ids.length - 1] + 1 : 0;
    const rest = data.shape.slice(1);
    const inner = sizeOf(rest);
    const out = reduce(data, ids, inner, count, reduction);
    const sizes = new Int32Array(count);
    for (const id of ids) sizes[id]++;
    for (let segment = 0; segment < count; segment++) {
      const from = segment * inner;
      if (sizes[segment] === 0) out.fill(whole(empty)(data.dtype), from, from + inner);
      else if (isMean) for (let j = from; j < from + inner; j++) out[j] = divided(out[j], sizes[segment], data.dtype);
    }
    return new NdArray(data.dtype, [count, ...rest], out as never);
  };
}

/** Integers are divided as in C: towards zero. */
function divided(total: unknown, size: number, dtype: DType): unknown {
  if (dtype.isBigInt) return (total as bigint) / BigInt(size);
  return dtype.isInteger ? Math.trunc((total as number) / size) : (total as number) / size;
}

function unsorted(reduction: Reduction): Kernel {
  return ([data, idsInput, countInput], c) => {
    requireSupported(data, c.op.type);
    if (countInput.rank !== 0)
      throw new InvalidArgumentError(`num_segments should be a scalar, not shape ${shapeText(countInput.shape)}`);
    const count = Number(countInput.data[0]);
    if (count < 0) throw new InvalidArgumentError(`Input num_segments == ${count} must not be negative.`);
    if (idsInput.shape.some((dim, i) => dim !== data.shape[i])) {
      throw new InvalidArgumentError(
        `data.shape = ${shapeText(data.shape)} does not start with segment_ids.shape = ${shapeText(idsInput.shape)}`,
      );
    }
    const ids = toNumbers(idsInput);
    const beyond = ids.findIndex((id) => id >= count);
    if (beyond >= 0) {
      throw new InvalidArgumentError(
        `segment_ids${positionText(beyond, idsInput.shape)} = ${ids[beyond]} is out of range [0, ${count})`,
      );
    }
    const rest = data.shape.slice(idsInput.rank);
    return new NdArray(data.dtype, [count, ...rest], reduce(data, ids, sizeOf(rest), count, reduction) as never);
  };
}

const sum: Reduction = { combine: add, start: whole(0) };
const product: Reduction = { combine: multiply, on32Bits: Math.imul, start: whole(1) };
const maximum: Reduction = { combine: larger, start: lowest };
const minimum: Reduction = { combine: smaller, start: highest };

/** Sorted segments start from infinity, so that it can be their extreme. */
const withInfinity = (infinity: number, { combine, start }: Reduction): Reduction => ({
  combine,
  start: (dtype) => (dtype.isFloating ? infinity : start(dtype)),
});

export const segmentKernels: KernelTable<typeof segmentOps> = {
  SegmentSum: sorted(sum, 0),
  SegmentMean: sorted(sum, 0, true),
  SegmentProd: sorted(product, 1),
  SegmentMax: sorted(withInfinity(-Infinity, maximum), 0),
  SegmentMin: sorted(withInfinity(Infinity, minimum), 0),
  UnsortedSegmentSum: unsorted(sum),
  UnsortedSegmentProd: unsorted(product),
  UnsortedSegmentMax: unsorted(maximum),
  UnsortedSegmentMin: unsorted(minimum),
};
