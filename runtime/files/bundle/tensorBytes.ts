/**
 * Tensors as bytes of a checkpoint: numbers as they are in memory, strings as lengths, a checksum of these, and the text.
 */
import type { DType } from '../../../graph/dtypes';
import { UnimplementedError } from '../../../graph/errors';
import {
  allocate,
  type Data,
  NdArray,
  type NumericArray,
  type StringElement,
  toStringElement,
} from '../../../graph/ndarray';
import { crc32c, maskCrc } from '../crc32c';
import { concatBytes, uint32At, uint32Bytes } from '../table/bytes';
import { Cursor, varintBytes } from '../table/varint';

/** Bytes of one element in a file; UnimplementedError for values that checkpoints hold no bytes of. */
export function elementSize(dtype: DType): number {
  if (dtype.size === 0)
    throw new UnimplementedError(`Tensors of type ${dtype.name} cannot be read or written as bytes.`);
  return dtype.size;
}

/** A zeroed array for a numeric dtype. Complex numbers are pairs. */
export function allocateNumeric(dtype: DType, size: number): NumericArray {
  if (dtype.name === 'complex64') return new Float32Array(2 * size);
  if (dtype.name === 'complex128') return new Float64Array(2 * size);
  return allocate(dtype, size) as NumericArray;
}

/** The bytes that a numeric array lies on. */
export function bytesOfArray(data: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function numericArray(dtype: DType, shape: readonly number[], data: NumericArray): NdArray {
  return new NdArray(dtype, shape, data as unknown as Data);
}

const encoder = new TextEncoder();

/** The checksum goes over the lengths as numbers of four bytes, or eight where they need it. */
function extendByLength(crc: number, length: number): number {
  const low = uint32Bytes(length);
  return crc32c(length <= 0xffffffff ? low : concatBytes([low, uint32Bytes(Math.floor(length / 2 ** 32))]), crc);
}

/** What a tensor of strings is in a file, and the checksum of it. */
export function encodeStrings(elements: readonly StringElement[]): { parts: Uint8Array[]; crc: number } {
  const texts = elements.map((element) => (typeof element === 'string' ? encoder.encode(element) : element));
  const lengths = concatBytes(texts.map((text) => varintBytes(text.length)));
  let crc = 0;
  for (const text of texts) crc = extendByLength(crc, text.length);
  const check = uint32Bytes(maskCrc(crc));
  crc = crc32c(check, crc);
  for (const text of texts) crc = crc32c(text, crc);
  return { parts: [lengths, check, ...texts], crc };
}

/** The strings in some bytes and the checksum of these, or what is wrong with them and where. */
export function decodeStrings(
  bytes: Uint8Array,
  count: number,
): { strings: StringElement[]; crc: number } | { problem: string; at: number } {
  if (count + 4 > bytes.length) return { problem: `${bytes.length} bytes cannot hold ${count} strings`, at: 0 };
  const cursor = new Cursor(bytes);
  const lengths: number[] = [];
  let total = 0;
  let crc = 0;
  for (let i = 0; i < count; i++) {
    const length = cursor.varint();
    if (length === undefined || length > bytes.length)
      return { problem: `length of string ${i} is corrupted`, at: cursor.at };
    lengths.push(length);
    total += length;
    crc = extendByLength(crc, length);
  }
  if (cursor.at + 4 + total !== bytes.length) {
    return { problem: `strings of ${total} bytes do not fill the ${bytes.length} bytes of the tensor`, at: cursor.at };
  }
  if (uint32At(bytes, cursor.at) !== maskCrc(crc)) {
    return { problem: 'the checksum of the lengths of strings does not match', at: cursor.at };
  }
  crc = crc32c(bytes.subarray(cursor.at), crc);
  let at = cursor.at + 4;
  return { strings: lengths.map((length) => toStringElement(bytes.slice(at, (at += length)))), crc };
}
