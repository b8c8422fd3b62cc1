/**
 * The commands that print what `tf.inspect` finds: summary, tree, node, path, needs, collections, devices.
 */
import { collections } from '../../inspect/collections';
import { devices } from '../../inspect/devices';
import { needs } from '../../inspect/needs';
import { node } from '../../inspect/node';
import { path } from '../../inspect/path';
import type { Report } from '../../inspect/report';
import { summary } from '../../inspect/summary';
import { tree } from '../../inspect/tree';
import { loadGraph } from '../files/kinds';
import { type Context, list, positive, type Shared, show } from '../output';

const readGraph = (file: string) => loadGraph(file).graph;

/** `x` is short for `x:0`. */
export const tensorName = (name: string): string => (/:\d+$/.test(name) ? name : `${name}:0`);

export function addInspectCommands(context: Context): void {
  const { command, output } = context;
  const print = (report: Report<unknown>, options: Shared) => show(report, options, output);

  command('summary <file>', 'layers, output shapes, parameters').action((file: string, options: Shared) =>
    print(summary(readGraph(file)), options),
  );
  command('tree <file>', 'name scopes and how many ops they hold')
    .option('--depth <levels>', 'how many levels to print', positive, 2)
    .action((file: string, options: Shared & { depth: number }) => print(tree(readGraph(file), options), options));
  command('node <file> <name>', 'everything about one operation').action(
    (file: string, name: string, options: Shared) => print(node(readGraph(file), name), options),
  );
  command('path <file> <from> <to>', 'why the operation TO depends on the operation FROM').action(
    (file: string, from: string, to: string, options: Shared) => {
      const found = path(readGraph(file), from, to);
      print(found, options);
      if (found.data.path.length === 0) context.finding();
    },
  );
  command('needs <file> <fetch...>', 'what a run of these fetches would execute')
    .option('--feed <names>', 'tensors that are fed, by name', list, [])
    .action((file: string, fetches: string[], options: Shared & { feed: string[] }) =>
      print(needs(readGraph(file), fetches, options.feed.map(tensorName)), options),
    );
  command('collections <file>', 'collections and the names in them').action((file: string, options: Shared) =>
    print(collections(readGraph(file)), options),
  );
  command('devices', 'what a session would compute with on this machine')
    .option('--threads <count>', 'as config.threads', positive)
    .option('--blas <setting>', 'as config.blas: auto, off or a path')
    .action((options: Shared & { threads?: number; blas?: string }) => print(devices(options), options));
}
