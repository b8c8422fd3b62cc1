/**
 * Workloads d to f: one Adam step of an MLP, a CNN and an LSTM. Dropout draws its masks inside the step.
 *
 * The check is the loss of each of three steps without dropout, from the same weights in every framework.
 */
import * as tf from '../../lib/index';
import { labels, values, weights } from '../values.mjs';
import { array, type Builder, type Built, number, numbers } from './built';

const LEARNING_RATE = 0.001;

/** Makes weights whose seeds count up in the order of the calls. */
function weightMaker(): (shape: readonly number[]) => tf.Variable {
  let seed = 10;
  return (shape) => new tf.Variable(array(weights(shape, seed++), shape));
}

/** The training graph around a model that gives logits. */
function training(
  inputShape: readonly number[],
  classes: number,
  model: (x: tf.Tensor, rate: tf.Tensor) => tf.Tensor,
): Built {
  const graph = new tf.Graph();
  return graph.asDefault(() => {
    const [batch] = inputShape;
    const size = inputShape.reduce((product, dim) => product * dim, 1);
    const x = tf.placeholder(tf.float32, inputShape);
    const y = tf.placeholder(tf.int32, [batch]);
    const rate = tf.placeholderWithDefault(0.5, []);
    const logits = model(x, rate);
    const loss = tf.reduceMean(tf.nn.sparseSoftmaxCrossEntropyWithLogits({ labels: y, logits }));
    const step = new tf.train.AdamOptimizer(LEARNING_RATE).minimize(loss) as tf.Operation;
    const init = tf.globalVariablesInitializer();
    const feed: [tf.Tensor, tf.FeedValue][] = [
      [x, array(values(size, 1), inputShape)],
      [y, labels(batch, classes)],
    ];
    return {
      graph,
      init,
      step,
      feed,
      check: async (session) => {
        const losses: number[] = [];
        for (let i = 0; i < 3; i++) {
          const [before] = await session.run([loss, step] as const, { feed: [...feed, [rate, 0]] });
          losses.push(Number(before.item()));
        }
        await session.run(init);
        return losses;
      },
    };
  });
}

/** d: dense layers with ReLU, dropout after each hidden one. */
export const mlp: Builder = (params) => {
  const sizes = numbers(params, 'sizes');
  return training([number(params, 'batch'), sizes[0]], sizes.at(-1)!, (x, rate) => {
    const make = weightMaker();
    let h = x;
    for (let i = 1; i < sizes.length; i++) {
      h = tf.nn.biasAdd(tf.matmul(h, make([sizes[i - 1], sizes[i]])), make([sizes[i]]));
      if (i < sizes.length - 1) h = tf.nn.dropout(tf.nn.relu(h), { rate });
    }
    return h;
  });
};

/** e: two convolutions 5×5 with pooling, a dense layer, dropout, and the logits. */
export const cnn: Builder = (params) => {
  const [batch, dense] = [number(params, 'batch'), number(params, 'dense')];
  return training([batch, 28, 28, 1], 10, (x, rate) => {
    const make = weightMaker();
    let h = x;
    let channels = 1;
    for (const filters of numbers(params, 'channels')) {
      h = tf.nn.biasAdd(tf.nn.conv2d(h, make([5, 5, channels, filters]), 1, 'SAME'), make([filters]));
      h = tf.nn.maxPool(tf.nn.relu(h), 2, 2, 'SAME');
      channels = filters;
    }
    const flat = tf.reshape(h, [batch, 7 * 7 * channels]);
    h = tf.nn.relu(tf.nn.biasAdd(tf.matmul(flat, make([7 * 7 * channels, dense])), make([dense])));
    h = tf.nn.dropout(h, { rate });
    return tf.nn.biasAdd(tf.matmul(h, make([dense, 10])), make([10]));
  });
};

/** f: an LSTM written with basic ops, unrolled; the logits are a dense layer of its last output. */
export const lstm: Builder = (params) => {
  const [batch, units, steps, inputs] = ['batch', 'units', 'steps', 'inputs'].map((name) => number(params, name));
  return training([batch, steps, inputs], 10, (x) => {
    const make = weightMaker();
    const kernel = tf.convertToTensor(make([inputs + units, 4 * units]));
    const bias = tf.convertToTensor(make([4 * units]));
    let h = tf.zeros([batch, units]);
    let c = tf.zeros([batch, units]);
    for (const input of tf.unstack(x, { axis: 1 })) {
      const gates = tf.nn.biasAdd(tf.matmul(tf.concat([input, h], 1), kernel), bias);
      const [i, j, f, o] = tf.split(gates, 4, { axis: 1 });
      c = c.mul(tf.sigmoid(f.add(1))).add(tf.sigmoid(i).mul(tf.tanh(j)));
      h = tf.tanh(c).mul(tf.sigmoid(o));
    }
    return tf.nn.biasAdd(tf.matmul(h, make([units, 10])), make([10]));
  });
};
