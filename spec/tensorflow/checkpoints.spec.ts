/**
 * Checkpoints both ways: what TensorFlow wrote is read here, what is written here is read there, and a training that one began
 * the other goes on with, optimizer slots included, loss for loss.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { NdArray } from '../../graph/ndarray';
import * as tf from '../../lib/index';
import { isClose, tolerances } from '../support/close';
import { decode, python, type WireArray } from './wire';

type Tensors = Readonly<Record<string, WireArray>>;
type Losses = Readonly<Record<string, { before: number[]; after: number[]; step: number }>>;

function inTensorFlow(
  command: 'write' | 'read',
  folder: string,
): Record<string, Tensors> & { training: Losses; imported: Losses } {
  const run = spawnSync(python(), ['-W', 'ignore', join(__dirname, 'checkpoints.py'), command, folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
  return JSON.parse(run.stdout);
}

const optimizers: Readonly<Record<string, () => tf.train.Optimizer>> = {
  adam: () => new tf.train.AdamOptimizer(0.05),
  momentum: () => new tf.train.MomentumOptimizer(0.1, 0.9, { useNesterov: true }),
  rmsprop: () => new tf.train.RMSPropOptimizer(0.01, { momentum: 0.5, centered: true }),
  adagrad: () => new tf.train.AdagradOptimizer(0.1),
};

interface Model {
  readonly session: tf.Session;
  readonly step: tf.Variable;
  /** The losses of five steps. */
  train(): number[];
}

/** The same network as in checkpoints.py, with its names. */
function withModel<R>(optimizer: string, body: (model: Model) => R): R {
  const graph = new tf.Graph();
  return graph.asDefault(() => {
    tf.setRandomSeed(11);
    const inputs = Float32Array.from({ length: 48 }, (_, i) => ((i * 7) % 13) / 6 - 1);
    const x = tf.constant(inputs, { shape: [8, 6] });
    const labels = tf.constant(Int32Array.from({ length: 8 }, (_, i) => (i * 5) % 3));
    const kernelInitializer = tf.randomUniformInitializer({ minval: -0.5, maxval: 0.5, seed: 3 });
    const hidden = tf.layers.dense(x, 5, { activation: tf.tanh, kernelInitializer, name: 'hidden' });
    const logits = tf.layers.dense(hidden, 3, { kernelInitializer, name: 'logits' });
    const loss = tf.losses.sparseSoftmaxCrossEntropy(labels, logits);
    const globalStep = tf.train.getOrCreateGlobalStep() as tf.Variable;
    const train = optimizers[optimizer]().minimize(loss, { globalStep });
    const session = new tf.Session();
    const one = () => Number((session.runSync([loss, train])[0] as NdArray).item());
    return body({ session, step: globalStep, train: () => [0, 1, 2, 3, 4].map(one) });
  });
}

function expectLosses(got: readonly number[], want: readonly number[]): void {
  expect(got.length).to.equal(want.length);
  got.forEach((loss, i) =>
    expect(isClose(loss, want[i], tolerances.float32), `step ${i}: ${loss}, ${want[i]}`).to.equal(true),
  );
}

function expectTensors(read: (name: string) => NdArray, wanted: Tensors): void {
  for (const [name, array] of Object.entries(wanted)) {
    const want = decode(array);
    expect(read(name).equals(want), `${name}: ${read(name)} is not ${want}`).to.equal(true);
  }
}

/** Writes tensors by the op, through one session. */
function write(prefix: string, tensors: ReadonlyMap<string, NdArray>): void {
  const graph = new tf.Graph();
  const save = graph.asDefault(() =>
    applyOp('SaveV2', {
      prefix,
      tensor_names: [...tensors.keys()],
      shape_and_slices: [...tensors].map(() => ''),
      tensors: [...tensors.values()].map((value) => tf.constant(value)),
    }),
  );
  new tf.Session({ graph }).runSync(save);
}

describe('checkpoints both ways', function () {
  this.timeout(600_000);
  let folder: string;
  let theirs: ReturnType<typeof inTensorFlow>;
  const there = (name: string) => join(folder, 'theirs', name);
  const here = (name: string) => join(folder, 'ours', name);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-checkpoints-'));
    for (const name of ['ours', 'theirs']) mkdirSync(join(folder, name));
    theirs = inTensorFlow('write', join(folder, 'theirs'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of ['every', 'v1', 'parts']) {
    it(`reads TensorFlow's: ${name}`, () => {
      const reader = tf.train.loadCheckpoint(there(name));
      expect([...reader.getVariableToShapeMap().keys()].sort()).to.deep.equal(Object.keys(theirs[name]).sort());
      expectTensors((key) => reader.getTensor(key), theirs[name]);
    });
  }

  for (const optimizer of Object.keys(optimizers)) {
    it(`goes on with a training that TensorFlow began: ${optimizer}`, () => {
      withModel(optimizer, ({ session, step, train }) => {
        const latest = tf.train.latestCheckpoint(join(folder, 'theirs'), { latestFilename: `${optimizer}.state` });
        new tf.train.Saver().restore(session, latest);
        expect(Number((session.runSync(step) as NdArray).item())).to.equal(5);
        expectLosses(train(), theirs.training[optimizer].after);
      });
    });
  }

  for (const optimizer of Object.keys(optimizers)) {
    it(`goes on with it in the graph that TensorFlow wrote: ${optimizer}`, () => {
      const prefix = there(`${optimizer}-5`);
      const graph = new tf.Graph();
      graph.asDefault(() => {
        const saver = tf.train.importMetaGraph(`${prefix}.meta`)!;
        const session = new tf.Session();
        saver.restore(session, prefix);
        const [loss] = graph.getCollection<tf.Tensor>('losses');
        const [train] = graph.getCollection<tf.Operation>('train_op');
        const losses = [0, 1, 2, 3, 4].map(() => Number((session.runSync([loss, train])[0] as NdArray).item()));
        expectLosses(losses, theirs.training[optimizer].after);
      });
    });
  }

  describe('what is written here', () => {
    const losses = new Map<string, number[]>();
    let found: ReturnType<typeof inTensorFlow>;

    before(() => {
      const every = new Map(Object.entries(theirs.every).map(([name, array]) => [name, decode(array)]));
      write(here('every'), new Map([...every].sort(([a], [b]) => (a < b ? -1 : 1))));
      writeMany(here('many'));
      writeSharded(here('every_sharded'), every);
      for (const value of [1, 2, 3])
        write(here('written_over'), new Map([['v', tf.NdArray.vector(tf.float32, [value])]]));
      writeParts(here('parts'));
      for (const optimizer of Object.keys(optimizers)) {
        withModel(optimizer, ({ session, step, train }) => {
          const saver = new tf.train.Saver(null, { sharded: optimizer === 'momentum' });
          session.runSync(tf.globalVariablesInitializer());
          expectLosses(train(), theirs.training[optimizer].before);
          saver.save(session, here(optimizer), { globalStep: step, latestFilename: `${optimizer}.state` });
          losses.set(optimizer, train());
        });
      }
      found = inTensorFlow('read', join(folder, 'ours'));
    });

    function writeMany(prefix: string): void {
      const named = Array.from({ length: 4000 }, (_, i) => {
        const layer = String((i * 7919) % 5000).padStart(5, '0');
        return [
          `layer_${layer}/some/long/scope/name/to/fill/blocks/kernel_${i}`,
          tf.NdArray.vector(tf.int32, [i]),
        ] as const;
      });
      write(prefix, new Map(named));
    }

    /** Half of the tensors in each of two shards. */
    function writeSharded(prefix: string, tensors: ReadonlyMap<string, NdArray>): void {
      const names = [...tensors.keys()];
      const shards = [0, 1].map((shard) => `${prefix}_temp/part-0000${shard}-of-00002`);
      shards.forEach((shard, i) =>
        write(shard, new Map(names.filter((_, k) => k % 2 === i).map((name) => [name, tensors.get(name)!]))),
      );
      const graph = new tf.Graph();
      const merge = graph.asDefault(() =>
        applyOp('MergeV2Checkpoints', { checkpoint_prefixes: shards, destination_prefix: prefix }),
      );
      new tf.Session({ graph }).runSync(merge);
    }

    /** The tensor `table` in three parts. */
    function writeParts(prefix: string): void {
      const graph = new tf.Graph();
      graph.asDefault(() => {
        const whole = tf.train.loadVariable(there('parts'), 'table');
        const cuts = [0, 5, 6, 11];
        for (let i = 0; i < 3; i++) {
          const [start, length] = [cuts[i], cuts[i + 1] - cuts[i]];
          const part = applyUnary('Slice', { input: whole, begin: [start, 0], size: [length, 4] });
          const variable = tf.getVariable(`part_${i}`, { initializer: part });
          tf.train.setSaveSliceInfo(variable, new tf.train.SaveSliceInfo('table', [11, 4], [start, 0], [length, 4]));
        }
        const session = new tf.Session();
        session.runSync(tf.globalVariablesInitializer());
        new tf.train.Saver().save(session, prefix);
      });
    }

    it('is read by TensorFlow: tensors of every type', () => {
      for (const name of ['every', 'every_sharded']) {
        expect(Object.keys(found[name]).sort()).to.deep.equal(Object.keys(theirs.every).sort());
        expectTensors((key) => decode(found[name][key]), theirs.every);
      }
    });

    it('is byte for byte what TensorFlow writes', () => {
      for (const name of ['every.index', 'every.data-00000-of-00001', 'many.index', 'many.data-00000-of-00001'])
        expect(readFileSync(here(name)).equals(readFileSync(there(name))), name).to.equal(true);
      expect(readFileSync(here('many.index')).length).to.be.above(256 * 1024);
    });

    it('is read by TensorFlow when it was written over another', () => {
      expect([...decode(found.written_over.v).data]).to.deep.equal([3]);
    });

    it('is read by TensorFlow in parts, and in other parts', () => {
      for (const name of ['parts', 'repartitioned'])
        expectTensors((key) => decode(found[name][key]), { table: theirs.parts.table });
    });

    for (const optimizer of Object.keys(optimizers)) {
      it(`is a training that TensorFlow goes on with: ${optimizer}`, () => {
        expect(found.training[optimizer].step).to.equal(5);
        expectLosses(losses.get(optimizer)!, found.training[optimizer].after);
      });

      it(`is a graph that TensorFlow goes on with: ${optimizer}`, () => {
        expect(found.imported[optimizer].step).to.equal(5);
        expectLosses(losses.get(optimizer)!, found.imported[optimizer].after);
      });
    }
  });
});
