/**
 * `sluice convert IN OUT`: the same graph, or the same arrays, in another form. What the form has no place for is told.
 */
import { loadArrays, openInput } from '../files/kinds';
import { formNames, writeArrays, writeGraphFile } from '../formats';
import { type Context, list } from '../output';
import { loadGraphToWrite } from '../variables';

interface ConvertOptions {
  readonly to?: string;
  readonly checkpoint?: string;
  readonly init: string[];
}

export function addConvertCommand(context: Context): void {
  context
    .plain('convert <in> <out>', 'the same graph, or the same arrays, in the form that OUT ends in')
    .option('--to <form>', `the form: ${formNames}`)
    .option('--checkpoint <file>', 'gives the variables their values, where the form holds them')
    .option('--init <ops>', 'operations that give them', list, [])
    .action((given: string, path: string, options: ConvertOptions) => {
      const { kind } = openInput(given);
      if (kind.graph) writeGraphFile(context, loadGraphToWrite(given, options), path, options.to);
      else writeArrays(loadArrays(given), path, options.to);
    });
}
