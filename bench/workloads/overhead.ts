/**
 * Workloads g and j: chains of scalar ops, and a loop of small ones, where what runs around the ops is the time.
 */
import * as tf from '../../lib/index';
import { type Builder, type Built, number } from './built';

/** `ops` scalar ops, one after the other; the value stays within bounds. */
export function scalarChain(x: tf.Tensor, ops: number): tf.Tensor {
  let y = x;
  for (let i = 0; i < ops; i++) y = i % 2 === 0 ? tf.add(y, x) : tf.tanh(y);
  return y;
}

function fetching(build: () => { result: tf.Tensor; feed?: tf.Feeds }): Built {
  const graph = new tf.Graph();
  return graph.asDefault(() => {
    const { result, feed } = build();
    return {
      graph,
      init: tf.globalVariablesInitializer(),
      step: result,
      feed,
      check: async (session) => [Number((await session.run(result, { feed })).item())],
    };
  });
}

/** g: a chain of scalars, fed and fetched. */
export const chain: Builder = (params) =>
  fetching(() => {
    const x = tf.placeholder(tf.float32, []);
    return { result: scalarChain(x, number(params, 'ops')), feed: [[x, 0.5]] };
  });

/** j: `x ← tanh(0.9x + x)` on a vector of 16. */
export const loop: Builder = (params) =>
  fetching(() => {
    const x = tf.placeholder(tf.float32, [16]);
    const last = tf.whileLoop(
      (i: tf.Tensor) => tf.less(i, number(params, 'steps')),
      (i: tf.Tensor, y: tf.Tensor) => [tf.add(i, 1), tf.tanh(tf.add(tf.multiply(y, 0.9), y))],
      [tf.constant(0), x] as const,
    )[1];
    return { result: tf.reduceSum(last), feed: [[x, Float32Array.from({ length: 16 }, (_, i) => i / 16)]] };
  });
