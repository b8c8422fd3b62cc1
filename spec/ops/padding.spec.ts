/**
 * Rows: padding and repetition.
 */
import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { pad, tile } from '../../graph/ops/padding';
import { constant, placeholder } from '../../graph/ops/source';
import { bools, f32, f64, i32, i64, opCase, strings } from '../support/opCase';

const square = f32([
  [0, 1],
  [2, 3],
]);
const plain = (x: TensorLike, p: TensorLike) => pad(x, p);
const withValue = (x: TensorLike, p: TensorLike, v: TensorLike) => pad(x, p, { constantValues: v });

opCase('Pad', 'around', {
  inputs: [
    square,
    i32([
      [1, 0],
      [0, 1],
    ]),
  ],
  build: plain,
  want: f32([
    [0, 0, 0],
    [0, 1, 0],
    [2, 3, 0],
  ]),
});
opCase('Pad', 'bools, scalars, nothing', {
  inputs: [bools([true]), i64([[1, 1]]), i32(NdArray.zeros(dtypes.int32, [0, 2])), f32(3), f32([])],
  build: (b, p, none, x, empty) => [pad(b, p), pad(x, none), pad(empty, p)],
  want: [bools([false, true, false]), f32(3), f32([0, 0])],
});
opCase('Pad', 'gradient', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
    ]),
    i64([
      [1, 0],
      [2, 1],
    ]),
  ],
  build: plain,
  gradient: true,
});
opCase('Pad', 'rows of paddings', {
  inputs: [square, i32([[1, 0]])],
  build: plain,
  fails:
    /^Shape must be rank 1 but is rank 2 for|^The first dimension of paddings must be the rank of inputs\[1,2\] \[2,2\]/,
});
opCase('Pad', 'columns of paddings', {
  inputs: [
    square,
    i32([
      [1, 0, 0],
      [0, 1, 0],
    ]),
  ],
  build: plain,
  fails: /^Dimension must be 2 but is 3 for|^paddings must be a matrix with 2 columns: \[2,3\]/,
});
opCase('Pad', 'negative', {
  inputs: [
    square,
    i32([
      [-1, 0],
      [0, 1],
    ]),
  ],
  build: plain,
  fails: /^Paddings must be non-negative( for|: -1 0)/,
});
opCase('PadV2', 'with a value', {
  inputs: [f32([5]), i32([[1, 2]]), f32(9)],
  build: withValue,
  want: f32([9, 5, 9, 9]),
});
opCase('PadV2', 'strings', {
  inputs: [strings(['a']), i32([[0, 1]]), strings('-')],
  build: withValue,
  want: strings(['a', '-']),
});
opCase('PadV2', 'gradient', { inputs: [f64([1, 2]), i32([[1, 2]]), f64(9)], build: withValue, gradient: [0] });
opCase('PadV2', 'value that is no scalar', {
  inputs: [f32([5]), i32([[1, 2]]), f32([9])],
  build: withValue,
  fails: /^constant_values must be a scalar\. Found: \[1\]/,
});

for (const [mode, one, big, ok] of [
  ['REFLECT', f32([2, 1, 0, 1, 2, 1]), i32([[3, 0]]), 'less than the dimension size: 3, 0 not less than 3'],
  ['SYMMETRIC', f32([1, 0, 0, 1, 2, 2]), i32([[4, 0]]), 'no greater than the dimension size: 4, 0 greater than 3'],
] as const) {
  const mirrored = (x: TensorLike, p: TensorLike) => pad(x, p, { mode: mode.toLowerCase() });
  const backwards = (input: TensorLike, paddings: TensorLike) => applyUnary('MirrorPadGrad', { input, paddings, mode });
  opCase('MirrorPad', mode, { inputs: [f32([0, 1, 2]), i32([[2, 1]])], build: mirrored, want: one });
  opCase('MirrorPad', `${mode}: two axes, int64`, {
    inputs: [
      i64([
        [1, 2],
        [3, 4],
      ]),
      i64([
        [1, 0],
        [0, 1],
      ]),
    ],
    build: mirrored,
    want:
      mode === 'REFLECT'
        ? i64([
            [3, 4, 3],
            [1, 2, 1],
            [3, 4, 3],
          ])
        : i64([
            [1, 2, 2],
            [1, 2, 2],
            [3, 4, 4],
          ]),
  });
  opCase('MirrorPad', `${mode}: gradient`, {
    inputs: [
      f64([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      i32([
        [1, 1],
        [0, 2],
      ]),
    ],
    build: mirrored,
    gradient: true,
  });
  opCase('MirrorPad', `${mode}: too wide`, {
    inputs: [f32([0, 1, 2]), big],
    build: mirrored,
    fails: new RegExp(`^paddings must be ${ok}`),
  });
  opCase('MirrorPad', `${mode}: negative`, {
    inputs: [f32([0, 1, 2]), i32([[-1, 0]])],
    build: mirrored,
    fails: /^Paddings must be non-negative for|^paddings must be non-negative: -1 0/,
  });
  opCase('MirrorPad', `${mode}: rows of paddings`, {
    inputs: [
      f32([0, 1, 2]),
      i32([
        [1, 0],
        [0, 0],
      ]),
    ],
    build: mirrored,
    fails:
      /^Shape must be rank 2 but is rank 1 for|^The first dimension of paddings must be the rank of inputs\[2,2\], \[3\]/,
  });
  opCase('MirrorPadGrad', mode, {
    inputs: [f32([0, 1, 2, 3, 4, 5]), i32([[2, 1]])],
    build: backwards,
    want: mode === 'REFLECT' ? f32([2, 9, 4]) : f32([3, 3, 9]),
  });
  opCase('MirrorPadGrad', `${mode}: two axes`, {
    inputs: [
      NdArray.from({ data: Float32Array.from({ length: 20 }, (_, i) => i), shape: [4, 5] }),
      i32([
        [1, 1],
        [2, 0],
      ]),
    ],
    build: backwards,
    want:
      mode === 'REFLECT'
        ? f32([
            [24, 48, 48],
            [14, 28, 28],
          ])
        : f32([
            [16, 16, 13],
            [56, 56, 33],
          ]),
  });
  opCase('MirrorPadGrad', `${mode}: gradient`, {
    inputs: [
      f64([[1, 2, 3, 4]]),
      i32([
        [0, 0],
        [1, 1],
      ]),
    ],
    build: backwards,
    gradient: true,
  });
  opCase('MirrorPadGrad', `${mode}: too small`, {
    inputs: [f32([0, 1]), i32([[2, 1]])],
    build: backwards,
    fails:
      /^Negative dimension size caused by subtracting 3 from 2 for|^Total paddings must be less than the input dimension size: 3 was not less than 2/,
  });
}

opCase('Tile', 'matrix', {
  inputs: [square, i32([2, 1])],
  build: tile,
  want: f32([
    [0, 1],
    [2, 3],
    [0, 1],
    [2, 3],
  ]),
});
opCase('Tile', 'both axes, int64', {
  inputs: [i64([[1, 2]]), i64([2, 2])],
  build: tile,
  want: i64([
    [1, 2, 1, 2],
    [1, 2, 1, 2],
  ]),
});
opCase('Tile', 'strings, scalars, no copies', {
  inputs: [strings(['a']), f32(1), square, i32([])],
  build: (s, x, m, none) => [tile(s, [2]), tile(x, none), tile(m, [0, 1])],
  want: [strings(['a', 'a']), f32(1), NdArray.zeros(dtypes.float32, [0, 2])],
});
opCase('Tile', 'gradient', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
    ]),
    i32([2, 3]),
  ],
  build: tile,
  gradient: true,
});
opCase('Tile', 'too few multiples', {
  inputs: [square, i32([1])],
  build: tile,
  fails:
    /^Shape must be rank 2 but is rank 1 for|^Expected multiples argument to be a vector of length 2 but got length 1/,
});
opCase('Tile', 'negative', {
  inputs: [square, i32([-1, 1])],
  build: tile,
  fails: /^Expected multiples\[0\] >= 0, but got -1/,
});
opCase('Tile', 'multiples of rank 2', {
  inputs: [square, i32([[1, 1]])],
  build: tile,
  fails: /^Shape must be rank 1 but is rank 2 for|^Expected multiples to be 1-D, but got shape \[1,2\]/,
});

describe('padding', () => {
  it('unknown modes are refused; static shapes keep what is known', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 3]);
      const n = placeholder(dtypes.int32, []);
      expect(() =>
        pad(
          x,
          [
            [0, 0],
            [0, 0],
          ],
          { mode: 'wrap' },
        ),
      ).to.throw(/Received `mode` = WRAP/);
      expect(
        String(
          pad(x, [
            [1, 1],
            [0, 2],
          ]).shape,
        ),
      ).to.equal('(None, 5)');
      expect(
        String(
          pad(constant([[1, 2, 3]]), [
            [1, n],
            [0, 2],
          ]).shape,
        ),
      ).to.equal('(None, 5)');
      expect(String(tile(x, [n, 2]).shape)).to.equal('(None, 6)');
      expect(
        pad(
          x,
          [
            [0, 0],
            [1, 0],
          ],
          { constantValues: 1 },
        ).op.type,
      ).to.equal('PadV2');
      expect(
        pad(
          x,
          [
            [0, 0],
            [1, 0],
          ],
          { constantValues: constant(0) },
        ).op.type,
      ).to.equal('PadV2');
    });
  });
});
