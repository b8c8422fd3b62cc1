import { expect } from 'chai';
import fc from 'fast-check';
import { DataLossError } from '../../../graph/errors';
import { maskedCrc32c } from '../../../runtime/files/crc32c';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { bytesOfKey, concatBytes, keyOfBytes, uint32Bytes } from '../../../runtime/files/table/bytes';
import { FOOTER_SIZE, MAGIC } from '../../../runtime/files/table/format';
import { snappyLength, unpackSnappy } from '../../../runtime/files/table/snappy';
import { readTable, Table } from '../../../runtime/files/table/tableReader';
import { separator, successor, TableWriter } from '../../../runtime/files/table/tableWriter';
import { Cursor, varintBytes } from '../../../runtime/files/table/varint';
import { get, put } from '../../support/checkpoints';

function write(disk: MemoryFileSystem, entries: readonly (readonly [string, Uint8Array])[]): void {
  const file = disk.openWrite('table');
  const writer = new TableWriter(file);
  for (const [key, value] of entries) writer.add(key, value);
  writer.finish();
}

const read = (disk: MemoryFileSystem) => [...readTable(disk, 'table')].map(({ key, value }) => [key, value]);

/** A table of given blocks, each with its type; an index block is made for those before `index`. */
function assemble(blocks: readonly { bytes: Uint8Array; type: number }[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const handles: Uint8Array[] = [];
  let offset = 0;
  const add = (bytes: Uint8Array, type: number) => {
    const typed = concatBytes([bytes, Uint8Array.of(type)]);
    parts.push(typed, uint32Bytes(maskedCrc32c(typed)));
    const handle = concatBytes([varintBytes(offset), varintBytes(bytes.length)]);
    offset += typed.length + 4;
    return handle;
  };
  for (const { bytes, type } of blocks) handles.push(add(bytes, type));
  const index = concatBytes([
    ...handles.flatMap((handle, i) => [Uint8Array.of(0, 1, handle.length, 200 + i), handle]),
    uint32Bytes(0),
    uint32Bytes(1),
  ]);
  const indexHandle = add(index, 0);
  const footer = concatBytes([varintBytes(0), varintBytes(0), indexHandle]);
  return concatBytes([
    ...parts,
    footer,
    new Uint8Array(FOOTER_SIZE - MAGIC.length - footer.length),
    Uint8Array.from(MAGIC),
  ]);
}

/** One entry `key` → `value`, plain. */
const block = (key: string, value: Uint8Array) =>
  concatBytes([
    Uint8Array.of(0, key.length),
    varintBytes(value.length),
    bytesOfKey(key),
    value,
    uint32Bytes(0),
    uint32Bytes(1),
  ]);

/** A snappy stream of literals of up to 60 bytes and one copy of ten bytes from ten back. */
function pack(bytes: Uint8Array): Uint8Array {
  const parts = [varintBytes(bytes.length + 10)];
  for (let at = 0; at < bytes.length; at += 60) {
    const literal = bytes.subarray(at, at + 60);
    parts.push(Uint8Array.of((literal.length - 1) << 2), literal);
  }
  parts.push(Uint8Array.of(((10 - 4) << 2) | 1, 10));
  return concatBytes(parts);
}

describe('tables', () => {
  it('gives back what was written', () => {
    const key = fc.uint8Array({ maxLength: 12 }).map(keyOfBytes);
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 60 }), fc.uint8Array({ maxLength: 300 }), (keys, value) => {
        const entries = keys.sort().map((name, i) => [name, value.subarray(0, i * 5)] as const);
        const disk = new MemoryFileSystem();
        write(disk, entries);
        expect(read(disk)).to.deep.equal(entries);
        const table = new Table(disk, 'table');
        for (const [name, bytes] of entries) expect(table.find(name)?.value).to.deep.equal(bytes);
        if (!keys.includes('missing')) expect(table.find('missing')).to.equal(undefined);
        table.close();
      }),
      { numRuns: 60 },
    );
  });

  it('finds short keys between others', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (a, b) => {
        const [low, high] = [keyOfBytes(a), keyOfBytes(b)].sort();
        if (low !== high) {
          const between = separator(low, high);
          expect(between >= low && between < high).to.equal(true);
        }
        expect(successor(low) >= low).to.equal(true);
      }),
    );
    expect(separator('abcdefg', 'abzz')).to.equal('abd');
    expect(successor('\xff\xffa')).to.equal('\xff\xffb');
  });

  it('reads compressed blocks', () => {
    const plain = block(
      'key',
      Uint8Array.from({ length: 150 }, (_, i) => i),
    );
    const packed = pack(plain);
    // What the copy appends would be part of the block: ten bytes more, the last of which are the restarts again.
    const unpacked = unpackSnappy(packed)!;
    expect(unpacked).to.deep.equal(concatBytes([plain, plain.subarray(-10)]));
    const value = concatBytes([Uint8Array.from({ length: 150 }, (_, i) => i)]);
    const whole = block('key', value);
    const literal = concatBytes([varintBytes(whole.length), Uint8Array.of(61 << 2, whole.length - 1, 0), whole]);
    const disk = new MemoryFileSystem();
    put(disk, 'table', assemble([{ bytes: literal, type: 1 }]));
    expect(read(disk)).to.deep.equal([['key', value]]);
  });

  it('knows what is no snappy stream', () => {
    expect(snappyLength(Uint8Array.of(3, 2 << 2, 1, 2, 3))).to.equal(3);
    for (const bytes of [
      [],
      [4, 2 << 2, 1, 2, 3],
      [9, 8 << 2, 1, 2, 3],
      [5, 0, 1, 1, 0],
      [5, 0, 1, 1, 2],
      [5, 63 << 2, 255, 255, 255, 255],
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
    ]) {
      expect(unpackSnappy(Uint8Array.from(bytes)), bytes.join()).to.equal(undefined);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const length = snappyLength(bytes);
        if (length !== undefined) expect(unpackSnappy(bytes)!.length).to.equal(length);
      }),
      { numRuns: 2000 },
    );
  });

  it('names the file and the offset of what is wrong', () => {
    const disk = new MemoryFileSystem();
    const attempt = (bytes: Uint8Array) => {
      put(disk, 'table', bytes);
      return () => read(disk);
    };
    write(disk, [['a', Uint8Array.of(1)]]);
    const good = get(disk, 'table');
    expect(attempt(good.slice(0, 20))).to.throw(DataLossError, 'table: file is too short to be an sstable: 20 bytes');
    expect(attempt(good.with(good.length - 1, 0))).to.throw(DataLossError, /bad magic number\) at offset \d+/);
    expect(attempt(good.with(0, 99))).to.throw(
      DataLossError,
      'table: block checksum mismatch: the block of 13 bytes at offset 0',
    );
    expect(attempt(assemble([{ bytes: block('a', Uint8Array.of(1)), type: 7 }]))).to.throw(
      DataLossError,
      'bad block type 7 at offset 0',
    );
    expect(attempt(assemble([{ bytes: Uint8Array.of(200), type: 1 }]))).to.throw(
      DataLossError,
      'corrupted compressed block',
    );
    expect(attempt(assemble([{ bytes: Uint8Array.of(5, 0, 0, 0), type: 0 }]))).to.throw(
      DataLossError,
      'bad block contents',
    );
    const sharing = concatBytes([Uint8Array.of(9, 1, 0, 65), uint32Bytes(0), uint32Bytes(1)]);
    expect(attempt(assemble([{ bytes: sharing, type: 0 }]))).to.throw(DataLossError, 'bad entry in block');
    const unordered = ['b', 'a'].map((key) => ({ bytes: block(key, Uint8Array.of(1)), type: 0 }));
    expect(attempt(assemble(unordered))).to.throw(DataLossError, 'keys out of order in the block at offset 18');
  });

  it('refuses to fill the memory with keys that share their beginnings', () => {
    // One long key, then thousands that are it and one byte more: each takes four bytes of the file.
    const long = 'k'.repeat(20_000);
    const parts = [concatBytes([Uint8Array.of(0), varintBytes(long.length), Uint8Array.of(0), bytesOfKey(long)])];
    for (let i = 0; i < 20_000; i++) {
      const shared = long.length + (i === 0 ? 0 : i);
      parts.push(concatBytes([varintBytes(shared), Uint8Array.of(1, 0, 1)]));
    }
    const bytes = concatBytes([...parts, uint32Bytes(0), uint32Bytes(1)]);
    const disk = new MemoryFileSystem();
    put(disk, 'table', assemble([{ bytes, type: 0 }]));
    expect(() => read(disk)).to.throw(DataLossError, 'keys longer than the file allows');
  });

  it('reads numbers of variable length', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const bytes = varintBytes(value);
        expect(new Cursor(bytes).varint()).to.equal(value);
        expect(new Cursor(bytes.subarray(0, -1)).varint()).to.equal(undefined);
      }),
    );
    expect(new Cursor(new Uint8Array(30).fill(255)).varint()).to.equal(undefined);
  });
});
