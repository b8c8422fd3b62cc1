/**
 * Rows: oneHot, where, topK, unique, set differences, bounds in sorted rows, counts.
 */
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { inTopK, oneHot, setdiff1d, topK, unique, uniqueWithCounts } from '../../graph/ops/picking';
import { constant } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, f64, i32, i64, opCase, strings, u8 } from '../support/opCase';

const NaN_ = Number.NaN;
const rawOneHot = (axis?: number) => (indices: TensorLike, depth: TensorLike, on: TensorLike, off: TensorLike) =>
  applyUnary('OneHot', { indices, depth, on_value: on, off_value: off, axis });
opCase('OneHot', 'rows', {
  inputs: [i32([0, 2, -1, 5])],
  build: (x) => oneHot(x, 3),
  want: f32([
    [1, 0, 0],
    [0, 0, 1],
    [0, 0, 0],
    [0, 0, 0],
  ]),
});
opCase('OneHot', 'first axis, other values', {
  inputs: [i64([[0, 1]])],
  build: (x) => oneHot(x, 3, { onValue: 5, offValue: -1, dtype: dtypes.int32, axis: 0 }),
  want: i32([[[5, -1]], [[-1, 5]], [[-1, -1]]]),
});
opCase('OneHot', 'scalar, nothing, strings, middle axis', {
  inputs: [u8(1), u8([[1, 2]]), strings('a'), strings('b')],
  build: (one, two, a, b) => [
    oneHot(one, 3, { dtype: dtypes.bool }),
    oneHot(two, 0),
    oneHot(two, 2, { onValue: a, offValue: b, axis: 1 }),
  ],
  want: [
    bools([false, true, false]),
    NdArray.zeros(dtypes.float32, [1, 2, 0]),
    strings([
      [
        ['b', 'b'],
        ['a', 'b'],
      ],
    ]),
  ],
});
opCase('OneHot', 'no such axis', {
  inputs: [i32([0]), i32(3), f32(1), f32(0)],
  build: rawOneHot(3),
  fails: /^Expected axis to be -1 or between \[0, 2\)\. {2}But received: 3/,
});
opCase('OneHot', 'negative axis', {
  inputs: [i32([0]), i32(3), f32(1), f32(0)],
  build: rawOneHot(-2),
  fails: /^axis must be >= -1 for/,
});
opCase('OneHot', 'negative depth', {
  inputs: [i32([0]), i32(-1), f32(1), f32(0)],
  build: rawOneHot(),
  fails:
    /^Dimension size, given by scalar input 1, must be non-negative but is -1 for|^depth must be non-negative, got: -1/,
});
opCase('OneHot', 'depth of rank 1', {
  inputs: [i32([0]), i32([3]), f32(1), f32(0)],
  build: rawOneHot(),
  fails: /^Input must be scalar but has rank 1 for|^depth must be a scalar, but got: \[1\]/,
});
opCase('OneHot', 'value of rank 1', {
  inputs: [i32([0]), i32(3), f32([1]), f32(0)],
  build: rawOneHot(),
  fails: /^on_value must be a scalar, but got: \[1\]/,
});

const where = (input: TensorLike) => applyUnary('Where', { input });
opCase('Where', 'bools and numbers', {
  inputs: [
    bools([
      [true, false],
      [true, true],
    ]),
    f32([NaN_, 0, -0, 1]),
    i64([0, 5]),
    NdArray.zeros(dtypes.float32, [0, 2]),
  ],
  build: (...xs) => xs.map(where),
  want: [
    i64([
      [0, 0],
      [1, 0],
      [1, 1],
    ]),
    i64([[0], [3]]),
    i64([[1]]),
    NdArray.zeros(dtypes.int64, [0, 2]),
  ],
});
opCase('Where', 'scalar', { inputs: [f32(3)], build: where, fails: /^WhereOp : Unhandled input dimensions: 0/ });

const both = ({ values, indices }: { values: Tensor; indices: Tensor }) => [values, indices];
opCase('TopKV2', 'vector', {
  inputs: [f32([1, 3, 2, 3]), i32(2)],
  build: (x, k) => both(topK(x, k)),
  want: [f32([3, 3]), i32([1, 3])],
});
opCase('TopKV2', 'rows, int64, all', {
  inputs: [
    i64([
      [1, 5, 3],
      [7, 2, 7],
    ]),
  ],
  build: (x) => [
    ...both(topK(x, 3)),
    ...both(topK(x, 0)),
    ...both(topK(x, 1, { indexType: dtypes.int64, sorted: false })),
  ],
  want: [
    i64([
      [5, 3, 1],
      [7, 7, 2],
    ]),
    i32([
      [1, 2, 0],
      [0, 2, 1],
    ]),
    NdArray.zeros(dtypes.int64, [2, 0]),
    NdArray.zeros(dtypes.int32, [2, 0]),
    i64([[5], [7]]),
    i64([[1], [0]]),
  ],
});
opCase('TopKV2', 'missing values come last', {
  inputs: [f32([1, NaN_, 2, Infinity, -Infinity])],
  build: (x) => both(topK(x, 5)),
  want: [f32([Infinity, 2, 1, -Infinity, NaN_]), i32([3, 2, 0, 4, 1])],
});
opCase('TopKV2', 'gradient', {
  inputs: [
    f64([
      [1, 5, 3],
      [7, 2, 6],
    ]),
  ],
  build: (x) => topK(x, 2).values,
  gradient: true,
});
opCase('TopKV2', 'gradient with wide indices', {
  inputs: [f64([1, 5, 3])],
  build: (x) => topK(x, 2, { indexType: dtypes.int64 }).values,
  gradient: true,
});
opCase('TopKV2', 'more than there are', {
  inputs: [f32([[1, 2, 3]]), i32(4)],
  build: (x, k) => both(topK(x, k)),
  fails: /^input must have last dimension >= k = 4 but is 3 for|^input must have at least k columns\. Had 3, needed 4/,
});
opCase('TopKV2', 'negative', {
  inputs: [f32([1, 2]), i32(-1)],
  build: (x, k) => both(topK(x, k)),
  fails: /^Dimension size, given by scalar input 1, must be non-negative but is -1 for|^Need k >= 0, got -1/,
});
opCase('TopKV2', 'scalar', {
  inputs: [f32(1), i32(1)],
  build: (x, k) => both(topK(x, k)),
  fails: /^Shape must be at least rank 1 but is rank 0 for|^input must be >= 1-D, got shape \[\]/,
});
opCase('TopKV2', 'k of rank 1', {
  inputs: [f32([1]), i32([1])],
  build: (x, k) => both(topK(x, k)),
  fails: /^Input must be scalar but has rank 1 for|^k must be scalar, got shape \[1\]/,
});
const topKOld = (input: TensorLike) => applyOp('TopK', { input, k: 2 }).outputs;
opCase('TopK', 'rows', { inputs: [f32([[1, 5, 3]])], build: topKOld, want: [f32([[5, 3]]), i32([[1, 2]])] });
opCase('TopK', 'gradient', { inputs: [f64([[1, 5, 3]])], build: (x) => topKOld(x)[0], gradient: true });

const predictions = f32([
  [0.1, 0.3, 0.3],
  [0.8, 0.18, 0.02],
]);
opCase('InTopKV2', 'ties count as in', {
  inputs: [predictions],
  build: (p) => [inTopK(p, [1, 2], 1), inTopK(p, [2, 1], 2), inTopK(p, [0, 0], 0)],
  want: [bools([true, false]), bools([true, true]), bools([false, false])],
});
opCase('InTopKV2', 'targets out of range, infinities, int64', {
  inputs: [
    f32([
      [NaN_, 1],
      [Infinity, 1],
      [1, 2],
      [1, 2],
    ]),
    i64([1, 1, 2, -1]),
  ],
  build: (p, t) => inTopK(p, t, 2),
  want: bools([false, false, false, false]),
});
opCase('InTopKV2', 'too few targets', {
  inputs: [predictions, i32([1])],
  build: (p, t) => inTopK(p, t, 1),
  fails:
    /^Dimensions must be equal, but are 2 and 1 for|^First dimension of predictions 2 must match length of targets 1/,
});
opCase('InTopKV2', 'one row', {
  inputs: [f32([1, 2]), i32([1])],
  build: (p, t) => inTopK(p, t, 1),
  fails: /^Shape must be rank 2 but is rank 1 for|^predictions must be 2-dimensional/,
});
opCase('InTopKV2', 'k of rank 1', {
  inputs: [predictions, i32([1, 2]), i32([1])],
  build: inTopK,
  fails: /^k must be 0-D, got shape \[1\]/,
});
opCase('InTopK', 'old form', {
  inputs: [predictions, i32([1, 2])],
  build: (p, t) => applyUnary('InTopK', { predictions: p, targets: t, k: 1 }),
  want: bools([true, false]),
});

opCase('Unique', 'order of appearance', {
  inputs: [i32([1, 1, 2, 4, 4, 1]), f32([NaN_, NaN_, 0, -0])],
  build: (x, y) => [unique(x), unique(y, { outIdx: dtypes.int64 })].flatMap(({ y: values, idx }) => [values, idx]),
  want: [i32([1, 2, 4]), i32([0, 0, 1, 2, 2, 0]), f32([NaN_, NaN_, 0]), i64([0, 1, 2, 2])],
});
opCase('Unique', 'matrix', {
  inputs: [f32([[1]])],
  build: (x) => unique(x).y,
  fails: /^Shape must be rank 1 but is rank 2 for|^unique expects a 1D vector\./,
});
opCase('UniqueWithCounts', 'strings', {
  inputs: [strings(['a', 'b', 'a'])],
  build: (x) => Object.values(uniqueWithCounts(x, { outIdx: dtypes.int64 })),
  want: [strings(['a', 'b']), i64([0, 1, 0]), i64([2, 1])],
});
const uniqueAlong = (x: TensorLike, axis: TensorLike) => applyOp('UniqueV2', { x, axis }).outputs;
opCase('UniqueV2', 'rows', {
  inputs: [
    i32([
      [1, 0],
      [1, 0],
      [2, 0],
    ]),
    i32([0]),
  ],
  build: uniqueAlong,
  want: [
    i32([
      [1, 0],
      [2, 0],
    ]),
    i32([0, 0, 1]),
  ],
});
opCase('UniqueV2', 'columns, elements', {
  inputs: [
    i64([
      [1, 0, 1],
      [2, 0, 2],
    ]),
    strings(['b', 'a', 'b']),
    i64([]),
  ],
  build: (x, s, none) => [...uniqueAlong(x, [-1]), ...uniqueAlong(s, none)],
  want: [
    i64([
      [1, 0],
      [2, 0],
    ]),
    i32([0, 1, 0]),
    strings(['b', 'a']),
    i32([0, 1, 0]),
  ],
});
opCase('UniqueV2', 'no such axis', {
  inputs: [i32([[1, 0]]), i32([2])],
  build: uniqueAlong,
  fails: /^axis expects to be in the range \[-2, 2\) for|^axis has to be between \[0, 2\)/,
});

opCase('ListDiff', 'what is missing', {
  inputs: [i32([1, 2, 3, 2]), i32([1, 3]), strings(['a', 'b']), strings(['b'])],
  build: (a, b, c, d) =>
    [setdiff1d(a, b), setdiff1d(c, d, { outIdx: dtypes.int64 })].flatMap(({ out, idx }) => [out, idx]),
  want: [i32([2, 2]), i32([1, 3]), strings(['a']), i64([0])],
});
opCase('ListDiff', 'matrix', {
  inputs: [i32([[1]]), i32([1])],
  build: (x, y) => setdiff1d(x, y).out,
  fails: /^Shape must be rank 1 but is rank 2 for|^x should be a 1D vector\./,
});

const bounds = (type: string) => (sorted: TensorLike, values: TensorLike) =>
  applyUnary(type, { sorted_inputs: sorted, values });
for (const [type, want] of [
  [
    'LowerBound',
    i32([
      [1, 0, 4],
      [2, 3, 3],
    ]),
  ],
  [
    'UpperBound',
    i32([
      [3, 0, 4],
      [3, 3, 4],
    ]),
  ],
] as const) {
  opCase(type, 'rows', {
    inputs: [
      f32([
        [1, 2, 2, 3],
        [0, 1, 5, 7],
      ]),
      f32([
        [2, 0, 9],
        [5, 6, 7],
      ]),
    ],
    build: bounds(type),
    want,
  });
  opCase(type, 'rows that differ', {
    inputs: [f32([[1, 2]]), f32([[2], [3]])],
    build: bounds(type),
    fails: /^Leading dim_size of both tensors must match\./,
  });
  opCase(type, 'vector', {
    inputs: [f32([1, 2]), f32([2])],
    build: bounds(type),
    fails: /^Shape must be rank 2 but is rank 1 for/,
  });
}

const bincount = (arr: TensorLike, size: TensorLike, weights: TensorLike) =>
  applyUnary('Bincount', { arr, size, weights });
opCase('Bincount', 'counts', {
  inputs: [i32([1, 1, 3]), i32(5), i64([])],
  build: bincount,
  want: i64([0, 2, 0, 1, 0]),
});
opCase('Bincount', 'weights, values beyond', {
  inputs: [i32([1, 1, 3]), i32(3), f32([0.5, 1, 2])],
  build: bincount,
  want: f32([0, 1.5, 0]),
});
opCase('Bincount', 'negative value', {
  inputs: [i32([-1]), i32(3), i32([])],
  build: bincount,
  fails: /^Input arr must be non-negative!/,
});
opCase('Bincount', 'negative size', {
  inputs: [i32([1]), i32(-1), i32([])],
  build: bincount,
  fails: /^size \(-1\) must be non-negative/,
});
opCase('Bincount', 'too few weights', {
  inputs: [i32([1, 2]), i32(3), f32([1])],
  build: bincount,
  fails: /^Input indices and weights must have the same size\./,
});

describe('picking', () => {
  it('oneHot: the values must agree in dtype', () => {
    new Graph().asDefault(() => {
      expect(() => oneHot([0], 2, { onValue: constant(1), dtype: dtypes.int32 })).to.throw(
        TypeError,
        /does not match dtype parameter/,
      );
      expect(() => oneHot([0], 2, { onValue: constant(1), offValue: constant(0, dtypes.int32) })).to.throw(
        TypeError,
        /off_value/,
      );
      expect(oneHot([0], 2, { onValue: constant(3, dtypes.int64) }).dtype).to.equal(dtypes.int64);
    });
  });
});
