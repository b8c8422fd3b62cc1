/**
 * Ops: elementwise arithmetic of two tensors, with broadcasting.
 *
 * Both operands have the same dtype: there is no promotion, as in TensorFlow; a plain value takes the dtype of the tensor
 * beside it where it can. Sums of many tensors and clipping are in graph/ops/combine.ts.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, graphFromInputs, type TensorLike } from '../convert';
import { type DType, float32, float64, int32, string } from '../dtypes';
import { GraphTypeError, ValueError } from '../errors';
import { IndexedSlices } from '../indexedSlices';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { Tensor } from '../tensor';
import { reduceGradients, reducePartials, sameKnownShape } from './broadcastGradient';
import { cast } from './cast';
import { greaterEqual, lessEqual, notEqual, where, whereV2 } from './compare';
import { composite } from './composite';
import { afterGradient, binaryOp, convertPair, floats, integers, type NameOptions, realFloats } from './elementwise';
import { onesLike, zerosLike } from './source';
import { log, negative } from './unary';

// The order of these lists is that of TensorFlow's messages.
const addable = `${realFloats}, uint8, uint16, uint32, uint64, int8, int16, int32, int64, complex64, complex128`;
const subtractable = `${realFloats}, uint8, int8, uint16, int16, int32, int64, complex64, complex128, uint32, uint64`;
const divisible = `${realFloats}, uint8, int8, uint16, int16, int32, uint32, uint64, int64, complex64, complex128`;
const ordered = `${realFloats}, int8, uint8, int16, uint16, int32, uint32, int64, uint64`;

const addGradient = (op: Operation, grad: Tensor) => {
  const [x, y] = op.inputs;
  return sameKnownShape(x, y, grad) ? [grad, grad] : reduceGradients(x, y, grad, grad);
};

/** A quotient's gradients by a division of its own kind. */
const divisionGradient = (quotient: (x: Tensor, y: Tensor) => Tensor) => (op: Operation, grad: Tensor) => {
  const [x, y] = op.inputs;
  const gx = quotient(grad, y);
  return reduceGradients(x, y, gx, grad.mul(quotient(quotient(x.neg(), y), y)));
};

/** `x - y·⌊x / y⌋` by x is 1, by y the quotient. */
const remainderGradient = (quotient: string) => (op: Operation, grad: Tensor) => {
  const [x, y] = op.inputs;
  return reduceGradients(x, y, grad, grad.mul(negative(applyUnary(quotient, { x, y }))));
};

const noGradients = (): readonly Gradient[] => [null, null];

/** The gradient goes to the operand that was chosen; where both are equal, to x. */
const choiceGradient = (choosesX: (x: Tensor, y: Tensor) => Tensor) => (op: Operation, grad: Tensor) => {
  const [x, y] = op.inputs;
  const zero = zerosLike(grad);
  const mask = choosesX(x, y);
  const gx = whereV2(mask, grad, zero);
  return reduceGradients(x, y, gx, whereV2(mask, zero, grad));
};

function powGradient(op: Operation, grad: Tensor): readonly Gradient[] {
  const [x, y] = op.inputs;
  const gx = grad.mul(y).mul(pow(x, y.sub(1)));
  // log(x) only where it is real: elsewhere the gradient of the exponent counts as 0.
  const mask = x.dtype.isComplex ? notEqual(x, 0) : x.greater(0);
  const safe = where(mask, x, onesLike(x));
  const logarithm = where(mask, log(safe), zerosLike(x));
  return reduceGradients(x, y, gx, grad.mul(op.output).mul(logarithm));
}

/** 1 where x is not 0, in x's dtype: the derivative by x of an op that is 0 there. */
function notZero(x: Tensor): Tensor {
  return cast(notEqual(x, cast(0, x.dtype)), x.dtype);
}

export const binaryOps = defineOps({
  Add: binaryOp(`${realFloats}, uint8, int8, int16, int32, int64, complex64, complex128, string`, addGradient),
  AddV2: binaryOp(addable, addGradient),
  Sub: binaryOp(subtractable, (op, grad) => {
    const [x, y] = op.inputs;
    return sameKnownShape(x, y, grad) ? [grad, grad.neg()] : reduceGradients(x, y, grad, grad.neg());
  }),
  Mul: binaryOp(divisible, (op, grad) => {
    const [x, y] = op.inputs;
    if (sameKnownShape(x, y, grad) && (grad.dtype === float32 || grad.dtype === int32))
      return [multiply(grad, y), multiply(grad, x)];
    const gx = multiply(grad, y);
    return reduceGradients(x, y, gx, multiply(x, grad));
  }),
  Div: binaryOp(
    divisible,
    divisionGradient((x, y) => divide(x, y)),
  ),
  RealDiv: binaryOp(
    divisible,
    divisionGradient((x, y) => realdiv(x, y)),
  ),
  FloorDiv: binaryOp(divisible, noGradients),
  TruncateDiv: binaryOp(divisible, noGradients),
  FloorMod: binaryOp(`${integers}, ${realFloats}`, remainderGradient('FloorDiv')),
  Mod: binaryOp('int32, int64, float16, bfloat16, float32, float64', remainderGradient('TruncateDiv')),
  TruncateMod: binaryOp('int32, int64, bfloat16, float16, float32, float64', remainderGradient('TruncateDiv')),
  DivNoNan: binaryOp(
    'float16, float32, bfloat16, float64, complex64, complex128',
    divisionGradient((x, y) => divNoNan(x, y)),
  ),
  MulNoNan: binaryOp(floats, (op, grad) => {
    const [x, y] = op.inputs;
    const gradients = [applyUnary('MulNoNan', { x: grad, y }), applyUnary('MulNoNan', { x, y: grad })] as const;
    return sameKnownShape(x, y, grad) ? gradients : reduceGradients(x, y, ...gradients);
  }),
  Pow: binaryOp('bfloat16, float32, float16, float64, int8, int16, int32, int64, complex64, complex128', powGradient),
  Maximum: binaryOp(
    ordered,
    choiceGradient((x, y) => greaterEqual(x, y)),
  ),
  Minimum: binaryOp(
    ordered,
    choiceGradient((x, y) => lessEqual(x, y)),
  ),
  SquaredDifference: binaryOp(
    'bfloat16, float16, float32, float64, int32, int64, complex64, complex128',
    (op, grad) => {
      const [x, y] = op.inputs;
      const gx = afterGradient(grad, () => {
        const doubled = scalarMul(2, grad);
        return doubled.mul(x.sub(y));
      });
      return sameKnownShape(x, y, grad) ? [gx, gx.neg()] : reduceGradients(x, y, gx, gx.neg());
    },
  ),
  Xdivy: binaryOp(floats, (op, grad) => {
    const [x, y] = op.inputs;
    const partialX = () => applyUnary('Xdivy', { x: notZero(x), y });
    return reducePartials(x, y, grad, partialX, () => applyUnary('Xdivy', { x: negative(x), y: y.pow(2) }));
  }),
  Xlogy: binaryOp(floats, (op, grad) => {
    const [x, y] = op.inputs;
    const partialX = () => applyUnary('Xlogy', { x: notZero(x), y });
    return reducePartials(x, y, grad, partialX, () => applyUnary('Xdivy', { x, y }));
  }),
  Xlog1py: binaryOp(floats, (op, grad) => {
    const [x, y] = op.inputs;
    const partialX = () => applyUnary('Xlog1py', { x: notZero(x), y });
    return reducePartials(x, y, grad, partialX, () => applyUnary('Xdivy', { x, y: y.add(1) }));
  }),
});

type Binary = (x: TensorLike, y: TensorLike, options?: NameOptions) => Tensor;

/** A function that is its op, converting operands by the signature. */
const binary =
  (type: string, name = type): Binary =>
  (x, y, options = {}) =>
    applyUnary(type, { x, y }, options.name ?? name);

/** `x + y`; of strings their concatenation. Mirrors tf.add. */
export function add(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  // The scope would hold that op only, which takes its name over.
  if (x instanceof Tensor && y instanceof Tensor && options.name !== '')
    return applyUnary(x.dtype === string ? 'Add' : 'AddV2', { x, y }, options.name ?? 'Add');
  return composite(options.name, 'Add', [x, y], (scope) => {
    const [a, b] = convertPair(x, y);
    return applyUnary(a.dtype === string ? 'Add' : 'AddV2', { x: a, y: b }, scope);
  });
}

/** `x - y`. Mirrors tf.subtract. */
export const subtract = binary('Sub');

/** `x · y`. Mirrors tf.multiply. */
export const multiply = binary('Mul');

/** `x / y` of floats. Mirrors tf.realdiv. */
export const realdiv = binary('RealDiv');

/** The quotient of integers, cut off towards 0. InvalidArgumentError when it runs with a zero divisor. Mirrors tf.truncatediv. */
export const truncatediv = binary('TruncateDiv');

/** `⌊x / y⌋`. Mirrors tf.floor_div. */
export const floorDiv = binary('FloorDiv');

/** `⌊x / y⌋`, as `floorDiv`. InvalidArgumentError when integers run with a zero divisor. Mirrors tf.floordiv. */
export const floordiv = binary('FloorDiv', 'floordiv');

/** The remainder with the sign of y. InvalidArgumentError when integers run with a zero divisor. Mirrors tf.floormod. */
export const floormod = binary('FloorMod');

/** As `floormod`. Mirrors tf.mod. */
export const mod = floormod;

/** The remainder with the sign of x. Mirrors tf.truncatemod. */
export const truncatemod = binary('TruncateMod');

/** `x^y`. InvalidArgumentError when integers run with a negative exponent. Mirrors tf.pow. */
export const pow = binary('Pow');

/** The larger of each two elements; NaN where either is. Mirrors tf.maximum. */
export const maximum = binary('Maximum');

/** The smaller of each two elements; NaN where either is. Mirrors tf.minimum. */
export const minimum = binary('Minimum');

/** `(x - y)²`. Mirrors tf.squared_difference. */
export const squaredDifference = binary('SquaredDifference');

/** `x / y`, but 0 where x is 0. Mirrors tf.math.xdivy. */
export function xdivy(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'xdivy', [x], () => applyUnary('Xdivy', { x, y }));
}

/** `x · log(y)`, but 0 where x is 0. Mirrors tf.math.xlogy. */
export const xlogy = binary('Xlogy');

/** `x · log(1 + y)`, but 0 where x is 0. Mirrors tf.math.xlog1py. */
export function xlog1py(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'xlog1py', [x], () => applyUnary('Xlog1py', { x, y }));
}

const divided = [
  'uint8, int8, uint16, int16, uint32, int32, uint64, int64',
  'bfloat16, float16, float32, float64, complex64, complex128',
].join(', ');

/** The dtype in which integers of each dtype are divided. */
function quotientDType(dtype: DType, where: string): DType | null {
  if (dtype.isInteger) return dtype.size <= 2 ? float32 : float64;
  if (dtype.isFloating || dtype.isComplex) return null;
  const expected = divided.replace(/\w+/g, 'tf.$&');
  throw new GraphTypeError(`Invalid dtype tf.${dtype.name} in ${where}. Expected one of {${expected}}.`);
}

function checkSameDType(x: Tensor, y: Tensor): void {
  if (x.dtype !== y.dtype)
    throw new GraphTypeError(`\`x\` and \`y\` must have the same dtype, got tf.${x.dtype.name} != tf.${y.dtype.name}.`);
}

/** Both operands of a true division: of one dtype, integers cast to floats. */
function quotientOperands(x: TensorLike, y: TensorLike, where: string): { x: Tensor; y: Tensor } {
  const [a, b] = convertPair(x, y);
  checkSameDType(a, b);
  const dtype = quotientDType(a.dtype, where);
  return dtype ? { x: cast(a, dtype), y: cast(b, dtype) } : { x: a, y: b };
}

/**
 * `x / y` as Python 3 divides: integers are cast to float32 (up to 16 bits) or float64 first. TypeError when the dtypes
 * differ. Mirrors tf.truediv.
 */
export function truediv(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  if (x instanceof Tensor && y instanceof Tensor && x.dtype.isFloating && x.dtype === y.dtype && options.name !== '')
    return applyUnary('RealDiv', { x, y }, options.name ?? 'truediv');
  return composite(options.name, 'truediv', [x, y], (scope) =>
    applyUnary('RealDiv', quotientOperands(x, y, '__truediv__'), scope),
  );
}

/** As `truediv`. Mirrors tf.divide. */
export function divide(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  if (options.name !== undefined || x instanceof Tensor) return truediv(x, y, options);
  return truediv(convertToTensor(x, { dtype: y instanceof Tensor ? y.dtype : undefined }), y);
}

/** `x / y` as Python 2 divides: integers are rounded down. Mirrors tf.div. */
export function div(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'div', [x, y], (scope) => {
    const [a, b] = convertPair(x, y);
    checkSameDType(a, b);
    return applyUnary(a.dtype.isInteger ? 'FloorDiv' : 'RealDiv', { x: a, y: b }, scope);
  });
}

/** `x / y`, but 0 where y is 0; integers are cast as in `truediv`. Mirrors tf.div_no_nan. */
export function divNoNan(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'div_no_nan', [x, y], (scope) =>
    applyUnary('DivNoNan', quotientOperands(x, y, 'tf.math.divide_no_nan'), scope),
  );
}

/** `x · y`, but 0 where y is 0, even if x is infinite or NaN. Mirrors tf.math.multiply_no_nan. */
export function multiplyNoNan(x: TensorLike, y: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'multiply_no_nan', [x, y], (scope) => {
    const [a, b] = convertPair(x, y);
    checkSameDType(a, b);
    return applyUnary('MulNoNan', { x: a, y: b }, scope);
  });
}

/** A scalar times a tensor, or times the values of IndexedSlices. ValueError unless it is a scalar. Mirrors tf.scalar_mul. */
export function scalarMul(scalar: TensorLike, x: Tensor, options?: NameOptions): Tensor;
export function scalarMul(scalar: TensorLike, x: IndexedSlices, options?: NameOptions): IndexedSlices;
export function scalarMul(
  scalar: TensorLike,
  x: Tensor | IndexedSlices,
  options: NameOptions = {},
): Tensor | IndexedSlices {
  const factor = convertToTensor(scalar, { dtype: x.dtype, name: 'scalar', graph: graphFromInputs([x, scalar]) });
  if (factor.shape.rank !== 0)
    throw new ValueError(`The input scalar must be a 0-D value. Received shape ${factor.shape}.`);
  if (x instanceof IndexedSlices)
    return new IndexedSlices(multiply(factor, x.values, options), x.indices, x.denseShape);
  return multiply(factor, x, options);
}
