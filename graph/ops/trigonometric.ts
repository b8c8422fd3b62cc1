/**
 * Ops: trigonometric and hyperbolic functions and their inverses. Angles are radians.
 */
import { applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import { defineOps } from '../registry';
import { broadcastShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { add, subtract } from './binary';
import { reduceGradients } from './broadcastGradient';
import { afterGradient, floats, type NameOptions, realFloats, unaryOp } from './elementwise';
import { reciprocal, scalarLike, sqrt, square } from './unary';

export const trigonometricOps = defineOps({
  Sin: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.mul(cos(op.inputs[0]))])),
  Cos: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.neg().mul(sin(op.inputs[0]))])),
  Tan: unaryOp(floats, (op, grad) => afterGradient(grad, () => [square(reciprocal(cos(op.inputs[0]))).mul(grad)])),
  Asin: unaryOp(floats, (op, grad) =>
    afterGradient(grad, () => [grad.mul(reciprocal(sqrt(oneMinusSquare(op.inputs[0], grad))))]),
  ),
  Acos: unaryOp(floats, (op, grad) =>
    afterGradient(grad, () => {
      const inverse = reciprocal(sqrt(oneMinusSquare(op.inputs[0], grad)));
      return [grad.neg().mul(inverse)];
    }),
  ),
  Atan: unaryOp(floats, (op, grad) =>
    afterGradient(grad, () => {
      const squared = square(op.inputs[0]);
      return [grad.mul(reciprocal(add(scalarLike(grad, 1), squared)))];
    }),
  ),
  Sinh: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.mul(cosh(op.inputs[0]))])),
  Cosh: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.mul(sinh(op.inputs[0]))])),
  Asinh: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.div(cosh(op.output))])),
  Acosh: unaryOp(floats, (op, grad) => afterGradient(grad, () => [grad.div(sinh(op.output))])),
  Atanh: unaryOp(floats, (op, grad) =>
    afterGradient(grad, () => [grad.mul(reciprocal(oneMinusSquare(op.inputs[0], grad)))]),
  ),
  Atan2: {
    signature: `(y: T, x: T) -> (z: T)
      T: {${realFloats}}`,
    shape: broadcastShape,
    gradient: (op, grad) =>
      afterGradient(grad, () => {
        const [y, x] = op.inputs;
        const part = grad.div(square(y).add(square(x)));
        const gy = x.mul(part);
        return reduceGradients(y, x, gy, y.neg().mul(part));
      }),
  },
});

/** `1 - x²`. */
function oneMinusSquare(x: Tensor, grad: Tensor): Tensor {
  const squared = square(x);
  return subtract(scalarLike(grad, 1), squared);
}

type Unary = (x: TensorLike, options?: NameOptions) => Tensor;

const unary =
  (type: string): Unary =>
  (x, options = {}) =>
    applyUnary(type, { x }, options.name);

/** The sine. Mirrors tf.sin. */
export const sin = unary('Sin');

/** The cosine. Mirrors tf.cos. */
export const cos = unary('Cos');

/** The tangent. Mirrors tf.tan. */
export const tan = unary('Tan');

/** The inverse sine; NaN outside of [-1, 1]. Mirrors tf.asin. */
export const asin = unary('Asin');

/** The inverse cosine; NaN outside of [-1, 1]. Mirrors tf.acos. */
export const acos = unary('Acos');

/** The inverse tangent. Mirrors tf.atan. */
export const atan = unary('Atan');

/** The hyperbolic sine. Mirrors tf.sinh. */
export const sinh = unary('Sinh');

/** The hyperbolic cosine. Mirrors tf.cosh. */
export const cosh = unary('Cosh');

/** The inverse hyperbolic sine. Mirrors tf.asinh. */
export const asinh = unary('Asinh');

/** The inverse hyperbolic cosine; NaN below 1. Mirrors tf.acosh. */
export const acosh = unary('Acosh');

/** The inverse hyperbolic tangent; infinite at -1 and 1, NaN beyond. Mirrors tf.atanh. */
export const atanh = unary('Atanh');

/** The angle of the point (x, y), with broadcasting. Mirrors tf.atan2. */
export function atan2(y: TensorLike, x: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Atan2', { y, x }, options.name);
}
