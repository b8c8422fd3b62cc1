/**
 * The module of blocked matrix products: rows of A times a B whose vectors of columns lie side by side, packed or as it is.
 *
 *     rows(a, aRow, aColumn, aMatrix, b, bStep, bPanel, bMatrix, bTail, bTailMatrix, c, cRow, cColumn, cMatrix,
 *          m, n, k, kBlock, begin, end)
 *
 * computes rows `begin` to `end` of C, counted through all matrices of the batch; strides in bytes. B's panel p starts at
 * b + p · bPanel and its next k is bStep away; the last panel, if it is not whole, is at bTail, packed, when that is not 0.
 * `columns(…)` computes panels `begin` to `end` of B instead, for all rows.
 *
 * Blocks: kBlock steps of k at a time, so that a panel of B stays in the first cache, for ROW_BLOCK rows, whose part of A stays in
 * the second one, packed into the thread's scratch memory if it is not used as it is. An element of C is summed over k in the same
 * order wherever blocks and parts begin. All loops but the tiles' run seldom enough to be quick before they are optimized.
 */
import type { FunctionBuilder, FunctionRef, GlobalRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmTarget } from '../kernelCall';
import { type FloatName, type Floats, floatsOf } from './floats';
import { definePackPanels, definePanel } from './packing';
import { defineTiles, type RowLayout, TILE_VECTORS, tileRows } from './tile';

/** How A is used: packed first, or as it is, with the layout of a tile's. */
export type RowAccess = 'packed' | RowLayout;

/** Rows of A that are packed at a time: a multiple of the rows of all tiles. */
export const ROW_BLOCK = 96;

/** Scratch memory that comes before packed rows: a tile of C. */
const TILE_BYTES = 1024;

/** The longest block of k that scratch memory and the first cache have room for. */
export const MAXIMUM_K_BLOCK = 384;

const ROWS_PARAMETERS = 20;

/** Elements in a panel of B. */
export function panelWidth(dtype: FloatName): number {
  return TILE_VECTORS * floatsOf(dtype).lanes;
}

const modules = new Map<string, KernelModule>();

/** The module of products with A used in some way. */
export function productModule(dtype: FloatName, access: RowAccess): KernelModule {
  const key = `matmul/${dtype}/${access}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = { key, build: (target) => build(floatsOf(dtype), access, target) };
    modules.set(key, module);
  }
  return module;
}

/** The module whose export `pack` packs B; see definePackPanels. */
export function packModule(dtype: FloatName): KernelModule {
  const key = `matmul/pack/${dtype}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = {
      key,
      build: ({ shared }) => {
        const builder = new ModuleBuilder();
        builder.importMemory({ shared });
        const width = panelWidth(dtype);
        const floats = floatsOf(dtype);
        definePackPanels(builder, floats, width, 'pack', definePanel(builder, floats, width, true));
        return builder.toBytes();
      },
    };
    modules.set(key, module);
  }
  return module;
}

function build(floats: Floats, access: RowAccess, target: WasmTarget): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const scratch = module.importGlobal('scratch');
  const most = tileRows(target);
  const layout = access === 'packed' ? 'columns' : access;
  const tiles = defineTiles(module, floats, target, most, layout);
  const edge = defineEdge(module, floats, scratch, tiles);
  const row = access === 'packed' ? definePanel(module, floats, most, false) : null;
  const block = defineBlock(module, { floats, access, scratch, tiles, edge, panel: row });
  defineRows(module, block);
  defineColumns(module, floats, block);
  return module.toBytes();
}

/** Calls the tile for `rows` of them, which a local holds; arguments by `args`. */
function callTile(f: FunctionBuilder, tiles: FunctionRef[][], vectors: number, rows: Local, args: () => void): void {
  f.block((done) => {
    for (let count = tiles.length; count >= 1; count--) {
      const call = () => {
        args();
        f.call(tiles[count - 1][vectors - 1]);
      };
      if (count === 1) call();
      else
        f.get(rows)
          .i32(count)
          .op('i32.eq')
          .if(() => {
            call();
            f.br(done);
          });
    }
  });
}

/**
 * edge(a, aStep, b, bStep, c, cRow, cColumn, rows, columns, k, accumulate): a tile whose columns are too few for whole vectors, or
 * not side by side in C: by way of scratch memory.
 */
function defineEdge(module: ModuleBuilder, floats: Floats, scratch: GlobalRef, tiles: FunctionRef[][]): FunctionRef {
  const tileRow = TILE_VECTORS * 16;
  return module.define(null, new Array(11).fill('i32'), [], (f, ...params) => {
    const [a, aStep, b, bStep, c, cRow, cColumn, rows, columns, k, accumulate] = params;
    const [row, column, at, from] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const copyTile = (copy: () => void) =>
      forRange(f, row, 0, rows, 1, () => {
        f.get(c).set(at);
        advanceBy(f, at, row, cRow);
        f.getGlobal(scratch).set(from);
        advanceBy(f, from, row, tileRow);
        forRange(f, column, 0, columns, 1, () => {
          copy();
          advance(f, at, cColumn);
          advance(f, from, floats.bytes);
        });
      });
    f.get(accumulate).if(() => copyTile(() => f.get(from).get(at).access(floats.load).access(floats.store)));
    const args = () => {
      f.get(a).get(aStep).get(b).get(bStep).getGlobal(scratch).i32(tileRow).get(k).get(accumulate);
    };
    f.get(columns).i32(floats.lanes).op('i32.gt_s');
    f.if(
      () => callTile(f, tiles, 2, rows, args),
      () => callTile(f, tiles, 1, rows, args),
    );
    copyTile(() => f.get(at).get(from).access(floats.load).access(floats.store));
  });
}

interface BlockParts {
  readonly floats: Floats;
  readonly access: RowAccess;
  readonly scratch: GlobalRef;
  readonly tiles: FunctionRef[][];
  readonly edge: FunctionRef;
  /** Packs a panel of A. */
  readonly panel: FunctionRef | null;
}

/**
 * block(a, aRow, aColumn, b, bStep, bPanel, bTail, c, cRow, cColumn, rows, n, k, kBlock): up to ROW_BLOCK rows of one matrix.
 */
function defineBlock(module: ModuleBuilder, { floats, access, scratch, tiles, edge, panel }: BlockParts): FunctionRef {
  const [most, width] = [tiles.length, TILE_VECTORS * floats.lanes];
  return module.define(null, new Array(14).fill('i32'), [], (f, ...params) => {
    const [a, aRow, aColumn, b, bStep, bPanel, bTail, c, cRow, cColumn, rows, n, k, kBlock] = params;
    const names = [
      'k0',
      'steps',
      'left',
      'at',
      'to',
      'panelBytes',
      'part',
      'aStep',
      'bAt',
      'bNext',
      'cAt',
      'cPanel',
      'columns',
    ];
    const locals = names.map(() => f.local('i32'));
    const [k0, steps, left, at, to, panelBytes, part, aStep, bAt, bNext, cAt, cPanel, columns] = locals;
    if (access === 'packed') f.i32(most * floats.bytes).set(aStep);
    else f.get(access === 'rows' ? aRow : aColumn).set(aStep);
    forRange(f, k0, 0, k, kBlock, () => {
      f.get(k).get(k0).op('i32.sub').set(steps);
      setMinimum(f, steps, steps, kBlock);
      if (panel !== null) {
        f.get(steps)
          .i32(most * floats.bytes)
          .op('i32.mul')
          .set(panelBytes);
        f.getGlobal(scratch).i32(TILE_BYTES).op('i32.add').set(to);
        f.get(a).set(at);
        forRange(f, left, 0, rows, most, () => {
          f.get(rows).get(left).op('i32.sub').set(part);
          setMinimum(f, part, part, most);
          f.get(at).get(aRow).get(aColumn).get(to).get(part).get(steps).call(panel);
          advanceBy(f, at, aRow, most);
          advance(f, to, panelBytes);
        });
      } else f.get(aRow).i32(most).op('i32.mul').set(panelBytes);
      f.get(c).set(cPanel);
      f.get(n).set(columns);
      f.get(b).set(bNext);
      f.block((finished) =>
        f.loop((next) => {
          f.get(columns).i32(0).op('i32.le_s').brIf(finished);
          f.get(bNext).set(bAt);
          f.get(bStep).set(part);
          f.get(columns).i32(width).op('i32.lt_s').get(bTail).i32(0).op('i32.ne').op('i32.and');
          f.if(() => {
            f.get(bTail).set(bAt);
            advanceBy(f, bAt, k0, width * floats.bytes);
            f.i32(width * floats.bytes).set(part);
          });
          if (panel !== null) f.getGlobal(scratch).i32(TILE_BYTES).op('i32.add').set(at);
          else f.get(a).set(at);
          f.get(cPanel).set(cAt);
          f.get(rows).set(left);
          const inputs = () => f.get(at).get(aStep).get(bAt).get(part);
          const sizes = () => f.get(steps).get(k0);
          f.get(columns).i32(width).op('i32.ge_s').get(cColumn).i32(floats.bytes).op('i32.eq').op('i32.and');
          f.if(
            () => {
              const args = () => {
                inputs().get(cAt).get(cRow);
                sizes();
              };
              whileAtLeast(f, left, most, () => {
                args();
                f.call(tiles[most - 1][TILE_VECTORS - 1]);
                advance(f, at, panelBytes);
                advanceBy(f, cAt, cRow, most);
              });
              f.get(left).if(() => callTile(f, tiles, TILE_VECTORS, left, args));
            },
            () => {
              f.block((done) =>
                f.loop((again) => {
                  inputs().get(cAt).get(cRow).get(cColumn);
                  f.get(left).i32(most).get(left).i32(most).op('i32.lt_s').op('select');
                  f.get(columns).i32(width).get(columns).i32(width).op('i32.lt_s').op('select');
                  sizes();
                  f.call(edge);
                  advance(f, at, panelBytes);
                  advanceBy(f, cAt, cRow, most);
                  f.get(left).i32(most).op('i32.sub').tee(left).i32(0).op('i32.gt_s').brIf(again).br(done);
                }),
              );
            },
          );
          advance(f, bNext, bPanel);
          advanceBy(f, cPanel, cColumn, width);
          f.get(columns).i32(width).op('i32.sub').set(columns).br(next);
        }),
      );
      advanceBy(f, a, aColumn, steps);
      advanceBy(f, b, bStep, steps);
    });
  });
}

/** Splits one matrix's rows into blocks; locals hold where they start and are used up. */
function eachBlock(f: FunctionBuilder, block: FunctionRef, p: MatrixParts): void {
  const part = f.local('i32');
  f.block((done) =>
    f.loop((next) => {
      f.get(p.rows).i32(0).op('i32.le_s').brIf(done);
      setMinimum(f, part, p.rows, ROW_BLOCK);
      f.get(p.a).get(p.aRow).get(p.aColumn).get(p.b).get(p.bStep).get(p.bPanel).get(p.tail);
      f.get(p.c).get(p.cRow).get(p.cColumn).get(part).get(p.n).get(p.k).get(p.kBlock).call(block);
      advanceBy(f, p.a, p.aRow, ROW_BLOCK);
      advanceBy(f, p.c, p.cRow, ROW_BLOCK);
      f.get(p.rows).i32(ROW_BLOCK).op('i32.sub').set(p.rows).br(next);
    }),
  );
}

type MatrixParts = Readonly<
  Record<
    | 'a'
    | 'aRow'
    | 'aColumn'
    | 'b'
    | 'bStep'
    | 'bPanel'
    | 'tail'
    | 'c'
    | 'cRow'
    | 'cColumn'
    | 'rows'
    | 'n'
    | 'k'
    | 'kBlock',
    Local
  >
>;

function defineRows(module: ModuleBuilder, block: FunctionRef): void {
  module.define('rows', new Array(ROWS_PARAMETERS).fill('i32'), [], (f, ...params) => {
    const [a, aRow, aColumn, aMatrix, b, bStep, bPanel, bMatrix, bTail, bTailMatrix] = params;
    const [c, cRow, cColumn, cMatrix, m, n, k, kBlock, begin, end] = params.slice(10);
    const [matrix, first, rows, aAt, bAt, cAt, tail] = Array.from({ length: 7 }, () => f.local('i32'));
    f.block((done) =>
      f.loop((next) => {
        f.get(begin).get(end).op('i32.ge_s').brIf(done);
        f.get(begin).get(m).op('i32.div_u').set(matrix);
        f.get(begin).get(m).op('i32.rem_u').set(first);
        f.get(end).get(begin).op('i32.sub').set(rows);
        f.get(m).get(first).op('i32.sub').set(aAt);
        setMinimum(f, rows, rows, aAt);
        advance(f, begin, rows);
        startMatrix(f, matrix, { aAt, bAt, cAt, tail }, { a, aMatrix, b, bMatrix, c, cMatrix, bTail, bTailMatrix });
        advanceBy(f, aAt, first, aRow);
        advanceBy(f, cAt, first, cRow);
        const parts = { a: aAt, aRow, aColumn, b: bAt, bStep, bPanel, tail, c: cAt, cRow, cColumn, rows, n, k, kBlock };
        eachBlock(f, block, parts);
        f.br(next);
      }),
    );
  });
}

function defineColumns(module: ModuleBuilder, floats: Floats, block: FunctionRef): void {
  const width = TILE_VECTORS * floats.lanes;
  module.define('columns', new Array(ROWS_PARAMETERS).fill('i32'), [], (f, ...params) => {
    const [a, aRow, aColumn, aMatrix, b, bStep, bPanel, bMatrix, bTail, bTailMatrix] = params;
    const [c, cRow, cColumn, cMatrix, m, n, k, kBlock, begin, end] = params.slice(10);
    const names = ['matrix', 'first', 'count', 'panels', 'rows', 'columns', 'aAt', 'bAt', 'cAt', 'tail'];
    const [matrix, first, count, panels, rows, columns, aAt, bAt, cAt, tail] = names.map(() => f.local('i32'));
    f.get(n)
      .i32(width - 1)
      .op('i32.add')
      .i32(width)
      .op('i32.div_u')
      .set(panels);
    f.block((done) =>
      f.loop((next) => {
        f.get(begin).get(end).op('i32.ge_s').brIf(done);
        f.get(begin).get(panels).op('i32.div_u').set(matrix);
        f.get(begin).get(panels).op('i32.rem_u').set(first);
        f.get(end).get(begin).op('i32.sub').set(count);
        f.get(panels).get(first).op('i32.sub').set(aAt);
        setMinimum(f, count, count, aAt);
        advance(f, begin, count);
        startMatrix(f, matrix, { aAt, bAt, cAt, tail }, { a, aMatrix, b, bMatrix, c, cMatrix, bTail, bTailMatrix });
        advanceBy(f, bAt, first, bPanel);
        f.get(first).i32(width).op('i32.mul').set(columns);
        advanceBy(f, cAt, columns, cColumn);
        f.get(n).get(columns).op('i32.sub').set(columns);
        f.get(count).i32(width).op('i32.mul').set(rows);
        setMinimum(f, columns, columns, rows);
        f.get(m).set(rows);
        const parts = {
          a: aAt,
          aRow,
          aColumn,
          b: bAt,
          bStep,
          bPanel,
          tail,
          c: cAt,
          cRow,
          cColumn,
          rows,
          n: columns,
          k,
          kBlock,
        };
        eachBlock(f, block, parts);
        f.br(next);
      }),
    );
  });
}

/** Where a matrix of the batch starts. */
function startMatrix(
  f: FunctionBuilder,
  matrix: Local,
  at: Readonly<Record<'aAt' | 'bAt' | 'cAt' | 'tail', Local>>,
  p: Readonly<Record<'a' | 'aMatrix' | 'b' | 'bMatrix' | 'c' | 'cMatrix' | 'bTail' | 'bTailMatrix', Local>>,
): void {
  const start = (target: Local, base: Local, stride: Local) => {
    f.get(base).set(target);
    advanceBy(f, target, matrix, stride);
  };
  start(at.aAt, p.a, p.aMatrix);
  start(at.bAt, p.b, p.bMatrix);
  start(at.cAt, p.c, p.cMatrix);
  start(at.tail, p.bTail, p.bTailMatrix);
}
