/**
 * Buffers of a session: fed without a copy, and arrays like others wherever else they go.
 */
import { expect } from 'chai';
import { bool, type DType, float32, float64, int32, int64, string } from '../../../graph/dtypes';
import { FailedPreconditionError, GraphTypeError, RuntimeError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { NdArray } from '../../../graph/ndarray';
import { add, multiply } from '../../../graph/ops/binary';
import { reduceSum } from '../../../graph/ops/reduce';
import { placeholder } from '../../../graph/ops/source';
import { Session } from '../../../runtime/session';

function sumGraph(dtype: DType, shape: readonly number[]) {
  const graph = new Graph();
  return graph.asDefault(() => {
    const x = placeholder(dtype, shape);
    return { graph, x, doubled: add(x, x), sum: reduceSum(multiply(x, x)) };
  });
}

for (const config of [{ threads: 1 }, { threads: 2 }, { backend: 'plain' }] as const) {
  describe(`a buffer of a session with ${JSON.stringify(config)}`, () => {
    it('is an array of zeros that is fed like others, and what is written to it counts in the next run', () => {
      for (const dtype of [float32, float64, int32, int64]) {
        const { graph, x, doubled, sum } = sumGraph(dtype, [3]);
        using session = new Session({ graph, config });
        const buffer = session.buffer(dtype, [3]);
        expect(
          session
            .runSync(doubled, { feed: [[x, buffer]] })
            .toArray()
            .map(Number),
        ).to.deep.equal([0, 0, 0]);
        buffer.set(NdArray.from([1, 2, 3], dtype));
        for (let i = 0; i < 3; i++) expect(Number(session.runSync(sum, { feed: [[x, buffer]] }).item())).to.equal(14);
        (buffer.data as Float32Array)[0] = (dtype === int64 ? 3n : 3) as number;
        expect(Number(session.runSync(sum, { feed: [[x, buffer]] }).item())).to.equal(22);
        expect(Number(session.makeCallable(sum, [x])(buffer).item())).to.equal(22);
      }
    });

    it('takes turns with other arrays of its shape, and with other buffers', () => {
      const { graph, x, sum } = sumGraph(float32, [2]);
      using session = new Session({ graph, config });
      const [a, b] = [session.buffer(float32, [2]), session.buffer(float32, [2])];
      a.set([1, 2]);
      b.set([3, 4]);
      const run = (value: NdArray | number[]) => session.runSync(sum, { feed: [[x, value]] }).item();
      expect([a, b, [5, 6], b, a, [7, 8]].map(run)).to.deep.equal([5, 25, 61, 25, 5, 113]);
    });

    it('stays what it is when the memory grows', () => {
      const { graph, x, sum } = sumGraph(float32, [4]);
      using session = new Session({ graph, config });
      const buffer = session.buffer(float32, [4]);
      buffer.set([1, 1, 1, 1]);
      expect(session.runSync(sum, { feed: [[x, buffer]] }).item()).to.equal(4);
      const large = session.buffer(float32, [1 << 22]);
      expect(large.data.length).to.equal(1 << 22);
      expect([...buffer.data]).to.deep.equal([1, 1, 1, 1]);
      expect(session.runSync(sum, { feed: [[x, buffer]] }).item()).to.equal(4);
    });

    it('is not written by what reads it, nor by what fetches it', () => {
      const { graph, x, doubled } = sumGraph(float32, [2]);
      using session = new Session({ graph, config });
      const buffer = session.buffer(float32, [2]);
      buffer.set([1, 2]);
      const [same, twice] = session.runSync([x, doubled], { feed: [[x, buffer]] });
      same.data[0] = 9;
      expect(twice.toArray()).to.deep.equal([2, 4]);
      expect([...buffer.data]).to.deep.equal([1, 2]);
    });

    it('can be fed to another session, while its own is open', () => {
      const { graph, x, sum } = sumGraph(float32, [2]);
      using other = new Session({ graph, config });
      const session = new Session({ graph, config });
      const buffer = session.buffer(float32, [2]);
      buffer.set([1, 2]);
      expect(other.runSync(sum, { feed: [[x, buffer]] }).item()).to.equal(5);
      session.close();
      if (!('backend' in config))
        expect(() => other.runSync(sum, { feed: [[x, buffer]] })).to.throw(FailedPreconditionError, 'session.buffer()');
      expect(() => session.buffer(float32, [2])).to.throw(RuntimeError, 'closed');
    });

    it('cannot be used once it was freed', () => {
      const { graph, x, sum } = sumGraph(float32, [2]);
      using session = new Session({ graph, config });
      const buffer = session.buffer(float32, [2]);
      session.runSync(sum, { feed: [[x, buffer]] });
      buffer.free();
      buffer.free();
      expect(() => session.runSync(sum, { feed: [[x, buffer]] })).to.throw(FailedPreconditionError, 'was freed');
      expect(() => buffer.data).to.throw(FailedPreconditionError, 'was freed');
    });

    it('is refused where it does not fit', () => {
      const { graph, x, sum } = sumGraph(float32, [2]);
      using session = new Session({ graph, config });
      expect(() => session.buffer(string, [2])).to.throw(GraphTypeError, 'string');
      expect(() => session.buffer(float32, [2]).set([1, 2, 3])).to.throw(ValueError, '[3]');
      expect(() => session.runSync(sum, { feed: [[x, session.buffer(float32, [3])]] })).to.throw(ValueError, 'shape');
      // Another dtype is converted, as for every array.
      const whole = session.buffer(int32, [2]);
      whole.set([1, 2]);
      expect(session.runSync(sum, { feed: [[x, whole]] }).item()).to.equal(5);
    });

    it('can be a bool, also one that decides which branch runs', () => {
      const graph = new Graph();
      const flag = graph.asDefault(() => placeholder(bool, []));
      using session = new Session({ graph, config });
      const buffer = session.buffer(bool, []);
      expect(session.runSync(flag, { feed: [[flag, buffer]] }).item()).to.equal(false);
      buffer.set(true);
      expect(session.runSync(flag, { feed: [[flag, buffer]] }).item()).to.equal(true);
    });
  });
}

describe('a plan for a buffer', () => {
  it('reads it where it lies: there is no input to copy it to', () => {
    const { graph, x, sum } = sumGraph(float32, [1024]);
    using session = new Session({ graph, config: { threads: 1 } });
    const buffer = session.buffer(float32, [1024]);
    const arena = (value: NdArray) => {
      session.runSync(sum, { feed: [[x, value]] });
      return session.memory().owners.find(({ owner }) => owner === 'values of plans')!.bytes;
    };
    const inPlace = arena(buffer);
    expect(inPlace).to.be.lessThan(4096);
    expect(arena(NdArray.zeros(float32, [1024])) - inPlace).to.be.at.least(4096);
    expect(session.memory().owners.find(({ owner }) => owner === 'buffers')).to.include({ bytes: 4096, blocks: 1 });
    buffer.free();
    expect(session.memory().owners.some(({ owner }) => owner === 'buffers')).to.equal(false);
  });
});
