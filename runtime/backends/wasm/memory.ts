/**
 * The linear memory of a session: one WebAssembly.Memory and an allocator of 64-byte aligned blocks in it.
 *
 * Free blocks lie in bins by size (four to each power of two) and merge with free neighbours, so that allocating and
 * freeing take constant time, and a run that frees what it allocates leaves nothing behind. Contents are not cleared.
 * Who needs what and for how long is runtime/plan's affair; this file only hands out addresses.
 */
import type { DType, DTypeName } from '../../../graph/dtypes';
import { GraphTypeError, InternalError, ResourceExhaustedError } from '../../../graph/errors';
import { arrayTypes, type Data } from '../../../graph/ndarray';
import { bytesText } from './bytesText';

const PAGE = 65536;
const MOST_PAGES = 65536;
/** Blocks begin at multiples of a cache line, and take whole ones. */
const ALIGNMENT = 64;
/** Growing is by a quarter of what there is, and by no more than this beyond what is asked for. */
const MOST_SPARE = 64 * 1024 * 1024;
/** How many free blocks that may be too small are tried before larger ones are split. */
const TRIED_BLOCKS = 64;

export interface LinearMemoryOptions {
  /** Whether worker threads can see it. Needs SharedArrayBuffer: in browsers, cross-origin isolation. */
  readonly shared: boolean;
  /** Growth beyond this many bytes is refused; at most (and by default) 4 GiB. */
  readonly maximumBytes?: number;
}

export interface LinearMemoryStats {
  /** Bytes in blocks now, and at the worst moment so far. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** Bytes the memory holds, used or not, and may hold. */
  readonly capacityBytes: number;
  readonly maximumBytes: number;
  readonly blocks: number;
  readonly largestFreeBytes: number;
  /** Bytes of blocks by what `allocate` was told they are for, largest first. */
  readonly byPurpose: readonly { readonly purpose: string; readonly bytes: number; readonly blocks: number }[];
}

interface Block {
  readonly bytes: number;
  readonly purpose: string;
}

/**
 * The bin that holds free blocks of so many bytes: four bins to a power of two, so that blocks of one bin differ by less than
 * a quarter.
 */
function binOf(bytes: number): number {
  const lines = bytes / ALIGNMENT;
  if (lines < 4) return lines;
  const log = 31 - Math.clz32(lines);
  return log * 4 + ((lines >>> (log - 2)) & 3);
}

const BINS = binOf(PAGE * MOST_PAGES) + 2;

export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly maximumBytes: number;
  /** Views of the whole current memory; growth replaces them. */
  heapU8!: Uint8Array;
  heapI32!: Int32Array;
  heapF32!: Float32Array;
  heapF64!: Float64Array;
  #capacity: number;
  #used = 0;
  #peak = 0;
  #growths = 0;
  readonly #blocks = new Map<number, Block>();
  /** Free blocks: length by address, and address by end. */
  readonly #free = new Map<number, number>();
  readonly #freeByEnd = new Map<number, number>();
  readonly #bins: Set<number>[] = Array.from({ length: BINS }, () => new Set<number>());

  /** @throws ResourceExhaustedError when the engine has no room for another memory. */
  constructor({ shared, maximumBytes = PAGE * MOST_PAGES }: LinearMemoryOptions) {
    const maximum = Math.max(1, Math.min(MOST_PAGES, Math.floor(maximumBytes / PAGE)));
    this.shared = shared;
    this.maximumBytes = maximum * PAGE;
    try {
      this.memory = new WebAssembly.Memory({ initial: 1, maximum, shared });
    } catch (error) {
      throw new ResourceExhaustedError(
        `The JavaScript engine gives no WebAssembly memory of up to ${bytesText(this.maximumBytes)}` +
          `${shared ? ' that threads can share' : ''}: ${(error as Error).message}. ` +
          'Close sessions that are done, or give this one a smaller limit.',
      );
    }
    this.#capacity = PAGE;
    this.#refreshViews();
    // Address 0 stays unused, so that it can mean "nowhere".
    this.#addFree(ALIGNMENT, PAGE - ALIGNMENT);
  }

  /** Bytes in blocks that are not freed, rounded up to whole cache lines. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Bytes that the memory holds now. */
  get capacityBytes(): number {
    return this.#capacity;
  }

  /** How many times it grew: what was derived from the buffer under another number is out of date. */
  get growths(): number {
    return this.#growths;
  }

  /**
   * A block of at least so many bytes at an address that is a multiple of 64 and never 0. Its contents are whatever was
   * there. The memory grows if need be, which makes views of a memory that is not shared unusable.
   *
   * @param purpose what the block is for, shown where memory is listed or runs out.
   * @throws ResourceExhaustedError with what is in use.
   */
  allocate(bytes: number, purpose = 'values'): number {
    if (!(bytes >= 0)) throw new InternalError(`A block of ${bytes} bytes was asked for.`);
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    const address = this.#findFree(size) ?? this.#grow(size, bytes, purpose);
    const whole = this.#free.get(address)!;
    this.#removeFree(address, whole);
    if (whole > size) this.#addFree(address + size, whole - size);
    this.#blocks.set(address, { bytes: size, purpose });
    this.#used += size;
    if (this.#used > this.#peak) this.#peak = this.#used;
    return address;
  }

  /** Gives a block back. Its address must come from `allocate` and be freed once. */
  free(address: number): void {
    const block = this.#blocks.get(address);
    if (block === undefined)
      throw new InternalError(`Nothing is allocated at address ${address}: it was freed before.`);
    this.#blocks.delete(address);
    this.#used -= block.bytes;
    let [start, length] = [address, block.bytes];
    const after = this.#free.get(start + length);
    if (after !== undefined) {
      this.#removeFree(start + length, after);
      length += after;
    }
    const before = this.#freeByEnd.get(start);
    if (before !== undefined) {
      length += start - before;
      this.#removeFree(before, start - before);
      start = before;
    }
    this.#addFree(start, length);
  }

  /** Bytes of the block at an address. */
  sizeAt(address: number): number {
    const block = this.#blocks.get(address);
    if (block === undefined) throw new InternalError(`Nothing is allocated at address ${address}.`);
    return block.bytes;
  }

  /** The elements of a dtype at an address, as a view that is good until the memory grows. */
  view<N extends DTypeName>(dtype: DType<N>, address: number, length: number): Data<N> {
    const View = arrayTypes[dtype.name];
    if (View === undefined) {
      throw new GraphTypeError(`Values of type ${dtype.name} do not lie in linear memory. Run their ops on the host.`);
    }
    return new View(this.memory.buffer, address >>> 0, length) as Data<N>;
  }

  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address >>> 0, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address >>> 0, length);
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address >>> 0, length);
  }

  u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address >>> 0, length);
  }

  /** What is in use and what is left. Takes time in proportion to the number of blocks. */
  stats(): LinearMemoryStats {
    const purposes = new Map<string, { purpose: string; bytes: number; blocks: number }>();
    for (const { purpose, bytes } of this.#blocks.values()) {
      const sum = purposes.get(purpose) ?? { purpose, bytes: 0, blocks: 0 };
      sum.bytes += bytes;
      sum.blocks++;
      purposes.set(purpose, sum);
    }
    let largestFree = 0;
    for (const bytes of this.#free.values()) largestFree = Math.max(largestFree, bytes);
    return {
      usedBytes: this.#used,
      peakBytes: this.#peak,
      capacityBytes: this.#capacity,
      maximumBytes: this.maximumBytes,
      blocks: this.#blocks.size,
      largestFreeBytes: largestFree,
      byPurpose: [...purposes.values()].sort((a, b) => b.bytes - a.bytes),
    };
  }

  #refreshViews(): void {
    const { buffer } = this.memory;
    this.heapU8 = new Uint8Array(buffer);
    this.heapI32 = new Int32Array(buffer);
    this.heapF32 = new Float32Array(buffer);
    this.heapF64 = new Float64Array(buffer);
  }

  #addFree(address: number, bytes: number): void {
    this.#free.set(address, bytes);
    this.#freeByEnd.set(address + bytes, address);
    this.#bins[binOf(bytes)].add(address);
  }

  #removeFree(address: number, bytes: number): void {
    this.#free.delete(address);
    this.#freeByEnd.delete(address + bytes);
    this.#bins[binOf(bytes)].delete(address);
  }

  #findFree(size: number): number | undefined {
    const own = binOf(size);
    // An exact fit is common, since runs repeat their sizes; but the own bin also holds blocks that are too small.
    const near = this.#fitIn(own, size, TRIED_BLOCKS);
    if (near !== undefined) return near;
    for (let bin = own + 1; bin < BINS; bin++) for (const address of this.#bins[bin]) return address;
    return this.#bins[own].size > TRIED_BLOCKS ? this.#fitIn(own, size, Number.POSITIVE_INFINITY) : undefined;
  }

  #fitIn(bin: number, size: number, tries: number): number | undefined {
    let left = tries;
    for (const address of this.#bins[bin]) {
      if (this.#free.get(address)! >= size) return address;
      if (--left === 0) break;
    }
    return undefined;
  }

  /** Makes room at the end of the memory; the address of a free block that is large enough. */
  #grow(size: number, asked: number, purpose: string): number {
    const last = this.#freeByEnd.get(this.#capacity) ?? this.#capacity;
    const missing = Math.ceil((size - (this.#capacity - last)) / PAGE);
    const spare = Math.floor(Math.min(this.#capacity / 4, MOST_SPARE) / PAGE);
    const left = (this.maximumBytes - this.#capacity) / PAGE;
    if (missing > left) throw this.#exhausted(asked, purpose, null);
    try {
      this.#growBy(Math.min(missing + spare, left));
    } catch {
      try {
        this.#growBy(missing);
      } catch (error) {
        throw this.#exhausted(asked, purpose, error as Error);
      }
    }
    return last;
  }

  #growBy(pages: number): void {
    this.memory.grow(pages);
    const end = this.#capacity;
    const last = this.#freeByEnd.get(end) ?? end;
    if (last < end) this.#removeFree(last, end - last);
    this.#capacity += pages * PAGE;
    this.#growths++;
    this.#addFree(last, this.#capacity - last);
    this.#refreshViews();
  }

  #exhausted(asked: number, purpose: string, refusal: Error | null): ResourceExhaustedError {
    const { usedBytes, blocks, largestFreeBytes, byPurpose } = this.stats();
    const list = byPurpose.slice(0, 5).map((sum) => `${sum.purpose} ${bytesText(sum.bytes)} in ${sum.blocks}`);
    const limit =
      refusal === null
        ? `it may not grow beyond ${bytesText(this.maximumBytes)}`
        : `the JavaScript engine refuses to let it grow beyond ${bytesText(this.#capacity)} (${refusal.message})`;
    return new ResourceExhaustedError(
      `OOM when allocating ${bytesText(asked)} for ${purpose}: of the session's memory, ${bytesText(usedBytes)} are in use by ` +
        `${blocks} blocks${list.length > 0 ? ` (${list.join(', ')})` : ''}, the largest free block has ` +
        `${bytesText(largestFreeBytes)}, and ${limit}. Feed smaller batches, or fetch the parts in runs of their own.`,
    );
  }
}
