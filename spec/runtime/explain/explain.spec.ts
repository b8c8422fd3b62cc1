/**
 * session.explain: the kernels of a plan as text and as data, what became of every op, and the reasons that it gives.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { smallModel } from '../../lib/inspect/support';

const config = { threads: 1, blas: 'off', seed: 1 } as const;

/** A session of a graph of its own. */
function sessionOf<R>(build: () => R, more: tf.SessionConfig = {}): { session: tf.Session; built: R } {
  const graph = new tf.Graph();
  const built = graph.asDefault(build);
  return { session: new tf.Session({ graph, config: { ...config, ...more } }), built };
}

const zeros = (shape: number[]) =>
  tf.NdArray.from({ data: new Array(shape.reduce((n, d) => n * d, 1)).fill(0), shape });

describe('session.explain', () => {
  it('prints kernels in order, what each covers and costs, who reads it, and why it was not joined', () => {
    const { session } = sessionOf(() => {
      const x = tf.placeholder(tf.float32, [null, 32], { name: 'x' });
      const hidden = tf.layers.dense(x, 16, { activation: tf.nn.relu, name: 'hidden' });
      const dropped = tf.nn.dropout(hidden, { rate: 0.5, name: 'dropout' });
      tf.nn.softmax(dropped, { name: 'softmax' });
    });
    const report = session.explain('softmax:0', { feed: { 'x:0': zeros([4, 32]) } });
    expect(`${report}`).to.equal(`\
run       16 ops in 3 kernels: 2 loops, 1 routine
memory    arena 768 bytes (1.00 × the least possible), constants 0 bytes, variables 2.06 KiB
known     6 ops: hidden/kernel hidden/bias dropout/Const dropout/Shape dropout/GreaterEqual/y dropout/Const_1
no work   2 ops: hidden/MatMul/ReadVariableOp hidden/BiasAdd/ReadVariableOp

k0 matmul 4×32·32×16: a2:float32[64] <- i0:float32[128], @localhost/hidden/kernel:float32[512]   ; hidden/MatMul
  · 4,096 operations, 2.75 KiB; a2 → k1

k1 loop [4, 16]   ; hidden/BiasAdd hidden/Relu dropout/Mul dropout/random_uniform/RandomUniform dropout/GreaterEqual dropout/SelectV2
  %0 = a2:float32[64]{16,1}
  %1 = @localhost/hidden/bias:float32[16]{0,1}
  %2 = a4:float32[64]{16,1}
    t0 = add(%0, %1)
    %2 <- select(ge(uniform0, 0.5:f32), mul(select(le(t0, 0:f32), 0:f32, t0), 2:f32), 0:f32)
  · 384 operations, 576 bytes; a4 → k2
  · not joined: k0, which computes its input, is the routine matmul

k2 loop [4, (16)]   ; softmax
  %0 = a4:float32[64]{16,1}
  %1 = a6:float32[64]{16,1}
  %2 = a9:float32[64]{16,1}
  phase 0
    acc0 <- max %0
  phase 1
    t0 = exp(sub(%0, acc0))
    %1 <- t0
    acc1 <- sum t0
  phase 2
    %2 <- mul(%1, div(1:f32, acc1))
  · 256 operations, 768 bytes; a6 → its later phases; a9 → fetched
  · not joined: k1 draws random numbers, which reductions do not`);
  });

  it('tells the kernels that a trace of the run has', () => {
    const graph = smallModel();
    using session = new tf.Session({ graph, config });
    session.runSync('init');
    const feed = { 'x:0': [[1, 2, 3]], 'y:0': [[1, 2]], 'training:0': true };
    const fetches = ['Adam', 'mean_squared_error/value:0'];
    const { data } = session.explain(fetches, { feed });
    const metadata: tf.RunMetadata = {};
    session.runSync(fetches, { feed, options: { traceLevel: tf.TraceLevel.FULL_TRACE }, metadata });
    const told = data.kernels.map(({ kind, ops, flops, bytes }) => ({
      kind,
      ops: ops.map(({ name }) => name),
      flops,
      bytes,
    }));
    const ran = metadata.stepStats![0].nodeStats.map(({ ops, kernel: { kind, flops, bytes } }) => ({
      kind,
      ops,
      flops,
      bytes,
    }));
    expect(told).to.eql(ran);
    expect(data.memory.arenaBytes).to.be.within(data.memory.lowerBoundBytes, data.memory.lowerBoundBytes * 1.3);
  });

  it('accounts for every op of the plan', () => {
    const graph = smallModel();
    using session = new tf.Session({ graph, config });
    const feed = { 'x:0': [[1, 2, 3]], 'y:0': [[1, 2]], 'training:0': false };
    const { data } = session.explain('Adam', { feed });
    const needed = tf.inspect.needs(graph, 'Adam', ['x:0', 'y:0', 'training:0']).data.ops;
    const { constant, views, inlined, shared, unread } = data.without;
    const told = new Set([
      ...data.kernels.flatMap(({ ops }) => ops.map(({ name }) => name)),
      ...[constant, views, inlined, shared, unread].flat(),
      ...data.waiting.map(({ op }) => op),
    ]);
    const ops = graph.operations.filter(({ name }) => told.has(name));
    expect(data.ops).to.equal(needed);
    expect(ops).to.have.length(needed);
    expect(inlined).to.include('dropout/cond');
  });

  it('runs nothing and changes nothing', () => {
    const { session, built } = sessionOf(() => {
      const counter = tf.getVariable('counter', { shape: [], initializer: tf.zerosInitializer() });
      return {
        counter,
        step: counter.assignAdd(1),
        draw: tf.randomUniform([2]),
        init: tf.globalVariablesInitializer(),
      };
    });
    session.runSync(built.init);
    session.runSync(built.draw);
    const before = session.rngState;
    session.explain([built.step, built.draw]);
    expect(session.runSync(built.counter).toArray()).to.equal(0);
    expect(session.rngState).to.eql(before);
  });

  it('says why an op runs on the host, and why ops wait for a later stage', () => {
    const { session, built } = sessionOf(() => {
      const x = tf.placeholder(tf.float32, [null], { name: 'x' });
      const { y } = tf.unique(x, { name: 'unique' });
      return [
        tf.square(y, { name: 'squares' }),
        tf.strings.join([tf.constant('a'), tf.placeholder(tf.string, [], { name: 's' })], { name: 'joined' }),
      ];
    });
    const { data } = session.explain(built, { feed: { 'x:0': [1, 2, 2], 's:0': 'b' } });
    expect(data.kernels.map(({ ops, host }) => [ops[0].name, host])).to.eql([
      ['unique', 'the length of its result depends on the data, and that shows'],
      ['joined', 'StringJoin has no lowering'],
    ]);
    expect(data.waiting).to.eql([{ op: 'squares', reason: 'the shape of unique:0 is known only when unique has run' }]);
  });

  it('says which placeholders are missing, and which functions are not known to be called', () => {
    const { session, built } = sessionOf(() => {
      const p = tf.placeholder(tf.float32, [], { name: 'p' });
      const branch = tf.cond(
        tf.greater(p, 0),
        () => tf.exp(p),
        () => tf.log(p),
        { name: 'branch' },
      );
      return tf.add(branch, 1, { name: 'sum' });
    });
    const hosts = (report: ReturnType<tf.Session['explain']>) =>
      report.data.kernels.flatMap(({ ops, host }) => (host ? [`${ops[0].name}: ${host}`] : []));
    expect(hosts(session.explain(built))).to.include('p: it is not fed: a run fails here');
    expect(hosts(session.explain(built, { feed: { 'p:0': 1 } }))).to.eql([
      'branch: which function it calls, or how often, is known only when it runs',
    ]);
  });

  it('gives the reason why kernels are apart', () => {
    const apart = (build: () => tf.Tensor, more: tf.SessionConfig = {}) => {
      const { session, built } = sessionOf(build, more);
      const { kernels } = session.explain(built, { feed: { 'x:0': zeros([6, 10]) } }).data;
      return kernels.map((kernel) => kernel.apart);
    };
    const x = () => tf.placeholder(tf.float32, [6, 10], { name: 'x' });
    const { exp, tanh, reduceSum, transpose, matmul } = tf;
    expect(apart(() => exp(tanh(x())))).to.eql([null]);
    expect(apart(() => exp(tanh(x())), { fusion: false })).to.eql([null, 'fusion is off']);
    expect(apart(() => exp(matmul(x(), tf.ones([10, 3]))))).to.eql([
      null,
      'k0, which computes its input, is the routine matmul',
    ]);
    expect(apart(() => exp(reduceSum(transpose(reduceSum(x(), 0, { keepdims: true })))))).to.eql([
      null,
      'it reduces what k0 computes once per row',
    ]);
    expect(apart(() => exp(tf.slice(tf.nn.softmax(x()), [0, 0], [3, 10])))).to.eql([
      null,
      'it walks [3, 10], and k0, which computes its input, [6, 10]',
    ]);
    expect(apart(() => tf.add(tf.randomUniform([6, 10]), tf.reshape(tf.slice(x(), [0, 0], [1, 10]), [10])))).to.eql([
      null,
      'random numbers come sixteen at a time, and rows have 10',
    ]);
    // The ones are k0.
    const wide = () => matmul(x(), tf.ones([10, 4096]));
    expect(apart(() => exp(wide()))).to.eql([null, null]);
    expect(apart(() => reduceSum(wide(), 1)).at(-1)).to.equal(
      'it reduces, and k1 gives the result of matmul away element by element',
    );
    expect(apart(() => exp(transpose(wide()))).at(-1)).to.equal(
      'it walks [4096, 6], and k1, which computes its input, is the routine matmul',
    );
  });

  it('says why updates are passes of their own', () => {
    const { session, built } = sessionOf(() => {
      const gradient = tf.matmul(tf.placeholder(tf.float32, [256, 4], { name: 'x' }), tf.ones([4, 128]));
      const v = new tf.Variable(tf.zeros([256, 128]), { name: 'v', dtype: tf.float32 });
      const step = new tf.train.GradientDescentOptimizer(0.1).applyGradients([[gradient, v]]) as tf.Operation;
      return v.graph.controlDependencies([step], () => tf.identity(gradient));
    });
    const { kernels } = session.explain(built, { feed: { 'x:0': zeros([256, 4]) } }).data;
    expect(kernels.map(({ apart }) => apart)).to.eql([
      null,
      'others read what k0 computes, or it has to be stored there: another pass is as quick then',
    ]);
  });

  it('tells what goes before control flow of TensorFlow v1, and names what runs plain kernels', () => {
    const { session, built } = sessionOf(() => {
      const graph = tf.getDefaultGraph();
      const x = tf.placeholder(tf.float32, [2], { name: 'x' });
      const double = tf.multiply(x, 2, { name: 'double' });
      const chosen = graph.createOp('Switch', [double, tf.constant(true)], { name: 'chosen' });
      return tf.identity(chosen.outputs[1], { name: 'out' });
    });
    const { data, text } = session.explain(built, { feed: { 'x:0': [1, 2] } });
    expect(data.plain).to.eql(['Const', 'chosen', 'out']);
    expect(data.kernels.map(({ ops }) => ops.map(({ name }) => name))).to.eql([['double']]);
    expect(text).to.include('\nplain     3 ops: Const chosen out\n');
  });

  it('refuses where there is no plan', () => {
    const { session, built } = sessionOf(() => tf.add(tf.constant(1), 2), { backend: 'plain' });
    expect(() => session.explain(built)).to.throw(tf.errors.FailedPreconditionError, "config.backend is 'plain'");
  });

  it('writes what is used often once', () => {
    const { session, built } = sessionOf(() => {
      let y: tf.Tensor = tf.placeholder(tf.float32, [4], { name: 'x' });
      for (let i = 0; i < 30; i++) y = tf.add(tf.tanh(y), tf.multiply(y, y));
      return y;
    });
    const { text } = session.explain(built, { feed: { 'x:0': zeros([4]) } });
    expect(text).to.include('    t1 = add(tanh(t0), mul(t0, t0))\n');
    expect(text.length).to.be.below(4000);
  });

  it('is a report of tf.inspect, as text and as data', () => {
    const { session, built } = sessionOf(() => tf.square(tf.placeholder(tf.float32, [2], { name: 'x' })));
    const feed = { 'x:0': [1, 2] };
    const report = tf.inspect.explain(session, built, { feed });
    expect(report.text).to.equal(String(session.explain(built, { feed })));
    expect(JSON.parse(JSON.stringify(report)).kernels[0].flops).to.equal(2);
  });
});
