/**
 * The innermost loop of matrix products: a tile of C of `rows` × `vectors` vectors stays in registers while k runs.
 *
 *     tile(a, aStep, b, bStep, c, cRow, k, accumulate)        // bytes; k ≥ 1
 *
 * A's layout is 'columns' (the rows of a tile lie side by side, aStep is the way to the next k: packed panels, and transposed
 * matrices as they are) or 'rows' (each row's k lie side by side, aStep is the way to the next row). B's vectors lie side by
 * side, bStep is the way to the next k. C starts from zero, or from what it holds with `accumulate`.
 *
 * An optimizing compiler that sees a straight run of loads and multiplications moves all loads to its front and then has to spill
 * most registers: half the speed, in V8. So after each row the loop has a conditional exit that is never taken: sums must be
 * ready there, and later loads cannot move above it. The conditions differ, or all but the first would be removed.
 */
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/functionBuilder';
import { advance } from '../assembler/loops';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import type { WasmTarget } from '../kernelCall';
import { type Floats, multiplyAdd } from './floats';

export type RowLayout = 'columns' | 'rows';

export interface TileShape {
  readonly rows: number;
  readonly vectors: number;
  readonly layout: RowLayout;
}

/** Steps of k in one round of the loop. */
const UNROLL = 2;

/** Rows of the largest tile: twelve sums, two vectors of B, one of A with relaxed SIMD; products need registers without. */
export function tileRows({ relaxed }: WasmTarget): number {
  return relaxed ? 6 : 4;
}

/** The most that tileRows gives. */
export const MOST_TILE_ROWS = 6;

/** Vectors of a tile, and of a packed panel of B. */
export const TILE_VECTORS = 2;

export function defineTile(
  module: ModuleBuilder,
  floats: Floats,
  target: WasmTarget,
  { rows, vectors, layout }: TileShape,
): FunctionRef {
  return module.define(null, new Array(8).fill('i32'), [], (f, a, aStep, b, bStep, c, cRow, k, accumulate) => {
    const sums = matrixOfLocals(f, rows, vectors);
    const columns = Array.from({ length: vectors }, () => f.local('v128'));
    const splat = f.local('v128');
    const pointers = layout === 'rows' ? rowPointers(f, rows, a, aStep) : [];
    const at = f.local('i32');
    f.get(accumulate).if(() => {
      eachRow(f, rows, c, cRow, at, (row) => {
        sums[row].forEach(
          (sum, v) =>
            void f
              .get(at)
              .access('v128.load', v * 16)
              .set(sum),
        );
      });
    });
    let never = 0;
    f.block((exit) =>
      f.loop((start) => {
        for (let step = 0; step < UNROLL; step++) {
          columns.forEach(
            (column, v) =>
              void f
                .get(b)
                .access('v128.load', v * 16)
                .set(column),
          );
          for (let row = 0; row < rows; row++) {
            if (layout === 'rows') f.get(pointers[row]).access(floats.loadSplat, step * floats.bytes);
            else f.get(a).access(floats.loadSplat, row * floats.bytes);
            f.set(splat);
            columns.forEach((column, v) => void multiplyAdd(f, floats, target, sums[row][v], splat, column));
            if (row < rows - 1) f.get(k).i32(--never).op('i32.eq').brIf(exit);
          }
          advance(f, b, bStep);
          if (layout === 'columns') advance(f, a, aStep);
          f.get(k).i32(1).op('i32.sub').tee(k);
          if (step < UNROLL - 1) f.op('i32.eqz').brIf(exit);
        }
        if (layout === 'rows') {
          // The count for the branch waits on the stack meanwhile.
          for (const pointer of pointers) advance(f, pointer, UNROLL * floats.bytes);
        }
        f.brIf(start);
      }),
    );
    eachRow(f, rows, c, cRow, at, (row) => {
      sums[row].forEach(
        (sum, v) =>
          void f
            .get(at)
            .get(sum)
            .access('v128.store', v * 16),
      );
    });
  });
}

/** All tiles of up to `rows` rows and TILE_VECTORS vectors: `[rows - 1][vectors - 1]`. */
export function defineTiles(
  module: ModuleBuilder,
  floats: Floats,
  target: WasmTarget,
  rows: number,
  layout: RowLayout,
): FunctionRef[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: TILE_VECTORS }, (_, v) =>
      defineTile(module, floats, target, { rows: row + 1, vectors: v + 1, layout }),
    ),
  );
}

function matrixOfLocals(f: FunctionBuilder, rows: number, columns: number): Local[][] {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => f.local('v128')));
}

function rowPointers(f: FunctionBuilder, rows: number, first: Local, step: Local): Local[] {
  const pointers = [first];
  for (let row = 1; row < rows; row++) {
    const pointer = f.local('i32');
    f.get(pointers[row - 1])
      .get(step)
      .op('i32.add')
      .set(pointer);
    pointers.push(pointer);
  }
  return pointers;
}

function eachRow(
  f: FunctionBuilder,
  rows: number,
  first: Local,
  step: Local,
  at: Local,
  visit: (row: number) => void,
): void {
  f.get(first).set(at);
  for (let row = 0; row < rows; row++) {
    visit(row);
    if (row < rows - 1) advance(f, at, step);
  }
}
