/**
 * Lowerings: updates of rows and slices of variables, where they lie. The work is that of the updates.
 */
import type { stateScatterOps } from '../../graph/ops/stateScatter';
import { apply, arg, constant, scalarTypeOf } from '../ir/expression';
import { isWhole } from './elementwise';
import { flatIndices, guardIndices, indexTypeOf } from './gather';
import type { Lowering, LoweringTable } from './lowering';
import { canScatter, fitSlices, type Scatter, scattered } from './scatter';

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
    guardIndices(c, indices, variable.shape[0]);
    const updates = c.b.broadcast(given, expected);
    scattered(c, { how, target: variable, shape: variable.shape, depth: 1, indices, updates });
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

export const stateScatterLowerings: LoweringTable<typeof stateScatterOps> = {
  ResourceScatterUpdate: rows('update'),
  ResourceScatterAdd: rows('add'),
  ResourceScatterSub: rows('sub'),
  ResourceScatterMul: rows('mul'),
  ResourceScatterDiv: rows('div'),
  ResourceScatterMin: rows('min'),
  ResourceScatterMax: rows('max'),
  ResourceScatterNdUpdate: slices('update'),
  ResourceScatterNdAdd: slices('add'),
  ResourceScatterNdSub: slices('sub'),
  ResourceScatterNdMin: slices('min'),
  ResourceScatterNdMax: slices('max'),
};
