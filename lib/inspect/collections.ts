/**
 * The collections of a graph and the names in them.
 */
import type { Graph } from '../../graph/graph';
import { Report } from './report';

/** The names of the items in each collection. */
export function collections(graph: Graph): Report<Readonly<Record<string, readonly string[]>>> {
  const nameOf = (item: unknown): string => String((item as { name?: unknown })?.name ?? item);
  const found = Object.fromEntries(
    graph
      .getAllCollectionKeys()
      .sort()
      .map((key) => [key, graph.getCollection(key).map(nameOf)] as const),
  );
  const text = Object.entries(found).map(
    ([key, names]) => `${key} (${names.length})${names.map((name) => `\n  ${name}`).join('')}`,
  );
  return new Report(found, text.join('\n'));
}
