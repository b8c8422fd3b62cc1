/**
 * The modules that a pool's threads have: instantiated on the calling thread at once, and kept as bytes in linear memory for
 * the workers, which instantiate them when they first need them.
 */
import { InternalError } from '../../../../graph/errors';
import type { LinearMemory } from '../memory';

type KernelFunction = (...args: number[]) => unknown;

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
  readonly exports: WebAssembly.Exports;
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
  load(id: number, bytes: Uint8Array<ArrayBuffer>, label: string, compiled?: WebAssembly.Module): KernelModuleEntry {
    if (this.#byId.has(id)) throw new InternalError(`Kernel module ${id} (${label}) is loaded already.`);
    const module = compiled ?? new WebAssembly.Module(bytes);
    const { memory } = this.#memory;
    const { exports } = new WebAssembly.Instance(module, { env: { memory, scratch: this.#scratch } });
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    let bytesAddress = 0;
    if (this.#keepBytes) {
      bytesAddress = this.#memory.allocate(bytes.length, 'kernels');
      this.#memory.heapU8.set(bytes, bytesAddress);
    }
    const entry: KernelModuleEntry = {
      id,
      label,
      slot: this.#freeSlots.pop() ?? this.#slots++,
      serial: this.#serial++ | 0,
      bytesAddress,
      bytesLength: bytes.length,
      exports,
      names,
      functions: names.map((name) => exports[name] as KernelFunction),
      indexByName: new Map(names.map((name, index) => [name, index])),
    };
    this.#byId.set(id, entry);
    return entry;
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
