/**
 * Plain kernels: batch normalization, local response normalization, and their gradients. Sums are float64.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { normOps } from '../../graph/ops/norm';
import { parseDataFormat } from '../../graph/ops/window';
import type { Kernel, KernelContext, KernelTable } from '../kernel';

type Shape = readonly number[];

const text = (shape: Shape) => `[${shape.join(',')}]`;

function floats(value: NdArray, c: KernelContext): Float32Array {
  if (value.data instanceof Float32Array && value.dtype.name === 'float32') return value.data;
  throw new UnimplementedError(`${c.op.type} is not implemented for ${value.dtype.name}.`);
}

const vector = (like: NdArray, data: ArrayLike<number>): NdArray =>
  new NdArray(like.dtype, [data.length], Float32Array.from(data) as never);

/** A tensor as [outer, channels, inner]: inner is 1 where channels are last. */
interface Channels {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

function channelsOf({ shape }: NdArray, c: KernelContext): Channels {
  if (shape.length !== 4 && shape.length !== 5)
    throw new InvalidArgumentError(`input must be 4 or 5-dimensional${text(shape)}`);
  const { channel } = parseDataFormat(c.attr('data_format'));
  return { outer: sizeOf(shape.slice(0, channel)), channels: shape[channel], inner: sizeOf(shape.slice(channel + 1)) };
}

function requireVector(value: NdArray, channels: number, name: string, condition = ''): void {
  if (value.rank !== 1) throw new InvalidArgumentError(`${name} must be 1-dimensional${text(value.shape)}`);
  if (value.shape[0] === channels) return;
  throw new InvalidArgumentError(
    `${condition}${name} must have the same number of elements as the channels of x, got ${value.shape[0]} and ${channels}`,
  );
}

/** Calls `visit(i, channel)` for every element. */
function forEachElement({ outer, channels, inner }: Channels, visit: (index: number, channel: number) => void): void {
  for (let o = 0, at = 0; o < outer; o++) {
    for (let channel = 0; channel < channels; channel++) for (let i = 0; i < inner; i++) visit(at++, channel);
  }
}

/** The mean of each channel, and the mean square of the distance from it. */
function statistics(x: Float32Array, g: Channels): { mean: Float64Array; variance: Float64Array } {
  const [mean, variance] = [new Float64Array(g.channels), new Float64Array(g.channels)];
  const count = g.outer * g.inner;
  forEachElement(g, (i, channel) => {
    mean[channel] += x[i];
  });
  for (let channel = 0; channel < g.channels; channel++) mean[channel] /= count;
  forEachElement(g, (i, channel) => {
    variance[channel] += (x[i] - mean[channel]) ** 2;
  });
  for (let channel = 0; channel < g.channels; channel++) variance[channel] /= count;
  return { mean, variance };
}

function normalize(version: 1 | 2 | 3): Kernel {
  return ([input, scale, offset, mean, variance], c) => {
    const g = channelsOf(input, c);
    requireVector(scale, g.channels, 'scale');
    requireVector(offset, g.channels, 'offset');
    const isTraining = c.attr<boolean>('is_training');
    const factor = c.attr<number>('exponential_avg_factor');
    if (!isTraining || factor !== 1) {
      const condition = isTraining ? 'When exponential_avg_factor != 1, ' : 'When is_training=false, ';
      requireVector(mean, g.channels, 'mean', condition);
      requireVector(variance, g.channels, 'variance', condition);
    }
    const x = floats(input, c);
    const [a, b, oldMean, oldVariance] = [scale, offset, mean, variance].map((value) => floats(value, c));
    const isEmpty = isTraining && x.length === 0;
    const used = isTraining ? statistics(x, g) : { mean: oldMean, variance: oldVariance };
    const epsilon = c.attr<number>('epsilon');
    const out = new Float32Array(x.length);
    const inverse = Float64Array.from(used.variance, (value) => 1 / Math.sqrt(value + epsilon));
    forEachElement(g, (i, channel) => {
      out[i] = (x[i] - used.mean[channel]) * inverse[channel] * a[channel] + b[channel];
    });
    const count = g.outer * g.inner;
    const unbiased = isTraining
      ? used.variance.map((value) => (value * count) / Math.max(count - 1, 1))
      : used.variance;
    const averaged = (old: Float32Array, now: ArrayLike<number>) =>
      Float64Array.from(now, (value, i) =>
        isTraining && factor !== 1 ? (1 - factor) * old[i] + factor * value : value,
      );
    // Only training leaves something for the gradient.
    const saved = (value: ArrayLike<number>) => (isTraining && !isEmpty ? value : new Float32Array(g.channels));
    const results = [
      averaged(oldMean, used.mean),
      averaged(oldVariance, unbiased),
      saved(used.mean),
      saved(used.variance),
    ];
    const outputs = [
      new NdArray(input.dtype, input.shape, out as never),
      ...results.map((value) => vector(scale, value)),
    ];
    return version === 3 ? [...outputs, NdArray.zeros(scale.dtype, [])] : outputs;
  };
}

const normalizeGrad: Kernel = ([grad, input, scale, mean, variance], c) => {
  const g = channelsOf(input, c);
  if (grad.rank !== input.rank || grad.shape.some((dim, i) => dim !== input.shape[i])) {
    throw new InvalidArgumentError(
      `x and y_backprop must have same shape, but x has shape ${text(input.shape)} and y_backprop has shape ${text(grad.shape)}`,
    );
  }
  [scale, mean, variance].forEach((value, i) => {
    requireVector(value, g.channels, ['scale', 'reserve_space_1', 'reserve_space_2'][i]);
  });
  const [dy, x, a, m, v] = [grad, input, scale, mean, variance].map((value) => floats(value, c));
  const epsilon = c.attr<number>('epsilon');
  const [sums, products] = [new Float64Array(g.channels), new Float64Array(g.channels)];
  forEachElement(g, (i, channel) => {
    sums[channel] += dy[i];
    products[channel] += dy[i] * (x[i] - m[channel]);
  });
  const out = new Float32Array(x.length);
  const inverse = Float64Array.from(v, (value) => 1 / Math.sqrt(value + epsilon));
  const count = g.outer * g.inner;
  // In training mean and variance depend on x too.
  const share = c.attr<boolean>('is_training') ? 1 / count : 0;
  forEachElement(g, (i, channel) => {
    const indirect = share * (sums[channel] + (x[i] - m[channel]) * products[channel] * inverse[channel] ** 2);
    out[i] = a[channel] * inverse[channel] * (dy[i] - indirect);
  });
  const dscale = products.map((value, channel) => value * inverse[channel]);
  const nothing = vector(scale, []);
  return [
    new NdArray(input.dtype, input.shape, out as never),
    vector(scale, dscale),
    vector(scale, sums),
    nothing,
    nothing,
  ];
};

interface LrnParts {
  readonly radius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

function lrnParts(c: KernelContext): LrnParts {
  const [radius, bias, alpha, beta] = ['depth_radius', 'bias', 'alpha', 'beta'].map((name) => c.attr<number>(name));
  return { radius, bias, alpha, beta };
}

/** What channel `at` of a pixel, which starts at `start`, is divided by before the power. */
function lrnNorm(x: Float32Array, start: number, at: number, depth: number, { radius, bias, alpha }: LrnParts): number {
  let sum = 0;
  for (let k = Math.max(0, at - radius); k < Math.min(depth, at + radius + 1); k++) sum += x[start + k] ** 2;
  return bias + alpha * sum;
}

const lrn: Kernel = ([input], c) => {
  if (input.rank !== 4) throw new InvalidArgumentError('in must be 4-dimensional');
  const x = floats(input, c);
  const depth = input.shape[3];
  const parts = lrnParts(c);
  const out = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += depth) {
    for (let i = 0; i < depth; i++) out[start + i] = x[start + i] * lrnNorm(x, start, i, depth, parts) ** -parts.beta;
  }
  return new NdArray(input.dtype, input.shape, out as never);
};

const lrnGrad: Kernel = ([grads, image, output], c) => {
  if (grads.rank !== 4 || image.rank !== 4) throw new InvalidArgumentError('inputs must be 4-dimensional');
  const same = (value: NdArray) => value.rank === 4 && value.shape.every((dim, i) => dim === image.shape[i]);
  if (!same(grads) || !same(output)) {
    throw new InvalidArgumentError('input_grads, input_image, and out_image should have the same shape');
  }
  const [dy, x, y] = [grads, image, output].map((value) => floats(value, c));
  const depth = image.shape[3];
  const parts = lrnParts(c);
  const { radius, alpha, beta } = parts;
  const sums = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += depth) {
    for (let j = 0; j < depth; j++) {
      const norm = lrnNorm(x, start, j, depth, parts);
      const indirect = (-2 * alpha * beta * y[start + j]) / norm;
      for (let k = Math.max(0, j - radius); k < Math.min(depth, j + radius + 1); k++) {
        sums[start + k] += (x[start + k] * indirect + (k === j ? norm ** -beta : 0)) * dy[start + j];
      }
    }
  }
  return new NdArray(image.dtype, image.shape, Float32Array.from(sums) as never);
};

export const normKernels: KernelTable<typeof normOps> = {
  FusedBatchNorm: normalize(1),
  FusedBatchNormV2: normalize(2),
  FusedBatchNormV3: normalize(3),
  FusedBatchNormGrad: normalizeGrad,
  FusedBatchNormGradV2: normalizeGrad,
  FusedBatchNormGradV3: normalizeGrad,
  LRN: lrn,
  LRNGrad: lrnGrad,
};
