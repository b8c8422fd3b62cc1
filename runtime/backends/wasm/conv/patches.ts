/**
 * Products with the matrix of a convolution's patches, which is never in memory: panels of it are gathered while packing.
 *
 * Patches have positions (of windows: picture, row, column) and elements (runs of the filter's rows). The function 'positions' has
 * positions as rows of A and elements as k: the convolution. 'elements' has it the other way round: the filter's gradient.
 *
 *     positions|elements(source, outHeight, outWidth, picture, row, column, run, runs, runRow, runColumn,
 *          b, bStep, bPanel, c, cRow, n, k, kBlock, …epilogue's, begin, end)
 *
 * A position's patch starts at source + picture · its picture + row · its row + column · its column. Its elements come in runs of
 * `run` side by side; run q starts at (q div runs) · runRow + (q mod runs) · runColumn. Bytes, but for sizes and `run`.
 */
import type { FunctionBuilder, FunctionRef, GlobalRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmTarget } from '../kernelCall';
import { defineBlock, definePanelProduct, eachBlock } from '../matmul/block';
import {
  type DefinedEpilogue,
  defineEpilogue,
  type Epilogue,
  epilogueSuffix,
  setEpilogueArgs,
} from '../matmul/epilogue';
import { type FloatName, type Floats, floatsOf } from '../matmul/floats';
import { defineTransposition } from '../matmul/packing';
import { tileRows } from '../matmul/tile';

export type PatchRows = 'positions' | 'elements';

/** In the order of the arguments. */
export const PATCH_GEOMETRY = [
  'source',
  'outHeight',
  'outWidth',
  'picture',
  'row',
  'column',
  'run',
  'runs',
  'runRow',
  'runColumn',
] as const;

/** Where patches lie: set by each call, read while packing. */
export type Geometry = Readonly<Record<(typeof PATCH_GEOMETRY)[number], GlobalRef>>;

/** The module that has both functions, or the one with the epilogue. */
export function patchModule(dtype: FloatName, rows: PatchRows, epilogue: Epilogue | null): KernelModule {
  if (epilogue !== null) {
    const key = `conv/${dtype}/${rows}${epilogueSuffix(epilogue)}`;
    return { key, build: (target) => build(floatsOf(dtype), [rows], epilogue, target) };
  }
  return {
    key: `conv/${dtype}`,
    build: (target) => build(floatsOf(dtype), ['positions', 'elements'], null, target),
  };
}

/** Parameters after the geometry's, without the epilogue's, `begin` and `end`. */
const OWN_PARAMETERS = 8;

function build(
  floats: Floats,
  functions: readonly PatchRows[],
  wanted: Epilogue | null,
  target: WasmTarget,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const scratch = module.importGlobal('scratch');
  const geometry = patchGlobals(module);
  const parts = { floats, target, scratch, layout: 'columns' } as const;
  const product = definePanelProduct(module, parts);
  const blocks = functions.map((rows) => {
    const define = rows === 'positions' ? definePositions : defineElements;
    const panel = define(module, floats, geometry, tileRows(target));
    return defineBlock(module, {
      ...parts,
      accumulate: null,
      panel: product,
      packPair: null,
      pack: (f, { at, rows: count, k0, steps, to }) => f.get(at).get(count).get(k0).get(steps).get(to).call(panel),
    });
  });
  const epilogue = defineEpilogue(wanted, { module, target, scratch });
  functions.forEach((rows, i) => void defineRows(module, rows, { floats, geometry, block: blocks[i], epilogue }));
  return module.toBytes();
}

interface RowsParts {
  readonly floats: Floats;
  readonly geometry: Geometry;
  readonly block: FunctionRef;
  readonly epilogue: DefinedEpilogue | null;
}

function defineRows(module: ModuleBuilder, name: PatchRows, { floats, geometry, block, epilogue }: RowsParts): void {
  const first = PATCH_GEOMETRY.length + OWN_PARAMETERS;
  const parameters = first + (epilogue?.args.length ?? 0) + 2;
  module.define(name, new Array(parameters).fill('i32'), [], (f, ...params) => {
    PATCH_GEOMETRY.forEach((field, i) => void f.get(params[i]).setGlobal(geometry[field]));
    setEpilogueArgs(f, epilogue, params.slice(first));
    const [b, bStep, bPanel, c, cRow, n, k, kBlock] = params.slice(PATCH_GEOMETRY.length);
    const [begin, end] = params.slice(-2);
    const names = ['a', 'aRow', 'aColumn', 'tail', 'cColumn', 'count', 'row', 'column'];
    const [a, aRow, aColumn, tail, cColumn, count, row, column] = names.map(() => f.local('i32'));
    f.get(begin).tee(row).set(a).i32(1).set(aRow).i32(floats.bytes).set(cColumn);
    advanceBy(f, c, begin, cRow);
    f.get(end).get(begin).op('i32.sub').set(count);
    const parts = { a, aRow, aColumn, b, bStep, bPanel, tail, c, cRow, cColumn };
    eachBlock(f, block, { ...parts, rows: count, n, k, kBlock, row, column }, epilogue);
  });
}

/** Globals for where patches lie. */
export function patchGlobals(module: ModuleBuilder): Geometry {
  return Object.fromEntries(PATCH_GEOMETRY.map((name) => [name, module.defineGlobal()])) as unknown as Geometry;
}

export interface Place {
  readonly picture: Local;
  readonly y: Local;
  readonly x: Local;
}

/** Splits a position into picture, row and column. */
export function locate(f: FunctionBuilder, g: Geometry, position: Local): Place {
  const [picture, y, x] = [f.local('i32'), f.local('i32'), f.local('i32')];
  f.get(position).getGlobal(g.outWidth).op('i32.rem_u').set(x);
  f.get(position).getGlobal(g.outWidth).op('i32.div_u').set(picture);
  f.get(picture).getGlobal(g.outHeight).op('i32.rem_u').set(y);
  f.get(picture).getGlobal(g.outHeight).op('i32.div_u').set(picture);
  return { picture, y, x };
}

/** Where a position's patch starts. */
export function pushPatch(f: FunctionBuilder, g: Geometry, { picture, y, x }: Place): void {
  f.getGlobal(g.source);
  f.get(picture).getGlobal(g.picture).op('i32.mul').op('i32.add');
  f.get(y).getGlobal(g.row).op('i32.mul').op('i32.add');
  f.get(x).getGlobal(g.column).op('i32.mul').op('i32.add');
}

/** Goes on to the next row of positions where `x` has reached the end of one. */
export function wrap(f: FunctionBuilder, g: Geometry, { picture, y, x }: Place): void {
  f.get(x).getGlobal(g.outWidth).op('i32.eq');
  f.if(() => {
    f.i32(0).set(x);
    advance(f, y, 1);
    f.get(y).getGlobal(g.outHeight).op('i32.eq');
    f.if(() => {
      f.i32(0).set(y);
      advance(f, picture, 1);
    });
  });
}

/** Where element `at` of run `run` lies in a patch. */
function pushElement(f: FunctionBuilder, g: Geometry, floats: Floats, run: Local, at: Local): void {
  f.get(run).getGlobal(g.runs).op('i32.div_u').getGlobal(g.runRow).op('i32.mul');
  f.get(run).getGlobal(g.runs).op('i32.rem_u').getGlobal(g.runColumn).op('i32.mul').op('i32.add');
  f.get(at).i32(floats.bytes).op('i32.mul').op('i32.add');
}

/** panel(first, rows, k0, steps, to): up to `width` positions, `steps` elements of each. Rows that are missing repeat the last. */
function definePositions(module: ModuleBuilder, floats: Floats, g: Geometry, width: number): FunctionRef {
  const { bytes } = floats;
  return module.define(null, new Array(5).fill('i32'), [], (f, first, rows, k0, steps, to) => {
    const [run, at, count, offset] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const place = locate(f, g, first);
    const patches = Array.from({ length: width }, () => f.local('i32'));
    patches.forEach((patch, row) => {
      if (row > 0) {
        f.get(rows).i32(row).op('i32.gt_s');
        f.if(() => {
          advance(f, place.x, 1);
          wrap(f, g, place);
        });
      }
      pushPatch(f, g, place);
      f.set(patch);
    });
    f.get(k0).getGlobal(g.run).op('i32.div_u').set(run);
    f.get(k0).getGlobal(g.run).op('i32.rem_u').set(at);
    const transposition = defineTransposition(f, floats, width);
    f.block((done) =>
      f.loop((next) => {
        f.get(steps).op('i32.eqz').brIf(done);
        f.getGlobal(g.run).get(at).op('i32.sub').set(count);
        setMinimum(f, count, count, steps);
        pushElement(f, g, floats, run, at);
        f.set(offset);
        f.get(steps).get(count).op('i32.sub').set(steps);
        whileAtLeast(f, count, floats.lanes, () => {
          transposition(to, (row) => f.get(patches[row]).get(offset).op('i32.add').access('v128.load'));
          advance(f, offset, 16);
          advance(f, to, 16 * width);
        });
        whileAtLeast(f, count, 1, () => {
          patches.forEach((patch, row) => {
            f.get(to)
              .get(patch)
              .get(offset)
              .op('i32.add')
              .access(floats.load)
              .access(floats.store, row * bytes);
          });
          advance(f, offset, bytes);
          advance(f, to, bytes * width);
        });
        advance(f, run, 1);
        f.i32(0).set(at).br(next);
      }),
    );
  });
}

/** panel(first, rows, k0, steps, to): up to `width` elements, at `steps` positions from k0 on. Rows that are missing repeat the last. */
function defineElements(module: ModuleBuilder, floats: Floats, g: Geometry, width: number): FunctionRef {
  const { bytes } = floats;
  return module.define(null, new Array(5).fill('i32'), [], (f, first, rows, k0, steps, to) => {
    const [run, at, count, patch, from] = Array.from({ length: 5 }, () => f.local('i32'));
    const offsets = Array.from({ length: width }, () => f.local('i32'));
    f.get(first).getGlobal(g.run).op('i32.div_u').set(run);
    f.get(first).getGlobal(g.run).op('i32.rem_u').set(at);
    offsets.forEach((offset, row) => {
      if (row > 0) {
        f.get(rows).i32(row).op('i32.gt_s');
        f.if(() => {
          advance(f, at, 1);
          f.get(at).getGlobal(g.run).op('i32.eq');
          f.if(() => {
            f.i32(0).set(at);
            advance(f, run, 1);
          });
        });
      }
      pushElement(f, g, floats, run, at);
      f.set(offset);
    });
    const place = locate(f, g, k0);
    f.block((done) =>
      f.loop((next) => {
        f.get(steps).op('i32.eqz').brIf(done);
        f.getGlobal(g.outWidth).get(place.x).op('i32.sub').set(count);
        setMinimum(f, count, count, steps);
        pushPatch(f, g, place);
        f.set(patch);
        f.get(steps).get(count).op('i32.sub').set(steps);
        advance(f, place.x, count);
        wrap(f, g, place);
        const eachPosition = (copy: () => void) =>
          whileAtLeast(f, count, 1, () => {
            copy();
            f.get(patch).getGlobal(g.column).op('i32.add').set(patch);
            advance(f, to, bytes * width);
          });
        f.get(offsets[width - 1])
          .get(offsets[0])
          .op('i32.sub')
          .i32((width - 1) * bytes)
          .op('i32.eq');
        f.if(
          () => {
            f.get(patch).get(offsets[0]).op('i32.add').set(from);
            eachPosition(() => {
              let done = 0;
              for (; done + 16 <= width * bytes; done += 16)
                f.get(to).get(from).access('v128.load', done).access('v128.store', done);
              if (done < width * bytes) f.get(to).get(from).access('i64.load', done).access('i64.store', done);
              f.get(from).getGlobal(g.column).op('i32.add').set(from);
            });
          },
          () =>
            eachPosition(() =>
              offsets.forEach((offset, row) => {
                f.get(to)
                  .get(patch)
                  .get(offset)
                  .op('i32.add')
                  .access(floats.load)
                  .access(floats.store, row * bytes);
              }),
            ),
        );
        f.br(next);
      }),
    );
  });
}
