/**
 * Opens a checkpoint of either version of the format, by its prefix.
 */
import { NotFoundError } from '../../../graph/errors';
import type { FileSystem } from '../fileSystem';
import { BundleReader } from './bundleReader';
import type { CheckpointReader } from './checkpointReader';
import { indexPath, matchingFiles } from './names';
import { V1Reader } from './v1Reader';

/**
 * The checkpoint whose files start with `prefix`: format V2, else V1, where it may be a pattern such as `model-?????-of-00002`.
 * NotFoundError when there is none, DataLossError when its index is damaged.
 */
export function openCheckpoint(fileSystem: FileSystem, prefix: string): CheckpointReader {
  if (fileSystem.stat(indexPath(prefix))) return new BundleReader(fileSystem, prefix);
  const stem = stemOf(fileSystem, prefix);
  const files =
    stem !== undefined ? [] : matchingFiles(fileSystem, prefix).filter((path) => !fileSystem.stat(path)!.isDirectory);
  if (files.length > 0) return new V1Reader(fileSystem, files);
  const hint = stem === undefined ? '' : `. A checkpoint is named without the ending of its files: ${stem}`;
  throw new NotFoundError(
    `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${prefix}${hint}`,
  );
}

/** The checkpoint that a file belongs to, when one was named in place of the checkpoint. */
function stemOf(fileSystem: FileSystem, path: string): string | undefined {
  const ending = /\.(index|meta|data-\d{5}-of-\d{5})$/.exec(path);
  const stem = ending ? path.slice(0, ending.index) : undefined;
  return stem !== undefined && fileSystem.stat(indexPath(stem)) ? stem : undefined;
}

/** Whether there is a checkpoint of that prefix, of either version. Mirrors what tf.train.checkpoint_exists looks for. */
export function checkpointIsThere(fileSystem: FileSystem, prefix: string): boolean {
  return matchingFiles(fileSystem, indexPath(prefix)).length > 0 || matchingFiles(fileSystem, prefix).length > 0;
}
