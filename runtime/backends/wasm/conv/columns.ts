/**
 * The module for convolutions by BLAS: it writes patches as the rows of a matrix, and adds the rows of such a matrix to where their
 * elements came from. Geometry as in patches.ts; k is a patch's elements.
 *
 *     gather(…geometry, k, first, to, begin, end)                    // positions first + begin to first + end, to to + …
 *     scatter(…geometry, k, filterHeight, stride, dilation, height, firstRow, rows, firstPicture, from, begin, end)
 *
 * scatter has the patches of output rows firstRow to firstRow + rows, counted through the batch, at `from`. It is split by the rows
 * of the pictures that are added to, `height` of them in each picture from firstPicture on, so that no two parts meet.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { advance, forRange, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';
import { type FloatName, type Floats, floatsOf } from '../matmul/floats';
import { type ConvSpec, type PaddedSource, patchArguments, patchSizeOf } from './convSpec';
import { type Geometry, locate, PATCH_GEOMETRY, patchGlobals, pushPatch, wrap } from './patches';

function columnsModule(dtype: FloatName): KernelModule {
  return {
    key: `conv/columns/${dtype}`,
    build: ({ shared }) => {
      const builder = new ModuleBuilder();
      builder.importMemory({ shared });
      const geometry = patchGlobals(builder);
      defineGather(builder, floatsOf(dtype), geometry);
      defineScatter(builder, floatsOf(dtype), geometry);
      return builder.toBytes();
    },
  };
}

/** A piece of the output: its first row and rows, counted through the batch, and its first position and positions. */
export interface Chunk {
  readonly firstRow: number;
  readonly rows: number;
  readonly first: number;
  readonly count: number;
}

/** The pictures that patches are read from: the input, or the copy of it with zeros around it. */
export interface Picture {
  readonly source: PaddedSource;
  readonly at: number;
}

/** The call that writes the patches of a chunk as rows of a matrix, from a picture with its padding. */
export function gatherCall(spec: ConvSpec, { source, at }: Picture, chunk: Chunk, to: number): WasmCall {
  const args = [...patchArguments(spec, source, at, at), patchSizeOf(spec), chunk.first, to];
  const range = { extent: chunk.count, grain: 16 };
  return { kind: 'wasm', module: columnsModule(spec.dtype), exportName: 'gather', args, range };
}

/** The call that adds the rows of such a matrix to where their elements come from. */
export function scatterCall(spec: ConvSpec, { source, at }: Picture, chunk: Chunk, from: number): WasmCall {
  const height = (spec.outHeight - 1) * spec.strideHeight + (spec.filterHeight - 1) * spec.dilationHeight + 1;
  const firstPicture = Math.floor(chunk.firstRow / spec.outHeight);
  const lastPicture = Math.floor((chunk.firstRow + chunk.rows - 1) / spec.outHeight);
  const args = [
    ...patchArguments(spec, source, at, at),
    patchSizeOf(spec),
    spec.filterHeight,
    spec.strideHeight,
    spec.dilationHeight,
    height,
    chunk.firstRow,
    chunk.rows,
    firstPicture,
    from,
  ];
  const range = { extent: (lastPicture - firstPicture + 1) * height, grain: 1 };
  return { kind: 'wasm', module: columnsModule(spec.dtype), exportName: 'scatter', args, range };
}

function defineGather(module: ModuleBuilder, floats: Floats, g: Geometry): void {
  const { length } = PATCH_GEOMETRY;
  module.define('gather', new Array(length + 5).fill('i32'), [], (f, ...params) => {
    PATCH_GEOMETRY.forEach((name, i) => void f.get(params[i]).setGlobal(g[name]));
    const [k, first, to, begin, end] = params.slice(length);
    const names = ['position', 'target', 'left', 'count', 'line', 'runs', 'part', 'at', 'size'];
    const [position, target, left, count, line, runs, part, at, size] = names.map(() => f.local('i32'));
    f.get(to).get(begin).get(k).op('i32.mul').i32(floats.bytes).op('i32.mul').op('i32.add').set(target);
    f.get(first).get(begin).op('i32.add').set(position);
    const place = locate(f, g, position);
    f.get(end).get(begin).op('i32.sub').set(count);
    whileAtLeast(f, count, 1, () => {
      pushPatch(f, g, place);
      f.set(line).get(k).set(left);
      whileAtLeast(f, left, 1, () => {
        f.get(line).set(part).getGlobal(g.runs).set(runs);
        whileAtLeast(f, runs, 1, () => {
          f.get(part).set(at).getGlobal(g.run).set(size);
          copyRun(f, floats, target, at, size);
          f.get(part).getGlobal(g.runColumn).op('i32.add').set(part);
          f.get(left).getGlobal(g.run).op('i32.sub').set(left);
        });
        f.get(line).getGlobal(g.runRow).op('i32.add').set(line);
        // The loop itself takes one element off.
        advance(f, left, 1);
      });
      advance(f, place.x, 1);
      wrap(f, g, place);
    });
  });
}

/** Copies `count` elements, and moves both pointers past them. */
function copyRun(f: FunctionBuilder, floats: Floats, to: Local, from: Local, count: Local): void {
  const step = (bytes: number) => {
    advance(f, to, bytes);
    advance(f, from, bytes);
  };
  whileAtLeast(f, count, floats.lanes, () => {
    f.get(to).get(from).access('v128.load').access('v128.store');
    step(16);
  });
  whileAtLeast(f, count, 1, () => {
    f.get(to).get(from).access(floats.load).access(floats.store);
    step(floats.bytes);
  });
}

/** Adds `count` elements, and moves both pointers past them. */
function addRun(f: FunctionBuilder, floats: Floats, to: Local, from: Local, count: Local): void {
  const step = (bytes: number) => {
    advance(f, to, bytes);
    advance(f, from, bytes);
  };
  whileAtLeast(f, count, floats.lanes, () => {
    f.get(to).get(to).access('v128.load').get(from).access('v128.load').op(floats.add).access('v128.store');
    step(16);
  });
  whileAtLeast(f, count, 1, () => {
    f.get(to).get(to).access(floats.load).get(from).access(floats.load).op(floats.scalarAdd).access(floats.store);
    step(floats.bytes);
  });
}

function defineScatter(module: ModuleBuilder, floats: Floats, g: Geometry): void {
  const { length } = PATCH_GEOMETRY;
  module.define('scatter', new Array(length + 11).fill('i32'), [], (f, ...params) => {
    PATCH_GEOMETRY.forEach((name, i) => void f.get(params[i]).setGlobal(g[name]));
    const [k, filterHeight, stride, dilation, height, firstRow, rows, firstPicture, from, begin, end] =
      params.slice(length);
    const names = [
      'unit',
      'picture',
      'y',
      'tap',
      'above',
      'row',
      'x',
      'patch',
      'part',
      'to',
      'source',
      'count',
      'column',
    ];
    const locals = names.map(() => f.local('i32'));
    const [unit, picture, y, tap, above, row, x, patch, part, to, source, count, column] = locals;
    forRange(f, unit, begin, end, 1, () => {
      f.get(unit).get(height).op('i32.div_u').get(firstPicture).op('i32.add').set(picture);
      f.get(unit).get(height).op('i32.rem_u').set(y);
      forRange(f, tap, 0, filterHeight, 1, () => {
        f.get(y).get(tap).get(dilation).op('i32.mul').op('i32.sub').set(above);
        // The output row whose patches have this tap here, counted from the first one at hand.
        f.get(picture).getGlobal(g.outHeight).op('i32.mul').get(above).get(stride).op('i32.div_s').op('i32.add');
        f.get(firstRow).op('i32.sub').set(row);
        f.get(above).i32(0).op('i32.ge_s').get(above).get(stride).op('i32.rem_s').op('i32.eqz').op('i32.and');
        f.get(above).get(stride).op('i32.div_s').getGlobal(g.outHeight).op('i32.lt_s').op('i32.and');
        f.get(row).get(rows).op('i32.lt_u').op('i32.and');
        f.if(() => {
          f.get(row).getGlobal(g.outWidth).op('i32.mul').get(k).op('i32.mul');
          f.get(tap).getGlobal(g.runs).op('i32.mul').getGlobal(g.run).op('i32.mul').op('i32.add');
          f.i32(floats.bytes).op('i32.mul').get(from).op('i32.add').set(patch);
          f.getGlobal(g.source).get(picture).getGlobal(g.picture).op('i32.mul').op('i32.add');
          // Pictures' rows are runRow apart for each step of the dilation.
          f.get(y).getGlobal(g.runRow).get(dilation).op('i32.div_u').op('i32.mul').op('i32.add').set(column);
          f.getGlobal(g.outWidth).set(x);
          whileAtLeast(f, x, 1, () => {
            f.get(column).set(part).get(patch).set(source);
            const runs = f.local('i32');
            f.getGlobal(g.runs).set(runs);
            whileAtLeast(f, runs, 1, () => {
              f.get(part).set(to).getGlobal(g.run).set(count);
              addRun(f, floats, to, source, count);
              f.get(part).getGlobal(g.runColumn).op('i32.add').set(part);
            });
            f.get(column).getGlobal(g.column).op('i32.add').set(column);
            f.get(patch).get(k).i32(floats.bytes).op('i32.mul').op('i32.add').set(patch);
          });
        });
      });
    });
  });
}
