/**
 * Ops: depthwise convolutions, where each input channel has filters of its own, and their gradients.
 *
 * Filters are [height, width, input channels, multiplier]. Dilations, NCHW and unequal strides work here, which
 * TensorFlow's CPU kernels lack.
 */
import { applyUnary } from '../applyOp';
import type { Attrs } from '../attributes';
import type { TensorLike } from '../convert';
import type { Operation } from '../operation';
import { defineOps } from '../registry';
import type { TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { shape } from './shapes';
import { explicitPaddings, type Padding, paddingAttrs, parseDataFormat, shapeInFormat, windowedSize } from './window';

const attributes = `T: {float16, bfloat16, float32, float64}
      strides: list(int)
      padding: {'SAME', 'VALID', 'EXPLICIT'}
      explicit_paddings: list(int) = []
      data_format: {'NHWC', 'NCHW'} = 'NHWC'
      dilations: list(int) = [1, 1, 1, 1]`;

export const depthwiseOps = defineOps({
  DepthwiseConv2dNative: {
    signature: `(input: T, filter: T) -> (output: T)
      ${attributes}`,
    shape: (c) => [depthwiseShape(c)],
    gradient: (op, grad) => {
      const [input, filter] = op.inputs;
      const forInput = backpropInput(shape(input), filter, grad, op);
      return [forInput, backpropFilter(input, shape(filter), grad, op)];
    },
  },
  DepthwiseConv2dNativeBackpropInput: {
    signature: `(input_sizes: int32, filter: T, out_backprop: T) -> (output: T)
      ${attributes}`,
    shape: (c) => [c.withRank(c.valueAsShape(0), 4)],
    gradient: (op, grad) => {
      const [, filter, outBackprop] = op.inputs;
      const forFilter = backpropFilter(grad, shape(filter), outBackprop, op);
      return [null, forFilter, convolve(grad, filter, op)];
    },
  },
  DepthwiseConv2dNativeBackpropFilter: {
    signature: `(input: T, filter_sizes: int32, out_backprop: T) -> (output: T)
      ${attributes}`,
    shape: (c) => [c.withRank(c.valueAsShape(1), 4)],
    gradient: (op, grad) => {
      const [input, , outBackprop] = op.inputs;
      const forInput = backpropInput(shape(input), grad, outBackprop, op);
      return [forInput, null, convolve(input, grad, op)];
    },
  },
});

function attrsOf({ attrs }: Operation): Attrs {
  const { strides, padding, explicit_paddings, data_format, dilations } = attrs;
  return { strides, padding, explicit_paddings, data_format, dilations };
}

function convolve(input: Tensor, filter: Tensor, op: Operation): Tensor {
  return applyUnary('DepthwiseConv2dNative', { input, filter, ...attrsOf(op) });
}

function backpropInput(inputSizes: Tensor, filter: Tensor, outBackprop: Tensor, op: Operation): Tensor {
  const args = { input_sizes: inputSizes, filter, out_backprop: outBackprop, ...attrsOf(op) };
  return applyUnary('DepthwiseConv2dNativeBackpropInput', args);
}

function backpropFilter(input: Tensor, filterSizes: Tensor, outBackprop: Tensor, op: Operation): Tensor {
  const args = { input, filter_sizes: filterSizes, out_backprop: outBackprop, ...attrsOf(op) };
  return applyUnary('DepthwiseConv2dNativeBackpropFilter', args);
}

function depthwiseShape(c: ShapeContext): TensorShape {
  const layout = parseDataFormat(c.attr('data_format'));
  const input = c.ranked(0, 4).dims!;
  const filter = c.ranked(1, 4).dims!;
  const [strides, dilations] = [c.attr<number[]>('strides'), c.attr<number[]>('dilations')];
  if (strides.length !== 4)
    c.fail(`DepthwiseConv2D requires the stride attribute to contain 4 values, but got: ${strides.length}`);
  if (dilations.length !== 4)
    c.fail(`DepthwiseConv2D requires the dilations attribute to contain 4 values, but got: ${dilations.length}`);
  const pads = explicitPaddings(c, layout);
  const depth = c.mergeDims(input[layout.channel], filter[2]);
  const spatial = layout.spatial.map((axis, i) =>
    windowedSize(c, input[axis], {
      size: filter[i],
      stride: strides[axis],
      dilation: dilations[axis],
      pads: pads[axis],
    }),
  );
  const outDepth = depth === null || filter[3] === null ? null : depth * filter[3];
  return shapeInFormat(layout, input[layout.batch], spatial, outDepth);
}

export interface DepthwiseConv2dNativeOptions {
  /** `NHWC` (the default) or `NCHW`. */
  readonly dataFormat?: string | null;
  /** One for each of the four dimensions. */
  readonly dilations?: readonly number[];
  readonly name?: string;
}

/**
 * A convolution of each channel of `input` [batch, height, width, channels] with its own filters: `filter` is [height,
 * width, channels, multiplier], the output has channels · multiplier channels. Mirrors tf.nn.depthwise_conv2d_native.
 */
export function depthwiseConv2dNative(
  input: TensorLike,
  filter: TensorLike,
  strides: readonly number[],
  padding: Padding,
  options: DepthwiseConv2dNativeOptions = {},
): Tensor {
  const { dataFormat, dilations, name } = options;
  const attrs = { ...paddingAttrs(padding), strides, dilations, data_format: dataFormat ?? undefined };
  return applyUnary('DepthwiseConv2dNative', { input, filter, ...attrs }, name);
}
