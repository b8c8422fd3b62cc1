/**
 * Ops: bits of integers.
 */
import { applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import { defineOps, none } from '../registry';
import type { Tensor } from '../tensor';
import { binaryOp, integers, type NameOptions, unaryOp } from './elementwise';

const notDifferentiable = none('the values are integers');

export const bitwiseOps = defineOps({
  BitwiseAnd: binaryOp(integers, notDifferentiable),
  BitwiseOr: binaryOp(integers, notDifferentiable),
  BitwiseXor: binaryOp(integers, notDifferentiable),
  Invert: unaryOp(integers, notDifferentiable),
  LeftShift: binaryOp(integers, notDifferentiable),
  RightShift: binaryOp(integers, notDifferentiable),
});

type Binary = (x: TensorLike, y: TensorLike, options?: NameOptions) => Tensor;

const binary =
  (type: string): Binary =>
  (x, y, options = {}) =>
    applyUnary(type, { x, y }, options.name);

/** Bits set in both integers. Mirrors tf.bitwise.bitwise_and. */
export const bitwiseAnd = binary('BitwiseAnd');

/** Bits set in either integer. Mirrors tf.bitwise.bitwise_or. */
export const bitwiseOr = binary('BitwiseOr');

/** Bits set in exactly one of the integers. Mirrors tf.bitwise.bitwise_xor. */
export const bitwiseXor = binary('BitwiseXor');

/** x shifted left by y bits; y is clamped to the width of the dtype. Mirrors tf.bitwise.left_shift. */
export const leftShift = binary('LeftShift');

/** x shifted right by y bits, keeping its sign; y is clamped to the width of the dtype. Mirrors tf.bitwise.right_shift. */
export const rightShift = binary('RightShift');

/** Every bit flipped. Mirrors tf.bitwise.invert. */
export function invert(x: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Invert', { x }, options.name);
}
