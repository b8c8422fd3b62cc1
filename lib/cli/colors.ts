/**
 * Colours for terminals: the first line and rules stand out; none in pipes, or where NO_COLOR asks for none.
 */

const BOLD = ['\u001b[1m', '\u001b[22m'] as const;
const DIM = ['\u001b[2m', '\u001b[22m'] as const;

function wantsColor(when: string | undefined): boolean {
  if (when === 'always') return true;
  if (when === 'never' || process.env.NO_COLOR) return false;
  return process.stdout.isTTY === true;
}

/** `text` with its first line in bold and its rules dimmed, where colours are wanted. */
export function paint(text: string, when: string | undefined): string {
  if (!wantsColor(when)) return text;
  const [first, ...rest] = text.split('\n');
  const style = ([on, off]: readonly [string, string], line: string) => `${on}${line}${off}`;
  return [style(BOLD, first), ...rest.map((line) => (/^─+$/.test(line) ? style(DIM, line) : line))].join('\n');
}
