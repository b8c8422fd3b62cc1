/**
 * Plain kernels: tables from keys to values.
 */
import { type DType, int64, string } from '../../graph/dtypes';
import { InvalidArgumentError, ResourceExhaustedError, UnimplementedError } from '../../graph/errors';
import { NdArray, type StringElement, toStringElement } from '../../graph/ndarray';
import type { tablesOps } from '../../graph/ops/tables';
import { unknownShape } from '../../graph/shape';
import { readFile } from '../files/fileSystem';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { LookupTable } from '../lookupTable';
import { ResourceHandle, VariantValue } from '../values';
import { asHandle } from './state';
import { bytesOf, stringData } from './strings';

const DEFAULT_CONTAINER = 'localhost';

/** The largest vocabulary file that is read. */
const MOST_BYTES = 2 ** 31;

const make =
  (isMutable: boolean): Kernel =>
  (_, c) => {
    const [keys, values] = [c.attr<DType>('key_dtype'), c.attr<DType>('value_dtype')];
    const name = c.attr<string>('shared_name') || c.op.name;
    const container = c.attr<string>('container') || DEFAULT_CONTAINER;
    // Variables and tables have names of their own.
    const handle = new ResourceHandle(container, `table ${name}`, values, unknownShape);
    if (!c.resources.has(handle)) c.resources.write(handle, new VariantValue(new LookupTable(keys, values, isMutable)));
    return handle;
  };

function tableOf(input: NdArray, c: KernelContext): LookupTable {
  const found = c.resources.readForUpdate(asHandle(input));
  if (found instanceof VariantValue && found.payload instanceof LookupTable) return found.payload;
  throw new InvalidArgumentError(`${c.op.name} expected the handle of a table.`);
}

function requireMutable(table: LookupTable, what: string): void {
  if (!table.isMutable)
    throw new UnimplementedError(`${what} not supported by InitializableLookupTable implementations`);
}

/** The lines of a file, without the one that is empty because the file ends in a line break. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, bytes[at - 1] === 13 && at > start ? at - 1 : at));
    start = at + 1;
  }
  if (start < bytes.length) lines.push(bytes.subarray(start));
  return lines;
}

const WHOLE_LINE = -2;
const LINE_NUMBER = -1;

function column(
  line: string,
  number: number,
  index: number,
  dtype: DType,
  delimiter: string,
): StringElement | bigint | number {
  if (index === LINE_NUMBER) return dtype.isBigInt ? BigInt(number) : number;
  const text = index === WHOLE_LINE ? line : line.split(delimiter)[index];
  if (text === undefined)
    throw new InvalidArgumentError(
      `Invalid number of columns in ${number} line (${line}) : expected at least ${index + 1} got ${line.split(delimiter).length}`,
    );
  if (dtype === string) return toStringElement(bytesOf(text));
  if (!/^[+-]?(\d|\.\d)/.test(text.trim()))
    throw new InvalidArgumentError(`Field ${text} in line ${number} is not a valid ${dtype.name}.`);
  return dtype === int64 ? BigInt(text.trim()) : Number(text);
}

const fromFile: Kernel = ([handle, filename], c) => {
  const table = tableOf(handle, c);
  const path = stringData(filename)[0];
  const name = typeof path === 'string' ? path : new TextDecoder().decode(path);
  const tooLarge = (size: number) => new ResourceExhaustedError(`${name} is too large for a table: ${size} bytes.`);
  const all = linesOf(readFile(c.fileSystem, name, MOST_BYTES, tooLarge)).slice(Number(c.attr('offset')));
  const most = Number(c.attr('vocab_size'));
  if (most >= 0 && all.length < most)
    throw new InvalidArgumentError(`Invalid vocab_size in ${name}: expected ${most} but got ${all.length}`);
  const lines = (most >= 0 ? all.slice(0, most) : all).map((bytes) => new TextDecoder().decode(bytes));
  const delimiter = c.attr<string>('delimiter');
  const read = (attr: string, dtype: DType) =>
    NdArray.from(
      lines.map((line, i) => column(line, i, Number(c.attr(attr)), dtype, delimiter)),
      dtype,
    );
  table.initialize(read('key_index', table.keyType), read('value_index', table.valueType));
  return [];
};

export const tablesKernels: KernelTable<typeof tablesOps> = {
  HashTableV2: make(false),
  MutableHashTableV2: make(true),
  InitializeTableV2: ([handle, keys, values], c) => {
    tableOf(handle, c).initialize(keys, values);
    return [];
  },
  InitializeTableFromTextFileV2: fromFile,
  LookupTableFindV2: ([handle, keys, fallback], c) => tableOf(handle, c).find(keys, fallback),
  LookupTableInsertV2: ([handle, keys, values], c) => {
    const table = tableOf(handle, c);
    requireMutable(table, 'Insert');
    table.insert(keys, values);
    return [];
  },
  LookupTableImportV2: ([handle, keys, values], c) => {
    const table = tableOf(handle, c);
    if (!table.isMutable) table.initialize(keys, values);
    else {
      table.clear();
      table.insert(keys, values);
    }
    return [];
  },
  LookupTableRemoveV2: ([handle, keys], c) => {
    const table = tableOf(handle, c);
    requireMutable(table, 'Remove');
    table.remove(keys);
    return [];
  },
  LookupTableExportV2: ([handle], c) => tableOf(handle, c).export(),
  LookupTableSizeV2: ([handle], c) => NdArray.scalar(c.outputTypes[0], BigInt(tableOf(handle, c).size)),
};
