/**
 * Colours for terminals: the first line and rules stand out; none in pipes, or where NO_COLOR asks for none.
 */
import { styleText } from 'node:util';

function wantsColor(when: string | undefined): boolean {
  if (when === 'always') return true;
  if (when === 'never' || process.env.NO_COLOR) return false;
  return process.stdout.isTTY === true;
}

/** `text` with its first line in bold and its rules dimmed, where colours are wanted. */
export function paint(text: string, when: string | undefined): string {
  if (!wantsColor(when)) return text;
  const [first, ...rest] = text.split('\n');
  const style = (name: 'bold' | 'dim', line: string) => styleText(name, line);
  return [style('bold', first), ...rest.map((line) => (/^─+$/.test(line) ? style('dim', line) : line))].join('\n');
}
