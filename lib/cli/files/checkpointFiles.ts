/**
 * Kinds of files: checkpoints, by their prefix or by the folder whose newest one is meant.
 */

import { matchingFiles } from '../../../runtime/files/bundle/names';
import { openCheckpoint } from '../../../runtime/files/bundle/openCheckpoint';
import type { FileSystem } from '../../../runtime/files/fileSystem';
import { MAGIC } from '../../../runtime/files/table/format';
import { latestCheckpoint } from '../../train/saver/checkpointState';
import { arraysReport } from '../arrays';
import { FileError } from '../output';
import type { InputFile } from './inputFile';
import type { FileKind, NamedArrays } from './kind';

/** A file of a checkpoint stands for the whole. */
const ENDING = /\.(index|data-\d{5}-of-\d{5})$/;

/** The prefix of the files, or undefined where there is no checkpoint. */
export function checkpointPrefix(file: InputFile): string | undefined {
  const { fileSystem } = file;
  if (file.isDirectory) return latestCheckpoint(file.path, { fileSystem }) ?? undefined;
  const prefix = file.path.replace(ENDING, '');
  if (fileSystem.stat(`${prefix}.index`)) return prefix;
  return matchingFiles(fileSystem, file.path).some((path) => isTable(fileSystem, path)) ? file.path : undefined;
}

/** Whether a file ends as tables do: those of checkpoints of the older format are not told by their names. */
function isTable(fileSystem: FileSystem, path: string): boolean {
  const file = fileSystem.openRead(path);
  const end = new Uint8Array(MAGIC.length);
  const count = file.read(Math.max(0, file.size - end.length), end);
  file.close();
  return count === end.length && MAGIC.every((byte, i) => end[i] === byte);
}

export function readCheckpoint(file: InputFile): NamedArrays {
  const prefix = checkpointPrefix(file);
  if (prefix === undefined) throw new FileError(`no checkpoint at ${file.path}`);
  const reader = openCheckpoint(file.fileSystem, prefix);
  return {
    names: reader.names,
    dtypeOf: (name) => reader.dtypeOf(name).name,
    shapeOf: (name) => reader.shapeOf(name),
    read: (name) => reader.read(name),
  };
}

export const checkpointKind: FileKind = {
  name: 'checkpoint',
  about: 'a checkpoint',
  matches: (file) => checkpointPrefix(file) !== undefined,
  overview: (file) => arraysReport('checkpoint', readCheckpoint(file)),
  arrays: readCheckpoint,
};
