/**
 * Losses of predictions against labels of the same shape.
 */
import { GraphKeys } from '../../graph/collections';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { float32 } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { relu } from '../../graph/ops/activations';
import { add, divNoNan, maximum, minimum, multiply, squaredDifference, subtract } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { where } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { reduceSum } from '../../graph/ops/reduce';
import { range, rank } from '../../graph/ops/shapes';
import { onesLike, zerosLike } from '../../graph/ops/source';
import { abs, log, square } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';
import { addLoss, computeWeightedLoss, type LossOptions, numPresent, withFittingWeights } from './weightedLoss';

export function checkGiven(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) throw new ValueError(`Argument \`${name}\` must not be None.`);
  }
}

/** A loss from predictions and labels as float32 tensors of compatible shapes. */
function elementwise(
  name: string,
  labels: TensorLike,
  predictions: TensorLike,
  options: LossOptions,
  loss: (predictions: Tensor, labels: Tensor) => Tensor,
  predictionsName = 'predictions',
): Tensor {
  checkGiven({ labels, [predictionsName]: predictions });
  return composite(options.scope, name, [predictions, labels, options.weights ?? 1], (scope) => {
    const own = cast(predictions, float32);
    const target = cast(labels, float32);
    own.shape.assertIsCompatibleWith(target.shape);
    return computeWeightedLoss(loss(own, target), { ...options, scope });
  });
}

/** |p − l|. Mirrors tf.compat.v1.losses.absolute_difference. */
export function absoluteDifference(labels: TensorLike, predictions: TensorLike, options: LossOptions = {}): Tensor {
  return elementwise('absolute_difference', labels, predictions, options, (p, l) => abs(subtract(p, l)));
}

/** (p − l)². Mirrors tf.compat.v1.losses.mean_squared_error. */
export function meanSquaredError(labels: TensorLike, predictions: TensorLike, options: LossOptions = {}): Tensor {
  return elementwise('mean_squared_error', labels, predictions, options, (p, l) => squaredDifference(p, l));
}

/** ½e² for errors up to `delta` (default 1), δe − ½δ² beyond. Mirrors tf.compat.v1.losses.huber_loss. */
export function huberLoss(
  labels: TensorLike,
  predictions: TensorLike,
  options: LossOptions & { readonly delta?: number } = {},
): Tensor {
  const { delta = 1, ...rest } = options;
  return elementwise('huber_loss', labels, predictions, rest, (p, l) => {
    const error = abs(subtract(p, l));
    const quadratic = minimum(error, delta);
    const linear = subtract(error, quadratic);
    const half = convertToTensor(0.5, { dtype: quadratic.dtype });
    return add(multiply(half, multiply(quadratic, quadratic)), multiply(delta, linear));
  });
}

/** −l · log(p + ε) − (1 − l) · log(1 − p + ε). Mirrors tf.compat.v1.losses.log_loss. */
export function logLoss(
  labels: TensorLike,
  predictions: TensorLike,
  options: LossOptions & { readonly epsilon?: number } = {},
): Tensor {
  const { epsilon = 1e-7, ...rest } = options;
  return elementwise('log_loss', labels, predictions, rest, (p, l) => {
    const positive = multiply(l, log(p.add(epsilon))).neg();
    return positive.sub(multiply(l.rsub(1), log(p.rsub(1).add(epsilon))));
  });
}

/** max(0, 1 − (2l − 1) · x) for labels 0 and 1. Mirrors tf.compat.v1.losses.hinge_loss. */
export function hingeLoss(labels: TensorLike, logits: TensorLike, options: LossOptions = {}): Tensor {
  return elementwise(
    'hinge_loss',
    labels,
    logits,
    options,
    (x, l) => {
      const ones = onesLike(l);
      const signs = subtract(l.rmul(2), ones);
      return relu(subtract(ones, multiply(signs, x)));
    },
    'logits',
  );
}

/** 1 − Σ l · p along `axis`, of vectors of length one. Mirrors tf.compat.v1.losses.cosine_distance. */
export function cosineDistance(
  labels: TensorLike,
  predictions: TensorLike,
  options: LossOptions & { readonly axis?: number } = {},
): Tensor {
  const { axis, ...rest } = options;
  if (axis === undefined || axis === null) throw new ValueError('You must specify argument `axis`.');
  return elementwise('cosine_distance_loss', labels, predictions, rest, (p, l) =>
    reduceSum(multiply(p, l), [axis], { keepdims: true }).rsub(1),
  );
}

/**
 * The squared differences of all pairs of errors within each example, summed. Mirrors
 * tf.compat.v1.losses.mean_pairwise_squared_error; there is no reduction to choose.
 */
export function meanPairwiseSquaredError(
  labels: TensorLike,
  predictions: TensorLike,
  options: Omit<LossOptions, 'reduction'> = {},
): Tensor {
  checkGiven({ labels, predictions });
  const { weights = 1, lossCollection = GraphKeys.LOSSES } = options;
  return composite(options.scope, 'mean_pairwise_squared_error', [predictions, labels, weights], () => {
    const factors = cast(weights, float32);
    const target = cast(labels, float32);
    return withFittingWeights(factors, target, () => {
      const own = cast(predictions, float32);
      own.shape.assertIsCompatibleWith(target.shape);
      const loss = pairwise(subtract(own, target), factors);
      addLoss(loss, lossCollection);
      return loss;
    });
  });
}

function pairwise(diffs: Tensor, weights: Tensor): Tensor {
  const axis = range(1, rank(diffs));
  const squares = reduceSum(square(diffs), axis, { keepdims: true });
  const present = numPresent(diffs, weights, { perBatch: true });
  const atLeastZero = (count: Tensor) => maximum(count, 0);
  const term1 = divNoNan(squares, atLeastZero(present.sub(1)), { name: 'value' }).rmul(2);
  const sums = reduceSum(diffs, axis, { keepdims: true });
  const squaredSums = square(sums);
  const pairs = atLeastZero(multiply(present, present.sub(1)));
  const term2 = divNoNan(squaredSums, pairs, { name: 'value' }).rmul(2);
  const loss = reduceSum(multiply(term1.sub(term2), weights));
  return where(reduceSum(present).greater(0), loss, zerosLike(loss), { name: 'value' });
}
