/**
 * Writes the body of one WebAssembly function, instruction by instruction, as a stack machine reads it.
 *
 * Control flow is nested callbacks: `block`, `loop` and `if` give their body a label, `br(label)` leaves a block or starts a loop
 * again. Nothing is checked here: WebAssembly.validate is the judge, and specs assemble, instantiate and call.
 */
import { ByteWriter } from './byteWriter';
import {
  type AccessOp,
  type AtomicOp,
  alignmentOf,
  encodingOf,
  type LaneAccessOp,
  type LaneOp,
  type PlainOp,
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

export class FunctionBuilder {
  readonly #code = new ByteWriter();
  readonly #locals: ValueType[] = [];
  #depth = 0;

  constructor(readonly params: readonly Local[]) {}

  /** A new local variable, zero at first. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return { index: this.params.length + this.#locals.length - 1, type };
  }

  get(local: Local): this {
    this.#code.byte(0x20).unsigned(local.index);
    return this;
  }

  set(local: Local): this {
    this.#code.byte(0x21).unsigned(local.index);
    return this;
  }

  tee(local: Local): this {
    this.#code.byte(0x22).unsigned(local.index);
    return this;
  }

  getGlobal(global: GlobalRef): this {
    this.#code.byte(0x23).unsigned(global.index);
    return this;
  }

  setGlobal(global: GlobalRef): this {
    this.#code.byte(0x24).unsigned(global.index);
    return this;
  }

  /** A 32-bit integer, signed or unsigned. */
  i32(value: number): this {
    this.#code.byte(0x41).signed32(value);
    return this;
  }

  i64(value: bigint): this {
    this.#code.byte(0x42).signed64(value);
    return this;
  }

  f32(value: number): this {
    this.#code.byte(0x43).f32(value);
    return this;
  }

  f64(value: number): this {
    this.#code.byte(0x44).f64(value);
    return this;
  }

  /** A vector constant of four 32-bit integers. */
  i32x4(a: number, b = a, c = a, d = a): this {
    this.#constant().i32(a).i32(b).i32(c).i32(d);
    return this;
  }

  f32x4(a: number, b = a, c = a, d = a): this {
    this.#constant().f32(a).f32(b).f32(c).f32(d);
    return this;
  }

  f64x2(a: number, b = a): this {
    this.#constant().f64(a).f64(b);
    return this;
  }

  i64x2(a: bigint, b = a): this {
    this.#constant().i64(a).i64(b);
    return this;
  }

  /** A vector constant of 16 bytes. */
  v128(bytes: readonly number[]): this {
    this.#constant().bytes(bytes);
    return this;
  }

  /** An instruction without operands in the byte stream. */
  op(name: PlainOp): this {
    this.#code.bytes(encodingOf(name));
    return this;
  }

  /** A load or store at the address on the stack plus `offset`. */
  access(name: AccessOp, offset = 0): this {
    this.#code.bytes(encodingOf(name)).byte(alignmentOf(name)).unsigned(offset);
    return this;
  }

  atomic(name: AtomicOp, offset = 0): this {
    this.#code.bytes(encodingOf(name)).byte(alignmentOf(name)).unsigned(offset);
    return this;
  }

  laneAccess(name: LaneAccessOp, lane: number, offset = 0): this {
    this.#code.bytes(encodingOf(name)).byte(alignmentOf(name)).unsigned(offset).byte(lane);
    return this;
  }

  lane(name: LaneOp, lane: number): this {
    this.#code.bytes(encodingOf(name)).byte(lane);
    return this;
  }

  /** i8x16.shuffle with 16 byte indices into both operands. */
  shuffle(bytes: readonly number[]): this {
    this.#code.byte(0xfd).byte(0x0d).bytes(bytes);
    return this;
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
        this.#code.byte(0x05);
        otherwise();
      }
    });
  }

  br(label: Label): this {
    this.#code.byte(0x0c).unsigned(this.#depth - 1 - label.depth);
    return this;
  }

  brIf(label: Label): this {
    this.#code.byte(0x0d).unsigned(this.#depth - 1 - label.depth);
    return this;
  }

  call(target: FunctionRef): this {
    this.#code.byte(0x10).unsigned(target.index);
    return this;
  }

  /** memory.copy: destination, source and length are on the stack. */
  memoryCopy(): this {
    this.#code.bytes([0xfc, 0x0a, 0x00, 0x00]);
    return this;
  }

  /** memory.fill: destination, byte and length are on the stack. */
  memoryFill(): this {
    this.#code.bytes([0xfc, 0x0b, 0x00]);
    return this;
  }

  /** The body as the code section holds it: locals, instructions, end. */
  body(): ByteWriter {
    const groups: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = groups.at(-1);
      if (last?.type === type) last.count++;
      else groups.push({ type, count: 1 });
    }
    const out = new ByteWriter().unsigned(groups.length);
    for (const { type, count } of groups) out.unsigned(count).byte(TYPE_CODES[type]);
    return out.append(this.#code).byte(0x0b);
  }

  #nest(code: number, result: ValueType | undefined, body: (label: Label) => void): this {
    this.#code.byte(code).byte(result === undefined ? 0x40 : TYPE_CODES[result]);
    const label = { depth: this.#depth++ };
    body(label);
    this.#depth--;
    this.#code.byte(0x0b);
    return this;
  }

  #constant(): ByteWriter {
    return this.#code.byte(0xfd).byte(0x0c);
  }
}
