/**
 * ArgMax and ArgMin along one axis: the index of the first element that beats all others. Comparisons with NaN never hold, so that
 * a NaN is passed over; where nothing beats the least (or greatest) number of the type, the index is 0.
 *
 * The input is seen as outer × axis × inner, row-major. 32-bit elements go four at a time: along the axis where it is the last,
 * along the inner axis elsewhere.
 */
import type { FunctionBuilder, Local, ValueType } from '../assembler/functionBuilder';
import { advance, advanceBy, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { PlainOp } from '../assembler/opcodes';
import type { KernelModule, WasmCall } from '../kernelCall';
import { withScratch } from '../math/lanes';

export type ArgExtremeType = 'f32' | 'f64' | 'i32' | 'i64';

export interface ArgExtremeSpec {
  readonly which: 'max' | 'min';
  readonly type: ArgExtremeType;
  readonly indexType: 'i32' | 'i64';
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

/** Input elements in a part of the work, at least. */
const GRAIN = 1 << 14;

/** The call that writes the indices of all rows at `source` to `target`; null if there are none. The axis is not empty. */
export function argExtremeCall(spec: ArgExtremeSpec, source: number, target: number): WasmCall | null {
  const { outer, axis, inner } = spec;
  if (outer * inner === 0) return null;
  const grain = Math.max(1, Math.ceil(GRAIN / axis));
  return {
    kind: 'wasm',
    module: argExtremeModule(spec),
    exportName: 'run',
    args: [source, target, axis, inner],
    range: { extent: outer * inner, grain },
  };
}

interface Kind {
  readonly which: 'max' | 'min';
  readonly type: ArgExtremeType;
  readonly indexType: 'i32' | 'i64';
}

const sizes = { f32: 4, i32: 4, f64: 8, i64: 8 } as const;

function pushWorst(f: FunctionBuilder, { which, type }: Kind, isVector: boolean): void {
  const isMax = which === 'max';
  if (type === 'f32' || type === 'f64') {
    const worst = isMax ? -Infinity : Infinity;
    if (isVector) f.f32x4(worst);
    else if (type === 'f32') f.f32(worst);
    else f.f64(worst);
  } else if (isVector) f.i32x4(isMax ? -(2 ** 31) : 2 ** 31 - 1);
  else if (type === 'i32') f.i32(isMax ? -(2 ** 31) : 2 ** 31 - 1);
  else f.i64(isMax ? -(2n ** 63n) : 2n ** 63n - 1n);
}

/** Whether the first of two operands on the stack beats the second. */
function beats({ which, type }: Kind, isVector: boolean): PlainOp {
  const comparison = which === 'max' ? 'gt' : 'lt';
  if (type === 'f32') return isVector ? `f32x4.${comparison}` : `f32.${comparison}`;
  if (type === 'f64') return `f64.${comparison}`;
  if (type === 'i32') return isVector ? `i32x4.${comparison}_s` : `i32.${comparison}_s`;
  return `i64.${comparison}_s`;
}

/** Stores the i32 index on the stack, above the address. */
function storeIndex(f: FunctionBuilder, { indexType }: Kind): void {
  if (indexType === 'i32') f.access('i32.store');
  else f.op('i64.extend_i32_u').access('i64.store');
}

/** Goes on with scalars from `at`, where `k` of the axis are done: `best` and `index` are what they gave. */
function scanScalars(
  f: FunctionBuilder,
  kind: Kind,
  at: Local,
  step: Local,
  k: Local,
  axis: Local,
  best: Local,
  index: Local,
): void {
  const value = f.local(kind.type);
  f.block((done) =>
    f.loop((again) => {
      f.get(k).get(axis).op('i32.ge_u').brIf(done);
      f.get(at).access(`${kind.type}.load`).tee(value).get(best).op(beats(kind, false));
      f.if(() => f.get(value).set(best).get(k).set(index));
      advance(f, at, step);
      advance(f, k, 1);
      f.br(again);
    }),
  );
}

/** Four elements of a row at a time: leaves `k`, `best` and `index` as if these had gone one by one. */
function scanRowVectors(
  f: FunctionBuilder,
  kind: Kind,
  at: Local,
  k: Local,
  axis: Local,
  best: Local,
  index: Local,
): void {
  withScratch(f, 'v128', 5, (values, bests, indices, positions, mask) => {
    pushWorst(f, kind, true);
    f.set(bests).i32x4(0).set(indices).i32x4(0, 1, 2, 3).set(positions);
    withScratch(f, 'i32', 1, (left) => {
      f.get(axis).set(left);
      whileAtLeast(f, left, 4, () => {
        f.get(at).access('v128.load').tee(values).get(bests).op(beats(kind, true)).set(mask);
        f.get(values).get(bests).get(mask).op('v128.bitselect').set(bests);
        f.get(positions).get(indices).get(mask).op('v128.bitselect').set(indices);
        f.get(positions).i32x4(4).op('i32x4.add').set(positions);
        advance(f, at, 16);
        advance(f, k, 4);
      });
    });
    // Of the lanes, the best one, and of equal ones that with the smallest index.
    const [value, candidate] = [f.local(kind.type), f.local('i32')];
    for (let lane = 0; lane < 4; lane++) {
      f.get(bests)
        .lane(kind.type === 'f32' ? 'f32x4.extract_lane' : 'i32x4.extract_lane', lane)
        .set(value);
      f.get(indices).lane('i32x4.extract_lane', lane).set(candidate);
      f.get(value).get(best).op(beats(kind, false));
      f.get(value)
        .get(best)
        .op(kind.type === 'f32' ? 'f32.eq' : 'i32.eq');
      f.get(candidate).get(index).op('i32.lt_u').op('i32.and').op('i32.or');
      f.if(() => f.get(value).set(best).get(candidate).set(index));
    }
  });
}

/** The indices of four rows that lie side by side. */
function scanColumns(f: FunctionBuilder, kind: Kind, at: Local, step: Local, axis: Local, target: Local): void {
  withScratch(f, 'v128', 5, (values, bests, indices, positions, mask) => {
    pushWorst(f, kind, true);
    f.set(bests).i32x4(0).set(indices).i32x4(0).set(positions);
    withScratch(f, 'i32', 1, (left) => {
      f.get(axis).set(left);
      whileAtLeast(f, left, 1, () => {
        f.get(at).access('v128.load').tee(values).get(bests).op(beats(kind, true)).set(mask);
        f.get(values).get(bests).get(mask).op('v128.bitselect').set(bests);
        f.get(positions).get(indices).get(mask).op('v128.bitselect').set(indices);
        f.get(positions).i32x4(1).op('i32x4.add').set(positions);
        advance(f, at, step);
      });
    });
    f.get(target).get(indices);
    if (kind.indexType === 'i32') f.access('v128.store');
    else {
      f.op('i64x2.extend_low_i32x4_u').access('v128.store');
      f.get(target).get(indices).op('i64x2.extend_high_i32x4_u').access('v128.store', 16);
    }
  });
}

function buildModule(kind: Kind, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = sizes[kind.type];
  const module = new ModuleBuilder();
  module.importMemory({ shared });
  const params: ValueType[] = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'];
  module.define('run', params, [], (f, source, target, axis, inner, begin, end) => {
    const [output, column, at, step, to] = Array.from({ length: 5 }, () => f.local('i32'));
    const [k, index, best] = [f.local('i32'), f.local('i32'), f.local(kind.type)];
    f.get(inner).i32(bytes).op('i32.mul').set(step);
    f.get(target).set(to);
    advanceBy(f, to, begin, sizes[kind.indexType]);
    f.get(begin).set(output);
    f.block((done) =>
      f.loop((again) => {
        f.get(output).get(end).op('i32.ge_u').brIf(done);
        // The first element: its row of `inner` elements is (output / inner) · axis.
        f.get(output).get(inner).op('i32.rem_u').set(column);
        f.get(output).get(inner).op('i32.div_u').get(axis).op('i32.mul').get(inner).op('i32.mul');
        f.get(column).op('i32.add').i32(bytes).op('i32.mul').get(source).op('i32.add').set(at);
        if (bytes === 4) {
          f.get(column).i32(4).op('i32.add').get(inner).op('i32.le_u');
          f.get(output).i32(4).op('i32.add').get(end).op('i32.le_u').op('i32.and');
          f.if(() => {
            scanColumns(f, kind, at, step, axis, to);
            advance(f, to, 4 * sizes[kind.indexType]);
            advance(f, output, 4);
            f.br(again);
          });
        }
        pushWorst(f, kind, false);
        f.set(best).i32(0).set(index).i32(0).set(k);
        if (bytes === 4) {
          f.get(inner).i32(1).op('i32.eq').get(axis).i32(16).op('i32.ge_u').op('i32.and');
          f.if(() => scanRowVectors(f, kind, at, k, axis, best, index));
        }
        scanScalars(f, kind, at, step, k, axis, best, index);
        f.get(to).get(index);
        storeIndex(f, kind);
        advance(f, to, sizes[kind.indexType]);
        advance(f, output, 1);
        f.br(again);
      }),
    );
  });
  return module.toBytes();
}

export function argExtremeModule(kind: Kind): KernelModule {
  const { which, type, indexType } = kind;
  return {
    key: `arg${which} ${type} ${indexType}`,
    build: ({ shared }) => buildModule({ which, type, indexType }, shared),
  };
}
