/**
 * Rows: parts of tensors by position.
 */
import { applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { type StridedSliceOptions, slice, stridedSlice } from '../../graph/ops/slice';
import { bools, f32, f64, i32, i64, opCase, strings } from '../support/opCase';

const upTo = (shape: number[], dtype: dtypes.DType = dtypes.float32) =>
  NdArray.from({ data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape }, dtype);
const matrix = upTo([3, 2]);

opCase('Slice', 'a block', { inputs: [matrix, i32([1, 0]), i32([2, 1])], build: slice, want: f32([[2], [4]]) });
opCase('Slice', 'the rest', { inputs: [matrix, i64([1, 1]), i64([-1, -1])], build: slice, want: f32([[3], [5]]) });
opCase('Slice', 'nothing, strings, scalars', {
  inputs: [matrix, strings(['a', 'b', 'c']), bools(true), i32([])],
  build: (x, s, b, none) => [slice(x, [3, 0], [-1, 1]), slice(s, [1], [2]), slice(b, none, none)],
  want: [NdArray.zeros(dtypes.float32, [0, 1]), strings(['b', 'c']), bools(true)],
});
opCase('Slice', 'gradient', {
  inputs: [upTo([3, 2], dtypes.float64), i32([1, 0]), i32([2, -1])],
  build: slice,
  gradient: true,
});
opCase('Slice', 'size out of range', {
  inputs: [matrix, i32([1, 0]), i32([5, 1])],
  build: slice,
  fails: /^Expected size\[0\] in \[0, 2\], but got 5/,
});
opCase('Slice', 'begin out of range', {
  inputs: [matrix, i32([4, 0]), i32([1, 1])],
  build: slice,
  fails: /^Expected begin\[0\] in \[0, 3\], but got 4/,
});
opCase('Slice', 'negative begin', {
  inputs: [matrix, i32([-1, 0]), i32([1, 1])],
  build: slice,
  fails: /^Expected begin\[0\] in \[0, 3\], but got -1/,
});
opCase('Slice', 'the rest of nothing', {
  inputs: [matrix, i32([4, 0]), i32([-1, 1])],
  build: slice,
  fails: /^Negative dimension size caused by subtracting 4 from 3 for|^Expected begin\[0\] in \[0, 3\], but got 4/,
});
opCase('Slice', 'too few bounds', {
  inputs: [matrix, i32([1]), i32([1])],
  build: slice,
  fails:
    /^Shape must be rank 1 but is rank 2 for|^Expected begin and size arguments to be 1-D tensors of size 2, but got shapes \[1\] and \[1\] instead\./,
});
opCase('Slice', 'bounds that differ', {
  inputs: [matrix, i32([1, 0]), i32([1])],
  build: slice,
  fails:
    /^Dimension 0 in both shapes must be equal, but are 2 and 1\. Shapes are \[2\] and \[1\]\. for|^Expected begin and size arguments to be 1-D tensors of size 2, but got shapes \[2\] and \[1\] instead\./,
});

const strided =
  (options: StridedSliceOptions = {}) =>
  (x: TensorLike, begin: TensorLike, end: TensorLike, strides?: TensorLike) =>
    stridedSlice(x, begin, end, strides, options);

opCase('StridedSlice', 'steps', {
  inputs: [upTo([4, 5]), i32([0, 1]), i32([3, 4]), i32([2, 1])],
  build: strided(),
  want: f32([
    [1, 2, 3],
    [11, 12, 13],
  ]),
});
opCase('StridedSlice', 'default strides', {
  inputs: [upTo([4])],
  build: (x) => stridedSlice(x, [1], [3]),
  want: f32([1, 2]),
});
opCase('StridedSlice', 'backwards with masks, int64 bounds', {
  inputs: [upTo([2, 3], dtypes.int64), i64([0, -1]), i64([0, 0]), i64([1, -2])],
  build: strided({ beginMask: 1, endMask: 3 }),
  want: i64([
    [2, 0],
    [5, 3],
  ]),
});
opCase('StridedSlice', 'index, new axis and ellipsis', {
  inputs: [upTo([2, 1, 3]), i32([0, 0, 1]), i32([1, 0, 3]), i32([1, 1, 1])],
  build: (x, begin, end, steps) => [
    strided({ shrinkAxisMask: 1, ellipsisMask: 2 })(x, begin, end, steps),
    strided({ newAxisMask: 1, ellipsisMask: 2 })(x, begin, end, steps),
  ],
  want: [f32([[1, 2]]), f32([[[[1, 2]], [[4, 5]]]])],
});
opCase('StridedSlice', 'beyond the ends, nothing', {
  inputs: [upTo([3])],
  build: (x) => [stridedSlice(x, [-10], [10]), stridedSlice(x, [2], [1]), stridedSlice(x, [0], [3], [-1])],
  want: [f32([0, 1, 2]), f32([]), f32([])],
});
opCase('StridedSlice', 'strings', {
  inputs: [strings(['a', 'b', 'c'])],
  build: (x) => stridedSlice(x, [-1], [0], [1], { shrinkAxisMask: 1 }),
  want: strings('c'),
});
opCase('StridedSlice', 'gradient', {
  inputs: [upTo([4, 3], dtypes.float64), i32([3, 1]), i32([0, 2]), i32([-2, 1])],
  build: strided({ shrinkAxisMask: 2 }),
  gradient: true,
  covers: [],
});
opCase('StridedSlice', 'gradient with a new axis and an ellipsis', {
  inputs: [upTo([2, 2, 3], dtypes.float64), i32([0, 0, 1]), i32([0, 0, 3]), i32([1, 1, 1])],
  build: strided({ newAxisMask: 1, ellipsisMask: 2 }),
  gradient: true,
});
opCase('StridedSlice', 'no step', {
  inputs: [matrix, i32([0]), i32([2]), i32([0])],
  build: strided(),
  fails: /^strides\[0\] must be non-zero/,
});
opCase('StridedSlice', 'too many items', {
  inputs: [matrix, i32([0, 0, 0]), i32([1, 1, 1]), i32([1, 1, 1])],
  build: strided(),
  fails: /^Index out of range using input dim 2; input has only 2 dims/,
});
opCase('StridedSlice', 'scalar', {
  inputs: [f32(1), i32([0]), i32([1]), i32([1])],
  build: strided(),
  fails: /^Attempting to slice scalar input\./,
});
for (const [index, shown] of [
  [5, 5],
  [-4, -1],
]) {
  opCase('StridedSlice', `index ${index}`, {
    inputs: [matrix, i32([index]), i32([index + 1]), i32([1])],
    build: strided({ shrinkAxisMask: 1 }),
    fails: new RegExp(`^slice index ${shown} of dimension 0 out of bounds\\.`),
  });
}
opCase('StridedSlice', 'index with a backward step', {
  inputs: [matrix, i32([1]), i32([2]), i32([-1])],
  build: strided({ shrinkAxisMask: 1 }),
  fails: /^only stride 1 allowed on non-range indexing\./,
});
opCase('StridedSlice', 'two ellipses', {
  inputs: [matrix, i32([0, 0]), i32([0, 0]), i32([1, 1])],
  build: strided({ ellipsisMask: 3 }),
  fails: /^Multiple ellipses in slice spec not allowed/,
});
opCase('StridedSlice', 'bounds that differ', {
  inputs: [matrix, i32([0]), i32([2, 1]), i32([1])],
  build: strided(),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 1 and 2\. Shapes are \[1\] and \[2\]\. for|^Expected begin, end, and strides to be 1D equal size tensors, but got shapes \[1\], \[2\], and \[1\] instead\./,
});

const backwards =
  (masks: Readonly<Record<string, number>> = {}) =>
  (shape: TensorLike, begin: TensorLike, end: TensorLike, strides: TensorLike, dy: TensorLike) =>
    applyUnary('StridedSliceGrad', { shape, begin, end, strides, dy, ...masks });
opCase('StridedSliceGrad', 'steps', {
  inputs: [
    i32([3, 2]),
    i32([2]),
    i32([-4]),
    i32([-2]),
    f32([
      [1, 2],
      [3, 4],
    ]),
  ],
  build: backwards(),
  want: f32([
    [3, 4],
    [0, 0],
    [1, 2],
  ]),
});
opCase('StridedSliceGrad', 'index', {
  inputs: [i64([3]), i64([1]), i64([2]), i64([1]), f32(5)],
  build: backwards({ shrink_axis_mask: 1 }),
  want: f32([0, 5, 0]),
});
opCase('StridedSliceGrad', 'gradient', {
  inputs: [i32([4]), i32([0]), i32([4]), i32([2]), f64([1, 2])],
  build: backwards(),
  gradient: true,
});
opCase('StridedSliceGrad', 'other shape', {
  inputs: [i32([3, 2]), i32([0]), i32([2]), i32([1]), matrix],
  build: backwards(),
  fails: /^shape of dy was \[3,2\] instead of \[2,2\]/,
});

const updated =
  (masks: Readonly<Record<string, number>> = {}) =>
  (input: TensorLike, begin: TensorLike, end: TensorLike, strides: TensorLike, value: TensorLike) =>
    applyUnary('TensorStridedSliceUpdate', { input, begin, end, strides, value, ...masks });
opCase('TensorStridedSliceUpdate', 'broadcast', {
  inputs: [matrix, i32([0]), i32([2]), i32([1]), f32([9, 10])],
  build: updated(),
  want: f32([
    [9, 10],
    [9, 10],
    [4, 5],
  ]),
});
opCase('TensorStridedSliceUpdate', 'index', {
  inputs: [matrix, i32([-1]), i32([0]), i32([1]), f32([9, 10])],
  build: updated({ shrink_axis_mask: 1 }),
  want: f32([
    [0, 1],
    [2, 3],
    [9, 10],
  ]),
});
opCase('TensorStridedSliceUpdate', 'gradient', {
  inputs: [upTo([3, 2], dtypes.float64), i32([0]), i32([2]), i32([1]), f64([9, 10])],
  build: updated(),
  gradient: true,
});
opCase('TensorStridedSliceUpdate', 'does not fit', {
  inputs: [matrix, i32([0]), i32([2]), i32([1]), upTo([3, 2])],
  build: updated(),
  fails: /^Cannot broadcast input shape \[3,2\] into final shape \[2,2\]/,
});
