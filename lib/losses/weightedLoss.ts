/**
 * From losses per element to the loss of a batch: weights, reductions, and the collection of losses.
 */
import { GraphKeys } from '../../graph/collections';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32 } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { divNoNan, multiply } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { equal, where } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { reduceSum } from '../../graph/ops/reduce';
import { range, rank, size } from '../../graph/ops/shapes';
import { onesLike, zerosLike } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { assertBroadcastable, broadcastWeights } from '../weightsBroadcast';

/** How losses of elements become one. Mirrors tf.compat.v1.losses.Reduction. */
export const Reduction = {
  /** No reduction: the weighted losses themselves. */
  NONE: 'none',
  /** Σ loss · weight. */
  SUM: 'weighted_sum',
  /** SUM over the number of elements. */
  SUM_OVER_BATCH_SIZE: 'weighted_sum_over_batch_size',
  /** SUM over the sum of the weights. */
  MEAN: 'weighted_mean',
  /** SUM over the number of weights that are not zero. */
  SUM_BY_NONZERO_WEIGHTS: 'weighted_sum_by_nonzero_weights',
  SUM_OVER_NONZERO_WEIGHTS: 'weighted_sum_by_nonzero_weights',
} as const;

export type Reduction = (typeof Reduction)[keyof typeof Reduction];

const KEYS = [
  Reduction.NONE,
  Reduction.SUM,
  Reduction.MEAN,
  Reduction.SUM_OVER_BATCH_SIZE,
  Reduction.SUM_BY_NONZERO_WEIGHTS,
  Reduction.SUM_BY_NONZERO_WEIGHTS,
];

export interface LossOptions {
  /** A scalar, or a tensor of the losses' rank with each dimension 1 or equal. Default 1. */
  readonly weights?: TensorLike;
  readonly scope?: string | null;
  /** Where the loss is collected; null for nowhere. Default GraphKeys.LOSSES. */
  readonly lossCollection?: string | null;
  /** Default SUM_BY_NONZERO_WEIGHTS. */
  readonly reduction?: Reduction;
}

export function checkReduction(reduction: string): void {
  if (!(KEYS as readonly string[]).includes(reduction)) {
    throw new ValueError(
      `Invalid Reduction Key ${reduction}. Key should be one of (${KEYS.map((key) => `'${key}'`).join(', ')}).`,
    );
  }
}

/** Puts a loss in a collection, unless there is none. Mirrors tf.compat.v1.losses.add_loss. */
export function addLoss(loss: Tensor, lossCollection: string | null = GraphKeys.LOSSES): void {
  if (lossCollection !== null && lossCollection !== '') loss.graph.addToCollection(lossCollection, loss);
}

/** The sum of `losses` over `count`, zero where the count is. */
function safeMean(losses: Tensor, count: Tensor): Tensor {
  return divNoNan(reduceSum(losses), count, { name: 'value' });
}

/** How many elements have a weight other than zero, in all or per example. */
export function numPresent(losses: Tensor, weights: Tensor, { perBatch = false } = {}): Tensor {
  return composite(null, 'num_present', [losses, weights], (scope) => {
    const own = cast(weights, float32);
    const present = where(equal(own, 0), zerosLike(own), onesLike(own));
    const everywhere = broadcastWeights(present, losses);
    if (!perBatch) return reduceSum(everywhere, null, { name: scope });
    return reduceSum(everywhere, range(1, rank(everywhere)), { keepdims: true, name: scope });
  });
}

function numElements(losses: Tensor): Tensor {
  return composite(null, 'num_elements', [losses], (scope) => cast(size(losses, { name: scope }), losses.dtype));
}

/** Runs `build` behind the check that the weights fit the losses. */
export function withFittingWeights<R>(weights: TensorLike, losses: TensorLike, build: () => R): R {
  return getDefaultGraph().controlDependencies([assertBroadcastable(weights, losses)], build);
}

/**
 * The loss of a batch from the losses of its elements. Mirrors tf.compat.v1.losses.compute_weighted_loss.
 *
 * Computes in float32 and returns the dtype of `losses`: a scalar, or the losses' shape with Reduction.NONE. ValueError for
 * an unknown reduction and for weights that do not fit.
 */
export function computeWeightedLoss(losses: TensorLike, options: LossOptions = {}): Tensor {
  const {
    weights = 1,
    scope = null,
    lossCollection = GraphKeys.LOSSES,
    reduction = Reduction.SUM_BY_NONZERO_WEIGHTS,
  } = options;
  checkReduction(reduction);
  return composite(scope, 'weighted_loss', [losses, weights], () =>
    withFittingWeights(weights, losses, () => {
      const given = convertToTensor(losses);
      const own = cast(given, float32);
      const factors = cast(weights, float32);
      const loss = cast(reduceLosses(own, factors, multiply(own, factors), reduction), given.dtype);
      addLoss(loss, lossCollection);
      return loss;
    }),
  );
}

function reduceLosses(losses: Tensor, weights: Tensor, weighted: Tensor, reduction: Reduction): Tensor {
  if (reduction === Reduction.NONE) return weighted;
  const total = reduceSum(weighted);
  if (reduction === Reduction.SUM) return total;
  if (reduction === Reduction.MEAN) return safeMean(total, reduceSum(onesLike(losses).mul(weights)));
  if (reduction === Reduction.SUM_OVER_BATCH_SIZE) return safeMean(total, numElements(losses));
  return safeMean(total, numPresent(losses, weights));
}
