/**
 * Ops that compute the same as an op before them: the same type, inputs and attributes, and no state.
 */
import { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Symbolic } from './symbols';

export class CommonOps {
  readonly #outputs = new Map<string, readonly Symbolic[]>();
  readonly #arrayIds = new WeakMap<NdArray, number>();
  #arrays = 0;

  get(key: string | null): readonly Symbolic[] | undefined {
    return key === null ? undefined : this.#outputs.get(key);
  }

  set(key: string | null, outputs: readonly Symbolic[]): void {
    if (key !== null) this.#outputs.set(key, outputs);
  }

  clear(): void {
    this.#outputs.clear();
  }

  /** What two ops have in common that give the same values; null for ops that are never merged. */
  keyOf(op: Operation, inputs: readonly Symbolic[]): string | null {
    if (op.def.isStateful) return null;
    const parts: string[] = [op.type];
    for (const symbol of inputs) {
      if (symbol.kind === 'value') parts.push(`v${symbol.value.id}`);
      else if (symbol.kind === 'const') parts.push(this.#constantKey(symbol.array));
      else return null;
    }
    for (const attr of op.def.attrs) {
      const value = op.attrs[attr.name];
      if (value instanceof DType) parts.push(value.name);
      else if (typeof value === 'object' && !Array.isArray(value)) return null;
      else parts.push(String(value));
    }
    return parts.join(' ');
  }

  #constantKey(array: NdArray): string {
    if (array.size === 1)
      return `${array.dtype.name}${array.rank}:${Object.is(array.data[0], -0) ? '-0' : array.data[0]}`;
    let id = this.#arrayIds.get(array);
    if (id === undefined) this.#arrayIds.set(array, (id = this.#arrays++));
    return `c${id}`;
  }
}
