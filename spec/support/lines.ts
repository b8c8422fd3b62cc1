/**
 * Comparing texts of many lines: what fails shows the lines that differ, and not the whole.
 */
import { expect } from 'chai';

/** Fails with the lines that only one side has, in order: graphs are too long to show whole. */
export function expectSameLines(got: readonly string[], want: readonly string[]): void {
  if (got.join('\n') === want.join('\n')) return;
  const only = (lines: readonly string[], others: readonly string[], sign: string) => {
    const known = new Set(others);
    return lines.filter((line) => !known.has(line)).map((line) => `${sign} ${line}`);
  };
  const differing = [...only(got, want, 'got '), ...only(want, got, 'want')];
  const first = got.findIndex((line, i) => line !== want[i]);
  expect.fail(
    `differs from line ${first + 1}:\n${differing.length > 0 ? differing.join('\n') : `the same lines in another order: ${got[first]}`}`,
  );
}
