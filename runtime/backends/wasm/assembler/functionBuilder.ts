/**
 * Writes the body of one WebAssembly function, instruction by instruction, as a stack machine reads it.
 *
 * Control flow is nested callbacks: `block`, `loop` and `if` give their body a label, `br(label)` leaves a block or starts a loop
 * again. Nothing is checked here: WebAssembly.validate is the judge, and specs assemble, instantiate and call.
 */
import {
  type AccessOp,
  type AtomicOp,
  alignmentOf,
  encodingOf,
  type LaneAccessOp,
  type LaneOp,
  type PlainOp,
  unsignedLeb,
} from './opcodes';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export const TYPE_CODES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** The depth of a block, counted from the outside. */
export interface Label {
  readonly depth: number;
}

/** Something that can be called: its index in the module. */
export interface FunctionRef {
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A global: its index in the module. */
export interface GlobalRef {
  readonly index: number;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The bytes of a signed LEB128 number. */
export function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

export class FunctionBuilder {
  readonly #code: number[] = [];
  readonly #locals: ValueType[] = [];
  #depth = 0;

  constructor(readonly params: readonly Local[]) {}

  /** A new local variable, zero at first. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return { index: this.params.length + this.#locals.length - 1, type };
  }

  get(local: Local): this {
    return this.#emit(0x20, ...unsignedLeb(local.index));
  }

  set(local: Local): this {
    return this.#emit(0x21, ...unsignedLeb(local.index));
  }

  tee(local: Local): this {
    return this.#emit(0x22, ...unsignedLeb(local.index));
  }

  getGlobal(global: GlobalRef): this {
    return this.#emit(0x23, ...unsignedLeb(global.index));
  }

  setGlobal(global: GlobalRef): this {
    return this.#emit(0x24, ...unsignedLeb(global.index));
  }

  /** A 32-bit integer, signed or unsigned. */
  i32(value: number): this {
    return this.#emit(0x41, ...signedLeb(BigInt(value | 0)));
  }

  i64(value: bigint): this {
    return this.#emit(0x42, ...signedLeb(BigInt.asIntN(64, value)));
  }

  f32(value: number): this {
    scratch.setFloat32(0, value, true);
    return this.#emit(0x43, ...this.#scratchBytes(4));
  }

  f64(value: number): this {
    scratch.setFloat64(0, value, true);
    return this.#emit(0x44, ...this.#scratchBytes(8));
  }

  /** A vector constant of four 32-bit integers. */
  i32x4(a: number, b = a, c = a, d = a): this {
    const bytes = [a, b, c, d].flatMap((lane) => {
      scratch.setInt32(0, lane | 0, true);
      return this.#scratchBytes(4);
    });
    return this.v128(bytes);
  }

  f32x4(a: number, b = a, c = a, d = a): this {
    const bytes = [a, b, c, d].flatMap((lane) => {
      scratch.setFloat32(0, lane, true);
      return this.#scratchBytes(4);
    });
    return this.v128(bytes);
  }

  f64x2(a: number, b = a): this {
    const bytes = [a, b].flatMap((lane) => {
      scratch.setFloat64(0, lane, true);
      return this.#scratchBytes(8);
    });
    return this.v128(bytes);
  }

  i64x2(a: bigint, b = a): this {
    const bytes = [a, b].flatMap((lane) => {
      scratch.setBigInt64(0, BigInt.asIntN(64, lane), true);
      return this.#scratchBytes(8);
    });
    return this.v128(bytes);
  }

  /** A vector constant of 16 bytes. */
  v128(bytes: readonly number[]): this {
    return this.#emit(0xfd, 0x0c, ...bytes);
  }

  /** An instruction without operands in the byte stream. */
  op(name: PlainOp): this {
    return this.#emit(...encodingOf(name));
  }

  /** A load or store at the address on the stack plus `offset`. */
  access(name: AccessOp, offset = 0): this {
    return this.#emit(...encodingOf(name), alignmentOf(name), ...unsignedLeb(offset));
  }

  atomic(name: AtomicOp, offset = 0): this {
    return this.#emit(...encodingOf(name), alignmentOf(name), ...unsignedLeb(offset));
  }

  laneAccess(name: LaneAccessOp, lane: number, offset = 0): this {
    return this.#emit(...encodingOf(name), alignmentOf(name), ...unsignedLeb(offset), lane);
  }

  lane(name: LaneOp, lane: number): this {
    return this.#emit(...encodingOf(name), lane);
  }

  /** i8x16.shuffle with 16 byte indices into both operands. */
  shuffle(bytes: readonly number[]): this {
    return this.#emit(0xfd, 0x0d, ...bytes);
  }

  /** A shuffle of 32-bit lanes: 0 to 3 of the first operand, 4 to 7 of the second. */
  shuffle32(a: number, b: number, c: number, d: number): this {
    return this.shuffle([a, b, c, d].flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)));
  }

  block(body: (end: Label) => void, result?: ValueType): this {
    return this.#nest(0x02, result, body);
  }

  /** `br(label)` within starts again. */
  loop(body: (start: Label) => void): this {
    return this.#nest(0x03, undefined, body);
  }

  /** Takes the condition from the stack. */
  if(then: (end: Label) => void, otherwise?: () => void, result?: ValueType): this {
    return this.#nest(0x04, result, (label) => {
      then(label);
      if (otherwise) {
        this.#emit(0x05);
        otherwise();
      }
    });
  }

  br(label: Label): this {
    return this.#emit(0x0c, ...unsignedLeb(this.#depth - 1 - label.depth));
  }

  brIf(label: Label): this {
    return this.#emit(0x0d, ...unsignedLeb(this.#depth - 1 - label.depth));
  }

  call(target: FunctionRef): this {
    return this.#emit(0x10, ...unsignedLeb(target.index));
  }

  /** memory.copy: destination, source and length are on the stack. */
  memoryCopy(): this {
    return this.#emit(0xfc, 0x0a, 0x00, 0x00);
  }

  /** memory.fill: destination, byte and length are on the stack. */
  memoryFill(): this {
    return this.#emit(0xfc, 0x0b, 0x00);
  }

  /** The body as the code section holds it: locals, instructions, end. */
  toBytes(): number[] {
    const groups: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = groups.at(-1);
      if (last?.type === type) last.count++;
      else groups.push({ type, count: 1 });
    }
    const locals = groups.flatMap(({ type, count }) => [...unsignedLeb(count), TYPE_CODES[type]]);
    const body = [...unsignedLeb(groups.length), ...locals];
    for (const byte of this.#code) body.push(byte);
    body.push(0x0b);
    return body;
  }

  #nest(code: number, result: ValueType | undefined, body: (label: Label) => void): this {
    this.#emit(code, result === undefined ? 0x40 : TYPE_CODES[result]);
    const label = { depth: this.#depth++ };
    body(label);
    this.#depth--;
    return this.#emit(0x0b);
  }

  #emit(...bytes: number[]): this {
    for (const byte of bytes) this.#code.push(byte);
    return this;
  }

  #scratchBytes(count: number): number[] {
    return Array.from({ length: count }, (_, i) => scratch.getUint8(i));
  }
}
