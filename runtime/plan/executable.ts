/**
 * A compiled plan for given shapes: kernels with their addresses, ready to be run any number of times.
 *
 * What a run needs is fixed here — the arena, the code, the order of steps, where feeds go and fetches lie — so that running
 * allocates nothing but what it returns.
 */
import type { DType } from '../../graph/dtypes';
import { ResourceExhaustedError } from '../../graph/errors';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { WasmEngine } from '../backends/wasm/engine';
import { PHILOX_STATE_BYTES } from '../backends/wasm/random/philox';
import { type Buffer, buffersOf, type Kernel, type KernelProgram } from '../ir/kernel';
import type { RandomSource } from '../ir/value';
import { verifyKernels } from '../ir/verify';
import { asVariant, Optional } from '../variants';
import { describeKernel, type KernelEvent } from './describe';
import { KernelCode } from './kernelCode';
import type { Ledger } from './ledger';
import type { HostStep, Lowered } from './lowered';
import { bytesOf, type Layout, layOut } from './memory';
import { named, naming } from './naming';
import type { Source } from './symbols';

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
  #code: KernelCode | null = null;
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
      const code = new KernelCode(ledger, kernels.kernels, {
        addressOf: (buffer) => this.#addressOf(buffer),
        streamAddress: (source, outputs) => this.#streamAddress(source, outputs),
        workspaceOf: (at) => this.#workspace + (this.layout.workspaces.get(at) ?? 0),
      });
      this.#code = code;
      this.steps = kernels.kernels.map((kernel, at) => naming(kernel, () => this.#compileStep(kernel, at, code)));
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
    this.#code?.close();
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

  #compileStep(kernel: Kernel, at: number, code: KernelCode): CompiledStep {
    if (kernel.kind === 'host') return this.#hostStep(kernel);
    return { kernel, run: code.runOf(kernel, at), host: null };
  }

  #hostStep(kernel: Kernel & { kind: 'host' }): CompiledStep {
    const step = this.lowered.hostSteps[kernel.call.step];
    const inputs = kernel.inputs.flatMap((buffer) => (buffer ? [this.#placeOf(buffer)] : []));
    const outputs = kernel.outputs.map((buffer) =>
      buffer && this.#addresses.has(buffer) ? this.#placeOf(buffer) : null,
    );
    return { kernel, run: () => {}, host: { step, inputs, outputs } };
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
}

function constantsOf(kernel: Kernel): readonly Buffer[] {
  if (kernel.kind === 'loop') return kernel.accesses.map(({ buffer }) => buffer);
  if (kernel.kind === 'routine') {
    const { inputs, epilogue, outputs } = kernel;
    return [...[...inputs, ...(epilogue?.accesses ?? [])].map(({ buffer }) => buffer), ...outputs];
  }
  return kernel.inputs.filter((buffer) => buffer !== null);
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
