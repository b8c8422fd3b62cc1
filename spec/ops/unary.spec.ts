import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import { float32, int32, uint8 } from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { constant, placeholder } from '../../graph/ops/source';
import * as ops from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';
import { roundHalfToEven } from '../../runtime/kernels/unary';
import { f32, f64, i32, opCase } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('unary');

const points = f64([
  [0.3, 1.7, 0.9],
  [2.25, 0.125, 3.5],
]);
const both = f64([-1.3, 0.4, 2.2, -0.6]);

const differentiable: Readonly<Record<string, (x: TensorLike) => Tensor>> = {
  Abs: ops.abs,
  Neg: ops.negative,
  Square: ops.square,
  Sqrt: ops.sqrt,
  Rsqrt: ops.rsqrt,
  Reciprocal: ops.reciprocal,
  Inv: (x) => applyUnary('Inv', { x }),
  Exp: ops.exp,
  Expm1: ops.expm1,
  Log: ops.log,
  Log1p: ops.log1p,
  Tanh: ops.tanh,
  Sigmoid: ops.sigmoid,
};

for (const [op, build] of Object.entries(differentiable)) {
  opCase(op, 'gradient', { inputs: [points], build, gradient: true });
}
for (const op of ['Abs', 'Neg', 'Square', 'Reciprocal', 'Exp', 'Tanh', 'Sigmoid']) {
  opCase(op, 'gradient of both signs', { inputs: [both], build: differentiable[op], gradient: true });
}
opCase('Sign', 'gradient', { inputs: [both], build: (x) => ops.sign(x), gradient: true });
for (const op of ['SqrtGrad', 'RsqrtGrad', 'ReciprocalGrad', 'InvGrad', 'TanhGrad', 'SigmoidGrad']) {
  opCase(op, 'gradient', {
    inputs: [f64([0.5, 0.75, -0.25]), f64([1, -2, 3])],
    build: (y, dy) => applyUnary(op, { y, dy }),
    gradient: true,
  });
  opCase(op, 'different sizes', {
    inputs: [f32([1, 2]), f32([1, 2, 3])],
    build: (y, dy) => applyUnary(op, { y, dy }),
    fails: /The two arguments to a cwise op must have same number of elements, got 2 and 3/,
  });
}
opCase('Exp', 'integers', {
  inputs: [i32([1])],
  build: (x) => ops.exp(x),
  fails:
    /^Value passed to parameter 'x' has DataType int32 not in list of allowed values: bfloat16, float16, float32, float64, complex64, complex128$/,
});
opCase('Reciprocal', 'integers', {
  inputs: [i32([1])],
  build: (x) => ops.reciprocal(x),
  fails: /No OpKernel was registered to support Op 'Reciprocal' with T=DT_INT32\./,
});

describe('steps', () => {
  for (const [name, build] of Object.entries({ floor: ops.floor, ceil: ops.ceil, round: ops.round, rint: ops.rint })) {
    it(`${name} has no gradient`, () => {
      new Graph().asDefault(() => {
        const x = constant([1.5]);
        expect(gradients(build(x), x)).to.deep.equal([null]);
      });
    });
  }
  // The coverage of gradients counts these rules, which have nothing to compare.
  for (const op of ['Floor', 'Ceil', 'Round', 'Rint']) {
    opCase(op, 'beside a differentiable path', {
      inputs: [both],
      build: (x) => x.add(applyUnary(op, { x })),
      gradient: true,
    });
  }

  it('round passes integers', () => {
    new Graph().asDefault(() => {
      const x = placeholder(int32, [2]);
      expect(ops.round(x)).to.equal(x);
    });
  });

  it('halves go to the even neighbour', () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 1e300].map(roundHalfToEven)).to.deep.equal([
      -2, -2, -0, 0, 2, 2, 4, 1e300,
    ]);
  });
});

describe('functions of one tensor', () => {
  it('take plain values, nested lists and names', () => {
    new Graph().asDefault((graph) => {
      const y = ops.sqrt([[4, 9]], { name: 'root' });
      expect(y.name).to.equal('root:0');
      expect(y.dtype).to.equal(float32);
      expect(String(y.shape)).to.equal('(1, 2)');
      expect(graph.operations.map((op) => op.name)).to.deep.equal(['root/x', 'root']);
    });
  });

  it('leave the graph as it was after a mistake', () => {
    new Graph().asDefault((graph) => {
      const x = placeholder(uint8, [2]);
      expect(() => ops.tanh(x)).to.throw(
        TypeError,
        "Value passed to parameter 'x' has DataType uint8 not in list of allowed values",
      );
      expect(graph.operations.length).to.equal(1);
    });
  });
});
