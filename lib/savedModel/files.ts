/**
 * The files of a SavedModel: finding and reading its message, and where its variables and assets lie.
 *
 * Names of assets come out of the file; one that leaves the folder of assets is refused.
 */
import { InvalidArgumentError, NotFoundError } from '../../graph/errors';
import { decodeMessage } from '../../graph/formats/codec';
import { type SavedModel, SavedModelSchema } from '../../graph/formats/protos/generated/saved_model_pb';
import { type FileSystem } from '../../runtime/files/fileSystem';
import { isPlainName, joinPath } from '../../runtime/files/paths';
import { readMessageFile } from '../io/graphDef';
import { constants } from './constants';

const { SAVED_MODEL_FILENAME_PB: BINARY, SAVED_MODEL_FILENAME_PBTXT: TEXT } = constants;

/** The path of the message of a SavedModel; null when there is none. */
export function findSavedModel(fileSystem: FileSystem, folder: string): { path: string; isText: boolean } | null {
  for (const name of [BINARY, TEXT]) {
    const path = joinPath(folder, name);
    const stat = fileSystem.stat(path);
    if (stat && !stat.isDirectory) return { path, isText: name === TEXT };
  }
  return null;
}

/** The message of a SavedModel. NotFoundError where there is none; DataLossError or InvalidArgumentError for a damaged one. */
export function readSavedModel(fileSystem: FileSystem, folder: string): SavedModel {
  const found = findSavedModel(fileSystem, folder);
  if (!found) throw new NotFoundError(`SavedModel file does not exist at: ${folder}/{${TEXT}|${BINARY}}`);
  const model = decodeMessage(SavedModelSchema, readMessageFile(fileSystem, found.path), {
    source: found.path,
    format: found.isText ? 'text' : 'binary',
  });
  if (model.metaGraphs.length === 0) throw new InvalidArgumentError(`The SavedModel ${found.path} holds no MetaGraph.`);
  return model;
}

/** The prefix of the checkpoint with the variables. */
export function variablesPath(folder: string): string {
  return joinPath(joinPath(folder, constants.VARIABLES_DIRECTORY), constants.VARIABLES_FILENAME);
}

export function assetsFolder(folder: string): string {
  return joinPath(folder, constants.ASSETS_DIRECTORY);
}

/** The path of an asset by the name in the file: plain names, and folders within the folder of assets. */
export function assetPath(folder: string, filename: string): string {
  if (filename === '' || !filename.split('/').every(isPlainName))
    throw new InvalidArgumentError(
      `The SavedModel ${folder} names an asset ${JSON.stringify(filename)}, which does not lie in its folder of assets.`,
    );
  return joinPath(assetsFolder(folder), filename);
}
