/**
 * What the kernels of elementwise families share: factories from scalar functions or tight loops to kernels, and the
 * refusal of dtypes that have no arithmetic here (float16, bfloat16, complex).
 *
 * A loop is a function of its own per hot op, so that the engine compiles each for the arrays it meets; a scalar function
 * is called once per element. Results are rounded, and integers wrap, by the array they are stored in.
 */
import type { DType } from '../../graph/dtypes';
import { UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, type NumericArray, sizeOf } from '../../graph/ndarray';
import { broadcastShapes, broadcastStrides, forEachRun } from '../broadcast';
import type { Kernel, KernelContext } from '../kernel';

/** Elements of all numeric dtypes but the 64-bit integers. */
export type Numbers = Exclude<NumericArray, BigInt64Array | BigUint64Array>;
export type BigInts = BigInt64Array | BigUint64Array;

/** `out[at + k] = f(x[i + k·di], y[j + k·dj])` for k from 0 to n. */
export type BinaryLoop<A> = (
  out: A,
  at: number,
  n: number,
  x: A,
  i: number,
  di: number,
  y: A,
  j: number,
  dj: number,
) => void;

/** `out[k] = f(x[k])` for all k. */
export type UnaryLoop = (out: Numbers, x: Numbers) => void;

/** UnimplementedError when values of that dtype cannot be computed with. */
export function checkComputable(c: KernelContext, dtype: DType): void {
  if (dtype.isComplex || dtype.name === 'float16' || dtype.name === 'bfloat16') {
    throw new UnimplementedError(`${c.op.type} has no kernel for ${dtype.name}. Cast to float32 or float64 first.`);
  }
}

/** The error of an op that TensorFlow's signature admits for a dtype, but that has no meaning for it. */
export function unsupported(c: KernelContext, dtype: DType): UnimplementedError {
  return new UnimplementedError(`No OpKernel was registered to support Op '${c.op.type}' with T=${dtype.protoName}.`);
}

/** The loop that calls a function for each pair. */
export function eachPair<A extends Numbers | BigInts>(apply: (x: A[number], y: A[number]) => A[number]): BinaryLoop<A> {
  return (out, at, n, x, i, di, y, j, dj) => {
    for (let k = 0; k < n; k++) out[at + k] = apply(x[i + k * di], y[j + k * dj]) as never;
  };
}

/** The loop that calls a function for each element. */
export function each(apply: (x: number) => number): UnaryLoop {
  return (out, x) => {
    for (let k = 0; k < out.length; k++) out[k] = apply(x[k]);
  };
}

/** A kernel of one input and an output of the same shape; without `onBigInts` 64-bit integers are refused. */
export function unaryKernel(loop: UnaryLoop, onBigInts?: (x: bigint) => bigint): Kernel {
  return ([x], c) => {
    checkComputable(c, x.dtype);
    const out = allocate(c.outputTypes[0], x.size);
    if (!x.dtype.isBigInt) loop(out as Numbers, x.data as Numbers);
    else if (onBigInts) (x.data as BigInts).forEach((value, k) => ((out as BigInts)[k] = onBigInts(value)));
    else throw unsupported(c, x.dtype);
    return new NdArray(c.outputTypes[0], x.shape, out);
  };
}

/** The same, for ops whose signature admits integers that they have no kernel for. */
export function floatKernel(loop: UnaryLoop): Kernel {
  const kernel = unaryKernel(loop);
  return (inputs, c) => {
    if (!inputs[0].dtype.isFloating) throw unsupported(c, inputs[0].dtype);
    return kernel(inputs, c);
  };
}

/** Which loop computes for operands of that dtype; undefined where none does. */
export type ChooseLoop = (dtype: DType) => BinaryLoop<Numbers> | BinaryLoop<BigInts> | undefined;

/** A kernel of two broadcasting inputs. */
export function broadcastingKernel(choose: ChooseLoop): Kernel {
  return ([x, y], c) => {
    checkComputable(c, x.dtype);
    const loop = choose(x.dtype) as BinaryLoop<Numbers> | undefined;
    if (!loop) throw unsupported(c, x.dtype);
    return broadcastPair(x, y, c.outputTypes[0], loop);
  };
}

/** Applies a loop to two arrays that are broadcast to each other. */
export function broadcastPair(x: NdArray, y: NdArray, dtype: DType, loop: BinaryLoop<Numbers>): NdArray {
  const shape = broadcastShapes(x.shape, y.shape);
  const out = allocate(dtype, sizeOf(shape)) as Numbers;
  const [a, b] = [x.data as Numbers, y.data as Numbers];
  forEachRun(shape, [broadcastStrides(x.shape, shape), broadcastStrides(y.shape, shape)], (at, n, offsets, steps) =>
    loop(out, at, n, a, offsets[0], steps[0], b, offsets[1], steps[1]),
  );
  return new NdArray(dtype, shape, out);
}

/** A kernel that uses one function for numbers and one for 64-bit integers. */
export function pairKernel(
  onNumbers: (x: number, y: number) => number,
  onBigInts?: (x: bigint, y: bigint) => bigint,
): Kernel {
  return loopKernel(eachPair<Numbers>(onNumbers), onBigInts);
}

/** The same with a tight loop for numbers. */
export function loopKernel(onNumbers: BinaryLoop<Numbers>, onBigInts?: (x: bigint, y: bigint) => bigint): Kernel {
  const big = onBigInts && eachPair<BigInts>(onBigInts);
  return broadcastingKernel((dtype) => (dtype.isBigInt ? big : onNumbers));
}
