/**
 * A session's resources: what outlives a run. Values are immutable arrays; assigning replaces them.
 */
import { FailedPreconditionError, NotFoundError } from '../graph/errors';
import type { NdArray } from '../graph/ndarray';
import { type ResourceHandle, VariableReference } from './values';

export class ResourceStore {
  readonly #containers = new Map<string, Map<string, NdArray>>();

  /** The variable's value; FailedPreconditionError when it was never assigned. */
  read(handle: ResourceHandle): NdArray {
    const value = this.#containers.get(handle.container)?.get(handle.key);
    if (value) return value;
    this.#requireInitialized(handle);
    throw new FailedPreconditionError(
      `Could not find variable ${handle.key}. This could mean that the variable has been deleted. In TF1, it can also mean the variable is uninitialized. Debug info: container=${handle.container}, status error message=${this.#missing(handle)}`,
    );
  }

  /** The variable's value for an update in place; NotFoundError when it was never assigned. */
  readForUpdate(handle: ResourceHandle): NdArray {
    const value = this.#containers.get(handle.container)?.get(handle.key);
    if (value) return value;
    this.#requireInitialized(handle);
    throw new NotFoundError(this.#missing(handle));
  }

  /** For references, which say it in their own way. */
  #requireInitialized(handle: ResourceHandle): void {
    if (handle instanceof VariableReference)
      throw new FailedPreconditionError(`Attempting to use uninitialized value ${handle.name}`);
  }

  #missing(handle: ResourceHandle): string {
    return this.#containers.has(handle.container)
      ? `Resource ${handle.container}/${handle.key}/N10tensorflow3VarE does not exist.`
      : `Container ${handle.container} does not exist. (Could not find resource: ${handle.container}/${handle.key})`;
  }

  has(handle: ResourceHandle): boolean {
    return this.#containers.get(handle.container)?.has(handle.key) ?? false;
  }

  write(handle: ResourceHandle, value: NdArray): void {
    let container = this.#containers.get(handle.container);
    if (!container) this.#containers.set(handle.container, (container = new Map()));
    container.set(handle.key, value);
  }

  delete(handle: ResourceHandle): boolean {
    return this.#containers.get(handle.container)?.delete(handle.key) ?? false;
  }

  /** Forgets all resources of these containers, or all resources. */
  clear(containers?: readonly string[]): void {
    if (!containers) this.#containers.clear();
    for (const name of containers ?? []) this.#containers.delete(name);
  }
}
