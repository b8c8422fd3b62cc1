/**
 * Images made larger and smaller in compiled plans, and their gradients: those of the plain kernels, for all ways to count pixels.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, failBoth, fed, table } from './compareBackends';

function op(type: string, inputs: tf.Tensor[], attrs: Record<string, unknown> = {}): tf.Tensor {
  return tf.getDefaultGraph().createOp(type, inputs, { attrs: attrs as never }).outputs[0];
}

const centers = [
  { align_corners: false, half_pixel_centers: false },
  { align_corners: true, half_pixel_centers: false },
  { align_corners: false, half_pixel_centers: true },
];
const sizes = [
  [8, 14],
  [3, 5],
  [1, 1],
  [4, 7],
  [2, 20],
];
/** Positive numbers, whose sums lose little by another order. */
function numbers(shape: readonly number[], dtype: tf.DType): tf.NdArray {
  const size = shape.reduce((n, dim) => n * dim, 1);
  return tf.NdArray.from({ data: Array.from({ length: size }, (_, i) => (i * 37) % 101), shape: [...shape] }, dtype);
}

const ints = (value: tf.ArrayLike) => tf.constant(value, { dtype: tf.int32 });

describe('resizing in compiled plans', () => {
  for (const dtype of [tf.float32, tf.float64, tf.int32, tf.uint8])
    it(`is that of plain kernels: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const x = fed(numbers([2, 4, 7, 3], dtype));
        const fetch = centers.flatMap((attrs) =>
          sizes.flatMap((size) => [
            op('ResizeNearestNeighbor', [x[0], ints(size)], attrs),
            op('ResizeBilinear', [x[0], ints(size)], attrs),
          ]),
        );
        return { fetch, feed: [x] };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('has the gradients of plain kernels', () => {
    const onHost = compareBackends(() => {
      const feeds = sizes.map(([height, width]) => fed(numbers([2, height, width, 3], tf.float32)));
      const image = fed(table([2, 4, 7, 3], tf.float32));
      const fetch = centers.flatMap((attrs) =>
        feeds.flatMap(([grad]) => [
          op('ResizeNearestNeighborGrad', [grad, ints([4, 7])], attrs),
          op('ResizeBilinearGrad', [grad, image[0]], attrs),
        ]),
      );
      return { fetch, feed: [...feeds, image] };
    });
    expect(onHost).to.deep.equal([]);
  });

  it('refuses sizes as plain kernels do', () => {
    const message = failBoth(() => {
      const [x, size] = [fed(table([1, 2, 2, 1], tf.float32)), fed(tf.NdArray.from([0, 3], tf.int32))];
      return { fetch: [op('ResizeBilinear', [x[0], size[0]], centers[0])], feed: [x, size] };
    });
    expect(message).to.include('output dimensions must be positive');
  });
});
