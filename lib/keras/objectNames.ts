/**
 * Default names of layers: `dense`, `dense_1`, … by class, counted per graph.
 */
import { getDefaultGraph } from '../../graph/defaultGraph';
import type { Graph } from '../../graph/graph';

const counters = new WeakMap<Graph, Map<string, number>>();

/**
 * The next default name of objects of that kind in the default graph. Zero-based names begin with the bare name (Keras
 * layers), others with `_1` (tf.layers); both count together.
 */
export function uniqueObjectName(name: string, { zeroBased }: { zeroBased: boolean }): string {
  const graph = getDefaultGraph().outermost;
  let counter = counters.get(graph);
  if (!counter) counters.set(graph, (counter = new Map()));
  const count = counter.get(name) ?? 0;
  counter.set(name, count + 1);
  if (zeroBased) return count === 0 ? name : `${name}_${count}`;
  return `${name}_${count + 1}`;
}
