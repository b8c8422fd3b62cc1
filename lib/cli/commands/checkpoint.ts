/**
 * `sluice checkpoint ls|cat|diff`: the arrays of checkpoints, and of numpy's files in the same way.
 */

import { didYouMean } from '../../../graph/suggest';
import { encodeNpy } from '../../../runtime/files/npy';
import { arrayJson, arraysReport, arrayText } from '../arrays';
import type { NamedArrays } from '../files/kind';
import { loadArrays } from '../files/kinds';
import { type Context, type Shared, show, toJson, UsageError, writeFile } from '../output';
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
}
