/**
 * Lowering: bands of matrices, by the positions of their elements.
 */
import type { diagonalsOps } from '../../graph/ops/diagonals';
import { apply, arg, constant, type Expression, index, scalarTypeOf } from '../ir/expression';
import type { LoweringTable } from './lowering';

export const diagonalsLowerings: LoweringTable<typeof diagonalsOps> = {
  MatrixBandPart: (c) => {
    const [x] = c.inputs;
    const rank = x.shape.length;
    const bounds = [c.constant(1), c.constant(2)];
    if (rank < 2 || bounds.some((bound) => bound?.rank !== 0)) return null;
    const [lower, upper] = bounds.map((bound) => Number(bound!.data[0]));
    if (lower > x.shape[rank - 2] || upper > x.shape[rank - 1]) return null;
    const type = scalarTypeOf(x.dtype)!;
    const [row, column] = [index(rank - 2), index(rank - 1)];
    const within = (from: Expression, to: Expression, most: number): Expression[] =>
      most < 0 ? [] : [apply('le', apply('sub', to, from), constant('i32', most))];
    const tests = [...within(column, row, lower), ...within(row, column, upper)];
    if (tests.length === 0) return x;
    const isInside = tests.reduce((both, test) => apply('and', both, test));
    return c.b.map(x.dtype, x.shape, [x], apply('select', isInside, arg(0, type), constant(type, 0)));
  },
};
