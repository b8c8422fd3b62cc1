/**
 * Text tables: columns as wide as their cells, numbers to the right, long names cut in the middle.
 */

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells lose their middle. */
  readonly maxWidth?: number;
}

/** `text` in at most `width` characters, without its middle if need be: both ends of a name tell more than its middle. */
export function cutMiddle(text: string, width: number): string {
  if (text.length <= width || width < 3) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

/** A table with a line under its titles and, if given, one above its footer. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  footer: readonly string[] = [],
): string {
  const cells = rows.map((row) =>
    row.map((cell, i) => cutMiddle(cell, columns[i].maxWidth ?? Number.POSITIVE_INFINITY)),
  );
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (columns[i].align === 'right' ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const body = [line(columns.map(({ title }) => title)), rule, ...cells.map(line)];
  return [...body, ...(footer.length > 0 ? [rule, ...footer] : [])].join('\n');
}
