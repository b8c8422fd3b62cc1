/**
 * Losses of logits against labels: sigmoid, softmax and sparse softmax cross-entropy.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { ValueError } from '../../graph/errors';
import { cast } from '../../graph/ops/cast';
import { composite } from '../../graph/ops/composite';
import { shape } from '../../graph/ops/shapes';
import { stopGradient } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { removeSqueezableDimensions, squeezeWeights } from '../math/squeezable';
import {
  sigmoidCrossEntropyWithLogits,
  softmaxCrossEntropyWithLogitsV2,
  sparseSoftmaxCrossEntropyWithLogits,
} from '../nn/crossEntropy';
import { checkGiven } from './regression';
import { computeWeightedLoss, type LossOptions } from './weightedLoss';

export interface SmoothedLossOptions extends LossOptions {
  /** Moves labels that much towards uncertainty. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of independent classes. With smoothing, labels become l(1 − s) + ½s.
 * Mirrors tf.compat.v1.losses.sigmoid_cross_entropy.
 */
export function sigmoidCrossEntropy(
  multiClassLabels: TensorLike,
  logits: TensorLike,
  options: SmoothedLossOptions = {},
): Tensor {
  checkGiven({ multi_class_labels: multiClassLabels, logits });
  const { labelSmoothing = 0, ...rest } = options;
  return composite(
    options.scope,
    'sigmoid_cross_entropy_loss',
    [logits, multiClassLabels, options.weights ?? 1],
    (scope) => {
      const own = convertToTensor(logits);
      let labels = cast(multiClassLabels, own.dtype);
      own.shape.assertIsCompatibleWith(labels.shape);
      if (labelSmoothing > 0) labels = labels.mul(1 - labelSmoothing).add(0.5 * labelSmoothing);
      return computeWeightedLoss(sigmoidCrossEntropyWithLogits({ labels, logits: own, name: 'xentropy' }), {
        ...rest,
        scope,
      });
    },
  );
}

/**
 * Cross-entropy of one class out of n, labels as distributions. With smoothing, labels become l(1 − s) + s/n. No gradient
 * reaches the labels. Mirrors tf.compat.v1.losses.softmax_cross_entropy.
 */
export function softmaxCrossEntropy(
  onehotLabels: TensorLike,
  logits: TensorLike,
  options: SmoothedLossOptions = {},
): Tensor {
  checkGiven({ onehot_labels: onehotLabels, logits });
  const { labelSmoothing = 0, ...rest } = options;
  return composite(
    options.scope,
    'softmax_cross_entropy_loss',
    [logits, onehotLabels, options.weights ?? 1],
    (scope) => {
      const own = convertToTensor(logits);
      let labels = cast(onehotLabels, own.dtype);
      own.shape.assertIsCompatibleWith(labels.shape);
      if (labelSmoothing > 0) {
        const classes = cast(shape(labels).at(-1), own.dtype);
        const positives = 1 - labelSmoothing;
        const negatives = classes.rdiv(labelSmoothing);
        labels = labels.mul(positives).add(negatives);
      }
      const fixed = stopGradient(labels, { name: 'labels_stop_gradient' });
      return computeWeightedLoss(softmaxCrossEntropyWithLogitsV2({ labels: fixed, logits: own, name: 'xentropy' }), {
        ...rest,
        scope,
      });
    },
  );
}

/**
 * Cross-entropy of one class out of n, labels as integers: of the logits' shape without the last axis, or with 1 there.
 * Mirrors tf.compat.v1.losses.sparse_softmax_cross_entropy.
 */
export function sparseSoftmaxCrossEntropy(labels: TensorLike, logits: TensorLike, options: LossOptions = {}): Tensor {
  checkGiven({ labels, logits });
  const { weights = 1, ...rest } = options;
  if (weights === null) throw new ValueError('`weights` cannot be None.');
  return composite(options.scope, 'sparse_softmax_cross_entropy_loss', [logits, labels, weights], (scope) => {
    const squeezed = removeSqueezableDimensions(labels, logits, { expectedRankDiff: 1 });
    const factors = squeezeWeights(weights, squeezed.labels);
    const losses = sparseSoftmaxCrossEntropyWithLogits({
      labels: squeezed.labels,
      logits: squeezed.predictions,
      name: 'xentropy',
    });
    return computeWeightedLoss(losses, { ...rest, weights: factors, scope });
  });
}
