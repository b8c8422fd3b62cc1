/**
 * Twins of spec/golden/variable_scopes.py: names, sharing and defaults of variable scopes, node for node as
 * TensorFlow's.
 */
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { float32, float64 } from '../../../graph/dtypes';
import { add, multiply } from '../../../graph/ops/binary';
import { reduceSum } from '../../../graph/ops/reduce';
import { constant, identity, placeholder } from '../../../graph/ops/source';
import { abs } from '../../../graph/ops/unary';
import type { Tensor } from '../../../graph/tensor';
import { constantInitializer, onesInitializer, zerosInitializer } from '../../../lib/initializers/constants';
import { globalVariables, trainableVariables } from '../../../lib/variables/collections';
import { makeTemplate } from '../../../lib/variables/template';
import type { Variable } from '../../../lib/variables/variable';
import {
  AUTO_REUSE,
  getVariable,
  getVariableScope,
  noRegularizer,
  variableScope,
} from '../../../lib/variables/variableScope';
import type { CustomGetter } from '../../../lib/variables/variableStore';
import { goldenCases } from '../../support/golden';

const weight = (name = 'w') => getVariable(name, [2], { initializer: zerosInitializer() });
const x = () => constant(1, { name: 'x' });

goldenCases('variable_scopes', {
  variable_scope_nested: () =>
    variableScope('a', (outer) =>
      variableScope('b', (inner) => {
        const w = weight();
        return [
          w,
          identity(w, { name: 'x' }),
          outer.name,
          inner.name,
          outer.originalNameScope,
          inner.originalNameScope,
        ];
      }),
    ),
  variable_scope_entered_twice: () => {
    const [a, first] = variableScope('s', () => [weight('a'), x()]);
    const [b, second, name, nameScope] = variableScope('s', (again) => [
      weight('b'),
      x(),
      again.name,
      again.originalNameScope,
    ]);
    return [a, b, first, second, name, nameScope];
  },
  variable_scope_reuse: () => {
    const a = variableScope('s', () => weight());
    const b = variableScope('s', { reuse: true }, () => weight());
    return [a, b, a.add(b)];
  },
  variable_scope_reuse_variables: () =>
    variableScope('s', (scope) => {
      const a = weight();
      scope.reuseVariables();
      return [a, weight(), scope.reuse];
    }),
  variable_scope_auto_reuse: () =>
    [0, 1].map(() => variableScope('s', { reuse: AUTO_REUSE }, () => identity(weight(), { name: 'out' }))),
  variable_scope_reuse_inherited: () => {
    const a = variableScope('s', () => variableScope('t', () => weight()));
    const [b, reuse] = variableScope('s', { reuse: true }, () =>
      variableScope('t', { reuse: false }, (scope) => [weight(), scope.reuse]),
    );
    return [a, b, reuse];
  },
  variable_scope_by_object: () => {
    const [scope, a] = variableScope('s', (opened) => [opened, weight('a')] as const);
    return variableScope('outer', () =>
      variableScope(scope, (again) => [a, weight('b'), x(), again.name, again.originalNameScope]),
    );
  },
  variable_scope_by_object_reuse: () => {
    const [scope, a] = variableScope('s', (opened) => [opened, weight()] as const);
    return [a, variableScope(scope, { reuse: true }, () => weight())];
  },
  variable_scope_by_object_original_name_scope: () => {
    const [scope, first] = variableScope('s', (opened) => [opened, x()] as const);
    return variableScope(scope, { auxiliaryNameScope: false }, (again) => {
      const y = getDefaultGraph().nameScope(again.originalNameScope, () => constant(1, { name: 'y' }));
      return [first, y, constant(1, { name: 'z' })];
    });
  },
  variable_scope_without_auxiliary_name_scope: () =>
    variableScope('s', { auxiliaryNameScope: false }, (scope) => [weight(), x(), scope.name, scope.originalNameScope]),
  variable_scope_default_name: () =>
    [0, 1, 2].map(() => variableScope(null, { defaultName: 'block' }, (scope) => [weight(), scope.name])),
  variable_scope_default_name_nested: () => {
    const block = () => variableScope(null, { defaultName: 'block' }, (scope) => [scope.name, x()]);
    return [0, 1].map(() => variableScope('outer', () => [block(), block()]));
  },
  variable_scope_default_name_after_explicit: () => {
    variableScope('block', () => weight());
    return variableScope(null, { defaultName: 'block' }, (scope) => {
      weight();
      return scope.name;
    });
  },
  variable_scope_initializer: () =>
    variableScope('s', { initializer: constantInitializer(0.5) }, () => [
      getVariable('a', [2]),
      variableScope('t', () => getVariable('b', [2])),
      variableScope('u', { initializer: onesInitializer() }, () => getVariable('c', [2])),
    ]),
  variable_scope_regularizer: () => {
    const regularizer = (w: Tensor | Variable) => reduceSum(abs(w), null, { name: 'l1' });
    const [a, b] = variableScope('s', { regularizer }, () => [
      weight('a'),
      getVariable('b', [2], { initializer: zerosInitializer(), regularizer: () => null }),
    ]);
    return [a, b, variableScope('s', { reuse: true }, () => weight('a'))];
  },
  variable_scope_no_regularizer: () =>
    variableScope('s', { regularizer: (w) => reduceSum(w) }, () =>
      getVariable('a', [2], { initializer: zerosInitializer(), regularizer: noRegularizer }),
    ),
  variable_scope_dtype: () =>
    variableScope('s', { dtype: float64 }, () => getVariable('a', [2], { initializer: zerosInitializer() })),
  variable_scope_caching_device: () => identity(variableScope('s', { cachingDevice: '/device:CPU:0' }, () => weight())),
  variable_scope_custom_getter: () => {
    const double: CustomGetter = (getter, name, options) => multiply(getter(name, options), 2, { name: 'doubled' });
    return variableScope('s', { customGetter: double }, () => weight());
  },
  variable_scope_custom_getters_nested: () => {
    const scale =
      (factor: number): CustomGetter =>
      (getter, name, options) =>
        multiply(getter(name, options), factor);
    return variableScope('a', { customGetter: scale(2) }, () =>
      variableScope('b', { customGetter: scale(3) }, () => weight()),
    );
  },
  variable_scope_custom_getter_renames: () => {
    const rename: CustomGetter = (getter, name, options) => getter(`${name}_renamed`, options);
    return variableScope('s', () => getVariable('w', [2], { initializer: zerosInitializer(), customGetter: rename }));
  },
  variable_scope_empty_name: () => variableScope('a', () => variableScope('', (scope) => [weight(), x(), scope.name])),
  variable_scope_root: () => {
    const root = getVariableScope();
    return variableScope('a', () => variableScope(root, () => [weight(), x(), root.name, root.reuse]));
  },
  variable_scope_root_auto_reuse: () =>
    variableScope(getVariableScope(), { reuse: AUTO_REUSE }, () => [weight(), weight()]),
  variable_scope_in_name_scope: () =>
    getDefaultGraph().nameScope('ns', () =>
      variableScope('vs', (scope) => {
        const w = weight();
        return [w, identity(w, { name: 'x' }), scope.name, scope.originalNameScope];
      }),
    ),
  variable_scope_name_with_slash: () =>
    variableScope('a/b', (scope) => [weight(), x(), scope.name, scope.originalNameScope]),
  variables_of_scope: () => {
    variableScope('a', () => weight());
    variableScope('ab', () => weight());
    return [globalVariables('a/'), trainableVariables('a'), globalVariables('b')];
  },
  make_template: () => {
    const template = makeTemplate('shifter', (input: Tensor) =>
      add(input, getVariable('shift', [], { initializer: zerosInitializer() }), { name: 'shifted' }),
    );
    const input = placeholder(float32, [2], { name: 'x' });
    return [template(input), template(input), template.variables];
  },
});
