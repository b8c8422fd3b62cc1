/**
 * Lowerings: elementwise arithmetic of two tensors, with broadcasting. Divisions and powers of integers can fail, so they stay
 * with the plain kernels.
 */
import type { binaryOps } from '../../graph/ops/binary';
import { apply, type Expression } from '../ir/expression';
import { broadcasting, direct, hasCode, isFloat, isWhole, number } from './elementwise';
import type { Lowering, LoweringTable } from './lowering';

const isNumber = (type: Expression['type']) => isFloat(type) || isWhole(type);

const floats = (write: (x: Expression, y: Expression) => Expression): Lowering =>
  broadcasting(([x, y], type) => (isFloat(type) ? write(x, y) : null));

/** `value`, but 0 where `test` is 0. */
const zeroWhereZero = (test: Expression, value: Expression): Expression =>
  apply('select', apply('eq', test, number(test.type, 0)), number(test.type, 0), value);

const withLog = (log: 'log' | 'log1p'): Lowering =>
  broadcasting(([x, y], type) =>
    isFloat(type) && hasCode(log, type) ? zeroWhereZero(x, apply('mul', x, apply(log, y))) : null,
  );

export const binaryLowerings: LoweringTable<typeof binaryOps> = {
  Add: direct('add', isNumber),
  AddV2: direct('add', isNumber),
  Sub: direct('sub', isNumber),
  Mul: direct('mul', isNumber),
  Div: direct('div', isFloat),
  RealDiv: direct('div', isFloat),
  Maximum: direct('max', isNumber),
  Minimum: direct('min', isNumber),
  SquaredDifference: broadcasting(([x, y], type) => {
    if (!isNumber(type)) return null;
    const difference = apply('sub', x, y);
    return apply('mul', difference, difference);
  }),
  DivNoNan: floats((x, y) => zeroWhereZero(y, apply('div', x, y))),
  MulNoNan: floats((x, y) => zeroWhereZero(y, apply('mul', x, y))),
  FloorDiv: floats((x, y) => apply('floor', apply('div', x, y))),
  TruncateDiv: floats((x, y) => apply('trunc', apply('div', x, y))),
  Pow: broadcasting((args, type) => (isFloat(type) && hasCode('pow', type) ? apply('pow', ...args) : null)),
  Xdivy: floats((x, y) => zeroWhereZero(x, apply('div', x, y))),
  Xlogy: withLog('log'),
  Xlog1py: withLog('log1p'),
};
