/**
 * Random words made into uniform numbers, as runtime/random/distributions.ts makes them, bit for bit. A vector holds the four
 * words of one block, in order; every emitter leaves its numbers on the stack, in the order of elements.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';

const FLOAT32_ONE_BITS = 0x3f800000;
const FLOAT64_ONE_BITS = 0x3ff0000000000000n;
const MASK_23 = 0x7fffff;
const MASK_52 = (1n << 52n) - 1n;

/** Four float32 in [0, 1), each from the low 23 bits of a word. */
export function emitUniformFloat32(f: FunctionBuilder, words: Local): void {
  f.get(words).i32x4(MASK_23).op('v128.and').i32x4(FLOAT32_ONE_BITS).op('v128.or').f32x4(1).op('f32x4.sub');
}

/** A mask of the words whose uniform float32 is at least `rate`, from 0 to 1: without making the number. */
export function emitUniformAtLeast(f: FunctionBuilder, words: Local, rate: number): void {
  f.get(words).i32x4(MASK_23).op('v128.and');
  f.i32x4(Math.ceil(Math.fround(rate) * 2 ** 23)).op('i32x4.ge_s');
}

/** Two float64 in [0, 1), each from the low 20 bits of one word and all of the next. */
export function emitUniformFloat64(f: FunctionBuilder, words: Local): void {
  f.get(words).get(words).shuffle32(1, 0, 3, 2);
  f.i64x2(MASK_52).op('v128.and').i64x2(FLOAT64_ONE_BITS).op('v128.or').f64x2(1).op('f64x2.sub');
}

/** Where 32-bit integers are drawn from, in all lanes. */
export interface IntegerRange32 {
  /** The smallest, as i32x4. */
  readonly low: Local;
  /** How many there are, as i32x4 and as f64x2. */
  readonly size: Local;
  readonly sizeAsDouble: Local;
}

/** Loads the range [lo, hi) of two i32 locals into new locals; lo is below hi, which the host checks. */
export function emitIntegerRange32(f: FunctionBuilder, lo: Local, hi: Local): IntegerRange32 {
  const [low, size, sizeAsDouble] = [f.local('v128'), f.local('v128'), f.local('v128')];
  f.get(lo).op('i32x4.splat').set(low);
  f.get(hi).get(lo).op('i32.sub').op('i32x4.splat').tee(size).op('f64x2.convert_low_i32x4_u').set(sizeAsDouble);
  return { low, size, sizeAsDouble };
}

/**
 * Four 32-bit integers of a range, each the remainder of a word by the range's size. Quotients are taken in double precision,
 * where they are at least 2^-32 of themselves away from the next integer, so that their floor is exact.
 */
export function emitUniformInt32(f: FunctionBuilder, words: Local, { low, size, sizeAsDouble }: IntegerRange32): void {
  const quotients = () =>
    f.op('f64x2.convert_low_i32x4_u').get(sizeAsDouble).op('f64x2.div').op('i32x4.trunc_sat_f64x2_u_zero');
  f.get(words).get(words);
  quotients();
  f.get(words).get(words).shuffle32(2, 3, 2, 3);
  quotients();
  f.shuffle32(0, 1, 4, 5).get(size).op('i32x4.mul').op('i32x4.sub').get(low).op('i32x4.add');
}

/** Two 64-bit integers from `low` on (an i64 local), each the remainder of two words, the lower one first, by `size` (another). */
export function emitUniformInt64(f: FunctionBuilder, words: Local, low: Local, size: Local): void {
  const lane = (index: number) =>
    f.get(words).lane('i64x2.extract_lane', index).get(size).op('i64.rem_u').get(low).op('i64.add');
  lane(0);
  f.op('i64x2.splat');
  lane(1);
  f.lane('i64x2.replace_lane', 1);
}
