import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { elu, leakyRelu, relu, relu6, selu, softplus, softsign } from '../../graph/ops/activations';
import { placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, i32, opCase } from '../support/opCase';

// Away from 0 and 6, where the derivatives jump.
const x = f64([-3, -1.5, -0.2, 0.3, 1.7, 5.5, 7]);
const g = f64([1, -2, 0.5, 3, -1, 2, 0.25]);

const functions: Record<string, (features: Tensor) => Tensor> = {
  Relu: relu,
  Relu6: relu6,
  Elu: elu,
  Selu: selu,
  LeakyRelu: (features) => leakyRelu(features, { alpha: 0.3 }),
  Softplus: softplus,
  Softsign: softsign,
};
for (const [op, build] of Object.entries(functions)) opCase(op, 'gradient', { inputs: [x], build, gradient: true });

for (const op of ['ReluGrad', 'Relu6Grad', 'LeakyReluGrad', 'SoftplusGrad', 'SoftsignGrad']) {
  opCase(op, 'gradient', {
    inputs: [g, x],
    build: (gradients, features) => applyUnary(op, { gradients, features }),
    gradient: true,
  });
}
for (const op of ['EluGrad', 'SeluGrad']) {
  opCase(op, 'gradient', {
    inputs: [g, f64([-0.9, -0.5, -0.2, 0.3, 1.7, 5.5, 7])],
    build: (gradients, outputs) => applyUnary(op, { gradients, outputs }),
    gradient: true,
  });
}
opCase('ReluGrad', 'not finite', {
  inputs: [f32([Number.NaN, Infinity, Number.NaN, 2]), f32([-1, 0, 1, Number.NaN])],
  build: (gradients, features) => applyUnary('ReluGrad', { gradients, features }),
  want: f32([Number.NaN, Number.NaN, Number.NaN, 0]),
});
opCase('Relu6Grad', 'not finite', {
  inputs: [f32([Number.NaN, -Infinity, Number.NaN, 2]), f32([-1, 7, 1, Number.NaN])],
  build: (gradients, features) => applyUnary('Relu6Grad', { gradients, features }),
  want: f32([Number.NaN, Number.NaN, Number.NaN, 0]),
});
opCase('ReluGrad', 'shapes that differ', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: (gradients, features) => applyUnary('ReluGrad', { gradients, features }),
  fails:
    /Dimension 0 in both shapes must be equal, but are 2 and 3|Inputs to operation ReluGrad of type ReluGrad must have the same size and shape\. {2}Input 0: \[2\] != input 1: \[3\]/,
});
opCase('LeakyRelu', 'integers become floats', {
  inputs: [i32([-5, 5])],
  build: (features) => leakyRelu(features),
  want: f32([-1, 5]),
});

describe('leakyRelu', () => {
  it('takes a number for its slope', () => {
    new Graph().asDefault(() => {
      const alpha = placeholder(dtypes.float32, []);
      expect(() => leakyRelu([1], { alpha: alpha as never })).to.throw(
        "Expected float for argument 'alpha' not Tensor(",
      );
    });
  });
});
