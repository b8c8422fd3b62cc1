/**
 * A plain WebAssembly memory to run kernel calls on: arrays are put into it and read back, calls run whole or in parts, with
 * scratch memory that holds garbage. No sessions, no threads.
 */
import { wasmFeatures } from '../../runtime/backends/wasm/features';
import {
  type BlasCall,
  type KernelCall,
  type KernelModule,
  SCRATCH_BYTES,
  type WasmTarget,
} from '../../runtime/backends/wasm/kernelCall';

type Floats = Float32Array<ArrayBufferLike> | Float64Array<ArrayBufferLike>;
type Exported = (...args: number[]) => void;

/** All kinds of memory and instructions that this engine has. */
export const TARGETS: readonly WasmTarget[] = [true, false]
  .filter((relaxed) => !relaxed || wasmFeatures().relaxedSimd)
  .flatMap((relaxed) => [false, true].map((shared) => ({ shared, relaxed })));

const compiled = new Map<string, WebAssembly.Module>();

function compile(module: KernelModule, target: WasmTarget): WebAssembly.Module {
  const key = `${module.key}|${target.shared}|${target.relaxed}`;
  let known = compiled.get(key);
  if (known === undefined) {
    known = new WebAssembly.Module(module.build(target));
    compiled.set(key, known);
  }
  return known;
}

const PAGE = 65536;
const GUARD = 64;
const GUARD_BYTE = 0xa5;

export class TestMemory {
  readonly memory: WebAssembly.Memory;
  readonly #instances = new Map<string, WebAssembly.Instance>();
  readonly #guards: number[] = [];
  #top: number;

  /** @param base where blocks begin: pages before it are reserved, but never touched. */
  constructor(
    readonly target: WasmTarget,
    base = 0,
  ) {
    this.#top = base + 1024 + SCRATCH_BYTES + GUARD;
    const initial = Math.ceil(base / PAGE) + 64;
    this.memory = new WebAssembly.Memory({ initial, maximum: PAGE, shared: target.shared });
    this.#guard(1024 + SCRATCH_BYTES);
    new Uint8Array(this.memory.buffer, 1024, SCRATCH_BYTES).fill(0xff);
  }

  /** The address of so many bytes, with a guard behind them; garbage at first. */
  allocate(bytes: number): number {
    const address = this.#top;
    this.#top = Math.ceil((address + bytes + GUARD) / 64) * 64;
    const missing = this.#top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE) + 16);
    new Uint8Array(this.memory.buffer, address, bytes).fill(0xff);
    this.#guard(address + bytes);
    return address;
  }

  /** The address of a copy. */
  put(values: Floats | Int32Array<ArrayBufferLike>): number {
    const address = this.allocate(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.memory.buffer, address, bytes.length).set(bytes);
    return address;
  }

  /** A copy of what is there. */
  read<A extends Floats>(like: A, address: number, length: number): A {
    const constructor = like.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => A;
    return new constructor(this.memory.buffer, address, length).slice() as A;
  }

  /** Runs calls in order, those of BLAS by a plain loop; `cut` says where the work of each is parted: 0 to extent, ascending. */
  run(calls: readonly KernelCall[], cut: (extent: number, grain: number) => readonly number[] = () => []): void {
    for (const call of calls) {
      if (call.kind === 'blas') {
        this.#multiply(call);
        continue;
      }
      const exported = this.#instance(call.module).exports[call.exportName] as Exported;
      if (call.range === null) exported(...call.args);
      else {
        const { extent, grain } = call.range;
        const bounds = [0, ...cut(extent, grain), extent];
        for (let i = 1; i < bounds.length; i++) exported(...call.args, bounds[i - 1], bounds[i]);
      }
    }
    this.#checkGuards();
  }

  /** What BLAS computes, by a plain loop. */
  #multiply({ batch = ONCE, terms = ONCE, ...call }: BlasCall): void {
    const array = call.dtype === 'float32' ? Float32Array : Float64Array;
    const whole = new array(this.memory.buffer);
    for (let matrix = 0; matrix < batch.count; matrix++) {
      for (let term = 0; term < terms.count; term++) {
        const [a, b, c] = (['a', 'b', 'c'] as const).map(
          (name) => call[name] / array.BYTES_PER_ELEMENT + matrix * batch[name] + term * terms[name],
        );
        multiplyOnce(whole, { ...call, a, b, c, accumulate: call.accumulate || term > 0 });
      }
    }
  }

  #instance(module: KernelModule): WebAssembly.Instance {
    let instance = this.#instances.get(module.key);
    if (instance === undefined) {
      const scratch = new WebAssembly.Global({ value: 'i32', mutable: false }, 1024);
      const env = { memory: this.memory, scratch };
      instance = new WebAssembly.Instance(compile(module, this.target), { env });
      this.#instances.set(module.key, instance);
    }
    return instance;
  }

  #guard(address: number): void {
    this.#guards.push(address);
    new Uint8Array(this.memory.buffer, address, GUARD).fill(GUARD_BYTE);
  }

  #checkGuards(): void {
    for (const address of this.#guards) {
      const guard = new Uint8Array(this.memory.buffer, address, GUARD);
      if (guard.some((byte) => byte !== GUARD_BYTE)) throw new Error(`Something was written behind ${address}.`);
    }
  }
}

const ONCE = { count: 1, a: 0, b: 0, c: 0 };

/** One product; addresses in elements. */
function multiplyOnce(whole: Floats, call: BlasCall): void {
  const { transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate } = call;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        const left = whole[a + (transposeA ? p * lda + i : i * lda + p)];
        sum += left * whole[b + (transposeB ? j * ldb + p : p * ldb + j)];
      }
      whole[c + i * ldc + j] = accumulate ? whole[c + i * ldc + j] + sum : sum;
    }
  }
}

/** Ways of parting work, from an endless supply of numbers between 0 and 1. */
export function cutsOf(chances: Iterable<number>): (extent: number, grain: number) => number[] {
  const iterator = chances[Symbol.iterator]();
  return (extent, grain) => {
    const cuts: number[] = [];
    for (let at = grain; at < extent; at += grain) if (Number(iterator.next().value) < 0.3) cuts.push(at);
    return cuts;
  };
}
