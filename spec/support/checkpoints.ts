/**
 * The golden checkpoints and what they hold, for specs; and a disk in memory with a copy of their files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { NdArray, sizeOf, toStringElement } from '../../graph/ndarray';
import { allocateNumeric, bytesOfArray, numericArray } from '../../runtime/files/bundle/tensorBytes';
import { type FileSystem, readFile } from '../../runtime/files/fileSystem';
import { MemoryFileSystem } from '../../runtime/files/memoryFileSystem';

const golden = join(__dirname, '..', 'golden');

interface Described {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly data: string | readonly string[];
}

const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

function parse({ dtype, shape, data }: Described): NdArray {
  if (typeof data !== 'string') {
    return new NdArray(
      asDType('string'),
      shape,
      data.map((text) => toStringElement(fromHex(text))),
    );
  }
  const array = allocateNumeric(asDType(dtype), sizeOf(shape));
  bytesOfArray(array).set(fromHex(data));
  return numericArray(asDType(dtype), shape, array);
}

const described = JSON.parse(readFileSync(join(golden, 'checkpoints.json'), 'utf8')) as Record<
  string,
  Record<string, Described>
>;

/** What a golden checkpoint holds, by name. */
export function goldenTensors(checkpoint: string): Map<string, NdArray> {
  return new Map(Object.entries(described[checkpoint]).map(([name, value]) => [name, parse(value)]));
}

export const goldenFolder = join(golden, 'checkpoints');

export const goldenFiles: readonly string[] = readdirSync(goldenFolder).sort();

export const goldenFile = (name: string): Uint8Array => new Uint8Array(readFileSync(join(goldenFolder, name)));

/** Puts a file somewhere. */
export function put(fileSystem: FileSystem, path: string, bytes: Uint8Array): void {
  const file = fileSystem.openWrite(path);
  file.write(bytes);
  file.close();
}

/** A file's bytes. */
export function get(fileSystem: FileSystem, path: string): Uint8Array {
  return readFile(fileSystem, path, 1 << 24, (size) => new Error(`${path} has ${size} bytes`));
}

/** All golden checkpoints, under their names, in memory. */
export function goldenDisk(): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  for (const name of goldenFiles) put(disk, name, goldenFile(name));
  return disk;
}
