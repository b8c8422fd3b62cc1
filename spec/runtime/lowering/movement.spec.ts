/**
 * Ops that only move elements, in compiled plans: blocks of space, mirrored borders, rolled axes, reversed sequences, diagonals, slices
 * put into a copy. Equal to the plain kernels in every dtype that registers hold, in odd sizes and in none.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, failBoth, fed, table } from './compareBackends';

function op(type: string, inputs: tf.Tensor[], attrs: Record<string, unknown> = {}): tf.Tensor {
  return tf.getDefaultGraph().createOp(type, inputs, { attrs: attrs as never }).outputs[0];
}

const ints = (value: tf.ArrayLike) => tf.constant(value, { dtype: tf.int32 });
const dtypes = [tf.float32, tf.float64, tf.int32, tf.int64, tf.uint8, tf.int16, tf.bool];

/** As `table`, in dtypes that do not hold negative numbers too. */
function numbers(shape: readonly number[], dtype: tf.DType): tf.NdArray {
  const size = shape.reduce((n, dim) => n * dim, 1);
  const data = Array.from({ length: size }, (_, i) => (dtype.isBool ? (i * 37) % 3 === 0 : (i * 37) % 120));
  return tf.NdArray.from({ data, shape: [...shape] }, dtype);
}

/** Compiles all that `build` makes of arrays of the shapes, for each dtype, without a call of plain kernels. */
function moves(
  title: string,
  shapes: readonly number[][],
  build: (...inputs: tf.Tensor[]) => tf.Tensor[],
  allowed = dtypes,
): void {
  it(title, () => {
    for (const dtype of allowed) {
      const onHost = compareBackends(() => {
        const feeds = shapes.map((shape) => fed(numbers(shape, dtype)));
        return { fetch: build(...feeds.map(([tensor]) => tensor)), feed: feeds };
      }, true);
      expect(onHost, dtype.name).to.deep.equal([]);
    }
  });
}

describe('ops that move elements in compiled plans', () => {
  moves(
    'take space to depth and back',
    [
      [2, 6, 4, 3],
      [2, 3, 5, 12],
      [0, 2, 2, 4],
    ],
    (a, b, none) => [
      op('SpaceToDepth', [a], { block_size: 2 }),
      op('SpaceToDepth', [none], { block_size: 2 }),
      op('DepthToSpace', [b], { block_size: 2 }),
      op('DepthToSpace', [none], { block_size: 2 }),
    ],
  );

  moves(
    'take space to the batch and back',
    [
      [2, 5, 7, 3],
      [12, 3, 2],
      [6, 4, 5, 2],
    ],
    (a, b, c) => [
      op('SpaceToBatchND', [
        a,
        ints([2, 3]),
        ints([
          [1, 0],
          [0, 2],
        ]),
      ]),
      op('SpaceToBatchND', [a, ints([5]), ints([[0, 0]])]),
      op('BatchToSpaceND', [b, ints([4]), ints([[1, 3]])]),
      op('BatchToSpaceND', [
        c,
        ints([3, 2]),
        ints([
          [0, 1],
          [2, 0],
        ]),
      ]),
      op('BatchToSpaceND', [
        c,
        ints([3, 2]),
        ints([
          [6, 6],
          [2, 0],
        ]),
      ]),
    ],
  );

  moves(
    'mirror borders',
    [
      [5, 4],
      [3, 1, 4, 2],
      [0, 3],
    ],
    (a, b, none) => [
      ...['REFLECT', 'SYMMETRIC'].flatMap((mode) => [
        op(
          'MirrorPad',
          [
            a,
            ints([
              [2, 1],
              [0, 3],
            ]),
          ],
          { mode },
        ),
        op(
          'MirrorPad',
          [
            a,
            ints([
              [0, 0],
              [0, 0],
            ]),
          ],
          { mode },
        ),
        op(
          'MirrorPad',
          [
            b,
            ints([
              [1, 1],
              [0, 0],
              [2, 3],
              [1, 0],
            ]),
          ],
          { mode },
        ),
      ]),
      op(
        'MirrorPad',
        [
          none,
          ints([
            [0, 0],
            [1, 2],
          ]),
        ],
        { mode: 'SYMMETRIC' },
      ),
    ],
  );

  it('fold mirrored borders back', () => {
    for (const dtype of [tf.float32, tf.float64, tf.int32, tf.int64]) {
      const onHost = compareBackends(() => {
        const x = fed(table([9, 11, 5], dtype));
        const fetch = ['REFLECT', 'SYMMETRIC'].flatMap((mode) =>
          [
            [
              [2, 2],
              [0, 0],
              [0, 0],
            ],
            [
              [0, 1],
              [3, 3],
              [0, 2],
            ],
            [
              [2, 1],
              [5, 0],
              [1, 1],
            ],
            [
              [0, 0],
              [0, 0],
              [0, 0],
            ],
          ].map((paddings) => op('MirrorPadGrad', [x[0], ints(paddings)], { mode })),
        );
        return { fetch, feed: [x] };
      }, true);
      expect(onHost).to.deep.equal([]);
    }
  });

  moves(
    'roll axes',
    [
      [7, 3, 4],
      [0, 3],
    ],
    (a, none) => [
      op('Roll', [a, ints(2), ints(0)]),
      op('Roll', [a, ints([-9, 1, 100]), ints([0, -1, 1])]),
      op('Roll', [a, ints([3, 4]), ints([0, 0])]),
      op('Roll', [a, ints([1, 1]), ints([1, 2])]),
      op('Roll', [none, ints([1, 1]), ints([0, 1])]),
    ],
  );

  moves(
    'reverse sequences',
    [
      [4, 6, 3],
      [5, 4],
      [3, 2, 4],
    ],
    (a, b, c) => [
      op('ReverseSequence', [a, ints([0, 6, 3, 1])], { seq_dim: 1, batch_dim: 0 }),
      op('ReverseSequence', [a, ints([2, 0, 4])], { seq_dim: 0, batch_dim: 2 }),
      op('ReverseSequence', [b, ints([5, 1, 0, 2])], { seq_dim: 0, batch_dim: 1 }),
      op('ReverseSequence', [c, ints([4, 3])], { seq_dim: 2, batch_dim: 1 }),
    ],
  );

  moves('read and write diagonals', [[3, 4, 6], [4], [2, 3], [4, 4], [2, 3, 2, 3], [1, 1]], (a, v, w, one) => {
    const diagonal = (x: tf.Tensor, k: number) => op('MatrixDiagPartV3', [x, ints(k), tf.zeros([], x.dtype)]);
    const matrix = (x: tf.Tensor, k: number, rows = -1, columns = -1) =>
      op('MatrixDiagV3', [x, ints(k), ints(rows), ints(columns), tf.ones([], x.dtype)]);
    const changed = (x: tf.Tensor, k: number) =>
      op('MatrixSetDiagV3', [x, diagonal(op('ReverseV2', [x, ints([-1])]), k), ints(k)]);
    return [
      ...[0, 1, -2, 5, -3].map((k) => diagonal(a, k)),
      diagonal(one, 0),
      ...[0, 2, -1].flatMap((k) => [matrix(v, k), matrix(w, k), matrix(w, k, k === -1 ? 4 : 3, k === 2 ? 5 : 3)]),
      ...[0, 3, -1].map((k) => changed(a, k)),
    ];
  });

  moves(
    'read and write diagonals of tensors',
    [[4], [2, 3], [4, 4], [2, 3, 2, 3]],
    (v, w, s, t) => [op('Diag', [v]), op('Diag', [w]), op('DiagPart', [s]), op('DiagPart', [t])],
    [tf.float32, tf.float64, tf.int32, tf.int64],
  );

  moves('put slices into copies', [[5, 7, 2], [3, 2], [1]], (a, b, one) => {
    const masks = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0 };
    const put = (begin: number[], end: number[], strides: number[], value: tf.Tensor, more = {}) =>
      op('TensorStridedSliceUpdate', [a, ints(begin), ints(end), ints(strides), value], { ...masks, ...more });
    return [
      put([1, 0, 0], [2, 6, 2], [1, 2, 1], b, { shrink_axis_mask: 1 }),
      put([4, 6], [1, 0], [-1, -3], one),
      put([0], [0], [1], one),
    ];
  });

  it('refuse what plain kernels refuse, in their words', () => {
    const lengths = (numbers: number[]) =>
      failBoth(() => {
        const [x, n] = [fed(table([2, 3], tf.float32)), fed(tf.NdArray.from(numbers, tf.int64))];
        return { fetch: [op('ReverseSequence', [x[0], n[0]], { seq_dim: 1, batch_dim: 0 })], feed: [x, n] };
      });
    expect(lengths([1, 4])).to.include('seq_lens(1) > input.dims(1)');
    expect(lengths([-1, 2])).to.include('seq_lens(0) < 0');
  });
});
