/**
 * Ops: batch normalization in one op, local response normalization, and their gradients.
 *
 * TensorFlow has them for float32 only (and half precision, which has no kernels here). NCHW works.
 */
import { applyOp, applyUnary } from '../applyOp';
import type { Attrs } from '../attributes';
import { convertToTensor, type TensorLike } from '../convert';
import { repr, ValueError } from '../errors';
import type { Operation } from '../operation';
import { defineOps, type Gradient, none } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { transpose } from './array';
import { batchNormSecondGradients } from './batchNormGradient';
import type { NameOptions } from './elementwise';
import { parseDataFormat } from './window';

const normAttrs = (formats: string) => `epsilon: float = 9.999999747378752e-05
      exponential_avg_factor: float = 1.0
      data_format: {${formats}} = 'NHWC'
      is_training: bool = true`;
const gradAttrs = (formats: string) => `epsilon: float = 9.999999747378752e-05
      data_format: {${formats}} = 'NHWC'
      is_training: bool = true`;
const FLAT = "'NHWC', 'NCHW'";
const ALL = "'NHWC', 'NCHW', 'NDHWC', 'NCDHW'";

const lrnAttrs = `depth_radius: int = 5
      bias: float = 1.0
      alpha: float = 1.0
      beta: float = 0.5
      T: {float16, bfloat16, float32} = float32`;

export const normOps = defineOps({
  FusedBatchNorm: {
    signature: `(x: T, scale: T, offset: T, mean: T, variance: T) -> (y: T, batch_mean: T, batch_variance: T, reserve_space_1: T, reserve_space_2: T)
      T: {float32}
      ${normAttrs(FLAT)}`,
    shape: normalizedShapes,
    gradient: (op, grad) => [...inputGradients(op, grad, 'FusedBatchNormGrad'), null, null],
  },
  FusedBatchNormV2: {
    signature: `(x: T, scale: U, offset: U, mean: U, variance: U) -> (y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U)
      T: {float16, bfloat16, float32}
      U: {float32}
      ${normAttrs(FLAT)}`,
    shape: normalizedShapes,
    gradient: (op, grad) => [...inputGradients(op, grad, 'FusedBatchNormGradV2'), null, null],
  },
  FusedBatchNormV3: {
    signature: `(x: T, scale: U, offset: U, mean: U, variance: U) -> (y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U, reserve_space_3: U)
      T: {float16, bfloat16, float32}
      U: {bfloat16, float32}
      ${normAttrs(ALL)}`,
    shape: (c) => [...normalizedShapes(c), unknownShape],
    gradient: (op, grad) => [...inputGradients(op, grad, 'FusedBatchNormGradV3'), null, null],
  },
  FusedBatchNormGrad: {
    signature: `(y_backprop: T, x: T, scale: T, reserve_space_1: T, reserve_space_2: T) -> (x_backprop: T, scale_backprop: T, offset_backprop: T, reserve_space_3: T, reserve_space_4: T)
      T: {float32}
      ${gradAttrs(FLAT)}`,
    shape: gradientShapes,
    gradient: (op, ...grads) => [...batchNormSecondGradients(op, grads), null, null],
  },
  FusedBatchNormGradV2: {
    signature: `(y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U) -> (x_backprop: T, scale_backprop: U, offset_backprop: U, reserve_space_3: U, reserve_space_4: U)
      T: {float16, bfloat16, float32}
      U: {float32}
      ${gradAttrs(FLAT)}`,
    shape: gradientShapes,
    gradient: (op, ...grads) => [...batchNormSecondGradients(op, grads), null, null],
  },
  FusedBatchNormGradV3: {
    signature: `(y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U, reserve_space_3: U) -> (x_backprop: T, scale_backprop: U, offset_backprop: U, reserve_space_4: U, reserve_space_5: U)
      T: {float16, bfloat16, float32}
      U: {float32}
      ${gradAttrs(ALL)}`,
    shape: gradientShapes,
    gradient: (op, ...grads) => [...batchNormSecondGradients(op, grads), null, null, null],
  },
  LRN: {
    signature: `(input: T) -> (output: T)
      ${lrnAttrs}`,
    shape: (c) => [c.ranked(0, 4)],
    gradient: (op, grad) => {
      const { depth_radius, bias, alpha, beta } = op.attrs;
      const args = { input_grads: grad, input_image: op.inputs[0], output_image: op.outputs[0] };
      return [applyUnary('LRNGrad', { ...args, depth_radius, bias, alpha, beta })];
    },
  },
  LRNGrad: {
    signature: `(input_grads: T, input_image: T, output_image: T) -> (output: T)
      ${lrnAttrs}`,
    shape: (c) => [c.merge(c.merge(c.ranked(0, 4), c.shape(1)), c.shape(2))],
    gradient: none('TensorFlow has none'),
  },
});

/** Merges the length of the vectors `first` … `last` into a channel dimension. */
function mergeChannels(c: ShapeContext, channels: Dimension, first: number, last: number): Dimension {
  let merged = channels;
  for (let i = first; i <= last; i++) merged = c.mergeDims(merged, c.ranked(i, 1).dims![0]);
  return merged;
}

function normalizedShapes(c: ShapeContext): TensorShape[] {
  const format = c.attr<string>('data_format');
  const { channel } = parseDataFormat(format);
  const x = c.ranked(0, format.length).dims!;
  const channels = mergeChannels(c, x[channel], 1, c.attr('is_training') ? 2 : 4);
  const vector = new TensorShape([channels]);
  return [new TensorShape(x.with(channel, channels)), vector, vector, vector, vector];
}

function gradientShapes(c: ShapeContext): TensorShape[] {
  const format = c.attr<string>('data_format');
  const { channel } = parseDataFormat(format);
  const grad = c.ranked(0, format.length).dims!;
  const x = c.ranked(1, format.length).dims!;
  const channels = mergeChannels(c, c.mergeDims(grad[channel], x[channel]), 2, 4);
  const vector = new TensorShape([channels]);
  const nothing = new TensorShape([0]);
  return [new TensorShape(grad.with(channel, channels)), vector, vector, nothing, nothing];
}

/** The gradients of x, scale and offset. Where mean and variance are given, the gradient op wants channels last. */
function inputGradients(op: Operation, grad: Tensor, type: string): readonly Gradient[] {
  const [x, scale, , mean, variance] = op.inputs;
  const { epsilon, data_format, is_training } = op.attrs as Attrs & { data_format: string };
  const reserved = type === 'FusedBatchNormGradV3' ? { reserve_space_3: op.outputs[5] } : {};
  if (is_training) {
    const [, , , savedMean, savedVariance] = op.outputs;
    const args = {
      y_backprop: grad,
      x,
      scale,
      reserve_space_1: savedMean,
      reserve_space_2: savedVariance,
      ...reserved,
    };
    return applyOp(type, { ...args, epsilon, data_format, is_training }).outputs.slice(0, 3);
  }
  const { spatial, channel, batch } = parseDataFormat(data_format);
  const channelsFirst = channel === 1;
  const toLast = (value: Tensor) => (channelsFirst ? transpose(value, [batch, ...spatial, channel]) : value);
  const [given, incoming] = [toLast(x), toLast(grad)];
  const args = { y_backprop: incoming, x: given, scale, reserve_space_1: mean, reserve_space_2: variance, ...reserved };
  const attrs = { epsilon, data_format: spatial.length === 2 ? 'NHWC' : 'NDHWC', is_training };
  const [dx, dscale, doffset] = applyOp(type, { ...args, ...attrs }).outputs;
  const rank = spatial.length + 2;
  const toFirst = [0, rank - 1, ...spatial.map((axis) => axis - 1)];
  return [channelsFirst ? transpose(dx, toFirst) : dx, dscale, doffset];
}

export interface FusedBatchNormOptions extends NameOptions {
  /** Running mean and variance: used for inference, and averaged with the batch's where the factor is not 1. */
  readonly mean?: TensorLike | null;
  readonly variance?: TensorLike | null;
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
  /** `NHWC` (the default), `NCHW`, `NDHWC` or `NCDHW`. */
  readonly dataFormat?: string;
  readonly isTraining?: boolean;
  /** Weight of the batch in the averages. Default 1. */
  readonly exponentialAvgFactor?: number;
}

/**
 * Batch normalization of a float32 tensor of rank 4 or 5 over all but its channels: `[y, mean, variance]`.
 *
 * Training normalizes by the batch's mean and variance and gives them (the variance unbiased); inference by those
 * given. Mirrors tf.nn.fused_batch_norm. ValueError where mean or variance are needed and missing.
 */
export function fusedBatchNorm(
  x: TensorLike,
  scale: TensorLike,
  offset: TensorLike,
  options: FusedBatchNormOptions = {},
): [y: Tensor, mean: Tensor, variance: Tensor] {
  const {
    mean = null,
    variance = null,
    epsilon = 0.001,
    dataFormat = 'NHWC',
    isTraining = true,
    exponentialAvgFactor = 1,
  } = options;
  if ((!isTraining || exponentialAvgFactor !== 1) && (mean === null || variance === null)) {
    throw new ValueError(
      'Both `mean` and `variance` must be a 1D tensor when `is_training` is False or `exponential_avg_factor` != 1.0. ' +
        `Received: \`mean\` ${repr(mean)} and \`variance\` ${repr(variance)}`,
    );
  }
  const tensors = {
    x: convertToTensor(x, { name: 'input' }),
    scale: convertToTensor(scale, { name: 'scale' }),
    offset: convertToTensor(offset, { name: 'offset' }),
    // Given statistics are read inside the op's own scope, as TensorFlow reads them.
    mean: mean ?? convertToTensor(new Float32Array(0)),
    variance: variance ?? convertToTensor(new Float32Array(0)),
  };
  const attrs = {
    epsilon,
    data_format: dataFormat,
    is_training: isTraining,
    exponential_avg_factor: exponentialAvgFactor,
  };
  const [y, newMean, newVariance] = applyOp('FusedBatchNormV3', { ...tensors, ...attrs }, options.name).outputs;
  return [y, newMean, newVariance];
}

export interface LrnOptions extends NameOptions {
  /** How many channels on each side count. Default 5. */
  readonly depthRadius?: number;
  /** Default 1. */
  readonly bias?: number;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0.5. */
  readonly beta?: number;
}

/**
 * Local response normalization of a float32 tensor [batch, height, width, channels]: each element divided by `(bias +
 * alpha · the sum of squares over near channels) ** beta`. Mirrors tf.nn.local_response_normalization and tf.nn.lrn.
 */
export function localResponseNormalization(input: TensorLike, options: LrnOptions = {}): Tensor {
  const { depthRadius, bias, alpha, beta, name } = options;
  return applyUnary('LRN', { input, depth_radius: depthRadius, bias, alpha, beta }, name);
}

/** Mirrors tf.nn.lrn. */
export const lrn = localResponseNormalization;
