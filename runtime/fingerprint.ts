/**
 * FarmHash's 64-bit fingerprint, by which TensorFlow puts strings into buckets. The same bytes have the same number on
 * every machine and for all time, so models trained there agree with it.
 */
const MASK = (1n << 64n) - 1n;

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;

const cut = (value: bigint): bigint => value & MASK;
const times = (a: bigint, b: bigint): bigint => cut(a * b);
const rotate = (value: bigint, by: bigint): bigint => cut((value >> by) | (value << (64n - by)));
const mix = (value: bigint): bigint => value ^ (value >> 47n);

function ofTwo(u: bigint, v: bigint, factor: bigint): bigint {
  const a = mix(times(u ^ v, factor));
  return times(mix(times(v ^ a, factor)), factor);
}

type Pair = readonly [bigint, bigint];

class Bytes {
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** Eight bytes; counted from the end if negative. */
  at(position: number): bigint {
    return this.#view.getBigUint64(position < 0 ? this.length + position : position, true);
  }

  half(position: number): bigint {
    return BigInt(this.#view.getUint32(position < 0 ? this.length + position : position, true));
  }

  /** 32 bytes and two seeds as two numbers. */
  weak(position: number, first: bigint, second: bigint): Pair {
    const z = this.at(position + 24);
    const a = cut(first + this.at(position));
    const b = rotate(cut(second + a + z), 21n);
    const sum = cut(a + this.at(position + 8) + this.at(position + 16));
    return [cut(sum + z), cut(b + rotate(sum, 44n) + a)];
  }
}

function short(s: Bytes): bigint {
  const length = BigInt(s.length);
  const factor = K2 + length * 2n;
  if (s.length >= 8) {
    const a = cut(s.at(0) + K2);
    const b = s.at(-8);
    return ofTwo(cut(times(rotate(b, 37n), factor) + a), times(cut(rotate(a, 25n) + b), factor), factor);
  }
  if (s.length >= 4) return ofTwo(length + (s.half(0) << 3n), s.half(-4), factor);
  if (s.length === 0) return K2;
  const [a, b, c] = [s.bytes[0], s.bytes[s.length >> 1], s.bytes[s.length - 1]].map(BigInt);
  return times(mix(times(a + (b << 8n), K2) ^ times(length + (c << 2n), K0)), K2);
}

/** What strings of 17 to 64 bytes begin with. */
function middle(s: Bytes, a: bigint, factor: bigint): Pair {
  const b = s.at(8);
  const c = times(s.at(-8), factor);
  const d = times(s.at(-16), K2);
  return [cut(rotate(cut(a + b), 43n) + rotate(c, 30n) + d), cut(a + rotate(cut(b + K2), 18n) + c)];
}

function to64(s: Bytes): bigint {
  const factor = cut(K2 + BigInt(s.length) * 2n);
  const a = times(s.at(0), K2);
  const [y, second] = middle(s, a, factor);
  const z = ofTwo(y, second, factor);
  const e = times(s.at(16), factor);
  const f = s.at(24);
  const g = times(cut(y + s.at(-32)), factor);
  const h = times(cut(z + s.at(-24)), factor);
  return ofTwo(cut(rotate(cut(e + f), 43n) + rotate(g, 30n) + h), cut(e + rotate(cut(f + a), 18n) + g), factor);
}

function long(s: Bytes): bigint {
  let x = cut(81n * K2 + s.at(0));
  let y = cut(81n * K1 + 113n);
  let z = times(mix(cut(times(y, K2) + 113n)), K2);
  let v: Pair = [0n, 0n];
  let w: Pair = [0n, 0n];
  const round = (at: number, factor: bigint, weight: bigint) => {
    x = times(rotate(cut(x + y + v[0] + s.at(at + 8)), 37n), factor);
    y = times(rotate(cut(y + v[1] + s.at(at + 48)), 42n), factor);
    x ^= times(w[1], weight);
    y = cut(y + v[0] * weight + s.at(at + 40));
    z = times(rotate(cut(z + w[0]), 33n), factor);
    v = s.weak(at, times(v[1], factor), cut(x + w[0]));
    w = s.weak(at + 32, cut(z + w[1]), cut(y + s.at(at + 16)));
    [z, x] = [x, z];
  };
  const end = Math.floor((s.length - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) round(at, K1, 1n);
  const factor = cut(K1 + ((z & 0xffn) << 1n));
  const first = cut(w[0] + BigInt((s.length - 1) & 63));
  v = [cut(v[0] + first), v[1]];
  w = [cut(first + v[0]), w[1]];
  round(s.length - 64, factor, 9n);
  const a = cut(ofTwo(v[0], w[0], factor) + times(mix(y), K0) + z);
  return ofTwo(a, cut(ofTwo(v[1], w[1], factor) + x), factor);
}

/** The fingerprint of some bytes, from 0 to 2⁶⁴ - 1. */
export function fingerprint64(bytes: Uint8Array): bigint {
  const s = new Bytes(bytes);
  if (s.length <= 16) return short(s);
  if (s.length > 64) return long(s);
  if (s.length > 32) return to64(s);
  const factor = cut(K2 + BigInt(s.length) * 2n);
  const [first, second] = middle(s, times(s.at(0), K1), factor);
  return ofTwo(first, second, factor);
}
