/**
 * Graphs to look at: a small model with all that training adds, and chains and random graphs for layouts.
 */
import * as tf from '../../../lib/index';

/** Dense, dropout switched by a placeholder, dense, a loss and Adam, in a graph of its own. */
export function smallModel({ units = 4 }: { readonly units?: number } = {}): tf.Graph {
  const graph = new tf.Graph();
  graph.asDefault(() => {
    tf.setRandomSeed(7);
    const x = tf.placeholder(tf.float32, [null, 3], { name: 'x' });
    const y = tf.placeholder(tf.float32, [null, 2], { name: 'y' });
    const training = tf.placeholderWithDefault(false, [], { name: 'training' });
    const hidden = tf.layers.dense(x, units, { activation: tf.nn.relu, name: 'hidden' });
    const dropped = tf.layers.dropout(hidden, { rate: 0.5, training, name: 'dropout' });
    const out = tf.layers.dense(dropped, 2, { name: 'out' });
    const loss = tf.losses.meanSquaredError(y, out);
    tf.reduceMax(out, null, { name: 'highest' });
    new tf.train.AdamOptimizer(0.01).minimize(loss);
    tf.globalVariablesInitializer();
  });
  return graph;
}

/** `length` identities, one after the other. */
export function chain(length: number): tf.Graph {
  const graph = new tf.Graph();
  graph.asDefault(() => {
    let tensor = tf.constant(1, { name: 'start' });
    for (let i = 0; i < length; i++) tensor = tf.identity(tensor, { name: `step_${i}` });
  });
  return graph;
}

/** The tags of XML text, having checked that they nest. */
export function tagsOf(xml: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const outside = xml.replace(/<(\/?)([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, (_, close, name, _attrs, empty) => {
    if (close) {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> closes <${expected}>`);
    } else {
      names.push(name);
      if (!empty) open.push(name);
    }
    return '';
  });
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`);
  if (/[<>]|&(?!(amp|lt|gt|quot);)/.test(outside)) throw new Error(`neither tag nor text: ${outside.trim()}`);
  return names;
}
