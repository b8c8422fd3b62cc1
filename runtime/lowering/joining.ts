/**
 * Lowerings: joining tensors, and taking them apart, which is slicing.
 */
import type { joiningOps } from '../../graph/ops/joining';
import type { Value } from '../ir/value';
import { resolveSizes } from '../kernels/joining';
import { attempt } from './attempt';
import { type LowerContext, type Lowering, type LoweringTable, view } from './lowering';

/** An axis counted from the front, or null where it lies outside. */
function frontAxis(axis: number, rank: number): number | null {
  return axis < -rank || axis >= rank ? null : axis < 0 ? axis + rank : axis;
}

function concatenate(c: LowerContext, values: readonly Value[], axes: readonly number[] | null): Value | null {
  const [{ shape: first, dtype }] = values;
  const at = axes && axes.length === 1 ? frontAxis(axes[0], first.length) : null;
  if (at === null) return null;
  const fits = ({ shape }: Value) =>
    shape.length === first.length && shape.every((dim, i) => i === at || dim === first[i]);
  if (!values.every(fits)) return null;
  if (values.length === 1) return values[0];
  const shape = first.with(
    at,
    values.reduce((sum, value) => sum + value.shape[at], 0),
  );
  let offset = 0;
  const pieces = values.map((value) => {
    const piece = c.b.piece(
      value,
      first.map((_, axis) => (axis === at ? offset : 0)),
    );
    offset += value.shape[at];
    return piece;
  });
  return c.b.assemble(dtype, shape, null, pieces);
}

function pieces(c: LowerContext, value: Value, axis: number, sizes: readonly number[]): Value[] {
  let offset = 0;
  return sizes.map((size) => {
    const start = value.shape.map((_, i) => (i === axis ? offset : 0));
    offset += size;
    return c.b.slice(
      value,
      start,
      value.shape.with(axis, size),
      value.shape.map(() => 1),
    );
  });
}

const split: Lowering = (c) => {
  const [, value] = c.inputs;
  const axes = c.integers(0);
  const axis = axes?.length === 1 && c.inputs[0].shape.length === 0 ? frontAxis(axes[0], value.shape.length) : null;
  const count = c.outputTypes.length;
  if (axis === null || value.shape[axis] % count !== 0) return null;
  return pieces(c, value, axis, new Array<number>(count).fill(value.shape[axis] / count));
};

const splitV: Lowering = (c) => {
  const [value] = c.inputs;
  const [axes, sizes] = [c.integers(2), c.constant(1)];
  const axis = axes?.length === 1 && c.inputs[2].shape.length === 0 ? frontAxis(axes[0], value.shape.length) : null;
  if (axis === null || !sizes) return null;
  const resolved = attempt(() => resolveSizes(sizes, c.outputTypes.length, value.shape[axis]));
  return resolved && pieces(c, value, axis, resolved);
};

const pack: Lowering = (c) => {
  const [first] = c.inputs;
  const axis = frontAxis(Number(c.attr('axis')), first.shape.length + 1);
  if (axis === null || !c.inputs.every(({ shape }) => shape.join() === first.shape.join())) return null;
  const expanded = c.inputs.map((value) => c.b.reshape(value, value.shape.toSpliced(axis, 0, 1)));
  return concatenate(c, expanded, [axis]);
};

const unpack: Lowering = (c) => {
  const [value] = c.inputs;
  const axis = frontAxis(Number(c.attr('axis')), value.shape.length);
  const count = c.outputTypes.length;
  if (axis === null || value.shape[axis] !== count) return null;
  const shape = value.shape.toSpliced(axis, 1);
  return pieces(c, value, axis, new Array<number>(count).fill(1)).map((piece) => c.b.reshape(piece, shape));
};

export const joiningLowerings: LoweringTable<typeof joiningOps> = {
  ConcatV2: (c) => concatenate(c, c.inputs.slice(0, -1), c.integers(c.inputs.length - 1)),
  Concat: (c) => concatenate(c, c.inputs.slice(1), c.integers(0)),
  Split: view(split),
  SplitV: view(splitV),
  Pack: pack,
  Unpack: view(unpack),
};
