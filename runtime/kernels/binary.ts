/**
 * Plain kernels: elementwise arithmetic of two tensors, with broadcasting.
 *
 * The four basic operations and the maximum have tight loops of their own, since training spends its time there.
 */
import { InternalError, InvalidArgumentError } from '../../graph/errors';
import { NdArray, type StringElement, sizeOf } from '../../graph/ndarray';
import type { binaryOps } from '../../graph/ops/binary';
import { broadcastShapes, broadcastStrides, forEachBroadcast } from '../broadcast';
import type { Kernel, KernelTable } from '../kernel';
import { type BigInts, type BinaryLoop, broadcastingKernel, eachPair, loopKernel, type Numbers } from './elementwise';

type Loop = BinaryLoop<Numbers>;

export const addLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] + y[j + k * dj];
};

const subtractLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] - y[j + k * dj];
};

const multiplyLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] * y[j + k * dj];
};

const divideLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] / y[j + k * dj];
};

const maximumLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = Math.max(x[i + k * di], y[j + k * dj]);
};

const minimumLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = Math.min(x[i + k * di], y[j + k * dj]);
};

const squaredDifferenceLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) {
    const difference = x[i + k * di] - y[j + k * dj];
    out[at + k] = difference * difference;
  }
};

function byZero(): InvalidArgumentError {
  return new InvalidArgumentError('Integer division by zero');
}

/** TensorFlow has no better words for the truncating ops. */
function byZeroTruncating(): InternalError {
  return new InternalError('Unexpected error in binary operator (only integer div and mod should have errors)');
}

interface Division {
  readonly floats: (x: number, y: number) => number;
  /** Default: as `floats`, rounded once. */
  readonly float32s?: (x: number, y: number) => number;
  readonly ints: (x: number, y: number) => number;
  readonly bigInts: (x: bigint, y: bigint) => bigint;
  readonly error?: () => Error;
}

/** A division or remainder: no error for floats, one for a zero divisor among integers. */
function division({ floats, float32s = floats, ints, bigInts, error = byZero }: Division): Kernel {
  const onFloats = eachPair<Numbers>(floats);
  const onFloat32s = eachPair<Numbers>(float32s);
  const onInts = eachPair<Numbers>((x, y) => {
    if (y === 0) throw error();
    return ints(x, y);
  });
  const onBigInts = eachPair<BigInts>((x, y) => {
    if (y === 0n) throw error();
    return bigInts(x, y);
  });
  return broadcastingKernel((dtype) => {
    if (dtype.name === 'float32') return onFloat32s;
    return dtype.isFloating ? onFloats : dtype.isBigInt ? onBigInts : onInts;
  });
}

function floorMod(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

function floorModBigInt(x: bigint, y: bigint): bigint {
  const rest = x % y;
  return rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest;
}

const truncateMod = {
  floats: (x: number, y: number) => x % y,
  ints: (x: number, y: number) => x % y,
  bigInts: (x: bigint, y: bigint) => x % y,
};
const truncateDivide = { ints: (x: number, y: number) => Math.trunc(x / y), bigInts: (x: bigint, y: bigint) => x / y };

/** C's pow: 1 to any power is 1, and so is -1 to an infinite one. */
function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return x ** y;
}

function negativePower(): InvalidArgumentError {
  return new InvalidArgumentError('Integers to negative integer powers are not allowed');
}

/** x^y modulo 2^32, by squaring. */
function integerPower(x: number, y: number): number {
  if (y < 0) throw negativePower();
  let [result, base] = [1, x];
  for (let rest = y; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

/** x^y modulo 2^64, by squaring. */
function bigIntPower(x: bigint, y: bigint): bigint {
  if (y < 0n) throw negativePower();
  let [result, base] = [1n, x];
  for (let rest = y; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asUintN(64, result * base);
    base = BigInt.asUintN(64, base * base);
  }
  return result;
}

/** Kernels of ops that only floats have. */
const floatPair = (apply: (x: number, y: number) => number): Kernel => {
  const loop = eachPair<Numbers>(apply);
  return broadcastingKernel((dtype) => (dtype.isFloating ? loop : undefined));
};

const floatDivide: Kernel = broadcastingKernel((dtype) => (dtype.isFloating ? divideLoop : undefined));
const addNumbers = loopKernel(addLoop, (x, y) => x + y);
const imulLoop = eachPair<Numbers>(Math.imul);
const multiplyBigInts = eachPair<BigInts>((x, y) => x * y);
const squareBigIntDifference = eachPair<BigInts>((x, y) => (x - y) * (x - y));
const squareIntDifference = eachPair<Numbers>((x, y) => Math.imul(x - y, x - y));

/** Strings one after the other. */
function concatenate(x: StringElement, y: StringElement): StringElement {
  if (typeof x === 'string' && typeof y === 'string') return x + y;
  const [a, b] = [x, y].map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part));
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

const addStrings: Kernel = ([x, y]) => {
  const shape = broadcastShapes(x.shape, y.shape);
  const out = new Array<StringElement>(sizeOf(shape));
  forEachBroadcast(shape, broadcastStrides(x.shape, shape), broadcastStrides(y.shape, shape), (at, i, j) => {
    out[at] = concatenate(x.data[i] as StringElement, y.data[j] as StringElement);
  });
  return new NdArray(x.dtype, shape, out);
};

export const binaryKernels: KernelTable<typeof binaryOps> = {
  Add: (inputs, c) => (inputs[0].dtype.name === 'string' ? addStrings(inputs, c) : addNumbers(inputs, c)),
  AddV2: addNumbers,
  Sub: loopKernel(subtractLoop, (x, y) => x - y),
  // Products of 32-bit integers may exceed what a double holds exactly.
  Mul: broadcastingKernel((dtype) => (dtype.isBigInt ? multiplyBigInts : dtype.isInteger ? imulLoop : multiplyLoop)),
  Div: division({ ...truncateDivide, floats: (x, y) => x / y }),
  RealDiv: floatDivide,
  FloorDiv: division({
    floats: (x, y) => Math.floor(x / y),
    // The quotient is a float32 before it is rounded down: 1 / 0.2 is 5.
    float32s: (x, y) => Math.floor(Math.fround(x / y)),
    ints: (x, y) => Math.floor(x / y),
    bigInts: (x, y) => (x - floorModBigInt(x, y)) / y,
  }),
  TruncateDiv: division({
    ...truncateDivide,
    floats: (x, y) => Math.trunc(x / y),
    float32s: (x, y) => Math.trunc(Math.fround(x / y)),
    error: byZeroTruncating,
  }),
  FloorMod: division({ floats: floorMod, ints: floorMod, bigInts: floorModBigInt }),
  Mod: division(truncateMod),
  TruncateMod: division({ ...truncateMod, error: byZeroTruncating }),
  DivNoNan: floatPair((x, y) => (y === 0 ? 0 : x / y)),
  MulNoNan: floatPair((x, y) => (y === 0 ? 0 : x * y)),
  Pow: (() => {
    const [floats, ints, bigInts] = [
      eachPair<Numbers>(power),
      eachPair<Numbers>(integerPower),
      eachPair<BigInts>(bigIntPower),
    ];
    return broadcastingKernel((dtype) => (dtype.isFloating ? floats : dtype.isBigInt ? bigInts : ints));
  })(),
  Maximum: loopKernel(maximumLoop, (x, y) => (x > y ? x : y)),
  Minimum: loopKernel(minimumLoop, (x, y) => (x < y ? x : y)),
  SquaredDifference: broadcastingKernel((dtype) => {
    if (dtype.isBigInt) return squareBigIntDifference;
    return dtype.isInteger ? squareIntDifference : squaredDifferenceLoop;
  }),
  Xdivy: floatPair((x, y) => (x === 0 ? 0 : x / y)),
  Xlogy: floatPair((x, y) => (x === 0 ? 0 : x * Math.log(y))),
  Xlog1py: floatPair((x, y) => (x === 0 ? 0 : x * Math.log1p(y))),
};
