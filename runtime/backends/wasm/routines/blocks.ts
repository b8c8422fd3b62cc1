/**
 * Memory filled with one number, or copied, in parts of 16 bytes: how arrays begin that are then changed in places. An array's
 * place is whole parts long, so the last one may be filled beyond its end.
 */
import type { ValueType } from '../assembler/functionBuilder';
import { forRange } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';

const PART_BYTES = 16;

/** Parts that a thread should have to work on at least. */
const GRAIN = 1 << 13;

const rangeOf = (bytes: number) => ({ extent: Math.ceil(bytes / PART_BYTES), grain: GRAIN });

const blocksModule: KernelModule = {
  key: 'blocks',
  build: ({ shared }) => {
    const module = new ModuleBuilder();
    module.importMemory({ shared });
    const params = (count: number): ValueType[] => new Array(count).fill('i32');
    module.define('fill', params(5), [], (f, target, low, high, begin, end) => {
      const [part, word] = [f.local('i32'), f.local('v128')];
      f.get(low).op('i32x4.splat').get(high).lane('i32x4.replace_lane', 1);
      f.get(high).lane('i32x4.replace_lane', 3).set(word);
      forRange(f, part, begin, end, 1, () => {
        f.get(target).get(part).i32(PART_BYTES).op('i32.mul').op('i32.add').get(word).access('v128.store');
      });
    });
    module.define('copy', params(5), [], (f, source, target, bytes, begin, end) => {
      const [from, to] = [f.local('i32'), f.local('i32')];
      f.get(begin).i32(PART_BYTES).op('i32.mul').set(from);
      f.get(end).i32(PART_BYTES).op('i32.mul').set(to);
      f.get(to).get(bytes).get(to).get(bytes).op('i32.lt_u').op('select').set(to);
      f.get(target).get(from).op('i32.add').get(source).get(from).op('i32.add');
      f.get(to).get(from).op('i32.sub').memoryCopy();
    });
    return module.toBytes();
  },
};

/** A call that fills `bytes` at `target` with elements of these 32 bits, or, each by turns, of these two halves. */
export function fillCall(bytes: number, target: number, low: number, high = low): WasmCall | null {
  if (bytes === 0) return null;
  return { kind: 'wasm', module: blocksModule, exportName: 'fill', args: [target, low, high], range: rangeOf(bytes) };
}

export function copyCall(bytes: number, source: number, target: number): WasmCall | null {
  if (bytes === 0) return null;
  return {
    kind: 'wasm',
    module: blocksModule,
    exportName: 'copy',
    args: [source, target, bytes],
    range: rangeOf(bytes),
  };
}
