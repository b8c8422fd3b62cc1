/**
 * The module of vectors times matrices whose rows lie side by side: a row of C is a combination of B's rows, which are read straight
 * through, several at a time, while C stays in the first cache.
 *
 *     combine(a, aColumn, aMatrix, b, bRow, bMatrix, c, cMatrix, n, k, …epilogue's, begin, end)
 *
 * computes parts `begin` to `end` of COLUMNS columns, counted through the batch; strides in bytes.
 */
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmTarget } from '../kernelCall';
import { defineEpilogue, type Epilogue, epilogueSuffix, setEpilogueArgs } from './epilogue';
import { type FloatName, type Floats, floatsOf, multiplyAdd } from './floats';

/** Columns of a part of the work, and how many parts are computed together: C's columns then fill a quarter of the first cache. */
export const COLUMNS = 512;
const TOGETHER = 4;

/** Rows of B that are added at a time: their elements of A stay in registers. */
const ROWS = 6;

const PARAMETERS = 10;

export function combineModule(dtype: FloatName, epilogue: Epilogue | null): KernelModule {
  return {
    key: `matmul/${dtype}/combine${epilogueSuffix(epilogue)}`,
    build: (target) => build(floatsOf(dtype), epilogue, target),
  };
}

function build(floats: Floats, wanted: Epilogue | null, target: WasmTarget): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const scratch = module.importGlobal('scratch');
  const several = defineRows(module, floats, target, ROWS);
  const single = defineRows(module, floats, target, 1);
  const epilogue = defineEpilogue(wanted, { module, target, scratch });
  const parameters = PARAMETERS + (wanted?.args.length ?? 0) + 2;
  module.define('combine', new Array(parameters).fill('i32'), [], (f, ...params) => {
    const [a, aColumn, aMatrix, b, bRow, bMatrix, c, cMatrix, n, k] = params;
    const [begin, end] = params.slice(-2);
    const names = ['part', 'count', 'parts', 'matrix', 'column', 'columns', 'aAt', 'bAt', 'cAt', 'left', 'clear'];
    const [part, count, parts, matrix, column, columns, aAt, bAt, cAt, left, clear] = names.map(() => f.local('i32'));
    setEpilogueArgs(f, epilogue, params.slice(PARAMETERS));
    f.get(n)
      .i32(COLUMNS - 1)
      .op('i32.add')
      .i32(COLUMNS)
      .op('i32.div_u')
      .set(parts);
    f.get(end).get(begin).op('i32.sub').set(count);
    f.get(begin).set(part);
    whileAtLeast(f, count, 1, () => {
      f.get(part).get(parts).op('i32.div_u').set(matrix);
      // No further than this matrix.
      f.get(parts).get(part).get(parts).op('i32.rem_u').op('i32.sub').set(columns);
      setMinimum(f, columns, columns, count);
      setMinimum(f, columns, columns, TOGETHER);
      // The loop itself takes one off.
      f.get(count).get(columns).op('i32.sub').i32(1).op('i32.add').set(count);
      f.get(columns).i32(COLUMNS).op('i32.mul').set(left);
      f.get(part).get(parts).op('i32.rem_u').i32(COLUMNS).op('i32.mul').set(column);
      advance(f, part, columns);
      f.get(n).get(column).op('i32.sub').set(columns);
      setMinimum(f, columns, columns, left);
      f.get(a).set(aAt).get(b).set(bAt).get(c).set(cAt);
      advanceBy(f, aAt, matrix, aMatrix);
      advanceBy(f, bAt, matrix, bMatrix);
      advanceBy(f, bAt, column, floats.bytes);
      advanceBy(f, cAt, matrix, cMatrix);
      advanceBy(f, cAt, column, floats.bytes);
      f.get(cAt).set(clear).get(columns).set(left);
      whileAtLeast(f, left, 1, () => {
        f.get(clear);
        (floats.type === 'f32' ? f.f32(0) : f.f64(0)).access(floats.store);
        advance(f, clear, floats.bytes);
      });
      f.get(k).set(left);
      for (const [step, rows] of [
        [ROWS, several],
        [1, single],
      ] as const) {
        whileAtLeast(f, left, step, () => {
          f.get(aAt).get(aColumn).get(bAt).get(bRow).get(cAt).get(columns).call(rows);
          advanceBy(f, aAt, aColumn, step);
          advanceBy(f, bAt, bRow, step);
        });
      }
      if (epilogue !== null) {
        f.i32(0).get(matrix).get(matrix).i32(1).op('i32.add');
        f.get(column).get(column).get(columns).op('i32.add').call(epilogue.call);
      }
    });
  });
  return module.toBytes();
}

/** rows(a, aColumn, b, bRow, c, columns): c += so many rows of B, each times its element of A. */
function defineRows(module: ModuleBuilder, floats: Floats, target: WasmTarget, rows: number): FunctionRef {
  return module.define(null, new Array(6).fill('i32'), [], (f, a, aColumn, b, bRow, c, columns) => {
    const splats = Array.from({ length: rows }, () => f.local('v128'));
    const factors = Array.from({ length: rows }, () => f.local(floats.type));
    const pointers = [b, ...Array.from({ length: rows - 1 }, () => f.local('i32'))];
    const [sum, loaded] = [f.local('v128'), f.local('v128')];
    pointers.forEach((pointer, row) => {
      if (row > 0) sumInto(f, pointer, pointers[row - 1], bRow);
      f.get(a).access(floats.load).tee(factors[row]).op(floats.splat).set(splats[row]);
      advance(f, a, aColumn);
    });
    whileAtLeast(f, columns, floats.lanes, () => {
      f.get(c).access('v128.load').set(sum);
      pointers.forEach((pointer, row) => {
        f.get(pointer).access('v128.load').set(loaded);
        multiplyAdd(f, floats, target, sum, splats[row], loaded);
        advance(f, pointer, 16);
      });
      f.get(c).get(sum).access('v128.store');
      advance(f, c, 16);
    });
    whileAtLeast(f, columns, 1, () => {
      f.get(c).get(c).access(floats.load);
      pointers.forEach((pointer, row) => {
        f.get(pointer).access(floats.load).get(factors[row]).op(floats.scalarMul).op(floats.scalarAdd);
        advance(f, pointer, floats.bytes);
      });
      f.access(floats.store);
      advance(f, c, floats.bytes);
    });
  });
}

function sumInto(f: FunctionBuilder, target: Local, a: Local, b: Local): void {
  f.get(a).get(b).op('i32.add').set(target);
}
