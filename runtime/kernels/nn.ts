/**
 * Plain kernels: bias, softmax and the cross-entropies that are computed with it, and the L2 loss.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { nnOps } from '../../graph/ops/nn';
import { broadcastStrides } from '../broadcast';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import type { FloatArray } from './gemm';

type Shape = readonly number[];

const text = (shape: Shape) => `[${shape.join(',')}]`;

function floats({ data, dtype }: NdArray, c: KernelContext): FloatArray {
  if ((data instanceof Float32Array || data instanceof Float64Array) && dtype.isFloating) return data;
  throw new UnimplementedError(`${c.op.type} is not implemented for ${dtype.name}.`);
}

function like(value: NdArray, shape: Shape, data: unknown): NdArray {
  return new NdArray(value.dtype, shape, data as never);
}

/** A tensor as [outer, channels, inner]: inner is 1 where channels are last. */
function aroundChannels(shape: Shape, c: KernelContext): [number, number, number] {
  if (shape.length < 2) throw new InvalidArgumentError(`Input tensor must be at least 2D: ${text(shape)}`);
  const axis = c.op.attrs.data_format === 'NCHW' ? 1 : shape.length - 1;
  return [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))];
}

/** Elements that know `+`: numbers, or bigints, both rounded or wrapped by the array they are stored in. */
function summable({ data, dtype }: NdArray, c: KernelContext): Float64Array {
  const isHeld = dtype.isInteger || data instanceof Float32Array || data instanceof Float64Array;
  if (!isHeld || dtype.isComplex) throw new UnimplementedError(`${c.op.type} is not implemented for ${dtype.name}.`);
  return data as Float64Array;
}

const biasAdd: Kernel = ([value, bias], c) => {
  const [outer, channels, inner] = aroundChannels(value.shape, c);
  if (bias.rank !== 1) throw new InvalidArgumentError(`Biases must be 1D: ${text(bias.shape)}`);
  if (bias.shape[0] !== channels) {
    throw new InvalidArgumentError(
      `Must provide as many biases as the last dimension of the input tensor: ${text(bias.shape)} vs. ${text(value.shape)}`,
    );
  }
  const [x, b] = [summable(value, c), summable(bias, c)];
  const out = allocate(value.dtype, x.length) as Float64Array;
  for (let o = 0, at = 0; o < outer; o++) {
    for (let channel = 0; channel < channels; channel++) {
      const shift = b[channel];
      for (let i = 0; i < inner; i++, at++) out[at] = x[at] + shift;
    }
  }
  return like(value, value.shape, out);
};

const biasAddGrad: Kernel = ([grad], c) => {
  const [outer, channels, inner] = aroundChannels(grad.shape, c);
  const dy = summable(grad, c);
  const isFloating = grad.dtype.isFloating;
  // Floats are summed in float64 and rounded once; integers wrap around as they are summed.
  const sums = (isFloating ? new Float64Array(channels) : allocate(grad.dtype, channels)) as Float64Array;
  for (let o = 0, at = 0; o < outer; o++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < inner; i++, at++) sums[channel] += dy[at];
    }
  }
  if (!isFloating) return like(grad, [channels], sums);
  const out = allocate(grad.dtype, channels) as FloatArray;
  out.set(sums);
  return like(grad, [channels], out);
};

const l2Loss: Kernel = ([t], c) => {
  const x = floats(t, c);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  const out = allocate(t.dtype, 1) as FloatArray;
  out[0] = sum / 2;
  return like(t, [], out);
};

/** The largest of a row, NaN not counted. */
function largest(x: FloatArray, start: number, step: number, length: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0, at = start; i < length; i++, at += step) if (x[at] > max) max = x[at];
  return max;
}

function softmaxRows(asLog: boolean): Kernel {
  return ([logits], c) => {
    if (logits.rank < 1) throw new InvalidArgumentError(`logits must have >= 1 dimension, got ${text(logits.shape)}`);
    const x = floats(logits, c);
    const out = allocate(logits.dtype, x.length) as FloatArray;
    const length = logits.shape.at(-1)!;
    const row = new Float64Array(length);
    for (let start = 0; start < x.length; start += length) {
      const max = largest(x, start, 1, length);
      let sum = 0;
      for (let i = 0; i < length; i++) sum += row[i] = Math.exp(x[start + i] - max);
      const logSum = Math.log(sum);
      for (let i = 0; i < length; i++) out[start + i] = asLog ? x[start + i] - max - logSum : row[i] / sum;
    }
    return like(logits, logits.shape, out);
  };
}

function crossEntropyShape(features: NdArray, labels: NdArray): number[] {
  const rank = Math.max(features.rank, labels.rank);
  const shape = Array.from({ length: rank }, (_, i) => {
    const [a, b] = [features.shape[i - rank + features.rank] ?? 1, labels.shape[i - rank + labels.rank] ?? 1];
    if (a !== b && a !== 1 && b !== 1) {
      throw new InvalidArgumentError(
        `logits and labels must be broadcastable: logits_size=${text(features.shape)} labels_size=${text(labels.shape)}`,
      );
    }
    return a === 1 ? b : a;
  });
  if (rank !== 2)
    throw new InvalidArgumentError(
      'logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional',
    );
  return shape;
}

const crossEntropy: Kernel = ([features, labels], c) => {
  const shape = crossEntropyShape(features, labels);
  const [rows, classes] = shape;
  const [x, y] = [floats(features, c), floats(labels, c)];
  const [xRow, xStep] = broadcastStrides(features.shape, shape);
  const [yRow, yStep] = broadcastStrides(labels.shape, shape);
  const loss = allocate(features.dtype, rows) as FloatArray;
  const backprop = allocate(features.dtype, rows * classes) as FloatArray;
  for (let row = 0; row < rows; row++) {
    const max = largest(x, row * xRow, xStep, classes);
    let sum = 0;
    for (let i = 0; i < classes; i++) sum += Math.exp(x[row * xRow + i * xStep] - max);
    const logSum = Math.log(sum);
    let total = 0;
    for (let i = 0; i < classes; i++) {
      const shifted = x[row * xRow + i * xStep] - max;
      const label = y[row * yRow + i * yStep];
      total += label * (logSum - shifted);
      backprop[row * classes + i] = Math.exp(shifted) / sum - label;
    }
    loss[row] = total;
  }
  return [like(features, [rows], loss), like(features, shape, backprop)];
};

const sparseCrossEntropy: Kernel = ([features, labels], c) => {
  if (features.rank !== 2) throw new InvalidArgumentError(`logits must be 2-D, but got shape ${text(features.shape)}`);
  if (labels.rank !== 1) throw new InvalidArgumentError(`labels must be 1-D, but got shape ${text(labels.shape)}`);
  const [rows, classes] = features.shape;
  if (rows !== labels.shape[0]) {
    throw new InvalidArgumentError(
      `logits and labels must have the same first dimension, got logits shape ${text(features.shape)} and labels shape ${text(labels.shape)}`,
    );
  }
  if (classes === 0)
    throw new InvalidArgumentError(`Must have at least one class, but got logits shape ${text(features.shape)}`);
  const x = floats(features, c);
  const chosen = Array.from(labels.data as ArrayLike<number | bigint>, Number);
  const outside = chosen.find((label) => label < 0 || label >= classes);
  if (outside !== undefined) {
    throw new InvalidArgumentError(
      `Received a label value of ${outside} which is outside the valid range of [0, ${classes}).  Label values: ${chosen.join(' ')}`,
    );
  }
  const loss = allocate(features.dtype, rows) as FloatArray;
  const backprop = allocate(features.dtype, rows * classes) as FloatArray;
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    const max = largest(x, start, 1, classes);
    let sum = 0;
    for (let i = 0; i < classes; i++) sum += Math.exp(x[start + i] - max);
    for (let i = 0; i < classes; i++)
      backprop[start + i] = Math.exp(x[start + i] - max) / sum - (i === chosen[row] ? 1 : 0);
    loss[row] = Math.log(sum) - (x[start + chosen[row]] - max);
  }
  return [like(features, [rows], loss), like(features, features.shape, backprop)];
};

export const nnKernels: KernelTable<typeof nnOps> = {
  BiasAdd: biasAdd,
  BiasAddV1: biasAdd,
  BiasAddGrad: biasAddGrad,
  L2Loss: l2Loss,
  Softmax: softmaxRows(false),
  LogSoftmax: softmaxRows(true),
  SoftmaxCrossEntropyWithLogits: crossEntropy,
  SparseSoftmaxCrossEntropyWithLogits: sparseCrossEntropy,
};
