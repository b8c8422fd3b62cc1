import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput, conv2dTranspose } from '../../graph/ops/conv';
import { conv3d } from '../../graph/ops/conv3d';
import { depthwiseConv2dNative } from '../../graph/ops/depthwise';
import { placeholder } from '../../graph/ops/source';
import type { Padding, PerDimension } from '../../graph/ops/window';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, i32, opCase } from '../support/opCase';
import { opValues } from '../support/opValues';

opValues('conv');

const values = (...shape: number[]): NdArray => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return f64(Array.from({ length: size }, (_, i) => Math.cos(i * 1.3) + Math.sin(i * 0.7))).reshape(shape);
};

const EXPLICIT: Padding = [
  [0, 0],
  [1, 0],
  [0, 2],
  [0, 0],
];
const variants: [string, PerDimension, Padding, { dilations?: PerDimension }][] = [
  ['valid', 1, 'VALID', {}],
  ['same, strides', [2, 1], 'SAME', {}],
  ['explicit padding', 1, EXPLICIT, {}],
  ['dilated', 1, 'VALID', { dilations: [1, 2] }],
];
const [x, w] = [values(2, 4, 4, 2), values(2, 2, 2, 3)];
const [sizesX, sizesW] = [i32([2, 4, 4, 2]), i32([2, 2, 2, 3])];

for (const [title, strides, padding, options] of variants) {
  const forward = (input: Tensor, filter: Tensor) => conv2d(input, filter, strides, padding, options);
  let grad: NdArray;
  new Graph().asDefault(() => {
    const shape = forward(placeholder(dtypes.float64, x.shape), placeholder(dtypes.float64, w.shape)).shape;
    grad = values(...shape.asNumbers());
  });
  opCase('Conv2D', `gradient, ${title}`, { inputs: [x, w], build: forward, gradient: true });
  opCase('Conv2DBackpropInput', `gradient, ${title}`, {
    inputs: [sizesX, w, grad!],
    build: (sizes, filter, dy) => conv2dBackpropInput(sizes, filter, dy, strides, padding, options),
    gradient: true,
  });
  opCase('Conv2DBackpropFilter', `gradient, ${title}`, {
    inputs: [x, sizesW, grad!],
    build: (input, sizes, dy) => conv2dBackpropFilter(input, sizes, dy, strides, padding, options),
    gradient: true,
  });
}
opCase('Conv2D', 'gradient, grouped', {
  inputs: [values(1, 3, 3, 4), values(2, 2, 2, 4)],
  build: (input, filter) => conv2d(input, filter, 1, 'SAME'),
  gradient: true,
});

/** A computation in NCHW must be that in NHWC between transpositions. */
const toNchw = (value: Tensor): Tensor => applyUnary('Transpose', { x: value, perm: [0, 3, 1, 2] });
const toNhwc = (value: Tensor): Tensor => applyUnary('Transpose', { x: value, perm: [0, 2, 3, 1] });
const difference = (a: Tensor, b: Tensor): Tensor => applyUnary('Sub', { x: a, y: b });
opCase('Conv2D', 'NCHW is NHWC transposed', {
  inputs: [x, w],
  build: (input, filter) => {
    const first = toNhwc(conv2d(toNchw(input), filter, [1, 2], 'SAME', { dataFormat: 'NCHW' }));
    return difference(first, conv2d(input, filter, [1, 2], 'SAME'));
  },
  want: f64(new Array(48).fill(0)).reshape([2, 4, 2, 3]),
});
opCase('Conv2D', 'gradient, NCHW', {
  inputs: [values(1, 2, 3, 3), w],
  build: (input, filter) => conv2d(input, filter, 1, 'VALID', { dataFormat: 'NCHW' }),
  gradient: true,
});
opCase('Conv2DBackpropInput', 'gradient, NCHW', {
  inputs: [i32([1, 2, 3, 3]), w, values(1, 3, 2, 2)],
  build: (sizes, filter, dy) => conv2dBackpropInput(sizes, filter, dy, 1, 'VALID', { dataFormat: 'NCHW' }),
  gradient: true,
});

opCase('Conv2DBackpropInput', 'as conv2dTranspose', {
  inputs: [
    f32([
      [
        [[1], [2]],
        [[3], [4]],
      ],
    ]),
    f32([
      [[[1]], [[2]]],
      [[[3]], [[4]]],
    ]),
  ],
  build: (value, filter) => conv2dTranspose(value, filter, [1, 4, 4, 1], 2),
  want: f32([
    [
      [[1], [2], [2], [4]],
      [[3], [4], [6], [8]],
      [[3], [6], [4], [8]],
      [[9], [12], [12], [16]],
    ],
  ]),
});

const [depthwise, depthwiseSizes] = [values(2, 2, 2, 2), i32([2, 2, 2, 2])];
const depthwiseAttrs = { strides: [1, 2, 1, 1], padding: 'SAME', dilations: [1, 1, 2, 1] };
const depthwiseGrad = values(2, 2, 4, 4);
opCase('DepthwiseConv2dNative', 'gradient', {
  inputs: [x, depthwise],
  build: (input, filter) => depthwiseConv2dNative(input, filter, [1, 2, 1, 1], 'SAME', { dilations: [1, 1, 2, 1] }),
  gradient: true,
});
opCase('DepthwiseConv2dNativeBackpropInput', 'gradient', {
  inputs: [sizesX, depthwise, depthwiseGrad],
  build: (sizes, filter, dy) =>
    applyUnary('DepthwiseConv2dNativeBackpropInput', {
      input_sizes: sizes,
      filter,
      out_backprop: dy,
      ...depthwiseAttrs,
    }),
  gradient: true,
});
opCase('DepthwiseConv2dNativeBackpropFilter', 'gradient', {
  inputs: [x, depthwiseSizes, depthwiseGrad],
  build: (input, sizes, dy) =>
    applyUnary('DepthwiseConv2dNativeBackpropFilter', {
      input,
      filter_sizes: sizes,
      out_backprop: dy,
      ...depthwiseAttrs,
    }),
  gradient: true,
});
opCase('DepthwiseConv2dNative', 'gradient, NCHW', {
  inputs: [values(1, 2, 3, 3), depthwise],
  build: (input, filter) => depthwiseConv2dNative(input, filter, [1, 1, 1, 1], 'VALID', { dataFormat: 'NCHW' }),
  gradient: true,
});

const [volume, cube] = [values(1, 3, 3, 2, 2), values(2, 2, 2, 2, 2)];
const attrs3d = { strides: [1, 1, 2, 1, 1], padding: 'SAME' };
opCase('Conv3D', 'gradient', {
  inputs: [volume, cube],
  build: (input, filter) => conv3d(input, filter, [1, 2, 1], 'SAME'),
  gradient: true,
});
opCase('Conv3DBackpropInputV2', 'gradient', {
  inputs: [i32([1, 3, 3, 2, 2]), cube, values(1, 3, 2, 2, 2)],
  build: (sizes, filter, dy) =>
    applyUnary('Conv3DBackpropInputV2', { input_sizes: sizes, filter, out_backprop: dy, ...attrs3d }),
  gradient: true,
});
opCase('Conv3DBackpropFilterV2', 'gradient', {
  inputs: [volume, i32([2, 2, 2, 2, 2]), values(1, 3, 2, 2, 2)],
  build: (input, sizes, dy) =>
    applyUnary('Conv3DBackpropFilterV2', { input, filter_sizes: sizes, out_backprop: dy, ...attrs3d }),
  gradient: true,
});
opCase('Conv3D', 'NCDHW', {
  inputs: [f32(new Array(8).fill(1)).reshape([1, 1, 2, 2, 2]), f32(new Array(8).fill(1)).reshape([2, 2, 2, 1, 1])],
  build: (input, filter) => conv3d(input, filter, 1, 'VALID', { dataFormat: 'NCDHW' }),
  want: f32([[[[[8]]]]]),
});

const failures: [string, NdArray[], PerDimension, Padding, RegExp][] = [
  [
    'a window larger than the input',
    [values(1, 3, 3, 1), values(5, 5, 1, 1)],
    1,
    'VALID',
    /Negative dimension size caused by subtracting 5 from 3|Computed output size would be negative: -1 \[input_size: 3, effective_filter_size: 5, stride: 1\]/,
  ],
  [
    'channels that do not fit',
    [values(1, 3, 3, 3), values(1, 1, 2, 1)],
    1,
    'VALID',
    /Depth of input \(3\) is not a multiple of input depth of filter \(2\)|input depth must be evenly divisible by filter depth: 3 vs 2/,
  ],
  [
    'groups that do not fit',
    [values(1, 3, 3, 4), values(1, 1, 2, 3)],
    1,
    'VALID',
    /Depth of output \(3\) is not a multiple of the number of groups \(2\)|output depth must be evenly divisible/,
  ],
  [
    'an input of rank 3',
    [values(3, 3, 3), values(1, 1, 3, 1)],
    1,
    'VALID',
    /Shape must be rank 4 but is rank 3|convolution input must be 4-dimensional: \[3,3,3\]/,
  ],
  [
    'a filter of rank 3',
    [values(1, 3, 3, 3), values(1, 1, 3)],
    1,
    'VALID',
    /Shape must be rank 4 but is rank 3|convolution filter must be 4-dimensional: \[1,1,3\]/,
  ],
  [
    'strides over the batch',
    [values(2, 3, 3, 1), values(1, 1, 1, 1)],
    [2, 1, 1, 1],
    'VALID',
    /does not yet support strides in the batch and depth dimensions/,
  ],
  ['no strides', [values(2, 3, 3, 1), values(1, 1, 1, 1)], 0, 'VALID', /Stride must be > 0, but got 0/],
  [
    'padding of the batch',
    [values(2, 3, 3, 1), values(1, 1, 1, 1)],
    1,
    [
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    /Nonzero explicit padding in the batch or depth dimensions is not supported/,
  ],
  [
    'negative padding',
    [values(2, 3, 3, 1), values(1, 1, 1, 1)],
    1,
    [
      [0, 0],
      [-1, 0],
      [0, 0],
      [0, 0],
    ],
    /All elements of explicit_paddings must be nonnegative/,
  ],
];
for (const [title, inputs, strides, padding, fails] of failures) {
  opCase('Conv2D', title, { inputs, build: (input, filter) => conv2d(input, filter, strides, padding), fails });
}
opCase('Conv2DBackpropInput', 'a gradient of another size', {
  inputs: [i32([1, 3, 3, 3]), values(2, 2, 3, 4), values(1, 3, 2, 4)],
  build: (sizes, filter, dy) => conv2dBackpropInput(sizes, filter, dy, 1, 'VALID'),
  fails:
    /Conv2DCustomBackpropInput: Size of out_backprop doesn't match computed: actual = 3, computed = 2 spatial_dim: 1 input: 3 filter: 2 output: 3 stride: 1 dilation: 1/,
});
opCase('Conv2DBackpropInput', 'three sizes', {
  inputs: [i32([1, 3, 3]), values(2, 2, 3, 4), values(1, 2, 2, 4)],
  build: (sizes, filter, dy) => conv2dBackpropInput(sizes, filter, dy, 1, 'VALID'),
  fails: /Conv2DBackpropInput requires input_sizes to contain 4 values or 2 values, but got: 3/,
});
opCase('Conv2DBackpropFilter', 'another batch', {
  inputs: [values(1, 3, 3, 2), i32([2, 2, 2, 4]), values(2, 2, 2, 4)],
  build: (input, sizes, dy) => conv2dBackpropFilter(input, sizes, dy, 1, 'VALID'),
  fails:
    /Conv2DCustomBackpropFilter: input and out_backprop must have the same batch size\. Input batch: 1, outbackprop batch: 2, batch_dim: 0/,
});
opCase('DepthwiseConv2dNative', 'channels that do not fit', {
  inputs: [values(1, 3, 3, 2), values(2, 2, 3, 4)],
  build: (input, filter) => depthwiseConv2dNative(input, filter, [1, 1, 1, 1], 'VALID'),
  fails: /Dimensions must be equal, but are 2 and 3|input and filter must have the same depth: 2 vs 3/,
});

describe('arguments of conv2d', () => {
  const build = (strides: PerDimension | null, padding: unknown, dilations?: PerDimension) =>
    new Graph().asDefault(() => {
      const input = placeholder(dtypes.float32, [1, 9, 9, 4]);
      return conv2d(input, placeholder(dtypes.float32, [1, 1, 4, 3]), strides, padding as Padding, { dilations });
    });

  it('take one number, one for each spatial dimension, or all', () => {
    expect(build(2, 'SAME').op.attrs.strides).to.deep.equal([1, 2, 2, 1]);
    expect(build([2], 'SAME').op.attrs.strides).to.deep.equal([1, 2, 2, 1]);
    expect(build([2, 3], 'SAME').op.attrs.strides).to.deep.equal([1, 2, 3, 1]);
    expect(build([1, 2, 3, 1], 'SAME').op.attrs.strides).to.deep.equal([1, 2, 3, 1]);
    expect(build(null, 'SAME').op.attrs.strides).to.deep.equal([1, 1, 1, 1]);
    expect(build(1, 'SAME', 2).op.attrs.dilations).to.deep.equal([1, 2, 2, 1]);
  });

  it('are refused in other forms', () => {
    expect(() => build([1, 2, 3], 'SAME')).to.throw(
      'strides should be of length 1, 2 or 4. Received: strides=[1, 2, 3] of length 3',
    );
    expect(() => build(1, [[1, 1]])).to.throw(
      'When padding is a list, it must be of size 4. Received: padding=[[1, 1]] of size 1',
    );
    expect(() => build(1, [1, 2, 3, 4])).to.throw(
      'must be a list/tuple of size 2. Received: padding=[1, 2, 3, 4] with element at index 0',
    );
    expect(() => build(1, undefined)).to.throw("Expected string for argument 'padding' not None.");
    expect(() => build(1, 'EXPLICIT')).to.throw("'EXPLICIT' is not a valid value for `padding`.");
    expect(() => build(1, 'foo')).to.throw(/padding/);
  });
});
