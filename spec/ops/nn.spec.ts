import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { biasAdd, l2Loss } from '../../graph/ops/nn';
import { placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, i32, opCase } from '../support/opCase';
import { opValues } from '../support/opValues';

opValues('nn');

const values = (...shape: number[]): NdArray => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return f64(Array.from({ length: size }, (_, i) => Math.cos(i * 1.3) + Math.sin(i * 0.7))).reshape(shape);
};
const [logits, labels] = [
  values(3, 4),
  f64([
    [0.1, 0.2, 0.3, 0.4],
    [0.25, 0.25, 0.25, 0.25],
    [1, 0, 0, 0],
  ]),
];

opCase('BiasAdd', 'gradient', {
  inputs: [values(2, 2, 3), values(3)],
  build: (value, bias) => biasAdd(value, bias),
  gradient: true,
});
opCase('BiasAdd', 'gradient, NCHW', {
  inputs: [values(2, 3, 2, 2), values(3)],
  build: (value, bias) => biasAdd(value, bias, { dataFormat: 'NCHW' }),
  gradient: true,
});
opCase('BiasAddV1', 'gradient', {
  inputs: [values(2, 2, 3), values(3)],
  build: (value, bias) => applyUnary('BiasAddV1', { value, bias }),
  gradient: true,
});
for (const data_format of ['NHWC', 'NCHW']) {
  opCase('BiasAddGrad', `gradient, ${data_format}`, {
    inputs: [values(2, 3, 2, 2)],
    build: (out_backprop) => applyUnary('BiasAddGrad', { out_backprop, data_format }),
    gradient: true,
  });
}
opCase('L2Loss', 'gradient', { inputs: [values(2, 3)], build: (t) => l2Loss(t), gradient: true });
opCase('Softmax', 'gradient', {
  inputs: [values(2, 2, 3)],
  build: (x) => applyUnary('Softmax', { logits: x }),
  gradient: true,
});
opCase('LogSoftmax', 'gradient', {
  inputs: [values(2, 2, 3)],
  build: (x) => applyUnary('LogSoftmax', { logits: x }),
  gradient: true,
});

// Both outputs are differentiated: losses, and the gradient, which is the second derivative of the losses. The latter
// does not flow to the labels.
const crossEntropy = (features: Tensor, targets: Tensor) =>
  applyOp('SoftmaxCrossEntropyWithLogits', { features, labels: targets }).outputs;
opCase('SoftmaxCrossEntropyWithLogits', 'gradients of both outputs', {
  inputs: [logits, labels],
  build: crossEntropy,
  gradient: [0],
});
opCase('SoftmaxCrossEntropyWithLogits', 'gradient by logits and labels', {
  inputs: [logits, labels],
  build: (features, targets) => crossEntropy(features, targets)[0],
  gradient: true,
});
opCase('SparseSoftmaxCrossEntropyWithLogits', 'gradients of both outputs', {
  inputs: [logits, i32([0, 3, 1])],
  build: (features, targets) => applyOp('SparseSoftmaxCrossEntropyWithLogits', { features, labels: targets }).outputs,
  gradient: true,
});

const failures: [string, string, NdArray[], RegExp][] = [
  [
    'BiasAdd',
    'too many biases',
    [f32([[1, 2, 3]]), f32([1, 2])],
    /Dimensions must be equal, but are 3 and 2|Must provide as many biases as the last dimension of the input tensor: \[2\] vs\. \[1,3\]/,
  ],
  [
    'BiasAdd',
    'a vector',
    [f32([1, 2]), f32([1, 2])],
    /Shape must be at least rank 2 but is rank 1|Input tensor must be at least 2D: \[2\]/,
  ],
  [
    'BiasAdd',
    'a matrix of biases',
    [f32([[1, 2]]), f32([[1, 2]])],
    /Shape must be rank 1 but is rank 2|Biases must be 1D: \[1,2\]/,
  ],
];
for (const [op, title, inputs, fails] of failures)
  opCase(op, title, { inputs, build: (value, bias) => applyUnary(op, { value, bias }), fails });
opCase('BiasAddGrad', 'a vector', {
  inputs: [f32([1, 2])],
  build: (out_backprop) => applyUnary('BiasAddGrad', { out_backprop }),
  fails: /Shape must be at least rank 2 but is rank 1|Input tensor must be at least 2D: \[2\]/,
});
opCase('Softmax', 'a scalar', {
  inputs: [f32(1)],
  build: (x) => applyUnary('Softmax', { logits: x }),
  fails: /Shape must be at least rank 1 but is rank 0|logits must have >= 1 dimension, got \[\]/,
});
opCase('SoftmaxCrossEntropyWithLogits', 'classes that differ', {
  inputs: [f32([[1, 2, 3]]), f32([[1, 2]])],
  build: crossEntropy,
  fails:
    /Dimensions must be equal, but are 3 and 2|logits and labels must be broadcastable: logits_size=\[1,3\] labels_size=\[1,2\]/,
});
opCase('SoftmaxCrossEntropyWithLogits', 'vectors', {
  inputs: [f32([1, 2]), f32([1, 2])],
  build: crossEntropy,
  fails:
    /Shape must be broadcasted with rank 2, but is rank 1|must be either 2-dimensional, or broadcasted to be 2-dimensional/,
});
const sparse: [string, NdArray, NdArray, RegExp][] = [
  [
    'a label out of range',
    f32([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    i32([0, 5]),
    /Received a label value of 5 which is outside the valid range of \[0, 3\)\. {2}Label values: 0 5/,
  ],
  [
    'a negative label',
    f32([[1, 2, 3]]),
    i32([-1]),
    /Received a label value of -1 which is outside the valid range of \[0, 3\)/,
  ],
  [
    'too few labels',
    f32([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    i32([0]),
    /Dimensions must be equal, but are 2 and 1|must have the same first dimension, got logits shape \[2,3\] and labels shape \[1\]/,
  ],
  [
    'a matrix of labels',
    f32([[1, 2, 3]]),
    i32([[0]]),
    /Shape must be rank 1 but is rank 2|labels must be 1-D, but got shape \[1,1\]/,
  ],
  [
    'a vector of logits',
    f32([1, 2, 3]),
    i32([0]),
    /Shape must be rank 2 but is rank 1|logits must be 2-D, but got shape \[3\]/,
  ],
  ['no classes', f32([]).reshape([1, 0]), i32([0]), /Must have at least one class, but got logits shape \[1,0\]/],
];
for (const [title, features, targets, fails] of sparse) {
  opCase('SparseSoftmaxCrossEntropyWithLogits', title, {
    inputs: [features, targets],
    build: (x, y) => applyOp('SparseSoftmaxCrossEntropyWithLogits', { features: x, labels: y }).outputs,
    fails,
  });
}

describe('biasAdd', () => {
  it('takes any data format that says where the channels are', () => {
    new Graph().asDefault(() => {
      const value = placeholder(dtypes.float32, [2, 3, 4]);
      expect(biasAdd(value, [1, 2, 3, 4], { dataFormat: 'NWC' }).op.attrs.data_format).to.equal('NHWC');
      expect(biasAdd(value, [1, 2, 3], { dataFormat: 'NCW' }).op.attrs.data_format).to.equal('NCHW');
      expect(() => biasAdd(value, [1, 2, 3], { dataFormat: 'WCN' })).to.throw(
        "`data_format` must be of the form `N...C` or `NC...`. Received: data_format='WCN'",
      );
    });
  });
});
