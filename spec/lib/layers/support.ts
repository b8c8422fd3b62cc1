/**
 * What the specs of layers share: a fresh graph for each case, and what a call throws.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';

export const x23 = (): tf.Tensor => tf.placeholder(tf.float32, [2, 3], { name: 'x' });
export const rows = (): tf.Tensor => tf.placeholder(tf.float32, [null, 4], { name: 'x' });
export const images = (): tf.Tensor => tf.placeholder(tf.float32, [null, 8, 8, 3], { name: 'x' });

/** A spec whose body has a graph of its own as the default one. */
export function inGraph(title: string, body: (graph: tf.Graph) => void): void {
  it(title, () => {
    const graph = new tf.Graph();
    graph.asDefault(() => body(graph));
  });
}

type ErrorClass = new (...args: never[]) => Error;

/** Expects an error of that class (by name, `TypeError` too) with exactly that text, and the graph as it was. */
export function expectError(errorClass: ErrorClass, text: string, body: () => unknown): void {
  const graph = tf.getDefaultGraph();
  const before = tf.listGraph(graph);
  let caught: unknown;
  try {
    body();
  } catch (error) {
    caught = error;
  }
  expect(caught, 'nothing was thrown').to.be.instanceOf(errorClass);
  expect((caught as Error).message).to.equal(text);
  expect(tf.listGraph(graph)).to.equal(before);
}

/** Values of a fetch in a fresh session, variables initialised. */
export function evaluate(fetch: tf.Tensor, feed: readonly (readonly [tf.Tensor, tf.ArrayLike])[] = []): unknown {
  const session = new tf.Session();
  session.runSync(tf.globalVariablesInitializer());
  return session.runSync(fetch, { feed: feed as [tf.Tensor, tf.ArrayLike][] }).toArray();
}
