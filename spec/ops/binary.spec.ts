import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import { float32, float64, int8, int32 } from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import * as ops from '../../graph/ops/binary';
import { constant, placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, i32, i64, opCase, strings } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('binary');

type Binary = (x: TensorLike, y: TensorLike) => Tensor;

const raw =
  (op: string): Binary =>
  (x, y) =>
    applyUnary(op, { x, y });

const differentiable: Readonly<Record<string, Binary>> = {
  Add: raw('Add'),
  AddV2: ops.add,
  Sub: ops.subtract,
  Mul: ops.multiply,
  Div: raw('Div'),
  RealDiv: ops.realdiv,
  FloorMod: ops.floormod,
  Mod: raw('Mod'),
  TruncateMod: ops.truncatemod,
  DivNoNan: ops.divNoNan,
  MulNoNan: ops.multiplyNoNan,
  Pow: ops.pow,
  Maximum: ops.maximum,
  Minimum: ops.minimum,
  SquaredDifference: ops.squaredDifference,
  Xdivy: ops.xdivy,
  Xlogy: ops.xlogy,
  Xlog1py: ops.xlog1py,
};

const matrix = f64([
  [1.5, 2.2, 0.7],
  [3.1, 0.4, 5.3],
]);
const other = f64([
  [0.6, 1.3, 2.5],
  [0.8, 1.9, 0.3],
]);

for (const [op, build] of Object.entries(differentiable)) {
  opCase(op, 'gradient', { inputs: [matrix, other], build, gradient: true });
  opCase(op, 'gradient with a row', { inputs: [matrix, f64([0.6, 1.3, 2.9])], build, gradient: true });
  opCase(op, 'gradient with a column', { inputs: [f64([[0.6], [1.3]]), matrix], build, gradient: true });
  opCase(op, 'gradient with a scalar', { inputs: [f64(2.3), matrix], build, gradient: true });
  opCase(op, 'gradient of inner and outer axes', {
    inputs: [f64([[[1.5], [2.2]]]), f64([[[0.6, 1.3, 0.9]], [[0.8, 1.12, 0.35]]])],
    build,
    gradient: true,
  });
  opCase(op, 'shapes that do not fit', {
    inputs: [f32([1, 2]), f32([1, 2, 3])],
    build,
    fails:
      /^Dimensions must be equal, but are 2 and 3 for '\{\{node .*\}\} = \w+\[.*\]\(.*\)' with input shapes: \[2\], \[3\]\.$|^Incompatible shapes: \[2\] vs. \[3\]/,
  });
}

for (const op of ['FloorDiv', 'TruncateDiv']) {
  opCase(op, 'beside a differentiable path', {
    inputs: [matrix, other],
    build: (x, y) => x.add(y).add(raw(op)(x, y)),
    gradient: true,
  });
}
opCase('Xlogy', 'gradient at 0', { inputs: [f64([0, 2]), f64([3, 0.5])], build: ops.xlogy, gradient: [1] });
opCase('DivNoNan', 'gradient at 0', { inputs: [f64([3, 2]), f64([0, 0.5])], build: ops.divNoNan, gradient: [0] });

const zero = [i32([1, 2]), i32([1, 0])];
for (const op of ['FloorDiv', 'FloorMod', 'Div', 'Mod']) {
  opCase(op, 'integers by zero', { inputs: zero, build: raw(op), fails: /^Integer division by zero/ });
}
opCase('FloorDiv', 'quotients that are integers in float32', {
  inputs: [f32([1, 1, -1, 7, 0.3, -0.3, 10, 5.5]), f32([0.2, 0.1, 0.2, 0.7, 0.1, 0.1, 0.1, 0.55])],
  build: raw('FloorDiv'),
  want: f32([5, 10, -5, 10, 3, -3, 100, 10]),
});
opCase('FloorDiv', 'int64 by zero', {
  inputs: [i64([1]), i64([0])],
  build: raw('FloorDiv'),
  fails: /^Integer division by zero/,
});
for (const op of ['TruncateDiv', 'TruncateMod']) {
  opCase(op, 'integers by zero', {
    inputs: zero,
    build: raw(op),
    fails: /^Unexpected error in binary operator \(only integer div and mod should have errors\)/,
  });
}
opCase('Pow', 'negative integer powers', {
  inputs: [i32([2, 3]), i32([2, -1])],
  build: ops.pow,
  fails: /^Integers to negative integer powers are not allowed/,
});
opCase('RealDiv', 'integers', {
  inputs: [i32([7]), i32([2])],
  build: ops.realdiv,
  fails: /No OpKernel was registered to support Op 'RealDiv' with T=DT_INT32\./,
});
opCase('AddV2', 'different dtypes', {
  inputs: [f32([1]), i32([1])],
  build: ops.add,
  fails: /^Input 'y' of 'AddV2' Op has type int32 that does not match type float32 of argument 'x'\.$/,
});
opCase('RealDiv', 'different dtypes', {
  inputs: [f32([1]), i32([1])],
  build: ops.truediv,
  fails: /^`x` and `y` must have the same dtype, got tf.float32 != tf.int32\.$/,
});
opCase('Sub', 'strings', {
  inputs: [strings(['a']), strings(['b'])],
  build: ops.subtract,
  fails: /^Value passed to parameter 'x' has DataType string not in list of allowed values/,
});
opCase('Add', 'concatenates strings', {
  inputs: [strings(['a', 'b']), strings('c')],
  build: (x, y) => ops.add(x, y),
  want: strings(['ac', 'bc']),
});
opCase('RealDiv', 'true division of integers', {
  inputs: [i32([7, -7]), i32([2, 2])],
  build: ops.truediv,
  want: f64([3.5, -3.5]),
});
opCase('FloorDiv', 'old division of integers', {
  inputs: [i32([7, -7]), i32([2, 2])],
  build: ops.div,
  want: i32([3, -4]),
});
opCase('RealDiv', 'old division of floats', { inputs: [f32([7]), f32([2])], build: ops.div, want: f32([3.5]) });
opCase('DivNoNan', 'integers', { inputs: [i32([7, 1]), i32([2, 0])], build: ops.divNoNan, want: f64([3.5, 0]) });

describe('arithmetic functions', () => {
  const inGraph = <R>(body: (graph: Graph) => R): R => new Graph().asDefault(body);

  it('give plain values the dtype of the tensor beside them', () => {
    inGraph(() => {
      const x = placeholder(int32, [2]);
      for (const f of [ops.add, ops.subtract, ops.multiply, ops.maximum, ops.floordiv, ops.floormod, ops.pow]) {
        expect(f(x, 2).dtype).to.equal(int32);
        expect(f(2, x).dtype).to.equal(int32);
      }
      expect(ops.truediv(placeholder(int8, [2]), 2).dtype).to.equal(float32);
    });
  });

  it('say what does not convert', () => {
    inGraph((graph) => {
      const x = placeholder(int32, [2], { name: 'x' });
      expect(() => ops.multiply(x, 1.5)).to.throw(
        TypeError,
        "Expected int32 passed to parameter 'y' of op 'Mul', got 1.5 of type 'float' instead. Error: Expected int32, but got 1.5 of type 'float'.",
      );
      expect(() => ops.add(x, 1.5)).to.throw(
        TypeError,
        "Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'.",
      );
      expect(() => ops.add(x, null as never)).to.throw(Error, 'None values not supported.');
      expect(() => ops.scalarMul(x, x)).to.throw(Error, 'The input scalar must be a 0-D value. Received shape (2,).');
      expect(graph.operations.map((op) => op.name)).to.deep.equal(['x']);
    });
  });

  it('multiply slices by a scalar', () => {
    inGraph(() => {
      const slices = new IndexedSlices(constant([[1.5]]), constant([0], { dtype: int32 }), null);
      const result = ops.scalarMul(2, slices);
      expect(result.indices).to.equal(slices.indices);
      expect(result.values.op.type).to.equal('Mul');
    });
  });

  it('have no gradient through a floored quotient', () => {
    inGraph(() => {
      const x = placeholder(float64, [2]);
      expect(gradients(ops.floordiv(x, 2), x)).to.deep.equal([null]);
    });
  });
});
