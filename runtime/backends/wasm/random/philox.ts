/**
 * Philox4x32-10 in SIMD code, word for word runtime/random/philox.ts: four or eight consecutive blocks at a time, one block
 * per lane, transposed at the end so that words come in the order of elements.
 *
 *     const philox = emitPhiloxSetup(f, address);            // before the loop
 *     emitPhilox4(f, philox, block, [w0, w1, w2, w3]);       // in it: words of the blocks block … block + 3
 *
 * The state lies in memory as six words, c0 to c3, k0 and k1, and is only read: where a run's stream begins and how far the
 * next run's is from it is the host's business. What numbers are made of the words is in numbers.ts.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { withScratch } from '../math/lanes';
import { emitTranspose4, type FourLocals } from '../math/transpose';

const MULTIPLIER_A = 0xd2511f53;
const MULTIPLIER_B = 0xcd9e8d57;
const WEYL_A = 0x9e3779b9;
const WEYL_B = 0xbb67ae85;
const ROUNDS = 10;

/** Bytes of a state in memory. */
export const PHILOX_STATE_BYTES = 24;

/** A stream's state in locals: every word in all four lanes. */
export interface PhiloxLocals {
  readonly counter: readonly Local[];
  /** The two keys of each round. */
  readonly roundKeys: readonly (readonly [Local, Local])[];
}

export type BlockWords = FourLocals;

/** Loads the state at an address (an i32 local) into new locals, and derives the keys of all rounds. */
export function emitPhiloxSetup(f: FunctionBuilder, address: Local): PhiloxLocals {
  const load = (word: number) => {
    const local = f.local('v128');
    f.get(address)
      .access('v128.load32_splat', 4 * word)
      .set(local);
    return local;
  };
  const next = (key: Local, weyl: number) => {
    const local = f.local('v128');
    f.get(key).i32x4(weyl).op('i32x4.add').set(local);
    return local;
  };
  const counter = [load(0), load(1), load(2), load(3)];
  const roundKeys: [Local, Local][] = [[load(4), load(5)]];
  while (roundKeys.length < ROUNDS) {
    const [a, b] = roundKeys[roundKeys.length - 1];
    roundKeys.push([next(a, WEYL_A), next(b, WEYL_B)]);
  }
  return { counter, roundKeys };
}

type Four = readonly [number, number, number, number];

/** Which blocks lie in the lanes: `block` plus each offset, times 2^shift. */
interface Lanes {
  readonly block: Local;
  readonly offsets: Four;
  readonly shift: number;
}

const IN_A_ROW: Four = [0, 1, 2, 3];
const NEXT_ROW: Four = [4, 5, 6, 7];

/** The counters of four blocks, one per lane, with all carries. Sets words; `carry` is destroyed. */
function emitCounters(
  f: FunctionBuilder,
  { counter }: PhiloxLocals,
  { block, offsets, shift }: Lanes,
  words: BlockWords,
  carry: Local,
): void {
  const [w0, w1, w2, w3] = words;
  f.get(block)
    .op('i32x4.splat')
    .i32x4(...offsets)
    .op('i32x4.add');
  if (shift > 0) {
    // The upper word of the products moves the counter's second word, and may carry by itself.
    f.tee(w0)
      .i32(32 - shift)
      .op('i32x4.shr_u')
      .get(counter[1])
      .op('i32x4.add')
      .set(w1);
    f.get(w0).i32(shift).op('i32x4.shl');
  }
  f.get(counter[0]).op('i32x4.add').tee(w0).get(counter[0]).op('i32x4.lt_u').set(carry);
  if (shift > 0) {
    f.get(w1).get(carry).op('i32x4.sub').tee(w1).i32x4(0).op('i32x4.eq').get(carry).op('v128.and');
    f.get(w1).get(carry).op('i32x4.add').get(counter[1]).op('i32x4.lt_u').op('v128.or').set(carry);
  } else {
    f.get(counter[1]).get(carry).op('i32x4.sub').tee(w1).i32x4(0).op('i32x4.eq').get(carry).op('v128.and').set(carry);
  }
  f.get(counter[2]).get(carry).op('i32x4.sub').tee(w2).i32x4(0).op('i32x4.eq').get(carry).op('v128.and').set(carry);
  f.get(counter[3]).get(carry).op('i32x4.sub').set(w3);
}

/** The state of the stream that begins `block · 2^shift` blocks further on, in the locals of `counter`. */
export function emitSkip(
  f: FunctionBuilder,
  philox: PhiloxLocals,
  block: Local,
  shift: number,
  counter: BlockWords,
): PhiloxLocals {
  withScratch(f, 'v128', 1, (carry) =>
    emitCounters(f, philox, { block, offsets: [0, 0, 0, 0], shift }, counter, carry),
  );
  return { counter, roundKeys: philox.roundKeys };
}

/** The full products of four lanes with a constant: sets their upper and lower halves. */
function emitProducts(f: FunctionBuilder, lanes: Local, multiplier: number, high: Local, low: Local): void {
  f.get(lanes).i32x4(multiplier).op('i64x2.extmul_low_i32x4_u').set(low);
  f.get(lanes).i32x4(multiplier).op('i64x2.extmul_high_i32x4_u').set(high);
}

/** One round on the counters `words`, in place. */
function emitRound(
  f: FunctionBuilder,
  words: BlockWords,
  [key0, key1]: readonly [Local, Local],
  scratch: BlockWords,
): void {
  const [low0, high0, low1, high1] = scratch;
  const [w0, w1, w2, w3] = words;
  emitProducts(f, w0, MULTIPLIER_A, high0, low0);
  emitProducts(f, w2, MULTIPLIER_B, high1, low1);
  f.get(w1).get(key0).op('v128.xor').get(low1).get(high1).shuffle32(1, 3, 5, 7).op('v128.xor');
  f.get(w2).i32x4(MULTIPLIER_B).op('i32x4.mul').set(w1);
  f.get(w3).get(key1).op('v128.xor').get(low0).get(high0).shuffle32(1, 3, 5, 7).op('v128.xor');
  f.get(w0).i32x4(MULTIPLIER_A).op('i32x4.mul').set(w3);
  f.set(w2).set(w0);
}

/**
 * Sets `out[j]` to the four words of block `(block + j) · 2^shift`, for j from 0 to 3. `block` is an unsigned i32, relative to the
 * stream's counter, and at most 2^32 − 4.
 */
export function emitPhilox4(f: FunctionBuilder, philox: PhiloxLocals, block: Local, out: BlockWords, shift = 0): void {
  withScratch(f, 'v128', 4, (...scratch) => {
    emitCounters(f, philox, { block, offsets: IN_A_ROW, shift }, out, scratch[0]);
    for (const keys of philox.roundKeys) emitRound(f, out, keys, scratch as unknown as BlockWords);
  });
  emitTranspose4(f, out);
}

/**
 * The same for eight blocks in a row: `out[j]` becomes block `block + j`, at most 2^32 − 8. Two groups of four hide each other's
 * latency: about a quarter more words a second.
 */
export function emitPhilox8(
  f: FunctionBuilder,
  philox: PhiloxLocals,
  block: Local,
  out: readonly [...BlockWords, ...BlockWords],
): void {
  const groups = [out.slice(0, 4), out.slice(4)] as unknown as readonly BlockWords[];
  withScratch(f, 'v128', 8, (...scratch) => {
    const own = [scratch.slice(0, 4), scratch.slice(4)] as unknown as readonly BlockWords[];
    groups.forEach((words, g) =>
      emitCounters(f, philox, { block, offsets: g === 0 ? IN_A_ROW : NEXT_ROW, shift: 0 }, words, own[g][0]),
    );
    for (const keys of philox.roundKeys) groups.forEach((words, g) => emitRound(f, words, keys, own[g]));
  });
  for (const words of groups) emitTranspose4(f, words);
}
