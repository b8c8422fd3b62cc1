/**
 * Damaged and hostile checkpoints: the values are right or there is an error that names a file, whatever bytes are wrong. Nothing
 * is allocated for what a file only claims.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { expect } from 'chai';
import fc from 'fast-check';
import * as dtypes from '../../../../graph/dtypes';
import { DataLossError, InvalidArgumentError, OpError, UnimplementedError } from '../../../../graph/errors';
import {
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
} from '../../../../graph/formats/protos/generated/tensor_bundle_pb';
import type { DataType } from '../../../../graph/formats/protos/generated/types_pb';
import { Graph } from '../../../../graph/graph';
import { NdArray } from '../../../../graph/ndarray';
import { zerosInitializer } from '../../../../lib/initializers/constants';
import * as train from '../../../../lib/train/index';
import { globalVariablesInitializer } from '../../../../lib/variables/collections';
import { getVariable } from '../../../../lib/variables/variableScope';
import { BundleReader } from '../../../../runtime/files/bundle/bundleReader';
import { BundleWriter } from '../../../../runtime/files/bundle/bundleWriter';
import { openCheckpoint } from '../../../../runtime/files/bundle/openCheckpoint';
import { sliceKey, sliceToProto } from '../../../../runtime/files/bundle/tensorSlice';
import { MemoryFileSystem } from '../../../../runtime/files/memoryFileSystem';
import { TableWriter } from '../../../../runtime/files/table/tableWriter';
import { Session } from '../../../../runtime/session';
import { get, goldenDisk, goldenFile, goldenFiles, goldenTensors, put } from '../../../support/checkpoints';

/** Every value of a checkpoint equals the golden, or an error of tf.errors names a file or a tensor. */
function readAll(disk: MemoryFileSystem, prefix: string, wanted: ReadonlyMap<string, NdArray>): boolean {
  let failed = false;
  const attempt = (body: () => void) => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof OpError)) throw error;
      expect(error.message).to.match(/checkpoint|\.index|\.data-|v1/);
      failed = true;
    }
  };
  attempt(() => {
    const reader = openCheckpoint(disk, prefix);
    for (const [name, value] of wanted)
      attempt(() => {
        const read = reader.read(name);
        expect(read.equals(value), `${name} is ${read}`).to.equal(true);
        reader.check(name);
      });
  });
  return failed;
}

const sources = [
  ['every', 'every'],
  ['parts', 'parts'],
  ['sharded', 'sharded'],
  ['trained', 'trained-1'],
  ['v1', 'v1'],
  ['v1_sharded', 'v1_sharded-?????-of-00002'],
] as const;

const filesOf = (prefix: string) => {
  const expression = new RegExp(`^${prefix.replaceAll('?', '\\d')}(\\.|$)`);
  return goldenFiles.filter((name) => expression.test(name));
};

describe('damaged checkpoints', () => {
  for (const [checkpoint, prefix] of sources) {
    const wanted = goldenTensors(checkpoint);
    const files = filesOf(prefix);

    it(`with wrong bytes: ${checkpoint}`, () => {
      const disk = goldenDisk();
      const anyByte = fc.record({
        file: fc.constantFrom(...files),
        at: fc.nat(),
        bits: fc.integer({ min: 1, max: 255 }),
      });
      fc.assert(
        fc.property(fc.array(anyByte, { minLength: 1, maxLength: 3 }), (changes) => {
          for (const { file, at, bits } of changes) {
            const bytes = get(disk, file);
            bytes[at % bytes.length] ^= bits;
            put(disk, file, bytes);
          }
          readAll(disk, prefix, wanted);
          for (const file of files) put(disk, file, goldenFile(file));
        }),
        { numRuns: 150 },
      );
      expect(readAll(disk, prefix, wanted)).to.equal(false);
    });

    it(`cut short, or longer: ${checkpoint}`, () => {
      const disk = goldenDisk();
      for (const file of files) {
        const bytes = goldenFile(file);
        const step = Math.max(1, Math.floor(bytes.length / 40));
        for (let length = 0; length < bytes.length; length += step) {
          put(disk, file, bytes.subarray(0, length));
          expect(readAll(disk, prefix, wanted), `${file} of ${length} bytes`).to.equal(true);
        }
        put(disk, file, Uint8Array.from([...bytes, 0, 0, 0]));
        readAll(disk, prefix, wanted);
        put(disk, file, bytes);
      }
    });
  }

  it('says which file, which tensor and where', () => {
    const disk = goldenDisk();
    const data = get(disk, 'trained-1.data-00000-of-00001');
    put(disk, 'trained-1.data-00000-of-00001', data.with(20, data[20] ^ 1));
    const reader = new BundleReader(disk, 'trained-1');
    expect(() => reader.read('dense/bias/Adam')).to.throw(
      DataLossError,
      /^trained-1\.data-00000-of-00001: tensor dense\/bias\/Adam: Checksum does not match: stored \d+ vs\. calculated on the restored bytes \d+ \(8 bytes\), at offset 16$/,
    );
    put(disk, 'trained-1.data-00000-of-00001', data.subarray(0, 20));
    expect(() => reader.read('dense/kernel')).to.not.throw(TypeError);
    expect(() => new BundleReader(disk, 'trained-1').read('dense/kernel')).to.throw(
      DataLossError,
      /its 24 bytes run past the end of the file of 20 bytes, at offset \d+/,
    );
  });
});

describe('hostile checkpoints', () => {
  type Entry = Parameters<typeof create<typeof BundleEntryProtoSchema>>[1];

  /** An index of these entries, with right checksums. */
  function index(
    entries: Readonly<Record<string, Entry>>,
    header: object = { numShards: 1, version: { producer: 1 } },
  ) {
    const disk = new MemoryFileSystem();
    const file = disk.openWrite('m.index');
    const table = new TableWriter(file);
    table.add('', toBinary(BundleHeaderProtoSchema, create(BundleHeaderProtoSchema, header)));
    for (const key of Object.keys(entries).sort())
      table.add(key, toBinary(BundleEntryProtoSchema, create(BundleEntryProtoSchema, entries[key])));
    table.finish();
    put(disk, 'm.data-00000-of-00001', new Uint8Array(64));
    return disk;
  }

  const shape = (...dims: (number | bigint)[]) => ({ dim: dims.map((size) => ({ size: BigInt(size) })) });
  const refused = (disk: MemoryFileSystem, message: string | RegExp, kind: typeof OpError = DataLossError as never) =>
    expect(() => new BundleReader(disk, 'm').read('v')).to.throw(kind, message);

  it('with huge shapes and little data', () => {
    refused(index({ v: { dtype: 1, shape: shape(1 << 30, 1 << 18), size: 64n } }), '64 bytes cannot be');
    refused(
      index({ v: { dtype: 1, shape: shape(1 << 30), size: 1n << 32n } }),
      'run past the end of the file of 64 bytes',
    );
    refused(index({ v: { dtype: 1, shape: shape(2n ** 62n, 4), size: 64n } }), 'has no possible shape');
    refused(index({ v: { dtype: 1, shape: shape(-1), size: 0n } }), 'has no possible shape');
    refused(index({ v: { dtype: 1, shape: shape(...new Array(300).fill(1)), size: 4n } }), 'has no possible shape');
    refused(index({ v: { dtype: 7, shape: shape(1 << 30), size: 64n } }), '64 bytes cannot be');
    refused(index({ v: { dtype: 1, shape: shape(1), size: 4n, offset: 2n ** 62n } }), 'has no possible place');
    refused(index({ v: { dtype: 1, shape: shape(1), size: 4n, offset: -4n } }), 'has no possible place');
    refused(index({ v: { dtype: 1, shape: shape(1), size: 4n, shardId: 7 } }), 'is in shard 7 of 1');
    refused(index({ v: { dtype: 1, shape: shape(1), size: 4n, shardId: -1 } }), 'is in shard -1 of 1');
  });

  it('with parts that overlap, are missing, lie outside or are one place many times', () => {
    const part = (start: number, length: number) => [{ start, length }];
    const whole = (count: number, length: number, ...parts: ReturnType<typeof part>[]) => ({
      v: { dtype: 1, shape: shape(count * length), slices: parts.map(sliceToProto) } as Entry,
    });
    const held = (start: number, length: number): Record<string, Entry> => ({
      [sliceKey('v', part(start, length))]: { dtype: 1, shape: shape(length), size: BigInt(4 * length) },
    });
    refused(
      index({ ...whole(1, 4, part(0, 3), part(2, 2)), ...held(0, 3), ...held(2, 2) }),
      'the parts 0,3 and 2,2 of tensor v overlap',
    );
    refused(index({ ...whole(1, 4, part(0, 4)) }), 'the part 0,4 of tensor v is missing or does not fit it');
    refused(
      index({ ...whole(1, 4, part(2, 4)), ...held(2, 4) }),
      'the part 2,4 does not fit into tensor v of shape [4]',
    );
    refused(
      index({ ...whole(1, 4, part(0, 2)), ...held(0, 2) }),
      'Does not have sufficient slices for partitioned tensor v to restore in slice_spec: 0,4',
      InvalidArgumentError as never,
    );
    const many = Array.from({ length: 100 }, (_, i) => part(i * 16, 16));
    refused(
      index({ ...whole(100, 16, ...many), ...Object.assign({}, ...many.map(([{ start }]) => held(start, 16))) }),
      'its parts are larger than the file',
    );
  });

  it('with anything in their entries, under right checksums', () => {
    const number = fc.oneof(fc.integer({ min: -3, max: 70 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    const slice = fc.array(
      fc.option(fc.record({ start: fc.integer({ min: -1, max: 4 }), length: fc.integer({ min: -1, max: 5 }) }), {
        nil: undefined,
      }),
      { maxLength: 3 },
    );
    const entry = fc.record({
      dtype: fc.constantFrom(0, 1, 2, 3, 7, 9, 10, 12, 14, 19, 20, 21, 999),
      dims: fc.array(number, { maxLength: 3 }),
      offset: number,
      size: number,
      shardId: fc.integer({ min: -2, max: 3 }),
      slices: fc.array(slice, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.record({ v: entry, part: entry, where: slice }), ({ v, part, where }) => {
        const asEntry = ({ dtype, dims, offset, size, shardId, slices }: typeof v): Entry => ({
          dtype: dtype as DataType,
          shape: shape(...dims),
          offset: BigInt(offset),
          size: BigInt(size),
          shardId,
          slices: slices.map(sliceToProto),
        });
        const disk = index({ v: asEntry(v), [sliceKey('v', where)]: asEntry({ ...part, slices: [] }) });
        try {
          const reader = new BundleReader(disk, 'm');
          reader.check('v');
          expect(reader.read('v').data.length).to.be.below(65);
        } catch (error) {
          expect(error).to.be.instanceOf(OpError);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('with headers from elsewhere', () => {
    const v: Entry = { dtype: 1, shape: shape(1), size: 4n };
    refused(index({ v }, { numShards: -3 }), 'the header tells of -3 shards');
    refused(
      index({ v }, { numShards: 1, version: { producer: 9, minConsumer: 2 } }),
      'min consumer version 2 above current version 1',
      InvalidArgumentError as never,
    );
    refused(
      index({ v }, { numShards: 1, version: { producer: 9, badConsumers: [1] } }),
      'disallows consumer version 1',
      InvalidArgumentError as never,
    );
    refused(
      index({ v }, { numShards: 1, endianness: BundleHeaderProto_Endianness.BIG }),
      'only little-endian ones are read',
      UnimplementedError as never,
    );
    refused(
      index({ v: { ...v, dtype: 12 } }),
      'is of type DT_QUINT8, which cannot be read',
      UnimplementedError as never,
    );
    const disk = new MemoryFileSystem();
    const table = new TableWriter(disk.openWrite('m.index'));
    table.add('v', new Uint8Array());
    table.finish();
    refused(disk, 'the index has no header');
  });

  it('leave variables as they are and the session usable', () => {
    const disk = new MemoryFileSystem();
    const writer = new BundleWriter(disk, 'm');
    const names = ['a', 'b', 'c'];
    for (const name of names) writer.add(name, new NdArray(dtypes.float32, [30_000], new Float32Array(30_000).fill(1)));
    writer.finish();
    const data = get(disk, 'm.data-00000-of-00001');
    put(disk, 'bad.data-00000-of-00001', data.with(data.length - 9, 7));
    put(disk, 'bad.index', get(disk, 'm.index'));
    const graph = new Graph();
    graph.asDefault(() => {
      const variables = names.map((name) => getVariable(name, [30_000], { initializer: zerosInitializer() }));
      const session = new Session({ graph, config: { fileSystem: disk } });
      const saver = new train.Saver();
      session.runSync(globalVariablesInitializer());
      const before = disk.list('');
      const found = () =>
        (session.runSync(variables) as NdArray[]).flatMap(({ data: some }) => [...new Set(some as Float32Array)]);
      expect(() => saver.restore(session, 'bad')).to.throw(
        DataLossError,
        'bad.data-00000-of-00001: tensor c: Checksum does not match',
      );
      expect(found()).to.deep.equal([0, 0, 0]);
      expect(disk.list('')).to.deep.equal(before);
      saver.restore(session, 'm');
      expect(found()).to.deep.equal([1, 1, 1]);
    });
  });

  it('state files that are none are reported and ignored', () => {
    const disk = goldenDisk();
    const lines: string[] = [];
    const { error } = console;
    console.error = (line: string) => lines.push(line);
    try {
      for (const text of [
        'model_checkpoint_path',
        'x: 1',
        'model_checkpoint_path: "a',
        '\xff{}',
        'model_checkpoint_path: "\\377"',
      ]) {
        put(
          disk,
          'checkpoint',
          Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
        );
        expect(train.latestCheckpoint('', { fileSystem: disk })).to.equal(null);
      }
    } finally {
      console.error = error;
    }
    expect(lines).to.have.length(5);
    for (const line of lines)
      expect(line).to.match(
        /InvalidArgumentError: Can't parse checkpoint as the text form of CheckpointState.*\n.*checkpoint: Checkpoint ignored/,
      );
    put(disk, 'checkpoint', new TextEncoder().encode('# by hand\nmodel_checkpoint_path: "tra" \'ined-1\';\n'));
    expect(train.latestCheckpoint('', { fileSystem: disk })).to.equal('trained-1');
  });
});
