import { expect } from 'chai';
import { float32, int32 } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import { Graph } from '../../../graph/graph';
import { IndexedSlices } from '../../../graph/indexedSlices';
import { NdArray } from '../../../graph/ndarray';
import { constant, placeholder } from '../../../graph/ops/source';
import { clipByAverageNorm, clipByGlobalNorm, clipByNorm, clipByValue, globalNorm } from '../../../lib/math/clip';
import { Session } from '../../../runtime/session';
import { f32, f64, opCase } from '../../support/opCase';

opCase('Maximum', 'clips to bounds', {
  inputs: [
    f64([
      [1, -5, 5],
      [0.5, 7, 2],
    ]),
  ],
  build: (x) => clipByValue(x, -1, 3),
  want: f64([
    [1, -1, 3],
    [0.5, 3, 2],
  ]),
  gradient: true,
});
opCase('Maximum', 'clips to bounds of each row', {
  inputs: [
    f64([
      [1, 5],
      [0.5, 7],
    ]),
    f64([[0], [1]]),
  ],
  build: (x, low) => clipByValue(x, low, 4),
  want: f64([
    [1, 4],
    [1, 4],
  ]),
});
opCase('Minimum', 'bounds that would broadcast', {
  inputs: [f32([1, 2]), f32([[1], [2]])],
  build: (x, high) => clipByValue(x, 0, high),
  staticOnly: true,
  fails: /^Shapes \(2,\) and \(2, 2\) are incompatible$/,
});
const vectors = f64([
  [3, 4],
  [0.3, 0.4],
]);
opCase('Identity', 'clips by a norm', {
  inputs: [vectors],
  build: (x) => clipByNorm(x, 2, { axes: [1] }),
  want: f64([
    [1.2, 1.6],
    [0.3, 0.4],
  ]),
  gradient: true,
});
opCase('Identity', 'clips by the norm of all', {
  inputs: [f64([3, 4, 12])],
  build: (x) => clipByNorm(x, 6.5),
  want: f64([1.5, 2, 6]),
  gradient: true,
});
opCase('Identity', 'clips zeros by a norm', {
  inputs: [f64([0, 0])],
  build: (x) => clipByNorm(x, 2),
  want: f64([0, 0]),
});
opCase('Identity', 'clips by an average norm', {
  inputs: [f32([3, 4])],
  build: (x) => clipByAverageNorm(x, 1),
  want: f32([1.2, 1.6]),
});
opCase('L2Loss', 'global norm', {
  inputs: [f64([3, 4]), f64([[12]])],
  build: (x, y) => globalNorm([x, null, y]),
  want: f64(13),
  gradient: true,
});
opCase('L2Loss', 'clips by a global norm', {
  inputs: [f64([3, 4]), f64([[12]])],
  build: (x, y) => {
    const [[a, nothing, b], norm] = clipByGlobalNorm([x, null, y], 6.5);
    expect(nothing).to.equal(null);
    return [a!, b!, norm];
  },
  want: [f64([1.5, 2]), f64([[6]]), f64(13)],
  gradient: true,
});
opCase('L2Loss', 'leaves what is short enough', {
  inputs: [f64([3, 4])],
  build: (x) => clipByGlobalNorm([x], 5.5)[0],
  want: f64([3, 4]),
});
opCase('L2Loss', 'a norm that is not finite', {
  inputs: [f64([3, Infinity])],
  build: (x) => clipByGlobalNorm([x], 5)[0],
  want: f64([NaN, NaN]),
});

describe('clipping', () => {
  it('gives zeros a gradient that is no NaN', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const x = constant([0, 0]);
      const [got] = new Session({ graph }).runSync(gradients(clipByNorm(x, 1), x) as never) as unknown as NdArray[];
      expect(got.toArray()).to.deep.equal([1, 1]);
    });
  });

  it('clips the values of slices', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const slices = new IndexedSlices(constant([[3, 4]]), constant([5], { dtype: int32 }), null);
      const [[together]] = clipByGlobalNorm([slices], 1);
      const results = [clipByValue(slices, 0, 3.5), clipByNorm(slices, 1), together];
      for (const result of results) {
        expect(result).to.be.instanceOf(IndexedSlices);
        expect(result.indices).to.equal(slices.indices);
      }
      const got = new Session({ graph }).runSync(results.map((result) => result.values)) as NdArray[];
      expect(
        got.map((value) => Array.from(value.data as Float32Array, (v) => Math.round(v * 1e5) / 1e5)),
      ).to.deep.equal([
        [3, 3.5],
        [0.6, 0.8],
        [0.6, 0.8],
      ]);
    });
  });

  it('takes a norm that is known already, and refuses what is no list', () => {
    new Graph().asDefault((graph) => {
      const x = placeholder(float32, [2]);
      const norm = globalNorm([x]);
      const before = graph.operations.filter((op) => op.type === 'L2Loss').length;
      expect(clipByGlobalNorm([x], 1, { useNorm: norm })[1]).to.equal(norm);
      expect(graph.operations.filter((op) => op.type === 'L2Loss').length).to.equal(before);
      expect(() => globalNorm(x as never)).to.throw(
        TypeError,
        '`t_list` should be a sequence of tensors. Received Tensor.',
      );
      expect(() => clipByGlobalNorm(x as never, 1)).to.throw(
        TypeError,
        '`t_list` should be a sequence of tensors. Received Tensor.',
      );
    });
  });
});
