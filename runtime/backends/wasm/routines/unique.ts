/**
 * The distinct numbers of a list in the order in which they first come, and where in that order each element is: by a table of
 * places, open addressed. What is left of the first output is filled with the lowest number of its type.
 */
import type { FunctionBuilder, Local, ValueType } from '../assembler/functionBuilder';
import { advance, forRange } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';

export interface UniqueSpec {
  readonly type: 'i32' | 'i64';
  readonly indexType: 'i32' | 'i64';
  readonly count: number;
}

/** What follows the distinct numbers. */
export const FILLER = { i32: -(2 ** 31), i64: -(2n ** 63n) } as const;

const sizes = { i32: 4, i64: 8 } as const;

/** Places in the table: a power of two, at least half of them empty. */
const placesFor = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, 2 * count)));

/** Bytes of the table. */
export const uniqueWorkspace = ({ count }: UniqueSpec): number => 4 * placesFor(count);

export interface UniqueAddresses {
  readonly source: number;
  readonly distinct: number;
  readonly positions: number;
  readonly workspace: number;
}

/** The call for lists that have elements; null for others. */
export function uniqueCall(spec: UniqueSpec, addresses: UniqueAddresses): WasmCall | null {
  const { type, indexType, count } = spec;
  if (count === 0) return null;
  const { source, distinct, positions, workspace } = addresses;
  return {
    kind: 'wasm',
    module: uniqueModule(type, indexType),
    exportName: 'run',
    args: [source, distinct, positions, workspace, count, placesFor(count)],
    range: null,
  };
}

/** The place of a number before collisions. */
function pushPlace(f: FunctionBuilder, type: 'i32' | 'i64', value: Local, mixed: Local, places: Local): void {
  f.get(value);
  if (type === 'i64') f.get(value).i64(32n).op('i64.shr_u').op('i64.xor').op('i32.wrap_i64');
  f.i32(0x9e3779b1 | 0)
    .op('i32.mul')
    .tee(mixed)
    .get(mixed)
    .i32(15)
    .op('i32.shr_u')
    .op('i32.xor');
  f.get(places).i32(1).op('i32.sub').op('i32.and');
}

function uniqueModule(type: 'i32' | 'i64', indexType: 'i32' | 'i64'): KernelModule {
  return {
    key: `unique ${type} ${indexType}`,
    build: ({ shared }) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared });
      const params: ValueType[] = new Array(6).fill('i32');
      module.define('run', params, [], (f, source, distinct, positions, table, count, places) => {
        const [i, found, place, mixed, at] = Array.from({ length: 5 }, () => f.local('i32'));
        const value = f.local(type);
        const address = (base: Local, index: Local, bytes: number) =>
          f.get(base).get(index).i32(bytes).op('i32.mul').op('i32.add');
        f.get(table).i32(0).get(places).i32(4).op('i32.mul').memoryFill();
        forRange(f, i, 0, count, 1, () => {
          address(source, i, sizes[type]).access(`${type}.load`).set(value);
          pushPlace(f, type, value, mixed, places);
          f.set(place);
          f.block((known) =>
            f.loop((next) => {
              address(table, place, 4).access('i32.load').tee(at).op('i32.eqz');
              f.if(() => {
                // New: the table holds positions, from 1 on.
                address(distinct, found, sizes[type]).get(value).access(`${type}.store`);
                advance(f, found, 1);
                address(table, place, 4).get(found).access('i32.store');
                f.get(found).set(at).br(known);
              });
              f.get(at).i32(1).op('i32.sub').set(mixed);
              address(distinct, mixed, sizes[type]).access(`${type}.load`).get(value).op(`${type}.eq`).brIf(known);
              f.get(place).i32(1).op('i32.add').get(places).i32(1).op('i32.sub').op('i32.and').set(place).br(next);
            }),
          );
          address(positions, i, sizes[indexType]).get(at).i32(1).op('i32.sub');
          if (indexType === 'i64') f.op('i64.extend_i32_u');
          f.access(`${indexType}.store`);
        });
        forRange(f, i, found, count, 1, () => {
          address(distinct, i, sizes[type]);
          if (type === 'i64') f.i64(FILLER.i64);
          else f.i32(FILLER.i32);
          f.access(`${type}.store`);
        });
      });
      return module.toBytes();
    },
  };
}
