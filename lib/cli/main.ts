/**
 * The command `sluice`: shows what is in a graph that a program saved with `tf.inspect.toJSON`.
 *
 * It prints text for people, JSON with `--json` for scripts. Exit codes: 0 fine, 1 a finding (graphs differ, no path), 2 wrong
 * use, 3 a file that cannot be read or written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Graph } from '../../graph/graph';
import '../index';
import { collections } from '../inspect/collections';
import { devices } from '../inspect/devices';
import { diff } from '../inspect/diff';
import { fromJSON } from '../inspect/json';
import { needs } from '../inspect/needs';
import { node } from '../inspect/node';
import { path } from '../inspect/path';
import type { Report } from '../inspect/report';
import { summary } from '../inspect/summary';
import { dot, svg } from '../inspect/svg';
import { tree } from '../inspect/tree';
import { paint } from './colors';

/** A file that cannot be read as a graph, or not be written. */
class FileError extends Error {}

/** The graph in a file, or on standard input for `-`. */
export function readGraph(file: string): Graph {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new FileError(`cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    return fromJSON(text);
  } catch (error) {
    throw new FileError(`${file} holds no graph: ${(error as Error).message}`);
  }
}

/** Where a command line prints. */
export interface Output {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

interface Shared {
  readonly json?: boolean;
  readonly color?: string;
}

function show(report: Report<unknown>, shared: Shared, output: Output): void {
  output.write(shared.json ? `${JSON.stringify(report, null, 2)}\n` : `${paint(report.text, shared.color)}\n`);
}

function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new FileError(`cannot write ${file}: ${(error as Error).message}`);
  }
}

function levels(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('It must be a positive integer.');
  return Number(value);
}

const list = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  ...value.split(',').filter((part) => part !== ''),
];

/** The command line; `finding` is called by commands that found what their name looks for. */
export function buildProgram(output: Output, finding: () => void): Command {
  const program = new Command('sluice');
  program.description('Shows what is in a graph. FILE is JSON written by tf.inspect.toJSON, or - for standard input.');
  program.exitOverride().configureOutput({ writeOut: output.write, writeErr: output.writeError });
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--json', 'print JSON')
      .addOption(new Option('--color <when>', 'when to colour').choices(['auto', 'always', 'never']).default('auto'));

  command('summary <file>', 'layers, output shapes, parameters').action((file: string, options: Shared) =>
    show(summary(readGraph(file)), options, output),
  );
  command('tree <file>', 'name scopes and how many ops they hold')
    .option('--depth <levels>', 'how many levels to print', levels, 2)
    .action((file: string, options: Shared & { depth: number }) =>
      show(tree(readGraph(file), options), options, output),
    );
  command('node <file> <name>', 'everything about one operation').action(
    (file: string, name: string, options: Shared) => show(node(readGraph(file), name), options, output),
  );
  command('path <file> <from> <to>', 'why the operation TO depends on the operation FROM').action(
    (file: string, from: string, to: string, options: Shared) => {
      const found = path(readGraph(file), from, to);
      show(found, options, output);
      if (found.data.path.length === 0) finding();
    },
  );
  command('needs <file> <fetch...>', 'what a run of these fetches would execute')
    .option('--feed <names>', 'tensors that are fed, by name', list, [])
    .action((file: string, fetches: string[], options: Shared & { feed: string[] }) =>
      show(
        needs(
          readGraph(file),
          fetches,
          options.feed.map((name) => (name.includes(':') ? name : `${name}:0`)),
        ),
        options,
        output,
      ),
    );
  command('collections <file>', 'collections and the names in them').action((file: string, options: Shared) =>
    show(collections(readGraph(file)), options, output),
  );
  command('devices', 'what a session would compute with on this machine')
    .option('--threads <count>', 'as config.threads', levels)
    .option('--blas <setting>', 'as config.blas: auto, off or a path')
    .action((options: Shared & { threads?: number; blas?: string }) => show(devices(options), options, output));
  command('diff <before> <after>', 'what one graph has that the other has not').action(
    (before: string, after: string, options: Shared) => {
      const found = diff(readGraph(before), readGraph(after));
      show(found, options, output);
      if (!found.data.isEmpty) finding();
    },
  );
  for (const [name, draw] of [
    ['dot', dot],
    ['svg', svg],
  ] as const) {
    program
      .command(`${name} <file>`)
      .description(name === 'dot' ? 'the graph as text for Graphviz' : 'a picture of the graph')
      .option('-o, --output <file>', 'write there instead of to standard output')
      .option('--expand <scopes>', 'scopes to open', list, [])
      .option('--machinery', 'also show gradients and initializers')
      .action((file: string, options: { output?: string; expand: string[]; machinery?: boolean }) => {
        const text = draw(readGraph(file), { expand: options.expand, machinery: options.machinery });
        if (options.output === undefined) output.write(text);
        else writeText(options.output, text);
      });
  }
  return program;
}

const terminal: Output = {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
};

/** Runs the command line and returns its exit code. */
export function main(args: readonly string[], output: Output = terminal): number {
  let code = 0;
  const program = buildProgram(output, () => {
    code = 1;
  });
  try {
    program.parse(args as string[], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    output.writeError(`sluice: ${(error as Error).message}\n`);
    return error instanceof FileError ? 3 : 2;
  }
}

if (require.main === module) {
  // A reader that closes the pipe, such as `head`, has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 3));
  process.exitCode = main(process.argv.slice(2));
}
