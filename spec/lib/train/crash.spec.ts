/** Whenever a save is cut short, the checkpoint before it or the new one is there, whole. */
import { expect } from 'chai';
import * as dtypes from '../../../graph/dtypes';
import { Graph } from '../../../graph/graph';
import type { NdArray } from '../../../graph/ndarray';
import { constant } from '../../../graph/ops/source';
import * as train from '../../../lib/train/index';
import { globalVariablesInitializer } from '../../../lib/variables/collections';
import { getVariable } from '../../../lib/variables/variableScope';
import type { FileSystem } from '../../../runtime/files/fileSystem';
import { Session } from '../../../runtime/session';
import { CrashingFileSystem, worlds } from '../../support/crashingFileSystem';

interface Model {
  save(fileSystem: FileSystem, value: number): void;
  /** The values that the latest checkpoint holds. */
  restored(fileSystem: FileSystem): number[];
}

/** Two variables, both of which hold the number of the save. */
function model(options: train.SaverOptions, numbered: boolean): Model {
  const graph = new Graph();
  return graph.asDefault(() => {
    const size = 300;
    const variables = ['a', 'b'].map((name) =>
      getVariable(name, { initializer: constant(new Array(size).fill(0), dtypes.float32) }),
    );
    const saverDef = new train.Saver(null, options).asSaverDef()!;
    const initializer = globalVariablesInitializer();
    const sessionOn = (fileSystem: FileSystem) =>
      new Session({ graph, config: { fileSystem, log: () => {}, backend: 'plain' } });
    return {
      save: (fileSystem, value) => {
        const session = sessionOn(fileSystem);
        session.runSync(initializer, {
          feed: variables.map((variable) => [variable.initialValue, new Float32Array(size).fill(value)] as const),
        });
        const saver = train.Saver.fromProto(saverDef);
        const state = train.getCheckpointState('', { fileSystem });
        saver.recoverLastCheckpoints(state?.allModelCheckpointPaths ?? [], { fileSystem });
        saver.save(session, 'model', numbered ? { globalStep: value } : {});
      },
      restored: (fileSystem) => {
        const session = sessionOn(fileSystem);
        train.Saver.fromProto(saverDef).restore(session, train.latestCheckpoint('', { fileSystem }));
        return variables.flatMap((variable) => [
          ...new Set((session.runSync(variable) as NdArray).data as Float32Array),
        ]);
      },
    };
  });
}

const kinds: readonly [string, train.SaverOptions, boolean][] = [
  ['numbered checkpoints', { maxToKeep: 1 }, true],
  ['one checkpoint written over', {}, false],
  ['shards, numbered', { sharded: true, maxToKeep: 1 }, true],
  ['shards written over', { sharded: true }, false],
];

describe('a crash while saving', () => {
  for (const [name, options, numbered] of kinds) {
    it(`leaves a whole checkpoint: ${name}`, () => {
      const { save, restored } = model(options, numbered);
      const start = new CrashingFileSystem();
      save(start, 1);
      const whole = start.copy(Number.POSITIVE_INFINITY);
      save(whole, 2);
      expect(whole.operations).to.be.above(10);
      const found = new Set<number>();
      for (let crashAt = 0; crashAt <= whole.operations; crashAt++) {
        const disk = start.copy(crashAt);
        try {
          save(disk, 2);
        } catch (error) {
          // What fails while old checkpoints are removed is only logged.
          expect((error as Error).message).to.match(/operation \d+/);
        }
        expect(disk.operations > crashAt).to.equal(crashAt < whole.operations);
        for (const world of worlds) {
          const survivors = disk.after(world);
          const values = restored(survivors);
          expect(values, `crash at ${crashAt}, ${world}`).to.have.length(2);
          expect(values[0]).to.equal(values[1]);
          found.add(values[0]);
          if (crashAt === whole.operations && world === 'everything') expect(values[0]).to.equal(2);
          // And life goes on.
          save(survivors, 3);
          expect(restored(survivors)).to.deep.equal([3, 3]);
        }
      }
      expect([...found].sort()).to.deep.equal([1, 2]);
    });
  }

  it('does not take the checkpoint before it along when the disk is full', () => {
    const { save, restored } = model({}, false);
    const start = new CrashingFileSystem();
    save(start, 1);
    const names = start.list('');
    const full = start.copy(1);
    expect(() => save(full, 2)).to.throw('operation 1');
    const after = full.after('everything');
    expect(restored(after)).to.deep.equal([1, 1]);
    expect(names.every((name) => after.stat(name))).to.equal(true);
  });
});
