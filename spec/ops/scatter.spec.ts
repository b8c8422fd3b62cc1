/**
 * Rows: values written to positions given by indices.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import {
  scatterNd,
  tensorScatterNdAdd,
  tensorScatterNdMax,
  tensorScatterNdMin,
  tensorScatterNdSub,
  tensorScatterNdUpdate,
} from '../../graph/ops/scatter';
import { bools, f32, f64, i32, i64, opCase, strings, u8 } from '../support/opCase';

opCase('ScatterNd', 'elements add up', {
  inputs: [i32([[0], [2], [0]]), f32([1, 2, 3]), i32([4])],
  build: scatterNd,
  want: f32([4, 0, 2, 0]),
});
opCase('ScatterNd', 'rows, int64', {
  inputs: [i64([[1]]), i64([[1, 2]]), i64([3, 2])],
  build: scatterNd,
  want: i64([
    [0, 0],
    [1, 2],
    [0, 0],
  ]),
});
opCase('ScatterNd', 'strings, bools, nothing', {
  inputs: [i32([[0]]), strings(['a']), bools([true]), i32(NdArray.zeros(dtypes.int32, [0, 1])), f32([])],
  build: (i, s, b, none, empty) => [scatterNd(i, s, [2]), scatterNd(i, b, [2]), scatterNd(none, empty, [3])],
  want: [strings(['a', '']), bools([true, false]), f32([0, 0, 0])],
});
opCase('ScatterNd', 'strings for one place are joined', {
  inputs: [i32([[1], [0], [1]]), strings(['ü', 'b', 'c'])],
  build: (i, s) => scatterNd(i, s, [2]),
  want: strings(['b', 'üc']),
});
opCase('ScatterNd', 'gradient', {
  inputs: [i32([[0], [2], [0]]), f64([1, 2, 3]), i32([4])],
  build: scatterNd,
  gradient: true,
});
opCase('ScatterNd', 'out of range', {
  inputs: [i32([[5]]), f32([1]), i32([4])],
  build: scatterNd,
  fails: /^indices\[0\] = \[5\] does not index into shape \[4\]/,
});
opCase('ScatterNd', 'updates of a higher rank', {
  inputs: [i32([[0]]), f32([[1, 2]]), i32([4])],
  build: scatterNd,
  fails:
    /^Dimensions \[1,1\) of input\[shape=\[\?\]\] = \[\] must match dimensions \[1,2\) of updates\[shape=\[1,2\]\] = \[2\]: Shapes must be equal rank, but are 0 and 1 for|^Dimensions \[1,1\) of input\[shape=\[4\]\] must match dimensions \[1,2\) of updates\[shape=\[1,2\]\]/,
});
opCase('ScatterNd', 'too few updates', {
  inputs: [i32([[0], [1]]), f32([1]), i32([4])],
  build: scatterNd,
  fails:
    /^Dimensions \[0,1\) of indices\[shape=\[2,1\]\] = \[2\] must match dimensions \[0,1\) of updates\[shape=\[1\]\] = \[1\]: Dimension 0 in both shapes must be equal, but are 2 and 1\. Shapes are \[2\] and \[1\]\. for|^Dimensions \[0,1\) of indices\[shape=\[2,1\]\] must match dimensions \[0,1\) of updates\[shape=\[1\]\]/,
});
opCase('ScatterNd', 'index too long', {
  inputs: [i32([[0, 1]]), f32([1]), i32([4])],
  build: scatterNd,
  fails: /^Dimensions \[2,1\) of input\[shape=\[4\]\] must match dimensions \[1,1\) of updates\[shape=\[1\]\]/,
});
opCase('ScatterNd', 'into nothing', {
  inputs: [i32([[0]]), f32([1]), i32([0])],
  build: scatterNd,
  fails:
    /^Indices and updates specified for empty input for|^Indices and updates specified for empty output\. {2}indices shape: \[1,1\]/,
});

const four = f32([1, 2, 3, 4]);
const rows = [
  ['TensorScatterUpdate', tensorScatterNdUpdate, f32([1, -9, 3, 5])],
  ['TensorScatterAdd', tensorScatterNdAdd, f32([1, 2, 3, 9])],
  ['TensorScatterSub', tensorScatterNdSub, f32([1, 2, 3, -1])],
  ['TensorScatterMax', tensorScatterNdMax, f32([1, 9, 3, 5])],
  ['TensorScatterMin', tensorScatterNdMin, f32([1, -9, 3, 4])],
] as const;
for (const [type, build, want] of rows) {
  opCase(type, 'elements', { inputs: [four, i32([[1], [1], [3]]), f32([9, -9, 5])], build, want });
  opCase(type, 'no updates, uint8', {
    inputs: [u8([3]), i64(NdArray.zeros(dtypes.int64, [0, 1])), u8([])],
    build,
    want: u8([3]),
  });
  opCase(type, 'gradient', {
    inputs: [
      f64([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      i32([[2], [0]]),
      f64([
        [9, -9],
        [0.5, 2.5],
      ]),
    ],
    build,
    gradient: true,
  });
  opCase(type, 'out of range', {
    inputs: [four, i32([[5]]), f32([9])],
    build,
    fails: /^indices\[0\] = \[5\] does not index into shape \[4\]/,
  });
  opCase(type, 'too many updates', {
    inputs: [four, i32([[0]]), f32([9, 1])],
    build,
    fails:
      /^Dimensions \[0,1\) of indices\[shape=\[1,1\]\] = \[1\] must match dimensions \[0,1\) of updates\[shape=\[2\]\] = \[2\]: Dimension 0 in both shapes must be equal, but are 1 and 2\. Shapes are \[1\] and \[2\]\. for|^Outer dimensions of indices and update must match\. Indices shape: \[1,1\], updates shape:\[2\]/,
  });
}
opCase('TensorScatterAdd', 'int64 rows', {
  inputs: [
    i64([
      [1, 2],
      [3, 4],
    ]),
    i32([[0]]),
    i64([[10, 20]]),
  ],
  build: tensorScatterNdAdd,
  want: i64([
    [11, 22],
    [3, 4],
  ]),
});
opCase('TensorScatterUpdate', 'scalar', {
  inputs: [f32(1), i32([[0]]), f32([9])],
  build: tensorScatterNdUpdate,
  fails:
    /^Shape must be at least rank 1 but is rank 0 for|^Inner dimensions of output shape must match inner dimensions of updates shape\. Output: \[\] updates: \[1\]/,
});
