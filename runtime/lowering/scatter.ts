/**
 * Lowerings: updates of rows and slices named by indices, in copies of tensors and among zeros; what updates of variables and sums
 * over segments are made of, too. The work is that of the updates, beside that of making the copy.
 */
import type { DType } from '../../graph/dtypes';
import { sizeOf } from '../../graph/ndarray';
import type { scatterOps } from '../../graph/ops/scatter';
import { copyCall, fillCall } from '../backends/wasm/routines/blocks';
import { type Combination, type ScatterSpec, type ScatterType, scatterCall } from '../backends/wasm/routines/scatter';
import { identityAccess } from '../ir/access';
import { scalarTypeOf } from '../ir/expression';
import type { Value, VariableRef } from '../ir/value';
import { isComputed } from './elementwise';
import { flatIndices, indexTypeOf } from './gather';
import { type LowerContext, type Lowering, type LoweringTable, listOf, routine } from './lowering';

/** The array whose rows are updated: a variable, a copy of a value, or one number everywhere. */
export type Target = VariableRef | Value | { readonly start: number | bigint };

export interface Scatter {
  readonly how: Combination | 'update';
  readonly target: Target;
  readonly shape: readonly number[];
  /** Axes that a row does not have: the indices' rows are counted over all of them. */
  readonly depth: number;
  /** Int32 or int64, checked. */
  readonly indices: Value;
  readonly updates: Value;
  /** Whether negative indices leave their updates out. */
  readonly skipsNegative?: boolean;
}

/** Whether updates of that dtype can be combined so. */
export function canScatter(how: Scatter['how'], dtype: DType): boolean {
  return how === 'update' ? scalarTypeOf(dtype) !== null : isComputed(dtype) && !dtype.isBool;
}

/** The words of a number as it lies in memory: twice the same for 32 bits. */
function wordsOf(value: number | bigint, dtype: DType): [number, number] {
  const bytes = new DataView(new ArrayBuffer(8));
  if (dtype.name === 'float64') bytes.setFloat64(0, Number(value), true);
  else if (dtype.name === 'int64') bytes.setBigInt64(0, BigInt(value), true);
  else if (dtype.name === 'float32') bytes.setFloat32(0, Number(value), true);
  else bytes.setInt32(0, Number(value), true);
  const low = bytes.getInt32(0, true);
  return [low, dtype.size === 8 ? bytes.getInt32(4, true) : low];
}

/** The updated array; nothing where the target is a variable. */
export function scattered(c: LowerContext, scatter: Scatter): Value | null {
  const { how, target, shape, depth, indices, updates } = scatter;
  const { dtype } = updates;
  const spec: ScatterSpec = {
    how,
    type: how === 'update' ? { bytes: dtype.size } : (scalarTypeOf(dtype) as ScatterType),
    indexType: indexTypeOf(indices)!,
    count: sizeOf(indices.shape),
    inner: sizeOf(shape.slice(depth)),
    skipsNegative: scatter.skipsNegative ?? false,
  };
  const bytes = sizeOf(shape) * dtype.size;
  const changed = spec.count * spec.inner;
  const isVariable = 'address' in target;
  const copied = 'definition' in target ? [target] : [];
  const [result] = c.b.routine(
    {
      inputs: [indices, updates, ...copied].map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      writes: isVariable ? [target] : [],
      make: () => ({
        name: `scatter ${how}`,
        text: `${spec.count} of ${sizeOf(shape.slice(0, depth))} rows of ${spec.inner}`,
        flops: how === 'update' ? 0 : changed,
        work: isVariable ? changed : changed + sizeOf(shape),
        workspaceBytes: 0,
        calls: ({ inputs: [picks, values, source], outputs: [out] }) => [
          ...listOf('start' in target ? fillCall(bytes, out, ...wordsOf(target.start, dtype)) : null),
          ...listOf(copied.length > 0 ? copyCall(bytes, source, out) : null),
          ...listOf(scatterCall(spec, picks, values, out)),
        ],
      }),
    },
    isVariable ? [] : [{ dtype, shape }],
  );
  return result ?? null;
}

/** Whether `updates` has a slice of an array of `shape` for each vector along the last axis of `indices`. */
export function fitSlices(indices: Value, updates: Value, shape: readonly number[]): boolean {
  const depth = indices.shape.at(-1);
  if (depth === undefined || depth > shape.length) return false;
  return updates.shape.join() === [...indices.shape.slice(0, -1), ...shape.slice(depth)].join();
}

const tensorScatter =
  (how: Scatter['how']): Lowering =>
  (c) => {
    const [tensor, indices, updates] = c.inputs;
    const { shape, dtype } = tensor;
    if (updates.dtype !== dtype || !canScatter(how, dtype) || !fitSlices(indices, updates, shape)) return null;
    const flat = flatIndices(c, indices, shape);
    return scattered(c, { how, target: tensor, shape, depth: indices.shape.at(-1)!, indices: flat, updates });
  };

export const scatterLowerings: LoweringTable<typeof scatterOps> = {
  ScatterNd: routine((c) => {
    const [indices, updates] = c.inputs;
    const shape = c.integers(2);
    if (!shape || c.inputs[2].shape.length !== 1 || shape.some((dim) => dim < 0)) return null;
    if (shape.includes(0) && !(indices.shape.includes(0) && updates.shape.includes(0))) return null;
    if (!canScatter('add', updates.dtype) || !fitSlices(indices, updates, shape)) return null;
    const flat = flatIndices(c, indices, shape);
    const depth = indices.shape.at(-1)!;
    return scattered(c, { how: 'add', target: { start: 0 }, shape, depth, indices: flat, updates });
  }),
  TensorScatterUpdate: routine(tensorScatter('update')),
  TensorScatterAdd: routine(tensorScatter('add')),
  TensorScatterSub: routine(tensorScatter('sub')),
  TensorScatterMax: routine(tensorScatter('max')),
  TensorScatterMin: routine(tensorScatter('min')),
};
