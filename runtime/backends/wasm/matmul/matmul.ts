/**
 * Matrix products as kernel calls: which of the modules computes a product, what is packed first, and how the work is split. All
 * of it is decided from the sizes and strides alone, so results depend neither on threads nor on where things lie.
 */
import type { KernelModule, WasmCall } from '../kernelCall';
import { kBlockOf, panelWidth } from './block';
import { canonical, type MatmulAddresses, type MatmulSpec } from './canonical';
import { clearModule } from './clear';
import { floatsOf } from './floats';
import { packCall, packedBytes, productModule, type RowAccess } from './product';

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
  return {
    access: n < COLUMNS_TO_PACK_A ? usable : 'packed',
    direct,
    packedColumns,
    packedMatrices: packedColumns === 0 ? 0 : b.batchStride === 0 ? 1 : batch,
    kBlock: kBlockOf(k),
  };
}

/** Bytes of workspace that the calls of a product need. */
export function matmulWorkspace(given: MatmulSpec): number {
  const { spec } = canonical(given);
  if (isEmpty(spec) || spec.k === 0) return 0;
  const { packedColumns, packedMatrices } = schemeOf(spec);
  return packedBytes(spec.dtype, packedColumns, spec.k) * packedMatrices;
}

/** The calls that compute a product, in order. C's elements must not overlap each other, nor A, B or the workspace. */
export function matmulCalls(given: MatmulSpec, addresses: MatmulAddresses): WasmCall[] {
  const { spec, swapped } = canonical(given);
  if (isEmpty(spec)) return [];
  const { c, workspace } = addresses;
  const [a, b] = swapped ? [addresses.b, addresses.a] : [addresses.a, addresses.b];
  if (spec.k === 0) return clearCalls(spec, c);
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

/** The calls that fill a batch of matrices with zeros. */
export function clearCalls(
  { dtype, batch, m, n, c }: Pick<MatmulSpec, 'dtype' | 'batch' | 'm' | 'n' | 'c'>,
  address: number,
): WasmCall[] {
  if (batch * m * n === 0) return [];
  const { bytes } = floatsOf(dtype);
  return [wasmCall(clearModule(dtype), 'clear', [...matrixArgs(address, c, bytes), m, n], batch * m, GRAIN)];
}

function blockedCalls(spec: MatmulSpec, addresses: MatmulAddresses): WasmCall[] {
  const { dtype, batch, m, n, k, a, b, c } = spec;
  const scheme = schemeOf(spec);
  const { bytes } = floatsOf(dtype);
  const width = panelWidth(dtype);
  const { direct, packedColumns, packedMatrices } = scheme;
  const calls: WasmCall[] = [];
  const packedStride = packedMatrices > 1 ? packedBytes(dtype, packedColumns, k) : 0;
  if (packedColumns > 0) {
    calls.push(
      packCall(dtype, {
        source: addresses.b,
        offset: (n - packedColumns) * b.columnStride,
        rows: packedColumns,
        k,
        rowStride: b.columnStride,
        kStride: b.rowStride,
        matrices: { count: packedMatrices, stride: b.batchStride },
        to: addresses.workspace,
      }),
    );
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
