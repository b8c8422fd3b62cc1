/**
 * Concrete values: what constants hold, what is fed and what `session.run` returns.
 *
 * An NdArray is dense, row-major and treated as immutable by everything but its owner. It does no arithmetic: that is
 * runtime/kernels. It lives in this room since a constant's value is part of the graph and shape inference reads it.
 */

import type { DType, DTypeName } from './dtypes';
import * as dtypes from './dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from './errors';

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Strings that are valid UTF-8 are held as `string`, other bytes as Uint8Array. */
export type StringElement = string | Uint8Array;

/** The array behind an NdArray of each dtype; bool is held as 0 and 1. */
export interface DataByDType {
  float16: Uint16Array;
  bfloat16: Uint16Array;
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  string: StringElement[];
  complex64: Float32Array;
  complex128: Float64Array;
  resource: never;
  variant: never;
}

export type Data<N extends DTypeName = DTypeName> = DataByDType[N];

/** One element as users see it. */
export type Element = number | bigint | boolean | StringElement;

export type NestedElement = Element | readonly NestedElement[];

/** What can be turned into an NdArray: scalars, nested arrays of them, typed arrays, and anything with data and shape. */
export type ArrayLike =
  | Element
  | NumericArray
  | Uint8ClampedArray
  | readonly ArrayLike[]
  | NdArray
  | { readonly data: NumericArray | readonly Element[]; readonly shape: readonly number[] };

export interface NumericArrayType {
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): NumericArray;
}

/** What holds the elements of each dtype of numbers: halves as their bits, bools as 0 and 1. */
export const arrayTypes: Partial<Record<DTypeName, NumericArrayType>> = {
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** A zeroed array for `size` elements of a dtype (empty strings for string). */
export function allocate<N extends DTypeName>(dtype: DType<N>, size: number): Data<N> {
  if (dtype.name === 'string') return new Array<string>(size).fill('') as Data<N>;
  const Constructor = arrayTypes[dtype.name];
  if (!Constructor)
    throw new GraphTypeError(`Values of type ${dtype.name} are not supported. Cast to a supported type first.`);
  return new Constructor(size) as Data<N>;
}

/** Number of elements of a concrete shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

/** A dense array with a dtype and a shape: what numpy's ndarray is to TensorFlow. */
export class NdArray<N extends DTypeName = DTypeName> {
  constructor(
    readonly dtype: DType<N>,
    readonly shape: readonly number[],
    readonly data: Data<N>,
  ) {}

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** A zeroed array. */
  static zeros<N extends DTypeName>(dtype: DType<N>, shape: readonly number[]): NdArray<N> {
    return new NdArray(dtype, shape, allocate(dtype, sizeOf(shape)));
  }

  /** A scalar of that dtype. The value is converted as `from` converts. */
  static scalar<N extends DTypeName>(dtype: DType<N>, value: Element): NdArray<N> {
    return NdArray.from(value, dtype) as NdArray<N>;
  }

  /** A vector of that dtype. */
  static vector<N extends DTypeName>(dtype: DType<N>, values: readonly Element[]): NdArray<N> {
    return NdArray.from(values, dtype) as NdArray<N>;
  }

  /**
   * Converts a JavaScript value. Without `dtype`, numbers become float32, bigints int64, booleans bool, strings string,
   * and typed arrays keep their type. With `dtype`, numbers must be representable: a fraction or a value out of range
   * for an integer dtype, or text for a number, is a TypeError; a ragged list is a ValueError.
   */
  static from(value: ArrayLike, dtype?: DType): NdArray {
    if (value instanceof NdArray)
      return dtype === undefined || dtype === value.dtype ? value : convertArray(value, dtype);
    if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value)) {
      const { data, shape } = value as { data?: NumericArray | readonly Element[]; shape?: readonly number[] };
      if (data !== undefined && shape !== undefined) {
        const flat = NdArray.from(data as ArrayLike, dtype);
        if (flat.size !== sizeOf(shape))
          throw new ValueError(`cannot reshape array of size ${flat.size} into shape (${shape.join(',')})`);
        return new NdArray(flat.dtype, [...shape], flat.data);
      }
      throw new GraphTypeError(
        `Expected a number, boolean, string or (nested) array of them, got ${repr(value)} of type '${typeWord(value)}'`,
      );
    }
    if (value instanceof Uint8Array && dtype === dtypes.string)
      return new NdArray(dtypes.string, [], [toStringElement(value)]);
    if (ArrayBuffer.isView(value)) {
      const own = new NdArray(
        dtypeOfTypedArray(value as NumericArray),
        [(value as NumericArray).length],
        asOwnArray(value as NumericArray) as Data,
      );
      return dtype === undefined || dtype === own.dtype ? own : convertArray(own, dtype);
    }
    const shape: number[] = [];
    const flat: (Element | null | undefined)[] = [];
    flatten(value as NestedElement, 0, shape, flat);
    const target = dtype ?? inferDType(flat);
    const data = allocate(target, flat.length);
    for (let i = 0; i < flat.length; i++) data[i] = toElement(flat[i], target) as never;
    return new NdArray(target, shape, data);
  }

  /** Element `index` of the flat data, as users see it: booleans for bool. */
  flatAt(index: number): Element {
    const value = this.data[index];
    return this.dtype.isBool ? value !== 0 : (value as Element);
  }

  /** The only element; ValueError unless there is exactly one. */
  item(): ItemOf<N> {
    if (this.size !== 1) throw new ValueError('can only convert an array of size 1 to a scalar');
    return this.flatAt(0) as ItemOf<N>;
  }

  /** Nested arrays, or the bare element of a scalar. */
  toArray(): NestedItem<ItemOf<N>> {
    const build = (axis: number, offset: number, stride: number): unknown => {
      if (axis === this.shape.length) return this.flatAt(offset);
      const inner = this.shape[axis] === 0 ? 0 : stride / this.shape[axis];
      return Array.from({ length: this.shape[axis] }, (_, i) => build(axis + 1, offset + i * inner, inner));
    };
    return build(0, 0, this.size) as NestedItem<ItemOf<N>>;
  }

  /** The same elements under another shape of the same size; shares the data. */
  reshape(shape: readonly number[]): NdArray<N> {
    if (sizeOf(shape) !== this.size)
      throw new ValueError(`cannot reshape array of size ${this.size} into shape (${shape.join(',')})`);
    return new NdArray(this.dtype, shape, this.data);
  }

  /** A deep copy. */
  copy(): NdArray<N> {
    return new NdArray(this.dtype, [...this.shape], this.data.slice() as Data<N>);
  }

  equals(other: NdArray): boolean {
    if (this.dtype !== (other.dtype as DType) || this.shape.length !== other.shape.length) return false;
    if (!this.shape.every((dim, i) => dim === other.shape[i])) return false;
    for (let i = 0; i < this.data.length; i++) {
      const [a, b] = [this.data[i], other.data[i]];
      if (a instanceof Uint8Array && b instanceof Uint8Array ? !sameBytes(a, b) : !Object.is(a, b)) return false;
    }
    return true;
  }

  toString(): string {
    const shown = JSON.stringify(this.toArray(), (_, v) => (typeof v === 'bigint' ? Number(v) : v));
    return `NdArray(${this.dtype.name}[${this.shape.join(',')}] ${shown.length > 200 ? `${shown.slice(0, 200)}…` : shown})`;
  }
}

/** The elements of a numeric array as JavaScript numbers: for shapes, axes and indices. */
export function toNumbers(value: NdArray): number[] {
  const numbers = new Array<number>(value.data.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = Number(value.data[i]);
  return numbers;
}

/** The JavaScript type of one element of a dtype; any where the dtype is not known to the type checker. */
export type ItemOf<N extends DTypeName> = DTypeName extends N
  ? // biome-ignore lint/suspicious/noExplicitAny: results of a run have the dtype of a symbolic tensor, which types do not tell.
    any
  : N extends 'bool'
    ? boolean
    : N extends 'string'
      ? StringElement
      : N extends 'int64' | 'uint64'
        ? bigint
        : number;

export type NestedItem<T> = T | NestedItem<T>[];

function dtypeOfTypedArray(value: NumericArray | Uint8ClampedArray): DType {
  if (value instanceof Float32Array) return dtypes.float32;
  if (value instanceof Float64Array) return dtypes.float64;
  if (value instanceof Int8Array) return dtypes.int8;
  if (value instanceof Int16Array) return dtypes.int16;
  if (value instanceof Int32Array) return dtypes.int32;
  if (value instanceof Uint16Array) return dtypes.uint16;
  if (value instanceof Uint32Array) return dtypes.uint32;
  if (value instanceof BigInt64Array) return dtypes.int64;
  if (value instanceof BigUint64Array) return dtypes.uint64;
  if (value instanceof Uint8Array || value instanceof Uint8ClampedArray) return dtypes.uint8;
  throw new GraphTypeError(`Cannot convert a ${(value as object).constructor.name} to a tensor`);
}

/** Buffers and clamped arrays become plain Uint8Arrays over the same bytes. */
function asOwnArray(value: NumericArray | Uint8ClampedArray): NumericArray {
  if (value instanceof Uint8ClampedArray || (value instanceof Uint8Array && value.constructor !== Uint8Array)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.length);
  }
  return value as NumericArray;
}

function flatten(
  given: NestedElement | NdArray | null | undefined,
  depth: number,
  shape: number[],
  out: (Element | null | undefined)[],
): void {
  const value = given instanceof NdArray ? (given.toArray() as NestedElement) : given;
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof Uint8Array && depth > 0));
  if (!isList) {
    if (depth < shape.length) throw raggedError();
    out.push(value as Element);
    return;
  }
  const list = value as NestedElement[];
  if (out.length === 0 && depth === shape.length) shape.push(list.length);
  else if (depth >= shape.length || shape[depth] !== list.length) throw raggedError();
  for (const element of list) flatten(element, depth + 1, shape, out);
}

function raggedError(): ValueError {
  return new ValueError(
    'setting an array element with a sequence. The requested array has an inhomogeneous shape: all lists of one level must have the same length.',
  );
}

function inferDType(flat: readonly (Element | null | undefined)[]): DType {
  let dtype: DType | null = null;
  for (const value of flat) {
    if (value === null || value === undefined) throw new ValueError('None values not supported.');
    const own = dtypeOfElement(value);
    if (dtype !== null && own !== dtype) {
      throw new ValueError(
        `Can't convert a list of mixed types: it holds ${dtype.name} and ${own.name}. Convert the elements to one type.`,
      );
    }
    dtype = own;
  }
  return dtype ?? dtypes.float32;
}

function dtypeOfElement(value: Element): DType {
  if (typeof value === 'number') return dtypes.float32;
  if (typeof value === 'bigint') return dtypes.int64;
  if (typeof value === 'boolean') return dtypes.bool;
  if (typeof value === 'string' || value instanceof Uint8Array) return dtypes.string;
  throw new GraphTypeError(`Cannot convert ${repr(value)} of type ${typeWord(value)} to a tensor`);
}

/** Converts one element, refusing what TensorFlow refuses: text for numbers, fractions and overflow for integers. */
export function toElement(value: Element | null | undefined, dtype: DType): number | bigint | StringElement {
  if (value === null || value === undefined) throw new ValueError('None values not supported.');
  const reject = () =>
    new GraphTypeError(
      `Expected ${dtype.name}, but got ${typeof value === 'string' ? value : repr(value)} of type '${typeWord(value)}'.`,
    );
  if (dtype === dtypes.string) {
    if (typeof value === 'string') return value;
    if (value instanceof Uint8Array) return toStringElement(value);
    throw reject();
  }
  if (dtype.isBool) {
    if (typeof value === 'boolean') return value ? 1 : 0;
    throw reject();
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') throw reject();
  if (dtype.isFloating) return encodeFloat(Number(value), dtype);
  if (!dtype.isInteger || (typeof value === 'number' && !Number.isInteger(value))) throw reject();
  const [low, high] = dtype.limits;
  if (value < low || value > high) throw new ValueError(`Python int ${value} too large to convert to ${dtype.name}`);
  return dtype.isBigInt ? BigInt(value) : Number(value);
}

function convertArray(value: NdArray, dtype: DType): NdArray {
  const data = allocate(dtype, value.size);
  for (let i = 0; i < data.length; i++) data[i] = toElement(value.flatAt(i), dtype) as never;
  return new NdArray(dtype, value.shape, data);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as the string they spell in UTF-8, or themselves where they spell none. */
export function toStringElement(bytes: Uint8Array): StringElement {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function encodeFloat(value: number, dtype: DType): number {
  if (dtype === dtypes.float16 || dtype === dtypes.bfloat16) {
    throw new GraphTypeError(`Values of type ${dtype.name} cannot be made here; use float32 and cast.`);
  }
  return value;
}
