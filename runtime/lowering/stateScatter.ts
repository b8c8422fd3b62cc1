/**
 * Lowerings: updates of rows and slices of variables, where they lie. The work is that of the updates.
 */
import { int32 } from '../../graph/dtypes';
import { sizeOf } from '../../graph/ndarray';
import type { stateScatterOps } from '../../graph/ops/stateScatter';
import { stridesOf } from '../broadcast';
import { apply, arg, constant, type Expression, index, scalarTypeOf } from '../ir/expression';
import { isWhole } from './elementwise';
import { flatIndices, guardRows, indexTypeOf } from './gather';
import { type Lowering, type LoweringTable, routine } from './lowering';
import { canScatter, fitSlices, type Scatter, scattered } from './scatter';
import { resolved, spreadOver } from './slice';

/** Rows by index; one number may stand for all updates. */
const rows =
  (how: Scatter['how']): Lowering =>
  (c) => {
    const [, indices, given] = c.inputs;
    const variable = c.variable(0);
    if (!variable || variable.shape.length === 0 || variable.dtype !== given.dtype) return null;
    if (!canScatter(how, given.dtype) || !indexTypeOf(indices)) return null;
    const expected = [...indices.shape, ...variable.shape.slice(1)];
    if (given.shape.length > 0 && given.shape.join() !== expected.join()) return null;
    const type = scalarTypeOf(given.dtype)!;
    if (how === 'div' && isWhole(type)) c.guard(apply('eq', arg(0, type), constant(type, 0)), given);
    guardRows(c, 1, variable.shape[0]);
    const updates = c.b.broadcast(given, expected);
    scattered(c, {
      how,
      target: variable,
      shape: variable.shape,
      depth: 1,
      indices,
      updates,
      skipsNegative: c.isPadded(1),
    });
    return [];
  };

/** Slices by index vectors. */
const slices =
  (how: Scatter['how']): Lowering =>
  (c) => {
    const [, indices, updates] = c.inputs;
    const variable = c.variable(0);
    if (!variable || variable.dtype !== updates.dtype || !canScatter(how, updates.dtype)) return null;
    const { shape } = variable;
    if (!fitSlices(indices, updates, shape)) return null;
    const flat = flatIndices(c, indices, shape);
    scattered(c, { how, target: variable, shape, depth: indices.shape.at(-1)!, indices: flat, updates });
    return [];
  };

/** A strided slice: rows of what lies together after the last axis that is not whole. */
const assignSlice: Lowering = (c) => {
  const value = c.inputs[4];
  const variable = c.variable(0);
  if (!variable || variable.dtype !== value.dtype) return null;
  const { shape } = variable;
  const slice = resolved(c, shape, 1);
  const updates = slice && spreadOver(c, value, slice);
  if (!slice || !updates) return null;
  const whole = slice.axes.map(({ begin, stride, size }, axis) => begin === 0 && stride === 1 && size === shape[axis]);
  const depth = whole.lastIndexOf(false) + 1;
  const outer = updates.shape.slice(0, depth);
  const steps = stridesOf(shape.slice(0, depth));
  const row = slice.axes.slice(0, depth).reduce<Expression>(
    (sum, { begin, stride }, axis) => {
      const position = apply('add', apply('mul', index(axis), constant('i32', stride)), constant('i32', begin));
      return apply('add', sum, apply('mul', position, constant('i32', steps[axis])));
    },
    constant('i32', 0),
  );
  const [rows, inner] = [sizeOf(outer), sizeOf(shape.slice(depth))];
  scattered(c, {
    how: 'update',
    target: variable,
    shape: [sizeOf(shape.slice(0, depth)), inner],
    depth: 1,
    indices: c.b.reshape(c.b.map(int32, outer, [], row), [rows]),
    updates: c.b.reshape(updates, [rows, inner]),
  });
  return [];
};

export const stateScatterLowerings: LoweringTable<typeof stateScatterOps> = {
  ResourceScatterUpdate: routine(rows('update')),
  ResourceScatterAdd: routine(rows('add')),
  ResourceScatterSub: routine(rows('sub')),
  ResourceScatterMul: routine(rows('mul')),
  ResourceScatterDiv: routine(rows('div')),
  ResourceScatterMin: routine(rows('min')),
  ResourceScatterMax: routine(rows('max')),
  ResourceScatterNdUpdate: routine(slices('update')),
  ResourceScatterNdAdd: routine(slices('add')),
  ResourceScatterNdSub: routine(slices('sub')),
  ResourceScatterNdMin: routine(slices('min')),
  ResourceScatterNdMax: routine(slices('max')),
  ResourceStridedSliceAssign: routine(assignSlice),
};
