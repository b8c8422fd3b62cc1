/**
 * Logarithms of four float32 lanes: of any float, subnormals included; −∞ of zeros, NaN of negative numbers.
 */
import type { Local } from '../assembler/functionBuilder';
import { LN2_HIGH, LN2_LOW } from './exponential32';
import type { LaneWriter } from './lanes';

const SMALLEST_NORMAL = 2 ** -126;
const INFINITY_BITS = 0x7f800000;
const MINUS_INFINITY_BITS = 0xff800000;

/** The bits of √½: mantissas are taken from [√½, √2). */
const ROOT_HALF_BITS = 0x3f3504f3;

/** (log(1 + f) − f + f²/2)/f³ for √½ ≤ 1 + f < √2. Relative to log(1 + f) the error is 2^-27. */
const LOG = [
  0.3333331346511841, -0.2500016689300537, 0.20002223551273346, -0.16659358143806458, 0.1420958787202835,
  -0.125487819314003, 0.12114191800355911, -0.10921375453472137, 0.05302661657333374,
];

/** Splits a positive finite x, 2^e · (1 + m): sets m, and e as a float. Destroys t. */
function split(w: LaneWriter, x: Local, m: Local, e: Local, t: Local): void {
  const { f } = w;
  w.get(x).constant(SMALLEST_NORMAL).op('lt').set(t);
  w.constant(2 ** 25)
    .constant(1)
    .get(t)
    .bits('bitselect')
    .get(x)
    .op('mul')
    .tee(m);
  f.i32x4(ROOT_HALF_BITS).op('i32x4.sub').tee(e).i32(23).op('i32x4.shr_s').op('f32x4.convert_i32x4_s');
  w.get(t).constant(25).bits('and').op('sub');
  f.get(m).get(e).i32x4(MINUS_INFINITY_BITS).op('v128.and').op('i32x4.sub').f32x4(1).op('f32x4.sub').set(m);
  w.set(e);
}

/** Replaces the top, a logarithm of x as if x were positive and finite, where x is not. */
function withSpecials(w: LaneWriter, x: Local): void {
  const { f } = w;
  // Infinity and NaN stay, a negative x becomes NaN, zeros become -∞.
  w.get(x).get(x).constant(0).op('lt').bits('or');
  w.get(x).constant(0).op('eq');
  f.i32x4(MINUS_INFINITY_BITS).op('v128.and').op('v128.or');
  w.get(x).constant(0).op('gt').get(x);
  f.i32x4(INFINITY_BITS).op('f32x4.lt').op('v128.and').op('v128.bitselect');
}

export function log(w: LaneWriter, x: Local): void {
  w.scratch(4, (m, e, square, t) => {
    split(w, x, m, e, t);
    w.get(m).get(m).op('mul').set(square);
    w.polynomial(m, LOG).get(m).op('mul').get(square).op('mul').set(t);
    w.get(e).constant(LN2_LOW).op('mul').get(t).op('add');
    w.get(square).constant(0.5).op('mul').op('sub').get(m).op('add');
    w.get(e).constant(LN2_HIGH).op('mul').op('add');
  });
  withSpecials(w, x);
}
