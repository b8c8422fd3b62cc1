/**
 * Slices at positions that are known only when the plan runs: `x[i]` with a tensor i, as loops have it. Single positions along
 * neighbouring axes are one index of a row; the gradient puts the row among zeros.
 */
import { bool, int32 } from '../../graph/dtypes';
import { sizeOf } from '../../graph/ndarray';
import { sliceMasks } from '../../graph/sliceSpec';
import { stridesOf } from '../broadcast';
import type { AxisMap } from '../ir/access';
import { apply, arg, cast, constant, type Expression, index, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { picked } from './gather';
import type { LowerContext } from './lowering';
import { scattered } from './scatter';

/** An array as [outer, rows, inner], where one row of each block is meant. */
interface Rows {
  readonly outer: readonly number[];
  readonly rows: number;
  readonly inner: readonly number[];
  /** The number of the row: an int32 of shape [1]. */
  readonly row: Value;
}

/** What begin, end and strides, inputs from `first` on, pick of a shape; null unless it is single positions and whole axes. */
function rowsOf(c: LowerContext, shape: readonly number[], first: number): Rows | null {
  const masks = sliceMasks(c.op.attrs);
  const begin = c.inputs[first];
  const strides = c.integers(first + 2);
  const type = scalarTypeOf(begin.dtype)!;
  if (!strides || begin.shape.join() !== String(strides.length) || strides.length > shape.length) return null;
  if (masks.ellipsis !== 0 || masks.newAxis !== 0 || strides.some((stride) => stride !== 1)) return null;
  const has = (mask: number, axis: number) => ((mask >> axis) & 1) === 1;
  const single = shape.map((_, axis) => axis < strides.length && has(masks.shrink, axis));
  const isWhole = (axis: number) => axis >= strides.length || (has(masks.begin, axis) && has(masks.end, axis));
  const [from, to] = [single.indexOf(true), single.lastIndexOf(true) + 1];
  if (from < 0 || single.some((isSingle, axis) => (axis >= from && axis < to ? !isSingle : !isWhole(axis))))
    return null;
  const dims = shape.slice(from, to);
  const steps = stridesOf(dims);
  const operands = dims.map((_, k) => ({
    value: begin,
    maps: [{ axis: -1, step: 0, start: from + k } satisfies AxisMap],
  }));
  const zero = constant(type, 0);
  const positions = dims.map((dim, k) => {
    const at = arg(k, type);
    return apply('select', apply('lt', at, zero), apply('add', at, constant(type, dim)), at);
  });
  const outside = positions.map((at, k) =>
    apply('or', apply('lt', at, zero), apply('ge', at, constant(type, dims[k]))),
  );
  const isOutside = outside.reduce((some, test) => apply('or', some, test));
  c.guard(arg(0, 'bool'), c.b.mapOperands(bool, [1], operands, isOutside));
  const terms = positions.map((at, k): Expression => apply('mul', cast(at, 'i32'), constant('i32', steps[k])));
  const row = c.b.mapOperands(
    int32,
    [1],
    operands,
    terms.reduce((sum, term) => apply('add', sum, term)),
  );
  return { outer: shape.slice(0, from), rows: sizeOf(dims), inner: shape.slice(to), row };
}

/** The slice of input 0. */
export function sliceAt(c: LowerContext): Value | null {
  const [x] = c.inputs;
  const found = rowsOf(c, x.shape, 1);
  if (!found) return null;
  const { outer, rows, inner, row } = found;
  const slices = picked(c, c.b.reshape(x, [...outer, rows, ...inner]), row, outer.length);
  return c.b.reshape(slices, [...outer, ...inner]);
}

/** Zeros of a shape but for the slice, which is `dy`. */
export function sliceGradientAt(c: LowerContext, shape: readonly number[], dy: Value): Value | null {
  if (shape.includes(0)) return null;
  const found = rowsOf(c, shape, 1);
  if (!found) return null;
  const { outer, rows, inner, row } = found;
  if (dy.shape.join() !== [...outer, ...inner].join()) return null;
  const blocks = sizeOf(outer);
  const block = apply('mul', index(0), constant('i32', rows));
  const indices = c.b.map(int32, [blocks], [row], apply('add', arg(0, 'i32'), block));
  const changed = scattered(c, {
    how: 'update',
    target: { start: 0 },
    shape: [blocks * rows, sizeOf(inner)],
    depth: 1,
    indices,
    updates: c.b.reshape(dy, [blocks, sizeOf(inner)]),
  });
  return changed && c.b.reshape(changed, shape);
}
