/**
 * A table from keys to values, as a session's resource. Keys of the same bytes are the same key.
 */
import type { DType } from '../graph/dtypes';
import { FailedPreconditionError, InvalidArgumentError } from '../graph/errors';
import { allocate, NdArray } from '../graph/ndarray';

type Item = NdArray['data'][number];

/** What a Map knows equal keys by. */
function identity(key: Item): unknown {
  const item = key as unknown;
  return item instanceof Uint8Array ? `bytes ${item.join()}` : typeof item === 'string' ? `text ${item}` : item;
}

export class LookupTable {
  readonly #entries = new Map<unknown, { readonly key: Item; readonly value: Item }>();
  #isFilled = false;

  constructor(
    readonly keyType: DType,
    readonly valueType: DType,
    /** Whether it may be changed after it was filled. */
    readonly isMutable: boolean,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  #checkTypes(keys: DType, values: DType | null): void {
    if (keys !== this.keyType || (values !== null && values !== this.valueType))
      throw new InvalidArgumentError(
        `Table key and value types must be ${this.keyType.cppName} and ${this.valueType.cppName}, got ${keys.cppName}${values ? ` and ${values.cppName}` : ''}.`,
      );
  }

  /** Fills a table once; again only with the same entries. */
  initialize(keys: NdArray, values: NdArray): void {
    this.#checkTypes(keys.dtype, values.dtype);
    if (keys.size !== values.size)
      throw new InvalidArgumentError(
        `Expected one value for each key, got ${keys.size} keys and ${values.size} values.`,
      );
    if (this.#isFilled) {
      const isSame =
        keys.size === this.size &&
        Array.from({ length: keys.size }, (_, i) => i).every(
          (i) => identity(this.#entries.get(identity(keys.data[i]))?.value as Item) === identity(values.data[i]),
        );
      if (!isSame) throw new FailedPreconditionError('Table was already initialized with different data.');
      return;
    }
    for (let i = 0; i < keys.size; i++) {
      const known = this.#entries.get(identity(keys.data[i]));
      if (known && identity(known.value) !== identity(values.data[i]))
        throw new InvalidArgumentError(
          `HashTable has different value for same key. Key ${keys.data[i]} has ${known.value} and trying to add value ${values.data[i]}`,
        );
      this.#set(keys.data[i], values.data[i]);
    }
    this.#isFilled = true;
  }

  #set(key: Item, value: Item): void {
    this.#entries.set(identity(key), { key, value });
  }

  insert(keys: NdArray, values: NdArray): void {
    this.#checkTypes(keys.dtype, values.dtype);
    if (keys.size !== values.size)
      throw new InvalidArgumentError(
        `Expected shape [${keys.shape.join(',')}] for value, got [${values.shape.join(',')}]`,
      );
    for (let i = 0; i < keys.size; i++) this.#set(keys.data[i], values.data[i]);
  }

  clear(): void {
    this.#entries.clear();
  }

  remove(keys: NdArray): void {
    this.#checkTypes(keys.dtype, null);
    for (let i = 0; i < keys.size; i++) this.#entries.delete(identity(keys.data[i]));
  }

  /** The value of each key, or `fallback`, which is one for all or one for each. */
  find(keys: NdArray, fallback: NdArray): NdArray {
    this.#checkTypes(keys.dtype, fallback.dtype);
    if (!this.isMutable && !this.#isFilled) throw new FailedPreconditionError('Table not initialized.');
    if (fallback.size !== 1 && fallback.size !== keys.size)
      throw new InvalidArgumentError(
        `Expected shape [] or [${keys.shape.join(',')}] for default value, got [${fallback.shape.join(',')}]`,
      );
    const out = allocate(this.valueType, keys.size) as unknown[];
    for (let i = 0; i < keys.size; i++) {
      const entry = this.#entries.get(identity(keys.data[i]));
      out[i] = entry ? entry.value : fallback.data[fallback.size === 1 ? 0 : i];
    }
    return new NdArray(this.valueType, keys.shape, out as never);
  }

  /** All keys and their values, in the order in which they came. */
  export(): [NdArray, NdArray] {
    const entries = [...this.#entries.values()];
    const list = (dtype: DType, items: readonly Item[]) => {
      const out = allocate(dtype, items.length) as unknown[];
      items.forEach((item, i) => {
        out[i] = item;
      });
      return new NdArray(dtype, [items.length], out as never);
    };
    return [
      list(
        this.keyType,
        entries.map(({ key }) => key),
      ),
      list(
        this.valueType,
        entries.map(({ value }) => value),
      ),
    ];
  }
}
