/**
 * Writes checkpoints of the V2 format. Until `finish` everything has temporary names; then the data gets its name and after
 * it the index, which alone says that a checkpoint is there.
 *
 * A checkpoint that is written over stays whole until the new one is: the new data must not take the name of the old. Data
 * files are named after the number of shards, so the header of the new index tells of one shard more, which holds nothing
 * and is never opened. TensorFlow reads such checkpoints like others.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { type DType, string } from '../../../graph/dtypes';
import { InvalidArgumentError, NotFoundError } from '../../../graph/errors';
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  BundleHeaderProtoSchema,
} from '../../../graph/formats/protos/generated/tensor_bundle_pb';
import { shapeToProto } from '../../../graph/formats/shapeProto';
import { type NdArray, type NumericArray, type StringElement, sizeOf } from '../../../graph/ndarray';
import { formatSlice, type SavedSliceSpec } from '../../../graph/savedSlice';
import { crc32c, maskCrc } from '../crc32c';
import { type FileSystem, removeQuietly, temporarySuffix, type WritableFile, writeFileAtomically } from '../fileSystem';
import { dirname } from '../paths';
import { keyOfText } from '../table/bytes';
import { TableWriter } from '../table/tableWriter';
import { readIndex } from './bundleReader';
import { BUNDLE_VERSION } from './entries';
import { dataFiles, dataPath, indexPath } from './names';
import { bytesOfArray, elementSize, encodeStrings } from './tensorBytes';
import { sliceKey, sliceToProto } from './tensorSlice';

/** How much is written at once. */
const PIECE = 1 << 24;

/** Makes the directory of a checkpoint, but none above it; NotFoundError when that is missing. */
export function makeParent(fileSystem: FileSystem, prefix: string): void {
  const folder = dirname(prefix);
  if (folder === '' || fileSystem.stat(folder)?.isDirectory) return;
  const above = dirname(folder);
  if (above !== '' && !fileSystem.stat(above)?.isDirectory) {
    throw new NotFoundError(`${folder}; No such file or directory`);
  }
  fileSystem.makeDirectory(folder);
}

/** The number that new data files are named after: `wanted`, or one more when the checkpoint that is there uses it. */
export function shardCountBeside(fileSystem: FileSystem, prefix: string, wanted: number): number {
  if (!fileSystem.stat(indexPath(prefix))) return wanted;
  try {
    return readIndex(fileSystem, prefix).shards === wanted ? wanted + 1 : wanted;
  } catch {
    // What is there is damaged already. Its data files are left alone all the same.
    return dataFiles(fileSystem, prefix).includes(dataPath(prefix, 0, wanted)) ? wanted + 1 : wanted;
  }
}

/** Writes an index in one step, when the names of the data are on the disk. Then it removes the data files that it does not speak of: those of the checkpoint before. */
export function publishIndex(
  fileSystem: FileSystem,
  prefix: string,
  shards: number,
  entries: ReadonlyMap<string, BundleEntryProto>,
): void {
  fileSystem.syncDirectory(dirname(prefix));
  const header = create(BundleHeaderProtoSchema, { numShards: shards, version: { producer: BUNDLE_VERSION } });
  writeFileAtomically(fileSystem, indexPath(prefix), (file) => {
    const table = new TableWriter(file);
    table.add('', toBinary(BundleHeaderProtoSchema, header));
    for (const key of [...entries.keys()].sort()) table.add(key, toBinary(BundleEntryProtoSchema, entries.get(key)!));
    table.finish();
  });
  const used = new Set([...entries.values()].map(({ shardId }) => dataPath(prefix, shardId, shards)));
  for (const path of dataFiles(fileSystem, prefix)) if (!used.has(path)) removeQuietly(fileSystem, path);
}

export class BundleWriter {
  readonly #entries = new Map<string, BundleEntryProto>();
  readonly #temporary: string;
  readonly #file: WritableFile;
  #offset = 0;
  #isOpen = true;

  /** Makes the directory of `prefix` if the one above it is there. */
  constructor(
    readonly fileSystem: FileSystem,
    readonly prefix: string,
  ) {
    makeParent(fileSystem, prefix);
    this.#temporary = `${dataPath(prefix, 0, 1)}.tempstate${temporarySuffix()}`;
    this.#file = fileSystem.openWrite(this.#temporary);
  }

  /** Writes a tensor. InvalidArgumentError for a name that is empty or taken. */
  add(name: string, value: NdArray): void {
    if (name === '') throw new InvalidArgumentError('The key of a tensor in a checkpoint must not be empty.');
    this.#add(keyOfText(name), name, value);
  }

  /** Writes a part of a tensor that is saved in parts. */
  addSlice(name: string, spec: SavedSliceSpec, value: NdArray): void {
    if (!value.shape.every((dim, axis) => dim === spec.shape[axis]) || value.shape.length !== spec.shape.length) {
      throw new InvalidArgumentError(
        `Slice in shape_and_slice specification does not match the shape of the tensor to save: ${spec.fullShape.join(' ')} ${formatSlice(spec.slice)}, tensor: [${value.shape.join(',')}]`,
      );
    }
    const key = keyOfText(name);
    let whole = this.#entries.get(key);
    if (!whole) {
      whole = create(BundleEntryProtoSchema, {
        dtype: value.dtype.asDatatypeEnum,
        shape: shapeToProto(spec.fullShape),
      });
      this.#entries.set(key, whole);
    }
    const isSame =
      whole.slices.length > 0 || whole.size === 0n
        ? whole.dtype === value.dtype.asDatatypeEnum &&
          whole.shape!.dim.length === spec.fullShape.length &&
          whole.shape!.dim.every(({ size }, axis) => Number(size) === spec.fullShape[axis])
        : false;
    if (!isSame) throw new InvalidArgumentError(`Parts of tensor ${name} disagree about its type or shape.`);
    whole.slices.push(sliceToProto(spec.slice));
    this.#add(sliceKey(name, spec.slice), name, value);
  }

  #add(key: string, name: string, value: NdArray): void {
    if (this.#entries.has(key)) throw new InvalidArgumentError(`Adding duplicate key: ${name}`);
    const { size, crc } = value.dtype === string ? this.#writeStrings(value) : this.#writeNumbers(value.dtype, value);
    this.#entries.set(
      key,
      create(BundleEntryProtoSchema, {
        dtype: value.dtype.asDatatypeEnum,
        shape: shapeToProto(value.shape),
        offset: BigInt(this.#offset),
        size: BigInt(size),
        crc32c: maskCrc(crc),
      }),
    );
    this.#offset += size;
  }

  #writeNumbers(dtype: DType, value: NdArray): { size: number; crc: number } {
    const size = elementSize(dtype) * sizeOf(value.shape);
    const bytes = bytesOfArray(value.data as NumericArray).subarray(0, size);
    for (let at = 0; at < size; at += PIECE) this.#file.write(bytes.subarray(at, at + PIECE));
    return { size, crc: crc32c(bytes) };
  }

  #writeStrings(value: NdArray): { size: number; crc: number } {
    const { parts, crc } = encodeStrings(value.data as unknown as readonly StringElement[]);
    let size = 0;
    for (const part of parts) {
      if (part.length > 0) this.#file.write(part);
      size += part.length;
    }
    return { size, crc };
  }

  /** Makes the checkpoint appear, whole, in place of the one that was there. When that fails, the one that was there is as it was. */
  finish(): void {
    const { fileSystem, prefix } = this;
    try {
      this.#file.sync();
      this.#close();
      const shards = shardCountBeside(fileSystem, prefix, 1);
      fileSystem.rename(this.#temporary, dataPath(prefix, 0, shards));
      publishIndex(fileSystem, prefix, shards, this.#entries);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Removes what has been written so far. */
  abandon(): void {
    try {
      this.#close();
    } catch {
      // The error that led here matters more.
    }
    removeQuietly(this.fileSystem, this.#temporary);
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.close();
  }
}
