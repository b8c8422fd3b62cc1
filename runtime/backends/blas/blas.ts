/**
 * Matrix products of the machine's BLAS on blocks of a linear memory, in place: the library gets addresses within it.
 *
 * A WebAssembly.Memory with a maximum does not move when it grows; should an engine move it all the same, the new address is
 * taken. Libraries check nothing, so each product is checked here to lie within the memory.
 */
import { InternalError } from '../../../graph/errors';
import type { BlasCall } from '../wasm/kernelCall';
import type { LinearMemory } from '../wasm/memory';
import { type BlasLibrary, type Koffi, NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE } from './library';

/** A loaded library. There is one per process and library, shared by all sessions. */
export class Blas {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly #koffi: Koffi;
  readonly #library: BlasLibrary;
  #threads: number | null = null;

  constructor(koffi: Koffi, library: BlasLibrary, path: string) {
    this.name = library.name;
    this.version = library.version;
    this.path = path;
    this.#koffi = koffi;
    this.#library = library;
  }

  /** Whether `setThreads` has an effect. */
  get hasThreadSwitch(): boolean {
    return this.#library.setThreads !== null;
  }

  /** How many threads later products may use, in all sessions. */
  setThreads(threads: number): void {
    if (threads === this.#threads) return;
    this.#threads = threads;
    this.#library.setThreads?.(threads);
  }

  /** Products on blocks of that memory. */
  on(memory: LinearMemory): BlasOnMemory {
    return new BlasOnMemory(this.#library, memory, () =>
      Number(this.#koffi.address(new Uint8Array(memory.memory.buffer, 0, 1))),
    );
  }
}

export class BlasOnMemory {
  readonly #library: BlasLibrary;
  readonly #memory: LinearMemory;
  readonly #findBase: () => number;
  #base: number;
  #growths: number;

  constructor(library: BlasLibrary, memory: LinearMemory, findBase: () => number) {
    this.#library = library;
    this.#memory = memory;
    this.#findBase = findBase;
    this.#base = findBase();
    this.#growths = memory.growths;
  }

  /** C = op(A) · op(B), or C += op(A) · op(B): see BlasCall. */
  run(call: BlasCall): void {
    const { transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate } = call;
    if (m === 0 || n === 0) return;
    if (this.#growths !== this.#memory.growths) {
      this.#growths = this.#memory.growths;
      this.#base = this.#findBase();
    }
    const isDouble = call.dtype === 'float64';
    const bytes = isDouble ? 8 : 4;
    this.#check('A', a, transposeA ? k : m, transposeA ? m : k, lda, bytes);
    this.#check('B', b, transposeB ? n : k, transposeB ? k : n, ldb, bytes);
    this.#check('C', c, m, n, ldc, bytes);
    (isDouble ? this.#library.dgemm : this.#library.sgemm)(
      ROW_MAJOR,
      transposeA ? TRANSPOSE : NO_TRANSPOSE,
      transposeB ? TRANSPOSE : NO_TRANSPOSE,
      m,
      n,
      k,
      1,
      this.#base + (a >>> 0),
      lda,
      this.#base + (b >>> 0),
      ldb,
      accumulate ? 1 : 0,
      this.#base + (c >>> 0),
      ldc,
    );
  }

  #check(name: string, address: number, rows: number, columns: number, stride: number, bytes: number): void {
    const end = (address >>> 0) + ((rows - 1) * stride + columns) * bytes;
    const isEmpty = rows === 0 || columns === 0;
    if (rows >= 0 && columns >= 0 && stride >= Math.max(1, columns) && (isEmpty || end <= this.#memory.capacityBytes))
      return;
    throw new InternalError(
      `Operand ${name} of a matrix product, ${rows}×${columns} in rows of ${stride} at ${address >>> 0}, does not lie in ` +
        `the session's memory of ${this.#memory.capacityBytes} bytes.`,
    );
  }
}
