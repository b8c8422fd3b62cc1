/**
 * Copies of matrices with rows and columns exchanged, for elements of 4 and 8 bytes: blocks of vectors are transposed in
 * registers, and strips of rows are so high that whole lines of cache are written.
 *
 * Strides are free, so that a batch of slices can be transposed in place of a copy by strides; source and target must not overlap.
 */
import type { FunctionBuilder, GlobalRef, Local, ValueType } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';
import { withScratch } from '../math/lanes';
import { emitTranspose4, type FourLocals } from '../math/transpose';

export interface TransposeSpec {
  readonly elementBytes: 4 | 8;
  readonly batch: number;
  /** Of the source; the target has as many columns. */
  readonly rows: number;
  readonly columns: number;
  /** In bytes: from one row of the source, and of the target, to the next, and from one matrix to the next. */
  readonly sourceStride: number;
  readonly targetStride: number;
  readonly sourceBatchStride: number;
  readonly targetBatchStride: number;
}

/** Bytes of a strip's rows in the target: a line of cache. */
const STRIP_BYTES = 64;

/** Rows that lie a multiple of this apart compete for the same lines of cache: they are copied together first. */
const CACHE_WAY_BYTES = 4096;

/** Elements in a part of the work, at least. */
const GRAIN = 1 << 14;

/** The call that transposes a batch of matrices at `source` to `target`; null if there is nothing to do. */
export function transposeCall(spec: TransposeSpec, source: number, target: number): WasmCall | null {
  const { elementBytes, batch, rows, columns } = spec;
  const strips = Math.ceil(rows / (STRIP_BYTES / elementBytes));
  if (batch * rows * columns === 0) return null;
  return {
    kind: 'wasm',
    module: transposeModule(elementBytes),
    exportName: spec.sourceStride % CACHE_WAY_BYTES === 0 ? 'transposeStaged' : 'transpose',
    args: [
      source,
      target,
      rows,
      columns,
      spec.sourceStride,
      spec.targetStride,
      spec.sourceBatchStride,
      spec.targetBatchStride,
      strips,
    ],
    range: { extent: batch * strips, grain: Math.max(1, Math.ceil((GRAIN * elementBytes) / (columns * STRIP_BYTES))) },
  };
}

interface Strip {
  readonly source: Local;
  readonly target: Local;
  readonly sourceStride: Local;
  readonly targetStride: Local;
}

/** Moves a block of `lanes` rows and columns; elements are 4 or 8 bytes. */
function moveBlock(f: FunctionBuilder, lanes: 2 | 4, { source, target, sourceStride, targetStride }: Strip): void {
  withScratch(f, 'i32', 1, (at) => {
    withScratch(f, 'v128', lanes, (...rows) => {
      f.get(source).set(at);
      for (const [i, row] of rows.entries()) {
        if (i > 0) advance(f, at, sourceStride);
        f.get(at).access('v128.load').set(row);
      }
      f.get(target).set(at);
      if (lanes === 4) emitTranspose4(f, rows as unknown as FourLocals);
      for (const [i, row] of rows.entries()) {
        if (i > 0) advance(f, at, targetStride);
        f.get(at);
        if (lanes === 4) f.get(row);
        else if (i === 0) f.get(rows[0]).get(rows[1]).shuffle32(0, 1, 4, 5);
        else f.get(rows[0]).get(rows[1]).shuffle32(2, 3, 6, 7);
        f.access('v128.store');
      }
    });
  });
}

/** Moves `count` rows of a column or of as many columns as a vector has elements, from a strip's source to its target. */
function moveColumns(f: FunctionBuilder, bytes: 4 | 8, strip: Strip, count: Local, isBlock: boolean): void {
  const lanes = bytes === 4 ? 4 : 2;
  const [load, store] = bytes === 4 ? (['i32.load', 'i32.store'] as const) : (['i64.load', 'i64.store'] as const);
  withScratch(f, 'i32', 5, (source, target, left, from, to) => {
    f.get(strip.source).set(source).get(strip.target).set(target).get(count).set(left);
    if (isBlock) {
      whileAtLeast(f, left, lanes, () => {
        moveBlock(f, lanes, { ...strip, source, target });
        advanceBy(f, source, strip.sourceStride, lanes);
        advance(f, target, 16);
      });
    }
    whileAtLeast(f, left, 1, () => {
      f.get(source).set(from).get(target).set(to);
      for (let lane = 0; lane < (isBlock ? lanes : 1); lane++) {
        if (lane > 0) {
          advance(f, from, bytes);
          advance(f, to, strip.targetStride);
        }
        f.get(to).get(from).access(load).access(store);
      }
      advance(f, source, strip.sourceStride);
      advance(f, target, bytes);
    });
  });
}

/** Copies a line of cache of each of a strip's rows to scratch memory. */
function stage(f: FunctionBuilder, { source, sourceStride }: Strip, count: Local, to: Local): void {
  withScratch(f, 'i32', 3, (from, at, left) => {
    f.get(source).set(from).get(to).set(at).get(count).set(left);
    whileAtLeast(f, left, 1, () => {
      for (let offset = 0; offset < STRIP_BYTES; offset += 16) {
        f.get(at).get(from).access('v128.load', offset).access('v128.store', offset);
      }
      advance(f, from, sourceStride);
      advance(f, at, STRIP_BYTES);
    });
  });
}

/** Moves as many whole lines of a strip's rows as `left` columns fill, by way of scratch memory; leaves the rest of `left`. */
function moveStaged(
  f: FunctionBuilder,
  bytes: 4 | 8,
  strip: Strip,
  count: Local,
  left: Local,
  scratch: GlobalRef,
): void {
  withScratch(f, 'i32', 4, (source, target, sourceStride, end) => {
    f.i32(STRIP_BYTES).set(sourceStride);
    whileAtLeast(f, left, STRIP_BYTES / bytes, () => {
      f.getGlobal(scratch).tee(source).i32(STRIP_BYTES).op('i32.add').set(end);
      f.get(strip.target).set(target);
      stage(f, strip, count, source);
      f.loop((again) => {
        moveColumns(f, bytes, { source, target, sourceStride, targetStride: strip.targetStride }, count, true);
        advanceBy(f, target, strip.targetStride, 16 / bytes);
        advance(f, source, 16);
        f.get(source).get(end).op('i32.ne').brIf(again);
      });
      advance(f, strip.source, STRIP_BYTES);
      advanceBy(f, strip.target, strip.targetStride, STRIP_BYTES / bytes);
    });
  });
}

function defineTranspose(module: ModuleBuilder, bytes: 4 | 8, scratch: GlobalRef, isStaged: boolean): void {
  const stripRows = STRIP_BYTES / bytes;
  const params: ValueType[] = new Array(11).fill('i32');
  module.define(isStaged ? 'transposeStaged' : 'transpose', params, [], (f, ...given) => {
    const [from, to, rows, columns, sourceStride, targetStride, sourceBatch, targetBatch, strips, begin, end] = given;
    const [index, row, count, left] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const [source, target] = [f.local('i32'), f.local('i32')];
    const strip = { source, target, sourceStride, targetStride };
    forRange(f, index, begin, end, 1, () => {
      const matrix = () => f.get(index).get(strips).op('i32.div_u');
      f.get(index).get(strips).op('i32.rem_u').i32(stripRows).op('i32.mul').set(row);
      f.get(from);
      matrix().get(sourceBatch).op('i32.mul').op('i32.add').get(row).get(sourceStride).op('i32.mul').op('i32.add');
      f.set(source).get(to);
      matrix().get(targetBatch).op('i32.mul').op('i32.add').get(row).i32(bytes).op('i32.mul').op('i32.add').set(target);
      f.get(rows).get(row).op('i32.sub').set(count);
      setMinimum(f, count, count, stripRows);
      f.get(columns).set(left);
      if (isStaged) moveStaged(f, bytes, strip, count, left, scratch);
      for (const width of [16 / bytes, 1]) {
        whileAtLeast(f, left, width, () => {
          moveColumns(f, bytes, strip, count, width > 1);
          advance(f, source, width * bytes);
          advanceBy(f, target, targetStride, width);
        });
      }
    });
  });
}

function buildModule(bytes: 4 | 8, shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared });
  const scratch = module.importGlobal('scratch');
  for (const isStaged of [false, true]) defineTranspose(module, bytes, scratch, isStaged);
  return module.toBytes();
}

const modules: Readonly<Record<4 | 8, KernelModule>> = {
  4: { key: 'transpose 4', build: ({ shared }) => buildModule(4, shared) },
  8: { key: 'transpose 8', build: ({ shared }) => buildModule(8, shared) },
};

export function transposeModule(elementBytes: 4 | 8): KernelModule {
  return modules[elementBytes];
}
