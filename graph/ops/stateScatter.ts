/**
 * Ops: updates of some rows, elements or slices of a resource variable.
 */
import { defineOps, none } from '../registry';
import { TensorShape } from '../shape';
import { noOutputs, type ShapeContext, ShapeError } from '../shapeContext';
import { variableShapeOf } from './state';

const NUMBERS =
  '{float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64}';

const noGradient = none('an update has no outputs');

/** Updates hold one row for each index, or are one scalar for all. */
function rowsShape(c: ShapeContext): TensorShape[] {
  const params = c.withRankAtLeast(variableShapeOf(c, 'dtype'), 1);
  const updates = c.shape(2);
  if (updates.rank !== 0) c.merge(updates, c.shape(1).concatenate(params.slice(1)));
  return noOutputs();
}

/** Updates have shape `indices.shape[:-1] + params.shape[indices.shape[-1]:]`. */
function slicesShape(c: ShapeContext): TensorShape[] {
  const params = variableShapeOf(c, 'T');
  const indices = c.withRankAtLeast(c.shape(1), 1);
  const updates = c.shape(2);
  const depth = indices.dims?.at(-1) ?? null;
  if (params.dims === null || indices.dims === null || updates.dims === null || depth === null) return noOutputs();
  const outer = indices.dims.length - 1;
  const prefixes = [
    new TensorShape(indices.dims.slice(0, outer)),
    new TensorShape(updates.dims.slice(0, outer)),
  ] as const;
  mergeParts(c, prefixes, `[0,${outer}) of indices`, `[0,${outer}) of updates`, indices, updates);
  const suffixes = [new TensorShape(params.dims.slice(depth)), new TensorShape(updates.dims.slice(outer))] as const;
  mergeParts(
    c,
    suffixes,
    `[${depth},${params.dims.length}) of input`,
    `[${outer},${updates.dims.length}) of updates`,
    params,
    updates,
  );
  return noOutputs();
}

function mergeParts(
  c: ShapeContext,
  [a, b]: readonly [TensorShape, TensorShape],
  ofA: string,
  ofB: string,
  wholeA: TensorShape,
  wholeB: TensorShape,
): void {
  try {
    c.merge(a, b);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    c.fail(
      `Dimensions ${ofA}[shape=${wholeA.toCpp()}] = ${a.toCpp()} must match dimensions ${ofB}[shape=${wholeB.toCpp()}] = ${b.toCpp()}: ${error.message}`,
    );
  }
}

const rows = (dtypes: string) =>
  ({
    signature: `(resource: resource, indices: Tindices, updates: dtype) -> ()
      dtype: ${dtypes}
      Tindices: {int32, int64}`,
    stateful: true,
    shape: rowsShape,
    gradient: noGradient,
  }) as const;

const slices = {
  signature: `(ref: resource, indices: Tindices, updates: T) -> ()
    T: type
    Tindices: {int32, int64}
    use_locking: bool = true`,
  stateful: true,
  shape: slicesShape,
  gradient: noGradient,
} as const;

export const stateScatterOps = defineOps({
  ResourceScatterUpdate: rows('type'),
  ResourceScatterAdd: rows(NUMBERS),
  ResourceScatterSub: rows(NUMBERS),
  ResourceScatterMul: rows(NUMBERS),
  ResourceScatterDiv: rows(NUMBERS),
  ResourceScatterMin: rows(NUMBERS),
  ResourceScatterMax: rows(NUMBERS),
  ResourceScatterNdUpdate: slices,
  ResourceScatterNdAdd: slices,
  ResourceScatterNdSub: slices,
  ResourceScatterNdMin: slices,
  ResourceScatterNdMax: slices,
  ResourceStridedSliceAssign: {
    signature: `(ref: resource, begin: Index, end: Index, strides: Index, value: T) -> ()
      T: type
      Index: {int32, int64}
      begin_mask: int = 0
      end_mask: int = 0
      ellipsis_mask: int = 0
      new_axis_mask: int = 0
      shrink_axis_mask: int = 0`,
    stateful: true,
    shape: noOutputs,
    gradient: noGradient,
  },
});
