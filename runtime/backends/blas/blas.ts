/**
 * Matrix products of the machine's BLAS on blocks of a linear memory, in place: the library gets addresses within it.
 *
 * A WebAssembly.Memory with a maximum does not move when it grows; should an engine move it all the same, the new address is
 * taken. Libraries check nothing, so each product is checked here to lie within the memory.
 */
import { InternalError } from '../../../graph/errors';
import type { BlasCall, BlasSteps } from '../wasm/kernelCall';
import type { LinearMemory } from '../wasm/memory';
import type { KernelFunction } from '../wasm/threads/kernelModules';
import type { ThreadPool } from '../wasm/threads/pool';
import {
  type Blocks,
  blockArgs,
  blockCount,
  blockFunction,
  blockGrain,
  blockProgram,
  panelsOf,
  setBase,
  unpackedBlocksOf,
} from './blocks';
import type { BlasLibrary, Koffi } from './library';

/** The number under which a pool knows the block functions; modules of kernels have numbers from 0. */
const MODULE_ID = -1;

/** A loaded library. There is one per process and library, shared by all sessions. */
export class Blas {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  /** Whether products are split over a session's threads; otherwise the library uses what threads it likes. */
  readonly isSplit: boolean;
  /** The program with which workers get the block functions. */
  readonly program: string;
  readonly functions: { readonly sgemm: KernelFunction; readonly dgemm: KernelFunction };
  readonly #unpackedProduct: number;
  readonly #koffi: Koffi;

  constructor(koffi: Koffi, koffiFile: string, library: BlasLibrary, path: string) {
    this.name = library.name;
    this.version = library.version;
    this.path = path;
    this.#koffi = koffi;
    this.isSplit = library.setThreads !== null;
    library.setThreads?.(1);
    this.#unpackedProduct = library.unpackedProduct;
    this.functions = { sgemm: blockFunction(library.sgemm, 4), dgemm: blockFunction(library.dgemm, 8) };
    this.program = blockProgram({ koffiFile, path, ...library.declarations });
  }

  /** How a product is cut. */
  blocksOf(call: BlasCall): Blocks {
    if (!this.isSplit) {
      const [rows, columns, depth] = [call.m, call.n, call.k].map((extent) => Math.max(1, extent));
      return { rows, columns, depth };
    }
    const blocks = unpackedBlocksOf(call, this.#unpackedProduct) ?? panelsOf(call);
    // Terms that are added to rows of other blocks cannot be parted by rows.
    return (call.terms?.c ?? 0) === 0 ? blocks : { ...blocks, rows: Math.max(1, call.m) };
  }

  /** Products on blocks of that memory, with the threads of a pool over the same memory. */
  on(memory: LinearMemory, pool: ThreadPool | null = null): BlasProducts {
    return new BlasProducts(this, memory, pool, () =>
      Number(this.#koffi.address(new Uint8Array(memory.memory.buffer, 0, 1))),
    );
  }
}

export class BlasProducts {
  readonly #blas: Blas;
  readonly #memory: LinearMemory;
  readonly #pool: ThreadPool | null;
  readonly #findBase: () => number;
  #base: number;
  #growths: number;

  constructor(blas: Blas, memory: LinearMemory, pool: ThreadPool | null, findBase: () => number) {
    this.#blas = blas;
    this.#memory = memory;
    this.#pool = pool;
    this.#findBase = findBase;
    this.#base = findBase();
    this.#growths = memory.growths;
  }

  /** C = op(A) · op(B), or C += op(A) · op(B): see BlasCall. The result does not depend on the number of threads. */
  run(call: BlasCall): void {
    this.prepare(call)();
  }

  /** A function that runs the call, as often as wanted. */
  prepare(call: BlasCall): () => void {
    this.#check(call);
    const blocks = this.#blas.blocksOf(call);
    const [count, grain] = [blockCount(call, blocks), blockGrain(call, blocks)];
    const name = call.dtype === 'float64' ? 'dgemm' : 'sgemm';
    const args = blockArgs(call, blocks);
    const pool = this.#pool;
    // A library with threads of its own is called by one of ours.
    if (pool !== null && pool.threads > 1 && count > grain && this.#blas.isSplit) {
      return () => {
        setBase(args, this.#currentBase());
        if (!pool.hasModule(MODULE_ID))
          pool.loadProgram(MODULE_ID, this.#blas.program, this.#blas.functions, this.#blas.name);
        pool.parallelFor(MODULE_ID, name, args, 0, count, grain);
      };
    }
    const multiply = this.#blas.functions[name];
    const whole = [...args, 0, count];
    return () => {
      setBase(whole, this.#currentBase());
      multiply(...whole);
    };
  }

  #currentBase(): number {
    if (this.#growths !== this.#memory.growths) {
      this.#growths = this.#memory.growths;
      this.#base = this.#findBase();
    }
    return this.#base;
  }

  #check(call: BlasCall): void {
    const { transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc } = call;
    this.#checkOperand(call, 'a', a, transposeA ? k : m, transposeA ? m : k, lda);
    this.#checkOperand(call, 'b', b, transposeB ? n : k, transposeB ? k : n, ldb);
    this.#checkOperand(call, 'c', c, m, n, ldc);
  }

  #checkOperand(
    { dtype, batch, terms }: BlasCall,
    operand: 'a' | 'b' | 'c',
    address: number,
    rows: number,
    columns: number,
    stride: number,
  ): void {
    const bytes = dtype === 'float64' ? 8 : 4;
    const last = lastOf(batch, operand) + lastOf(terms, operand);
    const end = (address >>> 0) + (last + (rows - 1) * stride + columns) * bytes;
    const isEmpty = rows === 0 || columns === 0;
    const isWhole = last >= 0 && rows >= 0 && columns >= 0 && stride >= Math.max(1, columns);
    if (isWhole && (isEmpty || end <= this.#memory.capacityBytes)) return;
    throw new InternalError(
      `Operand ${operand.toUpperCase()} of a matrix product, ${rows}×${columns} in rows of ${stride} at ${address >>> 0}, does not lie in ` +
        `the session's memory of ${this.#memory.capacityBytes} bytes.`,
    );
  }
}

/** Where the last of several products begins, in elements. */
function lastOf(steps: BlasSteps | undefined, operand: 'a' | 'b' | 'c'): number {
  return steps === undefined ? 0 : (steps.count - 1) * steps[operand];
}
