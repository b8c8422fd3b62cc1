/**
 * Rows picked by index. Arrays are row-major; indices are checked by the caller.
 */
import type { FunctionBuilder, Local, ValueType } from '../assembler/functionBuilder';
import { advance, forRange } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';

export type IndexType = 'i32' | 'i64';

const indexBytes = { i32: 4, i64: 8 } as const;

/** Bytes of output in a part of the work, at least. */
const GRAIN_BYTES = 1 << 16;

export interface GatherSpec {
  readonly indexType: IndexType;
  /** Batches have indices of their own; `outer` blocks of a batch share them. */
  readonly batch: number;
  readonly outer: number;
  /** Each block has `limit` rows, of which `count` are picked. */
  readonly limit: number;
  readonly count: number;
  readonly rowBytes: number;
}

/** The index number `i` at an address, as i32. */
export function pushIndex(f: FunctionBuilder, type: IndexType, indices: Local, i: Local): void {
  f.get(indices).get(i).i32(indexBytes[type]).op('i32.mul').op('i32.add').access(`${type}.load`);
  if (type === 'i64') f.op('i32.wrap_i64');
}

/** The same for indices of which all negative ones mean that there is none: they are -1 then. */
export function pushSignedIndex(f: FunctionBuilder, type: IndexType, indices: Local, i: Local): void {
  pushIndex(f, type, indices, i);
  if (type === 'i32') return;
  f.i32(-1).get(indices).get(i).i32(indexBytes[type]).op('i32.mul').op('i32.add').access('i64.load');
  f.i64(0n).op('i64.ge_s').op('select');
}

/** A call that writes the picked rows at `target`; null when there are none. */
export function gatherCall(spec: GatherSpec, source: number, indices: number, target: number): WasmCall | null {
  const { indexType, batch, outer, limit, count, rowBytes } = spec;
  if (batch * outer * count * rowBytes === 0) return null;
  return {
    kind: 'wasm',
    module: gatherModule(indexType, rowBytes),
    exportName: 'run',
    args: [source, indices, target, outer, limit, count, rowBytes],
    range: { extent: batch * outer * count, grain: Math.max(1, Math.ceil(GRAIN_BYTES / rowBytes)) },
  };
}

/** Rows of so few bytes, if they are words, are copied by instructions of their own: a call of memory.copy takes longer. */
const MOST_WRITTEN_OUT = 64;

/** Whether rows are copied word by word. */
export const isWrittenOut = (rowBytes: number): boolean => rowBytes % 4 === 0 && rowBytes <= MOST_WRITTEN_OUT;

/** Copies a row of words from one address to another. */
export function emitRowCopy(f: FunctionBuilder, rowBytes: number, from: Local, to: Local): void {
  for (let at = 0; at < rowBytes; ) {
    const left = rowBytes - at;
    const [type, size] =
      left >= 16 ? (['v128', 16] as const) : left >= 8 ? (['i64', 8] as const) : (['i32', 4] as const);
    f.get(to).get(from).access(`${type}.load`, at).access(`${type}.store`, at);
    at += size;
  }
}

function gatherModule(indexType: IndexType, rowBytes: number): KernelModule {
  return {
    key: `gather ${indexType} ${isWrittenOut(rowBytes) ? rowBytes : 'rows'}`,
    build: ({ shared }) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared });
      const params: ValueType[] = new Array(9).fill('i32');
      module.define('run', params, [], (f, source, indices, target, outer, limit, count, bytes, begin, end) => {
        const [row, i, block, from, picks, to, at] = Array.from({ length: 7 }, () => f.local('i32'));
        /** Where the rows of the block are, and its indices. */
        const enterBlock = () => {
          f.get(source).get(block).get(limit).op('i32.mul').get(bytes).op('i32.mul').op('i32.add').set(from);
          f.get(block).get(outer).op('i32.div_u').get(count).op('i32.mul').i32(indexBytes[indexType]).op('i32.mul');
          f.get(indices).op('i32.add').set(picks);
        };
        f.get(begin).get(count).op('i32.rem_u').set(i);
        f.get(begin).get(count).op('i32.div_u').set(block);
        f.get(target).get(begin).get(bytes).op('i32.mul').op('i32.add').set(to);
        enterBlock();
        forRange(f, row, begin, end, 1, () => {
          f.get(from);
          pushIndex(f, indexType, picks, i);
          f.get(bytes).op('i32.mul').op('i32.add').set(at);
          if (isWrittenOut(rowBytes)) emitRowCopy(f, rowBytes, at, to);
          else f.get(to).get(at).get(bytes).memoryCopy();
          advance(f, to, bytes);
          advance(f, i, 1);
          f.get(i).get(count).op('i32.eq');
          f.if(() => {
            f.i32(0).set(i);
            advance(f, block, 1);
            enterBlock();
          });
        });
      });
      return module.toBytes();
    },
  };
}
