/**
 * Philox4x32-10, the counter-based generator behind every random op: a 64-bit key and a 128-bit counter make a block of
 * four 32-bit words, and the counter goes up by one per block. Mirrors tensorflow::random::PhiloxRandom.
 *
 * Words are all this file knows: numbers of a distribution are made in distributions.ts, and who owns a generator between
 * the runs of a session is stateful.ts.
 */

/** A generator's state as JSON: unsigned 32-bit words, the least significant first. */
export interface PhiloxState {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

/** Words in a block. */
export const BLOCK_WORDS = 4;

const MULTIPLIER_A = 0xd2511f53;
const MULTIPLIER_B = 0xcd9e8d57;
const WEYL_A = 0x9e3779b9 | 0;
const WEYL_B = 0xbb67ae85 | 0;
const ROUNDS = 10;

const LOW_32 = 0xffffffffn;

/** The low 64 bits of an integer (two's complement) as two words. */
function words64(value: number | bigint): [number, number] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return [Number(bits & LOW_32), Number(bits >> 32n)];
}

/** The upper 32 bits of the unsigned product of two words, from 16-bit halves: no product here exceeds 32 bits. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const cross0 = Math.imul(aHigh, bLow);
  const cross1 = Math.imul(aLow, bHigh);
  const middle = (Math.imul(aLow, bLow) >>> 16) + (cross0 & 0xffff) + (cross1 & 0xffff);
  return (Math.imul(aHigh, bHigh) + (cross0 >>> 16) + (cross1 >>> 16) + (middle >>> 16)) | 0;
}

export class Philox4x32 {
  /** Four words of counter, two of key; in an array so that stepping never allocates. */
  readonly #state = new Int32Array(6);

  /**
   * The generator of a random op's attributes `seed` (the key) and `seed2` (the upper half of the counter).
   *
   * Throws RangeError for a number that is no integer.
   */
  constructor(seed: number | bigint = 0, seed2: number | bigint = 0) {
    const [k0, k1] = words64(seed);
    const [c2, c3] = words64(seed2);
    this.setState({ key: [k0, k1], counter: [0, 0, c2, c3] });
  }

  static fromState(state: PhiloxState): Philox4x32 {
    const generator = new Philox4x32();
    generator.setState(state);
    return generator;
  }

  /** Writes the next block, four words, to `out` from index `at`. */
  next(out: Uint32Array, at = 0): void {
    this.fill(out, 1, at);
  }

  /** Writes the next `blocks` blocks to `out` from index `at`. */
  fill(out: Uint32Array, blocks: number, at = 0): void {
    const state = this.#state;
    let n0 = state[0];
    let n1 = state[1];
    let n2 = state[2];
    let n3 = state[3];
    const key0 = state[4];
    const key1 = state[5];
    for (let block = 0, o = at; block < blocks; block++, o += BLOCK_WORDS) {
      let c0 = n0;
      let c1 = n1;
      let c2 = n2;
      let c3 = n3;
      let k0 = key0;
      let k1 = key1;
      for (let round = 0; round < ROUNDS; round++) {
        const high0 = multiplyHigh(MULTIPLIER_A, c0);
        const high1 = multiplyHigh(MULTIPLIER_B, c2);
        const low0 = Math.imul(MULTIPLIER_A, c0);
        const low1 = Math.imul(MULTIPLIER_B, c2);
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 = (k0 + WEYL_A) | 0;
        k1 = (k1 + WEYL_B) | 0;
      }
      out[o] = c0;
      out[o + 1] = c1;
      out[o + 2] = c2;
      out[o + 3] = c3;
      n0 = (n0 + 1) | 0;
      if (n0 === 0) {
        n1 = (n1 + 1) | 0;
        if (n1 === 0) {
          n2 = (n2 + 1) | 0;
          if (n2 === 0) n3 = (n3 + 1) | 0;
        }
      }
    }
    state[0] = n0;
    state[1] = n1;
    state[2] = n2;
    state[3] = n3;
  }

  /** Passes over `blocks` blocks: adds an unsigned integer below 2^64 to the counter. */
  skip(blocks: number | bigint): void {
    const state = this.#state;
    let low: number;
    let high: number;
    if (typeof blocks === 'number' && blocks >= 0 && Number.isSafeInteger(blocks)) {
      low = blocks >>> 0;
      high = Math.floor(blocks / 2 ** 32);
    } else {
      [low, high] = words64(blocks);
    }
    const sum0 = (state[0] >>> 0) + low;
    state[0] = sum0;
    const sum1 = (state[1] >>> 0) + high + (sum0 >= 2 ** 32 ? 1 : 0);
    state[1] = sum1;
    if (sum1 >= 2 ** 32) {
      state[2]++;
      if (state[2] === 0) state[3]++;
    }
  }

  /** A generator that goes on from here by itself. */
  clone(): Philox4x32 {
    const copy = new Philox4x32();
    copy.#state.set(this.#state);
    return copy;
  }

  /** Takes the state of another generator, without allocating. */
  copyFrom(other: Philox4x32): void {
    this.#state.set(other.#state);
  }

  /** Writes the state as six words: the counter's four, the key's two. */
  copyState(words: Int32Array): void {
    words.set(this.#state);
  }

  getState(): PhiloxState {
    const [c0, c1, c2, c3, k0, k1] = this.#state;
    return { key: [k0 >>> 0, k1 >>> 0], counter: [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0] };
  }

  setState(state: PhiloxState): void {
    this.#state.set(state.counter, 0);
    this.#state.set(state.key, 4);
  }
}

/** Takes the words of a generator one by one. Mirrors tensorflow::random::SingleSampleAdapter. */
export class WordReader {
  readonly #block = new Uint32Array(BLOCK_WORDS);
  #used = BLOCK_WORDS;

  constructor(private readonly generator: Philox4x32) {}

  /** The next word, unsigned. */
  next(): number {
    if (this.#used === BLOCK_WORDS) {
      this.generator.next(this.#block);
      this.#used = 0;
    }
    return this.#block[this.#used++];
  }
}
