/**
 * Decompressing blocks. The package `snappyjs` does it; what may be wrong in a hostile block is looked for first, since
 * the package trusts the lengths that it finds.
 */
import { uncompress } from 'snappyjs';
import { Cursor } from './varint';

/**
 * The number of bytes that a snappy stream unpacks to, or undefined when it is not one: a length that disagrees with the
 * header or runs past the end, or a copy from before the start.
 */
export function snappyLength(bytes: Uint8Array): number | undefined {
  const cursor = new Cursor(bytes);
  const declared = cursor.varint();
  let { at } = cursor;
  let length = 0;
  while (at < bytes.length) {
    const tag = bytes[at++];
    if ((tag & 3) === 0) {
      let size = (tag >>> 2) + 1;
      if (size > 60) {
        const width = size - 60;
        if (at + width > bytes.length) return undefined;
        size = 1;
        for (let i = 0; i < width; i++) size += bytes[at + i] * 2 ** (8 * i);
        at += width;
      }
      at += size;
      length += size;
    } else {
      const width = [0, 1, 2, 4][tag & 3];
      if (at + width > bytes.length) return undefined;
      let distance = width === 1 ? (tag >>> 5) << 8 : 0;
      for (let i = 0; i < width; i++) distance += bytes[at + i] * 2 ** (8 * i);
      if (distance === 0 || distance > length) return undefined;
      at += width;
      length += width === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    }
  }
  return at === bytes.length && length === declared ? length : undefined;
}

/** A block unpacked, or undefined when it is not snappy. At most 32 times as long as the packed one. */
export function unpackSnappy(bytes: Uint8Array): Uint8Array | undefined {
  return snappyLength(bytes) === undefined ? undefined : uncompress(bytes);
}
