/**
 * Convolutions composed of the ops of graph/ops/{conv,conv3d,depthwise}.ts: in one to three dimensions, dilated, and
 * separable.
 */
import { applyUnary } from '../../graph/applyOp';
import { convertToTensor, isTensorConvertible, type TensorLike } from '../../graph/convert';
import { repr, ValueError } from '../../graph/errors';
import { expandDims, squeeze } from '../../graph/ops/array';
import { composite } from '../../graph/ops/composite';
import { conv2d } from '../../graph/ops/conv';
import { conv3d } from '../../graph/ops/conv3d';
import { depthwiseConv2dNative } from '../../graph/ops/depthwise';
import { shape } from '../../graph/ops/shapes';
import { type Padding, type PerDimension, perDimension } from '../../graph/ops/window';
import { TensorShape, unknownShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';
import { withSpaceToBatch } from './spaceToBatch';

export interface ConvolutionOptions {
  /** Steps in each spatial dimension. Default 1; not together with dilations. */
  readonly strides?: PerDimension | null;
  /** `VALID` (the default), `SAME`, or a pair of numbers for each dimension. */
  readonly padding?: Padding;
  /** Distance of the filter's taps in each spatial dimension. Default 1. */
  readonly dilations?: PerDimension | null;
  /** The older name of `dilations`. */
  readonly dilationRate?: PerDimension | null;
  /** `N...C` (the default) or `NC...`. */
  readonly dataFormat?: string | null;
  readonly name?: string;
}

/** The static shape of a tensor, a variable, or a plain value. */
function shapeOf(value: TensorLike): TensorShape {
  const { shape: own } = value as { shape?: unknown };
  return own instanceof TensorShape ? own : unknownShape;
}

/** Plain values as tensors; variables stay, so that they are read where they are used. */
function symbolic(value: TensorLike, name: string): TensorLike {
  return value instanceof Tensor || isTensorConvertible(value) ? value : convertToTensor(value, { name });
}

/**
 * A convolution in as many spatial dimensions (1 to 3) as the filter has: `filters` is [...sizes, input channels,
 * output channels].
 *
 * ValueError for ranks that do not fit and for strides together with dilations. Mirrors tf.nn.convolution.
 */
export function convolution(
  input: TensorLike,
  filters: TensorLike,
  padding: Padding,
  options?: ConvolutionOptions,
): Tensor;
export function convolution(input: TensorLike, filters: TensorLike, options?: ConvolutionOptions): Tensor;
export function convolution(
  input: TensorLike,
  filters: TensorLike,
  first: Padding | ConvolutionOptions = {},
  more: ConvolutionOptions = {},
): Tensor {
  const isPadding = typeof first === 'string' || Array.isArray(first);
  const options: ConvolutionOptions = isPadding
    ? { ...more, padding: first as Padding }
    : (first as ConvolutionOptions);
  const { padding = 'VALID', dataFormat = null, name } = options;
  const weights = symbolic(filters, 'filters');
  const image = symbolic(input, 'input');
  const spatial = spatialDimensions(image, weights);
  const channelsFirst = dataFormat?.startsWith('NC') ?? false;
  const dilations = perDimension(options.dilations ?? options.dilationRate, spatial, channelsFirst, 'dilations');
  const strides = perDimension(options.strides, spatial, channelsFirst, 'strides');
  const inSpace = (values: readonly number[]) => (channelsFirst ? values.slice(2) : values.slice(1, -1));
  return composite(name, 'convolution', [image, weights], (scope) => {
    const apply = (value: TensorLike, pads: Padding): Tensor => {
      const common = { dataFormat: dataFormat ?? undefined, name: scope };
      if (spatial === 1) return conv1d(value, weights, strides, pads as string, common);
      if (spatial === 2) return conv2d(value, weights, strides, pads, common);
      return conv3d(value, weights, strides, pads as string, common);
    };
    const rate = inSpace(dilations);
    if (rate.every((step) => step === 1)) return apply(image, padding);
    checkDilated(inSpace(strides), rate);
    const filterShape = () => filterSizes(weights);
    return withSpaceToBatch({ input: convertToTensor(image), rate, padding, filterShape, channelsFirst }, apply);
  });
}

function filterSizes(weights: TensorLike): Tensor {
  const known = shapeOf(weights);
  if (!known.isFullyDefined()) return shape(convertToTensor(weights));
  return convertToTensor(Int32Array.from(known.asNumbers()), { name: 'filter_shape' });
}

function spatialDimensions(input: TensorLike, filters: TensorLike): number {
  const [ofInput, ofFilters] = [shapeOf(input), shapeOf(filters)];
  const rank = ofFilters.rank ?? ofInput.rank;
  if (rank === null) {
    throw new ValueError(
      'When `num_spatial_dims` is not set, one of `input.shape.rank` or `filters.shape.rank` must be known. ' +
        `Received: input.shape=${ofInput} of rank None and filters.shape=${ofFilters} of rank None`,
    );
  }
  const spatial = rank - 2;
  if (spatial < 1 || spatial > 3) {
    throw new ValueError(`\`num_spatial_dims\` must be 1, 2, or 3. Received: num_spatial_dims=${spatial}.`);
  }
  return spatial;
}

function checkDilated(strides: readonly number[], rate: readonly number[]): void {
  const text = (values: readonly number[]) => `[${values.join(' ')}]`;
  if (rate.some((step) => step < 1)) {
    throw new ValueError(`all values of \`dilation_rate\` must be positive. Received: dilation_rate=${text(rate)}`);
  }
  if (strides.some((step) => step < 1))
    throw new ValueError(`all values of \`strides\` must be positive. Received: strides=${text(strides)}`);
  if (strides.some((step) => step > 1)) {
    throw new ValueError(
      `\`strides > 1\` not supported in conjunction with \`dilation_rate > 1\`. Received: strides=${text(strides)} and dilation_rate=${text(rate)}`,
    );
  }
}

export interface Conv1dOptions {
  /** `NWC` (the default) or `NCW`. */
  readonly dataFormat?: string | null;
  readonly dilations?: PerDimension | null;
  readonly name?: string;
}

/**
 * A convolution of `value` [batch, width, channels] with `filters` [width, input channels, output channels]. Mirrors
 * tf.nn.conv1d.
 */
export function conv1d(
  value: TensorLike,
  filters: TensorLike,
  stride: PerDimension | null,
  padding: string,
  { dataFormat = null, dilations, name }: Conv1dOptions = {},
): Tensor {
  return composite(name, 'conv1d', [value, filters], (scope) => {
    const channelsFirst = dataFormat === 'NCW' || dataFormat === 'NCHW';
    if (!channelsFirst && dataFormat !== null && dataFormat !== 'NWC' && dataFormat !== 'NHWC') {
      throw new ValueError(`\`data_format\` must be 'NWC' or 'NCW'. Received: data_format=${dataFormat}`);
    }
    const axis = channelsFirst ? -2 : -3;
    const sizes = (values: PerDimension | null | undefined, what: string) => [
      1,
      ...perDimension(values, 1, channelsFirst, what),
    ];
    const attrs = {
      strides: sizes(stride, 'stride'),
      padding,
      dilations: sizes(dilations, 'dilations'),
      data_format: channelsFirst ? 'NCHW' : 'NHWC',
    };
    const input = expandDims(value, axis);
    const filter = expandDims(filters, 0);
    return squeeze(applyUnary('Conv2D', { input, filter, ...attrs }, scope), [axis]);
  });
}

/**
 * `convolution` with taps `rate` apart in both dimensions. Mirrors tf.nn.atrous_conv2d.
 */
export function atrousConv2d(
  value: TensorLike,
  filters: TensorLike,
  rate: number | readonly [number, number],
  padding: Padding,
  { name }: { name?: string } = {},
): Tensor {
  return convolution(value, filters, padding, { dilations: typeof rate === 'number' ? [rate, rate] : rate, name });
}

export interface DepthwiseConv2dOptions {
  /** Distance of the filter's taps in both dimensions. Default 1. */
  readonly rate?: readonly [number, number] | null;
  /** The newer name of `rate`. */
  readonly dilations?: readonly [number, number] | null;
  /** `NHWC` (the default) or `NCHW`. */
  readonly dataFormat?: string | null;
  readonly name?: string;
}

function rateOf({ rate = null, dilations = null }: DepthwiseConv2dOptions): readonly number[] {
  if (rate !== null && dilations !== null) throw new ValueError("Cannot specify both 'rate' and 'dilations'.");
  const value = rate ?? dilations ?? [1, 1];
  if (value.length !== 2) throw new ValueError(`\`rate\` must have two elements. Received: rate=${repr(value)}`);
  return value;
}

/**
 * A convolution of each channel of `input` with filters of its own: `filter` is [height, width, channels, multiplier],
 * `strides` has four elements. Mirrors tf.nn.depthwise_conv2d.
 */
export function depthwiseConv2d(
  input: TensorLike,
  filter: TensorLike,
  strides: readonly number[],
  padding: Padding,
  options: DepthwiseConv2dOptions = {},
): Tensor {
  return composite(options.name, 'depthwise', [input, filter], (scope) => {
    const image = convertToTensor(input, { name: 'tensor_in' });
    const weights = convertToTensor(filter, { name: 'filter_in' });
    return dilatedDepthwise(image, weights, strides, padding, options, scope);
  });
}

function dilatedDepthwise(
  input: Tensor,
  filter: Tensor,
  strides: readonly number[],
  padding: Padding,
  options: DepthwiseConv2dOptions,
  name: string,
): Tensor {
  const dataFormat = options.dataFormat ?? undefined;
  const sizes = shape(filter);
  const channelsFirst = dataFormat?.startsWith('NC') ?? false;
  return withSpaceToBatch(
    { input, rate: rateOf(options), padding, filterShape: () => sizes, channelsFirst },
    (value, pads) => depthwiseConv2dNative(value, filter, strides, pads, { dataFormat, name }),
  );
}

/**
 * A depthwise convolution followed by one of 1 × 1 that mixes the channels: `pointwiseFilter` is [1, 1, channels ·
 * multiplier, output channels]. Mirrors tf.nn.separable_conv2d. ValueError for a pointwise filter of another size.
 */
export function separableConv2d(
  input: TensorLike,
  depthwiseFilter: TensorLike,
  pointwiseFilter: TensorLike,
  strides: readonly number[],
  padding: Padding,
  options: DepthwiseConv2dOptions = {},
): Tensor {
  return composite(options.name, 'separable_conv2d', [input, depthwiseFilter, pointwiseFilter], (scope) => {
    const image = convertToTensor(input, { name: 'tensor_in' });
    const depthwise = convertToTensor(depthwiseFilter, { name: 'depthwise_filter' });
    const pointwise = convertToTensor(pointwiseFilter, { name: 'pointwise_filter' });
    const sizes = pointwise.shape.withRank(4);
    for (const axis of [0, 1]) {
      if ((sizes.at(axis) ?? 1) !== 1) throw new ValueError(`Dimensions ${sizes.at(axis)} and 1 are not compatible`);
    }
    const filtered = dilatedDepthwise(image, depthwise, strides, padding, options, 'depthwise');
    return conv2d(filtered, pointwise, [1, 1, 1, 1], 'VALID', { dataFormat: options.dataFormat, name: scope });
  });
}
