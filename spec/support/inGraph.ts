/**
 * Small helpers of the specs about graphs: a fresh default graph around a spec, and what a call throws.
 */
import { expect } from 'chai';
import { Graph } from '../../graph/graph';

/** Runs `body` with a fresh graph as the default one. */
export function inGraph<R>(body: (graph: Graph) => R): R {
  return new Graph().asDefault(body);
}

/** A spec's body that runs with a fresh graph as the default one. */
export function withGraph(body: (graph: Graph) => void): () => void {
  return () => inGraph(body);
}

/** A spec with a fresh graph as the default one. */
export function itInGraph(title: string, body: (graph: Graph) => void): void {
  it(title, withGraph(body));
}

/** `ErrorClass: message` of what a call throws. */
export function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return expect.fail('nothing was thrown');
}

export const namesOf = (items: readonly { readonly name: string }[]): string[] => items.map(({ name }) => name);
