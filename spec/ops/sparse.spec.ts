/**
 * Sparse tensors as indices, values and shape. Values and texts were seen with TensorFlow 2.15.
 */
import { applyOp, applyUnary, type OpArguments } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, f64, i32, i64, opCase, strings } from '../support/opCase';

const dense =
  (args: OpArguments = {}) =>
  (sparse_indices: Tensor, output_shape: Tensor, sparse_values: Tensor, default_value: Tensor) =>
    applyUnary('SparseToDense', { sparse_indices, output_shape, sparse_values, default_value, ...args });

opCase('SparseToDense', 'a matrix', {
  inputs: [
    i32([
      [0, 1],
      [1, 2],
    ]),
    i32([2, 3]),
    f32([5, 6]),
    f32(-1),
  ],
  build: dense(),
  want: f32([
    [-1, 5, -1],
    [-1, -1, 6],
  ]),
});
opCase('SparseToDense', 'one value for all', {
  inputs: [i64([1, 3]), i64([5]), strings('x'), strings('')],
  build: dense(),
  want: strings(['', 'x', '', 'x', '']),
});
opCase('SparseToDense', 'one index', {
  inputs: [i32(3), i32([5]), f32(7), f32(0)],
  build: dense(),
  want: f32([0, 0, 0, 7, 0]),
});
opCase('SparseToDense', 'in any order, unchecked', {
  inputs: [i32([3, 1]), i32([5]), f32([7, 8]), f32(-1)],
  build: dense({ validate_indices: false }),
  want: f32([-1, 8, -1, 7, -1]),
});
opCase('SparseToDense', 'gradient', {
  inputs: [
    i32([
      [0, 1],
      [1, 2],
    ]),
    i32([2, 3]),
    f64([5, 6]),
    f64(-1),
  ],
  build: dense(),
  gradient: true,
});
for (const [title, indices, fails] of [
  ['out of order', [3, 1], /indices\[1\] = \[1\] is out of order\. Many sparse ops require sorted indices\./],
  ['repeated', [1, 1], /indices\[1\] = \[1\] is repeated/],
  ['outside', [1, 9], /indices\[1\] = \[9\] is out of bounds: need 0 <= index < \[5\]/],
] as const) {
  opCase('SparseToDense', title, { inputs: [i32([...indices]), i32([5]), f32(7), f32(-1)], build: dense(), fails });
}
opCase('SparseToDense', 'outside, unchecked', {
  inputs: [i32([1, 9]), i32([5]), f32(7), f32(-1)],
  build: dense({ validate_indices: false }),
  fails: /Indices are not valid \(out of bounds\)\. {2}Shape: \[5\]/,
});

const reshaped = (input_indices: Tensor, input_shape: Tensor, new_shape: Tensor) =>
  applyOp('SparseReshape', { input_indices, input_shape, new_shape }).outputs;
const two = i64([
  [0, 1],
  [1, 2],
]);

opCase('SparseReshape', 'with an open size', {
  inputs: [two, i64([2, 3]), i64([3, -1])],
  build: reshaped,
  want: [
    i64([
      [0, 1],
      [2, 1],
    ]),
    i64([3, 2]),
  ],
});
opCase('SparseReshape', 'nothing', {
  inputs: [NdArray.zeros(dtypes.int64, [0, 2]), i64([2, 0]), i64([-1, 2])],
  build: reshaped,
  want: [NdArray.zeros(dtypes.int64, [0, 2]), i64([0, 2])],
});
for (const [shape, fails] of [
  [
    [4, -1],
    /Input to reshape is a SparseTensor with 6 dense values, but the requested shape requires a multiple of 4\. input_shape=\[2,3\] output_shape=\[4,1\]/,
  ],
  [[-1, -1], /only one output dimension may be -1, not both 0 and 1/],
  [
    [5],
    /Input to reshape is a tensor with 6 dense values, but the requested shape has 5\. input_shape=\[2,3\] output_shape=\[5\]/,
  ],
  [[-2], /size 0 must be non-negative, not -2/],
] as const) {
  opCase('SparseReshape', `to [${shape}]`, { inputs: [two, i64([2, 3]), i64([...shape])], build: reshaped, fails });
}

const filled = (indices: Tensor, values: Tensor, dense_shape: Tensor, default_value: Tensor) =>
  applyOp('SparseFillEmptyRows', { indices, values, dense_shape, default_value }).outputs;

opCase('SparseFillEmptyRows', 'rows without values', {
  inputs: [
    i64([
      [0, 1],
      [2, 0],
      [2, 3],
    ]),
    f32([1, 2, 3]),
    i64([5, 4]),
    f32(-1),
  ],
  build: filled,
  want: [
    i64([
      [0, 1],
      [1, 0],
      [2, 0],
      [2, 3],
      [3, 0],
      [4, 0],
    ]),
    f32([1, -1, 2, 3, -1, -1]),
    bools([false, true, false, true, true]),
    i64([0, 2, 3]),
  ],
});
opCase('SparseFillEmptyRows', 'rows in any order', {
  inputs: [
    i64([
      [2, 3],
      [0, 1],
      [2, 0],
    ]),
    strings(['a', 'b', 'c']),
    i64([4, 4]),
    strings('-'),
  ],
  build: filled,
  want: [
    i64([
      [0, 1],
      [1, 0],
      [2, 3],
      [2, 0],
      [3, 0],
    ]),
    strings(['b', '-', 'a', 'c', '-']),
    bools([false, true, false, true]),
    i64([2, 0, 3]),
  ],
});
opCase('SparseFillEmptyRows', 'gradient', {
  inputs: [
    i64([
      [2, 3],
      [0, 1],
      [2, 0],
    ]),
    f64([1, 2, 3]),
    i64([4, 4]),
    f64(-1),
  ],
  build: filled,
  gradient: true,
});
opCase('SparseFillEmptyRows', 'outside', {
  inputs: [i64([[7, 3]]), f32([1]), i64([4, 4]), f32(-1)],
  build: filled,
  fails: /indices\(0, 0\) is invalid: 7 >= 4/,
});
opCase('SparseFillEmptyRows', 'values without rows', {
  inputs: [i64([[0, 0]]), f32([1]), i64([0, 4]), f32(-1)],
  build: filled,
  fails: /Received SparseTensor with dense_shape\[0\] = 0 but indices\.shape\[0\] = 1/,
});
opCase('SparseFillEmptyRowsGrad', 'by the map', {
  inputs: [i64([2, 0]), f32([1, 2, 3, 4])],
  build: (reverse_index_map, grad_values) =>
    applyOp('SparseFillEmptyRowsGrad', { reverse_index_map, grad_values }).outputs,
  want: [f32([3, 1]), f32(6)],
});

const matrix = f64(Array.from({ length: 12 }, (_, i) => i)).reshape([4, 3]);
for (const [op, last] of [
  ['SparseSegmentSum', [12, 14, 16]],
  ['SparseSegmentMean', [6, 7, 8]],
  ['SparseSegmentSqrtN', [12, 14, 16].map((value) => value / Math.SQRT2)],
] as const) {
  const build = (data: Tensor, indices: Tensor, segment_ids: Tensor) => applyUnary(op, { data, indices, segment_ids });
  opCase(op, 'with a segment without rows', {
    inputs: [matrix, i32([0, 1, 3]), i32([0, 2, 2])],
    build,
    want: f64([[0, 1, 2], [0, 0, 0], [...last]]),
    gradient: true,
  });
  opCase(op, 'nothing', {
    inputs: [matrix, i64([]), i64([])],
    build,
    want: NdArray.zeros(dtypes.float64, [0, 3]),
  });
  opCase(op, 'outside', {
    inputs: [matrix, i32([0, 1, 7]), i32([0, 2, 2])],
    build,
    fails: /Bad: indices\[2\] == 7 out of range \[0, 4\)/,
  });
  opCase(op, 'ids that fall', {
    inputs: [matrix, i32([0, 1, 2]), i32([1, 0, 2])],
    build,
    fails: /segment ids are not increasing/,
  });
  opCase(op, 'a negative id', { inputs: [matrix, i32([0]), i32([-1])], build, fails: /segment ids must be >= 0/ });
}
for (const [op, want] of [
  [
    'SparseSegmentSumGrad',
    [
      [1, 1],
      [2, 2],
      [0, 0],
      [0, 0],
    ],
  ],
  [
    'SparseSegmentMeanGrad',
    [
      [1, 1],
      [1, 1],
      [0, 0],
      [0, 0],
    ],
  ],
  [
    'SparseSegmentSqrtNGrad',
    [
      [1, 1],
      [Math.SQRT2, Math.SQRT2],
      [0, 0],
      [0, 0],
    ],
  ],
] as const) {
  opCase(op, 'rows in one segment', {
    inputs: [
      f64([
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
      i32([0, 1, 1]),
      i32([0, 1, 1]),
      i32(4),
    ],
    build: (grad, indices, segment_ids, output_dim0) => applyUnary(op, { grad, indices, segment_ids, output_dim0 }),
    want: f64(want.map((row) => [...row])),
  });
}
