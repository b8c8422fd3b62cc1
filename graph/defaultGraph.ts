/**
 * The default graph: where ops go when no input says. Beneath the stack of explicit defaults lies a global one.
 */
import { topOfDefaultStack } from './defaultStack';
import { AssertionError } from './errors';
import { Graph } from './graph';

let root: Graph | null = null;

/** The innermost graph made default, or the global one. Mirrors tf.get_default_graph. */
export function getDefaultGraph(): Graph {
  return topOfDefaultStack() ?? (root ??= new Graph());
}

/** Replaces the global default graph by an empty one. Mirrors tf.reset_default_graph. */
export function resetDefaultGraph(): void {
  if (topOfDefaultStack() !== undefined) {
    throw new AssertionError(
      'Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, exit the nesting and create a new graph.',
    );
  }
  root = null;
}
