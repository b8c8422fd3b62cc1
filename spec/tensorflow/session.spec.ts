/**
 * Whole programs, from random bits to training: TensorFlow imports the graph that sluice builds and computes the same.
 *
 * Weights, masks and shuffles come from seeded ops of the graph itself, so both sides draw them.
 */
import type { NdArray as AnyArray } from '../../graph/ndarray';
import * as tf from '../../lib/index';
import { bothRun, type Step } from './bothRun';

const array = (value: tf.ArrayLike, dtype: tf.DType = tf.float32): AnyArray => tf.NdArray.from(value, dtype);

/** Numbers in [-1, 1] that follow no line. */
const wave = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => Math.sin(1 + 7 * r + 3 * c + r * c)),
  );

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);

/** Sums over many elements and long runs: the order of additions is each side's own. */
const loose = { absolute: 1e-5, relative: 1e-4 };

function randomNumbers(): Step[] {
  tf.setRandomSeed(7);
  const fetch = [
    tf.randomUniform([2, 3]),
    tf.randomUniform([5], { minval: -2, maxval: 3, seed: 4 }),
    tf.randomUniform([7], { minval: 0, maxval: 10, dtype: tf.int32, seed: 5 }),
    tf.randomUniform([3], { minval: -9, maxval: 10, dtype: tf.int64 }),
    tf.randomUniform([300], { dtype: tf.float64 }),
    tf.randomNormal([3, 3], { mean: 2, stddev: 0.5 }),
    tf.truncatedNormal([50], { seed: 1 }),
    tf.randomShuffle(tf.range(20)),
    tf.random.categorical([[0.1, 2, -1]], 8),
    tf.random.statelessUniform([6], [3, 4]),
    tf.random.statelessNormal([6], [3, 4]),
  ];
  return [...times(2, { fetch }), { fetch: [fetch[1]] }, { fetch }];
}

function dropout(): Step[] {
  tf.setRandomSeed(11);
  const x = tf.placeholder(tf.float32, [null, 6], { name: 'x' });
  const training = tf.placeholderWithDefault(false, [], { name: 'training' });
  const y = tf.layers.dropout(x, { rate: 0.4, training });
  const rows = tf.layers.dropout(x, { rate: 0.5, noiseShape: [null, 1], seed: 3, training });
  const by = tf.gradients([y, rows], [x]);
  const fetch = [y, rows, by[0] as tf.Tensor];
  const off: Step = { fetch, feed: [[x, array(wave(4, 6))]] };
  const on: Step = {
    fetch,
    feed: [
      [x, array(wave(5, 6))],
      [training, array(true, tf.bool)],
    ],
  };
  return [off, on, on, off, on];
}

function controlFlow(): Step[] {
  const x = tf.placeholder(tf.float32, [3], { name: 'x' });
  const powers = tf.whileLoop(
    (i: tf.Tensor) => tf.less(i, 4),
    (i: tf.Tensor, p: tf.Tensor) => [tf.add(i, 1), tf.multiply(p, tf.sin(x))] as [tf.Tensor, tf.Tensor],
    [tf.constant(0), tf.ones([3])] as [tf.Tensor, tf.Tensor],
  );
  const picked = tf.cond(
    tf.greater(tf.reduceSum(x), 0),
    () => tf.square(powers[1]),
    () => tf.exp(powers[1]),
  );
  const slope = tf.gradients([picked], [x])[0] as tf.Tensor;
  const fetch = [powers[0], powers[1], picked, slope];
  return [
    { fetch, feed: [[x, array([1, 2, 3])]] },
    { fetch, feed: [[x, array([-1, -2, 0.5])]] },
  ];
}

function training(optimizer: () => tf.train.Optimizer): Step[] {
  tf.setRandomSeed(3);
  const x = tf.placeholder(tf.float32, [null, 5], { name: 'x' });
  const labels = tf.placeholder(tf.int32, [null], { name: 'labels' });
  const hidden = tf.layers.dense(x, 8, { activation: tf.nn.relu });
  const dropped = tf.layers.dropout(hidden, { rate: 0.3, training: true });
  const loss = tf.losses.sparseSoftmaxCrossEntropy(labels, tf.layers.dense(dropped, 3));
  const globalStep = tf.train.getOrCreateGlobalStep();
  const trainOp = optimizer().minimize(loss, { globalStep });
  const feed = [
    [x, array(wave(12, 5))],
    [labels, array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], tf.int32)],
  ] as const;
  const weights = tf.trainableVariables().map((variable) => tf.identity(variable));
  return [
    { fetch: [tf.globalVariablesInitializer() as tf.Operation] },
    { fetch: weights },
    ...times(6, { fetch: [trainOp as tf.Operation, loss], feed }),
    { fetch: [...weights, tf.identity(globalStep)] },
  ];
}

function images(): Step[] {
  tf.setRandomSeed(5);
  const x = tf.placeholder(tf.float32, [null, 8, 8, 1], { name: 'x' });
  const isTraining = tf.placeholderWithDefault(false, [], { name: 'training' });
  const conv = tf.layers.conv2d(x, 4, 3, { padding: 'same' });
  const normal = tf.layers.batchNormalization(conv, { training: isTraining });
  const pooled = tf.layers.maxPooling2d(tf.nn.relu(normal), 2, 2);
  const smooth = tf.layers.averagePooling2d(pooled, 2, 2, { padding: 'same' });
  const logits = tf.layers.dense(tf.layers.flatten(smooth), 2);
  const loss = tf.reduceMean(tf.square(logits));
  const updates = tf.getCollection(tf.GraphKeys.UPDATE_OPS) as tf.Operation[];
  const trainOp = tf.controlDependencies(updates, () => new tf.train.GradientDescentOptimizer(0.1).minimize(loss));
  const pixels = array(wave(3, 64)).reshape([3, 8, 8, 1]);
  const step: Step = {
    fetch: [trainOp as tf.Operation, loss],
    feed: [
      [x, pixels],
      [isTraining, array(true, tf.bool)],
    ],
  };
  return [
    { fetch: [tf.globalVariablesInitializer() as tf.Operation] },
    ...times(4, step),
    { fetch: [loss, ...tf.globalVariables().map((variable) => tf.identity(variable))], feed: [[x, pixels]] },
  ];
}

bothRun('sluice and TensorFlow compute the same', {
  'random numbers, over several runs': { build: randomNumbers },
  'dropout with a placeholder for training': { build: dropout },
  'a loop, a branch and their gradients': { build: controlFlow },
  'training by gradient descent': {
    build: () => training(() => new tf.train.GradientDescentOptimizer(0.5)),
    tolerance: loose,
  },
  'training with Nesterov momentum': {
    build: () => training(() => new tf.train.MomentumOptimizer(0.1, 0.9, { useNesterov: true })),
    tolerance: loose,
  },
  'training with Adam': { build: () => training(() => new tf.train.AdamOptimizer(0.05)), tolerance: loose },
  'training with RMSProp': { build: () => training(() => new tf.train.RMSPropOptimizer(0.01)), tolerance: loose },
  'training with Adagrad': { build: () => training(() => new tf.train.AdagradOptimizer(0.1)), tolerance: loose },
  'convolution, batch normalization and its update ops': { build: images, tolerance: loose },
});
