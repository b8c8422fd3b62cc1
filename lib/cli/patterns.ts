/**
 * Patterns of names: `*` for anything within a scope, `**` for anything at all, or `/regular expression/`.
 */
import { UsageError } from './output';

/** Whether a name matches; an undefined pattern matches all names. */
export function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  const written = /^\/(.*)\/$/s.exec(pattern);
  const source = written
    ? written[1]
    : `^${pattern
        .split(/(\*\*|\*)/)
        .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\/]/g, '\\$&')))
        .join('')}$`;
  try {
    const expression = new RegExp(source, 's');
    return (name) => expression.test(name);
  } catch (error) {
    throw new UsageError(`${pattern}: ${(error as Error).message}`);
  }
}
