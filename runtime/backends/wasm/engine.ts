/**
 * What compiled plans share in one process: a linear memory, the threads that work on it, BLAS, and modules of routines.
 *
 * Sessions with the same configuration share an engine, since a memory reserves address space for all it may grow to. What
 * a session allocates it gives back when it is closed or collected.
 */
import { ValueError } from '../../../graph/errors';
import type { BlasProducts } from '../blas/blas';
import { type BlasSetting, findBlas } from '../blas/find';
import { chooseThreads, wasmFeatures } from './features';
import type { KernelModule, WasmTarget } from './kernelCall';
import { LinearMemory } from './memory';
import { ThreadPool } from './threads/pool';

export interface EngineOptions {
  /** Default: one per core, at most 8. */
  readonly threads?: number;
  /** Default 'auto': BLAS where it is found. */
  readonly blas?: BlasSetting;
  /** Default: as much as can be addressed, 4 GiB. */
  readonly memoryLimitBytes?: number;
}

const engines = new Map<string, WasmEngine>();

/** The engine for a configuration; made on first use. Null where the engine of JavaScript has no WebAssembly SIMD. */
export function engineFor(options: EngineOptions): WasmEngine | null {
  if (!wasmFeatures().simd) return null;
  const { threads } = chooseThreads(options.threads);
  const blas = options.blas ?? 'auto';
  const { memoryLimitBytes } = options;
  if (memoryLimitBytes !== undefined && !(memoryLimitBytes > 0))
    throw new ValueError(`memoryLimitBytes must be a positive number, got ${memoryLimitBytes}.`);
  const key = `${threads}/${blas}/${memoryLimitBytes ?? ''}`;
  let engine = engines.get(key);
  if (!engine) engines.set(key, (engine = new WasmEngine(threads, blas, memoryLimitBytes)));
  return engine;
}

export class WasmEngine {
  readonly memory: LinearMemory;
  readonly pool: ThreadPool;
  readonly target: WasmTarget;
  #blas: BlasProducts | null | undefined;
  readonly #modules = new Map<string, { readonly id: number; readonly exports: WebAssembly.Exports }>();
  #ids = 0;

  constructor(
    readonly threads: number,
    readonly blasSetting: BlasSetting,
    memoryLimitBytes?: number,
  ) {
    const { relaxedSimd, whyNoThreads } = wasmFeatures();
    const shared = threads > 1 && whyNoThreads === null;
    this.memory = new LinearMemory({ shared, maximumBytes: memoryLimitBytes });
    this.pool = new ThreadPool(this.memory, shared ? threads : 1);
    this.target = { shared, relaxed: relaxedSimd };
  }

  /** Products by the machine's BLAS, or null. Looked for when a plan has its first product: that takes some milliseconds. */
  get blas(): BlasProducts | null {
    if (this.#blas === undefined) this.#blas = findBlas(this.blasSetting)?.on(this.memory, this.pool) ?? null;
    return this.#blas;
  }

  /** Loads a module that one plan uses; `unload` when the plan is gone. */
  load(bytes: Uint8Array<ArrayBuffer>, label: string): { readonly id: number; readonly exports: WebAssembly.Exports } {
    const id = this.#ids++;
    return { id, exports: this.pool.loadModule(id, bytes, label) };
  }

  unload(id: number): void {
    this.pool.unloadModule(id);
  }

  /** A module of routines, loaded once. */
  routines(module: KernelModule): { readonly id: number; readonly exports: WebAssembly.Exports } {
    let loaded = this.#modules.get(module.key);
    if (!loaded) this.#modules.set(module.key, (loaded = this.load(module.build(this.target), module.key)));
    return loaded;
  }
}
