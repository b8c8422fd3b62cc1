/**
 * Ops: maximum and average pooling over two spatial dimensions, and their gradients.
 *
 * Of equal maxima the first, in row-major order, gets the gradient. NCHW works here, which TensorFlow's CPU kernels
 * lack.
 */
import { applyOp, applyUnary } from '../applyOp';
import type { Attrs } from '../attributes';
import type { TensorLike } from '../convert';
import { type DType, int64 } from '../dtypes';
import { repr, ValueError } from '../errors';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { type Dimension, TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { shape } from './shapes';
import { stopGradient } from './source';
import {
  explicitPaddings,
  type Padding,
  type PerDimension,
  paddingAttrs,
  parseDataFormat,
  perDimension,
  windowedSize,
} from './window';

const real = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';
const sizes = `ksize: list(int) >= 4
      strides: list(int) >= 4`;

export const poolOps = defineOps({
  MaxPool: {
    signature: `(input: T) -> (output: T)
      T: {float16, bfloat16, float32, float64, int32, int64, uint8, int16, int8, uint16, qint8} = float32
      ${sizes}
      padding: {'SAME', 'VALID', 'EXPLICIT'}
      explicit_paddings: list(int) = []
      data_format: {'NHWC', 'NCHW', 'NCHW_VECT_C'} = 'NHWC'`,
    shape: (c) => [pooledShape(c, 'MaxPool')],
    gradient: (op, grad) => {
      const args = { orig_input: op.inputs[0], orig_output: op.outputs[0], grad, ...poolAttrs(op.attrs) };
      return [applyUnary('MaxPoolGrad', { ...args, explicit_paddings: op.attrs.explicit_paddings })];
    },
  },
  MaxPoolGrad: {
    signature: `(orig_input: T, orig_output: T, grad: T) -> (output: T)
      ${sizes}
      padding: {'SAME', 'VALID', 'EXPLICIT'}
      explicit_paddings: list(int) = []
      data_format: {'NHWC', 'NCHW'} = 'NHWC'
      T: ${real} = float32`,
    shape: (c) => [c.ranked(0, 4)],
    gradient: (op, grad) => throughMaxima(op, grad, 'MaxPoolGradGrad'),
  },
  MaxPoolGradGrad: {
    signature: `(orig_input: T, orig_output: T, grad: T) -> (output: T)
      ${sizes}
      padding: {'SAME', 'VALID'}
      data_format: {'NHWC', 'NCHW'} = 'NHWC'
      T: ${real}`,
    shape: (c) => {
      c.merge(c.shape(0), c.shape(2));
      return [c.merge(pooledShape(c, 'MaxPool'), c.shape(1))];
    },
    gradient: (op, grad) => throughMaxima(op, grad, 'MaxPoolGrad'),
  },
  MaxPoolWithArgmax: {
    signature: `(input: T) -> (output: T, argmax: Targmax)
      ${sizes}
      Targmax: {int32, int64} = int64
      padding: {'SAME', 'VALID'}
      include_batch_in_index: bool = false
      T: ${real}`,
    shape: (c) => {
      const pooled = pooledShape(c, 'MaxPool');
      return [pooled, pooled];
    },
    gradient: (op, grad) => {
      const args = { input: op.inputs[0], grad, argmax: op.outputs[1], ...argmaxAttrs(op.attrs) };
      return [applyUnary('MaxPoolGradWithArgmax', args)];
    },
  },
  MaxPoolGradWithArgmax: {
    signature: `(input: T, grad: T, argmax: Targmax) -> (output: T)
      ${sizes}
      padding: {'SAME', 'VALID'}
      include_batch_in_index: bool = false
      Targmax: {int32, int64}
      T: ${real}`,
    shape: (c) => [c.ranked(0, 4)],
    gradient: (op, grad) => throughArgmax(op, grad, 'MaxPoolGradGradWithArgmax'),
  },
  MaxPoolGradGradWithArgmax: {
    signature: `(input: T, grad: T, argmax: Targmax) -> (output: T)
      ${sizes}
      padding: {'SAME', 'VALID'}
      include_batch_in_index: bool = false
      Targmax: {int32, int64}
      T: ${real}`,
    shape: (c) => {
      c.merge(c.shape(0), c.shape(1));
      return [c.merge(pooledShape(c, 'MaxPool'), c.shape(2))];
    },
    gradient: (op, grad) => throughArgmax(op, grad, 'MaxPoolGradWithArgmax'),
  },
  AvgPool: {
    signature: `(value: T) -> (output: T)
      ${sizes}
      padding: {'SAME', 'VALID'}
      data_format: {'NHWC', 'NCHW'} = 'NHWC'
      T: {float16, bfloat16, float32, float64}`,
    shape: (c) => [pooledShape(c, 'AvgPool')],
    gradient: (op, grad) => [
      applyUnary('AvgPoolGrad', { orig_input_shape: shape(op.inputs[0]), grad, ...poolAttrs(op.attrs) }),
    ],
  },
  AvgPoolGrad: {
    signature: `(orig_input_shape: int32, grad: T) -> (output: T)
      ${sizes}
      padding: {'SAME', 'VALID'}
      data_format: {'NHWC', 'NCHW'} = 'NHWC'
      T: {float16, bfloat16, float32, float64}`,
    shape: (c) => [c.withRank(c.valueAsShape(0), 4)],
    gradient: (op, grad) => [
      stopGradient(op.inputs[0]),
      applyUnary('AvgPool', { value: grad, ...poolAttrs(op.attrs) }),
    ],
  },
});

/** The attributes that an op of pooling and those of its gradients share. */
export function poolAttrs({ ksize, strides, padding, data_format }: Attrs): Attrs {
  return { ksize, strides, padding, data_format };
}

function argmaxAttrs({ ksize, strides, padding, include_batch_in_index }: Attrs): Attrs {
  return { ksize, strides, padding, include_batch_in_index };
}

/**
 * The gradient of a gradient takes the same elements; which ones they are does not depend on small changes of the
 * input.
 */
export function throughMaxima(op: Operation, grad: Tensor, type: string): readonly Gradient[] {
  const [orig_input, orig_output] = op.inputs;
  const zeros = [orig_input, orig_output].map((input) => applyUnary('ZerosLike', { x: input }, 'zeros_like'));
  return [...zeros, applyUnary(type, { orig_input, orig_output, grad, ...poolAttrs(op.attrs) })];
}

function throughArgmax(op: Operation, grad: Tensor, type: string): readonly Gradient[] {
  const [input, , argmax] = op.inputs;
  const zeros = applyUnary('ZerosLike', { x: input }, 'zeros_like');
  return [zeros, applyUnary(type, { input, grad, argmax, ...argmaxAttrs(op.attrs) }), null];
}

/** The shape of the pooled input, for any number of spatial dimensions; channels may be pooled too. */
export function pooledShape(c: ShapeContext, opType: string): TensorShape {
  const layout = parseDataFormat((c.attrs.data_format as string | undefined) ?? 'NHWC');
  const rank = layout.spatial.length + 2;
  const input = c.ranked(0, rank).dims!;
  const [ksize, strides] = [c.attr<number[]>('ksize'), c.attr<number[]>('strides')];
  if (strides.length !== rank)
    c.fail(`${opType} requires the stride attribute to contain ${rank} values, but got: ${strides.length}`);
  if (ksize.length !== rank)
    c.fail(`${opType} requires the ksize attribute to contain ${rank} values, but got: ${ksize.length}`);
  const pads = explicitPaddings(c, layout);
  const dims = input.map((dim, axis): Dimension => {
    if (axis === layout.batch) return dim;
    return windowedSize(c, dim, { size: ksize[axis], stride: strides[axis], dilation: 1, pads: pads[axis] });
  });
  return new TensorShape(dims);
}

export interface PoolOptions {
  /** `NHWC` (the default) or `NCHW`. */
  readonly dataFormat?: string | null;
  readonly name?: string;
}

/** The attributes that the arguments of a two-dimensional pooling stand for. */
function attrsOf(ksize: PerDimension, strides: PerDimension, dataFormat: string | null | undefined): Attrs {
  const format = dataFormat ?? 'NHWC';
  const channelsFirst = format.startsWith('NC');
  return {
    ksize: perDimension(ksize, 2, channelsFirst, 'ksize'),
    strides: perDimension(strides, 2, channelsFirst, 'strides'),
    data_format: format,
  };
}

function largest(
  value: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: Padding,
  options: PoolOptions,
  fallback: string,
): Tensor {
  const attrs: Attrs = { ...attrsOf(ksize, strides, options.dataFormat), ...paddingAttrs(padding) };
  if ((attrs.ksize as number[]).includes(0))
    throw new ValueError(`\`ksize\` cannot be zero. Received: ksize=${repr(attrs.ksize)}`);
  return applyUnary('MaxPool', { input: value, ...attrs }, options.name ?? fallback);
}

/**
 * The largest element of each window of `value` [batch, height, width, channels]. Mirrors tf.nn.max_pool.
 *
 * `ksize` and `strides`: one number, one for each spatial dimension, or one for each dimension. ValueError for windows
 * larger than the padded input.
 */
export function maxPool(
  value: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: Padding,
  options: PoolOptions = {},
): Tensor {
  return largest(value, ksize, strides, padding, options, 'MaxPool');
}

/** `maxPool` under the name `MaxPool2d`. Mirrors tf.nn.max_pool2d. */
export function maxPool2d(
  input: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: Padding,
  options: PoolOptions = {},
): Tensor {
  return largest(input, ksize, strides, padding, options, 'MaxPool2d');
}

/**
 * The mean of each window of `value` [batch, height, width, channels]; padding does not count. Mirrors tf.nn.avg_pool
 * and tf.nn.avg_pool2d.
 */
export function avgPool(
  value: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: string,
  options: PoolOptions = {},
): Tensor {
  return applyUnary('AvgPool', { value, padding, ...attrsOf(ksize, strides, options.dataFormat) }, options.name);
}

export interface MaxPoolWithArgmaxOptions {
  /** dtype of the indices. Default int64. */
  readonly outputDtype?: DType;
  /** Count elements over the whole batch instead of within one picture. */
  readonly includeBatchInIndex?: boolean;
  readonly name?: string;
}

/**
 * `maxPool` with, for each element, the flat index of where it was: `(row * width + column) * channels + channel`.
 *
 * `ksize` and `strides` have four elements. Mirrors tf.nn.max_pool_with_argmax.
 */
export function maxPoolWithArgmax(
  input: TensorLike,
  ksize: readonly number[],
  strides: readonly number[],
  padding: string,
  { outputDtype = int64, includeBatchInIndex = false, name }: MaxPoolWithArgmaxOptions = {},
): { output: Tensor; argmax: Tensor } {
  const attrs = { ksize, strides, padding, Targmax: outputDtype, include_batch_in_index: includeBatchInIndex };
  const [output, argmax] = applyOp('MaxPoolWithArgmax', { input, ...attrs }, name).outputs;
  return { output, argmax };
}
