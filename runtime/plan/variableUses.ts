/**
 * The variables that a program uses: where each resides, who reads it first, whether it is written, and which of them may change
 * their shape in the middle of the run, so that what comes after has to wait for a further stage.
 */
import type { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { findOp } from '../../graph/registry';
import type { TensorShape } from '../../graph/shape';
import { sameDims } from '../broadcast';
import { scalarTypeOf } from '../ir/expression';
import type { VariableRef } from '../ir/value';
import type { ResourceStore } from '../resources';
import { ResourceHandle } from '../values';
import { callsFunctions } from './calledFunction';
import type { VariableUse } from './lowered';
import type { Symbolic } from './symbols';

interface ArrayType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export class VariableUses {
  #uses = new Map<string, VariableUse>();
  #unstable = new Set<string>();

  constructor(readonly resources: ResourceStore) {}

  get all(): readonly VariableUse[] {
    return [...this.#uses.values()];
  }

  /**
   * The place of a variable that compiled kernels read or, with `like`, write as a whole: null when its dtype or shape is not known,
   * or not `like` that.
   */
  use(op: Operation, handle: NdArray | null, like: ArrayType | undefined): VariableRef | null {
    if (!(handle instanceof ResourceHandle)) return null;
    const type = this.#typeOf(handle) ?? like;
    if (!type || scalarTypeOf(type.dtype) === null || type.dtype !== handle.valueType) return null;
    if (like && (like.dtype !== type.dtype || !sameDims(like.shape, type.shape))) return null;
    const isRead = like === undefined;
    const use = this.#useOf(handle, type, isRead ? op : null);
    if (!isRead) use.isWritten = true;
    return use.ref;
  }

  /** Variables that a plain kernel may read or write: what compiled kernels do with them has to stay in order. */
  touch(op: Operation, handles: readonly ResourceHandle[]): VariableRef[] {
    const refs = handles.flatMap((handle) => {
      const type = this.#uses.get(keyOf(handle))?.ref ?? this.#typeOf(handle);
      return type && scalarTypeOf(type.dtype) !== null ? [this.#useOf(handle, type, null).ref] : [];
    });
    if (callsFunctions(op) || findOp(op.type)?.mayReshapeVariables)
      for (const handle of handles) this.#unstable.add(keyOf(handle));
    return refs;
  }

  /** Whether one of the inputs is a variable whose shape may not be what it was. */
  areUnstable(inputs: readonly (Symbolic | undefined)[]): boolean {
    if (this.#unstable.size === 0) return false;
    return inputs.some(
      (symbol) =>
        symbol?.kind === 'const' && symbol.array instanceof ResourceHandle && this.#unstable.has(keyOf(symbol.array)),
    );
  }

  /** A point to which `restore` goes back. */
  save(): { readonly uses: ReadonlyMap<string, VariableUse>; readonly unstable: ReadonlySet<string> } {
    const uses = new Map([...this.#uses].map(([key, use]) => [key, { ...use }]));
    return { uses, unstable: new Set(this.#unstable) };
  }

  restore({ uses, unstable }: ReturnType<VariableUses['save']>): void {
    this.#uses = new Map(uses);
    this.#unstable = new Set(unstable);
  }

  #useOf(handle: ResourceHandle, { dtype, shape }: ArrayType, firstRead: Operation | null): VariableUse {
    const key = keyOf(handle);
    let use = this.#uses.get(key);
    if (!use) {
      const ref = this.resources.reside(handle, dtype, shape);
      this.#uses.set(key, (use = { handle, ref, firstRead, isWritten: false }));
    }
    return use;
  }

  #typeOf(handle: ResourceHandle): ArrayType | null {
    const known = this.resources.typeOf(handle);
    if (known) return known;
    const shape = handle.valueShape as TensorShape;
    return shape.isFullyDefined() ? { dtype: handle.valueType, shape: shape.asNumbers() } : null;
  }
}

function keyOf(handle: ResourceHandle): string {
  return `${handle.container}/${handle.key}`;
}
