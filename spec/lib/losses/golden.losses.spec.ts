/** TensorFlow's graphs of tf.losses, built again here: see spec/golden/losses.py. */

import { GraphKeys } from '../../../graph/collections';
import * as dtypes from '../../../graph/dtypes';
import { addToCollection, nameScope } from '../../../graph/framework';
import { gradients } from '../../../graph/gradients';
import { constant, placeholder } from '../../../graph/ops/source';
import type { ShapeLike } from '../../../graph/shape';
import * as losses from '../../../lib/losses/index';
import { goldenCases } from '../../support/golden';

const { float32, float64, int32, int64 } = dtypes;
const input = (name: string, shape: ShapeLike, dtype: dtypes.DType = float32) => placeholder(dtype, shape, { name });
const labelsOf = (shape: ShapeLike = [null, 3], dtype: dtypes.DType = float32) => input('labels', shape, dtype);
const pair = (shape: ShapeLike = [null, 3]) => [labelsOf(shape), input('predictions', shape)] as const;
const logits = (shape: ShapeLike = [null, 3]) => input('logits', shape);
const { Reduction } = losses;

goldenCases('losses', {
  absolute_difference: () => losses.absoluteDifference(...pair()),
  mean_squared_error: () => losses.meanSquaredError(...pair()),
  mean_squared_error_static: () => losses.meanSquaredError(...pair([2, 3])),
  huber_loss: () => losses.huberLoss(...pair(), { delta: 0.5 }),
  log_loss: () => losses.logLoss(...pair()),
  hinge_loss: () => losses.hingeLoss(...pair()),
  cosine_distance: () => losses.cosineDistance(...pair(), { axis: 1 }),
  mean_pairwise_squared_error: () => losses.meanPairwiseSquaredError(...pair([2, 3])),
  sigmoid_cross_entropy: () => losses.sigmoidCrossEntropy(...pair()),
  sigmoid_cross_entropy_smoothed: () => losses.sigmoidCrossEntropy(...pair(), { labelSmoothing: 0.1 }),
  softmax_cross_entropy: () => losses.softmaxCrossEntropy(...pair()),
  softmax_cross_entropy_smoothed: () => losses.softmaxCrossEntropy(...pair(), { labelSmoothing: 0.1 }),
  softmax_cross_entropy_int_labels: () => losses.softmaxCrossEntropy(labelsOf([null, 3], int32), logits()),
  sparse_softmax_cross_entropy: () => losses.sparseSoftmaxCrossEntropy(labelsOf([null], int64), logits()),
  sparse_softmax_cross_entropy_column_labels: () =>
    losses.sparseSoftmaxCrossEntropy(labelsOf([null, 1], int32), logits()),
  compute_weighted_loss: () => losses.computeWeightedLoss(input('values', [null, 3])),
  loss_of_float64: () =>
    losses.absoluteDifference(labelsOf([null, 3], float64), input('predictions', [null, 3], float64)),
  loss_of_int_labels: () => losses.meanSquaredError(labelsOf([null, 3], int32), input('predictions', [null, 3])),
  loss_of_unknown_shapes: () => losses.meanSquaredError(...pair(null)),
  weights_number: () => losses.meanSquaredError(...pair(), { weights: 0.5 }),
  weights_zero: () => losses.meanSquaredError(...pair([2, 3]), { weights: 0 }),
  weights_scalar_tensor: () => {
    const weights = input('weights', []);
    return losses.meanSquaredError(...pair(), { weights });
  },
  weights_list: () => losses.meanSquaredError(...pair([2, 3]), { weights: [[1], [0]] }),
  weights_column: () => {
    const weights = input('weights', [null, 1]);
    return losses.meanSquaredError(...pair(), { weights });
  },
  weights_same_shape: () => {
    const weights = input('weights', [2, 3]);
    return losses.meanSquaredError(...pair([2, 3]), { weights });
  },
  weights_of_rows: () =>
    losses.sparseSoftmaxCrossEntropy(labelsOf([null], int64), logits(), { weights: input('weights', [null]) }),
  weights_int: () => {
    const weights = input('weights', [null, 1], int32);
    return losses.absoluteDifference(...pair(), { weights });
  },
  weights_unknown_shape: () => {
    const weights = input('weights', null);
    return losses.meanSquaredError(...pair(), { weights });
  },
  weights_of_pairwise: () => {
    const weights = input('weights', [2, 1]);
    return losses.meanPairwiseSquaredError(...pair([2, 3]), { weights });
  },
  reduction_none: () => losses.meanSquaredError(...pair(), { reduction: Reduction.NONE }),
  reduction_sum: () => losses.meanSquaredError(...pair(), { reduction: Reduction.SUM }),
  reduction_mean: () => losses.meanSquaredError(...pair(), { reduction: Reduction.MEAN }),
  reduction_mean_weighted: () => {
    const weights = input('weights', [null, 1]);
    return losses.meanSquaredError(...pair(), { weights, reduction: Reduction.MEAN });
  },
  reduction_sum_over_batch_size: () => losses.meanSquaredError(...pair(), { reduction: Reduction.SUM_OVER_BATCH_SIZE }),
  reduction_sum_by_nonzero_weights: () => {
    const weights = input('weights', [2, 1]);
    return losses.meanSquaredError(...pair([2, 3]), { weights, reduction: Reduction.SUM_BY_NONZERO_WEIGHTS });
  },
  loss_scopes: () => {
    const [labels, predictions] = pair();
    const a = losses.meanSquaredError(labels, predictions);
    const b = losses.meanSquaredError(labels, predictions);
    const c = losses.meanSquaredError(labels, predictions, { scope: 'mine' });
    const d = nameScope('ns', () => losses.absoluteDifference(labels, predictions));
    return [a, b, c, d];
  },
  loss_collection: () => {
    const [labels, predictions] = pair();
    const a = losses.meanSquaredError(labels, predictions, { lossCollection: 'mine' });
    const b = losses.meanSquaredError(labels, predictions, { lossCollection: null });
    return [a, b, losses.getLosses(null, 'mine')];
  },
  add_and_get_losses: () => {
    losses.addLoss(constant(1, { name: 'a' }));
    nameScope('ns', () => losses.addLoss(constant(2, { name: 'b' })));
    return [losses.getLosses(), losses.getLosses('ns')];
  },
  total_loss: () => {
    losses.meanSquaredError(...pair());
    addToCollection(GraphKeys.REGULARIZATION_LOSSES, constant(0.5, { name: 'penalty' }));
    return [
      losses.getTotalLoss(),
      losses.getTotalLoss({ addRegularizationLosses: false, name: 'data_loss' }),
      losses.getRegularizationLosses(),
      losses.getRegularizationLoss(),
    ];
  },
  regularization_loss_empty: () => losses.getRegularizationLoss(),
  loss_gradient: () => {
    const [labels, predictions] = pair();
    return gradients(losses.meanSquaredError(labels, predictions), predictions);
  },
  softmax_cross_entropy_gradient: () => {
    const [labels, predictions] = pair();
    return gradients(losses.softmaxCrossEntropy(labels, predictions), predictions);
  },
  sparse_softmax_cross_entropy_gradient: () => {
    const labels = labelsOf([null], int64);
    const own = logits();
    return gradients(losses.sparseSoftmaxCrossEntropy(labels, own), own);
  },
});
