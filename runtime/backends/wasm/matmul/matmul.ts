/**
 * Matrix products as kernel calls: which of the modules computes a product, what is packed first, and how the work is split. All
 * of it is decided from the sizes and strides alone, so results depend neither on threads nor on where things lie.
 */
import type { KernelModule, WasmCall } from '../kernelCall';
import { canonical, type MatmulAddresses, type MatmulSpec } from './canonical';
import { clearModule } from './clear';
import { floatsOf } from './floats';
import { MAXIMUM_K_BLOCK, packModule, panelWidth, productModule, type RowAccess } from './product';

export type { MatmulAddresses, MatmulSpec, Matrix } from './canonical';

/** Rows from which packing B pays although it could be used as it is. */
const ROWS_TO_PACK_B = 24;

/** Columns from which packing A pays although it could be used as it is. */
const COLUMNS_TO_PACK_A = 48;

/** Rows in a part of the work, at least; rows are counted through the batch. */
const GRAIN = 12;

/** How a canonical product is computed. */
interface Scheme {
  readonly access: RowAccess;
  /** B's whole panels are used where they are. */
  readonly direct: boolean;
  /** Columns that are packed: all, those of the last panel if it is not whole, or none. */
  readonly packedColumns: number;
  /** Matrices of B that are packed. */
  readonly packedMatrices: number;
  readonly kBlock: number;
}

function schemeOf(spec: MatmulSpec): Scheme {
  const { dtype, batch, m, n, k, a, b } = spec;
  const width = panelWidth(dtype);
  const direct = b.columnStride === 1 && m < ROWS_TO_PACK_B;
  const packedColumns = direct ? n % width : n;
  const usable = a.rowStride === 1 ? 'columns' : a.columnStride === 1 ? 'rows' : 'packed';
  const blocks = Math.max(1, Math.ceil(k / MAXIMUM_K_BLOCK));
  return {
    access: n < COLUMNS_TO_PACK_A ? usable : 'packed',
    direct,
    packedColumns,
    packedMatrices: packedColumns === 0 ? 0 : b.batchStride === 0 ? 1 : batch,
    kBlock: Math.max(1, Math.ceil(k / blocks / 2) * 2),
  };
}

/** Elements of one matrix's packed panels. */
function packedElements({ dtype, k }: MatmulSpec, columns: number): number {
  const width = panelWidth(dtype);
  return Math.ceil(columns / width) * width * k;
}

/** Bytes of workspace that the calls of a product need. */
export function matmulWorkspace(given: MatmulSpec): number {
  const { spec } = canonical(given);
  if (isEmpty(spec) || spec.k === 0) return 0;
  const { packedColumns, packedMatrices } = schemeOf(spec);
  return packedElements(spec, packedColumns) * packedMatrices * floatsOf(spec.dtype).bytes;
}

/** The calls that compute a product, in order. C's elements must not overlap each other, nor A, B or the workspace. */
export function matmulCalls(given: MatmulSpec, addresses: MatmulAddresses): WasmCall[] {
  const { spec, swapped } = canonical(given);
  if (isEmpty(spec)) return [];
  const { c, workspace } = addresses;
  const [a, b] = swapped ? [addresses.b, addresses.a] : [addresses.a, addresses.b];
  if (spec.k === 0) return [clearCall(spec, c)];
  return blockedCalls(spec, { a, b, c, workspace });
}

function isEmpty({ batch, m, n }: MatmulSpec): boolean {
  return batch === 0 || m === 0 || n === 0;
}

function wasmCall(
  module: KernelModule,
  exportName: string,
  args: readonly number[],
  extent: number,
  grain: number,
): WasmCall {
  return { kind: 'wasm', module, exportName, args, range: { extent, grain } };
}

function clearCall({ dtype, batch, m, n, c }: MatmulSpec, address: number): WasmCall {
  const { bytes } = floatsOf(dtype);
  const strides = [c.rowStride, c.columnStride, c.batchStride].map((stride) => stride * bytes);
  return wasmCall(clearModule(dtype), 'clear', [address, ...strides, m, n], batch * m, GRAIN);
}

function blockedCalls(spec: MatmulSpec, addresses: MatmulAddresses): WasmCall[] {
  const { dtype, batch, m, n, k, a, b, c } = spec;
  const scheme = schemeOf(spec);
  const { bytes } = floatsOf(dtype);
  const width = panelWidth(dtype);
  const { direct, packedColumns, packedMatrices } = scheme;
  const calls: WasmCall[] = [];
  const packedBytes = packedElements(spec, packedColumns) * bytes;
  const packedStride = packedMatrices > 1 ? packedBytes : 0;
  if (packedColumns > 0) {
    const source = addresses.b + (n - packedColumns) * b.columnStride * bytes;
    const strides = [b.columnStride, b.rowStride, b.batchStride].map((stride) => stride * bytes);
    const panels = Math.ceil(packedColumns / width) * packedMatrices;
    const args = [source, ...strides, addresses.workspace, packedStride, packedColumns, k];
    calls.push(wasmCall(packModule(dtype), 'pack', args, panels, panels >= 32 ? 4 : 1));
  }
  const bArgs = direct
    ? [addresses.b, b.rowStride * bytes, width * bytes, b.batchStride * bytes]
    : [addresses.workspace, width * bytes, width * bytes * k, packedStride];
  const tail = direct && packedColumns > 0 ? [addresses.workspace, packedStride] : [0, 0];
  const args = [
    ...matrixArgs(addresses.a, a, bytes),
    ...bArgs,
    ...tail,
    ...matrixArgs(addresses.c, c, bytes),
    m,
    n,
    k,
    scheme.kBlock,
  ];
  const panels = Math.ceil(n / width);
  const module = productModule(dtype, scheme.access);
  if (m * batch >= 4 * GRAIN || m >= n) calls.push(wasmCall(module, 'rows', args, m * batch, GRAIN));
  else calls.push(wasmCall(module, 'columns', args, panels * batch, 2));
  return calls;
}

function matrixArgs(
  address: number,
  { rowStride, columnStride, batchStride }: { rowStride: number; columnStride: number; batchStride: number },
  bytes: number,
): number[] {
  return [address, rowStride * bytes, columnStride * bytes, batchStride * bytes];
}
