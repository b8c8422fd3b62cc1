/**
 * Generated arrays for ops.spec.ts: from a fixed seed per op, so that a failing case fails again.
 */
import * as dtypes from '../../graph/dtypes';
import { type Element, NdArray, sizeOf } from '../../graph/ndarray';
import type { OpDef } from '../../graph/opDef';
import type { Tolerance } from '../support/close';
import type { Attributes, Inputs } from './oracle';

/** One call of an op. */
export interface Case {
  readonly inputs: Inputs;
  readonly attrs?: Attributes;
  readonly tolerance?: Tolerance;
  /** How many outputs to compare: TensorFlow leaves the others uninitialized. */
  readonly outputs?: number;
}

export type Maker = (make: Make, def: OpDef) => readonly Case[];

export interface Range {
  readonly low?: number;
  readonly high?: number;
  /** Also NaN, infinities and signed zeros. */
  readonly special?: boolean;
}

export const f32 = (values: readonly Element[] | Element) => NdArray.from(values, dtypes.float32);
export const i32 = (values: Element | readonly (Element | readonly Element[])[]) => NdArray.from(values, dtypes.int32);
export const i64 = (values: Element | readonly (Element | readonly Element[])[]) => NdArray.from(values, dtypes.int64);

/** The dtypes that are tried, where a signature allows them. */
const tried = [
  dtypes.float32,
  dtypes.float64,
  dtypes.int32,
  dtypes.int64,
  dtypes.uint8,
  dtypes.bool,
  dtypes.string,
] as const;

export const floats: readonly dtypes.DType[] = [dtypes.float32, dtypes.float64];
export const numbers: readonly dtypes.DType[] = tried.slice(0, 5);

const words = ['', 'a', 'Bc', ' x ', 'ünïcödé', '12', 'abc\ndef', '-3.5'];

export class Make {
  #state: number;

  constructor(seed: string) {
    this.#state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261);
  }

  /** Uniform in [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from low to high - 1. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low));
  }

  array(dtype: dtypes.DType, shape: readonly number[], { low, high, special = false }: Range = {}): NdArray {
    const one = (): Element => {
      if (dtype === dtypes.string) return words[this.integer(0, words.length)];
      if (dtype.isBool) return this.unit() < 0.5;
      if (dtype.isFloating) {
        if (special && this.unit() < 0.3) return [Number.NaN, Infinity, -Infinity, 0, -0][this.integer(0, 5)];
        return (low ?? -3) + this.unit() * ((high ?? 3) - (low ?? -3));
      }
      const from = dtype.isUnsigned ? Math.max(0, Math.ceil(low ?? 0)) : Math.ceil(low ?? -5);
      return this.integer(from, Math.max(from + 1, Math.floor(high ?? 6)));
    };
    const values = Array.from({ length: sizeOf(shape) }, one);
    return new NdArray(dtype, shape, NdArray.from(values, dtype).data as never);
  }

  /** Distinct integers 0 .. size - 1 in some order. */
  permutation(size: number): number[] {
    const list = Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = this.integer(0, i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}

/** The tried dtypes that a type attribute allows. */
export function legal(def: OpDef, attr: string): readonly dtypes.DType[] {
  const allowed = def.attrByName.get(attr)?.allowedTypes;
  return allowed ? tried.filter((dtype) => allowed.includes(dtype)) : tried;
}

/** `rows` for each legal dtype of an attribute. */
export function eachType<Row>(
  attr: string,
  rows: readonly Row[],
  build: (make: Make, dtype: dtypes.DType, row: Row) => Case,
): Maker {
  return (make, def) => legal(def, attr).flatMap((dtype) => rows.map((row) => build(make, dtype, row)));
}

export const unaryShapes: readonly (readonly number[])[] = [[], [0], [5], [2, 3], [1, 3, 2], [2, 0, 3], [17]];

export const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[3], [3]],
  [[2, 3], []],
  [[], [4]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[0], [1]],
  [
    [2, 0],
    [1, 1],
  ],
  [[5, 7], [7]],
  [[3], [4]],
];
