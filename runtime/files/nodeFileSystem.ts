/**
 * The machine's disk, through Node's `fs`; undefined outside Node. Errors become `tf.errors` with TensorFlow's text.
 */
import {
  AlreadyExistsError,
  FailedPreconditionError,
  NotFoundError,
  type OpError,
  PermissionDeniedError,
  ResourceExhaustedError,
  UnknownError,
} from '../../graph/errors';
import { isWindows, nodeBuiltin } from '../nodeModules';
import type { FileSystem, ReadableFile, WritableFile } from './fileSystem';

/** The part of `node:fs` used here. */
interface NodeFs {
  openSync(path: string, flags: string): number;
  closeSync(descriptor: number): void;
  readSync(descriptor: number, into: Uint8Array, offset: number, length: number, position: number): number;
  writeSync(descriptor: number, bytes: Uint8Array, offset: number, length: number): number;
  fsyncSync(descriptor: number): void;
  fstatSync(descriptor: number): { size: number; isDirectory(): boolean };
  statSync(
    path: string,
    options: { throwIfNoEntry: false },
  ): { size: number; mtimeMs: number; isDirectory(): boolean } | undefined;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  rmdirSync(path: string): void;
  mkdirSync(path: string, options: { recursive: true }): void;
  readdirSync(path: string): string[];
}

/** The largest piece for one call of the system: more than 2 GiB is refused by some. */
const LARGEST_PIECE = 1 << 30;

const errorsByCode: Readonly<Record<string, readonly [new (message: string) => OpError, string]>> = {
  ENOENT: [NotFoundError, 'No such file or directory'],
  EACCES: [PermissionDeniedError, 'Permission denied'],
  EPERM: [PermissionDeniedError, 'Operation not permitted'],
  EROFS: [PermissionDeniedError, 'Read-only file system'],
  EEXIST: [AlreadyExistsError, 'File exists'],
  EISDIR: [FailedPreconditionError, 'Is a directory'],
  ENOTDIR: [FailedPreconditionError, 'Not a directory'],
  ENOTEMPTY: [FailedPreconditionError, 'Directory not empty'],
  EBUSY: [FailedPreconditionError, 'Device or resource busy'],
  ENOSPC: [ResourceExhaustedError, 'No space left on device'],
  EDQUOT: [ResourceExhaustedError, 'Disk quota exceeded'],
  EMFILE: [ResourceExhaustedError, 'Too many open files'],
  ENAMETOOLONG: [UnknownError, 'File name too long'],
};

function attempt<R>(path: string, action: () => R): R {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const [Class, text] = errorsByCode[code ?? ''] ?? [UnknownError, message];
    throw new Class(`${path}; ${text}`);
  }
}

let made: FileSystem | undefined;

/** The machine's disk, or undefined where there is no Node. */
export function nodeFileSystem(): FileSystem | undefined {
  if (made) return made;
  const fs = nodeBuiltin<NodeFs>('node:fs');
  return fs && (made = fromNode(fs));
}

function fromNode(fs: NodeFs): FileSystem {
  return {
    openRead: (path) => openRead(fs, path),
    openWrite: (path) => openWrite(fs, path),
    rename: (from, to) => attempt(from, () => fs.renameSync(from, to)),
    remove: (path) =>
      attempt(path, () =>
        fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ? fs.rmdirSync(path) : fs.unlinkSync(path),
      ),
    makeDirectory: (path) => attempt(path, () => fs.mkdirSync(path === '' ? '.' : path, { recursive: true })),
    list: (path) => attempt(path, () => fs.readdirSync(path === '' ? '.' : path).sort()),
    stat: (path) =>
      attempt(path, () => {
        const stat = fs.statSync(path === '' ? '.' : path, { throwIfNoEntry: false });
        return stat && { size: stat.size, isDirectory: stat.isDirectory(), modified: stat.mtimeMs };
      }),
    syncDirectory: (path) => {
      // Windows has no such thing, and needs none.
      if (isWindows) return;
      attempt(path, () => {
        const descriptor = fs.openSync(path === '' ? '.' : path, 'r');
        try {
          fs.fsyncSync(descriptor);
        } finally {
          fs.closeSync(descriptor);
        }
      });
    },
  };
}

function openRead(fs: NodeFs, path: string): ReadableFile {
  const descriptor = attempt(path, () => fs.openSync(path, 'r'));
  const stat = fs.fstatSync(descriptor);
  if (stat.isDirectory()) {
    fs.closeSync(descriptor);
    throw new FailedPreconditionError(`${path}; Is a directory`);
  }
  return {
    size: stat.size,
    read: (position, into) =>
      attempt(path, () => {
        let done = 0;
        while (done < into.length) {
          const count = fs.readSync(
            descriptor,
            into,
            done,
            Math.min(into.length - done, LARGEST_PIECE),
            position + done,
          );
          if (count === 0) break;
          done += count;
        }
        return done;
      }),
    close: () => fs.closeSync(descriptor),
  };
}

function openWrite(fs: NodeFs, path: string): WritableFile {
  const descriptor = attempt(path, () => fs.openSync(path, 'w'));
  return {
    write: (bytes) =>
      attempt(path, () => {
        for (let done = 0; done < bytes.length; )
          done += fs.writeSync(descriptor, bytes, done, Math.min(bytes.length - done, LARGEST_PIECE));
      }),
    sync: () => attempt(path, () => fs.fsyncSync(descriptor)),
    close: () => attempt(path, () => fs.closeSync(descriptor)),
  };
}
