/**
 * A file that a command was given: its path, the `#part` behind it, and its content, read when somebody asks.
 *
 * `-` is standard input. What kind of file it is, is kinds.ts.
 */
import { readFileSync } from 'node:fs';
import { FailedPreconditionError, type OpError } from '../../../graph/errors';
import { type FileStat, type FileSystem, readFile } from '../../../runtime/files/fileSystem';
import { nodeFileSystem } from '../../../runtime/files/nodeFileSystem';
import { joinPath } from '../../../runtime/files/paths';
import { FileError } from '../output';

const HEAD_BYTES = 4096;
/** What is read whole: graphs, which protos keep under 2 GiB. */
const MOST_BYTES = 2 ** 31 - 1;

/** Whether a path is a file, a directory or nothing, without a word about why. */
function statOf(fileSystem: FileSystem, path: string): FileStat | undefined {
  try {
    return fileSystem.stat(path);
  } catch {
    return undefined;
  }
}

export class InputFile {
  readonly fileSystem = nodeFileSystem() as FileSystem;
  readonly path: string;
  /** What stands behind the last `#`, where the whole is no path: one of many graphs, arrays, runs. */
  readonly part: string | undefined;
  readonly stat: FileStat | undefined;
  #bytes: Uint8Array | undefined;

  constructor(given: string) {
    const at = given.lastIndexOf('#');
    const isPart = at > 0 && statOf(this.fileSystem, given) === undefined;
    this.path = isPart ? given.slice(0, at) : given;
    this.part = isPart ? given.slice(at + 1) : undefined;
    this.stat = this.path === '-' ? undefined : statOf(this.fileSystem, this.path);
  }

  get isDirectory(): boolean {
    return this.stat?.isDirectory ?? false;
  }

  /** Whether there is a file with content to look at. */
  get isFile(): boolean {
    return this.path === '-' || (this.stat !== undefined && !this.stat.isDirectory);
  }

  /** The names in a directory; none for a file. */
  get names(): readonly string[] {
    return this.isDirectory ? this.fileSystem.list(this.path) : [];
  }

  /** A path within the directory. */
  within(name: string): string {
    return joinPath(this.path, name);
  }

  /** The size of the file. */
  get size(): number {
    return this.#bytes?.length ?? this.stat?.size ?? this.bytes.length;
  }

  /** The first few thousand bytes, to tell the kind by. */
  get head(): Uint8Array {
    if (this.#bytes !== undefined || this.path === '-') return this.bytes.subarray(0, HEAD_BYTES);
    const file = this.fileSystem.openRead(this.path);
    try {
      const head = new Uint8Array(Math.min(HEAD_BYTES, file.size));
      return head.subarray(0, file.read(0, head));
    } finally {
      file.close();
    }
  }

  /** All of it. FileError when it cannot be read. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= this.#read());
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  #read(): Uint8Array {
    try {
      if (this.path === '-') return new Uint8Array(readFileSync(0));
      const tooLarge = (size: number): OpError => new FailedPreconditionError(`${size} bytes are too many`);
      return this.isFile
        ? readFile(this.fileSystem, this.path, MOST_BYTES, tooLarge)
        : new Uint8Array(readFileSync(this.path));
    } catch (error) {
      throw new FileError(`cannot read ${this.path}: ${(error as Error).message}`);
    }
  }

  toString(): string {
    return this.part === undefined ? this.path : `${this.path}#${this.part}`;
  }
}
