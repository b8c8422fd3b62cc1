/**
 * The frame of functions that emit several ops under one name scope, as TensorFlow's composite functions do.
 */
import { graphFromInputs } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import type { Graph } from '../graph';
import { Operation } from '../operation';

/**
 * Runs `body` in the scope `name` (or `fallback`) of the graph that `values` belong to, with that graph as the default.
 * On any error the graph is as it was. `body` gets the scope's name with a trailing slash: an op of that name takes it over.
 */
export function composite<R>(
  name: string | null | undefined,
  fallback: string,
  values: readonly unknown[],
  body: (scope: string) => R,
): R {
  const graph = graphOfAll(values);
  return graph.transaction(() => graph.asDefault(() => graph.nameScope(name ?? fallback, body)));
}

function graphOfAll(values: readonly unknown[]): Graph {
  const current = getDefaultGraph();
  const operation = values.find((value) => value instanceof Operation);
  if (operation && !current.isFunction) return operation.graph;
  return graphFromInputs(values.filter((value) => !(value instanceof Operation)));
}
