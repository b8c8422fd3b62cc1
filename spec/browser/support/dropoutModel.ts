/**
 * A small model with dropout that trains the same anywhere: run in Node and, bundled, in pages.
 */
import type * as Sluice from '../../../lib/index';

export interface Outcome {
  readonly losses: number[];
  /** How many units each step dropped. */
  readonly dropped: number[];
  /** Kernels of a step by kind. */
  readonly kernels: { readonly loop: number; readonly routine: number; readonly host: number };
  readonly threads: number;
  readonly why: string;
  readonly isIsolated: boolean;
}

const STEPS = 20;
const BATCH = 128;

/** Dense, dropout, dense; 20 steps of Adam on a function of three numbers. */
export async function train(tf: typeof Sluice, threads: number): Promise<Outcome> {
  const graph = new tf.Graph();
  const built = graph.asDefault(() => {
    tf.setRandomSeed(11);
    const x = tf.placeholder(tf.float32, [BATCH, 3], { name: 'x' });
    const y = tf.placeholder(tf.float32, [BATCH, 1], { name: 'y' });
    const hidden = tf.layers.dense(x, 256, { activation: tf.nn.relu });
    const kept = tf.layers.dropout(hidden, { rate: 0.25, training: true });
    const out = tf.layers.dense(kept, 1);
    const loss = tf.losses.meanSquaredError(y, out);
    // One row only: units that are 0 before dropout are not counted.
    const dropped = tf.reduceSum(
      tf.cast(
        tf.logicalAnd(tf.equal(tf.slice(kept, [0, 0], [1, 256]), 0), tf.greater(tf.slice(hidden, [0, 0], [1, 256]), 0)),
        tf.int32,
      ),
    );
    const step = new tf.train.AdamOptimizer(0.01).minimize(loss);
    return { x, y, loss, dropped, step, init: tf.globalVariablesInitializer() };
  });
  const inputs = Float32Array.from({ length: BATCH * 3 }, (_, i) => Math.sin(i * 0.7));
  const targets = Float32Array.from({ length: BATCH }, (_, i) => inputs[3 * i] * 2 - inputs[3 * i + 1] + 0.5);
  const feed: Sluice.Feeds = [
    [built.x, tf.NdArray.from(inputs).reshape([BATCH, 3])],
    [built.y, tf.NdArray.from(targets).reshape([BATCH, 1])],
  ];
  using session = new tf.Session({ graph, config: { threads, blas: 'off', seed: 5 } });
  session.runSync(built.init);
  const [losses, dropped]: [number[], number[]] = [[], []];
  for (let i = 0; i < STEPS; i++) {
    const [loss, units] = session.runSync([built.loss, built.dropped, built.step], { feed });
    // Workers of a page begin when the page has a moment to itself.
    await new Promise((resolve) => setTimeout(resolve, 1));
    losses.push(loss.data[0] as number);
    dropped.push(units.data[0] as number);
  }
  const { kernels } = session.explain([built.loss, built.dropped, built.step], { feed }).data;
  const countOf = (kind: string) => kernels.filter((kernel) => kernel.kind === kind).length;
  const { count, reason } = tf.inspect.devices({ threads, blas: 'off' }).data.threads;
  return {
    losses,
    dropped,
    kernels: { loop: countOf('loop'), routine: countOf('routine'), host: countOf('host') },
    threads: count,
    why: reason,
    isIsolated: Boolean((globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated),
  };
}
