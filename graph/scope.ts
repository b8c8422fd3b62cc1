/**
 * Python's `with`, in two forms: a callback, or `using scope = …` (TypeScript's explicit resource management).
 *
 * A scope changes what later graph building does, so it must be left in the order it was entered, and before any `await`.
 */
import { GraphTypeError } from './errors';

/** An entered scope: `value` is what the scope yields, `exit` leaves it. */
export interface Opened<V> {
  readonly value: V;
  exit(): void;
}

/** A scope held by `using`; disposing leaves it. It reads as the string it yields, if it yields one. */
export class ScopeHandle<V> implements Disposable {
  #left = false;
  readonly #exit: () => void;

  constructor(
    /** What the scope yields: for name scopes the name with a trailing slash. */
    readonly value: V,
    exit: () => void,
  ) {
    this.#exit = exit;
  }

  [Symbol.dispose](): void {
    if (this.#left) return;
    this.#exit();
    this.#left = true;
  }

  toString(): string {
    return String(this.value);
  }
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Enters a scope: around `body`, or until the returned handle is disposed. */
export function openScope<V>(open: () => Opened<V>): ScopeHandle<V>;
export function openScope<V, R>(open: () => Opened<V>, body: (value: V) => R): R;
export function openScope<V, R>(open: () => Opened<V>, body?: (value: V) => R): R | ScopeHandle<V>;
export function openScope<V, R>(open: () => Opened<V>, body?: (value: V) => R): R | ScopeHandle<V> {
  const opened = open();
  if (!body) return new ScopeHandle(opened.value, () => opened.exit());
  try {
    const result = body(opened.value);
    if (isPromiseLike(result)) {
      throw new GraphTypeError(
        'The body of a scope must not return a Promise: scopes are dynamic, and an `await` inside would leak them into other code. Await first, then build the graph.',
      );
    }
    return result;
  } finally {
    opened.exit();
  }
}
