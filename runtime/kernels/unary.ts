/**
 * Plain kernels: elementwise functions of one tensor, and the gradients that TensorFlow computes from a function's output.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray } from '../../graph/ndarray';
import type { unaryOps } from '../../graph/ops/unary';
import type { Kernel, KernelTable } from '../kernel';
import { checkComputable, each, floatKernel, type Numbers, unaryKernel, unsupported } from './elementwise';

const negate = (out: Numbers, x: Numbers) => {
  for (let k = 0; k < out.length; k++) out[k] = -x[k];
};

const absolute = (out: Numbers, x: Numbers) => {
  for (let k = 0; k < out.length; k++) out[k] = Math.abs(x[k]);
};

const squareFloats = (out: Numbers, x: Numbers) => {
  for (let k = 0; k < out.length; k++) out[k] = x[k] * x[k];
};

const squareRoot = (out: Numbers, x: Numbers) => {
  for (let k = 0; k < out.length; k++) out[k] = Math.sqrt(x[k]);
};

const reciprocal = (out: Numbers, x: Numbers) => {
  for (let k = 0; k < out.length; k++) out[k] = 1 / x[k];
};

const sigmoid = (out: Numbers, x: Numbers) => {
  for (let k = 0; k < out.length; k++) out[k] = 1 / (1 + Math.exp(-x[k]));
};

/** To the nearest integer, halves to the even one. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return Math.ceil(x);
  return rest === 0.5 ? 2 * Math.round(x / 2) : x;
}

const round = each(roundHalfToEven);

const squareInts = unaryKernel(
  each((x) => Math.imul(x, x)),
  (x) => x * x,
);
const squareFloatKernel = floatKernel(squareFloats);
const roundFloats = floatKernel(round);

/** A predicate of floats, with a bool output. */
const test = (holds: (x: number) => boolean) => floatKernel(each((x) => (holds(x) ? 1 : 0)));

/** A kernel from a loop over an output `y` and an incoming gradient `dy` of the same size. */
function gradientKernel(loop: (out: Numbers, y: Numbers, dy: Numbers) => void): Kernel {
  return ([y, dy], c) => {
    checkComputable(c, y.dtype);
    if (y.size !== dy.size) {
      throw new InvalidArgumentError(
        `The two arguments to a cwise op must have same number of elements, got ${y.size} and ${dy.size}`,
      );
    }
    if (!y.dtype.isFloating) throw unsupported(c, y.dtype);
    const out = allocate(y.dtype, y.size);
    loop(out as Numbers, y.data as Numbers, dy.data as Numbers);
    return new NdArray(y.dtype, y.shape, out);
  };
}

const reciprocalGrad = gradientKernel((out, y, dy) => {
  for (let k = 0; k < out.length; k++) out[k] = -dy[k] * y[k] * y[k];
});

export const unaryKernels: KernelTable<typeof unaryOps> = {
  Abs: unaryKernel(absolute, (x) => (x < 0n ? -x : x)),
  Neg: unaryKernel(negate, (x) => -x),
  Sign: unaryKernel(each(Math.sign), (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n)),
  Square: (inputs, c) => (inputs[0].dtype.isInteger ? squareInts(inputs, c) : squareFloatKernel(inputs, c)),
  Sqrt: floatKernel(squareRoot),
  Rsqrt: floatKernel(each((x) => 1 / Math.sqrt(x))),
  Reciprocal: floatKernel(reciprocal),
  Inv: floatKernel(reciprocal),
  Exp: floatKernel(each(Math.exp)),
  Expm1: floatKernel(each(Math.expm1)),
  Log: floatKernel(each(Math.log)),
  Log1p: floatKernel(each(Math.log1p)),
  Tanh: floatKernel(each(Math.tanh)),
  Sigmoid: floatKernel(sigmoid),
  Floor: floatKernel(each(Math.floor)),
  Ceil: floatKernel(each(Math.ceil)),
  Round: (inputs, c) => (inputs[0].dtype.isInteger ? inputs[0] : roundFloats(inputs, c)),
  Rint: roundFloats,
  IsNan: test(Number.isNaN),
  IsInf: test((x) => x === Infinity || x === -Infinity),
  IsFinite: test(Number.isFinite),
  SqrtGrad: gradientKernel((out, y, dy) => {
    for (let k = 0; k < out.length; k++) out[k] = (0.5 * dy[k]) / y[k];
  }),
  RsqrtGrad: gradientKernel((out, y, dy) => {
    for (let k = 0; k < out.length; k++) out[k] = -0.5 * dy[k] * (y[k] * y[k] * y[k]);
  }),
  ReciprocalGrad: reciprocalGrad,
  InvGrad: reciprocalGrad,
  TanhGrad: gradientKernel((out, y, dy) => {
    for (let k = 0; k < out.length; k++) out[k] = dy[k] * (1 - y[k] * y[k]);
  }),
  SigmoidGrad: gradientKernel((out, y, dy) => {
    for (let k = 0; k < out.length; k++) out[k] = dy[k] * y[k] * (1 - y[k]);
  }),
};
