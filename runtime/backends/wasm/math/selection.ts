/**
 * Small lane-wise functions that WebAssembly has no instruction for: signs, and minima, maxima and comparisons of 64-bit lanes.
 *
 * What it has one for, and needs no emitter: f32x4.min and max (NaN and signed zeros as Math.min and Math.max), nearest (halves to
 * even, as Round and Rint), i64x2.mul, abs and neg (they wrap).
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';

/** −1, 0 or 1; zeros and NaN stay what they are. */
export function emitSignFloats(f: FunctionBuilder, shape: 'f32x4' | 'f64x2', x: Local): void {
  const constant = (value: number) => (shape === 'f32x4' ? f.f32x4(value) : f.f64x2(value));
  f.get(x);
  constant(-0).op('v128.and');
  constant(1).op('v128.or').get(x).get(x).op(`${shape}.abs`);
  constant(0).op(`${shape}.gt`).op('v128.bitselect');
}

/** −1, 0 or 1. */
export function emitSignIntegers(f: FunctionBuilder, shape: 'i32x4' | 'i64x2', x: Local): void {
  const zero = () => (shape === 'i32x4' ? f.i32x4(0) : f.i64x2(0n));
  f.get(x);
  zero().op(`${shape}.lt_s`).get(x);
  zero().op(`${shape}.gt_s`).op(`${shape}.sub`);
}

/** The lesser or the greater of 64-bit lanes. */
export function emitMinMaxInt64(f: FunctionBuilder, which: 'min' | 'max', x: Local, y: Local, isSigned = true): void {
  f.get(x).get(y);
  emitCompareInt64(f, which === 'min' ? 'lt' : 'gt', x, y, isSigned);
  f.op('v128.bitselect');
}

/** A comparison of 64-bit lanes; unsigned ones, for which there is no instruction, by moving the smallest number to the bottom. */
export function emitCompareInt64(
  f: FunctionBuilder,
  comparison: 'lt' | 'gt' | 'le' | 'ge',
  x: Local,
  y: Local,
  isSigned = true,
): void {
  const push = (operand: Local) => {
    f.get(operand);
    if (!isSigned) f.i64x2(-(2n ** 63n)).op('v128.xor');
  };
  push(x);
  push(y);
  f.op(`i64x2.${comparison}_s`);
}
