/**
 * Values and gradients of tf.nn's composites and of contractions: TensorFlow's values are in
 * spec/golden/values/nn_functions.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type DType, float32, float64, int32 } from '../../../graph/dtypes';
import { Graph } from '../../../graph/graph';
import { placeholder, placeholderWithDefault } from '../../../graph/ops/source';
import type { ShapeLike } from '../../../graph/shape';
import type { Tensor } from '../../../graph/tensor';
import { einsum } from '../../../lib/math/einsum';
import { type TensordotAxes, tensordot } from '../../../lib/math/tensordot';
import { crelu, gelu, reluLayer, silu, xwPlusB } from '../../../lib/nn/activations';
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
import { moments, normalizeMoments, sufficientStatistics, weightedMoments } from '../../../lib/nn/moments';
import { l2Normalize, zeroFraction } from '../../../lib/nn/normalize';
import { avgPool1d, maxPool1d, pool } from '../../../lib/nn/pooling';
import { logSoftmax, softmax } from '../../../lib/nn/softmax';
import { f64, i32, type OpCase, opCase } from '../../support/opCase';
import { type StoredArray, toNdArray } from '../../support/opValues';

const path = join(__dirname, '..', '..', 'golden', 'values', 'nn_functions.json');
type Stored = Record<string, { inputs: readonly StoredArray[]; outputs: readonly StoredArray[] }>;
const goldens = JSON.parse(readFileSync(path, 'utf8')) as Stored;

type Build = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** A golden by name: its values, and, where `gradient` says so, its gradients. `op` is the op that does the work. */
function golden(name: string, op: string, build: Build, more: Partial<OpCase> = {}): void {
  const { inputs, outputs } = goldens[name];
  opCase(op, name, { inputs: inputs.map(toNdArray), build, want: outputs.map(toNdArray), gradient: true, ...more });
}

// The shapes of these decide which nodes they are made of: they cannot be built for an unknown rank.
const ranked = { staticOnly: true };

golden('softmax of axis 1', 'Softmax', (x) => softmax(x, { axis: 1 }), ranked);
golden('softmax of axis -3', 'Softmax', (x) => softmax(x, { axis: -3 }), ranked);
golden('log softmax of axis 0', 'LogSoftmax', (x) => logSoftmax(x, { axis: 0 }), ranked);
golden('crelu', 'Relu', (x) => crelu(x, { axis: 1 }), { gradient: false });
golden('silu', 'Sigmoid', (x) => silu(x, { beta: 1.5 }));
golden('gelu', 'Erf', (x) => gelu(x));
golden('gelu approximate', 'Tanh', (x) => gelu(x, { approximate: true }));
golden('xw plus b', 'BiasAdd', (x, w, b) => xwPlusB(x, w, b));
golden('relu layer', 'Relu', (x, w, b) => reluLayer(x, w, b), { gradient: false });

golden('softmax cross-entropy', 'SoftmaxCrossEntropyWithLogits', (logits, labels) =>
  softmaxCrossEntropyWithLogitsV2({ labels, logits }),
);
golden('softmax cross-entropy of axis 1', 'SoftmaxCrossEntropyWithLogits', (logits, labels) =>
  softmaxCrossEntropyWithLogitsV2({ labels, logits, axis: 1 }),
);
golden('softmax cross-entropy of a vector', 'SoftmaxCrossEntropyWithLogits', (logits, labels) =>
  softmaxCrossEntropyWithLogitsV2({ labels, logits }),
);
golden('softmax cross-entropy', 'StopGradient', (logits, labels) => softmaxCrossEntropyWithLogits({ labels, logits }), {
  gradient: [0],
});
for (const name of ['', ' of rank 3', ' of a vector']) {
  golden(`sparse softmax cross-entropy${name}`, 'SparseSoftmaxCrossEntropyWithLogits', (logits, labels) =>
    sparseSoftmaxCrossEntropyWithLogits({ labels, logits }),
  );
}
golden('sigmoid cross-entropy', 'Log1p', (logits, labels) => sigmoidCrossEntropyWithLogits({ labels, logits }), {
  gradient: false,
});
golden('weighted cross-entropy', 'Log1p', (logits, labels) => weightedCrossEntropyWithLogits(labels, logits, 3));
golden('log poisson loss', 'Exp', (input, targets) => logPoissonLoss(targets, input));
golden('full log poisson loss', 'Log', (input, targets) => logPoissonLoss(targets, input, { computeFullLoss: true }), {
  gradient: false,
});

golden('moments', 'Mean', (x) => moments(x, [0, 2]));
golden('moments, kept', 'Mean', (x) => moments(x, [1], { keepdims: true }));
golden('weighted moments', 'DivNoNan', (x, weights) => weightedMoments(x, [0], weights));
golden('weighted moments, weights of 0', 'DivNoNan', (x, weights) => weightedMoments(x, [0], weights), {
  gradient: false,
});
const twoSteps = (x: Tensor, axes: readonly number[], given: Tensor | null) => {
  const { count, meanSs, varianceSs, shift } = sufficientStatistics(x, axes, { shift: given });
  return normalizeMoments(count, meanSs, varianceSs, shift);
};
golden('normalized moments', 'Reciprocal', (x, shift) => twoSteps(x, [0, -1], shift));
golden('normalized moments without a shift', 'Reciprocal', (x) => twoSteps(x, [0], null));
golden('batch normalization', 'Rsqrt', (x, mean, variance, offset, scale) =>
  batchNormalization(x, mean, variance, offset, scale, 0.01),
);
golden('batch normalization without offset and scale', 'Rsqrt', (x, mean, variance) =>
  batchNormalization(x, mean, variance, null, null, 0.01),
);
golden('l2 normalize', 'Rsqrt', (x) => l2Normalize(x, [0, 2]));
golden('l2 normalize of zeros', 'Rsqrt', (x) => l2Normalize(x, 0), { gradient: false });
golden('zero fraction', 'RealDiv', (x) => zeroFraction(x), { gradient: false });

golden('convolution, same', 'Conv2D', (x, w) => convolution(x, w, 'SAME', { strides: [2, 1] }), ranked);
golden(
  'convolution, dilated',
  'SpaceToBatchND',
  (x, w) => convolution(x, w, 'VALID', { dilationRate: [3, 1] }),
  ranked,
);
golden(
  'convolution, dilated, same',
  'SpaceToBatchND',
  (x, w) => convolution(x, w, 'SAME', { dilations: [2, 3] }),
  ranked,
);
golden('convolution of a line', 'Conv2D', (x, w) => convolution(x, w, 'SAME', { strides: 2 }), ranked);
golden('convolution of a volume', 'Conv3D', (x, w) => convolution(x, w), ranked);
golden('conv1d', 'Conv2D', (x, w) => conv1d(x, w, 2, 'VALID'));
golden('atrous', 'BatchToSpaceND', (x, w) => atrousConv2d(x, w, 2, 'SAME'), ranked);
golden(
  'depthwise, dilated',
  'DepthwiseConv2dNative',
  (x, w) => depthwiseConv2d(x, w, [1, 1, 1, 1], 'SAME', { rate: [2, 2] }),
  ranked,
);
golden('separable', 'DepthwiseConv2dNative', (x, w, p) => separableConv2d(x, w, p, [1, 2, 2, 1], 'SAME'));
golden('max pool of a line', 'MaxPool', (x) => maxPool1d(x, 3, 2, 'SAME'), { gradient: false });
golden('avg pool of a line', 'AvgPool', (x) => avgPool1d(x, 3, 2, 'SAME'));
golden('pool', 'MaxPool', (x) => pool(x, [2, 3], 'MAX', 'SAME', { strides: [1, 2] }), { gradient: false });
golden('pool, dilated', 'AvgPool', (x) => pool(x, [2, 2], 'AVG', 'VALID', { dilations: [2, 2] }));

golden('einsum of three', 'Einsum', (...inputs) => einsum('ij,jk,kl->il', ...inputs));
golden('einsum of three with a common label', 'Einsum', (...inputs) => einsum('a,ab,abc->abc', ...inputs));
golden('einsum of three vectors', 'Einsum', (...inputs) => einsum('a,b,c', ...inputs));
golden('einsum of three with an ellipsis', 'Einsum', (...inputs) => einsum('...ij,jk,...kl->...il', ...inputs));
golden('einsum of four', 'Einsum', (...inputs) => einsum('ab,bc,cd,ad->bd', ...inputs));
golden('tensordot over one axis', 'MatMul', (x, y) => tensordot(x, y, 1), ranked);
golden(
  'tensordot over axes',
  'MatMul',
  (x, y) =>
    tensordot(x, y, [
      [0, -1],
      [1, 0],
    ]),
  ranked,
);
golden('tensordot over no axes', 'MatMul', (x, y) => tensordot(x, y, 0), ranked);

const { inputs: dotted, outputs: product } = goldens['tensordot over one axis'];
opCase('GatherV2', 'tensordot of shapes known at run time', {
  inputs: dotted.map(toNdArray),
  build: (x, y) => tensordot(hidden(x), hidden(y), 1),
  want: product.map(toNdArray),
  gradient: true,
});
opCase('ListDiff', 'tensordot over computed axes', {
  inputs: [...dotted.map(toNdArray), i32([[2], [0]])],
  build: (x, y, axes) => tensordot(x, y, axes),
  want: product.map(toNdArray),
});

/** The same value with nothing known of its sizes. */
function hidden(value: Tensor): Tensor {
  return placeholderWithDefault(value, value.shape.dims?.map(() => null) ?? null);
}

// A dilated convolution of a picture whose size is known at run time only.
const { inputs: dilatedInputs, outputs: dilatedOutputs } = goldens['convolution, dilated, same'];
opCase('SpaceToBatchND', 'convolution, dilated, of unknown size', {
  inputs: dilatedInputs.map(toNdArray),
  build: (x, w) => convolution(hidden(x), w, 'SAME', { dilations: [2, 3] }),
  want: dilatedOutputs.map(toNdArray),
  staticOnly: true,
});

opCase('Assert', 'sparse softmax cross-entropy of labels that do not fit', {
  inputs: [
    f64([
      [
        [1, 2],
        [3, 4],
      ],
    ]),
    i32([[0, 1, 1]]),
  ],
  build: (logits, labels) => sparseSoftmaxCrossEntropyWithLogits({ labels, logits }),
  fails: /must equal `logits\.shape` except for the last dimension|Condition x == y did not hold element-wise/,
});

describe('wrong arguments', () => {
  const at = (shape: ShapeLike, dtype: DType = float32) => placeholder(dtype, shape, { name: 'x' });
  const failing: [string, () => unknown, string][] = [
    [
      'softmax, an axis out of range',
      () => softmax(at([2, 5]), { axis: 2 }),
      '`dim` must be in the range [-2, 2) where 2 is the number of dimensions in the input. Received: dim=2',
    ],
    ['softmax, axis and dim', () => softmax(at([2, 5]), { axis: 0, dim: 0 }), "Cannot specify both 'dim' and 'axis'."],
    [
      'softmax of integers',
      () => softmax(at([2], int32)),
      "Value passed to parameter 'logits' has DataType int32 not in list of allowed values: float16, bfloat16, float32, float64",
    ],
    ['softmax of a scalar', () => softmax(at([])), 'Shape must be at least rank 1 but is rank 0'],
    ['gelu of integers', () => gelu(at([2], int32)), '`features.dtype` must be a floating point tensor.'],
    [
      'softmax cross-entropy without labels',
      () => softmaxCrossEntropyWithLogits({ labels: null as never, logits: at([2, 3]) }),
      'Both `labels` and `logits` must be provided for softmax_cross_entropy_with_logits',
    ],
    [
      'softmax cross-entropy of other shapes',
      () => softmaxCrossEntropyWithLogitsV2({ labels: at([2, 3]), logits: at([2, 4]) }),
      'Dimensions must be equal, but are 4 and 3',
    ],
    [
      'sparse softmax cross-entropy, ranks',
      () => sparseSoftmaxCrossEntropyWithLogits({ labels: at([2, 3], int32), logits: at([2, 4]) }),
      '`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape=(2, 3) of rank 2 and logits.shape=(2, 4) of rank 2',
    ],
    [
      'sparse softmax cross-entropy, sizes',
      () => sparseSoftmaxCrossEntropyWithLogits({ labels: at([3], int32), logits: at([2, 4]) }),
      '`labels.shape` must equal `logits.shape` except for the last dimension. Received: labels.shape=(3,) and logits.shape=(2, 4)',
    ],
    [
      'sparse softmax cross-entropy of a scalar',
      () => sparseSoftmaxCrossEntropyWithLogits({ labels: at([], int32), logits: at([]) }),
      '`logits` cannot be a scalar. Received logits=Tensor(',
    ],
    [
      'sparse softmax cross-entropy, float labels',
      () => sparseSoftmaxCrossEntropyWithLogits({ labels: at([2]), logits: at([2, 4]) }),
      "Value passed to parameter 'labels' has DataType float32 not in list of allowed values: int32, int64",
    ],
    [
      'sigmoid cross-entropy of other shapes',
      () => sigmoidCrossEntropyWithLogits({ labels: at([2, 3]), logits: at([2, 4]) }),
      '`logits` and `labels` must have the same shape, received ((2, 4) vs (2, 3)).',
    ],
    [
      'log poisson loss of other shapes',
      () => logPoissonLoss(at([2, 3]), at([2, 4])),
      '`log_input` and `targets` must have the same shape, received ((2, 4) vs (2, 3)).',
    ],
    [
      'convolution, strides and dilations',
      () => convolution(at([1, 9, 9, 1]), at([2, 2, 1, 1]), 'VALID', { strides: 2, dilations: 2 }),
      '`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides=[2 2] and dilation_rate=[2 2]',
    ],
    [
      'convolution of unknown ranks',
      () => convolution(at(null), at(null)),
      'one of `input.shape.rank` or `filters.shape.rank` must be known',
    ],
    [
      'conv1d, a data format',
      () => conv1d(at([1, 4, 1]), at([2, 1, 1]), 1, 'SAME', { dataFormat: 'CWN' }),
      "`data_format` must be 'NWC' or 'NCW'. Received: data_format=CWN",
    ],
    [
      'separable, a pointwise filter',
      () => separableConv2d(at([1, 4, 4, 1]), at([2, 2, 1, 1]), at([2, 1, 1, 1]), [1, 1, 1, 1], 'SAME'),
      'Dimensions 2 and 1 are not compatible',
    ],
    [
      'pool, strides beyond the window',
      () => pool(at([1, 4, 4, 1]), [2, 2], 'MAX', 'SAME', { strides: [3, 1] }),
      '`strides` > `window_shape` not supported',
    ],
    [
      'einsum, a letter from nowhere',
      () => einsum('ij,jk->il', at([2, 3]), at([3, 5])),
      'Output subscripts contain the label l not present in the input subscripts.',
    ],
    [
      'einsum, a letter twice',
      () => einsum('i->ii', at([3])),
      'Output subscripts contain a label appearing more than once: i->ii',
    ],
    ['einsum, what is no equation', () => einsum('i->i->i', at([2])), 'Subscripts have incorrect format: i->i->i'],
    [
      'einsum, too few operands',
      () => einsum('ij,jk->ik', at([2, 3])),
      'Got 1 inputs for equation "ij,jk->ik", expecting 2',
    ],
    ['einsum, sizes', () => einsum('ij,jk->ik', at([2, 3]), at([4, 5])), 'Dimensions must be equal, but are 3 and 4'],
    [
      'einsum of three, ranks',
      () => einsum('ij,jk,kl->il', at([2]), at([3, 4]), at([4, 5])),
      'Number of named labels in input #0 of equation ij,jk,kl->il must be equal to the number of dimensions in shape [2]',
    ],
    [
      'tensordot, a negative number',
      () => tensordot(at([2, 3]), at([3]), -1),
      '`axes` must be at least 0. Received: -1.',
    ],
    [
      'tensordot, too many axes',
      () => tensordot(at([2, 3]), at([3]), 3),
      '`axes` must not be larger than the number of dimensions of tensor Tensor("x',
    ],
    [
      'tensordot, one list',
      () => tensordot(at([2, 3]), at([3]), [1] as unknown as TensordotAxes),
      '`axes` must be an integer or have length 2. Received [1].',
    ],
    [
      'tensordot, lists of two lengths',
      () => tensordot(at([2, 3]), at([3]), [[1], [0, 1]]),
      'Different number of contraction axes `a` and `b`, 1 != 2.',
    ],
    ['tensordot, sizes', () => tensordot(at([2, 3]), at([4, 5]), 1), 'Dimensions must be equal, but are 3 and 4'],
  ];
  for (const [title, build, message] of failing) {
    it(`${title}: an error, and a graph as before`, () => {
      const graph = new Graph();
      graph.asDefault(() => {
        expect(build).to.throw(message);
        expect(graph.operations.filter((op) => op.type !== 'Placeholder')).to.deep.equal([]);
      });
    });
  }
});

describe('einsum of several operands', () => {
  it('contracts the pair first that saves most, as TensorFlow does', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const at = (shape: ShapeLike) => placeholder(float64, shape);
      einsum('ab,bc,cd,de->ae', at([10, 30]), at([30, 5]), at([5, 60]), at([60, 2]));
    });
    const equations = graph.operations.filter((op) => op.type === 'Einsum').map((op) => op.attrs.equation);
    expect(equations).to.deep.equal(['de,cd->ec', 'bc,ab->ca', 'ca,ec->ae']);
  });
});
