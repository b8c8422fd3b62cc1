/**
 * Sorting and searching: values against TensorFlow's, and against plain sorting over random arrays.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as dtypes from '../../../graph/dtypes';
import { Graph } from '../../../graph/graph';
import { NdArray } from '../../../graph/ndarray';
import { constant, placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { argsort, searchsorted, sort } from '../../../lib/math/sorting';
import { Session } from '../../../runtime/session';
import { f32, f64, i32, i64, opCase, u8 } from '../../support/opCase';

const matrix = f32([
  [3, 1, 2],
  [5, 4, 6],
]);
const each = (build: (x: Tensor) => Tensor[]) => build;

opCase('TopKV2', 'sort along each axis', {
  inputs: [matrix],
  build: each((x) => [sort(x), sort(x, 0), sort(x, 1, { direction: 'DESCENDING' })]),
  want: [
    f32([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    f32([
      [3, 1, 2],
      [5, 4, 6],
    ]),
    f32([
      [3, 2, 1],
      [6, 5, 4],
    ]),
  ],
});
opCase('TopKV2', 'argsort along each axis', {
  inputs: [matrix],
  build: each((x) => [argsort(x), argsort(x, 0, { direction: 'DESCENDING' })]),
  want: [
    i32([
      [1, 2, 0],
      [1, 0, 2],
    ]),
    i32([
      [1, 1, 1],
      [0, 0, 0],
    ]),
  ],
});
opCase('TopKV2', 'sort integers that have no negative', {
  inputs: [i32([3, -(2 ** 31), 5]), u8([3, 0, 255]), i64([2n ** 62n, -(2n ** 63n)])],
  build: (a, b, c) => [sort(a), sort(b), argsort(b), sort(c)],
  want: [i32([-(2 ** 31), 3, 5]), u8([0, 3, 255]), i32([1, 0, 2]), i64([-(2n ** 63n), 2n ** 62n])],
});
opCase('TopKV2', 'sort an outer axis of three', {
  inputs: [f32([[[2, 1]], [[1, 2]]])],
  build: (x) => [sort(x, 0), sort(x, -3)],
  want: [f32([[[1, 1]], [[2, 2]]]), f32([[[1, 1]], [[2, 2]]])],
  staticOnly: true,
});
opCase('TopKV2', 'gradient of sort', {
  inputs: [
    f64([
      [3, 1, 2],
      [5, 4, 6],
    ]),
  ],
  build: (x) => sort(x, 0),
  gradient: true,
});
opCase('LowerBound', 'searchsorted', {
  inputs: [f32([1, 3, 5]), f32([0, 3, 6])],
  build: (x, v) => [searchsorted(x, v), searchsorted(x, v, { side: 'right', outType: dtypes.int64 })],
  want: [i32([0, 1, 3]), i64([0, 2, 3])],
});

describe('sorting', () => {
  it('agrees with plain sorting; argsort picks what sort gives, ties in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 12 }), (values) => {
        const graph = new Graph();
        const outputs = graph.asDefault(() => {
          const x = constant(NdArray.from(Int32Array.from(values)));
          return [sort(x), argsort(x), sort(x, 0, { direction: 'DESCENDING' })];
        });
        const [up, order, down] = new Session({ graph })
          .runSync(outputs)
          .map((value) => Array.from((value as NdArray).data as Int32Array));
        const wanted = [...values].sort((a, b) => a - b);
        expect(up).to.deep.equal(wanted);
        expect(down).to.deep.equal([...wanted].reverse());
        expect(order).to.deep.equal(values.map((_, i) => i).sort((a, b) => values[a] - values[b] || a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses axes and directions that TensorFlow refuses', () => {
    new Graph().asDefault(() => {
      const x = constant([1, 2]);
      expect(() => sort(x, 2)).to.throw(
        /^slice index 2 of dimension 0 out of bounds\. for '\{\{node sort\/strided_slice\}\}/,
      );
      expect(() => sort(x, -1, { direction: 'UP' as never })).to.throw(
        'Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction=UP',
      );
      expect(() => sort(x, placeholder(dtypes.int32, []))).to.throw(
        /^Argument `axis` must be a constant scalar\. Received: axis=Tensor/,
      );
      expect(() => searchsorted(x, x, { side: 'up' as never })).to.throw(
        "Argument `side` must be either 'right' or 'left'. Received: `side` = 'up'.",
      );
    });
  });
});
