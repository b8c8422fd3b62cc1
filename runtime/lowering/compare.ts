/**
 * Lowerings: comparison, logic, and choosing elements by a condition.
 */
import type { compareOps } from '../../graph/ops/compare';
import { apply, arg, cast, constant, type FunctionName, scalarTypeOf } from '../ir/expression';
import { broadcastDims, broadcasting, direct, isComputed, isFloat, isWhole, sameShapes } from './elementwise';
import type { Lowering, LoweringTable } from './lowering';

const comparison = (fn: FunctionName): Lowering => direct(fn, (type) => isFloat(type) || isWhole(type));

const logic = (fn: FunctionName): Lowering => direct(fn, (type) => type === 'bool');

/** Bools of one condition choose between whole elements: broadcast together. */
const selectV2: Lowering = (c) => {
  const [condition, t, e] = c.inputs;
  if (scalarTypeOf(t.dtype) === null) return null;
  const joint = broadcastDims(t.shape, e.shape);
  const shape = joint && broadcastDims(joint, condition.shape);
  if (!shape) return null;
  const type = scalarTypeOf(t.dtype)!;
  return c.b.map(t.dtype, shape, c.inputs, apply('select', arg(0, 'bool'), arg(1, type), arg(2, type)));
};

/** Version 1: elementwise, whole rows by a vector, or all by a scalar. */
const select: Lowering = (c) => {
  const [condition, t, e] = c.inputs;
  const type = scalarTypeOf(t.dtype);
  if (type === null || t.shape.join() !== e.shape.join()) return null;
  const expression = apply('select', arg(0, 'bool'), arg(1, type), arg(2, type));
  if (condition.shape.length === 0 || condition.shape.join() === t.shape.join())
    return c.b.map(t.dtype, t.shape, c.inputs, expression);
  if (condition.shape.length !== 1 || t.shape[0] !== condition.shape[0]) return null;
  const column = c.b.reshape(condition, [condition.shape[0], ...t.shape.slice(1).map(() => 1)]);
  return c.b.map(t.dtype, t.shape, [column, t, e], expression);
};

const equality = (fn: 'eq' | 'ne'): Lowering => {
  const compare = broadcasting((args) => apply(fn, ...args));
  return (c) => (isComputed(c.inputs[0].dtype) ? compare(c) : null);
};

export const compareLowerings: LoweringTable<typeof compareOps> = {
  Equal: equality('eq'),
  NotEqual: equality('ne'),
  Less: comparison('lt'),
  LessEqual: comparison('le'),
  Greater: comparison('gt'),
  GreaterEqual: comparison('ge'),
  ApproximateEqual: sameShapes(([x, y], type, c) => {
    if (!isFloat(type)) return null;
    // The tolerance is a double, and so is the distance.
    const distance = apply('abs', apply('sub', cast(x, 'f64'), cast(y, 'f64')));
    return apply('lt', distance, constant('f64', c.attr<number>('tolerance')));
  }),
  LogicalAnd: logic('and'),
  LogicalOr: logic('or'),
  LogicalNot: logic('not'),
  Select: select,
  SelectV2: selectV2,
};
