/**
 * Lowerings: sums, products and extremes over segments: rows combined one after the other into what a segment starts from. How many
 * sorted segments there are depends on their ids, so those have to be known.
 */
import type { DType } from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import type { segmentOps } from '../../graph/ops/segment';
import type { Combination } from '../backends/wasm/routines/scatter';
import { apply, arg, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { guardIndices, indexTypeOf } from './gather';
import { knowing, type Lowering, type LoweringTable, routine } from './lowering';
import { canScatter, scattered } from './scatter';

const unsorted =
  (how: Combination, start: (dtype: DType) => number | bigint): Lowering =>
  (c) => {
    const [data, ids, countInput] = c.inputs;
    const counts = c.integers(2);
    if (counts?.length !== 1 || countInput.shape.length !== 0 || counts[0] < 0) return null;
    if (!indexTypeOf(ids) || !canScatter(how, data.dtype)) return null;
    if (ids.shape.some((dim, axis) => dim !== data.shape[axis])) return null;
    guardIndices(c, ids, counts[0], true);
    return scattered(c, {
      how,
      target: { start: start(data.dtype) },
      shape: [counts[0], ...data.shape.slice(ids.shape.length)],
      depth: 1,
      indices: ids,
      updates: data,
      skipsNegative: true,
    });
  };

/** What segments of known, sorted ids are made of; `empty` is what those without rows are. */
function sorted(how: Combination, start: (dtype: DType) => number | bigint, empty: number): Lowering {
  return (c) => {
    const [data, ids] = c.inputs;
    const numbers = c.integers(1);
    if (!numbers || ids.shape.length !== 1 || data.shape[0] !== numbers.length) return null;
    if (!indexTypeOf(ids) || !canScatter(how, data.dtype)) return null;
    if (numbers.some((id, i) => id < (numbers[i - 1] ?? 0))) return null;
    const count = numbers.length > 0 ? numbers[numbers.length - 1] + 1 : 0;
    const first = start(data.dtype);
    if (first !== empty && new Set(numbers).size !== count) return null;
    return scattered(c, {
      how,
      target: { start: first },
      shape: [count, ...data.shape.slice(1)],
      depth: 1,
      indices: ids,
      updates: data,
    });
  };
}

const sums = sorted('add', () => 0, 0);

const means: Lowering = (c) => {
  const sum = sums(c) as Value | null;
  const { dtype } = c.inputs[0];
  const type = scalarTypeOf(dtype);
  if (!sum || (type !== 'f32' && type !== 'f64')) return null;
  const sizes = new Array<number>(sum.shape[0]).fill(0);
  for (const id of c.integers(1)!) sizes[id]++;
  // A segment without rows has a sum of 0 to be divided.
  const data = sizes.map((size) => Math.max(1, size));
  const divisors = c.b.constant(
    NdArray.from({ data, shape: sum.shape.map((dim, axis) => (axis === 0 ? dim : 1)) }, dtype),
  );
  return c.b.map(dtype, sum.shape, [sum, divisors], apply('div', arg(0, type), arg(1, type)));
};

/** Floats start from an infinity, which can then be an extreme. */
const extreme = (how: 'max' | 'min'): Lowering =>
  sorted(
    how,
    ({ isFloating, limits }) => (isFloating ? (how === 'max' ? -Infinity : Infinity) : limits[how === 'max' ? 0 : 1]),
    0,
  );

const whereKnown = (lowering: Lowering): Lowering =>
  knowing(1, routine(lowering, ' where the ids are known; else host: how many segments there are depends on them'));

export const segmentLowerings: LoweringTable<typeof segmentOps> = {
  SegmentSum: whereKnown(sums),
  SegmentMean: whereKnown(means),
  SegmentProd: whereKnown(sorted('mul', () => 1, 1)),
  SegmentMax: whereKnown(extreme('max')),
  SegmentMin: whereKnown(extreme('min')),
  UnsortedSegmentSum: routine(unsorted('add', () => 0)),
  UnsortedSegmentProd: routine(unsorted('mul', () => 1)),
  UnsortedSegmentMax: routine(unsorted('max', (dtype) => dtype.limits[0])),
  UnsortedSegmentMin: routine(unsorted('min', (dtype) => dtype.limits[1])),
};
