/**
 * Division and remainder with TensorFlow's rules for signs: rounded down (FloorDiv, FloorMod) or towards zero (Div, Mod,
 * TruncateDiv, TruncateMod).
 *
 * WebAssembly traps on an integer division by zero; here the quotient is then some number, which nobody should see: lowerings
 * guard against it. The smallest integer divided by −1 is itself, since integers wrap.
 */
import { InternalError } from '../../../../graph/errors';
import type { DivisionName } from '../../../ir/expression';
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { LaneWriter, withScratch } from './lanes';

export type Rounding = 'floor' | 'trunc';

/** Adding it to a double below 2^51 rounds that to an integer, whose low bits are then the double's low bits. */
const ROUNDER = 1.5 * 2 ** 52;

/** Quotients of four 32-bit integers, from doubles, whose quotients of such are exact once rounded to an integer. */
export function emitDivideInt32x4(f: FunctionBuilder, x: Local, y: Local, rounding: Rounding): void {
  const half = (push: (operand: Local) => void) => {
    for (const operand of [x, y]) {
      push(operand);
      f.op('f64x2.convert_low_i32x4_s');
    }
    f.op('f64x2.div').op(`f64x2.${rounding}`).f64x2(ROUNDER).op('f64x2.add');
  };
  half((operand) => f.get(operand));
  half((operand) => f.get(operand).get(operand).shuffle32(2, 3, 2, 3));
  f.shuffle32(0, 2, 4, 6);
}

/** Remainders of four 32-bit integers: x − y · (x / y), the quotient rounded so. */
export function emitRemainderInt32x4(f: FunctionBuilder, x: Local, y: Local, rounding: Rounding): void {
  f.get(x);
  emitDivideInt32x4(f, x, y, rounding);
  f.get(y).op('i32x4.mul').op('i32x4.sub');
}

/** Pushes a number of an integer type. */
function pushWhole(f: FunctionBuilder, type: 'i32' | 'i64', value: number): void {
  if (type === 'i64') f.i64(BigInt(value));
  else f.i32(value);
}

/** The quotient of two integer locals: scalars. */
export function emitDivideInteger(
  f: FunctionBuilder,
  type: 'i32' | 'i64',
  x: Local,
  y: Local,
  rounding: Rounding,
): void {
  const number = (value: number) => pushWhole(f, type, value);
  withScratch(f, type, 2, (quotient, rest) => {
    // By 1 instead of by 0 and by -1, for which division would trap.
    f.get(x);
    number(1);
    f.get(y).get(y);
    number(1);
    f.op(`${type}.add`);
    number(2);
    f.op(`${type}.lt_u`).op('select').op(`${type}.div_s`).set(quotient);
    number(0);
    f.get(x).op(`${type}.sub`).get(quotient).get(y);
    number(-1);
    f.op(`${type}.eq`).op('select');
    if (rounding === 'trunc') return;
    f.tee(quotient);
    // One less where there is a remainder, and its sign is not the divisor's.
    f.get(x).get(quotient).get(y).op(`${type}.mul`).op(`${type}.sub`).tee(rest);
    number(0);
    f.op(`${type}.ne`).get(rest).get(y).op(`${type}.xor`);
    number(0);
    f.op(`${type}.lt_s`).op('i32.and');
    if (type === 'i64') f.op('i64.extend_i32_u');
    f.op(`${type}.sub`);
  });
}

/** The remainder of two integer locals: scalars. */
export function emitRemainderInteger(
  f: FunctionBuilder,
  type: 'i32' | 'i64',
  x: Local,
  y: Local,
  rounding: Rounding,
): void {
  f.get(x);
  emitDivideInteger(f, type, x, y, rounding);
  f.get(y).op(`${type}.mul`).op(`${type}.sub`);
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

/** Emitters by what locals hold: vectors of int32 or float32, or scalars. */
const emitters = {
  i32x4: { Div: emitDivideInt32x4, Mod: emitRemainderInt32x4 },
  f32x4: { Div: null, Mod: emitRemainderFloat32 },
  i32: {
    Div: (f: FunctionBuilder, x: Local, y: Local, rounding: Rounding) => emitDivideInteger(f, 'i32', x, y, rounding),
    Mod: (f: FunctionBuilder, x: Local, y: Local, rounding: Rounding) => emitRemainderInteger(f, 'i32', x, y, rounding),
  },
  i64: {
    Div: (f: FunctionBuilder, x: Local, y: Local, rounding: Rounding) => emitDivideInteger(f, 'i64', x, y, rounding),
    Mod: (f: FunctionBuilder, x: Local, y: Local, rounding: Rounding) => emitRemainderInteger(f, 'i64', x, y, rounding),
  },
} as const;

export type DividedShape = keyof typeof emitters;

/** Code for a division of the IR: operands are on the stack, and so is the result. */
export function emitDivision(f: FunctionBuilder, fn: DivisionName, shape: DividedShape): void {
  const rounding: Rounding = fn.startsWith('floor') ? 'floor' : 'trunc';
  const emit = emitters[shape][fn.endsWith('Div') ? 'Div' : 'Mod'];
  if (emit === null) throw new InternalError(`${fn} of ${shape} is written with its parts`);
  withScratch(f, shape === 'i32' || shape === 'i64' ? shape : 'v128', 2, (x, y) => {
    f.set(y).set(x);
    emit(f, x, y, rounding);
  });
}
