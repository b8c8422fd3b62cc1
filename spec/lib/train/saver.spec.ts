import { create } from '@bufbuild/protobuf';
import { expect } from 'chai';

import { applyUnary } from '../../../graph/applyOp';
import * as dtypes from '../../../graph/dtypes';
import {
  FailedPreconditionError,
  GraphTypeError,
  InvalidArgumentError,
  NotFoundError,
  RuntimeError,
  ValueError,
} from '../../../graph/errors';
import { SaverDefSchema } from '../../../graph/formats/protos/generated/saver_pb';
import { NdArray } from '../../../graph/ndarray';
import { constant, placeholderWithDefault } from '../../../graph/ops/source';
import { matchCheckpoint } from '../../../lib/inspect/matchCheckpoint';
import * as train from '../../../lib/train/index';
import type { Variable } from '../../../lib/variables/variable';
import { getVariable } from '../../../lib/variables/variableScope';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { goldenDisk, goldenTensors } from '../../support/checkpoints';
import { initialize, noGraph, saved, values, variable, world, zeros } from '../../support/savers';

describe('tf.train.Saver', () => {
  it('saves and restores', () => {
    const disk = new MemoryFileSystem();
    world(disk, (session) => {
      const w = variable('w', [1, 2]);
      const step = getVariable('step', { initializer: constant(NdArray.scalar(dtypes.int64, 7n)) });
      const saver = new train.Saver();
      initialize(session);
      expect(saver.save(session, 'model', noGraph)).to.equal('model');
      session.runSync([w.assign([3, 4], { readValue: false }), step.assignAdd(1n)]);
      saver.restore(session, 'model');
      expect(values(session, w)).to.deep.equal([1, 2]);
      expect((session.runSync(step) as NdArray).item()).to.equal(7n);
    });
    expect(disk.list('')).to.deep.equal(['checkpoint', 'model.data-00000-of-00001', 'model.index']);
  });

  it('needs no values before it restores', () => {
    world(saved({ w: [5, 6] }), (session) => {
      const w = zeros('w', [2]);
      new train.Saver().restore(session, 'model');
      expect(values(session, w)).to.deep.equal([5, 6]);
    });
  });

  it("restores what TensorFlow's Saver wrote", () => {
    world(goldenDisk(), (session) => {
      const kernel = zeros('dense/kernel', [3, 2]);
      const m = zeros('dense/kernel/Adam', [3, 2]);
      new train.Saver([kernel, m]).restore(session, train.latestCheckpoint('', { fileSystem: session.fileSystem }));
      for (const each of [kernel, m])
        expect((session.runSync(each) as NdArray).equals(goldenTensors('trained').get(each.op.name)!)).to.equal(true);
    });
  });

  it("restores what TensorFlow 2's Checkpoint wrote, by the names that its variables had", () => {
    world(goldenDisk(), (session) => {
      const kernel = zeros('kernel', [3, 2]);
      const bias = zeros('bias', [2]);
      const step = zeros('step', [], dtypes.int64);
      new train.Saver().restore(session, 'objects-1');
      for (const each of [kernel, bias, step])
        expect((session.runSync(each) as NdArray).equals(goldenTensors('objects').get(each.op.name)!)).to.equal(true);
      const other = zeros('other', [2]);
      expect(() => new train.Saver([bias, other]).restore(session, 'objects-1')).to.throw(
        NotFoundError,
        'Key other not found',
      );
    });
  });

  it('numbers checkpoints, keeps the last, and notes them in the state file', () => {
    const disk = new MemoryFileSystem();
    disk.makeDirectory('run');
    world(disk, (session) => {
      const globalStep = train.getOrCreateGlobalStep() as Variable;
      const saver = new train.Saver(null, { maxToKeep: 2 });
      const advance = globalStep.assignAdd(10n);
      initialize(session);
      const paths = [0, 1, 2].map(() => {
        session.runSync(advance);
        return saver.save(session, 'run/model', { globalStep, ...noGraph });
      });
      expect(paths).to.deep.equal(['run/model-10', 'run/model-20', 'run/model-30']);
      expect(saver.lastCheckpoints).to.deep.equal(['run/model-20', 'run/model-30']);
      expect(disk.list('run').filter((name) => name.endsWith('.index'))).to.deep.equal([
        'model-20.index',
        'model-30.index',
      ]);
      const text = new TextDecoder().decode(read(disk, 'run/checkpoint'));
      expect(text).to.equal(
        'model_checkpoint_path: "model-30"\nall_model_checkpoint_paths: "model-20"\nall_model_checkpoint_paths: "model-30"\n',
      );
      expect(train.latestCheckpoint('run', { fileSystem: disk })).to.equal('run/model-30');
      saver.save(session, 'run/model', { globalStep: 20, ...noGraph });
      expect(saver.lastCheckpoints).to.deep.equal(['run/model-30', 'run/model-20']);

      const later = new train.Saver(null, { maxToKeep: 2, padStepNumber: true });
      const { allModelCheckpointPaths } = train.getCheckpointState('run', { fileSystem: disk })!;
      later.recoverLastCheckpoints([...allModelCheckpointPaths, 'run/gone'], { fileSystem: disk });
      expect(later.lastCheckpoints).to.deep.equal(['run/model-30', 'run/model-20']);
      expect(later.save(session, 'run/model', { globalStep: 7, ...noGraph })).to.equal('run/model-00000007');
      expect(later.lastCheckpoints).to.deep.equal(['run/model-20', 'run/model-00000007']);
      expect(train.checkpointExists('run/model-30', { fileSystem: disk })).to.equal(false);
    });
  });

  it('keeps one checkpoint for so many hours for good, or all', () => {
    const disk = new MemoryFileSystem();
    world(disk, (session) => {
      variable('w', [1]);
      initialize(session);
      const always = new train.Saver(null, { maxToKeep: 1, keepCheckpointEveryNHours: -1 });
      const never = new train.Saver(null, { maxToKeep: 1 });
      const all = new train.Saver(null, { maxToKeep: 0 });
      for (const globalStep of [1, 2, 3]) {
        always.save(session, 'always', { globalStep, ...noGraph });
        never.save(session, 'never', { globalStep, ...noGraph });
        all.save(session, 'all', { globalStep, latestFilename: 'state', ...noGraph });
      }
      const indexes = (prefix: string) =>
        disk.list('').filter((name) => name.startsWith(prefix) && name.endsWith('index'));
      // The time to keep the next moves on by −1 hours each time, so all are kept.
      expect(indexes('always')).to.have.length(3);
      expect(indexes('never')).to.deep.equal(['never-3.index']);
      expect(indexes('all')).to.have.length(3);
      expect(all.lastCheckpoints).to.deep.equal([]);
      const state = train.getCheckpointState('', { fileSystem: disk, latestFilename: 'state' })!;
      expect(state.allModelCheckpointPaths).to.deep.equal(['all-3']);
    });
  });

  it('saves under other names, by device, and parts of tensors', () => {
    const disk = new MemoryFileSystem();
    world(disk, (session) => {
      const [w, b] = [variable('w', [1, 2]), variable('b', [3])];
      initialize(session);
      new train.Saver({ 'old/w': w, b }).save(session, 'renamed', noGraph);
      new train.Saver(null, { sharded: true }).save(session, 'sharded', noGraph);
      train.setSaveSliceInfo(w, new train.SaveSliceInfo('whole', [3], [0], [2]));
      train.setSaveSliceInfo(b, new train.SaveSliceInfo('whole', [3], [2], [1]));
      const parts = new train.Saver();
      parts.save(session, 'parts', noGraph);
      session.runSync([w.assign([8, 9], { readValue: false }), b.assign([9], { readValue: false })]);
      parts.restore(session, 'parts');
      expect([...values(session, w), ...values(session, b)]).to.deep.equal([1, 2, 3]);
    });
    const list = (path: string) => train.listVariables(path, { fileSystem: disk });
    expect(list('renamed')).to.deep.equal([
      ['b', [1]],
      ['old/w', [2]],
    ]);
    expect(list('sharded')).to.deep.equal([
      ['b', [1]],
      ['w', [2]],
    ]);
    expect(list('parts')).to.deep.equal([['whole', [3]]]);
    expect([...train.loadVariable('parts', 'whole', { fileSystem: disk }).data]).to.deep.equal([1, 2, 3]);
    expect(disk.list('').filter((name) => name.includes('temp'))).to.deep.equal([]);
  });

  it('restores variables of another shape when told to', () => {
    world(saved({ w: [1, 2, 3, 4] }), (session) => {
      const w = zeros('w', [2, 2]);
      new train.Saver(null, { reshape: true }).restore(session, 'model');
      expect((session.runSync(w) as NdArray).toArray()).to.deep.equal([
        [1, 2],
        [3, 4],
      ]);
    });
  });

  it('uses nodes that are there already', () => {
    const disk = new MemoryFileSystem();
    world(disk, (session) => {
      const w = variable('w', [1]);
      initialize(session);
      const def = new train.Saver().asSaverDef()!;
      const nodes = session.graph.operations.length;
      const saver = train.Saver.fromProto(def);
      expect(session.graph.operations.length).to.equal(nodes);
      saver.save(session, 'model', noGraph);
      session.runSync(w.assign([2]));
      saver.restore(session, 'model');
      expect(values(session, w)).to.deep.equal([1]);
      const imported = train.Saver.fromProto(def, { importScope: 'there' }).asSaverDef()!;
      expect(imported.restoreOpName).to.equal('there/save/restore_all');
      expect(saver.toProto({ exportScope: 'save' })!.restoreOpName).to.equal('restore_all');
      expect(saver.toProto({ exportScope: 'elsewhere' })).to.equal(null);
    });
  });

  it('restores through the nodes of old savers', () => {
    world(goldenDisk(), (session) => {
      const rows = zeros('rows', [7, 3]);
      const filename = placeholderWithDefault('model', [], { name: 'save/Const' });
      const tensor = applyUnary('RestoreSlice', {
        file_pattern: filename,
        tensor_name: 'rows',
        shape_and_slice: '',
        dt: dtypes.float32,
      });
      const restored = rows.assign(tensor, { readValue: false });
      const names = { filenameTensorName: filename.name, saveTensorName: 'none', restoreOpName: restored.name };
      const saver = train.Saver.fromProto(create(SaverDefSchema, { ...names, maxToKeep: 5 }));
      saver.restore(session, 'v1');
      expect((session.runSync(rows) as NdArray).equals(goldenTensors('v1').get('rows')!)).to.equal(true);
      expect(() => saver.restore(session, 'v1_sharded-?????-of-00002')).to.throw(
        NotFoundError,
        'missing from the checkpoint (1): rows\n  in the checkpoint only (2): shard0, shard1',
      );
    });
  });

  it("refuses with TensorFlow's text", () => {
    world(new MemoryFileSystem(), (session) => {
      expect(() => new train.Saver()).to.throw(ValueError, 'No variables to save');
      const w = variable('w', [1]);
      const no = (list: unknown) => () => new train.Saver(list as never);
      expect(no(3)).to.throw(GraphTypeError, 'Variables to save should be passed in a dict or a list. Got 3');
      expect(no([constant(1)])).to.throw(GraphTypeError, 'Variable to save is not a Variable: Tensor("Const');
      expect(no({ a: constant(1) })).to.throw(GraphTypeError, 'Not a variable: Tensor("Const');
      expect(no([w, w])).to.throw(ValueError, 'At least two variables have the same name: w');
      expect(no({ a: w, b: w })).to.throw(ValueError, 'The same saveable will be restored with two names: b');
      expect(() => new train.Saver([w], { deferBuild: true })).to.throw(ValueError, 'build cannot be deferred');
      expect(() => train.Saver.fromProto(create(SaverDefSchema))).to.throw(
        ValueError,
        'must specify the save_tensor_name',
      );
      const deferred = new train.Saver(null, { deferBuild: true });
      expect(() => deferred.save(session, 'm')).to.throw(RuntimeError, '`build()` should be called before save');
      const saver = new train.Saver();
      expect(() => saver.save(3 as never, 'm')).to.throw(GraphTypeError, "'sess' must be a Session; 3");
      expect(() => saver.save(session, 'm', noGraph)).to.throw(FailedPreconditionError, 'Could not find variable w');
      initialize(session);
      expect(() => saver.save(session, 'a/checkpoint', noGraph)).to.throw(
        ValueError,
        "'latest_filename' collides with 'save_path': 'checkpoint' and 'a/checkpoint'",
      );
      expect(() => saver.save(session, 'm', { latestFilename: 'a/b' })).to.throw(
        ValueError,
        "'latest_filename' must not contain path components",
      );
      expect(() => saver.save(session, 'no/such/m', noGraph)).to.throw(
        ValueError,
        "Parent directory of no/such/m doesn't exist, can't save.",
      );
      expect(() => saver.restore(session, null)).to.throw(ValueError, "Can't load save_path when it is None.");
      expect(() => saver.restore(session, 'm')).to.throw(
        ValueError,
        'The passed save_path is not a valid checkpoint: m',
      );
      expect(session.fileSystem.list('')).to.deep.equal([]);
    });
  });

  it('does nothing without variables when that is allowed', () => {
    world(new MemoryFileSystem(), (session) => {
      const saver = new train.Saver(null, { allowEmpty: true });
      expect(saver.save(session, 'm', noGraph)).to.equal(null);
      saver.restore(session, 'm');
      expect(session.fileSystem.list('')).to.deep.equal([]);
    });
  });
});

describe('restoring what does not fit', () => {
  const failure = (disk: MemoryFileSystem, build: () => void): Error =>
    world(disk, (session) => {
      build();
      initialize(session);
      const before = session.graph.operations.length;
      const saver = new train.Saver();
      try {
        saver.restore(session, 'model');
      } catch (error) {
        expect(session.graph.operations.length).to.be.above(before);
        return error as Error;
      }
      return expect.fail('it fits');
    });

  it('names what is missing and what was probably renamed', () => {
    const disk = saved({
      'dense/kernel': [1, 2],
      'dense/bias': [3],
      'dense_1/kernel': [4, 5],
      'dense_1/bias': [6],
      odd: [7],
    });
    const error = failure(disk, () => {
      for (const scope of ['dense_2', 'dense_3']) {
        zeros(`${scope}/kernel`, [2]);
        zeros(`${scope}/bias`, [1]);
      }
      zeros('new', [9]);
      zeros('odd', [1]);
    });
    expect(error).to.be.instanceOf(NotFoundError);
    expect(error.message).to.match(
      /^Restoring from checkpoint failed\. This is most likely due to a Variable name or other graph key that is missing from the checkpoint\. Please ensure that you have not altered the graph expected based on the checkpoint\. Original error:\n\nKey dense_2\/bias not found in checkpoint\n\t \[\[\{\{node save\/RestoreV2\}\}\]\]/,
    );
    expect(error.message).to.include(
      [
        'The saver restores 6 tensors; the checkpoint model holds 5:',
        '  missing from the checkpoint (1): new',
        '  probably renamed (4): dense_2/bias is dense/bias in the checkpoint, dense_2/kernel is dense/kernel in the checkpoint, dense_3/bias is dense_1/bias in the checkpoint, dense_3/kernel is dense_1/kernel in the checkpoint',
        "To read renamed tensors under the checkpoint's names: saver.restore(session, path, { assign: 'by-suffix' }), or a saver with names of its own: new tf.train.Saver({ 'dense/bias': variable, … }).",
      ].join('\n'),
    );
  });

  it('reads renamed tensors when told to', () => {
    const disk = saved({ 'net/dense/kernel': [1, 2], 'net/dense/bias': [3], odd: [7] });
    world(disk, (session) => {
      const [kernel, bias, odd] = [
        zeros('model/dense_4/kernel', [2]),
        zeros('model/dense_4/bias', [1]),
        zeros('odd', [1]),
      ];
      const saver = new train.Saver();
      expect(() => saver.restore(session, 'model')).to.throw(NotFoundError, 'model/dense_4/bias is net/dense/bias');
      saver.restore(session, 'model', { assign: 'by-suffix' });
      expect([kernel, bias, odd].flatMap((each) => values(session, each))).to.deep.equal([1, 2, 3, 7]);
      const stranger = zeros('stranger', [12]);
      expect(() => new train.Saver([stranger]).restore(session, 'model', { assign: 'by-suffix' })).to.throw(
        NotFoundError,
        'missing from the checkpoint (1): stranger',
      );
    });
  });

  it('names what has another shape or type, and assigns nothing', () => {
    const disk = saved({ a: [1, 2], b: [3], c: [4] });
    world(disk, (session) => {
      const [a, , c] = [zeros('a', [2]), zeros('b', [2]), zeros('c', [1], dtypes.int32)];
      initialize(session);
      const saver = new train.Saver();
      expect(() => saver.restore(session, 'model')).to.throw(
        InvalidArgumentError,
        /^Restoring from checkpoint failed\. This is most likely due to a mismatch between the current graph and the graph from the checkpoint\.[\s\S]*Original error:\n\ntensor_name = c; expected dtype int32 does not equal original dtype float\n[\s\S]*of another type \(1\): c is float32 in the checkpoint, int32 in the graph\n {2}of another shape \(1\): b is \[1\] in the checkpoint, \[2\] in the graph/,
      );
      expect(() => new train.Saver({ a, b: c }).restore(session, 'model')).to.throw(InvalidArgumentError);
      expect(values(session, a)).to.deep.equal([0, 0]);
      const wrong = new train.Saver({ a, b: session.graph.getCollection<Variable>('variables')[1] });
      expect(() => wrong.restore(session, 'model')).to.throw(
        InvalidArgumentError,
        'Assign requires shapes of both tensors to match. lhs shape= [2] rhs shape= [1]',
      );
      expect(values(session, a)).to.deep.equal([0, 0]);
      saver.save(session, 'model', noGraph);
      saver.restore(session, 'model');
    });
  });
});

describe('tf.inspect.matchCheckpoint', () => {
  it('compares a graph with a checkpoint', () => {
    const disk = saved({ 'dense/kernel': [1, 2], b: [3], c: [4] });
    world(disk, ({ graph, fileSystem }) => {
      zeros('dense_1/kernel', [2]);
      zeros('b', [2]);
      const step = zeros('c', [1], dtypes.int32);
      const { data, text } = matchCheckpoint('model', { graph, fileSystem });
      expect(data).to.deep.equal({
        fits: false,
        wanted: 3,
        matching: 0,
        missing: ['dense_1/kernel'],
        otherType: ['c'],
        otherShape: ['b'],
        renamed: { 'dense_1/kernel': 'dense/kernel' },
        inCheckpointOnly: ['dense/kernel'],
      });
      expect(text).to.include('probably renamed (1): dense_1/kernel is dense/kernel in the checkpoint');
      const { restoreOpName } = new train.Saver({ other: step }).asSaverDef()!;
      expect(matchCheckpoint('model', { graph, fileSystem, restoreOp: restoreOpName }).data.missing).to.deep.equal([
        'other',
      ]);
    });
  });
});

describe('reading checkpoints', () => {
  it('lists and loads', () => {
    const fileSystem = goldenDisk();
    const reader = train.loadCheckpoint('', { fileSystem });
    expect(reader.hasTensor('global_step')).to.equal(true);
    expect(reader.getTensor('global_step').item()).to.equal(1n);
    expect(reader.getVariableToDtypeMap().get('dense/kernel')).to.equal(dtypes.float32);
    expect(reader.debugString()).to.include('dense/kernel (DT_FLOAT) [3,2]\n');
    expect(train.listVariables('v1', { fileSystem })[0]).to.deep.equal(['bool', [3]]);
    expect(train.loadVariable('every', 'limits:0', { fileSystem }).data[1]).to.equal(2n ** 63n - 1n);
    expect(() => train.loadVariable('every', 'zz', { fileSystem })).to.throw(
      NotFoundError,
      'Key zz not found in checkpoint',
    );
    expect(() => train.NewCheckpointReader('nope', { fileSystem })).to.throw(
      NotFoundError,
      'Unsuccessful TensorSliceReader constructor: Failed to find any matching files for nope',
    );
    expect(() => train.loadCheckpoint(null as never)).to.throw(
      GraphTypeError,
      'Expected binary or unicode string, got None',
    );
    fileSystem.remove('checkpoint');
    expect(() => train.loadCheckpoint('', { fileSystem })).to.throw(ValueError, "Couldn't find 'checkpoint' file");
    expect(train.latestCheckpoint('', { fileSystem })).to.equal(null);
  });
});

function read(disk: MemoryFileSystem, path: string): Uint8Array {
  const file = disk.openRead(path);
  const bytes = new Uint8Array(file.size);
  file.read(0, bytes);
  return bytes;
}
