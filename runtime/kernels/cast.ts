/**
 * Plain kernel: conversion between dtypes, as C++ converts on the machines TensorFlow runs on.
 *
 * Integers wrap; floats lose their fraction. A float that is no number or out of range becomes the smallest value of the
 * integer type it is converted through: int32 for small types, int64 otherwise.
 */
import { float32, float64, int64, uint64 } from '../../graph/dtypes';
import { UnimplementedError } from '../../graph/errors';
import { allocate, NdArray } from '../../graph/ndarray';
import type { castOps } from '../../graph/ops/cast';
import type { KernelTable } from '../kernel';
import type { BigInts, Numbers } from './elementwise';

const toInt32 = (x: number): number => (x > -2147483649 && x < 2147483648 ? Math.trunc(x) : -2147483648);

function toInt64(x: number): bigint {
  return x >= -(2 ** 63) && x < 2 ** 63 ? BigInt(Math.trunc(x)) : -(2n ** 63n);
}

/** Drops the bits that a float32 cannot hold instead of rounding them. */
function truncateToFloat32(x: number): number {
  const rounded = Math.fround(x);
  if (Math.abs(rounded) <= Math.abs(x) || Number.isNaN(rounded)) return rounded;
  const bits = new Uint32Array(new Float32Array([rounded]).buffer);
  bits[0]--;
  return new Float32Array(bits.buffer)[0];
}

/** Converts every element; the array it is stored in wraps or rounds the result. */
function convert(x: NdArray, out: Numbers | BigInts, dtype: NdArray['dtype'], truncate: boolean): void {
  const from = x.data as Numbers;
  if (dtype.isBool) {
    for (let k = 0; k < out.length; k++) out[k] = Number(from[k]) === 0 ? 0 : 1;
  } else if (x.dtype.isBigInt) {
    const wide = x.data as BigInts;
    if (dtype.isBigInt) wide.forEach((value, k) => (out[k] = value));
    else if (dtype.isFloating) wide.forEach((value, k) => (out[k] = Number(value)));
    else wide.forEach((value, k) => (out[k] = Number(BigInt.asIntN(32, value))));
  } else if (x.dtype.isFloating) {
    if (dtype === int64) for (let k = 0; k < out.length; k++) out[k] = toInt64(from[k]);
    else if (dtype === uint64)
      for (let k = 0; k < out.length; k++)
        out[k] = from[k] >= 2 ** 63 && from[k] < 2 ** 64 ? BigInt(Math.trunc(from[k])) : toInt64(from[k]);
    else if (dtype.name === 'uint32')
      for (let k = 0; k < out.length; k++) out[k] = Number(BigInt.asUintN(32, toInt64(from[k])));
    else if (dtype.isInteger) for (let k = 0; k < out.length; k++) out[k] = toInt32(from[k]);
    else if (truncate && dtype === float32) for (let k = 0; k < out.length; k++) out[k] = truncateToFloat32(from[k]);
    else for (let k = 0; k < out.length; k++) out[k] = from[k];
  } else if (dtype.isBigInt) {
    for (let k = 0; k < out.length; k++) out[k] = BigInt(from[k]);
  } else {
    for (let k = 0; k < out.length; k++) out[k] = from[k];
  }
}

const isPlain = ({ dtype }: Pick<NdArray, 'dtype'>): boolean =>
  dtype === float32 || dtype === float64 || dtype.isInteger || dtype.isBool;

export const castKernels: KernelTable<typeof castOps> = {
  Cast: ([x], c) => {
    const dtype = c.outputTypes[0];
    if (x.dtype === dtype) return x;
    if (!isPlain(x) || !isPlain({ dtype })) {
      throw new UnimplementedError(`Cast ${x.dtype.cppName} to ${dtype.cppName} is not supported`);
    }
    const out = allocate(dtype, x.size);
    convert(x, out as Numbers | BigInts, dtype, c.attr<boolean>('Truncate'));
    return new NdArray(dtype, x.shape, out);
  },
};
