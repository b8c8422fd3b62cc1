/**
 * Attribute values as plain JSON-able data, and back. Each value says what it is by its only key:
 *
 *     { type: 'float32' }  { shape: [2, null] }  { shape: null }  { bool: true }  { int: 3 }  { int: '-9007199254740993' }
 *     { float: 0.5 }  { float: 'NaN' }  { string: 'text' }  { bytes: 'base64' }  { list: [ … ] }  { func: { name, attrs } }
 *     { tensor: { dtype, shape, values: [ … ] } }  { tensor: { dtype, shape, bytes: 'base64, little-endian' } }
 *
 * An int in quotes is a bigint. Decoding checks everything; its errors name the path within the JSON.
 */
import { type Attrs, type AttrValue, FunctionReference } from './attributes';
import { fromBase64, toBase64 } from './base64';
import { DType, type DTypeName, findDType } from './dtypes';
import { ValueError } from './errors';
import { type Data, type Element, NdArray, type NumericArray, type StringElement, sizeOf, toElement } from './ndarray';
import type { AttrDef, OpDef } from './opDef';
import { type Dimension, TensorShape, unknownShape } from './shape';

export type FloatState = number | 'NaN' | 'Infinity' | '-Infinity' | '-0';

export type ShapeState = readonly Dimension[] | null;

type ElementState = FloatState | string | boolean | { readonly bytes: string };

export interface TensorState {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  /** The elements in row-major order, if there are few or they are strings; 64-bit integers as text. */
  readonly values?: readonly ElementState[];
  /** Else their little-endian bytes. */
  readonly bytes?: string;
}

export type AttrState =
  | { readonly type: DTypeName }
  | { readonly shape: ShapeState }
  | { readonly bool: boolean }
  | { readonly int: number | string }
  | { readonly float: FloatState }
  | { readonly string: string }
  | { readonly bytes: string }
  | { readonly list: readonly AttrState[] }
  | { readonly func: { readonly name: string; readonly attrs: AttrStates } }
  | { readonly tensor: TensorState };

export type AttrStates = Readonly<Record<string, AttrState>>;

/** Arrays of numbers of at most this many elements are written out. */
const WRITTEN_OUT = 32;

function floatState(value: number): FloatState {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : (String(value) as FloatState);
}

function stringState(value: StringElement): string | { readonly bytes: string } {
  return typeof value === 'string' ? value : { bytes: toBase64(value) };
}

function elementState(value: Element): ElementState {
  if (typeof value === 'number') return floatState(value);
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'boolean' ? value : stringState(value);
}

const tensorStates = new WeakMap<NdArray, TensorState>();

function tensorState(value: NdArray): TensorState {
  const known = tensorStates.get(value);
  if (known) return known;
  const { dtype, shape } = value;
  const isWritten = dtype.name === 'string' || value.size <= WRITTEN_OUT;
  const { buffer, byteOffset, byteLength } = value.data as NumericArray;
  const elements = isWritten
    ? { values: Array.from({ length: value.size }, (_, i) => elementState(value.flatAt(i))) }
    : { bytes: toBase64(new Uint8Array(buffer, byteOffset, byteLength)) };
  const state = { dtype: dtype.name, shape: [...shape], ...elements };
  tensorStates.set(value, state);
  return state;
}

/** The state of a value; `kind` tells the numbers of a signature's attribute apart. */
export function encodeAttr(value: AttrValue, kind: AttrDef['kind'] | undefined): AttrState {
  if (value instanceof DType) return { type: value.name };
  if (value instanceof TensorShape) return { shape: value.toJSON() };
  if (value instanceof NdArray) return { tensor: tensorState(value) };
  if (value instanceof FunctionReference)
    return { func: { name: value.name, attrs: encodeAttrs(value.attrs, undefined) } };
  if (typeof value === 'boolean') return { bool: value };
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return kind === 'int' ? { int: value } : { float: floatState(value) };
  if (typeof value === 'string') return { string: value };
  if (value instanceof Uint8Array) return { bytes: toBase64(value) };
  return { list: value.map((item) => encodeAttr(item, kind)) };
}

export function encodeAttrs(attrs: Attrs, def: OpDef | undefined): AttrStates {
  const states: Record<string, AttrState> = {};
  for (const name of Object.keys(attrs).sort()) states[name] = encodeAttr(attrs[name], def?.attrByName.get(name)?.kind);
  return states;
}

// ---- decoding

type Json = Readonly<Record<string, unknown>>;

/** Throws the error for a piece of JSON that is not what it must be. */
export function reject(path: string, expected: string, value: unknown): never {
  const shown = JSON.stringify(value) ?? String(value);
  throw new ValueError(
    `Invalid graph: ${path} must be ${expected}, got ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}.`,
  );
}

export function asObject(value: unknown, path: string): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : reject(path, 'an object', value);
}

export function asList(value: unknown, path: string): readonly unknown[] {
  // Holes become undefined, which nothing accepts.
  return Array.isArray(value) ? Array.from(value) : reject(path, 'a list', value);
}

export function asString(value: unknown, path: string): string {
  return typeof value === 'string' ? value : reject(path, 'a string', value);
}

export function decodeDType(value: unknown, path: string): DType {
  return (typeof value === 'string' ? findDType(value) : undefined) ?? reject(path, 'the name of a dtype', value);
}

export function decodeShape(value: unknown, path: string): TensorShape {
  if (value === null) return unknownShape;
  const dims = asList(value, path).map((dim, i) => {
    if (dim !== null && !(Number.isSafeInteger(dim) && (dim as number) >= 0))
      return reject(`${path}[${i}]`, 'a dimension or null', dim);
    return dim as Dimension;
  });
  return new TensorShape(dims);
}

function decodeInt(value: unknown, path: string): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : reject(path, 'an integer', value);
}

function decodeFloat(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' || value === '-0'
    ? Number(value)
    : reject(path, 'a number', value);
}

function decodeBytes(value: unknown, path: string): Uint8Array {
  return (typeof value === 'string' ? fromBase64(value) : null) ?? reject(path, 'base64', value);
}

function decodeElement(value: unknown, dtype: DType, path: string): Element {
  if (dtype.name === 'string')
    return typeof value === 'string' ? value : decodeBytes(asObject(value, path).bytes, `${path}.bytes`);
  if (dtype.isBool) return typeof value === 'boolean' ? value : reject(path, 'true or false', value);
  return dtype.isInteger ? decodeInt(value, path) : decodeFloat(value, path);
}

function decodeTensor(value: unknown, path: string): NdArray {
  const json = asObject(value, path);
  const dtype = decodeDType(json.dtype, `${path}.dtype`);
  const shape = decodeShape(json.shape, `${path}.shape`);
  if (!shape.isFullyDefined()) return reject(`${path}.shape`, 'a list of numbers', json.shape);
  if (dtype.isComplex || (dtype.size === 0 && dtype.name !== 'string'))
    return reject(`${path}.dtype`, 'a dtype that constants can have', json.dtype);
  const size = sizeOf(shape.asNumbers());
  if (json.bytes !== undefined && dtype.name !== 'string')
    return decodeTensorBytes(json.bytes, dtype, shape.asNumbers(), `${path}.bytes`);
  const values = asList(json.values, `${path}.values`);
  if (values.length !== size) return reject(`${path}.values`, `a list of ${size} elements`, values);
  const elements = values.map((item, i) => {
    const element = decodeElement(item, dtype, `${path}.values[${i}]`);
    try {
      return isEncoded(dtype) ? (element as number) : toElement(element, dtype);
    } catch (error) {
      throw new ValueError(`Invalid graph: ${path}.values[${i}]: ${(error as Error).message}`);
    }
  });
  const empty = NdArray.zeros(dtype, shape.asNumbers());
  elements.forEach((element, i) => {
    empty.data[i] = element as never;
  });
  return empty;
}

/** Dtypes whose arrays hold encoded numbers: their elements stand as they are. */
function isEncoded(dtype: DType): boolean {
  return dtype.name === 'float16' || dtype.name === 'bfloat16';
}

function decodeTensorBytes(value: unknown, dtype: DType, shape: readonly number[], path: string): NdArray {
  const bytes = decodeBytes(value, path);
  const expected = sizeOf(shape) * dtype.size;
  if (bytes.length !== expected) return reject(path, `${expected} bytes`, `${bytes.length} bytes`);
  const { data } = NdArray.zeros(dtype, shape);
  new Uint8Array((data as NumericArray).buffer).set(bytes);
  return new NdArray(dtype, shape, data as Data);
}

const decoders: Readonly<Record<string, (value: unknown, path: string) => AttrValue>> = {
  type: decodeDType,
  shape: decodeShape,
  bool: (value, path) => (typeof value === 'boolean' ? value : reject(path, 'true or false', value)),
  int: decodeInt,
  float: decodeFloat,
  string: asString,
  bytes: decodeBytes,
  list: (value, path) => asList(value, path).map((item, i) => decodeAttr(item, `${path}[${i}]`)),
  func: (value, path) => {
    const { name, attrs } = asObject(value, path);
    return new FunctionReference(asString(name, `${path}.name`), decodeAttrs(attrs ?? {}, `${path}.attrs`));
  },
  tensor: decodeTensor,
};

/** The value of a state; ValueError names the path of what is wrong with it. */
export function decodeAttr(state: unknown, path: string): AttrValue {
  const entries = Object.entries(asObject(state, path));
  const [key, value] = entries[0] ?? [];
  if (entries.length !== 1 || !Object.hasOwn(decoders, key))
    return reject(path, `an object with one key of ${Object.keys(decoders).join(', ')}`, state);
  return decoders[key](value, `${path}.${key}`);
}

export function decodeAttrs(states: unknown, path: string): Attrs {
  return Object.fromEntries(
    Object.entries(asObject(states, path)).map(([name, state]) => [name, decodeAttr(state, `${path}.${name}`)]),
  );
}
