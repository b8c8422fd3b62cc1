/**
 * The operators of Python as methods of Tensor: `x.add(y)` is `x + y`, with the names that the operator gives its nodes;
 * `x.rsub(1)` is `1 - x`.
 *
 * A plain operand takes the dtype of the tensor where it can. Indexing is not here.
 */
import { convertToTensor, type TensorLike } from '../convert';
import type { DType, DTypeName } from '../dtypes';
import { Tensor } from '../tensor';
import { add, floordiv, floormod, multiply, pow, subtract, truediv } from './binary';
import { bitwiseAnd, bitwiseOr, bitwiseXor, invert } from './bitwise';
import { cast } from './cast';
import {
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
} from './compare';
import { composite } from './composite';
import type { NameOptions } from './elementwise';
import { matmul } from './matmul';
import { abs, negative } from './unary';

/** The operators, as TypeScript knows them on Tensor. */
export interface TensorOperators {
  /** `x + y`; for strings their concatenation. */
  add(y: TensorLike): Tensor;
  /** `y + x`. */
  radd(y: TensorLike): Tensor;
  /** `x - y`. */
  sub(y: TensorLike): Tensor;
  /** `y - x`. */
  rsub(y: TensorLike): Tensor;
  /** `x * y`. */
  mul(y: TensorLike): Tensor;
  /** `y * x`. */
  rmul(y: TensorLike): Tensor;
  /** `x / y`: the true quotient, named `truediv`; integers are cast to floats. */
  div(y: TensorLike): Tensor;
  /** `y / x`. */
  rdiv(y: TensorLike): Tensor;
  /** `x // y`. */
  floordiv(y: TensorLike): Tensor;
  /** `y // x`. */
  rfloordiv(y: TensorLike): Tensor;
  /** `x % y`, with the sign of y. */
  mod(y: TensorLike): Tensor;
  /** `y % x`. */
  rmod(y: TensorLike): Tensor;
  /** `x ** y`. */
  pow(y: TensorLike): Tensor;
  /** `y ** x`. */
  rpow(y: TensorLike): Tensor;
  /** `x @ y`. */
  matmul(y: TensorLike): Tensor;
  /** `y @ x`. */
  rmatmul(y: TensorLike): Tensor;
  /** `x & y`: of bools or of the bits of integers. */
  and(y: TensorLike): Tensor;
  /** `y & x`. */
  rand(y: TensorLike): Tensor;
  /** `x | y`. */
  or(y: TensorLike): Tensor;
  /** `y | x`. */
  ror(y: TensorLike): Tensor;
  /** `x ^ y`. */
  xor(y: TensorLike): Tensor;
  /** `y ^ x`. */
  rxor(y: TensorLike): Tensor;
  /** `~x`. */
  invert(): Tensor;
  /** `-x`. */
  neg(): Tensor;
  /** `abs(x)`. */
  abs(): Tensor;
  /** `x < y`. */
  less(y: TensorLike): Tensor;
  /** `x <= y`. */
  lessEqual(y: TensorLike): Tensor;
  /** `x > y`. */
  greater(y: TensorLike): Tensor;
  /** `x >= y`. */
  greaterEqual(y: TensorLike): Tensor;
  /** tf.equal; Python's `x == y` of tensors is identity in graphs. */
  equal(y: TensorLike): Tensor;
  /** tf.not_equal. */
  notEqual(y: TensorLike): Tensor;
  /** tf.logical_and. */
  logicalAnd(y: TensorLike): Tensor;
  /** tf.logical_or. */
  logicalOr(y: TensorLike): Tensor;
  /** tf.logical_not. */
  logicalNot(): Tensor;
  /** tf.cast. */
  cast(dtype: DType | DTypeName): Tensor;
}

declare module '../tensor' {
  interface Tensor extends TensorOperators {}
}

type Binary = (x: TensorLike, y: TensorLike, options: NameOptions) => Tensor;

const scoped = (name: string, apply: Binary) =>
  function (this: Tensor, y: TensorLike): Tensor {
    return composite(null, name, [this, y], (scope) => apply(this, y, { name: scope }));
  };

/** The reflected operator: here the plain operand must take the tensor's dtype. */
const reflected = (name: string, apply: Binary) =>
  function (this: Tensor, y: TensorLike): Tensor {
    return composite(null, name, [this, y], (scope) =>
      apply(convertToTensor(y, { dtype: this.dtype, name: 'x' }), this, { name: scope }),
    );
  };

/** Logic for bools, else bits; those keep the name of their op under the operator's scope. */
const logicOrBits = (logic: Binary, bits: (x: TensorLike, y: TensorLike) => Tensor): Binary => {
  return (x, y, options) => ((x as Tensor).dtype.isBool ? logic(x, y, options) : bits(x, y));
};

const and = logicOrBits(logicalAnd, bitwiseAnd);
const or = logicOrBits(logicalOr, bitwiseOr);
const xor = logicOrBits(logicalXor, bitwiseXor);

const plain = (apply: (x: TensorLike, y: TensorLike) => Tensor) =>
  function (this: Tensor, y: TensorLike): Tensor {
    return apply(this, y);
  };

export const operators: TensorOperators & ThisType<Tensor> = {
  add: scoped('add', add),
  radd: reflected('add', add),
  sub: scoped('sub', subtract),
  rsub: reflected('sub', subtract),
  mul: scoped('mul', multiply),
  rmul: reflected('mul', multiply),
  div: scoped('truediv', truediv),
  rdiv: reflected('truediv', truediv),
  floordiv: scoped('floordiv', floordiv),
  rfloordiv: reflected('floordiv', floordiv),
  mod: scoped('mod', floormod),
  rmod: reflected('mod', floormod),
  pow: scoped('pow', pow),
  rpow: reflected('pow', pow),
  matmul: scoped('matmul', matmul),
  rmatmul: reflected('matmul', matmul),
  and: scoped('and', and),
  rand: reflected('and', and),
  or: scoped('or', or),
  ror: reflected('or', or),
  xor: scoped('xor', xor),
  rxor: reflected('xor', xor),
  invert() {
    return this.dtype.isBool ? logicalNot(this) : invert(this);
  },
  neg() {
    return negative(this);
  },
  abs() {
    return abs(this);
  },
  less: plain(less),
  lessEqual: plain(lessEqual),
  greater: plain(greater),
  greaterEqual: plain(greaterEqual),
  equal: plain(equal),
  notEqual: plain(notEqual),
  logicalAnd: plain(logicalAnd),
  logicalOr: plain(logicalOr),
  logicalNot() {
    return logicalNot(this);
  },
  cast(dtype) {
    return cast(this, dtype);
  },
};

Object.assign(Tensor.prototype, operators);
