/**
 * Logarithms of four float32 lanes, subnormals included: −∞ of zeros, NaN of negative numbers; and the inverse hyperbolic
 * functions, which are logarithms.
 */
import type { Local } from '../assembler/functionBuilder';
import type { LaneWriter } from './lanes';

/** ln 2 in two parts; a product of the first with an integer of up to 15 bits is exact. */
export const LN2_HIGH = 0.693359375;
export const LN2_LOW = -2.1219444005469057e-4;

const SMALLEST_NORMAL = 2 ** -126;
const INFINITY_BITS = 0x7f800000;
const MINUS_INFINITY_BITS = 0xff800000;

/** The bits of √½: mantissas are taken from [√½, √2). */
const ROOT_HALF_BITS = 0x3f3504f3;

/** (log(1 + m) − m + m²/2)/m³ for √½ ≤ 1 + m < √2. Relative to log(1 + m) the error is 2^-27. */
const LOG = [
  0.3333331346511841, -0.2500016689300537, 0.20002223551273346, -0.16659358143806458, 0.1420958787202835,
  -0.125487819314003, 0.12114191800355911, -0.10921375453472137, 0.05302661657333374,
];

/** Takes the offset of x's bits from √½'s, which is in e, apart: sets m so that x = 2^e · (1 + m); leaves e, as an integer. */
function splitNormal({ f }: LaneWriter, x: Local, m: Local, e: Local): void {
  f.get(x).i32x4(ROOT_HALF_BITS).op('i32x4.sub').set(e);
  f.get(x).get(e).i32x4(MINUS_INFINITY_BITS).op('v128.and').op('i32x4.sub').f32x4(1).op('f32x4.sub').set(m);
  f.get(e).i32(23).op('i32x4.shr_s');
}

/** e · ln 2 + log(1 + m). */
function logarithmOf(w: LaneWriter, m: Local, e: Local): void {
  w.scratch(2, (square, t) => {
    w.get(m).get(m).op('mul').set(square);
    w.polynomial(m, LOG, square).get(m).op('mul').get(square).op('mul').set(t);
    w.get(e).constant(LN2_LOW).op('mul').get(t).op('add');
    w.get(square).constant(0.5).op('mul').op('sub').get(m).op('add');
    w.get(e).constant(LN2_HIGH).op('mul').op('add');
  });
}

/** Replaces the top, a logarithm of x as if x were positive and finite, where x is not. */
function withSpecials(w: LaneWriter, x: Local): void {
  const { f } = w;
  // Infinity and NaN stay, a negative x becomes NaN, zeros become -∞.
  w.get(x).get(x).constant(0).op('lt').bits('or');
  w.get(x).constant(0).op('eq');
  f.i32x4(MINUS_INFINITY_BITS).op('v128.and').op('v128.or');
  w.get(x).constant(0).op('gt').get(x);
  f.i32x4(INFINITY_BITS).op('f32x4.lt').op('v128.and').op('v128.bitselect');
}

export function log(w: LaneWriter, x: Local): void {
  const { f } = w;
  w.scratch(3, (m, e, t) => {
    // Subnormal numbers are scaled up first.
    w.get(x).constant(SMALLEST_NORMAL).op('lt').set(t);
    w.constant(2 ** 25)
      .constant(1)
      .get(t)
      .bits('bitselect')
      .get(x)
      .op('mul')
      .set(m);
    splitNormal(w, m, m, e);
    f.op('f32x4.convert_i32x4_s');
    w.get(t).constant(25).bits('and').op('sub').set(e);
    logarithmOf(w, m, e);
  });
  withSpecials(w, x);
}

/**
 * log(1 + x), from the logarithm of u, which is 1 + x rounded: what rounding lost goes back into u's mantissa. Destroys u.
 */
function logarithmOfSum(w: LaneWriter, x: Local, u: Local): void {
  const { f } = w;
  w.scratch(3, (m, e, t) => {
    w.get(x).constant(1).op('add').tee(u).constant(1).op('sub').set(t);
    w.constant(1).get(u).get(t).op('sub').op('sub').get(x).get(t).op('sub').op('add').set(t);
    splitNormal(w, u, m, e);
    f.tee(e);
    // t · 2^-e; with the largest exponents the loss does not matter, but the power has to be a number.
    f.i32x4(126).op('i32x4.min_s').i32(23).op('i32x4.shl').set(u);
    f.i32x4(0x3f800000).get(u).op('i32x4.sub').get(t).op('f32x4.mul').get(m).op('f32x4.add').set(m);
    f.get(e).op('f32x4.convert_i32x4_s').set(e);
    logarithmOf(w, m, e);
  });
}

export function log1p(w: LaneWriter, x: Local): void {
  w.scratch(1, (u) => {
    logarithmOfSum(w, x, u);
    w.get(x).constant(1).op('add').set(u);
    withSpecials(w, u);
    w.copySign(x);
  });
}

/** log(1 + x) for lanes from 0 to 1, or NaN: of (1 + x)/2 = 1 + (x − 1)/2 where 1 + x exceeds √2. */
export function log1pOfUnit(w: LaneWriter, x: Local): void {
  w.scratch(2, (m, e) => {
    w.get(x)
      .constant(Math.SQRT2 - 1)
      .op('gt')
      .set(e);
    w.get(x).constant(1).op('sub').constant(0.5).op('mul').get(x).get(e).bits('bitselect').set(m);
    w.get(e).constant(1).bits('and').set(e);
    logarithmOf(w, m, e);
  });
}

/** Where x is at least this, x² + 1 is x² and log1p(x) is log(x). */
const LARGE = 2 ** 28;

/** log1p of the vector on the stack where the mask is unset; where it is set, log(2x). */
function log1pOrLogOfDouble(w: LaneWriter, x: Local, isLarge: Local): void {
  w.scratch(1, (t) => {
    w.set(t);
    w.get(x).get(t).get(isLarge).bits('bitselect').set(t);
    log1p(w, t);
    w.get(isLarge).constant(Math.LN2).bits('and').op('add');
  });
}

/** log1p(|x| + x²/(1 + √(1 + x²))), with the sign of x. */
export function asinh(w: LaneWriter, x: Local): void {
  w.scratch(3, (a, square, isLarge) => {
    w.get(x).op('abs').tee(a).constant(LARGE).op('ge').set(isLarge);
    w.get(a).get(a).op('mul').set(square);
    w.get(square).constant(1).get(square).constant(1).op('add').op('sqrt').op('add').op('div').get(a).op('add');
    log1pOrLogOfDouble(w, a, isLarge);
    w.copySign(x);
  });
}

/** log1p(t + √(2t + t²)) with t = x − 1; NaN below 1. */
export function acosh(w: LaneWriter, x: Local): void {
  w.scratch(2, (t, isLarge) => {
    w.get(x).constant(LARGE).op('ge').set(isLarge);
    w.get(x).constant(1).op('sub').tee(t);
    w.get(t).get(t).op('add').get(t).get(t).op('mul').op('add').op('sqrt').op('add');
    w.get(t).constant(0).op('lt').bits('or');
    log1pOrLogOfDouble(w, x, isLarge);
  });
}

/** ½·log1p(2|x|/(1 − |x|)), with the sign of x. */
export function atanh(w: LaneWriter, x: Local): void {
  w.scratch(1, (a) => {
    w.get(x).op('abs').tee(a).get(a).op('add').constant(1).get(a).op('sub').op('div').set(a);
    log1p(w, a);
    w.constant(0.5).op('mul').copySign(x);
  });
}
