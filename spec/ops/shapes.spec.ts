/**
 * Rows: shapes, sizes and ranks, and sequences of numbers.
 */
import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { range, rank, shape, shapeN, size } from '../../graph/ops/shapes';
import { constant, placeholder } from '../../graph/ops/source';
import { f32, f64, i32, i64, opCase, strings } from '../support/opCase';

const cube = f32([[[1, 2, 3]], [[4, 5, 6]]]);
const dynamic = { optimize: false };

opCase('Shape', 'int32', { inputs: [cube], build: (x) => shape(x, dynamic), want: i32([2, 1, 3]) });
opCase('Shape', 'int64', {
  inputs: [cube],
  build: (x) => shape(x, { ...dynamic, outType: dtypes.int64 }),
  want: i64([2, 1, 3]),
});
opCase('Shape', 'of a scalar', { inputs: [strings('a')], build: (x) => shape(x, dynamic), want: i32([]) });
opCase('ShapeN', 'of several', {
  inputs: [cube, f32(1), f32([])],
  build: (...xs) => shapeN(xs),
  want: [i32([2, 1, 3]), i32([]), i32([0])],
});
opCase('Size', 'int32', { inputs: [cube], build: (x) => size(x, dynamic), want: i32(6) });
opCase('Size', 'of nothing', {
  inputs: [NdArray.zeros(dtypes.bool, [3, 0])],
  build: (x) => size(x, { ...dynamic, outType: dtypes.int64 }),
  want: i64(0),
});
opCase('Rank', 'of a cube and a scalar', {
  inputs: [cube, i64(3)],
  build: (x, y) => [rank(x, dynamic), rank(y, dynamic)],
  want: [i32(3), i32(0)],
});

const rangeOp = (start: NdArray, limit: NdArray, delta: NdArray, want: NdArray) => ({
  inputs: [start, limit, delta],
  build: (a: Parameters<typeof range>[0], b: Parameters<typeof range>[0], c: Parameters<typeof range>[0]) =>
    range(a, b, c),
  want,
});
opCase('Range', 'int32', rangeOp(i32(1), i32(10), i32(3), i32([1, 4, 7])));
opCase('Range', 'downwards', rangeOp(i64(5), i64(-1), i64(-2), i64([5, 3, 1])));
opCase('Range', 'nothing', rangeOp(i32(5), i32(5), i32(1), i32([])));
opCase(
  'Range',
  'float32 rounds each element once',
  rangeOp(f32(0), f32(1), f32(0.1), f32([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.90000004])),
);
opCase('Range', 'float64', rangeOp(f64(0), f64(0.5), f64(0.125), f64([0, 0.125, 0.25, 0.375])));
opCase('Range', 'away from the limit', {
  inputs: [i32(5), i32(1)],
  build: (a, b) => range(a, b),
  fails: /^Requires start <= limit when delta > 0: 5\/1/,
});
opCase('Range', 'wrong direction', {
  inputs: [i32(1), i32(5), i32(-1)],
  build: (a, b, c) => range(a, b, c),
  fails: /^Requires start >= limit when delta < 0: 1\/5/,
});
opCase('Range', 'zero delta', {
  inputs: [i32(1), i32(5), i32(0)],
  build: (a, b, c) => range(a, b, c),
  fails: /^Requires delta != 0/,
});
opCase('Range', 'vector', {
  inputs: [i32([1, 2]), i32(5)],
  build: (a, b) => range(a, b),
  fails: /^Shape must be rank 0 but is rank 1\n\t for 'start'|^start must be a scalar, not shape \[2\]/,
});

const linSpace = (start: NdArray, stop: NdArray, num: NdArray) => ({
  inputs: [start, stop, num],
  build: (a: Parameters<typeof range>[0], b: Parameters<typeof range>[0], c: Parameters<typeof range>[0]) =>
    applyUnary('LinSpace', { start: a, stop: b, num: c }),
});
opCase('LinSpace', 'float32', {
  ...linSpace(f32(0), f32(0.7), i32(7)),
  want: f32([0, 0.11666667, 0.23333333, 0.35, 0.46666667, 0.5833333, 0.7]),
});
opCase('LinSpace', 'one', { ...linSpace(f64(3), f64(9), i64(1)), want: f64([3]) });
opCase('LinSpace', 'none', { ...linSpace(f32(0), f32(1), i32(0)), fails: /^Requires num > 0: 0/ });

describe('shapes', () => {
  it('static answers are constants, also where only a part is known', () => {
    new Graph().asDefault(() => {
      const x = placeholder(dtypes.float32, [null, 3]);
      expect(shape(x).op.type).to.equal('Shape');
      expect(size(placeholder(dtypes.float32, [null, 0])).op.type).to.equal('Const');
      expect(rank(x).op.attrs.value).to.deep.equal(i32(2));
      expect(shape(constant([1, 2]), { outType: dtypes.int64 }).op.attrs.value).to.deep.equal(i64([2]));
    });
  });

  it('range infers its dtype: whole numbers are int32, fractions float32, tensors win', () => {
    new Graph().asDefault(() => {
      expect(range(3).dtype).to.equal(dtypes.int32);
      expect(range(0, 1, 0.25).dtype).to.equal(dtypes.float32);
      expect(range(constant(3, dtypes.int64)).dtype).to.equal(dtypes.int64);
      expect(range(3, { dtype: dtypes.float64, name: 'r' }).name).to.equal('r:0');
      expect(range(1, 10, 2).shape.asNumbers()).to.deep.equal([5]);
      expect(range(constant(3, dtypes.int8), { dtype: dtypes.int8 }).dtype).to.equal(dtypes.int8);
      expect(() => range(constant(3, dtypes.int8))).to.throw(TypeError);
    });
  });
});
