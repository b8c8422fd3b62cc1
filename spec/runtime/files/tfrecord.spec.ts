/**
 * Record files: what TensorFlow wrote, what comes back, and broken files.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import * as errors from '../../../graph/errors';
import { maskedCrc32c } from '../../../runtime/files/crc32c';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import {
  TFRecordCompressionType,
  type TFRecordOptions,
  TFRecordWriter,
  tfRecordIterator,
} from '../../../runtime/files/tfrecord';

const golden = (name: string) => new Uint8Array(readFileSync(join(__dirname, '..', '..', 'golden', 'files', name)));
const bytes = (text: string) => new TextEncoder().encode(text);
const want = [bytes('first'), bytes(''), Uint8Array.from({ length: 80 }, (_, i) => (i % 2) * 255), bytes('ünï')].concat(
  new Uint8Array(3000).fill(122),
);
const kinds = [
  ['', 'records.tfrecord'],
  ['GZIP', 'records.tfrecord.gz'],
  ['ZLIB', 'records.tfrecord.zlib'],
] as const;

function withFile(content: Uint8Array): MemoryFileSystem {
  const fileSystem = new MemoryFileSystem();
  const file = fileSystem.openWrite('f');
  file.write(content);
  file.close();
  return fileSystem;
}

function contentOf(fileSystem: MemoryFileSystem): Uint8Array {
  const file = fileSystem.openRead('f');
  const content = new Uint8Array(file.size);
  file.read(0, content);
  return content;
}

function written(records: readonly (Uint8Array | string)[], options: TFRecordOptions = {}): MemoryFileSystem {
  const fileSystem = new MemoryFileSystem();
  using writer = new TFRecordWriter('f', { fileSystem, ...options });
  for (const record of records) writer.write(record);
  return fileSystem;
}

const read = (content: Uint8Array, compressionType: '' | 'GZIP' | 'ZLIB' = '') => [
  ...tfRecordIterator('f', { fileSystem: withFile(content), compressionType }),
];

describe('record files', () => {
  for (const [compressionType, name] of kinds) {
    it(`${name} is read`, () => expect(read(golden(name), compressionType)).to.deep.equal(want));

    it(`${compressionType || 'plain'} files come back`, () => {
      const fileSystem = written(want, { compressionType });
      expect([...tfRecordIterator('f', { fileSystem, compressionType })]).to.deep.equal(want);
    });

    it(`${name} with a byte changed reads the same or fails`, () => {
      const content = golden(name);
      fc.assert(
        fc.property(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const broken = content.slice();
          broken[at] ^= flip;
          let got: Uint8Array[];
          try {
            got = read(broken, compressionType);
          } catch (error) {
            expect(error).to.be.instanceOf(errors.DataLossError);
            expect((error as Error).message).to.match(/^f: .* (at|byte) \d+/);
            return;
          }
          expect(got).to.deep.equal(want);
        }),
        { numRuns: 300 },
      );
    });

    it(`${name} cut short gives the first records, then fails`, () => {
      const content = golden(name);
      fc.assert(
        fc.property(fc.integer({ min: 1, max: content.length - 9 }), (length) => {
          const got: Uint8Array[] = [];
          const fileSystem = withFile(content.subarray(0, length));
          try {
            for (const record of tfRecordIterator('f', { fileSystem, compressionType })) got.push(record);
          } catch (error) {
            expect(error).to.be.instanceOf(errors.DataLossError);
          }
          expect(got).to.deep.equal(want.slice(0, got.length));
          if (compressionType === '') expect(got.length).to.be.lessThan(want.length);
        }),
        { numRuns: 100 },
      );
    });
  }

  it('are written as TensorFlow writes them', () => {
    expect(contentOf(written(want))).to.deep.equal(golden('records.tfrecord'));
  });

  it('take text as UTF-8, and records larger than any buffer', () => {
    const large = Uint8Array.from({ length: 700_001 }, (_, i) => i % 253);
    for (const [compressionType] of kinds) {
      const fileSystem = written(['ünï', large, '', large.subarray(5)], { compressionType });
      const got = [...tfRecordIterator('f', { fileSystem, compressionType })];
      expect(got.map((record) => record.length)).to.deep.equal([5, 700_001, 0, 699_996]);
      expect(Buffer.compare(got[1], large)).to.equal(0);
      expect(Buffer.compare(got[3], large.subarray(5))).to.equal(0);
    }
  });

  it('can be read up to a flush while they are written', () => {
    for (const [compressionType] of kinds) {
      const fileSystem = new MemoryFileSystem();
      const writer = new TFRecordWriter('f', { fileSystem, compressionType });
      writer.write('one');
      writer.flush();
      const records = tfRecordIterator('f', { fileSystem, compressionType });
      expect(records.next().value).to.deep.equal(bytes('one'));
      writer.write('two');
      writer.close();
      writer.close();
      expect([...tfRecordIterator('f', { fileSystem, compressionType })]).to.deep.equal([bytes('one'), bytes('two')]);
      expect(() => writer.write('three')).to.throw(
        errors.FailedPreconditionError,
        'Writer not initialized or previously closed: f',
      );
    }
  });

  it('may be empty', () => {
    for (const [compressionType] of kinds) expect(read(new Uint8Array(0), compressionType)).to.deep.equal([]);
    expect(contentOf(written([]))).to.have.length(0);
    for (const compressionType of [1, 2] as const) {
      const fileSystem = written([], { compressionType });
      expect([...tfRecordIterator('f', { fileSystem, compressionType })]).to.deep.equal([]);
    }
  });

  it('name file and offset of what is broken', () => {
    const content = golden('records.tfrecord');
    const broken = (at: number) => {
      const copy = content.slice();
      copy[at]++;
      return () => read(copy);
    };
    const { DataLossError } = errors;
    expect(broken(0)).to.throw(DataLossError, 'f: corrupted record at 0 (Is this even a TFRecord file?)');
    expect(broken(13)).to.throw(DataLossError, 'f: corrupted record at 12');
    expect(broken(22)).to.throw(DataLossError, 'f: corrupted record at 21');
    expect(() => read(content.subarray(0, 20))).to.throw(DataLossError, 'f: truncated record at 0 (Is this');
    expect(() => read(content.subarray(0, 33))).to.throw(DataLossError, /^f: truncated record at 21$/);
    expect(() => read(content, 'GZIP')).to.throw(
      DataLossError,
      'f: cannot be decompressed: invalid gzip data near byte 0',
    );
    expect(() => read(golden('records.tfrecord.gz'))).to.throw(DataLossError, 'corrupted record at 0 (Is this even');
  });

  it('refuse a length that no record has, without asking for the memory', () => {
    const huge = written(['x'.repeat(100)]);
    const content = contentOf(huge);
    const view = new DataView(content.buffer);
    for (const [length, message] of [
      [2n ** 62n, 'record size too large at 0'],
      [2n ** 31n - 1n, 'truncated record at 0'],
    ] as const) {
      view.setBigUint64(0, length, true);
      view.setUint32(8, maskedCrc32c(content.subarray(0, 8)), true);
      expect(() => read(content)).to.throw(errors.DataLossError, message);
    }
  });

  it('know three compressions by name and number', () => {
    expect(TFRecordCompressionType).to.deep.equal({ NONE: 0, ZLIB: 1, GZIP: 2 });
    const fileSystem = new MemoryFileSystem();
    expect(() => new TFRecordWriter('f', { fileSystem, compressionType: 'LZ4' as 'GZIP' })).to.throw(
      errors.ValueError,
      'Unknown compression_type: LZ4.',
    );
    expect(() => tfRecordIterator('nowhere', { fileSystem })).to.throw(errors.NotFoundError, 'nowhere; No such file');
  });
});
