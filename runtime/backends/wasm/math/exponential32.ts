/**
 * Exponential functions of four float32 lanes: e^x over the whole range, subnormal results included, and the logistic
 * function and hyperbolic tangent that networks spend their time in.
 *
 * Polynomials were fitted with Remez's algorithm, coefficients rounded to float32 one after the other and the rest fitted again.
 */
import type { Local } from '../assembler/functionBuilder';
import type { LaneWriter } from './lanes';
import { LN2_HIGH, LN2_LOW, log1pOfUnit } from './logarithm32';

/** Adding it rounds a small float32 to the nearest integer, which is then in the low bits. */
const ROUNDER = 1.5 * 2 ** 23;
const ROUNDER_BITS = 0x4b400000;

/** Beyond these, e^x/2 is infinite and e^x zero in float32. */
const LARGEST_EXPONENT = 90;
const SMALLEST_EXPONENT = -104;

/** (e^r − 1 − r)/r² for |r| ≤ ln(2)/2. Relative to e^r the error is 2^-28. */
const EXP = [0.4999999403953552, 0.16666516661643982, 0.04166810214519501, 0.008369166404008865, 0.0013838004088029265];

/** What is known of an exponent, so that less code does, and what is asked for. */
interface ExpOptions {
  /** No lane is above the largest exponent. */
  readonly negative?: boolean;
  /** Every lane is within ±80. */
  readonly small?: boolean;
  /** e^x/2 instead of e^x: finite for somewhat larger exponents. */
  readonly halved?: boolean;
  /** A small addend of the exponent. */
  readonly low?: Local;
}

/** e^x, for the x on the stack. */
export function expOfTop(w: LaneWriter, { negative, small, halved = false, low }: ExpOptions = {}): void {
  w.scratch(3, (x, n, r) => {
    // pmin and pmax with the constant second keep a NaN.
    if (!negative && !small) w.constant(LARGEST_EXPONENT).op('pmin');
    if (!small) w.constant(SMALLEST_EXPONENT).op('pmax');
    w.tee(x);
    roundedQuotient(w, n, r);
    w.subtractProduct(x, r, LN2_HIGH).set(x);
    w.subtractProduct(x, r, LN2_LOW);
    if (low) w.get(low).op('add');
    w.set(x);
    w.get(x).get(x).op('mul').set(r);
    w.polynomial(x, EXP, r).multiplyAdd(r, x).constant(1).op('add');
    if (small) scaleByNormalPower(w, n);
    else scaleByPower(w, n, r, halved);
  });
}

/** Takes x from the stack; sets r to the integer nearest to x/ln 2, and n to what adding ROUNDER made of that. */
function roundedQuotient(w: LaneWriter, n: Local, r: Local): void {
  w.constant(Math.LOG2E).op('mul').constant(ROUNDER).op('add').tee(n).constant(ROUNDER).op('sub').set(r);
}

/** Multiplies the top by 2^n, or 2^(n − 1), in two exact steps and one rounding. Destroys n and t. */
function scaleByPower({ f }: LaneWriter, n: Local, t: Local, halved: boolean): void {
  f.get(n).i32x4(ROUNDER_BITS).op('i32x4.sub').tee(n).i32(1).op('i32x4.shr_s').tee(t);
  f.i32x4(127).op('i32x4.add').i32(23).op('i32x4.shl').op('f32x4.mul');
  f.get(n).get(t).op('i32x4.sub');
  f.i32x4(halved ? 126 : 127)
    .op('i32x4.add')
    .i32(23)
    .op('i32x4.shl')
    .op('f32x4.mul');
}

/** The same where 2^n and the product are normal numbers. */
function scaleByNormalPower({ f }: LaneWriter, n: Local): void {
  f.get(n)
    .i32x4(ROUNDER_BITS - 127)
    .op('i32x4.sub')
    .i32(23)
    .op('i32x4.shl')
    .op('f32x4.mul');
}

export function exp(w: LaneWriter, x: Local): void {
  w.get(x);
  expOfTop(w);
}

/** 1/(1 + e^-x), as e^x/(1 + e^x) for negative x. */
export function sigmoid(w: LaneWriter, x: Local): void {
  w.scratch(1, (e) => {
    w.get(x).op('abs').op('neg');
    expOfTop(w, { negative: true });
    w.set(e);
    w.get(e).constant(1).get(x).constant(0).op('lt').bits('bitselect');
    w.get(e).constant(1).op('add').op('div');
  });
}

/** (tanh(x)/x − 1)/x² over x², for |x| ≤ 0.55. Relative to tanh(x) the error is 2^-29. */
const TANH = [
  -0.33333316445350647, 0.13332544267177582, -0.0538475476205349, 0.02105071395635605, -0.0062428489327430725,
];
const TANH_POLYNOMIAL_LIMIT = 0.55;

/** From here on tanh(x) rounds to 1. */
const TANH_LIMIT = 9.02;

/** A polynomial near zero, 1 − 2/(1 + e^2|x|) elsewhere. */
export function tanh(w: LaneWriter, x: Local): void {
  w.scratch(2, (y, square) => {
    w.get(x).op('abs').constant(TANH_LIMIT).op('pmin').tee(y).get(y).op('add');
    expOfTop(w, { small: true });
    w.constant(1).op('add').set(square);
    w.constant(1).constant(2).get(square).op('div').op('sub');
    w.get(x).get(x).op('mul').set(square);
    w.polynomial(square, TANH).get(square).op('mul').multiplyAdd(x, x);
    w.get(y).constant(TANH_POLYNOMIAL_LIMIT).op('ge').bits('bitselect').copySign(x);
  });
}

/** (e^r − 1 − r)/r² for |r| ≤ ln(2)/2. Relative to e^r − 1 the error is 2^-28. */
const EXPM1 = [
  0.5, 0.16666635870933533, 0.041666511446237564, 0.008341510780155659, 0.001393054728396237, 0.0001504628307884559,
];

/** From here on e^x − 1 is infinite, and from its negative end on down −1. */
const EXPM1_OVERFLOW = 89;
const EXPM1_LIMIT = -18;

/** e^x − 1, as 2·(2^(n−1)·(e^r − 1) + (2^(n−1) − ½)). */
export function expm1(w: LaneWriter, x: Local): void {
  const { f } = w;
  w.scratch(3, (r, n, t) => {
    w.get(x).constant(EXPM1_OVERFLOW).op('pmin').constant(EXPM1_LIMIT).op('pmax').tee(r);
    roundedQuotient(w, n, t);
    w.subtractProduct(r, t, LN2_HIGH).set(r);
    w.subtractProduct(r, t, LN2_LOW).set(r);
    w.get(r).get(r).op('mul').set(t);
    w.polynomial(r, EXPM1, t).multiplyAdd(t, r);
    f.get(n)
      .i32x4(ROUNDER_BITS - 126)
      .op('i32x4.sub')
      .i32(23)
      .op('i32x4.shl')
      .tee(t);
    w.op('mul').get(t).constant(0.5).op('sub').op('add').tee(t).get(t).op('add').copySign(x);
  });
}

/** log(e^x + 1), as max(x, 0) + log1p(e^-|x|): what TensorFlow computes between its thresholds, and equal to it beyond them. */
export function softplus(w: LaneWriter, x: Local): void {
  w.scratch(1, (e) => {
    w.get(x).op('abs').op('neg');
    expOfTop(w, { negative: true });
    w.set(e);
    w.get(x).constant(0).op('pmax');
    log1pOfUnit(w, e);
    w.op('add');
  });
}

/** (sinh(x)/x − 1)/x² over x², for |x| ≤ 1. Relative to sinh(x) the error is 2^-31. */
const SINH = [0.1666666716337204, 0.00833331048488617, 0.00019842895562760532, 2.7822120500786696e-6];

/** Sets h to e^|x|/2. */
function halfExpOfMagnitude(w: LaneWriter, x: Local, h: Local): void {
  w.get(x).op('abs');
  expOfTop(w, { halved: true });
  w.set(h);
}

/** A polynomial below 1, e^|x|/2 − ¼/(e^|x|/2) above. */
export function sinh(w: LaneWriter, x: Local): void {
  w.scratch(2, (h, square) => {
    halfExpOfMagnitude(w, x, h);
    w.get(h).constant(0.25).get(h).op('div').op('sub');
    w.get(x).get(x).op('mul').set(square);
    w.polynomial(square, SINH).get(square).op('mul').multiplyAdd(x, x);
    w.get(x).op('abs').constant(1).op('ge').bits('bitselect').copySign(x);
  });
}

export function cosh(w: LaneWriter, x: Local): void {
  w.scratch(1, (h) => {
    halfExpOfMagnitude(w, x, h);
    w.get(h).constant(0.25).get(h).op('div').op('add');
  });
}
