/**
 * The stack of `controlDependencies` blocks, and which of their controls a new operation needs.
 */
import type { Operation } from './operation';

interface Controller {
  readonly controls: readonly Operation[];
  /** Operations made inside this block: they already wait for its controls. */
  readonly seen: Set<Operation>;
}

export class ControlStack {
  #controllers: readonly Controller[] = [];

  /** Opens a block; null clears all blocks around it. Returns what leaves it. */
  push(controls: readonly Operation[] | null): () => void {
    const outer = this.#controllers;
    this.#controllers = controls === null ? [] : [...outer, { controls, seen: new Set() }];
    return () => {
      this.#controllers = outer;
    };
  }

  /**
   * The control inputs of a new op: those of each block, except blocks inside which one of its inputs was made (that
   * input waits already), without the ops that it reads anyway.
   */
  forInputs(inputs: ReadonlySet<Operation>): Operation[] {
    if (this.#controllers.length === 0) return [];
    const result = new Set<Operation>();
    for (const { controls, seen } of this.#controllers) {
      let dominated = false;
      for (const input of inputs) dominated ||= seen.has(input);
      if (dominated) continue;
      for (const control of controls) if (!inputs.has(control)) result.add(control);
    }
    return [...result];
  }

  record(op: Operation): void {
    for (const { seen } of this.#controllers) seen.add(op);
  }

  get isEmpty(): boolean {
    return this.#controllers.length === 0;
  }
}
