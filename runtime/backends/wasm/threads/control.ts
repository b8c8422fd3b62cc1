/**
 * Where a pool and its workers find each other's words in the Int32Array that they share. Only numbers; the protocol is told
 * in pool.ts.
 *
 * What one thread writes often has a cache line (16 words) of its own.
 */

const LINE = 16;

/** The job: written by the main thread while no worker runs, read by workers. */
export const JOB = {
  /** Which module: its slot, how many modules had that slot before, its bytes in linear memory. */
  slot: 0,
  serial: 1,
  bytesAddress: 2,
  bytesLength: 3,
  /** Which of its exports, in the order of WebAssembly.Module.exports. */
  exportIndex: 4,
  argCount: 5,
  begin: 6,
  end: 7,
  chunkSize: 8,
  /** Chunks are dealt into as many regions as threads take part; who is done with the own one helps the next. */
  regions: 9,
  /** Not 0 when the bytes are a JavaScript program instead of WebAssembly. */
  isProgram: 10,
} as const;

/** Written by everybody, rarely. */
export const SHARED = {
  /** Not 0 when no further chunk may begin, since one failed. */
  abort: LINE,
  /** Not 0 while the main thread sleeps until a worker is done. */
  mainWaits: LINE + 1,
} as const;

export const ARGS = 2 * LINE;
export const MOST_ARGS = 4 * LINE;

/** Two words per region, on a line of its own: the next chunk and the end of the region's chunks. */
const REGIONS = ARGS + MOST_ARGS;
/** Lines of words per worker. */
const ERROR_BYTES = 1024;
const WORKER_WORDS = 2 * LINE + ERROR_BYTES / 4;

/** A worker's words, relative to where its own begin. */
export const WORKER = {
  state: 0,
  /** Not 0 while it sleeps and has to be notified. */
  sleeps: 1,
  /** The region it begins with. */
  region: 2,
  /** The address of its scratch memory. */
  scratch: 3,
  /** The first item of the chunk it is at, for messages. */
  at: LINE,
  /** Length in bytes of the UTF-8 text of what failed; then the text. */
  errorLength: LINE + 1,
  errorText: 2 * LINE,
} as const;

export const STATE = {
  /** Not ready yet. */
  starting: 0,
  idle: 1,
  /** A job is there; either side may take it: the worker to run it, the main thread to take it back. */
  posted: 2,
  running: 3,
  /** Asked to end. */
  stopping: 4,
  ended: 5,
} as const;

export const MOST_ERROR_BYTES = ERROR_BYTES;

export const regionAt = (region: number): number => REGIONS + region * LINE;
export const workerAt = (threads: number, worker: number): number =>
  REGIONS + threads * LINE + (worker - 1) * WORKER_WORDS;

/** The words that a pool of so many threads (the main one included) shares; pages may have nothing to share. */
export function makeControl(threads: number): Int32Array {
  const bytes = 4 * workerAt(threads, threads);
  return new Int32Array(threads === 1 ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes));
}
