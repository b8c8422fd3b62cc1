/**
 * Where random ops without a seed get theirs: one source per session, so that a whole session can be replayed.
 */
import seedrandom from 'seedrandom';

/** The source's seed and how many seeds were drawn from it. */
export interface SeedSourceState {
  readonly seed: string;
  readonly drawn: number;
}

/** Largest 32-bit signed integer: seeds are below it and above zero, since zero means "no seed". */
const MAX_SEED = 2147483647;

/** A replayable sequence of integer seeds. */
export class SeedSource {
  #seed: string;
  #drawn = 0;
  #next: () => number;

  /** @param seed default: fresh entropy, readable through `getState`. */
  constructor(seed?: string | number) {
    this.#seed = seed === undefined ? String(seedrandom(undefined, { entropy: true }).int32()) : String(seed);
    this.#next = seedrandom(this.#seed);
  }

  /** The next seed, in [1, 2³¹ − 1). */
  draw(): number {
    this.#drawn++;
    return 1 + Math.floor(this.#next() * (MAX_SEED - 1));
  }

  getState(): SeedSourceState {
    return { seed: this.#seed, drawn: this.#drawn };
  }

  setState(state: SeedSourceState): void {
    this.#seed = state.seed;
    this.#next = seedrandom(state.seed);
    for (this.#drawn = 0; this.#drawn < state.drawn; this.#drawn++) this.#next();
  }
}
