/**
 * linspace, meshgrid, repeat and batchGather: values and errors as TensorFlow's.
 */
import { expect } from 'chai';
import * as dtypes from '../../../graph/dtypes';
import { Graph } from '../../../graph/graph';
import { NdArray } from '../../../graph/ndarray';
import { constant, placeholder } from '../../../graph/ops/source';
import { batchGather, linspace, meshgrid, repeat } from '../../../lib/math/sequences';
import { f32, f64, i32, opCase } from '../../support/opCase';

opCase('Range', 'linspace of scalars', {
  inputs: [f32(0), f32(1)],
  build: (a, b) => [linspace(a, b, 5), linspace(a, b, 1), linspace(a, b, 0)],
  want: [f32([0, 0.25, 0.5, 0.75, 1]), f32([0]), f32([])],
});
opCase('Range', 'linspace of vectors', {
  inputs: [f64([0, 10]), f64([1, 20])],
  build: (a, b) => [linspace(a, b, 3), linspace(a, b, 3, { axis: -1 })],
  want: [
    f64([
      [0, 10],
      [0.5, 15],
      [1, 20],
    ]),
    f64([
      [0, 0.5, 1],
      [10, 15, 20],
    ]),
  ],
});
opCase('Range', 'gradient of linspace', {
  inputs: [f64([0, 10]), f64([1, 20])],
  build: (a, b) => linspace(a, b, 3),
  gradient: true,
});

opCase('Fill', 'meshgrid', {
  inputs: [i32([1, 2]), i32([3, 4, 5])],
  build: (a, b) => [...meshgrid([a, b]), ...meshgrid([a, b], { indexing: 'ij' }), ...meshgrid([a])],
  want: [
    i32([
      [1, 2],
      [1, 2],
      [1, 2],
    ]),
    i32([
      [3, 3],
      [4, 4],
      [5, 5],
    ]),
    i32([
      [1, 1, 1],
      [2, 2, 2],
    ]),
    i32([
      [3, 4, 5],
      [3, 4, 5],
    ]),
    i32([1, 2]),
  ],
});

const matrix = f32([
  [3, 1, 2],
  [5, 4, 6],
]);
opCase('Tile', 'repeat all equally', {
  inputs: [matrix, i32(3)],
  build: (x, one) => [repeat(x, 2, 1), repeat(x, 2), repeat(x, [2], 0), repeat(one, 2)],
  want: [
    f32([
      [3, 3, 1, 1, 2, 2],
      [5, 5, 4, 4, 6, 6],
    ]),
    f32([3, 3, 1, 1, 2, 2, 5, 5, 4, 4, 6, 6]),
    f32([
      [3, 1, 2],
      [3, 1, 2],
      [5, 4, 6],
      [5, 4, 6],
    ]),
    i32([3, 3]),
  ],
});
opCase('Tile', 'repeat each', {
  inputs: [i32([1, 2, 3]), matrix],
  build: (v, x) => [repeat(v, [1, 0, 2]), repeat(x, [1, 0, 2], -1), repeat(x, [0, 2], 0)],
  want: [
    i32([1, 3, 3]),
    f32([
      [3, 2, 2],
      [5, 6, 6],
    ]),
    f32([
      [5, 4, 6],
      [5, 4, 6],
    ]),
  ],
  staticOnly: true,
});
opCase('Tile', 'gradient of repeat', {
  inputs: [
    f64([
      [3, 1, 2],
      [5, 4, 6],
    ]),
  ],
  build: (x) => repeat(x, [1, 0, 2], 1),
  gradient: true,
  staticOnly: true,
});
opCase('Tile', 'repeat a negative number of times', {
  inputs: [matrix],
  build: (x) => repeat(x, -1, 0),
  fails: /^Expected multiples\[1\] >= 0, but got -1/,
});

opCase('GatherV2', 'batchGather', {
  inputs: [NdArray.from({ data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [2, 2, 3] })],
  build: (x) =>
    batchGather(x, [
      [
        [2, 0],
        [1, 1],
      ],
      [
        [0, 0],
        [2, 1],
      ],
    ]),
  want: f32([
    [
      [2, 0],
      [4, 4],
    ],
    [
      [6, 6],
      [11, 10],
    ],
  ]),
});

describe('sequences', () => {
  it('refuse what TensorFlow refuses', () => {
    new Graph().asDefault(() => {
      const x = constant(matrix);
      expect(() => repeat(x, [1, 2], 1)).to.throw('Shapes (3,) and (2,) are incompatible');
      expect(() => repeat(x, [1.5, 2], 0)).to.throw(
        TypeError,
        /^Argument `tensor` \(name: repeats\) must be of type integer\. Received `tensor` = Tensor\("Repeat\/repeats:0"/,
      );
      expect(() => repeat(x, 2, 3)).to.throw('axis=3 out of bounds: expected -2<=axis<2');
      expect(() => repeat(placeholder(dtypes.float32), 3, -1)).to.throw(
        'axis=-1 may only be negative if rank(data) is statically known.',
      );
      expect(() => repeat(x, 3, 0.5)).to.throw(
        TypeError,
        'Argument `axis` must be an int. Received `axis` = 0.5 of type float',
      );
      expect(() => meshgrid([[1]], { indexing: 'yx' as never })).to.throw(
        "Argument `indexing` parameter must be either 'xy' or 'ij', got 'yx'",
      );
      expect(() => batchGather(x, placeholder(dtypes.int32))).to.throw(
        'batch_gather does not allow indices with unknown shape.',
      );
      expect(meshgrid([])).to.deep.equal([]);
    });
  });

  it('static shapes keep what is known', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 3]);
      expect(String(repeat(x, 2, 1).shape)).to.equal('(None, 6)');
      expect(String(repeat(constant([1, 2, 3]), [1, 0, 2]).shape)).to.equal('(None,)');
      expect(String(linspace(0, 1, 5).shape)).to.equal('(5,)');
      expect(String(batchGather(x, placeholder(dtypes.int32, [null, 2])).shape)).to.equal('(None, 2)');
    });
  });
});
