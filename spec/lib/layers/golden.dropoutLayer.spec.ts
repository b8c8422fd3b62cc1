/**
 * Twins of spec/golden/dropout_layer.py: seeds, names, scopes, reuse and losses of the layer, and tf.nn.dropout.
 */

import { applyUnary } from '../../../graph/applyOp';
import { cond } from '../../../graph/controlFlow/cond';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { bool, float32 } from '../../../graph/dtypes';
import { stack } from '../../../graph/ops/joining';
import { randomUniform } from '../../../graph/ops/random';
import { reduceSum } from '../../../graph/ops/reduce';
import { shape } from '../../../graph/ops/shapes';
import { constant, identity, noOp, placeholder } from '../../../graph/ops/source';
import { setRandomSeed } from '../../../graph/seeds';
import { TensorShape } from '../../../graph/shape';
import type { Tensor } from '../../../graph/tensor';
import { Dropout, dropout } from '../../../lib/layers/core';
import { dropout as nnDropout } from '../../../lib/nn/dropout';
import type { Variable } from '../../../lib/variables/variable';
import { AUTO_REUSE, variableScope } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const image = () => placeholder(float32, [2, 3], { name: 'x' });
const batch = () => placeholder(float32, [null, 3], { name: 'x' });
const scalarBool = () => placeholder(bool, [], { name: 'training' });
const nameScope = <R>(name: string, body: () => R): R => getDefaultGraph().nameScope(name, body);
const training = true;

goldenCases('dropout_layer', {
  dropout_op_seed: () => dropout(image(), { seed: 42, training }),
  dropout_op_seed_large_and_negative: () => {
    const a = dropout(image(), { seed: 2 ** 40, training });
    return dropout(a, { seed: -3, training });
  },
  dropout_graph_seed: () => {
    setRandomSeed(1234);
    return dropout(dropout(image(), { training }), { training });
  },
  dropout_graph_and_op_seed: () => {
    setRandomSeed(1234);
    return dropout(dropout(image(), { seed: 7, training }), { training });
  },
  dropout_zero_seeds: () => {
    setRandomSeed(0);
    return dropout(image(), { seed: 0, training });
  },
  dropout_seed_over_calls: () => {
    const x = image();
    const layer = new Dropout(0.5, { seed: 42 });
    return [layer.apply(x, { training }), layer.apply(x), layer.apply(x, { training }), layer.apply(x, { training })];
  },
  dropout_seed_over_dynamic_calls: () => {
    const x = image();
    const phase = scalarBool();
    const layer = new Dropout(0.5, { seed: 42 });
    return [layer.apply(x, { training: phase }), layer.apply(x, { training: phase })];
  },
  dropout_graph_seed_dynamic: () => {
    setRandomSeed(5);
    const phase = scalarBool();
    return dropout(dropout(image(), { training: phase }), { training: phase });
  },
  dropout_graph_seed_after_other_random: () => {
    setRandomSeed(5);
    return dropout(randomUniform([2, 3]), { training });
  },
  dropout_graph_seed_rate_zero_first: () => {
    setRandomSeed(5);
    return dropout(dropout(image(), { rate: 0, training }), { rate: 0.5, training });
  },

  dropout_named: () => {
    const x = image();
    return [dropout(x, { training, name: 'drop' }), dropout(x, { training, name: 'drop' })];
  },
  dropout_default_names: () => {
    const x = image();
    const [a, b] = [new Dropout(), new Dropout()];
    return [a.apply(x), b.apply(x), a.name, b.name, a.scopeName, b.scopeName];
  },
  dropout_calls_out_of_order: () => {
    const x = image();
    const [a, b] = [new Dropout(), new Dropout()];
    return [b.apply(x), a.apply(x), a.scopeName, b.scopeName];
  },
  dropout_name_with_slash: () => dropout(image(), { name: 'a/b', training }),
  dropout_repeated_calls: () => {
    const x = image();
    const layer = new Dropout(0.5);
    return [undefined, training, training, undefined, training].map((phase) =>
      layer.apply(x, phase ? { training: phase } : {}),
    );
  },
  dropout_repeated_calls_training_placeholder: () => {
    const x = image();
    const z = placeholder(float32, [null, 4], { name: 'z' });
    const phase = scalarBool();
    const layer = new Dropout(0.5);
    return [layer.apply(x, { training: phase }), layer.apply(z, { training: phase })];
  },
  dropout_several_layers_chain: () => {
    const phase = scalarBool();
    return [0.2, 0.3, 0.4].reduce((h, rate) => dropout(h, { rate, training: phase }), image());
  },
  dropout_scope_argument: () => {
    const layer = new Dropout(0.5, { _scope: 'myscope' });
    const name = layer.scopeName;
    return [layer.apply(image(), { training }), name];
  },
  dropout_scope_argument_twice: () => {
    const x = image();
    const a = new Dropout(0.5, { _scope: 'myscope' });
    const b = new Dropout(0.5, { _scope: 'myscope' });
    return [a.apply(x), b.apply(x), a.scopeName, b.scopeName, a.name, b.name];
  },
  dropout_scope_object: () => {
    const scope = variableScope('outer', (opened) => opened);
    const layer = new Dropout(0.5, { _scope: scope });
    return [layer.apply(image(), { training }), layer.scopeName];
  },
  dropout_reuse: () => {
    const x = image();
    const layers = [
      new Dropout(0.5, { name: 'foo' }),
      new Dropout(0.5, { name: 'foo', _reuse: true }),
      new Dropout(0.5, { _scope: 'foo', _reuse: true }),
      new Dropout(0.5, { name: 'foo', _reuse: AUTO_REUSE }),
    ];
    return [...layers.map((layer) => layer.apply(x)), ...layers.map((layer) => layer.scopeName)];
  },
  dropout_scope_at_call: () => {
    const x = image();
    const layer = new Dropout(0.5);
    return [layer.apply(x, { scope: 'callscope' }), layer.apply(x, { training }), layer.scopeName];
  },
  dropout_in_name_scope: () => nameScope('ns', () => dropout(image(), { training })),
  dropout_layer_called_in_name_scope: () => {
    const layer = new Dropout(0.5);
    const x = image();
    const a = nameScope('ns', () => layer.apply(x, { training }));
    const b = nameScope('ns', () => layer.apply(x, { training }));
    return [a, b, layer.apply(x), layer.scopeName];
  },
  dropout_in_variable_scope: () => {
    const x = image();
    const [a, first, second] = variableScope('vs', () => {
      const layer = new Dropout();
      return [layer, layer.apply(x, { training }), dropout(x, { training })] as const;
    });
    const [b, third] = variableScope('vs', () => {
      const layer = new Dropout();
      return [layer, layer.apply(x, { training })] as const;
    });
    return [first, second, third, a.scopeName, b.scopeName, a.name, b.name];
  },
  dropout_in_nested_scopes: () => {
    const x = image();
    return variableScope('outer', () =>
      nameScope('mid', () => variableScope('inner', () => dropout(x, { training, name: 'd' }))),
    );
  },
  dropout_in_reusing_variable_scope: () => {
    const x = image();
    return [null, true, AUTO_REUSE].map((reuse) =>
      variableScope('vs', { reuse: reuse as true | null }, () => dropout(x, { name: 'd' })),
    );
  },
  dropout_in_default_name_scope: () => {
    const x = image();
    return [0, 1].map(() => variableScope(null, { defaultName: 'block' }, () => dropout(x, { training })));
  },
  dropout_training_placeholder_in_scopes: () => {
    const phase = scalarBool();
    return variableScope('vs', () => nameScope('ns', () => dropout(image(), { name: 'd', training: phase })));
  },
  dropout_under_control_dependencies: () => {
    const x = image();
    return getDefaultGraph().controlDependencies([noOp({ name: 'first' })], () => dropout(x, { training }));
  },
  dropout_on_device: () => {
    const x = image();
    const phase = scalarBool();
    return getDefaultGraph().device('/cpu:0', () => [dropout(x, { training }), dropout(x, { training: phase })]);
  },
  dropout_inside_cond: () => {
    const x = image();
    const p = placeholder(bool, [], { name: 'p' });
    const layer = new Dropout(0.5, { seed: 1 });
    return cond(
      p,
      () => layer.apply(x, { training }),
      () => layer.apply(x, { training: false }),
    );
  },

  dropout_activity_regularizer: () => {
    const layer = new Dropout(0.5, { activityRegularizer: (t) => reduceSum(t as Tensor) });
    const y = layer.apply(image(), { training });
    return [y, layer.losses];
  },
  dropout_activity_regularizer_two_calls: () => {
    const x = batch();
    const penalty = (t: Tensor | Variable) => applyUnary('L2Loss', { t }).rmul(0.1);
    const layer = new Dropout(0.5, { activityRegularizer: penalty });
    return [layer.apply(x), layer.apply(x, { training }), layer.losses];
  },
  dropout_add_loss: () => {
    const x = image();
    const layer = new Dropout(0.5);
    const y = layer.apply(x);
    layer.addLoss(reduceSum(y, null, { name: 'conditional' }), { inputs: x });
    layer.addLoss(constant(1, { name: 'unconditional' }));
    layer.addLoss(0.5);
    return [layer.losses, layer.getLossesFor(null), layer.getLossesFor(x)];
  },
  dropout_add_update: () => {
    const x = image();
    const layer = new Dropout(0.5);
    const y = layer.apply(x);
    layer.addUpdate(identity(y, { name: 'update' }));
    const z = layer.apply(y);
    return [z, layer.updates, layer.getUpdatesFor(null)];
  },

  nn_dropout_rate: () => nnDropout(image(), { rate: 0.4 }),
  nn_dropout_keep_prob: () => nnDropout(image(), { keepProb: 0.75 }),
  nn_dropout_keep_prob_tensor: () => {
    const keepProb = placeholder(float32, [], { name: 'keep_prob' });
    return nnDropout(image(), keepProb);
  },
  nn_dropout_rate_tensor: () => {
    const rate = placeholder(float32, [], { name: 'rate' });
    return nnDropout(image(), { rate });
  },
  nn_dropout_rate_zero: () => {
    setRandomSeed(9);
    const y = nnDropout(image(), { rate: 0 });
    return [y, nnDropout(y, { rate: 0.5 })];
  },
  nn_dropout_keep_prob_one: () => nnDropout(image(), 1),
  nn_dropout_noise_shape: () => nnDropout(image(), { rate: 0.4, noiseShape: [2, 1], seed: 3 }),
  nn_dropout_noise_shape_tensor: () => {
    const x = batch();
    return nnDropout(x, { rate: 0.4, noiseShape: stack([shape(x).at(0), 1]) });
  },
  nn_dropout_noise_shape_unknown_dim: () => nnDropout(image(), { rate: 0.4, noiseShape: new TensorShape([null, 1]) }),
  nn_dropout_named: () => {
    const x = image();
    return [nnDropout(x, { rate: 0.4, name: 'drop' }), nnDropout(x, { rate: 0.4, name: 'drop' })];
  },
  nn_dropout_dynamic_shape: () => nnDropout(placeholder(float32, [null, null], { name: 'x' }), { rate: 0.5, seed: 1 }),
  nn_dropout_list_input: () => nnDropout([1, 2, 3], { rate: 0.5 }),
});
