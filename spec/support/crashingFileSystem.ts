/**
 * A disk that fails at a chosen operation, and what is found on it afterwards: for specs of what survives a crash.
 *
 * Data that was not synced and names that were not synced with their directory may be lost or not, so there are several
 * worlds in which one can wake up.
 */
import { FailedPreconditionError, NotFoundError } from '../../graph/errors';
import type { FileStat, FileSystem, ReadableFile, WritableFile } from '../../runtime/files/fileSystem';
import { MemoryFileSystem } from '../../runtime/files/memoryFileSystem';
import { basename, dirname } from '../../runtime/files/paths';
import { put } from './checkpoints';

/** Thrown at the chosen operation, and at all that follow. */
export class Crash extends Error {}

/** What survives: everything; all names, but synced data only; synced names and synced data only. */
export const worlds = ['everything', 'names', 'synced'] as const;
export type World = (typeof worlds)[number];

interface Inode {
  bytes: Uint8Array;
  synced: Uint8Array;
}

export class CrashingFileSystem implements FileSystem {
  readonly #names = new Map<string, Inode>();
  readonly #syncedNames = new Map<string, Inode>();
  readonly #directories = new Set<string>(['']);
  /** How many operations that change something have been asked for. */
  operations = 0;

  /** @param crashAt the number of the operation that fails, from 0; Infinity for none. */
  constructor(readonly crashAt = Number.POSITIVE_INFINITY) {}

  /** A disk that is as this one is now, everything synced. */
  copy(crashAt: number): CrashingFileSystem {
    const copy = new CrashingFileSystem(crashAt);
    for (const [path, { bytes }] of this.#names) {
      const inode = { bytes, synced: bytes };
      copy.#names.set(path, inode);
      copy.#syncedNames.set(path, inode);
    }
    for (const folder of this.#directories) copy.#directories.add(folder);
    return copy;
  }

  /** What is on the disk after the crash. */
  after(world: World): MemoryFileSystem {
    const disk = new MemoryFileSystem();
    for (const folder of this.#directories) disk.makeDirectory(folder);
    for (const [path, inode] of world === 'synced' ? this.#syncedNames : this.#names) {
      disk.makeDirectory(dirname(path));
      put(disk, path, world === 'everything' ? inode.bytes : inode.synced);
    }
    return disk;
  }

  #step(): void {
    if (this.operations++ >= this.crashAt) throw new Crash(`operation ${this.operations - 1}`);
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (!inode) throw new NotFoundError(`${path}; No such file or directory`);
    return inode;
  }

  openRead(path: string): ReadableFile {
    const { bytes } = this.#inode(path);
    return {
      size: bytes.length,
      read: (position, into) => {
        const part = bytes.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      close: () => {},
    };
  }

  openWrite(path: string): WritableFile {
    this.#step();
    if (!this.#directories.has(dirname(path))) throw new NotFoundError(`${path}; No such file or directory`);
    const inode: Inode = { bytes: new Uint8Array(), synced: new Uint8Array() };
    this.#names.set(path, inode);
    return {
      write: (bytes) => {
        const isTorn = this.operations === this.crashAt;
        const part = isTorn ? bytes.subarray(0, bytes.length >> 1) : bytes;
        if (this.operations <= this.crashAt) inode.bytes = Uint8Array.from([...inode.bytes, ...part]);
        this.#step();
      },
      sync: () => {
        this.#step();
        inode.synced = inode.bytes;
      },
      close: () => {},
    };
  }

  rename(from: string, to: string): void {
    this.#step();
    this.#names.set(to, this.#inode(from));
    this.#names.delete(from);
  }

  remove(path: string): void {
    this.#step();
    if (this.#names.delete(path)) return;
    if (!this.#directories.has(path)) throw new NotFoundError(`${path}; No such file or directory`);
    if (this.list(path).length > 0) throw new FailedPreconditionError(`${path}; Directory not empty`);
    this.#directories.delete(path);
  }

  makeDirectory(path: string): void {
    this.#step();
    this.#directories.add(path);
  }

  list(path: string): string[] {
    return [...this.#names.keys(), ...this.#directories]
      .filter((other) => other !== '' && dirname(other) === path)
      .map(basename)
      .sort();
  }

  stat(path: string): FileStat | undefined {
    const inode = this.#names.get(path);
    if (inode) return { size: inode.bytes.length, isDirectory: false, modified: 0 };
    return this.#directories.has(path) ? { size: 0, isDirectory: true, modified: 0 } : undefined;
  }

  syncDirectory(path: string): void {
    this.#step();
    for (const name of this.#syncedNames.keys()) if (dirname(name) === path) this.#syncedNames.delete(name);
    for (const [name, inode] of this.#names) if (dirname(name) === path) this.#syncedNames.set(name, inode);
  }
}
