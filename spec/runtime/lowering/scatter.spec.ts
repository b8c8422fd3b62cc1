/**
 * Slices gathered by index vectors, and updates of rows and slices of tensors and variables: equal to the plain kernels' with indices
 * that repeat, in every dtype, with threads, with their errors, and in an order that reads of variables can rely on.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectClose } from '../../support/close';
import { compareBackends, failBoth, fed, picks, table } from './compareBackends';

const dtypes = [tf.float32, tf.float64, tf.int32, tf.int64];

function op(type: string, inputs: tf.Tensor[], attrs: Record<string, unknown> = {}): tf.Operation {
  return tf.getDefaultGraph().createOp(type, inputs, { attrs: attrs as never });
}

/** Index vectors within `dims`, some of them again and again. */
function vectors(count: number, dims: readonly number[], dtype: tf.DType): tf.NdArray {
  const data = Array.from({ length: count * dims.length }, (_, i) => {
    const [row, axis] = [Math.floor(i / dims.length), i % dims.length];
    return (row * row * 7 + axis * 3 + row) % dims[axis];
  });
  return tf.NdArray.from({ data, shape: [count, dims.length] }, dtype);
}

/** Numbers without zeros, so that they divide. */
function divisors(shape: readonly number[], dtype: tf.DType): tf.NdArray {
  const array = table(shape, dtype);
  const data = Array.from(array.data as ArrayLike<number | bigint>, (x) => (Number(x) === 0 ? 7 : Number(x)));
  return tf.NdArray.from({ data, shape: [...shape] }, dtype);
}

describe('slices by index vectors in compiled plans', () => {
  for (const indexType of [tf.int32, tf.int64])
    it(`are gathered by ${indexType.name}`, () => {
      const onHost = compareBackends(() => {
        const feeds = [
          ...dtypes.map((dtype) => fed(table([5, 7, 9], dtype))),
          fed(table([40, 3, 100], tf.float32)),
          fed(tf.NdArray.from({ data: Array.from({ length: 315 }, (_, i) => i % 3 === 0), shape: [5, 7, 9] }, tf.bool)),
        ];
        const fetch = feeds.flatMap(([params, { shape }]) =>
          [0, 1, 2, 3].map((depth) => tf.gatherNd(params, tf.constant(vectors(11, shape.slice(0, depth), indexType)))),
        );
        return { fetch, feed: feeds };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('are gathered from variables', () => {
    const onHost = compareBackends(() => {
      const v = new tf.Variable(table([6, 5, 4], tf.float32), { name: 'v' });
      const rows = fed(tf.NdArray.from({ data: [0, 3, 2, 1, 4, 4, 0, 0, 1, 1, 2, 3], shape: [6, 2] }, tf.int32));
      const nd = fed(vectors(9, [6, 5], tf.int64));
      const fetch = [
        op('ResourceGatherNd', [v.handle, nd[0]], { dtype: tf.float32 }).outputs[0],
        op('ResourceGather', [v.handle, rows[0]], { dtype: tf.float32, batch_dims: 1 }).outputs[0],
      ];
      return { fetch, feed: [rows, nd] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('are gathered in batches', () => {
    const onHost = compareBackends(() => {
      const feeds = dtypes.map((dtype) => fed(table([3, 4, 6, 5], dtype)));
      const one = fed(
        tf.NdArray.from({ data: Array.from(picks(15, 4, tf.int32).data as Int32Array), shape: [3, 5] }, tf.int32),
      );
      const two = fed(
        tf.NdArray.from({ data: Array.from(picks(24, 5, tf.int32).data as Int32Array), shape: [3, 4, 2] }, tf.int64),
      );
      const fetch = feeds.flatMap(([params]) => [
        tf.gather(params, one[0], { axis: 1, batchDims: 1 }),
        tf.gather(params, one[0], { axis: 2, batchDims: 1 }),
        tf.gather(params, two[0], { axis: -1, batchDims: 2 }),
        tf.gather(params, two[0], { axis: 3, batchDims: -1 }),
      ]);
      return { fetch, feed: [...feeds, one, two] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('are not checked again where they are known', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const x = fed(table([5, 7], tf.float32));
      const kinds = (fetch: tf.Tensor) =>
        new tf.Session({ graph }).explain(fetch, { feed: [x] }).data.kernels.map(({ kind }) => kind);
      const pairs = (value: tf.ArrayLike) => tf.constant(value, { dtype: tf.int32 });
      expect(kinds(tf.gather(x[0], pairs([4, 0])))).to.deep.equal(['routine']);
      expect(kinds(tf.gatherNd(x[0], pairs([[4, 6]])))).to.deep.equal(['routine']);
      expect(kinds(tf.gatherNd(x[0], pairs([[4]])))).to.deep.equal(['routine']);
      expect(kinds(tf.gather(x[0], pairs([4, 5])))).to.include('host');
      expect(kinds(tf.gatherNd(x[0], pairs([[4, 7]])))).to.include('host');
    });
  });

  it('of nothing are nothing', () => {
    const onHost = compareBackends(() => {
      const x = fed(table([5, 0, 3], tf.float32));
      const none = fed(tf.NdArray.zeros(tf.int32, [0, 1]));
      const some = fed(tf.NdArray.from([[1], [4]], tf.int32));
      return { fetch: [tf.gatherNd(x[0], none[0]), tf.gatherNd(x[0], some[0])], feed: [x, none, some] };
    });
    expect(onHost).to.deep.equal([]);
  });

  it('outside fail as plain kernels do', () => {
    for (const bad of [
      [0, 7],
      [5, 0],
      [-1, 0],
      [2, -3],
    ]) {
      const message = failBoth(() => {
        const x = fed(table([5, 7], tf.float32));
        const indices = fed(tf.NdArray.from([[1, 1], bad], tf.int64));
        return { fetch: [tf.gatherNd(x[0], indices[0])], feed: [x, indices] };
      });
      expect(message).to.include(`indices[1] = [${bad[0]}, ${bad[1]}] does not index into param shape [5,7]`);
    }
    const batched = failBoth(() => {
      const x = fed(table([2, 3], tf.float32));
      const indices = fed(tf.NdArray.from([[0], [3]], tf.int32));
      return { fetch: [tf.gather(x[0], indices[0], { axis: 1, batchDims: 1 })], feed: [x, indices] };
    });
    expect(batched).to.include('indices[1,0] = 3 is not in [0, 3)');
  });
});

describe('scattering in compiled plans', () => {
  for (const dtype of dtypes)
    it(`changes copies and zeros as plain kernels do: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const tensor = fed(table([6, 5, 33], dtype));
        const fetch: tf.Tensor[] = [];
        const feeds = [tensor];
        for (const depth of [0, 1, 2, 3]) {
          const dims = [6, 5, 33].slice(0, depth);
          const indices = fed(vectors(40, dims, depth === 2 ? tf.int64 : tf.int32));
          const updates = fed(table([40, ...[6, 5, 33].slice(depth)], dtype));
          feeds.push(indices, updates);
          for (const how of ['Update', 'Add', 'Sub', 'Max', 'Min'])
            fetch.push(op(`TensorScatter${how}`, [tensor[0], indices[0], updates[0]]).outputs[0]);
          fetch.push(tf.scatterNd(indices[0], updates[0], [6, 5, 33]));
        }
        return { fetch, feed: feeds };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  for (const dtype of dtypes)
    it(`changes rows and slices of variables as plain kernels do: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const fetch: tf.Tensor[] = [];
        const indices = fed(picks(50, 9, tf.int64));
        const pairs = fed(vectors(50, [9, 21], tf.int32));
        const rows = fed(divisors([50, 21], dtype));
        const elements = fed(divisors([50], dtype));
        const one = fed(divisors([], dtype));
        const run = (type: string, ...inputs: tf.Tensor[]) => {
          const v = new tf.Variable(table([9, 21], dtype), { dtype });
          const attrs = type.includes('Nd') ? {} : { dtype };
          const update = op(type, [v.handle, ...inputs], attrs);
          fetch.push(v.graph.controlDependencies([update], () => v.readValue()));
        };
        for (const how of ['Update', 'Add', 'Sub', 'Mul', 'Div', 'Min', 'Max']) {
          run(`ResourceScatter${how}`, indices[0], rows[0]);
          run(`ResourceScatter${how}`, indices[0], one[0]);
        }
        for (const how of ['Update', 'Add', 'Sub', 'Min', 'Max']) run(`ResourceScatterNd${how}`, pairs[0], elements[0]);
        return { fetch, feed: [indices, pairs, rows, elements, one] };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('is split among threads by columns', () => {
    for (const dtype of [tf.float32, tf.int64]) {
      const onHost = compareBackends(() => {
        const tensor = fed(table([50, 300], dtype));
        const updates = fed(table([200, 300], dtype));
        const indices = fed(picks(200, 50, tf.int32));
        const inputs = [tensor[0], tf.expandDims(indices[0], 1), updates[0]];
        const fetch = ['Update', 'Add', 'Max'].map((how) => op(`TensorScatter${how}`, inputs).outputs[0]);
        fetch.push(tf.unsortedSegmentSum(updates[0], indices[0], 50));
        return { fetch, feed: [tensor, updates, indices] };
      }, true);
      expect(onHost).to.deep.equal([]);
    }
  });

  it('passes over NaN in extremes, and keeps it in places', () => {
    const onHost = compareBackends(() => {
      const tensor = fed(tf.NdArray.from([1, NaN, -0, 5, NaN, 2, 3, 4], tf.float32));
      const updates = fed(tf.NdArray.from([NaN, 2, 0, 7, NaN, NaN, 1, 9], tf.float32));
      const indices = fed(tf.NdArray.from([[0], [1], [2], [3], [4], [5], [6], [7]], tf.int32));
      const inputs = [tensor[0], indices[0], updates[0]];
      const fetch = ['Update', 'Max', 'Min'].map((how) => op(`TensorScatter${how}`, inputs).outputs[0]);
      return { fetch, feed: [tensor, updates, indices] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('keeps what was read before, and shows what was written, in order', () => {
    const onHost = compareBackends(() => {
      const v = new tf.Variable(table([8, 3], tf.float32), { name: 'v' });
      const { graph } = v;
      const indices = fed(tf.NdArray.from([1, 1, 7], tf.int32));
      const before = v.readValue();
      // The updates are rows of what they change.
      const own = graph.controlDependencies([before], () => tf.gather(v.readValue(), indices[0]));
      const first = op('ResourceScatterAdd', [v.handle, indices[0], own], { dtype: tf.float32 });
      const between = graph.controlDependencies([first], () => v.readValue());
      const second = graph.controlDependencies([between], () =>
        op('ResourceScatterUpdate', [v.handle, tf.constant([0, 1, 2, 3, 4, 5, 6, 7], { dtype: tf.int32 }), before], {
          dtype: tf.float32,
        }),
      );
      const after = graph.controlDependencies([second], () => v.readValue());
      return { fetch: [tf.add(before, 1), between, tf.multiply(after, 2), before], feed: [indices] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('assigns slices of variables', () => {
    for (const dtype of [...dtypes, tf.bool]) {
      const onHost = compareBackends(() => {
        const ones = tf.cast(tf.ones([7, 5, 4]), dtype);
        const row = fed(tf.NdArray.from(dtype.isBool ? [true, false, true, true] : [1, 2, 3, 4], dtype));
        const items = ['2', ':, 1', '1:7:2, ::-1', '3:3', '..., 2'];
        const fetch = items.map((item, i) => {
          const v = new tf.Variable(ones, { dtype });
          const value = i === 4 ? row[0].at(0) : row[0];
          return v.assignAt([item], value).value();
        });
        const whole = new tf.Variable(ones, { dtype });
        fetch.push(whole.assignAt(['...'], row[0]).value());
        return { fetch, feed: [row] };
      }, true);
      expect(onHost, dtype.name).to.deep.equal([]);
    }
  });

  it('reaches variables that nothing else of the run touches', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const v = new tf.Variable(table([6, 2], tf.float32), { name: 'v' });
      const indices = tf.placeholder(tf.int32, [2]);
      const update = op('ResourceScatterUpdate', [v.handle, indices, tf.ones([2, 2])], { dtype: tf.float32 });
      const session = new tf.Session({ graph });
      session.runSync(v.initializer);
      session.runSync(update, { feed: [[indices, [1, 4]]] });
      const want = Array.from(table([6, 2], tf.float32).data as Float32Array);
      for (const at of [2, 3, 8, 9]) want[at] = 1;
      expect(Array.from((session.runSync(v.readValue()) as tf.NdArray).data as Float32Array)).to.deep.equal(want);
    });
  });

  it('updates by the variable itself are read before they are written', () => {
    const onHost = compareBackends(() => {
      const v = new tf.Variable(table([4, 3], tf.float32), { name: 'v' });
      const order = fed(tf.NdArray.from([3, 2, 1, 0], tf.int32));
      const reversed = op('ResourceScatterUpdate', [v.handle, order[0], v.readValue()], { dtype: tf.float32 });
      return { fetch: [v.graph.controlDependencies([reversed], () => v.readValue())], feed: [order] };
    }, true);
    expect(onHost).to.deep.equal([]);
  });

  it('of nothing changes nothing', () => {
    const onHost = compareBackends(() => {
      const x = fed(table([5, 3], tf.float32));
      const none = fed(tf.NdArray.zeros(tf.int32, [0, 1]));
      const updates = fed(tf.NdArray.zeros(tf.float32, [0, 3]));
      const fetch = [
        op('TensorScatterAdd', [x[0], none[0], updates[0]]).outputs[0],
        tf.scatterNd(none[0], updates[0], [4, 3]),
        tf.scatterNd(none[0], tf.zeros([0, 0]), [4, 0]),
      ];
      return { fetch, feed: [x, none, updates] };
    });
    expect(onHost).to.deep.equal([]);
  });

  it('outside fails as plain kernels do and changes nothing', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const v = new tf.Variable(table([4, 3], tf.int32), { name: 'v', dtype: tf.int32 });
      const indices = tf.placeholder(tf.int32, [2]);
      const updates = tf.placeholder(tf.int32, [2, 3]);
      const vectors = tf.expandDims(indices, 1);
      const fetches = [
        op('ResourceScatterAdd', [v.handle, indices, updates], { dtype: tf.int32 }),
        op('ResourceScatterNdUpdate', [v.handle, vectors, updates]),
        op('ResourceScatterDiv', [v.handle, indices, updates], { dtype: tf.int32 }),
        op('TensorScatterUpdate', [v.readValue(), vectors, updates]).outputs[0],
        tf.scatterNd(vectors, updates, [4, 3]),
      ];
      const wrong = [
        [0, 4],
        [0, -1],
        [0, 1],
      ].map((numbers) => [
        [indices, tf.NdArray.from(numbers, tf.int32)],
        [updates, tf.NdArray.from({ data: [1, 2, 3, 4, 0, 6], shape: [2, 3] }, tf.int32)],
      ]) as [tf.Tensor, tf.NdArray][][];
      const texts = (['plain', 'wasm'] as const).map((backend) => {
        const session = new tf.Session({ graph, config: { backend } });
        session.runSync(v.initializer);
        const messages = fetches.flatMap((fetch, i) =>
          wrong.flatMap((feed, k) => {
            if (k === 2 && i !== 2) return [];
            try {
              session.runSync(fetch as tf.Fetch, { feed });
            } catch (error) {
              expect(error).to.be.instanceOf(tf.errors.InvalidArgumentError);
              return [(error as Error).message];
            }
            return expect.fail(`it should fail: ${i}, ${k}`);
          }),
        );
        expectClose(session.runSync(v.readValue()) as tf.NdArray, table([4, 3], tf.int32));
        session.close();
        return messages;
      });
      expect(texts[1]).to.deep.equal(texts[0]);
      expect(texts[0].join('\n'))
        .to.match(/is not in \[0, 4\)/)
        .and.match(/updates must not contain 0/);
    });
  });
});

describe('reductions of segments in compiled plans', () => {
  for (const dtype of dtypes)
    it(`are those of plain kernels where sorted ids are known: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const data = fed(table([9, 5], dtype));
        const numbers = tf.constant([0, 0, 1, 1, 1, 2, 3, 3, 3], { dtype: tf.int32 });
        const gaps = tf.constant([0, 0, 2, 2, 2, 5, 5, 5, 5], { dtype: tf.int64 });
        const kinds = ['Sum', 'Prod', 'Max', 'Min', ...(dtype.isFloating ? ['Mean'] : [])];
        const fetch = [
          ...kinds.map((how) => op(`Segment${how}`, [data[0], numbers]).outputs[0]),
          ...kinds
            .filter((how) => !how.startsWith('M') || how === 'Mean')
            .map((how) => op(`Segment${how}`, [data[0], gaps]).outputs[0]),
        ];
        return { fetch, feed: [data] };
      }, true);
      expect(onHost).to.deep.equal([]);
    });

  it('do not wait for shapes where ids are not known', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const ids = fed(tf.NdArray.from([3, 1, 1, 0], tf.int32));
      const places = tf.where(tf.greater(ids[0], tf.zerosLike(ids[0])));
      const numbers = fed(tf.NdArray.from([0, 0, 1], tf.int32));
      const sums = op('SegmentSum', [places, numbers[0]]).outputs[0];
      const { kernels, waiting } = new tf.Session({ graph }).explain(sums, { feed: [ids, numbers] }).data;
      expect(waiting).to.deep.equal([]);
      expect(kernels.flatMap(({ host, ops }) => (host ? [ops[0].type] : []))).to.deep.equal(['Where', 'SegmentSum']);
    });
  });

  it('are refused with ids that are not sorted, and fill gaps, as plain kernels do', () => {
    const data = table([3, 2], tf.float32);
    const message = failBoth(() => {
      const x = fed(data);
      return { fetch: [op('SegmentSum', [x[0], tf.constant([1, 0, 2], { dtype: tf.int32 })]).outputs[0]], feed: [x] };
    });
    expect(message).to.include('segment ids are not increasing');
    compareBackends(() => {
      const x = fed(data);
      return { fetch: [op('SegmentMax', [x[0], tf.constant([0, 2, 2], { dtype: tf.int32 })]).outputs[0]], feed: [x] };
    }, true);
  });

  for (const dtype of dtypes)
    it(`are those of plain kernels: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const data = fed(table([30, 17], dtype));
        const ids = fed(
          tf.NdArray.from(
            Array.from({ length: 30 }, (_, i) => ((i * 5) % 7) - 1),
            tf.int64,
          ),
        );
        const far = fed(tf.NdArray.from([-(2n ** 32n), 1n, 2n ** 40n - 2n ** 41n] as never, tf.int64));
        const count = tf.constant(8, { dtype: tf.int32 });
        const few = fed(table([30, 1], dtype));
        const fetch = ['Sum', 'Max', 'Min', 'Prod'].map(
          (how) => op(`UnsortedSegment${how}`, [(how === 'Prod' ? few : data)[0], ids[0], count]).outputs[0],
        );
        const three = fed(table([3, 2], dtype));
        fetch.push(op('UnsortedSegmentSum', [three[0], far[0], count]).outputs[0]);
        return { fetch, feed: [data, ids, few, far, three] };
      }, true);
      expect(onHost).to.deep.equal([]);
    });
});
