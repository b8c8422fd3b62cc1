/**
 * The module of blocked matrix products: rows of A times a B whose vectors of columns lie side by side, packed or as it is.
 *
 *     rows(a, aRow, aColumn, aMatrix, b, bStep, bPanel, bMatrix, bTail, bTailMatrix, c, cRow, cColumn, cMatrix,
 *          m, n, k, kBlock, …epilogue's, begin, end)
 *
 * computes rows `begin` to `end` of C, counted through all matrices of the batch; strides in bytes. B's panel p starts at
 * b + p · bPanel and its next k is bStep away; the last panel, if it is not whole, is at bTail, packed, when that is not 0.
 * `columns(…)` computes panels `begin` to `end` of B instead, for all rows.
 *
 * Where A is prepacked, a is where packRows has put it, aRow is k elements, and aColumn is ignored.
 *
 * In the modules that take any B, bStep and bTail are its strides over k and over columns, and bPanel is that of a panel's columns:
 * panels are packed when they are needed, which is once for ROW_BLOCK rows at most.
 */
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, setMinimum } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall, WasmTarget } from '../kernelCall';
import { defineBlock, eachBlock, panelWidth } from './block';
import { type DefinedEpilogue, defineEpilogue, type Epilogue, epilogueSuffix, setEpilogueArgs } from './epilogue';
import { type FloatName, type Floats, floatsOf } from './floats';
import { definePackPanels, definePairOfPanels, definePanel } from './packing';
import { type RowLayout, TILE_VECTORS, tileRows } from './tile';

/**
 * How A is used: packed block by block, packed as a whole before (by the module's own `packRows`), or as it is, with the layout of a
 * tile's.
 */
export type RowAccess = 'packed' | 'prepacked' | RowLayout;

/** Without the epilogue's, `begin` and `end`. */
const PARAMETERS = 18;

const modules = new Map<string, KernelModule>();

/** How B is used: as its panels are, or packed on the way. */
export type ColumnAccess = 'panels' | 'any';

/** What a module of products is made for. */
export interface ProductVariant {
  readonly dtype: FloatName;
  readonly rows: RowAccess;
  readonly columns: ColumnAccess;
  readonly epilogue: Epilogue | null;
}

export function productModule(variant: ProductVariant): KernelModule {
  const { dtype, rows, columns, epilogue } = variant;
  const key = `matmul/${dtype}/${rows}/${columns}${epilogueSuffix(epilogue)}`;
  if (epilogue !== null) return { key, build: (target) => build(variant, target) };
  let module = modules.get(key);
  if (module === undefined) {
    module = { key, build: (target) => build(variant, target) };
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
        definePackPanels(builder, floats, width, 'pack');
        return builder.toBytes();
      },
    };
    modules.set(key, module);
  }
  return module;
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

function build(variant: ProductVariant, target: WasmTarget): Uint8Array<ArrayBuffer> {
  const floats = floatsOf(variant.dtype);
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const scratch = module.importGlobal('scratch');
  const width = tileRows(target);
  const isPacked = variant.rows === 'packed' || variant.rows === 'prepacked';
  const panel = isPacked ? definePanel(module, floats, width, false) : null;
  const block = defineBlock(module, {
    floats,
    target,
    scratch,
    layout: variant.rows === 'rows' ? 'rows' : 'columns',
    packPair: variant.columns === 'any' ? definePairOfPanels(module, floats, TILE_VECTORS * floats.lanes) : null,
    pack:
      variant.rows === 'packed' && panel !== null
        ? (f, p) => f.get(p.at).get(p.aRow).get(p.aColumn).get(p.to).get(p.rows).get(p.steps).call(panel)
        : null,
  });
  const epilogue = defineEpilogue(variant.epilogue, { module, target, scratch });
  if (variant.rows === 'prepacked' && panel !== null) definePackRows(module, floats, width, panel);
  const aStep = variant.rows === 'prepacked' ? width * floats.bytes : null;
  defineRows(module, block, epilogue, aStep);
  defineColumns(module, floats, block, epilogue, aStep);
  return module.toBytes();
}

/** Defines an export of the product's parameters, the epilogue's, and a range. */
function defineExport(
  module: ModuleBuilder,
  name: string,
  epilogue: DefinedEpilogue | null,
  body: (f: FunctionBuilder, params: readonly Local[], begin: Local, end: Local) => void,
): void {
  const count = PARAMETERS + (epilogue?.args.length ?? 0) + 2;
  module.define(name, new Array(count).fill('i32'), [], (f, ...params) => {
    setEpilogueArgs(f, epilogue, params.slice(PARAMETERS));
    body(f, params.slice(0, PARAMETERS), params[count - 2], params[count - 1]);
  });
}

function defineRows(
  module: ModuleBuilder,
  block: FunctionRef,
  epilogue: DefinedEpilogue | null,
  aStep: number | null,
): void {
  defineExport(module, 'rows', epilogue, (f, params, begin, end) => {
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

function defineColumns(
  module: ModuleBuilder,
  floats: Floats,
  block: FunctionRef,
  epilogue: DefinedEpilogue | null,
  aStep: number | null,
): void {
  const width = TILE_VECTORS * floats.lanes;
  defineExport(module, 'columns', epilogue, (f, params, begin, end) => {
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
