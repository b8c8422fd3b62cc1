/**
 * The random stream of one node in one session. Every run of the node sets a stretch of the stream aside for itself, as
 * many blocks as the op can possibly need, so that what a run draws depends on the runs before it and on nothing else.
 * Mirrors tensorflow::GuardedPhiloxRandom.
 *
 * A kernel keeps its stream as its node's state:
 *
 *     const stream = context.state(() => new RandomStream(attr('seed'), attr('seed2'), () => context.drawSeed()));
 *     fillUniform(stream.reserveOutputs(out.length), out);
 */
import { RESERVED_BLOCKS } from './distributions';
import { Philox4x32, type PhiloxState } from './philox';

export class RandomStream {
  readonly #generator: Philox4x32;

  /**
   * @param seed the op's attribute `seed`, and
   * @param seed2 its attribute `seed2`; if both are zero, the op has no seed.
   * @param drawSeed gives an op without a seed one: asked twice.
   */
  constructor(seed: number | bigint, seed2: number | bigint, drawSeed: () => number | bigint) {
    const seeded = BigInt(seed) !== 0n || BigInt(seed2) !== 0n;
    this.#generator = seeded ? new Philox4x32(seed, seed2) : new Philox4x32(drawSeed(), drawSeed());
  }

  /** A generator for this run, which may take that many blocks; the stream goes on after them. */
  reserve(blocks: number): Philox4x32 {
    const run = this.#generator.clone();
    this.#generator.skip(blocks);
    return run;
  }

  /** A generator for a run that makes `count` numbers: uniform, integer, normal, truncated normal, Poisson or gamma. */
  reserveOutputs(count: number): Philox4x32 {
    return this.reserve(count * RESERVED_BLOCKS);
  }

  /** Where the stream is, as JSON. */
  getState(): PhiloxState {
    return this.#generator.getState();
  }

  setState(state: PhiloxState): void {
    this.#generator.setState(state);
  }
}
