/**
 * Functions made of e^x, of float32 and float64 lanes: the logistic function, hyperbolic ones, and softplus.
 */
import type { Local } from '../assembler/functionBuilder';
import { expOfTop } from './exponential';
import type { LaneShape, LaneWriter } from './lanes';
import { log1pOfUnit } from './logarithm';

/** 1/(1 + e^-x), as e^x/(1 + e^x) for negative x. */
export function sigmoid(w: LaneWriter, x: Local): void {
  w.scratch(1, (e) => {
    w.get(x).op('abs').op('neg');
    expOfTop(w, 'negative');
    w.set(e);
    w.get(e).constant(1).get(x).constant(0).op('lt').bits('bitselect');
    w.get(e).constant(1).op('add').op('div');
  });
}

/** log(e^x + 1), as max(x, 0) + log1p(e^-|x|): what TensorFlow computes between its thresholds, and equal to it beyond them. */
export function softplus(w: LaneWriter, x: Local): void {
  w.scratch(1, (e) => {
    w.get(x).op('abs').op('neg');
    expOfTop(w, 'negative');
    w.set(e);
    w.get(x).constant(0).op('pmax');
    log1pOfUnit(w, e);
    w.op('add');
  });
}

/** (tanh(x)/x − 1)/x² over x², for |x| ≤ 0.55. Relative to tanh(x) the error is 2^-29 or 2^-60. */
const TANH: Readonly<Record<LaneShape, readonly number[]>> = {
  f32x4: [-0.33333316445350647, 0.13332544267177582, -0.0538475476205349, 0.02105071395635605, -0.0062428489327430725],
  f64x2: [
    -0.333333333333333, 0.1333333333332658, -0.05396825396373659, 0.021869488385152444, -0.008863232589631755,
    0.0035920919081397656, -0.001455542038440794, 0.0005884410818904991, -0.00023337269098481134, 8.330342239781543e-5,
    -1.9486457893769745e-5,
  ],
};
const TANH_POLYNOMIAL_LIMIT = 0.55;

/** From here on tanh(x) rounds to 1. */
const TANH_LIMIT: Readonly<Record<LaneShape, number>> = { f32x4: 9.02, f64x2: 19.1 };

/** A polynomial near zero, 1 − 2/(1 + e^2|x|) elsewhere. */
export function tanh(w: LaneWriter, x: Local): void {
  w.scratch(2, (y, square) => {
    w.get(x).op('abs').constant(TANH_LIMIT[w.shape]).op('pmin').tee(y).get(y).op('add');
    expOfTop(w, 'small');
    w.constant(1).op('add').set(square);
    w.constant(1).constant(2).get(square).op('div').op('sub');
    w.get(x).get(x).op('mul').set(square);
    w.polynomial(square, TANH[w.shape]).get(square).op('mul').multiplyAdd(x, x);
    w.get(y).constant(TANH_POLYNOMIAL_LIMIT).op('ge').bits('bitselect').copySign(x);
  });
}

/** (sinh(x)/x − 1)/x² over x², for |x| ≤ 1. Relative to sinh(x) the error is 2^-31 or 2^-61. */
const SINH: Readonly<Record<LaneShape, readonly number[]>> = {
  f32x4: [0.1666666716337204, 0.00833331048488617, 0.00019842895562760532, 2.7822120500786696e-6],
  f64x2: [
    0.16666666666666669, 0.008333333333332912, 0.0001984126984159341, 2.7557319106758765e-6, 2.505213099772734e-8,
    1.6056659317720407e-10, 7.776592901328941e-13,
  ],
};

/** Sets h to e^|x|/2. */
function halfExpOfMagnitude(w: LaneWriter, x: Local, h: Local): void {
  w.get(x).op('abs');
  expOfTop(w, 'halved');
  w.set(h);
}

/** A polynomial below 1, e^|x|/2 − ¼/(e^|x|/2) above. */
export function sinh(w: LaneWriter, x: Local): void {
  w.scratch(2, (h, square) => {
    halfExpOfMagnitude(w, x, h);
    w.get(h).constant(0.25).get(h).op('div').op('sub');
    w.get(x).get(x).op('mul').set(square);
    w.polynomial(square, SINH[w.shape]).get(square).op('mul').multiplyAdd(x, x);
    w.get(x).op('abs').constant(1).op('ge').bits('bitselect').copySign(x);
  });
}

export function cosh(w: LaneWriter, x: Local): void {
  w.scratch(1, (h) => {
    halfExpOfMagnitude(w, x, h);
    w.get(h).constant(0.25).get(h).op('div').op('add');
  });
}
