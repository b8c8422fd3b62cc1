/**
 * JSON files, told apart by their keys.
 */
import type { InputFile } from './inputFile';

const known = new WeakMap<InputFile, ReadonlySet<string> | undefined>();

function readKeys(file: InputFile): ReadonlySet<string> | undefined {
  if (!/^\s*\{/.test(new TextDecoder('latin1').decode(file.head))) return undefined;
  try {
    return new Set(Object.keys(JSON.parse(file.text) as object));
  } catch {
    return undefined;
  }
}

/** The keys of a file that is one JSON object; undefined for any other. */
export function jsonKeys(file: InputFile): ReadonlySet<string> | undefined {
  if (!known.has(file)) known.set(file, readKeys(file));
  return known.get(file);
}
