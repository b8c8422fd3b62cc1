/**
 * Ops: two-dimensional convolutions and their gradients.
 *
 * Filters are [height, width, input channels, output channels]. Where the input has a multiple of the filter's input
 * channels, the convolution is grouped. Dilated, grouped and NCHW convolutions have gradients here, which TensorFlow's
 * CPU kernels lack.
 */
import { applyOp, applyUnary } from '../applyOp';
import type { Attrs } from '../attributes';
import type { TensorLike } from '../convert';
import type { Operation } from '../operation';
import { defineOps } from '../registry';
import { type Dimension, TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { composite } from './composite';
import { shape } from './shapes';
import {
  explicitPaddings,
  type Padding,
  type PerDimension,
  paddingAttrs,
  parseDataFormat,
  perDimension,
  shapeInFormat,
  windowedSize,
} from './window';

const attributes = `strides: list(int)
      use_cudnn_on_gpu: bool = true
      padding: {'SAME', 'VALID', 'EXPLICIT'}
      explicit_paddings: list(int) = []
      data_format: {'NHWC', 'NCHW'} = 'NHWC'
      dilations: list(int) = [1, 1, 1, 1]`;

export const convOps = defineOps({
  Conv2D: {
    signature: `(input: T, filter: T) -> (output: T)
      T: {float16, bfloat16, float32, float64, int32}
      ${attributes}`,
    shape: (c) => [convolvedShape(c, 'Conv2D')],
    gradient: (op, grad) => {
      const [input, filter] = op.inputs;
      const [inputShape, filterShape] = applyOp('ShapeN', { input: [input, filter] }).outputs;
      return [backpropInput(inputShape, filter, grad, op), backpropFilter(input, filterShape, grad, op)];
    },
  },
  Conv2DBackpropInput: {
    signature: `(input_sizes: int32, filter: T, out_backprop: T) -> (output: T)
      T: {float16, bfloat16, float32, float64, int32}
      ${attributes}`,
    shape: (c) => [inputGradientShape(c)],
    gradient: (op, grad) => {
      const [, filter, outBackprop] = op.inputs;
      const forFilter = backpropFilter(grad, shape(filter), outBackprop, op);
      return [null, forFilter, applyUnary('Conv2D', { input: grad, filter, ...convAttrs(op.attrs) })];
    },
  },
  Conv2DBackpropFilter: {
    signature: `(input: T, filter_sizes: int32, out_backprop: T) -> (output: T)
      T: {float16, bfloat16, float32, float64}
      ${attributes}`,
    shape: (c) => [c.withRank(c.valueAsShape(1), 4)],
    gradient: (op, grad) => {
      const [input, , outBackprop] = op.inputs;
      const forInput = backpropInput(shape(input), grad, outBackprop, op);
      return [forInput, null, applyUnary('Conv2D', { input, filter: grad, ...convAttrs(op.attrs) })];
    },
  },
});

function convAttrs(attrs: Attrs): Attrs {
  const { strides, padding, explicit_paddings, use_cudnn_on_gpu, data_format, dilations } = attrs;
  return { strides, padding, explicit_paddings, use_cudnn_on_gpu, data_format, dilations };
}

function backpropInput(inputSizes: Tensor, filter: Tensor, outBackprop: Tensor, op: Operation): Tensor {
  return applyUnary('Conv2DBackpropInput', {
    input_sizes: inputSizes,
    filter,
    out_backprop: outBackprop,
    ...convAttrs(op.attrs),
  });
}

function backpropFilter(input: Tensor, filterSizes: Tensor, outBackprop: Tensor, op: Operation): Tensor {
  return applyUnary('Conv2DBackpropFilter', {
    input,
    filter_sizes: filterSizes,
    out_backprop: outBackprop,
    ...convAttrs(op.attrs),
  });
}

/** The shape of a convolution: of Conv2D and Conv3D, whose attributes are alike. */
export function convolvedShape(c: ShapeContext, opType: 'Conv2D' | 'Conv3D'): TensorShape {
  const format = c.attr<string>('data_format');
  const layout = parseDataFormat(format);
  const rank = format.length;
  const input = c.ranked(0, rank);
  const filter = c.ranked(1, rank).dims!;
  const [strides, dilations] = [c.attr<number[]>('strides'), c.attr<number[]>('dilations')];
  const wanted = opType === 'Conv2D' ? `${opType} on data format ${format}` : opType;
  if (dilations.length !== rank)
    c.fail(`${opType} requires the dilation attribute to contain ${rank} values, but got: ${dilations.length}`);
  if (strides.length !== rank)
    c.fail(`${wanted} requires the stride attribute to contain ${rank} values, but got: ${strides.length}`);
  const pads = explicitPaddings(c, layout);
  const [inChannels, outChannels] = [filter[rank - 2], filter[rank - 1]];
  checkGroups(c, input.dims![layout.channel], inChannels, outChannels);
  const spatial = layout.spatial.map((axis, i) =>
    windowedSize(c, input.dims![axis], {
      size: filter[i],
      stride: strides[axis],
      dilation: dilations[axis],
      pads: pads[axis],
    }),
  );
  return shapeInFormat(layout, input.dims![layout.batch], spatial, outChannels);
}

function checkGroups(c: ShapeContext, depth: Dimension, filterDepth: Dimension, outDepth: Dimension): void {
  if (depth === null || filterDepth === null) return;
  if (filterDepth <= 0) c.fail('Depth of filter must not be 0');
  if (depth % filterDepth !== 0)
    c.fail(`Depth of input (${depth}) is not a multiple of input depth of filter (${filterDepth})`);
  const groups = depth / filterDepth;
  if (outDepth !== null && groups > 0 && outDepth % groups !== 0) {
    c.fail(`Depth of output (${outDepth}) is not a multiple of the number of groups (${groups})`);
  }
}

/** `input_sizes` is the whole shape or, in two elements, its spatial part. */
function inputGradientShape(c: ShapeContext): TensorShape {
  const layout = parseDataFormat(c.attr('data_format'));
  const filter = c.ranked(1, 4).dims!;
  const grad = c.ranked(2, 4).dims!;
  c.mergeDims(grad[layout.channel], filter[3]);
  const sizes = c.valueAsShape(0);
  if (sizes.rank === null || sizes.rank === 4) {
    const given = c.withRank(sizes, 4).dims!;
    const batch = c.mergeDims(given[layout.batch], grad[layout.batch]);
    return new TensorShape(given.map((dim, axis) => (axis === layout.batch ? batch : dim)));
  }
  if (sizes.rank !== 2)
    c.fail(`Conv2DBackpropInput requires input_sizes to contain 4 values or 2 values, but got: ${sizes.rank}`);
  return shapeInFormat(layout, grad[layout.batch], sizes.dims!, filter[2]);
}

export interface Conv2dOptions {
  /** `NHWC` (the default) or `NCHW`. */
  readonly dataFormat?: string | null;
  readonly dilations?: PerDimension | null;
  readonly name?: string;
}

/** The attributes that the arguments stand for. */
function attrsOf(strides: PerDimension | null, padding: Padding, options: Conv2dOptions): Attrs {
  const dataFormat = options.dataFormat ?? 'NHWC';
  const channelsFirst = dataFormat.startsWith('NC');
  return {
    ...paddingAttrs(padding),
    strides: perDimension(strides, 2, channelsFirst, 'strides'),
    dilations: perDimension(options.dilations, 2, channelsFirst, 'dilations'),
    data_format: dataFormat,
  };
}

/**
 * A two-dimensional convolution of `input` [batch, height, width, channels] with `filter` [height, width, input
 * channels, output channels]. Mirrors tf.nn.conv2d.
 *
 * ValueError for channels that do not fit and for windows larger than the padded input.
 */
export function conv2d(
  input: TensorLike,
  filter: TensorLike,
  strides: PerDimension | null,
  padding: Padding,
  options: Conv2dOptions = {},
): Tensor {
  return applyUnary('Conv2D', { input, filter, ...attrsOf(strides, padding, options) }, options.name);
}

/**
 * The gradient of a convolution with respect to its input, of shape `inputSizes`. Mirrors tf.nn.conv2d_backprop_input.
 */
export function conv2dBackpropInput(
  inputSizes: TensorLike,
  filter: TensorLike,
  outBackprop: TensorLike,
  strides: PerDimension | null,
  padding: Padding,
  options: Conv2dOptions = {},
): Tensor {
  const args = { input_sizes: inputSizes, filter, out_backprop: outBackprop, ...attrsOf(strides, padding, options) };
  return applyUnary('Conv2DBackpropInput', args, options.name);
}

/**
 * The gradient of a convolution with respect to its filter, of shape `filterSizes`. Mirrors
 * tf.nn.conv2d_backprop_filter.
 */
export function conv2dBackpropFilter(
  input: TensorLike,
  filterSizes: TensorLike,
  outBackprop: TensorLike,
  strides: PerDimension | null,
  padding: Padding,
  options: Conv2dOptions = {},
): Tensor {
  const args = { input, filter_sizes: filterSizes, out_backprop: outBackprop, ...attrsOf(strides, padding, options) };
  return applyUnary('Conv2DBackpropFilter', args, options.name);
}

/**
 * The transpose of a convolution ("deconvolution"): from `value` [batch, height, width, input channels] to
 * `outputShape`, with a filter [height, width, output channels, input channels]. Padding is SAME by default. Mirrors
 * tf.nn.conv2d_transpose.
 */
export function conv2dTranspose(
  value: TensorLike,
  filter: TensorLike,
  outputShape: TensorLike,
  strides: PerDimension | null,
  options: Conv2dOptions & { readonly padding?: Padding } = {},
): Tensor {
  const attrs = attrsOf(strides, options.padding ?? 'SAME', options);
  return composite(options.name, 'conv2d_transpose', [value, filter, outputShape], (scope) =>
    applyUnary('Conv2DBackpropInput', { input_sizes: outputShape, filter, out_backprop: value, ...attrs }, scope),
  );
}
