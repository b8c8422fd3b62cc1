/**
 * Updates of some rows, elements or slices of a resource variable.
 */
import { applyOp } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import type { Tensor } from '../../graph/tensor';
import { afterSteps } from '../support/handles';
import { f32, f64, i32, i64, opCase, strings } from '../support/opCase';

describe('ops: updates of rows and slices', () => {
  const rowsOf = (op: string) => (initial: Tensor, indices: Tensor, updates: Tensor) =>
    afterSteps([initial], (resource) => applyOp(op, { resource, indices, updates }));
  const expected = {
    ResourceScatterUpdate: [
      [4, 2],
      [3, 4],
      [7, -1],
    ],
    ResourceScatterAdd: [
      [15, 30],
      [3, 4],
      [12, 5],
    ],
    ResourceScatterSub: [
      [-13, -26],
      [3, 4],
      [-2, 7],
    ],
    ResourceScatterMul: [
      [40, 104],
      [3, 4],
      [35, -6],
    ],
    ResourceScatterDiv: [
      [1 / 40, 1 / 26],
      [3, 4],
      [5 / 7, -6],
    ],
    ResourceScatterMin: [
      [1, 2],
      [3, 4],
      [5, -1],
    ],
    ResourceScatterMax: [
      [10, 26],
      [3, 4],
      [7, 6],
    ],
  };
  for (const [op, want] of Object.entries(expected)) {
    const inputs = [
      f64([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      i32([0, 2, 0]),
      f64([
        [10, 26],
        [7, -1],
        [4, 2],
      ]),
    ];
    opCase(op, 'repeated rows', { inputs, build: rowsOf(op), want: f64(want) });
    opCase(op, 'no rows', {
      inputs: [f32([[1, 2]]), i64([]), NdArray.zeros(dtypes.float32, [0, 2])],
      build: rowsOf(op),
      want: f32([[1, 2]]),
    });
  }

  opCase('ResourceScatterAdd', 'one scalar for all', {
    inputs: [i32([1, 2, 3]), i64([[0n], [2n]]), i32(5)],
    build: rowsOf('ResourceScatterAdd'),
    want: i32([6, 2, 8]),
  });
  opCase('ResourceScatterMul', 'wraps around', {
    inputs: [i32([65537]), i32([0]), i32([65537])],
    build: rowsOf('ResourceScatterMul'),
    want: i32([131073]),
  });
  opCase('ResourceScatterDiv', 'integers', {
    inputs: [i64([-7n, 7n]), i32([0, 1]), i64([2n, 2n])],
    build: rowsOf('ResourceScatterDiv'),
    want: i64([-3n, 3n]),
  });
  opCase('ResourceScatterDiv', 'integers by zero', {
    inputs: [i32([1]), i32([0]), i32([0])],
    build: rowsOf('ResourceScatterDiv'),
    fails: /updates must not contain 0/,
  });
  opCase('ResourceScatterUpdate', 'strings', {
    inputs: [strings(['a', 'b']), i32([1]), strings(['c'])],
    build: rowsOf('ResourceScatterUpdate'),
    want: strings(['a', 'c']),
  });
  opCase('ResourceScatterAdd', 'out of range', {
    inputs: [f32([1, 2]), i32([2]), f32([1])],
    build: rowsOf('ResourceScatterAdd'),
    fails: /indices\[0\] = 2 is not in \[0, 2\)/,
  });
  opCase('ResourceScatterAdd', 'updates of another shape', {
    inputs: [
      f32([[1, 2]]),
      i32([0]),
      f32([
        [1, 2],
        [3, 4],
      ]),
    ],
    build: rowsOf('ResourceScatterAdd'),
    fails:
      /Dimension 0 in both shapes must be equal, but are 2 and 1|The shape of indices \(\[1\]\) must be a prefix of the shape of updates \(\[2,2\]\)/,
  });

  const slicesOf = (op: string) => (initial: Tensor, indices: Tensor, updates: Tensor) =>
    afterSteps([initial], (ref) => applyOp(op, { ref, indices, updates }));
  const expectedElements = {
    ResourceScatterNdUpdate: [
      [1, 4],
      [-1, 4],
    ],
    ResourceScatterNdAdd: [
      [1, 16],
      [2, 4],
    ],
    ResourceScatterNdSub: [
      [1, -12],
      [4, 4],
    ],
    ResourceScatterNdMin: [
      [1, 2],
      [-1, 4],
    ],
    ResourceScatterNdMax: [
      [1, 10],
      [3, 4],
    ],
  };
  for (const [op, want] of Object.entries(expectedElements)) {
    const inputs = [
      f64([
        [1, 2],
        [3, 4],
      ]),
      i32([
        [0, 1],
        [1, 0],
        [0, 1],
      ]),
      f64([10, -1, 4]),
    ];
    opCase(op, 'repeated elements', { inputs, build: slicesOf(op), want: f64(want) });
  }

  opCase('ResourceScatterNdAdd', 'slices', {
    inputs: [
      f32([
        [1, 2],
        [3, 4],
      ]),
      i64([[1n]]),
      f32([[10, 20]]),
    ],
    build: slicesOf('ResourceScatterNdAdd'),
    want: f32([
      [1, 2],
      [13, 24],
    ]),
  });
  opCase('ResourceScatterNdUpdate', 'out of range', {
    inputs: [f32([1, 2]), i32([[2]]), f32([1])],
    build: slicesOf('ResourceScatterNdUpdate'),
    fails: /indices\[0\] = \[2\] does not index into shape \[2\]/,
  });
  opCase('ResourceScatterNdAdd', 'more updates than indices', {
    inputs: [
      f32([[1, 2]]),
      i32([[0]]),
      f32([
        [1, 2],
        [3, 4],
      ]),
    ],
    build: slicesOf('ResourceScatterNdAdd'),
    fails:
      /Dimensions \[0,1\) of indices\[shape=\[1,1\]\] = \[?1\]? must match dimensions \[0,1\) of updates\[shape=\[2,2\]\] = \[?2\]?/,
  });

  const assignSlice = (initial: Tensor, value: Tensor) =>
    afterSteps([initial], (ref) =>
      applyOp('ResourceStridedSliceAssign', {
        ref,
        begin: [0, 1],
        end: [0, 2],
        strides: [1, 1],
        value,
        begin_mask: 1,
        end_mask: 1,
        shrink_axis_mask: 2,
      }),
    );
  opCase('ResourceStridedSliceAssign', 'a column', {
    inputs: [
      f32([
        [1, 2],
        [3, 4],
      ]),
      f32([9, 8]),
    ],
    build: assignSlice,
    want: f32([
      [1, 9],
      [3, 8],
    ]),
  });
  opCase('ResourceStridedSliceAssign', 'one value for all', {
    inputs: [
      i64([
        [1n, 2n],
        [3n, 4n],
      ]),
      i64(7n),
    ],
    build: assignSlice,
    want: i64([
      [1n, 7n],
      [3n, 7n],
    ]),
  });
});
