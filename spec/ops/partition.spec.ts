/**
 * Rows: tensors dealt out to partitions, and put together again.
 */
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { dynamicPartition, dynamicStitch, parallelDynamicStitch } from '../../graph/ops/partition';
import { f32, f64, i32, i64, opCase, strings } from '../support/opCase';

const inTwo = (data: TensorLike, partitions: TensorLike) => dynamicPartition(data, partitions, 2);
opCase('DynamicPartition', 'elements', {
  inputs: [f32([0, 1, 2, 3]), i32([0, 1, 1, 0])],
  build: inTwo,
  want: [f32([0, 3]), f32([1, 2])],
});
opCase('DynamicPartition', 'rows, one partition empty', {
  inputs: [
    i64([
      [0, 1],
      [2, 3],
    ]),
    i32([1, 1]),
  ],
  build: inTwo,
  want: [
    NdArray.zeros(dtypes.int64, [0, 2]),
    i64([
      [0, 1],
      [2, 3],
    ]),
  ],
});
opCase('DynamicPartition', 'a matrix of indices, one index', {
  inputs: [
    strings([
      ['a', 'b'],
      ['c', 'd'],
    ]),
    i32([
      [0, 1],
      [1, 0],
    ]),
    i32(0),
  ],
  build: (x, p, one) => [...inTwo(x, p), inTwo(x, one)[0]],
  want: [
    strings(['a', 'd']),
    strings(['b', 'c']),
    strings([
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ]),
  ],
});
opCase('DynamicPartition', 'gradient', {
  inputs: [
    f64([
      [0, 1],
      [2, 3],
      [4, 5],
    ]),
    i32([1, 0, 1]),
  ],
  build: inTwo,
  gradient: true,
});
opCase('DynamicPartition', 'out of range', {
  inputs: [f32([0, 1]), i32([0, 2])],
  build: inTwo,
  fails: /^partitions\[1\] = 2 is not in \[0, 2\)/,
});
opCase('DynamicPartition', 'negative', {
  inputs: [f32([0, 1]), i32([-1, 0])],
  build: inTwo,
  fails: /^partitions\[0\] = -1 is not in \[0, 2\)/,
});
opCase('DynamicPartition', 'too many indices', {
  inputs: [f32([0, 1]), i32([0, 1, 1])],
  build: inTwo,
  fails:
    /^Dimensions must be equal, but are 2 and 3 for|^data\.shape must start with partitions\.shape, got data\.shape = \[2\], partitions\.shape = \[3\]/,
});

for (const [type, merge] of [
  ['DynamicStitch', dynamicStitch],
  ['ParallelDynamicStitch', parallelDynamicStitch],
] as const) {
  const two = (i: TensorLike, j: TensorLike, a: TensorLike, b: TensorLike) => merge([i, j], [a, b]);
  opCase(type, 'elements', {
    inputs: [i32([0, 2]), i32([1]), f32([0, 1]), f32([9])],
    build: two,
    want: f32([0, 9, 1]),
  });
  opCase(type, 'rows, a scalar index, a gap', {
    inputs: [
      i32(0),
      i32([3, 2]),
      i64([0, 1]),
      i64([
        [5, 6],
        [7, 8],
      ]),
    ],
    build: two,
    want: i64([
      [0, 1],
      [0, 0],
      [7, 8],
      [5, 6],
    ]),
  });
  opCase(type, 'a matrix of indices', {
    inputs: [
      i32([[0, 1]]),
      i32([2]),
      f32([
        [
          [0, 1],
          [2, 3],
        ],
      ]),
      f32([[0, 1]]),
    ],
    build: two,
    want: f32([
      [0, 1],
      [2, 3],
      [0, 1],
    ]),
  });
  opCase(type, 'nothing', {
    inputs: [i32([]), i32([]), NdArray.zeros(dtypes.float32, [0, 3]), NdArray.zeros(dtypes.float32, [0, 3])],
    build: two,
    want: NdArray.zeros(dtypes.float32, [0, 3]),
  });
  opCase(type, 'gradient', {
    inputs: [
      i32([0, 2]),
      i32([1]),
      f64([
        [0, 1],
        [2, 3],
      ]),
      f64([[9, 8]]),
    ],
    build: two,
    gradient: true,
  });
  opCase(type, 'rows that differ', {
    inputs: [i32([0]), i32([1]), f32([[0, 1]]), f32([[0, 1, 2]])],
    build: two,
    fails:
      /^Dimension 0 in both shapes must be equal, but are 2 and 3\. Shapes are \[2\] and \[3\]\. for|^Need data\[0\]\.shape\[1:\] = data\[1\]\.shape\[1:\], got data\[0\]\.shape = \[1,2\], data\[1\]\.shape = \[1,3\], indices\[0\]\.shape = \[1\], indices\[1\]\.shape = \[1\]/,
  });
  opCase(type, 'too many indices', {
    inputs: [i32([0, 1]), i32([1]), f32([0]), f32([0])],
    build: two,
    fails:
      /^Dimensions must be equal, but are 1 and 2 for|^data\[0\]\.shape = \[1\] does not start with indices\[0\]\.shape = \[2\]/,
  });
  opCase(type, 'negative', {
    inputs: [i32([0]), i32([-1]), f32([0]), f32([0])],
    build: two,
    fails: /^indices\[0\] is out of range/,
  });
}
