/**
 * The module of matrices times vectors, where rows of the matrix and the vector lie side by side: each element is a dot product,
 * summed in the lanes of a vector first.
 *
 *     dots(a, aRow, aMatrix, x, xMatrix, y, yRow, yMatrix, m, k, …epilogue's, begin, end)
 *
 * computes rows `begin` to `end`, counted through the batch; strides in bytes.
 */
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmTarget } from '../kernelCall';
import { defineEpilogue, type Epilogue, epilogueSuffix, setEpilogueArgs } from './epilogue';
import { type FloatName, type Floats, floatsOf, multiplyAdd } from './floats';

/** Rows that are summed together. */
const ROWS = 4;

const PARAMETERS = 10;

export function dotsModule(dtype: FloatName, epilogue: Epilogue | null): KernelModule {
  return {
    key: `matmul/${dtype}/dots${epilogueSuffix(epilogue)}`,
    build: (target) => build(floatsOf(dtype), epilogue, target),
  };
}

function build(floats: Floats, wanted: Epilogue | null, target: WasmTarget): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const scratch = module.importGlobal('scratch');
  const several = defineDots(module, floats, target, ROWS);
  const single = defineDots(module, floats, target, 1);
  const epilogue = defineEpilogue(wanted, { module, target, scratch });
  const count = PARAMETERS + (wanted?.args.length ?? 0) + 2;
  module.define('dots', new Array(count).fill('i32'), [], (f, ...params) => {
    const [a, aRow, aMatrix, x, xMatrix, y, yRow, yMatrix, m, k] = params;
    const [begin, end] = params.slice(-2);
    const names = ['matrix', 'first', 'rows', 'limit', 'aAt', 'xAt', 'yAt', 'row'];
    const [matrix, first, rows, limit, aAt, xAt, yAt, row] = names.map(() => f.local('i32'));
    setEpilogueArgs(f, epilogue, params.slice(PARAMETERS));
    f.get(begin).set(row);
    f.block((done) =>
      f.loop((next) => {
        f.get(begin).get(end).op('i32.ge_s').brIf(done);
        f.get(begin).get(m).op('i32.div_u').set(matrix);
        f.get(begin).get(m).op('i32.rem_u').set(first);
        f.get(end).get(begin).op('i32.sub').set(rows);
        f.get(m).get(first).op('i32.sub').set(limit);
        setMinimum(f, rows, rows, limit);
        advance(f, begin, rows);
        f.get(a).set(aAt).get(x).set(xAt).get(y).set(yAt);
        advanceBy(f, aAt, matrix, aMatrix);
        advanceBy(f, aAt, first, aRow);
        advanceBy(f, xAt, matrix, xMatrix);
        advanceBy(f, yAt, matrix, yMatrix);
        advanceBy(f, yAt, first, yRow);
        for (const [step, dots] of [
          [ROWS, several],
          [1, single],
        ] as const) {
          whileAtLeast(f, rows, step, () => {
            f.get(aAt).get(aRow).get(xAt).get(yAt).get(yRow).get(k).call(dots);
            advanceBy(f, aAt, aRow, step);
            advanceBy(f, yAt, yRow, step);
          });
        }
        f.br(next);
      }),
    );
    if (epilogue !== null) f.i32(0).get(row).get(end).i32(0).i32(1).call(epilogue.call);
  });
  return module.toBytes();
}

/** dots(a, aRow, x, y, yRow, k): so many rows. A row's sum does not depend on how many are summed with it. */
function defineDots(module: ModuleBuilder, floats: Floats, target: WasmTarget, rows: number): FunctionRef {
  const { bytes, lanes } = floats;
  return module.define(null, new Array(6).fill('i32'), [], (f, a, aRow, x, y, yRow, k) => {
    const sums = Array.from({ length: rows }, () => [f.local('v128'), f.local('v128')]);
    const totals = Array.from({ length: rows }, () => f.local(floats.type));
    const pointers = [a, ...Array.from({ length: rows - 1 }, () => f.local('i32'))];
    const [given, loaded, pair] = [f.local('v128'), f.local('v128'), f.local('i32')];
    pointers.forEach((pointer, row) => {
      if (row > 0)
        f.get(pointers[row - 1])
          .get(aRow)
          .op('i32.add')
          .set(pointer);
    });
    // Two sums for each row take turns: additions wait for the one before.
    f.block((done) =>
      f.loop((next) => {
        for (let turn = 0; turn < 2; turn++) {
          f.get(k).i32(lanes).op('i32.lt_s').brIf(done);
          f.get(x).access('v128.load').set(given);
          pointers.forEach((pointer, row) => {
            f.get(pointer).access('v128.load').set(loaded);
            multiplyAdd(f, floats, target, sums[row][turn], loaded, given);
            advance(f, pointer, 16);
          });
          advance(f, x, 16);
          f.get(k).i32(lanes).op('i32.sub').set(k);
        }
        f.br(next);
      }),
    );
    sums.forEach(([even, odd], row) => {
      f.get(even).get(odd).op(floats.add).set(loaded);
      addLanes(f, floats, loaded);
      f.set(totals[row]);
    });
    forRange(f, pair, 0, k, 1, () => {
      totals.forEach((total, row) => {
        f.get(total).get(pointers[row]).access(floats.load).get(x).access(floats.load).op(floats.scalarMul);
        f.op(floats.scalarAdd).set(total);
        advance(f, pointers[row], bytes);
      });
      advance(f, x, bytes);
    });
    totals.forEach((total, row) => {
      f.get(y).get(total).access(floats.store);
      if (row < rows - 1) advance(f, y, yRow);
    });
  });
}

/** Leaves the sum of a vector's lanes. */
function addLanes(f: FunctionBuilder, { lanes, extractLane, scalarAdd }: Floats, vector: Local): void {
  for (let lane = 0; lane < lanes; lane++) {
    f.get(vector).lane(extractLane, lane);
    if (lane > 0) f.op(scalarAdd);
  }
}
