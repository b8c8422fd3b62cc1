/**
 * The names of a checkpoint's files. A checkpoint is known by a prefix; its index and its shards of data lie beside each other.
 */
import type { FileSystem } from '../fileSystem';
import { basename, dirname, joinPath } from '../paths';

/** At least five digits; a sign counts as one, as in C. */
const five = (value: number | string): string =>
  typeof value === 'number' && value < 0 ? `-${String(-value).padStart(4, '0')}` : String(value).padStart(5, '0');

export const indexPath = (prefix: string): string => `${prefix}.index`;

export function dataPath(prefix: string, shard: number, shards: number): string {
  return `${prefix}.data-${five(shard)}-of-${five(shards)}`;
}

/** The name of one shard among several, as the op ShardedFilename gives it; `?????` stands for all of them. */
export function shardedName(name: string, shard: number | '?????', shards: number): string {
  return `${name}-${five(shard)}-of-${five(shards)}`;
}

/** The files whose names fit a pattern, in which `?` is any character and `*` any number of them, but for `/`. Sorted. */
export function matchingFiles(fileSystem: FileSystem, pattern: string): string[] {
  if (!/[?*]/.test(pattern)) return fileSystem.stat(pattern) ? [pattern] : [];
  const folder = dirname(pattern);
  if (!fileSystem.stat(folder)?.isDirectory) return [];
  const text = basename(pattern)
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('?', '.')
    .replaceAll('*', '.*');
  const expression = new RegExp(`^${text}$`, 's');
  return fileSystem
    .list(folder)
    .filter((name) => expression.test(name))
    .map((name) => joinPath(folder, name));
}

/** The shards of data of a checkpoint that are on the disk, those that no index speaks of included. */
export function dataFiles(fileSystem: FileSystem, prefix: string): string[] {
  const folder = dirname(prefix);
  if (!fileSystem.stat(folder)?.isDirectory) return [];
  const start = `${basename(prefix)}.data-`;
  return fileSystem
    .list(folder)
    .filter((name) => name.startsWith(start) && /^\d{5}-of-\d{5}$/.test(name.slice(start.length)))
    .map((name) => joinPath(folder, name));
}
