/**
 * Twins of spec/golden/layers.py: dense, convolution, pooling and flattening layers, and what all layers share.
 */

import { getDefaultGraph } from '../../../graph/defaultGraph';
import { bool, float32, float64, int32 } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import { relu } from '../../../graph/ops/activations';
import { l2Loss } from '../../../graph/ops/nn';
import { reduceSum } from '../../../graph/ops/reduce';
import { identity, noOp, placeholder, placeholderWithDefault } from '../../../graph/ops/source';
import { tanh } from '../../../graph/ops/unary';
import { setRandomSeed } from '../../../graph/seeds';
import type { TensorShape } from '../../../graph/shape';
import type { Tensor } from '../../../graph/tensor';
import { constantInitializer, onesInitializer } from '../../../lib/initializers/constants';
import { truncatedNormalInitializer } from '../../../lib/initializers/random';
import type { LayerInput } from '../../../lib/keras/layer';
import { Layer } from '../../../lib/layers/base';
import { Conv2D, conv2d } from '../../../lib/layers/convolutional';
import { dropout } from '../../../lib/layers/core';
import { Dense, dense } from '../../../lib/layers/dense';
import { flatten } from '../../../lib/layers/flatten';
import { averagePooling2d, maxPooling2d } from '../../../lib/layers/pooling';
import { softmax } from '../../../lib/nn/softmax';
import * as regularizers from '../../../lib/regularizers';
import type { Variable } from '../../../lib/variables/variable';
import { AUTO_REUSE, variableScope } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const named = (shape: readonly (number | null)[] | null, name = 'x') => placeholder(float32, shape, { name });
const rows = () => named([null, 4]);
const images = () => named([null, 8, 8, 3]);
const l2 = (scale: number) => (w: Tensor | Variable) => l2Loss(w).rmul(scale);

class Scale extends Layer {
  factor: Variable | null = null;

  override build(inputShape: TensorShape): void {
    this.factor = this.addWeight('factor', { shape: [inputShape.at(-1)], initializer: onesInitializer() });
    this.built = true;
  }

  override call(inputs: LayerInput): Tensor {
    return (inputs as Tensor).mul(this.factor!);
  }
}

class Weights extends Layer {
  override build(): void {
    this.addWeight('a', { shape: [2], regularizer: l2(0.1) });
    this.addWeight('b', { shape: [2], dtype: int32, trainable: false });
    this.addWeight('c', { shape: [], initializer: constantInitializer(3) });
    this.built = true;
  }

  override call(inputs: LayerInput): Tensor {
    return identity(inputs as Tensor);
  }
}

class Counter extends Layer {
  override call(inputs: LayerInput): Tensor {
    const x = inputs as Tensor;
    this.addUpdate(identity(x, { name: 'conditional' }));
    this.addUpdate(noOp({ name: 'unconditional' }));
    this.addLoss(reduceSum(x), { inputs: true });
    return x.add(1);
  }
}

goldenCases('layers', {
  dense_plain: () => dense(rows(), 3),
  dense_relu: () => dense(rows(), 3, { activation: relu, name: 'hidden' }),
  dense_softmax: () => dense(rows(), 3, { activation: softmax }),
  dense_no_bias: () => dense(rows(), 3, { useBias: false }),
  dense_static_batch: () => dense(named([2, 4]), 3),
  dense_rank_3: () => dense(named([null, 5, 4]), 3, { activation: relu }),
  dense_rank_3_static: () => dense(named([2, 5, 4]), 3),
  dense_rank_3_two_unknown: () => dense(named([null, null, 4]), 3, { useBias: false }),
  dense_float64: () => dense(placeholder(float64, [null, 4], { name: 'x' }), 3),
  dense_initializers: () => {
    const kernelInitializer = truncatedNormalInitializer({ stddev: 0.1, seed: 2 });
    return dense(rows(), 3, { kernelInitializer, biasInitializer: constantInitializer(0.5) });
  },
  dense_graph_seed: () => {
    setRandomSeed(7);
    return dense(dense(rows(), 5), 2);
  },
  dense_regularizers: () => dense(rows(), 3, { kernelRegularizer: l2(0.01), biasRegularizer: l2(0.02) }),
  dense_regularizers_losses: () => {
    const layer = new Dense(3, { kernelRegularizer: l2(0.01), biasRegularizer: l2(0.02) });
    const y = layer.apply(rows());
    return [y, layer.losses];
  },
  dense_activity_regularizer: () => {
    const layer = new Dense(3, { activityRegularizer: l2(0.01) });
    const x = rows();
    const y = layer.apply(x);
    return [y, layer.losses, layer.getLossesFor(x)];
  },
  dense_keras_l2: () => dense(rows(), 3, { kernelRegularizer: regularizers.l2(0.01) }),
  dense_called_twice: () => {
    const a = named([null, 4], 'a');
    const b = named([2, 4], 'b');
    const layer = new Dense(3);
    return [layer.apply(a), layer.apply(b), layer.kernel, layer.bias, layer.name, layer.scopeName];
  },
  dense_reuse: () => {
    const x = rows();
    return [dense(x, 3, { name: 'd' }), dense(x, 3, { name: 'd', reuse: true })];
  },
  dense_reuse_by_scope: () => {
    const x = rows();
    const make = () => dense(x, 3, { name: 'd', kernelRegularizer: l2(0.01) });
    return [variableScope('model', make), variableScope('model', { reuse: true }, make)];
  },
  dense_auto_reuse: () => {
    const x = rows();
    return [0, 1].map(() => variableScope('model', { reuse: AUTO_REUSE }, () => dense(x, 3, { name: 'd' })));
  },
  dense_default_names: () => {
    const h = dense(dense(rows(), 3), 3);
    const scoped = getDefaultGraph().nameScope('ns', () => dense(h, 3));
    return variableScope('vs', () => dense(scoped, 3));
  },
  dense_not_trainable: () => {
    const layer = new Dense(3, { trainable: false });
    return [layer.apply(rows()), layer.trainableVariables, layer.nonTrainableVariables];
  },
  dense_scope_initializer: () =>
    variableScope('vs', { initializer: onesInitializer(), regularizer: l2(0.1) }, () => dense(rows(), 3)),
  dense_activation_method: () => dense(rows(), 3, { activation: (t) => tanh(t).mul(2) }),
  dense_gradient: () => {
    const x = rows();
    const layer = new Dense(3, { activation: relu });
    return gradients(layer.apply(x), [x, layer.kernel!, layer.bias!]);
  },
  dense_rank_3_gradient: () => {
    const x = named([null, 5, 4]);
    const layer = new Dense(3);
    return gradients(layer.apply(x), [x, layer.kernel!, layer.bias!]);
  },

  conv2d_valid: () => conv2d(images(), 4, 3),
  conv2d_same_relu: () => conv2d(images(), 4, [3, 5], { padding: 'same', activation: relu }),
  conv2d_strides: () => conv2d(images(), 4, [3, 3], { strides: [2, 1], padding: 'same' }),
  conv2d_dilation: () => conv2d(images(), 4, 3, { dilationRate: 2 }),
  conv2d_dilation_same: () => conv2d(images(), 4, 3, { padding: 'same', dilationRate: [2, 1] }),
  conv2d_no_bias_named: () => conv2d(images(), 4, 3, { useBias: false, name: 'c' }),
  conv2d_channels_first: () => conv2d(named([null, 3, 8, 8]), 4, 3, { dataFormat: 'channels_first' }),
  conv2d_unknown_size: () => conv2d(named([null, null, null, 3]), 4, 3, { padding: 'same' }),
  conv2d_regularizers: () => conv2d(images(), 4, 3, { kernelRegularizer: l2(0.01), biasRegularizer: l2(0.02) }),
  conv2d_reuse: () => {
    const x = images();
    return [conv2d(x, 4, 3, { name: 'c' }), conv2d(x, 4, 3, { name: 'c', reuse: true })];
  },
  conv2d_gradient: () => {
    const x = images();
    const layer = new Conv2D(4, 3, { strides: 2, padding: 'same' });
    return gradients(layer.apply(x), [x, layer.kernel!, layer.bias!]);
  },

  max_pooling2d_plain: () => maxPooling2d(images(), 2, 2),
  max_pooling2d_same: () => maxPooling2d(images(), [3, 2], [2, 1], { padding: 'same', name: 'pool' }),
  average_pooling2d_plain: () => averagePooling2d(images(), 2, 2),
  average_pooling2d_same: () => averagePooling2d(images(), 3, 1, { padding: 'same' }),
  pooling2d_channels_first: () => maxPooling2d(named([null, 3, 8, 8]), 2, 2, { dataFormat: 'channels_first' }),
  pooling2d_gradients: () => {
    const x = images();
    const a = maxPooling2d(x, 2, 2);
    const b = averagePooling2d(x, 2, 2);
    return [gradients(a, [x]), gradients(b, [x])];
  },
  flatten_static_tail: () => flatten(images()),
  flatten_static: () => flatten(named([2, 3, 4])),
  flatten_unknown_tail: () => flatten(named([2, null, 4])),
  flatten_two_unknown: () => flatten(named([null, null, 4])),
  flatten_unknown_rank: () => flatten(named(null)),
  flatten_rank_1: () => flatten(named([null])),
  flatten_rank_2: () => flatten(rows(), { name: 'flat' }),
  flatten_channels_first: () => flatten(named([null, 3, 8, 8]), { dataFormat: 'channels_first' }),

  model_dense_dropout: () => {
    const x = named([null, 784]);
    const training = placeholderWithDefault(false, [], { name: 'training' });
    const h = dense(x, 512, { activation: relu });
    return dense(dropout(h, { rate: 0.5, seed: 1, training }), 10);
  },
  model_convolutional: () => {
    const x = named([null, 28, 28, 1]);
    const training = placeholder(bool, [], { name: 'training' });
    const convolved = conv2d(x, 32, 5, { padding: 'same', activation: relu });
    const h = dense(flatten(maxPooling2d(convolved, 2, 2)), 64, { activation: relu });
    return dense(dropout(h, { rate: 0.4, training }), 10);
  },
  layer_subclass: () => {
    const layer = new Scale();
    const x = rows();
    return [layer.apply(x), layer.apply(x), layer.name, layer.scopeName, layer.trainableVariables];
  },
  layer_add_weight_options: () => {
    const layer = new Weights({ name: 'w' });
    return [layer.apply(rows()), layer.trainableVariables, layer.nonTrainableVariables];
  },
  layer_updates_in_call: () => {
    const x = rows();
    const layer = new Counter();
    const y = layer.apply(x);
    return [y, layer.updates, layer.getUpdatesFor(x), layer.getUpdatesFor(null), layer.losses];
  },
});
