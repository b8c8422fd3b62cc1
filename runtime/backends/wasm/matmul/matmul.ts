/**
 * Matrix products as kernel calls: which of the modules computes a product, what is packed first, and how the work is split. All
 * of it is decided from the sizes and strides alone, so results depend neither on threads nor on where things lie.
 */
import type { KernelModule, WasmCall } from '../kernelCall';
import { kBlockOf, panelWidth, ROW_BLOCK, scratchRowsOf } from './block';
import { canonical, type MatmulAddresses, type MatmulSpec } from './canonical';
import { clearCalls } from './clear';
import { COLUMNS, combineModule } from './combine';
import { dotsModule } from './dots';
import type { Epilogue } from './epilogue';
import { floatsOf } from './floats';
import { packCall, packedBytes, packRowsFunction, productFunction, type RowAccess } from './product';
import { MOST_TILE_ROWS } from './tile';

export type { MatmulAddresses, MatmulSpec, Matrix } from './canonical';

/** Up to so many rows B is used as it is, where its columns lie side by side. */
const DIRECT_ROWS = 56;

/** Up to so many columns A is used as it is, where one of its strides is one element. */
const DIRECT_COLUMNS = 48;

/** From so many on, matrices of a batch are not parted. */
const WHOLE_MATRICES = 16;

/** Rows in a part of the work, at least; rows are counted through the batch. */
const GRAIN = 12;

/** How a canonical product is computed. */
interface Scheme {
  readonly access: RowAccess;
  /** B's panels: where they are, but for a last one that is not whole; packed on the way; packed first, for all rows. */
  readonly panels: 'direct' | 'on the way' | 'packed';
  /** What the work is split by. */
  readonly split: 'rows' | 'columns';
  /** Columns that are packed first. */
  readonly packedColumns: number;
  /** Matrices of B of which they are. */
  readonly packedMatrices: number;
}

function schemeOf(spec: MatmulSpec): Scheme {
  const { dtype, batch, m, n, a, b } = spec;
  const width = panelWidth(dtype);
  const usable = a.rowStride === 1 ? 'columns' : a.columnStride === 1 ? 'rows' : 'packed';
  // Each part of the columns packs all of A, each part of the rows would pack all of B.
  const isWide = m <= ROW_BLOCK && (Math.ceil(n / width) * batch >= 4 || m < 2 * GRAIN);
  const panels = b.columnStride === 1 && m < DIRECT_ROWS ? 'direct' : isWide ? 'on the way' : 'packed';
  const packedColumns = panels === 'direct' ? n % width : panels === 'packed' ? n : 0;
  // Parts that are less than a matrix would each pack all of A.
  const packed = isWide && batch < WHOLE_MATRICES ? 'prepacked' : 'packed';
  return {
    access: n < DIRECT_COLUMNS && usable !== 'packed' ? usable : packed,
    panels,
    split: isWide ? 'columns' : 'rows',
    packedColumns,
    packedMatrices: packedColumns === 0 ? 0 : b.batchStride === 0 ? 1 : batch,
  };
}

/** Whether a product with an epilogue is as quick as without: not where its transpose is computed instead. */
export function matmulTakesEpilogue(given: MatmulSpec): boolean {
  return !canonical(given).swapped;
}

/** Rows of C that an epilogue may have in scratch memory at a time, instead of in C; 0 where C has to be stored. */
export function matmulScratchRows(given: MatmulSpec): number {
  const { spec } = canonical(given, false);
  if (isEmpty(spec) || spec.k === 0 || isDots(spec) || isCombination(spec)) return 0;
  return schemeOf(spec).split === 'rows' ? scratchRowsOf(spec.dtype, spec.n) : 0;
}

/** Bytes of workspace that the calls of a product need. */
export function matmulWorkspace(given: MatmulSpec, hasEpilogue = false, accumulate = false): number {
  const { spec } = canonical(given, !hasEpilogue);
  if (isEmpty(spec) || spec.k === 0 || (!accumulate && (isDots(spec) || isCombination(spec)))) return 0;
  return packedRowsOffset(spec, schemeOf(spec)) + packedRowsBytes(spec, schemeOf(spec));
}

/**
 * The calls that compute a product, in order, or add it to C. C's elements must not overlap each other, nor A, B or the workspace. The
 * epilogue sees each element of C once, when it is computed.
 */
export function matmulCalls(
  given: MatmulSpec,
  addresses: MatmulAddresses,
  epilogue: Epilogue | null = null,
  accumulate = false,
): WasmCall[] {
  // An epilogue counts rows and columns as the caller does.
  const { spec, swapped } = canonical(given, epilogue === null);
  if (isEmpty(spec)) return [];
  const { c, workspace } = addresses;
  const [a, b] = swapped ? [addresses.b, addresses.a] : [addresses.a, addresses.b];
  const places = { a, b, c, workspace };
  if (!accumulate && isDots(spec)) return [dotsCall(spec, places, epilogue)];
  if (!accumulate && isCombination(spec)) return [combineCall(spec, places, epilogue)];
  // Over k = 0 the product's own calls leave C alone, but for the epilogue.
  if (spec.k === 0) {
    const calls = epilogue === null ? [] : blockedCalls(spec, places, epilogue, accumulate);
    return accumulate ? calls : [...clearCalls(spec, c), ...calls];
  }
  return blockedCalls(spec, places, epilogue, accumulate);
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

/** Whether rows of A and a single column of B lie side by side. */
function isDots({ n, a, b }: MatmulSpec): boolean {
  return n === 1 && a.columnStride === 1 && b.rowStride === 1;
}

function dotsCall(spec: MatmulSpec, addresses: MatmulAddresses, epilogue: Epilogue | null): WasmCall {
  const { dtype, batch, m, k, a, b, c } = spec;
  const { bytes } = floatsOf(dtype);
  const args = [
    addresses.a,
    a.rowStride * bytes,
    a.batchStride * bytes,
    addresses.b,
    b.batchStride * bytes,
    addresses.c,
    c.rowStride * bytes,
    c.batchStride * bytes,
    m,
    k,
    ...(epilogue?.args ?? []),
  ];
  return wasmCall(dotsModule(dtype, epilogue), 'dots', args, m * batch, 16);
}

/** Whether C is one row, and B's rows and it lie side by side. */
function isCombination({ m, b, c }: MatmulSpec): boolean {
  return m === 1 && b.columnStride === 1 && c.columnStride === 1;
}

function combineCall(spec: MatmulSpec, addresses: MatmulAddresses, epilogue: Epilogue | null): WasmCall {
  const { dtype, batch, n, k, a, b, c } = spec;
  const { bytes } = floatsOf(dtype);
  const args = [
    addresses.a,
    a.columnStride * bytes,
    a.batchStride * bytes,
    addresses.b,
    b.rowStride * bytes,
    b.batchStride * bytes,
    addresses.c,
    c.batchStride * bytes,
    n,
    k,
    ...(epilogue?.args ?? []),
  ];
  return wasmCall(combineModule(dtype, epilogue), 'combine', args, Math.ceil(n / COLUMNS) * batch, 1);
}

/** Bytes of B's panels in the workspace; A's rows come after them. */
function packedRowsOffset({ dtype, k }: MatmulSpec, { packedColumns, packedMatrices }: Scheme): number {
  return Math.ceil((packedBytes(dtype, packedColumns, k) * packedMatrices) / 64) * 64;
}

/** Bytes of a matrix of A in panels, for tiles of any height. */
function packedMatrixBytes({ dtype, m, k }: MatmulSpec): number {
  return (m + MOST_TILE_ROWS - 1) * k * floatsOf(dtype).bytes;
}

function packedRowsBytes(spec: MatmulSpec, { access }: Scheme): number {
  if (access !== 'prepacked') return 0;
  return packedMatrixBytes(spec) * (spec.a.batchStride === 0 ? 1 : spec.batch);
}

function packRowsCall(spec: MatmulSpec, address: number, to: number): WasmCall {
  const { dtype, batch, m, k, a } = spec;
  const matrices = a.batchStride === 0 ? 1 : batch;
  const args = [...matrixArgs(address, a, floatsOf(dtype).bytes), to, packedMatrixBytes(spec), m, k];
  const { module, exportName } = packRowsFunction(dtype);
  return wasmCall(module, exportName, args, k * matrices, 64);
}

function blockedCalls(
  spec: MatmulSpec,
  addresses: MatmulAddresses,
  epilogue: Epilogue | null,
  accumulate: boolean,
): WasmCall[] {
  const { dtype, batch, m, n, k, a, b, c } = spec;
  const scheme = schemeOf(spec);
  const { bytes } = floatsOf(dtype);
  const width = panelWidth(dtype);
  const { panels, packedColumns, packedMatrices } = scheme;
  const calls: WasmCall[] = [];
  const packedStride = packedMatrices > 1 ? packedBytes(dtype, packedColumns, k) : 0;
  if (packedColumns > 0 && k > 0) {
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
  const bStrides = [b.rowStride * bytes, b.columnStride * width * bytes, b.batchStride * bytes];
  const bArgs = {
    direct: [addresses.b, ...bStrides, ...(packedColumns > 0 ? [addresses.workspace, packedStride] : [0, 0])],
    'on the way': [addresses.b, ...bStrides, b.columnStride * bytes, 0],
    packed: [addresses.workspace, width * bytes, width * bytes * k, packedStride, 0, 0],
  }[panels];
  const columns = panels === 'on the way' ? 'any' : 'panels';
  const { module, exportName } = productFunction({
    dtype,
    split: scheme.split,
    rows: scheme.access,
    columns,
    epilogue,
  });
  const isPrepacked = scheme.access === 'prepacked';
  const packedRows = addresses.workspace + packedRowsOffset(spec, scheme);
  if (isPrepacked && k > 0) calls.push(packRowsCall(spec, addresses.a, packedRows));
  const aArgs = isPrepacked
    ? [packedRows, k * bytes, 0, a.batchStride === 0 ? 0 : packedMatrixBytes(spec)]
    : matrixArgs(addresses.a, a, bytes);
  const args = [
    ...aArgs,
    ...bArgs,
    ...matrixArgs(addresses.c, c, bytes),
    m,
    n,
    k,
    kBlockOf(dtype, k),
    accumulate ? 1 : 0,
    ...(epilogue?.args ?? []),
  ];
  if (scheme.split === 'rows') calls.push(wasmCall(module, exportName, args, m * batch, GRAIN));
  else {
    // Many matrices are parted between them only.
    const perMatrix = Math.ceil(n / width);
    calls.push(wasmCall(module, exportName, args, perMatrix * batch, batch >= WHOLE_MATRICES ? perMatrix : 2));
  }
  return calls;
}

function matrixArgs(
  address: number,
  { rowStride, columnStride, batchStride }: { rowStride: number; columnStride: number; batchStride: number },
  bytes: number,
): number[] {
  return [address, rowStride * bytes, columnStride * bytes, batchStride * bytes];
}
