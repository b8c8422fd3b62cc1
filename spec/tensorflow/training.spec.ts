/**
 * The same small network built twice, by sluice's layers and by TensorFlow's (server.py), from the same weights and with the
 * same dropout seed: losses stay together over ten steps, and so do the weights after them.
 */
import { expect } from 'chai';
import type { NdArray } from '../../graph/ndarray';
import * as tf from '../../lib/index';
import { expectClose } from '../support/close';
import { i32, Make } from './generate';
import { useOracle } from './oracle';
import { encode } from './wire';

interface Training {
  readonly optimizer: string;
  /** TensorFlow's, under Python's names. */
  readonly arguments: Readonly<Record<string, number | boolean>>;
  readonly ours: () => tf.train.Optimizer;
}

const trainings: Readonly<Record<string, Training>> = {
  'gradient descent': {
    optimizer: 'GradientDescentOptimizer',
    arguments: { learning_rate: 0.5 },
    ours: () => new tf.train.GradientDescentOptimizer(0.5),
  },
  momentum: {
    optimizer: 'MomentumOptimizer',
    arguments: { learning_rate: 0.1, momentum: 0.9 },
    ours: () => new tf.train.MomentumOptimizer(0.1, 0.9),
  },
  'Nesterov momentum': {
    optimizer: 'MomentumOptimizer',
    arguments: { learning_rate: 0.1, momentum: 0.9, use_nesterov: true },
    ours: () => new tf.train.MomentumOptimizer(0.1, 0.9, { useNesterov: true }),
  },
  Adam: {
    optimizer: 'AdamOptimizer',
    arguments: { learning_rate: 0.05, beta1: 0.8 },
    ours: () => new tf.train.AdamOptimizer(0.05, { beta1: 0.8 }),
  },
  RMSProp: {
    optimizer: 'RMSPropOptimizer',
    arguments: { learning_rate: 0.01, momentum: 0.5 },
    ours: () => new tf.train.RMSPropOptimizer(0.01, { momentum: 0.5 }),
  },
  'centered RMSProp': {
    optimizer: 'RMSPropOptimizer',
    arguments: { learning_rate: 0.01, centered: true },
    ours: () => new tf.train.RMSPropOptimizer(0.01, { centered: true }),
  },
  Adagrad: {
    optimizer: 'AdagradOptimizer',
    arguments: { learning_rate: 0.1 },
    ours: () => new tf.train.AdagradOptimizer(0.1),
  },
};

const steps = 10;
const rate = 0.4;
const seed = 42;
const [examples, features, hidden, classes] = [24, 6, 10, 3];

function data() {
  const make = new Make('training');
  const weight = (shape: number[]) => make.array(tf.float32, shape, { low: -0.7, high: 0.7 });
  return {
    images: make.array(tf.float32, [examples, features]),
    labels: i32(Array.from({ length: examples }, () => make.integer(0, classes))),
    weights: [weight([features, hidden]), weight([hidden]), weight([hidden, classes]), weight([classes])],
  };
}

/** The losses of the steps, then the weights after them. */
function train(optimizer: () => tf.train.Optimizer): NdArray[] {
  const { images, labels, weights } = data();
  const graph = new tf.Graph();
  return graph.asDefault(() => {
    tf.setRandomSeed(seed);
    const x = tf.constant(images);
    const initial = (kernel: NdArray, bias: NdArray) => ({
      kernelInitializer: tf.initializers.constant(kernel),
      biasInitializer: tf.initializers.constant(bias),
    });
    const dense = tf.layers.dense(x, hidden, { activation: tf.nn.relu, ...initial(weights[0], weights[1]) });
    const dropped = tf.layers.dropout(dense, { rate, seed, training: true });
    const logits = tf.layers.dense(dropped, classes, initial(weights[2], weights[3]));
    const loss = tf.losses.sparseSoftmaxCrossEntropy(tf.constant(labels), logits);
    const step = optimizer().minimize(loss) as tf.Operation;
    const session = new tf.Session({ graph });
    session.runSync(tf.globalVariablesInitializer());
    const losses = Array.from({ length: steps }, () => (session.runSync([step, loss]) as NdArray[])[1].item());
    const trained = session.runSync(tf.trainableVariables().map((variable) => tf.identity(variable))) as NdArray[];
    return [tf.NdArray.from(losses, tf.float32), ...trained];
  });
}

describe('training goes as in TensorFlow', function () {
  this.timeout(120_000);
  const oracle = useOracle();

  for (const [name, { optimizer, arguments: given, ours }] of Object.entries(trainings)) {
    it(name, async () => {
      const { images, labels, weights } = data();
      const model = { images: encode(images), labels: encode(labels), weights: weights.map(encode), rate, seed, steps };
      const { outputs, error } = await oracle().ask({ train: { optimizer, arguments: given, ...model } });
      const [want] = outputs ?? expect.fail(error);
      const got = train(ours);
      expect(got[0].data[0], 'the loss moves').to.not.equal(got[0].data[steps - 1]);
      expectClose(got[0], want[0], { absolute: 0, relative: 1e-5 });
      got.slice(1).forEach((value, i) => expectClose(value, want[i + 1], { absolute: 1e-5, relative: 1e-4 }));
    });
  }
});
