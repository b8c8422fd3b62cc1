/**
 * Plain kernels: bits of integers. Shifts are clamped to the width of the dtype, as TensorFlow does.
 */
import type { DType } from '../../graph/dtypes';
import type { bitwiseOps } from '../../graph/ops/bitwise';
import type { Kernel, KernelTable } from '../kernel';
import { type BigInts, broadcastingKernel, each, eachPair, loopKernel, type Numbers, unaryKernel } from './elementwise';

/** A shift by y, which is held between 0 and the last bit. */
function shift(onNumbers: (x: number, by: number) => number, onBigInts: (x: bigint, by: bigint) => bigint): Kernel {
  const clamp = (by: number, dtype: DType) => Math.min(Math.max(by, 0), dtype.size * 8 - 1);
  return broadcastingKernel((dtype) =>
    dtype.isBigInt
      ? eachPair<BigInts>((x, by) => onBigInts(x, by < 0n ? 0n : by > 63n ? 63n : by))
      : eachPair<Numbers>((x, by) => onNumbers(x, clamp(by, dtype))),
  );
}

export const bitwiseKernels: KernelTable<typeof bitwiseOps> = {
  BitwiseAnd: loopKernel(
    (out, at, n, x, i, di, y, j, dj) => {
      for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] & y[j + k * dj];
    },
    (x, y) => x & y,
  ),
  BitwiseOr: loopKernel(
    (out, at, n, x, i, di, y, j, dj) => {
      for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] | y[j + k * dj];
    },
    (x, y) => x | y,
  ),
  BitwiseXor: loopKernel(
    (out, at, n, x, i, di, y, j, dj) => {
      for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] ^ y[j + k * dj];
    },
    (x, y) => x ^ y,
  ),
  Invert: unaryKernel(
    each((x) => ~x),
    (x) => ~x,
  ),
  LeftShift: shift(
    (x, by) => x << by,
    (x, by) => x << by,
  ),
  // Numbers arrive with the sign of their dtype, and -1·2^-k rounds down, as an arithmetic shift does.
  RightShift: shift(
    (x, by) => Math.floor(x / 2 ** by),
    (x, by) => x >> by,
  ),
};
