/**
 * numpy's `.npy` files: one array each, of numbers, booleans, bytes or text; either byte order, either order of dimensions.
 *
 * Objects (pickles), records and dates are refused: no tensor holds them. Archives of arrays are npz.ts.
 */
import * as dtypes from '../../graph/dtypes';
import { DataLossError, InvalidArgumentError } from '../../graph/errors';
import {
  allocate,
  type Data,
  NdArray,
  type NumericArray,
  type StringElement,
  sizeOf,
  toStringElement,
} from '../../graph/ndarray';
import { defaultFileSystem, type FileSystem, type ReadableFile, writeFileAtomically } from './fileSystem';
import { type NpyHeader, parseHeader, writeHeader } from './npyHeader';

/** Where an array is read from: an open file, or bytes. */
export type ByteSource = Pick<ReadableFile, 'size' | 'read'>;

export interface FileOptions {
  /** Default: the machine's disk in Node, one in memory elsewhere. */
  readonly fileSystem?: FileSystem;
}

/** numpy's letters for the kind and size of elements. Complex numbers are two floats each. */
const dtypeOfCode: Readonly<Record<string, dtypes.DType>> = {
  b1: dtypes.bool,
  i1: dtypes.int8,
  i2: dtypes.int16,
  i4: dtypes.int32,
  i8: dtypes.int64,
  u1: dtypes.uint8,
  u2: dtypes.uint16,
  u4: dtypes.uint32,
  u8: dtypes.uint64,
  f2: dtypes.float16,
  f4: dtypes.float32,
  f8: dtypes.float64,
  c8: dtypes.complex64,
  c16: dtypes.complex128,
};
const codeOfDtype = new Map(Object.entries(dtypeOfCode).map(([code, dtype]) => [dtype, code]));

const POINT_BYTES = 4;
const encoder = new TextEncoder();

/** The bytes of one element by its type string such as `<f4`, and what they are. */
interface ElementType {
  readonly kind: 'number' | 'text' | 'bytes';
  readonly dtype: dtypes.DType;
  readonly size: number;
  readonly isSwapped: boolean;
}

function elementType(descr: string, name: string): ElementType {
  const match = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr);
  const [, order, kind, digits] = match ?? [];
  const isSwapped = order === '>';
  const count = Number(digits);
  if (kind === 'U') return { kind: 'text', dtype: dtypes.string, size: count * POINT_BYTES, isSwapped };
  if (kind === 'S' || kind === 'a') return { kind: 'bytes', dtype: dtypes.string, size: count, isSwapped };
  const dtype = dtypeOfCode[`${kind}${digits}`];
  if (dtype) return { kind: 'number', dtype, size: dtype.size, isSwapped };
  const why = kind === 'O' ? ' Objects are pickles; save numbers or text.' : '';
  throw new InvalidArgumentError(`${name}: arrays of numpy type '${descr}' are not supported.${why}`);
}

/** Reverses the bytes of each number. */
function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NumericArray) => new Uint8Array(buffer, byteOffset, byteLength);

/** Text of code points, without the zeros that fill it up. */
function decodePoints(points: DataView, name: string, isSwapped: boolean): string {
  const codes: number[] = [];
  for (let at = 0; at < points.byteLength; at += POINT_BYTES) codes.push(points.getUint32(at, !isSwapped));
  while (codes.at(-1) === 0) codes.pop();
  const bad = codes.find((code) => code > 0x10ffff);
  if (bad !== undefined) throw new DataLossError(`${name}: ${bad} is no character.`);
  return codes.map((code) => String.fromCodePoint(code)).join('');
}

function decodeStrings(bytes: Uint8Array, type: ElementType, count: number, name: string): StringElement[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: count }, (_, i) => {
    const start = i * type.size;
    if (type.kind === 'text') {
      return decodePoints(new DataView(view.buffer, view.byteOffset + start, type.size), name, type.isSwapped);
    }
    let end = start + type.size;
    while (end > start && bytes[end - 1] === 0) end--;
    return toStringElement(bytes.slice(start, end));
  });
}

/** Elements stored with the first dimension running fastest, in the usual order. `parts` slots make an element. */
function toRowMajor<N extends dtypes.DTypeName>(
  dtype: dtypes.DType<N>,
  stored: Data<N>,
  shape: readonly number[],
): Data<N> {
  const parts = dtype.isComplex ? 2 : 1;
  const result = stored.slice() as Data<N>;
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  for (let to = 0; to < sizeOf(shape); to++) {
    const from = index.reduce((sum, at, axis) => sum + at * strides[axis], 0);
    for (let part = 0; part < parts; part++) result[to * parts + part] = stored[from * parts + part];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}

/** The array behind a header; its bytes go straight into its memory. */
function readData(source: ByteSource, header: NpyHeader, name: string): NdArray {
  const { shape, descr, dataStart, isFortranOrder } = header;
  const type = elementType(descr, name);
  const count = sizeOf(shape);
  const length = count * type.size;
  if (source.size - dataStart !== length) {
    throw new DataLossError(
      `${name}: ${source.size - dataStart} bytes follow the header at ${dataStart}, and an array of shape (${shape.join(', ')}) of '${descr}' has ${length}.`,
    );
  }
  const isNumber = type.kind === 'number';
  const parts = type.dtype.isComplex ? 2 : 1;
  const numbers = isNumber ? (allocate(complexPart(type.dtype), count * parts) as NumericArray) : null;
  const bytes = numbers ? bytesOf(numbers) : new Uint8Array(length);
  if (source.read(dataStart, bytes) < length)
    throw new DataLossError(`${name}: the file ends before byte ${source.size}.`);
  if (type.isSwapped && isNumber) swapBytes(bytes, type.size / parts);
  const stored = (numbers ?? decodeStrings(bytes, type, count, name)) as Data;
  if (type.dtype.isBool) for (let i = 0; i < count; i++) bytes[i] = bytes[i] === 0 ? 0 : 1;
  return new NdArray(
    type.dtype,
    shape,
    isFortranOrder && shape.length > 1 ? toRowMajor(type.dtype, stored, shape) : stored,
  );
}

/** The type of the floats that make a complex number; other types are their own. */
function complexPart(dtype: dtypes.DType): dtypes.DType {
  if (!dtype.isComplex) return dtype;
  return dtype === dtypes.complex64 ? dtypes.float32 : dtypes.float64;
}

/** The array in a source; `name` is for messages. */
export function readNpyFrom(source: ByteSource, name: string): NdArray {
  return readData(source, parseHeader(source, name), name);
}

/** The array in the bytes of a file. DataLossError for broken ones, InvalidArgumentError for arrays that no tensor holds. */
export function decodeNpy(bytes: Uint8Array, name = 'npy'): NdArray {
  const read = (position: number, into: Uint8Array) => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  };
  return readNpyFrom({ size: bytes.length, read }, name);
}

/** The array in a `.npy` file, like numpy.load without pickles. Errors as decodeNpy's. */
export function loadNpy(path: string, { fileSystem = defaultFileSystem() }: FileOptions = {}): NdArray {
  const file = fileSystem.openRead(path);
  try {
    return readNpyFrom(file, path);
  } finally {
    file.close();
  }
}

/** Text as code points, filled up with zeros; bytes where an element is no text. */
function encodeStrings(elements: readonly StringElement[]): { descr: string; bytes: Uint8Array } {
  const isText = elements.every((element) => typeof element === 'string');
  const items = elements.map((element) =>
    typeof element !== 'string'
      ? [...element]
      : isText
        ? Array.from(element, (c) => c.codePointAt(0)!)
        : [...encoder.encode(element)],
  );
  if (items.some((item) => item.at(-1) === 0))
    throw new InvalidArgumentError('numpy has no strings that end in a zero: they would come back without it.');
  const length = items.reduce((most, item) => Math.max(most, item.length), 1);
  const size = isText ? POINT_BYTES : 1;
  const bytes = new Uint8Array(items.length * length * size);
  const view = new DataView(bytes.buffer);
  items.forEach((item, i) => {
    item.forEach((value, k) => {
      const at = (i * length + k) * size;
      if (isText) view.setUint32(at, value, true);
      else bytes[at] = value;
    });
  });
  return { descr: isText ? `<U${length}` : `|S${length}`, bytes };
}

/** The header and the data of an array as a file holds them: little-endian, rows first. */
function encodedParts(value: NdArray): [Uint8Array, Uint8Array] {
  if (value.dtype.name === 'string') {
    const { descr, bytes } = encodeStrings(value.data as unknown as StringElement[]);
    return [writeHeader(descr, value.shape), bytes];
  }
  const code = codeOfDtype.get(value.dtype);
  if (code === undefined) throw new InvalidArgumentError(`numpy has no type for ${value.dtype.name}; cast it first.`);
  const descr = `${value.dtype.size === 1 ? '|' : '<'}${code}`;
  return [writeHeader(descr, value.shape), bytesOf(value.data as NumericArray)];
}

/** The bytes of a `.npy` file. InvalidArgumentError for dtypes that numpy has not. */
export function encodeNpy(value: NdArray): Uint8Array {
  const [header, data] = encodedParts(value);
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}

/** Writes an array to a `.npy` file, like numpy.save; the file appears whole. */
export function saveNpy(path: string, value: NdArray, { fileSystem = defaultFileSystem() }: FileOptions = {}): void {
  const parts = encodedParts(value);
  writeFileAtomically(fileSystem, path, (file) => {
    for (const part of parts) file.write(part);
  });
}
