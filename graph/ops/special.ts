/**
 * Ops: error functions and their inverses, the logarithm of Gamma and its derivatives, Hurwitz's zeta function.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { defineOps, type OpDefinition } from '../registry';
import { broadcastShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { reducePartials } from './broadcastGradient';
import { composite } from './composite';
import { afterGradient, type NameOptions, realFloats, unaryOp } from './elementwise';
import { exp, scalarLike, square } from './unary';

/** A density times a factor: the gradient of an error function. */
function gaussianGradient(x: Tensor, grad: Tensor, factor: number): [Tensor] {
  const scale = scalarLike(grad, factor);
  return afterGradient(grad, () => [grad.mul(scale).mul(exp(square(x).neg()))]);
}

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** A function of an order, which is not differentiated, and a point. */
function orderOp(inputs: string, derivative: (order: Tensor, at: Tensor) => Tensor): OpDefinition {
  return {
    signature: `(${inputs}) -> (z: T)\n T: {float32, float64}`,
    shape: broadcastShape,
    gradient: (op, grad) =>
      reducePartials(op.inputs[0], op.inputs[1], grad, null, () => derivative(op.inputs[0], op.inputs[1])),
  };
}

export const specialOps = defineOps({
  Erf: unaryOp(realFloats, (op, grad) => gaussianGradient(op.inputs[0], grad, TWO_OVER_ROOT_PI)),
  Erfc: unaryOp(realFloats, (op, grad) => gaussianGradient(op.inputs[0], grad, -TWO_OVER_ROOT_PI)),
  Erfinv: unaryOp(realFloats, (op, grad) => {
    const scale = scalarLike(grad, Math.sqrt(Math.PI) / 2);
    return afterGradient(grad, () => [grad.mul(scale).mul(exp(square(op.output)))]);
  }),
  Ndtri: unaryOp(realFloats, (op, grad) => {
    const scale = scalarLike(grad, Math.sqrt(2 * Math.PI));
    return afterGradient(grad, () => [grad.mul(scale).mul(exp(square(op.output).div(2)))]);
  }),
  Lgamma: unaryOp(realFloats, (op, grad) => afterGradient(grad, () => [grad.mul(digamma(op.inputs[0]))])),
  Digamma: unaryOp(realFloats, (op, grad) =>
    afterGradient(grad, () => [grad.mul(polygamma(scalarLike(grad, 1), op.inputs[0]))]),
  ),
  Polygamma: orderOp('a: T, x: T', (a, x) => polygamma(a.add(1), x)),
  Zeta: orderOp('x: T, q: T', (x, q) => x.neg().mul(zeta(x.add(1), q))),
});

type Unary = (x: TensorLike, options?: NameOptions) => Tensor;

const unary =
  (type: string): Unary =>
  (x, options = {}) =>
    applyUnary(type, { x }, options.name);

/** The error function. Mirrors tf.erf. */
export const erf = unary('Erf');

/** The complementary error function, `1 - erf(x)`. Mirrors tf.erfc. */
export const erfc = unary('Erfc');

/** The logarithm of |Γ(x)|. Mirrors tf.lgamma. */
export const lgamma = unary('Lgamma');

/** The derivative of `lgamma`. Mirrors tf.digamma. */
export const digamma = unary('Digamma');

/** The inverse of `erf` on (-1, 1). Mirrors tf.math.erfinv. */
export function erfinv(x: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'erfinv', [x], () => applyUnary('Erfinv', { x }));
}

/** The quantile function of the standard normal distribution. Mirrors tf.math.ndtri. */
export function ndtri(x: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'ndtri', [x], () => applyUnary('Ndtri', { x }));
}

/** The inverse of `erfc` on (0, 2). Mirrors tf.math.erfcinv. */
export function erfcinv(x: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'erfcinv', [x], () => {
    const start = convertToTensor(x, { name: 'start' });
    return ndtri(start.rmul(0.5)).neg().mul(Math.SQRT1_2);
  });
}

/** The a-th derivative of digamma at x, with broadcasting. Mirrors tf.math.polygamma. */
export function polygamma(a: TensorLike, x: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Polygamma', { a, x }, options.name);
}

/** Hurwitz's zeta function Σ (q + k)^-x, with broadcasting. Mirrors tf.math.zeta. */
export function zeta(x: TensorLike, q: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Zeta', { x, q }, options.name);
}
