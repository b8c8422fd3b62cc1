/**
 * How a matrix product is cut into panels, which threads multiply by one-threaded calls of the library.
 *
 * A library's own threads would cut along the inner dimension in ways that depend on how many there are, and so would the
 * last bits of results; they would also compete with ours for cores. Panels depend on the shape only, and are whole in the
 * inner dimension.
 */
import type { BlasCall } from '../wasm/kernelCall';
import type { KernelFunction } from '../wasm/threads/kernelModules';
import { type Declaration, type Gemm, NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE } from './library';

export interface Panels {
  readonly count: number;
  /** Rows or columns of each panel but the last. */
  readonly width: number;
  readonly byRows: boolean;
}

const MOST_PANELS = 8;
/** Narrower panels cost: each packs the whole other operand. Packing rows is the dearer of the two. */
const LEAST_ROWS = 192;
const LEAST_COLUMNS = 128;
/** Panels begin at multiples of what kernels compute at once. */
const WIDTH_STEP = 16;
/** Multiplications in a panel, at least: a third of the time that it takes to wake a thread that sleeps. */
const LEAST_WORK = 1e6;

export function panelsOf({ m, n, k }: Pick<BlasCall, 'm' | 'n' | 'k'>): Panels {
  const byRows = m > n;
  const [extent, least] = byRows ? [m, LEAST_ROWS] : [n, LEAST_COLUMNS];
  const wanted = Math.max(1, Math.min(MOST_PANELS, Math.floor(extent / least), Math.floor((m * n * k) / LEAST_WORK)));
  const width = Math.max(1, Math.ceil(extent / wanted / WIDTH_STEP)) * WIDTH_STEP;
  return { count: Math.max(1, Math.ceil(extent / width)), width, byRows };
}

/** The arguments of a panel function, before `begin` and `end`; addresses count from the memory's base, given as two words. */
export function panelArgs(call: BlasCall, { width, byRows }: Panels, base: number, out: number[]): number[] {
  out[0] = call.transposeA ? TRANSPOSE : NO_TRANSPOSE;
  out[1] = call.transposeB ? TRANSPOSE : NO_TRANSPOSE;
  out[2] = call.m;
  out[3] = call.n;
  out[4] = call.k;
  out[5] = call.a;
  out[6] = call.lda;
  out[7] = call.b;
  out[8] = call.ldb;
  out[9] = call.c;
  out[10] = call.ldc;
  out[11] = call.accumulate ? 1 : 0;
  out[12] = Math.floor(base / 2 ** 32);
  out[13] = base % 2 ** 32;
  out[14] = width;
  out[15] = byRows ? 1 : 0;
  return out;
}

/**
 * Multiplies panels `begin` … `end`, for elements of so many bytes. As text, since workers run it too: a function's own text
 * is not what it was once a bundler is done with it.
 */
const PANEL_PROGRAM = `
  return (ta, tb, m, n, k, a, lda, b, ldb, c, ldc, beta, high, low, width, byRows, begin, end) => {
    const base = high * 2 ** 32 + (low >>> 0);
    for (let panel = begin; panel < end; panel++) {
      const at = panel * width;
      const rows = byRows ? Math.min(width, m - at) : m;
      const columns = byRows ? n : Math.min(width, n - at);
      const ofA = byRows ? (ta === ${TRANSPOSE} ? at : at * lda) : 0;
      const ofB = byRows ? 0 : tb === ${TRANSPOSE} ? at * ldb : at;
      const ofC = byRows ? at * ldc : at;
      gemm(
        ${ROW_MAJOR}, ta, tb, rows, columns, k,
        1, base + (a >>> 0) + ofA * bytes, lda, base + (b >>> 0) + ofB * bytes, ldb,
        beta, base + (c >>> 0) + ofC * bytes, ldc,
      );
    }
  };`;

export function panelFunction(gemm: Gemm, bytes: number): KernelFunction {
  return new Function('gemm', 'bytes', PANEL_PROGRAM)(gemm, bytes) as KernelFunction;
}

/** What a worker needs to call the library. */
export interface WorkerSetup {
  readonly koffiFile: string;
  readonly path: string;
  readonly sgemm: Declaration;
  readonly dgemm: Declaration;
  readonly setThreads: Declaration | null;
}

/** The program that gives a worker the panel functions for float32 and float64. */
export function panelProgram(setup: WorkerSetup): string {
  return `
    const setup = ${JSON.stringify(setup)};
    const koffi = process.getBuiltinModule('node:module').createRequire(setup.koffiFile)(setup.koffiFile);
    const library = koffi.load(setup.path);
    const declare = ({ name, result, args }) => library.func(name, result, args);
    // Some libraries count threads for each thread that calls them.
    if (setup.setThreads !== null) declare(setup.setThreads)(1);
    const panels = (gemm, bytes) => {${PANEL_PROGRAM}};
    return [panels(declare(setup.sgemm), 4), panels(declare(setup.dgemm), 8)];`;
}
