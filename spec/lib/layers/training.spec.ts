/**
 * Small models of several layers, trained end to end.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { inGraph } from './support';

/** Points in a plane, and whether they are inside of a ring: no line parts them. */
function ring(count: number): { points: number[][]; labels: number[] } {
  const points = Array.from({ length: count }, (_, i) => {
    const [radius, angle] = [0.2 + 1.6 * ((i * 0.618034) % 1), i * 2.399963];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  return { points, labels: points.map(([x, y]) => (Math.hypot(x, y) < 1 ? 1 : 0)) };
}

describe('tf.layers: training', () => {
  inGraph('dense layers with dropout between them learn what no line can part', () => {
    tf.setRandomSeed(7);
    const { points, labels } = ring(200);
    const x = tf.placeholder(tf.float32, [null, 2], { name: 'x' });
    const y = tf.placeholder(tf.int32, [null], { name: 'y' });
    const training = tf.placeholderWithDefault(false, [], { name: 'training' });
    const hidden = tf.layers.dense(x, 32, { activation: tf.nn.relu });
    const dropped = tf.layers.dropout(hidden, { rate: 0.2, training });
    const logits = tf.layers.dense(dropped, 2);
    const loss = tf.losses.sparseSoftmaxCrossEntropy(y, logits);
    const step = new tf.train.AdamOptimizer(0.02).minimize(loss);
    const correct = tf.equal(tf.cast(tf.argmax(logits, 1), tf.int32), y);
    const accuracy = tf.reduceMean(tf.cast(correct, tf.float32));
    const session = new tf.Session({ config: { seed: 1 } });
    session.runSync(tf.globalVariablesInitializer());
    const feed: [tf.Tensor, tf.ArrayLike][] = [
      [x, points],
      [y, labels],
    ];
    const before = session.runSync(loss, { feed }).item() as number;
    for (let i = 0; i < 150; i++) session.runSync(step, { feed: [...feed, [training, true]] });
    expect(session.runSync(loss, { feed }).item()).to.be.lessThan(before / 4);
    expect(session.runSync(accuracy, { feed }).item()).to.be.greaterThan(0.95);
    // With dropout the loss varies from run to run, without it does not.
    const losses = (phase: boolean) =>
      new Set([0, 1, 2].map(() => session.runSync(loss, { feed: [...feed, [training, phase]] }).item()));
    expect([losses(true).size, losses(false).size]).to.deep.equal([3, 1]);
  });

  inGraph('a convolutional net with batch normalization, pooling and dropout learns bars', () => {
    tf.setRandomSeed(3);
    const pictures = Array.from({ length: 32 }, (_, n) =>
      Array.from({ length: 8 }, (_, i) =>
        Array.from({ length: 8 }, (_, j) => [
          (n % 2 === 0 ? i : j) === 1 + (n % 6) ? 1 : ((i * 3 + j * 5 + n) % 7) / 20,
        ]),
      ),
    );
    const labels = pictures.map((_, n) => n % 2);
    const x = tf.placeholder(tf.float32, [null, 8, 8, 1]);
    const y = tf.placeholder(tf.int32, [null]);
    const training = tf.placeholder(tf.bool, []);
    let h = tf.layers.conv2d(x, 4, 3, { padding: 'same', useBias: false });
    h = tf.nn.relu(tf.layers.batchNormalization(h, { training, momentum: 0.8 }));
    h = tf.layers.flatten(tf.layers.maxPooling2d(h, 2, 2));
    h = tf.layers.dropout(h, { rate: 0.25, training });
    const logits = tf.layers.dense(h, 2);
    const loss = tf.losses.sparseSoftmaxCrossEntropy(y, logits);
    const updates = tf.getCollection(tf.GraphKeys.UPDATE_OPS) as tf.Operation[];
    expect(updates.length).to.equal(2);
    const step = tf.controlDependencies(updates, () => new tf.train.AdamOptimizer(0.02).minimize(loss));
    const session = new tf.Session({ config: { seed: 1 } });
    session.runSync(tf.globalVariablesInitializer());
    const feedOf = (phase: boolean): [tf.Tensor, tf.ArrayLike][] => [
      [x, pictures],
      [y, labels],
      [training, phase],
    ];
    for (let i = 0; i < 60; i++) session.runSync(step, { feed: feedOf(true) });
    expect(session.runSync(loss, { feed: feedOf(false) }).item()).to.be.lessThan(0.2);
    const predicted = session.runSync(tf.argmax(logits, 1), { feed: feedOf(false) }).toArray() as bigint[];
    const right = predicted.filter((label, i) => Number(label) === labels[i]).length;
    expect(right / labels.length).to.be.greaterThan(0.9);
  });

  inGraph('the same seeds give the same training, step by step', () => {
    const run = () =>
      new tf.Graph().asDefault(() => {
        tf.setRandomSeed(5);
        const { points, labels } = ring(20);
        const x = tf.constant(points);
        const h = tf.layers.dropout(tf.layers.dense(x, 8, { activation: tf.nn.relu }), { rate: 0.5, training: true });
        const loss = tf.losses.sparseSoftmaxCrossEntropy(tf.constant(labels, tf.int32), tf.layers.dense(h, 2));
        const step = new tf.train.GradientDescentOptimizer(0.1).minimize(loss);
        const session = new tf.Session();
        session.runSync(tf.globalVariablesInitializer());
        return Array.from({ length: 5 }, () => session.runSync([loss, step] as const)[0].item());
      });
    const first = run();
    expect(new Set(first).size).to.equal(5);
    expect(run()).to.deep.equal(first);
  });
});
