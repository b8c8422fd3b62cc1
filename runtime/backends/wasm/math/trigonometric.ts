/**
 * Sine, cosine and tangent of float32 and float64 lanes, of any size. How angles are reduced is in reduction.ts.
 */
import type { Local } from '../assembler/functionBuilder';
import type { LaneShape, LaneWriter } from './lanes';
import { reduceAngle } from './reduction';

/** (sin(r)/r − 1)/r² over r², for |r| ≤ π/4. Relative to sin(r) the error is 2^-28 or 2^-63. */
const SINE: Readonly<Record<LaneShape, readonly number[]>> = {
  f32x4: [-0.16666655242443085, 0.008332188241183758, -0.0001951809535967186],
  f64x2: [
    -0.16666666666666666, 0.008333333333333042, -0.0001984126984096247, 2.7557319073982134e-6, -2.5052070922428214e-8,
    1.6054311488812684e-10, -7.389459004672805e-13,
  ],
};

/** (cos(r) − 1 + r²/2)/r⁴ over r². Relative to cos(r) the error is 2^-33 or 2^-64. */
const COSINE: Readonly<Record<LaneShape, readonly number[]>> = {
  f32x4: [0.04166664555668831, -0.0013887309469282627, 2.4432327336398885e-5],
  f64x2: [
    0.041666666666666595, -0.0013888888888873335, 2.4801587288995134e-5, -2.7557314214370977e-7, 2.087570495763402e-9,
    -1.135872312110047e-11,
  ],
};

/** Sets sine and cosine of r, |r| ≤ π/4. */
function sineAndCosine(w: LaneWriter, r: Local, sine: Local, cosine: Local): void {
  w.scratch(1, (square) => {
    w.get(r).get(r).op('mul').set(square);
    // Adding -0 would give 0.
    w.polynomial(square, SINE[w.shape]).get(square).op('mul').multiplyAdd(r, r).copySign(r).set(sine);
    w.polynomial(square, COSINE[w.shape]).multiplyAdd(square, -0.5).multiplyAdd(square, 1).set(cosine);
  });
}

/** A mask of the lanes whose quadrant is odd. */
function oddQuadrants({ f, shape }: LaneWriter, q: Local): void {
  f.get(q);
  if (shape === 'f64x2') f.get(q).shuffle32(0, 0, 2, 2);
  f.i32(31).op('i32x4.shl').i32(31).op('i32x4.shr_s');
}

/** The sign bit of the lanes whose quadrant, `turn` further on, is the second or third. */
function signOfQuadrant({ f, shape }: LaneWriter, q: Local, turn: number): void {
  f.get(q);
  if (shape === 'f32x4') f.i32x4(turn).op('i32x4.add').i32x4(2).op('v128.and').i32(30).op('i32x4.shl');
  else f.i64x2(BigInt(turn)).op('i64x2.add').i64x2(2n).op('v128.and').i32(62).op('i64x2.shl');
}

export function sin(w: LaneWriter, x: Local): void {
  w.scratch(4, (r, q, sine, cosine) => {
    reduceAngle(w, x, r, q);
    sineAndCosine(w, r, sine, cosine);
    w.get(cosine).get(sine);
    oddQuadrants(w, q);
    w.bits('bitselect');
    signOfQuadrant(w, q, 0);
    w.bits('xor');
  });
}

export function cos(w: LaneWriter, x: Local): void {
  w.scratch(4, (r, q, sine, cosine) => {
    reduceAngle(w, x, r, q);
    sineAndCosine(w, r, sine, cosine);
    w.get(sine).get(cosine);
    oddQuadrants(w, q);
    w.bits('bitselect');
    signOfQuadrant(w, q, 1);
    w.bits('xor');
  });
}

/** sin/cos, or −cos/sin in odd quadrants. */
export function tan(w: LaneWriter, x: Local): void {
  w.scratch(5, (r, q, sine, cosine, odd) => {
    reduceAngle(w, x, r, q);
    sineAndCosine(w, r, sine, cosine);
    oddQuadrants(w, q);
    w.set(odd);
    w.get(cosine).get(sine).get(odd).bits('bitselect');
    w.get(odd).constant(-0).bits('and').bits('xor');
    w.get(sine).get(cosine).get(odd).bits('bitselect').op('div');
  });
}
