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
import { SCRATCH_BYTES, type WasmTarget } from '../kernelCall';
import type { DefinedEpilogue } from './epilogue';
import { type FloatName, type Floats, floatsOf } from './floats';
import { defineTiles, type RowLayout, TILE_VECTORS, tileRows } from './tile';

/** Rows of A that are packed at a time: a multiple of the rows of all tiles. */
export const ROW_BLOCK = 192;

/** Scratch memory that comes before packed rows: a tile of C. */
const TILE_BYTES = 1024;

/** The longest block of k, in bytes of a row: a panel of B takes half of the first cache then, and a tile's rows of A most of the rest. */
const K_BLOCK_BYTES = 2048;

/** Where rows of C are that are never stored: after the panels of a pair, and the packed rows. */
const RESULT_OFFSET = TILE_BYTES + 2 * TILE_VECTORS * 16 * (K_BLOCK_BYTES / 4) + ROW_BLOCK * K_BLOCK_BYTES;
/** From so many rows on, the epilogue of a block finds its first rows gone from the second cache. */
const MOST_SCRATCH_ROWS = 96;

/** How many rows of C, of n columns, may be in scratch memory at a time. */
export function scratchRowsOf(dtype: FloatName, n: number): number {
  const rows = Math.floor((SCRATCH_BYTES - RESULT_OFFSET) / (n * floatsOf(dtype).bytes));
  return Math.min(MOST_SCRATCH_ROWS, Math.floor(rows / 12) * 12);
}

/** The length of the blocks that k is best cut into. */
export function kBlockOf(dtype: FloatName, k: number): number {
  const blocks = Math.max(1, Math.ceil((k * floatsOf(dtype).bytes) / K_BLOCK_BYTES));
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
  /** Multiplies by a panel of B; see definePanelProduct. Blocks of the same layout share it. */
  readonly panel: FunctionRef;
  /** Not 0 where C is added to; null for never. */
  readonly accumulate: GlobalRef | null;
  /** Emits the packing of one panel of A. */
  readonly pack: ((f: FunctionBuilder, point: PanelPoint) => void) | null;
  /** Packs two panels of B; see definePairOfPanels. `null` where B's vectors lie side by side. */
  readonly packPair: FunctionRef | null;
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

/** panel(a, aStep, aTile, b, bStep, c, cRow, cColumn, rows, columns, k, accumulate): all rows of a block times one panel of B. */
export function definePanelProduct(
  module: ModuleBuilder,
  { floats, target, scratch, layout }: Pick<BlockParts, 'floats' | 'target' | 'scratch' | 'layout'>,
): FunctionRef {
  const tiles = defineTiles(module, floats, target, tileRows(target), layout);
  const edge = defineEdge(module, floats, scratch, tiles);
  const [most, width] = [tiles.length, TILE_VECTORS * floats.lanes];
  return module.define(null, new Array(12).fill('i32'), [], (f, ...params) => {
    const [a, aStep, aTile, b, bStep, c, cRow, cColumn, rows, columns, k, accumulate] = params;
    const part = f.local('i32');
    const next = () => {
      advance(f, a, aTile);
      advanceBy(f, c, cRow, most);
    };
    const args = () => f.get(a).get(aStep).get(b).get(bStep).get(c).get(cRow).get(k).get(accumulate);
    f.get(columns).i32(width).op('i32.eq').get(cColumn).i32(floats.bytes).op('i32.eq').op('i32.and');
    f.if(
      () => {
        whileAtLeast(f, rows, most, () => {
          args().call(tiles[most - 1][TILE_VECTORS - 1]);
          next();
        });
        f.get(rows).if(() => callTile(f, tiles, TILE_VECTORS, rows, args));
      },
      () =>
        f.loop((again) => {
          setMinimum(f, part, rows, most);
          f.get(a).get(aStep).get(b).get(bStep).get(c).get(cRow).get(cColumn);
          f.get(part).get(columns).get(k).get(accumulate).call(edge);
          next();
          f.get(rows).get(part).op('i32.sub').tee(rows).brIf(again);
        }),
    );
  });
}

/**
 * block(a, aRow, aColumn, b, bStep, bPanel, bTail, c, cRow, cColumn, rows, n, k, kBlock): up to ROW_BLOCK rows of one matrix. With
 * `packPair`, bTail is the way from one column of B to the next.
 */
export function defineBlock(module: ModuleBuilder, parts: BlockParts): FunctionRef {
  const { floats, target, scratch, layout, panel, accumulate, pack, packPair } = parts;
  const [most, width] = [tileRows(target), TILE_VECTORS * floats.lanes];
  const panelRow = width * floats.bytes;
  const pairBytes = 2 * TILE_VECTORS * 16 * Math.floor(K_BLOCK_BYTES / floats.bytes);
  return module.define(null, new Array(14).fill('i32'), [], (f, ...params) => {
    const [a, aRow, aColumn, b, bStep, bPanel, bTail, c, cRow, cColumn, rows, n, k, kBlock] = params;
    const names = ['k0', 'steps', 'at', 'to', 'aTile', 'aStep', 'part', 'bAt', 'bNext', 'bNow', 'cPanel', 'columns'];
    const [k0, steps, at, to, aTile, aStep, part, bAt, bNext, bNow, cPanel, columns] = names.map(() => f.local('i32'));
    const packed = f.local('i32');
    const scratchAt = (offset: number) => f.getGlobal(scratch).i32(offset).op('i32.add');
    if (pack !== null) f.i32(most * floats.bytes).set(aStep);
    else f.get(layout === 'rows' ? aRow : aColumn).set(aStep);
    forRange(f, k0, 0, k, kBlock, () => {
      f.get(k).get(k0).op('i32.sub').set(steps);
      setMinimum(f, steps, steps, kBlock);
      if (pack !== null) {
        f.get(steps)
          .i32(most * floats.bytes)
          .op('i32.mul')
          .set(aTile);
        scratchAt(TILE_BYTES + pairBytes).set(to);
        f.get(a).set(at);
        forRange(f, bAt, 0, rows, most, () => {
          f.get(rows).get(bAt).op('i32.sub').set(part);
          setMinimum(f, part, part, most);
          pack(f, { at, aRow, aColumn, rows: part, k0, steps, to });
          advanceBy(f, at, aRow, most);
          advance(f, to, aTile);
        });
      } else f.get(aRow).i32(most).op('i32.mul').set(aTile);
      f.get(c).set(cPanel).get(n).set(columns).get(b).set(bNext).i32(0).set(packed);
      whileAtLeast(f, columns, 1, () => {
        setMinimum(f, part, columns, width);
        if (packPair !== null) {
          // Two panels are packed at a time: the second one waits for the next round.
          f.get(packed);
          f.if(
            () => f.i32(0).set(packed).get(bAt).get(steps).i32(panelRow).op('i32.mul').op('i32.add').set(bAt),
            () => {
              scratchAt(TILE_BYTES).set(bAt);
              f.get(bNext)
                .get(bTail)
                .get(bStep)
                .get(bAt)
                .get(steps)
                .i32(panelRow)
                .op('i32.mul')
                .get(columns)
                .get(steps);
              f.call(packPair).i32(1).set(packed);
            },
          );
          f.i32(panelRow).set(bNow);
        } else {
          f.get(bNext).set(bAt).get(bStep).set(bNow);
          f.get(part).i32(width).op('i32.lt_s').get(bTail).i32(0).op('i32.ne').op('i32.and');
          f.if(() => {
            f.get(bTail).set(bAt);
            advanceBy(f, bAt, k0, panelRow);
            f.i32(panelRow).set(bNow);
          });
        }
        if (pack !== null) scratchAt(TILE_BYTES + pairBytes);
        else f.get(a);
        f.get(aStep).get(aTile).get(bAt).get(bNow).get(cPanel).get(cRow).get(cColumn).get(rows).get(part);
        f.get(steps).get(k0);
        if (accumulate !== null) f.getGlobal(accumulate).op('i32.or');
        f.call(panel);
        advance(f, bNext, bPanel);
        advanceBy(f, cPanel, cColumn, width);
        // The loop itself takes one column off.
        f.get(columns).get(part).op('i32.sub').i32(1).op('i32.add').set(columns);
      });
      advanceBy(f, a, aColumn, steps);
      advanceBy(f, b, bStep, steps);
    });
  });
}

/** Locals that say what is to be computed of one matrix. */
export type MatrixParts = Readonly<
  Record<'a' | 'aRow' | 'aColumn' | 'b' | 'bStep' | 'bPanel' | 'tail' | 'c' | 'cRow' | 'cColumn', Local> &
    Record<'rows' | 'n' | 'k' | 'kBlock', Local> &
    // Where these rows and columns are in C, rows counted through the batch.
    Record<'row' | 'column', Local>
>;

/** Splits one matrix's rows into blocks, with the epilogue after each; locals that hold where they start are used up. */
export function eachBlock(
  f: FunctionBuilder,
  block: FunctionRef,
  p: MatrixParts,
  epilogue: DefinedEpilogue | null,
): void {
  const [part, rowEnd, result] = [f.local('i32'), f.local('i32'), f.local('i32')];
  const most = epilogue?.scratchRows ?? ROW_BLOCK;
  const isStored = epilogue === null || epilogue.scratchRows === null;
  if (!isStored) f.getGlobal(epilogue.scratch).i32(RESULT_OFFSET).op('i32.add').set(result);
  f.block((done) =>
    f.loop((next) => {
      f.get(p.rows).i32(0).op('i32.le_s').brIf(done);
      setMinimum(f, part, p.rows, most);
      f.get(p.a).get(p.aRow).get(p.aColumn).get(p.b).get(p.bStep).get(p.bPanel).get(p.tail);
      f.get(isStored ? p.c : result)
        .get(p.cRow)
        .get(p.cColumn)
        .get(part)
        .get(p.n)
        .get(p.k)
        .get(p.kBlock)
        .call(block);
      if (epilogue !== null) {
        f.get(p.row).get(part).op('i32.add').set(rowEnd);
        f.get(result).get(p.row).get(rowEnd).get(p.column).get(p.column).get(p.n).op('i32.add').call(epilogue.call);
        f.get(rowEnd).set(p.row);
      }
      advanceBy(f, p.a, p.aRow, most);
      advanceBy(f, p.c, p.cRow, most);
      f.get(p.rows).i32(most).op('i32.sub').set(p.rows).br(next);
    }),
  );
}
