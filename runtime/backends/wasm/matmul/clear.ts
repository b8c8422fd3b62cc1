/**
 * The calls that fill a strided batch of matrices with zeros: what a product over k = 0 is.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';
import type { MatmulSpec } from './canonical';
import { type FloatName, type Floats, floatsOf } from './floats';

/** Elements of a dense part. */
const RUN = 1024;

/**
 * rows(c, rowStride, columnStride, matrixStride, m, n, begin, end): rows counted through the batch, strides in bytes;
 * runs(c, elements, begin, end): runs of RUN elements side by side.
 */
function clearModule(dtype: FloatName): KernelModule {
  return { key: `matmul/clear/${dtype}`, build: ({ shared }) => build(floatsOf(dtype), shared) };
}

function build(floats: Floats, shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared });
  module.define('rows', new Array(8).fill('i32'), [], (f, c, rowStride, columnStride, matrix, m, n, begin, end) => {
    const [row, at, part, count] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    forRange(f, row, begin, end, 1, () => {
      f.get(c).set(at);
      f.get(row).get(m).op('i32.div_u').set(part);
      advanceBy(f, at, part, matrix);
      f.get(row).get(m).op('i32.rem_u').set(part);
      advanceBy(f, at, part, rowStride);
      f.get(n).set(count);
      clearEach(f, floats, at, count, columnStride);
    });
  });
  module.define('runs', new Array(4).fill('i32'), [], (f, c, elements, begin, end) => {
    const [last, at, count, step] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    f.get(begin).i32(RUN).op('i32.mul').set(count);
    f.get(end).i32(RUN).op('i32.mul').set(last);
    setMinimum(f, last, last, elements);
    f.get(c).set(at);
    advanceBy(f, at, count, floats.bytes);
    f.get(last).get(count).op('i32.sub').set(count);
    whileAtLeast(f, count, floats.lanes, () => {
      f.get(at).i32x4(0).access('v128.store');
      advance(f, at, 16);
    });
    f.i32(floats.bytes).set(step);
    clearEach(f, floats, at, count, step);
  });
  return module.toBytes();
}

function clearEach(f: FunctionBuilder, floats: Floats, at: Local, count: Local, step: Local): void {
  whileAtLeast(f, count, 1, () => {
    f.get(at);
    (floats.type === 'f32' ? f.f32(0) : f.f64(0)).access(floats.store);
    advance(f, at, step);
  });
}

/** The call that fills so many elements with zeros. */
export function zeroCalls(dtype: FloatName, elements: number, address: number): WasmCall[] {
  if (elements === 0) return [];
  const range = { extent: Math.ceil(elements / RUN), grain: 4 };
  return [{ kind: 'wasm', module: clearModule(dtype), exportName: 'runs', args: [address, elements], range }];
}

/** The call that fills a batch of matrices with zeros. */
export function clearCalls(
  { dtype, batch, m, n, c }: Pick<MatmulSpec, 'dtype' | 'batch' | 'm' | 'n' | 'c'>,
  address: number,
): WasmCall[] {
  if (batch * m * n === 0) return [];
  const isDense = c.columnStride === 1 && c.rowStride === n && (batch === 1 || c.batchStride === m * n);
  if (isDense) return zeroCalls(dtype, batch * m * n, address);
  const { bytes } = floatsOf(dtype);
  const args = [address, c.rowStride * bytes, c.columnStride * bytes, c.batchStride * bytes, m, n];
  const range = { extent: batch * m, grain: 12 };
  return [{ kind: 'wasm', module: clearModule(dtype), exportName: 'rows', args, range }];
}
