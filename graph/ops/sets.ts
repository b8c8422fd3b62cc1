/**
 * Ops: operations on sets that are kept along the last axis of tensors.
 */
import { applyOp } from '../applyOp';
import type { TensorLike } from '../convert';
import { defineOps, none } from '../registry';
import { TensorShape } from '../shape';
import type { Tensor } from '../tensor';

export const setsOps = defineOps({
  DenseToDenseSetOperation: {
    signature: `(set1: T, set2: T) -> (result_indices: int64, result_values: T, result_shape: int64)
      set_operation: string
      validate_indices: bool = true
      T: {int8, int16, int32, int64, uint8, uint16, string}`,
    shape: (c) => {
      const [a, b] = [c.withRankAtLeast(c.shape(0), 2), c.withRankAtLeast(c.shape(1), 2)];
      if (a.rank !== null && b.rank !== null) c.merge(a.slice(0, -1), b.slice(0, -1));
      const rank = a.rank ?? b.rank;
      return [new TensorShape([null, rank]), new TensorShape([null]), new TensorShape([rank])];
    },
    gradient: none('sets hold no floats'),
  },
});

/** A sparse result: where its values are, the values, and the dense shape. */
export interface SparseResult {
  /** int64 `[count, rank]`. */
  readonly indices: Tensor;
  readonly values: Tensor;
  /** int64 `[rank]`. */
  readonly denseShape: Tensor;
}

/** The elements of each last-axis set of `a` that the same set of `b` lacks. Mirrors tf.sets.difference for dense tensors. */
export function setDifference(a: TensorLike, b: TensorLike): SparseResult {
  const op = applyOp('DenseToDenseSetOperation', { set1: a, set2: b, set_operation: 'a-b' });
  return { indices: op.outputs[0], values: op.outputs[1], denseShape: op.outputs[2] };
}
