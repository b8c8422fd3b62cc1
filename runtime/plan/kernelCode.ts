/**
 * The code of a plan's kernels: one module with the functions of all loops, modules of routines with their epilogues, and the calls
 * of them with their addresses, on one thread or on several.
 */
import { sizeOf } from '../../graph/ndarray';
import { ModuleBuilder } from '../backends/wasm/assembler/moduleBuilder';
import type { WasmEngine } from '../backends/wasm/engine';
import type { KernelCall, KernelModule, WasmCall } from '../backends/wasm/kernelCall';
import { defineLoop, type LoopFunction } from '../backends/wasm/loops/loopCode';
import { expressionsOf, workOf } from '../backends/wasm/loops/nest';
import { defineRectangle } from '../backends/wasm/loops/rectangleCode';
import { VectorMath } from '../backends/wasm/loops/vectorCode';
import type { Epilogue } from '../backends/wasm/matmul/epilogue';
import { sharedText } from '../ir/expression';
import type { Buffer, Kernel, LoopKernel, RoutineKernel } from '../ir/kernel';
import type { RandomSource } from '../ir/value';
import type { Ledger } from './ledger';
import { named, naming } from './naming';

/** Elements that a thread should have to work on at least. */
const MIN_WORK = 16384;
/** What the keys of modules with epilogues have in them. */
const EPILOGUE_KEY = 'epilogue ';

/** Where things are. */
export interface Places {
  addressOf(buffer: Buffer): number;
  /** Where the state of a stream is, from which that many numbers are drawn in a run. */
  streamAddress(source: RandomSource, outputs: number): number;
  /** Where the workspace of the kernel at a position is. */
  workspaceOf(at: number): number;
}

interface LoadedModule {
  readonly id: number;
  readonly exports: WebAssembly.Exports;
}

/** The function of a loop kernel. */
interface LoadedLoop {
  readonly id: number;
  readonly name: string;
  readonly written: LoopFunction;
  readonly call: (...args: number[]) => void;
}

export class KernelCode {
  readonly #loops: ReadonlyMap<LoopKernel, LoadedLoop>;
  /** Modules that are this plan's own, by their keys; loops have no key. */
  readonly #modules = new Map<string, LoadedModule>();

  constructor(
    readonly ledger: Ledger,
    readonly kernels: readonly Kernel[],
    readonly places: Places,
  ) {
    this.#loops = this.#defineLoops();
  }

  /** Gives back the modules. */
  close(): void {
    for (const { id } of this.#modules.values()) this.ledger.unload(id);
    this.#modules.clear();
  }

  /** Runs a kernel of the plan. */
  runOf(kernel: LoopKernel | RoutineKernel, at: number): () => void {
    if (kernel.kind === 'loop') return this.#loopCall(kernel);
    const { routine, epilogue, inputs, outputs, streams } = kernel;
    const { places } = this;
    const addresses = {
      inputs: inputs.map(({ buffer, offset }) => places.addressOf(buffer) + offset * buffer.dtype.size),
      outputs: outputs.map((buffer) => places.addressOf(buffer)),
      workspace: places.workspaceOf(at),
      streams: streams.map((source) => places.streamAddress(source, outputs[0].elements)),
    };
    const calls = epilogue
      ? routine.withEpilogue!.calls(addresses, this.#epilogueOf(kernel, epilogue))
      : routine.calls(addresses);
    const work = routine.work ?? routine.flops;
    const runs = calls.map((call) => this.#routineCall(call, work));
    return runs.length === 1 ? runs[0] : () => runs.forEach((one) => one());
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
  #load(module: KernelModule): LoadedModule {
    if (!module.key.includes(EPILOGUE_KEY)) return this.ledger.engine.routines(module);
    let loaded = this.#modules.get(module.key);
    if (!loaded) {
      loaded = this.ledger.load(module.build(this.ledger.engine.target), 'products with epilogues');
      this.#modules.set(module.key, loaded);
    }
    return loaded;
  }

  /** One module with the functions of all loop kernels; kernels with the same code share a function. */
  #defineLoops(): ReadonlyMap<LoopKernel, LoadedLoop> {
    const { engine } = this.ledger;
    const module = new ModuleBuilder();
    module.importMemory({ shared: engine.target.shared });
    const scratch = module.importGlobal('scratch');
    const math = new VectorMath(engine.target);
    const byCode = new Map<string, { readonly name: string; readonly written: LoopFunction }>();
    const names = new Map<LoopKernel, string>();
    for (const kernel of this.kernels) {
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
    const loaded = new Map<LoopKernel, LoadedLoop>();
    if (names.size === 0) return loaded;
    const { id, exports } = this.#loadLoops(module);
    this.#modules.set('', { id, exports });
    for (const [kernel, code] of names) {
      const { name, written } = byCode.get(code)!;
      loaded.set(kernel, { id, name, written, call: exports[name] as (...args: number[]) => void });
    }
    return loaded;
  }

  /** Loads the module; a refusal names an op of the first kernel whose code is refused by itself, if there is one. */
  #loadLoops(module: ModuleBuilder): LoadedModule {
    const { engine } = this.ledger;
    try {
      return this.ledger.load(module.toBytes(), 'kernels of a plan');
    } catch (error) {
      const loops = this.kernels.filter((kernel) => kernel.kind === 'loop');
      const isRefused = (kernel: LoopKernel): boolean => {
        const alone = new ModuleBuilder();
        alone.importMemory({ shared: engine.target.shared });
        defineLoop(alone, 'k', kernel, new VectorMath(engine.target), alone.importGlobal('scratch'));
        return !WebAssembly.validate(alone.toBytes());
      };
      throw named(error, loops.find(isRefused) ?? loops[0]);
    }
  }

  /** The addresses of a kernel's accesses, then of the states of its streams. */
  #loopArguments(kernel: LoopKernel): number[] {
    const addresses = kernel.accesses.map(
      ({ buffer, offset }) => (this.places.addressOf(buffer) + offset * buffer.dtype.size) | 0,
    );
    const outputs = sizeOf(kernel.domain);
    return [...addresses, ...kernel.streams.map((source) => this.places.streamAddress(source, outputs) | 0)];
  }

  #loopCall(kernel: LoopKernel): () => void {
    const { id, name, written, call } = this.#loops.get(kernel)!;
    const addresses = this.#loopArguments(kernel);
    const { range, nest } = written;
    if (!range) return bindCall(call, addresses);
    const { pool } = this.ledger.engine;
    const work = workOf(nest, kernel.phases.length);
    if (pool.threads === 1 || work < 2 * MIN_WORK) return bindCall(call, [...addresses, 0, range.extent]);
    const perItem = Math.max(1, work / range.extent);
    const grain = Math.ceil(MIN_WORK / perItem / range.grain) * range.grain;
    return () => pool.parallelFor(id, name, addresses, 0, range.extent, grain);
  }

  #routineCall(call: KernelCall, work: number): () => void {
    if (call.kind === 'wasm') return wasmCall(this.ledger.engine, call, work, this.#load(call.module));
    const { blas } = this.ledger.engine;
    return blas!.prepare(call);
  }
}

function bindCall(call: (...args: number[]) => void, args: readonly number[]): () => void {
  return call.bind(null, ...args);
}

function wasmCall(
  engine: WasmEngine,
  { exportName, args, range }: WasmCall,
  work: number,
  { id, exports }: LoadedModule,
): () => void {
  const { pool } = engine;
  const signed = args.map((value) => value | 0);
  const call = exports[exportName] as (...args: number[]) => void;
  if (!range) return bindCall(call, signed);
  if (pool.threads === 1 || range.extent <= range.grain || work < 2 * MIN_WORK)
    return bindCall(call, [...signed, 0, range.extent]);
  return () => pool.parallelFor(id, exportName, signed, 0, range.extent, range.grain);
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
