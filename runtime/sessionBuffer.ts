/**
 * Arrays that lie in a session's memory: fed to that session's runs they are read where they are, and nothing is copied.
 *
 * Everywhere else they are arrays like others. `Session.buffer` makes them.
 */
import type { DType, DTypeName } from '../graph/dtypes';
import { FailedPreconditionError, GraphTypeError, ValueError } from '../graph/errors';
import { type ArrayLike, allocate, type Data, NdArray, sizeOf } from '../graph/ndarray';
import { sameDims } from './broadcast';
import { scalarTypeOf } from './ir/expression';
import type { VariableRef } from './ir/value';
import type { VariableMemory } from './resources';

/** The memory that a session's compiled plans work on. */
export interface BufferMemory extends VariableMemory {
  /** How many times it grew: views are good until the next time. */
  readonly growths: number;
  /** Whether that block is still allocated. */
  owns(address: number): boolean;
}

const FREED = 'This buffer was freed, or its session was closed: make another one with session.buffer().';

/** An array in the memory of a session. */
export class SessionBuffer<N extends DTypeName = DTypeName> extends NdArray<N> {
  readonly #memory: BufferMemory | null;
  readonly #place: VariableRef | null = null;
  /** The elements: a view that was made when the memory had grown so many times, or an array outside it. */
  #view: Data<N>;
  #growths = -1;
  #isFreed = false;

  /** @param memory null for a session without one. */
  constructor(memory: BufferMemory | null, dtype: DType<N>, shape: readonly number[]) {
    if (scalarTypeOf(dtype) === null)
      throw new GraphTypeError(`A session's memory holds numbers and booleans, not values of type ${dtype.name}.`);
    const none = undefined as unknown as Data<N>;
    super(dtype, shape, none);
    this.#memory = memory;
    this.#view = memory ? none : allocate(dtype, sizeOf(shape));
    if (memory) {
      const address = memory.allocate(Math.max(1, sizeOf(shape) * dtype.size), 'buffers');
      this.#place = { key: `buffer at ${address}`, dtype, shape, address };
      (this.#elements() as { fill(value: unknown): unknown }).fill(dtype.isBigInt ? 0n : 0);
    }
    // Growing takes views of the memory away, so they are made when somebody asks.
    Object.defineProperty(this, 'data', { get: () => this.#elements() });
  }

  /** Overwrites all elements. ValueError for another shape, TypeError for values of another type. */
  set(values: ArrayLike): void {
    const array = NdArray.from(values, this.dtype);
    if (!sameDims(array.shape, this.shape))
      throw new ValueError(
        `A buffer of shape [${this.shape.join(', ')}] cannot be filled with values of shape [${array.shape.join(', ')}].`,
      );
    (this.data as Float32Array).set(array.data as Float32Array);
  }

  /** Gives the memory back; the array cannot be used any more. Closing the session does the same. */
  free(): void {
    if (this.#place && !this.#isFreed) this.#memory!.free(this.#place.address);
    this.#isFreed = true;
  }

  /** Where plans that work on that memory find it; null where it lies in another one. FailedPreconditionError once freed. */
  placeIn(memory: BufferMemory): VariableRef | null {
    this.#checkUsable();
    return memory === this.#memory ? this.#place : null;
  }

  #elements(): Data<N> {
    this.#checkUsable();
    if (this.#place && this.#growths !== this.#memory!.growths) {
      this.#view = this.#memory!.view(this.dtype, this.#place.address, this.size) as Data<N>;
      this.#growths = this.#memory!.growths;
    }
    return this.#view;
  }

  #checkUsable(): void {
    if (this.#isFreed || (this.#place && !this.#memory!.owns(this.#place.address)))
      throw new FailedPreconditionError(FREED);
  }
}
