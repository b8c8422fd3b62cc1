/**
 * The values of tfjs weights: little-endian bytes in files that follow each other, some quantised, strings with their
 * lengths before them.
 *
 * DataLossError names the weight and where its bytes should be, when the files hold fewer or more than the model says.
 */
import { bool, float32 } from '../../graph/dtypes';
import { DataLossError } from '../../graph/errors';
import type { Quantization, WeightGroup, WeightSpec } from '../../graph/formats/tfjsModel';
import { allocate, type Data, NdArray, type StringElement, sizeOf, toStringElement } from '../../graph/ndarray';

/** The bytes of a group of files, read as one. */
class Source {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(
    parts: readonly Uint8Array[],
    readonly paths: readonly string[],
  ) {
    this.#bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      this.#bytes.set(part, at);
      at += part.length;
    }
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** A copy, so that it is aligned. */
  take(count: number, weight: WeightSpec): Uint8Array<ArrayBuffer> {
    if (count > this.left) {
      throw new DataLossError(
        `The weight '${weight.name}' needs ${count} bytes at offset ${this.at}, but ${this.paths.join(', ')} hold ${this.#bytes.length} bytes.`,
      );
    }
    this.at += count;
    return this.#bytes.slice(this.at - count, this.at);
  }
}

const storedSizes = { uint8: 1, uint16: 2, float16: 2 } as const;

/** Half precision: the exact number that the 16 bits say. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | null = null;

/** All 65,536 of them, for files with millions. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => halfToNumber(bits));
  return halves;
}

function dequantised(bytes: Uint8Array<ArrayBuffer>, { dtype, scale, min }: Quantization, isFloat: boolean): Data {
  const stored = dtype === 'uint8' ? bytes : new Uint16Array(bytes.buffer);
  if (dtype === 'float16') {
    const table = halfTable();
    return Float32Array.from(stored, (bits) => table[bits]);
  }
  if (isFloat) return Float32Array.from(stored, (value) => value * scale + min);
  return Int32Array.from(stored, (value) => Math.round(value * scale + min));
}

function strings(source: Source, weight: WeightSpec): StringElement[] {
  return Array.from({ length: sizeOf(weight.shape) }, () => {
    const length = new DataView(source.take(4, weight).buffer).getUint32(0, true);
    return toStringElement(source.take(length, weight));
  });
}

function valueOf(source: Source, weight: WeightSpec): NdArray {
  const { dtype, shape, quantization } = weight;
  const count = sizeOf(shape);
  if (dtype.name === 'string') {
    // Each has a length at least.
    if (count * 4 > source.left) source.take(count * 4, weight);
    return new NdArray(dtype, shape, strings(source, weight));
  }
  if (quantization) {
    const bytes = source.take(count * storedSizes[quantization.dtype], weight);
    return new NdArray(dtype, shape, dequantised(bytes, quantization, dtype === float32));
  }
  const bytes = source.take(count * dtype.size, weight);
  if (dtype.name === 'float16') {
    const table = halfTable();
    return new NdArray(
      float32,
      shape,
      Float32Array.from(new Uint16Array(bytes.buffer), (bits) => table[bits]),
    );
  }
  if (dtype === bool) return new NdArray(bool, shape, bytes);
  const like = allocate(dtype, 0) as Float32Array;
  const Constructor = like.constructor as new (buffer: ArrayBuffer) => Float32Array;
  return new NdArray(dtype, shape, new Constructor(bytes.buffer) as Data);
}

/** The weights of one group, from the contents of its files in order. */
export function readWeightGroup(group: WeightGroup, parts: readonly Uint8Array[]): Map<string, NdArray> {
  const source = new Source(parts, group.paths);
  const values = new Map<string, NdArray>();
  for (const weight of group.weights) {
    if (values.has(weight.name)) throw new DataLossError(`The weight '${weight.name}' is there twice.`);
    values.set(weight.name, valueOf(source, weight));
  }
  if (source.left > 0) {
    throw new DataLossError(
      `${group.paths.join(', ')} hold ${source.left} bytes more than the weights of the model, from offset ${source.at} on.`,
    );
  }
  return values;
}
