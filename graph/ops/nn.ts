/**
 * Ops: bias, softmax and the cross-entropies that are computed with it, and the L2 loss.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { repr, ValueError } from '../errors';
import type { Operation } from '../operation';
import { defineOps } from '../registry';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { expandDims, reshape, squeeze } from './array';
import { sliceAt } from './brackets';
import { composite } from './composite';
import type { NameOptions } from './elementwise';
import { concat } from './joining';
import { matmul } from './matmul';
import { tile } from './padding';
import { reduceSum } from './reduce';
import { range, rank, shape } from './shapes';
import { onesLike } from './source';
import { exp } from './unary';

const anyNumber =
  '{float32, float64, int32, uint8, int16, int8, complex64, int64, qint8, quint8, qint32, bfloat16, qint16, quint16, uint16, complex128, float16, uint32, uint64}';
const floating = '{float16, bfloat16, float32, float64}';

export const nnOps = defineOps({
  BiasAdd: {
    signature: `(value: T, bias: T) -> (output: T)
      T: ${anyNumber}
      data_format: {'NHWC', 'NCHW'} = 'NHWC'`,
    shape: (c) => [biasedShape(c)],
    gradient: (op, grad) => [
      grad,
      applyUnary('BiasAddGrad', { out_backprop: grad, data_format: op.attrs.data_format }),
    ],
  },
  BiasAddV1: {
    signature: `(value: T, bias: T) -> (output: T)
      T: ${anyNumber}`,
    shape: (c) => [biasedShape(c)],
    gradient: (_op, grad) => [grad, reduceSum(grad, range(rank(grad).sub(1)))],
  },
  BiasAddGrad: {
    signature: `(out_backprop: T) -> (output: T)
      T: ${anyNumber}
      data_format: {'NHWC', 'NCHW'} = 'NHWC'`,
    shape: (c) => {
      const channelsFirst = c.attr('data_format') === 'NCHW';
      const grad = c.withRankAtLeast(c.shape(0), channelsFirst ? 3 : 2);
      return [new TensorShape([grad.at(channelsFirst ? 1 : -1)])];
    },
    gradient: (op, grad) => [repeatBias(op, grad)],
  },
  L2Loss: {
    signature: `(t: T) -> (output: T)
      T: ${floating}`,
    shape: () => [scalarShape],
    gradient: (op, grad) => [op.inputs[0].mul(grad)],
  },
  Softmax: {
    signature: `(logits: T) -> (softmax: T)
      T: ${floating}`,
    shape: (c) => [c.withRankAtLeast(c.shape(0), 1)],
    gradient: (op, grad) => {
      const [softmax] = op.outputs;
      const sums = reduceSum(grad.mul(softmax), -1, { keepdims: true });
      return [grad.sub(sums).mul(softmax)];
    },
  },
  LogSoftmax: {
    signature: `(logits: T) -> (logsoftmax: T)
      T: ${floating}`,
    shape: (c) => [c.withRankAtLeast(c.shape(0), 1)],
    gradient: (op, grad) => {
      const softmax = exp(op.outputs[0]);
      return [grad.sub(reduceSum(grad, -1, { keepdims: true }).mul(softmax))];
    },
  },
  SoftmaxCrossEntropyWithLogits: {
    signature: `(features: T, labels: T) -> (loss: T, backprop: T)
      T: ${floating}`,
    shape: crossEntropyShapes,
    gradient: (op, gradLoss, gradBackprop) => {
      const forLogits = logitsGradient(op, gradLoss, gradBackprop);
      const negative = applyUnary('LogSoftmax', { logits: op.inputs[0] }).neg();
      return [forLogits, expandDims(gradLoss, -1).mul(negative)];
    },
  },
  SparseSoftmaxCrossEntropyWithLogits: {
    signature: `(features: T, labels: Tlabels) -> (loss: T, backprop: T)
      T: ${floating}
      Tlabels: {int32, int64} = int64`,
    shape: (c) => {
      const features = c.ranked(0, 2);
      const labels = c.ranked(1, 1);
      const batch = c.mergeDims(features.at(0), labels.at(0));
      return [new TensorShape([batch]), new TensorShape([batch, features.at(1)])];
    },
    gradient: (op, gradLoss, gradBackprop) => [logitsGradient(op, gradLoss, gradBackprop), null],
  },
});

function biasedShape(c: ShapeContext): TensorShape {
  const channelsFirst = c.attrs.data_format === 'NCHW';
  const value = c.withRankAtLeast(c.shape(0), channelsFirst ? 3 : 2);
  const [channels] = c.ranked(1, 1).dims!;
  if (value.dims === null) return unknownShape;
  const axis = channelsFirst ? 1 : value.dims.length - 1;
  const merged = c.mergeDims(value.dims[axis], channels);
  return new TensorShape(value.dims.with(axis, merged));
}

/** The gradient of a sum over all but the channels: that of each channel, everywhere. */
function repeatBias(op: Operation, grad: Tensor): Tensor {
  const whole = shape(op.inputs[0]);
  const bias = shape(grad);
  const first = (vector: Tensor) => onesLike(vector);
  if (op.attrs.data_format === 'NCHW') {
    const [batch, spatial] = [() => sliceAt(whole, [[null, 1]]), () => sliceAt(whole, [[2, null]])];
    const expanded = concat([first(batch()), bias, first(spatial())], 0);
    const multiples = concat([batch(), [1], spatial()], 0);
    return tile(reshape(grad, expanded), multiples);
  }
  const expanded = concat([first(sliceAt(whole, [[null, -1]])), bias], 0);
  const multiples = concat([sliceAt(whole, [[null, -1]]), [1]], 0);
  return tile(reshape(grad, expanded), multiples);
}

/** Logits and labels have one shape of rank 2, or are broadcast to one. */
function crossEntropyShapes(c: ShapeContext): TensorShape[] {
  const [logits, labels] = [c.shape(0), c.shape(1)];
  const isMatrix = (logits.rank ?? 2) === 2;
  const matrix = isMatrix ? c.withRank(logits, 2) : logits;
  if (isMatrix && matrix.isCompatibleWith(labels)) {
    const merged = c.merge(matrix, labels);
    return [merged.slice(0, 1), merged];
  }
  const broadcast = c.broadcast(logits, labels);
  if (broadcast.rank === null) c.fail('Shape must be broadcasted with rank 2, but is rank is unknown.');
  if (broadcast.rank !== 2) c.fail(`Shape must be broadcasted with rank 2, but is rank ${broadcast.rank}`);
  return [broadcast.slice(0, 1), broadcast];
}

/** The losses' gradient times what the op computed, plus, for second derivatives, that of what it computed. */
function logitsGradient(op: Operation, gradLoss: Tensor, gradBackprop: Tensor): Tensor {
  const first = expandDims(gradLoss, -1).mul(op.outputs[1]);
  // Zeros that stand for an output that nothing used.
  if (gradBackprop.op.type === 'ZerosLike') return first;
  const softmax = applyUnary('Softmax', { logits: op.inputs[0] });
  const projected = squeeze(matmul(expandDims(gradBackprop, 1), expandDims(softmax, 2)), [1]);
  return first.add(gradBackprop.sub(projected).mul(softmax));
}

export interface BiasAddOptions extends NameOptions {
  /** `N...C` (the default) or `NC...`: whether channels are last or second. */
  readonly dataFormat?: string | null;
}

/**
 * `value` plus a vector with one element for each channel. Mirrors tf.nn.bias_add. ValueError where they do not fit.
 */
export function biasAdd(value: TensorLike, bias: TensorLike, { dataFormat, name }: BiasAddOptions = {}): Tensor {
  return composite(name, 'BiasAdd', [value, bias], (scope) => {
    const input = convertToTensor(value, { name: 'input' });
    const vector = convertToTensor(bias, { dtype: input.dtype, name: 'bias' });
    return applyUnary('BiasAdd', { value: input, bias: vector, data_format: channelFormat(dataFormat) }, scope);
  });
}

function channelFormat(format: string | null | undefined): string | undefined {
  if (format === null || format === undefined) return undefined;
  if (format.startsWith('NC')) return 'NCHW';
  if (format.startsWith('N') && format.endsWith('C')) return 'NHWC';
  throw new ValueError(
    `\`data_format\` must be of the form \`N...C\` or \`NC...\`. Received: data_format=${repr(format)}`,
  );
}

/** Half the sum of the squares: `sum(t²) / 2`. Mirrors tf.nn.l2_loss. */
export function l2Loss(t: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('L2Loss', { t }, options.name);
}

/** The op SoftmaxCrossEntropyWithLogits: losses of shape [batch], and their gradient with respect to the logits. */
export function softmaxCrossEntropy(features: Tensor, labels: Tensor, name?: string): readonly Tensor[] {
  return applyOp('SoftmaxCrossEntropyWithLogits', { features, labels }, name).outputs;
}

/**
 * The op SparseSoftmaxCrossEntropyWithLogits: losses of shape [batch], and their gradient with respect to the logits.
 */
export function sparseSoftmaxCrossEntropy(features: Tensor, labels: Tensor, name?: string): readonly Tensor[] {
  return applyOp('SparseSoftmaxCrossEntropyWithLogits', { features, labels }, name).outputs;
}
