/**
 * Optimizers with gradients of some rows in compiled plans: rows that come twice are changed as the plain kernels change them, lists of
 * distinct rows do not stop a run on the host unless somebody looks at them, and wrong indices are TensorFlow's errors.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectClose } from '../../support/close';
import { compareBackends, failBoth, fed, picks, table } from './compareBackends';

const optimizers: Readonly<Record<string, () => tf.train.Optimizer>> = {
  GradientDescent: () => new tf.train.GradientDescentOptimizer(0.1),
  Momentum: () => new tf.train.MomentumOptimizer(0.1, 0.9),
  'Momentum by Nesterov': () => new tf.train.MomentumOptimizer(0.1, 0.9, { useNesterov: true }),
  Adagrad: () => new tf.train.AdagradOptimizer(0.1),
  RMSProp: () => new tf.train.RMSPropOptimizer(0.01, { momentum: 0.5 }),
  'centered RMSProp': () => new tf.train.RMSPropOptimizer(0.01, { centered: true }),
  Adam: () => new tf.train.AdamOptimizer(0.1),
};

/** The ops of a fetch that run on the host for more than an error. */
function hostOps(session: tf.Session, fetch: tf.Fetch, feed: tf.Feeds): string[] {
  const { kernels } = session.explain(fetch, { feed }).data;
  return kernels.flatMap(({ host, ops }) => (host && !host.startsWith('only to raise') ? [ops[0].type] : []));
}

/** Trains some rows of a table for a few steps; the table and all slots after that. */
function train(optimizer: () => tf.train.Optimizer, config: tf.SessionConfig, indexType: tf.DType, width: number) {
  const graph = new tf.Graph();
  return graph.asDefault(() => {
    const shape = width === 1 ? [60] : [60, width];
    const embedding = new tf.Variable(table(shape, tf.float32), { name: 'embedding' });
    const ids = tf.placeholder(indexType, [null]);
    const rows = tf.nn.embeddingLookup(embedding, ids);
    const step = optimizer().minimize(tf.reduceSum(tf.square(rows)));
    const session = new tf.Session({ graph, config });
    session.runSync(tf.globalVariablesInitializer());
    const feeds = [picks(40, 60, indexType), picks(40, 60, indexType), picks(7, 9, indexType), picks(0, 9, indexType)];
    const hosts = config.backend === 'plain' ? [] : hostOps(session, step, [[ids, feeds[0]]]);
    for (const feed of feeds) session.runSync(step, { feed: [[ids, feed]] });
    const values = session.runSync(tf.globalVariables().map((variable) => variable.readValue())) as tf.NdArray[];
    session.close();
    return { hosts, values };
  });
}

describe('optimizers with gradients of some rows in compiled plans', () => {
  for (const [name, optimizer] of Object.entries(optimizers))
    it(`train as plain kernels do: ${name}`, () => {
      for (const [indexType, width] of [[tf.int32, 300] as const, [tf.int64, 5] as const, [tf.int32, 1] as const]) {
        const want = train(optimizer, { backend: 'plain' }, indexType, width);
        for (const threads of [1, 2]) {
          const { hosts, values } = train(optimizer, { threads, blas: 'off' }, indexType, width);
          expect(hosts).to.deep.equal([]);
          values.forEach((value, i) => expectClose(value, want.values[i]));
        }
      }
    });

  it('change a row that comes twice twice', () => {
    for (const dtype of [tf.float32, tf.float64]) {
      const onHost = compareBackends(() => {
        const [variable, accum] = [
          table([9, 4], dtype),
          tf.NdArray.from(new Array(36).fill(0.5), dtype).reshape([9, 4]),
        ];
        const [v, a] = [new tf.Variable(variable, { dtype }), new tf.Variable(accum, { dtype })];
        const grad = fed(table([20, 4], dtype));
        const indices = fed(picks(20, 9, tf.int64));
        const lr = tf.constant(0.1, { dtype });
        const updates = [
          tf.getDefaultGraph().createOp('ResourceSparseApplyAdagrad', [v.handle, a.handle, lr, grad[0], indices[0]], {
            attrs: { T: dtype, update_slots: true },
          }),
        ];
        const fetch = v.graph.controlDependencies(updates, () => [v.readValue(), a.readValue()]);
        return { fetch, feed: [grad, indices] };
      }, true);
      expect(onHost).to.deep.equal([]);
    }
  });

  it('stop on the host where somebody looks at the distinct rows', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const ids = tf.placeholder(tf.int32, [null]);
      const values = tf.placeholder(tf.float32, [null, 2]);
      const v = new tf.Variable(tf.zeros([5, 2]), { name: 'v' });
      const [unique, positions] = tf.getDefaultGraph().createOp('Unique', [ids], { attrs: { T: tf.int32 } }).outputs;
      const count = tf.shape(unique).at(0);
      const sums = tf.unsortedSegmentSum(values, positions, count);
      const attrs = { dtype: tf.float32, Tindices: tf.int32 };
      const update = graph.createOp('ResourceScatterAdd', [v.handle, unique, sums], { attrs });
      const after = graph.controlDependencies([update], () => v.readValue());
      const feed = [
        [ids, tf.NdArray.from([3, 1, 3, 3], tf.int32)],
        [values, table([4, 2], tf.float32)],
      ] as const;
      const seen: readonly tf.Tensor[][] = [[after], [unique], [sums], [count], [tf.reduceMean(sums, 0)]];
      for (const fetches of seen) {
        const [want, got] = (['plain', 'wasm'] as const).map((backend) => {
          const session = new tf.Session({ graph, config: { backend } });
          session.runSync(v.initializer);
          const result = session.runSync([after, ...fetches], { feed }) as tf.NdArray[];
          session.close();
          return result;
        });
        got.forEach((value, i) => {
          expect([...value.shape]).to.deep.equal([...want[i].shape]);
          expectClose(value, want[i]);
        });
      }
    });
  });

  it('refuse rows outside as plain kernels do', () => {
    for (const bad of [5, -1]) {
      const message = failBoth(() => {
        const v = new tf.Variable(tf.zeros([5, 2]), { name: 'v' });
        const accum = new tf.Variable(tf.zeros([5, 2]), { name: 'accum' });
        const ids = fed(tf.NdArray.from([3, bad, 3], tf.int32));
        const step = new tf.train.MomentumOptimizer(0.1, 0.9).applyGradients([
          [new tf.IndexedSlices(tf.ones([3, 2]), ids[0]), v],
        ]);
        return { fetch: [step as never, accum.readValue()], feed: [ids] };
      });
      expect(message).to.include(`Index ${bad} at offset 1 in indices is out of range`);
    }
  });
});
