/**
 * Lowerings: rows and slices picked by indices. Indices are checked by a guard, so that a wrong one is TensorFlow's error.
 */
import { bool, int32 } from '../../graph/dtypes';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { gatherOps } from '../../graph/ops/gather';
import { gatherCall, type IndexType } from '../backends/wasm/routines/gather';
import { FILLER } from '../backends/wasm/routines/unique';
import { stridesOf } from '../broadcast';
import { type AxisMap, identityAccess } from '../ir/access';
import { apply, arg, cast, constant, type Expression, scalarTypeOf } from '../ir/expression';
import type { Operand, Value } from '../ir/value';
import { type LowerContext, type LoweringTable, listOf, routine } from './lowering';

/** Int32 or int64 by name: the types of indices. */
export const indexTypeOf = ({ dtype }: Value): IndexType | null =>
  dtype.name === 'int32' ? 'i32' : dtype.name === 'int64' ? 'i64' : null;

/** Whether an index is not below `limit`, or below 0 unless that is allowed. */
function isOutside(index: Expression, limit: number, allowNegative = false): Expression {
  const isBeyond = apply('ge', index, constant(index.type, limit));
  return allowNegative ? isBeyond : apply('or', apply('lt', index, constant(index.type, 0)), isBeyond);
}

/** The numbers of a value, where they are known before the run. */
const known = ({ definition }: Value): readonly number[] | null =>
  definition.kind === 'const' ? Array.from(definition.array.data as ArrayLike<number | bigint>, Number) : null;

/**
 * Lets the plain kernel fail where an index is not below `limit`, or below 0 unless that is allowed. What is known to be right is not
 * looked at again.
 */
export function guardIndices(c: LowerContext, indices: Value, limit: number, allowNegative = false): void {
  if (known(indices)?.every((index) => index < limit && (allowNegative || index >= 0))) return;
  c.guard(isOutside(arg(0, scalarTypeOf(indices.dtype)!), limit, allowNegative), indices);
}

/** The same for input `at`, whose indices may be followed by fillers, which name no row. */
export function guardRows(c: LowerContext, at: number, limit: number): void {
  const indices = c.inputs[at];
  if (!c.isPadded(at)) {
    guardIndices(c, indices, limit);
    return;
  }
  const index = arg(0, scalarTypeOf(indices.dtype)!);
  const isFiller = apply('eq', index, constant(index.type, FILLER[indexTypeOf(indices)!]));
  c.guard(apply('and', isOutside(index, limit), apply('not', isFiller)), indices);
}

/** Slices of `params` along an axis, where the first `batch` axes of both belong together; null for indices of other types. */
export function gathered(c: LowerContext, params: Value, indices: Value, axis: number, batch = 0): Value | null {
  const indexType = indexTypeOf(indices);
  if (!indexType) return null;
  guardIndices(c, indices, params.shape[axis]);
  return picked(c, params, indices, axis, batch);
}

/** The same for indices that have been checked. */
export function picked(c: LowerContext, params: Value, indices: Value, axis: number, batch = 0): Value {
  const { shape, dtype } = params;
  const spec = {
    indexType: indexTypeOf(indices)!,
    batch: sizeOf(shape.slice(0, batch)),
    outer: sizeOf(shape.slice(batch, axis)),
    limit: shape[axis],
    count: sizeOf(indices.shape.slice(batch)),
    rowBytes: sizeOf(shape.slice(axis + 1)) * dtype.size,
  };
  const blocks = spec.batch * spec.outer;
  const [result] = c.b.routine(
    {
      inputs: [params, indices].map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      make: () => ({
        name: 'gather',
        text: `${blocks > 1 ? `${blocks}×` : ''}${spec.count} of ${spec.limit} rows of ${spec.rowBytes} bytes`,
        flops: 0,
        work: (blocks * spec.count * spec.rowBytes) / dtype.size,
        workspaceBytes: 0,
        calls: ({ inputs: [source, picks], outputs: [target] }) => listOf(gatherCall(spec, source, picks, target)),
      }),
    },
    [{ dtype, shape: [...shape.slice(0, axis), ...indices.shape.slice(batch), ...shape.slice(axis + 1)] }],
  );
  return result;
}

/** For each index vector, along the last axis of `indices`, the number of the slice that it names in an array of `dims`. */
export function flatIndices(c: LowerContext, indices: Value, dims: readonly number[]): Value {
  const outer = indices.shape.slice(0, -1);
  const depth = indices.shape.at(-1)!;
  const strides = stridesOf(dims.slice(0, depth));
  const numbers = known(indices);
  if (numbers?.every((index, i) => index >= 0 && index < dims[i % depth])) {
    const flat = Array.from({ length: sizeOf(outer) }, (_, i) =>
      strides.reduce((sum, stride, d) => sum + numbers[i * depth + d] * stride, 0),
    );
    return c.b.constant(NdArray.from({ data: flat, shape: outer }, int32));
  }
  if (depth === 1 && indexTypeOf(indices)) {
    const flat = c.b.reshape(indices, outer);
    guardIndices(c, flat, dims[0]);
    return flat;
  }
  const type = scalarTypeOf(indices.dtype)!;
  const operands = Array.from({ length: depth }, (_, d): Operand => {
    const along = outer.map(
      (dim, axis): AxisMap => (dim === 1 ? { axis: -1, step: 0, start: 0 } : { axis, step: 1, start: 0 }),
    );
    return { value: indices, maps: [...along, { axis: -1, step: 0, start: d }] };
  });
  const outside = operands.map((_, d) => isOutside(arg(d, type), dims[d]));
  if (depth > 0) {
    const isWrong = outside.reduce((some, next) => apply('or', some, next));
    c.guard(arg(0, 'bool'), c.b.mapOperands(bool, outer, operands, isWrong));
  }
  const terms = operands.map((_, d) => apply('mul', cast(arg(d, type), 'i32'), constant('i32', strides[d])));
  const sum = terms.reduce((total, term) => apply('add', total, term), constant('i32', 0) as Expression);
  return c.b.mapOperands(int32, outer, operands, sum);
}

/** Slices of `params` named by index vectors. */
export function gatheredNd(c: LowerContext, params: Value, indices: Value): Value | null {
  const depth = indices.shape.at(-1);
  if (params.shape.length < 1 || depth === undefined || depth > params.shape.length) return null;
  const flat = flatIndices(c, indices, params.shape);
  const rest = params.shape.slice(depth);
  return picked(c, c.b.reshape(params, [sizeOf(params.shape.slice(0, depth)), ...rest]), flat, 0);
}

export const gatherLowerings: LoweringTable<typeof gatherOps> = {
  Gather: routine((c) => {
    const [params, indices] = c.inputs;
    return params.shape.length < 1 ? null : gathered(c, params, indices, 0);
  }),
  GatherV2: routine((c) => {
    const [params, indices, axisInput] = c.inputs;
    const axes = c.integers(2);
    const rank = params.shape.length;
    if (axes?.length !== 1 || axisInput.shape.length !== 0 || axes[0] < -rank || axes[0] >= rank) return null;
    const axis = axes[0] < 0 ? axes[0] + rank : axes[0];
    const given = Number(c.attr('batch_dims'));
    const batch = given < 0 ? given + indices.shape.length : given;
    if (batch < 0 || batch > indices.shape.length || batch > axis) return null;
    if (params.shape.slice(0, batch).join() !== indices.shape.slice(0, batch).join()) return null;
    return gathered(c, params, indices, axis, batch);
  }),
  GatherNd: routine((c) => gatheredNd(c, c.inputs[0], c.inputs[1])),
};
