/**
 * Seeds that are drawn while a graph is built, for initial values that do not come from a seeded op: Keras's initializers put
 * such a number into a constant.
 *
 * In a graph with a seed they follow from it, so that `tf.setRandomSeed` and the same program give the same initial values. Other
 * graphs draw from one source of the process, whose state can be read and restored to build the same graph again.
 */
import type { Graph } from './graph';
import { SeedSource, type SeedSourceState } from './seedSource';

const shared = new SeedSource();
const ofSeededGraphs = new WeakMap<Graph, { readonly seed: Graph['seed']; readonly source: SeedSource }>();

/** The next seed for something in `graph`: an integer in [1, 2³¹ − 1). */
export function drawSeed(graph: Graph): number {
  const { outermost } = graph;
  const { seed } = outermost;
  if (seed === null) return shared.draw();
  let own = ofSeededGraphs.get(outermost);
  if (own?.seed !== seed) {
    own = { seed, source: new SeedSource(`graph ${seed}`) };
    ofSeededGraphs.set(outermost, own);
  }
  return own.source.draw();
}

/** State of the source that graphs without a seed draw from. */
export function getDrawnSeeds(): SeedSourceState {
  return shared.getState();
}

/** Goes back to a state of that source: what is built next draws the same seeds again. */
export function setDrawnSeeds(state: SeedSourceState): void {
  shared.setState(state);
}
