/**
 * Twins of spec/golden/variables.py: variables made, read, assigned and initialised, node for node as TensorFlow's.
 */
import { convertToTensor } from '../../../graph/convert';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import * as dtypes from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import { IndexedSlices } from '../../../graph/indexedSlices';
import { NdArray } from '../../../graph/ndarray';
import { add } from '../../../graph/ops/binary';
import { gather } from '../../../graph/ops/gather';
import { stack } from '../../../graph/ops/joining';
import { matmul } from '../../../graph/ops/matmul';
import { randomUniform, truncatedNormal } from '../../../graph/ops/random';
import { reduceSum } from '../../../graph/ops/reduce';
import { constant, identity, ones, placeholder, zeros } from '../../../graph/ops/source';
import { square } from '../../../graph/ops/unary';
import { setRandomSeed } from '../../../graph/seeds';
import { onesInitializer, zerosInitializer } from '../../../lib/initializers/constants';
import { clipByValue } from '../../../lib/math/clip';
import { embeddingLookup } from '../../../lib/nn/embedding';
import { l2 } from '../../../lib/regularizers';
import { createGlobalStep, getGlobalStep, getOrCreateGlobalStep } from '../../../lib/train/globalStep';
import { assign, assignAdd, assignSub, scatterAdd, scatterSub, scatterUpdate } from '../../../lib/variables/assign';
import {
  assertVariablesInitialized,
  globalVariablesInitializer,
  isVariableInitialized,
  localVariablesInitializer,
  reportUninitializedVariables,
  variablesInitializer,
} from '../../../lib/variables/collections';
import { Variable } from '../../../lib/variables/variable';
import { getLocalVariable, getVariable, variableScope } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const { float32, float64, int32, int64, bool, string } = dtypes;
const zeroInit = () => zerosInitializer();

goldenCases('variables', {
  get_variable_default: () => getVariable('w', [2, 3]),
  get_variable_default_ranks: () => [getVariable('a', []), getVariable('b', [4]), getVariable('c', [3, 3, 2, 4])],
  get_variable_default_by_dtype: () => [
    getVariable('a', [2], { dtype: int32 }),
    getVariable('b', [2], { dtype: bool }),
    getVariable('c', [2], { dtype: float64 }),
    getVariable('d', [2], { dtype: string }),
  ],
  get_variable_graph_seed: () => {
    setRandomSeed(3);
    return [getVariable('a', [2, 3]), getVariable('b', [2, 3])];
  },
  get_variable_from_number: () => getVariable('w', { initializer: 0.5 }),
  get_variable_from_list: () => getVariable('w', { initializer: Int32Array.of(1, 2, 3) }),
  get_variable_from_tensor: () => getVariable('w', { initializer: constant([1, 2]) }),
  get_variable_from_function: () => getVariable('w', { initializer: () => ones([2]).mul(3) }),
  get_variable_in_name_scope: () =>
    getDefaultGraph().nameScope('ns', () => getVariable('w', [2], { initializer: zeroInit() })),
  get_variable_not_trainable: () => getVariable('w', [2], { initializer: zeroInit(), trainable: false }),
  get_variable_collections: () =>
    getVariable('w', [2], { initializer: zeroInit(), collections: ['mine', 'model_variables'] }),
  get_variable_regularizer: () =>
    variableScope('s', () =>
      getVariable('w', [2], { initializer: onesInitializer(), regularizer: (w) => reduceSum(square(w)).rmul(0.1) }),
    ),
  get_variable_regularizer_none: () =>
    getVariable('w', [2], { initializer: onesInitializer(), regularizer: () => null }),
  get_variable_keras_regularizer: () =>
    getVariable('w', [2], { initializer: onesInitializer(), regularizer: l2(0.01) }),
  get_variable_caching_device: () => {
    const w = getVariable('w', [2], { initializer: zeroInit(), cachingDevice: '/device:CPU:0' });
    return [w, identity(w), w.add(1)];
  },
  get_variable_on_device: () =>
    getDefaultGraph().device('/device:CPU:0', () => getVariable('w', [2], { initializer: zeroInit() })),
  get_variable_under_control_dependencies: () =>
    getDefaultGraph().controlDependencies([constant(1, { name: 'a' })], () =>
      identity(getVariable('w', [2], { initializer: zeroInit() })),
    ),
  get_variable_constraint: () => {
    const w = getVariable('w', [2], { initializer: zeroInit(), constraint: (value) => clipByValue(value, 0, 1) });
    return w.constraint!(w.readValue());
  },
  get_local_variable_default: () => getLocalVariable('counter', [], { dtype: int64, initializer: zeroInit() }),
  get_variable_shape_unknown_dims_not_validated: () =>
    getVariable('w', { initializer: placeholder(float32, [null, 2], { name: 'x' }), validateShape: false }),

  variable_from_number: () => new Variable(1, { name: 'v' }),
  variable_default_names: () => [
    new Variable(1),
    new Variable(2, { dtype: int32 }),
    new Variable(true),
    new Variable('text'),
  ],
  variable_same_name_twice: () => [new Variable(1, { name: 'v' }), new Variable(1, { name: 'v' })],
  variable_from_tensor: () => new Variable(zeros([2, 3]), { name: 'v' }),
  variable_from_random: () => new Variable(truncatedNormal([4, 3], { stddev: 0.1, seed: 1 }), { name: 'weights' }),
  variable_from_function: () => new Variable(() => randomUniform([2], { seed: 1 }), { name: 'v' }),
  variable_from_array: () => new Variable(NdArray.from([[1.5, 2.5]], float64), { name: 'v' }),
  variable_dtype: () => [
    new Variable(1, { dtype: float32, name: 'a' }),
    new Variable([1, 2], { dtype: int64, name: 'b' }),
  ],
  variable_not_trainable: () => new Variable(0, { dtype: int32, trainable: false, name: 'step' }),
  variable_collections: () => new Variable(0, { collections: ['local_variables'], trainable: false, name: 'v' }),
  variable_in_scopes: () => {
    const make = () => new Variable(1, { name: 'v' });
    return [getDefaultGraph().nameScope('ns', make), variableScope('vs', make), variableScope('vs', make)];
  },
  variable_on_device: () => getDefaultGraph().device('/cpu:0', () => new Variable([1, 2], { name: 'v' })),
  variable_from_variable: () => new Variable(new Variable([1, 2], { name: 'a' }).initialValue.mul(2), { name: 'b' }),

  variable_value: () => {
    const v = new Variable(1, { name: 'v' });
    return [v.value(), v.readValue(), v.value()];
  },
  variable_operators: () => {
    const v = new Variable([1, 2], { name: 'v' });
    return [v.add(1), v.rsub(1), v.mul(v), v.neg(), v.div(2), v.pow(2), v.greater(1), v.abs()];
  },
  variable_slices: () => {
    const v = new Variable(
      [
        [1, 2],
        [3, 4],
      ],
      { name: 'v' },
    );
    return [v.at(0), v.at(':', 1), v.at(0, 1)];
  },
  variable_as_input: () => {
    const v = new Variable(
      [
        [1, 2],
        [3, 4],
      ],
      { name: 'v' },
    );
    return [identity(v), reduceSum(v), matmul(v, v), add(v, 1), stack([v, v]), convertToTensor(v)];
  },
  variable_in_name_scope_used: () => {
    const v = new Variable(1, { name: 'v' });
    return getDefaultGraph().nameScope('ns', () => [add(v, 2), v.add(2), identity(v, { name: 'copy' })]);
  },
  variable_gather: () => {
    const v = getVariable('table', [5, 2], { initializer: zeroInit() });
    const ids = placeholder(int32, [null], { name: 'ids' });
    return [gather(v, ids), embeddingLookup(v, ids)];
  },
  variable_under_control_dependencies: () => {
    const v = new Variable(1, { name: 'v' });
    return getDefaultGraph().controlDependencies([v.assignAdd(1, { readValue: false })], () => [
      v.readValue(),
      identity(v),
      v.value(),
    ]);
  },
  variable_on_device_read: () => {
    const v = new Variable(1, { name: 'v' });
    return getDefaultGraph().device('/cpu:0', () => [v.value(), v.readValue(), v.add(1)]);
  },

  variable_assign: () => {
    const assigned = new Variable([1, 2], { name: 'v' }).assign([3, 4]);
    return [identity(assigned), assigned.op];
  },
  variable_assign_tensor: () => {
    const v = new Variable([1, 2], { name: 'v' });
    return identity(v.assign(placeholder(float32, [2], { name: 'x' })));
  },
  variable_assign_add_sub: () => {
    const v = new Variable(1, { name: 'v' });
    return [identity(v.assignAdd(1)), identity(v.assignSub(0.5))];
  },
  variable_assign_without_read: () => {
    const v = new Variable(1, { name: 'v' });
    const options = { readValue: false } as const;
    return [v.assign(2, options), v.assignAdd(2, options), v.assignSub(2, options)];
  },
  variable_assign_named: () => {
    const v = new Variable(1, { name: 'v' });
    const x = placeholder(float32, [], { name: 'x' });
    return [v.assign(x, { name: 'set', readValue: false }), v.assignAdd(x, { name: 'more', readValue: false })];
  },
  variable_assign_in_name_scope: () => {
    const v = new Variable(1, { name: 'v' });
    return getDefaultGraph().nameScope('ns', () => v.assign(v.mul(2), { readValue: false }));
  },
  assign_functions: () => {
    const v = new Variable(1, { name: 'v' });
    return [identity(assign(v, 2)), identity(assignAdd(v, 1)), identity(assignSub(v, 1))];
  },
  assign_used_as_tensor: () => new Variable(1, { name: 'v' }).assignAdd(1).mul(2),
  variable_scatter: () => {
    const v = new Variable([1, 2, 3], { name: 'v' });
    const indices = constant(Int32Array.of(0, 2), { name: 'indices' });
    const updates = constant([10, 20], { name: 'updates' });
    return [scatterUpdate, scatterAdd, scatterSub].map((scatter) => identity(scatter(v, indices, updates)));
  },
  variable_scatter_add_slices: () => {
    const v = new Variable([1, 2, 3], { name: 'v' });
    const values = constant([10], { name: 'values' });
    return identity(v.scatterAdd(new IndexedSlices(values, constant(Int32Array.of(1), { name: 'indices' }))));
  },
  variable_count_up_chain: () => {
    const v = new Variable(0, { dtype: int32, name: 'v' });
    const graph = getDefaultGraph();
    const first = v.assignAdd(1, { readValue: false });
    const second = graph.controlDependencies([first], () => v.assignAdd(1, { readValue: false }));
    return graph.controlDependencies([second], () => v.readValue());
  },

  global_variables_initializer: () => {
    const a = new Variable(1, { name: 'a' });
    const b = getVariable('b', [2], { initializer: zeroInit() });
    return [globalVariablesInitializer(), globalVariablesInitializer(), a.initializer, b.initializer];
  },
  global_variables_initializer_without_variables: () => [globalVariablesInitializer(), localVariablesInitializer()],
  global_variables_initializer_in_name_scope: () => {
    new Variable(1, { name: 'a' });
    return getDefaultGraph().nameScope('ns', () => globalVariablesInitializer());
  },
  variables_initializer: () => {
    const a = new Variable(1, { name: 'a' });
    const b = new Variable(1, { name: 'b' });
    return [variablesInitializer([b, a]), variablesInitializer([a], { name: 'start' })];
  },
  local_variables_initializer: () => {
    new Variable(1, { name: 'a' });
    getLocalVariable('b', [], { initializer: zeroInit() });
    return localVariablesInitializer();
  },
  is_variable_initialized: () => {
    const a = new Variable(1, { name: 'a' });
    return [isVariableInitialized(a), a.isInitialized()];
  },
  report_uninitialized_variables: () => {
    new Variable(1, { name: 'a' });
    getVariable('b', [2], { initializer: zeroInit() });
    return reportUninitializedVariables();
  },
  report_uninitialized_variables_none: () => reportUninitializedVariables(),
  assert_variables_initialized: () => {
    new Variable(1, { name: 'a' });
    new Variable(2, { name: 'b' });
    return assertVariablesInitialized();
  },
  global_step_create: () => createGlobalStep(),
  global_step_get_or_create: () => [getGlobalStep(), getOrCreateGlobalStep(), getOrCreateGlobalStep(), getGlobalStep()],
  variable_gradient: () => {
    const v = new Variable([1, 2], { name: 'v' });
    const w = getVariable('w', [2], { initializer: zeroInit() });
    return gradients(v.mul(v).add(w), [v, w]);
  },
  variable_gradient_through_reads: () => {
    const v = new Variable([1, 2], { name: 'v' });
    const read = v.readValue();
    return gradients(read.mul(v), [v, read]);
  },
});
