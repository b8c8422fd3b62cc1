/**
 * `tf.nn`: what networks are made of, as functions of tensors.
 */
export { elu, leakyRelu, relu, relu6, selu, softplus, softsign } from '../../graph/ops/activations';
export { conv2d, conv2dBackpropFilter, conv2dBackpropInput, conv2dTranspose } from '../../graph/ops/conv';
export { conv3d } from '../../graph/ops/conv3d';
export { depthwiseConv2dNative } from '../../graph/ops/depthwise';
export { biasAdd, l2Loss } from '../../graph/ops/nn';
export { fusedBatchNorm, localResponseNormalization, localResponseNormalization as lrn } from '../../graph/ops/norm';
export { inTopK, topK } from '../../graph/ops/picking';
export { avgPool, avgPool as avgPool2d, maxPool, maxPool2d, maxPoolWithArgmax } from '../../graph/ops/pool';
export { avgPool3d, maxPool3d } from '../../graph/ops/pool3d';
export { sigmoid, tanh } from '../../graph/ops/unary';
export { crelu, gelu, reluLayer, silu, swish, xwPlusB } from './activations';
export { batchNormalization } from './batchNormalization';
export { atrousConv2d, conv1d, convolution, depthwiseConv2d, separableConv2d } from './convolution';
export {
  logPoissonLoss,
  sigmoidCrossEntropyWithLogits,
  softmaxCrossEntropyWithLogits,
  softmaxCrossEntropyWithLogitsV2,
  sparseSoftmaxCrossEntropyWithLogits,
  weightedCrossEntropyWithLogits,
} from './crossEntropy';
export { dropout } from './dropout';
export { embeddingLookup } from './embedding';
export { moments, normalizeMoments, sufficientStatistics, weightedMoments } from './moments';
export { l2Normalize, zeroFraction } from './normalize';
export { avgPool1d, maxPool1d, pool } from './pooling';
export { logSoftmax, softmax } from './softmax';
