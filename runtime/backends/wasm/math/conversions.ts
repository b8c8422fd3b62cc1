/**
 * Conversions between lanes, as the plain kernel of Cast makes them and C++ on x86: a float that is no number or out of range
 * becomes the smallest integer of the type it is converted through, int32 for small types and int64 otherwise; integers wrap.
 *
 * Emitters take operands from locals and leave the result on the stack. Where a vector of doubles is converted to or from one of
 * 32-bit lanes, those are lanes 0 and 1 of it.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { withScratch } from './lanes';

const INT32_MIN = -(2 ** 31);
const INT64_MIN = -(2n ** 63n);

/** float32 to int32; smaller integers are the low bits of these. */
export function emitFloat32ToInt32(f: FunctionBuilder, x: Local): void {
  // Saturation is right but for NaN and for what is too large.
  f.get(x)
    .op('i32x4.trunc_sat_f32x4_s')
    .i32x4(INT32_MIN)
    .get(x)
    .f32x4(2 ** 31)
    .op('f32x4.lt')
    .op('v128.bitselect');
}

/** Two float64 to two int32; lanes 2 and 3 are no results. */
export function emitFloat64ToInt32(f: FunctionBuilder, x: Local): void {
  f.get(x).op('i32x4.trunc_sat_f64x2_s_zero').i32x4(INT32_MIN);
  withScratch(f, 'v128', 1, (mask) => {
    f.get(x)
      .f64x2(2 ** 31)
      .op('f64x2.lt')
      .tee(mask)
      .get(mask)
      .shuffle32(0, 2, 4, 6);
  });
  f.op('v128.bitselect');
}

/** Two float64 to two uint32, the low bits of int64. */
export function emitFloat64ToUint32(f: FunctionBuilder, x: Local): void {
  withScratch(f, 'v128', 1, (whole) => {
    f.get(x).op('f64x2.trunc').set(whole);
    f.get(whole);
    f.get(whole)
      .f64x2(2 ** -32)
      .op('f64x2.mul')
      .op('f64x2.floor')
      .f64x2(2 ** 32)
      .op('f64x2.mul')
      .op('f64x2.sub');
    f.get(x)
      .op('f64x2.abs')
      .f64x2(2 ** 63)
      .op('f64x2.lt')
      .op('v128.and')
      .op('i32x4.trunc_sat_f64x2_u_zero');
  });
}

/** float32 to uint32, the low bits of int64. */
export function emitFloat32ToUint32(f: FunctionBuilder, x: Local): void {
  withScratch(f, 'v128', 1, (half) => {
    f.get(x).op('f64x2.promote_low_f32x4').set(half);
    emitFloat64ToUint32(f, half);
    f.get(x).get(x).shuffle32(2, 3, 2, 3).op('f64x2.promote_low_f32x4').set(half);
    emitFloat64ToUint32(f, half);
    f.shuffle32(0, 1, 4, 5);
  });
}

/** A float64 to an int64: scalars. A float32 is promoted first, which changes nothing. */
export function emitFloat64ToInt64(f: FunctionBuilder, x: Local): void {
  f.get(x)
    .op('i64.trunc_sat_f64_s')
    .i64(INT64_MIN)
    .get(x)
    .f64(2 ** 63)
    .op('f64.lt')
    .op('select');
}

/** A float64 to a uint64: scalars. */
export function emitFloat64ToUint64(f: FunctionBuilder, x: Local): void {
  f.get(x).op('i64.trunc_sat_f64_u');
  emitFloat64ToInt64(f, x);
  f.get(x)
    .f64(2 ** 63)
    .op('f64.ge')
    .get(x)
    .f64(2 ** 64)
    .op('f64.lt')
    .op('i32.and')
    .op('select');
}

/** Masks of the lanes that are not zero: what a cast to bool tests. NaN is true. */
export function emitIsTrue(f: FunctionBuilder, shape: 'f32x4' | 'f64x2' | 'i32x4' | 'i64x2', x: Local): void {
  // Zero is zero with either sign as a float, and the same bits otherwise.
  f.get(x).i32x4(0).op(`${shape}.ne`);
}
