/**
 * Writes tables: the same bytes as TensorFlow's writer without compression.
 */
import { InternalError } from '../../../graph/errors';
import { crc32c, maskCrc } from '../crc32c';
import type { WritableFile } from '../fileSystem';
import { bytesOfKey, concatBytes, uint32Bytes } from './bytes';
import { type BlockHandle, BlockType, FOOTER_SIZE, MAGIC, RESTART_INTERVAL } from './format';
import { pushVarint } from './varint';

/** A block ends when it has so many bytes. */
const BLOCK_SIZE = 256 * 1024;

/** Collects the entries of one block. */
class BlockBuilder {
  #parts: Uint8Array[] = [];
  #size = 0;
  #restarts = [0];
  #sinceRestart = 0;
  #last = '';

  constructor(readonly interval: number) {}

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** What it would be as it stands, with its restarts. */
  get size(): number {
    return this.#size + this.#restarts.length * 4 + 4;
  }

  add(key: string, value: Uint8Array): void {
    let shared = 0;
    if (this.#sinceRestart < this.interval) {
      const most = Math.min(this.#last.length, key.length);
      while (shared < most && this.#last.charCodeAt(shared) === key.charCodeAt(shared)) shared++;
    } else {
      this.#restarts.push(this.#size);
      this.#sinceRestart = 0;
    }
    const head: number[] = [];
    pushVarint(head, shared);
    pushVarint(head, key.length - shared);
    pushVarint(head, value.length);
    for (const part of [Uint8Array.from(head), bytesOfKey(key.slice(shared)), value]) {
      this.#parts.push(part);
      this.#size += part.length;
    }
    this.#last = key;
    this.#sinceRestart++;
  }

  /** The block's bytes; the builder is empty again. */
  finish(): Uint8Array {
    const block = concatBytes([...this.#parts, ...this.#restarts.map(uint32Bytes), uint32Bytes(this.#restarts.length)]);
    this.#parts = [];
    this.#size = 0;
    this.#restarts = [0];
    this.#sinceRestart = 0;
    this.#last = '';
    return block;
  }
}

/** Writes one table. Call `add` with ascending keys, then `finish`; syncing and closing are the caller's. */
export class TableWriter {
  readonly #block = new BlockBuilder(RESTART_INTERVAL);
  readonly #index = new BlockBuilder(1);
  #offset = 0;
  #last = '';
  #count = 0;
  /** The block that was written last and is not in the index yet: its key there depends on what follows. */
  #pending: BlockHandle | undefined;

  constructor(readonly file: WritableFile) {}

  add(key: string, value: Uint8Array): void {
    if (this.#count++ > 0 && key <= this.#last) throw new InternalError('keys of a table must ascend');
    if (this.#pending) this.#indexPending(separator(this.#last, key));
    this.#block.add(key, value);
    this.#last = key;
    if (this.#block.size >= BLOCK_SIZE) this.#pending = this.#write(this.#block.finish());
  }

  finish(): void {
    if (!this.#block.isEmpty) this.#pending = this.#write(this.#block.finish());
    const meta = this.#write(new BlockBuilder(RESTART_INTERVAL).finish());
    if (this.#pending) this.#indexPending(successor(this.#last));
    const index = this.#write(this.#index.finish());
    const footer: number[] = [];
    for (const handle of [meta, index]) {
      pushVarint(footer, handle.offset);
      pushVarint(footer, handle.size);
    }
    while (footer.length < FOOTER_SIZE - MAGIC.length) footer.push(0);
    this.file.write(Uint8Array.from([...footer, ...MAGIC]));
  }

  #indexPending(key: string): void {
    const handle: number[] = [];
    pushVarint(handle, this.#pending!.offset);
    pushVarint(handle, this.#pending!.size);
    this.#index.add(key, Uint8Array.from(handle));
    this.#pending = undefined;
  }

  #write(block: Uint8Array): BlockHandle {
    const type = Uint8Array.of(BlockType.PLAIN);
    const whole = concatBytes([block, type, uint32Bytes(maskCrc(crc32c(type, crc32c(block))))]);
    this.file.write(whole);
    const handle = { offset: this.#offset, size: block.length };
    this.#offset += whole.length;
    return handle;
  }
}

/** A short key that is at least `before` and below `after`. */
export function separator(before: string, after: string): string {
  let i = 0;
  while (i < before.length && before[i] === after[i]) i++;
  if (i >= before.length || i >= after.length) return before;
  const byte = before.charCodeAt(i);
  return byte < 255 && byte + 1 < after.charCodeAt(i) ? before.slice(0, i) + String.fromCharCode(byte + 1) : before;
}

/** A short key that is at least `key`. */
export function successor(key: string): string {
  for (let i = 0; i < key.length; i++) {
    const byte = key.charCodeAt(i);
    if (byte !== 255) return key.slice(0, i) + String.fromCharCode(byte + 1);
  }
  return key;
}
