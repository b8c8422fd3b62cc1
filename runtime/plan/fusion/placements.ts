/**
 * Where values are stored: the buffer of each value that has one and the kernel that fills it. Buffers are made here; what goes
 * into them is decided by placing.ts.
 */
import { InternalError } from '../../../graph/errors';
import { sizeOf } from '../../../graph/ndarray';
import type { Buffer } from '../../ir/kernel';
import type { Value, VariableRef } from '../../ir/value';

export interface Placement {
  readonly buffer: Buffer;
  /** The kernel that computes it; -1 when it is there from the start. */
  readonly kernel: number;
}

export class Placements {
  readonly #placed = new Map<Value, Placement>();
  /** Views and reshapes that share the buffer of a variable, by the value they share it with. */
  readonly #aliases = new Map<Value, Value[]>();
  readonly #variables = new Map<string, Buffer>();
  /** The last kernel that reads or writes each variable. */
  readonly #touched = new Map<Buffer, number>();
  #buffers = 0;

  get(value: Value): Placement | undefined {
    return this.#placed.get(value);
  }

  has(value: Value): boolean {
    return this.#placed.has(value);
  }

  set(value: Value, placement: Placement): Placement {
    this.#placed.set(value, placement);
    return placement;
  }

  /** Lets a value share the buffer of another one, also when that is moved. */
  alias(value: Value, of: Value): Placement {
    const placement = this.#placed.get(of)!;
    if (placement.buffer.place.kind === 'variable') this.#aliases.set(of, [...(this.#aliases.get(of) ?? []), value]);
    return this.set(value, placement);
  }

  /** Puts a value elsewhere, with all that share its buffer. */
  move(value: Value, placement: Placement): void {
    this.set(value, placement);
    for (const alias of this.#aliases.get(value) ?? []) this.move(alias, placement);
  }

  /** Notes that a kernel reads or writes a buffer. */
  touch(buffer: Buffer, kernel: number): void {
    if (buffer.place.kind === 'variable') this.#touched.set(buffer, Math.max(kernel, this.lastTouch(buffer)));
  }

  /** The last kernel so far that reads or writes a variable; -1 for none. */
  lastTouch(buffer: Buffer): number {
    return this.#touched.get(buffer) ?? -1;
  }

  /** The buffers of values that come from outside. */
  inputs(): Map<Value, Buffer> {
    const inputs = new Map<Value, Buffer>();
    for (const [value, { buffer }] of this.#placed) if (value.definition.kind === 'input') inputs.set(value, buffer);
    return inputs;
  }

  newBuffer({ shape, dtype }: Value, kind: 'arena' | 'input'): Buffer {
    return { id: this.#buffers++, dtype, elements: sizeOf(shape), place: { kind } };
  }

  constBuffer({ definition, dtype }: Value): Buffer {
    if (definition.kind !== 'const') throw new InternalError('not a constant');
    const { array } = definition;
    return { id: this.#buffers++, dtype, elements: array.data.length, place: { kind: 'const', array } };
  }

  variableBuffer(variable: VariableRef): Buffer {
    let buffer = this.#variables.get(variable.key);
    if (!buffer) {
      const place = { kind: 'variable', variable } as const;
      buffer = { id: this.#buffers++, dtype: variable.dtype, elements: sizeOf(variable.shape), place };
      this.#variables.set(variable.key, buffer);
    }
    return buffer;
  }
}
