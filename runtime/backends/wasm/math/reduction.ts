/**
 * Angles reduced by multiples of π/2, of any size. Small ones, nearly all, by a few multiplications; where a lane is large, more
 * code runs that multiplies with as many bits of 2/π as matter to it.
 */
import type { Local } from '../assembler/functionBuilder';
import { LaneWriter } from './lanes';

/** Adding it rounds a double to the nearest integer, which is then in the low bits. */
const ROUNDER = 1.5 * 2 ** 52;

/** float32 angles from here on are large. Below, quadrants have 24 bits, and their products with HALF_PI_29 are exact. */
const LARGE_32 = 2 ** 24;

/** π/2: its first 29 bits, and the rest. */
const HALF_PI_29 = 1.570796325802803;
const HALF_PI_REST = 9.920935796805404e-10;

/** float64 angles from here on are large. Below, quadrants have 20 bits, and their products with parts of 33 bits are exact. */
const LARGE_64 = 2 ** 20;

/** π/2 in parts of 33 bits and a rest. */
const HALF_PI_PARTS = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];

/** π/2 less the double closest to it. */
const HALF_PI_LOW = 6.123233995736766e-17;

/** 2/π: its first 160 bytes. */
const TWO_OVER_PI = [
  0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb, 0x62, 0x95,
  0x99, 0x3c, 0x43, 0x90, 0x41, 0xfe, 0x51, 0x63, 0xab, 0xde, 0xbb, 0xc5, 0x61, 0xb7, 0x24, 0x6e, 0x3a, 0x42, 0x4d,
  0xd2, 0xe0, 0x06, 0x49, 0x2e, 0xea, 0x09, 0xd1, 0x92, 0x1c, 0xfe, 0x1d, 0xeb, 0x1c, 0xb1, 0x29, 0xa7, 0x3e, 0xe8,
  0x82, 0x35, 0xf5, 0x2e, 0xbb, 0x44, 0x84, 0xe9, 0x9c, 0x70, 0x26, 0xb4, 0x5f, 0x7e, 0x41, 0x39, 0x91, 0xd6, 0x39,
  0x83, 0x53, 0x39, 0xf4, 0x9c, 0x84, 0x5f, 0x8b, 0xbd, 0xf9, 0x28, 0x3b, 0x1f, 0xf8, 0x97, 0xff, 0xde, 0x05, 0x98,
  0x0f, 0xef, 0x2f, 0x11, 0x8b, 0x5a, 0x0a, 0x6d, 0x1f, 0x6d, 0x36, 0x7e, 0xcf, 0x27, 0xcb, 0x09, 0xb7, 0x4f, 0x46,
  0x3f, 0x66, 0x9e, 0x5f, 0xea, 0x2d, 0x75, 0x27, 0xba, 0xc7, 0xeb, 0xe5, 0xf1, 0x7b, 0x3d, 0x07, 0x39, 0xf7, 0x8a,
  0x52, 0x92, 0xea, 0x6b, 0xfb, 0x5f, 0xb1, 0x1f, 0x8d, 0x5d, 0x08, 0x56, 0x03, 0x30, 0x46, 0xfc, 0x7b, 0x6b, 0xab,
  0xf0, 0xcf, 0xbc, 0x20, 0x9a, 0xf4, 0x36, 0x1d,
];

/** 2/π is multiplied with in pieces of 24 bits. */
const PIECE_BITS = 24;

/** The pieces that matter to a float32. */
const PIECES_32 = Array.from({ length: 8 }, (_, k) => {
  const [a, b, c] = TWO_OVER_PI.slice(3 * k);
  return (a * 2 ** 16 + b * 2 ** 8 + c) * 2 ** (-PIECE_BITS * (k + 1));
});

/** How many pieces matter to a float64, from the first that makes more than multiples of 4. */
const PIECES_64 = 9;

/** The bits of 2^52: or-ed with a small integer they are 2^52 more than it. */
const INTEGER_BITS = 0x4330000000000000n;
const INTEGER_BIAS = 2 ** 52;

/** Leaves a double's rest by π/2 in `angle`, and in n one whose low bits are the quadrant's. */
type Reduction = (w: LaneWriter, angle: Local, n: Local) => void;

/** Takes `n` parts of π/2 off, one after the other. */
function takeOff(w: LaneWriter, angle: Local, n: Local, parts: readonly number[]): void {
  w.scratch(1, (k) => {
    w.get(angle)
      .constant(2 / Math.PI)
      .op('mul')
      .constant(ROUNDER)
      .op('add')
      .tee(n)
      .constant(ROUNDER)
      .op('sub')
      .set(k);
    for (const part of parts) w.subtractProduct(angle, k, part).set(angle);
  });
}

const reduceSmall32: Reduction = (w, angle, n) => takeOff(w, angle, n, [HALF_PI_29, HALF_PI_REST]);

const reduceSmall64: Reduction = (w, angle, n) => takeOff(w, angle, n, HALF_PI_PARTS);

/** The remainder by 4 of the top: exact. */
function remainderByFour(w: LaneWriter): void {
  w.scratch(1, (t) => {
    w.tee(t).get(t).constant(0.25).op('mul').op('nearest').constant(4).op('mul').op('sub');
  });
}

/**
 * For any float32: its 24 bits times 24 bits of 2/π are exact in a double, and so are remainders by 4 and by 1. Pieces go from
 * the greatest down, and the nearest integer is taken off after each, so that an angle close to a multiple of π/2 keeps its bits.
 */
const reduceLarge32: Reduction = (w, angle, n) => {
  w.scratch(2, (rest, t) => {
    w.constant(ROUNDER).set(n).constant(0).set(rest);
    for (const piece of PIECES_32) {
      w.get(angle).constant(piece).op('mul');
      remainderByFour(w);
      w.get(rest).op('add').tee(rest).op('nearest').tee(t).get(n).op('add').set(n);
      w.get(rest).get(t).op('sub').set(rest);
    }
    w.get(rest)
      .constant(Math.PI / 2)
      .op('mul')
      .set(angle);
  });
};

/**
 * Adds the top to the sum of three doubles, and takes off and counts the nearest integer.
 */
function accumulate(w: LaneWriter, sums: readonly [Local, Local, Local], n: Local): void {
  w.scratch(3, (term, total, part) => {
    w.set(term);
    for (const sum of sums.slice(0, 2)) {
      // What an addition loses is the next one's term.
      w.get(sum).get(term).op('add').tee(total).get(sum).op('sub').set(part);
      w.get(sum).get(total).get(part).op('sub').op('sub').get(term).get(part).op('sub').op('add').set(term);
      w.get(total).set(sum);
    }
    w.get(sums[2]).get(term).op('add').set(sums[2]);
    w.get(sums[0]).op('nearest').tee(term).get(n).op('add').set(n);
    w.get(sums[0]).get(term).op('sub').set(sums[0]);
  });
}

/** The integer of three bytes of 2/π for each lane, as a double; `places` says which bytes. */
function pieceOfTwoOverPi(w: LaneWriter, places: Local): void {
  const { f } = w;
  for (let at = 0; at < TWO_OVER_PI.length; at += 16) {
    // Swizzling gives zeros for bytes that are in another vector.
    f.v128(TWO_OVER_PI.slice(at, at + 16)).get(places);
    if (at > 0) f.v128(new Array(16).fill(at)).op('i8x16.sub');
    f.op('i8x16.swizzle');
    if (at > 0) f.op('v128.or');
  }
  f.i64x2(INTEGER_BITS).op('v128.or').f64x2(INTEGER_BIAS).op('f64x2.sub');
}

/**
 * For any float64 that is not tiny. Lanes begin at the piece of 2/π that suits their exponents, and are halved so that products
 * with pieces are exact.
 */
const reduceLarge64: Reduction = (w, angle, n) => {
  const { f } = w;
  w.scratch(8, (first, places, high, low, piece, s0, s1, s2) => {
    // (exponent − 54)/24, rounded down, but not below 0.
    f.get(angle).op('f64x2.abs').i32(52).op('i64x2.shr_u').i64x2(INTEGER_BITS).op('v128.or');
    w.constant(INTEGER_BIAS + 1023 + 54)
      .op('sub')
      .constant(1 / PIECE_BITS)
      .op('mul')
      .op('floor')
      .constant(0)
      .op('pmax');
    w.constant(INTEGER_BIAS).op('add').set(first);
    // Three bytes a piece, the last one lowest; the other bytes of a lane are out of all bounds.
    f.get(first).i32x4(0x30303, 0, 0x30303, 0).op('i32x4.mul').i32x4(0x102, 0, 0x102, 0).op('i32x4.add');
    f.i32x4(0xff000000, -1, 0xff000000, -1).op('v128.or').set(places);
    // The angle times 2^(-24 · (first + 1)).
    f.i64x2(BigInt(1023 - PIECE_BITS))
      .get(first)
      .i32x4(PIECE_BITS, 0, PIECE_BITS, 0)
      .op('i32x4.mul')
      .op('i64x2.sub');
    f.i32(52)
      .op('i64x2.shl')
      .get(angle)
      .op('f64x2.mul')
      .tee(low)
      .i64x2(-(1n << 26n))
      .op('v128.and')
      .set(high);
    w.get(low).get(high).op('sub').set(low);
    w.constant(0).tee(s0).tee(s1).set(s2).constant(ROUNDER).set(n);
    const left = f.local('i32');
    f.i32(PIECES_64).set(left);
    f.loop((again) => {
      pieceOfTwoOverPi(w, places);
      w.set(piece);
      for (const part of [high, low]) {
        w.get(piece).get(part).op('mul');
        remainderByFour(w);
        accumulate(w, [s0, s1, s2], n);
        w.get(part)
          .constant(2 ** -PIECE_BITS)
          .op('mul')
          .set(part);
      }
      f.get(places).i32x4(0x30303, 0, 0x30303, 0).op('i8x16.add').set(places);
      f.get(left).i32(1).op('i32.sub').tee(left).brIf(again);
    });
    // Times π/2, in two parts.
    w.get(s0)
      .constant(HALF_PI_LOW)
      .op('mul')
      .get(s1)
      .get(s2)
      .op('add')
      .constant(Math.PI / 2)
      .op('mul')
      .op('add');
    w.get(s0)
      .constant(Math.PI / 2)
      .op('mul')
      .op('add')
      .set(angle);
  });
};

/** Reduces both halves of float32 lanes as doubles; sets r, in float32, and the quadrants q. */
function reduceHalves(w: LaneWriter, reduction: Reduction, x: Local, r: Local, q: Local): void {
  const { f } = w;
  const doubles = new LaneWriter(f, 'f64x2', w.target);
  w.scratch(3, (low, high, n) => {
    f.get(x).op('f64x2.promote_low_f32x4').set(low);
    f.get(x).get(x).shuffle32(2, 3, 2, 3).op('f64x2.promote_low_f32x4').set(high);
    reduction(doubles, low, q);
    reduction(doubles, high, n);
    f.get(q).get(n).shuffle32(0, 2, 4, 6).set(q);
    f.get(low).op('f32x4.demote_f64x2_zero').get(high).op('f32x4.demote_f64x2_zero').shuffle32(0, 1, 4, 5).set(r);
  });
}

/** Sets r to x − q · π/2 with |r| ≤ π/4, and q to integers of which the low two bits count. */
export function reduceAngle(w: LaneWriter, x: Local, r: Local, q: Local): void {
  const reduce = (small: boolean, toR: Local, toQ: Local) => {
    if (w.shape === 'f32x4') reduceHalves(w, small ? reduceSmall32 : reduceLarge32, x, toR, toQ);
    else {
      w.get(x).set(toR);
      (small ? reduceSmall64 : reduceLarge64)(w, toR, toQ);
    }
  };
  w.scratch(3, (isLarge, largeR, largeQ) => {
    reduce(true, r, q);
    w.get(x)
      .op('abs')
      .constant(w.shape === 'f32x4' ? LARGE_32 : LARGE_64)
      .op('ge')
      .tee(isLarge);
    w.f.op('v128.any_true').if(() => {
      reduce(false, largeR, largeQ);
      w.get(largeR).get(r).get(isLarge).bits('bitselect').set(r);
      w.get(largeQ).get(q).get(isLarge).bits('bitselect').set(q);
    });
  });
}
