/**
 * The stack of `controlDependencies` blocks, and which of their controls a new operation needs.
 */
import type { Operation } from './operation';
import type { Tensor } from './tensor';

interface Controller {
  readonly controls: readonly Operation[];
  /** Operations made inside this block: they already wait for its controls. */
  readonly seen: Set<Operation>;
}

/** Lists longer than this are looked up by a set. */
const SHORT = 8;

export class ControlStack {
  #controllers: readonly Controller[] = [];

  get isEmpty(): boolean {
    return this.#controllers.length === 0;
  }

  /** Those of `ops` that no open block waits for, each once. */
  withoutKnown(ops: readonly Operation[]): Operation[] {
    const known = new Set(this.#controllers.flatMap(({ controls }) => controls));
    return [...new Set(ops)].filter((op) => !known.has(op));
  }

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
  forInputs(inputs: readonly Tensor[]): Operation[] {
    const reads = readers(inputs);
    const result: Operation[] = [];
    for (const { controls, seen } of this.#controllers) {
      if (controls.length === 0 || inputs.some((input) => seen.has(input.op))) continue;
      for (const control of controls) if (!reads(control)) result.push(control);
    }
    return result;
  }

  record(op: Operation): void {
    for (const { seen } of this.#controllers) seen.add(op);
  }

  forget(op: Operation): void {
    for (const { seen } of this.#controllers) seen.delete(op);
  }
}

function readers(inputs: readonly Tensor[]): (op: Operation) => boolean {
  if (inputs.length <= SHORT) return (op) => inputs.some((input) => input.op === op);
  const ops = new Set(inputs.map((input) => input.op));
  return (op) => ops.has(op);
}
