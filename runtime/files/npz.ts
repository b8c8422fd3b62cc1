/**
 * numpy's `.npz` files: ZIP archives of `.npy` files, by name. Packing is fflate's; the checksums, which it does not look at, are
 * checked here.
 */
import { unzipSync, zipSync } from 'fflate';
import { DataLossError, InvalidArgumentError } from '../../graph/errors';
import type { NdArray } from '../../graph/ndarray';
import { crc32 } from './crc32';
import { defaultFileSystem, readFile, writeFileAtomically } from './fileSystem';
import { decodeNpy, encodeNpy, type FileOptions } from './npy';

/** Deflate makes no more of a byte. */
const MOST_EXPANSION = 1032;
/** Larger archives need a tool that reads their parts from the disk. */
const MOST_BYTES = 2 ** 31 - 1;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const EPOCH = new Date(1980, 0, 1);

/** The checksums in the archive's directory, by name. */
function checksums(bytes: Uint8Array, name: string): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== DIRECTORY_END) end--;
  if (end < 0) throw new DataLossError(`${name}: no .npz file: it has no directory of its parts.`);
  const found = new Map<string, number>();
  const decoder = new TextDecoder();
  let at = view.getUint32(end + 16, true);
  for (; at + 46 <= end && view.getUint32(at, true) === DIRECTORY_ENTRY; ) {
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    found.set(decoder.decode(bytes.subarray(at + 46, at + 46 + nameLength)), view.getUint32(at + 16, true));
    at += 46 + nameLength + extra + comment;
  }
  return found;
}

/** The arrays in the bytes of a `.npz` file, by name. DataLossError for broken ones. */
export function decodeNpz(bytes: Uint8Array, name = 'npz'): Map<string, NdArray> {
  const sums = checksums(bytes, name);
  let parts: Record<string, Uint8Array>;
  try {
    parts = unzipSync(bytes, {
      filter: (part) => {
        if (part.originalSize <= part.size * MOST_EXPANSION + MOST_EXPANSION && part.size <= bytes.length) return true;
        throw new Error(`${part.name} cannot have ${part.originalSize} bytes`);
      },
    });
  } catch (error) {
    throw new DataLossError(`${name}: cannot be unpacked: ${(error as Error).message}`);
  }
  const names = Object.keys(parts);
  if (names.length !== sums.size || names.length === 0) throw new DataLossError(`${name}: its directory is broken.`);
  return new Map(
    names.map((part) => {
      if (crc32(parts[part]) !== sums.get(part))
        throw new DataLossError(`${name}: corrupted part ${part}: its checksum differs.`);
      return [part.replace(/\.npy$/, ''), decodeNpy(parts[part], `${name}#${part}`)];
    }),
  );
}

/** The arrays of a `.npz` file by name, like numpy.load without pickles. Errors as decodeNpz's. */
export function loadNpz(path: string, { fileSystem = defaultFileSystem() }: FileOptions = {}): Map<string, NdArray> {
  const tooLarge = (size: number) => new InvalidArgumentError(`${path}: ${size} bytes are too many for an archive.`);
  return decodeNpz(readFile(fileSystem, path, MOST_BYTES, tooLarge), path);
}

export interface SaveNpzOptions extends FileOptions {
  /** Deflate the arrays, as numpy.savez_compressed does. */
  readonly isCompressed?: boolean;
}

/** The bytes of a `.npz` file. */
export function encodeNpz(
  arrays: Readonly<Record<string, NdArray>>,
  { isCompressed = false }: SaveNpzOptions = {},
): Uint8Array {
  const parts = Object.entries(arrays).map(([name, value]) => [`${name}.npy`, encodeNpy(value)]);
  return zipSync(Object.fromEntries(parts), { level: isCompressed ? 6 : 0, mtime: EPOCH });
}

/** Writes arrays to a `.npz` file, like numpy.savez; the file appears whole. */
export function saveNpz(path: string, arrays: Readonly<Record<string, NdArray>>, options: SaveNpzOptions = {}): void {
  const bytes = encodeNpz(arrays, options);
  writeFileAtomically(options.fileSystem ?? defaultFileSystem(), path, (file) => file.write(bytes));
}
