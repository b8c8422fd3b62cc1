/**
 * Twins of spec/golden/nn_ops.py, and of what spec/golden/{ops,array_gradients}.py have of products, moments and
 * networks.
 */
import { type DType, float32, int32, int64 } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import { leakyRelu } from '../../../graph/ops/activations';
import { depthToSpace, spaceToBatchND, spaceToDepth } from '../../../graph/ops/blocks';
import { conv2d, conv2dTranspose } from '../../../graph/ops/conv';
import { depthwiseConv2dNative } from '../../../graph/ops/depthwise';
import { stack } from '../../../graph/ops/joining';
import { matmul, matvec } from '../../../graph/ops/matmul';
import { biasAdd, l2Loss } from '../../../graph/ops/nn';
import { fusedBatchNorm, localResponseNormalization, lrn } from '../../../graph/ops/norm';
import { avgPool, maxPool, maxPool2d } from '../../../graph/ops/pool';
import { avgPool3d, maxPool3d } from '../../../graph/ops/pool3d';
import { shape } from '../../../graph/ops/shapes';
import { constant, ones, placeholder, zeros } from '../../../graph/ops/source';
import '../../../graph/ops/slicing';
import type { Tensor } from '../../../graph/tensor';
import { zerosInitializer } from '../../../lib/initializers/constants';
import { einsum } from '../../../lib/math/einsum';
import { tensordot } from '../../../lib/math/tensordot';
import { crelu, reluLayer, silu, xwPlusB } from '../../../lib/nn/activations';
import { batchNormalization } from '../../../lib/nn/batchNormalization';
import { atrousConv2d, conv1d, convolution, depthwiseConv2d, separableConv2d } from '../../../lib/nn/convolution';
import {
  logPoissonLoss,
  sigmoidCrossEntropyWithLogits,
  softmaxCrossEntropyWithLogits,
  softmaxCrossEntropyWithLogitsV2,
  sparseSoftmaxCrossEntropyWithLogits,
  weightedCrossEntropyWithLogits,
} from '../../../lib/nn/crossEntropy';
import { embeddingLookup } from '../../../lib/nn/embedding';
import {
  moments,
  normalizeMoments,
  type SufficientStatistics,
  sufficientStatistics,
  weightedMoments,
} from '../../../lib/nn/moments';
import { l2Normalize, zeroFraction } from '../../../lib/nn/normalize';
import { avgPool1d, maxPool1d, pool } from '../../../lib/nn/pooling';
import { logSoftmax, softmax } from '../../../lib/nn/softmax';
import { getVariable } from '../../../lib/variables/variableScope';
import { goldenCases, readGoldens } from '../../support/golden';

const input = (dims: (number | null)[], name: string, dtype: DType = float32): Tensor =>
  placeholder(dtype, dims, { name });
const images = () => input([null, 8, 8, 3], 'x');
const scores = () => input([null, 4], 'logits');
const batch = () => input([null, 3], 'x');
const filter = () => input([3, 3, 3, 4], 'w');

goldenCases('nn_ops', {
  conv2d: () => {
    const [x, w] = [images(), filter()];
    return [
      conv2d(x, w, [1, 1, 1, 1], 'SAME'),
      conv2d(x, w, [1, 2, 2, 1], 'VALID', { name: 'half' }),
      conv2d(x, w, 2, 'VALID'),
      conv2d(x, w, 1, 'SAME', { dilations: [1, 2, 2, 1] }),
      conv2d(x, w, 1, [
        [0, 0],
        [1, 1],
        [2, 2],
        [0, 0],
      ]),
    ];
  },
  convolution: () => {
    const [x, w] = [images(), filter()];
    return [convolution(x, w, 'SAME'), convolution(x, w, { padding: 'VALID', strides: [2, 2] })];
  },
  conv2d_transpose: () => {
    const [x, w] = [input([2, 4, 4, 3], 'x'), input([3, 3, 5, 3], 'w')];
    return conv2dTranspose(x, w, [2, 8, 8, 5], [1, 2, 2, 1]);
  },
  conv2d_transpose_dynamic_shape: () => {
    const [x, w] = [input([null, 4, 4, 3], 'x'), input([3, 3, 5, 3], 'w')];
    return conv2dTranspose(x, w, stack([shape(x).at(0), 8, 8, 5]), 2);
  },
  depthwise_conv2d: () => {
    const [x, w] = [images(), input([3, 3, 3, 2], 'w')];
    return [depthwiseConv2d(x, w, [1, 1, 1, 1], 'SAME'), depthwiseConv2dNative(x, w, [1, 2, 2, 1], 'VALID')];
  },
  separable_conv2d: () => {
    const [x, depthwise] = [images(), input([3, 3, 3, 2], 'depthwise')];
    return separableConv2d(x, depthwise, input([1, 1, 6, 4], 'pointwise'), [1, 1, 1, 1], 'SAME');
  },
  pooling: () => {
    const x = images();
    return [
      maxPool(x, 2, 2, 'VALID'),
      maxPool(x, [1, 3, 3, 1], [1, 2, 2, 1], 'SAME', { name: 'largest' }),
      avgPool(x, 2, 2, 'VALID'),
      maxPool2d(x, 2, 2, 'VALID'),
      avgPool(x, 2, 2, 'SAME'),
    ];
  },
  bias_add: () => {
    const x = images();
    const b = input([3], 'b');
    return [biasAdd(x, b), biasAdd(scores(), [0, 1, 2, 3], { name: 'shifted' })];
  },
  xw_plus_b: () => {
    const [x, w, b] = [input([null, 2], 'x'), input([2, 4], 'w'), input([4], 'b')];
    return [xwPlusB(x, w, b), reluLayer(x, w, b)];
  },
  local_response_normalization: () => {
    const x = images();
    return [lrn(x), localResponseNormalization(x, { depthRadius: 4, bias: 1, alpha: 0.001, beta: 0.75, name: 'norm' })];
  },
  fused_batch_norm: () => {
    const x = images();
    const [scale, offset] = [ones([3], float32, { name: 'scale' }), zeros([3], float32, { name: 'offset' })];
    const [y, mean, variance] = fusedBatchNorm(x, scale, offset);
    const [z] = fusedBatchNorm(x, scale, offset, { mean, variance, isTraining: false });
    return [y, mean, variance, z];
  },
  softmax_cross_entropy: () => {
    const logits = scores();
    const labels = input([null, 4], 'labels');
    return [
      softmaxCrossEntropyWithLogitsV2({ labels, logits }),
      softmaxCrossEntropyWithLogits({ labels, logits }),
      softmaxCrossEntropyWithLogitsV2({ labels, logits, name: 'xent' }),
    ];
  },
  softmax_cross_entropy_rank_3: () => {
    const logits = input([2, 5, 4], 'logits');
    return softmaxCrossEntropyWithLogitsV2({ labels: input([2, 5, 4], 'labels'), logits });
  },
  sparse_softmax_cross_entropy: () => {
    const logits = scores();
    const labels = input([null], 'labels', int64);
    return [
      sparseSoftmaxCrossEntropyWithLogits({ labels, logits }),
      sparseSoftmaxCrossEntropyWithLogits({ labels, logits, name: 'xent' }),
    ];
  },
  sparse_softmax_cross_entropy_rank_3: () => {
    const logits = input([null, 5, 4], 'logits');
    return sparseSoftmaxCrossEntropyWithLogits({ labels: input([null, 5], 'labels', int32), logits });
  },
  sigmoid_cross_entropy: () => {
    const logits = scores();
    const labels = input([null, 4], 'labels');
    return [
      sigmoidCrossEntropyWithLogits({ labels, logits }),
      sigmoidCrossEntropyWithLogits({ labels, logits, name: 'xent' }),
      weightedCrossEntropyWithLogits(labels, logits, 2),
    ];
  },
  embedding_lookup: () => {
    const table = getVariable('table', [10, 4], { initializer: zerosInitializer() });
    const ids = input([null, 3], 'ids', int64);
    const values = input([10, 4], 'values');
    return [embeddingLookup(table, ids), embeddingLookup(values, ids)];
  },
  space_and_depth: () => {
    const x = images();
    return [
      spaceToDepth(x, 2),
      depthToSpace(spaceToDepth(x, 2), 2),
      spaceToBatchND(x, Int32Array.of(2, 2), [
        [0, 0],
        [0, 0],
      ]),
    ];
  },
  log_poisson_loss: () => {
    const x = scores();
    return logPoissonLoss(input([null, 4], 'targets'), x);
  },
  embedding_lookup_in_parts: () => {
    const parts = [4, 3, 3].map((rows) => input([rows, 4], `part_${rows}`));
    const ids = input([null, 3], 'ids', int64);
    return [embeddingLookup(parts, ids), embeddingLookup(parts, ids, { partitionStrategy: 'div', name: 'ranges' })];
  },
  softmax_of_inner_axis: () => {
    const x = input([null, 5, 6], 'x');
    return [softmax(x, { axis: 1 }), logSoftmax(x, { axis: -2, name: 'scores' })];
  },
  softmax_cross_entropy_of_inner_axis: () => {
    const logits = input([2, 5, 4], 'logits');
    return softmaxCrossEntropyWithLogitsV2({ labels: input([2, 5, 4], 'labels'), logits, axis: 1 });
  },
  activations: () => {
    const x = input([2, 3], 'x');
    return [
      crelu(x),
      crelu(x, { axis: 0, name: 'both' }),
      silu(x, { beta: 1.5 }),
      leakyRelu(x, { alpha: 0.1, name: 'leaky' }),
    ];
  },
  conv1d: () => {
    const [x, w] = [input([null, 8, 3], 'x'), input([3, 3, 4], 'w')];
    return [conv1d(x, w, 2, 'SAME'), convolution(x, w, 'VALID', { name: 'line' })];
  },
  convolution_dilated: () => {
    const [x, w] = [images(), filter()];
    return [
      convolution(x, w, 'VALID', { dilationRate: [2, 1] }),
      convolution(x, w, 'SAME', { dilationRate: [2, 3], name: 'wide' }),
      atrousConv2d(x, w, 2, 'SAME'),
    ];
  },
  convolution_dilated_dynamic: () => {
    const [x, w] = [input([null, null, null, 3], 'x'), filter()];
    return convolution(x, w, 'SAME', { dilationRate: [2, 2] });
  },
  depthwise_conv2d_dilated: () => {
    const [x, w] = [images(), input([3, 3, 3, 2], 'w')];
    return depthwiseConv2d(x, w, [1, 1, 1, 1], 'SAME', { rate: [2, 2] });
  },
  pooling_of_other_ranks: () => {
    const [line, volume] = [input([null, 8, 3], 'line'), input([null, 8, 8, 8, 3], 'volume')];
    return [
      maxPool1d(line, 2, 2, 'VALID'),
      avgPool1d(line, 2, 2, 'SAME', { name: 'mean' }),
      maxPool3d(volume, 2, 2, 'VALID'),
      avgPool3d(volume, 2, 2, 'SAME'),
      pool(images(), [2, 2], 'MAX', 'SAME'),
      pool(images(), [2, 2], 'AVG', 'VALID', { dilations: [2, 1], name: 'wide' }),
    ];
  },
  sufficient_statistics: () => {
    const x = input([null, 4, 3], 'x');
    const known = sufficientStatistics(x, [1], { shift: 0.5 });
    const normalized = normalizeMoments(known.count, known.meanSs, known.varianceSs, known.shift);
    const other = sufficientStatistics(x, [0], { keepdims: true });
    const sums = ({ count, meanSs, varianceSs }: SufficientStatistics) => [count, meanSs, varianceSs];
    return [sums(known), normalized, sums(other)];
  },
  einsum_of_several: () => {
    const [a, b, c] = [input([2, 30], 'a'), input([30, 4], 'b'), input([4, 5], 'c')];
    return [einsum('ij,jk,kl->il', a, b, c), einsum('ij,jk,kl,il', a, b, c, zeros([2, 5]))];
  },
  tensordot_of_computed_axes: () => {
    const a = input([3, 4], 'a');
    const b = placeholder(float32, null, { name: 'b' });
    return tensordot(a, b, constant([[1], [0]], { dtype: int32, name: 'axes' }));
  },
  matvec: () => {
    const [a, b] = [input([null, 3], 'a'), input([3], 'b')];
    return matvec(a, b);
  },
});

/** Some programs of an area; the others have their twins in other specs. */
function partOf(area: string, twins: Readonly<Record<string, () => unknown>>): void {
  const others = [...readGoldens(area).keys()].filter((name) => !(name in twins));
  goldenCases(area, twins, Object.fromEntries(others.map((name) => [name, 'belongs to another spec'])));
}

partOf('ops', {
  matmul: () => {
    const [a, b, c] = [input([null, 3], 'a'), input([3, 4], 'b'), input([4, 3], 'c')];
    const options = { transposeA: true, transposeB: true, name: 'product' };
    return [matmul(a, b), matmul(a, c, { transposeB: true }), matmul(b, a, options)];
  },
  batch_matmul: () => {
    const [a, b, c] = [input([null, 2, 3], 'a'), input([null, 3, 4], 'b'), input([5, 1, 3, 4], 'c')];
    return [matmul(a, b), matmul(a, b, { adjointA: false }), matmul(a, a, { transposeB: true }), matmul(a, c)];
  },
  tensordot: () => {
    const [a, b] = [input([2, 3, 4], 'a'), input([4, 3, 5], 'b')];
    return [
      tensordot(a, b, 1),
      tensordot(a, b, [
        [1, 2],
        [1, 0],
      ]),
      tensordot(a, b, [2, 0]),
    ];
  },
  tensordot_dynamic: () => {
    const [a, b] = [input([null, 3, 4], 'a'), input([4, 5], 'b')];
    return tensordot(a, b, 1);
  },
  einsum: () => {
    const [a, b, c] = [input([2, 3], 'a'), input([3, 4], 'b'), input([null, 2, 3], 'c')];
    return [einsum('ij,jk->ik', a, b), einsum('ij->ji', a), einsum('bij,jk->bik', c, b), einsum('ii', zeros([2, 2]))];
  },
  l2_normalize: () => {
    const x = batch();
    return [l2Normalize(x, 1), l2Normalize(x, [0, 1], { epsilon: 1e-5, name: 'unit' }), l2Normalize(x, -1)];
  },
  moments: () => {
    const x = batch();
    return [moments(x, [0]), moments(x, [0, 1], { keepdims: true })];
  },
  weighted_moments: () => weightedMoments(batch(), [0], ones([1, 3])),
  normalize_with_moments: () => {
    const x = batch();
    const [mean, variance] = moments(x, [0]);
    return [
      batchNormalization(x, mean, variance, null, null, 0.001),
      batchNormalization(x, mean, variance, 0.5, 2, 0.001),
    ];
  },
  zero_fraction: () => zeroFraction(input([2, 3], 'x')),
});

partOf('array_gradients', {
  gradient_l2_normalize: () => {
    const x = batch();
    return gradients(l2Normalize(x, 1), x);
  },
  gradient_bias_add: () => {
    const [x, b] = [batch(), input([3], 'b')];
    return gradients(biasAdd(x, b), [x, b]);
  },
  gradient_conv2d: () => {
    const [x, w] = [images(), filter()];
    return gradients(conv2d(x, w, [1, 2, 2, 1], 'SAME'), [x, w]);
  },
  gradient_conv2d_transpose: () => {
    const [x, w] = [input([2, 4, 4, 3], 'x'), input([3, 3, 5, 3], 'w')];
    return gradients(conv2dTranspose(x, w, [2, 8, 8, 5], 2), [x, w]);
  },
  gradient_depthwise_conv2d: () => {
    const [x, w] = [images(), input([3, 3, 3, 2], 'w')];
    return gradients(depthwiseConv2d(x, w, [1, 1, 1, 1], 'SAME'), [x, w]);
  },
  gradient_pooling: () => {
    const x = images();
    return [gradients(maxPool2d(x, 2, 2, 'VALID'), x), gradients(avgPool(x, 3, 2, 'SAME'), x)];
  },
  gradient_lrn: () => {
    const x = input([null, 4, 4, 8], 'x');
    return gradients(lrn(x), x);
  },
  gradient_fused_batch_norm: () => {
    const x = images();
    const [scale, offset] = [ones([3], float32, { name: 'scale' }), zeros([3], float32, { name: 'offset' })];
    const [y] = fusedBatchNorm(x, scale, offset);
    return gradients(y, [x, scale, offset]);
  },
  gradient_softmax_cross_entropy: () => {
    const logits = scores();
    const labels = input([null, 4], 'labels');
    return gradients(softmaxCrossEntropyWithLogitsV2({ labels, logits }), [logits, labels]);
  },
  gradient_sparse_softmax_cross_entropy: () => {
    const logits = scores();
    const labels = input([null], 'labels', int64);
    return gradients(sparseSoftmaxCrossEntropyWithLogits({ labels, logits }), logits);
  },
  gradient_sigmoid_cross_entropy: () => {
    const logits = scores();
    const labels = input([null, 4], 'labels');
    return gradients(sigmoidCrossEntropyWithLogits({ labels, logits }), logits);
  },
  gradient_l2_loss: () => {
    const x = input([2, 3], 'x');
    return gradients(l2Loss(x), x);
  },
  gradient_second_order_softmax_cross_entropy: () => {
    const [logits, labels] = [input([2, 4], 'logits'), input([2, 4], 'labels')];
    const loss = softmaxCrossEntropyWithLogitsV2({ labels, logits });
    return gradients(gradients(loss, logits)[0] as Tensor, logits);
  },
});
