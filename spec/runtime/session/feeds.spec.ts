/** What a run is given: forms of feeds, conversion, checks. */
import { expect } from 'chai';
import * as fc from 'fast-check';
import * as dtypes from '../../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { NdArray } from '../../../graph/ndarray';
import { add } from '../../../graph/ops/binary';
import { constant, identity, placeholder } from '../../../graph/ops/source';
import type { Feeds } from '../../../runtime/feeds';
import { Session } from '../../../runtime/session';

function build(dtype: dtypes.DType = dtypes.float32, shape: (number | null)[] | null = [2]) {
  const graph = new Graph();
  return graph.asDefault(() => {
    const q = placeholder(dtype, shape, { name: 'q' });
    return { graph, q, out: identity(q, { name: 'out' }), session: new Session({ graph }) };
  });
}

describe('feeds', () => {
  it('come as a Map, as pairs or by name', () => {
    const { q, out, session } = build();
    const forms: Feeds[] = [new Map([[q, [1, 2]]]), [[q, [1, 2]]], { 'q:0': [1, 2] }, new Map([['q:0', [1, 2]]])];
    for (const feed of forms) expect(session.runSync(out, { feed }).toArray()).to.deep.equal([1, 2]);
  });

  it('are numbers, nested and typed arrays, NdArrays and foreign arrays with data and shape', () => {
    const { out, session } = build(dtypes.float32, null);
    const value = (given: Feeds[keyof Feeds] | unknown) =>
      session.runSync(out, { feed: { 'q:0': given } as Feeds }).toArray();
    expect(value(3)).to.equal(3);
    expect(value([[1], [2]])).to.deep.equal([[1], [2]]);
    expect(value(Float32Array.of(1, 2))).to.deep.equal([1, 2]);
    expect(value(Int8Array.of(1, -2))).to.deep.equal([1, -2]);
    expect(value(NdArray.from([[5]]))).to.deep.equal([[5]]);
    expect(value({ data: [1, 2, 3, 4], shape: [2, 2] })).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
    expect(value(true)).to.equal(1);
  });

  it('may replace any tensor: constants and intermediate ones', () => {
    new Graph().asDefault((graph) => {
      const a = constant(1);
      const b = add(a, 10);
      const c = add(b, 100);
      const session = new Session({ graph });
      expect(session.runSync(c, { feed: [[a, 5]] }).item()).to.equal(115);
      expect(session.runSync(c, { feed: [[b, 0]] }).item()).to.equal(100);
      expect(session.runSync([a, c], { feed: [[c, 7]] }).map((value) => value.item())).to.deep.equal([1, 7]);
    });
  });

  it('are copied: later changes of the array are not seen', () => {
    const { q, out, session } = build();
    const values = Float32Array.of(1, 2);
    const result = session.runSync(out, { feed: [[q, values]] });
    values[0] = 9;
    expect(result.toArray()).to.deep.equal([1, 2]);
  });

  it('may be unused, and the later of two for one tensor wins', () => {
    const { q, out, graph, session } = build();
    const other = graph.asDefault(() => placeholder(dtypes.float32, [], { name: 'other' }));
    const feed = [
      [other, 1],
      [q, [0, 0]],
      ['q:0', [3, 4]],
    ] as const;
    expect(session.runSync(out, { feed }).toArray()).to.deep.equal([3, 4]);
  });

  it('may be given for a list of tensors at once', () => {
    const { q, graph, session } = build();
    const other = graph.asDefault(() => placeholder(dtypes.float32, [], { name: 'other' }));
    const feed = [
      [
        [q, other],
        [[1, 2], 3],
      ],
    ] as unknown as Feeds;
    expect(session.runSync(other, { feed }).item()).to.equal(3);
    expect(() =>
      session.runSync(other, {
        feed: [
          [
            [q, other],
            [[1, 2], 3, 4],
          ],
        ] as unknown as Feeds,
      }),
    ).to.throw(ValueError, 'Could not flatten dictionary. Key had 2 elements, but value had 3 elements.');
  });

  it('lose their fraction for integers, keep every bit of int64 and become booleans', () => {
    const ints = build(dtypes.int32, null);
    expect(ints.session.runSync(ints.out, { feed: { 'q:0': [1.5, -1.5] } }).toArray()).to.deep.equal([1, -1]);
    const longs = build(dtypes.int64, null);
    expect(longs.session.runSync(longs.out, { feed: { 'q:0': [2n ** 62n, 7] as never } }).toArray()).to.deep.equal([
      2n ** 62n,
      7n,
    ]);
    const bools = build(dtypes.bool, null);
    expect(bools.session.runSync(bools.out, { feed: { 'q:0': [0, 2] } }).toArray()).to.deep.equal([false, true]);
  });

  it('keep float64 exact', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const { out, session } = build(dtypes.float64, []);
        expect(session.runSync(out, { feed: { 'q:0': value } }).item()).to.equal(value);
      }),
    );
  });

  const bad: [name: string, feed: unknown, error: RegExp, dtype?: dtypes.DType][] = [
    [
      'an unknown name',
      { 'zz:0': 1 },
      /^Cannot interpret feed_dict key as Tensor: "The name 'zz:0' refers to a Tensor which does not exist\. The operation, 'zz', does not exist in the graph\."/,
    ],
    [
      'an operation name',
      { q: [1, 2] },
      /Cannot interpret feed_dict key as Tensor: The name 'q' refers to an Operation, not a Tensor\. Tensor names must be of the form "<op_name>:<output_index>"\./,
    ],
    ['a number as key', [[3, 1]], /Cannot interpret feed_dict key as Tensor: Can not convert a int into a Tensor\./],
    [
      'a wrong shape',
      { 'q:0': [1, 2, 3] },
      /^Cannot feed value of shape \(3,\) for Tensor q:0, which has shape \(2,\)$/,
    ],
    ['a ragged list', { 'q:0': [[1], [2, 3]] }, /inhomogeneous shape/],
    ['null', { 'q:0': null }, /None values not supported/],
    ['text for numbers', { 'q:0': ['a', 'b'] }, /could not convert|Expected float32/],
    [
      'too large an integer',
      { 'q:0': 2 ** 40 },
      /Type of feed value 1099511627776 with type <class 'int'> is not compatible with Tensor type <class 'numpy\.int32'>\. Try explicitly setting the type of the feed tensor to a larger type \(e\.g\. int64\)\./,
      dtypes.int32,
    ],
    ['NaN for an integer', { 'q:0': [Number.NaN, 1] }, /cannot convert float NaN to integer/, dtypes.int32],
    ['no mapping', 5, /Feeds must be a Map, a list of \[tensor, value\] pairs or an object/],
  ];
  for (const [name, feed, error, dtype] of bad) {
    it(`refuses ${name}, and the session goes on`, () => {
      const { out, session } = build(dtype);
      expect(() => session.runSync(out, { feed: feed as Feeds })).to.throw(error);
      expect(session.runSync(out, { feed: { 'q:0': [1, 2] } }).size).to.equal(2);
    });
  }

  it('refuses a tensor as value', () => {
    const { q, out, session } = build();
    expect(() => session.runSync(out, { feed: [[q, out as never]] })).to.throw(
      GraphTypeError,
      'The value of a feed cannot be a tf.Tensor object.',
    );
  });

  it('refuses what the graph keeps from being fed', () => {
    const { graph, q, out, session } = build();
    graph.preventFeeding(q);
    expect(() => session.runSync(out, { feed: [[q, [1, 2]]] })).to.throw(ValueError, 'Tensor q:0 may not be fed.');
  });

  it('lets what waits for a placeholder that is fed run', () => {
    const { graph, q, session } = build();
    const waiting = graph.asDefault(() => graph.controlDependencies([q.op], () => constant(5)));
    expect(session.runSync(waiting, { feed: [[q, [1, 2]]] }).item()).to.equal(5);
    expect(() => session.runSync(waiting)).to.throw(/You must feed a value for placeholder tensor 'q'/);
  });

  it('suggests the nearest name', () => {
    const { out, session } = build();
    expect(() => session.runSync(out, { feed: { 'our:0': 1 } })).to.throw("Did you mean 'out'?");
  });
});
