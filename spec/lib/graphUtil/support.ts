/**
 * Models that read variables in every way that freezing knows: at the top, in branches, in loops, by rows.
 */
import * as tf from '../../../lib/index';

export interface Model {
  readonly graph: tf.Graph;
  readonly session: tf.Session;
  readonly outputs: readonly string[];
}

const weights = (name: string, shape: number[]) =>
  tf.getVariable(name, {
    shape,
    initializer: tf.constantInitializer(
      Float32Array.from({ length: shape[0] * (shape[1] ?? 1) }, (_, i) => Math.sin(i + shape.length)),
    ),
  });

/** Builds into a graph of its own, and gives its variables their values. */
function built(build: () => readonly tf.Tensor[]): Model {
  const graph = new tf.Graph();
  const [outputs, init] = graph.asDefault(() => [build(), tf.globalVariablesInitializer()] as const);
  const session = new tf.Session({ graph });
  session.runSync(init);
  return { graph, session, outputs: outputs.map(({ name }) => name) };
}

/** x [n, 2] and training: y through a dense layer, a checked value, a branch and a loop that read variables, rows of a table. */
export function variedModel(): Model {
  return built(() => {
    const x = tf.placeholder(tf.float32, [null, 2], { name: 'x' });
    const flag = tf.placeholder(tf.bool, [], { name: 'flag' });
    const kernel = weights('kernel', [2, 2]);
    const bias = weights('bias', [2]);
    const table = weights('table', [5, 2]);
    const dense = tf.identity(tf.nn.relu(tf.matmul(x, kernel)), { name: 'dense' });
    const checked = tf.stopGradient(tf.debugging.checkNumerics(dense, 'dense'));
    const branch = tf.cond(
      flag,
      () => tf.add(checked, bias),
      () => tf.subtract(checked, tf.multiply(bias, 2)),
    );
    const [, looped] = tf.whileLoop(
      (i: tf.Tensor) => tf.less(i, 3),
      (i: tf.Tensor, value: tf.Tensor) =>
        [tf.add(i, 1), tf.add(tf.matmul(value, kernel), bias)] as [tf.Tensor, tf.Tensor],
      [tf.constant(tf.NdArray.scalar(tf.int32, 0)), branch] as [tf.Tensor, tf.Tensor],
    );
    const rows = tf.nn.embeddingLookup(table, tf.constant(tf.NdArray.from([4, 0], tf.int32)));
    const scale = tf.multiply(tf.add(tf.constant(1.5), 0.5), tf.reduceSum(rows), { name: 'scale' });
    return [tf.multiply(looped, scale, { name: 'y' }), tf.identity(rows, { name: 'rows' })];
  });
}
