/**
 * What ops of neural networks are called with: convolutions, pooling, normalization, softmax, biases.
 */
import * as dtypes from '../../graph/dtypes';
import { type Case, eachType, floats, i32, legal, type Make, type Maker } from './generate';
import type { Attributes, Inputs } from './oracle';
import { runOp } from './ours';

type Dims = readonly number[];

/** Input, filter, and the attributes; strides and dilations by axis. */
const convolutions: readonly (readonly [Dims, Dims, Attributes])[] = [
  [[1, 5, 5, 2], [3, 3, 2, 3], { strides: [1, 1, 1, 1], padding: 'SAME' }],
  [[2, 7, 6, 1], [3, 2, 1, 4], { strides: [1, 2, 3, 1], padding: 'VALID' }],
  [[1, 8, 7, 3], [3, 3, 3, 2], { strides: [1, 2, 2, 1], padding: 'SAME' }],
  [[1, 7, 7, 2], [2, 3, 2, 2], { strides: [1, 1, 1, 1], padding: 'SAME', dilations: [1, 2, 2, 1] }],
  [
    [1, 5, 4, 2],
    [3, 3, 2, 2],
    { strides: [1, 2, 1, 1], padding: 'EXPLICIT', explicit_paddings: [0, 0, 1, 2, 0, 1, 0, 0] },
  ],
  [[0, 5, 5, 1], [2, 2, 1, 1], { strides: [1, 1, 1, 1], padding: 'VALID' }],
  [[3, 4, 4, 5], [1, 1, 5, 7], { strides: [1, 1, 1, 1], padding: 'VALID' }],
];
const brokenConvolutions: typeof convolutions = [
  [[1, 2, 2, 1], [3, 3, 1, 1], { strides: [1, 1, 1, 1], padding: 'VALID' }],
  [[1, 5, 5, 2], [3, 3, 3, 1], { strides: [1, 1, 1, 1], padding: 'SAME' }],
];
const volumes: typeof convolutions = [
  [[1, 4, 5, 3, 2], [2, 3, 2, 2, 3], { strides: [1, 1, 1, 1, 1], padding: 'SAME' }],
  [[2, 5, 4, 4, 1], [2, 2, 3, 1, 2], { strides: [1, 2, 1, 2, 1], padding: 'VALID' }],
];

/** Sums of products of either sign, in each side's own order: float32 is as exact as its terms. */
const summed = (dtype: dtypes.DType) => (dtype === dtypes.float32 ? { absolute: 1e-5, relative: 1e-5 } : undefined);

const forward =
  (rows: typeof convolutions): Maker =>
  (make) =>
    floats.flatMap((dtype) =>
      rows.map(([input, filter, attrs]) => ({
        inputs: { input: make.array(dtype, input), filter: make.array(dtype, filter) },
        attrs,
        tolerance: summed(dtype),
      })),
    );

/** Gradients with respect to the input or the filter; the shape of the outputs' gradient is that of our forward op. */
const backward =
  (op: string, side: 'input' | 'filter', rows: typeof convolutions): Maker =>
  (make) =>
    floats.flatMap((dtype) =>
      rows.map(([input, filter, attrs]) => {
        const values = { input: make.array(dtype, input), filter: make.array(dtype, filter) };
        const out_backprop = make.array(dtype, runOp(op, values, attrs).outputs[0][0].shape);
        const inputs: Inputs =
          side === 'input'
            ? { input_sizes: i32(input), filter: values.filter, out_backprop }
            : { input: values.input, filter_sizes: i32(filter), out_backprop };
        return { inputs, attrs, tolerance: summed(dtype) };
      }),
    );

const depthwise = convolutions
  .filter(([, , attrs]) => {
    const [, height, width] = attrs.strides as Dims;
    return height === width;
  })
  .map(([input, [h, w, depth]]) => [input, [h, w, depth, 2]] as const)
  .flatMap(([input, filter]) => [
    [input, filter, { strides: [1, 1, 1, 1], padding: 'SAME' }] as const,
    [input, filter, { strides: [1, 2, 2, 1], padding: 'VALID' }] as const,
  ]);

const windows: readonly (readonly [Dims, Attributes])[] = [
  [[1, 4, 4, 2], { ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: 'VALID' }],
  [[2, 5, 5, 1], { ksize: [1, 3, 2, 1], strides: [1, 2, 1, 1], padding: 'SAME' }],
  [[1, 6, 3, 3], { ksize: [1, 2, 3, 1], strides: [1, 1, 1, 1], padding: 'SAME' }],
];
const brokenWindows: typeof windows = [
  [[1, 2, 2, 1], { ksize: [1, 3, 3, 1], strides: [1, 1, 1, 1], padding: 'VALID' }],
];
const windows3d: typeof windows = [
  [[1, 4, 4, 4, 2], { ksize: [1, 2, 2, 2, 1], strides: [1, 2, 2, 2, 1], padding: 'VALID' }],
  [[1, 5, 3, 4, 1], { ksize: [1, 3, 2, 2, 1], strides: [1, 2, 1, 2, 1], padding: 'SAME' }],
];

const pool = (name: string, attr: string, rows: typeof windows, more: Attributes = {}): Maker =>
  eachType(attr, rows, (make, dtype, [shape, attrs]) => ({
    inputs: { [name]: make.array(dtype, shape) },
    attrs: { ...attrs, ...more },
  }));

/** Values without ties, so that maxima are unique. */
function distinct(make: Make, dtype: dtypes.DType, shape: Dims) {
  const value = make.array(dtype, shape, { low: 0, high: 1 });
  if (dtype.isFloating) return value;
  make.permutation(value.size).forEach((at, i) => {
    value.data[i] = (dtype.isBigInt ? BigInt(at) : at) as never;
  });
  return value;
}

/** Gradients of max pooling: `order` 1 has a gradient of the output's shape, 2 of the input's. */
const maxPoolGrad =
  (op: string, rows: typeof windows, order: 1 | 2): Maker =>
  (make, def) => {
    const types = legal(def, 'T').filter((dtype) => op === 'MaxPool' || dtype === dtypes.float32);
    return types.flatMap((dtype) =>
      rows.map(([shape, attrs]) => {
        const orig_input = distinct(make, dtype, shape);
        const [orig_output] = runOp(op, { input: orig_input }, attrs).outputs[0];
        const grad = make.array(dtype, order === 1 ? orig_output.shape : shape);
        return { inputs: { orig_input, orig_output, grad }, attrs };
      }),
    );
  };

const argmaxGrad: Maker = eachType('T', windows, (make, dtype, [shape, attrs]) => {
  const input = distinct(make, dtype, shape);
  const [output, argmax] = runOp('MaxPoolWithArgmax', { input }, attrs).outputs[0];
  return { inputs: { input, grad: make.array(dtype, output.shape), argmax }, attrs };
});

const avgPoolGrad = (op: string, name: string, rows: typeof windows): Maker =>
  eachType('T', rows, (make, dtype, [shape, attrs]) => {
    const [output] = runOp(op, { [name]: make.array(dtype, shape) }, attrs).outputs[0];
    return { inputs: { orig_input_shape: i32(shape), grad: make.array(dtype, output.shape) }, attrs };
  });

const images: readonly Dims[] = [
  [2, 3, 4, 3],
  [1, 1, 2, 1],
  [5, 2, 2, 4],
];
const normalized = { absolute: 1e-4, relative: 1e-4 };

const batchNorm: Maker = (make) =>
  images.flatMap((shape) =>
    [true, false].map((training) => {
      const channel = (low: number, high: number) => make.array(dtypes.float32, [shape[3]], { low, high });
      const empty = make.array(dtypes.float32, [0]);
      return {
        inputs: {
          x: make.array(dtypes.float32, shape),
          scale: channel(0.5, 2),
          offset: channel(-1, 1),
          mean: training ? empty : channel(-1, 1),
          variance: training ? empty : channel(0.3, 2),
        },
        attrs: { is_training: training, epsilon: 0.001 },
        tolerance: normalized,
        outputs: training ? undefined : 3,
      };
    }),
  );

const batchNormGrad =
  (reserves: 2 | 3): Maker =>
  (make) =>
    images.flatMap((shape) =>
      [true, false].map((training): Case => {
        const channel = () => make.array(dtypes.float32, [shape[3]], { low: 0.4, high: 2 });
        const third: Inputs = reserves === 3 ? { reserve_space_3: make.array(dtypes.float32, [0]) } : {};
        const rest = { scale: channel(), reserve_space_1: channel(), reserve_space_2: channel(), ...third };
        return {
          inputs: { y_backprop: make.array(dtypes.float32, shape), x: make.array(dtypes.float32, shape), ...rest },
          attrs: { is_training: training, epsilon: 0.001 },
          tolerance: normalized,
        };
      }),
    );

const logits: readonly Dims[] = [
  [1, 3],
  [4, 7],
  [0, 3],
  [2, 0],
];

const bias: Maker = eachType(
  'T',
  [
    [[2, 3], 3],
    [[2, 2, 3], 3],
    [[1, 2, 2, 5], 5],
    [[0, 3], 3],
    [[2, 3], 4],
  ] as const,
  (make, dtype, [shape, size]) => ({
    inputs: { value: make.array(dtype, shape), bias: make.array(dtype, [size]) },
  }),
);

const rowwise: Maker = eachType('T', [[3], [2, 5], [2, 3, 4], [0, 3], []], (make, dtype, shape) => ({
  inputs: { logits: make.array(dtype, shape, { low: -40, high: 40 }) },
}));

export const nnInputs: Readonly<Record<string, Maker>> = {
  Conv2D: forward([...convolutions, ...brokenConvolutions]),
  Conv2DBackpropInput: backward('Conv2D', 'input', convolutions),
  Conv2DBackpropFilter: backward('Conv2D', 'filter', convolutions),
  Conv3D: forward(volumes),
  Conv3DBackpropInputV2: backward('Conv3D', 'input', volumes),
  Conv3DBackpropFilterV2: backward('Conv3D', 'filter', volumes),
  DepthwiseConv2dNative: forward(depthwise),
  DepthwiseConv2dNativeBackpropInput: backward('DepthwiseConv2dNative', 'input', depthwise),
  DepthwiseConv2dNativeBackpropFilter: backward(
    'DepthwiseConv2dNative',
    'filter',
    // Of no images at all, TensorFlow leaves the result uninitialized.
    depthwise.filter(([input]) => input[0] > 0),
  ),
  AvgPool: pool('value', 'T', [...windows, ...brokenWindows]),
  AvgPool3D: pool('input', 'T', windows3d),
  AvgPoolGrad: avgPoolGrad('AvgPool', 'value', windows),
  AvgPool3DGrad: avgPoolGrad('AvgPool3D', 'input', windows3d),
  MaxPool: pool('input', 'T', [...windows, ...brokenWindows]),
  MaxPool3D: pool('input', 'T', windows3d),
  MaxPoolWithArgmax: pool('input', 'T', windows, { include_batch_in_index: true }),
  MaxPoolGrad: maxPoolGrad('MaxPool', windows, 1),
  MaxPoolGradGrad: maxPoolGrad('MaxPool', windows, 2),
  MaxPool3DGrad: maxPoolGrad('MaxPool3D', windows3d, 1),
  MaxPool3DGradGrad: maxPoolGrad('MaxPool3D', windows3d, 2),
  MaxPoolGradWithArgmax: argmaxGrad,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  FusedBatchNormGrad: batchNormGrad(2),
  FusedBatchNormGradV2: batchNormGrad(2),
  FusedBatchNormGradV3: batchNormGrad(3),
  BiasAdd: (make, def) => [
    ...bias(make, def),
    ...floats.map((dtype) => ({
      inputs: { value: make.array(dtype, [2, 3, 2, 5]), bias: make.array(dtype, [3]) },
      attrs: { data_format: 'NCHW' },
    })),
  ],
  BiasAddV1: bias,
  BiasAddGrad: eachType('T', [[2, 3], [2, 2, 3], [1, 2, 2, 5], [0, 3], [3]], (make, dtype, shape) => ({
    inputs: { out_backprop: make.array(dtype, shape) },
  })),
  Softmax: rowwise,
  LogSoftmax: rowwise,
  SoftmaxCrossEntropyWithLogits: eachType('T', logits, (make, dtype, shape) => ({
    inputs: { features: make.array(dtype, shape), labels: make.array(dtype, shape, { low: 0, high: 1 }) },
  })),
  SparseSoftmaxCrossEntropyWithLogits: eachType(
    'T',
    [
      [4, 7, 7],
      [1, 3, 3],
      [0, 3, 3],
      [4, 3, 9],
    ],
    (make, dtype, [rows, classes, high]) => ({
      inputs: {
        features: make.array(dtype, [rows, classes]),
        labels: make.array(dtypes.int64, [rows], { low: 0, high }),
      },
    }),
  ),
};
