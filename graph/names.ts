/**
 * Names of operations and scopes: what is valid, and the table that makes them unique.
 *
 * Ops and scopes share one namespace, compared without regard to case, as in TensorFlow.
 */
import { GraphTypeError, typeWord, ValueError } from './errors';

/** How many names are remembered, where remembering is quicker than looking again. */
const REMEMBERED = 1024;

const VALID_OP_NAME = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;
const VALID_SCOPE_NAME = /^[A-Za-z0-9_.\\/>-]*$/;

export function checkString(name: unknown): asserts name is string {
  if (typeof name !== 'string')
    throw new GraphTypeError(`expected string or bytes-like object, got '${typeWord(name)}'`);
}

export function isValidOpName(name: string): boolean {
  return VALID_OP_NAME.test(name);
}

/** Names that were found valid: most ops are asked for under their type. */
const validNames = new Set<string>();

/** As `checkOpName(name)`, for a name made of a scope, the name `requested` in it, and perhaps a number. */
export function checkScopedName(name: string, scope: string, requested: string): void {
  const isKnown = validNames.has(requested);
  if (isKnown && (scope === '' || isValidOpName(scope[0]))) return;
  checkOpName(name);
  if (!isKnown && validNames.size < REMEMBERED && isValidOpName(requested)) validNames.add(requested);
}

export function checkOpName(name: string): void {
  checkString(name);
  if (!VALID_OP_NAME.test(name)) {
    throw new ValueError(
      `\`${name}\` is not a valid node name. Accepted names conform to Regex /re.compile('^[A-Za-z0-9.][A-Za-z0-9_.\\\\\\\\/>-]*$')/`,
    );
  }
}

/** Checks the name of a scope that is opened at the root, or inside another one. */
export function checkScopeName(name: string, atRoot: boolean): void {
  checkString(name);
  if (atRoot && !VALID_OP_NAME.test(name)) {
    throw new ValueError(
      `'${name}' is not a valid root scope name. A root scope name has to match the following pattern: ^[A-Za-z0-9.][A-Za-z0-9_.\\\\/>-]*$`,
    );
  }
  if (!VALID_SCOPE_NAME.test(name)) {
    throw new ValueError(
      `'${name}' is not a valid scope name. A scope name has to match the following pattern: ^[A-Za-z0-9_.\\\\/>-]*$`,
    );
  }
}

/** TypeError unless the value maps strings to strings. */
export function checkStringMap(argument: string, map: unknown): void {
  if (typeof map !== 'object' || map === null || Object.values(map).some((name) => typeof name !== 'string')) {
    throw new GraphTypeError(`${argument} must be a dictionary mapping strings to strings`);
  }
}

/** One name without regard to case. */
interface Entry {
  /** How often it was asked for; 0: it is free, unless it is one of the numbered names of its stem. */
  count: number;
  /** `name_1` to `name_<numbered>` are in use: those that were given here take no entries of their own. */
  numbered: number;
  /** Numbered names that have entries of their own, as they were asked for by that name. */
  asked: Map<number, Entry> | null;
}

/** Where the number of a name such as `name_12` begins; 0 for names without one. */
function numberAt(name: string): number {
  let at = name.length;
  while (at > 0 && name.charCodeAt(at - 1) >= 48 && name.charCodeAt(at - 1) <= 57) at--;
  const isNumbered = at < name.length && at >= 2 && name[at - 1] === '_' && name[at] !== '0' && name.length - at < 16;
  return isNumbered ? at : 0;
}

/** The names in use, with the number of times each was asked for. */
export class NameTable {
  readonly #entries = new Map<string, Entry>();
  /** Entries by the name as it was written: most ops are asked for under their type. */
  readonly #asWritten = new Map<string, Entry>();
  /** Entries that changed since the outermost mark, each with its `count` and `numbered` before. */
  readonly #changed: Entry[] = [];
  readonly #before: number[] = [];
  #marks = 0;

  /** `name`, or `name_1`, `name_2`, … where it is taken. Mirrors Graph.unique_name without its scope. */
  unique(name: string, markAsUsed = true): string {
    if (name === '') return name;
    const entry = this.#asWritten.get(name) ?? this.#entryOf(name);
    const count = entry.count === 0 && this.#isGiven(name) ? 1 : entry.count;
    if (count === 0) {
      if (markAsUsed) this.#change(entry, 1, entry.numbered);
      return name;
    }
    // All numbers up to `numbered` are taken.
    let number = Math.max(count, entry.numbered + 1);
    if (entry.asked !== null) while ((entry.asked.get(number)?.count ?? 0) > 0) number++;
    if (markAsUsed) this.#change(entry, count + 1, number);
    return `${name}_${number}`;
  }

  /** Whether some operation has a name, taken as it is, that is not in use here: it may be asked for once more. */
  hasUnlisted = false;

  /** An operation took that name as it is. */
  noteVerbatim(name: string): void {
    if (this.#entryOf(name).count === 0 && !this.#isGiven(name)) this.hasUnlisted = true;
  }

  /** Takes back the latest `unique(name)`, which gave `given`. */
  release(name: string, given: string): void {
    if (name === '') return;
    const entry = this.#entryOf(name);
    const numbered = given === name ? entry.numbered : Number(given.slice(name.length + 1)) - 1;
    this.#change(entry, entry.count - 1, numbered);
  }

  /** Takes a name as it is. */
  reserve(name: string): void {
    const entry = this.#entryOf(name);
    if (entry.count === 0) this.#change(entry, 1, entry.numbered);
  }

  #entryOf(name: string): Entry {
    const key = name.toLowerCase();
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { count: 0, numbered: 0, asked: null };
      this.#entries.set(key, entry);
      const at = numberAt(key);
      if (at > 0) (this.#entryOf(key.slice(0, at - 1)).asked ??= new Map()).set(Number(key.slice(at)), entry);
    }
    if (this.#asWritten.size < REMEMBERED && !name.includes('/')) this.#asWritten.set(name, entry);
    return entry;
  }

  /** Whether that name was given to somebody who asked for its stem. */
  #isGiven(name: string): boolean {
    const at = numberAt(name);
    return at > 0 && Number(name.slice(at)) <= this.#entryOf(name.slice(0, at - 1)).numbered;
  }

  #change(entry: Entry, count: number, numbered: number): void {
    if (this.#marks > 0) {
      this.#changed.push(entry);
      this.#before.push(entry.count, entry.numbered);
    }
    entry.count = count;
    entry.numbered = numbered;
  }

  /** Starts to note changes; returns the mark that `keep` or `undo` takes. Marks nest. */
  mark(): number {
    this.#marks++;
    return this.#changed.length;
  }

  /** Ends a mark and lets the changes stand. */
  keep(): void {
    if (--this.#marks > 0) return;
    this.#changed.length = 0;
    this.#before.length = 0;
  }

  /** Ends a mark and takes back what changed since. */
  undo(mark: number): void {
    this.#marks--;
    while (this.#changed.length > mark) {
      const entry = this.#changed.pop()!;
      entry.numbered = this.#before.pop()!;
      entry.count = this.#before.pop()!;
    }
  }
}
