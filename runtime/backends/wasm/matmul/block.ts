/**
 * The middle of matrix products: a block of rows of A times all of B, tile by tile. Where A's rows come from is the caller's
 * matter: they are used where they are, or packed panel by panel by whatever code the caller emits; convolutions gather
 * patches there.
 *
 * Blocks: kBlock steps of k at a time, so that a panel of B stays in the first cache, for ROW_BLOCK rows, whose part of A stays in
 * the second one, packed into the thread's scratch memory. An element of C is summed over k in the same order wherever blocks and
 * parts begin. All loops but the tiles' run seldom enough to be quick before they are optimized.
 */
import type { FunctionBuilder, FunctionRef, GlobalRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import type { WasmTarget } from '../kernelCall';
import { type FloatName, type Floats, floatsOf } from './floats';
import { defineTiles, type RowLayout, TILE_VECTORS, tileRows } from './tile';

/** Rows of A that are packed at a time: a multiple of the rows of all tiles. */
export const ROW_BLOCK = 96;

/** Scratch memory that comes before packed rows: a tile of C. */
const TILE_BYTES = 1024;

/** The longest block of k that scratch memory and the first cache have room for. */
export const MAXIMUM_K_BLOCK = 384;

/** The length of the blocks that k is best cut into. */
export function kBlockOf(k: number): number {
  const blocks = Math.max(1, Math.ceil(k / MAXIMUM_K_BLOCK));
  return Math.max(1, Math.ceil(k / blocks / 2) * 2);
}

/** Elements in a panel of B. */
export function panelWidth(dtype: FloatName): number {
  return TILE_VECTORS * floatsOf(dtype).lanes;
}

/** Locals that say which panel of A is to be packed, and where to. */
export interface PanelPoint {
  /** Where its first row starts, as the caller of the block counts: `a`, advanced by rows and by k. */
  readonly at: Local;
  readonly aRow: Local;
  readonly aColumn: Local;
  /** How many rows, at most those of a tile. */
  readonly rows: Local;
  /** The first k, and how many. */
  readonly k0: Local;
  readonly steps: Local;
  readonly to: Local;
}

export interface BlockParts {
  readonly floats: Floats;
  readonly target: WasmTarget;
  readonly scratch: GlobalRef;
  /** Where a tile's rows of A lie; 'columns' when they are packed. */
  readonly layout: RowLayout;
  /** Emits the packing of one panel of A. */
  readonly pack: ((f: FunctionBuilder, point: PanelPoint) => void) | null;
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

/**
 * block(a, aRow, aColumn, b, bStep, bPanel, bTail, c, cRow, cColumn, rows, n, k, kBlock): up to ROW_BLOCK rows of one matrix.
 */
export function defineBlock(module: ModuleBuilder, parts: BlockParts): FunctionRef {
  const { floats, target, scratch, layout, pack } = parts;
  const [most, width] = [tileRows(target), TILE_VECTORS * floats.lanes];
  const tiles = defineTiles(module, floats, target, most, layout);
  const edge = defineEdge(module, floats, scratch, tiles);
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
    if (pack !== null) f.i32(most * floats.bytes).set(aStep);
    else f.get(layout === 'rows' ? aRow : aColumn).set(aStep);
    forRange(f, k0, 0, k, kBlock, () => {
      f.get(k).get(k0).op('i32.sub').set(steps);
      setMinimum(f, steps, steps, kBlock);
      if (pack !== null) {
        f.get(steps)
          .i32(most * floats.bytes)
          .op('i32.mul')
          .set(panelBytes);
        f.getGlobal(scratch).i32(TILE_BYTES).op('i32.add').set(to);
        f.get(a).set(at);
        forRange(f, left, 0, rows, most, () => {
          f.get(rows).get(left).op('i32.sub').set(part);
          setMinimum(f, part, part, most);
          pack(f, { at, aRow, aColumn, rows: part, k0, steps, to });
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
          if (pack !== null) f.getGlobal(scratch).i32(TILE_BYTES).op('i32.add').set(at);
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
export function eachBlock(f: FunctionBuilder, block: FunctionRef, p: MatrixParts): void {
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

export type MatrixParts = Readonly<
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
