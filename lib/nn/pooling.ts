/**
 * Pooling composed of the ops of graph/ops/pool.ts and pool3d.ts: over one dimension, and over one to three with
 * dilation.
 */
import { applyUnary } from '../../graph/applyOp';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { repr, ValueError } from '../../graph/errors';
import { expandDims, squeeze } from '../../graph/ops/array';
import { composite } from '../../graph/ops/composite';
import { avgPool, maxPool } from '../../graph/ops/pool';
import { avgPool3d, maxPool3d } from '../../graph/ops/pool3d';
import { type Padding, type PerDimension, paddingAttrs, perDimension } from '../../graph/ops/window';
import type { Tensor } from '../../graph/tensor';
import { withSpaceToBatch } from './spaceToBatch';

export interface Pool1dOptions {
  /** `NWC` (the default) or `NCW`. */
  readonly dataFormat?: string | null;
  readonly name?: string;
}

/** The largest element of each window of `input` [batch, width, channels]. Mirrors tf.nn.max_pool1d. */
export function maxPool1d(
  input: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: Padding,
  options: Pool1dOptions = {},
): Tensor {
  return overWidth(input, ksize, strides, options, 'MaxPool1d', (value, attrs, name) => {
    const pads = paddingAttrs(padding, 3);
    const explicit = pads.padding === 'EXPLICIT' ? [0, 0, ...pads.explicit_paddings] : [];
    return applyUnary('MaxPool', { input: value, ...attrs, padding: pads.padding, explicit_paddings: explicit }, name);
  });
}

/** The mean of each window of `input` [batch, width, channels]. Mirrors tf.nn.avg_pool1d. */
export function avgPool1d(
  input: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: string,
  options: Pool1dOptions = {},
): Tensor {
  return overWidth(input, ksize, strides, options, 'AvgPool1D', (value, attrs, name) =>
    applyUnary('AvgPool', { value, ...attrs, padding }, name),
  );
}

interface WidthAttrs {
  readonly ksize: readonly number[];
  readonly strides: readonly number[];
  readonly data_format: string;
}

function overWidth(
  input: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  { dataFormat, name }: Pool1dOptions,
  fallback: string,
  apply: (value: Tensor, attrs: WidthAttrs, name: string) => Tensor,
): Tensor {
  return composite(name, fallback, [input], (scope) => {
    const format = dataFormat ?? 'NWC';
    const channelsFirst = format.startsWith('NC');
    const axis = format === 'NWC' ? 1 : 2;
    const attrs = {
      ksize: [1, ...perDimension(ksize, 1, channelsFirst, 'ksize')],
      strides: [1, ...perDimension(strides, 1, channelsFirst, 'strides')],
      data_format: format === 'NWC' ? 'NHWC' : 'NCHW',
    };
    return squeeze(apply(expandDims(input, axis), attrs, scope), [axis]);
  });
}

export interface PoolingOptions {
  /** Default 1 in each dimension. */
  readonly strides?: readonly number[] | null;
  /** Distance of a window's elements in each dimension. Default 1. */
  readonly dilations?: readonly number[] | null;
  /** `N...C` (the default) or `NC...`. */
  readonly dataFormat?: string | null;
  readonly name?: string;
}

/**
 * Pooling with windows of `windowShape` (one to three sizes), `MAX` or `AVG`. Mirrors tf.nn.pool.
 *
 * ValueError for strides beyond the window, for strides together with dilations, and for dilations with SAME padding.
 */
export function pool(
  input: TensorLike,
  windowShape: readonly number[],
  poolingType: 'MAX' | 'AVG',
  padding: string,
  options: PoolingOptions = {},
): Tensor {
  const spatial = windowShape.length;
  const strides = options.strides ?? windowShape.map(() => 1);
  const rate = options.dilations ?? windowShape.map(() => 1);
  checkPool(windowShape, strides, rate, padding);
  if (poolingType !== 'MAX' && poolingType !== 'AVG')
    throw new ValueError(`${spatial}-D ${String(poolingType)} pooling is not supported.`);
  return composite(options.name, `${poolingType.toLowerCase()}_pool`, [input], (scope) => {
    const value = convertToTensor(input, { name: 'input' });
    const { dataFormat = null } = options;
    const channelsFirst = dataFormat?.startsWith('NC') ?? false;
    const filterShape = () => convertToTensor(Int32Array.from(windowShape), { name: 'filter_shape' });
    return withSpaceToBatch({ input: value, rate, padding, filterShape, channelsFirst }, (x, pads) => {
      const common = { dataFormat, name: scope };
      if (spatial === 3)
        return (poolingType === 'MAX' ? maxPool3d : avgPool3d)(x, windowShape, strides, pads as string, common);
      if (spatial === 2)
        return (poolingType === 'MAX' ? maxPool : avgPool)(x, windowShape, strides, pads as string, common);
      return (poolingType === 'MAX' ? maxPool1d : avgPool1d)(x, windowShape, strides, pads as string, common);
    });
  });
}

function checkPool(
  window: readonly number[],
  strides: readonly number[],
  rate: readonly number[],
  padding: string,
): void {
  if (window.length < 1 || window.length > 3) {
    throw new ValueError(
      `\`len(window_shape)\` must be 1, 2, or 3. Received: window_shape=${repr(window)} of length ${window.length}`,
    );
  }
  const isDilated = rate.some((step) => step > 1);
  const text = (values: readonly number[]) => `[${values.join(' ')}]`;
  if (isDilated && strides.some((step) => step > 1)) {
    throw new ValueError(
      `\`strides > 1\` not supported in conjunction with \`dilation_rate > 1\`. Received: strides=${text(strides)} and dilation_rate=${text(rate)}`,
    );
  }
  if (isDilated && padding === 'SAME') {
    throw new ValueError(
      `pooling with 'SAME' padding is not implemented for \`dilation_rate\` > 1. Received: padding=${padding} and dilation_rate=${text(rate)}`,
    );
  }
  if (strides.some((step, i) => step > window[i])) {
    throw new ValueError(
      `\`strides\` > \`window_shape\` not supported due to inconsistency between CPU and GPU implementations. Received: strides=${text(strides)} and window_shape=${repr(window)}`,
    );
  }
}
