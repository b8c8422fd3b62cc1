/**
 * An array whose every version stays readable, while reading and changing the newest version costs no copy.
 *
 * The newest version holds the elements; an older one holds how it differs from the next. Reading an old version turns
 * the chain around first, so going back and forth between far versions is slow; loops do not do that.
 */
type Store<T> =
  | { readonly items: T[] }
  | { readonly index: number; readonly item: T; readonly next: PersistentArray<T> };

export class PersistentArray<T> {
  #store: Store<T>;

  private constructor(
    store: Store<T>,
    readonly length: number,
  ) {
    this.#store = store;
  }

  static of<T>(items: readonly T[]): PersistentArray<T> {
    return new PersistentArray<T>({ items: [...items] }, items.length);
  }

  get(index: number): T {
    return this.#own()[index];
  }

  toArray(): T[] {
    return this.#own().slice(0, this.length);
  }

  with(index: number, item: T): PersistentArray<T> {
    return this.#change(index, item, this.length);
  }

  withPushed(item: T): PersistentArray<T> {
    return this.#change(this.length, item, this.length + 1);
  }

  withoutLast(): PersistentArray<T> {
    const last = this.length - 1;
    return this.#change(last, undefined as T, last);
  }

  #change(index: number, item: T, length: number): PersistentArray<T> {
    const items = this.#own();
    const newest = new PersistentArray<T>({ items }, length);
    this.#store = { index, item: items[index], next: newest };
    items[index] = item;
    return newest;
  }

  /** The elements, after making this version the one that holds them. */
  #own(): T[] {
    if ('items' in this.#store) return this.#store.items;
    const path: PersistentArray<T>[] = [];
    let version: PersistentArray<T> = this;
    while (!('items' in version.#store)) {
      path.push(version);
      version = version.#store.next;
    }
    const { items } = version.#store;
    for (const older of path.reverse()) {
      const { index, item, next } = older.#store as Exclude<Store<T>, { items: T[] }>;
      next.#store = { index, item: items[index], next: older };
      items[index] = item;
      older.#store = { items };
    }
    return items;
  }
}
