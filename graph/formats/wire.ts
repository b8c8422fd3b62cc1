/**
 * A strict look at the bytes of a message before they are decoded: lengths must fit into what they are in, tags into
 * their fields, nesting into a limit. Decoders forgive some of that and read something else; this says where it is wrong.
 */
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';

/** As deep as TensorFlow's own reader goes. */
const DEEPEST = 100;

/** What is wrong with a message, and where. */
export interface Damage {
  readonly offset: number;
  /** `node[3].attr`, or '' for the message itself. */
  readonly field: string;
  readonly text: string;
}

class Found extends Error {
  constructor(
    readonly offset: number,
    readonly text: string,
  ) {
    super(text);
  }
}

class Scanner {
  #at = 0;
  readonly #path: string[] = [];

  constructor(readonly bytes: Uint8Array) {}

  scan(message: DescMessage): Damage | null {
    try {
      this.#message(message, this.bytes.length);
      return null;
    } catch (error) {
      if (!(error instanceof Found)) throw error;
      return { offset: error.offset, field: this.#path.join('.'), text: error.text };
    }
  }

  #message(message: DescMessage, end: number): void {
    if (this.#path.length > DEEPEST) throw new Found(this.#at, `messages are nested more than ${DEEPEST} deep`);
    const counts = new Map<number, number>();
    while (this.#at < end) {
      const start = this.#at;
      const tag = this.#varint(end);
      const [number, wire] = [Math.floor(tag / 8), tag % 8];
      if (number === 0 || number > 0x1fffffff || wire > 5 || wire === WireType.EndGroup)
        throw new Found(start, `there is no field ${number} of wire type ${wire}`);
      const field = message.fields.find((each) => each.number === number);
      const count = counts.get(number) ?? 0;
      counts.set(number, count + 1);
      const isList = field?.fieldKind === 'list' || field?.fieldKind === 'map';
      this.#path.push(field ? `${field.name}${isList ? `[${count}]` : ''}` : `#${number}`);
      if (field && !allows(field, wire)) throw new Found(start, `its wire type is ${wire}`);
      this.#value(field, wire, end);
      this.#path.pop();
    }
  }

  #value(field: DescField | undefined, wire: number, end: number): void {
    switch (wire) {
      case WireType.Varint:
        this.#varint(end);
        return;
      case WireType.Bit64:
        this.#skip(8, end);
        return;
      case WireType.Bit32:
        this.#skip(4, end);
        return;
      case WireType.LengthDelimited:
        this.#delimited(field, end);
        return;
      default:
        throw new Found(this.#at, 'groups do not occur in these files');
    }
  }

  #delimited(field: DescField | undefined, end: number): void {
    const start = this.#at;
    const length = this.#varint(end);
    const inner = this.#at + length;
    if (inner > end) throw new Found(start, `it claims ${length} bytes, where ${end - this.#at} are left`);
    const message = field?.message;
    if (field?.fieldKind === 'map') this.#mapEntry(field, inner);
    else if (message) this.#message(message, inner);
    else if (isPackedVarint(field)) while (this.#at < inner) this.#varint(inner);
    else this.#at = inner;
    if (this.#at !== inner) throw new Found(this.#at, 'it does not end where it should');
  }

  #mapEntry(field: DescField & { fieldKind: 'map' }, end: number): void {
    while (this.#at < end) {
      const start = this.#at;
      const tag = this.#varint(end);
      const [number, wire] = [Math.floor(tag / 8), tag % 8];
      if ((number !== 1 && number !== 2) || wire > 5)
        throw new Found(start, `an entry of a map has no field ${number}`);
      if (number === 2 && field.message && wire === WireType.LengthDelimited) {
        const at = this.#at;
        const length = this.#varint(end);
        const inner = this.#at + length;
        if (inner > end) throw new Found(at, `it claims ${length} bytes, where ${end - this.#at} are left`);
        this.#message(field.message, inner);
      } else this.#value(undefined, wire, end);
    }
  }

  #skip(bytes: number, end: number): void {
    if (this.#at + bytes > end) throw new Found(this.#at, 'it is cut off');
    this.#at += bytes;
  }

  /** A varint; exact up to 53 bits, which is enough for tags and lengths. */
  #varint(end: number): number {
    const start = this.#at;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= end) throw new Found(start, 'it is cut off');
      const byte = this.bytes[this.#at++];
      if (shift < 56) value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Found(start, 'a number has more than ten bytes');
  }
}

/** Scalars of lists may be packed, or stand alone; strings and messages are always delimited. */
function allows(field: DescField, wire: number): boolean {
  if (field.fieldKind === 'map' || field.message) return wire === WireType.LengthDelimited;
  const scalar = field.fieldKind === 'scalar' || field.fieldKind === 'list' ? field.scalar : undefined;
  const own = scalar === undefined ? WireType.Varint : wireTypes[scalar];
  return wire === own || (field.fieldKind === 'list' && wire === WireType.LengthDelimited);
}

/** Wire types of the scalar types, by their numbers in descriptors. */
const wireTypes: Readonly<Record<number, number>> = {
  1: WireType.Bit64,
  2: WireType.Bit32,
  3: WireType.Varint,
  4: WireType.Varint,
  5: WireType.Varint,
  6: WireType.Bit64,
  7: WireType.Bit32,
  8: WireType.Varint,
  9: WireType.LengthDelimited,
  12: WireType.LengthDelimited,
  13: WireType.Varint,
  15: WireType.Bit32,
  16: WireType.Bit64,
  17: WireType.Varint,
  18: WireType.Varint,
};

function isPackedVarint(field: DescField | undefined): boolean {
  if (field?.fieldKind !== 'list') return false;
  return field.listKind === 'enum' || (field.listKind === 'scalar' && wireTypes[field.scalar] === WireType.Varint);
}

/** The first thing that is wrong with the bytes of a message; null when they can be decoded. */
export function damageOf(message: DescMessage, bytes: Uint8Array): Damage | null {
  return new Scanner(bytes).scan(message);
}
