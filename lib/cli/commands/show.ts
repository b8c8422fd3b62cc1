/**
 * `sluice show FILE`: what kind of file it is, and what is in it.
 */
import { Report } from '../../inspect/report';
import { openInput } from '../files/kinds';
import { type Context, FileError, type Shared, show, UsageError } from '../output';

export function addShowCommand({ command, output }: Context): void {
  command('show <file>', 'what kind of file it is, and what is in it').action((given: string, options: Shared) => {
    const { file, kind } = openInput(given);
    let found: Report<unknown>;
    try {
      found = kind.overview(file);
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${file}: ${error.message}`);
      throw new FileError(`${file} cannot be read as ${kind.about}: ${(error as Error).message}`);
    }
    show(new Report(found.data, `${file.path}: ${kind.about}\n${found.text}`), options, output);
  });
}
