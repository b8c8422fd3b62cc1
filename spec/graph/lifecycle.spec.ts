/**
 * The life of a graph: the stack of default graphs, finalizing, what may be fed and fetched, and the two forms of scopes.
 */
import { expect } from 'chai';
import { getDefaultGraph, resetDefaultGraph } from '../../graph/defaultGraph';
import { float32 } from '../../graph/dtypes';
import {
  addToCollection,
  colocateWith,
  container,
  controlDependencies,
  device,
  getCollectionRef,
  getCurrentNameScope,
  nameScope,
} from '../../graph/framework';
import { Graph } from '../../graph/graph';
import { initScope } from '../../graph/initScope';
import { add } from '../../graph/ops/binary';
import { constant, noOp, placeholder } from '../../graph/ops/source';
import { setRandomSeed } from '../../graph/seeds';
import { namesOf, thrownBy, withGraph } from '../support/inGraph';

describe('the default graph', () => {
  it('is one and the same until it is reset', () => {
    resetDefaultGraph();
    const first = getDefaultGraph();
    noOp({ name: 'here' });
    expect(getDefaultGraph()).to.equal(first);
    expect(namesOf(first.operations)).to.deep.equal(['here']);
    resetDefaultGraph();
    expect(getDefaultGraph()).not.to.equal(first);
    expect(getDefaultGraph().operations).to.have.length(0);
  });

  it('is the innermost one that was made default, also after errors', () => {
    const [outer, inner] = [new Graph(), new Graph()];
    const root = getDefaultGraph();
    outer.asDefault((graph) => {
      expect([graph, getDefaultGraph()]).to.deep.equal([outer, outer]);
      expect(() =>
        inner.asDefault(() => {
          expect(getDefaultGraph()).to.equal(inner);
          outer.asDefault(() => expect(getDefaultGraph()).to.equal(outer));
          throw new Error('mine');
        }),
      ).to.throw('mine');
      expect(getDefaultGraph()).to.equal(outer);
    });
    expect(getDefaultGraph()).to.equal(root);
  });

  it('is left in the order in which it was entered', () => {
    const [first, second] = [new Graph().asDefault(), new Graph().asDefault()];
    expect(thrownBy(() => first[Symbol.dispose]())).to.match(
      /^AssertionError: Nesting violated for default stack of <class '.*Graph'> objects$/,
    );
    expect(getDefaultGraph()).to.equal(second.value);
    second[Symbol.dispose]();
    expect(getDefaultGraph()).to.equal(first.value);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect([first.value, second.value]).not.to.include(getDefaultGraph());
  });

  it('is not reset inside others', () => {
    new Graph().asDefault((graph) => {
      expect(thrownBy(resetDefaultGraph)).to.equal(
        'AssertionError: Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, exit the nesting and create a new graph.',
      );
      expect(getDefaultGraph()).to.equal(graph);
    });
  });

  it(
    'takes the seed',
    withGraph((graph) => {
      expect(graph.seed).to.equal(null);
      setRandomSeed(7);
      expect(graph.seed).to.equal(7);
    }),
  );

  it(
    'is in initScope the outermost one, in the same name scope and without controls',
    withGraph((graph) => {
      nameScope('a', () =>
        controlDependencies([noOp({ name: 'n' })], () =>
          initScope((outermost) => {
            expect(outermost).to.equal(graph);
            expect(namesOf(noOp({ name: 'x' }).controlInputs)).to.deep.equal([]);
            expect(noOp({ name: 'y' }).name).to.equal('a/y');
          }),
        ),
      );
    }),
  );
});

describe('a finalized graph', () => {
  const finalized = () => {
    const graph = new Graph();
    return graph.asDefault(() => {
      const x = placeholder(float32, [null], { name: 'x' });
      graph.addToCollection('k', x);
      graph.finalize();
      return { graph, x };
    });
  };

  it('takes no more operations and no more items of collections', () => {
    const { graph, x } = finalized();
    const words = 'RuntimeError: Graph is finalized and cannot be modified.';
    for (const call of [
      () => noOp(),
      () => add(x, 1),
      () => constant(1),
      () => graph.createOp('NoOp', []),
      () => addToCollection('k', 1),
      () => graph.addToCollections(['k', 'l'], 1),
      () => graph.clearCollection('k'),
      () => graph.updateOp(x.op, { device: '/cpu:0' }),
    ]) {
      expect(thrownBy(() => graph.asDefault(call))).to.equal(words);
    }
    expect([graph.finalized, namesOf(graph.operations), graph.getCollection('k').length]).to.deep.equal([
      true,
      ['x'],
      1,
    ]);
  });

  it('can still be looked at, scoped, and finalized again', () => {
    const { graph, x } = finalized();
    graph.finalize();
    expect(graph.asDefault(() => nameScope('a', () => graph.uniqueName('b')))).to.equal('a/b');
    expect(graph.getCollectionRef('other')).to.deep.equal([]);
    x.setShape([2]);
    graph.preventFeeding(x);
    expect(graph.state.nodes.size).to.equal(1);
  });
});

describe('feeding and fetching', () => {
  it(
    'can be prevented for tensors and operations',
    withGraph((graph) => {
      const [x, y] = [placeholder(float32), placeholder(float32)];
      graph.preventFeeding(x);
      expect([graph.isFeedable(x), graph.isFeedable(y), graph.isFetchable(x)]).to.deep.equal([false, true, true]);
      graph.preventFetching(x.op);
      expect([graph.isFetchable(x), graph.isFetchable(x.op), graph.isFetchable(y)]).to.deep.equal([false, false, true]);
    }),
  );
});

describe('both forms of scopes', () => {
  it(
    'hold for a callback, or as long as the variable of `using`',
    withGraph((graph) => {
      const a = noOp({ name: 'a' });
      {
        using scope = nameScope('s');
        using _controls = controlDependencies([a]);
        using _device = device('/cpu:0');
        using _colocation = colocateWith(a);
        using _container = container('c');
        using _names = graph.gradientOverrideMap({ NoOp: 'Mine' });
        expect([scope.value, `${scope}`]).to.deep.equal(['s/', 's/']);
        const op = noOp({ name: 'x' });
        expect([op.name, namesOf(op.controlInputs)]).to.deep.equal(['s/x', ['a']]);
        expect(op.attrs).to.deep.equal({ _class: ['loc:@a'], _gradient_op_type: 'Mine' });
      }
      const op = noOp({ name: 'x' });
      expect([op.name, op.controlInputs, op.attrs, getCurrentNameScope()]).to.deep.equal(['x', [], {}, '']);
    }),
  );

  it(
    'end with the block of `using` also when it throws',
    withGraph(() => {
      expect(() => {
        using _scope = nameScope('s');
        throw new Error('mine');
      }).to.throw('mine');
      expect(getCurrentNameScope()).to.equal('');
    }),
  );

  it(
    'refuse callbacks that return a Promise, and are left all the same',
    withGraph((graph) => {
      const asynchronous = async () => {};
      for (const open of [
        () => nameScope('s', asynchronous),
        () => controlDependencies([], asynchronous),
        () => device('/cpu:0', asynchronous),
        () => colocateWith(noOp(), asynchronous),
        () => graph.asDefault(asynchronous),
        () => graph.nameScope('s', asynchronous),
      ]) {
        expect(thrownBy(open)).to.match(
          /^TypeError: The body of a scope must not return a Promise: scopes are dynamic/,
        );
      }
      expect([getCurrentNameScope(), getDefaultGraph(), noOp().device]).to.deep.equal(['', graph, '']);
    }),
  );

  it(
    'give back what the callback returns',
    withGraph(() => {
      expect(nameScope('s', (scope) => scope.length)).to.equal(2);
      expect(device(null, () => getCollectionRef('none'))).to.deep.equal([]);
    }),
  );
});
