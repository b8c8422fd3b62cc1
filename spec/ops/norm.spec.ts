import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { cast } from '../../graph/ops/cast';
import { fusedBatchNorm, localResponseNormalization } from '../../graph/ops/norm';
import { placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, opCase } from '../support/opCase';
import { opValues } from '../support/opValues';

opValues('norm');

const values = (...shape: number[]): NdArray => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return f64(Array.from({ length: size }, (_, i) => Math.cos(i * 1.3) + Math.sin(i * 0.7))).reshape(shape);
};

// The ops exist for float32 only, so the differences are coarser.
const loose = { step: 1e-2, tolerance: { absolute: 2e-3, relative: 2e-3 } };
const inFloat32 =
  (build: (...inputs: Tensor[]) => readonly Tensor[]) =>
  (...inputs: Tensor[]) =>
    build(...inputs.map((input) => cast(input, dtypes.float32))).map((output) => cast(output, dtypes.float64));

const [x, scale, offset] = [values(2, 2, 3, 2), f64([1.5, -0.5]), f64([0.25, 1])];
const [mean, variance] = [f64([0.2, -0.3]), f64([1.5, 0.75])];
const nothing = new Float32Array(0);
for (const op of ['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3']) {
  for (const data_format of ['NHWC', 'NCHW']) {
    const input = data_format === 'NHWC' ? x : values(2, 2, 3, 2);
    opCase(op, `gradient, training, ${data_format}`, {
      inputs: [input, scale, offset],
      build: inFloat32((a, b, c) => {
        const args = { x: a, scale: b, offset: c, mean: nothing, variance: nothing, epsilon: 0.1, data_format };
        return [applyOp(op, args).outputs[0]];
      }),
      gradient: true,
      ...loose,
    });
    opCase(op, `gradient, inference, ${data_format}`, {
      inputs: [input, scale, offset, mean, variance],
      build: inFloat32((a, b, c, d, e) => {
        const args = { x: a, scale: b, offset: c, mean: d, variance: e, epsilon: 0.1, data_format, is_training: false };
        return [applyOp(op, args).outputs[0]];
      }),
      gradient: [0, 1, 2],
      ...loose,
    });
  }
}
for (const op of ['FusedBatchNormGrad', 'FusedBatchNormGradV2', 'FusedBatchNormGradV3']) {
  for (const data_format of ['NHWC', 'NCHW']) {
    for (const is_training of [true, false]) {
      opCase(op, `gradient, ${is_training ? 'training' : 'inference'}, ${data_format}`, {
        inputs: [values(2, 2, 3, 2).copy(), x, scale, mean, variance],
        build: inFloat32((dy, a, b, m, v) => {
          const forward = { x: a, scale: b, offset: b, mean: nothing, variance: nothing, epsilon: 0.1, data_format };
          const saved = applyOp('FusedBatchNorm', forward).outputs;
          const [first, second] = is_training ? [saved[3], saved[4]] : [m, v];
          const reserved = { reserve_space_1: first, reserve_space_2: second, reserve_space_3: nothing };
          const args = { y_backprop: dy, x: a, scale: b, ...reserved, epsilon: 0.1, data_format, is_training };
          return applyOp(op, args).outputs.slice(0, 3);
        }),
        gradient: [0, 1, 2],
        ...loose,
      });
    }
  }
}
opCase('LRN', 'gradient', {
  inputs: [values(1, 1, 2, 5)],
  build: inFloat32((input) => [localResponseNormalization(input, { depthRadius: 1, bias: 2, alpha: 0.5, beta: 0.75 })]),
  gradient: true,
  ...loose,
});

const [image, ones, none] = [values(2, 2, 2, 3), f32([1, 1, 1]), f32([]).reshape([0])];
const single = (value: NdArray): NdArray => f32(Array.from(value.data as Float64Array)).reshape(value.shape);
const failures: [string, NdArray[], boolean, RegExp][] = [
  [
    'a scale of another length',
    [single(image), f32([1, 1]), ones, none, none],
    true,
    /Dimensions must be equal, but are 3 and 2|scale must have the same number of elements as the channels of x, got 2 and 3/,
  ],
  [
    'an input of rank 3',
    [single(values(2, 2, 3)), ones, ones, none, none],
    true,
    /Shape must be rank 4 but is rank 3|input must be 4 or 5-dimensional\[2,2,3\]/,
  ],
  [
    'a matrix of scales',
    [single(image), f32([[1, 1, 1]]), ones, none, none],
    true,
    /Shape must be rank 1 but is rank 2|scale must be 1-dimensional\[1,3\]/,
  ],
  [
    'no mean in inference',
    [single(image), ones, ones, none, none],
    false,
    /Dimensions must be equal, but are 3 and 0|When is_training=false, mean must have the same number of elements as the channels of x, got 0 and 3/,
  ],
];
for (const [title, inputs, is_training, fails] of failures) {
  opCase('FusedBatchNormV3', title, {
    inputs,
    build: (a, b, c, d, e) =>
      applyOp('FusedBatchNormV3', { x: a, scale: b, offset: c, mean: d, variance: e, is_training }).outputs,
    fails,
  });
}
opCase('FusedBatchNormGrad', 'a gradient of another shape', {
  inputs: [single(values(2, 2, 1, 3)), single(image), ones, ones, ones],
  build: (y_backprop, input, b, reserve_space_1, reserve_space_2) =>
    applyOp('FusedBatchNormGrad', { y_backprop, x: input, scale: b, reserve_space_1, reserve_space_2 }).outputs,
  fails: /x and y_backprop must have same shape, but x has shape \[2,2,2,3\] and y_backprop has shape \[2,2,1,3\]/,
});
opCase('LRN', 'an input of rank 3', {
  inputs: [single(values(1, 2, 3))],
  build: (input) => applyUnary('LRN', { input }),
  fails: /Shape must be rank 4 but is rank 3|in must be 4-dimensional/,
});

describe('fusedBatchNorm', () => {
  it('needs mean and variance for inference and for averages', () => {
    new Graph().asDefault(() => {
      const input = placeholder(dtypes.float32, [2, 2, 2, 3]);
      expect(() => fusedBatchNorm(input, [1, 1, 1], [0, 0, 0], { isTraining: false })).to.throw(
        'Both `mean` and `variance` must be a 1D tensor when `is_training` is False or `exponential_avg_factor` != 1.0. Received: `mean` None and `variance` None',
      );
      expect(() => fusedBatchNorm(input, [1, 1, 1], [0, 0, 0], { exponentialAvgFactor: 0.5 })).to.throw(
        'must be a 1D tensor',
      );
    });
  });
});
