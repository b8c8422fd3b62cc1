/**
 * Reads checkpoints of the V2 format, called TensorBundle: an index and shards of data.
 *
 * Data is read where it is needed and in pieces, straight into the array that is wanted; each tensor's checksum is checked.
 */
import { type DType, string } from '../../../graph/dtypes';
import { DataLossError, NotFoundError } from '../../../graph/errors';
import { NdArray, type NumericArray, type StringElement, sizeOf } from '../../../graph/ndarray';
import { formatSlice, type SavedSlice } from '../../../graph/savedSlice';
import { crc32c, maskCrc } from '../crc32c';
import type { FileSystem, ReadableFile } from '../fileSystem';
import { keyOfText, textOfKey } from '../table/bytes';
import { readTable } from '../table/tableReader';
import { type CheckpointReader, type Extents, partsFor, requestedExtents } from './checkpointReader';
import { type BundleEntry, dtypeOfNumber, readEntry, readHeader } from './entries';
import { dataPath, indexPath } from './names';
import { allocateNumeric, bytesOfArray, decodeStrings, elementSize, numericArray } from './tensorBytes';
import { forEachShared, sliceKey } from './tensorSlice';

/** How much of a file is in memory at once when it is only checked, or when a part of it is taken. */
const PIECE = 1 << 20;

/** One stored piece of a tensor, and the box of the tensor that it holds. */
interface Part {
  readonly entry: BundleEntry;
  readonly box: Extents;
}

/** The header and the entries of an index. */
export function readIndex(
  fileSystem: FileSystem,
  prefix: string,
): { shards: number; entries: Map<string, BundleEntry> } {
  const path = indexPath(prefix);
  const table = readTable(fileSystem, path);
  const first = table.next();
  const shards = readHeader(path, first.done ? undefined : first.value);
  const entries = new Map<string, BundleEntry>();
  for (const entry of table) entries.set(entry.key, readEntry(path, entry, shards));
  return { shards, entries };
}

export class BundleReader implements CheckpointReader {
  readonly names: readonly string[];
  /** By key: parts of tensors are in it too, under keys that start with a zero byte. */
  readonly #entries: Map<string, BundleEntry>;
  readonly #shards: number;
  readonly #open = new Map<number, ReadableFile>();

  /** @param prefix what the names of the checkpoint's files start with. DataLossError for an index that cannot be right. */
  constructor(
    readonly fileSystem: FileSystem,
    readonly prefix: string,
  ) {
    const { shards, entries } = readIndex(fileSystem, prefix);
    this.#shards = shards;
    this.#entries = entries;
    this.names = [...entries.keys()].filter((key) => !key.startsWith('\0')).map(textOfKey);
  }

  has(name: string): boolean {
    return this.#entries.has(keyOfText(name));
  }

  shapeOf(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  dtypeOf(name: string): DType {
    return dtypeOfNumber(this.#entry(name).dtypeNumber, name);
  }

  /** The parts that a tensor was saved in; empty when it was saved whole. */
  slicesOf(name: string): readonly SavedSlice[] {
    return this.#entry(name).slices;
  }

  read(name: string, slice?: SavedSlice, into?: NumericArray): NdArray {
    const entry = this.#entry(name);
    const dtype = this.dtypeOf(name);
    const wanted = requestedExtents(name, entry.shape, slice);
    const shape = wanted.map(({ length }) => length);
    const parts = this.#partsFor(name, entry, wanted);
    if (dtype === string) return this.#readStrings(name, parts, wanted);
    const data = into ?? allocateNumeric(dtype, sizeOf(shape));
    for (const part of parts) this.#readPart(name, dtype, part, wanted, data);
    return numericArray(dtype, shape, data);
  }

  check(name: string, slice?: SavedSlice): void {
    const entry = this.#entry(name);
    if (this.dtypeOf(name) === string) {
      this.read(name, slice);
      return;
    }
    for (const part of this.#partsFor(name, entry, requestedExtents(name, entry.shape, slice))) {
      const stream = this.#stream(name, part.entry);
      stream.upTo(part.entry.size);
      stream.finish();
    }
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }

  #entry(name: string): BundleEntry {
    const entry = this.#entries.get(keyOfText(name));
    if (!entry) throw new NotFoundError(`Key ${name} not found in checkpoint`);
    return entry;
  }

  #file(shard: number): ReadableFile {
    let file = this.#open.get(shard);
    if (!file) this.#open.set(shard, (file = this.fileSystem.openRead(dataPath(this.prefix, shard, this.#shards))));
    return file;
  }

  #dataLoss(entry: BundleEntry, name: string, what: string, at = 0): DataLossError {
    const path = dataPath(this.prefix, entry.shard, this.#shards);
    return new DataLossError(`${path}: tensor ${name}: ${what}, at offset ${entry.offset + at}`);
  }

  /** What holds the values of a box, checked against the sizes of the files before memory is taken. */
  #partsFor(name: string, entry: BundleEntry, wanted: Extents): readonly Part[] {
    const whole = entry.shape.map((length) => ({ start: 0, length }));
    let parts: readonly Part[] = [{ entry, box: whole }];
    if (entry.slices.length > 0) {
      const path = indexPath(this.prefix);
      parts = partsFor(path, name, entry.shape, entry.slices, wanted).map(({ box, index }) => {
        const slice = entry.slices[index];
        const part = this.#entries.get(sliceKey(name, slice));
        const isPart =
          part?.slices.length === 0 &&
          part.dtypeNumber === entry.dtypeNumber &&
          part.shape.length === box.length &&
          part.shape.every((dim, axis) => dim === box[axis].length);
        if (isPart) return { entry: part, box };
        throw new DataLossError(
          `${path}: the part ${formatSlice(slice)} of tensor ${name} is missing or does not fit it`,
        );
      });
    }
    this.#checkPlaces(name, parts);
    return parts;
  }

  #checkPlaces(name: string, parts: readonly Part[]): void {
    const dtype = this.dtypeOf(name);
    const taken = new Map<number, number>();
    for (const { entry } of parts) {
      const elements = sizeOf(entry.shape);
      const isRight = dtype === string ? entry.size >= elements + 4 : entry.size === elements * elementSize(dtype);
      if (!isRight) {
        const what = `${entry.size} bytes cannot be ${elements} elements of type ${dtype.name}`;
        throw this.#dataLoss(entry, name, what);
      }
      const { size } = this.#file(entry.shard);
      if (entry.offset + entry.size > size) {
        throw this.#dataLoss(entry, name, `its ${entry.size} bytes run past the end of the file of ${size} bytes`);
      }
      // Parts lie apart in sound files. Were they one place read again and again, a small file could fill the memory.
      taken.set(entry.shard, (taken.get(entry.shard) ?? 0) + entry.size);
      if (taken.get(entry.shard)! > size) throw this.#dataLoss(entry, name, 'its parts are larger than the file');
    }
  }

  #checkCrc(entry: BundleEntry, name: string, crc: number): void {
    if (maskCrc(crc) === entry.crc) return;
    throw this.#dataLoss(
      entry,
      name,
      `Checksum does not match: stored ${entry.crc} vs. calculated on the restored bytes ${maskCrc(crc)} (${entry.size} bytes)`,
    );
  }

  #readPart(name: string, dtype: DType, { entry, box }: Part, wanted: Extents, data: NumericArray): void {
    const bytes = bytesOfArray(data);
    const size = elementSize(dtype);
    // Values that lie together in the file and in the array need no buffer between the two.
    let whole: number | undefined;
    forEachShared(box, wanted, (_, to, length) => {
      if (length === sizeOf(entry.shape)) whole = to;
    });
    if (whole !== undefined) {
      const into = bytes.subarray(whole * size, whole * size + entry.size);
      if (this.#file(entry.shard).read(entry.offset, into) < into.length) {
        throw this.#dataLoss(entry, name, 'the file ends too early');
      }
      this.#checkCrc(entry, name, crc32c(into));
      return;
    }
    const stream = this.#stream(name, entry);
    forEachShared(box, wanted, (from, to, length) => {
      stream.upTo(from * size);
      stream.upTo((from + length) * size, bytes.subarray(to * size, (to + length) * size));
    });
    stream.upTo(entry.size);
    stream.finish();
  }

  /** An entry's bytes from the first to the last, through one small buffer, with their checksum. */
  #stream(name: string, entry: BundleEntry) {
    const file = this.#file(entry.shard);
    const buffer = new Uint8Array(Math.min(PIECE, entry.size));
    let [crc, position, bufferStart, bufferEnd] = [0, 0, 0, 0];
    const fill = () => {
      bufferStart = bufferEnd;
      const piece = buffer.subarray(0, Math.min(buffer.length, entry.size - bufferStart));
      if (file.read(entry.offset + bufferStart, piece) < piece.length) {
        throw this.#dataLoss(entry, name, 'the file ends too early', bufferStart);
      }
      crc = crc32c(piece, crc);
      bufferEnd += piece.length;
    };
    return {
      /** Goes on to a position; what is passed is put into `into`. */
      upTo: (end: number, into?: Uint8Array): void => {
        const start = position;
        while (position < end) {
          if (position === bufferEnd) fill();
          const next = Math.min(end, bufferEnd);
          into?.set(buffer.subarray(position - bufferStart, next - bufferStart), position - start);
          position = next;
        }
      },
      finish: (): void => this.#checkCrc(entry, name, crc),
    };
  }

  #readStrings(name: string, parts: readonly Part[], wanted: Extents): NdArray {
    const shape = wanted.map(({ length }) => length);
    const data = new Array<StringElement>(sizeOf(shape)).fill('');
    for (const { entry, box } of parts) {
      const bytes = new Uint8Array(entry.size);
      if (this.#file(entry.shard).read(entry.offset, bytes) < bytes.length) {
        throw this.#dataLoss(entry, name, 'the file ends too early');
      }
      const decoded = decodeStrings(bytes, sizeOf(entry.shape));
      if ('problem' in decoded) throw this.#dataLoss(entry, name, decoded.problem, decoded.at);
      this.#checkCrc(entry, name, decoded.crc);
      forEachShared(box, wanted, (from, to, length) => {
        for (let i = 0; i < length; i++) data[to + i] = decoded.strings[from + i];
      });
    }
    return new NdArray(string, shape, data);
  }
}
