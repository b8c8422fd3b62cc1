/**
 * Views of a graph: reach, orders, cycles, paths, parts, and the tree of scopes; and that none of them minds deep graphs.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { alg } from 'graphlib';
import { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { constant, identity, noOp } from '../../graph/ops/source';
import {
  components,
  cycles,
  edgesView,
  reachable,
  scopeTree,
  shortestPath,
  topologicalOrder,
} from '../../graph/topology';
import '../../graph/ops/index';
import { inGraph, namesOf } from '../support/inGraph';

interface Wiring {
  readonly reads: readonly (readonly number[])[];
  readonly waits: readonly (readonly number[])[];
}

/** A graph of AddN nodes `n0`, `n1`, …: node i reads and waits for nodes before it. */
function wired({ reads, waits }: Wiring): { graph: Graph; ops: Operation[] } {
  return inGraph((graph) => {
    const ops: Operation[] = [];
    reads.forEach((inputs, i) => {
      const controlInputs = [...new Set(waits[i] ?? [])].map((k) => ops[k]);
      const tensors = inputs.map((k) => ops[k].output);
      const value = constant(1, { name: 'value' }).op.attrs;
      const [type, attrs] = tensors.length === 0 ? ['Const', value] : ['AddN', {}];
      ops.push(graph.createOp(type, tensors, { name: `n${i}`, controlInputs, attrs }));
    });
    return { graph, ops };
  });
}

const wirings: fc.Arbitrary<Wiring> = fc.integer({ min: 1, max: 12 }).chain((n) => {
  const before = (i: number) => (i === 0 ? fc.constant([]) : fc.array(fc.nat(i - 1), { maxLength: 3 }));
  const lists = () => fc.tuple(...Array.from({ length: n }, (_, i) => before(i)));
  return fc.record({ reads: lists(), waits: lists() });
});

/** The diamond with a tail: a → b, c → d; e waits for d; f stands alone. */
const diamond = () => wired({ reads: [[], [0], [0], [1, 2], [], []], waits: [[], [], [], [], [3], []] });

const numbered = (ops: Iterable<Operation>) => namesOf([...ops].filter((op) => op.name.startsWith('n')));

describe('reach and paths', () => {
  it('lead to what an op needs, and to what needs it', () => {
    const { ops } = diamond();
    expect(numbered(reachable([ops[4]])).sort()).to.deep.equal(['n0', 'n1', 'n2', 'n3', 'n4']);
    expect(numbered(reachable([ops[4]], { control: false }))).to.deep.equal(['n4']);
    expect(numbered(reachable([ops[1]], { towards: 'consumers' })).sort()).to.deep.equal(['n1', 'n3', 'n4']);
    expect(numbered(reachable([ops[1]], { towards: 'consumers', control: false })).sort()).to.deep.equal(['n1', 'n3']);
    expect(numbered(reachable([ops[5], ops[0]])).sort()).to.deep.equal(['n0', 'n5']);
  });

  it('name a shortest chain from one op to another, or none', () => {
    const { ops } = diamond();
    const path = (from: number, to: number, options = {}) =>
      shortestPath(ops[from], ops[to], options)?.map((op) => op.name) ?? null;
    expect(path(4, 0)).to.deep.equal(['n4', 'n3', 'n1', 'n0']);
    expect(path(0, 4, { towards: 'consumers' })).to.deep.equal(['n0', 'n1', 'n3', 'n4']);
    expect(path(3, 3)).to.deep.equal(['n3']);
    expect(path(4, 0, { control: false })).to.equal(null);
    expect(path(0, 5)).to.equal(null);
  });

  it('agree with graphlib on any graph', () => {
    fc.assert(
      fc.property(wirings, (wiring) => {
        const { graph, ops } = wired(wiring);
        const distances = alg.dijkstraAll(edgesView(graph));
        for (const from of ops) {
          const reached = reachable([from], { towards: 'consumers' });
          for (const to of ops) {
            const { distance } = distances[from.name][to.name];
            expect(reached.has(to)).to.equal(Number.isFinite(distance));
            const path = shortestPath(from, to, { towards: 'consumers' });
            expect((path?.length ?? Number.POSITIVE_INFINITY) - 1).to.equal(distance);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('order and cycles', () => {
  it('put each op after what it needs, in order of creation where that is free', () => {
    const { graph, ops } = diamond();
    expect(numbered(topologicalOrder(graph.operations))).to.deep.equal(['n0', 'n1', 'n2', 'n3', 'n4', 'n5']);
    graph.updateOp(ops[0], { addControlInputs: [ops[5]] });
    const order = numbered(topologicalOrder(graph.operations));
    expect(order.indexOf('n5')).to.be.lessThan(order.indexOf('n0'));
    expect(order).to.have.length(6);
  });

  it('hold for any graph that is rewired without a cycle', () => {
    fc.assert(
      fc.property(wirings, (wiring) => {
        const { graph } = wired(wiring);
        const order = topologicalOrder(graph.operations);
        expect(order).to.have.length(graph.operations.length);
        const place = new Map(order.map((op, i) => [op, i]));
        for (const op of order) {
          for (const before of [...op.inputs.map((input) => input.op), ...op.controlInputs]) {
            expect(place.get(before)!).to.be.lessThan(place.get(op)!);
          }
        }
        expect(cycles(graph)).to.deep.equal([]);
      }),
      { numRuns: 100 },
    );
  });

  it('leave out cycles, which are named, as graphlib names them', () => {
    fc.assert(
      fc.property(wirings, fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 4 }), (wiring, back) => {
        const { graph, ops } = wired(wiring);
        for (const [from, to] of back) {
          const [op, control] = [ops[Math.min(from, to) % ops.length], ops[Math.max(from, to) % ops.length]];
          graph.updateOp(op, { addControlInputs: [control] });
        }
        const found = cycles(graph).map((cycle) => namesOf(cycle).sort());
        const wanted = alg.findCycles(edgesView(graph)).map((cycle) => [...cycle].sort());
        expect(found.map(String).sort()).to.deep.equal(wanted.map(String).sort());
        const order = new Set(topologicalOrder(graph.operations));
        for (const cycle of cycles(graph)) for (const op of cycle) expect(order.has(op)).to.equal(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe('parts', () => {
  it('are what no edge connects', () => {
    const { graph } = diamond();
    const parts = components(graph)
      .map(numbered)
      .filter((part) => part.length > 0);
    expect(parts).to.deep.equal([['n0', 'n1', 'n2', 'n3', 'n4'], ['n5']]);
  });

  it('agree with graphlib on any graph', () => {
    fc.assert(
      fc.property(wirings, (wiring) => {
        const { graph } = wired(wiring);
        const sorted = (parts: readonly (readonly string[])[]) =>
          parts.map((part) => [...part].sort().join(' ')).sort();
        expect(sorted(components(graph).map(namesOf))).to.deep.equal(sorted(alg.components(edgesView(graph))));
      }),
      { numRuns: 60 },
    );
  });
});

describe('graphlib views', () => {
  it('hold every edge once, with what it stands for', () => {
    inGraph((graph) => {
      const [a, n] = [constant(1, { name: 'a' }), noOp({ name: 'n' })];
      graph.controlDependencies([n, a], () => graph.createOp('AddN', [a, a], { name: 'sum' }));
      graph.updateOp(graph.getOperationByName('sum'), { addControlInputs: [a.op] });
      const view = edgesView(graph);
      expect(view.nodes()).to.deep.equal(['a', 'n', 'sum']);
      expect(view.node('sum')).to.equal('AddN');
      expect(view.edge('a', 'sum')).to.deep.equal({ inputs: 2, control: true });
      expect(view.edge('n', 'sum')).to.deep.equal({ inputs: 0, control: true });
    });
  });

  it('nest operations in scopes', () => {
    inGraph((graph) => {
      noOp({ name: 'top' });
      graph.nameScope('a', (scope) => {
        noOp({ name: 'x' });
        graph.nameScope('b', () => [noOp({ name: 'y' }), noOp({ name: 'z' })]);
        noOp({ name: scope });
      });
      const tree = scopeTree(graph);
      expect([...tree.children()].sort()).to.deep.equal(['a', 'a/', 'top']);
      expect([...(tree.children('a/') as string[])].sort()).to.deep.equal(['a/b/', 'a/x']);
      expect(tree.parent('a/b/y')).to.equal('a/b/');
      expect(tree.node('a/')).to.deep.equal({ isScope: true, ops: 3, type: null });
      expect(tree.node('a/b/')).to.deep.equal({ isScope: true, ops: 2, type: null });
      expect(tree.node('a')).to.deep.equal({ isScope: false, ops: 1, type: 'NoOp' });
    });
  });
});

describe('deep graphs', () => {
  const DEPTH = 100_000;
  const graph = new Graph();
  let last: Operation;

  before(() => {
    graph.asDefault(() => {
      let tensor = constant(1, { name: 'start' });
      for (let i = 1; i < DEPTH; i++) tensor = identity(tensor);
      last = tensor.op;
    });
  });

  it('are built, and named one by one', () => {
    expect([graph.version, last.name]).to.deep.equal([DEPTH, `Identity_${DEPTH - 2}`]);
  });

  it('are walked without recursion', () => {
    const start = graph.getOperationByName('start');
    expect(reachable([last]).size).to.equal(DEPTH);
    expect(reachable([start], { towards: 'consumers' }).size).to.equal(DEPTH);
    expect(shortestPath(last, start)).to.have.length(DEPTH);
    expect(topologicalOrder(graph.operations).at(-1)).to.equal(last);
    expect(components(graph)).to.have.length(1);
    expect(cycles(graph)).to.deep.equal([]);
    expect(scopeTree(graph).nodeCount()).to.equal(DEPTH);
  });

  it('are folded into snapshots piece by piece: of what was there nothing is made anew', () => {
    const { nodes } = graph.state;
    expect(nodes.size).to.equal(DEPTH);
    graph.asDefault(() => noOp({ name: 'more' }));
    const after = graph.state.nodes;
    expect(after.size).to.equal(DEPTH + 1);
    expect([...nodes].every(([name, node]) => after.get(name) === node)).to.equal(true);
    expect(graph.state.nodes).to.equal(after);
  });

  it('have their cycles named', () => {
    graph.updateOp(graph.operations[1], { addControlInputs: [last] });
    const [cycle, ...others] = cycles(graph);
    expect([cycle.length, others.length]).to.deep.equal([DEPTH - 1, 0]);
  });
});
