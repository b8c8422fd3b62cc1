/**
 * Differences between two graphs: patches that lead from one to the other, and a summary that knows renamed scopes.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { applyPatches, enableMapSet, enablePatches, type Objectish } from 'immer';
import { cond } from '../../graph/controlFlow/cond';
import { diff, type GraphDiff } from '../../graph/diff';
import { bool, float32 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { add, multiply } from '../../graph/ops/binary';
import { matmul } from '../../graph/ops/matmul';
import { constant, identity, noOp, placeholder } from '../../graph/ops/source';
import type { GraphState } from '../../graph/state';
import '../../graph/ops/index';

enableMapSet();
enablePatches();

function built(build: (graph: Graph) => unknown): GraphState {
  const graph = new Graph();
  graph.asDefault(() => build(graph));
  return graph.state;
}

const nothing = {
  patches: [],
  added: [],
  removed: [],
  changed: [],
  rewired: [],
  renamedScopes: [],
  functions: { added: [], removed: [], changed: [] },
  collections: [],
};

function expectDiff(before: GraphState, after: GraphState, want: Partial<GraphDiff>): void {
  const { patches, ...found } = diff(before, after);
  const { patches: _none, ...rest } = { ...nothing, ...want };
  expect(found).to.deep.equal(rest);
  expect(applyPatches(before as unknown as Objectish, patches as never)).to.deep.equal(after);
}

const x = () => placeholder(float32, [2, 2], { name: 'x' });

describe('the difference of two states', () => {
  it('is nothing for one state, and for two graphs built alike', () => {
    const graph = new Graph();
    graph.asDefault(() => add(x(), 1));
    expect(diff(graph.state, graph.state)).to.deep.equal(nothing);
    const build = () => add(x(), 1);
    expect(diff(built(build), built(build))).to.deep.equal(nothing);
  });

  it('is what was added and removed', () => {
    const one = built(() => [x(), noOp({ name: 'old' })]);
    const other = built(() => [x(), noOp({ name: 'new' }), noOp({ name: '1' })]);
    expectDiff(one, other, { added: ['new', '1'], removed: ['old'] });
    expectDiff(other, one, { added: ['old'], removed: ['new', '1'] });
  });

  it('is what of a node is another', () => {
    const [before, after] = [false, true].map((transposeB) => built(() => matmul(x(), x(), { transposeB, name: 'm' })));
    expectDiff(before, after, {
      changed: [{ name: 'm', attrs: { transpose_b: { before: { bool: false }, after: { bool: true } } } }],
    });
    expect(diff(before, after).patches).to.deep.equal([
      { op: 'replace', path: ['nodes', 'm', 'attrs', 'transpose_b'], value: { bool: true } },
    ]);
  });

  it('tells device, type, shape and attributes apart, also those that only one has', () => {
    const before = built(() => [placeholder(float32, [2], { name: 'p' }), noOp({ name: 'n' })]);
    const after = built((graph) =>
      graph.device('/cpu:0', () => [
        placeholder(float32, [3], { name: 'p' }),
        graph.attrScope({ _a: true }, () => constant(1, { name: 'n' })),
      ]),
    );
    const { changed } = diff(before, after);
    expect(changed.map(({ name, op, device }) => [name, op, device])).to.deep.equal([
      ['p', undefined, { before: '', after: '/device:CPU:0' }],
      ['n', { before: 'NoOp', after: 'Const' }, { before: '', after: '/device:CPU:0' }],
    ]);
    expect(Object.keys(changed[0].attrs!)).to.deep.equal(['shape']);
    expect(changed[0].outputs!.after).to.deep.equal([{ dtype: 'float32', shape: [3] }]);
    expect(changed[1].attrs!._a).to.deep.equal({ before: undefined, after: { bool: true } });
  });

  it('is who reads and waits for whom', () => {
    const wire = (swap: boolean, waits: boolean) =>
      built((graph) => {
        const [a, b, n] = [constant(1, { name: 'a' }), constant(2, { name: 'b' }), noOp({ name: 'n' })];
        graph.controlDependencies(waits ? [n] : [], () => add(swap ? b : a, swap ? a : b, { name: 'c' }));
        if (!waits) graph.controlDependencies([n], () => {});
      });
    expectDiff(wire(false, false), wire(true, true), {
      rewired: [
        { name: 'c', inputs: { before: ['a', 'b'], after: ['b', 'a'] }, controlInputs: { before: [], after: ['n'] } },
      ],
    });
  });

  it('is what functions and collections hold, and the seeds', () => {
    const build = (value: number, key: string) => (graph: Graph) => {
      graph.seed = value;
      const p = placeholder(bool, [], { name: 'p' });
      cond(
        p,
        () => constant(value, { name: 'c' }),
        () => constant(7, { name: 'c' }),
      );
      graph.addToCollection('k', p);
      graph.addToCollection(key, p);
    };
    const [before, after] = [built(build(1, 'a')), built(build(2, 'b'))];
    const name = [...before.functions.keys()].find((key) => key.includes('true'))!;
    expectDiff(before, after, { functions: { added: [], removed: [], changed: [name] }, collections: ['a', 'b'] });
  });
});

describe('a renamed scope', () => {
  const dense = (graph: Graph, name: string) =>
    graph.nameScope(name, (scope) => {
      const kernel = graph.nameScope('kernel', () =>
        constant(
          [
            [1, 0],
            [0, 1],
          ],
          { name: 'value' },
        ),
      );
      return graph.colocateWith(kernel, {}, () =>
        add(matmul(graph.getTensorByName('x:0'), kernel), 1, { name: scope }),
      );
    });

  it('is one difference, and what only follows it is none', () => {
    const build = (name: string) =>
      built((graph) => {
        x();
        identity(dense(graph, name), { name: 'out' });
      });
    expectDiff(build('dense'), build('output'), {
      renamedScopes: [{ before: 'dense', after: 'output', nodes: 4 }],
    });
  });

  it('still shows what changed inside it', () => {
    const build = (name: string, type: string) =>
      built((graph) => {
        x();
        graph.nameScope(name, () => {
          const a = constant(1, { name: 'a' });
          graph.device(type, () => multiply(a, 2, { name: 'b' }));
        });
      });
    const { renamedScopes, changed, added, removed } = diff(build('one', ''), build('two', '/cpu:0'));
    expect(renamedScopes).to.deep.equal([{ before: 'one', after: 'two', nodes: 3 }]);
    expect(changed.map(({ name }) => name)).to.deep.equal(['two/b/y', 'two/b']);
    expect([added, removed]).to.deep.equal([[], []]);
  });

  it('is none when it holds something else, or only part of it went', () => {
    const before = built((graph) => graph.nameScope('a', () => [noOp({ name: 'x' }), noOp({ name: 'y' })]));
    const other = built((graph) => graph.nameScope('b', () => [noOp({ name: 'x' }), constant(1, { name: 'y' })]));
    expectDiff(before, other, { added: ['b/x', 'b/y'], removed: ['a/x', 'a/y'] });
    const part = built((graph) => [
      graph.nameScope('a', () => noOp({ name: 'x' })),
      graph.nameScope('b', () => noOp({ name: 'y' })),
    ]);
    expectDiff(before, part, { added: ['b/y'], removed: ['a/y'] });
  });

  it('is told from its likes by order', () => {
    const build = (names: readonly string[]) =>
      built((graph) => {
        for (const name of names) graph.nameScope(name, () => noOp({ name: 'x' }));
      });
    const { renamedScopes } = diff(build(['a', 'b', 'same']), build(['c', 'd', 'same']));
    expect(renamedScopes).to.deep.equal([
      { before: 'a', after: 'c', nodes: 1 },
      { before: 'b', after: 'd', nodes: 1 },
    ]);
  });
});

describe('patches', () => {
  it('lead from any graph to any other', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f', 'g/e', 'g/f', '1');
    const step = fc.record({
      name: names,
      kind: fc.constantFrom('noOp', 'const', 'read'),
      device: fc.constantFrom('', '/cpu:0'),
      key: fc.constantFrom('', 'k', 'l'),
    });
    const program = fc.array(step, { maxLength: 8 });
    const run = (steps: readonly { name: string; kind: string; device: string; key: string }[]) =>
      built((graph) => {
        const made = [constant(0, { name: 'zero' })];
        for (const { name, kind, device, key } of steps) {
          graph.device(device, () => {
            if (kind === 'noOp') graph.controlDependencies([made.at(-1)], () => noOp({ name }));
            else made.push(kind === 'const' ? constant(made.length, { name }) : identity(made.at(-1)!, { name }));
          });
          if (key !== '') graph.addToCollection(key, made.at(-1));
        }
      });
    fc.assert(
      fc.property(program, program, (one, other) => {
        const [before, after] = [run(one), run(other)];
        const { patches } = diff(before, after);
        expect(applyPatches(before as unknown as Objectish, patches as never)).to.deep.equal(after);
        expect(patches.length === 0).to.equal(diff(after, before).patches.length === 0);
      }),
      { numRuns: 200 },
    );
  });
});
