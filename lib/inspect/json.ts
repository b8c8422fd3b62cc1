/**
 * Graphs as JSON text: what the command `sluice` reads.
 */
import type { Graph } from '../../graph/graph';
import { graphFromJSON } from '../../graph/loadState';
import { stateToJSON } from '../../graph/stateJson';

/** A graph as JSON text, functions, collections and static shapes included. */
export function toJSON(graph: Graph): string {
  return JSON.stringify(stateToJSON(graph.state), null, 1);
}

/** The graph in JSON text. SyntaxError for text that is no JSON, ValueError naming the path of what is wrong in it. */
export function fromJSON(text: string): Graph {
  return graphFromJSON(JSON.parse(text));
}
