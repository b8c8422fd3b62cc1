/**
 * Arc sine, cosine and tangent of float32 and float64 lanes, and the angle of a point.
 */
import type { Local } from '../assembler/functionBuilder';
import type { LaneShape, LaneWriter } from './lanes';

const HALF_PI = Math.PI / 2;

/** (atan(z)/z − 1)/z² over z², in float32 for |z| ≤ 1, in float64 for |z| ≤ tan(π/8). Relative error 2^-28 or 2^-63. */
const ATAN: Readonly<Record<LaneShape, readonly number[]>> = {
  f32x4: [
    -0.33333298563957214, 0.1999852955341339, -0.1426401436328888, 0.10950861126184464, -0.08399207890033722,
    0.05787887051701546, -0.0310935340821743, 0.010866272263228893, -0.0017821451183408499,
  ],
  f64x2: [
    -0.33333333333333326, 0.19999999999997098, -0.14285714285317075, 0.1111111108380532, -0.09090907988531326,
    0.07692279270658443, -0.0666617581486421, 0.05876528296081439, -0.05215260708492596, 0.044908956865122016,
    -0.03318274907105708, 0.014901701473201747,
  ],
};

/** (asin(z)/z − 1)/z² over z², for |z| ≤ ½. Relative to asin(z) the error is 2^-31 or 2^-63. */
const ASIN: Readonly<Record<LaneShape, readonly number[]>> = {
  f32x4: [
    0.16666659712791443, 0.07500521838665009, 0.04451335221529007, 0.0318395234644413, 0.014312168583273888,
    0.03770214319229126,
  ],
  f64x2: [
    0.1666666666666666, 0.07500000000002384, 0.04464285713982734, 0.030381944637736812, 0.022372151813244912,
    0.017352941048729406, 0.013961932488863533, 0.011585403287474781, 0.009485898790579447, 0.010000602600602428,
    0.0007115769152909473, 0.024764512435727085, -0.026072641459306718, 0.03360108660100999,
  ],
};

/** The arc tangent of z, from 0 to 1. Destroys z. */
function atanOfUnit(w: LaneWriter, z: Local): void {
  w.scratch(2, (square, isLarge) => {
    if (w.shape === 'f64x2') {
      // Above tan(π/8), π/4 more than that of (z − 1)/(z + 1).
      w.get(z)
        .constant(Math.SQRT2 - 1)
        .op('gt')
        .set(isLarge);
      w.get(z)
        .constant(1)
        .op('sub')
        .get(z)
        .constant(1)
        .op('add')
        .op('div')
        .get(z)
        .get(isLarge)
        .bits('bitselect')
        .set(z);
    }
    w.get(z).get(z).op('mul').set(square);
    w.polynomial(square, ATAN[w.shape]).get(square).op('mul').multiplyAdd(z, z);
    if (w.shape === 'f64x2')
      w.get(isLarge)
        .constant(Math.PI / 4)
        .bits('and')
        .op('add');
  });
}

/** Beyond 1, π/2 − atan(1/|x|). */
export function atan(w: LaneWriter, x: Local): void {
  w.scratch(2, (z, isLarge) => {
    w.get(x).op('abs').tee(z).constant(1).op('gt').set(isLarge);
    w.constant(1).get(z).op('div').get(z).get(isLarge).bits('bitselect').set(z);
    atanOfUnit(w, z);
    w.set(z);
    w.constant(HALF_PI).get(z).op('sub').get(z).get(isLarge).bits('bitselect').copySign(x);
  });
}

/** The angle of (x, y): of the smaller coordinate's ratio to the larger, mirrored where that is y's, x negative, or y negative. */
export function atan2(w: LaneWriter, y: Local, x: Local): void {
  w.scratch(3, (ax, ay, z) => {
    w.get(x).op('abs').set(ax);
    w.get(y).op('abs').set(ay);
    // Equal coordinates, infinite ones too, are at ratio 1, but (0, 0) at 0.
    w.constant(1);
    w.get(ax).get(ay).op('pmin').get(ax).get(ay).op('pmax').op('div');
    w.get(ax).get(ay).op('eq').bits('bitselect');
    w.get(ax).get(ay).op('pmin').constant(0).op('gt').bits('and').set(z);
    atanOfUnit(w, z);
    w.set(z);
    w.constant(HALF_PI).get(z).op('sub').get(z).get(ay).get(ax).op('gt').bits('bitselect').set(z);
    w.constant(Math.PI).get(z).op('sub').get(z);
    signMask(w, x);
    w.bits('bitselect');
    w.get(ax).get(ax).op('ne').bits('or').get(ay).get(ay).op('ne').bits('or').copySign(y);
  });
}

/** A mask of the lanes whose sign bit is set, that of −0 too. */
function signMask({ f, shape }: LaneWriter, x: Local): void {
  f.get(x);
  if (shape === 'f64x2') f.get(x).shuffle32(1, 1, 3, 3);
  f.i32(31).op('i32x4.shr_s');
}

/** Sets isLarge where |x| > ½, and leaves asin(|x|) where it is not, asin(√((1 − |x|)/2)) where it is. NaN beyond 1. */
function asinOfPart(w: LaneWriter, x: Local, isLarge: Local): void {
  w.scratch(2, (s, square) => {
    w.get(x).op('abs').tee(s).constant(0.5).op('gt').set(isLarge);
    w.constant(1).get(s).op('sub').constant(0.5).op('mul').get(s).get(s).op('mul');
    w.get(isLarge).bits('bitselect').tee(square);
    w.op('sqrt').get(s).get(isLarge).bits('bitselect').set(s);
    w.polynomial(square, ASIN[w.shape]).get(square).op('mul').multiplyAdd(s, s);
  });
}

export function asin(w: LaneWriter, x: Local): void {
  w.scratch(2, (part, isLarge) => {
    asinOfPart(w, x, isLarge);
    w.set(part);
    w.constant(HALF_PI).get(part).get(part).op('add').op('sub').get(part).get(isLarge).bits('bitselect').copySign(x);
  });
}

/** π/2 − asin(x); where |x| > ½, twice the part, or π less that. */
export function acos(w: LaneWriter, x: Local): void {
  w.scratch(2, (part, isLarge) => {
    asinOfPart(w, x, isLarge);
    w.tee(part).get(part).op('add').get(part).op('neg').get(isLarge).bits('bitselect');
    w.get(x).constant(-0).bits('and').bits('xor');
    w.constant(Math.PI).get(x).constant(0).op('lt').bits('and').constant(HALF_PI).get(isLarge).bits('bitselect');
    w.op('add');
  });
}
