/**
 * Ops: comparison, logic, and choosing elements by a condition.
 */
import { applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import { ValueError } from '../errors';
import { defineOps, none, type OpDefinition } from '../registry';
import { broadcastStaticShape, TensorShape, unknownShape } from '../shape';
import { broadcastShape, type ShapeContext, sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { reduceGradients } from './broadcastGradient';
import type { NameOptions } from './elementwise';
import { zeros, zerosLike } from './source';

const notDifferentiable = none('the result is a bool');
const ordered = 'float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64';

const comparison: OpDefinition = {
  signature: `(x: T, y: T) -> (z: bool)
    T: {${ordered}}`,
  shape: broadcastShape,
  gradient: notDifferentiable,
};

/** Where incompatible shapes are no error, the result is a scalar then: with unknown dimensions it could be either. */
function equalityShape(c: ShapeContext): TensorShape[] {
  if (c.attr<boolean>('incompatible_shape_error')) return broadcastShape(c);
  const [x, y] = [c.shape(0), c.shape(1)];
  if (x.isFullyDefined() && y.isFullyDefined()) return [broadcastStaticShape(x, y) ?? new TensorShape([])];
  return [unknownShape];
}

const equality: OpDefinition = {
  signature: `(x: T, y: T) -> (z: bool)
    T: type
    incompatible_shape_error: bool = true`,
  shape: equalityShape,
  gradient: notDifferentiable,
};

const connective: OpDefinition = {
  signature: '(x: bool, y: bool) -> (z: bool)',
  shape: broadcastShape,
  gradient: notDifferentiable,
};

/** Version 1 of select: the condition has the shape of the values, or is a scalar, or chooses rows as a vector. */
function selectShape(c: ShapeContext): TensorShape[] {
  const data = c.merge(c.shape(1), c.shape(2));
  const condition = c.shape(0);
  c.outputHandleData[0] = c.handleData(1);
  if (condition.rank === null || data.rank === null || condition.rank === 0) return [data];
  if (condition.rank !== 1 || data.rank === 0) return [c.merge(data, condition)];
  c.merge(condition, new TensorShape([data.dims![0]]));
  return [data];
}

export const compareOps = defineOps({
  Equal: equality,
  NotEqual: equality,
  Less: comparison,
  LessEqual: comparison,
  Greater: comparison,
  GreaterEqual: comparison,
  ApproximateEqual: {
    signature: `(x: T, y: T) -> (z: bool)
      T: {float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64}
      tolerance: float = 9.999999747378752e-06`,
    shape: (c) => [c.merge(c.shape(0), c.shape(1))],
    gradient: notDifferentiable,
  },
  LogicalAnd: connective,
  LogicalOr: connective,
  LogicalNot: { signature: '(x: bool) -> (y: bool)', shape: sameShape, gradient: notDifferentiable },
  Select: {
    signature: `(condition: bool, t: T, e: T) -> (output: T)
      T: type`,
    shape: selectShape,
    gradient: (op, grad) => {
      const [condition, t] = op.inputs;
      const zero = zerosLike(t);
      return [null, where(condition, grad, zero), where(condition, zero, grad)];
    },
  },
  SelectV2: {
    signature: `(condition: bool, t: T, e: T) -> (output: T)
      T: type`,
    shape: (c) => {
      c.outputHandleData[0] = c.handleData(1);
      return [c.broadcast(c.shape(0), c.broadcast(c.shape(1), c.shape(2)))];
    },
    gradient: (op, grad) => {
      const [condition, t, e] = op.inputs;
      const zero = zeros([], grad.dtype);
      const gt = whereV2(condition, grad, zero);
      const ge = whereV2(condition, zero, grad);
      const [toT] = reduceGradients(t, op.output, gt, null);
      const [toE] = reduceGradients(e, op.output, ge, null);
      return [null, toT, toE];
    },
  },
});

type Binary = (x: TensorLike, y: TensorLike, options?: NameOptions) => Tensor;

const binary =
  (type: string): Binary =>
  (x, y, options = {}) =>
    applyUnary(type, { x, y }, options.name);

/** `x == y` elementwise, with broadcasting, as bools. Any dtype. Mirrors tf.equal. */
export const equal = binary('Equal');

/** `x != y` elementwise, with broadcasting, as bools. Any dtype. Mirrors tf.not_equal. */
export const notEqual = binary('NotEqual');

/** `x < y` elementwise, with broadcasting, as bools. Mirrors tf.less. */
export const less = binary('Less');

/** `x <= y` elementwise, with broadcasting, as bools. Mirrors tf.less_equal. */
export const lessEqual = binary('LessEqual');

/** `x > y` elementwise, with broadcasting, as bools. Mirrors tf.greater. */
export const greater = binary('Greater');

/** `x >= y` elementwise, with broadcasting, as bools. Mirrors tf.greater_equal. */
export const greaterEqual = binary('GreaterEqual');

/** Both of two bools, with broadcasting. Mirrors tf.logical_and. */
export const logicalAnd = binary('LogicalAnd');

/** Either of two bools, with broadcasting. Mirrors tf.logical_or. */
export const logicalOr = binary('LogicalOr');

/** Not a bool. Mirrors tf.logical_not. */
export function logicalNot(x: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('LogicalNot', { x }, options.name);
}

/** Exactly one of two bools, with broadcasting. Mirrors tf.logical_xor. */
export function logicalXor(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  const either = logicalOr(x, y);
  return logicalAnd(either, logicalNot(logicalAnd(x, y)), { name: options.name ?? 'LogicalXor' });
}

export interface ApproximateOptions extends NameOptions {
  /** Default 1e-5. */
  readonly tolerance?: number;
}

/** Whether floats of one shape differ by less than a tolerance. Mirrors tf.approximate_equal. */
export function approximateEqual(x: TensorLike, y: TensorLike, { tolerance, name }: ApproximateOptions = {}): Tensor {
  return applyUnary('ApproximateEqual', { x, y, tolerance }, name);
}

/**
 * Elements of x where the condition holds, of y elsewhere; without x and y the coordinates of the true elements, as an
 * int64 matrix. x and y have one shape; the condition has it too, or is a scalar, or chooses rows as a vector.
 *
 * Mirrors tf.compat.v1.where. ValueError when only one of x and y is given.
 */
export function where(
  condition: TensorLike,
  x?: TensorLike | null,
  y?: TensorLike | null,
  options: NameOptions = {},
): Tensor {
  return choose('Select', condition, x, y, options.name);
}

/** As `where`, but condition, x and y are broadcast to each other. Mirrors tf.where_v2, which is tf.where in version 2. */
export function whereV2(
  condition: TensorLike,
  x?: TensorLike | null,
  y?: TensorLike | null,
  options: NameOptions = {},
): Tensor {
  return choose('SelectV2', condition, x, y, options.name);
}

function choose(
  type: string,
  condition: TensorLike,
  x: TensorLike | null | undefined,
  y: TensorLike | null | undefined,
  name: string | undefined,
): Tensor {
  const given = [x, y].filter((value) => value !== null && value !== undefined);
  if (given.length === 2) return applyUnary(type, { condition, t: x!, e: y! }, name);
  if (given.length === 1) throw new ValueError('x and y must both be non-None or both be None.');
  return applyUnary('Where', { input: condition }, name);
}
