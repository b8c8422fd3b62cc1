/** TensorFlow's graphs of training, built again here: see spec/golden/optimizers.py. */

import { GraphKeys } from '../../../graph/collections';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import * as dtypes from '../../../graph/dtypes';
import type { Operation } from '../../../graph/operation';
import { relu } from '../../../graph/ops/activations';
import { reduceMean, reduceSum } from '../../../graph/ops/reduce';
import { constant, placeholder, placeholderWithDefault } from '../../../graph/ops/source';
import { square } from '../../../graph/ops/unary';
import type { Gradient } from '../../../graph/registry';
import type { Tensor } from '../../../graph/tensor';
import { onesInitializer, zerosInitializer } from '../../../lib/initializers/constants';
import * as layers from '../../../lib/layers/index';
import { sparseSoftmaxCrossEntropy } from '../../../lib/losses/index';
import { clipByGlobalNorm } from '../../../lib/math/clip';
import { embeddingLookup } from '../../../lib/nn/embedding';
import { AdagradOptimizer } from '../../../lib/train/adagrad';
import { AdamOptimizer } from '../../../lib/train/adam';
import { createGlobalStep, getOrCreateGlobalStep } from '../../../lib/train/globalStep';
import { GradientDescentOptimizer } from '../../../lib/train/gradientDescent';
import * as decay from '../../../lib/train/learningRateDecay';
import { MomentumOptimizer } from '../../../lib/train/momentum';
import { Optimizer } from '../../../lib/train/optimizer';
import { RMSPropOptimizer } from '../../../lib/train/rmsprop';
import { trainableVariables } from '../../../lib/variables/collections';
import { getVariable, variableScope } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const { float32, float64, int32, int64 } = dtypes;

/** A loss of a vector and of a scalar. */
function model(): Tensor {
  const w = getVariable('w', [2], { initializer: onesInitializer() });
  const b = getVariable('b', [], { initializer: zerosInitializer() });
  return reduceSum(square(w)).add(b.mul(3));
}

/** A loss that reads a few rows of a table. */
function embedding(): Tensor {
  const table = getVariable('table', [5, 2], { initializer: onesInitializer() });
  const ids = placeholder(int32, [null], { name: 'ids' });
  return reduceSum(square(embeddingLookup(table, ids)));
}

/** The optimizer's slots, in the order of the variables and of the slot names. */
function slots(optimizer: Optimizer): unknown[] {
  const names = optimizer.getSlotNames();
  return [names, ...trainableVariables().flatMap((variable) => names.map((name) => optimizer.getSlot(variable, name)))];
}

const descent = () => new GradientDescentOptimizer(0.1);
const withSlots = (optimizer: Optimizer) => [optimizer.minimize(model()), slots(optimizer), optimizer.variables()];

goldenCases(
  'optimizers',
  {
    gradient_descent: () => descent().minimize(model()),
    gradient_descent_global_step: () => {
      const globalStep = getOrCreateGlobalStep();
      return descent().minimize(model(), { globalStep });
    },
    gradient_descent_sparse: () => descent().minimize(embedding()),
    momentum: () => withSlots(new MomentumOptimizer(0.1, 0.9)),
    momentum_nesterov: () => new MomentumOptimizer(0.1, 0.9, { useNesterov: true }).minimize(model()),
    momentum_sparse: () => new MomentumOptimizer(0.1, 0.9).minimize(embedding()),
    adam: () => withSlots(new AdamOptimizer()),
    adam_options: () =>
      new AdamOptimizer(0.01, { beta1: 0.8, beta2: 0.99, epsilon: 1e-4, name: 'Other' }).minimize(model()),
    adam_global_step: () => {
      const globalStep = getOrCreateGlobalStep();
      return new AdamOptimizer(0.01).minimize(model(), { globalStep });
    },
    adam_sparse: () => new AdamOptimizer(0.01).minimize(embedding()),
    adam_twice: () => {
      const loss = model();
      return [new AdamOptimizer(0.01).minimize(loss), new AdamOptimizer(0.01).minimize(loss)];
    },
    rmsprop: () => withSlots(new RMSPropOptimizer(0.1)),
    rmsprop_centered: () => withSlots(new RMSPropOptimizer(0.1, { decay: 0.8, momentum: 0.5, centered: true })),
    rmsprop_sparse: () => new RMSPropOptimizer(0.1).minimize(embedding()),
    adagrad: () => withSlots(new AdagradOptimizer(0.1)),
    adagrad_sparse: () => new AdagradOptimizer(0.1, { initialAccumulatorValue: 0.5 }).minimize(embedding()),

    minimize_var_list: () => {
      const loss = model();
      return descent().minimize(loss, { varList: [trainableVariables()[0]] });
    },
    minimize_named: () => descent().minimize(model(), { name: 'train_op' }),
    minimize_named_with_global_step: () => {
      const globalStep = createGlobalStep();
      return new AdamOptimizer(0.1).minimize(model(), { globalStep, name: 'train_op' });
    },
    minimize_in_name_scope: () => {
      const loss = model();
      return getDefaultGraph().nameScope('training', () => new MomentumOptimizer(0.1, 0.9).minimize(loss));
    },
    minimize_in_variable_scope: () => {
      const loss = model();
      return variableScope('training', () => new MomentumOptimizer(0.1, 0.9).minimize(loss));
    },
    minimize_gate_none: () => descent().minimize(model(), { gateGradients: Optimizer.GATE_NONE }),
    minimize_gate_graph: () => descent().minimize(model(), { gateGradients: Optimizer.GATE_GRAPH }),
    minimize_colocated: () => descent().minimize(model(), { colocateGradientsWithOps: true }),
    minimize_grad_loss: () => {
      const loss = model();
      return descent().minimize(loss, { gradLoss: constant(2, { name: 'scale' }) });
    },
    learning_rate_tensor: () => {
      const rate = placeholder(float32, [], { name: 'rate' });
      return new AdamOptimizer(rate).minimize(model());
    },
    learning_rate_function: () => new GradientDescentOptimizer(() => 0.5).minimize(model()),
    compute_and_apply_gradients: () => {
      const optimizer = descent();
      const pairs = optimizer.computeGradients(model());
      return [pairs.map(([gradient]) => gradient), optimizer.applyGradients(pairs)];
    },
    apply_clipped_gradients: () => {
      const optimizer = descent();
      const pairs = optimizer.computeGradients(model());
      const [clipped, norm] = clipByGlobalNorm(
        pairs.map(([gradient]) => gradient),
        1,
      );
      return [
        optimizer.applyGradients(pairs.map(([, variable], i) => [clipped[i] as Gradient, variable] as const)),
        norm,
      ];
    },
    apply_clipped_sparse_gradients: () => {
      const optimizer = new AdamOptimizer(0.1);
      const pairs = optimizer.computeGradients(embedding());
      const [clipped, norm] = clipByGlobalNorm(
        pairs.map(([gradient]) => gradient),
        1,
      );
      return [
        clipped,
        optimizer.applyGradients(pairs.map(([, variable], i) => [clipped[i] as Gradient, variable] as const)),
        norm,
      ];
    },
    apply_gradients_named_with_global_step: () => {
      const globalStep = createGlobalStep();
      const optimizer = new MomentumOptimizer(0.1, 0.9);
      return optimizer.applyGradients(optimizer.computeGradients(model()), { globalStep, name: 'apply' });
    },
    apply_gradients_unused_variable: () => {
      const loss = model();
      getVariable('unused', [3], { initializer: zerosInitializer() });
      return new AdamOptimizer(0.1).minimize(loss);
    },
    train_float64: () => {
      const w = getVariable('w', [2], { dtype: float64, initializer: onesInitializer() });
      return new AdamOptimizer(0.1).minimize(reduceSum(w.mul(w)));
    },
    train_with_update_ops: () => {
      const x = placeholder(float32, [null, 2], { name: 'x' });
      const y = layers.batchNormalization(x, { training: true });
      const updates = getDefaultGraph().getCollection<Operation>(GraphKeys.UPDATE_OPS);
      return getDefaultGraph().controlDependencies(updates, () => descent().minimize(reduceMean(square(y))));
    },
    train_dense_with_dropout: () => {
      const x = placeholder(float32, [null, 4], { name: 'x' });
      const labels = placeholder(int64, [null], { name: 'labels' });
      const training = placeholderWithDefault(false, [], { name: 'training' });
      const hidden = layers.dense(x, 8, { activation: relu });
      const dropped = layers.dropout(hidden, { rate: 0.5, training });
      const logits = layers.dense(dropped, 3);
      const loss = sparseSoftmaxCrossEntropy(labels, logits);
      return [loss, new AdamOptimizer(0.001).minimize(loss)];
    },

    exponential_decay: () => {
      const step = createGlobalStep();
      return [
        decay.exponentialDecay(0.1, step, 10, 0.9),
        decay.exponentialDecay(0.1, step, 10, 0.9, { staircase: true }),
      ];
    },
    exponential_decay_in_optimizer: () => {
      const globalStep = createGlobalStep();
      const rate = decay.exponentialDecay(0.1, globalStep, 10, 0.9, { name: 'rate' });
      return new GradientDescentOptimizer(rate).minimize(model(), { globalStep });
    },
    natural_exp_decay: () => {
      const step = createGlobalStep();
      return [
        decay.naturalExpDecay(0.1, step, 10, 0.5),
        decay.naturalExpDecay(0.1, step, 10, 0.5, { staircase: true }),
      ];
    },
    inverse_time_decay: () => {
      const step = createGlobalStep();
      return [
        decay.inverseTimeDecay(0.1, step, 10, 0.5),
        decay.inverseTimeDecay(0.1, step, 10, 0.5, { staircase: true }),
      ];
    },
    polynomial_decay: () => decay.polynomialDecay(0.1, createGlobalStep(), 10, { endLearningRate: 0.01, power: 2 }),
    polynomial_decay_cycle: () =>
      decay.polynomialDecay(0.1, createGlobalStep(), 10, { endLearningRate: 0.01, cycle: true }),
    piecewise_constant: () => decay.piecewiseConstant(createGlobalStep(), [10, 20], [0.1, 0.05, 0.01]),
    cosine_decay: () => decay.cosineDecay(0.1, createGlobalStep(), 10, { alpha: 0.1 }),
    cosine_decay_restarts: () => decay.cosineDecayRestarts(0.1, createGlobalStep(), 10),
    linear_cosine_decay: () => decay.linearCosineDecay(0.1, createGlobalStep(), 10),
    decay_of_placeholder_step: () => decay.exponentialDecay(0.1, placeholder(int32, [], { name: 'step' }), 10, 0.9),
  },
  {
    moving_averages: 'tf.train.ExponentialMovingAverage is not there yet',
    moving_averages_num_updates: 'tf.train.ExponentialMovingAverage is not there yet',
  },
);
