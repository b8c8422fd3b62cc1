/**
 * Updates of variables in the loop that computes what they need: whatever reads the variable before, beside or after, numbers are
 * those of the plain kernels, and of kernels of their own to the last bit.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as tf from '../../../lib/index';
import type { SessionConfig } from '../../../runtime/config';

interface Case {
  readonly rows: number;
  readonly columns: number;
  /** Axes that are summed: of a gradient for rows, for columns, for a single number, or none. */
  readonly summed: readonly number[];
  /** What reads the variable: the gradient, something fetched that runs before the update, and after it. */
  readonly inGradient: boolean;
  readonly before: boolean;
  readonly after: boolean;
  readonly beside: boolean;
  readonly optimizer: 'sgd' | 'momentum' | 'adam' | 'assign';
}

const wave = (n: number, seed: number) => Float32Array.from({ length: n }, (_, i) => Math.sin((i + 1) * seed));

function check(c: Case): void {
  const { rows, columns, summed } = c;
  const graph = new tf.Graph();
  graph.asDefault(() => {
    const x = tf.placeholder(tf.float32, [rows, columns]);
    const shape = [rows, columns].filter((_, axis) => !summed.includes(axis));
    const size = shape.reduce((n, dim) => n * dim, 1);
    const v = new tf.Variable({ data: [...wave(size, 0.3)], shape }, { dtype: tf.float32, name: 'v' });
    const spread = summed.includes(1) && !summed.includes(0) ? tf.expandDims(v, 1) : v;
    const values = c.inGradient ? tf.multiply(tf.tanh(x), spread) : tf.tanh(x);
    const gradient = summed.length === 0 ? values : tf.reduceSum(values, [...summed]);
    const fetches: (tf.Tensor | tf.Operation)[] = [];
    if (c.before) fetches.push(tf.multiply(v, 2));
    if (c.beside) fetches.push(tf.negative(gradient));
    const waits = fetches.map((fetch) => (fetch as tf.Tensor).op);
    const optimizers = {
      sgd: () => new tf.train.GradientDescentOptimizer(0.1),
      momentum: () => new tf.train.MomentumOptimizer(0.1, 0.9),
      adam: () => new tf.train.AdamOptimizer(0.1, { epsilon: 0.1 }),
    };
    const update = graph.controlDependencies(waits, () =>
      c.optimizer === 'assign'
        ? v.assign(gradient, { readValue: false })
        : (optimizers[c.optimizer]().applyGradients([[gradient, v]]) as tf.Operation),
    );
    fetches.push(update);
    if (c.after) fetches.push(graph.controlDependencies([update], () => tf.add(v.readValue(), 1)));
    const initializer = tf.globalVariablesInitializer();
    const last = v.readValue();
    const run = (config: SessionConfig): number[][] => {
      const session = new tf.Session({ graph, config: { blas: 'off', ...config } });
      session.runSync(initializer);
      const feed: tf.Feeds = [[x, { data: wave(rows * columns, 1.7), shape: [rows, columns] }]];
      const got = [1, 2].flatMap(() => [...(session.runSync(fetches as tf.Fetch, { feed }) as (tf.NdArray | null)[])]);
      got.push(session.runSync(last) as tf.NdArray);
      session.close();
      return got.map((array) => Array.from((array?.data ?? []) as Float32Array));
    };
    const apart = run({ threads: 1, fusion: false });
    expect(run({ threads: 1 }), JSON.stringify(c)).to.deep.equal(apart);
    expect(run({ threads: 2 }), `${JSON.stringify(c)} on two threads`).to.deep.equal(apart);
    const plain = run({ backend: 'plain' });
    apart.forEach((array, i) => {
      array.forEach((value, at) => {
        expect(value, `${JSON.stringify(c)}, ${i}/${at}`).to.be.closeTo(plain[i][at], 1e-3 * (1 + Math.abs(value)));
      });
    });
  });
}

describe('updates', () => {
  it('within loops are as updates by themselves', () => {
    const cases: fc.Arbitrary<Case> = fc.record({
      rows: fc.constantFrom(0, 1, 3, 70, 200),
      columns: fc.constantFrom(0, 1, 5, 64, 130),
      summed: fc.constantFrom([], [0], [1], [0, 1]),
      inGradient: fc.boolean(),
      before: fc.boolean(),
      after: fc.boolean(),
      beside: fc.boolean(),
      optimizer: fc.constantFrom('sgd', 'momentum', 'adam', 'assign'),
    });
    fc.assert(fc.property(cases, check), { numRuns: 50, seed: 71 });
  });

  it('of a bias happen where its gradient is summed, which is never stored', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const x = tf.placeholder(tf.float32, [32, 128]);
      const bias = new tf.Variable(tf.zeros([128]), { dtype: tf.float32, name: 'bias' });
      const step = new tf.train.GradientDescentOptimizer(1).applyGradients([[tf.reduceSum(x, 0), bias]]);
      const session = new tf.Session({ graph, config: { threads: 1 } });
      const { kernels } = session.explain(step, { feed: [[x, { data: wave(4096, 1), shape: [32, 128] }]] }).data;
      expect(kernels.map(({ text }) => text.replace(/ {3};.*/, ''))).to.eql([
        `\
loop [(32), 128]
  %0 = i0:float32[4096]{128,1}
  %1 = @localhost/bias:float32[128]{0,1}
    acc0 <- sum %0
    row %1 <- sub(%1, acc0)`,
      ]);
    });
  });
});
