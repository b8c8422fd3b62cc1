/**
 * Twins of spec/golden/batch_normalization.py: batch normalization, fused and not, node for node as TensorFlow's.
 */
import { GraphKeys } from '../../../graph/collections';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { bool, float32 } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import { l2Loss } from '../../../graph/ops/nn';
import { reduceMean } from '../../../graph/ops/reduce';
import { identity, placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { BatchNormalization, batchNormalization } from '../../../lib/layers/normalization';
import type { Variable } from '../../../lib/variables/variable';
import { goldenCases } from '../../support/golden';

const named = (shape: readonly (number | null)[], name = 'x') => placeholder(float32, shape, { name });
const rows = () => named([null, 4]);
const images = () => named([null, 8, 8, 3]);
const scalarBool = () => placeholder(bool, [], { name: 'training' });
const l2 = (scale: number) => (w: Tensor | Variable) => l2Loss(w).rmul(scale);
const training = true;

const underTraining = (x: () => Tensor) => {
  const phase = scalarBool();
  return batchNormalization(x(), { training: phase });
};

goldenCases('batch_normalization', {
  batch_normalization_inference: () => batchNormalization(rows()),
  batch_normalization_training: () => batchNormalization(rows(), { training }),
  batch_normalization_training_placeholder: () => underTraining(rows),
  batch_normalization_no_scale_no_center: () => {
    const x = rows();
    return [
      batchNormalization(x, { scale: false, training }),
      batchNormalization(x, { center: false, training }),
      batchNormalization(x, { scale: false, center: false }),
    ];
  },
  batch_normalization_momentum_epsilon: () =>
    batchNormalization(rows(), { momentum: 0.9, epsilon: 1e-5, training, name: 'bn' }),
  batch_normalization_fused_inference: () => batchNormalization(images()),
  batch_normalization_fused_training: () => batchNormalization(images(), { training }),
  batch_normalization_fused_training_placeholder: () => underTraining(images),
  batch_normalization_fused_no_scale_no_center: () =>
    batchNormalization(images(), { scale: false, center: false, training }),
  batch_normalization_fused_channels_first: () => batchNormalization(named([null, 3, 8, 8]), { axis: 1 }),
  batch_normalization_not_fused_rank_4: () => batchNormalization(images(), { fused: false, training }),
  batch_normalization_axis_1: () => batchNormalization(named([null, 3, 5]), { axis: 1, training }),
  batch_normalization_static_batch: () => batchNormalization(named([2, 4]), { training }),
  batch_normalization_updates: () => {
    const x = rows();
    const z = named([null, 4], 'z');
    const layer = new BatchNormalization();
    for (const input of [x, z]) layer.apply(input, { training });
    return [layer.updates, layer.getUpdatesFor(x), layer.getUpdatesFor(z), layer.getUpdatesFor(null)];
  },
  batch_normalization_not_trainable: () => {
    const layer = new BatchNormalization({ trainable: false });
    const y = layer.apply(rows(), { training });
    return [y, layer.updates, layer.trainableVariables, layer.nonTrainableVariables];
  },
  batch_normalization_regularizers: () =>
    batchNormalization(rows(), { gammaRegularizer: l2(0.1), betaRegularizer: l2(0.2) }),
  batch_normalization_reuse: () => {
    const x = rows();
    return [
      batchNormalization(x, { training, name: 'bn' }),
      batchNormalization(x, { training, name: 'bn', reuse: true }),
    ];
  },
  batch_normalization_gradient: () => {
    const x = rows();
    const layer = new BatchNormalization();
    return gradients(layer.apply(x, { training }), [x, layer.gamma!, layer.beta!]);
  },
  batch_normalization_fused_gradient: () => {
    const x = images();
    const layer = new BatchNormalization();
    return gradients(layer.apply(x, { training }), [x, layer.gamma!, layer.beta!]);
  },
  batch_normalization_train_op: () => {
    const loss = reduceMean(batchNormalization(rows(), { training }));
    const graph = getDefaultGraph();
    return graph.controlDependencies(graph.getCollection(GraphKeys.UPDATE_OPS), () =>
      identity(loss, { name: 'train_loss' }),
    );
  },
});
