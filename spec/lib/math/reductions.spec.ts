import { expect } from 'chai';
import { float32, int32 } from '../../../graph/dtypes';
import { Graph } from '../../../graph/graph';
import { placeholder } from '../../../graph/ops/source';
import { logSigmoid, reciprocalNoNan } from '../../../lib/math/elementwise';
import { norm } from '../../../lib/math/norm';
import { countNonzero, reduceLogsumexp, reduceStd, reduceVariance } from '../../../lib/math/reductions';
import { bools, f32, f64, i32, i64, opCase, strings } from '../../support/opCase';

const matrix = f64([
  [1, -2, 0.5],
  [3, 0.25, -1],
]);
const rows = [matrix.data.slice(0, 3), matrix.data.slice(3)].map((row) => Array.from(row as Float64Array));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const logsumexp = (values: readonly number[]) => Math.log(sum(values.map(Math.exp)));
const mean = (values: readonly number[]) => sum(values) / values.length;
const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

opCase('Log', 'log-sum-exp', {
  inputs: [matrix],
  build: (x) => [reduceLogsumexp(x), reduceLogsumexp(x, 1), reduceLogsumexp(x, [1], { keepdims: true })],
  want: [f64(logsumexp(rows.flat())), f64(rows.map(logsumexp)), f64(rows.map((row) => [logsumexp(row)]))],
  gradient: true,
});
opCase('Log', 'log-sum-exp of what overflows', {
  inputs: [
    f64([
      [1e4, 1e4],
      [-Infinity, -Infinity],
      [Infinity, 0],
    ]),
  ],
  build: (x) => reduceLogsumexp(x, 1),
  want: f64([1e4 + Math.log(2), -Infinity, Infinity]),
});
opCase('Mean', 'variance', {
  inputs: [matrix],
  build: (x) => [reduceVariance(x), reduceVariance(x, 1, { keepdims: true }), reduceStd(x, 1), reduceStd(x, 0)],
  want: [
    f64(variance(rows.flat())),
    f64(rows.map((row) => [variance(row)])),
    f64(rows.map((row) => Math.sqrt(variance(row)))),
    f64(rows[0].map((_, i) => Math.sqrt(variance(rows.map((row) => row[i]))))),
  ],
  gradient: true,
});
opCase('Mean', 'variance of integers', {
  inputs: [i32([1, 2])],
  build: (x) => reduceVariance(x),
  fails: /^Input must be either real or complex\. Received integer type/,
});
opCase('NotEqual', 'counts what is not zero', {
  inputs: [
    f32([
      [0, 2, 0],
      [1, NaN, 0],
    ]),
  ],
  build: (x) => [countNonzero(x), countNonzero(x, 0), countNonzero(x, 1, { dtype: int32, keepdims: true })],
  want: [i64(3n), i64([1, 2, 0]), i32([[1], [2]])],
});
opCase('Sum', 'counts bools', { inputs: [bools([true, false, true])], build: (x) => countNonzero(x), want: i64(2) });
opCase('NotEqual', 'counts strings', {
  inputs: [strings(['', 'a', ' '])],
  build: (x) => countNonzero(x),
  want: i64(2),
});

opCase('Sqrt', 'Euclidean norms', {
  inputs: [
    f64([
      [3, 4],
      [-6, 8],
    ]),
  ],
  build: (x) => [
    norm(x),
    norm(x, { axis: 1 }),
    norm(x, { axis: -1, keepdims: true }),
    norm(x, { ord: 'fro', axis: [0, 1] }),
  ],
  want: [f64(Math.sqrt(125)), f64([5, 10]), f64([[5], [10]]), f64(Math.sqrt(125))],
  gradient: true,
});
opCase('Abs', 'other norms', {
  inputs: [
    f64([
      [3, 4],
      [-6, 8],
    ]),
  ],
  build: (x) => [
    norm(x, { ord: 1 }),
    norm(x, { ord: 1, axis: 0 }),
    norm(x, { ord: Infinity, axis: 1 }),
    norm(x, { ord: 3, axis: 0 }),
    norm(x, { ord: 1, axis: [0, 1] }),
    norm(x, { ord: Infinity, axis: [0, 1] }),
  ],
  want: [f64(21), f64([9, 12]), f64([4, 8]), f64([243 ** (1 / 3), 576 ** (1 / 3)]), f64(12), f64(14)],
  gradient: true,
});

const points = f64([-30, -1.5, 0.75, 40]);
opCase('Softplus', 'logarithm of the sigmoid', {
  inputs: [points],
  build: (x) => logSigmoid(x),
  want: f64(Array.from(points.data as Float64Array, (x) => -Math.log1p(Math.exp(-x)))),
  gradient: true,
});
opCase('DivNoNan', 'reciprocal', {
  inputs: [f64([2, 0, -4])],
  build: (x) => reciprocalNoNan(x),
  want: f64([0.5, 0, -0.25]),
});

describe('norms', () => {
  it('refuse orders and axes that they do not know', () => {
    new Graph().asDefault((graph) => {
      const x = placeholder(float32, [2, 3]);
      expect(() => norm(x, { ord: 0 })).to.throw(Error, "'ord' must be a supported vector norm, got 0");
      expect(() => norm(x, { ord: 'fro' })).to.throw(Error, "'ord' must be a supported vector norm, got 'fro'");
      expect(() => norm(x, { ord: 3, axis: [0, 1] })).to.throw(
        Error,
        "'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got 3",
      );
      expect(() => norm(x, { axis: [1, 1] })).to.throw(
        Error,
        "'axis' must be None, an integer, or a tuple of 2 unique integers, got [1, 1]",
      );
      expect(() => norm(x, { axis: 0.5 })).to.throw(
        Error,
        "'axis' must be None, an integer, or a tuple of 2 unique integers, got 0.5",
      );
      expect(() => norm(x, { ord: 2, axis: [0, 1] })).to.throw(Error, 'The 2-norm of matrices');
      expect(graph.operations.length).to.equal(1);
    });
  });

  it('know that all axes leave a scalar', () => {
    new Graph().asDefault(() => {
      const x = placeholder(float32);
      expect([reduceLogsumexp(x), norm(x, { axis: 0 })].map((y) => String(y.shape))).to.deep.equal(['()', '<unknown>']);
    });
  });
});
