/**
 * The error for a placeholder that was not fed: which one, made where, why the run needs it, and what was fed instead.
 */
import type { OpError } from '../graph/errors';
import type { Operation } from '../graph/operation';
import { nearestName } from '../graph/suggest';
import type { Tensor } from '../graph/tensor';
import { makeOpError } from './opErrors';

/** Names longer paths are cut in the middle. */
const SHOWN_OPS = 12;

/** A shortest path of operations from one of `roots` back to `target`, in the order of reading; empty when there is none. */
export function pathBetween(roots: readonly Operation[], target: Operation, fed: ReadonlySet<Tensor>): Operation[] {
  const readBy = new Map<Operation, Operation | null>(roots.map((root) => [root, null]));
  const queue = [...roots];
  for (let at = 0; at < queue.length && !readBy.has(target); at++) {
    const op = queue[at];
    const sources = [...op.inputs.flatMap((input) => (fed.has(input) ? [] : [input.op])), ...op.controlInputs];
    for (const source of sources) {
      if (readBy.has(source)) continue;
      readBy.set(source, op);
      queue.push(source);
    }
  }
  const path: Operation[] = [];
  for (let op: Operation | null | undefined = readBy.has(target) ? target : null; op; op = readBy.get(op))
    path.unshift(op);
  return path;
}

function shorten(names: readonly string[]): string {
  if (names.length <= SHOWN_OPS) return names.join(' ← ');
  const half = SHOWN_OPS / 2;
  return [...names.slice(0, half), `… ${names.length - SHOWN_OPS} more …`, ...names.slice(-half)].join(' ← ');
}

/** The same error, with the path from the fetch to the placeholder and the feeds that were given. */
export function explainUnfed(
  error: OpError,
  placeholder: Operation,
  roots: readonly Operation[],
  feeds: readonly Tensor[],
): OpError {
  const path = pathBetween(roots, placeholder, new Set(feeds)).map((op) => op.name);
  const given = feeds.map((tensor) => tensor.name);
  const near = nearestName(`${placeholder.name}:0`, given);
  const why = path.length > 1 ? `\nNeeded by the fetch: ${shorten(path)}` : '';
  const fed = given.length === 0 ? 'none' : given.join(', ');
  const hint = near === null ? '' : ` The nearest name among them is '${near}'.`;
  return makeOpError(error.errorCode, `${error.message}${why}\nFeeds of this run: ${fed}.${hint}`, placeholder);
}
