/**
 * The error function of float32 and float64 lanes, and of float32 its complement, which keeps its relative precision where it is
 * tiny.
 */
import type { Local } from '../assembler/functionBuilder';
import { expOfTop } from './exponential';
import { type LaneShape, LaneWriter } from './lanes';

/** erf(x)/x − 1 over x², for |x| ≤ 0.85. Relative to erf(x) the error is 2^-27 or 2^-56. */
const ERF: Readonly<Record<LaneShape, readonly number[]>> = {
  f32x4: [
    0.12837916612625122, -0.37612590193748474, 0.11282864958047867, -0.026807287707924843, 0.0050577037036418915,
    -0.0006348518654704094,
  ],
  f64x2: [
    0.1283791670955126, -0.37612638903184237, 0.112837916709865, -0.026866170653110352, 0.005223977730466135,
    -0.0008548335190880355, 0.00012055736073790205, -1.4938757896338688e-5, 1.6746649540786004e-6,
    -2.0447809153057135e-7, 5.1957447211880865e-8, -2.065128566537802e-8, 4.528492963985464e-9,
  ],
};
const ERF_POLYNOMIAL_LIMIT = 0.85;

/** From here on erf(x) rounds to 1. */
const ERF_LIMIT: Readonly<Record<LaneShape, number>> = { f32x4: 4, f64x2: 6 };

/** log(erfc(x)) for 0.85 ≤ x ≤ 3.93; where it errs, erf(x) does by 2^-28. */
const LOG_ERFC_32 = [
  -0.00010452614515088499, -1.1280609369277954, -0.636519193649292, -0.10452553629875183, 0.022518761456012726,
  -0.003117751097306609, 0.00020366332319099456,
];

/** e^(x²) · erfc(x) / t over t = 1/(x + 2), for 0.84 ≤ x ≤ 6; where it errs, erf(x) does by 2^-57. */
const SCALED_ERFC_64 = [
  0.5642416941867812, 1.125934324152665, 2.0270868228709205, 2.1427507245087063, 8.55814316760154, -36.0542761945122,
  147.96781254286012, -488.93185199369117, 979.5436107821674, -1172.8773626046507, 808.8906726481172,
  -273.4961347806157, 23.817725220748297,
];
const SCALED_ERFC_SHIFT_64 = 2;

/** erf(x) for |x| ≤ 0.85. */
function erfNearZero(w: LaneWriter, x: Local): void {
  w.scratch(1, (square) => {
    w.get(x).get(x).op('mul').set(square);
    w.polynomial(square, ERF[w.shape]).multiplyAdd(x, x);
  });
}

/** erfc(a) for 0.85 ≤ a, as precise as its difference from 1 needs. */
function erfcFarFromZero(w: LaneWriter, a: Local): void {
  if (w.shape === 'f32x4') {
    w.polynomial(a, LOG_ERFC_32);
    expOfTop(w, 'small');
    return;
  }
  w.scratch(1, (t) => {
    w.constant(1).get(a).constant(SCALED_ERFC_SHIFT_64).op('add').op('div').set(t);
    w.polynomial(t, SCALED_ERFC_64).get(t).op('mul');
  });
  w.get(a).get(a).op('mul').op('neg');
  expOfTop(w, 'small');
  w.op('mul');
}

/** A polynomial near zero, 1 − erfc(|x|) elsewhere. */
export function erf(w: LaneWriter, x: Local): void {
  w.scratch(1, (a) => {
    w.get(x).op('abs').constant(ERF_LIMIT[w.shape]).op('pmin').set(a);
    erfNearZero(w, x);
    w.constant(1);
    erfcFarFromZero(w, a);
    w.op('sub');
    w.get(a).constant(ERF_POLYNOMIAL_LIMIT).op('lt').bits('bitselect').copySign(x);
  });
}

/** e^(x²) · erfc(x) / t over t = 1/(x + 1.5), for 0.5 ≤ x ≤ 10.1. Relative error 2^-27. */
const SCALED_ERFC_32 = [
  0.5641994476318359, 0.8458409309387207, 0.9955732226371765, 0.5537419319152832, -0.09590473026037216,
  -3.051406145095825, -3.443521499633789, 19.827688217163086, -23.7221622467041, 9.761857032775879,
];
const SCALED_ERFC_SHIFT_32 = 1.5;

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
      doubles.constant(1).get(t).constant(SCALED_ERFC_SHIFT_32).op('add').op('div').set(t);
      doubles.polynomial(t, SCALED_ERFC_32).get(t).op('mul');
    });
    f.op('f32x4.demote_f64x2_zero');
  };
  f.get(a);
  half();
  f.get(a).get(a).shuffle32(2, 3, 2, 3);
  half();
  f.shuffle32(0, 1, 4, 5);
}

/** Of float32 lanes only. */
export function erfc(w: LaneWriter, x: Local): void {
  const { f } = w;
  w.scratch(4, (a, t, high, low) => {
    w.get(x).op('abs').constant(ERFC_LIMIT).op('pmin').set(a);
    scaledErfc(w, a);
    // -a² in two parts.
    f.get(a).i32x4(UPPER_BITS).op('v128.and').set(high);
    w.get(high).get(a).op('sub').get(high).get(a).op('add').op('mul').set(low);
    w.get(high).get(high).op('mul').op('neg');
    expOfTop(w, 'negative', low);
    w.op('mul').set(t);
    w.constant(2).get(t).op('sub').get(t).get(x).constant(0).op('lt').bits('bitselect').set(t);
    w.constant(1);
    erfNearZero(w, x);
    w.op('sub').get(t).get(a).constant(0.5).op('lt').bits('bitselect');
  });
}
