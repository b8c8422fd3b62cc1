/**
 * The peer jax-js on its WebAssembly backend, functions compiled by jit.
 *
 * Its arrays are consumed by what reads them: `.ref` keeps one for a further use.
 */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, random, valueAndGrad } from '@jax-js/jax';
import { labels, sampled, values, weights } from '../values.mjs';
import { serve } from './serve.mjs';

const size = (shape) => shape.reduce((a, b) => a * b, 1);
const arrayOf = (data, shape) => np.array(data).reshape(shape);
const resident = (shape, seed) => arrayOf(values(size(shape), seed), shape);

function computing(compute, inputs, look = (data) => sampled(data)) {
  const compiled = jit(compute);
  const call = () => compiled(...inputs.map((input) => input.ref));
  return {
    run: async () => {
      const result = call();
      await blockUntilReady(result);
      result.dispose();
    },
    check: async () => look(await call().data()),
  };
}

function product({ m, k, n }) {
  return computing((a, b) => np.matmul(a, b), [resident([m, k], 1), resident([k, n], 2)]);
}

function elementwise({ op, size: count }) {
  if (op === 'chain') {
    const chain = (x, y) => nn.relu(x.ref.mul(1.5).add(y)).mul(0.5).add(x);
    return computing(chain, [resident([count], 1), resident([count], 2)]);
  }
  let seed = 0;
  const drawing = (draw, inputs, look) => {
    const compiled = jit(draw);
    const call = () => compiled(random.key(seed++), ...inputs.map((input) => input.ref));
    return {
      run: async () => {
        const result = call();
        await blockUntilReady(result);
        result.dispose();
      },
      check: async () => look(await call().data()),
    };
  };
  if (op === 'dropout') {
    return drawing(
      (key, x) => np.where(random.bernoulli(key, 0.5, [count]), x.mul(2), 0),
      [resident([count], 1)],
      (data) => {
        const kept = data.filter((each) => each !== 0);
        return [kept.length / count, kept.reduce((sum, each) => sum + Math.abs(each), 0) / kept.length];
      },
    );
  }
  return drawing(
    (key) => random.uniform(key, [count]),
    [],
    (data) => [
      data.reduce((sum, each) => sum + each, 0) / count,
      data.reduce((sum, each) => sum + each * each, 0) / count,
    ],
  );
}

function rows({ op, shape, axis }) {
  const compute = {
    softmax: (x) => nn.softmax(x, -1),
    sum: (x) => np.sum(x, axis),
    layerNorm: (x) => nn.standardize(x, -1, { epsilon: 1e-5 }),
  };
  return computing(compute[op], [resident(shape, 1)]);
}

/** Adam steps in one compiled function, masks included. */
function training(shape, classes, shapes, logitsOf) {
  const x = resident(shape, 1);
  const y = nn.oneHot(np.array(labels(shape[0], classes)), classes);
  const compile = (rate) => {
    const lossOf = (parameters, x, y, key) => {
      const logits = logitsOf(x, parameters, rate, key);
      return np.mean(np.sum(nn.logSoftmax(logits).mul(y), -1)).neg();
    };
    return jit((parameters, m, v, power, x, y, key) => {
      const [loss, gradients] = valueAndGrad(lossOf)(
        parameters.map((each) => each.ref),
        x,
        y,
        key,
      );
      const [p1, p2] = power;
      const [n1, n2] = [p1.mul(0.9), p2.mul(0.999)];
      const scale = np.sqrt(n2.ref.mul(-1).add(1)).div(n1.ref.mul(-1).add(1)).mul(0.001);
      const newM = m.map((each, i) => each.mul(0.9).add(gradients[i].ref.mul(0.1)));
      const newV = v.map((each, i) => each.mul(0.999).add(np.square(gradients[i]).mul(0.001)));
      const updated = parameters.map((each, i) =>
        each.sub(newM[i].ref.mul(scale.ref).div(np.sqrt(newV[i].ref).add(1e-8))),
      );
      scale.dispose();
      return [loss, updated, newM, newV, [n1, n2]];
    });
  };
  const stepper = (rate) => {
    const compiled = compile(rate);
    let state = [
      shapes.map((dims, i) => arrayOf(weights(dims, 10 + i), dims)),
      shapes.map((dims) => np.zeros(dims)),
      shapes.map((dims) => np.zeros(dims)),
      [np.array(1), np.array(1)],
    ];
    let seed = 0;
    return async () => {
      const [loss, ...next] = compiled(...state, x.ref, y.ref, random.key(seed++));
      state = next;
      await blockUntilReady(state);
      return (await loss.data())[0];
    };
  };
  const step = stepper(0.5);
  return {
    run: step,
    check: async () => {
      const without = stepper(0);
      return [await without(), await without(), await without()];
    },
  };
}

function dropped(h, rate, key) {
  if (rate === 0) return h;
  return np.where(random.bernoulli(key, 1 - rate, h.shape), h.mul(1 / (1 - rate)), 0);
}

function mlp({ batch, sizes }) {
  const last = sizes.length - 2;
  return training(
    [batch, sizes[0]],
    sizes.at(-1),
    sizes.slice(1).flatMap((outputs, i) => [[sizes[i], outputs], [outputs]]),
    (x, parameters, rate, key) => {
      const keys = random.split(key, Math.max(1, last));
      let h = x;
      for (let i = 0; i <= last; i++) {
        h = np.matmul(h, parameters[2 * i]).add(parameters[2 * i + 1]);
        if (i < last) h = dropped(nn.relu(h), rate, keys.ref.slice(i));
      }
      keys.dispose();
      return h;
    },
  );
}

function lstm({ batch, units, steps, inputs }) {
  const shapes = [[inputs + units, 4 * units], [4 * units], [units, 10], [10]];
  return training([batch, steps, inputs], 10, shapes, (x, [kernel, bias, w, b], _rate, key) => {
    key.dispose();
    let h = np.zeros([batch, units]);
    let c = np.zeros([batch, units]);
    for (let t = 0; t < steps; t++) {
      const gates = np.matmul(np.concatenate([x.ref.slice([], t), h], 1), kernel.ref).add(bias.ref);
      const [i, j, f, o] = np.split(gates, 4, 1);
      c = c.mul(nn.sigmoid(f.add(1))).add(nn.sigmoid(i).mul(np.tanh(j)));
      h = np.tanh(c.ref).mul(nn.sigmoid(o));
    }
    c.dispose();
    x.dispose();
    kernel.dispose();
    bias.dispose();
    return np.matmul(h, w).add(b);
  });
}

const builders = { a: product, b: elementwise, c: rows, d: mlp, f: lstm };

await init('wasm');
defaultDevice('wasm');
await serve(({ workload, params }) =>
  builders[workload] ? builders[workload](params) : { skip: 'no such model is written for jax-js here' },
);
