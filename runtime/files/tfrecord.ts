/**
 * TFRecord files: any bytes, one record after the other, each with checksums of its length and of its data.
 *
 *     u64 length | masked crc of the length | data | masked crc of the data          (little-endian)
 *
 * Files may be compressed as a whole (tfrecordStreams.ts). Both ways are streams: at most a record and a piece of the file are in memory.
 */
import { DataLossError, FailedPreconditionError } from '../../graph/errors';
import { maskedCrc32c } from './crc32c';
import { defaultFileSystem, type FileSystem } from './fileSystem';
import { type Compression, openSink, openSource, type Sink, type Source } from './tfrecordStreams';

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;
const HEADER_BYTES = LENGTH_BYTES + CRC_BYTES;
/** Protos are smaller, and a length that came out of a hostile file may be anything. */
const MOST_RECORD_BYTES = 2 ** 31 - 1;

/** How a record file is compressed. Mirrors tf.io.TFRecordCompressionType. */
export const TFRecordCompressionType = { NONE: 0, ZLIB: 1, GZIP: 2 } as const;

export interface TFRecordOptions {
  /** `''` or `NONE`, `ZLIB` or `GZIP`. Default: none. */
  readonly compressionType?:
    | Compression
    | 'NONE'
    | (typeof TFRecordCompressionType)[keyof typeof TFRecordCompressionType];
  /** 0 (none) to 9 (smallest). Default: 6. */
  readonly compressionLevel?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
  /** Default: the machine's disk in Node, one in memory elsewhere. */
  readonly fileSystem?: FileSystem;
}

function compressionOf({ compressionType = '' }: TFRecordOptions): Compression {
  if (typeof compressionType === 'number') return (['', 'ZLIB', 'GZIP'] as const)[compressionType];
  return compressionType === 'NONE' ? '' : compressionType;
}

const encoder = new TextEncoder();

/** Writes records. Mirrors tf.io.TFRecordWriter; `using` closes it. */
export class TFRecordWriter implements Disposable {
  readonly #path: string;
  #sink: Sink | null;

  /** Makes the file, or empties the one that is there. `tf.errors` of the file system name the path. */
  constructor(path: string, options: TFRecordOptions | Compression | 'NONE' = {}) {
    const given = typeof options === 'string' ? { compressionType: options } : options;
    this.#path = path;
    const file = (given.fileSystem ?? defaultFileSystem()).openWrite(path);
    this.#sink = openSink(file, compressionOf(given), given.compressionLevel);
  }

  /** Adds a record; text is written as UTF-8. */
  write(record: Uint8Array | string): void {
    const data = typeof record === 'string' ? encoder.encode(record) : record;
    const header = new Uint8Array(HEADER_BYTES);
    const view = new DataView(header.buffer);
    view.setBigUint64(0, BigInt(data.length), true);
    view.setUint32(LENGTH_BYTES, maskedCrc32c(header.subarray(0, LENGTH_BYTES)), true);
    const footer = new Uint8Array(CRC_BYTES);
    new DataView(footer.buffer).setUint32(0, maskedCrc32c(data), true);
    const sink = this.#open();
    for (const part of [header, data, footer]) sink.write(part);
  }

  /** Returns when all records so far are on the disk (those of a compressed file as far as they were compressed). */
  flush(): void {
    this.#open().flush();
  }

  /** Writes what is left and closes the file; a second time does nothing. */
  close(): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): Sink {
    if (this.#sink) return this.#sink;
    throw new FailedPreconditionError(`Writer not initialized or previously closed: ${this.#path}`);
  }
}

class RecordReader {
  #offset = 0;

  constructor(
    readonly path: string,
    readonly source: Source,
  ) {}

  /** The next record, or null at the end of the file. */
  next(): Uint8Array | null {
    const start = this.#offset;
    const header = this.#checked(start, start, LENGTH_BYTES);
    if (header === null) return null;
    const length = new DataView(header.buffer, header.byteOffset).getBigUint64(0, true);
    if (length > MOST_RECORD_BYTES) throw this.#error('record size too large', start);
    const data = this.#checked(start, start + HEADER_BYTES, Number(length));
    if (data === null) throw this.#error('truncated record', start);
    this.#offset = start + HEADER_BYTES + Number(length) + CRC_BYTES;
    return data;
  }

  /** `length` bytes with the right checksum behind them, or null when nothing follows. */
  #checked(record: number, at: number, length: number): Uint8Array | null {
    const bytes = this.source.read(length + CRC_BYTES);
    if (bytes.length === 0) return null;
    if (bytes.length < length + CRC_BYTES) throw this.#error('truncated record', record);
    const data = bytes.subarray(0, length);
    const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(length, true);
    if (stored !== maskedCrc32c(data)) throw this.#error('corrupted record', at);
    return data;
  }

  #error(problem: string, offset: number): DataLossError {
    const hint = offset === 0 ? ' (Is this even a TFRecord file?)' : '';
    return new DataLossError(`${this.path}: ${problem} at ${offset}${hint}`);
  }
}

/**
 * The records of a file, one after the other; a record's bytes are the caller's own.
 *
 * Mirrors tf.compat.v1.io.tf_record_iterator. DataLossError, with the offset in the uncompressed file, where a checksum is
 * wrong or the file ends inside a record; NotFoundError when there is no such file, before the first record is asked for.
 */
export function tfRecordIterator(
  path: string,
  options: TFRecordOptions | Compression | 'NONE' = {},
): IterableIterator<Uint8Array> {
  const given = typeof options === 'string' ? { compressionType: options } : options;
  const source = openSource(path, given.fileSystem ?? defaultFileSystem(), compressionOf(given));
  return records(new RecordReader(path, source));
}

function* records(reader: RecordReader): IterableIterator<Uint8Array> {
  try {
    for (let record = reader.next(); record !== null; record = reader.next()) yield record;
  } finally {
    reader.source.close();
  }
}
