/**
 * The header of numpy's `.npy` files: a magic word, a version, and a Python dictionary as text.
 */
import { DataLossError, InvalidArgumentError } from '../../graph/errors';
import type { ByteSource } from './npy';

export interface NpyHeader {
  /** The type string, such as `<f4`. */
  readonly descr: string;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the data begin. */
  readonly dataStart: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** The data begin at a multiple of that. */
const ALIGNMENT = 64;
/** numpy refuses longer headers too. */
const MOST_HEADER_BYTES = 10_000;
const MOST_DIMENSIONS = 64;

/** Reads and checks a header. DataLossError when it is broken, InvalidArgumentError for records. */
export function parseHeader(source: ByteSource, name: string): NpyHeader {
  const start = new Uint8Array(12);
  const count = source.read(0, start);
  if (count < 10 || MAGIC.some((byte, i) => start[i] !== byte))
    throw new DataLossError(`${name}: no .npy file (at 0).`);
  const version = start[6];
  if (version < 1 || version > 3)
    throw new DataLossError(`${name}: version ${version} of .npy files is unknown (at 6).`);
  const view = new DataView(start.buffer);
  const [textStart, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (length > MOST_HEADER_BYTES || textStart + length > source.size)
    throw new DataLossError(`${name}: a header of ${length} bytes is too long (at 8).`);
  const bytes = new Uint8Array(length);
  source.read(textStart, bytes);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes);
  return { ...parseDictionary(text, `${name}: the header at ${textStart}`), dataStart: textStart + length };
}

const ENTRY = /^\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\dL,\s]*\)|\[[^\]]*\])\s*(,|$)/;

function parseDictionary(text: string, where: string): Omit<NpyHeader, 'dataStart'> {
  const body = /^\{(.*)\}\s*$/s.exec(text);
  const entries = new Map<string, string>();
  let rest = body?.[1] ?? 'no dictionary';
  while (rest.trim() !== '') {
    const entry = ENTRY.exec(rest);
    if (!entry || entries.has(entry[1])) throw new DataLossError(`${where} cannot be read: ${text.trim()}`);
    entries.set(entry[1], entry[2]);
    rest = rest.slice(entry[0].length);
  }
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map((key) => entries.get(key));
  if (descr?.startsWith('[')) throw new InvalidArgumentError(`${where} describes records, which no tensor holds.`);
  const isComplete = entries.size === 3 && descr !== undefined && order !== undefined && shape !== undefined;
  if (!isComplete || !descr.startsWith("'") || !/^(True|False)$/.test(order) || !shape.startsWith('('))
    throw new DataLossError(`${where} cannot be read: ${text.trim()}`);
  return { descr: descr.slice(1, -1), isFortranOrder: order === 'True', shape: parseShape(shape, where) };
}

function parseShape(text: string, where: string): number[] {
  const parts = text
    .slice(1, -1)
    .split(',')
    .map((part) => part.trim());
  // A comma may follow the last one, and must follow the only one.
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map((part) => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (!Number.isSafeInteger(size) || shape.length > MOST_DIMENSIONS)
    throw new DataLossError(`${where} has an impossible shape: ${text}`);
  return shape;
}

/** A header as numpy writes it. */
export function writeHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = 10;
  const length = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT - start;
  const bytes = new Uint8Array(start + length).fill(0x20);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length, true);
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}
