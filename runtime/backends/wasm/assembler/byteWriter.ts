/**
 * A buffer of bytes that grows, with the number formats of WebAssembly's binary format. Modules of ten thousand bytes are
 * assembled while a session's first run waits, so nothing is allocated per number.
 */

const number = new DataView(new ArrayBuffer(8));

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  bytes(values: ArrayLike<number>): this {
    this.#reserve(values.length);
    for (let i = 0; i < values.length; i++) this.#bytes[this.#length++] = values[i];
    return this;
  }

  /** Another writer's bytes. */
  append(other: ByteWriter): this {
    this.#reserve(other.#length);
    this.#bytes.set(other.#bytes.subarray(0, other.#length), this.#length);
    this.#length += other.#length;
    return this;
  }

  /** Another writer's bytes after their number, as sections, functions and names are written. */
  sized(other: ByteWriter): this {
    return this.unsigned(other.#length).append(other);
  }

  /** An unsigned LEB128 number. */
  unsigned(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.byte(rest);
  }

  /** A signed LEB128 number of 32 bits. */
  signed32(value: number): this {
    let rest = value | 0;
    while (rest < -0x40 || rest >= 0x40) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.byte(rest & 0x7f);
  }

  /** A signed LEB128 number of 64 bits. */
  signed64(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    while (rest < -0x40n || rest >= 0x40n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.byte(Number(rest & 0x7fn));
  }

  i32(value: number): this {
    number.setInt32(0, value | 0, true);
    return this.#number(4);
  }

  i64(value: bigint): this {
    number.setBigInt64(0, BigInt.asIntN(64, value), true);
    return this.#number(8);
  }

  f32(value: number): this {
    number.setFloat32(0, value, true);
    return this.#number(4);
  }

  f64(value: number): this {
    number.setFloat64(0, value, true);
    return this.#number(8);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #number(size: number): this {
    for (let i = 0; i < size; i++) this.byte(number.getUint8(i));
    return this;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
