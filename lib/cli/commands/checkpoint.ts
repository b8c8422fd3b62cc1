/**
 * `sluice checkpoint ls|cat|diff|match`: the arrays of checkpoints, and of numpy's files in the same way.
 */

import type { Graph } from '../../../graph/graph';
import { didYouMean } from '../../../graph/suggest';
import { encodeNpy } from '../../../runtime/files/npy';
import { type CheckpointMatch, matchCheckpoint } from '../../inspect/matchCheckpoint';
import type { Report } from '../../inspect/report';
import { arrayJson, arraysReport, arrayText } from '../arrays';
import { checkpointPrefix } from '../files/checkpointFiles';
import { InputFile } from '../files/inputFile';
import type { NamedArrays } from '../files/kind';
import { loadArrays, loadGraph } from '../files/kinds';
import { type Context, FileError, type Shared, show, toJson, UsageError, writeFile } from '../output';
import { matcher } from '../patterns';
import { diffArrays } from './diff';

function filtered(arrays: NamedArrays, pattern: string | undefined): NamedArrays {
  return { ...arrays, names: arrays.names.filter(matcher(pattern)) };
}

export function addCheckpointCommands(context: Context): void {
  const { command, plain, output } = context;
  const group = plain('checkpoint', 'the arrays in a checkpoint, or in a file of numpy');

  command('ls <file>', 'names, types and shapes', group)
    .option('--name <pattern>', 'only those: * within a scope, ** anything, or /regular expression/')
    .action((file: string, options: Shared & { name?: string }) =>
      show(arraysReport('arrays', filtered(loadArrays(file), options.name)), options, output),
    );
  command('cat <file> <name>', 'the values of one array', group)
    .option('--npy <file>', 'write it there, in place of printing it')
    .action((file: string, name: string, options: Shared & { npy?: string }) => {
      const arrays = loadArrays(file);
      if (!arrays.names.includes(name))
        throw new UsageError(`${file} has no ${name}.${didYouMean(name, arrays.names)}`);
      const value = arrays.read(name);
      if (options.npy !== undefined) writeFile(options.npy, encodeNpy(value));
      else output.write(`${options.json ? toJson({ name, ...arrayJson(value) }) : arrayText(name, value)}\n`);
    });
  command('diff <before> <after>', 'which arrays differ, and by how much', group).action(
    (before: string, after: string, options: Shared) => {
      const found = diffArrays(loadArrays(before), loadArrays(after));
      show(found, options, output);
      if (!found.data.isEmpty) context.finding();
    },
  );
  command('match <graph> <checkpoint>', 'whether a checkpoint fits a graph: what is missing, other, or renamed', group)
    .option('--restore <op>', 'what that op restores, in place of all variables: save/restore_all')
    .action((file: string, checkpoint: string, options: Shared & { restore?: string }) => {
      const { graph } = loadGraph(file);
      if (options.restore !== undefined && !graph.findOperation(options.restore))
        throw new UsageError(`${file} has no operation ${options.restore}.`);
      const found = matching(checkpoint, graph, options.restore);
      show(found, options, output);
      if (!found.data.fits) context.finding();
    });
}

function matching(path: string, graph: Graph, restoreOp: string | undefined): Report<CheckpointMatch> {
  const prefix = checkpointPrefix(new InputFile(path));
  if (prefix === undefined) throw new FileError(`${path} is no checkpoint`);
  try {
    return matchCheckpoint(prefix, { graph, restoreOp });
  } catch (error) {
    throw new FileError((error as Error).message);
  }
}
