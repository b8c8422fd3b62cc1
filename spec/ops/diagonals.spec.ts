/**
 * Rows: diagonals and bands of matrices.
 */
import { expect } from 'chai';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import {
  type DiagonalAlign,
  diag,
  diagPart,
  eye,
  matrixBandPart,
  matrixDiag,
  matrixDiagPart,
  matrixSetDiag,
} from '../../graph/ops/diagonals';
import { placeholder } from '../../graph/ops/source';
import { bools, f32, f64, i32, i64, opCase, strings } from '../support/opCase';

const upTo = (shape: number[], dtype: dtypes.DType = dtypes.float32, first = 0) =>
  NdArray.from({ data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + first), shape }, dtype);

opCase('MatrixBandPart', 'below and above', {
  inputs: [upTo([3, 3])],
  build: (x) => [matrixBandPart(x, 1, 0), matrixBandPart(x, 0, -1), matrixBandPart(x, -5, -7)],
  want: [
    f32([
      [0, 0, 0],
      [3, 4, 0],
      [0, 7, 8],
    ]),
    f32([
      [0, 1, 2],
      [0, 4, 5],
      [0, 0, 8],
    ]),
    upTo([3, 3]),
  ],
});
opCase('MatrixBandPart', 'rectangular batch, int64 limits', {
  inputs: [upTo([2, 2, 3], dtypes.int32), i64(-1), i64(0)],
  build: matrixBandPart,
  want: i32([
    [
      [0, 0, 0],
      [3, 4, 0],
    ],
    [
      [6, 0, 0],
      [9, 10, 0],
    ],
  ]),
});
opCase('MatrixBandPart', 'gradient', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
    ]),
    i32(0),
    i32(1),
  ],
  build: matrixBandPart,
  gradient: true,
});
opCase('MatrixBandPart', 'vector', {
  inputs: [upTo([3]), i32(1), i32(0)],
  build: matrixBandPart,
  fails: /^input must be at least 2-dim, received shape: \[3\]/,
});
opCase('MatrixBandPart', 'too many below', {
  inputs: [upTo([3, 3]), i32(4), i32(0)],
  build: matrixBandPart,
  fails: /^num_lower must be negative or less or equal to number of rows \(3\) got: 4/,
});
opCase('MatrixBandPart', 'too many above', {
  inputs: [upTo([3, 3]), i32(0), i32(5)],
  build: matrixBandPart,
  fails: /^num_upper must be negative or less or equal to number of columns \(3\) got: 5/,
});
opCase('MatrixBandPart', 'limit of rank 1', {
  inputs: [upTo([3, 3]), i32([1]), i32(0)],
  build: matrixBandPart,
  fails: /^num_lower must be scalar, got shape \[1\]/,
});

opCase('Diag', 'of a vector and of a matrix', {
  inputs: [f32([1, 2]), i64([[1, 2]])],
  build: (x, y) => [diag(x), diag(y)],
  want: [
    f32([
      [1, 0],
      [0, 2],
    ]),
    i64([[[[1, 0]], [[0, 2]]]]).reshape([1, 2, 1, 2]),
  ],
});
opCase('Diag', 'gradient', { inputs: [f64([1, 2])], build: (x) => diag(x), gradient: true });
opCase('Diag', 'scalar', {
  inputs: [f32(1)],
  build: (x) => diag(x),
  fails: /^Shape must be at least rank 1 but is rank 0 for|^Input must be at least rank 1, got 0/,
});
opCase('DiagPart', 'of rank 2 and 4', {
  inputs: [upTo([2, 2]), upTo([2, 2, 2, 2])],
  build: (x, y) => [diagPart(x), diagPart(y)],
  want: [
    f32([0, 3]),
    f32([
      [0, 5],
      [10, 15],
    ]),
  ],
});
opCase('DiagPart', 'gradient', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
    ]),
  ],
  build: (x) => diagPart(x),
  gradient: true,
});
opCase('DiagPart', 'rectangular', {
  inputs: [upTo([2, 3])],
  build: (x) => diagPart(x),
  fails: /^Dimensions must be equal, but are 2 and 3 for|^Invalid shape \[2,3\]: dimensions 0 and 1 do not match\./,
});
opCase('DiagPart', 'vector', {
  inputs: [upTo([2])],
  build: (x) => diagPart(x),
  fails:
    /^Input must have even and non-zero rank, input rank is 1 for|^The rank of the tensor should be even and positive, got shape \[2\]/,
});

const nine = { paddingValue: 9 };
opCase('MatrixDiagV3', 'square, above, rectangular', {
  inputs: [f32([1, 2])],
  build: (x) => [
    matrixDiag(x),
    matrixDiag(x, { k: 1, ...nine }),
    matrixDiag(x, { numRows: 2, numCols: 4, ...nine }),
    matrixDiag(x, { numCols: 3 }),
  ],
  want: [
    f32([
      [1, 0],
      [0, 2],
    ]),
    f32([
      [9, 1, 9],
      [9, 9, 2],
      [9, 9, 9],
    ]),
    f32([
      [1, 9, 9, 9],
      [9, 2, 9, 9],
    ]),
    f32([
      [1, 0, 0],
      [0, 2, 0],
    ]),
  ],
});
opCase('MatrixDiagV3', 'batch and bools', {
  inputs: [
    bools([
      [true, true],
      [false, true],
    ]),
  ],
  build: (x) => matrixDiag(x),
  want: bools([
    [
      [true, false],
      [false, true],
    ],
    [
      [false, false],
      [false, true],
    ],
  ]),
});
const aligned: Record<DiagonalAlign, { below: number[] }> = {
  LEFT_RIGHT: { below: [8, 9] },
  RIGHT_RIGHT: { below: [8, 9] },
  RIGHT_LEFT: { below: [7, 8] },
  LEFT_LEFT: { below: [7, 8] },
};
for (const align of ['LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'] as const) {
  const [p, q] = aligned[align].below;
  opCase('MatrixDiagV3', align, {
    inputs: [upTo([3, 3], dtypes.float32, 1)],
    build: (x) => matrixDiag(x, { k: [-1, 1], numRows: 3, numCols: 4, align }),
    want: f32([
      [4, 1, 0, 0],
      [p, 5, 2, 0],
      [0, q, 6, 3],
    ]),
  });
  opCase('MatrixDiagPartV3', align, {
    inputs: [upTo([3, 4])],
    build: (x) => matrixDiagPart(x, { k: [-1, 1], align, ...nine }),
    want: f32([[1, 6, 11], [0, 5, 10], align.endsWith('LEFT') ? [4, 9, 9] : [9, 4, 9]]),
  });
  opCase('MatrixSetDiagV3', align, {
    inputs: [upTo([3, 4]), upTo([3, 3], dtypes.float32, 101)],
    build: (x, d) => matrixSetDiag(x, d, { k: [-1, 1], align }),
    want: f32([
      [104, 101, 2, 3],
      [p + 100, 105, 102, 7],
      [8, q + 100, 106, 103],
    ]),
  });
  opCase('MatrixDiagV3', `${align}: gradient`, {
    inputs: [upTo([3, 3], dtypes.float64)],
    build: (x) => matrixDiag(x, { k: [-1, 1], numRows: 3, numCols: 4, align }),
    gradient: true,
  });
  opCase('MatrixDiagPartV3', `${align}: gradient`, {
    inputs: [upTo([3, 4], dtypes.float64)],
    build: (x) => matrixDiagPart(x, { k: [-1, 1], align }),
    gradient: true,
  });
  opCase('MatrixSetDiagV3', `${align}: gradient`, {
    inputs: [upTo([3, 4], dtypes.float64), upTo([3, 3], dtypes.float64)],
    build: (x, d) => matrixSetDiag(x, d, { k: [-1, 1], align }),
    gradient: true,
  });
}
const sized = (numRows: number, numCols: number) => (x: TensorLike) => matrixDiag(x, { numRows, numCols });
opCase('MatrixDiagV3', 'too few rows', {
  inputs: [f32([1, 2])],
  build: sized(1, -1),
  fails: /^num_rows is too small for|^The number of rows is too small\./,
});
opCase('MatrixDiagV3', 'too few columns', {
  inputs: [f32([1, 2])],
  build: sized(-1, 1),
  fails: /^num_cols is too small\. for|^The number of columns is too small\./,
});
opCase('MatrixDiagV3', 'larger both ways', {
  inputs: [f32([1, 2])],
  build: sized(3, 4),
  fails:
    /^num_rows and num_cols are not consistent with lower_diag_index|^The number of rows or columns is not consistent with the specified d_lower/,
});
opCase('MatrixDiagV3', 'number of diagonals', {
  inputs: [upTo([3, 2])],
  build: (x) => matrixDiag(x, { k: [0, 1] }),
  fails:
    /^The number of rows of `diagonal` doesn't match the number of diagonals implied|^The number of diagonals provided in the input does not match/,
});

opCase('MatrixDiagPartV3', 'one diagonal', {
  inputs: [upTo([2, 3, 4])],
  build: (x) => [matrixDiagPart(x), matrixDiagPart(x, { k: -2 }), matrixDiagPart(x, { k: [1] })],
  want: [
    f32([
      [0, 5, 10],
      [12, 17, 22],
    ]),
    f32([[8], [20]]),
    f32([
      [1, 6, 11],
      [13, 18, 23],
    ]),
  ],
});
opCase('MatrixDiagPartV3', 'strings', {
  inputs: [
    strings([
      ['a', 'b'],
      ['c', 'd'],
    ]),
  ],
  build: (x) => matrixDiagPart(x, { paddingValue: '' }),
  want: strings(['a', 'd']),
});
opCase('MatrixDiagPartV3', 'no such diagonal', {
  inputs: [upTo([3, 4]), i32(4)],
  build: (x, k) => matrixDiagPart(x, { k }),
  fails: /^lower_diag_index is out of bound\. for|^lower_diag_index is out of bound: 4\. It must be between -3 and 4/,
});
opCase('MatrixDiagPartV3', 'limits the wrong way round', {
  inputs: [upTo([3, 4]), i32([1, -1])],
  build: (x, k) => matrixDiagPart(x, { k }),
  fails:
    /^lower_diag_index is greater than upper_diag_index for|^lower_diag_index must not be larger than upper_diag_index: 1 > -1/,
});
opCase('MatrixDiagPartV3', 'vector', {
  inputs: [upTo([3])],
  build: (x) => matrixDiagPart(x),
  fails: /^Shape must be at least rank 2 but is rank 1 for|^input must be at least 2-dim, received shape: \[3\]/,
});
opCase('MatrixSetDiagV3', 'main diagonal', {
  inputs: [upTo([2, 3], dtypes.int32), i32([-1, -2])],
  build: (x, d) => matrixSetDiag(x, d),
  want: i32([
    [-1, 1, 2],
    [3, -2, 5],
  ]),
});
opCase('MatrixSetDiagV3', 'other length', {
  inputs: [upTo([2, 3]), upTo([3])],
  build: (x, d) => matrixSetDiag(x, d),
  fails:
    /^Either first dimensions of diagonal don't match input\.shape\[:-2\].*\nInput shape: \[2,3\]\nDiagonal shape: \[3\]\nExpected diagonal shape: \[2\]/,
});

opCase('MatrixDiagV3', 'identity matrices', {
  inputs: [],
  build: () => [eye(2), eye(2, { batchShape: [2], dtype: dtypes.int32 })],
  want: [
    f32([
      [1, 0],
      [0, 1],
    ]),
    i32([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ]),
  ],
});
opCase('MatrixSetDiagV3', 'identity matrix with more columns', {
  inputs: [],
  build: () => eye(2, { numColumns: 3 }),
  want: f32([
    [1, 0, 0],
    [0, 1, 0],
  ]),
});

describe('diagonals', () => {
  it('eye: sizes that are no integers are refused; tensors are taken', () => {
    new Graph().asDefault(() => {
      expect(() => eye(1.5)).to.throw(/must be positive integer values\. Received: num_rows=1\.5/);
      expect(String(eye(placeholder(dtypes.int32, [])).shape)).to.equal('(None, None)');
    });
  });
});
