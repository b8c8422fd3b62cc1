/**
 * Times of kernels: tracers over many runs, Chrome's trace events, and sums by scope, phase, kernel and op. Sums are checked on
 * times that the spec makes up; runs are asked only for what does not depend on the clock.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { smallModel } from './support';

const { inspect } = tf;
const feed = { 'x:0': [[1, 2, 3]], 'y:0': [[1, 2]], 'training:0': true };

function node(ops: string[], startMicros: number, durationMicros: number, kernel = {}): tf.NodeStats {
  return {
    nodeName: ops.at(-1) as string,
    opType: 'Mul',
    ops,
    kernel: { kind: 'loop', name: 'loop', flops: 0, bytes: 0, ...kernel },
    startMicros,
    durationMicros,
  };
}

const metadataOf = (...nodeStats: tf.NodeStats[]): tf.RunMetadata => ({ stepStats: [{ device: 'cpu', nodeStats }] });

function trainedSession(): tf.Session {
  const session = new tf.Session({ graph: smallModel(), config: { threads: 1, blas: 'off' } });
  session.runSync('init');
  return session;
}

describe('tf.Tracer', () => {
  it('keeps the kernels of runs, callables too, while it is on the session', () => {
    using session = trainedSession();
    session.runSync('Adam', { feed });
    const tracer = new tf.Tracer();
    session.tracer = tracer;
    tracer.mark('training');
    session.runSync('Adam', { feed });
    session.makeCallable('highest:0', ['x:0'])([[1, 2, 3]]);
    session.tracer = null;
    session.runSync('Adam', { feed });
    expect(tracer.steps.map(({ step, name, failed }) => [step, name, failed])).to.eql([
      [0, 'Adam', false],
      [1, 'highest:0', false],
    ]);
    expect(tracer.marks.map(({ name, step }) => [name, step])).to.eql([['training', 0]]);
    const kernels = session.explain('Adam', { feed }).data.kernels.map(({ ops }) => ops.map(({ name }) => name));
    expect(tracer.kernels.filter(({ step }) => step === 0).map(({ ops }) => ops)).to.eql(kernels);
    expect(tracer.kernels.some(({ step, nodeName }) => step === 1 && nodeName === 'highest')).to.equal(true);
    for (const { step, startMicros, durationMicros } of tracer.kernels) {
      const run = tracer.steps[step];
      expect(startMicros).to.be.at.least(run.startMicros);
      expect(startMicros + durationMicros).to.be.at.most(run.startMicros + run.durationMicros);
    }
  });

  it('forgets the oldest when it is full, and says how many', () => {
    using session = trainedSession();
    const tracer = (session.tracer = new tf.Tracer({ capacity: 5 }));
    const all = new tf.Tracer();
    for (let i = 0; i < 4; i++) session.runSync('Adam', { feed });
    session.tracer = all;
    session.runSync('Adam', { feed });
    expect(tracer.kernels.map(({ ops }) => ops)).to.eql(all.kernels.slice(-5).map(({ ops }) => ops));
    expect(tracer.kernels.map(({ step }) => step)).to.eql([3, 3, 3, 3, 3]);
    expect(tracer.dropped).to.equal(4 * all.kernels.length - 5);
    expect(`${tracer}`).to.equal(`<Tracer of 4 runs, 5 kernels kept, ${tracer.dropped} dropped>`);
    tracer.clear();
    expect([tracer.kernels, tracer.steps, tracer.dropped]).to.eql([[], [], 0]);
    expect(() => new tf.Tracer({ capacity: 0 })).to.throw(tf.errors.ValueError, 'capacity');
  });

  it('fills RunMetadata as before, and marks runs that fail', () => {
    using session = trainedSession();
    const tracer = (session.tracer = new tf.Tracer());
    const metadata: tf.RunMetadata = {};
    session.runSync('highest:0', { feed, options: { traceLevel: tf.TraceLevel.FULL_TRACE }, metadata });
    expect(metadata.stepStats![0].nodeStats.map(({ ops }) => ops)).to.eql(tracer.kernels.map(({ ops }) => ops));
    expect(() => session.runSync('highest:0')).to.throw(tf.errors.InvalidArgumentError, 'x');
    expect(tracer.steps.map(({ failed }) => failed)).to.eql([false, true]);
  });
});

describe('tf.inspect.chromeTrace', () => {
  it('has an event per kernel with the ops that it covers', () => {
    const routine = { kind: 'routine', name: 'matmul', flops: 4000, bytes: 2000 };
    const { data, text } = inspect.chromeTrace(metadataOf(node(['a', 'b'], 1, 2), node(['m'], 3, 4, routine)));
    expect(data.traceEvents.filter(({ ph }) => ph === 'X')).to.eql([
      {
        name: 'b + 1',
        cat: 'loop',
        ph: 'X',
        pid: 1,
        tid: 2,
        ts: 1,
        dur: 2,
        args: { ops: ['a', 'b'], flops: 0, bytes: 0, 'GFlop/s': 0, 'GB/s': 0 },
      },
      {
        name: 'matmul m',
        cat: 'routine',
        ph: 'X',
        pid: 1,
        tid: 2,
        ts: 3,
        dur: 4,
        args: { ops: ['m'], flops: 4000, bytes: 2000, 'GFlop/s': 1, 'GB/s': 0.5 },
      },
    ]);
    expect(JSON.parse(text)).to.eql(data);
  });

  it('has a lane of runs and marks for a tracer', () => {
    using session = trainedSession();
    const tracer = (session.tracer = new tf.Tracer());
    session.runSync('highest:0', { feed });
    tracer.mark('epoch 1');
    session.runSync('highest:0', { feed });
    const { traceEvents } = inspect.chromeTrace(tracer).data;
    const lanes = traceEvents.filter(({ ph }) => ph === 'M').map(({ name, args }) => [name, args?.name]);
    expect(lanes).to.eql([
      ['process_name', 'sluice'],
      ['thread_name', 'runs'],
      ['thread_name', 'kernels'],
    ]);
    const runs = traceEvents.filter(({ cat }) => cat === 'run');
    expect(runs.map(({ name, args }) => [name, args?.step])).to.eql([
      ['highest:0', 0],
      ['highest:0', 1],
    ]);
    const [mark] = traceEvents.filter(({ ph }) => ph === 'i');
    expect([mark.name, mark.args?.step]).to.eql(['epoch 1', 1]);
    expect(mark.ts).to.be.within((runs[0].ts as number) + (runs[0].dur as number), runs[1].ts as number);
  });
});

describe('tf.inspect.times', () => {
  const rowsOf = (metadata: tf.RunMetadata, options: tf.inspect.TimesOptions) =>
    inspect.times(metadata, options).data.rows.map(({ name, micros, kernels }) => [name, micros, kernels]);

  const step = metadataOf(
    node(['hidden/MatMul'], 0, 40, { kind: 'routine', name: 'matmul' }),
    node(['hidden/BiasAdd', 'hidden/Relu', 'out/Mul', 'gradients/out/Mul_grad/Mul'], 40, 20),
    node(['gradients/hidden/MatMul_grad/MatMul'], 60, 30, { kind: 'routine', name: 'matmul' }),
    node(['gradients/AddN', 'Adam/update_w/ResourceApplyAdam'], 90, 10),
    node(['Adam/mul', 'Adam/AssignVariableOp'], 100, 2),
    node(['step/AssignAddVariableOp'], 102, 1),
  );

  it('divides fused kernels among their ops, by scope', () => {
    expect(rowsOf(step, {})).to.eql([
      ['hidden', 50, 2],
      ['gradients', 40, 3],
      ['Adam', 7, 2],
      ['out', 5, 1],
      ['step', 1, 1],
    ]);
    expect(rowsOf(step, { depth: 2 })[1]).to.eql(['gradients/hidden', 30, 1]);
  });

  it('tells forward, gradients and optimizer apart', () => {
    expect(rowsOf(step, { by: 'phase' })).to.eql([
      ['forward', 55, 2],
      ['gradients', 40, 3],
      ['optimizer', 8, 3],
    ]);
  });

  it('sums up by kernel, and by op', () => {
    expect(rowsOf(step, { by: 'kernel' })).to.eql([
      ['matmul', 70, 2],
      ['loop', 33, 4],
    ]);
    expect(rowsOf(step, { by: 'op' }).slice(0, 2)).to.eql([
      ['hidden/MatMul', 40, 1],
      ['gradients/hidden/MatMul_grad/MatMul', 30, 1],
    ]);
  });

  it('does not count twice what runs within a plain kernel', () => {
    const loop = metadataOf(
      node(['body/a'], 10, 5),
      node(['body/b'], 20, 6),
      node(['while'], 0, 40, { kind: 'host' }),
      node(['after'], 40, 3),
    );
    const { data } = inspect.times(loop, { by: 'op' });
    expect(data.totalMicros).to.equal(43);
    expect(data.rows.map(({ name, micros }) => [name, micros])).to.eql([
      ['while', 29],
      ['body/b', 6],
      ['body/a', 5],
      ['after', 3],
    ]);
  });

  it('prints a table', () => {
    const lines = inspect.times(step, { by: 'phase' }).text.split('\n');
    expect(lines[0]).to.match(/^phase +ms +% +kernels +Mflop +MB$/);
    expect(lines[2]).to.match(/^forward +0\.055 +53\.4 +2 /);
    expect(lines.at(-1)).to.equal('0.103 ms in kernels');
  });

  it('takes a real run, and all its time', () => {
    using session = trainedSession();
    const tracer = (session.tracer = new tf.Tracer());
    for (let i = 0; i < 3; i++) session.runSync('Adam', { feed });
    const { data } = inspect.times(tracer, { by: 'phase' });
    expect(data.rows.map(({ name }) => name).sort()).to.eql(['forward', 'gradients', 'optimizer']);
    expect(data.rows.reduce((sum, { share }) => sum + share, 0)).to.be.closeTo(1, 1e-9);
  });
});

describe('session.memory', () => {
  it('tells bytes by owner, and gives them back', () => {
    const graph = smallModel();
    const session = new tf.Session({ graph, config: { threads: 1, blas: 'off' } });
    expect(session.memory()).to.deep.include({ totalBytes: 0, owners: [], variables: [] });
    session.runSync('init');
    session.runSync('Adam', { feed });
    const { owners, variables, totalBytes, heldBytes } = session.memory();
    expect(owners.map(({ owner }) => owner)).to.have.members([
      'variables',
      'values of plans',
      'constants',
      'random streams',
      'code of kernels',
    ]);
    expect(variables.find(({ name }) => name === 'hidden/kernel')).to.eql({ name: 'hidden/kernel', bytes: 48 });
    // Each variable takes whole cache lines.
    const lines = variables.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 64) * 64, 0);
    expect(owners.find(({ owner }) => owner === 'variables')).to.eql({
      owner: 'variables',
      bytes: lines,
      blocks: variables.length,
    });
    expect(owners.reduce((sum, { bytes }) => sum + bytes, 0)).to.equal(totalBytes);
    expect(heldBytes).to.be.at.least(totalBytes - owners.find(({ owner }) => owner === 'code of kernels')!.bytes);
    for (let i = 0; i < 20; i++) session.runSync('Adam', { feed });
    expect(session.memory().totalBytes).to.equal(totalBytes);
    expect(inspect.memory(session).text).to.match(/^variables +\d+ +[\d,]+$/m);
    session.close();
    expect(session.memory().totalBytes).to.equal(0);
  });

  it('counts the variables of plain kernels', () => {
    const graph = new tf.Graph();
    const init = graph.asDefault(() => {
      tf.getVariable('v', { shape: [3], initializer: tf.zerosInitializer() });
      return tf.globalVariablesInitializer();
    });
    using session = new tf.Session({ graph, config: { backend: 'plain' } });
    session.runSync(init);
    expect(session.memory()).to.eql({
      totalBytes: 12,
      owners: [{ owner: 'variables of plain kernels', bytes: 12, blocks: 1 }],
      variables: [{ name: 'v', bytes: 12 }],
      heldBytes: 0,
    });
  });
});
