/**
 * Powers of float32 and float64 lanes, with C's rules for signs, zeros, infinities and NaN: 2^(y · log2|x|), computed in double
 * precision for float32, and for float64 as the sum of two doubles (powerPairs.ts).
 */
import type { Local } from '../assembler/functionBuilder';
import { LaneWriter } from './lanes';
import { powerFromPairs } from './powerPairs';

/** Adding it rounds a double to the nearest integer, which is then in the low bits. */
const ROUNDER = 1.5 * 2 ** 52;

/** The first bits of √½ as a double, and the bits of 1: mantissas are taken from [√½, √2). */
const ROOT_HALF_BITS = 0x3fe6a09e00000000n;
const ONE_BITS = 0x3ff0000000000000n;
const EXPONENT_BITS = 0xfff0000000000000n;

/** The bits of 2^52: or-ed with a small integer they are 2^52 more than it. */
const INTEGER_BITS = 0x4330000000000000n;
const INTEGER_BIAS = 2 ** 52 + 1023;

/** log2((1 + s)/(1 − s))/s over s², for |s| ≤ 3 − √8. Relative error 2^-37. */
const LOG2 = [2.88539008179008, 0.9617966733500929, 0.5770835832688211, 0.41167281298680364, 0.34072848021803426];

/** 2^f for |f| ≤ ½. Relative error 2^-29. */
const EXP2 = [
  1.0000000005551068, 0.6931472057669827, 0.24022646885845003, 0.05550328712348523, 0.00961848927312363,
  0.0013399959093861994, 0.00015345791933464763,
];

/** 2^±this is infinite or zero in float32, and not in float64. */
const EXPONENT_LIMIT = 200;

/** log2(x) for the positive finite doubles in x. Destroys x. */
function log2(w: LaneWriter, x: Local): void {
  const { f } = w;
  w.scratch(2, (e, square) => {
    f.get(x).i64x2(ROOT_HALF_BITS).op('i64x2.sub').set(e);
    f.get(x).get(e).i64x2(EXPONENT_BITS).op('v128.and').op('i64x2.sub').set(x);
    f.get(e).i64x2(ONE_BITS).op('i64x2.add').i32(52).op('i64x2.shr_u').i64x2(INTEGER_BITS).op('v128.or');
    w.constant(INTEGER_BIAS).op('sub').set(e);
    w.get(x).constant(1).op('sub').get(x).constant(1).op('add').op('div').tee(x);
    w.get(x).op('mul').set(square);
    w.polynomial(square, LOG2).multiplyAdd(x, e);
  });
}

/** 2^z for the doubles on the stack. */
function exp2(w: LaneWriter): void {
  const { f } = w;
  w.scratch(2, (z, n) => {
    w.constant(EXPONENT_LIMIT).op('pmin').constant(-EXPONENT_LIMIT).op('pmax').tee(z);
    w.constant(ROUNDER).op('add').set(n);
    w.get(z).get(n).constant(ROUNDER).op('sub').op('sub').set(z);
    w.polynomial(z, EXP2);
    f.get(n).i32(52).op('i64x2.shl').op('i64x2.add');
  });
}

/** |x|^y for the lanes 0 and 1, or 2 and 3, where both are finite and x is not zero; the result is in lanes 0 and 1. */
function powerOfHalf(w: LaneWriter, x: Local, y: Local, isHigh: boolean): void {
  const { f } = w;
  const doubles = new LaneWriter(f, 'f64x2', w.target);
  const push = (operand: Local) => {
    f.get(operand);
    if (isHigh) f.get(operand).shuffle32(2, 3, 2, 3);
    f.op('f64x2.promote_low_f32x4');
  };
  w.scratch(1, (a) => {
    push(x);
    doubles.op('abs').set(a);
    log2(doubles, a);
    push(y);
    doubles.op('mul');
    exp2(doubles);
  });
  f.op('f32x4.demote_f64x2_zero');
}

function powerFromDoubles(w: LaneWriter, x: Local, y: Local): void {
  powerOfHalf(w, x, y, false);
  powerOfHalf(w, x, y, true);
  w.f.shuffle32(0, 1, 4, 5);
}

export function pow(w: LaneWriter, x: Local, y: Local): void {
  w.scratch(3, (a, isWhole, t) => {
    if (w.shape === 'f32x4') powerFromDoubles(w, x, y);
    else powerFromPairs(w, x, y);
    w.get(x).op('abs').set(a);
    w.get(y).op('trunc').get(y).op('eq').set(isWhole);

    // Of zeros and infinities: infinite, or zero if exactly one of |x| = 0 and y > 0 fails.
    w.set(t).constant(Infinity);
    w.get(a).constant(0).op('eq').get(y).constant(0).op('lt').bits('xor').bits('andnot').get(t);
    w.get(a).constant(0).op('eq').get(a).constant(Infinity).op('eq').bits('or').bits('bitselect');

    // Odd powers have the sign of x, also where x is zero; fractional powers of negative numbers are NaN.
    w.get(y).constant(0.5).op('mul').tee(t).op('trunc').get(t).op('ne').get(isWhole).bits('and');
    w.get(x).bits('and').constant(-0).bits('and').bits('xor');
    w.get(x).constant(0).op('lt').get(a).constant(Infinity).op('lt').bits('and').get(isWhole).bits('andnot').bits('or');
    w.get(x).get(x).op('ne').bits('or').get(y).get(y).op('ne').bits('or').set(t);

    // 1 to any power, anything to the power of 0, and -1 to infinite powers are 1.
    w.constant(1).get(t);
    w.get(x).constant(1).op('eq').get(y).constant(0).op('eq').bits('or');
    w.get(a).constant(1).op('eq').get(y).op('abs').constant(Infinity).op('eq').bits('and').bits('or').bits('bitselect');
  });
}
