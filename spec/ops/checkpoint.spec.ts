/**
 * Saving tensors and restoring them, by the ops; what is in the files is spec/runtime/files.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { InvalidArgumentError, NotFoundError, ValueError } from '../../graph/errors';
import { Graph } from '../../graph/graph';
import { identity } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { goldenDisk, goldenFolder, goldenTensors } from '../support/checkpoints';
import { f32, i32, opCase, strings } from '../support/opCase';

const folder = mkdtempSync(join(tmpdir(), 'sluice-ops-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const fresh = () => join(folder, `checkpoint${files++}`);

interface Saved {
  readonly names: readonly string[];
  readonly slices?: readonly string[];
}

const save = (prefix: string, tensors: readonly Tensor[], { names, slices }: Saved) =>
  applyOp('SaveV2', {
    prefix,
    tensor_names: names,
    shape_and_slices: slices ?? names.map(() => ''),
    tensors,
  });

const restore = (prefix: string, dtype: readonly dtypes.DType[], { names, slices }: Saved) =>
  applyOp('RestoreV2', {
    prefix,
    tensor_names: names,
    shape_and_slices: slices ?? names.map(() => ''),
    dtypes: dtype,
  }).outputs;

describe('ops: checkpoints', () => {
  opCase('SaveV2', 'and RestoreV2', {
    inputs: [
      f32([
        [1, 2],
        [3, 4],
      ]),
      i32(7),
      strings(['a', '']),
    ],
    build: (...tensors) => {
      const prefix = fresh();
      const saved = { names: ['matrix', 'scalar', 'words'] };
      return tensors[0].graph.controlDependencies([save(prefix, tensors, saved)], () =>
        restore(
          prefix,
          tensors.map((tensor) => tensor.dtype),
          saved,
        ),
      );
    },
    want: [
      f32([
        [1, 2],
        [3, 4],
      ]),
      i32(7),
      strings(['a', '']),
    ],
    covers: ['RestoreV2'],
  });

  opCase('SaveV2', 'parts', {
    inputs: [
      f32([[1, 2]]),
      f32([
        [3, 4],
        [5, 6],
      ]),
    ],
    build: (...tensors) => {
      const prefix = fresh();
      const slices = ['3 2 0,1:-', '3 2 1,2:0,2'];
      return tensors[0].graph.controlDependencies([save(prefix, tensors, { names: ['v', 'v'], slices })], () => [
        ...restore(prefix, [dtypes.float32], { names: ['v'] }),
        ...restore(prefix, [dtypes.float32, dtypes.float32], { names: ['v', 'v'], slices: ['3 2 -:1,1', '3 2 0,2:-'] }),
      ]);
    },
    want: [
      f32([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      f32([[2], [4], [6]]),
      f32([
        [1, 2],
        [3, 4],
      ]),
    ],
  });

  opCase('Restore', 'of the older format', {
    inputs: [strings(join(goldenFolder, 'v1')), strings('rows')],
    build: (file_pattern, tensor_name) => applyUnary('Restore', { file_pattern, tensor_name, dt: dtypes.float32 }),
    want: goldenTensors('v1').get('rows')!,
  });

  opCase('RestoreSlice', 'of the older format', {
    inputs: [strings(join(goldenFolder, 'v1')), strings('rows'), strings('7 3 2,2:1,1')],
    build: (file_pattern, tensor_name, shape_and_slice) =>
      applyUnary('RestoreSlice', { file_pattern, tensor_name, shape_and_slice, dt: dtypes.float32 }),
    want: f32([7, 10].map((i) => [goldenTensors('v1').get('rows')!.data[i] as number])),
  });

  opCase('Restore', 'a vector', {
    inputs: [strings(['a', 'b']), strings('rows')],
    build: (file_pattern, tensor_name) => applyUnary('Restore', { file_pattern, tensor_name, dt: dtypes.float32 }),
    fails:
      /Shape must be rank 0 but is rank 1|Input 0 \(file_pattern\) must be a string scalar; got a tensor of size 2/,
  });

  opCase('MergeV2Checkpoints', 'two shards', {
    inputs: [f32([1]), f32([2, 3])],
    build: (first, second) => {
      const prefix = fresh();
      const shard = (index: number) =>
        applyUnary('ShardedFilename', { basename: `${prefix}_temp/part`, shard: index, num_shards: 2 });
      const { graph } = first;
      const saves = [first, second].map((tensor, i) =>
        applyOp('SaveV2', { prefix: shard(i), tensor_names: [`v${i}`], shape_and_slices: [''], tensors: [tensor] }),
      );
      const merge = graph.controlDependencies(saves, () =>
        applyOp('MergeV2Checkpoints', { checkpoint_prefixes: [0, 1].map(shard), destination_prefix: prefix }),
      );
      return graph.controlDependencies([merge], () =>
        restore(prefix, [dtypes.float32, dtypes.float32], { names: ['v0', 'v1'] }),
      );
    },
    want: [f32([1]), f32([2, 3])],
  });

  for (const [shard, shards, want] of [
    [3, 4, 'a-00003-of-00004'],
    [300000, -4, 'a-300000-of--0004'],
  ] as const) {
    opCase('ShardedFilename', want, {
      inputs: [strings('a'), i32(shard), i32(shards)],
      build: (basename, number, count) => applyUnary('ShardedFilename', { basename, shard: number, num_shards: count }),
      want: strings(want),
    });
  }

  opCase('ShardedFilename', 'a vector', {
    inputs: [strings(['a']), i32(0), i32(1)],
    build: (basename, shard, shards) => applyUnary('ShardedFilename', { basename, shard, num_shards: shards }),
    fails: /Shape must be rank 0 but is rank 1|basename must be a scalar, got shape \[1\]/,
  });

  opCase('ShardedFilespec', 'all shards', {
    inputs: [strings('a'), i32(4)],
    build: (basename, shards) => applyUnary('ShardedFilespec', { basename, num_shards: shards }),
    want: strings('a-?????-of-00004'),
  });

  describe('RestoreV2', () => {
    const attempt = (
      names: readonly string[],
      types: readonly dtypes.DType[],
      slices?: readonly string[],
      prefix = 'parts',
    ) => {
      const graph = new Graph();
      const session = new Session({ graph, config: { fileSystem: goldenDisk() } });
      return session.runSync(graph.asDefault(() => [...restore(prefix, types, { names, slices })]));
    };

    it('reads what TensorFlow wrote', () => {
      const wanted = goldenTensors('parts');
      const [rows, words] = attempt(['rows', 'words'], [dtypes.float32, dtypes.string]);
      expect(rows.equals(wanted.get('rows')!)).to.equal(true);
      expect(words.equals(wanted.get('words')!)).to.equal(true);
      expect(attempt(['shard0'], [dtypes.float32], undefined, 'v1_sharded-?????-of-00002')[0].data).to.deep.equal(
        Float32Array.of(-0.5),
      );
    });

    it("reports with TensorFlow's text what does not fit", () => {
      const { float32, float64, int32 } = dtypes;
      expect(() => attempt(['nothing'], [float32])).to.throw(NotFoundError, 'Key nothing not found in checkpoint');
      expect(() => attempt(['rows', 'grid', 'whole'], [float64, float64, float64])).to.throw(
        InvalidArgumentError,
        'tensor_name = rows; expected dtype double does not equal original dtype float\n' +
          'tensor_name = grid; expected dtype double does not equal original dtype int32',
      );
      expect(() => attempt(['rows'], [float32], undefined, 'nowhere')).to.throw(
        NotFoundError,
        'Unsuccessful TensorSliceReader constructor: Failed to find any matching files for nowhere',
      );
      expect(() => attempt(['rows'], [float32], undefined, 'parts.index')).to.throw(
        NotFoundError,
        'A checkpoint is named without the ending of its files: parts',
      );
      expect(() => attempt(['whole'], [float64], ['4 0,1'])).to.throw(
        InvalidArgumentError,
        'tensor_name = whole; shape in shape_and_slice spec [4] does not match the shape stored in checkpoint: [3]',
      );
      expect(() => attempt(['grid'], [int32], ['4 5'])).to.throw(
        ValueError,
        "Expected a pair of numbers or '-' but got '5': string = 5",
      );
    });

    it('gives values that outlive the run, and restores large ones without holding them twice', () => {
      const graph = new Graph();
      const fileSystem = goldenDisk();
      const session = new Session({ graph, config: { fileSystem } });
      const [large, copied] = graph.asDefault(() => {
        const value = applyUnary('Fill', { dims: [300, 100], value: 2.5 });
        const saved = save('large', [value], { names: ['v'] });
        return graph.controlDependencies([saved], () => {
          const [restored] = restore('large', [dtypes.float32], { names: ['v'] });
          return [restored, identity(restored)];
        });
      });
      const values = session.runSync([large, copied]);
      for (const value of values) {
        expect(value.shape).to.deep.equal([300, 100]);
        expect([...new Set(value.data as Float32Array)]).to.deep.equal([2.5]);
      }
      expect(values[0].data).not.to.equal(values[1].data);
    });
  });

  describe('SaveV2', () => {
    it('leaves nothing behind when it fails', () => {
      const graph = new Graph();
      const fileSystem = goldenDisk();
      const before = fileSystem.list('');
      const session = new Session({ graph, config: { fileSystem } });
      const twice = graph.asDefault(() => {
        const value = applyUnary('Fill', { dims: [2], value: 1 });
        return save('new', [value, value], { names: ['a', 'a'] });
      });
      expect(() => session.runSync(twice)).to.throw(InvalidArgumentError, 'Adding duplicate key: a');
      expect(fileSystem.list('')).to.deep.equal(before);
    });
  });
});
