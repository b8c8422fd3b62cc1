/**
 * |x|^y of float64 lanes. A logarithm of a double's precision would not do: what it errs by, the power multiplies by y. So log2|x|
 * is the sum of two doubles of which the first has 26 bits; products of such parts are exact.
 */
import type { Local } from '../assembler/functionBuilder';
import { expOfReduced, rounderOf } from './exponential';
import type { LaneWriter } from './lanes';
import { splitPositive } from './logarithm';

/** All but the 27 lowest bits of a double. */
const UPPER_BITS = 0xfffffffff8000000n;

/** (artanh(s)/s − 1 − s²/3)/s⁴ over s², times 3, for |s| ≤ 3 − √8. Relative to artanh(s) the error is 2^-66. */
const ARTANH_TAIL = [
  0.20000000000001122, 0.14285714285052276, 0.11111111259541986, 0.09090892218546527, 0.07693377119734493,
  0.06628443563499416, 0.06597852957299521,
].map((coefficient) => 3 * coefficient);

/** 2/(3 ln 2): its upper bits, and the rest. */
const SCALE_HIGH = 0.9617966860532761;
const SCALE_LOW = 7.872699542894897e-9;

/** Exponents beyond this give what this gives, unless the base is 1. */
const LARGEST_POWER = 2 ** 64;

/** 2^±this is infinite or zero. */
const EXPONENT_LIMIT = 1100;

/** The upper bits of the top. */
function upper({ f }: LaneWriter): void {
  f.i64x2(UPPER_BITS).op('v128.and');
}

/** log2|x| as the sum of high and low. Destroys x, which is positive and finite. */
function log2InPairs(w: LaneWriter, x: Local, high: Local, low: Local): void {
  w.scratch(8, (m, e, s, sHigh, sLow, d, dHigh, t) => {
    splitPositive(w, x, m, e);
    // s = m/(2 + m), in two parts: the second is what the first, and the denominator's rounding, leave.
    w.get(m).constant(2).op('add').tee(d);
    upper(w);
    w.set(dHigh).get(m).get(d).op('div').tee(s);
    upper(w);
    w.set(sHigh);
    w.get(m).get(sHigh).get(dHigh).op('mul').op('sub');
    w.get(sHigh).get(d).get(dHigh).op('sub').get(m).get(d).constant(2).op('sub').op('sub').op('add').op('mul');
    w.op('sub').get(d).op('div').set(sLow);
    // t = 3 + s² + 3s⁴·tail, in two parts: d has its rest for a while.
    w.get(s).get(s).op('mul').set(t);
    w.polynomial(t, ARTANH_TAIL).get(t).op('mul').get(t).op('mul');
    w.get(sHigh).get(s).op('add').get(sLow).op('mul').op('add').set(d);
    w.get(sHigh).get(sHigh).op('mul').tee(m).constant(3).op('add').get(d).op('add');
    upper(w);
    w.tee(t).constant(3).op('sub').get(m).op('sub').set(m).get(d).get(m).op('sub').set(d);
    // s · t, in two parts.
    w.get(sLow).get(t).op('mul').get(d).get(s).op('mul').op('add').set(low);
    w.get(sHigh).get(t).op('mul').tee(d).get(low).op('add');
    upper(w);
    w.tee(t).get(d).op('sub').set(d).get(low).get(d).op('sub').set(low);
    // Times 2/(3 ln 2), plus e.
    w.get(t)
      .constant(SCALE_LOW)
      .op('mul')
      .get(low)
      .constant(SCALE_HIGH + SCALE_LOW)
      .op('mul')
      .op('add')
      .set(low);
    w.get(t).constant(SCALE_HIGH).op('mul').tee(t).get(low).op('add').get(e).op('add');
    upper(w);
    w.tee(high).get(e).op('sub').get(t).op('sub').set(t).get(low).get(t).op('sub').set(low);
  });
}

/** |x|^y, where both are finite and x is not zero, or y is infinite and |x| is not 1. */
export function powerFromPairs(w: LaneWriter, x: Local, y: Local): void {
  const rounder = rounderOf(w.shape, 'any');
  w.scratch(5, (high, low, n, t, isLarge) => {
    w.get(x).op('abs').set(t);
    log2InPairs(w, t, high, low);
    w.get(y).constant(LARGEST_POWER).op('pmin').constant(-LARGEST_POWER).op('pmax').tee(t);
    upper(w);
    w.set(n);
    w.get(t).get(n).op('sub').get(high).op('mul').get(t).get(low).op('mul').op('add').set(low);
    w.get(n).get(high).op('mul').tee(high);
    w.get(low).op('add').tee(t).op('abs').constant(EXPONENT_LIMIT).op('gt').set(isLarge);
    w.get(t).constant(EXPONENT_LIMIT).op('pmin').constant(-EXPONENT_LIMIT).op('pmax');
    w.constant(rounder).op('add').set(n);
    w.get(high).get(n).constant(rounder).op('sub').op('sub').get(low).op('add').constant(Math.LN2).op('mul');
    w.get(isLarge).bits('andnot').set(high);
    expOfReduced(w, high, n, t, 'any');
  });
}
