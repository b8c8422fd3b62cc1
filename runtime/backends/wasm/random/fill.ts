/**
 * Kernels that fill memory with random numbers: what an initializer of a large variable is made of. Numbers and their order are
 * those of runtime/random/distributions.ts, bit for bit; normal numbers are float32 only.
 *
 * A stream's state (philox.ts) is read from memory, and not moved on. Work is split into groups of 16 bytes, each of which knows
 * its blocks by its index, so that results do not depend on the split.
 */
import type { FunctionBuilder, GlobalRef, Local, ValueType } from '../assembler/functionBuilder';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';
import { emitNormalFloat32, emitNormalTable, NORMAL_TABLE_BYTES } from './normals';
import {
  emitIntegerRange32,
  emitUniformFloat32,
  emitUniformFloat64,
  emitUniformInt32,
  emitUniformInt64,
} from './numbers';
import { type BlockWords, emitPhilox8, emitPhiloxSetup, type PhiloxLocals } from './philox';
import { emitTruncatedGroups } from './truncated';

export type RandomFill =
  | { readonly kind: 'uniform'; readonly dtype: 'float32' | 'float64' }
  | { readonly kind: 'bits' }
  | { readonly kind: 'normal' | 'truncatedNormal' }
  /** Integers from that at the address `lo` to below that at `hi`; that lo is below hi is for the caller to check. */
  | { readonly kind: 'int32' | 'int64'; readonly lo: number; readonly hi: number };

const GROUP_BYTES = 16;

/** Groups in a part of the work, at least. */
const GRAIN = 256;

/** A call that fills `bytes` bytes from `out` on, from the stream whose state is at `state`. */
export function randomFillCall(fill: RandomFill, state: number, out: number, bytes: number): WasmCall {
  const isInteger = fill.kind === 'int32' || fill.kind === 'int64';
  return {
    kind: 'wasm',
    module: randomFillModule,
    exportName: fill.kind === 'uniform' ? fill.dtype : fill.kind,
    args: [state, out, bytes, ...(isInteger ? [fill.lo, fill.hi] : [])],
    range: { extent: Math.ceil(bytes / GROUP_BYTES), grain: GRAIN },
  };
}

/** What a kernel does before its loop, given addresses; returns what makes a vector of numbers of a vector of words. */
type Prepare = (
  f: FunctionBuilder,
  scratch: GlobalRef,
  parameters: readonly Local[],
) => (f: FunctionBuilder, words: Local) => void;

const kernels: Readonly<Record<string, { readonly parameters: number; readonly prepare: Prepare }>> = {
  float32: { parameters: 0, prepare: () => emitUniformFloat32 },
  float64: { parameters: 0, prepare: () => emitUniformFloat64 },
  bits: { parameters: 0, prepare: () => (f, words) => f.get(words) },
  normal: {
    parameters: 0,
    prepare: (f, scratch) => {
      const table = prepareTable(f, scratch);
      return (g, words) => emitNormalFloat32(g, words, table);
    },
  },
  int32: {
    parameters: 2,
    prepare: (f, _, [loAddress, hiAddress]) => {
      const [lo, hi] = [f.local('i32'), f.local('i32')];
      f.get(loAddress).access('i32.load').set(lo).get(hiAddress).access('i32.load').set(hi);
      const range = emitIntegerRange32(f, lo, hi);
      return (g, words) => emitUniformInt32(g, words, range);
    },
  },
  int64: {
    parameters: 2,
    prepare: (f, _, [loAddress, hiAddress]) => {
      const [lo, size] = [f.local('i64'), f.local('i64')];
      f.get(loAddress).access('i64.load').set(lo).get(hiAddress).access('i64.load').get(lo).op('i64.sub').set(size);
      return (g, words) => emitUniformInt64(g, words, lo, size);
    },
  },
};

function prepareTable(f: FunctionBuilder, scratch: GlobalRef): Local {
  const table = f.local('i32');
  f.getGlobal(scratch).set(table);
  emitNormalTable(f, table);
  return table;
}

/** Where in scratch memory, behind the table, output waits that is not wanted to its end. */
const BUFFER = NORMAL_TABLE_BYTES;

/** Bytes for what truncated.ts keeps there. */
const CANDIDATES = BUFFER + 8 * GROUP_BYTES;

/** Calls `produce` for steps of `groups` groups, with the address they go to; cuts the last step short. */
function inSteps(
  f: FunctionBuilder,
  scratch: GlobalRef,
  { out, bytes, begin, end }: Record<'out' | 'bytes' | 'begin' | 'end', Local>,
  groups: number,
  produce: (group: Local, target: Local) => void,
): void {
  const [at, target, left, group] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
  const step = groups * GROUP_BYTES;
  f.get(begin).set(group);
  f.get(out).get(begin).i32(GROUP_BYTES).op('i32.mul').op('i32.add').set(at);
  // The bytes of this part: its groups', or fewer in the last.
  f.get(end).i32(GROUP_BYTES).op('i32.mul').get(bytes);
  f.get(end).i32(GROUP_BYTES).op('i32.mul').get(bytes).op('i32.lt_u').op('select');
  f.get(begin).i32(GROUP_BYTES).op('i32.mul').op('i32.sub').set(left);
  f.block((done) =>
    f.loop((again) => {
      f.get(left).op('i32.eqz').brIf(done);
      f.get(at)
        .getGlobal(scratch)
        .i32(BUFFER)
        .op('i32.add')
        .get(left)
        .i32(step)
        .op('i32.ge_u')
        .op('select')
        .set(target);
      produce(group, target);
      f.get(left).i32(step).op('i32.lt_u');
      f.if(() => {
        f.get(at).get(target).get(left).memoryCopy().br(done);
      });
      f.get(at).i32(step).op('i32.add').set(at);
      f.get(left).i32(step).op('i32.sub').set(left);
      f.get(group).i32(groups).op('i32.add').set(group).br(again);
    }),
  );
}

/** Groups that are blocks: eight at a time. */
function fillFromBlocks(
  f: FunctionBuilder,
  philox: PhiloxLocals,
  make: (f: FunctionBuilder, words: Local) => void,
): (group: Local, target: Local) => void {
  const words = Array.from({ length: 8 }, () => f.local('v128')) as unknown as [...BlockWords, ...BlockWords];
  return (group, target) => {
    emitPhilox8(f, philox, group, words);
    words.forEach((local, j) => {
      f.get(target);
      make(f, local);
      f.access('v128.store', j * GROUP_BYTES);
    });
  };
}

function buildModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared });
  const scratch = module.importGlobal('scratch');
  for (const [name, { parameters, prepare }] of Object.entries(kernels)) {
    const params: ValueType[] = Array.from({ length: 5 + parameters }, () => 'i32');
    module.define(name, params, [], (f, state, out, bytes, ...rest) => {
      const [begin, end] = rest.slice(parameters);
      const philox = emitPhiloxSetup(f, state);
      const make = prepare(f, scratch, rest.slice(0, parameters));
      inSteps(f, scratch, { out, bytes, begin, end }, 8, fillFromBlocks(f, philox, make));
    });
  }
  module.define('truncatedNormal', ['i32', 'i32', 'i32', 'i32', 'i32'], [], (f, state, out, bytes, begin, end) => {
    const philox = emitPhiloxSetup(f, state);
    const table = prepareTable(f, scratch);
    const candidates = f.local('i32');
    f.getGlobal(scratch).i32(CANDIDATES).op('i32.add').set(candidates);
    inSteps(f, scratch, { out, bytes, begin, end }, 4, (group, target) =>
      emitTruncatedGroups(f, { philox, table, candidates }, group, target),
    );
  });
  return module.toBytes();
}

export const randomFillModule: KernelModule = {
  key: 'random fill',
  build: ({ shared }) => buildModule(shared),
};
