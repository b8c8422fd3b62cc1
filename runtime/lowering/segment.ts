/**
 * Lowerings: sums, products and extremes over unsorted segments: rows combined one after the other into what a segment starts from.
 */
import type { DType } from '../../graph/dtypes';
import type { segmentOps } from '../../graph/ops/segment';
import type { Combination } from '../backends/wasm/routines/scatter';
import { guardIndices, indexTypeOf } from './gather';
import { type Lowering, type LoweringTable, routine } from './lowering';
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

export const segmentLowerings: LoweringTable<typeof segmentOps> = {
  UnsortedSegmentSum: routine(unsorted('add', () => 0)),
  UnsortedSegmentProd: routine(unsorted('mul', () => 1)),
  UnsortedSegmentMax: routine(unsorted('max', (dtype) => dtype.limits[0])),
  UnsortedSegmentMin: routine(unsorted('min', (dtype) => dtype.limits[1])),
};
