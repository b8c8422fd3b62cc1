/**
 * Sine, cosine and tangent of four float32 lanes, of any size: angles are reduced by multiples of π/2 in double precision.
 */
import type { Local } from '../assembler/functionBuilder';
import { LaneWriter } from './lanes';

/** Adding it rounds a double to the nearest integer, which is then in the low bits. */
const ROUNDER = 1.5 * 2 ** 52;

/** Angles from here on take the long way. Below, quadrants have 24 bits, and their products with HALF_PI_HIGH are exact. */
const LARGE = 2 ** 24;

/** π/2: its first 29 bits, and the rest. */
const HALF_PI_HIGH = 1.570796325802803;
const HALF_PI_LOW = 9.920935796805404e-10;

/** 2/π in pieces of 24 bits. */
const TWO_OVER_PI = [0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041];

/** (sin(r)/r − 1)/r² and (cos(r) − 1 + r²/2)/r⁴ over r², for |r| ≤ π/4. Relative errors 2^-28 and 2^-33. */
const SINE = [-0.16666655242443085, 0.008332188241183758, -0.0001951809535967186];
const COSINE = [0.04166664555668831, -0.0013887309469282627, 2.4432327336398885e-5];

/** Leaves a double's rest by π/2 in `angle`, and in n one whose low bits are the quadrant's. */
type Reduction = (w: LaneWriter, angle: Local, n: Local) => void;

const reduceSmall: Reduction = (w, angle, n) => {
  w.scratch(1, (k) => {
    w.get(angle)
      .constant(2 / Math.PI)
      .op('mul')
      .constant(ROUNDER)
      .op('add')
      .tee(n)
      .constant(ROUNDER)
      .op('sub')
      .set(k);
    w.subtractProduct(angle, k, HALF_PI_HIGH).set(angle);
    w.subtractProduct(angle, k, HALF_PI_LOW).set(angle);
  });
};

/**
 * For any float32: its 24 bits times 24 bits of 2/π are exact in a double, and so are remainders by 4 and by 1. Pieces go from
 * the greatest down, and the nearest integer is taken off after each, so that an angle close to a multiple of π/2 keeps its bits.
 */
const reduceLarge: Reduction = (w, angle, n) => {
  w.scratch(2, (rest, t) => {
    w.constant(ROUNDER).set(n).constant(0).set(rest);
    TWO_OVER_PI.forEach((bits, k) => {
      w.get(angle)
        .constant(bits * 2 ** (-24 * (k + 1)))
        .op('mul')
        .tee(t);
      w.get(t).constant(0.25).op('mul').op('nearest').constant(4).op('mul').op('sub');
      w.get(rest).op('add').tee(rest).op('nearest').tee(t).get(n).op('add').set(n);
      w.get(rest).get(t).op('sub').set(rest);
    });
    w.get(rest)
      .constant(Math.PI / 2)
      .op('mul')
      .set(angle);
  });
};

/** Reduces both halves of x as doubles; sets r, in float32, and the quadrants q. */
function reduceHalves(w: LaneWriter, reduction: Reduction, x: Local, r: Local, q: Local): void {
  const { f } = w;
  const doubles = new LaneWriter(f, 'f64x2', w.target);
  w.scratch(3, (low, high, n) => {
    f.get(x).op('f64x2.promote_low_f32x4').set(low);
    f.get(x).get(x).shuffle32(2, 3, 2, 3).op('f64x2.promote_low_f32x4').set(high);
    reduction(doubles, low, q);
    reduction(doubles, high, n);
    f.get(q).get(n).shuffle32(0, 2, 4, 6).set(q);
    f.get(low).op('f32x4.demote_f64x2_zero').get(high).op('f32x4.demote_f64x2_zero').shuffle32(0, 1, 4, 5).set(r);
  });
}

/** Sets r to x − q · π/2 with |r| ≤ π/4, and q to integers of which the low two bits count. */
function reduce(w: LaneWriter, x: Local, r: Local, q: Local): void {
  reduceHalves(w, reduceSmall, x, r, q);
  w.get(x).op('abs').constant(LARGE).op('ge');
  w.f.op('v128.any_true').if(() => {
    reduceHalves(w, reduceLarge, x, r, q);
  });
}

/** Sets sine and cosine of r, |r| ≤ π/4. Destroys r. */
function sineAndCosine(w: LaneWriter, r: Local, sine: Local, cosine: Local): void {
  w.scratch(1, (square) => {
    w.get(r).get(r).op('mul').set(square);
    // As a product with 1 + …, since adding r would turn -0 into 0.
    w.polynomial(square, SINE).multiplyAdd(square, 1).get(r).op('mul').set(sine);
    w.polynomial(square, COSINE).multiplyAdd(square, -0.5).multiplyAdd(square, 1).set(cosine);
  });
}

/** A mask of the lanes of q that are odd. */
function oddLanes({ f }: LaneWriter, q: Local): void {
  f.get(q).i32(31).op('i32x4.shl').i32(31).op('i32x4.shr_s');
}

/** The sine of r + q · π/2. */
function sineOfQuadrant(w: LaneWriter, x: Local, turn: number): void {
  const { f } = w;
  w.scratch(4, (r, q, sine, cosine) => {
    reduce(w, x, r, q);
    if (turn !== 0) f.get(q).i32x4(turn).op('i32x4.add').set(q);
    sineAndCosine(w, r, sine, cosine);
    w.get(cosine).get(sine);
    oddLanes(w, q);
    w.bits('bitselect');
    f.get(q).i32x4(2).op('v128.and').i32(30).op('i32x4.shl').op('v128.xor');
  });
}

export function sin(w: LaneWriter, x: Local): void {
  sineOfQuadrant(w, x, 0);
}

export function cos(w: LaneWriter, x: Local): void {
  sineOfQuadrant(w, x, 1);
}

/** sin/cos, or −cos/sin in odd quadrants. */
export function tan(w: LaneWriter, x: Local): void {
  w.scratch(5, (r, q, sine, cosine, odd) => {
    reduce(w, x, r, q);
    sineAndCosine(w, r, sine, cosine);
    oddLanes(w, q);
    w.set(odd);
    w.get(cosine).get(sine).get(odd).bits('bitselect');
    w.get(odd).constant(-0).bits('and').bits('xor');
    w.get(sine).get(cosine).get(odd).bits('bitselect').op('div');
  });
}
