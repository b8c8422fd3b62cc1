/**
 * Seeds of random ops: how a graph's seed and an op's own seed become the two numbers in the node.
 *
 * Texts are seeds too: seedrandom turns them into integers. Ops without any seed get 0 and 0, and draw theirs when a
 * session first runs them.
 */
import seedrandom from 'seedrandom';
import { getDefaultGraph } from './defaultGraph';
import { GraphTypeError, repr, typeWord } from './errors';
import type { Graph } from './graph';

/** An integer, a text that stands for one, or nothing. */
export type Seed = number | bigint | string | null | undefined;

const MAXINT32 = 2 ** 31 - 1;

/** The graph seed of ops that have their own seed in a graph without one. */
export const DEFAULT_GRAPH_SEED = 87654321;

/** The integer that a text stands for as a seed. */
export function seedOfText(text: string): number {
  return (seedrandom(text).int32() >>> 0) % MAXINT32;
}

function truncated(seed: number | bigint | string): number {
  if (typeof seed === 'string') return seedOfText(seed);
  if (typeof seed === 'bigint') {
    const modulus = BigInt(MAXINT32);
    return Number(((seed % modulus) + modulus) % modulus);
  }
  if (!Number.isInteger(seed))
    throw new GraphTypeError(`Expected int for argument 'seed' not ${repr(seed)} of type ${typeWord(seed)}.`);
  return ((seed % MAXINT32) + MAXINT32) % MAXINT32;
}

/**
 * The two seeds of an op in `graph`; null and null when it has none. An op without an own seed in a graph with one
 * takes the next number of the graph's count of such ops.
 *
 * Mirrors tf.compat.v1.random.get_seed.
 */
export function getSeed(
  opSeed: Seed,
  graph: Graph = getDefaultGraph(),
): readonly [number, number] | readonly [null, null] {
  const own = opSeed === null || opSeed === undefined ? null : truncated(opSeed);
  if (graph.seed === null) return own === null ? [null, null] : [DEFAULT_GRAPH_SEED, own];
  const seeds = [truncated(graph.seed), own ?? truncated(graph.seedlessOps++)] as const;
  // The kernels take 0 and 0 for "no seed".
  return seeds[0] === 0 && seeds[1] === 0 ? [0, MAXINT32] : seeds;
}

/** The attributes of a random op in `graph`. */
export function seedAttrs(
  opSeed: Seed,
  graph: Graph = getDefaultGraph(),
): { readonly seed: number; readonly seed2: number } {
  const [seed, seed2] = getSeed(opSeed, graph);
  return { seed: seed ?? 0, seed2: seed2 ?? 0 };
}

/**
 * Sets the default graph's seed for the random ops made after it; null takes it away.
 *
 * Mirrors tf.compat.v1.set_random_seed.
 */
export function setRandomSeed(seed: Seed): void {
  const graph = getDefaultGraph();
  if (typeof seed === 'string') graph.seed = seedOfText(seed);
  else {
    if (seed !== null && seed !== undefined) truncated(seed);
    graph.seed = seed ?? null;
  }
}
