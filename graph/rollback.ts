/**
 * Undoing what a failed piece of graph building changed in place: operations that were rewritten, bodies of functions.
 *
 * Added operations are taken back by Graph.transaction itself; whoever changes something that was there before leaves
 * an undo here. Transactions nest, also across the graphs of functions.
 */
type Undo = () => void;

const open: Undo[][] = [];

/** Remembers how to undo a change, if the transaction that is open now fails. */
export function onRollback(undo: Undo): void {
  open.at(-1)?.push(undo);
}

/** Runs `build`, then `keep`; if `build` throws, the undos left meanwhile are called, newest first, and then `undo`. */
export function withRollback<R>(build: () => R, keep: () => void, undo: () => void): R {
  const own: Undo[] = [];
  open.push(own);
  let result: R;
  try {
    result = build();
  } catch (error) {
    open.pop();
    for (const step of own.reverse()) step();
    undo();
    throw error;
  }
  open.pop();
  for (const step of own) onRollback(step);
  keep();
  return result;
}
