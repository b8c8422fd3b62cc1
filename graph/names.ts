/**
 * Names of operations and scopes: what is valid, and the table that makes them unique.
 *
 * Ops and scopes share one namespace, compared without regard to case, as in TensorFlow.
 */
import { GraphTypeError, typeWord, ValueError } from './errors';

const VALID_OP_NAME = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;
const VALID_SCOPE_NAME = /^[A-Za-z0-9_.\\/>-]*$/;

export function checkString(name: unknown): asserts name is string {
  if (typeof name !== 'string')
    throw new GraphTypeError(`expected string or bytes-like object, got '${typeWord(name)}'`);
}

export function isValidOpName(name: string): boolean {
  return VALID_OP_NAME.test(name);
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

/** The names in use, with the number of times each was asked for. */
export class NameTable {
  readonly #used = new Map<string, number>();
  /** What changed under open marks: keys, and their counts before (0: not in use). */
  readonly #changedKeys: string[] = [];
  readonly #changedCounts: number[] = [];
  #marks = 0;

  /** `name`, or `name_1`, `name_2`, … where it is taken. Mirrors Graph.unique_name without its scope. */
  unique(name: string, markAsUsed = true): string {
    if (name === '') return name;
    const key = name.toLowerCase();
    let count = this.#used.get(key) ?? 0;
    if (markAsUsed) this.#set(key, count + 1);
    if (count === 0) return name;
    let candidate = key;
    while (this.#used.has(candidate)) candidate = `${key}_${count++}`;
    if (markAsUsed) this.#set(candidate, 1);
    return `${name}_${count - 1}`;
  }

  /** Takes back the latest `unique(name)`, which gave `given`. */
  release(name: string, given: string): void {
    const key = name.toLowerCase();
    this.#set(key, (this.#used.get(key) ?? 1) - 1);
    if (given !== name) this.#set(given.toLowerCase(), 0);
  }

  /** Takes a name as it is. */
  reserve(name: string): void {
    const key = name.toLowerCase();
    if (!this.#used.has(key)) this.#set(key, 1);
  }

  #set(key: string, count: number): void {
    if (this.#marks > 0) {
      this.#changedKeys.push(key);
      this.#changedCounts.push(this.#used.get(key) ?? 0);
    }
    this.#put(key, count);
  }

  #put(key: string, count: number): void {
    if (count === 0) this.#used.delete(key);
    else this.#used.set(key, count);
  }

  /** Starts to note changes, so that they can be undone; returns how to end. */
  record(): { undo(): void; keep(): void } {
    const start = this.#changedKeys.length;
    this.#marks++;
    return {
      undo: () => {
        this.#marks--;
        while (this.#changedKeys.length > start) this.#put(this.#changedKeys.pop()!, this.#changedCounts.pop()!);
      },
      keep: () => {
        if (--this.#marks > 0) return;
        this.#changedKeys.length = 0;
        this.#changedCounts.length = 0;
      },
    };
  }
}
