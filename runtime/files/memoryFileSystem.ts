/**
 * A file system in memory: for browsers, and for specs.
 *
 * Files are kept by their full path as given; `a/b` and `./a/b` are two files. Directories exist when they were made or when
 * a file lies below them.
 */
import { FailedPreconditionError, NotFoundError } from '../../graph/errors';
import type { FileStat, FileSystem, ReadableFile, WritableFile } from './fileSystem';
import { dirname } from './paths';

interface MemoryFile {
  bytes: Uint8Array;
  size: number;
  modified: number;
}

export class MemoryFileSystem implements FileSystem {
  readonly #files = new Map<string, MemoryFile>();
  readonly #directories = new Set<string>(['', '/', '.']);

  openRead(path: string): ReadableFile {
    const file = this.#file(path);
    const { size } = file;
    return {
      size,
      read: (position, into) => {
        const part = file.bytes.subarray(position, Math.min(position + into.length, size));
        into.set(part);
        return part.length;
      },
      close: () => {},
    };
  }

  /** A copy of a whole file: to offer it for download, say. */
  bytesOf(path: string): Uint8Array {
    const { bytes, size } = this.#file(path);
    return bytes.slice(0, size);
  }

  openWrite(path: string): WritableFile {
    const parent = dirname(path);
    if (!this.#isDirectory(parent)) throw new NotFoundError(`${path}; No such file or directory`);
    if (this.#isDirectory(path)) throw new FailedPreconditionError(`${path}; Is a directory`);
    const file: MemoryFile = { bytes: new Uint8Array(256), size: 0, modified: Date.now() };
    this.#files.set(path, file);
    return {
      write: (bytes) => {
        const end = file.size + bytes.length;
        if (end > file.bytes.length) {
          const larger = new Uint8Array(Math.max(end, file.bytes.length * 2));
          larger.set(file.bytes.subarray(0, file.size));
          file.bytes = larger;
        }
        file.bytes.set(bytes, file.size);
        file.size = end;
        file.modified = Date.now();
      },
      sync: () => {},
      close: () => {},
    };
  }

  rename(from: string, to: string): void {
    const file = this.#file(from);
    if (!this.#isDirectory(dirname(to))) throw new NotFoundError(`${to}; No such file or directory`);
    if (this.#isDirectory(to)) throw new FailedPreconditionError(`${to}; Is a directory`);
    this.#files.set(to, file);
    if (from !== to) this.#files.delete(from);
  }

  remove(path: string): void {
    if (this.#files.delete(path)) return;
    if (!this.#isDirectory(path)) throw new NotFoundError(`${path}; No such file or directory`);
    if (this.list(path).length > 0) throw new FailedPreconditionError(`${path}; Directory not empty`);
    this.#directories.delete(path);
  }

  makeDirectory(path: string): void {
    if (this.#files.has(path)) throw new FailedPreconditionError(`${path}; Not a directory`);
    for (let folder = path; !this.#directories.has(folder); folder = dirname(folder)) this.#directories.add(folder);
  }

  list(path: string): string[] {
    if (!this.#isDirectory(path)) throw new NotFoundError(`${path}; No such file or directory`);
    const names = new Set<string>();
    for (const other of [...this.#files.keys(), ...this.#directories]) {
      const name = nameBelow(path, other);
      if (name !== undefined) names.add(name);
    }
    return [...names].sort();
  }

  stat(path: string): FileStat | undefined {
    const file = this.#files.get(path);
    if (file) return { size: file.size, isDirectory: false, modified: file.modified };
    return this.#isDirectory(path) ? { size: 0, isDirectory: true, modified: 0 } : undefined;
  }

  syncDirectory(): void {}

  #file(path: string): MemoryFile {
    const file = this.#files.get(path);
    if (file) return file;
    if (this.#isDirectory(path)) throw new FailedPreconditionError(`${path}; Is a directory`);
    throw new NotFoundError(`${path}; No such file or directory`);
  }

  #isDirectory(path: string): boolean {
    if (this.#directories.has(path)) return true;
    for (const other of this.#files.keys()) if (nameBelow(path, other) !== undefined) return true;
    return false;
  }
}

/** The name in `folder` that leads to `path`, or undefined when it lies elsewhere. */
function nameBelow(folder: string, path: string): string | undefined {
  if (path === '' || path === '/' || path === '.') return undefined;
  const isHere = folder === '' || folder === '.';
  const start = isHere ? '' : folder.endsWith('/') ? folder : `${folder}/`;
  if (!path.startsWith(start) || (isHere && path.startsWith('/'))) return undefined;
  const rest = path.slice(start.length);
  const end = rest.indexOf('/');
  return (end < 0 ? rest : rest.slice(0, end)) || undefined;
}
