/**
 * `tf.losses`: losses that collect themselves, and their sums.
 */
import { GraphKeys } from '../../graph/collections';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { ValueError } from '../../graph/errors';
import { addN } from '../../graph/ops/combine';
import { constant } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';

export { sigmoidCrossEntropy, softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from './crossEntropy';
export {
  absoluteDifference,
  cosineDistance,
  hingeLoss,
  huberLoss,
  logLoss,
  meanPairwiseSquaredError,
  meanSquaredError,
} from './regression';
export { addLoss, computeWeightedLoss, type LossOptions, Reduction } from './weightedLoss';

/** The losses collected in the default graph, those whose name matches `scope` at its start. Mirrors tf.losses.get_losses. */
export function getLosses(scope: string | null = null, lossCollection: string = GraphKeys.LOSSES): Tensor[] {
  return getDefaultGraph().getCollection(lossCollection, scope);
}

/** Mirrors tf.losses.get_regularization_losses. */
export function getRegularizationLosses(scope: string | null = null): Tensor[] {
  return getDefaultGraph().getCollection(GraphKeys.REGULARIZATION_LOSSES, scope);
}

/** The sum of the regularization losses, 0 without any. Mirrors tf.losses.get_regularization_loss. */
export function getRegularizationLoss(scope: string | null = null, name = 'total_regularization_loss'): Tensor {
  const losses = getRegularizationLosses(scope);
  return losses.length > 0 ? addN(losses, { name }) : constant(0);
}

/**
 * The sum of all collected losses, and of the regularization losses unless told not to. ValueError without any loss.
 * Mirrors tf.losses.get_total_loss.
 */
export function getTotalLoss({
  addRegularizationLosses = true,
  name = 'total_loss',
  scope = null,
}: {
  readonly addRegularizationLosses?: boolean;
  readonly name?: string;
  readonly scope?: string | null;
} = {}): Tensor {
  const losses = [...getLosses(scope), ...(addRegularizationLosses ? getRegularizationLosses(scope) : [])];
  if (losses.length === 0)
    throw new ValueError(
      'inputs must be a list of at least one Tensor/IndexedSlices with same dtype and shape. There are no losses in the graph.',
    );
  return addN(losses, { name });
}
