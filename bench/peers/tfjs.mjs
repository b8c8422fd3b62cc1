/**
 * The peer TensorFlow.js, with the backend that the first argument names: `cpu` or `wasm` (SIMD, one thread).
 */
import * as tf from '@tensorflow/tfjs';
import { labels, sampled, values, weights } from '../values.mjs';
import { serve } from './serve.mjs';

const backend = process.argv[2];

async function start() {
  tf.env().set('IS_NODE', true);
  if (backend === 'wasm') {
    const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    const { fileURLToPath } = await import('node:url');
    setWasmPaths(fileURLToPath(new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)));
    setThreadsCount(1);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`Error: the backend ${backend} does not start`);
}

const resident = (shape, seed) =>
  tf.tensor(
    values(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  );

/** A computation that is measured until its result is there; `look` checks it. */
function computing(build, look = (data) => sampled(data)) {
  return {
    run: () => tf.dispose(build()),
    check: () => {
      const result = build();
      const data = result.dataSync();
      result.dispose();
      return look(data);
    },
  };
}

function product({ m, k, n }) {
  const [a, b] = [resident([m, k], 1), resident([k, n], 2)];
  return computing(() => tf.matMul(a, b));
}

function elementwise({ op, size }) {
  if (op === 'chain') {
    const [x, y] = [resident([size], 1), resident([size], 2)];
    return computing(() => tf.tidy(() => tf.add(tf.mul(tf.relu(tf.add(tf.mul(x, 1.5), y)), 0.5), x)));
  }
  if (op === 'dropout') {
    const x = resident([size], 1);
    return computing(
      () => tf.tidy(() => tf.dropout(x, 0.5)),
      (data) => {
        const kept = data.filter((each) => each !== 0);
        return [kept.length / size, kept.reduce((sum, each) => sum + Math.abs(each), 0) / kept.length];
      },
    );
  }
  return computing(
    () => tf.randomUniform([size]),
    (data) => [
      data.reduce((sum, each) => sum + each, 0) / size,
      data.reduce((sum, each) => sum + each * each, 0) / size,
    ],
  );
}

function rows({ op, shape, axis }) {
  const x = resident(shape, 1);
  if (op === 'softmax') return computing(() => tf.softmax(x));
  if (op === 'sum') return computing(() => tf.sum(x, axis ?? undefined));
  return computing(() =>
    tf.tidy(() => {
      const { mean, variance } = tf.moments(x, -1, true);
      return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
    }),
  );
}

/** Adam steps on a model of variables; without dropout while it is checked. */
function training(shape, classes, variablesOf, logitsOf) {
  const x = resident(shape, 1);
  const y = tf.oneHot(tf.tensor1d(labels(shape[0], classes), 'int32'), classes).toFloat();
  const fresh = () => {
    let seed = 10;
    return variablesOf((dims) => tf.variable(tf.tensor(weights(dims, seed++), dims)));
  };
  const stepOf = (variables, rate) => {
    const optimizer = tf.train.adam(0.001);
    return () => {
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(y, logitsOf(x, variables, rate)),
        true,
        variables,
      );
      const value = loss.dataSync()[0];
      loss.dispose();
      return value;
    };
  };
  const step = stepOf(fresh(), 0.5);
  return {
    run: () => void step(),
    check: () => {
      const variables = fresh();
      const without = stepOf(variables, 0);
      const losses = [without(), without(), without()];
      tf.dispose(variables);
      return losses;
    },
  };
}

const dropped = (h, rate) => (rate === 0 ? h : tf.dropout(h, rate));

function mlp({ batch, sizes }) {
  const last = sizes.length - 2;
  return training(
    [batch, sizes[0]],
    sizes.at(-1),
    (make) => sizes.slice(1).flatMap((size, i) => [make([sizes[i], size]), make([size])]),
    (x, variables, rate) => {
      let h = x;
      for (let i = 0; i <= last; i++) {
        h = tf.add(tf.matMul(h, variables[2 * i]), variables[2 * i + 1]);
        if (i < last) h = dropped(tf.relu(h), rate);
      }
      return h;
    },
  );
}

function cnn({ batch, channels, dense }) {
  const flat = 49 * channels.at(-1);
  return training(
    [batch, 28, 28, 1],
    10,
    (make) => [
      ...channels.flatMap((filters, i) => [make([5, 5, channels[i - 1] ?? 1, filters]), make([filters])]),
      ...[make([flat, dense]), make([dense]), make([dense, 10]), make([10])],
    ],
    (x, variables, rate) => {
      let h = x;
      for (let i = 0; i < channels.length; i++) {
        h = tf.add(tf.conv2d(h, variables[2 * i], 1, 'same'), variables[2 * i + 1]);
        h = tf.maxPool(tf.relu(h), 2, 2, 'same');
      }
      const [w1, b1, w2, b2] = variables.slice(-4);
      h = dropped(tf.relu(tf.add(tf.matMul(tf.reshape(h, [batch, flat]), w1), b1)), rate);
      return tf.add(tf.matMul(h, w2), b2);
    },
  );
}

function lstm({ batch, units, steps, inputs }) {
  return training(
    [batch, steps, inputs],
    10,
    (make) => [make([inputs + units, 4 * units]), make([4 * units]), make([units, 10]), make([10])],
    (x, [kernel, bias, w, b]) => {
      let h = tf.zeros([batch, units]);
      let c = tf.zeros([batch, units]);
      for (const input of tf.unstack(x, 1)) {
        const [i, j, f, o] = tf.split(tf.add(tf.matMul(tf.concat([input, h], 1), kernel), bias), 4, 1);
        c = tf.add(tf.mul(c, tf.sigmoid(tf.add(f, 1))), tf.mul(tf.sigmoid(i), tf.tanh(j)));
        h = tf.mul(tf.tanh(c), tf.sigmoid(o));
      }
      return tf.add(tf.matMul(h, w), b);
    },
  );
}

const builders = { a: product, b: elementwise, c: rows, d: mlp, e: cnn, f: lstm };

await start();
await serve(({ workload, params }) => builders[workload](params));
