/**
 * Logarithms of float32 and float64 lanes, subnormals included: −∞ of zeros, NaN of negative numbers; and the inverse hyperbolic
 * functions, which are logarithms.
 */
import type { Local } from '../assembler/functionBuilder';
import { EXPONENTIAL } from './exponential';
import type { LaneShape, LaneWriter } from './lanes';

const SMALLEST_NORMAL: Readonly<Record<LaneShape, number>> = { f32x4: 2 ** -126, f64x2: 2 ** -1022 };

/** Subnormal numbers are multiplied by 2 to this power first. */
const SUBNORMAL_SHIFT: Readonly<Record<LaneShape, number>> = { f32x4: 25, f64x2: 54 };

/** The first bits of √½: mantissas are taken from [√½, √2). */
const ROOT_HALF_BITS_32 = 0x3f3504f3;
const ROOT_HALF_BITS_64 = 0x3fe6a09e00000000n;

const EXPONENT_BITS_32 = 0xff800000;
const EXPONENT_BITS_64 = 0xfff0000000000000n;
const ONE_BITS_64 = 0x3ff0000000000000n;

/** The bits of 2^52: or-ed with a small integer they are 2^52 more than it. */
const INTEGER_BITS = 0x4330000000000000n;
const INTEGER_BIAS = 2 ** 52;

/** (log(1 + m) − m + m²/2)/m³ for √½ ≤ 1 + m < √2. Relative to log(1 + m) the error is 2^-27. */
const LOG_32 = [
  0.3333331346511841, -0.2500016689300537, 0.20002223551273346, -0.16659358143806458, 0.1420958787202835,
  -0.125487819314003, 0.12114191800355911, -0.10921375453472137, 0.05302661657333374,
];

/** (log((1 + s)/(1 − s))/s − 2)/s² over s², for |s| ≤ 3 − √8. Relative to the logarithm the error is 2^-66. */
const LOG_64 = [
  0.6666666666666666, 0.4000000000000492, 0.2857142856941228, 0.22222222606815956, 0.1818177836499307,
  0.1538698854574271, 0.13252152610004897, 0.1323475516460475,
];

/** Sets m so that x = 2^e · (1 + m), x normal; leaves e, to which in float64 1023 is added, as an integer. Destroys t. */
function splitNormal({ f, shape }: LaneWriter, x: Local, m: Local, t: Local): void {
  if (shape === 'f32x4') {
    f.get(x).i32x4(ROOT_HALF_BITS_32).op('i32x4.sub').set(t);
    f.get(x).get(t).i32x4(EXPONENT_BITS_32).op('v128.and').op('i32x4.sub').f32x4(1).op('f32x4.sub').set(m);
    f.get(t).i32(23).op('i32x4.shr_s');
  } else {
    f.get(x).i64x2(ROOT_HALF_BITS_64).op('i64x2.sub').set(t);
    f.get(x).get(t).i64x2(EXPONENT_BITS_64).op('v128.and').op('i64x2.sub').f64x2(1).op('f64x2.sub').set(m);
    f.get(t).i64x2(ONE_BITS_64).op('i64x2.add').i32(52).op('i64x2.shr_u');
  }
}

/** The exponent that splitNormal left, as a float. */
function exponentAsFloat({ f, shape }: LaneWriter): void {
  if (shape === 'f32x4') f.op('f32x4.convert_i32x4_s');
  else
    f.i64x2(INTEGER_BITS)
      .op('v128.or')
      .f64x2(INTEGER_BIAS + 1023)
      .op('f64x2.sub');
}

/** e · ln 2 + log(1 + m). */
function logarithmOf(w: LaneWriter, m: Local, e: Local): void {
  const { ln2High, ln2Low } = EXPONENTIAL[w.shape];
  if (w.shape === 'f32x4') {
    w.scratch(2, (square, t) => {
      w.get(m).get(m).op('mul').set(square);
      w.polynomial(m, LOG_32, square).get(m).op('mul').get(square).op('mul').set(t);
      w.get(e).constant(ln2Low).op('mul').get(t).op('add');
      w.get(square).constant(0.5).op('mul').op('sub').get(m).op('add');
    });
  } else {
    // log(1 + m) = m − (h − s·(h + R)) with h = m²/2, s = m/(2 + m).
    w.scratch(3, (s, h, t) => {
      w.get(m).get(m).constant(2).op('add').op('div').tee(s).get(s).op('mul').set(t);
      w.get(m).get(m).op('mul').constant(0.5).op('mul').set(h);
      w.get(m).get(h);
      w.polynomial(t, LOG_64).get(t).op('mul').get(h).op('add').get(s).op('mul');
      w.get(e).constant(ln2Low).op('mul').op('add');
      w.op('sub').op('sub');
    });
  }
  w.get(e).constant(ln2High).op('mul').op('add');
}

/** Replaces the top, a logarithm of x as if x were positive and finite, where x is not. */
function withSpecials(w: LaneWriter, x: Local): void {
  // Infinity and NaN stay, a negative x becomes NaN, zeros become -∞.
  w.get(x).get(x).constant(0).op('lt').bits('or');
  w.get(x).constant(0).op('eq').constant(-Infinity).bits('and').bits('or');
  w.get(x).constant(0).op('gt').get(x).constant(Infinity).op('lt').bits('and').bits('bitselect');
}

/** Sets m and e so that x = 2^e · (1 + m), for any positive finite x. */
export function splitPositive(w: LaneWriter, x: Local, m: Local, e: Local): void {
  const shift = SUBNORMAL_SHIFT[w.shape];
  w.scratch(1, (t) => {
    w.get(x).constant(SMALLEST_NORMAL[w.shape]).op('lt').set(t);
    w.constant(2 ** shift)
      .constant(1)
      .get(t)
      .bits('bitselect')
      .get(x)
      .op('mul')
      .set(m);
    splitNormal(w, m, m, e);
    exponentAsFloat(w);
    w.get(t).constant(shift).bits('and').op('sub').set(e);
  });
}

export function log(w: LaneWriter, x: Local): void {
  w.scratch(2, (m, e) => {
    splitPositive(w, x, m, e);
    logarithmOf(w, m, e);
  });
  withSpecials(w, x);
}

/** 2^-e, for what splitNormal left in e; for the largest exponents of all, some number. */
function inversePower({ f, shape }: LaneWriter, e: Local): void {
  if (shape === 'f32x4') f.i32x4(127).get(e).i32x4(126).op('i32x4.min_s').op('i32x4.sub').i32(23).op('i32x4.shl');
  else f.i64x2(2046n).get(e).i64x2(2045n).op('i32x4.min_s').op('i64x2.sub').i32(52).op('i64x2.shl');
}

/** log(1 + x), from the logarithm of u, which is 1 + x rounded: what rounding lost goes back into u's mantissa. Destroys u. */
function logarithmOfSum(w: LaneWriter, x: Local, u: Local): void {
  w.scratch(3, (m, e, t) => {
    w.get(x).constant(1).op('add').tee(u).constant(1).op('sub').set(t);
    w.constant(1).get(u).get(t).op('sub').op('sub').get(x).get(t).op('sub').op('add').set(t);
    splitNormal(w, u, m, e);
    w.set(e);
    inversePower(w, e);
    w.get(t).op('mul').get(m).op('add').set(m).get(e);
    exponentAsFloat(w);
    w.set(e);
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
const LARGE: Readonly<Record<LaneShape, number>> = { f32x4: 2 ** 28, f64x2: 2 ** 60 };

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
    w.get(x).op('abs').tee(a).constant(LARGE[w.shape]).op('ge').set(isLarge);
    w.get(a).get(a).op('mul').set(square);
    w.get(square).constant(1).get(square).constant(1).op('add').op('sqrt').op('add').op('div').get(a).op('add');
    log1pOrLogOfDouble(w, a, isLarge);
    w.copySign(x);
  });
}

/** log1p(t + √(2t + t²)) with t = x − 1; NaN below 1. */
export function acosh(w: LaneWriter, x: Local): void {
  w.scratch(2, (t, isLarge) => {
    w.get(x).constant(LARGE[w.shape]).op('ge').set(isLarge);
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
