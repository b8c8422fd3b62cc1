/**
 * Puts checkpoints that were written apart, one for each shard, together as one: their data files are moved, not copied.
 */
import { toBinary } from '@bufbuild/protobuf';
import { InvalidArgumentError, NotFoundError } from '../../../graph/errors';
import { type BundleEntryProto } from '../../../graph/formats/protos/generated/tensor_bundle_pb';
import { TensorShapeProtoSchema } from '../../../graph/formats/protos/generated/tensor_shape_pb';
import type { FileSystem } from '../fileSystem';
import { removeQuietly } from '../fileSystem';
import { dirname } from '../paths';
import { textOfKey } from '../table/bytes';
import { readTable } from '../table/tableReader';
import { makeParent, publishIndex, shardCountBeside } from './bundleWriter';
import { parseEntry, readHeader } from './entries';
import { dataPath, indexPath } from './names';

/**
 * Merges the checkpoints `prefixes` into `destination`, in that order. InvalidArgumentError for a tensor that two of them
 * have, unless as parts of one, and for one that is missing, unless that is allowed. With `deleteOldDirectories` their
 * directories are removed when they are empty then.
 */
export function mergeBundles(
  fileSystem: FileSystem,
  prefixes: readonly string[],
  destination: string,
  options: { readonly deleteOldDirectories: boolean; readonly allowMissingFiles: boolean },
): void {
  const merged = new Map<string, BundleEntryProto>();
  const moves: string[] = [];
  for (const prefix of prefixes) {
    const path = indexPath(prefix);
    if (!fileSystem.stat(path)) {
      if (options.allowMissingFiles) continue;
      throw new InvalidArgumentError(
        `allow_missing_files was set to false and ${prefix} did not exist. NOT_FOUND: ${prefix} not found`,
      );
    }
    const table = readTable(fileSystem, path);
    const first = table.next();
    const shards = readHeader(path, first.done ? undefined : first.value);
    const numbers = new Map<number, number>();
    for (let shard = 0; shard < shards; shard++) {
      const from = dataPath(prefix, shard, shards);
      // A checkpoint that was written over another tells of a shard that it does not have.
      if (fileSystem.stat(from)) numbers.set(shard, moves.push(from) - 1);
    }
    for (const entry of table) {
      const proto = parseEntry(path, entry);
      if (proto.slices.length === 0) {
        const shard = numbers.get(proto.shardId);
        if (shard === undefined)
          throw new NotFoundError(`${dataPath(prefix, proto.shardId, shards)}; No such file or directory`);
        proto.shardId = shard;
      }
      addEntry(merged, entry.key, proto, prefix);
    }
  }
  makeParent(fileSystem, destination);
  const shards = shardCountBeside(fileSystem, destination, moves.length);
  moves.forEach((from, shard) => fileSystem.rename(from, dataPath(destination, shard, shards)));
  publishIndex(fileSystem, destination, shards, merged);
  for (const prefix of prefixes) {
    if (prefix !== destination) removeQuietly(fileSystem, indexPath(prefix));
  }
  if (options.deleteOldDirectories) {
    for (const folder of new Set(prefixes.map(dirname)))
      if (folder !== dirname(destination)) removeQuietly(fileSystem, folder);
  }
}

function addEntry(merged: Map<string, BundleEntryProto>, key: string, entry: BundleEntryProto, prefix: string): void {
  const known = merged.get(key);
  if (!known) {
    merged.set(key, entry);
    return;
  }
  if (known.slices.length === 0 || entry.slices.length === 0) {
    throw new InvalidArgumentError(
      `Duplicate tensor keyed by ${textOfKey(key)} encountered, when merging prefix: ${prefix}`,
    );
  }
  const bytesOfShape = (proto: BundleEntryProto) =>
    proto.shape ? toBinary(TensorShapeProtoSchema, proto.shape).join() : '';
  if (known.dtype !== entry.dtype || bytesOfShape(known) !== bytesOfShape(entry)) {
    throw new InvalidArgumentError(
      `Parts of tensor ${textOfKey(key)} disagree about its type or shape, when merging prefix: ${prefix}`,
    );
  }
  known.slices.push(...entry.slices);
}
