/**
 * Plain kernels: activation functions and their gradients.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray } from '../../graph/ndarray';
import type { activationsOps } from '../../graph/ops/activations';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import type { FloatArray } from './gemm';

/** The constants of the SELU paper, as TensorFlow has them. */
const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

function requireHeld({ dtype, data }: NdArray, opType: string): void {
  if (dtype.isInteger || data instanceof Float32Array || data instanceof Float64Array) return;
  throw new UnimplementedError(`${opType} is not implemented for ${dtype.name}.`);
}

function requireSameShape({ shape: a }: NdArray, { shape: b }: NdArray, { op }: KernelContext): void {
  if (a.length === b.length && a.every((dim, i) => dim === b[i])) return;
  throw new InvalidArgumentError(
    `Inputs to operation ${op.name} of type ${op.type} must have the same size and shape.  Input 0: [${a.join(',')}] != input 1: [${b.join(',')}]`,
  );
}

/**
 * A kernel of one input. Functions of floats are written for numbers; `onBigInts` is for those that integers have too.
 */
function unary(
  apply: (c: KernelContext, dtype: string) => (x: number) => number,
  onBigInts?: (x: bigint) => bigint,
): Kernel {
  return ([input], c) => {
    requireHeld(input, c.op.type);
    const out = allocate(input.dtype, input.data.length);
    if (input.dtype.isBigInt) {
      for (let i = 0; i < out.length; i++) (out as BigInt64Array)[i] = onBigInts!((input.data as BigInt64Array)[i]);
    } else {
      const f = apply(c, input.dtype.name);
      for (let i = 0; i < out.length; i++) (out as FloatArray)[i] = f((input.data as FloatArray)[i]);
    }
    return new NdArray(input.dtype, input.shape, out);
  };
}

/** A kernel of a gradient and the features or outputs that it is for, of one shape. */
function gradient(apply: (c: KernelContext) => (g: number, x: number) => number): Kernel {
  return ([gradients, features], c) => {
    requireHeld(features, c.op.type);
    requireSameShape(gradients, features, c);
    const out = allocate(gradients.dtype, gradients.data.length) as FloatArray;
    const [g, x] = [gradients.data as FloatArray, features.data as FloatArray];
    const f = apply(c);
    for (let i = 0; i < out.length; i++) out[i] = f(g[i], x[i]);
    return new NdArray(gradients.dtype, gradients.shape, out as never);
  };
}

/**
 * Relu and its gradient stand in the middle of most networks: they have loops of their own, without a call for each
 * element.
 */
const relu: Kernel = ([input], c) => {
  requireHeld(input, c.op.type);
  const out = allocate(input.dtype, input.data.length);
  const [x, y] = [input.data as FloatArray, out as FloatArray];
  if (input.dtype.isBigInt) {
    for (let i = 0; i < out.length; i++) if ((x[i] as unknown as bigint) > 0n) y[i] = x[i];
  } else {
    for (let i = 0; i < out.length; i++) y[i] = x[i] <= 0 ? 0 : x[i];
  }
  return new NdArray(input.dtype, input.shape, out);
};

const reluGrad: Kernel = ([gradients, features], c) => {
  requireHeld(features, c.op.type);
  requireSameShape(gradients, features, c);
  const out = allocate(gradients.dtype, gradients.data.length);
  const [g, x, dx] = [gradients.data as FloatArray, features.data as FloatArray, out as FloatArray];
  if (gradients.dtype.isFloating) {
    // A product, as TensorFlow's: a gradient of NaN or infinity is NaN also where the feature is not positive.
    for (let i = 0; i < out.length; i++) dx[i] = x[i] > 0 ? g[i] : g[i] * 0;
  } else {
    // Also for bigints, which compare with numbers.
    for (let i = 0; i < out.length; i++) if (x[i] > 0) dx[i] = g[i];
  }
  return new NdArray(gradients.dtype, gradients.shape, out);
};

/** `0 · g`, so NaN for NaN and infinities; also for the bigints of 64-bit integers. */
const zeroTimes = (g: number): number => (typeof g === 'bigint' ? (0n as unknown as number) : g * 0);

export const activationsKernels: KernelTable<typeof activationsOps> = {
  Relu: relu,
  ReluGrad: reluGrad,
  Relu6: unary(
    () => (x) => (x <= 0 ? 0 : x > 6 ? 6 : x),
    (x) => (x <= 0n ? 0n : x > 6n ? 6n : x),
  ),
  Relu6Grad: gradient(() => (g, x) => (x > 0 && x < 6 ? g : zeroTimes(g))),
  Elu: unary(() => (x) => (x < 0 ? Math.expm1(x) : x)),
  EluGrad: gradient(() => (g, y) => (y < 0 ? g * (y + 1) : g)),
  Selu: unary(() => (x) => (x < 0 ? SELU_SCALE_ALPHA * Math.expm1(x) : SELU_SCALE * x)),
  SeluGrad: gradient(() => (g, y) => (y < 0 ? g * (y + SELU_SCALE_ALPHA) : g * SELU_SCALE)),
  LeakyRelu: unary((c) => {
    const alpha = Math.fround(c.attr<number>('alpha'));
    return (x) => (x > 0 ? x : alpha * x);
  }),
  LeakyReluGrad: gradient((c) => {
    const alpha = Math.fround(c.attr<number>('alpha'));
    return (g, x) => (x > 0 ? g : alpha * g);
  }),
  Softplus: unary((_, dtype) => {
    // Beyond this log(exp(x) + 1) is x, and exp(x) below its negative, to the precision of the type.
    const limit = -(Math.log(dtype === 'float64' ? Number.EPSILON : 2 ** -23) + 2);
    return (x) => (x > limit ? x : x < -limit ? Math.exp(x) : Math.log1p(Math.exp(x)));
  }),
  SoftplusGrad: gradient(() => (g, x) => g / (Math.exp(-x) + 1)),
  Softsign: unary(() => (x) => x / (Math.abs(x) + 1)),
  SoftsignGrad: gradient(() => (g, x) => g / (1 + Math.abs(x)) ** 2),
};
