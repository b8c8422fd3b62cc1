/**
 * Keys of tables: strings of bytes, held as JavaScript strings with one character a byte, so that maps find them and `<`
 * orders them as tables do.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as a key. */
export function keyOfBytes(bytes: Uint8Array): string {
  let key = '';
  for (let i = 0; i < bytes.length; i += 4096) key += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return key;
}

/** A key's bytes. */
export function bytesOfKey(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/** Text as a key, in UTF-8. */
export function keyOfText(text: string): string {
  return keyOfBytes(encoder.encode(text));
}

/** A key as text, where it is UTF-8; as it is otherwise. */
export function textOfKey(key: string): string {
  try {
    return decoder.decode(bytesOfKey(key));
  } catch {
    return key;
  }
}

/** Parts, one after the other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A 32-bit number in four bytes, lowest first. */
export function uint32Bytes(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** The 32-bit number at a position, lowest byte first. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
