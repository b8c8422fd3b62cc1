/**
 * Rows: joining tensors and taking them apart.
 */
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { concat, split, stack, unstack } from '../../graph/ops/joining';
import { constant, placeholder } from '../../graph/ops/source';
import { bools, f32, f64, i32, i64, opCase, strings } from '../support/opCase';

const upTo = (shape: number[], dtype: dtypes.DType = dtypes.float32) =>
  NdArray.from({ data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape }, dtype);
const [a, b] = [upTo([2, 3]), f32([[7, 8, 9]])];
const join =
  (axis: TensorLike) =>
  (...values: TensorLike[]) =>
    concat(values, axis);

opCase('ConcatV2', 'rows', {
  inputs: [a, b],
  build: join(0),
  want: f32([
    [0, 1, 2],
    [3, 4, 5],
    [7, 8, 9],
  ]),
});
opCase('ConcatV2', 'columns', {
  inputs: [a, a],
  build: join(-1),
  want: f32([
    [0, 1, 2, 0, 1, 2],
    [3, 4, 5, 3, 4, 5],
  ]),
});
opCase('ConcatV2', 'middle of three axes', {
  inputs: [upTo([2, 1, 2], dtypes.int64), upTo([2, 2, 2], dtypes.int64)],
  build: join(1),
  want: i64([
    [
      [0, 1],
      [0, 1],
      [2, 3],
    ],
    [
      [2, 3],
      [4, 5],
      [6, 7],
    ],
  ]),
});
opCase('ConcatV2', 'strings, bools, nothing', {
  inputs: [strings(['a']), strings(['b', 'c']), bools([true]), bools([]), NdArray.zeros(dtypes.float32, [0, 3]), b],
  build: (s, t, p, q, x, y) => [concat([s, t], 0), concat([p, q, p], 0), concat([x, y], 0)],
  want: [strings(['a', 'b', 'c']), bools([true, true]), b],
});
opCase('ConcatV2', 'axis as a tensor', {
  inputs: [a, b, i64(0)],
  build: (x, y, axis) => concat([x, y], axis),
  want: f32([
    [0, 1, 2],
    [3, 4, 5],
    [7, 8, 9],
  ]),
});
opCase('ConcatV2', 'gradient', {
  inputs: [
    f64([[1, 2]]),
    f64([
      [3, 4],
      [5, 6],
    ]),
  ],
  build: join(0),
  gradient: true,
  covers: [],
});
opCase('ConcatV2', 'gradient along a negative axis', {
  inputs: [f64([[1, 2]]), f64([[3]])],
  build: join(-1),
  gradient: true,
});
opCase('ConcatV2', 'gradient of many', {
  inputs: [f64([1, 2]), f64([3])],
  build: (x, y) => concat([...Array(9).fill(x), ...Array(9).fill(y)], 0),
  gradient: true,
});
opCase('ConcatV2', 'dimensions that differ', {
  inputs: [a, upTo([2, 4])],
  build: join(0),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 3 and 4\. Shapes are \[3\] and \[4\]\. for|^ConcatOp : Dimension 1 in both shapes must be equal: shape\[0\] = \[2,3\] vs\. shape\[1\] = \[2,4\]/,
});
opCase('ConcatV2', 'ranks that differ', {
  inputs: [a, upTo([2])],
  build: join(0),
  fails:
    /^Shape must be rank 2 but is rank 1 for|^ConcatOp : Ranks of all input tensors should match: shape\[0\] = \[2,3\] vs\. shape\[1\] = \[2\]/,
});
opCase('ConcatV2', 'no such axis', {
  inputs: [a, a],
  build: join(-3),
  fails:
    /^Shape must be at least rank 3 but is rank 2 for|^ConcatOp : Expected concatenating dimensions in the range \[-2, 2\), but got -3/,
});
opCase('ConcatV2', 'scalars', {
  inputs: [f32(1), f32(2)],
  build: join(0),
  fails: /^(ConcatOp : )?Can't concatenate scalars \(use tf\.stack instead\)/,
});

const v1 = (x: TensorLike, y: TensorLike) => applyUnary('Concat', { concat_dim: 0, values: [x, y] });
opCase('Concat', 'rows', {
  inputs: [a, b],
  build: v1,
  want: f32([
    [0, 1, 2],
    [3, 4, 5],
    [7, 8, 9],
  ]),
});
opCase('Concat', 'gradient', {
  inputs: [
    f64([[1, 2]]),
    f64([
      [3, 4],
      [5, 6],
    ]),
  ],
  build: v1,
  gradient: true,
});

const offsets = (dim: TensorLike, ...shape: TensorLike[]) =>
  applyOp('ConcatOffset', { concat_dim: dim, shape }).outputs;
opCase('ConcatOffset', 'offsets', {
  inputs: [i32(1), i32([2, 3]), i32([2, 4])],
  build: offsets,
  want: [i32([0, 0]), i32([0, 3])],
});
opCase('ConcatOffset', 'negative axis', {
  inputs: [i32(-1), i64([2, 3]), i64([2, 4])],
  build: offsets,
  want: [i64([0, 0]), i64([0, 3])],
});
opCase('ConcatOffset', 'dimensions that differ', {
  inputs: [i32(1), i32([2, 3]), i32([3, 4])],
  build: offsets,
  fails:
    /^All dimensions except 1 must match\. Input 1 has shape \[3 4\] and doesn't match input 0 with shape \[2 3\]\./,
});
opCase('ConcatOffset', 'no such axis', {
  inputs: [i32(2), i32([2, 3]), i32([2, 4])],
  build: offsets,
  fails: /^Concat dim is out of range: 2 vs\. 2/,
});
opCase('ConcatOffset', 'ranks that differ', {
  inputs: [i32(1), i32([2, 3]), i32([2, 4, 1])],
  build: offsets,
  fails: /^input 1 should contain 2 elements, but got 3/,
});

const halves = (x: TensorLike, axis: TensorLike) => split(x, 2, { axis });
opCase('Split', 'rows and columns', {
  inputs: [upTo([2, 4])],
  build: (x) => [...halves(x, 0), ...halves(x, -1)],
  want: [
    f32([[0, 1, 2, 3]]),
    f32([[4, 5, 6, 7]]),
    f32([
      [0, 1],
      [4, 5],
    ]),
    f32([
      [2, 3],
      [6, 7],
    ]),
  ],
});
opCase('Split', 'one piece, strings', {
  inputs: [strings(['a', 'b'])],
  build: (x) => [...split(x, 1), ...split(x, 2)],
  want: [strings(['a', 'b']), strings(['a']), strings(['b'])],
});
opCase('Split', 'gradient', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
    ]),
    i32(1),
  ],
  build: halves,
  gradient: true,
});
opCase('Split', 'uneven', {
  inputs: [a, i32(1)],
  build: halves,
  fails:
    /^Dimension size must be evenly divisible by 2 but is 3\n\tNumber of ways to split should evenly divide the split dimension for|^Number of ways to split should evenly divide the split dimension, but got split_dim 1 \(size = 3\) and num_split 2/,
});
opCase('Split', 'no such axis', {
  inputs: [a, i32(2)],
  build: halves,
  fails:
    /^Dimension size, given by scalar input 2 must be in range \[-2, 2\) for|^-input rank\(-2\) <= split_dim < input rank \(2\), but got 2/,
});
opCase('Split', 'axis of rank 1', {
  inputs: [a, i32([0, 1])],
  build: halves,
  fails: /^Input must be scalar but has rank 1 for|^split_dim must be a scalar but has rank 1/,
});

const sized = (x: TensorLike, sizes: TensorLike, axis: TensorLike) => split(x, sizes, { axis, num: 2 });
opCase('SplitV', 'sizes', {
  inputs: [upTo([1, 4]), i32([1, 3]), i32(1)],
  build: sized,
  want: [f32([[0]]), f32([[1, 2, 3]])],
});
opCase('SplitV', 'what is left', {
  inputs: [upTo([4, 1]), i64([-1, 1]), i32(-2)],
  build: sized,
  want: [f32([[0], [1], [2]]), f32([[3]])],
});
opCase('SplitV', 'number of pieces from the list', {
  inputs: [upTo([6], dtypes.int32)],
  build: (x) => split(x, [1, 2, 3]),
  want: [i32([0]), i32([1, 2]), i32([3, 4, 5])],
});
opCase('SplitV', 'gradient', { inputs: [f64([[1, 2, 3]]), i32([1, 2]), i32(1)], build: sized, gradient: true });
const tooFew =
  /^can't split axis of size 4 into pieces of size \[1,2\] for|^Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the size of the input along split_dim if not fully specified\. {2}Got: 3/;
opCase('SplitV', 'too few', { inputs: [upTo([2, 4]), i32([1, 2]), i32(1)], build: sized, fails: tooFew });
opCase('SplitV', 'two open sizes', {
  inputs: [upTo([2, 4]), i32([-1, -1]), i32(1)],
  build: sized,
  fails: /^size_splits can only have one -1 for|^There can only be one -1 in the input\./,
});
opCase('SplitV', 'number of sizes', {
  inputs: [upTo([2, 4]), i32([1, 2, 1]), i32(1)],
  build: sized,
  fails:
    /^Length of size_splits should be equal to num_outputs for|^size of the split_tensor must be 1-D and have the same elements as outputs got 1 -D and 3 elements/,
});
opCase('SplitV', 'negative size', {
  inputs: [upTo([2, 4]), i32([-2, 6]), i32(1)],
  build: sized,
  fails: /^Split size at index 0 must be >= 0\. Got: -2/,
});
opCase('SplitV', 'scalar', {
  inputs: [f32(1), i32([0, 1]), i32(0)],
  build: sized,
  fails: /^Can't split scalars for|^-input rank\(-0\) <= split_dim < input rank \(0\), but got 0/,
});

opCase('Pack', 'each axis', {
  inputs: [i32([1, 2]), i32([3, 4])],
  build: (x, y) => [stack([x, y]), stack([x, y], { axis: 1 }), stack([x, y], { axis: -2 })],
  want: [
    i32([
      [1, 2],
      [3, 4],
    ]),
    i32([
      [1, 3],
      [2, 4],
    ]),
    i32([
      [1, 2],
      [3, 4],
    ]),
  ],
});
opCase('Pack', 'scalars and plain values', {
  inputs: [i64(1)],
  build: (x) => [stack([x, 2, 3]), stack([x], { axis: -1 })],
  want: [i64([1, 2, 3]), i64([1])],
});
opCase('Pack', 'gradient', {
  inputs: [f64([1, 2]), f64([3, 4])],
  build: (...xs) => stack(xs, { axis: 1 }),
  gradient: true,
});
opCase('Pack', 'shapes that differ', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: (...xs) => stack(xs),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 2 and 3\. Shapes are \[2\] and \[3\]\.\n\tFrom merging shape 0 with other shapes\. for|^Shapes of all inputs must match: values\[0\]\.shape = \[2\] != values\[1\]\.shape = \[3\]/,
});
opCase('Pack', 'no such axis', {
  inputs: [f32([1, 2]), f32([1, 2])],
  build: (...xs) => stack(xs, { axis: 3 }),
  fails: /^Argument `axis` = 3 not in range \[-2, 2\)|^axis = 3 not in \[-2, 2\)/,
});

opCase('Unpack', 'each axis', {
  inputs: [
    i32([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ],
  build: (x) => [...unstack(x, { num: 2 }), ...unstack(x, { num: 3, axis: -1 })],
  want: [i32([1, 2, 3]), i32([4, 5, 6]), i32([1, 4]), i32([2, 5]), i32([3, 6])],
});
opCase('Unpack', 'scalars', {
  inputs: [strings(['a', 'b'])],
  build: (x) => unstack(x, { num: 2 }),
  want: [strings('a'), strings('b')],
});
opCase('Unpack', 'gradient', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
    ]),
  ],
  build: (x) => unstack(x, { num: 2, axis: 1 }),
  gradient: true,
});
opCase('Unpack', 'other number', {
  inputs: [upTo([2, 2])],
  build: (x) => unstack(x, { num: 3 }),
  fails: /^Dimension must be 3 but is 2 for|^Input shape axis 0 must equal 3, got shape \[2,2\]/,
});

describe('joining', () => {
  it('one tensor is concatenated by an identity inside the scope', () => {
    const graph = new Graph();
    graph.asDefault(() => expect(concat([constant([1, 2])], 0).name).to.equal('concat/concat:0'));
    expect(() => concat([], 0)).to.throw(/length 0 shorter than minimum length 2/);
  });

  it('static shapes keep what is known', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 3]);
      const any = placeholder(dtypes.float32);
      expect(String(concat([x, constant([[1, 2, 3]])], 0).shape)).to.equal('(None, 3)');
      expect(String(concat([x, x], 1).shape)).to.equal('(None, 6)');
      expect(String(concat([x, any], 1).shape)).to.equal('(None, None)');
      expect(String(concat([any, any], 1).shape)).to.equal('<unknown>');
      expect(split(x, [1, -1], { axis: 1 }).map((piece) => String(piece.shape))).to.deep.equal([
        '(None, 1)',
        '(None, 2)',
      ]);
      expect(String(stack([x, any], { axis: 1 }).shape)).to.equal('(None, 2, 3)');
      expect(() => unstack(x)).to.throw('Cannot infer argument `num` from shape (None, 3)');
      expect(() => unstack(x, { axis: 2 })).to.throw('Argument `axis` = 2 not in range [-2, 2)');
      expect(() => split(x, placeholder(dtypes.int32, [null]))).to.throw(
        'Cannot infer argument `num` from shape (None,)',
      );
      expect(() => split(x, constant(3, dtypes.int32))).to.throw(/^Rank-0 tensors are not supported/);
    });
  });
});
