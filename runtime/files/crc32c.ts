/**
 * CRC-32C, the checksum of TensorFlow's files, and the mask under which it is stored.
 *
 * Computed by the package `@node-rs/crc32` where it can be loaded (it uses the processor's own instruction), and by
 * tables otherwise. Both give the same numbers.
 */
import { optionalPackage } from '../nodeModules';

type Extend = (bytes: Uint8Array, crc: number) => number;

/** The polynomial of Castagnoli, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

let tables: readonly Uint32Array[] | undefined;

/** `tables[k][b]`: the effect of byte `b` when `k` more bytes follow it. */
function makeTables(): readonly Uint32Array[] {
  const all = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    all[0][byte] = crc;
  }
  for (let k = 1; k < 8; k++)
    for (let byte = 0; byte < 256; byte++) {
      const before = all[k - 1][byte];
      all[k][byte] = (before >>> 8) ^ all[0][before & 255];
    }
  return all;
}

/** The checksum of bytes that follow those with checksum `crc`, by tables: eight bytes at a time. */
export function crc32cByTables(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = (tables ??= makeTables());
  let state = ~crc;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    state ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    state =
      t7[state & 255] ^
      t6[(state >>> 8) & 255] ^
      t5[(state >>> 16) & 255] ^
      t4[state >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]];
  }
  for (; i < bytes.length; i++) state = t0[(state ^ bytes[i]) & 255] ^ (state >>> 8);
  return ~state >>> 0;
}

/** The checksum function of `@node-rs/crc32`, or undefined where the package cannot be loaded. */
export function nativeCrc32c(): Extend | undefined {
  return optionalPackage<{ crc32c: Extend }>('@node-rs/crc32')?.crc32c;
}

let chosen: Extend | undefined;

/** The CRC-32C of bytes, or of all bytes so far when `crc` is the checksum of those before. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  chosen ??= nativeCrc32c() ?? crc32cByTables;
  return chosen(bytes, crc);
}

/** A checksum as files hold it: a checksum of data that holds checksums would be weak without this. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

/** The checksum under a mask. */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - MASK_DELTA) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** The masked checksum of bytes. */
export function maskedCrc32c(bytes: Uint8Array): number {
  return maskCrc(crc32c(bytes));
}
