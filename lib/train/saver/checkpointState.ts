/**
 * The file `checkpoint`, in which a saver notes what it has written, and what is found by it.
 */
import { create } from '@bufbuild/protobuf';
import { InvalidArgumentError, RuntimeError, ValueError } from '../../../graph/errors';
import { decodeMessage, encodeMessage } from '../../../graph/formats/codec';
import {
  type CheckpointState,
  CheckpointStateSchema,
} from '../../../graph/formats/protos/generated/checkpoint_state_pb';
import { dataFiles, indexPath, matchingFiles } from '../../../runtime/files/bundle/names';
import { checkpointIsThere } from '../../../runtime/files/bundle/openCheckpoint';
import { defaultFileSystem, type FileSystem, readFile, writeFileAtomically } from '../../../runtime/files/fileSystem';
import { isAbsolute, joinPath, relativePath } from '../../../runtime/files/paths';

export type { CheckpointState };

/** Where the files are; default the disk in Node. */
export interface InFileSystem {
  readonly fileSystem?: FileSystem;
}

export interface StateOptions extends InFileSystem {
  /** The name of the file. Default `checkpoint`. */
  readonly latestFilename?: string;
}

/** A state file larger than this is none. */
const MOST_STATE_BYTES = 1 << 26;

const statePath = (folder: string, { latestFilename = 'checkpoint' }: StateOptions): string =>
  joinPath(folder, latestFilename);

export interface UpdateStateOptions extends StateOptions {
  /** All checkpoints that are there, oldest first. */
  readonly allModelCheckpointPaths?: readonly string[];
  readonly allModelCheckpointTimestamps?: readonly number[];
  readonly lastPreservedTimestamp?: number;
  /** Write paths relative to the folder, so that it can be moved. */
  readonly saveRelativePaths?: boolean;
}

/** The message that `updateCheckpointState` writes. Mirrors tf.compat.v1.train.generate_checkpoint_state_proto. */
export function generateCheckpointStateProto(
  saveDir: string,
  modelCheckpointPath: string,
  options: Omit<UpdateStateOptions, keyof StateOptions> = {},
): CheckpointState {
  const all = [...(options.allModelCheckpointPaths ?? [])];
  if (all.at(-1) !== modelCheckpointPath) all.push(modelCheckpointPath);
  const times = options.allModelCheckpointTimestamps ?? [];
  if (times.length > 0 && times.length !== all.length) {
    throw new ValueError(
      `Checkpoint timestamps, if provided, must match checkpoint paths (got paths ${all} and timestamps ${times})`,
    );
  }
  const place = (path: string): string => {
    if (options.saveRelativePaths && isAbsolute(path)) return relativePath(path, saveDir);
    const isRelative = !options.saveRelativePaths && !isAbsolute(path) && !isAbsolute(saveDir);
    return isRelative ? relativePath(path, saveDir) : path;
  };
  return create(CheckpointStateSchema, {
    modelCheckpointPath: place(modelCheckpointPath),
    allModelCheckpointPaths: all.map(place),
    allModelCheckpointTimestamps: [...times],
    lastPreservedTimestamp: options.lastPreservedTimestamp ?? 0,
  });
}

/**
 * Writes the state file of a folder in one step. RuntimeError when the checkpoint has the name of that file. Mirrors
 * tf.compat.v1.train.update_checkpoint_state.
 */
export function updateCheckpointState(
  saveDir: string,
  modelCheckpointPath: string,
  options: UpdateStateOptions = {},
): void {
  const path = statePath(saveDir, options);
  const state = generateCheckpointStateProto(saveDir, modelCheckpointPath, options);
  if (path === state.modelCheckpointPath) {
    throw new RuntimeError(
      `Save path '${modelCheckpointPath}' conflicts with path used for checkpoint state.  Please use a different save path.`,
    );
  }
  const text = encodeMessage(CheckpointStateSchema, state, 'text');
  writeFileAtomically(options.fileSystem ?? defaultFileSystem(), path, (file) => file.write(text));
}

/**
 * What the state file of a folder says, with paths that start at the folder; null when there is none. A file that cannot be
 * read is reported on standard error and counts as none, as in TensorFlow. ValueError for one that names no checkpoint.
 * Mirrors tf.train.get_checkpoint_state.
 */
export function getCheckpointState(checkpointDir: string, options: StateOptions = {}): CheckpointState | null {
  const fileSystem = options.fileSystem ?? defaultFileSystem();
  const path = statePath(checkpointDir, options);
  if (!fileSystem.stat(path)) return null;
  let state: CheckpointState;
  try {
    const bytes = readFile(
      fileSystem,
      path,
      MOST_STATE_BYTES,
      (size) => new InvalidArgumentError(`${path}: a file of ${size} bytes is not the state of checkpoints`),
    );
    state = decodeMessage(CheckpointStateSchema, bytes, { source: path, format: 'text' });
  } catch (error) {
    console.error(`sluice: ${(error as Error).name}: ${(error as Error).message}\nsluice: ${path}: Checkpoint ignored`);
    return null;
  }
  if (state.modelCheckpointPath === '') throw new ValueError(`Invalid checkpoint state loaded from ${checkpointDir}`);
  const place = (name: string): string => (isAbsolute(name) ? name : joinPath(checkpointDir, name));
  state.modelCheckpointPath = place(state.modelCheckpointPath);
  state.allModelCheckpointPaths = state.allModelCheckpointPaths.map(place);
  return state;
}

/**
 * The checkpoint that was written last into a folder, to be given to `saver.restore`; null when there is none. Mirrors
 * tf.train.latest_checkpoint.
 */
export function latestCheckpoint(checkpointDir: string, options: StateOptions = {}): string | null {
  const path = getCheckpointState(checkpointDir, options)?.modelCheckpointPath;
  if (path === undefined) return null;
  if (checkpointExists(path, options)) return path;
  console.error(`sluice: Couldn't match files for checkpoint ${path}`);
  return null;
}

/** Whether there is a checkpoint of that prefix. Mirrors tf.compat.v1.train.checkpoint_exists. */
export function checkpointExists(prefix: string, { fileSystem = defaultFileSystem() }: InFileSystem = {}): boolean {
  return checkpointIsThere(fileSystem, prefix);
}

/**
 * When each checkpoint was written, in seconds since 1970. Those that are not there are left out. Mirrors
 * tf.compat.v1.train.get_checkpoint_mtimes.
 */
export function getCheckpointMtimes(
  prefixes: readonly string[],
  { fileSystem = defaultFileSystem() }: InFileSystem = {},
): number[] {
  return prefixes.flatMap((prefix) => {
    const found = [indexPath(prefix), prefix].flatMap((pattern) => matchingFiles(fileSystem, pattern));
    return found.length > 0 ? [fileSystem.stat(found[0])!.modified / 1000] : [];
  });
}

/** The file beside a checkpoint that holds the graph. */
export function metaGraphFilename(prefix: string, suffix = 'meta'): string {
  return `${prefix.replace(/-[\d?]+-of-\d+$/, '')}.${suffix}`;
}

/** Removes the files of a checkpoint, and its graph. Mirrors tf.compat.v1.train.remove_checkpoint. */
export function removeCheckpoint(
  prefix: string,
  {
    fileSystem = defaultFileSystem(),
    metaGraphSuffix = 'meta',
  }: InFileSystem & { readonly metaGraphSuffix?: string } = {},
): void {
  const files = [metaGraphFilename(prefix, metaGraphSuffix), indexPath(prefix), ...dataFiles(fileSystem, prefix)];
  for (const path of files) if (fileSystem.stat(path)) fileSystem.remove(path);
}
