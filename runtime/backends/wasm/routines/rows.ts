/**
 * Rows picked by index, and rows added up by index: gathering from tables, and what its gradient sums. Arrays are row-major, indices
 * are checked by the caller: those of sums may be negative, which leaves a row out.
 */
import type { FunctionBuilder, Local, ValueType } from '../assembler/functionBuilder';
import { advance, forRange, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';

export type IndexType = 'i32' | 'i64';
export type SumType = 'f32' | 'f64' | 'i32' | 'i64';

const sizes = { f32: 4, i32: 4, f64: 8, i64: 8 } as const;

/** Bytes of output in a part of the work, at least. */
const GRAIN_BYTES = 1 << 16;

export interface GatherSpec {
  readonly indexType: IndexType;
  /** Blocks of `limit` rows, from each of which `count` are picked. */
  readonly outer: number;
  readonly limit: number;
  readonly count: number;
  readonly rowBytes: number;
}

/** The index number `i` at an address, as i32. */
function pushIndex(f: FunctionBuilder, type: IndexType, indices: Local, i: Local): void {
  f.get(indices).get(i).i32(sizes[type]).op('i32.mul').op('i32.add').access(`${type}.load`);
  if (type === 'i64') f.op('i32.wrap_i64');
}

/** A call that writes the picked rows at `target`; null when there are none. */
export function gatherCall(spec: GatherSpec, source: number, indices: number, target: number): WasmCall | null {
  const { indexType, outer, limit, count, rowBytes } = spec;
  if (outer * count * rowBytes === 0) return null;
  return {
    kind: 'wasm',
    module: gatherModule(indexType, rowBytes),
    exportName: 'run',
    args: [source, indices, target, limit, count, rowBytes],
    range: { extent: outer * count, grain: Math.max(1, Math.ceil(GRAIN_BYTES / rowBytes)) },
  };
}

function gatherModule(indexType: IndexType, rowBytes: number): KernelModule {
  const single = rowBytes === 4 ? 'i32' : rowBytes === 8 ? 'i64' : null;
  return {
    key: `gather ${indexType} ${single ?? 'rows'}`,
    build: ({ shared }) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared });
      const params: ValueType[] = new Array(8).fill('i32');
      module.define('run', params, [], (f, source, indices, target, limit, count, bytes, begin, end) => {
        const [row, i] = [f.local('i32'), f.local('i32')];
        forRange(f, row, begin, end, 1, () => {
          f.get(row).get(count).op('i32.rem_u').set(i);
          f.get(target).get(row).get(bytes).op('i32.mul').op('i32.add');
          f.get(row).get(count).op('i32.div_u').get(limit).op('i32.mul');
          pushIndex(f, indexType, indices, i);
          f.op('i32.add').get(bytes).op('i32.mul').get(source).op('i32.add');
          if (single) f.access(`${single}.load`).access(`${single}.store`);
          else f.get(bytes).memoryCopy();
        });
      });
      return module.toBytes();
    },
  };
}

export interface SegmentSumSpec {
  readonly type: SumType;
  readonly indexType: IndexType;
  readonly rows: number;
  readonly inner: number;
  readonly segments: number;
}

/** A call that sums rows of `inner` elements into segments at `target`; null when there are none. */
export function segmentSumCall(spec: SegmentSumSpec, data: number, ids: number, target: number): WasmCall | null {
  const { type, indexType, rows, inner, segments } = spec;
  if (segments * inner === 0) return null;
  return {
    kind: 'wasm',
    module: segmentSumModule(type, indexType),
    exportName: 'run',
    args: [data, ids, target, rows, inner, segments],
    range: null,
  };
}

function segmentSumModule(type: SumType, indexType: IndexType): KernelModule {
  const bytes = sizes[type];
  const vector = ({ f32: 'f32x4', f64: 'f64x2', i32: 'i32x4', i64: 'i64x2' } as const)[type];
  return {
    key: `segment sum ${type} ${indexType}`,
    build: ({ shared }) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared });
      const params: ValueType[] = new Array(6).fill('i32');
      module.define('run', params, [], (f, data, ids, target, rows, inner, segments) => {
        const [row, id, from, to, left] = Array.from({ length: 5 }, () => f.local('i32'));
        const rowBytes = f.local('i32');
        f.get(inner).i32(bytes).op('i32.mul').set(rowBytes);
        f.get(target).i32(0).get(segments).get(rowBytes).op('i32.mul').memoryFill();
        f.get(data).set(from);
        forRange(f, row, 0, rows, 1, () => {
          pushIndex(f, indexType, ids, row);
          f.set(id);
          f.get(id).i32(0).op('i32.ge_s');
          f.if(
            () => {
              f.get(target).get(id).get(rowBytes).op('i32.mul').op('i32.add').set(to);
              f.get(inner).set(left);
              const add = (
                elements: number,
                load: 'v128' | SumType,
                op: 'f32' | 'f64' | 'i32' | 'i64' | typeof vector,
              ) =>
                whileAtLeast(f, left, elements, () => {
                  f.get(to).get(to).access(`${load}.load`).get(from).access(`${load}.load`);
                  f.op(`${op}.add`).access(`${load}.store`);
                  advance(f, to, elements * bytes);
                  advance(f, from, elements * bytes);
                });
              add(16 / bytes, 'v128', vector);
              add(1, type, type);
            },
            () => advance(f, from, rowBytes),
          );
        });
      });
      return module.toBytes();
    },
  };
}
