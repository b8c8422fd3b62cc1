/**
 * Rows of variables changed by a formula, one after the other, as indices name them: the formula is a loop kernel over one row, of
 * which a driver calls the code with the addresses of each row. An index below 0 is left out.
 *
 * Wide rows are split among threads by their columns, so results do not depend on how the work is split.
 */

import type { DType } from '../../../../graph/dtypes';
import { type Expression, sharedText } from '../../../ir/expression';
import type { LoopKernel, Store } from '../../../ir/kernel';
import type { ValueType } from '../assembler/functionBuilder';
import { forRange } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';
import { defineLoop } from '../loops/loopCode';
import { LANE_GRAIN } from '../loops/nest';
import { VectorMath } from '../loops/vectorCode';
import { type IndexType, pushSignedIndex } from './gather';

export interface UpdateRowsSpec {
  readonly dtype: DType;
  readonly indexType: IndexType;
  /** Rows that are changed, and elements of a row. */
  readonly count: number;
  readonly inner: number;
  /**
   * What loads and stores of the formula mean: a variable's row that the index names, the row that belongs to the index, or one
   * number.
   */
  readonly operands: readonly ('variable' | 'row' | 'scalar')[];
  /** What operands become: each store's access is an operand's number. */
  readonly stores: readonly Store[];
}

/** Elements in a part of the work, at least. */
const GRAIN = 1 << 13;

/** The call that changes the rows; addresses of operands in their order. Null when there are none. */
export function updateRowsCall(spec: UpdateRowsSpec, indices: number, operands: readonly number[]): WasmCall | null {
  const { count, inner } = spec;
  if (count * inner === 0) return null;
  return {
    kind: 'wasm',
    module: updateRowsModule(spec),
    exportName: 'run',
    args: [indices, count, ...operands],
    range: inner > 1 ? { extent: inner, grain: Math.ceil(GRAIN / count / LANE_GRAIN) * LANE_GRAIN } : null,
  };
}

/** The formula over one row. */
function rowKernel({ dtype, inner, operands, stores }: UpdateRowsSpec): LoopKernel {
  const domain = inner > 1 ? [inner] : [];
  return {
    kind: 'loop',
    domain,
    reduced: domain.map(() => false),
    accesses: operands.map((role, id) => ({
      buffer: { id, dtype, elements: role === 'scalar' ? 1 : inner, place: { kind: 'arena' } },
      offset: 0,
      strides: domain.map(() => (role === 'scalar' ? 0 : 1)),
    })),
    phases: [{ stores, reductions: [], rowStores: [] }],
    streams: [],
    ops: [],
  };
}

function updateRowsModule(spec: UpdateRowsSpec): KernelModule {
  const { dtype, indexType, inner, operands, stores } = spec;
  const expressions: readonly Expression[] = stores.map(({ expression }) => expression);
  const formula = `${stores.map(({ access }) => access).join()}\n${sharedText(expressions)}`;
  return {
    key: `update rows ${dtype.name} ${indexType} ${inner} ${operands.join()}\n${formula}`,
    build: (target) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared: target.shared });
      const scratch = module.importGlobal('scratch');
      const row = defineLoop(module, 'row', rowKernel(spec), new VectorMath(target), scratch);
      const params: ValueType[] = new Array(2 + operands.length + (row.range ? 2 : 0)).fill('i32');
      module.define('run', params, [], (f, indices, count, ...rest) => {
        const [i, index] = [f.local('i32'), f.local('i32')];
        const rowBytes = inner * dtype.size;
        forRange(f, i, 0, count, 1, () => {
          pushSignedIndex(f, indexType, indices, i);
          f.tee(index).i32(0).op('i32.ge_s');
          f.if(() => {
            operands.forEach((role, k) => {
              f.get(rest[k]);
              if (role === 'scalar') return;
              f.get(role === 'variable' ? index : i)
                .i32(rowBytes)
                .op('i32.mul')
                .op('i32.add');
            });
            for (const part of rest.slice(operands.length)) f.get(part);
            f.call(row.code);
          });
        });
      });
      return module.toBytes();
    },
  };
}
