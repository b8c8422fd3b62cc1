/**
 * TensorProto to NdArray and back: little-endian `tensor_content`, the typed lists, and their rule that a list shorter
 * than the shape repeats its last value.
 *
 * Reading is bounded: what a file only claims (a huge shape over one value) counts against an ExpansionBudget. Handles
 * of resources and variants are values of a running session and are refused.
 */
import { create } from '@bufbuild/protobuf';
import { type DType, type DTypeName, string } from '../dtypes';
import { InvalidArgumentError } from '../errors';
import {
  arrayTypes,
  type Data,
  NdArray,
  type NumericArray,
  type StringElement,
  sizeOf,
  toStringElement,
} from '../ndarray';
import { dtypeOf } from './dtypeProto';
import { type TensorProto, TensorProtoSchema } from './protos/generated/tensor_pb';
import { shapeToProto } from './shapeProto';

/** Bytes that arrays may take beyond what stands in their file, over one file. */
const MOST_EXPANDED = 1 << 30;

/** What is left of the memory that values may take which a file claims but does not hold. */
export class ExpansionBudget {
  #left = MOST_EXPANDED;

  take(bytes: number, what: string): void {
    this.#left -= bytes;
    if (this.#left < 0)
      throw new InvalidArgumentError(
        `${what} claims more elements than the file holds values for, and repeating the last one would take over ${MOST_EXPANDED} bytes. The file is damaged, or builds its constants by repetition: use tf.fill there.`,
      );
  }
}

/** Complex numbers are pairs, and cannot be computed with. */
const arrays: typeof arrayTypes = { ...arrayTypes, complex64: Float32Array, complex128: Float64Array };

type ListField =
  | 'halfVal'
  | 'floatVal'
  | 'doubleVal'
  | 'intVal'
  | 'stringVal'
  | 'scomplexVal'
  | 'dcomplexVal'
  | 'int64Val'
  | 'boolVal'
  | 'uint32Val'
  | 'uint64Val';

const lists: Partial<Record<DTypeName, ListField>> = {
  float16: 'halfVal',
  bfloat16: 'halfVal',
  float32: 'floatVal',
  float64: 'doubleVal',
  int8: 'intVal',
  int16: 'intVal',
  int32: 'intVal',
  int64: 'int64Val',
  uint8: 'intVal',
  uint16: 'intVal',
  uint32: 'uint32Val',
  uint64: 'uint64Val',
  bool: 'boolVal',
  string: 'stringVal',
  complex64: 'scomplexVal',
  complex128: 'dcomplexVal',
};

/** The shape of a value, which must be known; `what` starts the text of an error. */
function concreteShape(proto: TensorProto, what: string): number[] {
  const shape = proto.tensorShape;
  if (shape?.unknownRank) throw new InvalidArgumentError(`${what} is a value without a shape.`);
  let size = 1;
  return (shape?.dim ?? []).map(({ size: dim }) => {
    const number = Number(dim);
    size *= Math.max(1, number);
    if (number < 0 || !Number.isSafeInteger(size))
      throw new InvalidArgumentError(`${what} has a shape that no value can have: dimension ${dim}.`);
    return number;
  });
}

/** Bytes of the host's order from little-endian ones, which are the same on every machine that runs JavaScript. */
function fromContent(dtype: DType, shape: readonly number[], content: Uint8Array, what: string): NdArray {
  if (dtype === string) return stringsFromContent(shape, content, what);
  const expected = sizeOf(shape) * dtype.size;
  if (content.length !== expected)
    throw new InvalidArgumentError(
      `${what}: tensor_content has ${content.length} bytes, where ${expected} are needed for ${dtype.name} of shape [${shape.join(',')}].`,
    );
  return new NdArray(dtype, shape, new arrays[dtype.name]!(new Uint8Array(content).buffer) as Data);
}

/** Varint lengths of all strings, then their bytes. */
function stringsFromContent(shape: readonly number[], content: Uint8Array, what: string): NdArray {
  const size = sizeOf(shape);
  const bad = () => new InvalidArgumentError(`${what}: tensor_content does not hold ${size} strings.`);
  if (size > content.length) throw bad();
  let at = 0;
  const lengths = Array.from({ length: size }, () => {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      if (at === content.length || shift > 28) throw bad();
      const byte = content[at++];
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return length;
    }
  });
  const data = lengths.map((length): StringElement => {
    if (at + length > content.length) throw bad();
    return toStringElement(new Uint8Array(content.subarray(at, (at += length))));
  });
  if (at !== content.length) throw bad();
  return new NdArray(string, shape, data as Data);
}

/** The list of a proto, as long as the shape or repeated by the caller. */
function fromList(dtype: DType, shape: readonly number[], list: readonly unknown[], what: string): Data {
  const isPair = dtype.isComplex;
  const size = sizeOf(shape);
  const wanted = isPair ? 2 * size : size;
  if (list.length > wanted || (isPair && list.length % 2 !== 0))
    throw new InvalidArgumentError(
      `${what}: ${list.length} values stand in its list, where ${dtype.name} of shape [${shape.join(',')}] has ${wanted}.`,
    );
  if (dtype === string) {
    const strings = (list as readonly Uint8Array[]).map((bytes) => toStringElement(new Uint8Array(bytes)));
    const last = strings.at(-1) ?? '';
    return Array.from({ length: size }, (_, i) => (i < strings.length ? strings[i] : last)) as Data;
  }
  const data = new arrays[dtype.name]!(new ArrayBuffer(size * dtype.size)) as Float64Array;
  for (let i = 0; i < list.length; i++) data[i] = (dtype.isBool ? (list[i] ? 1 : 0) : list[i]) as number;
  if (list.length < wanted && list.length > 0) {
    if (isPair) for (let i = list.length; i < wanted; i++) data[i] = data[i - 2];
    else data.fill(data[list.length - 1], list.length);
  }
  return data as Data;
}

/**
 * The value that a TensorProto holds. InvalidArgumentError, starting with `what`, for one that holds none: a shape that
 * does not fit its values, a handle, or more repetition than the budget allows.
 */
export function tensorFromProto(proto: TensorProto, what: string, budget = new ExpansionBudget()): NdArray {
  const dtype = dtypeOf(proto.dtype, what);
  const shape = concreteShape(proto, what);
  const field = lists[dtype.name];
  if (field === undefined)
    throw new InvalidArgumentError(`${what} is a ${dtype.name}, which exists only in the session that made it.`);
  if (proto.tensorContent.length > 0) return fromContent(dtype, shape, proto.tensorContent, what);
  const list = proto[field];
  const size = sizeOf(shape);
  if (size > list.length) budget.take((size - list.length) * (dtype.size || 8), what);
  return new NdArray(dtype, shape, fromList(dtype, shape, list, what));
}

// ---- writing

/** Whether all elements are the same bits. */
function isRepeated(data: Data): boolean {
  if (Array.isArray(data)) return false;
  const array = data as Exclude<NumericArray, BigInt64Array | BigUint64Array>;
  for (let i = 1; i < array.length; i++) if (!Object.is(array[i], array[0])) return false;
  // Numbers that are not a number may differ in bits that JavaScript does not show.
  return !Number.isNaN(array[0]);
}

/** Arrays of no more bytes are written out even where all elements are the same. */
const WRITTEN_OUT = 256;

/** As TensorFlow's `make_tensor_proto` writes: one value and booleans in their list, more as bytes; a
 * long repetition once. */
export function tensorToProto(value: NdArray): TensorProto {
  const { dtype, shape, size } = value;
  const field = lists[dtype.name];
  if (field === undefined) throw new InvalidArgumentError(`A ${dtype.name} exists only in the session that made it.`);
  const proto = create(TensorProtoSchema);
  proto.dtype = dtype.asDatatypeEnum;
  proto.tensorShape = shapeToProto(shape);
  if (Array.isArray(value.data)) {
    proto.stringVal = (value.data as StringElement[]).map(bytesOf);
    return proto;
  }
  const data = value.data as NumericArray;
  const isOne = size === 1 || (data.byteLength > WRITTEN_OUT && !dtype.isComplex && isRepeated(value.data));
  if (dtype.isBool)
    proto.boolVal = Array.from((isOne ? data.subarray(0, 1) : data) as Uint8Array, (item) => item !== 0);
  else if (isOne)
    (proto[field] as (number | bigint)[]).push(...(data.subarray(0, dtype.isComplex ? 2 : 1) as Uint8Array));
  else if (size > 1)
    proto.tensorContent = new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return proto;
}

const utf8 = new TextEncoder();

/** A string as the bytes that files hold. */
export function bytesOf(value: StringElement): Uint8Array {
  return typeof value === 'string' ? utf8.encode(value) : value;
}
