/**
 * Lowerings: rows picked by indices. Indices are checked by a guard, so that a wrong one is TensorFlow's error.
 */

import { sizeOf } from '../../graph/ndarray';
import type { gatherOps } from '../../graph/ops/gather';
import { gatherCall, type IndexType } from '../backends/wasm/routines/rows';
import { identityAccess } from '../ir/access';
import { apply, arg, constant, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { type LowerContext, type LoweringTable, listOf } from './lowering';

/** Int32 or int64 by name: the types of indices. */
export const indexTypeOf = ({ dtype }: Value): IndexType | null =>
  dtype.name === 'int32' ? 'i32' : dtype.name === 'int64' ? 'i64' : null;

/** Lets the plain kernel fail where an index is not below `limit`, or below 0 unless that is allowed. */
export function guardIndices(c: LowerContext, indices: Value, limit: number, allowNegative = false): void {
  const type = scalarTypeOf(indices.dtype)!;
  const isBeyond = apply('ge', arg(0, type), constant(type, limit));
  const isBelow = apply('lt', arg(0, type), constant(type, 0));
  c.guard(allowNegative ? isBeyond : apply('or', isBelow, isBeyond), indices);
}

/** Slices of `params` along an axis; null for indices that are no integers. */
export function gathered(c: LowerContext, params: Value, indices: Value, axis: number): Value | null {
  const indexType = indexTypeOf(indices);
  if (!indexType) return null;
  const { shape, dtype } = params;
  guardIndices(c, indices, shape[axis]);
  const spec = {
    indexType,
    outer: sizeOf(shape.slice(0, axis)),
    limit: shape[axis],
    count: sizeOf(indices.shape),
    rowBytes: sizeOf(shape.slice(axis + 1)) * dtype.size,
  };
  const [result] = c.b.routine(
    {
      inputs: [params, indices].map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      make: () => ({
        name: 'gather',
        text: `${spec.outer > 1 ? `${spec.outer}×` : ''}${spec.count} of ${spec.limit} rows of ${spec.rowBytes} bytes`,
        flops: 0,
        workspaceBytes: 0,
        calls: ({ inputs: [source, picked], outputs: [target] }) => listOf(gatherCall(spec, source, picked, target)),
      }),
    },
    [{ dtype, shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)] }],
  );
  return result;
}

export const gatherLowerings: LoweringTable<typeof gatherOps> = {
  Gather: (c) => {
    const [params, indices] = c.inputs;
    return params.shape.length < 1 ? null : gathered(c, params, indices, 0);
  },
  GatherV2: (c) => {
    const [params, indices, axisInput] = c.inputs;
    const axes = c.integers(2);
    const rank = params.shape.length;
    if (axes?.length !== 1 || axisInput.shape.length !== 0 || Number(c.attr('batch_dims')) !== 0) return null;
    const [axis] = axes;
    if (axis < -rank || axis >= rank) return null;
    return gathered(c, params, indices, axis < 0 ? axis + rank : axis);
  },
};
