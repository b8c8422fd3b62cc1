/**
 * Kinds of files: checkpoints, by their prefix or by the folder whose newest one is meant.
 */
import { openCheckpoint } from '../../../runtime/files/bundle/openCheckpoint';
import { joinPath } from '../../../runtime/files/paths';
import { arraysReport } from '../arrays';
import { FileError } from '../output';
import type { InputFile } from './inputFile';
import type { FileKind, NamedArrays } from './kind';

/** A file of a checkpoint stands for the whole. */
const ENDING = /\.(index|data-\d{5}-of-\d{5})$/;

/** The prefix of the files, or undefined where there is no checkpoint. */
export function checkpointPrefix(file: InputFile): string | undefined {
  if (file.isDirectory) return file.names.includes('checkpoint') ? newest(file) : undefined;
  const prefix = file.path.replace(ENDING, '');
  return file.fileSystem.stat(`${prefix}.index`) ? prefix : undefined;
}

/** The checkpoint that the state file of a folder names. */
function newest(folder: InputFile): string {
  const path = folder.within('checkpoint');
  const file = folder.fileSystem.openRead(path);
  const bytes = new Uint8Array(Math.min(file.size, 1 << 20));
  file.read(0, bytes);
  file.close();
  const [, name] = /^model_checkpoint_path:\s*"([^"\\]+)"/m.exec(new TextDecoder().decode(bytes)) ?? [];
  if (name === undefined) throw new FileError(`${path} names no checkpoint`);
  return joinPath(folder.path, name);
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
