/**
 * Operations of a graph by name: filled when somebody looks, since most graphs are built without a look.
 *
 * Which names are taken is graph/names.ts.
 */
import type { Operation } from './operation';

export class OperationIndex {
  readonly #byName = new Map<string, Operation>();
  /** How many operations, in order of creation, are in the map. */
  #indexed = 0;

  /** @param operations the graph's own list, which grows and shrinks at its end. */
  constructor(readonly operations: readonly Operation[]) {}

  find(name: string): Operation | undefined {
    for (; this.#indexed < this.operations.length; this.#indexed++) {
      const op = this.operations[this.#indexed];
      this.#byName.set(op.name, op);
    }
    return this.#byName.get(name);
  }

  /** The last operation was taken off the list. */
  noteRemoval(op: Operation): void {
    if (this.#indexed <= this.operations.length) return;
    this.#byName.delete(op.name);
    this.#indexed--;
  }
}
