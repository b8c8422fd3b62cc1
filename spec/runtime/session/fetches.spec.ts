/** What a run returns: structures, names, elements that cannot be fetched. */
import { expect } from 'chai';
import * as dtypes from '../../../graph/dtypes';
import { InaccessibleTensorError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { IndexedSlices } from '../../../graph/indexedSlices';
import type { NdArray } from '../../../graph/ndarray';
import { add } from '../../../graph/ops/binary';
import { constant, identity, noOp, placeholder } from '../../../graph/ops/source';
import type { RunMetadata } from '../../../runtime/config';
import type { Fetch } from '../../../runtime/fetches';
import { Session } from '../../../runtime/session';

function build() {
  const graph = new Graph();
  return graph.asDefault(() => {
    const a = constant(1, { name: 'a' });
    const b = constant([2, 3], { name: 'b' });
    const sum = add(a, b, { name: 'sum' });
    const op = noOp({ name: 'nothing' });
    return { graph, a, b, sum, op, session: new Session({ graph }) };
  });
}

describe('fetches', () => {
  it('gives an array for a tensor and null for an operation', () => {
    const { a, op, session } = build();
    expect(session.runSync(a).item()).to.equal(1);
    expect(session.runSync(op)).to.equal(null);
  });

  it('keeps nested arrays and objects, duplicates and empty ones', () => {
    const { a, b, sum, op, session } = build();
    const result = session.runSync({ list: [a, [b, sum]], again: { a, op }, none: [], empty: {} });
    expect(result.list[0].item()).to.equal(1);
    expect(result.list[1][1].toArray()).to.deep.equal([3, 4]);
    expect(result.again.a.item()).to.equal(1);
    expect(result.again.op).to.equal(null);
    expect(result.none).to.deep.equal([]);
    expect(result.empty).to.deep.equal({});
    const [first, second] = session.runSync([a, a]);
    expect(first).not.to.equal(second);
  });

  it('has static types for what it returns', () => {
    const { a, op, session } = build();
    const tensor: NdArray = session.runSync(a);
    const nothing: null = session.runSync(op);
    const pair: [NdArray, null] = session.runSync([a, op]);
    const record: { x: NdArray } = session.runSync({ x: a });
    const named: NdArray = session.runSync('sum:0');
    expect([tensor, nothing, pair, record, named].length).to.equal(5);
  });

  it('takes names of operations and of tensors', () => {
    const { session } = build();
    expect(session.runSync('nothing')).to.equal(null);
    expect(session.runSync('sum:0').toArray()).to.deep.equal([3, 4]);
  });

  it('gives IndexedSlices their parts', () => {
    const { a, b, session } = build();
    const result = session.runSync(new IndexedSlices(b, a));
    expect(result.values.toArray()).to.deep.equal([2, 3]);
    expect(result.indices.item()).to.equal(1);
    expect(result.denseShape).to.equal(null);
  });

  it('returns copies: changing one changes nothing else', () => {
    const { b, session } = build();
    const first = session.runSync(b);
    (first.data as Float32Array)[0] = 99;
    expect(session.runSync(b).toArray()).to.deep.equal([2, 3]);
  });

  it('runs asynchronously too, errors as rejections', async () => {
    const { sum, session } = build();
    expect((await session.run(sum)).toArray()).to.deep.equal([3, 4]);
    let caught: unknown;
    await session.run('missing').catch((error: unknown) => {
      caught = error;
    });
    expect(caught).to.be.instanceOf(ValueError);
  });

  const bad: [name: string, fetch: unknown, error: RegExp][] = [
    ['null', null, /Argument `fetch` = None has invalid type "NoneType"\. Cannot be None/],
    [
      'a number',
      3,
      /Argument `fetch` = 3 has invalid type "int" must be a string or Tensor\. \(Can not convert a int into a Tensor or Operation\.\)/,
    ],
    [
      'an unknown name',
      'zz',
      /Argument `fetch` = zz cannot be interpreted as a Tensor\. \("The name 'zz' refers to an Operation not in the graph\."/,
    ],
    [
      'an unknown output',
      'a:5',
      /Argument `fetch` = a:5 cannot be interpreted as a Tensor\. \("The name 'a:5' refers to a Tensor which does not exist\. The operation, 'a', exists but only has 1 outputs\."/,
    ],
    ['a null inside', ['a', null], /Cannot be None/],
  ];
  for (const [name, fetch, error] of bad) {
    it(`refuses ${name}`, () => {
      const { session } = build();
      expect(() => session.runSync(fetch as Fetch)).to.throw(error);
      expect(session.runSync('a:0').item()).to.equal(1);
    });
  }

  it('refuses a tensor of another graph', () => {
    const { session } = build();
    const foreign = new Graph().asDefault(() => constant(1, { name: 'foreign' }));
    expect(() => session.runSync(foreign)).to.throw(
      ValueError,
      'Tensor Tensor("foreign:0", shape=(), dtype=float32) is not an element of this graph.',
    );
  });

  it('refuses what the graph keeps from being fetched', () => {
    const { graph, op, session } = build();
    graph.preventFetching(op);
    expect(() => session.runSync(op)).to.throw(
      InaccessibleTensorError,
      'Operation nothing has been marked as not fetchable.',
    );
  });

  it('runs only what is needed, and each operation once', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const fed = placeholder(dtypes.float32, [], { name: 'fed' });
      const free = constant(5, { name: 'free' });
      const twice = identity(free);
      const metadata: RunMetadata = {};
      // Plain kernels run op by op; compiled ones have nothing left to run here.
      const session = new Session({ graph, config: { backend: 'plain' } });
      const result = session.runSync([add(twice, twice, { name: 'out' }), twice], {
        options: { traceLevel: 3 },
        metadata,
      });
      expect(result[0].item()).to.equal(10);
      expect(metadata.stepStats![0].nodeStats.map((node) => node.nodeName)).to.deep.equal(['free', 'Identity', 'out']);
      expect(fed.consumers()).to.deep.equal([]);
    });
  });
});
