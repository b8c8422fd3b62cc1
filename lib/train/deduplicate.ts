/**
 * Sparse gradients that name a row several times, made to name it once.
 */
import { applyOp } from '../../graph/applyOp';
import { shape } from '../../graph/ops/shapes';
import type { Tensor } from '../../graph/tensor';

/** The rows of `values` summed by index, and the indices without repeats. */
export function deduplicate(values: Tensor, indices: Tensor): { values: Tensor; indices: Tensor } {
  const [unique, positions] = applyOp('Unique', { x: indices }).outputs;
  const rows = shape(unique).at(0);
  const summed = applyOp('UnsortedSegmentSum', { data: values, segment_ids: positions, num_segments: rows }).output;
  return { values: summed, indices: unique };
}
