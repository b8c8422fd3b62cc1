import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { avgPool, maxPool, maxPool2d, maxPoolWithArgmax } from '../../graph/ops/pool';
import { avgPool3d, maxPool3d } from '../../graph/ops/pool3d';
import { placeholder } from '../../graph/ops/source';
import type { Padding, PerDimension } from '../../graph/ops/window';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, i32, i64, opCase } from '../support/opCase';
import { opValues } from '../support/opValues';

opValues('pool');

const cast = (value: Tensor, type: dtypes.DType): Tensor => applyUnary('Cast', { x: value, DstT: type });

/** Values without ties, and with differences that steps of the numeric gradient cannot cross. */
const values = (...shape: number[]): NdArray => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return f64(Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 10 + i / 1000)).reshape(shape);
};

const variants: [string, PerDimension, PerDimension, string][] = [
  ['valid', 2, 2, 'VALID'],
  ['same, overlapping', [3, 2], [2, 1], 'SAME'],
];
const x = values(2, 4, 5, 2);
const sizes = i32([2, 4, 5, 2]);

for (const [title, ksize, strides, padding] of variants) {
  const attrs = new Graph().asDefault(() => maxPool(placeholder(dtypes.float64, x.shape), ksize, strides, padding).op);
  const { ksize: k, strides: s } = attrs.attrs as { ksize: number[]; strides: number[] };
  const dy = values(...attrs.output.shape.asNumbers());
  const window = { ksize: k, strides: s, padding };
  const pooled = (input: Tensor) => applyUnary('MaxPool', { input, ...window });
  const argmax = (input: Tensor) => maxPoolWithArgmax(input, k, s, padding).argmax;
  opCase('MaxPool', `gradient, ${title}`, {
    inputs: [x],
    build: (input) => maxPool(input, ksize, strides, padding),
    gradient: true,
  });
  opCase('MaxPoolGrad', `gradient, ${title}`, {
    inputs: [x, dy],
    build: (input, grad) =>
      applyUnary('MaxPoolGrad', { orig_input: input, orig_output: pooled(input), grad, ...window }),
    gradient: true,
  });
  opCase('MaxPoolGradGrad', `gradient, ${title}`, {
    inputs: [x, x],
    build: (input, grad) =>
      applyUnary('MaxPoolGradGrad', { orig_input: input, orig_output: pooled(input), grad, ...window }),
    gradient: [1],
  });
  opCase('MaxPoolWithArgmax', `gradient, ${title}`, {
    inputs: [x],
    build: (input) => maxPoolWithArgmax(input, k, s, padding).output,
    gradient: true,
  });
  opCase('MaxPoolGradWithArgmax', `gradient, ${title}`, {
    inputs: [x, dy],
    build: (input, grad) => applyUnary('MaxPoolGradWithArgmax', { input, grad, argmax: argmax(input), ...window }),
    gradient: [1],
  });
  opCase('MaxPoolGradGradWithArgmax', `gradient, ${title}`, {
    inputs: [x, x],
    build: (input, grad) => applyUnary('MaxPoolGradGradWithArgmax', { input, grad, argmax: argmax(input), ...window }),
    gradient: [1],
  });
  opCase('AvgPool', `gradient, ${title}`, {
    inputs: [x],
    build: (input) => avgPool(input, ksize, strides, padding),
    gradient: true,
  });
  opCase('AvgPoolGrad', `gradient, ${title}`, {
    inputs: [sizes, dy],
    build: (orig_input_shape, grad) => applyUnary('AvgPoolGrad', { orig_input_shape, grad, ...window }),
    gradient: true,
  });
}

opCase('MaxPoolGradGradWithArgmax', 'values at the maxima', {
  inputs: [
    f32([
      [
        [[1], [4]],
        [[3], [2]],
      ],
    ]),
    f32([
      [
        [[5], [6]],
        [[7], [8]],
      ],
    ]),
    i64([[[[1]]]]),
  ],
  build: (input, grad, argmax) =>
    applyUnary('MaxPoolGradGradWithArgmax', {
      input,
      grad,
      argmax,
      ksize: [1, 2, 2, 1],
      strides: [1, 2, 2, 1],
      padding: 'VALID',
    }),
  want: f32([[[[6]]]]),
});

// The ops over three dimensions exist for float32 only, so the differences are coarser.
const volume = values(1, 4, 3, 3, 2);
const loose = { step: 1e-2, tolerance: { absolute: 1e-3, relative: 1e-3 } };
const attrs3d = { ksize: [1, 2, 2, 2, 1], strides: [1, 2, 1, 2, 1], padding: 'SAME' };
const inFloat32 =
  (build: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]) =>
    cast(build(...inputs.map((input) => cast(input, dtypes.float32))), dtypes.float64);
const pooled3d = (input: Tensor) => applyUnary('MaxPool3D', { input, ...attrs3d });
opCase('MaxPool3D', 'gradient', {
  inputs: [volume],
  build: inFloat32((input) => maxPool3d(input, 2, [2, 1, 2], 'SAME')),
  gradient: true,
  ...loose,
});
opCase('MaxPool3DGrad', 'gradient', {
  inputs: [volume, values(1, 2, 3, 2, 2)],
  build: inFloat32((input, grad) =>
    applyUnary('MaxPool3DGrad', { orig_input: input, orig_output: pooled3d(input), grad, ...attrs3d }),
  ),
  gradient: [1],
  ...loose,
});
opCase('MaxPool3DGradGrad', 'gradient', {
  inputs: [volume, volume],
  build: inFloat32((input, grad) =>
    applyUnary('MaxPool3DGradGrad', { orig_input: input, orig_output: pooled3d(input), grad, ...attrs3d }),
  ),
  gradient: [1],
  ...loose,
});
opCase('AvgPool3D', 'gradient', {
  inputs: [volume],
  build: (input) => avgPool3d(input, 2, [2, 1, 2], 'SAME'),
  gradient: true,
});
opCase('AvgPool3DGrad', 'gradient', {
  inputs: [i32([1, 4, 3, 3, 2]), values(1, 2, 3, 2, 2)],
  build: (orig_input_shape, grad) => applyUnary('AvgPool3DGrad', { orig_input_shape, grad, ...attrs3d }),
  gradient: true,
});

opCase('MaxPool', 'NCHW', {
  inputs: [
    f32([
      [
        [
          [1, 5],
          [2, 3],
        ],
        [
          [7, 0],
          [4, 6],
        ],
      ],
    ]),
  ],
  build: (input) => maxPool(input, 2, 2, 'VALID', { dataFormat: 'NCHW' }),
  want: f32([[[[5]], [[7]]]]),
});
opCase('MaxPool', 'gradient, NCHW', {
  inputs: [values(1, 2, 4, 4)],
  build: (input) => maxPool(input, 3, 1, 'SAME', { dataFormat: 'NCHW' }),
  gradient: true,
});
opCase('AvgPool', 'NCHW', {
  inputs: [
    f32([
      [
        [
          [1, 5],
          [2, 4],
        ],
        [
          [8, 0],
          [4, 8],
        ],
      ],
    ]),
  ],
  build: (input) => avgPool(input, 2, 2, 'VALID', { dataFormat: 'NCHW' }),
  want: f32([[[[3]], [[5]]]]),
});

const failures: [string, NdArray, PerDimension, PerDimension, Padding, RegExp][] = [
  [
    'an input of rank 3',
    values(1, 2, 2),
    2,
    2,
    'VALID',
    /Shape must be rank 4 but is rank 3|tensor_in_shape must have 2 spatial dimensions\. 3 0/,
  ],
  [
    'windows over the batch',
    values(2, 2, 2, 1),
    [2, 2, 2, 1],
    [1, 2, 2, 1],
    'VALID',
    /Pooling is not yet supported on the batch dimension\./,
  ],
  [
    'windows over channels and space',
    values(1, 2, 2, 4),
    [1, 2, 2, 2],
    [1, 2, 2, 2],
    'VALID',
    /exactly one of pooling across depth or pooling across width\/height/,
  ],
  [
    'overlapping windows over channels',
    values(1, 2, 2, 4),
    [1, 1, 1, 2],
    [1, 1, 1, 1],
    'VALID',
    /requires the depth window to equal the depth stride/,
  ],
  ['no strides', values(1, 2, 2, 1), 2, 0, 'VALID', /Stride must be > 0, but got 0/],
  ['no window', values(1, 2, 2, 1), 0, 1, 'VALID', /`ksize` cannot be zero\. Received: ksize=\[1, 0, 0, 1\]/],
  [
    'three sizes',
    values(1, 2, 2, 1),
    [1, 2, 3],
    1,
    'VALID',
    /ksize should be of length 1, 2 or 4\. Received: ksize=\[1, 2, 3\] of length 3/,
  ],
];
for (const [title, input, ksize, strides, padding, fails] of failures) {
  opCase('MaxPool', title, { inputs: [input], build: (value) => maxPool(value, ksize, strides, padding), fails });
}
opCase('MaxPoolGrad', 'a gradient of another shape', {
  inputs: [
    f32([
      [
        [[1], [2]],
        [[3], [4]],
      ],
    ]),
    f32([[[[4]]]]),
    f32([[[[1], [1]]]]),
  ],
  build: (orig_input, orig_output, grad) =>
    applyUnary('MaxPoolGrad', {
      orig_input,
      orig_output,
      grad,
      ksize: [1, 2, 2, 1],
      strides: [1, 2, 2, 1],
      padding: 'VALID',
    }),
  fails: /Expected grad shape to be \[1,1,1,1\], but got \[1,1,2,1\]/,
});
opCase('AvgPoolGrad', 'a shape of rank 3', {
  inputs: [i32([1, 2, 2]), f32([[[[1]]]])],
  build: (orig_input_shape, grad) =>
    applyUnary('AvgPoolGrad', { orig_input_shape, grad, ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: 'VALID' }),
  fails: /Shape must be rank 4 but is rank 3|out_backprop must be 1-dimensional and 4 elements/,
});

describe('maxPool and maxPool2d', () => {
  it('differ in their names, and refuse windows larger than the input', () => {
    new Graph().asDefault(() => {
      const input = placeholder(dtypes.float32, [1, 4, 4, 1]);
      expect(maxPool(input, 2, 2, 'VALID').op.name).to.equal('MaxPool');
      expect(maxPool2d(input, 2, 2, 'VALID').op.name).to.equal('MaxPool2d');
      expect(() => maxPool(input, 5, 1, 'VALID')).to.throw(
        "Negative dimension size caused by subtracting 5 from 4 for '{{node MaxPool_1}}",
      );
    });
  });
});
