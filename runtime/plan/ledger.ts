/**
 * What one session has allocated in the memory that it shares with others, so that all of it can be given back: when the session is
 * closed, or when nobody can reach it any more.
 */
import type { DType } from '../../graph/dtypes';
import type { Data } from '../../graph/ndarray';
import type { WasmEngine } from '../backends/wasm/engine';

export class Ledger {
  readonly #addresses = new Set<number>();
  readonly #modules = new Set<number>();

  constructor(readonly engine: WasmEngine) {}

  allocate(bytes: number, purpose: string): number {
    const address = this.engine.memory.allocate(bytes, purpose);
    this.#addresses.add(address);
    return address;
  }

  free(address: number): void {
    if (this.#addresses.delete(address)) this.engine.memory.free(address);
  }

  view(dtype: DType, address: number, length: number): Data {
    return this.engine.memory.view(dtype, address, length);
  }

  load(bytes: Uint8Array<ArrayBuffer>, label: string): { readonly id: number; readonly exports: WebAssembly.Exports } {
    const loaded = this.engine.load(bytes, label);
    this.#modules.add(loaded.id);
    return loaded;
  }

  unload(id: number): void {
    if (this.#modules.delete(id)) this.engine.unload(id);
  }

  /** Gives back everything. */
  release(): void {
    for (const address of [...this.#addresses]) this.free(address);
    for (const id of [...this.#modules]) this.unload(id);
  }
}

const abandoned = new FinalizationRegistry<Ledger>((ledger) => ledger.release());

/** A ledger that is released at the latest when `owner` is collected. */
export function ledgerFor(owner: object, engine: WasmEngine): Ledger {
  const ledger = new Ledger(engine);
  abandoned.register(owner, ledger);
  return ledger;
}
