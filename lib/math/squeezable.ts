/**
 * Labels, predictions and weights whose ranks differ by a last axis of length 1.
 */
import { cond } from '../../graph/controlFlow/cond';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { squeeze } from '../../graph/ops/array';
import { equal } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { rank } from '../../graph/ops/shapes';
import type { Tensor } from '../../graph/tensor';

const mayBeOne = (tensor: Tensor): boolean =>
  tensor.shape.rank === null || (tensor.shape.rank > 0 && (tensor.shape.at(-1) ?? 1) === 1);
const squeezeLast = (tensor: Tensor): Tensor => squeeze(tensor, [-1]);

/** `tensor` without its last axis where that is what makes `difference` equal to `wanted` at run time. */
function squeezeIf(tensor: Tensor, wanted: number, difference: Tensor): Tensor {
  return cond(
    equal(wanted, difference),
    () => squeezeLast(tensor),
    () => tensor,
  ) as Tensor;
}

/**
 * Squeezes the last axis of predictions or labels where their ranks differ by one more or less than expected.
 * Mirrors TensorFlow's remove_squeezable_dimensions.
 */
export function removeSqueezableDimensions(
  labels: TensorLike,
  predictions: TensorLike,
  { expectedRankDiff = 0, name = null }: { readonly expectedRankDiff?: number; readonly name?: string | null } = {},
): { labels: Tensor; predictions: Tensor } {
  return composite(name, 'remove_squeezable_dimensions', [labels, predictions], () => {
    let own = convertToTensor(predictions);
    let target = convertToTensor(labels);
    if (own.shape.rank !== null && target.shape.rank !== null) {
      const difference = own.shape.rank - target.shape.rank;
      if (difference === expectedRankDiff + 1 && mayBeOne(own)) own = squeezeLast(own);
      else if (difference === expectedRankDiff - 1 && mayBeOne(target)) target = squeezeLast(target);
      return { labels: target, predictions: own };
    }
    const difference = rank(own).sub(rank(target));
    if (mayBeOne(own)) own = squeezeIf(own, expectedRankDiff + 1, difference);
    if (mayBeOne(target)) target = squeezeIf(target, expectedRankDiff - 1, difference);
    return { labels: target, predictions: own };
  });
}

/** Weights without their last axis where they have one more than the labels. */
export function squeezeWeights(weights: TensorLike, labels: Tensor): Tensor {
  const own = convertToTensor(weights);
  if (own.shape.rank !== null && labels.shape.rank !== null) {
    return own.shape.rank - labels.shape.rank === 1 ? squeezeLast(own) : own;
  }
  const difference = rank(own).sub(rank(labels));
  return mayBeOne(own) ? squeezeIf(own, 1, difference) : own;
}
