/**
 * Division and remainder with TensorFlow's rules for signs: rounded down (FloorDiv, FloorMod) or towards zero (Div, Mod,
 * TruncateDiv, TruncateMod).
 *
 * WebAssembly traps on an integer division by zero; here a flag is set instead, an i32 local that a kernel reports to the host,
 * which throws InvalidArgumentError('Integer division by zero'). The quotient is then no number anyone should see. The smallest
 * integer divided by −1 is itself, since integers wrap.
 *
 * Floats are divided as TensorFlow divides them, in their own precision: the plain kernels divide float32 as doubles, and may
 * give the next lower integer where a quotient rounds to one.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { LaneWriter, withScratch } from './lanes';

export type Rounding = 'floor' | 'trunc';

/** Adding it to a double below 2^51 rounds that to an integer, whose low bits are then the double's low bits. */
const ROUNDER = 1.5 * 2 ** 52;

function emitFlagZero(f: FunctionBuilder, y: Local, flag: Local): void {
  f.get(y).op('i32x4.all_true').op('i32.eqz').get(flag).op('i32.or').set(flag);
}

/** Quotients of four 32-bit integers, from doubles, whose quotients of such are exact once rounded to an integer. */
export function emitDivideInt32(
  f: FunctionBuilder,
  x: Local,
  y: Local,
  flag: Local,
  rounding: Rounding,
  isSigned = true,
): void {
  const sign = isSigned ? 's' : 'u';
  const half = (push: (operand: Local) => void) => {
    for (const operand of [x, y]) {
      push(operand);
      f.op(`f64x2.convert_low_i32x4_${sign}`);
    }
    f.op('f64x2.div').op(`f64x2.${rounding}`).f64x2(ROUNDER).op('f64x2.add');
  };
  emitFlagZero(f, y, flag);
  half((operand) => f.get(operand));
  half((operand) => f.get(operand).get(operand).shuffle32(2, 3, 2, 3));
  f.shuffle32(0, 2, 4, 6);
}

/** Remainders of four 32-bit integers: x − y · (x / y), the quotient rounded so. */
export function emitRemainderInt32(
  f: FunctionBuilder,
  x: Local,
  y: Local,
  flag: Local,
  rounding: Rounding,
  isSigned = true,
): void {
  f.get(x);
  emitDivideInt32(f, x, y, flag, rounding, isSigned);
  f.get(y).op('i32x4.mul').op('i32x4.sub');
}

/** The quotient of two i64 locals: scalars. */
export function emitDivideInt64(
  f: FunctionBuilder,
  x: Local,
  y: Local,
  flag: Local,
  rounding: Rounding,
  isSigned = true,
): void {
  f.get(y).op('i64.eqz').get(flag).op('i32.or').set(flag);
  if (!isSigned) {
    f.get(x).i64(1n).get(y).get(y).op('i64.eqz').op('select').op('i64.div_u');
    return;
  }
  withScratch(f, 'i64', 1, (quotient) => {
    // By 1 instead of by 0 and by -1, for which division would trap.
    f.get(x)
      .i64(1n)
      .get(y)
      .get(y)
      .i64(1n)
      .op('i64.add')
      .i64(2n)
      .op('i64.lt_u')
      .op('select')
      .op('i64.div_s')
      .set(quotient);
    f.i64(0n).get(x).op('i64.sub').get(quotient).get(y).i64(-1n).op('i64.eq').op('select');
    if (rounding === 'trunc') return;
    f.tee(quotient);
    // One less where there is a remainder, and its sign is not the divisor's.
    withScratch(f, 'i64', 1, (rest) => {
      f.get(x).get(quotient).get(y).op('i64.mul').op('i64.sub').tee(rest).i64(0n).op('i64.ne');
      f.get(rest).get(y).op('i64.xor').i64(0n).op('i64.lt_s').op('i32.and').op('i64.extend_i32_u').op('i64.sub');
    });
  });
}

/** The remainder of two i64 locals: scalars. */
export function emitRemainderInt64(
  f: FunctionBuilder,
  x: Local,
  y: Local,
  flag: Local,
  rounding: Rounding,
  isSigned = true,
): void {
  f.get(x);
  emitDivideInt64(f, x, y, flag, rounding, isSigned);
  f.get(y).op('i64.mul').op('i64.sub');
}

/** Float quotients, rounded to integers: FloorDiv and TruncateDiv. */
export function emitDivideFloats(
  f: FunctionBuilder,
  shape: 'f32x4' | 'f64x2',
  x: Local,
  y: Local,
  rounding: Rounding,
): void {
  f.get(x).get(y).op(`${shape}.div`).op(`${shape}.${rounding}`);
}

/** All but the first 24 significant bits of a double. */
const LOW_BITS = (1n << 29n) - 1n;

/**
 * |x| mod |y| of doubles that hold float32 numbers, exactly, in place of x. Each step takes off the divisor as often as the first
 * 24 bits of the quotient say: product and difference are exact. Nearly always one step suffices.
 */
function emitExactRemainder(w: LaneWriter, x: Local, y: Local): void {
  const { f } = w;
  w.scratch(2, (quotient, t) => {
    w.get(x).op('abs').set(x).get(y).op('abs').set(y);
    f.loop((again) => {
      w.get(x).get(y).op('div').tee(quotient);
      f.i64x2(LOW_BITS).op('v128.andnot');
      w.op('trunc').set(t);
      // No product where the quotient is zero: the divisor may be infinite.
      w.get(x).get(t).get(y).op('mul').get(t).constant(0).op('ne').bits('and').op('sub').set(x);
      w.get(quotient)
        .op('abs')
        .constant(2 ** 24)
        .op('ge');
      w.get(x).get(x).op('eq').bits('and');
      f.op('v128.any_true').brIf(again);
    });
    // A quotient that was rounded up to an integer.
    w.get(x).get(y).get(x).constant(0).op('lt').bits('and').op('add').set(x);
  });
}

/** Remainders of four float32, exact as C's fmod is (with the sign of x) and, rounded down, moved to the sign of y. */
export function emitRemainderFloat32(f: FunctionBuilder, x: Local, y: Local, rounding: Rounding): void {
  const doubles = new LaneWriter(f, 'f64x2', { relaxed: false });
  const floats = new LaneWriter(f, 'f32x4', { relaxed: false });
  withScratch(f, 'v128', 3, (a, b, rest) => {
    const half = (push: (operand: Local) => void) => {
      push(x);
      f.op('f64x2.promote_low_f32x4').set(a);
      push(y);
      f.op('f64x2.promote_low_f32x4').set(b);
      emitExactRemainder(doubles, a, b);
      f.get(a).op('f32x4.demote_f64x2_zero');
    };
    half((operand) => f.get(operand));
    half((operand) => f.get(operand).get(operand).shuffle32(2, 3, 2, 3));
    f.shuffle32(0, 1, 4, 5);
    floats.copySign(x);
    if (rounding === 'trunc') return;
    floats.set(rest).get(rest).get(y).op('add').get(rest);
    floats.get(rest).constant(0).op('lt').get(y).constant(0).op('lt').bits('xor');
    floats.get(rest).constant(0).op('ne').bits('and').bits('bitselect');
  });
}
