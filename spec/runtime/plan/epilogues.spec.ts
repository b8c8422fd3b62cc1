/**
 * Epilogues of products and convolutions: what joins a routine and what does not, as the text of its kernels, and that the numbers
 * are those of plain kernels whatever joins.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as tf from '../../../lib/index';
import type { SessionConfig } from '../../../runtime/config';

const data = (shape: readonly number[], seed: number) => ({
  data: Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin((i + 1) * (seed + 0.7))),
  shape: [...shape],
});

const input = (...shape: number[]) => tf.placeholder(tf.float32, shape);

/** The kernels of what `build` fetches, without the names of ops. */
function kernelsOf(build: () => tf.Fetch, config: SessionConfig = {}): string {
  const graph = new tf.Graph();
  const fetches = graph.asDefault(build);
  const session = new tf.Session({ graph, config: { threads: 1, blas: 'off', seed: 1, ...config } });
  session.runSync(graph.operations.filter(({ type, name }) => type === 'AssignVariableOp' && name.endsWith('/Assign')));
  const feed = graph.operations
    .filter(({ type }) => type === 'Placeholder')
    .map((op, i) => [op.outputs[0], data(op.outputs[0].shape.asNumbers(), i)] as const);
  const { kernels } = session.explain(fetches, { feed }).data;
  session.close();
  return kernels.map(({ text }) => text.replace(/ {3};.*/, '')).join('\n');
}

/** The first words of the kernels, and how far an epilogue goes. */
const outline = (text: string): string[] =>
  text.split('\n').flatMap((line) => (/^\S|^ {2}then/.test(line) ? [line.trim().split(' ')[0]] : []));

const variable = (...shape: number[]) => new tf.Variable(data(shape, 5), { dtype: tf.float32 });
const sgd = () => new tf.train.GradientDescentOptimizer(0.1);

describe('what joins a product', () => {
  it('bias, activation and dropout, and the product writes where they do', () => {
    const layer = () =>
      tf.nn.dropout(tf.nn.relu(tf.nn.biasAdd(tf.matmul(input(128, 32), input(32, 256)), input(256))), { rate: 0.5 });
    expect(kernelsOf(layer)).to.equal(`\
matmul 128×32·32×256: a4:float32[32768] <- i0:float32[4096], i1:float32[8192]
  then [128, 256]
  %0 = a4:float32[32768]{256,1}
  %1 = i2:float32[256]{0,1}
  %2 = a4:float32[32768]{256,1}
    t0 = add(%0, %1)
    %2 <- select(ge(uniform0, 0.5:f32), mul(select(le(t0, 0:f32), 0:f32, t0), 2:f32), 0:f32)`);
  });

  it('what others read beside it, too', () => {
    const both = () => {
      const product = tf.matmul(input(128, 32), input(32, 256));
      return [product, tf.tanh(product), tf.cast(tf.greater(product, 0), tf.int32)];
    };
    expect(kernelsOf(both)).to.match(/^matmul.*\n {2}then \[128, 256\]\n( {2}%\d.*\n){3}( {4}%\d <- .*\n?){2}$/);
  });

  it('bias and activation of a convolution, and of a batch of products', () => {
    const conv = () =>
      tf.nn.relu(tf.nn.biasAdd(tf.nn.conv2d(input(2, 32, 32, 3), input(3, 3, 3, 16), 1, 'SAME'), input(16)));
    expect(outline(kernelsOf(conv))).to.deep.equal(['conv2d', 'then']);
    const batch = () => tf.tanh(tf.add(tf.matmul(input(4, 64, 8), input(4, 8, 128)), input(128)));
    expect(outline(kernelsOf(batch))).to.deep.equal(['matmul', 'then']);
  });

  it('an update, and the gradient is never stored', () => {
    const step = () => {
      const gradient = tf.matmul(input(16, 256), input(16, 128), { transposeA: true });
      return new tf.train.AdamOptimizer(0.1).applyGradients([[gradient, variable(256, 128)]]);
    };
    const text = kernelsOf(step);
    expect(outline(text), text).to.deep.equal(['matmul', 'then', 'loop']);
    expect(text).to.match(/^matmul 256×16·16×128: s\d+:float32\[32768\] <- /);
    expect(text.match(/@localhost\/\S*:float32\[32768\]/g)?.length, text).to.equal(3);
  });
});

describe('what does not join a product', () => {
  const apart = (build: () => tf.Fetch, config?: SessionConfig) => {
    const text = kernelsOf(build, config);
    expect(outline(text), text).to.include('loop').and.not.include('then');
  };

  it('what is small', () => apart(() => tf.tanh(tf.matmul(input(8, 8), input(8, 16)))));

  it('what walks another domain', () => {
    apart(() => tf.tanh(tf.transpose(tf.matmul(input(128, 8), input(8, 256)))));
    apart(() => tf.reduceSum(tf.matmul(input(128, 8), input(8, 256)), 0));
    apart(() => tf.tanh(tf.slice(tf.matmul(input(128, 8), input(8, 256)), [0, 1], [128, 200])));
    // Neither rows nor columns: a number for each picture.
    const perPicture = () =>
      tf.multiply(tf.nn.conv2d(input(2, 32, 32, 3), input(3, 3, 3, 16), 1, 'SAME'), input(2, 1, 1, 1));
    apart(perPicture);
  });

  it('what reads something that is computed later', () =>
    apart(() => {
      const product = tf.matmul(input(128, 8), input(8, 256));
      return tf.add(product, tf.nn.softmax(input(128, 256)));
    }));

  it('random words in rows that are no multiple of sixteen', () =>
    apart(() => tf.nn.dropout(tf.matmul(input(128, 8), input(8, 250)), { rate: 0.5 })));

  it('anything without fusion', () => apart(() => tf.tanh(tf.matmul(input(128, 8), input(8, 256))), { fusion: false }));

  it('an update whose gradient is read by others, or whose variable is read after the product', () => {
    const gradient = () => tf.matmul(input(16, 256), input(16, 128), { transposeA: true });
    apart(() => {
      const g = gradient();
      return [g, sgd().applyGradients([[g, variable(256, 128)]])];
    });
    apart(() => {
      const [v, g] = [variable(256, 128), gradient()];
      const later = g.graph.controlDependencies([g.op], () => tf.matmul(input(8, 256), v.readValue()));
      const update = g.graph.controlDependencies([later.op], () => sgd().applyGradients([[g, v]]));
      return [later, update];
    });
  });
});

describe('an update after a check', () => {
  it('does not happen when the check fails', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const [x, y, limit] = [input(16, 256), input(16, 128), input()];
      const v = variable(256, 128);
      const gradient = tf.matmul(x, y, { transposeA: true });
      const check = graph.controlDependencies([gradient.op], () => tf.debugging.assertLess(limit, 1) as tf.Operation);
      const step = graph.controlDependencies([check], () => sgd().applyGradients([[gradient, v]])) as tf.Operation;
      const session = new tf.Session({ graph, config: { threads: 1, blas: 'off' } });
      session.runSync(v.initializer);
      const before = (session.runSync(v.readValue()) as tf.NdArray).copy().data;
      const feedOf = (value: number): tf.Feeds => [
        [x, data([16, 256], 1)],
        [y, data([16, 128], 2)],
        [limit, value],
      ];
      expect(() => session.runSync(step, { feed: feedOf(2) })).to.throw(tf.errors.InvalidArgumentError);
      expect((session.runSync(v.readValue()) as tf.NdArray).data).to.deep.equal(before);
      session.runSync(step, { feed: feedOf(0) });
      expect((session.runSync(v.readValue()) as tf.NdArray).data).not.to.deep.equal(before);
    });
  });
});

/** Two runs of a step with its fetches, then all variables, for a configuration. */
function run(
  initializer: tf.Operation,
  fetches: readonly (tf.Tensor | tf.Operation)[],
  feed: tf.Feeds,
  config: SessionConfig,
): tf.NdArray[] {
  const { graph } = initializer;
  const session = new tf.Session({ graph, config: { ...config, seed: 1 } });
  session.runSync(initializer);
  const out = [1, 2].flatMap(() => [...(session.runSync([...fetches] as tf.Fetch, { feed }) as (tf.NdArray | null)[])]);
  for (const op of graph.operations)
    if (op.type === 'VarHandleOp') out.push(session.runSync(`${op.name}/Read/ReadVariableOp:0`) as tf.NdArray);
  session.close();
  return out.filter((value) => value !== null && value !== undefined) as tf.NdArray[];
}

function expectSame(got: readonly tf.NdArray[], want: readonly tf.NdArray[], where: string, tolerance: number): void {
  expect(got.length).to.equal(want.length);
  got.forEach(({ data: g, dtype }, i) => {
    const w = want[i].data;
    for (let at = 0; at < w.length; at++) {
      const [x, y] = [Number(g[at]), Number(w[at])];
      const isNear = Object.is(x, y) || Math.abs(x - y) <= (dtype.isFloating ? tolerance * (1 + Math.abs(y)) : 0);
      if (!isNear) expect.fail(`${where}, result ${i}: element ${at} is ${x}, not ${y}`);
    }
  });
}

/** What may follow a product of rows × columns: `other` has its shape, `bias` one element a column, `scale` one a row. */
const steps: readonly ((x: tf.Tensor, with_: Readonly<Record<'other' | 'bias' | 'scale', tf.Tensor>>) => tf.Tensor)[] =
  [
    (x, { bias }) => tf.add(x, bias),
    (x, { scale }) => tf.multiply(x, scale),
    (x, { other }) => tf.maximum(x, other),
    (x, { other }) => tf.where(tf.less(x, other), x, tf.negative(other)),
    (x) => tf.nn.relu(x),
    (x) => tf.tanh(x),
    (x) => tf.cast(tf.cast(x, tf.float64), tf.float32),
    (x) => tf.cast(tf.cast(tf.multiply(x, 3), tf.int32), tf.float32),
    (x) => tf.nn.dropout(x, { rate: 0.25, seed: 3 }),
    (x, { other }) => tf.gradients(tf.nn.relu(other), other, { gradYs: [x] })[0] as tf.Tensor,
  ];

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly k: number;
  readonly kind: 'matmul' | 'transposed' | 'batch' | 'conv';
  readonly chain: readonly number[];
  /** Which values are fetched, as bits. */
  readonly fetched: number;
  readonly update: 'none' | 'sgd' | 'momentum' | 'adam';
}

function product({ rows, columns, k, kind }: Case, feed: [tf.Tensor, tf.FeedValue][]): tf.Tensor {
  const fed = (...shape: number[]) => {
    const tensor = input(...shape);
    feed.push([tensor, data(shape, feed.length)]);
    return tensor;
  };
  switch (kind) {
    case 'matmul':
      return tf.matmul(fed(rows, k), fed(k, columns));
    case 'transposed':
      return tf.matmul(fed(k, rows), fed(columns, k), { transposeA: true, transposeB: true });
    case 'batch':
      return tf.matmul(fed(3, rows, k), fed(3, k, columns));
    case 'conv':
      return tf.nn.conv2d(fed(2, Math.ceil(rows / 4), 5, k), fed(3, 2, k, columns), 1, 'SAME');
  }
}

function check(c: Case): void {
  const graph = new tf.Graph();
  graph.asDefault(() => {
    tf.setRandomSeed(4);
    const feed: [tf.Tensor, tf.FeedValue][] = [];
    let value = product(c, feed);
    const shape = value.shape.asNumbers();
    const fed = (...dims: number[]) => {
      const tensor = input(...dims);
      feed.push([tensor, data(dims, feed.length)]);
      return tensor;
    };
    const others = { other: fed(...shape), bias: fed(c.columns), scale: fed(...shape.slice(0, -1), 1) };
    const values = [value];
    for (const step of c.chain) values.push((value = steps[step % steps.length](value, others)));
    const fetches: (tf.Tensor | tf.Operation)[] = values.filter((_, i) => (c.fetched >> i) & 1);
    if (c.update !== 'none') {
      const optimizers = {
        sgd,
        momentum: () => new tf.train.MomentumOptimizer(0.1, 0.9, { useNesterov: true }),
        // Without a large epsilon the last bits of a small gradient become a large step.
        adam: () => new tf.train.AdamOptimizer(0.1, { epsilon: 0.1 }),
      };
      fetches.push(optimizers[c.update]().applyGradients([[value, variable(...shape)]]) as tf.Operation);
    } else fetches.push(value);
    const initializer = tf.globalVariablesInitializer();
    const of = (config: SessionConfig) => run(initializer, fetches, feed, config);
    const want = of({ backend: 'plain' });
    const apart = of({ threads: 1, blas: 'off', fusion: false });
    expectSame(apart, want, `${JSON.stringify(c)} without fusion`, 3e-5);
    const blas = of({ threads: 1, blas: 'auto' });
    expectSame(blas, want, `${JSON.stringify(c)} with BLAS`, 3e-5);
    expectSame(of({ threads: 2, blas: 'auto' }), blas, `${JSON.stringify(c)} with BLAS on two threads`, 0);
    // The same operations in the same order, wherever they are done.
    for (const threads of [1, 2])
      expectSame(of({ threads, blas: 'off' }), apart, `${JSON.stringify(c)} on ${threads} threads`, 0);
  });
}

describe('products with what follows', function () {
  this.timeout(0);

  const cases: fc.Arbitrary<Case> = fc.record({
    rows: fc.constantFrom(2, 96, 129, 200),
    columns: fc.constantFrom(16, 128, 144, 161),
    kind: fc.constantFrom('matmul', 'transposed', 'batch', 'conv'),
    k: fc.constantFrom(1, 7, 40),
    chain: fc.array(fc.nat(99), { maxLength: 5 }),
    fetched: fc.nat(63),
    update: fc.constantFrom('none', 'sgd', 'momentum', 'adam'),
  });

  it('are what plain kernels compute', () => {
    fc.assert(fc.property(cases, check), { numRuns: 20, seed: 51 });
  });

  it('are what plain kernels compute, of long rows and of many blocks of k', () => {
    const base = { chain: [0], fetched: 0, kind: 'matmul' } as const;
    check({ ...base, rows: 200, columns: 130, k: 1100, update: 'adam' });
    check({ ...base, rows: 24, columns: 4200, k: 3, update: 'sgd' });
    check({ ...base, rows: 5, columns: 13000, k: 2, update: 'sgd' });
    check({ ...base, rows: 1000, columns: 17, k: 2, update: 'momentum' });
    check({ ...base, rows: 200, columns: 130, k: 0, update: 'momentum' });
    // Large enough to be taken in parts where there is BLAS.
    check({ ...base, chain: [], rows: 900, columns: 801, k: 3, update: 'momentum' });
  });

  it('draw the same masks in an epilogue as in a pass of their own', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const [x, w] = [input(130, 9), input(9, 160)];
      const feed: tf.Feeds = [
        [x, data([130, 9], 1)],
        [w, data([9, 160], 2)],
      ];
      const y = tf.nn.dropout(tf.nn.relu(tf.matmul(x, w)), { rate: 0.4, seed: 8 });
      const initializer = tf.globalVariablesInitializer();
      const masks = (config: SessionConfig) =>
        run(initializer, [y], feed, { blas: 'off', ...config }).map((value) =>
          Array.from(value.data as Float32Array, (v) => v !== 0),
        );
      const apart = masks({ threads: 1, fusion: false });
      expect(masks({ threads: 1 })).to.deep.equal(apart);
      expect(masks({ threads: 2 })).to.deep.equal(apart);
    });
  });
});
