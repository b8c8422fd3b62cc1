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
  /** What exponents have added in the bits of a number. */
  readonly bias: number;
  /** 2^-this is a factor apart in powers that may be subnormal. */
  readonly reserve: number;
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
    bias: 127,
    reserve: 64,
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
    bias: 1023,
    reserve: 512,
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

/**
 * What is known of x, so that less code does: it is not positive, or within ±80. Or what is asked for: e^x/2 instead of e^x, finite
 * for somewhat larger x.
 */
export type ExponentRange = 'any' | 'negative' | 'small' | 'halved';

/**
 * The number that rounds to integers, with the bias of exponents added: what is then in the low bits only has to be shifted to
 * its place. The rounder itself is shifted out: its low bits are zero.
 */
export function rounderOf(shape: LaneShape, range: ExponentRange): number {
  const { rounder, bias, reserve } = EXPONENTIAL[shape];
  switch (range) {
    case 'any':
      return rounder + 2 * bias;
    case 'halved':
      return rounder + 2 * bias - 1;
    case 'negative':
      return rounder + bias + reserve;
    case 'small':
      return rounder + bias;
  }
}

/** e^x, for the x on the stack, or e^(x + low), where low is small. */
export function expOfTop(w: LaneWriter, range: ExponentRange = 'any', low?: Local): void {
  const c = EXPONENTIAL[w.shape];
  w.scratch(3, (x, n, r) => {
    // pmin and pmax with the constant second keep a NaN.
    if (range === 'any' || range === 'halved') w.constant(c.largest).op('pmin');
    if (range !== 'small') w.constant(c.smallest).op('pmax');
    w.tee(x);
    roundedQuotient(w, n, r, rounderOf(w.shape, range));
    w.subtractProduct(x, r, c.ln2High).set(x);
    w.subtractProduct(x, r, c.ln2Low);
    if (low) w.get(low).op('add');
    w.set(x);
    expOfReduced(w, x, n, r, range);
  });
}

/** 2^n · e^r, where |r| ≤ ln(2)/2 and n has the range's rounder added. Destroys n and t. */
export function expOfReduced(w: LaneWriter, r: Local, n: Local, t: Local, range: ExponentRange): void {
  const { exp, reserve } = EXPONENTIAL[w.shape];
  const factor = range === 'negative' ? 2 ** -reserve : 1;
  if (w.shape === 'f32x4') {
    // One chain is not longer than two, and has room for the factor.
    const coefficients = [1, 1, ...exp].map((each) => each * factor);
    w.horner(r, coefficients);
  } else {
    w.get(r).get(r).op('mul').set(t);
    w.polynomial(r, exp, t).multiplyAdd(t, r).constant(1).op('add');
  }
  if (range === 'any' || range === 'halved') {
    // By one half of the power, exactly, and by the other half, which rounds the result if it is subnormal. In float64 n is in
    // the lower half of a lane; what stands above it does not matter.
    w.f.get(n).i32(1).op('i32x4.shr_s').set(t);
    powerOfTwo(w, t);
    w.op('mul');
    w.f.get(n).get(t).op('i32x4.sub').set(n);
  }
  powerOfTwo(w, n);
  w.op('mul');
  if (factor !== 1 && w.shape !== 'f32x4') w.constant(factor).op('mul');
}

/** Takes x from the stack; sets r to the integer nearest to x/ln 2, and n to what adding the rounder made of that. */
function roundedQuotient(w: LaneWriter, n: Local, r: Local, rounder: number): void {
  w.multiplyAdd(Math.LOG2E, rounder).tee(n).constant(rounder).op('sub').set(r);
}

/** 2^n, a normal number; n has a rounder with its bias added. */
function powerOfTwo({ f, shape }: LaneWriter, n: Local): void {
  f.get(n);
  if (shape === 'f32x4') f.i32(23).op('i32x4.shl');
  else f.i32(52).op('i64x2.shl');
}

export function exp(w: LaneWriter, x: Local): void {
  w.get(x);
  expOfTop(w);
}

/** e^x for x that are not positive. */
export function expOfNegative(w: LaneWriter, x: Local): void {
  w.get(x);
  expOfTop(w, 'negative');
}

/** e^x − 1, as 2·(2^(n−1)·(e^r − 1) + (2^(n−1) − ½)). */
export function expm1(w: LaneWriter, x: Local): void {
  const c = EXPONENTIAL[w.shape];
  w.scratch(3, (r, n, t) => {
    w.get(x).constant(c.overflow).op('pmin').constant(c.minusOne).op('pmax').tee(r);
    roundedQuotient(w, n, t, c.rounder + c.bias - 1);
    w.subtractProduct(r, t, c.ln2High).set(r);
    w.subtractProduct(r, t, c.ln2Low).tee(r).get(r).op('mul').set(t);
    w.polynomial(r, c.expm1, t).multiplyAdd(t, r);
    powerOfTwo(w, n);
    w.tee(t).op('mul').get(t).constant(0.5).op('sub').op('add').tee(t).get(t).op('add').copySign(x);
  });
}
