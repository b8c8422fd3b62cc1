/**
 * A compiled plan for given shapes: kernels with their addresses, ready to be run any number of times.
 *
 * What a run needs is fixed here — the arena, the code, the order of steps, where feeds go and fetches lie — so that running
 * allocates nothing but what it returns.
 */
import type { DType } from '../../graph/dtypes';
import { ResourceExhaustedError } from '../../graph/errors';
import { NdArray, sizeOf } from '../../graph/ndarray';
import { ModuleBuilder } from '../backends/wasm/assembler/moduleBuilder';
import type { WasmEngine } from '../backends/wasm/engine';
import type { KernelCall, KernelModule, WasmCall } from '../backends/wasm/kernelCall';
import { defineLoop, type LoopFunction } from '../backends/wasm/loops/loopCode';
import { expressionsOf, workOf } from '../backends/wasm/loops/nest';
import { defineRectangle } from '../backends/wasm/loops/rectangleCode';
import { VectorMath } from '../backends/wasm/loops/vectorCode';
import type { Epilogue } from '../backends/wasm/matmul/epilogue';
import { PHILOX_STATE_BYTES } from '../backends/wasm/random/philox';
import { sharedText } from '../ir/expression';
import {
  type Buffer,
  buffersOf,
  type Kernel,
  type KernelProgram,
  type LoopKernel,
  type RoutineKernel,
} from '../ir/kernel';
import type { RandomSource } from '../ir/value';
import { verifyKernels } from '../ir/verify';
import { attributeError } from '../opErrors';
import { asVariant, Optional } from '../variants';
import { describeKernel, type KernelEvent } from './describe';
import type { Ledger } from './ledger';
import type { HostStep, Lowered } from './lowered';
import { bytesOf, type Layout, layOut } from './memory';
import type { Source } from './symbols';

/** Elements that a thread should have to work on at least. */
const MIN_WORK = 16384;
/** What the keys of modules with epilogues have in them. */
const EPILOGUE_KEY = 'epilogue ';

/** One kernel of the plan as the executor runs it. */
export interface CompiledStep {
  readonly kernel: Kernel;
  run(): void;
  /** Set for calls of plain kernels. */
  readonly host: {
    readonly step: HostStep;
    readonly inputs: readonly NdPlace[];
    readonly outputs: readonly (NdPlace | null)[];
  } | null;
}

/** An array at a fixed place in memory. */
export interface NdPlace {
  readonly dtype: DType;
  readonly elements: number;
  readonly address: number;
}

interface PreparedStream {
  readonly source: RandomSource;
  readonly address: number;
  readonly outputs: number;
}

export class Executable {
  readonly steps: readonly CompiledStep[];
  readonly layout: Layout;
  readonly #addresses = new Map<Buffer, number>();
  readonly #feeds: readonly (NdPlace | null)[];
  readonly #results: readonly NdPlace[];
  readonly #streams: PreparedStream[] = [];
  readonly #owned: number[] = [];
  readonly #events: (KernelEvent | undefined)[] = [];
  #module: number | null = null;
  /** Modules of routines with epilogues. */
  readonly #ownModules = new Map<string, { readonly id: number; readonly exports: WebAssembly.Exports }>();
  readonly #words = new Int32Array(PHILOX_STATE_BYTES / 4);

  readonly engine: WasmEngine;

  constructor(
    readonly ledger: Ledger,
    readonly lowered: Lowered,
    readonly kernels: KernelProgram,
  ) {
    this.engine = ledger.engine;
    verifyKernels(kernels);
    this.layout = layOut(kernels);
    try {
      this.#place();
      this.steps = this.#compile();
      this.#addUnreadStreams();
    } catch (error) {
      this.close();
      throw error;
    }
    this.#feeds = lowered.feeds.map((value) => {
      const buffer = value && kernels.inputs.get(value);
      return buffer && this.#addresses.has(buffer) ? this.#placeOf(buffer) : null;
    });
    this.#results = kernels.results.map((buffer) => this.#placeOf(buffer));
  }

  /** Gives back the memory. */
  close(): void {
    for (const address of this.#owned) this.ledger.free(address);
    this.#owned.length = 0;
    if (this.#module !== null) this.ledger.unload(this.#module);
    this.#module = null;
    for (const { id } of this.#ownModules.values()) this.ledger.unload(id);
    this.#ownModules.clear();
  }

  /** Bytes of the arena. */
  get arenaBytes(): number {
    return this.layout.bytes;
  }

  /** Puts the feeds in their places and sets random words aside. */
  begin(feeds: readonly (NdArray | undefined)[]): void {
    const { memory } = this.engine;
    for (let i = 0; i < feeds.length; i++) {
      const place = this.#feeds[i];
      const array = feeds[i];
      if (place && array) writeTo(memory, place, array);
    }
    for (const { source, address, outputs } of this.#streams) {
      if (outputs === 0) continue;
      source.prepare(this.#words, outputs);
      memory.heapI32.set(this.#words, address >>> 2);
    }
  }

  /** What a step is, for traces. */
  describe(at: number): KernelEvent {
    let event = this.#events[at];
    if (!event) this.#events[at] = event = describeKernel(this.steps[at].kernel);
    return event;
  }

  /** The array at a source, good until the next run: not a copy. */
  read(source: Source, slots: readonly (NdArray | undefined)[], places: readonly NdPlace[] = this.#results): NdArray {
    switch (source.kind) {
      case 'array':
        return source.array;
      case 'slot':
        return slots[source.slot]!;
      case 'memory': {
        const { dtype, address, elements } = places[source.index];
        if (elements === 1 && dtype.name === 'float32')
          return new NdArray(dtype, source.shape, Float32Array.of(this.engine.memory.heapF32[address >>> 2]));
        return new NdArray(dtype, source.shape, this.engine.memory.view(dtype, address, elements));
      }
      case 'optional':
        return asVariant(new Optional(source.components?.map((part) => this.#keep(part, slots, places)) ?? null));
    }
  }

  /** As `read`, for good. */
  #keep(source: Source, slots: readonly (NdArray | undefined)[], places: readonly NdPlace[]): NdArray {
    const array = this.read(source, slots, places);
    return source.kind === 'memory' ? array.copy() : array;
  }

  /** What is fetched, when nothing of it comes from a later stage. */
  results(slots: readonly (NdArray | undefined)[]): NdArray[] {
    const { fetches } = this.lowered;
    const results = new Array<NdArray>(fetches.length);
    for (let i = 0; i < results.length; i++) results[i] = this.read(fetches[i] as Source, slots);
    return results;
  }

  write(place: NdPlace, array: NdArray): void {
    writeTo(this.engine.memory, place, array);
  }

  #allocate(bytes: number, purpose: string): number {
    const address = this.ledger.allocate(bytes, purpose);
    this.#owned.push(address);
    return address;
  }

  #place(): void {
    const arena = this.layout.bytes > 0 ? this.#allocateArena() : 0;
    for (const [buffer, offset] of this.layout.offsets) this.#addresses.set(buffer, arena + offset);
    this.#workspace = arena;
    for (const kernel of this.kernels.kernels) {
      naming(kernel, () => {
        for (const buffer of constantsOf(kernel)) this.#placeConstant(buffer);
      });
    }
    for (const buffer of this.kernels.results) this.#placeConstant(buffer);
  }

  #workspace = 0;

  /** Where there is no room for it, the op with the largest values is named. */
  #allocateArena(): number {
    try {
      return this.#allocate(this.layout.bytes, 'values of plans');
    } catch (error) {
      const bytes = (kernel: Kernel) => buffersOf(kernel).writes.reduce((sum, buffer) => sum + bytesOf(buffer), 0);
      const [largest] = [...this.kernels.kernels].sort((a, b) => bytes(b) - bytes(a));
      throw named(error, largest);
    }
  }

  #placeConstant(buffer: Buffer): void {
    if (this.#addresses.has(buffer)) return;
    const { place } = buffer;
    if (place.kind === 'variable') this.#addresses.set(buffer, place.variable.address);
    if (place.kind !== 'const') return;
    const address = this.#allocate(Math.max(1, buffer.elements * buffer.dtype.size), 'constants');
    this.#addresses.set(buffer, address);
    writeTo(this.engine.memory, { dtype: buffer.dtype, elements: buffer.elements, address }, place.array);
  }

  #placeOf(buffer: Buffer): NdPlace {
    return { dtype: buffer.dtype, elements: buffer.elements, address: this.#addresses.get(buffer)! };
  }

  #compile(): CompiledStep[] {
    const { kernels } = this;
    const loops = this.#defineLoops();
    return kernels.kernels.map((kernel, at) => naming(kernel, () => this.#compileStep(kernel, at, loops)));
  }

  #compileStep(kernel: Kernel, at: number, loops: ReadonlyMap<LoopKernel, Loaded>): CompiledStep {
    if (kernel.kind === 'host') return this.#hostStep(kernel);
    if (kernel.kind === 'loop') return { kernel, run: this.#loopCall(kernel, loops), host: null };
    const { routine, epilogue } = kernel;
    const addresses = {
      inputs: kernel.inputs.map(({ buffer, offset }) => this.#addresses.get(buffer)! + offset * buffer.dtype.size),
      outputs: kernel.outputs.map((buffer) => this.#addressOf(buffer)),
      workspace: this.#workspace + (this.layout.workspaces.get(at) ?? 0),
      streams: kernel.streams.map((source) => this.#streamAddress(source, kernel.outputs[0].elements)),
    };
    const calls = epilogue
      ? routine.withEpilogue!.calls(addresses, this.#epilogueOf(kernel, epilogue))
      : routine.calls(addresses);
    const work = Math.max(routine.flops, routine.work ?? 0);
    const runs = calls.map((call) => routineCall(this.engine, call, work, (module) => this.#load(module)));
    const run = runs.length === 1 ? runs[0] : () => runs.forEach((one) => one());
    return { kernel, run, host: null };
  }

  #epilogueOf({ routine, outputs }: RoutineKernel, loop: LoopKernel): Epilogue {
    const scratchRows = outputs[0].place.kind === 'scratch' ? routine.withEpilogue!.scratchRows : null;
    return {
      key: `${EPILOGUE_KEY}${scratchRows ?? 'stored'} ${codeKey(loop)}`,
      args: this.#loopArguments(loop),
      scratchRows,
      define: ({ module, target, scratch, args }) =>
        defineRectangle(module, loop, new VectorMath(target), scratch, args),
    };
  }

  /** A module of routines: shared by all plans, but for those with epilogues, which are this plan's own. */
  #load(module: KernelModule): { readonly id: number; readonly exports: WebAssembly.Exports } {
    if (!module.key.includes(EPILOGUE_KEY)) return this.engine.routines(module);
    let loaded = this.#ownModules.get(module.key);
    if (!loaded) {
      loaded = this.ledger.load(module.build(this.engine.target), 'products with epilogues');
      this.#ownModules.set(module.key, loaded);
    }
    return loaded;
  }

  #hostStep(kernel: Kernel & { kind: 'host' }): CompiledStep {
    const step = this.lowered.hostSteps[kernel.call.step];
    const inputs = kernel.inputs.flatMap((buffer) => (buffer ? [this.#placeOf(buffer)] : []));
    const outputs = kernel.outputs.map((buffer) =>
      buffer && this.#addresses.has(buffer) ? this.#placeOf(buffer) : null,
    );
    return { kernel, run: () => {}, host: { step, inputs, outputs } };
  }

  /** One module with the functions of all loop kernels; kernels with the same code share a function. */
  #defineLoops(): ReadonlyMap<LoopKernel, Loaded> {
    const { engine } = this;
    const module = new ModuleBuilder();
    module.importMemory({ shared: engine.target.shared });
    const scratch = module.importGlobal('scratch');
    const math = new VectorMath(engine.target);
    const byCode = new Map<string, { readonly name: string; readonly written: LoopFunction }>();
    const names = new Map<LoopKernel, string>();
    for (const kernel of this.kernels.kernels) {
      if (kernel.kind !== 'loop') continue;
      const code = codeKey(kernel);
      let known = byCode.get(code);
      if (!known) {
        const name = `k${byCode.size}`;
        const written = naming(kernel, () => defineLoop(module, name, kernel, math, scratch));
        byCode.set(code, (known = { name, written }));
      }
      names.set(kernel, code);
    }
    const loaded = new Map<LoopKernel, Loaded>();
    if (names.size === 0) return loaded;
    const { id, exports } = this.#loadLoops(module);
    this.#module = id;
    for (const [kernel, code] of names) {
      const { name, written } = byCode.get(code)!;
      loaded.set(kernel, { id, name, written, call: exports[name] as (...args: number[]) => void });
    }
    return loaded;
  }

  /** Loads the module; a refusal names an op of the first kernel whose code is refused by itself, if there is one. */
  #loadLoops(module: ModuleBuilder) {
    try {
      return this.ledger.load(module.toBytes(), 'kernels of a plan');
    } catch (error) {
      const loops = this.kernels.kernels.filter((kernel) => kernel.kind === 'loop');
      const isRefused = (kernel: LoopKernel): boolean => {
        const alone = new ModuleBuilder();
        alone.importMemory({ shared: this.engine.target.shared });
        defineLoop(alone, 'k', kernel, new VectorMath(this.engine.target), alone.importGlobal('scratch'));
        return !WebAssembly.validate(alone.toBytes());
      };
      throw named(error, loops.find(isRefused) ?? loops[0]);
    }
  }

  /** Streams of random ops whose numbers nobody reads: a run takes them on all the same, as TensorFlow's does. */
  #addUnreadStreams(): void {
    for (const item of this.lowered.program.items) {
      if (item.kind === 'value' && item.value.definition.kind === 'random')
        this.#streamAddress(item.value.definition.source, sizeOf(item.value.shape));
      if (item.kind === 'routine')
        for (const source of item.streams ?? []) this.#streamAddress(source, sizeOf(item.results[0].shape));
    }
  }

  /** Where a stream's state for the run is: one place, also when several kernels draw the same numbers again. */
  #streamAddress(source: RandomSource, outputs: number): number {
    const known = this.#streams.find((stream) => stream.source === source);
    if (known) return known.address;
    const address = this.#allocate(PHILOX_STATE_BYTES, 'random streams');
    this.#streams.push({ source, address, outputs });
    return address;
  }

  /** Nowhere, for what is in scratch memory: its kernel knows where that is. */
  #addressOf(buffer: Buffer): number {
    return buffer.place.kind === 'scratch' ? 0 : this.#addresses.get(buffer)!;
  }

  /** The addresses of a kernel's accesses, then of the states of its streams. */
  #loopArguments(kernel: LoopKernel): number[] {
    const addresses = kernel.accesses.map(
      ({ buffer, offset }) => (this.#addressOf(buffer) + offset * buffer.dtype.size) | 0,
    );
    const outputs = sizeOf(kernel.domain);
    return [...addresses, ...kernel.streams.map((source) => this.#streamAddress(source, outputs) | 0)];
  }

  #loopCall(kernel: LoopKernel, loops: ReadonlyMap<LoopKernel, Loaded>): () => void {
    const { id, name, written, call } = loops.get(kernel)!;
    const addresses = this.#loopArguments(kernel);
    const { range, nest } = written;
    if (!range) return bindCall(call, addresses);
    const { pool } = this.engine;
    const work = workOf(nest, kernel.phases.length);
    if (pool.threads === 1 || work < 2 * MIN_WORK) return bindCall(call, [...addresses, 0, range.extent]);
    const perItem = Math.max(1, work / range.extent);
    const grain = Math.ceil(MIN_WORK / perItem / range.grain) * range.grain;
    return () => pool.parallelFor(id, name, addresses, 0, range.extent, grain);
  }
}

/** The error with an op of the kernel, if the kernel has any. */
export function named(error: unknown, kernel: Kernel | undefined): unknown {
  const op = kernel?.ops.at(-1);
  return op ? attributeError(error, op) : error;
}

function naming<R>(kernel: Kernel, work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw named(error, kernel);
  }
}

interface Loaded {
  readonly id: number;
  readonly name: string;
  readonly written: LoopFunction;
  readonly call: (...args: number[]) => void;
}

function constantsOf(kernel: Kernel): readonly Buffer[] {
  if (kernel.kind === 'loop') return kernel.accesses.map(({ buffer }) => buffer);
  if (kernel.kind === 'routine') {
    const { inputs, epilogue, outputs } = kernel;
    return [...[...inputs, ...(epilogue?.accesses ?? [])].map(({ buffer }) => buffer), ...outputs];
  }
  return kernel.inputs.filter((buffer) => buffer !== null);
}

function bindCall(call: (...args: number[]) => void, args: readonly number[]): () => void {
  return call.bind(null, ...args);
}

type Load = (module: KernelModule) => { readonly id: number; readonly exports: WebAssembly.Exports };

function routineCall(engine: WasmEngine, call: KernelCall, work: number, load: Load): () => void {
  if (call.kind === 'blas') {
    const { blas } = engine;
    return () => blas!.run(call);
  }
  return wasmCall(engine, call, work, load(call.module));
}

function wasmCall(
  engine: WasmEngine,
  { exportName, args, range }: WasmCall,
  work: number,
  { id, exports }: ReturnType<Load>,
): () => void {
  const { pool } = engine;
  const signed = args.map((value) => value | 0);
  const call = exports[exportName] as (...args: number[]) => void;
  if (!range) return bindCall(call, signed);
  if (pool.threads === 1 || range.extent <= range.grain || work < 2 * MIN_WORK)
    return bindCall(call, [...signed, 0, range.extent]);
  return () => pool.parallelFor(id, exportName, signed, 0, range.extent, range.grain);
}

function writeTo(memory: WasmEngine['memory'], { dtype, address, elements }: NdPlace, array: NdArray): void {
  if (elements === 1 && dtype.name === 'float32') {
    memory.heapF32[address >>> 2] = array.data[0] as number;
    return;
  }
  const view = memory.view(dtype, address, elements) as Float32Array;
  if (array.data.length !== elements)
    throw new ResourceExhaustedError(`an array of ${array.data.length} elements does not fit a place for ${elements}`);
  view.set(array.data as Float32Array);
}

/** What a kernel's code depends on: everything but the buffers themselves. */
function codeKey(kernel: LoopKernel): string {
  const buffers = new Map<Buffer, number>();
  const accesses = kernel.accesses.map(({ buffer, strides }) => {
    if (!buffers.has(buffer)) buffers.set(buffer, buffers.size);
    return `${buffers.get(buffer)}${buffer.dtype.name}:${strides.join()}`;
  });
  const phases = kernel.phases.map(({ stores, reductions, rowStores }) =>
    [
      stores.map(({ access }) => access).join(),
      reductions.map((r) => `${r.id}${r.combiner}${r.type}`).join(),
      rowStores.map(({ access }) => access).join(),
    ].join('|'),
  );
  const code = sharedText(expressionsOf(kernel));
  return [kernel.domain.join(), kernel.reduced.map(Number).join(''), accesses.join(' '), ...phases, code].join('\n');
}
