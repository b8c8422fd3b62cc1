/**
 * Lowerings: sums of many tensors of one shape, and clipping to bounds.
 */
import type { combineOps } from '../../graph/ops/combine';
import { apply, arg, scalarTypeOf } from '../ir/expression';
import { isComputed, isFloat, sameShapes } from './elementwise';
import type { Lowering, LoweringTable } from './lowering';

const sumAll: Lowering = sameShapes((args, type) =>
  type === 'bool' ? null : args.slice(1).reduce((sum, part) => apply('add', sum, part), args[0]),
);

export const combineLowerings: LoweringTable<typeof combineOps> = {
  AddN: sumAll,
  AccumulateNV2: sumAll,
  ClipByValue: (c) => {
    const [t, low, high] = c.inputs;
    const fits = [low, high].every(({ shape }) => shape.length === 0 || shape.join() === t.shape.join());
    const type = scalarTypeOf(t.dtype)!;
    if (!fits || !isComputed(t.dtype) || !(isFloat(type) || type === 'i32')) return null;
    const [x, a, b] = [arg(0, type), arg(1, type), arg(2, type)];
    const below = apply('select', apply('gt', x, b), b, x);
    return c.b.map(t.dtype, t.shape, c.inputs, apply('select', apply('lt', below, a), a, below));
  },
};
