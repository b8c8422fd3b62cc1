/**
 * Snapshots of a graph: what they hold, that they never change, that they share, and that they follow the graph.
 */
import { expect } from 'chai';
import { applyOp } from '../../graph/applyOp';
import { cond } from '../../graph/controlFlow/cond';
import { bool, float32, int32, resource } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { add, multiply } from '../../graph/ops/binary';
import { constant, identity, noOp, placeholder } from '../../graph/ops/source';
import { setRandomSeed } from '../../graph/seeds';
import { scalarShape } from '../../graph/shape';
import type { NodeState } from '../../graph/state';
import '../../graph/ops/index';
import { withGraph } from '../support/inGraph';

const node = (graph: Graph, name: string): NodeState => graph.state.nodes.get(name)!;

describe('the state of a graph', () => {
  it(
    'holds nodes in order of creation, as plain data',
    withGraph((graph) => {
      const x = placeholder(float32, [2, null], { name: 'x' });
      const a = noOp({ name: '1' });
      const y = constant(1, { name: 'y' });
      graph.device('/cpu:0', () => graph.controlDependencies([a], () => add(x, y, { name: 'sum' })));
      const { nodes } = graph.state;
      expect([...nodes.keys()]).to.deep.equal(['x', '1', 'y', 'sum']);
      expect(nodes.get('sum')).to.deep.equal({
        name: 'sum',
        op: 'AddV2',
        device: '/device:CPU:0',
        inputs: ['x', 'y'],
        controlInputs: ['1'],
        attrs: { T: { type: 'float32' } },
        outputs: [{ dtype: 'float32', shape: [2, null] }],
      });
      expect(nodes.get('x')!.attrs).to.deep.equal({ dtype: { type: 'float32' }, shape: { shape: [2, null] } });
      expect(nodes.get('y')!.attrs.value).to.deep.equal({ tensor: { dtype: 'float32', shape: [], values: [1] } });
    }),
  );

  it(
    'holds seeds, collections, functions, and what handles refer to',
    withGraph((graph) => {
      setRandomSeed(7n);
      const p = placeholder(bool, [], { name: 'p' });
      const handle = applyOp('VarHandleOp', { dtype: int32, shape: scalarShape, shared_name: 'v' }, 'v').output;
      cond(
        p,
        () => constant(1),
        () => constant(2),
      );
      for (const item of [p, p.op, 3, 'text', null, { name: 'v:0', handle }, { name: 'thing' }, () => 1])
        graph.addToCollection('k', item);
      graph.getCollectionRef('empty');
      const { seed, seedlessOps, versions, collections, functions, nodes } = graph.state;
      expect([seed, seedlessOps, versions]).to.deep.equal(['7', 0, { producer: 1645, minConsumer: 0 }]);
      expect([...collections]).to.deep.equal([
        [
          'k',
          [
            { tensor: 'p:0' },
            { op: 'p' },
            { value: 3 },
            { value: 'text' },
            { value: null },
            { variable: 'v:0', handle: 'v:0' },
            { object: 'thing' },
            { object: '' },
          ],
        ],
        ['empty', []],
      ]);
      expect(nodes.get('v')!.outputs).to.deep.equal([
        { dtype: resource.name, shape: [], handle: { dtype: 'int32', shape: [] } },
      ]);
      const [[name, func]] = functions;
      expect(nodes.get('cond')!.attrs.then_branch).to.deep.equal({ func: { name, attrs: {} } });
      expect([func.inputs, func.outputs, [...func.nodes.keys()]]).to.deep.equal([[], ['Const'], ['Const']]);
    }),
  );

  it('is frozen all the way down', () => {
    const graph = new Graph();
    graph.asDefault(() => graph.addToCollection('k', add(placeholder(float32, [2]), 1)));
    const { state } = graph;
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect([...state.nodes.values(), ...state.collections.values(), state].every(frozen)).to.equal(true);
    expect(() => (state.nodes as Map<string, unknown>).set('a', null)).to.throw();
    expect(() => (state.collections as Map<string, unknown>).clear()).to.throw();
    expect(() => Object.assign(state, { seed: 3 })).to.throw();
  });
});

describe('snapshots', () => {
  it(
    'are one object as long as nothing changes',
    withGraph((graph) => {
      expect(graph.state).to.equal(graph.state);
      const x = placeholder(float32);
      const first = graph.state;
      expect(graph.state).to.equal(first);
      expect(graph.uniqueName('a')).to.equal('a');
      x.setShape(null);
      expect(graph.state).to.equal(first);
    }),
  );

  it(
    'keep what they were, and share what stays',
    withGraph((graph) => {
      const x = placeholder(float32, [2], { name: 'x' });
      graph.addToCollection('k', x);
      const before = graph.state;
      const y = identity(x, { name: 'y' });
      const after = graph.state;
      expect([[...before.nodes.keys()], [...after.nodes.keys()]]).to.deep.equal([['x'], ['x', 'y']]);
      expect(after.nodes.get('x')).to.equal(before.nodes.get('x'));
      expect(after.collections).to.equal(before.collections);
      expect(after.functions).to.equal(before.functions);
      graph.addToCollection('k', y);
      expect(graph.state.nodes).to.equal(after.nodes);
      expect(graph.state.collections.get('k')).to.deep.equal([{ tensor: 'x:0' }, { tensor: 'y:0' }]);
    }),
  );

  it(
    'follow changes of nodes that are already in one',
    withGraph((graph) => {
      const x = placeholder(float32, [null], { name: 'x' });
      const handle = placeholder(resource, [], { name: 'h' });
      const n = noOp({ name: 'n' });
      const before = graph.state;
      x.setShape([3]);
      expect(node(graph, 'x').outputs[0].shape).to.deep.equal([3]);
      handle.handleData = { dtype: int32, shape: scalarShape };
      expect(node(graph, 'h').outputs[0].handle).to.deep.equal({ dtype: 'int32', shape: [] });
      graph.controlDependencies([n], () => {});
      expect(node(graph, 'n').attrs).to.deep.equal({ _has_manual_control_dependencies: { bool: true } });
      graph.updateOp(x.op, { device: '/device:CPU:0', addControlInputs: [n] });
      expect([node(graph, 'x').device, node(graph, 'x').controlInputs]).to.deep.equal(['/device:CPU:0', ['n']]);
      setRandomSeed(3);
      expect(graph.state.seed).to.equal(3);
      expect([...before.nodes.values()].map((state) => [state.device, state.outputs[0]?.shape])).to.deep.equal([
        ['', [null]],
        ['', []],
        ['', undefined],
      ]);
      expect([...graph.state.nodes.keys()]).to.deep.equal(['x', 'h', 'n']);
    }),
  );

  it(
    'forget what a failed call added, even if they were taken in its middle',
    withGraph((graph) => {
      const x = placeholder(float32, [null], { name: 'x' });
      const before = graph.state;
      expect(() =>
        graph.transaction(() => {
          const y = identity(x, { name: 'y' });
          graph.addToCollection('k', y);
          x.setShape([3]);
          expect([...graph.state.nodes.keys()]).to.deep.equal(['x', 'y']);
          throw new Error('mine');
        }),
      ).to.throw('mine');
      expect([...graph.state.nodes.keys()]).to.deep.equal(['x']);
      expect([...graph.state.collections.keys()]).to.deep.equal([]);
      expect(graph.state).to.deep.equal(before);
      identity(x, { name: 'y' });
      multiply(x, 2, { name: 'z' });
      expect([...graph.state.nodes.keys()]).to.deep.equal(['x', 'y', 'z/y', 'z']);
    }),
  );

  it(
    'follow the bodies of functions',
    withGraph((graph) => {
      const p = placeholder(bool, [], { name: 'p' });
      const branch = (value: number) => () => constant(value, { name: 'c' });
      cond(p, branch(1), branch(2));
      const before = graph.state;
      cond(p, branch(3), branch(4));
      const after = graph.state;
      expect([before.functions.size, after.functions.size]).to.deep.equal([2, 4]);
      const [[name, func]] = before.functions;
      expect(after.functions.get(name)).to.equal(func);
      const [body] = graph.functions.values();
      body.createOp('NoOp', []);
      expect([...graph.state.functions.get(name)!.nodes.keys()]).to.deep.equal(['c', 'NoOp']);
      expect(func.nodes.size).to.equal(1);
    }),
  );
});
