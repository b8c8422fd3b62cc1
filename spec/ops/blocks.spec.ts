/**
 * Rows: blocks of space moved into the batch or the depth, and back.
 */
import { expect } from 'chai';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { batchToSpaceND, depthToSpace, spaceToBatchND, spaceToDepth } from '../../graph/ops/blocks';
import { placeholder } from '../../graph/ops/source';
import { f32, i32, i64, opCase } from '../support/opCase';

const upTo = (shape: number[], dtype: dtypes.DType = dtypes.float32) =>
  NdArray.from({ data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape }, dtype);
// The rank of the block shape must be known while building, so it is a list in all rows.
const toBatch = (block: number[]) => (x: TensorLike, paddings: TensorLike) => spaceToBatchND(x, block, paddings);
const toSpace = (block: number[]) => (x: TensorLike, crops: TensorLike) => batchToSpaceND(x, block, crops);

opCase('SpaceToBatchND', 'two axes', {
  inputs: [
    upTo([1, 4, 4, 1]),
    i32([
      [0, 0],
      [0, 0],
    ]),
  ],
  build: toBatch([2, 2]),
  want: f32([0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15]).reshape([4, 2, 2, 1]),
});
opCase('SpaceToBatchND', 'padded', {
  inputs: [
    upTo([1, 2, 4, 2]),
    i64([
      [0, 0],
      [2, 0],
    ]),
  ],
  build: toBatch([2, 2]),
  want: f32([0, 0, 0, 1, 4, 5, 0, 0, 2, 3, 6, 7, 0, 0, 8, 9, 12, 13, 0, 0, 10, 11, 14, 15]).reshape([4, 1, 3, 2]),
});
opCase('SpaceToBatchND', 'one axis, int64', {
  inputs: [
    i64([
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    ]),
    i32([[1, 0]]),
  ],
  build: toBatch([2]),
  want: i64([
    [
      [0, 0],
      [2, 3],
    ],
    [
      [0, 1],
      [4, 5],
    ],
  ]),
});
opCase('SpaceToBatchND', 'gradient', {
  inputs: [upTo([1, 3, 2], dtypes.float64), i32([[1, 0]])],
  build: toBatch([2]),
  gradient: true,
});
opCase('SpaceToBatchND', 'not divisible', {
  inputs: [upTo([1, 3, 2]), i32([[0, 0]])],
  build: toBatch([2]),
  fails:
    /^Dimension size must be evenly divisible by 2 but is 3 for|^padded_shape\[0\]=3 is not divisible by block_shape\[0\]=2/,
});
opCase('SpaceToBatchND', 'negative padding', {
  inputs: [upTo([1, 4, 2]), i32([[-1, 1]])],
  build: toBatch([2]),
  fails: /^paddings cannot be negative for|^Paddings must be non-negative/,
});
opCase('SpaceToBatchND', 'block of zero', {
  inputs: [upTo([1, 3, 2]), i32([[0, 0]])],
  build: toBatch([0]),
  fails: /^block_shape must be positive for/,
});
opCase('SpaceToBatchND', 'rows of paddings', {
  inputs: [
    upTo([1, 4, 2]),
    i32([
      [0, 0],
      [0, 0],
    ]),
  ],
  build: toBatch([2]),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 2 and 1\. Shapes are \[2,2\] and \[1,2\]\. for|^paddings should have shape \[1, 2\] instead of \[2,2\]/,
});
opCase('SpaceToBatchND', 'too few axes', {
  inputs: [upTo([4]), i32([[0, 0]])],
  build: toBatch([2]),
  fails: /^Shape must be at least rank 2 but is rank 1 for|^input rank should be >= 2 instead of 1/,
});

opCase('BatchToSpaceND', 'two axes', {
  inputs: [
    upTo([4, 2, 2, 1]),
    i32([
      [0, 0],
      [0, 0],
    ]),
  ],
  build: toSpace([2, 2]),
  want: f32([0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15]).reshape([1, 4, 4, 1]),
});
opCase('BatchToSpaceND', 'cropped', {
  inputs: [upTo([4, 2, 1]), i32([[1, 0]])],
  build: toSpace([2]),
  want: f32([4, 1, 5, 6, 3, 7]).reshape([2, 3, 1]),
});
opCase('BatchToSpaceND', 'gradient', {
  inputs: [upTo([4, 2, 1], dtypes.float64), i32([[1, 0]])],
  build: toSpace([2]),
  gradient: true,
});
opCase('BatchToSpaceND', 'batch not divisible', {
  inputs: [upTo([3, 2, 1]), i32([[1, 0]])],
  build: toSpace([2]),
  fails:
    /^Dimension size must be evenly divisible by 2 but is 3 for|^Input batch dimension \(3\) is not divisible by product of block sizes \(2\)/,
});
opCase('BatchToSpaceND', 'cropped too far', {
  inputs: [upTo([4, 2, 1]), i32([[3, 2]])],
  build: toSpace([2]),
  fails: /^Negative dimension size caused by subtracting 2 from 1 for|^cropped_shape\[0\]=-1 must be non-negative/,
});
opCase('BatchToSpaceND', 'negative crop', {
  inputs: [upTo([4, 2, 1]), i32([[-1, 2]])],
  build: toSpace([2]),
  fails: /^crops cannot be negative for|^Crops must be non-negative/,
});

opCase('SpaceToDepth', 'blocks', {
  inputs: [upTo([1, 2, 4, 1])],
  build: (x) => spaceToDepth(x, 2),
  want: f32([0, 1, 4, 5, 2, 3, 6, 7]).reshape([1, 1, 2, 4]),
});
opCase('SpaceToDepth', 'gradient', {
  inputs: [upTo([1, 2, 2, 2], dtypes.float64)],
  build: (x) => spaceToDepth(x, 2),
  gradient: true,
});
opCase('SpaceToDepth', 'not divisible', {
  inputs: [upTo([1, 3, 4, 1])],
  build: (x) => spaceToDepth(x, 2),
  fails:
    /^Dimension size must be evenly divisible by 2 but is 3 for|^Image width 4 and height 3 should be divisible by block_size: 2/,
});
opCase('SpaceToDepth', 'rank 3', {
  inputs: [upTo([1, 3, 4])],
  build: (x) => spaceToDepth(x, 2),
  fails: /^Shape must be rank 4 but is rank 3 for|^Input rank should be 4 instead of 3/,
});
opCase('SpaceToDepth', 'channels first', {
  inputs: [upTo([1, 1, 2, 2])],
  build: (x) => spaceToDepth(x, 2, { dataFormat: 'NCHW' }),
  fails: /no kernel for the data format NCHW/,
});
opCase('DepthToSpace', 'blocks', {
  inputs: [upTo([1, 1, 2, 4])],
  build: (x) => depthToSpace(x, 2),
  want: f32([0, 1, 4, 5, 2, 3, 6, 7]).reshape([1, 2, 4, 1]),
});
opCase('DepthToSpace', 'gradient', {
  inputs: [upTo([1, 1, 1, 8], dtypes.float64)],
  build: (x) => depthToSpace(x, 2),
  gradient: true,
});
opCase('DepthToSpace', 'not divisible', {
  inputs: [upTo([1, 1, 2, 3])],
  build: (x) => depthToSpace(x, 2),
  fails:
    /^Dimension size must be evenly divisible by 4 but is 3 for|^Input depth dimension 3 should be divisible by: 4/,
});

describe('blocks', () => {
  it('static shapes keep what is known', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 4, null, 3]);
      expect(
        String(
          spaceToBatchND(
            x,
            [2, 2],
            [
              [0, 0],
              [1, 1],
            ],
          ).shape,
        ),
      ).to.equal('(None, 2, None, 3)');
      expect(String(spaceToDepth(x, 2).shape)).to.equal('(None, 2, None, 12)');
      expect(
        String(depthToSpace(placeholder(dtypes.float32, [1, 4, null, 12]), 2, { dataFormat: 'NCHW' }).shape),
      ).to.equal('(1, 1, None, 24)');
      expect(() => spaceToBatchND(x, placeholder(dtypes.int32), [[0, 0]])).to.throw(
        /^block_shape must have rank 1\. for/,
      );
    });
  });
});
