import { expect } from 'chai';
import * as dtypes from '../../../../graph/dtypes';
import { InvalidArgumentError, NotFoundError, UnimplementedError } from '../../../../graph/errors';
import { NdArray } from '../../../../graph/ndarray';
import { parseSliceSpec, type SavedSlice } from '../../../../graph/savedSlice';
import { BundleReader } from '../../../../runtime/files/bundle/bundleReader';
import { BundleWriter } from '../../../../runtime/files/bundle/bundleWriter';
import { readWhenUsed } from '../../../../runtime/files/bundle/checkpointReader';
import { mergeBundles } from '../../../../runtime/files/bundle/mergeBundles';
import { openCheckpoint } from '../../../../runtime/files/bundle/openCheckpoint';
import { V1Reader } from '../../../../runtime/files/bundle/v1Reader';
import type { FileSystem } from '../../../../runtime/files/fileSystem';
import { MemoryFileSystem } from '../../../../runtime/files/memoryFileSystem';
import { get, goldenDisk, goldenFile, goldenTensors } from '../../../support/checkpoints';

const f32 = (values: readonly number[], shape: readonly number[] = [values.length]) =>
  new NdArray(dtypes.float32, shape, Float32Array.from(values));

function same(actual: NdArray, wanted: NdArray, name = ''): void {
  expect(actual.equals(wanted), `${name}: ${actual} is not ${wanted}`).to.equal(true);
}

function write(fileSystem: FileSystem, prefix: string, tensors: Iterable<readonly [string, NdArray]>): void {
  const writer = new BundleWriter(fileSystem, prefix);
  for (const [name, value] of tensors) writer.add(name, value);
  writer.finish();
}

const options = { deleteOldDirectories: true, allowMissingFiles: false };

describe('bundles', () => {
  for (const [checkpoint, prefix] of [
    ['every', 'every'],
    ['parts', 'parts'],
    ['sharded', 'sharded'],
    ['trained', 'trained-1'],
  ]) {
    it(`reads what TensorFlow wrote: ${checkpoint}`, () => {
      const reader = new BundleReader(goldenDisk(), prefix);
      const wanted = goldenTensors(checkpoint);
      expect(reader.names).to.have.members([...wanted.keys()]);
      for (const [name, value] of wanted) {
        expect(reader.dtypeOf(name)).to.equal(value.dtype);
        same(reader.read(name), value, name);
        reader.check(name);
      }
      reader.close();
    });
  }

  for (const [checkpoint, pattern] of [
    ['v1', 'v1'],
    ['v1_sharded', 'v1_sharded-?????-of-00002'],
  ]) {
    it(`reads the older format: ${checkpoint}`, () => {
      const reader = openCheckpoint(goldenDisk(), pattern);
      expect(reader).to.be.instanceOf(V1Reader);
      const wanted = goldenTensors(checkpoint);
      expect(reader.names).to.deep.equal([...wanted.keys()].sort());
      for (const [name, value] of wanted) {
        expect(reader.dtypeOf(name)).to.equal(value.dtype);
        same(reader.read(name), value, name);
      }
      if (checkpoint === 'v1') {
        const rows = reader.read('rows', [{ start: 2, length: 3 }, undefined]);
        same(rows, f32([...(wanted.get('rows')!.data as Float32Array).slice(6, 15)], [3, 3]));
      }
      expect(() => reader.read('nothing')).to.throw(NotFoundError, 'Key nothing not found in checkpoint');
      reader.close();
    });
  }

  it('writes the bytes that TensorFlow writes', () => {
    const disk = new MemoryFileSystem();
    // Sorted by their bytes, as TensorFlow's program gave them.
    write(disk, 'every', goldenTensors('every'));
    for (const name of ['every.index', 'every.data-00000-of-00001']) {
      expect(get(disk, name)).to.deep.equal(goldenFile(name));
    }
    expect(disk.list('')).to.deep.equal(['every.data-00000-of-00001', 'every.index']);
  });

  it('writes parts of tensors with the bytes that TensorFlow writes', () => {
    const disk = new MemoryFileSystem();
    const golden = new BundleReader(goldenDisk(), 'parts');
    const writer = new BundleWriter(disk, 'parts');
    for (const [name, spec] of [
      ['rows', '7 3 0,3:-'],
      ['rows', '7 3 3,4:-'],
      ['grid', '4 5 2 0,2:0,3:-'],
      ['grid', '4 5 2 2,2:0,3:-'],
      ['grid', '4 5 2 0,4:3,2:0,2'],
      ['words', '5 0,2'],
      ['words', '5 2,3'],
    ]) {
      const parsed = parseSliceSpec(spec);
      writer.addSlice(name, parsed, golden.read(name, parsed.slice));
    }
    writer.add('whole', golden.read('whole'));
    writer.finish();
    for (const name of ['parts.index', 'parts.data-00000-of-00001']) {
      expect(get(disk, name)).to.deep.equal(goldenFile(name));
    }
  });

  it('reads any part of tensors saved whole and in parts', () => {
    const reader = new BundleReader(goldenDisk(), 'parts');
    const grid = reader.read('grid');
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++) {
        const slice: SavedSlice = [{ start: row, length: 1 }, { start: column, length: 2 }, undefined];
        const wanted = [0, 1, 2, 3].map((i) => grid.data[(row * 5 + column) * 2 + i] as number);
        same(reader.read('grid', slice), new NdArray(dtypes.int32, [1, 2, 2], Int32Array.from(wanted)));
      }
    same(
      reader.read('whole', [{ start: 1, length: 2 }]),
      new NdArray(dtypes.float64, [2], reader.read('whole').data.slice(1) as Float64Array),
    );
    const words = reader.read('words', [{ start: 1, length: 3 }]);
    expect(words.data).to.deep.equal(['bb', '', 'dddd']);
    expect(() => reader.read('grid', [{ start: 0, length: 5 }, undefined, undefined])).to.throw(
      InvalidArgumentError,
      'The slice 0,5:-:- does not fit into tensor grid of shape [4,5,2]',
    );
  });

  it('merges shards as TensorFlow does', () => {
    const disk = new MemoryFileSystem();
    const prefixes = [0, 1, 2].map((i) => `sharded_temp/part-0000${i}-of-00003`);
    const tensors = goldenTensors('sharded');
    prefixes.forEach((prefix, i) => write(disk, prefix, [[`shard${i}`, tensors.get(`shard${i}`)!]]));
    mergeBundles(disk, prefixes, 'sharded', options);
    expect(disk.list('')).to.deep.equal([
      'sharded.data-00000-of-00003',
      'sharded.data-00001-of-00003',
      'sharded.data-00002-of-00003',
      'sharded.index',
    ]);
    for (const name of disk.list('')) expect(get(disk, name)).to.deep.equal(goldenFile(name));
  });

  it('merges over a checkpoint that is there, and refuses one tensor from two shards', () => {
    const disk = new MemoryFileSystem();
    const shards = ['t/a', 't/b'];
    for (const round of [1, 2, 3]) {
      shards.forEach((prefix, i) => write(disk, prefix, [[`v${i}`, f32([round, i])]]));
      mergeBundles(disk, shards, 'm', options);
      const reader = new BundleReader(disk, 'm');
      same(reader.read('v0'), f32([round, 0]));
      same(reader.read('v1'), f32([round, 1]));
      expect(disk.list('')).to.have.length(3);
    }
    for (const prefix of shards) write(disk, prefix, [['v', f32([1])]]);
    expect(() => mergeBundles(disk, shards, 'm', options)).to.throw(
      InvalidArgumentError,
      'Duplicate tensor keyed by v',
    );
  });

  it('writes over a checkpoint, again and again', () => {
    const disk = new MemoryFileSystem();
    for (const round of [1, 2, 3]) {
      write(disk, 'm', [['v', f32([round])]]);
      same(new BundleReader(disk, 'm').read('v'), f32([round]));
      expect(disk.list('')).to.have.length(2);
    }
  });

  it('keeps many tensors in many blocks, and long names', () => {
    const disk = new MemoryFileSystem();
    const tensors = Array.from(
      { length: 9000 },
      (_, i) => [`layer_${String(i * 7).padStart(6, '0')}/kernel`, f32([i])] as const,
    );
    write(disk, 'm', tensors);
    const reader = new BundleReader(disk, 'm');
    expect(get(disk, 'm.index').length).to.be.above(256 * 1024);
    expect(reader.names).to.deep.equal(tensors.map(([name]) => name));
    for (const [name, value] of tensors.filter((_, i) => i % 997 === 0)) same(reader.read(name), value);
    write(disk, 'n', [['x'.repeat(100_000), f32([1])]]);
    same(new BundleReader(disk, 'n').read('x'.repeat(100_000)), f32([1]));
  });

  it('leaves large tensors in the file until they are used', () => {
    const disk = new MemoryFileSystem();
    const large = f32(
      Array.from({ length: 40_000 }, (_, i) => i),
      [200, 200],
    );
    write(disk, 'm', [['v', large]]);
    const reader = new BundleReader(disk, 'm');
    const stored = readWhenUsed(reader, 'v');
    expect(stored.shape).to.deep.equal([200, 200]);
    const copy = stored.copy();
    same(copy, large);
    expect(copy.data).not.to.equal(stored.copy().data);
    expect(stored.data).to.equal(stored.data);
    same(stored.reshape([40_000]).copy(), large.reshape([40_000]));
    same(
      readWhenUsed(reader, 'v', [{ start: 3, length: 2 }, undefined]).copy(),
      f32(
        Array.from({ length: 400 }, (_, i) => 600 + i),
        [2, 200],
      ),
    );
  });

  it('says what is missing and what cannot be', () => {
    const disk = goldenDisk();
    const reader = new BundleReader(disk, 'every');
    expect(() => reader.read('nothing')).to.throw(NotFoundError, 'Key nothing not found in checkpoint');
    expect(() => new BundleReader(disk, 'nowhere')).to.throw(NotFoundError, 'nowhere.index; No such file or directory');
    const writer = new BundleWriter(disk, 'new');
    writer.add('v', f32([1]));
    expect(() => writer.add('v', f32([1]))).to.throw(InvalidArgumentError, 'Adding duplicate key: v');
    expect(() => writer.add('', f32([1]))).to.throw(InvalidArgumentError, 'must not be empty');
    const handle = new NdArray(dtypes.resource, [], [] as never);
    expect(() => writer.add('r', handle)).to.throw(UnimplementedError, 'resource');
    writer.abandon();
    expect(disk.list('').filter((name) => name.startsWith('new'))).to.deep.equal([]);
    expect(() => new BundleWriter(disk, 'no/such/prefix')).to.throw(
      NotFoundError,
      'no/such; No such file or directory',
    );
    disk.remove('sharded.data-00001-of-00003');
    const sharded = new BundleReader(disk, 'sharded');
    same(sharded.read('shard0'), goldenTensors('sharded').get('shard0')!);
    expect(() => sharded.read('shard1')).to.throw(NotFoundError, 'sharded.data-00001-of-00003; No such file');
  });

  it('reads specs of slices', () => {
    expect(parseSliceSpec('10 20 0,5:-')).to.deep.equal({
      fullShape: [10, 20],
      slice: [{ start: 0, length: 5 }, undefined],
      shape: [5, 20],
    });
    for (const [spec, message] of [
      ['10', 'Need least two elements in shape_and_slice specification: 10'],
      ['a -', 'Non numerical dimension in shape_and_slice: a -'],
      ['10 20 -', 'Mismatching ranks: shape = [10,20], slice = -'],
      ['10 3', "Expected a pair of numbers or '-' but got '3'"],
      ['10 8,3', 'Extent in dimension 0 out of bounds: shape = [10], slice = 8,3'],
      ['10 8,0', 'Expected non-negative start and positive length'],
    ]) {
      expect(() => parseSliceSpec(spec), spec).to.throw(InvalidArgumentError, message);
    }
  });
});
