/**
 * Cumulative sums, products and log-sum-exps along one axis of a row-major array, in the order and with the precision of the plain
 * kernels: float32 are summed up as float64, and what is stored is rounded.
 *
 * An axis is a chain of dependent steps, so vectors lie across the axis: a line of cache of columns is walked at once.
 */
import type { FunctionBuilder, Local, ValueType } from '../assembler/functionBuilder';
import { advance, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall, WasmTarget } from '../kernelCall';
import { makeMath } from '../math/functions';
import { withScratch } from '../math/lanes';

export interface ScanSpec {
  readonly combine: 'sum' | 'prod' | 'logSumExp';
  readonly type: 'f32' | 'f64' | 'i32' | 'i64';
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

type Kind = Pick<ScanSpec, 'combine' | 'type' | 'exclusive'>;

/** Bytes of columns that are walked at once. */
const GROUP_BYTES = 64;

/** Elements in a part of the work, at least. */
const GRAIN = 1 << 14;

const sizes = { f32: 4, f64: 8, i32: 4, i64: 8 } as const;

/** The call that scans `source` into `target`; null when there are no elements. */
export function scanCall(spec: ScanSpec, source: number, target: number): WasmCall | null {
  const { combine, type, outer, length, inner, exclusive, reverse } = spec;
  if (outer * length * inner === 0) return null;
  const rowBytes = inner * sizes[type];
  const columns = GROUP_BYTES / sizes[type];
  const groups = Math.ceil(inner / columns);
  const [start, step] = reverse ? [(length - 1) * rowBytes, -rowBytes] : [0, rowBytes];
  return {
    kind: 'wasm',
    module: scanModule({ combine, type, exclusive }),
    exportName: 'run',
    args: [source, target, length, inner, groups, start, step],
    range: { extent: outer * groups, grain: Math.max(1, Math.ceil(GRAIN / (Math.min(inner, columns) * length))) },
  };
}

/** Some columns that lie side by side, held in one local. */
interface Columns {
  readonly count: number;
  readonly local: ValueType;
  load(f: FunctionBuilder, offset: number): void;
  /** The address and the value are on the stack. */
  store(f: FunctionBuilder, offset: number): void;
  /** Pushes what an empty scan gives. */
  initial(f: FunctionBuilder): void;
  /** What has been scanned, on the stack, and the next element become one. */
  combine(f: FunctionBuilder, x: Local): void;
}

/** log(eᵃ + eᵇ), a on the stack, as max(a, b) + log1p(e^−|a − b|), but the other where one is −∞. */
function emitLogAddExp(f: FunctionBuilder, b: Local, target: WasmTarget): void {
  const { exp, log1p } = makeMath('f64x2', target);
  withScratch(f, 'v128', 2, (a, t) => {
    f.set(a);
    f.get(a).get(b).op('f64x2.sub').op('f64x2.abs').op('f64x2.neg').set(t);
    exp(f, t);
    f.set(t);
    log1p(f, t);
    f.get(a).get(b).op('f64x2.max').op('f64x2.add').set(t);
    f.get(a).get(t).get(b).f64x2(-Infinity).op('f64x2.eq').op('v128.bitselect').set(t);
    f.get(b).get(t).get(a).f64x2(-Infinity).op('f64x2.eq').op('v128.bitselect');
  });
}

/** The ways of holding columns: a vector of them, and a single one. */
function columnsOf(
  { combine, type }: Kind,
  target: WasmTarget,
): { readonly vector: Columns; readonly single: Columns } {
  const vectorOp = ({ f32: 'f64x2', f64: 'f64x2', i32: 'i32x4', i64: 'i64x2' } as const)[type];
  const singleOp = type === 'f32' ? 'f64' : type;
  const isLog = combine === 'logSumExp';
  const instruction = combine === 'prod' ? 'mul' : 'add';
  const first = { sum: 0, prod: 1, logSumExp: -Infinity }[combine];
  const vector: Columns = {
    count: type === 'i32' ? 4 : 2,
    local: 'v128',
    load: (f, offset) => {
      if (type === 'f32') f.access('v128.load64_zero', offset).op('f64x2.promote_low_f32x4');
      else f.access('v128.load', offset);
    },
    store: (f, offset) => {
      if (type === 'f32') f.op('f32x4.demote_f64x2_zero').laneAccess('v128.store64_lane', 0, offset);
      else f.access('v128.store', offset);
    },
    initial: (f) => {
      if (type === 'i32') f.i32x4(first);
      else if (type === 'i64') f.i64x2(BigInt(first));
      else f.f64x2(first);
    },
    combine: (f, x) => {
      if (isLog) emitLogAddExp(f, x, target);
      else f.get(x).op(`${vectorOp}.${instruction}`);
    },
  };
  const single: Columns = {
    count: 1,
    // Functions are there for vectors only.
    local: isLog ? 'v128' : singleOp,
    load: (f, offset) => {
      f.access(`${type}.load`, offset);
      if (type === 'f32') f.op('f64.promote_f32');
      if (isLog) f.op('f64x2.splat');
    },
    store: (f, offset) => {
      if (isLog) f.lane('f64x2.extract_lane', 0);
      if (type === 'f32') f.op('f32.demote_f64');
      f.access(`${type}.store`, offset);
    },
    initial: (f) => {
      if (isLog) vector.initial(f);
      else if (type === 'i32') f.i32(first);
      else if (type === 'i64') f.i64(BigInt(first));
      else f.f64(first);
    },
    combine: (f, x) => {
      if (isLog) vector.combine(f, x);
      else f.get(x).op(`${singleOp}.${instruction}`);
    },
  };
  return { vector, single };
}

/** Walks `held` vectors of columns along the axis, from the addresses in `from` and `to`. */
function emitWalk(
  f: FunctionBuilder,
  { type, exclusive }: Kind,
  columns: Columns,
  held: number,
  axis: { readonly from: Local; readonly to: Local; readonly length: Local; readonly step: Local },
): void {
  const bytes = columns.count * sizes[type];
  withScratch(f, columns.local, held + 1, (x, ...sums) => {
    withScratch(f, 'i32', 3, (from, to, left) => {
      f.get(axis.from).set(from).get(axis.to).set(to).get(axis.length).set(left);
      for (const sum of sums) {
        columns.initial(f);
        f.set(sum);
      }
      whileAtLeast(f, left, 1, () => {
        sums.forEach((sum, i) => {
          f.get(from);
          columns.load(f, i * bytes);
          f.set(x);
          if (exclusive) {
            f.get(to).get(sum);
            columns.store(f, i * bytes);
          }
          f.get(sum);
          columns.combine(f, x);
          f.set(sum);
          if (!exclusive) {
            f.get(to).get(sum);
            columns.store(f, i * bytes);
          }
        });
        advance(f, from, axis.step);
        advance(f, to, axis.step);
      });
    });
  });
}

function scanModule(kind: Kind): KernelModule {
  const bytes = sizes[kind.type];
  return {
    key: `scan ${kind.combine} ${kind.type}${kind.exclusive ? ' exclusive' : ''}`,
    build: (target) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared: target.shared });
      const { vector, single } = columnsOf(kind, target);
      const params: ValueType[] = new Array(9).fill('i32');
      module.define('run', params, [], (f, source, into, length, inner, groups, start, step, begin, end) => {
        const [group, offset, from, to, left, column] = Array.from({ length: 6 }, () => f.local('i32'));
        const width = GROUP_BYTES / bytes;
        f.get(end).get(begin).op('i32.sub').set(left);
        f.get(begin).set(group);
        const rest = f.local('i32');
        whileAtLeast(f, left, 1, () => {
          // Columns of this group: `width`, or what is left of the row.
          f.get(group).get(groups).op('i32.rem_u').i32(width).op('i32.mul').set(column);
          f.get(inner).get(column).op('i32.sub').set(rest);
          setMinimum(f, rest, rest, width);
          f.get(group).get(groups).op('i32.div_u').get(length).op('i32.mul').get(inner).op('i32.mul');
          f.get(column).op('i32.add').i32(bytes).op('i32.mul').get(start).op('i32.add').set(offset);
          f.get(source).get(offset).op('i32.add').set(from);
          f.get(into).get(offset).op('i32.add').set(to);
          const walk = (columns: Columns, held: number) =>
            whileAtLeast(f, rest, columns.count * held, () => {
              emitWalk(f, kind, columns, held, { from, to, length, step });
              advance(f, from, columns.count * held * bytes);
              advance(f, to, columns.count * held * bytes);
            });
          if (kind.combine !== 'logSumExp') walk(vector, width / vector.count);
          walk(vector, 1);
          walk(single, 1);
          advance(f, group, 1);
        });
      });
      return module.toBytes();
    },
  };
}
