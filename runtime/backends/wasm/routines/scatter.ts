/**
 * Rows of an array combined with updates, each at the row that its index names, one after the other: an index that comes twice is
 * applied twice, in order. The work is that of the updates, however large the array is. Indices are checked by the caller.
 *
 * Wide rows are split among threads by their columns, so results do not depend on how the work is split.
 */
import type { FunctionBuilder, Local, ValueType } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { PlainOp } from '../assembler/opcodes';
import type { KernelModule, WasmCall } from '../kernelCall';
import { emitDivideInteger } from '../math/division';
import { withScratch } from '../math/lanes';
import { emitRowCopy, type IndexType, isWrittenOut, pushIndex, pushSignedIndex } from './gather';

export type ScatterType = 'f32' | 'f64' | 'i32' | 'i64';
export type Combination = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max';

export interface ScatterSpec {
  /** How an element becomes with its update; `update` puts the update in its place. */
  readonly how: Combination | 'update';
  /** Of the elements; only the bytes of what is put in place count. */
  readonly type: ScatterType | { readonly bytes: number };
  readonly indexType: IndexType;
  /** Updates, of `inner` elements each. */
  readonly count: number;
  readonly inner: number;
  /** Whether updates with negative indices are left out. */
  readonly skipsNegative: boolean;
}

const sizes = { f32: 4, f64: 8, i32: 4, i64: 8 } as const;

/** Elements in a part of the work, and columns in it, at least. */
const GRAIN = 1 << 14;
const GRAIN_COLUMNS = 64;

/** The call that applies the updates to the rows at `target`; null when there are none. */
export function scatterCall(spec: ScatterSpec, indices: number, updates: number, target: number): WasmCall | null {
  const { how, type, indexType, count, inner, skipsNegative } = spec;
  if (count * inner === 0) return null;
  // What is put in place is counted in bytes.
  const columns = typeof type === 'string' ? inner : inner * type.bytes;
  const isWhole = how === 'update' && isWrittenOut(columns);
  const grain = Math.ceil(Math.max(GRAIN_COLUMNS, GRAIN / count) / GRAIN_COLUMNS) * GRAIN_COLUMNS;
  return {
    kind: 'wasm',
    module:
      how === 'update'
        ? moduleOf(
            `update ${isWhole ? columns : 'rows'}`,
            indexType,
            skipsNegative,
            1,
            (f, { from, to, columns: width }) => {
              if (isWhole) emitRowCopy(f, columns, from, to);
              else f.get(to).get(from).get(width).memoryCopy();
            },
          )
        : moduleOf(`${how} ${type}`, indexType, skipsNegative, sizes[type as ScatterType], (f, row) =>
            emitCombine(f, how, type as ScatterType, row),
          ),
    exportName: 'run',
    args: [indices, updates, target, count, columns],
    range: { extent: columns, grain: isWhole ? columns : grain },
  };
}

/** Addresses of the columns of a row and of its update, and how many columns there are. */
interface Row {
  readonly from: Local;
  readonly to: Local;
  readonly columns: Local;
}

/** The instruction on vectors; null where there is none. */
function vectorInstruction(how: Combination, type: ScatterType): PlainOp | null {
  if (type === 'f32' || type === 'f64') {
    // The update in place of the element only where it compares: NaNs are passed over.
    const name = ({ min: 'pmin', max: 'pmax' } as const)[how as 'min'] ?? how;
    return `${type === 'f32' ? 'f32x4' : 'f64x2'}.${name}` as PlainOp;
  }
  if (how === 'div') return null;
  if (type === 'i64') return how === 'min' || how === 'max' ? null : `i64x2.${how}`;
  return how === 'min' || how === 'max' ? `i32x4.${how}_s` : `i32x4.${how}`;
}

/** The element and the update, on the stack, become one. */
function emitScalar(f: FunctionBuilder, how: Combination, type: ScatterType): void {
  const isFloat = type === 'f32' || type === 'f64';
  if (how === 'min' || how === 'max') {
    withScratch(f, type, 2, (old, update) => {
      f.set(update).set(old).get(update).get(old).get(update).get(old);
      f.op(`${type}.${how === 'min' ? 'lt' : 'gt'}${isFloat ? '' : '_s'}` as PlainOp).op('select');
    });
  } else if (how === 'div' && !isFloat) {
    withScratch(f, type, 2, (old, update) => {
      f.set(update).set(old);
      emitDivideInteger(f, type, old, update, 'trunc');
    });
  } else f.op(`${type}.${how}` as PlainOp);
}

function emitCombine(f: FunctionBuilder, how: Combination, type: ScatterType, { from, to, columns }: Row): void {
  const combine = (elements: number, load: 'v128' | ScatterType, emit: () => void) =>
    whileAtLeast(f, columns, elements, () => {
      f.get(to).get(to).access(`${load}.load`).get(from).access(`${load}.load`);
      emit();
      f.access(`${load}.store`);
      advance(f, to, elements * sizes[type]);
      advance(f, from, elements * sizes[type]);
    });
  const instruction = vectorInstruction(how, type);
  if (instruction) combine(16 / sizes[type], 'v128', () => f.op(instruction));
  combine(1, type, () => emitScalar(f, how, type));
}

/** The loop over updates; `apply` may change the locals of the row. */
function moduleOf(
  name: string,
  indexType: IndexType,
  skipsNegative: boolean,
  elementBytes: number,
  apply: (f: FunctionBuilder, row: Row) => void,
): KernelModule {
  return {
    key: `scatter ${name} ${indexType}${skipsNegative ? ' not negative' : ''}`,
    build: ({ shared }) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared });
      const params: ValueType[] = new Array(7).fill('i32');
      module.define('run', params, [], (f, indices, updates, target, count, inner, begin, end) => {
        const [i, index, from, to, columns] = Array.from({ length: 5 }, () => f.local('i32'));
        const [start, rowBytes] = [f.local('i32'), f.local('i32')];
        f.get(begin).i32(elementBytes).op('i32.mul').set(start);
        f.get(inner).i32(elementBytes).op('i32.mul').set(rowBytes);
        forRange(f, i, 0, count, 1, () => {
          (skipsNegative ? pushSignedIndex : pushIndex)(f, indexType, indices, i);
          f.set(index);
          const combine = () => {
            f.get(updates).get(start).op('i32.add').set(from);
            advanceBy(f, from, i, rowBytes);
            f.get(target).get(start).op('i32.add').set(to);
            advanceBy(f, to, index, rowBytes);
            f.get(end).get(begin).op('i32.sub').set(columns);
            apply(f, { from, to, columns });
          };
          if (!skipsNegative) combine();
          else {
            f.get(index).i32(0).op('i32.ge_s');
            f.if(combine);
          }
        });
      });
      return module.toBytes();
    },
  };
}
