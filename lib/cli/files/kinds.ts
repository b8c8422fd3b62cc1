/**
 * The kinds of files that `sluice` reads, as data: how each is told by its content, what it can give, what it says of itself.
 *
 * Kinds are asked in order; the first that matches has the file. A new kind is one more entry.
 */
import { withoutSite } from '../../../graph/site';
import { FileError, UsageError } from '../output';
import { arrayKinds } from './arrayFiles';
import { checkpointKind } from './checkpointFiles';
import { graphKinds } from './graphFiles';
import { InputFile } from './inputFile';
import type { FileKind, LoadedGraph, NamedArrays } from './kind';
import { logKinds } from './logFiles';
import { tfjsKind } from './tfjsFiles';

export const kinds: readonly FileKind[] = [...arrayKinds, ...logKinds, tfjsKind, ...graphKinds, checkpointKind];

/** What the files are that a command can read, for its help. */
export const kindNames = kinds.map(({ name }) => name).join(', ');

/** The kind of a file. FileError when it cannot be read or is of no known kind. */
export function kindOf(file: InputFile): FileKind {
  let found: FileKind | undefined;
  try {
    found = kinds.find((kind) => kind.matches(file));
  } catch (error) {
    throw new FileError(`cannot read ${file.path}: ${(error as Error).message}`);
  }
  if (found) return found;
  // Says why where there is nothing to read.
  if (!file.isDirectory) void file.bytes;
  throw new FileError(`${file.path} is nothing that sluice reads: ${kindNames}`);
}

/** A file and its kind. */
export function openInput(given: string): { file: InputFile; kind: FileKind } {
  const file = new InputFile(given);
  return { file, kind: kindOf(file) };
}

/** Reads with errors that name the file. */
function reading<R>(file: InputFile, what: string, read: () => R): R {
  try {
    return withoutSite(read);
  } catch (error) {
    if (error instanceof FileError) throw error;
    if (error instanceof UsageError) throw new UsageError(`${file}: ${error.message}`);
    throw new FileError(`${file} holds no ${what}: ${(error as Error).message}`);
  }
}

/** The graph in a file of any kind that holds one. */
export function loadGraph(given: string): LoadedGraph {
  const { file, kind } = openInput(given);
  const { graph } = kind;
  if (!graph) throw new FileError(`${file} holds no graph: it is ${kind.about}`);
  return reading(file, 'graph', () => graph(file));
}

/** The arrays in a file of any kind that holds some, by name. */
export function loadArrays(given: string): NamedArrays {
  const { file, kind } = openInput(given);
  const { arrays } = kind;
  if (!arrays) throw new FileError(`${file} holds no arrays: it is ${kind.about}`);
  return reading(file, 'arrays', () => arrays(file));
}
