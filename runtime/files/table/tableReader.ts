/**
 * Reads tables, block by block. What is wrong with a file is a DataLossError that names it and the offset.
 *
 * A table's checksums are always checked. Memory stays below a small multiple of the largest block, whatever the file says.
 */
import { DataLossError } from '../../../graph/errors';
import { crc32c, unmaskCrc } from '../crc32c';
import type { FileSystem, ReadableFile } from '../fileSystem';
import { keyOfBytes, uint32At } from './bytes';
import { type BlockHandle, BlockType, FOOTER_SIZE, MAGIC, TRAILER_SIZE } from './format';
import { unpackSnappy } from './snappy';
import { Cursor } from './varint';

export interface TableEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Where the entry's block starts in the file, for messages. */
  readonly block: number;
}

/** Keys may be longer than the file, for they share beginnings; a file that says more than this wants to fill the memory. */
const MOST_SHARING = 64;

function dataLoss(path: string, offset: number, what: string): DataLossError {
  return new DataLossError(`${path}: ${what} at offset ${offset}`);
}

/** A table open for reading. */
export class Table {
  readonly #file: ReadableFile;
  /** What the keys of all blocks read so far may take. */
  readonly #budget: { keys: number; most: number };
  /** The blocks, each with a key that is not below any of its own. */
  readonly #blocks: { readonly key: string; readonly handle: BlockHandle }[] = [];

  /** DataLossError for a file that is no table. */
  constructor(
    fileSystem: FileSystem,
    readonly path: string,
  ) {
    this.#file = fileSystem.openRead(path);
    this.#budget = { keys: 0, most: MOST_SHARING * this.#file.size };
    try {
      const index = readBlock(path, this.#file, readFooter(path, this.#file));
      for (const { key, value, block } of entriesOf(path, index, this.#budget)) {
        const handle = readHandle(new Cursor(value));
        if (!handle) throw dataLoss(path, block, 'corrupted block handle in the index block');
        this.#blocks.push({ key, handle });
      }
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** All entries, in order. */
  *entries(): Generator<TableEntry, void> {
    let last: string | undefined;
    for (const { handle } of this.#blocks) {
      for (const entry of entriesOf(this.path, readBlock(this.path, this.#file, handle), this.#budget)) {
        if (last !== undefined && entry.key <= last)
          throw dataLoss(this.path, entry.block, 'keys out of order in the block');
        last = entry.key;
        yield entry;
      }
    }
  }

  /** The entry of a key. */
  find(key: string): TableEntry | undefined {
    let [low, high] = [0, this.#blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle].key < key) low = middle + 1;
      else high = middle;
    }
    if (low === this.#blocks.length) return undefined;
    const block = readBlock(this.path, this.#file, this.#blocks[low].handle);
    const budget = { keys: 0, most: this.#budget.most };
    for (const entry of entriesOf(this.path, block, budget)) if (entry.key === key) return entry;
    return undefined;
  }

  close(): void {
    this.#file.close();
  }
}

/** The entries of a table, in order. The file is closed at the end, or when the caller stops. */
export function* readTable(fileSystem: FileSystem, path: string): Generator<TableEntry, void> {
  const table = new Table(fileSystem, path);
  try {
    yield* table.entries();
  } finally {
    table.close();
  }
}

/** The handle of the index block. */
function readFooter(path: string, file: ReadableFile): BlockHandle {
  const start = file.size - FOOTER_SIZE;
  if (start < 0) {
    throw new DataLossError(
      `${path}: file is too short to be an sstable: ${file.size} bytes, a footer has ${FOOTER_SIZE}`,
    );
  }
  const footer = new Uint8Array(FOOTER_SIZE);
  if (file.read(start, footer) < FOOTER_SIZE) throw dataLoss(path, start, 'truncated footer');
  const magicAt = FOOTER_SIZE - MAGIC.length;
  if (!MAGIC.every((byte, i) => footer[magicAt + i] === byte)) {
    throw dataLoss(path, start + magicAt, 'not an sstable (bad magic number)');
  }
  const cursor = new Cursor(footer, 0, magicAt);
  const index = readHandle(cursor) && readHandle(cursor);
  if (!index) throw dataLoss(path, start, 'corrupted footer');
  return index;
}

function readHandle(cursor: Cursor): BlockHandle | undefined {
  const offset = cursor.varint();
  const size = cursor.varint();
  return offset === undefined || size === undefined ? undefined : { offset, size };
}

interface Block {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

function readBlock(path: string, file: ReadableFile, { offset, size }: BlockHandle): Block {
  if (offset + size + TRAILER_SIZE > file.size - FOOTER_SIZE) {
    throw dataLoss(path, offset, `block of ${size} bytes runs past the end of the file`);
  }
  const whole = new Uint8Array(size + TRAILER_SIZE);
  if (file.read(offset, whole) < whole.length) throw dataLoss(path, offset, 'truncated block read');
  if (crc32c(whole.subarray(0, size + 1)) !== unmaskCrc(uint32At(whole, size + 1))) {
    throw dataLoss(path, offset, `block checksum mismatch: the block of ${size} bytes`);
  }
  const held = whole.subarray(0, size);
  if (whole[size] === BlockType.PLAIN) return { bytes: held, offset };
  if (whole[size] !== BlockType.SNAPPY) throw dataLoss(path, offset, `bad block type ${whole[size]}`);
  const bytes = unpackSnappy(held);
  if (!bytes) throw dataLoss(path, offset, 'corrupted compressed block contents');
  return { bytes, offset };
}

/** The entries of a block. `budget` counts the bytes of all keys of the file. */
function* entriesOf(
  path: string,
  { bytes, offset }: Block,
  budget: { keys: number; most: number },
): Generator<TableEntry> {
  const restarts = bytes.length < 4 ? 0 : uint32At(bytes, bytes.length - 4);
  const end = bytes.length - 4 - restarts * 4;
  if (end < 0) throw dataLoss(path, offset, 'bad block contents');
  const cursor = new Cursor(bytes, 0, end);
  let key = '';
  while (cursor.at < end) {
    const shared = cursor.varint();
    const own = cursor.varint();
    const length = cursor.varint();
    if (shared === undefined || own === undefined || length === undefined)
      throw dataLoss(path, offset, 'bad entry in block');
    if (shared > key.length || cursor.at + own + length > end) throw dataLoss(path, offset, 'bad entry in block');
    budget.keys += shared + own;
    if (budget.keys > budget.most) throw dataLoss(path, offset, 'keys longer than the file allows, in the block');
    key = key.slice(0, shared) + keyOfBytes(bytes.subarray(cursor.at, cursor.at + own));
    cursor.at += own;
    const value = bytes.subarray(cursor.at, cursor.at + length);
    cursor.at += length;
    yield { key, value, block: offset };
  }
}
