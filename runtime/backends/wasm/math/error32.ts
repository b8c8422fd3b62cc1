/**
 * The error function of four float32 lanes, and its complement, which keeps its relative precision where it is tiny.
 */
import type { Local } from '../assembler/functionBuilder';
import { expOfTop } from './exponential';
import { LaneWriter } from './lanes';

/** erf(x)/x − 1 over x², for |x| ≤ 0.85. Relative to erf(x) the error is 2^-27. */
const ERF = [
  0.12837916612625122, -0.37612590193748474, 0.11282864958047867, -0.026807287707924843, 0.0050577037036418915,
  -0.0006348518654704094,
];
const ERF_POLYNOMIAL_LIMIT = 0.85;

/** log(erfc(x)) for 0.85 ≤ x ≤ 3.93; where it errs, erf(x) does by 2^-28. */
const LOG_ERFC = [
  -0.00010452614515088499, -1.1280609369277954, -0.636519193649292, -0.10452553629875183, 0.022518761456012726,
  -0.003117751097306609, 0.00020366332319099456,
];

/** From here on erf(x) rounds to 1. */
const ERF_LIMIT = 4;

/** erf(x) for |x| ≤ 0.85. */
function erfNearZero(w: LaneWriter, x: Local): void {
  w.scratch(1, (square) => {
    w.get(x).get(x).op('mul').set(square);
    w.polynomial(square, ERF).multiplyAdd(x, x);
  });
}

export function erf(w: LaneWriter, x: Local): void {
  w.scratch(1, (a) => {
    w.get(x).op('abs').constant(ERF_LIMIT).op('pmin').set(a);
    erfNearZero(w, x);
    w.constant(1);
    w.polynomial(a, LOG_ERFC);
    expOfTop(w, { small: true });
    w.op('sub');
    w.get(a).constant(ERF_POLYNOMIAL_LIMIT).op('lt').bits('bitselect').copySign(x);
  });
}

/** e^(x²) · erfc(x) / t over t = 1/(x + 1.5), for 0.5 ≤ x ≤ 10.1. Relative error 2^-27. */
const SCALED_ERFC = [
  0.5641994476318359, 0.8458409309387207, 0.9955732226371765, 0.5537419319152832, -0.09590473026037216,
  -3.051406145095825, -3.443521499633789, 19.827688217163086, -23.7221622467041, 9.761857032775879,
];
const SCALED_ERFC_SHIFT = 1.5;

/** From here on erfc(x) is zero. */
const ERFC_LIMIT = 10.1;

/** The upper half of a mantissa, whose square is exact. */
const UPPER_BITS = 0xfffff000;

/** e^(a²) · erfc(a), from doubles: float32 would lose two units in the last place on the way. */
function scaledErfc(w: LaneWriter, a: Local): void {
  const { f } = w;
  const doubles = new LaneWriter(f, 'f64x2', w.target);
  const half = () => {
    doubles.scratch(1, (t) => {
      f.op('f64x2.promote_low_f32x4').set(t);
      doubles.constant(1).get(t).constant(SCALED_ERFC_SHIFT).op('add').op('div').set(t);
      doubles.polynomial(t, SCALED_ERFC).get(t).op('mul');
    });
    f.op('f32x4.demote_f64x2_zero');
  };
  f.get(a);
  half();
  f.get(a).get(a).shuffle32(2, 3, 2, 3);
  half();
  f.shuffle32(0, 1, 4, 5);
}

export function erfc(w: LaneWriter, x: Local): void {
  const { f } = w;
  w.scratch(4, (a, t, high, low) => {
    w.get(x).op('abs').constant(ERFC_LIMIT).op('pmin').set(a);
    scaledErfc(w, a);
    // -a² in two parts.
    f.get(a).i32x4(UPPER_BITS).op('v128.and').set(high);
    w.get(high).get(a).op('sub').get(high).get(a).op('add').op('mul').set(low);
    w.get(high).get(high).op('mul').op('neg');
    expOfTop(w, { negative: true, low });
    w.op('mul').set(t);
    w.constant(2).get(t).op('sub').get(t).get(x).constant(0).op('lt').bits('bitselect').set(t);
    w.constant(1);
    erfNearZero(w, x);
    w.op('sub').get(t).get(a).constant(0.5).op('lt').bits('bitselect');
  });
}
