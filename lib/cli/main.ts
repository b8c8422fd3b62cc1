/**
 * The command `sluice`: looks into graphs, checkpoints and logs, runs graphs, and turns files into other forms.
 *
 * Each command is a file in commands/; kinds of files are data in files/. It prints text for people, JSON with `--json` for
 * scripts. Exit codes: 0 fine, 1 a finding (graphs differ, no path, damaged log), 2 wrong use, 3 a file that cannot be read or
 * written.
 */
import { Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json';
import '../index';
import { addCheckpointCommands } from './commands/checkpoint';
import { addConvertCommand } from './commands/convert';
import { addDiffCommand } from './commands/diff';
import { addEventsCommands } from './commands/events';
import { addExplainCommand } from './commands/explain';
import { addFreezeCommand } from './commands/freeze';
import { addInspectCommands } from './commands/inspect';
import { addOptimizeCommand } from './commands/optimize';
import { addPictureCommands } from './commands/pictures';
import { addRunCommand } from './commands/run';
import { addShowCommand } from './commands/show';
import { kindNames } from './files/kinds';
import { type Context, FileError, type Output } from './output';

export type { Output } from './output';

const description = `Looks into graphs, checkpoints and logs, runs graphs, and turns files into other forms.

FILE is told by its content: ${kindNames}. #NAME behind it picks one of many, and - is standard input.
Exit codes: 0 fine, 1 a finding, 2 wrong use, 3 a file that cannot be read or written.`;

/** The commands, in the order of the help. */
const commands: readonly ((context: Context) => void)[] = [
  addShowCommand,
  addInspectCommands,
  addDiffCommand,
  addPictureCommands,
  addRunCommand,
  addExplainCommand,
  addCheckpointCommands,
  addEventsCommands,
  addConvertCommand,
  addFreezeCommand,
  addOptimizeCommand,
];

/** The command line; `finding` is called by commands that found what their name looks for. */
export function buildProgram(output: Output, finding: () => void): Command {
  const program = new Command('sluice');
  program.description(description).version(version);
  program.exitOverride().configureOutput({ writeOut: output.write, writeErr: output.writeError });
  const plain = (name: string, about: string, parent = program) => parent.command(name).description(about);
  const command = (name: string, about: string, parent = program) =>
    plain(name, about, parent)
      .option('--json', 'print JSON')
      .addOption(new Option('--color <when>', 'when to colour').choices(['auto', 'always', 'never']).default('auto'));
  for (const add of commands) add({ output, finding, command, plain });
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
