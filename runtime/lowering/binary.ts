/**
 * Lowerings: elementwise arithmetic of two tensors, with broadcasting. Integers are not divided by what may be zero before a guard
 * has looked; their powers stay with the plain kernels.
 */
import type { DType } from '../../graph/dtypes';
import type { binaryOps } from '../../graph/ops/binary';
import { apply, arg, type DivisionName, type Expression, scalarTypeOf } from '../ir/expression';
import { broadcastDims, broadcasting, direct, hasCode, isFloat, isWhole, number } from './elementwise';
import type { LowerContext, Lowering, LoweringTable } from './lowering';

const isNumber = (type: Expression['type']) => isFloat(type) || isWhole(type);

const floats = (write: (x: Expression, y: Expression) => Expression): Lowering =>
  broadcasting(([x, y], type) => (isFloat(type) ? write(x, y) : null));

/** `value`, but 0 where `test` is 0. */
const zeroWhereZero = (test: Expression, value: Expression): Expression =>
  apply('select', apply('eq', test, number(test.type, 0)), number(test.type, 0), value);

/** Whether a divisor is known to have no zeros, or a guard sees to it; false where it is known to have some. */
function isSafeDivisor(c: LowerContext): boolean {
  const known = c.constant(1);
  if (known) return !Array.from(known.data as ArrayLike<number | bigint>).some((y) => Number(y) === 0);
  const type = scalarTypeOf(c.inputs[1].dtype)!;
  c.guard(apply('eq', arg(0, type), number(type, 0)), c.inputs[1]);
  return true;
}

/** What fits 8 or 16 bits with a sign, of the low bits of an int32: only the lowest number divided by −1 does not fit. */
function wrapped(x: Expression, dtype: DType): Expression {
  const sign = { int8: 1 << 7, int16: 1 << 15 }[dtype.name as string];
  if (sign === undefined) return x;
  const low = apply('and', x, number('i32', 2 * sign - 1));
  return apply('sub', apply('xor', low, number('i32', sign)), number('i32', sign));
}

/** Integers of all dtypes that registers hold are divided by `fn`, floats as `ofFloats` says. */
function division(fn: DivisionName, ofFloats: ((x: Expression, y: Expression) => Expression) | null): Lowering {
  return (c) => {
    const [x, y] = c.inputs;
    const type = scalarTypeOf(x.dtype)!;
    const shape = broadcastDims(x.shape, y.shape);
    if (!shape || type === 'bool' || (isFloat(type) && !ofFloats)) return null;
    if (isWhole(type) && !isSafeDivisor(c)) return null;
    const [a, b] = [arg(0, type), arg(1, type)];
    return c.b.map(x.dtype, shape, c.inputs, isFloat(type) ? ofFloats!(a, b) : wrapped(apply(fn, a, b), x.dtype));
  };
}

/** Remainders; of float64 by the plain kernels, which are exact. */
function remainder(fn: 'floorMod' | 'truncMod'): Lowering {
  const lowering = division(fn, (x, y) => apply(fn, x, y));
  return (c) => (c.inputs[0].dtype.name === 'float64' ? null : lowering(c));
}

const divide = (x: Expression, y: Expression) => apply('div', x, y);

const withLog = (log: 'log' | 'log1p'): Lowering =>
  broadcasting(([x, y], type) =>
    isFloat(type) && hasCode(log, type) ? zeroWhereZero(x, apply('mul', x, apply(log, y))) : null,
  );

export const binaryLowerings: LoweringTable<typeof binaryOps> = {
  Add: direct('add', isNumber),
  AddV2: direct('add', isNumber),
  Sub: direct('sub', isNumber),
  Mul: direct('mul', isNumber),
  Div: division('truncDiv', divide),
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
  FloorDiv: division('floorDiv', (x, y) => apply('floor', divide(x, y))),
  TruncateDiv: division('truncDiv', (x, y) => apply('trunc', divide(x, y))),
  FloorMod: remainder('floorMod'),
  TruncateMod: remainder('truncMod'),
  Mod: remainder('truncMod'),
  Pow: broadcasting((args, type) => (isFloat(type) && hasCode('pow', type) ? apply('pow', ...args) : null)),
  Xdivy: floats((x, y) => zeroWhereZero(x, apply('div', x, y))),
  Xlogy: withLog('log'),
  Xlog1py: withLog('log1p'),
};
