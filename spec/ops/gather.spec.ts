/**
 * Rows: elements and slices picked by indices.
 */
import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import { NdArray } from '../../graph/ndarray';
import { gather, gatherNd } from '../../graph/ops/gather';
import { booleanMask, sequenceMask } from '../../graph/ops/masking';
import { placeholder } from '../../graph/ops/source';
import { bools, f32, i32, i64, opCase, strings } from '../support/opCase';

const upTo = (shape: number[], dtype: dtypes.DType = dtypes.float32) =>
  NdArray.from({ data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape }, dtype);
const matrix = upTo([2, 3]);

const v1 = (params: TensorLike, indices: TensorLike) => applyUnary('Gather', { params, indices });
opCase('Gather', 'rows', { inputs: [matrix, i64([[1], [0]])], build: v1, want: f32([[[3, 4, 5]], [[0, 1, 2]]]) });
opCase('Gather', 'gradient', { inputs: [upTo([3, 2], dtypes.float64), i32([2, 0, 2])], build: v1, gradient: true });
opCase('Gather', 'out of range', {
  inputs: [matrix, i32([1, 2])],
  build: v1,
  fails: /^indices\[1\] = 2 is not in \[0, 2\)/,
});

const along = (axis: number, batchDims?: number) => (params: TensorLike, indices: TensorLike) =>
  gather(params, indices, { axis, batchDims });
opCase('GatherV2', 'rows, one row, columns', {
  inputs: [matrix],
  build: (x) => [gather(x, [1, 1]), gather(x, 1), gather(x, [[2], [0]], { axis: -1 })],
  want: [
    f32([
      [3, 4, 5],
      [3, 4, 5],
    ]),
    f32([3, 4, 5]),
    f32([
      [[2], [0]],
      [[5], [3]],
    ]),
  ],
});
opCase('GatherV2', 'strings, nothing', {
  inputs: [strings(['a', 'b']), i32([]), i64([1])],
  build: (s, none, one) => [gather(s, none), gather(s, one)],
  want: [strings([]), strings(['b'])],
});
opCase('GatherV2', 'batch axes', {
  inputs: [
    matrix,
    i32([
      [0, 2],
      [1, 1],
    ]),
  ],
  build: along(1, 1),
  want: f32([
    [0, 2],
    [4, 4],
  ]),
});
opCase('GatherV2', 'batch axes, a later axis, counted from the end', {
  inputs: [
    upTo([2, 2, 3]),
    i32([
      [0, 2],
      [1, 1],
    ]),
  ],
  build: (x, i) => [gather(x, i, { axis: 2, batchDims: 1 }), gather(x, i, { axis: -1, batchDims: -1 })],
  want: [
    f32([
      [
        [0, 2],
        [3, 5],
      ],
      [
        [7, 7],
        [10, 10],
      ],
    ]),
    f32([
      [
        [0, 2],
        [3, 5],
      ],
      [
        [7, 7],
        [10, 10],
      ],
    ]),
  ],
});
opCase('GatherV2', 'axis as a tensor', {
  inputs: [matrix, i32([2]), i64(1)],
  build: (x, i, axis) => gather(x, i, { axis }),
  want: f32([[2], [5]]),
});
opCase('GatherV2', 'gradient of rows', {
  inputs: [
    upTo([3, 2], dtypes.float64),
    i32([
      [2, 0],
      [2, 2],
    ]),
  ],
  build: along(0),
  gradient: true,
});
opCase('GatherV2', 'gradient along an axis', {
  inputs: [
    upTo([2, 3, 2], dtypes.float64),
    i32([
      [2, 0],
      [2, 2],
    ]),
  ],
  build: along(1),
  gradient: true,
});
opCase('GatherV2', 'gradient along the last axis, int64', {
  inputs: [upTo([2, 3], dtypes.float64), i64([2, 2])],
  build: along(-1),
  gradient: true,
  staticOnly: true,
});
opCase('GatherV2', 'gradient with batch axes', {
  inputs: [
    upTo([2, 3], dtypes.float64),
    i32([
      [2, 0],
      [1, 1],
    ]),
  ],
  build: along(1, 1),
  gradient: true,
});
opCase('GatherV2', 'gradient with batch axes and an axis between', {
  inputs: [
    upTo([2, 2, 3], dtypes.float64),
    i32([
      [2, 0],
      [1, 1],
    ]),
  ],
  build: along(2, 1),
  gradient: true,
});
opCase('GatherV2', 'gradient with two batch axes', {
  inputs: [
    upTo([2, 2, 3], dtypes.float64),
    i32([
      [[2], [0]],
      [[1], [1]],
    ]),
  ],
  build: along(2, 2),
  gradient: true,
});
opCase('GatherV2', 'out of range', {
  inputs: [matrix, i32([0, 5])],
  build: along(0),
  fails: /^indices\[1\] = 5 is not in \[0, 2\)/,
});
opCase('GatherV2', 'scalar out of range', {
  inputs: [matrix, i32(5)],
  build: along(0),
  fails: /^indices = 5 is not in \[0, 2\)/,
});
opCase('GatherV2', 'negative', {
  inputs: [matrix, i32([[0], [-1]])],
  build: along(1),
  fails: /^indices\[1,0\] = -1 is not in \[0, 3\)/,
});
opCase('GatherV2', 'no such axis', {
  inputs: [matrix, i32([0])],
  build: along(2),
  fails: /^Shape must be at least rank 3 but is rank 2 for|^Expected axis in the range \[-2, 2\), but got 2/,
});
opCase('GatherV2', 'from a scalar', {
  inputs: [f32(1), i32([0])],
  build: along(0),
  fails: /^Shape must be at least rank 1 but is rank 0 for|^params must be at least 1 dimensional/,
});
opCase('GatherV2', 'batch sizes that differ', {
  inputs: [matrix, i32([[0], [1], [2]])],
  build: along(1, 1),
  fails: /^params\.shape\[0\]: 2 should be equal to indices\.shape\[0\]: 3/,
});
opCase('GatherV2', 'more batch axes than axes', {
  inputs: [matrix, i32([[0], [1]])],
  build: along(1, 2),
  fails: /^Shape must be at least rank 3 but is rank 2 for|^batch_dims \(2\) must be less than rank\(params\) \(2\)\./,
});
opCase('GatherV2', 'axis among the batch axes', {
  inputs: [matrix, i32([[0], [1]])],
  build: along(0, 1),
  fails: /^batch_dims \(1\) must be less than or equal to axis \(0\)\./,
});

opCase('GatherNd', 'elements, rows, everything', {
  inputs: [matrix, i32(NdArray.zeros(dtypes.int32, [2, 0]))],
  build: (x, none) => [
    gatherNd(x, [
      [0, 1],
      [1, 2],
    ]),
    gatherNd(x, [1]),
    gatherNd(x, none),
  ],
  want: [
    f32([1, 5]),
    f32([3, 4, 5]),
    f32([
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    ]),
  ],
});
opCase('GatherNd', 'gradient of elements', {
  inputs: [
    upTo([2, 3], dtypes.float64),
    i32([
      [1, 2],
      [0, 0],
      [1, 2],
    ]),
  ],
  build: (x, i) => gatherNd(x, i),
  gradient: true,
});
opCase('GatherNd', 'gradient of rows', {
  inputs: [upTo([3, 2], dtypes.float64), i64([[2], [2]])],
  build: (x, i) => gatherNd(x, i),
  gradient: true,
});
opCase('GatherNd', 'out of range', {
  inputs: [
    matrix,
    i32([
      [0, 1],
      [1, 5],
    ]),
  ],
  build: (x, i) => gatherNd(x, i),
  fails: /^indices\[1\] = \[1, 5\] does not index into param shape \[2,3\], node name: GatherNd/,
});
opCase('GatherNd', 'one vector out of range', {
  inputs: [matrix, i32([2])],
  build: (x, i) => gatherNd(x, i),
  fails: /^indices = \[2\] does not index into param shape \[2,3\]/,
});
opCase('GatherNd', 'too long', {
  inputs: [matrix, i32([[0, 1, 0]])],
  build: (x, i) => gatherNd(x, i),
  fails:
    /^indices\.shape\[-1\] must be <= params\.rank, but saw indices shape: \[1,3\] and params shape: \[2,3\] for|^index innermost dimension length must be <= params rank; saw: 3 vs\. 2/,
});
opCase('GatherNd', 'scalar index', {
  inputs: [matrix, i32(0)],
  build: (x, i) => gatherNd(x, i),
  fails: /^Shape must be at least rank 1 but is rank 0 for|^indices must be at least a vector/,
});

opCase('GatherV2', 'by a mask', {
  inputs: [matrix],
  build: (x) => [
    booleanMask(x, [false, true]),
    booleanMask(x, [true, false, true], { axis: 1 }),
    booleanMask(x, [
      [true, false, true],
      [false, false, true],
    ]),
  ],
  want: [
    f32([[3, 4, 5]]),
    f32([
      [0, 2],
      [3, 5],
    ]),
    f32([0, 2, 5]),
  ],
  staticOnly: true,
});
opCase('GatherV2', 'gradient by a mask', {
  inputs: [upTo([3, 2], dtypes.float64)],
  build: (x) => booleanMask(x, [true, false, true]),
  gradient: true,
  staticOnly: true,
});
opCase('Range', 'sequence masks', {
  inputs: [i32([1, 3, 0])],
  build: (x) => [sequenceMask(x, 4), sequenceMask(x), sequenceMask(x, 2, { dtype: dtypes.float32 })],
  want: [
    bools([
      [true, false, false, false],
      [true, true, true, false],
      [false, false, false, false],
    ]),
    bools([
      [true, false, false],
      [true, true, true],
      [false, false, false],
    ]),
    f32([
      [1, 0],
      [1, 1],
      [0, 0],
    ]),
  ],
});

describe('gather', () => {
  it('gives rows as its gradient, and zero rows for nothing gathered', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 3]);
      const [rows] = gradients(gather(x, [0, 1]), x);
      expect(rows).to.be.instanceOf(IndexedSlices);
      const [elements] = gradients(gatherNd(x, [[0], [2]]), x);
      expect(elements).to.be.instanceOf(IndexedSlices);
      const ids = placeholder(dtypes.int32);
      expect(() => gradients(gather(x, ids, { axis: 1, batchDims: -1 }), x)).to.throw(
        /batch_dims < 0 and the rank of the indices is unknown/,
      );
    });
  });

  it('static shapes keep what is known', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 3]);
      const ids = placeholder(dtypes.int32, [null, 2]);
      const axis = placeholder(dtypes.int32, []);
      expect(String(gather(x, ids).shape)).to.equal('(None, 2, 3)');
      expect(String(gather(x, ids, { axis: 1 }).shape)).to.equal('(None, None, 2)');
      expect(String(gather(x, ids, { axis, batchDims: 1 }).shape)).to.equal('(None, None)');
      expect(String(gatherNd(x, ids).shape)).to.equal('(None,)');
      expect(String(booleanMask(x, placeholder(dtypes.bool, [null])).shape)).to.equal('(None, 3)');
      expect(() => booleanMask(x, [true, false], { axis: 1 })).to.throw('Shapes (3,) and (2,) are incompatible');
      expect(() => sequenceMask(ids, [1, 2])).to.throw(/must be scalar for sequence_mask/);
    });
  });
});
