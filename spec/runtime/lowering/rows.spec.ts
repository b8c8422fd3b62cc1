/**
 * Gathering, sums over segments and additions to rows of variables, in sizes that use vectors and threads: equal to the plain kernels,
 * compiled without a call of them, and with their errors.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectClose } from '../../support/close';
import { compareBackends, fed, picks, table } from './compareBackends';

describe('rows by index', () => {
  for (const dtype of [tf.float32, tf.float64, tf.int32, tf.int64])
    for (const indexType of [tf.int32, tf.int64])
      it(`are gathered and summed: ${dtype.name} by ${indexType.name}`, () => {
        const onHost = compareBackends(() => {
          const [params, paramsFeed] = fed(table([300, 37], dtype));
          const [indices, indicesFeed] = fed(picks(1000, 37, indexType));
          const [ids, idsFeed] = fed(picks(300, 11, indexType));
          const fetch = [
            tf.gather(params, indices),
            tf.gather(params, indices, { axis: 1 }),
            tf.gather(tf.reshape(params, [-1]), indices),
            tf.unsortedSegmentSum(params, ids, 13),
          ];
          const feed = [
            [params, paramsFeed],
            [indices, indicesFeed],
            [ids, idsFeed],
          ] as const;
          return { fetch, feed };
        });
        expect(onHost).to.deep.equal([]);
      });

  it('are gathered and put back in any width', () => {
    const onHost = compareBackends(() => {
      const indices = fed(picks(60, 25, tf.int32));
      const feeds = [1, 2, 3, 4, 5, 7, 8, 13, 16, 17].flatMap((width) =>
        [tf.float32, tf.int64, tf.uint8].map((dtype) => {
          const data = Array.from({ length: 25 * width }, (_, i) => i % 251);
          return fed(tf.NdArray.from({ data, shape: [25, width] }, dtype));
        }),
      );
      const fetch = feeds.flatMap(([x]) => {
        const rows = tf.gather(x, indices[0]);
        const inputs = [tf.zerosLike(x), tf.expandDims(indices[0], 1), rows];
        return [rows, tf.getDefaultGraph().createOp('TensorScatterUpdate', inputs).outputs[0]];
      });
      return { fetch, feed: [indices, ...feeds] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('are one-hot at any axis', () => {
    const onHost = compareBackends(() => {
      const [indices, feed] = fed(picks(33, 40, tf.int64));
      return { fetch: [tf.oneHot(indices, 37), tf.oneHot(indices, 37, { axis: 0 })], feed: [[indices, feed]] };
    });
    expect(onHost).to.deep.equal([]);
  });

  it('of variables are read and trained without a pass of plain kernels', () => {
    const onHost = compareBackends(() => {
      const embedding = new tf.Variable(table([50, 19], tf.float32), { name: 'embedding' });
      const [indices, feed] = fed(picks(128, 50, tf.int32));
      const loss = tf.reduceSum(tf.square(tf.nn.embeddingLookup(embedding, indices)));
      const train = new tf.train.GradientDescentOptimizer(0.01).minimize(loss);
      const after = embedding.graph.controlDependencies([train], () => embedding.readValue());
      return { fetch: [loss, after], feed: [[indices, feed]] };
    });
    expect(onHost).to.deep.equal([]);
  });

  it('outside fail as plain kernels do, change nothing, and leave the session usable', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const v = new tf.Variable(table([5, 4], tf.float32), { name: 'v' });
      const indices = tf.placeholder(tf.int32, [2]);
      const picked = tf.gather(v.readValue(), indices);
      const added = v.scatterSub(new tf.IndexedSlices(tf.ones([2, 4]), indices));
      const messages = (['plain', 'wasm'] as const).map((backend) => {
        const session = new tf.Session({ graph, config: { backend } });
        session.runSync(v.initializer);
        const texts = [picked, added].map((fetch) => {
          try {
            session.runSync(fetch as tf.Fetch, { feed: [[indices, [1, 5]]] });
          } catch (error) {
            expect(error).to.be.instanceOf(tf.errors.InvalidArgumentError);
            return (error as Error).message;
          }
          return expect.fail('it should fail');
        });
        expectClose(session.runSync(v.readValue()) as tf.NdArray, table([5, 4], tf.float32));
        session.runSync(picked, { feed: [[indices, [1, 4]]] });
        return texts;
      });
      expect(messages[0][0]).to.match(/indices\[1\] = 5 is not in \[0, 5\)/);
      expect(messages[1]).to.deep.equal(messages[0]);
    });
  });
});
