/**
 * Lowerings: elementwise functions of one tensor, and the gradients that TensorFlow computes from a function's output.
 */
import type { unaryOps } from '../../graph/ops/unary';
import { apply, type Expression } from '../ir/expression';
import { broadcasting, direct, floatFunction, isFloat, isWhole, number, sameShapes } from './elementwise';
import type { Lowering, LoweringTable } from './lowering';

const isNumber = (type: Expression['type']) => isFloat(type) || isWhole(type);

const reciprocal: Lowering = broadcasting(([x], type) => (isFloat(type) ? apply('div', number(type, 1), x) : null));

/** From the output y of a function and the gradient dy of it. */
const gradient = (write: (y: Expression, dy: Expression, one: Expression) => Expression): Lowering =>
  sameShapes(([y, dy], type) => (isFloat(type) ? write(y, dy, number(type, 1)) : null));

const reciprocalGrad = gradient((y, dy) => apply('mul', apply('mul', apply('neg', dy), y), y));

const test = (write: (x: Expression) => Expression): Lowering =>
  broadcasting(([x], type) => (isFloat(type) ? write(x) : null));

const isInfinite = (x: Expression) => apply('eq', apply('abs', x), number(x.type, Infinity));

export const unaryLowerings: LoweringTable<typeof unaryOps> = {
  Abs: direct('abs', isNumber),
  Neg: direct('neg', isNumber),
  Sign: direct('sign', isNumber),
  Square: broadcasting(([x], type) => (isNumber(type) ? apply('mul', x, x) : null)),
  Sqrt: floatFunction('sqrt'),
  Rsqrt: broadcasting(([x], type) => (isFloat(type) ? apply('div', number(type, 1), apply('sqrt', x)) : null)),
  Reciprocal: reciprocal,
  Inv: reciprocal,
  Exp: floatFunction('exp'),
  Expm1: floatFunction('expm1'),
  Log: floatFunction('log'),
  Log1p: floatFunction('log1p'),
  Tanh: floatFunction('tanh'),
  Sigmoid: floatFunction('sigmoid'),
  Floor: floatFunction('floor'),
  Ceil: floatFunction('ceil'),
  Round: broadcasting(([x], type) => (isWhole(type) ? x : isFloat(type) ? apply('round', x) : null)),
  Rint: floatFunction('round'),
  IsNan: test((x) => apply('ne', x, x)),
  IsInf: test(isInfinite),
  IsFinite: test((x) => apply('lt', apply('abs', x), number(x.type, Infinity))),
  SqrtGrad: gradient((y, dy) => apply('div', apply('mul', number(y.type, 0.5), dy), y)),
  RsqrtGrad: gradient((y, dy) =>
    apply('mul', apply('mul', number(y.type, -0.5), dy), apply('mul', apply('mul', y, y), y)),
  ),
  ReciprocalGrad: reciprocalGrad,
  InvGrad: reciprocalGrad,
  TanhGrad: gradient((y, dy, one) => apply('mul', dy, apply('sub', one, apply('mul', y, y)))),
  SigmoidGrad: gradient((y, dy, one) => apply('mul', apply('mul', dy, y), apply('sub', one, y))),
};
