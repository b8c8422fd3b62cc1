/**
 * tf.variableScope and tf.getVariable: sharing, defaults, and what they refuse. Names are compared in
 * variableScopes.golden.spec.ts. Long because it follows TensorFlow's own table of cases.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { cond } from '../../../graph/controlFlow/cond';
import { convertToTensor } from '../../../graph/convert';
import { bool, complex64, float32, float64, int32, int64, string } from '../../../graph/dtypes';
import { GraphTypeError, NotImplementedError, RuntimeError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { addN } from '../../../graph/ops/combine';
import { constant, ones, placeholder, zeros } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { constantInitializer, onesInitializer, zerosInitializer } from '../../../lib/initializers/constants';
import { l1, l1L2, l2 } from '../../../lib/regularizers';
import { globalVariables, globalVariablesInitializer, localVariables } from '../../../lib/variables/collections';
import type { LazyTensor } from '../../../lib/variables/lazyTensor';
import { makeTemplate } from '../../../lib/variables/template';
import { Variable } from '../../../lib/variables/variable';
import {
  AUTO_REUSE,
  getLocalVariable,
  getVariable,
  getVariableScope,
  VariableScope,
  variableScope,
} from '../../../lib/variables/variableScope';
import { Session } from '../../../runtime/session';

const inGraph = (body: (graph: Graph) => void) => () => {
  const graph = new Graph();
  graph.asDefault(body);
};

describe('lib: getVariable', () => {
  it(
    'takes its options in one object, or after the shape',
    inGraph(() => {
      const a = getVariable('a', [2], { dtype: int32 });
      const b = getVariable('b', { shape: [2], dtype: int32 });
      const c = getVariable('c', 3);
      expect([a, b, c].map((v) => [v.dtype.name, v.shape.dims])).to.deep.equal([
        ['int32', [2]],
        ['int32', [2]],
        ['float32', [3]],
      ]);
    }),
  );

  it(
    'gives plain numbers the dtype that is asked for',
    inGraph(() => {
      expect(getVariable('a', { initializer: 3 }).dtype).to.equal(float32);
      expect(getVariable('b', { initializer: [1, 2], dtype: int64 }).dtype).to.equal(int64);
      expect(getVariable('c', { initializer: 0.5, dtype: float64 }).dtype).to.equal(float64);
      expect(getVariable('d', { initializer: 'text', dtype: string }).dtype).to.equal(string);
    }),
  );

  it(
    'refuses what cannot be made or shared',
    inGraph((graph) => {
      const refuses = (build: () => unknown, error: new (...args: never[]) => Error, message: string) => {
        const before = graph.operations.length;
        expect(build).to.throw(error, message);
        expect(graph.operations.length, message).to.equal(before);
      };
      getVariable('a', [2]);
      refuses(
        () => getVariable('a', [2]),
        ValueError,
        'Variable a already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?',
      );
      refuses(() => getVariable('a', [2]), ValueError, 'variableScope.spec.ts:');
      refuses(
        () => getVariable('b'),
        ValueError,
        'Variable b did not get an initializer, so its `shape` argument must be specified.',
      );
      refuses(() => getVariable('b', [null, 2]), ValueError, 'The initializer passed is not valid.');
      refuses(
        () => getVariable('b', { initializer: zerosInitializer() }),
        ValueError,
        'The initializer passed is not valid.',
      );
      refuses(
        () => getVariable('b', { initializer: (shape) => zeros([...shape]) }),
        ValueError,
        'The initializer passed is not valid.',
      );
      refuses(
        () => getVariable('b', [2], { initializer: 1 }),
        ValueError,
        'If initializer is a constant, do not specify shape.',
      );
      refuses(
        () => getVariable('b', [2], { dtype: complex64 }),
        ValueError,
        "An initializer for variable b of <dtype: 'complex64'> is required",
      );
      refuses(() => getVariable(3 as never, [1]), GraphTypeError, "expected string or bytes-like object, got 'int'");
      refuses(
        () => getVariable('b', [4], { partitioner: () => [2] }),
        NotImplementedError,
        'variables in several parts are not supported',
      );
      refuses(() => getVariable('a b', [1]), ValueError, 'is not a valid root scope name');
      refuses(() => getVariable('b', [-1]), ValueError, 'Dimension -1 must be >= 0');
      const types = "Initializer type '<dtype: 'float32'>' and explicit dtype '<dtype: 'float64'>' don't match.";
      expect(() => getVariable('b', { dtype: float64, initializer: Float32Array.of(1) })).to.throw(ValueError, types);
      expect(globalVariables()).to.have.length(1);
    }),
  );

  it(
    'refuses to share other shapes and dtypes, or what does not exist',
    inGraph(() => {
      variableScope('s', () => getVariable('weights', [2]));
      const shared = (build: () => unknown) => () => variableScope('s', { reuse: true }, build);
      expect(shared(() => getVariable('weights', [3]))).to.throw(
        ValueError,
        'Trying to share variable s/weights, but specified shape (3,) and found shape (2,).',
      );
      expect(shared(() => getVariable('weights', [2], { dtype: int32 }))).to.throw(
        ValueError,
        'Trying to share variable s/weights, but specified dtype int32 and found dtype float32.',
      );
      expect(shared(() => getVariable('weight', [2]))).to.throw(
        ValueError,
        /^Variable s\/weight does not exist, or was not created with tf\.get_variable\(\)\. Did you mean to set reuse=tf\.AUTO_REUSE in VarScope\? Did you mean .?s\/weights/,
      );
    }),
  );

  it(
    'makes local variables',
    inGraph(() => {
      const counter = getLocalVariable('counter', [], { dtype: int64, collections: ['mine'] });
      expect([counter.trainable, globalVariables(), localVariables()]).to.deep.equal([false, [], [counter]]);
    }),
  );

  it(
    'belongs to the graph, not to others',
    inGraph(() => {
      const a = getVariable('a', [1]);
      const b = new Graph().asDefault(() => getVariable('a', [1]));
      expect(a.name).to.equal(b.name);
      expect(a.graph).to.not.equal(b.graph);
    }),
  );

  it(
    'shares variables between branches and the graph around',
    inGraph((graph) => {
      const weight = () =>
        variableScope('s', { reuse: AUTO_REUSE }, () => getVariable('w', [2], { initializer: onesInitializer }));
      const p = placeholder(bool, []);
      const out = cond(
        p,
        () => weight().add(1),
        () => weight().mul(5),
      );
      expect(globalVariables()).to.deep.equal([weight()]);
      const session = new Session({ graph });
      session.runSync(globalVariablesInitializer());
      expect(session.runSync(out, { feed: [[p, true]] }).toArray()).to.deep.equal([2, 2]);
      expect(session.runSync(out, { feed: [[p, false]] }).toArray()).to.deep.equal([5, 5]);
    }),
  );
});

describe('lib: variableScope', () => {
  it(
    'can be held with `using`',
    inGraph(() => {
      const names: string[] = [];
      {
        using scope = variableScope('a');
        names.push(getVariable('w', [1]).name, scope.value.name, constant(1, { name: 'c' }).name);
      }
      names.push(getVariable('w', [1]).name);
      expect(names).to.deep.equal(['a/w:0', 'a', 'a/c:0', 'w:0']);
    }),
  );

  it(
    'refuses what is no scope',
    inGraph((graph) => {
      const refuses = (build: () => unknown, error: new (...args: never[]) => Error, message: string) => {
        expect(build).to.throw(error, message);
        expect([getVariableScope().name, graph.currentScope]).to.deep.equal(['', '']);
      };
      const open =
        (name: unknown, options = {}) =>
        () =>
          variableScope(name as string, options, () => null);
      refuses(open(null), GraphTypeError, 'If default_name is None then name_or_scope is required');
      refuses(open(3), GraphTypeError, 'VariableScope: name_or_scope must be a string or VariableScope.');
      refuses(open('a', { reuse: 3 }), ValueError, 'The reuse parameter must be True or False or None.');
      refuses(
        open(null, { defaultName: 'd', reuse: true }),
        ValueError,
        'reuse=True cannot be used without a name_or_scope',
      );
      refuses(
        open('a', { auxiliaryNameScope: 1 }),
        GraphTypeError,
        'The auxiliary_name_scope must be `True` or `False`, while get 1',
      );
      refuses(open('a b'), ValueError, "'a b' is not a valid root scope name.");
      refuses(() => variableScope('a', () => Promise.resolve()), GraphTypeError, 'must not return a Promise');
      const outer = variableScope('a');
      const inner = variableScope('b');
      expect(() => outer[Symbol.dispose]()).to.throw(RuntimeError, 'Improper nesting of variable_scope.');
      inner[Symbol.dispose]();
    }),
  );

  it(
    'is left when its body fails',
    inGraph((graph) => {
      const fail = () => {
        throw new ValueError('no');
      };
      expect(() => variableScope('a', () => variableScope(null, { defaultName: 'b' }, fail))).to.throw('no');
      expect([getVariableScope().name, graph.currentScope]).to.deep.equal(['', '']);
    }),
  );

  it(
    'gives defaults to the scopes inside, but no constraint',
    inGraph(() => {
      const options = {
        initializer: onesInitializer(),
        regularizer: l2(),
        dtype: float64,
        cachingDevice: '/cpu:0',
        constraint: (value: Tensor) => value,
      };
      variableScope('a', options, (outer) => {
        expect([
          outer.initializer,
          outer.regularizer,
          outer.dtype,
          outer.cachingDevice,
          outer.constraint,
        ]).to.deep.equal(Object.values(options));
        variableScope('b', (inner) => {
          expect([
            inner.initializer,
            inner.regularizer,
            inner.dtype,
            inner.cachingDevice,
            inner.constraint,
          ]).to.deep.equal([...Object.values(options).slice(0, 4), null]);
        });
      });
    }),
  );

  it(
    'can be changed while it is open',
    inGraph((graph) => {
      const [a, b] = variableScope('s', (scope) => {
        scope.setInitializer(constantInitializer(3));
        scope.setDType(float64);
        const first = getVariable('a', [1]);
        scope.setInitializer(constantInitializer(4));
        return [first, getVariable('b', [1])];
      });
      const session = new Session({ graph });
      session.runSync(globalVariablesInitializer());
      expect(session.runSync([a, b]).map((value) => [value.dtype.name, value.item()])).to.deep.equal([
        ['float64', 3],
        ['float64', 4],
      ]);
    }),
  );

  it(
    'lists its variables',
    inGraph(() => {
      const scope = variableScope('a', (opened) => {
        getVariable('x', [1]);
        getVariable('y', [1], { trainable: false });
        getLocalVariable('z', [1]);
        return opened;
      });
      getVariable('x', [1]);
      const names = (variables: readonly Variable[]) => variables.map((variable) => variable.op.name);
      expect(names(scope.globalVariables())).to.deep.equal(['a/x', 'a/y']);
      expect(names(scope.trainableVariables())).to.deep.equal(['a/x']);
      expect(names(scope.localVariables())).to.deep.equal(['a/z']);
    }),
  );

  it(
    'keeps reuse on inside a scope that reuses',
    inGraph(() => {
      const scope = variableScope('s', (opened) => opened);
      const reuse = (options: Parameters<typeof variableScope>[1], target: string | VariableScope = 's') =>
        variableScope(target, options ?? {}, (opened) => opened.reuse);
      expect([reuse({}), reuse({ reuse: true }), reuse({ reuse: AUTO_REUSE }), reuse({ reuse: null })]).to.deep.equal([
        false,
        true,
        AUTO_REUSE,
        false,
      ]);
      variableScope('t', { reuse: true }, () => {
        expect([reuse({}), reuse({ reuse: false }), reuse({ reuse: AUTO_REUSE }), reuse({}, scope)]).to.deep.equal([
          true,
          true,
          AUTO_REUSE,
          false,
        ]);
      });
      const auto = variableScope('u', { reuse: AUTO_REUSE }, (opened) => opened);
      expect([reuse({ reuse: false }, auto), reuse({ reuse: true }, auto)]).to.deep.equal([AUTO_REUSE, true]);
    }),
  );

  it('names variables by all scopes around, and default names never twice', () => {
    const step = fc.record({
      kind: fc.constantFrom('open', 'default', 'close'),
      name: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
        new Graph().asDefault(() => {
          const taken = new Set<string>();
          const rest = [...steps];
          const inside = (parent: string): void => {
            for (let next = rest.shift(); next && next.kind !== 'close'; next = rest.shift()) {
              const { kind, name } = next;
              const [given, options] =
                kind === 'default' ? [null, { defaultName: name }] : [name, { reuse: AUTO_REUSE } as const];
              variableScope(given, options, (scope) => {
                const full = parent === '' ? name : `${parent}/${name}`;
                if (kind === 'open') expect(scope.name).to.equal(full);
                else {
                  expect(scope.name).to.match(new RegExp(`^${full}(_\\d+)?$`));
                  expect(taken.has(scope.name), scope.name).to.equal(false);
                }
                taken.add(scope.name);
                // Scopes inside start to count anew each time.
                for (const known of [...taken]) if (known.startsWith(`${scope.name}/`)) taken.delete(known);
                const variable = variableScope(scope, { reuse: AUTO_REUSE }, () => getVariable('w', [1]));
                expect(variable.name).to.equal(`${scope.name}/w:0`);
                inside(scope.name);
              });
            }
          };
          while (rest.length > 0) inside('');
          expect(getVariableScope().name).to.equal('');
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('lib: regularizers', () => {
  const losses = (graph: Graph) => graph.getCollection<LazyTensor>('regularization_losses');

  it(
    'leave losses with values, once per variable',
    inGraph((graph) => {
      const make = (name: string, regularizer: ReturnType<typeof l1>) =>
        getVariable(name, { initializer: Float32Array.of(1, -2), regularizer });
      make('a', l1(0.1));
      make('b', l2(0.1));
      make('c', l1L2({ l1: 0.1, l2: 0.2 }));
      make('d', l1L2({ l1: 0, l2: 0.2 }));
      variableScope(getVariableScope(), { reuse: true }, () => getVariable('a', [2], { regularizer: l1(0.1) }));
      const session = new Session({ graph });
      session.runSync(globalVariablesInitializer());
      const values = session
        .runSync(losses(graph).map((loss) => loss.asGraphElement()))
        .map((value) => value.item() as number);
      [0.3, 0.5, 1.3, 1].forEach((want, i) => expect(values[i]).to.be.closeTo(want, 1e-6));
      expect(values).to.have.length(4);
      expect(session.runSync(losses(graph)[0])).to.deep.equal(session.runSync(losses(graph)[0].asGraphElement()));
    }),
  );

  it(
    'build their loss anew where it is used',
    inGraph((graph) => {
      getVariable('w', { initializer: Float32Array.of(1, 2), regularizer: l2(1) });
      const before = graph.operations.length;
      const [loss] = losses(graph);
      const total = addN([loss, loss]);
      expect(total.op.inputs.map((input) => input.name)).to.deep.equal([
        'w/Regularizer/mul_1:0',
        'w/Regularizer/mul_2:0',
      ]);
      expect(graph.operations.length).to.be.greaterThan(before + 1);
      expect([loss.name, loss.dtype, loss.shape.dims, String(loss)]).to.deep.equal([
        'w/Regularizer/mul:0',
        float32,
        [],
        String(loss.asGraphElement()),
      ]);
    }),
  );

  it('have configurations, and refuse factors that are no numbers', () => {
    expect([l1(0.5), l2(), l1L2()].map((regularizer) => regularizer.getConfig())).to.deep.equal([
      { l1: 0.5 },
      { l2: 0.01 },
      { l1: 0.01, l2: 0.01 },
    ]);
    expect(() => l2(Number.NaN)).to.throw(
      ValueError,
      'is not a valid regularization penalty number, an infinite number or NaN are not valid values.',
    );
    expect(() => l1('x' as never)).to.throw(
      ValueError,
      'Value x is not a valid regularization penalty number, expected an int or float value.',
    );
  });
});

describe('lib: makeTemplate', () => {
  it(
    'shares its variables, and those only',
    inGraph(() => {
      const template = makeTemplate('t', (name: string) => getVariable(name, [1]));
      const other = makeTemplate('t', (name: string) => getVariable(name, [1]));
      expect([template.variableScope, template.variables]).to.deep.equal([null, []]);
      const first = template('w');
      expect(template('w')).to.equal(first);
      expect(() => template('v')).to.throw(ValueError, 'Variable t/v does not exist');
      expect(other('w').name).to.equal('t_1/w:0');
      expect(template.variables).to.deep.equal([first]);
      expect([template.trainableVariables, template.nonTrainableVariables, template.localVariables]).to.deep.equal([
        [first],
        [],
        [],
      ]);
      expect(template.variableScope?.name).to.equal('t');
    }),
  );

  it(
    'can open its scope at once, or use a name as it is',
    inGraph(() => {
      const early = makeTemplate('t', () => getVariable('w', [1]), { createScopeNow: true });
      const late = makeTemplate('t', () => getVariable('w', [1]));
      expect([late().name, early().name]).to.deep.equal(['t_1/w:0', 't/w:0']);
      const named = makeTemplate('t', () => getVariable('v', [1]), { uniqueName: 't' });
      expect(named().name).to.equal('t/v:0');
    }),
  );

  it(
    'refuses new variables after the first call, and to have no name',
    inGraph(() => {
      const template = makeTemplate('t', () => new Variable(1));
      template();
      expect(() => template()).to.throw(
        ValueError,
        'Trainable variable created when calling a template after the first time',
      );
      expect(() => makeTemplate(null as never, () => null)).to.throw(ValueError, 'name cannot be None.');
    }),
  );

  it(
    'may call itself',
    inGraph(() => {
      const template: (depth: number) => Variable = makeTemplate(
        't',
        (depth: number): Variable => (depth > 0 ? template(depth - 1) : getVariable('w', [1])),
      );
      expect(template(0).name).to.equal('t/w:0');
      expect(template(2)).to.equal(template(0));
    }),
  );
});

describe('lib: collections of variables', () => {
  it(
    'are filtered by a pattern at the start of the name',
    inGraph(() => {
      const names = (scope?: string) => globalVariables(scope).map((variable) => variable.op.name);
      variableScope('a', () => getVariable('x', [1]));
      variableScope('ab', () => getVariable('x', [1]));
      expect([names(), names('a'), names('a/'), names('.*b'), names('x')]).to.deep.equal([
        ['a/x', 'ab/x'],
        ['a/x', 'ab/x'],
        ['a/x'],
        ['ab/x'],
        [],
      ]);
    }),
  );

  it(
    'hold what is in function bodies too',
    inGraph((graph) => {
      const p = placeholder(bool, []);
      cond(
        p,
        () => convertToTensor(getVariable('w', [1])).add(globalVariables().length),
        () => ones([1]),
      );
      expect(graph.getCollection<Variable>('variables').map((variable) => variable.op.name)).to.deep.equal(['w']);
    }),
  );
});
