/**
 * What files are to the rest: a small synchronous interface, so that the ops which read and write them are ops like others.
 *
 * `nodeFileSystem.ts` is the machine's disk, `memoryFileSystem.ts` a disk in memory. A session uses the one of its config.
 */
import { MemoryFileSystem } from './memoryFileSystem';
import { nodeFileSystem } from './nodeFileSystem';
import { basename, dirname, joinPath } from './paths';

/** A file open for reading. */
export interface ReadableFile {
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Fills `into` with what stands at `position`, as far as the file goes; the number of bytes read. */
  read(position: number, into: Uint8Array): number;
  close(): void;
}

/** A file open for writing from its start on. */
export interface WritableFile {
  write(bytes: Uint8Array): void;
  /** Returns when everything written is on the disk. */
  sync(): void;
  close(): void;
}

export interface FileStat {
  readonly size: number;
  readonly isDirectory: boolean;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modified: number;
}

/**
 * A file system. Failures are `tf.errors` that name the path: NotFoundError, PermissionDeniedError, AlreadyExistsError,
 * FailedPreconditionError, ResourceExhaustedError or UnknownError.
 */
export interface FileSystem {
  openRead(path: string): ReadableFile;
  /** Makes the file, or empties the one that is there. */
  openWrite(path: string): WritableFile;
  /** Moves a file over another in one step: whoever looks sees the old one or the new one, whole. */
  rename(from: string, to: string): void;
  /** Removes a file or an empty directory. */
  remove(path: string): void;
  /** Makes a directory and those above it; no error when it is there. */
  makeDirectory(path: string): void;
  /** The names in a directory, sorted. */
  list(path: string): string[];
  /** undefined for a path where nothing is. */
  stat(path: string): FileStat | undefined;
  /** Returns when the names in a directory are on the disk: after files were made or renamed in it. */
  syncDirectory(path: string): void;
}

let memory: MemoryFileSystem | undefined;

/** The machine's disk in Node; elsewhere one in memory, the same for all. */
export function defaultFileSystem(): FileSystem {
  return nodeFileSystem() ?? (memory ??= new MemoryFileSystem());
}

/** A whole file. For small ones: what is larger than `most` bytes is refused by the caller's `tooLarge`. */
export function readFile(
  fileSystem: FileSystem,
  path: string,
  most: number,
  tooLarge: (size: number) => Error,
): Uint8Array {
  const file = fileSystem.openRead(path);
  try {
    if (file.size > most) throw tooLarge(file.size);
    const bytes = new Uint8Array(file.size);
    return bytes.subarray(0, file.read(0, bytes));
  } finally {
    file.close();
  }
}

/**
 * Writes a file so that a crash at any moment leaves the old one or the new one: under a temporary name beside it, synced,
 * then renamed. Nothing is left when `produce` or the disk fails.
 */
export function writeFileAtomically(fileSystem: FileSystem, path: string, produce: (file: WritableFile) => void): void {
  const folder = dirname(path);
  const temporary = joinPath(folder, `${basename(path)}.tmp${temporarySuffix()}`);
  try {
    const file = fileSystem.openWrite(temporary);
    try {
      produce(file);
      file.sync();
    } finally {
      file.close();
    }
    fileSystem.rename(temporary, path);
  } catch (error) {
    removeQuietly(fileSystem, temporary);
    throw error;
  }
  fileSystem.syncDirectory(folder);
}

/** Removes a file that may not be there, when the error that led here matters more. */
export function removeQuietly(fileSystem: FileSystem, path: string): void {
  try {
    if (fileSystem.stat(path)) fileSystem.remove(path);
  } catch {
    // The caller reports what went wrong first.
  }
}

/** Letters that no other writer of the same file uses at the same time. */
export function temporarySuffix(): string {
  return Math.random().toString(36).slice(2, 12);
}
