/**
 * What the WebAssembly of this engine can do: SIMD, relaxed SIMD, threads, large memories; and how many threads to use.
 *
 * Each feature is tested by validating a module of a few bytes that uses it, not by the engine's name. Only V8 11.3 (Node 20)
 * is known by its version: it has relaxed SIMD behind a flag, which `wasmFeatures` switches on. That must happen before
 * the process compiles its first module, so callers ask for the features before they assemble anything.
 */
import { repr, ValueError } from '../../../graph/errors';
import { nodeBuiltin } from '../../nodeModules';
import { MAXIMUM_PAGES, ModuleBuilder } from './assembler/moduleBuilder';

export interface WasmFeatures {
  /** Vectors of 128 bits. */
  readonly simd: boolean;
  /** Fused multiply-add and its kin, as in f32x4.relaxed_madd. */
  readonly relaxedSimd: boolean;
  /** Memories that several threads share. `null`, or why there are none. */
  readonly whyNoThreads: string | null;
  /** The most bytes that one memory may hold. */
  readonly maximumBytes: number;
}

/** How many threads a session uses, and why not more. */
export interface ThreadChoice {
  readonly threads: number;
  readonly reason: string;
}

interface Os {
  availableParallelism(): number;
  cpus(): readonly { readonly model: string }[];
}

interface V8 {
  setFlagsFromString(flags: string): void;
}

interface Surroundings {
  readonly process?: { readonly versions?: { readonly v8?: string; readonly node?: string } };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: unknown;
}

/** More threads than this are used only when asked for: small kernels stop gaining. */
const MOST_DEFAULT_THREADS = 8;

/** The most threads that may be asked for. */
export const MOST_THREADS = 256;

function accepts(body: (module: ModuleBuilder) => void): boolean {
  const module = new ModuleBuilder();
  body(module);
  return WebAssembly.validate(module.toBytes());
}

const acceptsSimd = () =>
  accepts((module) => module.define('f', ['i32'], ['v128'], (f, x) => f.get(x).op('i32x4.splat').op('i32x4.abs')));

const acceptsRelaxedSimd = () =>
  accepts((module) =>
    module.define('f', ['v128', 'v128', 'v128'], ['v128'], (f, x, y, z) =>
      f.get(x).get(y).get(z).op('f32x4.relaxed_madd'),
    ),
  );

const acceptsThreads = () =>
  accepts((module) => {
    module.importMemory({ shared: true });
    module.define('f', ['i32'], ['i32'], (f, x) => f.get(x).atomic('i32.atomic.load'));
  });

/** Switches relaxed SIMD on where V8 has it behind a flag. Other versions would print that they do not know the flag. */
function unlockRelaxedSimd(): void {
  const version = (globalThis as Surroundings).process?.versions?.v8;
  if (version?.startsWith('11.3.')) nodeBuiltin<V8>('node:v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

function whyNoThreads(): string | null {
  const { crossOriginIsolated, Worker } = globalThis as Surroundings;
  if (!acceptsThreads()) return 'this engine has no shared WebAssembly memory';
  if (nodeBuiltin('node:worker_threads') !== undefined) return null;
  if (typeof SharedArrayBuffer === 'undefined' || crossOriginIsolated === false) {
    return (
      'this page is not cross-origin isolated (serve it with Cross-Origin-Opener-Policy: same-origin and ' +
      'Cross-Origin-Embedder-Policy: require-corp)'
    );
  }
  return Worker === undefined ? 'there are no workers here' : null;
}

let found: WasmFeatures | undefined;

/** What this engine can do; the first call unlocks what it has behind a flag. */
export function wasmFeatures(): WasmFeatures {
  if (found === undefined) {
    if (!acceptsRelaxedSimd()) unlockRelaxedSimd();
    found = {
      simd: acceptsSimd(),
      relaxedSimd: acceptsRelaxedSimd(),
      whyNoThreads: whyNoThreads(),
      maximumBytes: MAXIMUM_PAGES * 65536,
    };
  }
  return found;
}

/** How many threads this process may keep busy. */
export function availableCores(): number {
  const cores = nodeBuiltin<Os>('node:os')?.availableParallelism();
  return Math.max(1, cores ?? (globalThis as Surroundings).navigator?.hardwareConcurrency ?? 1);
}

/** What the processor calls itself, or null where the platform does not tell. */
export function processorName(): string | null {
  return nodeBuiltin<Os>('node:os')?.cpus()[0]?.model.trim() || null;
}

/** How many threads a session uses that was not told: one per core, at most 8, and one where there is no shared memory. */
export function defaultThreads(): ThreadChoice {
  const { whyNoThreads } = wasmFeatures();
  if (whyNoThreads !== null) return { threads: 1, reason: whyNoThreads };
  const cores = availableCores();
  if (cores === 1) return { threads: 1, reason: 'there is one core' };
  if (cores <= MOST_DEFAULT_THREADS) return { threads: cores, reason: `one for each of ${cores} cores` };
  return { threads: MOST_DEFAULT_THREADS, reason: `at most ${MOST_DEFAULT_THREADS} by default, of ${cores} cores` };
}

/**
 * How many threads a session uses whose `config.threads` is that.
 *
 * @throws ValueError unless it is a whole number from 1 to 256, or undefined.
 */
export function chooseThreads(asked: number | undefined): ThreadChoice {
  if (asked === undefined) return defaultThreads();
  if (!Number.isInteger(asked) || asked < 1 || asked > MOST_THREADS) {
    throw new ValueError(`config.threads must be a whole number from 1 to ${MOST_THREADS}, but got ${repr(asked)}.`);
  }
  const { whyNoThreads } = wasmFeatures();
  if (asked === 1 || whyNoThreads === null) return { threads: asked, reason: 'given by config.threads' };
  return { threads: 1, reason: `config.threads is ${asked}, but ${whyNoThreads}` };
}
