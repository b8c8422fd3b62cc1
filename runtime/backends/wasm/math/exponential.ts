/**
 * e^x and e^x − 1 of float32 and float64 lanes, over the whole range, subnormal results included.
 *
 * Polynomials here and in the files beside were fitted with Remez's algorithm, coefficients rounded one after the other, the most
 * important first, and the rest fitted again each time.
 */
import type { Local } from '../assembler/functionBuilder';
import type { LaneShape, LaneWriter } from './lanes';

/** What depends on the precision. */
interface Constants {
  /** Adding it rounds a small number to the nearest integer, which is then in the low bits of a lane. */
  readonly rounder: number;
  /** ln 2 in two parts; products of the first with exponents are exact. */
  readonly ln2High: number;
  readonly ln2Low: number;
  /** Beyond these e^x/2 is infinite, e^x is zero, e^x is infinite, e^x − 1 rounds to −1. */
  readonly largest: number;
  readonly smallest: number;
  readonly overflow: number;
  readonly minusOne: number;
  /** (e^r − 1 − r)/r² for |r| ≤ ln(2)/2, for e^r, relative error 2^-28 or 2^-58, and for e^r − 1, 2^-28 or 2^-59. */
  readonly exp: readonly number[];
  readonly expm1: readonly number[];
}

export const EXPONENTIAL: Readonly<Record<LaneShape, Constants>> = {
  f32x4: {
    rounder: 1.5 * 2 ** 23,
    ln2High: 0.693359375,
    ln2Low: -2.1219444005469057e-4,
    largest: 90,
    smallest: -104,
    overflow: 89,
    minusOne: -18,
    exp: [0.4999999403953552, 0.16666516661643982, 0.04166810214519501, 0.008369166404008865, 0.0013838004088029265],
    expm1: [
      0.5, 0.16666635870933533, 0.041666511446237564, 0.008341510780155659, 0.001393054728396237, 0.0001504628307884559,
    ],
  },
  f64x2: {
    rounder: 1.5 * 2 ** 52,
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
    largest: 711,
    smallest: -746,
    overflow: 710,
    minusOne: -38,
    exp: [
      0.5, 0.16666666666666688, 0.041666666666666824, 0.00833333333331389, 0.0013888888888778763,
      0.00019841269903208802, 2.4801587540321258e-5, 2.755723014114165e-6, 2.7557167343075056e-7, 2.5112497080274798e-8,
      2.0904258352668372e-9,
    ],
    expm1: [
      0.5, 0.16666666666666669, 0.04166666666666668, 0.008333333333331656, 0.001388888888887621, 0.00019841269846145772,
      2.480158734588641e-5, 2.7557313193749314e-6, 2.75572523676752e-7, 2.505531524222085e-8, 2.0921950310323126e-9,
      1.5444593906155954e-10,
    ],
  },
};

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
  const c = EXPONENTIAL[w.shape];
  w.scratch(3, (x, n, r) => {
    // pmin and pmax with the constant second keep a NaN.
    if (!negative && !small) w.constant(c.largest).op('pmin');
    if (!small) w.constant(c.smallest).op('pmax');
    w.tee(x);
    roundedQuotient(w, n, r);
    w.subtractProduct(x, r, c.ln2High).set(x);
    w.subtractProduct(x, r, c.ln2Low);
    if (low) w.get(low).op('add');
    w.set(x);
    expOfReduced(w, x, n, r, { small, halved });
  });
}

/** 2^n · e^r, where |r| ≤ ln(2)/2 and n has the rounder added. Destroys n and t. */
export function expOfReduced(
  w: LaneWriter,
  r: Local,
  n: Local,
  t: Local,
  { small, halved = false }: Pick<ExpOptions, 'small' | 'halved'> = {},
): void {
  w.get(r).get(r).op('mul').set(t);
  w.polynomial(r, EXPONENTIAL[w.shape].exp, t).multiplyAdd(t, r).constant(1).op('add');
  if (small) powerOfTwo(w, n, 0);
  else scaleTwice(w, n, t, halved);
  w.op('mul');
}

/** Takes x from the stack; sets r to the integer nearest to x/ln 2, and n to what adding the rounder made of that. */
function roundedQuotient(w: LaneWriter, n: Local, r: Local): void {
  const { rounder } = EXPONENTIAL[w.shape];
  w.constant(Math.LOG2E).op('mul').constant(rounder).op('add').tee(n).constant(rounder).op('sub').set(r);
}

/**
 * 2^(n + shift), a normal number; n has the rounder added. The rounder itself is shifted out: its low bits are zero.
 */
function powerOfTwo({ f, shape }: LaneWriter, n: Local, shift: number): void {
  f.get(n);
  if (shape === 'f32x4')
    f.i32x4(127 + shift)
      .op('i32x4.add')
      .i32(23)
      .op('i32x4.shl');
  else
    f.i64x2(BigInt(1023 + shift))
      .op('i64x2.add')
      .i32(52)
      .op('i64x2.shl');
}

/**
 * Multiplies the top by one half of 2^n, or 2^(n − 1), exactly, and leaves the other half to be multiplied by, which rounds the
 * result if it is subnormal. Destroys n and t.
 */
function scaleTwice(w: LaneWriter, n: Local, t: Local, halved: boolean): void {
  // In float64 n is in the lower half of a lane; what stands above it does not matter.
  w.f.get(n).i32(1).op('i32x4.shr_s').set(t);
  powerOfTwo(w, t, 0);
  w.op('mul');
  w.f.get(n).get(t).op('i32x4.sub').set(n);
  powerOfTwo(w, n, halved ? -1 : 0);
}

export function exp(w: LaneWriter, x: Local): void {
  w.get(x);
  expOfTop(w);
}

/** e^x − 1, as 2·(2^(n−1)·(e^r − 1) + (2^(n−1) − ½)). */
export function expm1(w: LaneWriter, x: Local): void {
  const c = EXPONENTIAL[w.shape];
  w.scratch(3, (r, n, t) => {
    w.get(x).constant(c.overflow).op('pmin').constant(c.minusOne).op('pmax').tee(r);
    roundedQuotient(w, n, t);
    w.subtractProduct(r, t, c.ln2High).set(r);
    w.subtractProduct(r, t, c.ln2Low).tee(r).get(r).op('mul').set(t);
    w.polynomial(r, c.expm1, t).multiplyAdd(t, r);
    powerOfTwo(w, n, -1);
    w.tee(t).op('mul').get(t).constant(0.5).op('sub').op('add').tee(t).get(t).op('add').copySign(x);
  });
}
