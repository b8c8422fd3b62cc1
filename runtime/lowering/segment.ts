/**
 * Lowerings: sums over unsorted segments, as gradients of gathering have them, and additions to rows of variables, which are
 * such sums added in one pass.
 */

import { sizeOf } from '../../graph/ndarray';
import type { segmentOps } from '../../graph/ops/segment';
import type { stateScatterOps } from '../../graph/ops/stateScatter';
import { segmentSumCall } from '../backends/wasm/routines/rows';
import { identityAccess } from '../ir/access';
import { apply, arg, type ScalarType, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { isComputed } from './elementwise';
import { guardIndices, indexTypeOf } from './gather';
import { type LowerContext, type Lowering, type LoweringTable, listOf } from './lowering';

function segmentSum(c: LowerContext, data: Value, ids: Value, segments: number, allowNegative: boolean): Value | null {
  const indexType = indexTypeOf(ids);
  if (!indexType || !isComputed(data.dtype) || data.dtype.isBool) return null;
  if (ids.shape.some((dim, axis) => dim !== data.shape[axis])) return null;
  guardIndices(c, ids, segments, allowNegative);
  const rest = data.shape.slice(ids.shape.length);
  const type = scalarTypeOf(data.dtype) as Exclude<ScalarType, 'bool'>;
  const spec = { type, indexType, rows: sizeOf(ids.shape), inner: sizeOf(rest), segments };
  const [result] = c.b.routine(
    {
      inputs: [data, ids].map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      make: () => ({
        name: 'segment sum',
        text: `${spec.rows} rows of ${spec.inner} to ${segments}`,
        flops: spec.rows * spec.inner,
        workspaceBytes: 0,
        calls: ({ inputs: [source, segment], outputs: [target] }) =>
          listOf(segmentSumCall(spec, source, segment, target)),
      }),
    },
    [{ dtype: data.dtype, shape: [segments, ...rest] }],
  );
  return result;
}

/** `sign` −1 subtracts. Rows that no index names stay as they are to the bit, for what is subtracted from them is 0. */
const scatter =
  (sign: 1 | -1): Lowering =>
  (c) => {
    const [, indices, updates] = c.inputs;
    const variable = c.variable(0);
    if (!variable || variable.shape.length === 0 || variable.dtype !== updates.dtype) return null;
    if (updates.shape.join() !== [...indices.shape, ...variable.shape.slice(1)].join()) return null;
    if (!isComputed(updates.dtype) || updates.dtype.isBool) return null;
    const type = scalarTypeOf(updates.dtype)!;
    const taken = sign < 0 ? updates : c.b.map(updates.dtype, updates.shape, [updates], apply('neg', arg(0, type)));
    const old = c.b.readVariable(variable);
    const sums = segmentSum(c, taken, indices, variable.shape[0], false);
    if (!sums) return null;
    c.b.update(variable.shape, [old, sums], [{ variable, expression: apply('sub', arg(0, type), arg(1, type)) }]);
    return [];
  };

export const segmentLowerings: LoweringTable<typeof segmentOps> = {
  UnsortedSegmentSum: (c) => {
    const [data, ids, countInput] = c.inputs;
    const counts = c.integers(2);
    if (counts?.length !== 1 || countInput.shape.length !== 0 || counts[0] < 0) return null;
    return segmentSum(c, data, ids, counts[0], true);
  },
};

export const stateScatterLowerings: LoweringTable<typeof stateScatterOps> = {
  ResourceScatterAdd: scatter(1),
  ResourceScatterSub: scatter(-1),
};
