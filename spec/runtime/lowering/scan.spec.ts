/**
 * Cumulative sums, products and log-sum-exps in compiled plans: equal to the plain kernels' to the last bit (the last within
 * rounding of its functions), over any axis, in sizes that use vectors and threads.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, failBoth, fed, table } from './compareBackends';

const scanned = (type: string, x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean): tf.Tensor => {
  const inputs = [x, tf.constant(axis, { dtype: tf.int32 })];
  return tf.getDefaultGraph().createOp(type, inputs, { attrs: { T: x.dtype, exclusive, reverse } }).outputs[0];
};

const ways = [false, true].flatMap((exclusive) => [false, true].map((reverse) => [exclusive, reverse] as const));

const shapes = [[7], [1], [50, 3], [3, 50], [2, 9, 37], [5, 1, 16], [64, 700], [0, 3], [3, 0]];

describe('cumulative ops in compiled plans', () => {
  for (const dtype of [tf.float32, tf.float64, tf.int32, tf.int64])
    for (const type of ['Cumsum', 'Cumprod'])
      it(`are those of plain kernels: ${type} of ${dtype.name}`, () => {
        const onHost = compareBackends(() => {
          const feeds = shapes.map((shape) => fed(table(shape, dtype)));
          const fetch = feeds.flatMap(([x], i) =>
            shapes[i].flatMap((_, axis) => [
              ...ways.map(([exclusive, reverse]) => scanned(type, x, axis, exclusive, reverse)),
              scanned(type, x, axis - shapes[i].length, false, false),
            ]),
          );
          return { fetch, feed: feeds };
        }, true);
        expect(onHost).to.deep.equal([]);
      });

  for (const dtype of [tf.float32, tf.float64])
    it(`are those of plain kernels: CumulativeLogsumexp of ${dtype.name}`, () => {
      const special = [0, -Infinity, -Infinity, 1, NaN, 2, Infinity, 3];
      const onHost = compareBackends(() => {
        const feeds = [
          ...[[9], [4, 7], [20, 5], [5, 300]].map((shape) => fed(table(shape, dtype))),
          fed(tf.NdArray.from({ data: special, shape: [4, 2] }, dtype)),
          fed(tf.NdArray.from({ data: [-Infinity, -Infinity, 5, -800, 800], shape: [5] }, dtype)),
        ];
        const fetch = feeds.flatMap(([x, { shape }]) =>
          shape.flatMap((_, axis) =>
            ways.map(([exclusive, reverse]) => scanned('CumulativeLogsumexp', x, axis, exclusive, reverse)),
          ),
        );
        return { fetch, feed: feeds };
      });
      expect(onHost).to.deep.equal([]);
    });

  it('wrap integers', () => {
    const onHost = compareBackends(() => {
      const ints = fed(tf.NdArray.from([2 ** 31 - 1, 5, 2 ** 30, 2 ** 31 - 1], tf.int32));
      const longs = fed(tf.NdArray.from([2n ** 63n - 1n, 5n, 2n ** 61n, 12345678901234567n] as never, tf.int64));
      const fetch = [ints, longs].flatMap(([x]) =>
        ['Cumsum', 'Cumprod'].map((type) => scanned(type, x, 0, false, true)),
      );
      return { fetch, feed: [ints, longs] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('refuse an axis outside as the plain kernel does', () => {
    const message = failBoth(() => {
      const x = fed(table([2, 3], tf.float32));
      const axis = fed(tf.NdArray.from(2, tf.int32));
      const attrs = { T: tf.float32, exclusive: false, reverse: false };
      const { outputs } = tf.getDefaultGraph().createOp('Cumsum', [x[0], axis[0]], { attrs });
      return { fetch: [outputs[0]], feed: [x, axis] };
    });
    expect(message).to.match(/ScanOp: Expected scan axis in the range \[-2, 2\), but got 2/);
  });
});
