/**
 * The modules that a pool's threads have: instantiated on the calling thread at once, and kept as bytes in linear memory for
 * the workers, which instantiate them when they first need them.
 */
import { InternalError } from '../../../../graph/errors';
import type { LinearMemory } from '../memory';

export type KernelFunction = (...args: number[]) => unknown;

/** A module and what a job says about it. */
export interface KernelModuleEntry {
  readonly id: number;
  /** What messages call it. */
  readonly label: string;
  /** A small number that is used again after the module is unloaded, and how often it was. */
  readonly slot: number;
  readonly serial: number;
  readonly bytesAddress: number;
  readonly bytesLength: number;
  /** Whether the bytes are a JavaScript program. */
  readonly isProgram: boolean;
  readonly names: readonly string[];
  readonly functions: readonly KernelFunction[];
  readonly indexByName: ReadonlyMap<string, number>;
}

export class KernelModules {
  readonly #memory: LinearMemory;
  /** The scratch memory of the calling thread. */
  readonly #scratch: number;
  readonly #keepBytes: boolean;
  readonly #byId = new Map<number, KernelModuleEntry>();
  readonly #freeSlots: number[] = [];
  #slots = 0;
  #serial = 0;

  constructor(memory: LinearMemory, scratch: number, keepBytes: boolean) {
    this.#memory = memory;
    this.#scratch = scratch;
    this.#keepBytes = keepBytes;
  }

  /** @throws WebAssembly.CompileError for bytes that are no module. */
  load(
    id: number,
    bytes: Uint8Array<ArrayBuffer>,
    label: string,
    compiled = new WebAssembly.Module(bytes),
  ): WebAssembly.Exports {
    const { memory } = this.#memory;
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory, scratch: this.#scratch } });
    const names = WebAssembly.Module.exports(compiled).map(({ name }) => name);
    const functions = names.map((name) => exports[name] as KernelFunction);
    this.#add(id, label, bytes, names, functions, false);
    return exports;
  }

  /** Functions in JavaScript, and the program that returns the same functions in workers. */
  loadProgram(id: number, program: string, functions: Readonly<Record<string, KernelFunction>>, label: string): void {
    const bytes = new TextEncoder().encode(program);
    this.#add(id, label, bytes, Object.keys(functions), Object.values(functions), true);
  }

  #add(
    id: number,
    label: string,
    bytes: Uint8Array,
    names: readonly string[],
    functions: readonly KernelFunction[],
    isProgram: boolean,
  ): void {
    if (this.#byId.has(id)) throw new InternalError(`Kernel module ${id} (${label}) is loaded already.`);
    let bytesAddress = 0;
    if (this.#keepBytes) {
      bytesAddress = this.#memory.allocate(bytes.length, 'kernels');
      this.#memory.heapU8.set(bytes, bytesAddress);
    }
    this.#byId.set(id, {
      id,
      label,
      slot: this.#freeSlots.pop() ?? this.#slots++,
      serial: this.#serial++ | 0,
      bytesAddress,
      bytesLength: bytes.length,
      isProgram,
      names,
      functions,
      indexByName: new Map(names.map((name, index) => [name, index])),
    });
  }

  has(id: number): boolean {
    return this.#byId.has(id);
  }

  get(id: number): KernelModuleEntry {
    const entry = this.#byId.get(id);
    if (entry === undefined) throw new InternalError(`Kernel module ${id} is not loaded.`);
    return entry;
  }

  indexOf(entry: KernelModuleEntry, name: string): number {
    const index = entry.indexByName.get(name);
    if (index === undefined) throw new InternalError(`Kernel module ${entry.id} (${entry.label}) exports no ${name}.`);
    return index;
  }

  unload(id: number): void {
    const entry = this.get(id);
    this.#byId.delete(id);
    this.#freeSlots.push(entry.slot);
    if (entry.bytesAddress !== 0) this.#memory.free(entry.bytesAddress);
  }

  unloadAll(): void {
    for (const id of [...this.#byId.keys()]) this.unload(id);
  }
}
