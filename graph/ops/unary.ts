/**
 * Ops: elementwise functions of one tensor: signs, roots, exponentials, logarithms, rounding and tests of floats.
 *
 * Trigonometric functions are in graph/ops/trigonometric.ts, special ones in graph/ops/special.ts, casts in graph/ops/cast.ts.
 */
import { applyUnary } from '../applyOp';
import { constantIn, convertToTensor, graphFromInputs, type TensorLike } from '../convert';
import { bool } from '../dtypes';
import { NdArray } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type Gradient, none, type OpDefinition } from '../registry';
import { sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { multiply } from './binary';
import {
  afterGradient,
  floats,
  type NameOptions,
  numbers,
  outputGradientOp,
  realFloats,
  signed,
  unaryOp,
} from './elementwise';
import { zerosLike } from './source';

const complexToo = `${signed}, complex64, complex128`;

/** A function of bool for floats. */
const test: OpDefinition = {
  signature: `(x: T) -> (y: ${bool.name})\n T: {${realFloats}}`,
  shape: sameShape,
  gradient: none('the result is a bool'),
};

/** Steps: TensorFlow gives them no gradient rather than zeros. */
const noGradient = (): readonly Gradient[] => [null];

/** The scalar `value` of the gradient's dtype, as a constant beside it. */
export function scalarLike(grad: Tensor, value: number): Tensor {
  return constantIn(graphFromInputs([grad]), NdArray.from(value, grad.dtype));
}

/** The gradient that an op of TensorFlow computes from the output and its gradient. */
const fromOutput = (type: string) => (op: Operation, grad: Tensor) => [applyUnary(type, { y: op.output, dy: grad })];

const reciprocalOfReciprocal = (op: Operation, grad: Tensor) =>
  afterGradient(grad, () => {
    const [y, dy] = op.inputs;
    return [grad.mul(-2).mul(dy).mul(y), applyUnary('ReciprocalGrad', { y, dy: grad })];
  });

export const unaryOps = defineOps({
  Abs: unaryOp(signed, (op, grad) => [grad.mul(sign(op.inputs[0]))]),
  Neg: unaryOp(complexToo, (_op, grad) => [grad.neg()]),
  Sign: unaryOp(complexToo, (op) => [zerosLike(op.inputs[0])]),
  Square: unaryOp(numbers, (op, grad) =>
    afterGradient(grad, () => {
      const two = scalarLike(grad, 2);
      return [multiply(grad, multiply(op.inputs[0], two))];
    }),
  ),
  Sqrt: unaryOp(floats, fromOutput('SqrtGrad')),
  Rsqrt: unaryOp(floats, fromOutput('RsqrtGrad')),
  Reciprocal: unaryOp(complexToo, fromOutput('ReciprocalGrad')),
  Inv: unaryOp(complexToo, fromOutput('ReciprocalGrad')),
  Exp: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.mul(op.output)])),
  Expm1: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.mul(exp(op.inputs[0]))])),
  Log: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.mul(reciprocal(op.inputs[0]))])),
  Log1p: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.mul(reciprocal(op.inputs[0].radd(1)))])),
  Tanh: unaryOp(floats, (op, grad) => afterGradient(grad, () => fromOutput('TanhGrad')(op, grad))),
  Sigmoid: unaryOp(floats, (op, grad) => afterGradient(grad, () => fromOutput('SigmoidGrad')(op, grad))),
  Floor: unaryOp(realFloats, noGradient),
  Ceil: unaryOp(realFloats, noGradient),
  Round: unaryOp(complexToo, noGradient),
  Rint: unaryOp(realFloats, noGradient),
  IsNan: test,
  IsInf: test,
  IsFinite: test,
  SqrtGrad: outputGradientOp((op, grad) =>
    afterGradient(grad, () => {
      const part = grad.div(op.inputs[0]);
      return [part.neg().mul(op.output), part.rmul(0.5)];
    }),
  ),
  RsqrtGrad: outputGradientOp((op, grad) =>
    afterGradient(grad, () => {
      const [y, dy] = op.inputs;
      return [grad.rmul(-1.5).mul(dy).mul(square(y)), applyUnary('RsqrtGrad', { y, dy: grad })];
    }),
  ),
  ReciprocalGrad: outputGradientOp(reciprocalOfReciprocal),
  InvGrad: outputGradientOp(reciprocalOfReciprocal),
  TanhGrad: outputGradientOp((op, grad) =>
    afterGradient(grad, () => {
      const [y, dy] = op.inputs;
      return [grad.mul(-2).mul(dy).mul(y), applyUnary('TanhGrad', { y, dy: grad })];
    }),
  ),
  SigmoidGrad: outputGradientOp((op, grad) =>
    afterGradient(grad, () => {
      const [y, dy] = op.inputs;
      const part = grad.mul(dy);
      return [part.sub(part.rmul(2).mul(y)), applyUnary('SigmoidGrad', { y, dy: grad })];
    }),
  ),
});

type Unary = (x: TensorLike, options?: NameOptions) => Tensor;

const unary =
  (type: string): Unary =>
  (x, options = {}) =>
    applyUnary(type, { x }, options.name);

/** The absolute value. Any real dtype that has a sign. Mirrors tf.abs. */
export const abs = unary('Abs');

/** `-x`. Mirrors tf.negative. */
export const negative = unary('Neg');

/** -1, 0 or 1 by the sign of each element. Mirrors tf.sign. */
export const sign = unary('Sign');

/** `x²`. Mirrors tf.square. */
export const square = unary('Square');

/** The square root of floats; NaN below 0. Mirrors tf.sqrt. */
export const sqrt = unary('Sqrt');

/** `1 / √x`. Mirrors tf.rsqrt. */
export const rsqrt = unary('Rsqrt');

/** `1 / x`. Mirrors tf.reciprocal. */
export const reciprocal = unary('Reciprocal');

/** `e^x`. Mirrors tf.exp. */
export const exp = unary('Exp');

/** `e^x - 1`, precise near 0. Mirrors tf.expm1. */
export const expm1 = unary('Expm1');

/** The natural logarithm; NaN below 0. Mirrors tf.log. */
export const log = unary('Log');

/** `log(1 + x)`, precise near 0. Mirrors tf.log1p. */
export const log1p = unary('Log1p');

/** The hyperbolic tangent. Mirrors tf.tanh. */
export const tanh = unary('Tanh');

/** `1 / (1 + e^-x)`. Mirrors tf.sigmoid. */
export const sigmoid = unary('Sigmoid');

/** The largest whole number that is not larger. Mirrors tf.floor. */
export const floor = unary('Floor');

/** The smallest whole number that is not smaller. Mirrors tf.ceil. */
export const ceil = unary('Ceil');

/** The nearest whole number, of two the even one. Mirrors tf.rint. */
export const rint = unary('Rint');

/** Whether each float is NaN, as bools. Mirrors tf.is_nan. */
export const isNan = unary('IsNan');

/** Whether each float is infinite, as bools. Mirrors tf.is_inf. */
export const isInf = unary('IsInf');

/** Whether each float is neither NaN nor infinite, as bools. Mirrors tf.is_finite. */
export const isFinite = unary('IsFinite');

/** The nearest whole number, of two the even one; integers pass as they are. Mirrors tf.round. */
export function round(x: TensorLike, options: NameOptions = {}): Tensor {
  const tensor = convertToTensor(x, { name: 'x' });
  return tensor.dtype.isInteger ? tensor : applyUnary('Round', { x: tensor }, options.name);
}
