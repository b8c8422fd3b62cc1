/**
 * What one session has allocated in the memory that it shares with others, so that all of it can be given back: when the session is
 * closed, or when nobody can reach it any more.
 */
import type { DType } from '../../graph/dtypes';
import type { Data } from '../../graph/ndarray';
import type { WasmEngine } from '../backends/wasm/engine';
import type { BufferMemory } from '../sessionBuffer';
import { alignUp } from './memory';

/** Bytes by what they are for. */
export interface OwnedBytes {
  readonly owner: string;
  readonly bytes: number;
  readonly blocks: number;
}

export class Ledger implements BufferMemory {
  readonly #addresses = new Map<number, { readonly purpose: string; readonly bytes: number }>();
  /** The bytes of each module's code. */
  readonly #modules = new Map<number, number>();

  constructor(readonly engine: WasmEngine) {}

  allocate(bytes: number, purpose: string): number {
    const address = this.engine.memory.allocate(bytes, purpose);
    this.#addresses.set(address, { purpose, bytes: alignUp(Math.max(1, bytes)) });
    return address;
  }

  free(address: number): void {
    if (this.#addresses.delete(address)) this.engine.memory.free(address);
  }

  get growths(): number {
    return this.engine.memory.growths;
  }

  /** Whether that block is still allocated. */
  owns(address: number): boolean {
    return this.#addresses.has(address);
  }

  view(dtype: DType, address: number, length: number): Data {
    return this.engine.memory.view(dtype, address, length);
  }

  load(bytes: Uint8Array<ArrayBuffer>, label: string): { readonly id: number; readonly exports: WebAssembly.Exports } {
    const loaded = this.engine.load(bytes, label);
    this.#modules.set(loaded.id, bytes.length);
    return loaded;
  }

  unload(id: number): void {
    if (this.#modules.delete(id)) this.engine.unload(id);
  }

  /** What is allocated now, by purpose, largest first: blocks as they lie in memory, and the code of kernels. */
  owned(): OwnedBytes[] {
    const sums = new Map<string, { owner: string; bytes: number; blocks: number }>();
    const add = (owner: string, bytes: number) => {
      const sum = sums.get(owner) ?? { owner, bytes: 0, blocks: 0 };
      sum.bytes += bytes;
      sum.blocks++;
      sums.set(owner, sum);
    };
    for (const { purpose, bytes } of this.#addresses.values()) add(purpose, bytes);
    for (const bytes of this.#modules.values()) add('code of kernels', bytes);
    return [...sums.values()].sort((a, b) => b.bytes - a.bytes);
  }

  /** Gives back everything. */
  release(): void {
    for (const address of [...this.#addresses.keys()]) this.free(address);
    for (const id of [...this.#modules.keys()]) this.unload(id);
  }
}

const abandoned = new FinalizationRegistry<Ledger>((ledger) => ledger.release());

/** A ledger that is released at the latest when `owner` is collected. */
export function ledgerFor(owner: object, engine: WasmEngine): Ledger {
  const ledger = new Ledger(engine);
  abandoned.register(owner, ledger);
  return ledger;
}
