/**
 * Twins of spec/golden/scopes.py: name scopes, control dependencies, devices, colocation, collections.
 */

import { GraphKeys } from '../../graph/collections';
import { Assert } from '../../graph/controlFlow/assert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32, int32 } from '../../graph/dtypes';
import {
  addToCollection,
  addToCollections,
  colocateWith,
  controlDependencies,
  device,
  getCollection,
  nameScope,
} from '../../graph/framework';
import { add } from '../../graph/ops/binary';
import { less } from '../../graph/ops/compare';
import { group, tuple } from '../../graph/ops/grouping';
import { matmul } from '../../graph/ops/matmul';
import { reduceAll } from '../../graph/ops/reduce';
import { constant, identity, noOp, ones, placeholder } from '../../graph/ops/source';
import { square } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';
import { Variable } from '../../lib/variables/variable';
import { goldenCases } from '../support/golden';

const one = (name: string) => constant(1, { name });
const nop = (name: string) => noOp({ name });
const names = () =>
  getDefaultGraph()
    .getOperations()
    .map((op) => op.name);

/** What tf.assert_positive builds. */
function assertPositive(x: Tensor) {
  return nameScope('assert_positive', () => {
    const zero = constant(0);
    return nameScope('assert_less', () => {
      const holds = reduceAll(less(zero, x));
      return Assert(holds, ['', 'Condition x > 0 did not hold element-wise:', 'x (x:0) = ', x]);
    });
  });
}

goldenCases('scopes', {
  name_scope_nested: () =>
    nameScope('a', (a) => {
      const x = one('x');
      return nameScope('b', (b) => [x, constant(2, { name: 'y' }), a, b]);
    }),
  name_scope_uniquified: () =>
    [0, 1, 2].map(() =>
      nameScope('a', (scope) => {
        one('x');
        return scope;
      }),
    ),
  name_scope_reentered() {
    using scope = nameScope('a');
    const x = one('x');
    return nameScope('b', () => nameScope(scope.value, () => [x, one('x'), one('z')]));
  },
  name_scope_empty_and_none: () =>
    nameScope('a', () => {
      const [x, empty] = nameScope('', (scope) => [one('x'), scope]);
      const [y, none] = nameScope(null, (scope) => [one('y'), scope]);
      return [x, y, empty, none];
    }),
  name_scope_default_name() {
    const values = [one('a')];
    const open = (name: string | null) =>
      nameScope(name, { defaultName: 'default', values }, (scope) => [one('x'), scope] as const);
    const [[x, first], [y, second], [z, third]] = [open(null), open(null), open('given')];
    return [x, y, z, first, second, third];
  },
  name_scope_with_slash() {
    const open = (name: string) => nameScope(name, (scope) => [one('x'), scope] as const);
    const [[x, first], [y, second], [z, third]] = [open('a/b'), open('a'), open('a/b')];
    return [x, y, z, first, second, third];
  },
  names_uniquified() {
    for (const name of ['a', 'a', 'A', 'a_1', 'a', 'b/c', 'b', 'b/c']) nop(name);
    return names();
  },
  names_against_scopes() {
    nop('a');
    nameScope('a', () => nop('x'));
    nameScope('b', () => nop('b'));
    nop('b');
    nop('a_1');
    return names();
  },
  names_default() {
    noOp();
    noOp();
    constant(1);
    constant(1);
    placeholder(float32);
    identity(constant(2, { dtype: int32 }));
    return names();
  },
  unique_name: () =>
    nameScope('s', () => {
      const graph = getDefaultGraph();
      return [graph.uniqueName('a'), graph.uniqueName('a'), graph.uniqueName('b', false), graph.uniqueName('b')];
    }),
  name_scope_leading_underscore_inside: () => nameScope('a', () => nameScope('_b', () => one('_x'))),

  control_dependencies_plain() {
    const controls = [one('a'), nop('b')];
    return controlDependencies(controls, () => constant(2, { name: 'c' }));
  },
  control_dependencies_nested() {
    const [a, b] = [nop('a'), nop('b')];
    return controlDependencies([a], () => [nop('c'), controlDependencies([b], () => nop('d'))]);
  },
  control_dependencies_cleared() {
    const [a, b] = [nop('a'), nop('b')];
    return controlDependencies([a], () => {
      const inside = controlDependencies(null, () => [nop('c'), controlDependencies([b], () => nop('d'))]);
      return [...inside, nop('e')];
    });
  },
  control_dependencies_pruned() {
    const a = one('a');
    return controlDependencies([a], () => {
      const b = identity(a, { name: 'b' });
      const c = identity(b, { name: 'c' });
      const d = one('d');
      return [b, c, d, add(d, b, { name: 'e' })];
    });
  },
  control_dependencies_on_variable_and_sorted() {
    const v = new Variable(1, { name: 'v' });
    const [b, a] = [nop('b'), nop('a')];
    return controlDependencies([b, v.assign(2), a, b], () => nop('done'));
  },
  group_ops() {
    const [a, b] = [nop('a'), one('b')];
    return [group(a, b), group(a, { name: 'just_a' }), group(), group([a, [b]], { name: 'nested' })];
  },
  group_on_devices() {
    const a = device('/cpu:0', () => nop('a'));
    const b = device('/gpu:0', () => nop('b'));
    return group(a, b, { name: 'both' });
  },
  tuple_of_tensors() {
    const [a, b] = [one('a'), constant(2, { name: 'b' })];
    const plain = tuple([a, b]);
    return [plain, tuple([a, null, b], { name: 'with_none', controlInputs: [nop('first')] })];
  },
  with_dependencies() {
    const x = placeholder(float32, [], { name: 'x' });
    return controlDependencies([assertPositive(x)!], () => identity(x, { name: 'checked' }));
  },

  device_strings: () => {
    const on = (name: string, spec: string) => device(spec, () => nop(name).device);
    return [on('a', '/cpu:0'), on('b', '/job:worker/task:1/gpu:2'), on('c', '/device:GPU:*')];
  },
  device_merged: () =>
    device('/job:worker', () => {
      const [a, b] = device('/device:CPU:0', () => [nop('a'), device('/job:ps/task:3', () => nop('b'))]);
      const c = device(null, () => nop('c'));
      return [a.device, b.device, c.device];
    }),
  device_functions: () =>
    device(
      (op) => (op.type === 'MatMul' ? '/device:GPU:0' : '/device:CPU:0'),
      () => {
        const a = ones([2, 2], float32, { name: 'a' });
        const b = matmul(a, a, { name: 'b' });
        return [a, b, device('/job:worker', () => matmul(a, b, { name: 'c' }))];
      },
    ),
  device_function_outer_string() {
    const toGpu = () => '/device:GPU:1';
    const spec = '/job:worker/device:CPU:0';
    return [
      device(spec, () => device(toGpu, () => nop('a').device)),
      device(toGpu, () => device(spec, () => nop('b').device)),
    ];
  },
  colocate_with_op() {
    const a = device('/cpu:0', () => one('a'));
    const b = colocateWith(a, () => constant(2, { name: 'b' }));
    return [a, b, colocateWith(b, () => constant(3, { name: 'c' }))];
  },
  colocate_with_nested() {
    const [a, b] = [nop('a'), nop('b')];
    return colocateWith(a, () => [
      colocateWith(b, () => nop('c')),
      colocateWith(b, { ignoreExisting: true }, () => nop('d')),
      colocateWith(null, { ignoreExisting: true }, () => nop('e')),
      device('/gpu:0', () => nop('f')),
    ]);
  },
  colocate_with_variable() {
    const v = new Variable(1, { name: 'v' });
    return colocateWith(v, () => constant(2, { name: 'a' }));
  },
  gradient_override_map() {
    const graph = getDefaultGraph();
    const b = graph.gradientOverrideMap({ Square: 'OtherSquare', Identity: 'Other' }, () =>
      identity(square(3, { name: 'a' }), { name: 'b' }),
    );
    return [b, square(b, { name: 'c' })];
  },
  collections_added() {
    const graph = getDefaultGraph();
    const [a, b] = [nop('a'), one('b')];
    addToCollection('mine', a);
    addToCollection('mine', b);
    addToCollections(['mine', 'yours', 'mine'], b);
    addToCollection(GraphKeys.SUMMARIES, b);
    return [getCollection('mine'), getCollection('mine', 'b'), graph.getCollection('none').length];
  },
});
