/**
 * The modules of blocked matrix products: rows of A times a B whose vectors of columns lie side by side, packed or as it is.
 *
 *     <split>/<rows>/<columns>(a, aRow, aColumn, aMatrix, b, bStep, bPanel, bMatrix, bTail, bTailMatrix,
 *          c, cRow, cColumn, cMatrix, m, n, k, kBlock, accumulate, …epilogue's, begin, end)
 *
 * Split by rows, it computes rows `begin` to `end` of C, counted through all matrices of the batch; split by columns, panels of B.
 * Strides are in bytes. C is added to where accumulate is 1. B's panel p starts at b + p · bPanel and its next k is bStep away; the last panel, if it is not whole, is at
 * bTail, packed, when that is not 0.
 *
 * Where A is prepacked, a is where packRows has put it, aRow is k elements, and aColumn is ignored. Where B is 'any', bStep and bTail
 * are its strides over k and over columns, and bPanel is that of a panel's columns: panels are packed when they are needed, which is
 * once for ROW_BLOCK rows at most.
 *
 * One module has all that share a layout of tiles: engines optimize code by module, and tiles are what has to be optimized.
 */
import type { FunctionBuilder, FunctionRef, GlobalRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, setMinimum } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall, WasmTarget } from '../kernelCall';
import { defineBlock, definePanelProduct, eachBlock, panelWidth } from './block';
import { type DefinedEpilogue, defineEpilogue, type Epilogue, epilogueSuffix, setEpilogueArgs } from './epilogue';
import { type FloatName, type Floats, floatsOf } from './floats';
import { definePackPanels, definePairOfPanels, definePanel } from './packing';
import { type RowLayout, TILE_VECTORS, tileRows } from './tile';

/**
 * How A is used: packed block by block, packed as a whole before (by `packRows`), or as it is, with the layout of a
 * tile's.
 */
export type RowAccess = 'packed' | 'prepacked' | RowLayout;

/** Without the epilogue's, `begin` and `end`. */
const PARAMETERS = 19;

/** How B is used: as its panels are, or packed on the way. */
export type ColumnAccess = 'panels' | 'any';

/** How a product is computed. */
export interface ProductVariant {
  readonly dtype: FloatName;
  readonly split: 'rows' | 'columns';
  readonly rows: RowAccess;
  readonly columns: ColumnAccess;
  readonly epilogue: Epilogue | null;
}

type Program = Pick<ProductVariant, 'split' | 'rows' | 'columns'>;

const exportNameOf = ({ split, rows, columns }: Program) => `${split}/${rows}/${columns}`;

const layoutOf = (rows: RowAccess): RowLayout => (rows === 'rows' ? 'rows' : 'columns');

/** What the module of a layout can do: all that matmul.ts asks for. */
function programsOf(layout: RowLayout): Program[] {
  const accesses: RowAccess[] = layout === 'rows' ? ['rows'] : ['packed', 'columns'];
  const whole: RowAccess[] = layout === 'rows' ? ['rows'] : ['packed', 'columns', 'prepacked'];
  return [
    ...accesses.map((rows): Program => ({ split: 'rows', rows, columns: 'panels' })),
    ...whole.flatMap((rows): Program[] => [
      { split: 'columns', rows, columns: 'panels' },
      { split: 'columns', rows, columns: 'any' },
    ]),
  ];
}

/** A function of a module. */
export interface ModuleFunction {
  readonly module: KernelModule;
  readonly exportName: string;
}

/** The function that computes a product in some way. */
export function productFunction(variant: ProductVariant): ModuleFunction {
  const { dtype, epilogue } = variant;
  const exportName = exportNameOf(variant);
  if (epilogue === null) return { module: productModule(dtype, layoutOf(variant.rows)), exportName };
  const key = `matmul/${dtype}/${exportName}${epilogueSuffix(epilogue)}`;
  const programs = [variant];
  return { module: { key, build: (target) => build({ dtype, programs, epilogue }, target) }, exportName };
}

/** The function that packs A for tiles; see definePackRows. */
export function packRowsFunction(dtype: FloatName): ModuleFunction {
  return { module: productModule(dtype, 'columns'), exportName: 'packRows' };
}

function productModule(dtype: FloatName, layout: RowLayout): KernelModule {
  return {
    key: `matmul/${dtype}/${layout}`,
    build: (target) => build({ dtype, programs: programsOf(layout), epilogue: null }, target),
  };
}

/** The module whose export `pack` packs B; see definePackPanels. */
export function packModule(dtype: FloatName): KernelModule {
  return {
    key: `matmul/pack/${dtype}`,
    build: ({ shared }) => {
      const builder = new ModuleBuilder();
      builder.importMemory({ shared });
      const width = panelWidth(dtype);
      const floats = floatsOf(dtype);
      definePackPanels(builder, floats, width, 'pack');
      return builder.toBytes();
    },
  };
}

/** Columns of B that are to be packed; strides in elements. A panel's rows are columns of B. */
export interface Packing {
  readonly source: number;
  /** Where in the source the first element is. */
  readonly offset?: number;
  readonly rows: number;
  readonly k: number;
  readonly rowStride: number;
  readonly kStride: number;
  readonly to: number;
  /** Several matrices, packed one behind the other, or each at the place of its k. */
  readonly matrices?: { readonly count: number; readonly stride: number };
  /** Where k is only a part of what the panels hold: its first step, and all steps. */
  readonly place?: { readonly first: number; readonly wholeK: number };
}

/** Bytes of one packed matrix. */
export function packedBytes(dtype: FloatName, rows: number, k: number): number {
  const width = panelWidth(dtype);
  return Math.ceil(rows / width) * width * k * floatsOf(dtype).bytes;
}

/** The call that packs columns of B into panels. */
export function packCall(dtype: FloatName, packing: Packing): WasmCall {
  const { source, offset = 0, rows, k, rowStride, kStride, to, matrices = { count: 1, stride: 0 }, place } = packing;
  const { bytes } = floatsOf(dtype);
  const width = panelWidth(dtype);
  const step = width * bytes;
  const panels = Math.ceil(rows / width) * matrices.count;
  const args = [
    source + offset * bytes,
    rowStride * bytes,
    kStride * bytes,
    matrices.stride * bytes,
    to + (place?.first ?? 0) * step,
    (place?.wholeK ?? k) * step,
    place === undefined ? packedBytes(dtype, rows, k) : k * step,
    rows,
    k,
  ];
  const range = { extent: panels, grain: panels >= 32 ? 4 : 1 };
  return { kind: 'wasm', module: packModule(dtype), exportName: 'pack', args, range };
}

interface ModuleParts {
  readonly dtype: FloatName;
  /** All of one layout. */
  readonly programs: readonly Program[];
  readonly epilogue: Epilogue | null;
}

function build({ dtype, programs, epilogue: wanted }: ModuleParts, target: WasmTarget): Uint8Array<ArrayBuffer> {
  const floats = floatsOf(dtype);
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const scratch = module.importGlobal('scratch');
  const layout = layoutOf(programs[0].rows);
  const parts = { floats, target, scratch, layout };
  const panel = definePanelProduct(module, parts);
  const accumulate = module.defineGlobal();
  const packPair = definePairOfPanels(module, floats, TILE_VECTORS * floats.lanes);
  const width = tileRows(target);
  const packRow = layout === 'columns' ? definePanel(module, floats, width, false) : null;
  const blocks = new Map<string, FunctionRef>();
  const blockOf = ({ rows, columns }: Program): FunctionRef => {
    const isPacked = rows === 'packed' && packRow !== null;
    const key = `${isPacked}/${columns}`;
    let block = blocks.get(key);
    if (block === undefined) {
      block = defineBlock(module, {
        ...parts,
        panel,
        accumulate,
        packPair: columns === 'any' ? packPair : null,
        pack: isPacked
          ? (f, p) => f.get(p.at).get(p.aRow).get(p.aColumn).get(p.to).get(p.rows).get(p.steps).call(packRow)
          : null,
      });
      blocks.set(key, block);
    }
    return block;
  };
  const epilogue = defineEpilogue(wanted, { module, target, scratch });
  for (const program of programs) {
    const block = blockOf(program);
    const aStep = program.rows === 'prepacked' ? width * floats.bytes : null;
    const define = program.split === 'rows' ? defineRows : defineColumns;
    define(module, exportNameOf(program), { floats, block, accumulate, epilogue, aStep });
  }
  if (packRow !== null && wanted === null) definePackRows(module, floats, width, packRow);
  return module.toBytes();
}

interface ExportParts {
  readonly floats: Floats;
  readonly block: FunctionRef;
  readonly accumulate: GlobalRef;
  readonly epilogue: DefinedEpilogue | null;
  /** The way from one k to the next, where that is not an argument's. */
  readonly aStep: number | null;
}

/** Defines an export of the product's parameters, the epilogue's, and a range. */
function defineExport(
  module: ModuleBuilder,
  name: string,
  { epilogue, accumulate }: ExportParts,
  body: (f: FunctionBuilder, params: readonly Local[], begin: Local, end: Local) => void,
): void {
  const count = PARAMETERS + (epilogue?.args.length ?? 0) + 2;
  module.define(name, new Array(count).fill('i32'), [], (f, ...params) => {
    f.get(params[PARAMETERS - 1]).setGlobal(accumulate);
    setEpilogueArgs(f, epilogue, params.slice(PARAMETERS));
    body(f, params.slice(0, PARAMETERS), params[count - 2], params[count - 1]);
  });
}

function defineRows(module: ModuleBuilder, name: string, parts: ExportParts): void {
  const { block, epilogue, aStep } = parts;
  defineExport(module, name, parts, (f, params, begin, end) => {
    const [a, aRow, aColumn, aMatrix, b, bStep, bPanel, bMatrix, bTail, bTailMatrix] = params;
    const [c, cRow, cColumn, cMatrix, m, n, k, kBlock] = params.slice(10);
    if (aStep !== null) f.i32(aStep).set(aColumn);
    const names = ['matrix', 'first', 'rows', 'row', 'column', 'aAt', 'bAt', 'cAt', 'tail'];
    const [matrix, first, rows, row, column, aAt, bAt, cAt, tail] = names.map(() => f.local('i32'));
    f.block((done) =>
      f.loop((next) => {
        f.get(begin).get(end).op('i32.ge_s').brIf(done);
        f.get(begin).get(m).op('i32.div_u').set(matrix);
        f.get(begin).get(m).op('i32.rem_u').set(first);
        f.get(end).get(begin).op('i32.sub').set(rows);
        f.get(m).get(first).op('i32.sub').set(aAt);
        setMinimum(f, rows, rows, aAt);
        f.get(begin).set(row);
        advance(f, begin, rows);
        startMatrix(f, matrix, { aAt, bAt, cAt, tail }, { a, aMatrix, b, bMatrix, c, cMatrix, bTail, bTailMatrix });
        advanceBy(f, aAt, first, aRow);
        advanceBy(f, cAt, first, cRow);
        const parts = { a: aAt, aRow, aColumn, b: bAt, bStep, bPanel, tail, c: cAt, cRow, cColumn };
        eachBlock(f, block, { ...parts, rows, n, k, kBlock, row, column }, epilogue);
        f.br(next);
      }),
    );
  });
}

function defineColumns(module: ModuleBuilder, name: string, parts: ExportParts): void {
  const { floats, block, epilogue, aStep } = parts;
  const width = TILE_VECTORS * floats.lanes;
  defineExport(module, name, parts, (f, params, begin, end) => {
    const [a, aRow, aColumn, aMatrix, b, bStep, bPanel, bMatrix, bTail, bTailMatrix] = params;
    const [c, cRow, cColumn, cMatrix, m, n, k, kBlock] = params.slice(10);
    if (aStep !== null) f.i32(aStep).set(aColumn);
    const names = [
      'matrix',
      'first',
      'count',
      'panels',
      'rows',
      'columns',
      'row',
      'column',
      'aAt',
      'bAt',
      'cAt',
      'tail',
    ];
    const locals = names.map(() => f.local('i32'));
    const [matrix, first, count, panels, rows, columns, row, column, aAt, bAt, cAt, tail] = locals;
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
        f.get(matrix).get(m).op('i32.mul').set(row);
        f.get(first).i32(width).op('i32.mul').set(column);
        advanceBy(f, cAt, column, cColumn);
        f.get(n).get(column).op('i32.sub').set(columns);
        f.get(count).i32(width).op('i32.mul').set(rows);
        setMinimum(f, columns, columns, rows);
        f.get(m).set(rows);
        const parts = { a: aAt, aRow, aColumn, b: bAt, bStep, bPanel, tail, c: cAt, cRow, cColumn };
        eachBlock(f, block, { ...parts, rows, n: columns, k, kBlock, row, column }, epilogue);
        f.br(next);
      }),
    );
  });
}

/**
 * packRows(a, aRow, aColumn, aMatrix, to, toMatrix, m, k, begin, end): packs steps `begin` to `end` of k, counted through the batch, of
 * all rows. How many rows a panel has is known here only, so work is parted by k.
 */
function definePackRows(module: ModuleBuilder, floats: Floats, width: number, panel: FunctionRef): void {
  module.define('packRows', new Array(10).fill('i32'), [], (f, ...params) => {
    const [a, aRow, aColumn, aMatrix, to, toMatrix, m, k, begin, end] = params;
    const names = ['matrix', 'first', 'steps', 'rows', 'part', 'at', 'target'];
    const [matrix, first, steps, rows, part, at, target] = names.map(() => f.local('i32'));
    f.block((done) =>
      f.loop((next) => {
        f.get(begin).get(end).op('i32.ge_s').brIf(done);
        f.get(begin).get(k).op('i32.div_u').set(matrix);
        f.get(begin).get(k).op('i32.rem_u').set(first);
        f.get(end).get(begin).op('i32.sub').set(steps);
        f.get(k).get(first).op('i32.sub').set(part);
        setMinimum(f, steps, steps, part);
        advance(f, begin, steps);
        f.get(a).set(at).get(to).set(target).get(m).set(rows);
        advanceBy(f, at, matrix, aMatrix);
        advanceBy(f, at, first, aColumn);
        advanceBy(f, target, matrix, toMatrix);
        advanceBy(f, target, first, width * floats.bytes);
        f.loop((again) => {
          setMinimum(f, part, rows, width);
          f.get(at).get(aRow).get(aColumn).get(target).get(part).get(steps).call(panel);
          advanceBy(f, at, aRow, width);
          advanceBy(f, target, k, width * floats.bytes);
          f.get(rows).i32(width).op('i32.sub').tee(rows).i32(0).op('i32.gt_s').brIf(again);
        });
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
