/**
 * Whether a checkpoint fits a graph, name by name, without running anything.
 */
import { getDefaultGraph } from '../../graph/defaultGraph';
import type { Graph } from '../../graph/graph';
import { openCheckpoint } from '../../runtime/files/bundle/openCheckpoint';
import { defaultFileSystem, type FileSystem } from '../../runtime/files/fileSystem';
import { compareWith, differences, expectedBy, expectedByVariables } from '../train/saver/compare';
import { Report } from './report';

export interface CheckpointMatch {
  /** Whether all that the graph wants can be read under its own names. */
  readonly fits: boolean;
  /** How many tensors the graph wants, and how many of them are there as it wants them. */
  readonly wanted: number;
  readonly matching: number;
  readonly missing: readonly string[];
  readonly otherType: readonly string[];
  readonly otherShape: readonly string[];
  /** From missing names to those in the checkpoint that probably mean the same. */
  readonly renamed: Readonly<Record<string, string>>;
  readonly inCheckpointOnly: readonly string[];
}

export interface MatchCheckpointOptions {
  /** Default: the default graph. */
  readonly graph?: Graph;
  /** The op that restores, such as `save/restore_all`. Default: as if all variables were restored. */
  readonly restoreOp?: string;
  readonly fileSystem?: FileSystem;
}

/** The most names that a line of the text lists. */
const MOST_NAMED = 40;

/**
 * Compares what a graph would restore with what a checkpoint holds: what is missing, of another type or shape, probably renamed,
 * and not asked for. NotFoundError when there is no such checkpoint.
 */
export function matchCheckpoint(path: string, options: MatchCheckpointOptions = {}): Report<CheckpointMatch> {
  const { graph = getDefaultGraph(), restoreOp, fileSystem = defaultFileSystem() } = options;
  const reader = openCheckpoint(fileSystem, path);
  const expected = restoreOp === undefined ? expectedByVariables(graph) : expectedBy(graph, restoreOp);
  const found = compareWith(reader, expected);
  const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
  const wrong = found.missing.length + found.mistyped.length + found.misshaped.length;
  const data: CheckpointMatch = {
    fits: wrong === 0,
    wanted: expected.length,
    matching: expected.length - wrong,
    missing: names(found.missing),
    otherType: names(found.mistyped),
    otherShape: names(found.misshaped),
    renamed: Object.fromEntries(found.renames),
    inCheckpointOnly: found.extra,
  };
  const head = `${data.matching} of the ${data.wanted} tensors that the graph wants are in ${path}, which holds ${reader.names.length}`;
  return new Report(data, [head, ...differences(reader, found, MOST_NAMED)].join('\n'));
}
