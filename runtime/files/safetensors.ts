/**
 * Safetensors files: arrays by name behind a JSON header, as much of today's weights are published.
 *
 * Arrays are read one at a time, straight from their place. The format has no checksums; its header is checked whole, since what
 * it says must fill the file exactly.
 */

import type { DType } from '../../graph/dtypes';
import * as dtypes from '../../graph/dtypes';
import { DataLossError, InvalidArgumentError, NotFoundError, UnimplementedError } from '../../graph/errors';
import { type NdArray, type NumericArray, sizeOf } from '../../graph/ndarray';
import { didYouMean } from '../../graph/suggest';
import { allocateNumeric, bytesOfArray, numericArray } from './bundle/tensorBytes';
import { defaultFileSystem, type FileSystem, writeFileAtomically } from './fileSystem';

/** The format's own limit for headers. */
const MOST_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

/** Types by the format's names, in the order in which its own library sorts them: by alignment. */
const types: readonly (readonly [string, DType | null, number])[] = [
  ['BOOL', dtypes.bool, 1],
  ['U8', dtypes.uint8, 1],
  ['I8', dtypes.int8, 1],
  ['F8_E5M2', null, 1],
  ['F8_E4M3', null, 1],
  ['F8_E8M0', null, 1],
  ['I16', dtypes.int16, 2],
  ['U16', dtypes.uint16, 2],
  ['F16', dtypes.float16, 2],
  ['BF16', dtypes.bfloat16, 2],
  ['I32', dtypes.int32, 4],
  ['U32', dtypes.uint32, 4],
  ['F32', dtypes.float32, 4],
  ['C64', dtypes.complex64, 8],
  ['F64', dtypes.float64, 8],
  ['I64', dtypes.int64, 8],
  ['U64', dtypes.uint64, 8],
];
const byName = new Map(types.map((type) => [type[0], type]));
const byDType = new Map(types.flatMap((type, rank) => (type[1] ? [[type[1], { name: type[0], rank }] as const] : [])));

interface Entry {
  readonly type: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

interface InFileSystem {
  readonly fileSystem?: FileSystem;
}

/** The arrays of a safetensors file, read when they are asked for. */
export class SafetensorsReader {
  /** Sorted. */
  readonly names: readonly string[];
  /** What the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #fileSystem: FileSystem;
  readonly #dataStart: number;

  /** DataLossError, with the offset, for a file that is none. */
  constructor(
    readonly path: string,
    { fileSystem = defaultFileSystem() }: InFileSystem = {},
  ) {
    this.#fileSystem = fileSystem;
    const { header, dataStart, size } = readHeader(fileSystem, path);
    this.#dataStart = dataStart;
    const problem = (what: string) => new DataLossError(`${path}: ${what}, in the header at offset 8`);
    const { [METADATA]: metadata = {}, ...tensors } = header as Record<string, unknown>;
    if (!isObject(metadata) || !Object.values(metadata).every((text) => typeof text === 'string'))
      throw problem(`${METADATA} must map texts to texts`);
    this.metadata = metadata as Record<string, string>;
    this.#entries = new Map(Object.entries(tensors).map(([name, value]) => [name, asEntry(name, value, problem)]));
    this.names = [...this.#entries.keys()].sort();
    let at = 0;
    for (const [name, { start, end }] of [...this.#entries].sort(
      ([, a], [, b]) => a.start - b.start || a.end - b.end,
    )) {
      if (start !== at) throw problem(`array ${name} starts at ${start} of the data, where ${at} is next`);
      at = end;
    }
    if (at !== size - dataStart) throw problem(`the arrays have ${at} bytes, but the file holds ${size - dataStart}`);
  }

  shapeOf(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  /** UnimplementedError for 8-bit floats. */
  dtypeOf(name: string): DType {
    const { type } = this.#entry(name);
    const dtype = byName.get(type)![1];
    if (dtype) return dtype;
    throw new UnimplementedError(
      `${this.path}: array ${name} is of type ${type}, which cannot be read. The others can.`,
    );
  }

  /** One array; complex numbers as pairs. */
  read(name: string): NdArray {
    const { shape, start, end } = this.#entry(name);
    const dtype = this.dtypeOf(name);
    const data = allocateNumeric(dtype, sizeOf(shape));
    const file = this.#fileSystem.openRead(this.path);
    try {
      const at = this.#dataStart + start;
      if (file.read(at, bytesOfArray(data)) !== end - start)
        throw new DataLossError(`${this.path}: the file ends within array ${name}, which starts at offset ${at}`);
    } finally {
      file.close();
    }
    return numericArray(dtype, shape, data);
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry) return entry;
    throw new NotFoundError(`${this.path} has no array ${name}.${didYouMean(name, this.names)}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readHeader(fileSystem: FileSystem, path: string): { header: object; dataStart: number; size: number } {
  const file = fileSystem.openRead(path);
  try {
    const { size } = file;
    const start = new Uint8Array(8);
    if (file.read(0, start) < 8) throw new DataLossError(`${path}: ${size} bytes are no safetensors file, at offset 0`);
    const length = Number(new DataView(start.buffer).getBigUint64(0, true));
    if (length > Math.min(size - 8, MOST_HEADER_BYTES))
      throw new DataLossError(`${path}: a header of ${length} bytes does not fit, at offset 0`);
    const bytes = new Uint8Array(length);
    file.read(8, bytes);
    let header: unknown;
    try {
      header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch (error) {
      throw new DataLossError(`${path}: the header is no JSON (${(error as Error).message}), at offset 8`);
    }
    if (!isObject(header)) throw new DataLossError(`${path}: the header is no object, at offset 8`);
    return { header, dataStart: 8 + length, size };
  } finally {
    file.close();
  }
}

function asEntry(name: string, value: unknown, problem: (what: string) => DataLossError): Entry {
  if (!isObject(value)) throw problem(`array ${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const type = byName.get(String(dtype));
  const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && (count as number) >= 0;
  if (!type) throw problem(`array ${name} has no known dtype: ${JSON.stringify(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw problem(`array ${name} has no shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw problem(`array ${name} has no data_offsets`);
  const [start, end] = offsets as [number, number];
  if (end - start !== sizeOf(shape) * type[2])
    throw problem(
      `array ${name} of shape [${shape}] has ${end - start} bytes, where ${sizeOf(shape) * type[2]} are needed`,
    );
  return { type: type[0], shape, start, end };
}

/** All arrays of a safetensors file, by name. See SafetensorsReader for reading one at a time, and for errors. */
export function loadSafetensors(path: string, options: InFileSystem = {}): Map<string, NdArray> {
  const reader = new SafetensorsReader(path, options);
  return new Map(reader.names.map((name) => [name, reader.read(name)]));
}

export interface SaveSafetensorsOptions extends InFileSystem {
  /** What the file shall say of itself, such as `{ format: 'pt' }`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes arrays to a safetensors file, with the same bytes as the format's own library; the file appears whole.
 * UnimplementedError for types that the format does not have, such as strings.
 */
export function saveSafetensors(
  path: string,
  arrays: ReadonlyMap<string, NdArray> | Readonly<Record<string, NdArray>>,
  { fileSystem = defaultFileSystem(), metadata }: SaveSafetensorsOptions = {},
): void {
  const named = arrays instanceof Map ? [...arrays] : Object.entries(arrays as Readonly<Record<string, NdArray>>);
  const entries = named.map(([name, value]) => {
    if (name === METADATA)
      throw new InvalidArgumentError(`An array of a safetensors file cannot be called ${METADATA}.`);
    const type = byDType.get(value.dtype);
    if (!type)
      throw new UnimplementedError(`Safetensors files hold no values of type ${value.dtype.name}: array ${name}.`);
    return { name, value, type, bytes: bytesOfArray(value.data as unknown as NumericArray) };
  });
  entries.sort((a, b) => b.type.rank - a.type.rank || (a.name < b.name ? -1 : 1));
  const parts = metadata ? [`${JSON.stringify(METADATA)}:${JSON.stringify(metadata)}`] : [];
  let at = 0;
  for (const { name, value, type, bytes } of entries) {
    const description = { dtype: type.name, shape: value.shape, data_offsets: [at, (at += bytes.length)] };
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(description)}`);
  }
  const header = new TextEncoder().encode(`{${parts.join(',')}}`);
  const padding = (8 - (header.length % 8)) % 8;
  const start = new Uint8Array(8 + header.length + padding).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(header.length + padding), true);
  start.set(header, 8);
  writeFileAtomically(fileSystem, path, (file) => {
    file.write(start);
    for (const { bytes } of entries) file.write(bytes);
  });
}
