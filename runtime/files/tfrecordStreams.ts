/**
 * The bytes of a file as a stream, plain or compressed, for record files. Nothing here knows records.
 *
 * Compression is fflate's. It checks no sums: records have theirs, and how the whole ends is checked here.
 */
import { Gunzip, Gzip, Unzlib, Zlib } from 'fflate';
import { DataLossError, ValueError } from '../../graph/errors';
import type { FileSystem, ReadableFile, WritableFile } from './fileSystem';

/** `''` is none. */
export type Compression = '' | 'GZIP' | 'ZLIB';

/** Bytes to read one after the other. */
export interface Source {
  /** The next `length` bytes, fewer only where the file ends. They are the caller's own. */
  read(length: number): Uint8Array;
  close(): void;
}

/** Bytes to write one after the other. */
export interface Sink {
  write(bytes: Uint8Array): void;
  flush(): void;
  close(): void;
}

/** How much is read at a time. */
const PIECE = 1 << 18;
/** Of compressed files less, since bytes may become a thousand. */
const COMPRESSED_PIECE = 1 << 14;

function checkCompression(compression: string): void {
  if (!['', 'GZIP', 'ZLIB'].includes(compression)) {
    throw new ValueError(`Unknown compression_type: ${compression}. It is one of '', 'NONE', 'GZIP' and 'ZLIB'.`);
  }
}

class PlainSource implements Source {
  #position = 0;
  #buffer: Uint8Array = new Uint8Array(0);

  constructor(readonly file: ReadableFile) {}

  read(length: number): Uint8Array {
    // No more than is there: a length that came out of a broken file may be anything.
    const left = Math.max(0, this.file.size - this.#position) + this.#buffer.length;
    const bytes = new Uint8Array(Math.min(length, left));
    let done = this.#take(bytes, 0);
    while (done < bytes.length) {
      const missing = bytes.length - done;
      const into = missing >= PIECE ? bytes.subarray(done) : new Uint8Array(PIECE);
      const count = this.file.read(this.#position, into);
      if (count === 0) return bytes.subarray(0, done);
      this.#position += count;
      if (missing >= PIECE) done += count;
      else {
        this.#buffer = into.subarray(0, count);
        done += this.#take(bytes, done);
      }
    }
    return bytes;
  }

  #take(into: Uint8Array, at: number): number {
    const part = this.#buffer.subarray(0, into.length - at);
    into.set(part, at);
    this.#buffer = this.#buffer.subarray(part.length);
    return part.length;
  }

  close(): void {
    this.file.close();
  }
}

/** What the last four bytes of a compressed file say of the data: fflate does not look, and a broken block may end them early. */
interface End {
  add(part: Uint8Array): void;
  matches(trailer: DataView): boolean;
  /** Another file follows in the same file. */
  restart(): void;
}

/** Of gzip, the length of the data. */
class GzipEnd implements End {
  #length = 0;

  add(part: Uint8Array): void {
    this.#length += part.length;
  }

  matches(trailer: DataView): boolean {
    return this.#length % 2 ** 32 === trailer.getUint32(0, true);
  }

  restart(): void {
    this.#length = 0;
  }
}

/** Of zlib, the checksum Adler-32. */
class ZlibEnd implements End {
  #low = 1;
  #high = 0;

  add(part: Uint8Array): void {
    let [low, high] = [this.#low, this.#high];
    for (let i = 0; i < part.length; ) {
      // So many bytes that the sums stay exact.
      for (const end = Math.min(i + 3800, part.length); i < end; i++) high += low += part[i];
      low %= 65521;
      high %= 65521;
    }
    [this.#low, this.#high] = [low, high];
  }

  matches(trailer: DataView): boolean {
    return trailer.getUint32(0) === this.#high * 65536 + this.#low;
  }

  restart(): void {}
}

class CompressedSource implements Source {
  #position = 0;
  #isDone: boolean;
  /** The compressed data ended as they should. */
  #isWhole = false;
  /** Why there is no more, for who asks beyond what could be decompressed. */
  #failure: DataLossError | null = null;
  #parts: Uint8Array[] = [];
  #available = 0;
  readonly #inflate: { push(chunk: Uint8Array, final?: boolean): void };

  constructor(
    readonly path: string,
    readonly file: ReadableFile,
    compression: 'GZIP' | 'ZLIB',
  ) {
    const end = compression === 'GZIP' ? new GzipEnd() : new ZlibEnd();
    const take = (part: Uint8Array, isLast: boolean) => {
      this.#parts.push(part);
      this.#available += part.length;
      end.add(part);
      this.#isWhole ||= isLast && end.matches(this.#trailer());
    };
    this.#inflate = compression === 'GZIP' ? new Gunzip(take) : new Unzlib(take);
    if (this.#inflate instanceof Gunzip) this.#inflate.onmember = () => end.restart();
    this.#isDone = file.size === 0;
  }

  read(length: number): Uint8Array {
    while (this.#available < length && !this.#isDone) this.#pull();
    if (this.#available === 0 && this.#failure) throw this.#failure;
    const bytes = new Uint8Array(Math.min(length, this.#available));
    let done = 0;
    while (done < bytes.length) {
      const [part] = this.#parts;
      const taken = part.subarray(0, bytes.length - done);
      bytes.set(taken, done);
      done += taken.length;
      if (taken.length === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(taken.length);
    }
    this.#available -= done;
    return bytes;
  }

  /** Decompresses one more piece; what is missing shows at the end of the file. */
  #pull(): void {
    const into = new Uint8Array(COMPRESSED_PIECE);
    const count = this.file.read(this.#position, into);
    try {
      this.#inflate.push(into.subarray(0, count), count === 0);
      if (count === 0 && !this.#isWhole) throw new Error('unexpected EOF');
    } catch (error) {
      this.#isDone = true;
      this.#failure = new DataLossError(
        `${this.path}: cannot be decompressed: ${(error as Error).message} near byte ${this.#position} of the compressed file`,
      );
    }
    this.#position += count;
    this.#isDone ||= count === 0;
  }

  /** What the file ends with. */
  #trailer(): DataView {
    const bytes = new Uint8Array(4);
    this.file.read(Math.max(0, this.#position - bytes.length), bytes);
    return new DataView(bytes.buffer);
  }

  close(): void {
    this.file.close();
  }
}

/** Opens a file for reading. */
export function openSource(path: string, fileSystem: FileSystem, compression: Compression): Source {
  checkCompression(compression);
  const file = fileSystem.openRead(path);
  return compression === '' ? new PlainSource(file) : new CompressedSource(path, file, compression);
}

/** A sink that gathers small writes. */
function plainSink(file: WritableFile): Sink {
  let buffer = new Uint8Array(PIECE);
  let used = 0;
  const drain = () => {
    if (used > 0) file.write(buffer.subarray(0, used));
    used = 0;
  };
  return {
    write(bytes) {
      if (used + bytes.length > buffer.length) drain();
      if (bytes.length > buffer.length) return file.write(bytes);
      buffer.set(bytes, used);
      used += bytes.length;
    },
    flush() {
      drain();
      file.sync();
    },
    close() {
      try {
        drain();
      } finally {
        buffer = new Uint8Array(0);
        file.close();
      }
    },
  };
}

/** What goes into an open file. */
export function openSink(file: WritableFile, compression: Compression, level: number | undefined): Sink {
  try {
    checkCompression(compression);
  } catch (error) {
    file.close();
    throw error;
  }
  const plain = plainSink(file);
  if (compression === '') return plain;
  const options = { level: level as 6 | undefined, mtime: 0 };
  const deflate = compression === 'GZIP' ? new Gzip(options) : new Zlib(options);
  deflate.ondata = (part) => plain.write(part);
  return {
    // fflate keeps what it is given until a block is full.
    write: (bytes) => deflate.push(bytes.slice()),
    flush() {
      deflate.flush(true);
      plain.flush();
    },
    close() {
      try {
        deflate.push(new Uint8Array(0), true);
      } finally {
        plain.close();
      }
    },
  };
}
