/**
 * Arrays that stay in files until they are used.
 */
import type { DType } from '../../graph/dtypes';
import { type Data, NdArray, type NumericArray, sizeOf } from '../../graph/ndarray';

/**
 * A numeric array in a file. A copy is fresh from the file, and a variable is read straight to its place, so restoring holds
 * values once and no more; whoever looks at the elements has them kept with the array.
 */
export class StoredArray extends NdArray {
  readonly #read: (into?: NumericArray) => NumericArray;

  /** @param read reads all elements, into an array of theirs or a new one. */
  constructor(dtype: DType, shape: readonly number[], read: (into?: NumericArray) => NumericArray) {
    super(dtype, shape, [] as never);
    this.#read = read;
    let elements: Data | undefined;
    Object.defineProperty(this, 'data', {
      get: () => (elements ??= this.#read() as unknown as Data),
      enumerable: true,
    });
  }

  /** Reads the elements into an array of theirs. */
  readInto(target: NumericArray): void {
    this.#read(target);
  }

  override copy(): NdArray {
    return new NdArray(this.dtype, [...this.shape], this.#read() as unknown as Data);
  }

  override reshape(shape: readonly number[]): NdArray {
    return sizeOf(shape) === this.size ? new StoredArray(this.dtype, shape, this.#read) : super.reshape(shape);
  }
}
