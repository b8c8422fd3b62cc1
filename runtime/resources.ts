/**
 * A session's resources: what outlives a run. To plain kernels a variable's value is an immutable array, and assigning
 * replaces it; compiled plans keep it at a fixed place in memory and write it there (`reside`).
 */
import type { DType } from '../graph/dtypes';
import { FailedPreconditionError, NotFoundError } from '../graph/errors';
import { type Data, NdArray, type NumericArray, sizeOf } from '../graph/ndarray';
import { sameDims } from './broadcast';
import { StoredArray } from './files/storedArray';
import { scalarTypeOf } from './ir/expression';
import type { VariableRef } from './ir/value';
import { type ResourceHandle, VariableReference } from './values';

/** The memory that compiled plans work on. */
export interface VariableMemory {
  allocate(bytes: number, purpose: string): number;
  free(address: number): void;
  view(dtype: DType, address: number, length: number): Data;
}

interface Entry {
  /** The value, while it is not in memory. */
  value: NdArray | null;
  /** Where the value is, or will be once the variable is initialized. */
  ref: VariableRef | null;
  isInitialized: boolean;
}

export class ResourceStore {
  readonly #containers = new Map<string, Map<string, Entry>>();
  #memory: VariableMemory | null = null;

  /** The variable's value, which does not change later; FailedPreconditionError when it was never assigned. */
  read(handle: ResourceHandle): NdArray {
    const entry = this.#find(handle);
    if (entry?.isInitialized) return entry.ref ? this.#view(entry.ref).copy() : entry.value!;
    this.#requireInitialized(handle);
    throw new FailedPreconditionError(
      `Could not find variable ${handle.key}. This could mean that the variable has been deleted. In TF1, it can also mean the variable is uninitialized. Debug info: container=${handle.container}, status error message=${this.#missing(handle)}`,
    );
  }

  /** The same for an update in place: NotFoundError when it was never assigned. */
  readForUpdate(handle: ResourceHandle): NdArray {
    const entry = this.#find(handle);
    return entry?.ref ? this.peek(handle).copy() : this.peek(handle);
  }

  /** As `readForUpdate`, but good until the next write only: for gathering, and questions about the shape. */
  peek(handle: ResourceHandle): NdArray {
    const entry = this.#find(handle);
    if (entry?.isInitialized) return entry.ref ? this.#view(entry.ref) : entry.value!;
    this.#requireInitialized(handle);
    throw new NotFoundError(this.#missing(handle));
  }

  /** For references, which say it in their own way. */
  #requireInitialized(handle: ResourceHandle): void {
    if (handle instanceof VariableReference)
      throw new FailedPreconditionError(`Attempting to use uninitialized value ${handle.name}`);
  }

  #missing(handle: ResourceHandle): string {
    const container = this.#containers.get(handle.container);
    return container && [...container.values()].some(({ isInitialized }) => isInitialized)
      ? `Resource ${handle.container}/${handle.key}/N10tensorflow3VarE does not exist.`
      : `Container ${handle.container} does not exist. (Could not find resource: ${handle.container}/${handle.key})`;
  }

  has(handle: ResourceHandle): boolean {
    return this.#find(handle)?.isInitialized ?? false;
  }

  /** Gives a variable a value, which is the store's from now on. An array in a file is read to where it is kept. */
  write(handle: ResourceHandle, value: NdArray): void {
    if (value instanceof StoredArray) {
      this.#writeStored(handle, value);
      return;
    }
    const entry = this.#find(handle);
    if (!entry) {
      this.#add(handle, { value, ref: null, isInitialized: true });
      return;
    }
    if (entry.ref && entry.ref.dtype === value.dtype && sameDims(entry.ref.shape, value.shape)) {
      (this.#view(entry.ref).data as Float32Array).set(value.data as Float32Array);
    } else {
      this.#release(entry);
      entry.value = value;
    }
    entry.isInitialized = true;
  }

  #writeStored(handle: ResourceHandle, value: StoredArray): void {
    if (!this.#memory || scalarTypeOf(value.dtype) === null) {
      this.write(handle, value.copy());
      return;
    }
    const ref = this.reside(handle, value.dtype, value.shape);
    value.readInto(this.#view(ref).data as unknown as NumericArray);
    this.markInitialized(handle);
  }

  delete(handle: ResourceHandle): boolean {
    const entry = this.#find(handle);
    if (!entry) return false;
    this.#release(entry);
    this.#containers.get(handle.container)!.delete(handle.key);
    return entry.isInitialized;
  }

  /** Forgets all resources of these containers, or all resources. */
  clear(containers?: readonly string[]): void {
    for (const name of containers ?? [...this.#containers.keys()]) {
      for (const entry of this.#containers.get(name)?.values() ?? []) this.#release(entry);
      this.#containers.delete(name);
    }
  }

  /** Every resource: its key, the bytes of its value or place, and whether that is in the memory of compiled plans. */
  list(): { readonly name: string; readonly bytes: number; readonly isResident: boolean }[] {
    return [...this.#containers].flatMap(([container, entries]) =>
      [...entries].flatMap(([key, { value, ref }]) => {
        const held = ref ?? value;
        if (!held) return [];
        const bytes = sizeOf(held.shape) * held.dtype.size;
        return [{ name: container === 'localhost' ? key : `${container}/${key}`, bytes, isResident: ref !== null }];
      }),
    );
  }

  // For compiled plans.

  /** Says where variables of compiled plans are kept. */
  useMemory(memory: VariableMemory): void {
    this.#memory = memory;
  }

  /** What is known of a variable without reading it: the dtype and shape that it has, or will have in memory. */
  typeOf(handle: ResourceHandle): { readonly dtype: DType; readonly shape: readonly number[] } | null {
    const entry = this.#find(handle);
    return entry?.ref ?? entry?.value ?? null;
  }

  /** Moves a variable to a fixed place, with its value if it has one; the place is reserved if it has none. */
  reside(handle: ResourceHandle, dtype: DType, shape: readonly number[]): VariableRef {
    let entry = this.#find(handle);
    if (!entry) this.#add(handle, (entry = { value: null, ref: null, isInitialized: false }));
    if (entry.ref && entry.ref.dtype === dtype && sameDims(entry.ref.shape, shape)) return entry.ref;
    const { value } = entry;
    this.#release(entry);
    const address = this.#memory!.allocate(Math.max(1, sizeOf(shape) * dtype.size), 'variables');
    entry.ref = { key: `${handle.container}/${handle.key}`, dtype, shape, address };
    if (value && value.dtype === dtype && sameDims(value.shape, shape)) {
      (this.#view(entry.ref).data as Float32Array).set(value.data as Float32Array);
      entry.isInitialized = true;
    }
    return entry.ref;
  }

  /** Whether the variable is still at that place. */
  isAt(handle: ResourceHandle, ref: VariableRef): boolean {
    return this.#find(handle)?.ref === ref;
  }

  /** A compiled plan wrote the variable. */
  markInitialized(handle: ResourceHandle): void {
    const entry = this.#find(handle);
    if (entry) entry.isInitialized = true;
  }

  #find(handle: ResourceHandle): Entry | undefined {
    return this.#containers.get(handle.container)?.get(handle.key);
  }

  #add(handle: ResourceHandle, entry: Entry): void {
    let container = this.#containers.get(handle.container);
    if (!container) this.#containers.set(handle.container, (container = new Map()));
    container.set(handle.key, entry);
  }

  #view({ dtype, shape, address }: VariableRef): NdArray {
    return new NdArray(dtype, shape, this.#memory!.view(dtype, address, sizeOf(shape)));
  }

  #release(entry: Entry): void {
    if (entry.ref) this.#memory!.free(entry.ref.address);
    entry.ref = null;
    entry.value = null;
    entry.isInitialized = false;
  }
}
