import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import { bool, float32 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import * as ops from '../../graph/ops/compare';
import { placeholder } from '../../graph/ops/source';
import { bools, f32, f64, i32, opCase, strings } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('compare');

const mask = bools([
  [true, false, true],
  [false, false, true],
]);
const x = f64([
  [1, 2, 3],
  [4, 5, 6],
]);
const y = f64([
  [-1, -2, -3],
  [-4, -5, -6],
]);

opCase('Select', 'gradient', { inputs: [mask, x, y], build: (c, a, b) => ops.where(c, a, b), gradient: true });
opCase('Select', 'gradient of rows', {
  inputs: [bools([true, false]), x, y],
  build: (c, a, b) => ops.where(c, a, b),
  gradient: true,
});
opCase('SelectV2', 'gradient', { inputs: [mask, x, y], build: (c, a, b) => ops.whereV2(c, a, b), gradient: true });
opCase('SelectV2', 'gradient of broadcast values', {
  inputs: [mask, f64([1, 2, 3]), f64(7)],
  build: (c, a, b) => ops.whereV2(c, a, b),
  gradient: true,
});
opCase('SelectV2', 'gradient of a broadcast condition', {
  inputs: [bools([[true], [false]]), x, f64([[1], [2]])],
  build: (c, a, b) => ops.whereV2(c, a, b),
  gradient: true,
});

opCase('Select', 'too many rows', {
  inputs: [bools([true, false, true]), f32([[1], [2]]), f32([[3], [4]])],
  build: (c, a, b) => ops.where(c, a, b),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 3 and 2. Shapes are \[3\] and \[2\]. for|^Number of batches of 'then' must match size of 'cond', but saw: 2 vs. 3/,
});
opCase('Select', 'values of different shapes', {
  inputs: [bools([true, false]), f32([1, 2]), f32([1, 2, 3])],
  build: (c, a, b) => ops.where(c, a, b),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are \[2\] and \[3\]. for|must have the same size and shape. {2}Input 0: \[2\] != input 2: \[3\]/,
});
opCase('Select', 'a condition of higher rank', {
  inputs: [mask, f32([1, 2]), f32([1, 2])],
  build: (c, a, b) => ops.where(c, a, b),
  fails:
    /^Shapes must be equal rank, but are 1 and 2 for|must have the same size and shape. {2}Input 0: \[2,3\] != input 1: \[2\]/,
});
opCase('Select', 'a vector for scalars', {
  inputs: [bools([true, false]), f32(1), f32(1)],
  build: (c, a, b) => ops.where(c, a, b),
  fails: /^Shapes must be equal rank, but are 0 and 1 for|^'then' must be at least a vector, but saw shape: \[\]/,
});
opCase('SelectV2', 'shapes that do not fit', {
  inputs: [bools([true, false, true]), f32([1, 2]), f32([1, 2])],
  build: (c, a, b) => ops.whereV2(c, a, b),
  fails:
    /^Dimensions must be equal, but are .* for '\{\{node SelectV2\}\}|^condition \[3\], then \[2\], and else \[2\] must be broadcastable/,
});
opCase('ApproximateEqual', 'shapes that do not fit', {
  inputs: [f32([1, 2]), f32([1])],
  build: (a, b) => ops.approximateEqual(a, b),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 2 and 1|^x and y must be of the same shape. x shape: \[2\]. y shape: \[1\]/,
});
for (const [op, build] of Object.entries({
  Equal: ops.equal,
  NotEqual: ops.notEqual,
  Less: ops.less,
  GreaterEqual: ops.greaterEqual,
})) {
  opCase(op, 'shapes that do not fit', {
    inputs: [f32([1, 2]), f32([1, 2, 3])],
    build,
    fails: /^Dimensions must be equal, but are 2 and 3 for|^Incompatible shapes: \[2\] vs. \[3\]/,
  });
}
opCase('Less', 'strings', {
  inputs: [strings('a'), strings('b')],
  build: ops.less,
  fails: /^Value passed to parameter 'x' has DataType string not in list of allowed values: float32, float64, int32/,
});
opCase('LogicalAnd', 'numbers', {
  inputs: [f32([1]), f32([1])],
  build: ops.logicalAnd,
  fails: /^Input 'x' of 'LogicalAnd' Op has type float32 that does not match expected type of bool\.$/,
});
opCase('LogicalAnd', 'exclusive or', {
  inputs: [bools([true, true, false, false]), bools([true, false, true, false])],
  build: (a, b) => ops.logicalXor(a, b),
  want: bools([false, true, true, false]),
});
opCase('Equal', 'bytes', {
  inputs: [strings([Uint8Array.of(255, 1), 'b']), strings([Uint8Array.of(255, 1)])],
  build: (a, b) => ops.equal(a, b),
  want: bools([true, false]),
});

describe('comparisons', () => {
  it('give plain values the dtype of the tensor beside them', () => {
    new Graph().asDefault(() => {
      const n = placeholder(i32(0).dtype, [2], { name: 'n' });
      expect(ops.less(n, 3).op.inputs[1].dtype.name).to.equal('int32');
      expect(ops.equal(0, n).op.inputs[0].dtype.name).to.equal('int32');
    });
  });

  it('know the shape of an equality that may not fit only when all of both is known', () => {
    new Graph().asDefault(() => {
      const [a, b, c] = [[2], [null], [3]].map((shape) => placeholder(float32, shape));
      const shape = (u: typeof a, v: typeof a) =>
        String(applyUnary('Equal', { x: u, y: v, incompatible_shape_error: false }).shape);
      expect([shape(a, a), shape(a, b), shape(a, c)]).to.deep.equal(['(2,)', '<unknown>', '()']);
    });
  });

  it('choose between two values or none', () => {
    new Graph().asDefault(() => {
      const condition = placeholder(bool, [2]);
      expect(() => ops.where(condition, 1)).to.throw(Error, 'x and y must both be non-None or both be None.');
      expect(ops.where(condition).op.type).to.equal('Where');
      expect(ops.whereV2(condition, null, null, { name: 'at' }).name).to.equal('at:0');
    });
  });
});
