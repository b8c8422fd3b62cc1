/**
 * Products by BLAS whose result only an epilogue reads: some rows at a time are multiplied into the workspace, and the epilogue meets
 * them while they are in the cache.
 *
 * The epilogue has a module of its own: rows(result, rowBytes, first, columns, …epilogue's, begin, end) calls it on rows `begin` to
 * `end` of those at `result`, of which the first one is row `first` of C.
 */
import { advanceBy } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelCall, WasmCall, WasmTarget } from '../kernelCall';
import { blasMatmulCalls } from './blas';
import type { MatmulAddresses, MatmulSpec } from './canonical';
import { defineEpilogue, type Epilogue, epilogueSuffix, setEpilogueArgs } from './epilogue';
import { floatsOf } from './floats';

/**
 * Bytes of the rows at hand. Larger than what BLAS takes for small (LARGE_BYTES of backends/blas/blocks.ts): it is quicker over long rows
 * than the second cache is worth.
 */
const RESULT_BYTES = 9 << 18;
/** Fewer rows at a time cost more calls than they save. */
const LEAST_ROWS = 32;

const PARAMETERS = 4;

/** Rows of C that are in the workspace at a time; 0 where C has to be stored, or is no larger. */
export function blasScratchRows({ dtype, batch, m, n, k }: MatmulSpec): number {
  if (batch !== 1 || m < 2 || n < 2 || k === 0) return 0;
  const rows = Math.floor(RESULT_BYTES / (n * floatsOf(dtype).bytes) / LEAST_ROWS) * LEAST_ROWS;
  return rows < m ? rows : 0;
}

export function blasScratchBytes(spec: MatmulSpec): number {
  return blasScratchRows(spec) * spec.n * floatsOf(spec.dtype).bytes;
}

/** The calls that compute a product for its epilogue alone. */
export function blasEpilogueCalls(
  spec: MatmulSpec,
  { a, b, workspace }: MatmulAddresses,
  epilogue: Epilogue,
): KernelCall[] {
  const { dtype, m, n } = spec;
  const { bytes } = floatsOf(dtype);
  const calls: KernelCall[] = [];
  const most = blasScratchRows(spec);
  for (let first = 0; first < m; first += most) {
    const rows = Math.min(most, m - first);
    const part = { ...spec, m: rows, c: { batchStride: 0, rowStride: n, columnStride: 1 } };
    const addresses = { a: a + first * spec.a.rowStride * bytes, b, c: workspace };
    calls.push(...blasMatmulCalls(part, addresses)!, rowsCall(epilogue, workspace, n * bytes, first, rows, n));
  }
  return calls;
}

function rowsCall(
  epilogue: Epilogue,
  result: number,
  rowBytes: number,
  first: number,
  rows: number,
  columns: number,
): WasmCall {
  return {
    kind: 'wasm',
    module: { key: `matmul/rows${epilogueSuffix(epilogue)}`, build: (target) => build(epilogue, target) },
    exportName: 'rows',
    args: [result, rowBytes, first, columns, ...epilogue.args],
    range: { extent: rows, grain: 8 },
  };
}

function build(wanted: Epilogue, target: WasmTarget): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const scratch = module.importGlobal('scratch');
  const epilogue = defineEpilogue(wanted, { module, target, scratch })!;
  const count = PARAMETERS + wanted.args.length + 2;
  module.define('rows', new Array<'i32'>(count).fill('i32'), [], (f, ...params) => {
    const [result, rowBytes, first, columns] = params;
    const [begin, end] = params.slice(-2);
    setEpilogueArgs(f, epilogue, params.slice(PARAMETERS));
    advanceBy(f, result, begin, rowBytes);
    f.get(result).get(first).get(begin).op('i32.add').get(first).get(end).op('i32.add').i32(0).get(columns);
    f.call(epilogue.call);
  });
  return module.toBytes();
}
