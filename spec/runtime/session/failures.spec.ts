/**
 * What is left when a run fails: the error names an op, the session goes on, and variables keep what completed ops gave them.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { WasmEngine } from '../../../runtime/backends/wasm/engine';
import { Executor } from '../../../runtime/executor';
import { defaultFileSystem } from '../../../runtime/files/fileSystem';
import { makePlan } from '../../../runtime/plan/plan';

const MIB = 1024 * 1024;
const { ResourceExhaustedError, InvalidArgumentError, InternalError } = tf.errors;

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return expect.fail('it did not throw');
}

describe('a run that fails', () => {
  describe('for want of memory', () => {
    const config = { threads: 1, blas: 'off', memoryLimitBytes: 16 * MIB } as const;

    it('names the op with the largest values; the session goes on with less', () => {
      const graph = new tf.Graph();
      const [x, sum] = graph.asDefault(() => {
        const rows = tf.placeholder(tf.float32, [null, 256], { name: 'rows' });
        const wide = tf.matmul(rows, tf.ones([256, 1024]), { name: 'wide' });
        return [rows, tf.reduceSum(tf.matmul(wide, tf.ones([1024, 8]), { name: 'narrow' }), null, { name: 'sum' })];
      });
      using session = new tf.Session({ graph, config });
      const run = (batch: number) =>
        session.runSync(sum, { feed: [[x, tf.NdArray.from(new Float32Array(batch * 256)).reshape([batch, 256])]] });
      run(4);
      const { totalBytes } = session.memory();
      const error = thrownBy(() => run(4096));
      expect(error).to.be.instanceOf(ResourceExhaustedError);
      expect(error.message).to.match(/^OOM when allocating .* for values of plans: .*\{\{node wide\}\}/s);
      expect((error as tf.errors.OpError).op?.name).to.equal('wide');
      expect(session.memory().totalBytes).to.equal(totalBytes);
      expect(run(4).toArray()).to.equal(0);
      expect(run(8).toArray()).to.equal(0);
    });

    it('names the variable that has no room', () => {
      const graph = new tf.Graph();
      const inits = graph.asDefault(() => {
        const small = tf.getVariable('small', { shape: [4], initializer: tf.onesInitializer() });
        const large = tf.getVariable('large', { shape: [2048, 4096], initializer: tf.zerosInitializer() });
        return { small, large };
      });
      using session = new tf.Session({ graph, config });
      session.runSync(inits.small.initializer);
      const error = thrownBy(() => session.runSync(inits.large.initializer));
      expect(error).to.be.instanceOf(ResourceExhaustedError);
      expect(error.message).to.match(/for variables: .*\{\{node large\/Assign\}\}/s);
      expect(session.runSync(inits.small).toArray()).to.eql([1, 1, 1, 1]);
    });

    it('refuses limits that are none', () => {
      expect(() => new tf.Session({ graph: new tf.Graph(), config: { memoryLimitBytes: 0 } })).to.throw(
        tf.errors.ValueError,
        'memoryLimitBytes',
      );
    });
  });

  describe('as its kernels are refused', () => {
    /** An engine that refuses the next module with kernels of a plan. */
    class RefusingEngine extends WasmEngine {
      refuses = false;

      override load(bytes: Uint8Array<ArrayBuffer>, label: string): ReturnType<WasmEngine['load']> {
        if (this.refuses) throw new WebAssembly.CompileError('function body too large');
        return super.load(bytes, label);
      }
    }

    it('names an op, gives back the memory, and can run again', () => {
      const graph = new tf.Graph();
      const y = graph.asDefault(() => tf.exp(tf.placeholder(tf.float32, [2], { name: 'x' }), { name: 'y' }));
      const engine = new RefusingEngine(1, 'off');
      const hooks = { log: () => {}, drawSeed: () => 1, fileSystem: defaultFileSystem };
      const executor = new Executor(hooks, { engine, fusion: true });
      const plan = makePlan([y], [], [graph.getTensorByName('x:0')]);
      const feeds = [tf.NdArray.from([0, 0])];
      const before = engine.memory.usedBytes;
      engine.refuses = true;
      const error = thrownBy(() => executor.run(plan, feeds));
      expect(error).to.be.instanceOf(InternalError);
      expect(error.message).to.match(/^function body too large.*\{\{node y\}\}/s);
      expect(error.cause).to.be.instanceOf(WebAssembly.CompileError);
      expect(engine.memory.usedBytes).to.equal(before);
      engine.refuses = false;
      expect(executor.run(plan, feeds)[0].toArray()).to.eql([1, 1]);
      executor.release();
      engine.pool.close();
    });
  });

  for (const backend of ['wasm', 'plain'] as const) {
    it(`leaves variables as completed ops left them (${backend})`, () => {
      const graph = new tf.Graph();
      const { v, x, last } = graph.asDefault(() => {
        const variable = tf.getVariable('v', { shape: [2], initializer: tf.zerosInitializer() });
        const fed = tf.placeholder(tf.float32, [2], { name: 'fed' });
        const first = variable.assign([1, 2]);
        const check = tf.controlDependencies([first], () => tf.checkNumerics(fed, 'bad', { name: 'check' }));
        const after = tf.controlDependencies([check], () => variable.assign([3, 4]));
        return { v: variable, x: fed, last: after };
      });
      using session = new tf.Session({ graph, config: { threads: 1, blas: 'off', backend } });
      const error = thrownBy(() => session.runSync(last, { feed: [[x, [Number.NaN, 0]]] }));
      expect(error).to.be.instanceOf(InvalidArgumentError);
      expect((error as tf.errors.OpError).op?.name).to.equal('check');
      expect(session.runSync(v).toArray()).to.eql([1, 2]);
      session.runSync(last, { feed: [[x, [0, 0]]] });
      expect(session.runSync(v).toArray()).to.eql([3, 4]);
    });
  }
});
