/**
 * A call that fails leaves the graph as it was: its text, its state, its names, so that what is built next is called as
 * if the failed call had never been made.
 */
import { expect } from 'chai';
import { applyOp } from '../../graph/applyOp';
import { cond } from '../../graph/controlFlow/cond';
import { whileLoop } from '../../graph/controlFlow/whileLoop';
import { convertToTensor } from '../../graph/convert';
import { isSame } from '../../graph/diff';
import { bool, float32, int32, string } from '../../graph/dtypes';
import { GraphTypeError, LookupError, OpError, RuntimeError, ValueError } from '../../graph/errors';
import { colocateWith, controlDependencies, device, nameScope } from '../../graph/framework';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { reshape } from '../../graph/ops/array';
import { add, multiply } from '../../graph/ops/binary';
import { conv2d } from '../../graph/ops/conv';
import { gather } from '../../graph/ops/gather';
import { group, tuple } from '../../graph/ops/grouping';
import { concat, split, stack } from '../../graph/ops/joining';
import { matmul } from '../../graph/ops/matmul';
import { randomUniform } from '../../graph/ops/random';
import { reduceSum } from '../../graph/ops/reduce';
import { range } from '../../graph/ops/shapes';
import { constant, identity, noOp, placeholder, zeros } from '../../graph/ops/source';
import { listGraph } from '../../graph/print';
import { setRandomSeed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';
import '../../graph/ops/index';
import { stateToJSON } from '../../graph/stateJson';
import { verifyGraph } from '../../graph/verify';
import { einsum } from '../../lib/math/einsum';

interface Fixtures {
  readonly graph: Graph;
  readonly x: Tensor;
  readonly y: Tensor;
  readonly n: Tensor;
  readonly p: Tensor;
  readonly image: Tensor;
}

/** Some graph to make mistakes in. */
function fixtures(): Fixtures {
  const graph = new Graph();
  return graph.asDefault(() => {
    setRandomSeed(1);
    const x = placeholder(float32, [2, 3], { name: 'x' });
    const y = multiply(x, x, { name: 'y' });
    const n = constant([1, 2], { dtype: int32, name: 'n' });
    const p = placeholder(bool, [], { name: 'p' });
    const image = placeholder(float32, [1, 2, 2, 1], { name: 'image' });
    graph.addToCollection('k', x);
    cond(
      p,
      () => identity(x),
      () => multiply(x, 2),
    );
    randomUniform([2]);
    return { graph, x, y, n, p, image };
  });
}

const foreign = new Graph().asDefault(() => constant(1, { name: 'foreign' }));

const failing = () => {
  throw new Error('mine');
};

const badCalls: Readonly<Record<string, (f: Fixtures) => unknown>> = {
  'operands of different dtypes': ({ x, n }) => add(x, n),
  'an operand that cannot be converted, beside one that can': ({ n }) => applyOp('AddV2', { x: 1.5, y: n }),
  'a text for a number': ({ x }) => add(x, 'text'),
  'a ragged list': ({ x }) => add(x, [[1, 2], [3]]),
  'shapes that do not fit, after a constant was made': ({ x }) => matmul(x, [[1], [2]]),
  'a list that fails half-way': ({ x }) => concat([x, [[1, 2, 3]], [['a', 'b', 'c']]], 0),
  'a packed list that fails half-way': ({ x }) => stack([x, 1, 'a']),
  'a packed list within a conversion': ({ x }) => convertToTensor([x, [x, 1]]),
  'an impossible reshape': ({ x }) => reshape(x, [5, 7]),
  'a split that does not come out even': ({ x }) => split(x, 2, { axis: 1 }),
  'a reduction over an axis that is not there': ({ x }) => reduceSum(x, 7),
  'bad indices': ({ x }) => gather(x, [1.5]),
  'a bad equation': ({ x }) => einsum('ij,jk->iz', x, x),
  'an attribute out of its list': ({ image }) => conv2d(image, image, [1, 1, 1, 1], 'SOME' as never),
  'a range of texts': () => range('a' as never, 'b' as never),
  'a negative dimension': () => zeros([-1, 2]),
  'a dimension that is no number': () => placeholder(float32, [Number.NaN]),
  'a random op of a dtype that it cannot have': () => randomUniform([2], { dtype: string as never }),
  'a random op of a shape that is none': () => randomUniform(['a'] as never),
  'an invalid name': ({ x }) => add(x, 1, { name: 'b d' }),
  'a name that is taken': () => noOp({ name: 'x/' }),
  'a type that is not registered': ({ graph }) => graph.createOp('Nope', [], { name: 'a' }),
  'a missing attribute': ({ graph }) => graph.createOp('Placeholder', [], { name: 'a' }),
  'an input of another graph': ({ x }) => add(x, foreign),
  'a control input of another graph': ({ graph }) => graph.createOp('NoOp', [], { controlInputs: [foreign.op] }),
  'an invalid scope': () => nameScope('b d', () => {}),
  'a list of controls with something else in it': ({ x, n }) => controlDependencies([x, n, 3], () => {}),
  'a device that is none': () => device('/nowhere', () => noOp()),
  'a device function that fails': () => device(failing, () => noOp()),
  'a colocation with nothing': () => colocateWith(null, () => noOp()),
  'a group of something else': ({ x }) => group(x, 3 as never),
  'a tuple of nothing': () => tuple([null]),
  'a branch that throws': ({ p, x }) =>
    cond(
      p,
      () => add(x, 1),
      () => failing(),
    ),
  'branches that do not fit': ({ p, x, n }) =>
    cond(
      p,
      () => identity(x) as Tensor,
      () => identity(n),
    ),
  'a loop whose values change their shape': ({ x }) =>
    whileLoop(
      (i: Tensor) => applyOp('Less', { x: reduceSum(i), y: 10 }).output,
      (i: Tensor) => concat([i, i], 0),
      [x],
    ),
  'gradients of the wrong shape': ({ x, y }) => gradients(y, x, { gradYs: [[1, 2, 3, 4, 5]] }),
  'a transaction that fails': ({ graph, x }) =>
    graph.transaction(() => {
      graph.addToCollection('k', noOp());
      graph.addToCollection('new', 1);
      graph.clearCollection('k');
      controlDependencies([x], () => randomUniform([2]));
      x.setShape([2, 3]);
      graph.updateOp(x.op, { device: '/cpu:0', attrs: { ...x.op.attrs, _extra: true } });
      nameScope('scope', () => noOp({ name: 'a' }));
      failing();
    }),
  'a transaction within one that fails': ({ graph }) =>
    graph.transaction(() => {
      graph.transaction(() => noOp({ name: 'a' }));
      expect(() => graph.transaction(failing)).to.throw('mine');
      noOp({ name: 'a' });
      failing();
    }),
};

/** Fails unless the call throws, and throws one of our errors rather than by accident. */
function expectOurError(call: () => unknown): void {
  const ours = [ValueError, GraphTypeError, LookupError, RuntimeError, OpError];
  try {
    call();
  } catch (error) {
    const isOurs = ours.some((kind) => error instanceof kind) || (error as Error).message === 'mine';
    if (!isOurs) throw error;
    return;
  }
  expect.fail('nothing was thrown');
}

/** Everything about a graph that could have changed. */
function portrait({ graph, x, n }: Fixtures) {
  const readers = [x, n].map((tensor) => tensor.consumers().map((op) => op.name));
  const waiting = [x, n].map((tensor) => tensor.op.controlOutputs.map((op) => op.name));
  const keys = graph.getAllCollectionKeys().map((key) => [key, graph.getCollection(key).length]);
  return {
    text: listGraph(graph).split('\n'),
    nodes: [...graph.state.nodes.keys()],
    keys,
    readers,
    waiting,
    scope: graph.currentScope,
    rest: [graph.version, graph.seedlessOps],
  };
}

/** Names of whatever a program may add next. */
function nextNames({ graph, x }: Fixtures): string[] {
  const before = graph.version;
  for (const name of [
    'a',
    'Add',
    'x',
    'n',
    'scope',
    'Const',
    'concat',
    'stack',
    'packed',
    'group_deps',
    'tuple',
    'zeros',
  ])
    noOp({ name });
  noOp();
  placeholder(float32);
  nameScope('cond', () => noOp());
  nameScope('while', () => noOp());
  nameScope('gradients', () => randomUniform([2]));
  add(x, 1);
  return graph.operations.slice(before).map((op) => `${op.name} ${JSON.stringify(op.attrs.seed2 ?? null)}`);
}

describe('a call that fails leaves the graph as it was', () => {
  const undisturbed = fixtures();
  const wanted = undisturbed.graph.asDefault(() => nextNames(undisturbed));

  for (const [title, call] of Object.entries(badCalls)) {
    it(title, () => {
      const f = fixtures();
      f.graph.asDefault(() => {
        const before = portrait(f);
        const state = stateToJSON(f.graph.state);
        expectOurError(() => call(f));
        expect(portrait(f)).to.deep.equal(before);
        expect(isSame(stateToJSON(f.graph.state), state), 'the same state').to.equal(true);
        verifyGraph(f.graph);
        expect(nextNames(f)).to.deep.equal(wanted);
      });
    });
  }

  it('also when it is made of several calls of which some went well', () => {
    const f = fixtures();
    f.graph.asDefault(() => {
      for (const call of Object.values(badCalls)) expectOurError(() => call(f));
      expect(nextNames(f)).to.deep.equal(wanted);
    });
  });
});
