/**
 * The stack of graphs made default by `graph.asDefault()`, sessions and function bodies. The global default graph
 * beneath it is graph/defaultGraph.ts.
 */
import { AssertionError } from './errors';
import type { Graph } from './graph';
import type { Opened } from './scope';

const stack: Graph[] = [];

export function topOfDefaultStack(): Graph | undefined {
  return stack.at(-1);
}

/** Makes a graph the default until `exit`. Leaving out of order is an AssertionError. */
export function pushDefaultGraph(graph: Graph): Opened<Graph> {
  stack.push(graph);
  return {
    value: graph,
    exit: () => {
      if (stack.at(-1) !== graph)
        throw new AssertionError("Nesting violated for default stack of <class 'Graph'> objects");
      stack.pop();
    },
  };
}

/** Takes a graph off the stack wherever it is, for interactive sessions that are closed out of order. */
export function removeDefaultGraph(graph: Graph): void {
  const at = stack.lastIndexOf(graph);
  if (at >= 0) stack.splice(at, 1);
}
