/**
 * How a matrix product is cut into blocks, which threads multiply by one-threaded calls of the library.
 *
 * A library's own threads would cut along the inner dimension in ways that depend on how many there are, and so would the
 * last bits of results; they would also compete with ours for cores. Blocks depend on the shape and the library only: large ones,
 * whole in the inner dimension, where the library packs its operands; small ones where it has kernels that do not.
 */
import type { BlasCall, BlasSteps } from '../wasm/kernelCall';
import type { KernelFunction } from '../wasm/threads/kernelModules';
import { type Declaration, type Gemm, NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE } from './library';

/** Blocks of C of so many rows and columns, each the sum of products over so much of the inner dimension. */
export interface Blocks {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

const MOST_PANELS = 8;
/** Narrower panels cost: each packs the whole other operand. */
const LEAST_ROWS = 96;
const LEAST_COLUMNS = 128;
/** Blocks begin at multiples of what kernels compute at once. */
const WIDTH_STEP = 16;
const HEIGHT_STEP = 6;
/** Multiplications in a panel, at least: a third of the time that it takes to wake a thread that sleeps. */
const LEAST_WORK = 1e6;

type Product = Pick<BlasCall, 'm' | 'n' | 'k' | 'transposeA' | 'transposeB' | 'dtype'>;

/** Equal parts of at most so many, but for the last one; multiples of `step` where there are several and they may be as long. */
function partOf(extent: number, most: number, step: number): number {
  if (extent <= most) return extent;
  const unit = most < step ? 1 : step;
  const parts = Math.ceil(extent / most);
  return Math.max(1, Math.min(Math.floor(most / unit), Math.ceil(extent / parts / unit)) * unit);
}

/** Panels of rows or columns, along the longer side. */
export function panelsOf(product: Product): Blocks {
  const { m, n, k } = product;
  const byRows = m > n;
  const [extent, least] = byRows ? [m, LEAST_ROWS] : [n, LEAST_COLUMNS];
  const wanted = Math.max(1, Math.min(MOST_PANELS, Math.floor(extent / least), Math.floor((m * n * k) / LEAST_WORK)));
  const width = Math.max(1, Math.ceil(extent / wanted / WIDTH_STEP)) * WIDTH_STEP;
  const depth = Math.max(1, k);
  return byRows ? { rows: width, columns: Math.max(1, n), depth } : { rows: Math.max(1, m), columns: width, depth };
}

/** The longest inner dimension of a block, and the bytes of its part of B: it is read again for every few rows, from the second cache. */
const MOST_DEPTH = 200;
const SLAB_BYTES = 128 << 10;
/** Packing pays for so many rows and columns, and products of that length. */
const PACKED_EXTENT = 768;
const PACKED_DEPTH = 256;
/** An inner dimension so short that products wait for C, if that is larger than the second cache: few rows at a time, but long ones. */
const SHALLOW_DEPTH = 64;
const LARGE_BYTES = 2 << 20;
const WIDE_ROWS = 12;
const WIDE_COLUMNS = 1024;
/** Where B is transposed, dot products are computed: long ones, for few elements of C. */
const MOST_DOT_DEPTH = 1024;
const LEAST_DOT_DEPTH = 200;
const MOST_DOTS = 1200;
const DOT_ROWS = 25;

/**
 * Blocks of so few multiplications that the library multiplies operands where they lie; null where that is no gain. Chosen by
 * measuring OpenBLAS's kernels for AVX-512 over the shapes of dense layers, convolutions and recurrent cells.
 */
export function unpackedBlocksOf(product: Product, most: number): Blocks | null {
  const { m, n, k, transposeA, transposeB, dtype } = product;
  const isLarge = Math.min(m, n) >= PACKED_EXTENT && k >= PACKED_DEPTH;
  if (most === 0 || m * n * k <= most || isLarge || (transposeA && transposeB)) return null;
  if (transposeB) {
    const depth = partOf(k, MOST_DOT_DEPTH, 1);
    if (depth < LEAST_DOT_DEPTH) return null;
    const rows = partOf(m, DOT_ROWS, 1);
    const columns = partOf(n, Math.floor(Math.min(MOST_DOTS, most / depth) / rows), WIDTH_STEP);
    return { rows, columns, depth };
  }
  const bytes = dtype === 'float64' ? 8 : 4;
  if (k <= SHALLOW_DEPTH && m * n * bytes > LARGE_BYTES && n >= WIDE_COLUMNS / 2) {
    return { rows: partOf(m, WIDE_ROWS, 1), columns: partOf(n, WIDE_COLUMNS, WIDTH_STEP), depth: k };
  }
  const depth = partOf(k, MOST_DEPTH, 1);
  const slab = SLAB_BYTES / bytes / depth;
  const beside = most / m / depth;
  const columns = partOf(n, beside >= 64 ? Math.min(slab, beside) : slab, WIDTH_STEP);
  return { rows: partOf(m, Math.floor(most / depth / columns), HEIGHT_STEP), columns, depth };
}

/** How many blocks a call has. */
export function blockCount({ m, n, batch }: BlasCall, { rows, columns }: Blocks): number {
  return (batch?.count ?? 1) * Math.ceil(m / rows) * Math.ceil(n / columns);
}

/** How many of them are worth a thread. */
export function blockGrain({ m, n, k, terms }: BlasCall, { rows, columns }: Blocks): number {
  const work = Math.min(m, rows) * Math.min(n, columns) * k * (terms?.count ?? 1);
  return Math.max(1, Math.floor(LEAST_WORK / Math.max(1, work)));
}

const ONCE: BlasSteps = { count: 1, a: 0, b: 0, c: 0 };

/** Where the memory's base is among the arguments, as two words. */
const BASE = 12;

/** The arguments of a block function, before `begin` and `end`; addresses count from the memory's base, which `setBase` sets. */
export function blockArgs(call: BlasCall, { rows, columns, depth }: Blocks): number[] {
  const { transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate, batch = ONCE, terms = ONCE } = call;
  const [ta, tb] = [transposeA, transposeB].map((transpose) => (transpose ? TRANSPOSE : NO_TRANSPOSE));
  return [
    ...[ta, tb, m, n, k, a, lda, b, ldb, c, ldc, accumulate ? 1 : 0],
    ...[0, 0, rows, columns, depth],
    ...[batch.a, batch.b, batch.c, terms.count, terms.a, terms.b, terms.c],
  ];
}

export function setBase(args: number[], base: number): void {
  args[BASE] = Math.floor(base / 2 ** 32);
  args[BASE + 1] = base % 2 ** 32;
}

/**
 * Multiplies blocks `begin` … `end`, counted through the batch and down C's columns of blocks, for elements of so many bytes. As text,
 * since workers run it too: a function's own text is not what it was once a bundler is done with it.
 */
const BLOCK_PROGRAM = `
  return (
    ta, tb, m, n, k, a, lda, b, ldb, c, ldc, beta, high, low, rows, columns, depth,
    nextA, nextB, nextC, terms, termA, termB, termC, begin, end,
  ) => {
    const base = high * 2 ** 32 + (low >>> 0);
    const down = Math.ceil(m / rows);
    const all = down * Math.ceil(n / columns);
    for (let block = begin; block < end; block++) {
      const matrix = Math.floor(block / all);
      const i = (block % down) * rows;
      const j = Math.floor((block % all) / down) * columns;
      const fromA = base + (a >>> 0) + (matrix * nextA + (ta === ${TRANSPOSE} ? i : i * lda)) * bytes;
      const fromB = base + (b >>> 0) + (matrix * nextB + (tb === ${TRANSPOSE} ? j * ldb : j)) * bytes;
      const toC = base + (c >>> 0) + (matrix * nextC + i * ldc + j) * bytes;
      const stepA = (ta === ${TRANSPOSE} ? lda : 1) * bytes;
      const stepB = (tb === ${TRANSPOSE} ? 1 : ldb) * bytes;
      for (let term = 0; term < terms; term++) {
        let l = 0;
        do {
          gemm(
            ${ROW_MAJOR}, ta, tb, Math.min(rows, m - i), Math.min(columns, n - j), Math.min(depth, k - l),
            1, fromA + term * termA * bytes + l * stepA, lda, fromB + term * termB * bytes + l * stepB, ldb,
            term + l === 0 ? beta : 1, toC + term * termC * bytes, ldc,
          );
          l += depth;
        } while (l < k);
      }
    }
  };`;

export function blockFunction(gemm: Gemm, bytes: number): KernelFunction {
  return new Function('gemm', 'bytes', BLOCK_PROGRAM)(gemm, bytes) as KernelFunction;
}

/** What a worker needs to call the library. */
export interface WorkerSetup {
  readonly koffiFile: string;
  readonly path: string;
  readonly sgemm: Declaration;
  readonly dgemm: Declaration;
  readonly setThreads: Declaration | null;
}

/** The program that gives a worker the block functions for float32 and float64. */
export function blockProgram(setup: WorkerSetup): string {
  return `
    const setup = ${JSON.stringify(setup)};
    const koffi = process.getBuiltinModule('node:module').createRequire(setup.koffiFile)(setup.koffiFile);
    const library = koffi.load(setup.path);
    const declare = ({ name, result, args }) => library.func(name, result, args);
    // Some libraries count threads for each thread that calls them.
    if (setup.setThreads !== null) declare(setup.setThreads)(1);
    const blocks = (gemm, bytes) => {${BLOCK_PROGRAM}};
    return [blocks(declare(setup.sgemm), 4), blocks(declare(setup.dgemm), 8)];`;
}
