/**
 * Graphs cut down for inference: what is kept, what goes, and that they compute what they did.
 */
import { expect } from 'chai';
import { graphToProto } from '../../../graph/formats/exportGraphDef';
import type { GraphDef } from '../../../graph/formats/protos/generated/graph_pb';
import * as tf from '../../../lib/index';
import { expectClose } from '../../support/close';
import { expectLegal } from '../../support/legal';
import { type Model, variedModel } from './support';

const { graphUtil } = tf;

const x = tf.NdArray.from([
  [1, 2],
  [-0.5, 3],
]);
const feedsOf = (flag: boolean) => ({ 'x:0': x, 'flag:0': tf.NdArray.from(flag) });

function imported(def: GraphDef): tf.Graph {
  const graph = new tf.Graph();
  graph.asDefault(() => tf.importGraphDef(def, { name: '' }));
  expectLegal(graph);
  return graph;
}

/** The graph computes what the model does, with no variable of its own. */
function expectSame(def: GraphDef, { session, outputs }: Model): void {
  const own = new tf.Session({ graph: imported(def) });
  for (const flag of [true, false]) {
    const want = session.runSync([...outputs], { feed: feedsOf(flag) }) as tf.NdArray[];
    const got = own.runSync([...outputs], { feed: feedsOf(flag) }) as tf.NdArray[];
    got.forEach((value, i) => expectClose(value, want[i]));
  }
}

const nodesOf = ({ outputs }: Model) => outputs.map((name) => name.replace(/:\d+$/, ''));
const typesOf = (def: GraphDef) => {
  const bodies = def.library?.function ?? [];
  return new Set([...def.node, ...bodies.flatMap(({ nodeDef }) => nodeDef)].map(({ op }) => op));
};

describe('tf.graphUtil', () => {
  let model: Model;
  before(() => {
    model = variedModel();
  });

  describe('extractSubGraph', () => {
    it('keeps what is needed, in order', () => {
      const def = graphToProto(model.graph);
      const part = graphUtil.extractSubGraph(def, ['dense']);
      const names = part.node.map(({ name }) => name);
      expect(names).to.include.members(['x', 'kernel', 'dense']);
      expect(names).not.to.include.members(['flag', 'bias', 'init']);
      expect(names).to.deep.equal(def.node.map(({ name }) => name).filter((name) => names.includes(name)));
      expect(part.versions).to.deep.equal(def.versions);
    });

    it('follows control edges and colocation', () => {
      const graph = new tf.Graph();
      graph.asDefault(() => {
        const [a, b] = [tf.constant(1, { name: 'a' }), tf.constant(2, { name: 'b' })];
        tf.controlDependencies([a], () => tf.colocateWith(b, () => tf.constant(3, { name: 'c' })));
        tf.constant(4, { name: 'd' });
      });
      const part = graphUtil.extractSubGraph(graphToProto(graph), ['c']);
      expect(part.node.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c']);
    });

    it('refuses names that no node has', () => {
      expect(() => graphUtil.extractSubGraph(graphToProto(model.graph), ['dense:0'])).to.throw(
        tf.errors.AssertionError,
        'dense:0 is not in graph',
      );
    });
  });

  describe('convertVariablesToConstants', () => {
    it('freezes variables at the top, in branches, in loops and by rows', () => {
      const def = graphUtil.convertVariablesToConstants(model.session, graphToProto(model.graph), nodesOf(model));
      const types = [...typesOf(def)];
      expectSame(def, model);
      const used = def.node.map(({ op }) => op);
      expect(used).to.include.members(['If', 'While', 'Gather']);
      expect(used.filter((type) => /Variable|VarHandle|Resource/.test(type))).to.deep.equal([]);
      expect(types).to.include('Identity');
    });

    it('leaves the graph that it was given, but for reading', () => {
      const graph = new tf.Graph();
      const y = graph.asDefault(() => tf.add(tf.getVariable('v', { initializer: tf.constant(2) }), 1, { name: 'y' }));
      const session = new tf.Session({ graph });
      session.runSync(graph.asDefault(() => tf.globalVariablesInitializer()));
      const before = graphToProto(graph);
      const def = graphUtil.convertVariablesToConstants(session, before, ['y']);
      expect(def.node.map(({ name, op }) => [name, op])).to.deep.equal(
        [
          ['v', 'Const'],
          ['add/ReadVariableOp', 'Identity'],
          ['y/y', 'Const'],
          ['y', 'AddV2'],
        ].map(([name, op]) => [name === 'add/ReadVariableOp' ? 'y/ReadVariableOp' : name, op]),
      );
      expect((new tf.Session({ graph: imported(def) }).runSync('y:0') as tf.NdArray).item()).to.equal(3);
      expect(session.runSync(y).item()).to.equal(3);
    });

    it('refuses what writes variables, and variables without a value', () => {
      const def = graphToProto(model.graph);
      expect(() => graphUtil.convertVariablesToConstants(model.session, def, ['kernel/Assign'])).to.throw(
        tf.errors.ValueError,
        'The graph cannot be frozen: node kernel/Assign (AssignVariableOp) takes a variable and does more than read it.',
      );
      const fresh = new tf.Session({ graph: model.graph });
      expect(() => graphUtil.convertVariablesToConstants(fresh, def, ['dense'])).to.throw(
        tf.errors.FailedPreconditionError,
        'Could not find variable kernel',
      );
    });
  });

  describe('removeTrainingNodes and foldConstants', () => {
    let frozen: GraphDef;
    before(() => {
      frozen = graphUtil.convertVariablesToConstants(model.session, graphToProto(model.graph), nodesOf(model));
    });

    it('take away what passes its input on, but for protected nodes', () => {
      const def = graphUtil.removeTrainingNodes(frozen, ['rows']);
      expectSame(def, model);
      const names = def.node.map(({ name }) => name);
      expect(names).to.include('rows');
      expect(names).not.to.include('dense');
      expect([...typesOf(def)]).not.to.include.members(['CheckNumerics', 'StopGradient']);
      expect(graphUtil.removeTrainingNodes(frozen, ['rows', 'dense']).node.map(({ name }) => name)).to.include('dense');
    });

    it('keep identities that control edges begin or end at', () => {
      const graph = new tf.Graph();
      graph.asDefault(() => {
        const a = tf.identity(tf.placeholder(tf.float32, [], { name: 'p' }), { name: 'a' });
        const one = tf.constant(1, { name: 'one' });
        const b = tf.controlDependencies([a], () => tf.identity(one, { name: 'b' }));
        const checked = tf.debugging.checkNumerics(b, 'b', { name: 'checked' });
        const c = tf.controlDependencies([checked], () => tf.add(checked, 1, { name: 'c' }));
        tf.identity(tf.identity(c, { name: 'd' }), { name: 'e' });
      });
      const def = graphUtil.removeTrainingNodes(graphToProto(graph), ['e']);
      expect(def.node.map(({ name, input }) => [name, ...input])).to.deep.equal([
        ['p'],
        ['a', 'p'],
        ['one'],
        ['b', 'one', '^a'],
        ['c/y', '^b'],
        ['c', 'b', 'c/y'],
        ['e', 'c'],
      ]);
    });

    it('compute what constants alone decide', () => {
      const def = graphUtil.foldConstants(frozen, nodesOf(model));
      expectSame(def, model);
      const byName = new Map(def.node.map((node) => [node.name, node.op]));
      expect([byName.get('scale'), byName.get('rows'), byName.get('y')]).to.deep.equal(['Const', 'Const', 'Mul']);
    });

    it('leave random ops, ops that fail, and large results', () => {
      const graph = new tf.Graph();
      graph.asDefault(() => {
        tf.add(tf.randomUniform([2], { seed: 1 }), 1, { name: 'random' });
        tf.identity(tf.gather([1, 2], tf.NdArray.from([7], tf.int32), { name: 'bad' }), { name: 'out' });
        tf.identity(tf.fill([3000, 3000], 1, { name: 'large' }), { name: 'large_out' });
        tf.identity(tf.add(1, 2, { name: 'known' }), { name: 'known_out' });
      });
      const def = graphUtil.foldConstants(graphToProto(graph), ['random', 'out', 'large_out', 'known_out']);
      const byName = new Map(def.node.map((node) => [node.name, node.op]));
      const want = { random: 'AddV2', bad: 'GatherV2', large: 'Fill', out: 'Identity', known_out: 'Const' };
      expect(Object.fromEntries(Object.keys(want).map((name) => [name, byName.get(name)]))).to.deep.equal(want);
    });
  });
});
