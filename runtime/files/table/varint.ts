/**
 * Numbers of variable length, seven bits a byte, lowest first: as tables and bundles hold them.
 */

/** Where in some bytes a reader stands. Reads give undefined past the end, or for a number that is too large. */
export class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    readonly end = bytes.length,
  ) {}

  /** A number of up to 53 bits. */
  varint(): number | undefined {
    let value = 0;
    for (let scale = 1; this.at < this.end; scale *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) return undefined;
      if (byte < 128) return value;
      if (scale > 2 ** 63) return undefined;
    }
    return undefined;
  }
}

/** Appends a number to a list of bytes. */
export function pushVarint(out: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
}

/** The bytes of a number. */
export function varintBytes(value: number): Uint8Array {
  const out: number[] = [];
  pushVarint(out, value);
  return Uint8Array.from(out);
}
