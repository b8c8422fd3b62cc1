/**
 * States of Philox generators made in memory, for ops whose numbers depend on what they are given alone: from a seed of two integers,
 * as runtime/random/stateless.ts makes them, and from a key and a counter.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';
import { type BlockWords, emitPhilox4, emitPhiloxSetup } from './philox';

/** The key under which seeds are scrambled: as in runtime/random/stateless.ts. */
const SCRAMBLING_KEY = [0x3ec8f720, 0x02461e29] as const;

/** Makes the state at `out` of the seed there, four words: the words of a block under the scrambling key. */
function emitScramble(f: FunctionBuilder, out: Local): void {
  SCRAMBLING_KEY.forEach((word, i) =>
    f
      .get(out)
      .i32(word)
      .access('i32.store', 16 + 4 * i),
  );
  const philox = emitPhiloxSetup(f, out);
  const words = Array.from({ length: 4 }, () => f.local('v128')) as unknown as BlockWords;
  const first = f.local('i32');
  emitPhilox4(f, philox, first, words);
  // The first two words are the key, the others the upper half of the counter.
  f.get(out).get(words[0]).laneAccess('v128.store64_lane', 0, 16);
  f.get(out).get(words[0]).laneAccess('v128.store64_lane', 1, 8);
  f.get(out).i64(0n).access('i64.store');
}

const statesModule: KernelModule = {
  key: 'philox states',
  build: ({ shared }) => {
    const module = new ModuleBuilder();
    module.importMemory({ shared });
    module.define('int32', ['i32', 'i32'], [], (f, seed, out) => {
      for (const at of [0, 1]) {
        f.get(out)
          .get(seed)
          .access('i32.load', 4 * at)
          .op('i64.extend_i32_s')
          .access('i64.store', 8 * at);
      }
      emitScramble(f, out);
    });
    module.define('int64', ['i32', 'i32'], [], (f, seed, out) => {
      f.get(out).get(seed).access('v128.load').access('v128.store');
      emitScramble(f, out);
    });
    module.define('key', ['i32', 'i32', 'i32'], [], (f, key, counter, out) => {
      f.get(out).get(counter).access('v128.load').access('v128.store');
      f.get(out).get(key).access('i64.load').access('i64.store', 16);
    });
    module.define('parts', ['i32', 'i32', 'i32'], [], (f, state, key, counter) => {
      f.get(counter).get(state).access('v128.load').access('v128.store');
      f.get(key).get(state).access('i64.load', 16).access('i64.store');
    });
    return module.toBytes();
  },
};

const callOf = (exportName: string, args: readonly number[]): WasmCall => ({
  kind: 'wasm',
  module: statesModule,
  exportName,
  args,
  range: null,
});

/** Makes the state at `out` that an op with the seed of two integers at `seed` begins with. */
export function stateOfSeedCall(dtype: 'int32' | 'int64', seed: number, out: number): WasmCall {
  return callOf(dtype, [seed, out]);
}

/** Makes the state at `out` of a key, one uint64, and a counter, two. */
export function stateOfKeyCall(key: number, counter: number, out: number): WasmCall {
  return callOf('key', [key, counter, out]);
}

/** Takes a state apart again. */
export function keyOfStateCall(state: number, key: number, counter: number): WasmCall {
  return callOf('parts', [state, key, counter]);
}
