/**
 * Random words made into standard normal numbers, as runtime/random/distributions.ts makes them, bit for bit in float32: Box and
 * Muller's transform with the logarithm, sine and cosine of runtime/random/singlePrecision.ts, polynomials in double precision.
 *
 * The logarithm looks values up, in a table in memory: NORMAL_TABLE_BYTES that `emitNormalTable` writes at the start of a kernel,
 * to the thread's scratch memory.
 */
import * as single from '../../../random/singlePrecision';
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { LaneWriter } from '../math/lanes';
import { emitUniformFloat32 } from './numbers';

/** The smallest number that is taken the logarithm of. */
const SMALLEST_UNIFORM = 1e-7;

const EXPONENT_BITS = 0xff800000;

/** Adding it to a small double leaves its integer part in the low bits. */
const INTEGER_BIAS = 2 ** 52;

const ENTRY_BYTES = 16;

export const NORMAL_TABLE_BYTES = single.LOG_INVERSES.length * ENTRY_BYTES;

/** Writes the logarithm's table to an address, an i32 local: the inverse and the logarithm of each interval's centre. */
export function emitNormalTable(f: FunctionBuilder, table: Local): void {
  single.LOG_INVERSES.forEach((inverse, i) => {
    f.get(table)
      .f64x2(inverse, single.LOG_CENTRES[i])
      .access('v128.store', i * ENTRY_BYTES);
  });
}

/** Four float32 from the four words of a block: sine, cosine, sine, cosine, times the radius of each pair. */
export function emitNormalFloat32(f: FunctionBuilder, words: Local, table: Local): void {
  // Fused multiply-adds would not round as TensorFlow's machine code does.
  const w = new LaneWriter(f, 'f64x2', { relaxed: false });
  w.scratch(1, (uniform) => {
    emitUniformFloat32(f, words);
    f.set(uniform);
    emitDirections(w, uniform);
    emitRadii(w, uniform, table);
    f.op('f32x4.mul');
  });
}

/** √(−2 log u) of the uniform numbers 0 and 2, each twice. */
function emitRadii(w: LaneWriter, uniform: Local, table: Local): void {
  const { f } = w;
  w.scratch(4, (x, offset, r, t) => {
    f.get(uniform).f32x4(SMALLEST_UNIFORM).op('f32x4.pmax').tee(x).i32x4(single.LOG_OFFSET).op('i32x4.sub').set(offset);
    const entry = (lane: number) => {
      f.get(offset).lane('i32x4.extract_lane', lane).i32(15).op('i32.shr_s').i32(0xf0).op('i32.and');
      f.get(table).op('i32.add').access('v128.load');
    };
    entry(0);
    w.set(r);
    entry(2);
    w.set(t);
    // x = 2^(offset >> 23) · z; r = z/c − 1.
    f.get(x).get(offset).i32x4(EXPONENT_BITS).op('v128.and').op('i32x4.sub').set(x);
    f.get(x).get(x).shuffle32(0, 2, 0, 2).op('f64x2.promote_low_f32x4');
    f.get(r).get(t).shuffle32(0, 1, 4, 5).op('f64x2.mul').f64x2(1).op('f64x2.sub').set(x);
    f.get(offset).i32(23).op('i32x4.shr_s').set(offset);
    f.get(offset).get(offset).shuffle32(0, 2, 0, 2).op('f64x2.convert_low_i32x4_s').f64x2(Math.LN2).op('f64x2.mul');
    f.get(r).get(t).shuffle32(2, 3, 6, 7).op('f64x2.add').get(x).op('f64x2.add').set(t);
    w.get(x).get(x).op('mul').tee(r).constant(single.L3).op('mul');
    w.get(x).constant(single.L2).op('mul').constant(single.L1).op('add').op('add').get(r).op('mul').get(t).op('add');
    f.op('f32x4.demote_f64x2_zero').f32x4(-2).op('f32x4.mul').op('f32x4.sqrt').set(t);
    f.get(t).get(t).shuffle32(0, 0, 1, 1);
  });
}

/** Sine and cosine of 2π times the uniform numbers 1 and 3, alternating. */
function emitDirections(w: LaneWriter, uniform: Local): void {
  const { f } = w;
  w.scratch(5, (x, quadrant, square, sine, cosine) => {
    f.get(uniform)
      .get(uniform)
      .shuffle32(1, 3, 1, 3)
      .op('f64x2.promote_low_f32x4')
      .f64x2(2 * Math.PI)
      .op('f64x2.mul');
    f.op('f32x4.demote_f64x2_zero').op('f64x2.promote_low_f32x4').set(x);
    w.get(x)
      .constant(2 / Math.PI)
      .op('mul')
      .constant(0.5)
      .op('add')
      .op('floor')
      .set(quadrant);
    w.get(x)
      .get(quadrant)
      .constant(Math.PI / 2)
      .op('mul')
      .op('sub')
      .tee(x)
      .get(x)
      .op('mul')
      .set(square);
    emitSine(w, x, square, sine);
    emitCosine(w, square, x, cosine);
    w.get(quadrant).constant(INTEGER_BIAS).op('add').set(quadrant);
    f.get(quadrant).get(quadrant).shuffle32(0, 2, 0, 2).set(quadrant);
    // Odd quadrants: the other function. Signs change at the second and fourth for the sine, at the first and third for the cosine.
    f.get(quadrant).i32(31).op('i32x4.shl').i32(31).op('i32x4.shr_s').set(square);
    const choose = (even: Local, odd: Local, turn: number) => {
      f.get(odd).get(even).get(square).op('v128.bitselect');
      f.get(quadrant).i32x4(turn).op('i32x4.add').i32x4(2).op('v128.and').i32(30).op('i32x4.shl').op('v128.xor');
    };
    choose(sine, cosine, 0);
    choose(cosine, sine, 1);
    f.shuffle32(0, 4, 1, 5);
  });
}

/** Sets `sine`, in float32, to (x + x³·S1) + (x³·x²)·(S2 + x²·S3): terms are added in this order. */
function emitSine(w: LaneWriter, x: Local, square: Local, sine: Local): void {
  w.get(square).get(x).op('mul').tee(sine).constant(single.S1).op('mul').get(x).op('add');
  w.get(sine).get(square).op('mul').get(square).constant(single.S3).op('mul').constant(single.S2).op('add').op('mul');
  w.op('add').f.op('f32x4.demote_f64x2_zero').set(sine);
}

/** Sets `cosine`, in float32, to ((1 + x²·C1) + x⁴·C2) + (x⁴·x²)·(C3 + x²·C4). Destroys t. */
function emitCosine(w: LaneWriter, square: Local, t: Local, cosine: Local): void {
  w.get(square).constant(single.C1).op('mul').constant(1).op('add');
  w.get(square).get(square).op('mul').tee(t).constant(single.C2).op('mul').op('add');
  w.get(t).get(square).op('mul').get(square).constant(single.C4).op('mul').constant(single.C3).op('add').op('mul');
  w.op('add').f.op('f32x4.demote_f64x2_zero').set(cosine);
}
