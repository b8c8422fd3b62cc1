/**
 * Ops: three-dimensional convolutions and their gradients. Filters are [depth, height, width, input channels, output
 * channels].
 */
import { applyOp, applyUnary } from '../applyOp';
import type { Attrs } from '../attributes';
import type { TensorLike } from '../convert';
import type { Operation } from '../operation';
import { defineOps } from '../registry';
import type { Tensor } from '../tensor';
import { convolvedShape } from './conv';
import { shape } from './shapes';
import { type PerDimension, perDimension } from './window';

const attributes = `T: {float16, bfloat16, float32, float64}
      strides: list(int) >= 5
      padding: {'SAME', 'VALID'}
      data_format: {'NDHWC', 'NCDHW'} = 'NDHWC'
      dilations: list(int) = [1, 1, 1, 1, 1]`;

export const conv3dOps = defineOps({
  Conv3D: {
    signature: `(input: T, filter: T) -> (output: T)
      ${attributes}`,
    shape: (c) => [convolvedShape(c, 'Conv3D')],
    gradient: (op, grad) => {
      const [input, filter] = op.inputs;
      const [inputShape, filterShape] = applyOp('ShapeN', { input: [input, filter] }).outputs;
      return [backpropInput(inputShape, filter, grad, op), backpropFilter(input, filterShape, grad, op)];
    },
  },
  Conv3DBackpropInputV2: {
    signature: `(input_sizes: Tshape, filter: T, out_backprop: T) -> (output: T)
      ${attributes}
      Tshape: {int32, int64} = int32`,
    shape: (c) => [c.withRank(c.valueAsShape(0), 5)],
    gradient: (op, grad) => {
      const [, filter, outBackprop] = op.inputs;
      const forFilter = backpropFilter(grad, shape(filter), outBackprop, op);
      return [null, forFilter, convolve(grad, filter, op)];
    },
  },
  Conv3DBackpropFilterV2: {
    signature: `(input: T, filter_sizes: int32, out_backprop: T) -> (output: T)
      ${attributes}`,
    shape: (c) => [c.withRank(c.valueAsShape(1), 5)],
    gradient: (op, grad) => {
      const [input, , outBackprop] = op.inputs;
      const forInput = backpropInput(shape(input), grad, outBackprop, op);
      return [forInput, null, convolve(input, grad, op)];
    },
  },
});

function attrsOf({ attrs }: Operation): Attrs {
  const { strides, padding, data_format, dilations } = attrs;
  return { strides, padding, data_format, dilations };
}

function convolve(input: Tensor, filter: Tensor, op: Operation): Tensor {
  return applyUnary('Conv3D', { input, filter, ...attrsOf(op) });
}

function backpropInput(inputSizes: Tensor, filter: Tensor, outBackprop: Tensor, op: Operation): Tensor {
  const args = { input_sizes: inputSizes, filter, out_backprop: outBackprop, ...attrsOf(op) };
  return applyUnary('Conv3DBackpropInputV2', args);
}

function backpropFilter(input: Tensor, filterSizes: Tensor, outBackprop: Tensor, op: Operation): Tensor {
  const args = { input, filter_sizes: filterSizes, out_backprop: outBackprop, ...attrsOf(op) };
  return applyUnary('Conv3DBackpropFilterV2', args);
}

export interface Conv3dOptions {
  /** `NDHWC` (the default) or `NCDHW`. */
  readonly dataFormat?: string | null;
  readonly dilations?: PerDimension | null;
  readonly name?: string;
}

/**
 * A convolution of `input` [batch, depth, height, width, channels] with `filter` [depth, height, width, input channels,
 * output channels]. Mirrors tf.nn.conv3d.
 */
export function conv3d(
  input: TensorLike,
  filter: TensorLike,
  strides: PerDimension | null,
  padding: string,
  options: Conv3dOptions = {},
): Tensor {
  const dataFormat = options.dataFormat ?? 'NDHWC';
  const channelsFirst = dataFormat.startsWith('NC');
  const attrs = {
    strides: perDimension(strides, 3, channelsFirst, 'strides'),
    padding,
    data_format: dataFormat,
    dilations: perDimension(options.dilations, 3, channelsFirst, 'dilations'),
  };
  return applyUnary('Conv3D', { input, filter, ...attrs }, options.name);
}
