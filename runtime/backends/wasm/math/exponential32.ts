/**
 * Exponential functions of four float32 lanes: e^x over the whole range, subnormal results included, and the logistic
 * function and hyperbolic tangent that networks spend their time in.
 *
 * Polynomials were fitted with Remez's algorithm, coefficients rounded to float32 one after the other and the rest fitted again.
 */
import type { Local } from '../assembler/functionBuilder';
import type { LaneWriter } from './lanes';

/** Adding it rounds a small float32 to the nearest integer, which is then in the low bits. */
const ROUNDER = 1.5 * 2 ** 23;
const ROUNDER_BITS = 0x4b400000;

/** ln 2 in two parts; a product of the first with an integer of up to 15 bits is exact. */
export const LN2_HIGH = 0.693359375;
export const LN2_LOW = -2.1219444005469057e-4;

/** Beyond these, e^x is infinite or zero in float32. */
const LARGEST_EXPONENT = 89;
const SMALLEST_EXPONENT = -104;

/** e^r for |r| ≤ ln(2)/2. Relative error 2^-28. */
const EXP = [
  1, 1, 0.4999999403953552, 0.16666516661643982, 0.04166810214519501, 0.008369166404008865, 0.0013838004088029265,
];

/** What is known of an exponent: then less code does. */
interface ExponentRange {
  /** No lane is above the largest exponent. */
  readonly negative?: boolean;
  /** Every lane is within ±80. */
  readonly small?: boolean;
}

/** e^x, for the x on the stack. */
export function expOfTop(w: LaneWriter, { negative = false, small = false }: ExponentRange = {}): void {
  w.scratch(3, (x, n, r) => {
    // pmin and pmax with the constant second keep a NaN.
    if (!negative && !small) w.constant(LARGEST_EXPONENT).op('pmin');
    if (!small) w.constant(SMALLEST_EXPONENT).op('pmax');
    w.tee(x);
    w.constant(Math.LOG2E).op('mul').constant(ROUNDER).op('add').tee(n).constant(ROUNDER).op('sub').set(r);
    w.subtractProduct(x, r, LN2_HIGH).set(x);
    w.subtractProduct(x, r, LN2_LOW).set(x);
    w.polynomial(x, EXP);
    if (small) scaleByNormalPower(w, n);
    else scaleByPower(w, n, r);
  });
}

/** Multiplies the top by 2^n in two exact steps and one rounding; n is what adding ROUNDER left. Destroys n and t. */
function scaleByPower({ f }: LaneWriter, n: Local, t: Local): void {
  f.get(n).i32x4(ROUNDER_BITS).op('i32x4.sub').tee(n).i32(1).op('i32x4.shr_s').tee(t);
  f.i32x4(127).op('i32x4.add').i32(23).op('i32x4.shl').op('f32x4.mul');
  f.get(n).get(t).op('i32x4.sub').i32x4(127).op('i32x4.add').i32(23).op('i32x4.shl').op('f32x4.mul');
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
