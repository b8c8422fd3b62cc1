/**
 * What holds for every graph that the helpers of this folder build: it is legal, it survives being written to JSON and
 * read back, and its ops know the line of the spec that made them.
 */
import { expect } from 'chai';
import type { Graph } from '../../graph/graph';
import { graphFromJSON } from '../../graph/loadState';
import type { Operation } from '../../graph/operation';
import { listGraph } from '../../graph/print';
import { stateToJSON } from '../../graph/stateJson';
import { verifyGraph } from '../../graph/verify';

/** Fails with all that is wrong with the graph. */
export function expectLegal(graph: Graph): void {
  verifyGraph(graph);
}

/** Fails unless the graph written to JSON and read back lists alike and has the same state. */
export function expectRoundTrip(graph: Graph): void {
  const json = JSON.parse(JSON.stringify(stateToJSON(graph.state)));
  const copy = graphFromJSON(json);
  expect(listGraph(copy).split('\n')).to.deep.equal(listGraph(graph).split('\n'));
  expect(JSON.parse(JSON.stringify(stateToJSON(copy.state)))).to.deep.equal(json);
}

const depth = (op: Operation) => op.name.split('/').length;

/** Fails unless the ops made last and deepest in scopes, of the graph and of each function, name a line of a spec. */
export function expectCreationSites(graph: Graph): void {
  for (const part of [graph, ...graph.functions.values()]) {
    const deepest = part.operations.reduce<Operation | null>(
      (best, op) => (best && depth(best) >= depth(op) ? best : op),
      null,
    );
    for (const op of [deepest, part.operations.at(-1)]) {
      if (op) expect(op.creationSite, `creation site of ${op.name}`).to.match(/[\\/]spec[\\/].*\.ts:\d+:\d+$/);
    }
  }
}
