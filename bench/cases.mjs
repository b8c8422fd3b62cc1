/**
 * What is measured: every case of every workload with its parameters, who can run it, and what a right answer is.
 *
 * `expected` computes sampled elements in plain float64; cases without it are checked against the reference peer (TensorFlow
 * where it is present, else sluice). `smoke` cases are tiny and run in CI.
 */
import { samplePositions, values } from './values.mjs';

const JS = ['tfjs-wasm', 'jax'];
const ORT = ['onnx', 'onnx-2t'];
const TF = ['tf', 'tf-2t'];

/** Elements of `values(m×k, 1) · values(k×n, 2)`. */
function expectedProduct({ m, k, n }) {
  const [a, b] = [values(m * k, 1), values(k * n, 2)];
  return samplePositions(m * n).map((at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + column];
    return sum;
  });
}

/** `max(1.5x + y, 0) · 0.5 + x`, elementwise. */
function expectedChain({ size }) {
  const at = samplePositions(size);
  const [x, y] = [values(size, 1), values(size, 2)];
  return at.map((i) => Math.max(1.5 * x[i] + y[i], 0) * 0.5 + x[i]);
}

function expectedRows({ op, shape, axis }) {
  const size = shape.reduce((a, b) => a * b, 1);
  const x = values(size, 1);
  if (op === 'sum') {
    const sums = sumOver(x, shape, axis);
    return samplePositions(sums.length).map((i) => sums[i]);
  }
  const columns = shape.at(-1);
  return samplePositions(size).map((at) => {
    const row = x.subarray(at - (at % columns), at - (at % columns) + columns);
    if (op === 'softmax') return Math.exp(x[at]) / row.reduce((sum, each) => sum + Math.exp(each), 0);
    const mean = row.reduce((sum, each) => sum + each, 0) / columns;
    const variance = row.reduce((sum, each) => sum + (each - mean) ** 2, 0) / columns;
    return (x[at] - mean) / Math.sqrt(variance + 1e-5);
  });
}

function sumOver(x, shape, axis) {
  const axes = axis === null ? shape.map((_, i) => i) : [axis];
  const kept = shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const sums = new Float64Array(kept.reduce((a, b) => a * b, 1));
  for (let i = 0; i < x.length; i++) {
    let [rest, to, stride] = [i, 0, 1];
    for (let d = shape.length - 1; d >= 0; d--) {
      if (kept[d] !== 1) to += (rest % shape[d]) * stride;
      rest = Math.floor(rest / shape[d]);
      stride *= kept[d];
    }
    sums[to] += x[i];
  }
  return sums;
}

const product = (m, k, n) => ({
  workload: 'a',
  name: m === k && k === n ? `${m}` : `${m}x${k}x${n}`,
  params: { m, k, n },
  peers: [...(m * k * n <= 2 ** 24 ? ['tfjs-cpu'] : []), ...JS, ...ORT, ...TF, 'roof'],
  flops: 2 * m * k * n,
  expected: expectedProduct,
  tolerance: 1e-5 * k,
});

const chain = (size) => ({
  workload: 'b',
  name: `chain ${size.toExponential(0)}`,
  params: { op: 'chain', size },
  peers: [...JS, 'onnx', ...TF, 'roof'],
  bytes: 12 * size,
  expected: expectedChain,
});

const dropout = (size) => ({
  workload: 'b',
  name: `dropout ${size.toExponential(0)}`,
  params: { op: 'dropout', size },
  peers: [...JS, ...TF],
  elements: size,
  // The share that was kept, and the mean size of what was kept: twice that of its source.
  expected: () => [0.5, 1],
  tolerance: (0.5 / Math.sqrt(size)) * 12,
});

const uniform = (size) => ({
  workload: 'b',
  name: `uniform ${size.toExponential(0)}`,
  params: { op: 'uniform', size },
  peers: [...JS, ...TF],
  elements: size,
  // Mean and mean square.
  expected: () => [0.5, 1 / 3],
  tolerance: 4 / Math.sqrt(size),
});

const rows = (op, shape, axis) => ({
  workload: 'c',
  name: op === 'sum' ? `sum of ${shape.join('x')} over ${axis ?? 'all'}` : `${op} ${shape.join('x')}`,
  params: { op, shape, axis },
  peers: [...JS, 'onnx', ...TF],
  bytes: 4 * shape.reduce((a, b) => a * b, 1),
  expected: expectedRows,
  tolerance: op === 'sum' ? 2e-2 : 1e-5,
});

const train = (workload, name, peers, params) => ({ workload, name, params, peers, tolerance: 5e-3 });
const graph = (workload, name, params, peers = ['tf']) => ({ workload, name, params, peers });

export const cases = [
  ...[64, 128, 256, 512, 1024, 2048].map((n) => product(n, n, n)),
  product(1, 1024, 1024),
  product(32, 1024, 1024),
  product(1024, 1024, 32),
  product(1024, 32, 1024),
  ...[1e3, 1e4, 1e5, 1e6, 1e7, 1e8].flatMap((size) => [chain(size), dropout(size), uniform(size)]),
  rows('softmax', [1024, 1024], -1),
  rows('layerNorm', [1024, 1024], -1),
  ...[0, 1, null].map((axis) => rows('sum', [1024, 1024], axis)),
  ...[0, 1, 2].map((axis) => rows('sum', [64, 64, 256], axis)),
  train('d', 'MLP', ['tfjs-cpu', ...JS, ...TF], { batch: 128, sizes: [784, 512, 512, 10] }),
  train('e', 'CNN', ['tfjs-cpu', ...JS, ...TF], { batch: 50, channels: [32, 64], dense: 1024 }),
  train('f', 'LSTM', [...JS, ...TF], { batch: 32, units: 128, steps: 50, inputs: 64 }),
  graph('g', '10 ops, sync', { ops: 10, mode: 'sync' }),
  graph('g', '10 ops, async', { ops: 10, mode: 'async' }, []),
  graph('g', '10,000 ops', { ops: 10_000, mode: 'sync' }),
  ...[1e3, 1e4, 1e5].map((ops) => graph('h', `${ops} ops`, { ops }, ops > 1e4 ? [] : ['tf'])),
  graph('i', 'MLP, 1,000 steps', { model: 'd', steps: 1000 }, []),
  graph('i', 'CNN, 100 steps', { model: 'e', steps: 100 }, []),
  graph('j', 'while, 100 steps', { steps: 100 }),
];

export const smokeCases = [
  product(8, 8, 8),
  product(3, 5, 7),
  chain(1e3),
  dropout(1e4),
  uniform(1e4),
  rows('softmax', [4, 8], -1),
  rows('layerNorm', [4, 8], -1),
  rows('sum', [4, 8], 0),
  train('d', 'MLP', [], { batch: 4, sizes: [8, 6, 6, 3] }),
  train('e', 'CNN', [], { batch: 2, channels: [2, 3], dense: 4 }),
  train('f', 'LSTM', [], { batch: 2, units: 3, steps: 3, inputs: 2 }),
  graph('g', '10 ops, sync', { ops: 10, mode: 'sync' }),
  graph('g', '10 ops, async', { ops: 10, mode: 'async' }, []),
  graph('h', '100 ops', { ops: 100 }),
  graph('i', 'MLP, 3 steps', { model: 'd', steps: 3, batch: 4, sizes: [8, 6, 6, 3] }),
  graph('j', 'while, 5 steps', { steps: 5 }),
];

export const titles = {
  a: 'Matrix products',
  b: 'Elementwise passes and random numbers',
  c: 'Softmax, layer norm and reductions',
  d: 'MLP 784-512-512-10, dropout 0.5, batch 128: one Adam step',
  e: 'CNN 28×28, conv 32 and 64, dense 1024, dropout 0.5, batch 50: one Adam step',
  f: 'LSTM of 128 units over 50 steps, batch 32: one Adam step',
  g: 'Overhead of a run',
  h: 'Building graphs, gradients, first run',
  i: 'Memory of training',
  j: 'A while loop of small ops',
};
