/**
 * Rows: the same elements in another shape or order.
 */
import { expect } from 'chai';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import {
  bitcast,
  expandDims,
  invertPermutation,
  matrixTranspose,
  reshape,
  reverse,
  reverseSequence,
  roll,
  squeeze,
  transpose,
} from '../../graph/ops/array';
import { placeholder } from '../../graph/ops/source';
import { bools, f32, f64, i32, i64, opCase, strings, u8 } from '../support/opCase';

/** 0, 1, 2, … in that shape. */
const upTo = (shape: number[], dtype: dtypes.DType = dtypes.float32) =>
  NdArray.from({ data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape }, dtype);
const empty = NdArray.zeros(dtypes.float32, [0, 3]);

opCase('Reshape', 'explicit', { inputs: [upTo([2, 3]), i32([3, 2])], build: reshape, want: upTo([3, 2]) });
opCase('Reshape', 'one open dimension', { inputs: [upTo([2, 3]), i64([-1, 1])], build: reshape, want: upTo([6, 1]) });
opCase('Reshape', 'to a scalar', { inputs: [strings(['a']), i32([])], build: reshape, want: strings('a') });
opCase('Reshape', 'nothing', { inputs: [empty, i32([-1, 3])], build: reshape, want: empty });
opCase('Reshape', 'nothing, by nothing', { inputs: [empty, i32([0, -1])], build: reshape, want: empty });
opCase('Reshape', 'gradient', { inputs: [f64([[1, 2, 3]]), i32([-1])], build: reshape, gradient: true });
opCase('Reshape', 'other size', {
  inputs: [upTo([6]), i32([4])],
  build: reshape,
  fails:
    /^Cannot reshape a tensor with 6 elements to shape \[4\] \(4 elements\) for '\{\{node Reshape|^Input to reshape is a tensor with 6 values, but the requested shape has 4\n/,
});
opCase('Reshape', 'open dimension does not fit', {
  inputs: [upTo([6]), i32([4, -1])],
  build: reshape,
  fails:
    /^Dimension size must be evenly divisible by 4 but is 6 for|^Input to reshape is a tensor with 6 values, but the requested shape requires a multiple of 4\n/,
});
opCase('Reshape', 'two open dimensions', {
  inputs: [upTo([6]), i32([-1, -1])],
  build: reshape,
  fails: /^Only one input size may be -1, not both 0 and 1/,
});
opCase('Reshape', 'zero beside an open dimension', {
  inputs: [upTo([6]), i32([-1, 0])],
  build: reshape,
  fails:
    /^Cannot reshape a tensor with 6 elements to shape \[\?,0\] \(0 elements\) for|^Input to reshape is a tensor with 6 values, but the requested shape has 0/,
});
opCase('Reshape', 'shape of rank 2', {
  inputs: [upTo([6]), i32([[6]])],
  build: reshape,
  fails: /^Shape must be rank 1 but is rank 2 for|^sizes input must be 1-D, not \[1,1\]/,
});

opCase('Squeeze', 'all', { inputs: [upTo([1, 3, 1])], build: (x) => squeeze(x), want: upTo([3]) });
opCase('Squeeze', 'some', {
  inputs: [upTo([1, 3, 1])],
  build: (x) => [squeeze(x, 0), squeeze(x, [-1]), squeeze(x, [0, -3, 2])],
  want: [upTo([3, 1]), upTo([1, 3]), upTo([3])],
});
opCase('Squeeze', 'gradient', { inputs: [f64([[[1], [2]]])], build: (x) => squeeze(x, [2]), gradient: true });
opCase('Squeeze', 'not of size 1', {
  inputs: [upTo([2, 3])],
  build: (x) => squeeze(x, 1),
  fails: /^Can not squeeze dim\[1\], expected a dimension of 1, got 3/,
});
opCase('Squeeze', 'no such axis', {
  inputs: [upTo([1, 3])],
  build: (x) => squeeze(x, 2),
  fails: /^squeeze_dims\[0\] not in \[-2,2\)\. for|^Tried to squeeze dim index 2 for tensor with 2 dimensions\./,
});

opCase('ExpandDims', 'each position', {
  inputs: [upTo([2, 3])],
  build: (x) => [expandDims(x, 0), expandDims(x, 2), expandDims(x, -1), expandDims(x, -3), expandDims(x, [1])],
  want: [upTo([1, 2, 3]), upTo([2, 3, 1]), upTo([2, 3, 1]), upTo([1, 2, 3]), upTo([2, 1, 3])],
});
opCase('ExpandDims', 'of a scalar', { inputs: [bools(true), i64(0)], build: expandDims, want: bools([true]) });
opCase('ExpandDims', 'gradient', { inputs: [f64([1, 2]), i32(-1)], build: expandDims, gradient: true });
opCase('ExpandDims', 'no such axis', {
  inputs: [upTo([2, 3]), i32(-4)],
  build: expandDims,
  fails: /^dim -4 not in the interval \[-3, 2\]\. for|^Tried to expand dim index -4 for tensor with 2 dimensions\./,
});
opCase('ExpandDims', 'two axes', {
  inputs: [upTo([2, 3]), i32([0, 1])],
  build: expandDims,
  fails: /^'dim' input must be a tensor with a single value for|^'dim' must be a tensor with a single value/,
});

opCase('Transpose', 'reversed', {
  inputs: [upTo([2, 3])],
  build: (x) => transpose(x),
  want: f32([
    [0, 3],
    [1, 4],
    [2, 5],
  ]),
});
opCase('Transpose', 'permuted', {
  inputs: [upTo([2, 2, 3], dtypes.int32), i64([1, 2, 0])],
  build: transpose,
  want: i32([
    [
      [0, 6],
      [1, 7],
      [2, 8],
    ],
    [
      [3, 9],
      [4, 10],
      [5, 11],
    ],
  ]),
});
opCase('Transpose', 'strings', {
  inputs: [
    strings([
      ['a', 'b'],
      ['c', 'd'],
    ]),
    i32([1, 0]),
  ],
  build: transpose,
  want: strings([
    ['a', 'c'],
    ['b', 'd'],
  ]),
});
opCase('Transpose', 'of a scalar and of nothing', {
  inputs: [f32(3), empty],
  build: (x, y) => [transpose(x), transpose(y)],
  want: [f32(3), NdArray.zeros(dtypes.float32, [3, 0])],
});
opCase('Transpose', 'last two axes', {
  inputs: [upTo([1, 2, 3])],
  build: (x) => matrixTranspose(x),
  want: f32([
    [
      [0, 3],
      [1, 4],
      [2, 5],
    ],
  ]),
});
opCase('Transpose', 'gradient', {
  inputs: [
    f64([
      [
        [1, 2],
        [3, 4],
      ],
    ]),
    i32([2, 0, 1]),
  ],
  build: transpose,
  gradient: true,
});
opCase('Transpose', 'axis out of range', {
  inputs: [upTo([2, 3]), i32([0, 2])],
  build: transpose,
  fails: /^perm dim 2 is out of range of input rank 2 for|^2 is out of range \[0 \.\. 2\)/,
});
opCase('Transpose', 'too few axes', {
  inputs: [upTo([2, 3]), i32([0])],
  build: transpose,
  fails:
    /^Dimension must be 2 but is 1 for|^transpose expects a vector of size 2\. But input\(1\) is a vector of size 1/,
});
opCase('Transpose', 'repeated axis', {
  inputs: [upTo([2, 3]), i32([0, 0])],
  build: transpose,
  fails: /^1 is missing from \{0,0\}\./,
});
opCase('Transpose', 'axes of rank 2', {
  inputs: [upTo([2, 3]), i32([[0, 1]])],
  build: transpose,
  fails: /^Shape must be rank 1 but is rank 2 for|^perm must be rank 1, got shape \[1,2\]/,
});

opCase('InvertPermutation', 'int32', {
  inputs: [i32([2, 0, 1])],
  build: (x) => invertPermutation(x),
  want: i32([1, 2, 0]),
});
opCase('InvertPermutation', 'int64, nothing', {
  inputs: [i64([1, 0]), i64([])],
  build: (x, y) => [invertPermutation(x), invertPermutation(y)],
  want: [i64([1, 0]), i64([])],
});
opCase('InvertPermutation', 'repeated', {
  inputs: [i32([2, 0, 0])],
  build: (x) => invertPermutation(x),
  fails: /^0 is duplicated in the input\./,
});
opCase('InvertPermutation', 'out of range', {
  inputs: [i32([-1, 0, 1])],
  build: (x) => invertPermutation(x),
  fails: /^-1 is not between 0 and 3/,
});
opCase('InvertPermutation', 'matrix', {
  inputs: [i32([[0]])],
  build: (x) => invertPermutation(x),
  fails: /^Shape must be rank 1 but is rank 2 for|^invert_permutation expects a 1D vector\./,
});

opCase('ReverseV2', 'axes', {
  inputs: [upTo([2, 3])],
  build: (x) => [reverse(x, [1]), reverse(x, [0, -1]), reverse(x, Int32Array.of())],
  want: [
    f32([
      [2, 1, 0],
      [5, 4, 3],
    ]),
    f32([
      [5, 4, 3],
      [2, 1, 0],
    ]),
    upTo([2, 3]),
  ],
});
opCase('ReverseV2', 'strings, nothing', {
  inputs: [strings(['a', 'b']), empty],
  build: (x, y) => [reverse(x, [0]), reverse(y, [0])],
  want: [strings(['b', 'a']), empty],
});
opCase('ReverseV2', 'gradient', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
    ]),
    i64([0]),
  ],
  build: reverse,
  gradient: true,
});
opCase('ReverseV2', 'axis out of range', {
  inputs: [upTo([2, 2]), i32([2])],
  build: reverse,
  fails: /^'axis'\[0\] = 2 is out of valid range \[0, 1( for|\n)/,
});
opCase('ReverseV2', 'repeated axis', {
  inputs: [upTo([2, 2]), i32([0, -2])],
  build: reverse,
  fails: /^axis 0 specified more than once\./,
});
opCase('ReverseV2', 'scalar axis', {
  inputs: [upTo([2, 2]), i32(0)],
  build: reverse,
  fails: /^Shape must be rank 1 but is rank 0 for|^'dims' must be 1-dimension, not 0/,
});

const sequences =
  (seqAxis: number, batchAxis?: number) =>
  (x: Parameters<typeof reverseSequence>[0], l: Parameters<typeof reverseSequence>[1]) =>
    reverseSequence(x, l, { seqAxis, batchAxis });
opCase('ReverseSequence', 'rows', {
  inputs: [upTo([2, 3]), i32([2, 3])],
  build: sequences(1),
  want: f32([
    [1, 0, 2],
    [5, 4, 3],
  ]),
});
opCase('ReverseSequence', 'columns, with an inner axis', {
  inputs: [upTo([3, 2, 2], dtypes.int64), i64([0, 2])],
  build: sequences(0, 1),
  want: i64([
    [
      [0, 1],
      [6, 7],
    ],
    [
      [4, 5],
      [2, 3],
    ],
    [
      [8, 9],
      [10, 11],
    ],
  ]),
});
opCase('ReverseSequence', 'gradient', {
  inputs: [
    f64([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    i32([2, 3]),
  ],
  build: sequences(1),
  gradient: true,
});
opCase('ReverseSequence', 'too long', {
  inputs: [upTo([2, 3]), i32([2, 4])],
  build: sequences(1),
  fails: /^seq_lens\(1\) > input\.dims\(1\)/,
});
opCase('ReverseSequence', 'negative', {
  inputs: [upTo([2, 3]), i32([2, -1])],
  build: sequences(1),
  fails: /^seq_lens\(1\) < 0/,
});
opCase('ReverseSequence', 'too few', {
  inputs: [upTo([2, 3]), i32([2])],
  build: sequences(1),
  fails: /^Dimensions must be equal, but are 2 and 1 for|^Length of seq_lengths != input\.dims\(0\), \(1 vs\. 2\)/,
});
opCase('ReverseSequence', 'one axis for both', {
  inputs: [upTo([2, 3]), i32([1, 1])],
  build: sequences(0),
  fails: /^batch_dim == seq_dim == 0/,
});
opCase('ReverseSequence', 'no such axis', {
  inputs: [upTo([2, 3]), i32([1, 1])],
  build: sequences(2),
  fails: /^seq_dim must be < input rank: 2 vs\. 2 for|^seq_dim must be < input rank \( 2 vs\. 2\)/,
});

opCase('Roll', 'axes', {
  inputs: [upTo([2, 3])],
  build: (x) => [roll(x, 1, 1), roll(x, [1, -2], [0, 1]), roll(x, [1, 1], [1, 1]), roll(x, 4, -1), roll(x, 0, 0)],
  want: [
    f32([
      [2, 0, 1],
      [5, 3, 4],
    ]),
    f32([
      [5, 3, 4],
      [2, 0, 1],
    ]),
    f32([
      [1, 2, 0],
      [4, 5, 3],
    ]),
    f32([
      [2, 0, 1],
      [5, 3, 4],
    ]),
    upTo([2, 3]),
  ],
});
opCase('Roll', 'gradient', { inputs: [f64([1, 2, 3]), i32(1), i32(0)], build: roll, gradient: true });
opCase('Roll', 'no such axis', {
  inputs: [upTo([2, 3]), i32(1), i32(2)],
  build: roll,
  fails: /^axis 2 is out of range/,
});
opCase('Roll', 'sizes that differ', {
  inputs: [upTo([2, 3]), i32([1]), i32([0, 1])],
  build: roll,
  fails: /^shift and axis must have the same size/,
});

opCase('Bitcast', 'same size', {
  inputs: [f32([1, 2])],
  build: (x) => bitcast(x, dtypes.int32),
  want: i32([0x3f800000, 0x40000000]),
});
opCase('Bitcast', 'to smaller elements', {
  inputs: [f32([1])],
  build: (x) => bitcast(x, dtypes.uint8),
  want: u8([[0, 0, 128, 63]]),
});
opCase('Bitcast', 'to larger elements', {
  inputs: [
    u8([
      [0, 0, 128, 63],
      [0, 0, 0, 64],
    ]),
  ],
  build: (x) => bitcast(x, dtypes.float32),
  want: f32([1, 2]),
});
opCase('Bitcast', 'last axis does not fit', {
  inputs: [u8([[0, 0, 128]])],
  build: (x) => bitcast(x, dtypes.float32),
  fails: /^Cannot bitcast from uint8 to float/,
});

describe('array', () => {
  it('static shapes keep what is known', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 3], { name: 'x' });
      const any = placeholder(dtypes.float32);
      expect(String(reshape(x, [-1, 3, 1]).shape)).to.equal('(None, 3, 1)');
      expect(String(reshape(x, [6]).shape)).to.equal('(6,)');
      expect(() => reshape(x, [7])).to.throw(/^Dimension size must be evenly divisible by 3 but is 7 for/);
      expect(String(squeeze(x).shape)).to.equal('<unknown>');
      expect(String(squeeze(x, 0).shape)).to.equal('(3,)');
      expect(String(transpose(x).shape)).to.equal('(3, None)');
      expect(String(transpose(any, [1, 0]).shape)).to.equal('(None, None)');
      expect(String(transpose(any).shape)).to.equal('<unknown>');
      expect(String(expandDims(x, placeholder(dtypes.int32, [])).shape)).to.equal('(None, None, None)');
      expect(() => matrixTranspose(placeholder(dtypes.float32, [3]))).to.throw(
        /should be a \(batch\) matrix with rank >= 2/,
      );
      expect(() => expandDims(x, null as never)).to.throw('Must specify an axis argument to tf.expand_dims()');
    });
  });
});
