/**
 * Undoing what a failed piece of graph building changed in place: operations that were rewritten, bodies of functions.
 *
 * Added operations are taken back by Graph.transaction itself; whoever changes something that was there before leaves
 * an undo here. Transactions nest, also across the graphs of functions.
 */
type Undo = () => void;

/** The undos of all transactions that are open, oldest first. */
const undos: Undo[] = [];
let open = 0;

/** Remembers how to undo a change, if the transaction that is open now fails. */
export function onRollback(undo: Undo): void {
  if (open > 0) undos.push(undo);
}

/** Opens a transaction; returns the mark that `commit` or `rollBack` takes. */
export function begin(): number {
  open++;
  return undos.length;
}

/** Ends the innermost transaction well: what it changed can still be undone by the one around it. */
export function commit(): void {
  if (--open === 0 && undos.length > 0) undos.length = 0;
}

/** Ends the innermost transaction by calling the undos left since its mark, newest first. */
export function rollBack(mark: number): void {
  open--;
  for (const undo of undos.splice(mark).reverse()) undo();
}
