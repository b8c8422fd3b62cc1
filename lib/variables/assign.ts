/**
 * The functions that change variables: tf.assign and its kin. They are the methods of Variable under other names.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import type { Variable } from './variable';

interface Named {
  readonly name?: string;
}

/** Mirrors tf.compat.v1.assign. */
export function assign(ref: Variable, value: TensorLike, options: Named = {}): Variable {
  return ref.assign(value, { name: options.name });
}

/** Mirrors tf.compat.v1.assign_add; as there, the operation keeps its own name. */
export function assignAdd(ref: Variable, value: TensorLike): Variable {
  return ref.assignAdd(value);
}

/** Mirrors tf.compat.v1.assign_sub; as there, the operation keeps its own name. */
export function assignSub(ref: Variable, value: TensorLike): Variable {
  return ref.assignSub(value);
}

/** Counts an int32 or int64 scalar up, to `limit` at most. Mirrors tf.compat.v1.count_up_to. */
export function countUpTo(ref: Variable, limit: number, options: Named = {}): Tensor {
  return ref.countUpTo(limit, options);
}

type Scatter = (ref: Variable, indices: TensorLike, updates: TensorLike, options?: Named) => Variable;

const rows =
  (type: string): Scatter =>
  (ref, indices, updates, options = {}) =>
    ref.scatterRows(type, indices, updates, options.name);

const slices =
  (type: string): Scatter =>
  (ref, indices, updates, options = {}) =>
    ref.scatterSlices(type, indices, updates, options.name);

/** Assigns the rows at `indices`. Mirrors tf.compat.v1.scatter_update. */
export const scatterUpdate = rows('ResourceScatterUpdate');
/** Adds to the rows at `indices`; repeated ones add up. Mirrors tf.compat.v1.scatter_add. */
export const scatterAdd = rows('ResourceScatterAdd');
/** Mirrors tf.compat.v1.scatter_sub. */
export const scatterSub = rows('ResourceScatterSub');
/** Mirrors tf.compat.v1.scatter_mul. */
export const scatterMul = rows('ResourceScatterMul');
/** Mirrors tf.compat.v1.scatter_div. */
export const scatterDiv = rows('ResourceScatterDiv');
/** Mirrors tf.compat.v1.scatter_min. */
export const scatterMin = rows('ResourceScatterMin');
/** Mirrors tf.compat.v1.scatter_max. */
export const scatterMax = rows('ResourceScatterMax');

/**
 * Assigns the elements or slices at the index vectors in the last dimension of `indices`. Mirrors
 * tf.compat.v1.scatter_nd_update.
 */
export const scatterNdUpdate = slices('ResourceScatterNdUpdate');
/** Mirrors tf.compat.v1.scatter_nd_add. */
export const scatterNdAdd = slices('ResourceScatterNdAdd');
/** Mirrors tf.compat.v1.scatter_nd_sub. */
export const scatterNdSub = slices('ResourceScatterNdSub');
