/**
 * Options of sessions and runs. Mirrors the parts of tf.ConfigProto, tf.RunOptions and tf.RunMetadata that sluice has.
 */

import type { FileSystem } from './files/fileSystem';

export interface SessionConfig {
  /**
   * Seed of the source from which random ops without a seed draw theirs. Default: fresh entropy; read it back from
   * `session.rngState.source.seed` to replay a session.
   */
  readonly seed?: string | number;
  /** Run ops whose device does not exist on the CPU instead of refusing them. Mirrors allow_soft_placement. */
  readonly allowSoftPlacement?: boolean;
  /** Where Print ops and warnings write lines. Default: standard error. */
  readonly log?: (line: string) => void;
  /**
   * What runs ops: 'wasm' compiles what is fetched to fused WebAssembly SIMD kernels (default); 'plain' calls one plain kernel
   * per op, slow and obvious, for comparison.
   */
  readonly backend?: 'wasm' | 'plain';
  /** false: a kernel and a buffer for every value, to see what fusion does. */
  readonly fusion?: boolean;
  /** Where ops read and write files. Default: the disk in Node, elsewhere one file system in memory for all. */
  readonly fileSystem?: FileSystem;
  /**
   * How many threads compute, the calling one included. Default: one for each core, at most 8; one on pages that are not
   * cross-origin isolated. Results do not depend on it. Mirrors intra_op_parallelism_threads.
   */
  readonly threads?: number;
  /**
   * The BLAS library for large matrix products: 'auto' (default) looks for OpenBLAS, MKL, BLIS or Accelerate, 'off' uses
   * none, and a path names one. `tf.inspect.devices()` says which one is used. It takes the optional package koffi.
   */
  readonly blas?: 'auto' | 'off' | (string & {});
  /**
   * The most bytes that values, variables and kernels may take; default and at most 4 GiB. Sessions with the same threads,
   * blas and memoryLimitBytes share it. A run that needs more throws ResourceExhaustedError.
   */
  readonly memoryLimitBytes?: number;
}

/** Mirrors tf.RunOptions.TraceLevel. */
export const TraceLevel = { NO_TRACE: 0, SOFTWARE_TRACE: 1, HARDWARE_TRACE: 2, FULL_TRACE: 3 } as const;

export interface RunOptions {
  /** With any level but NO_TRACE, `metadata.stepStats` is filled. */
  readonly traceLevel?: 0 | 1 | 2 | 3;
  /** DeadlineExceededError when the run takes longer, checked between ops. */
  readonly timeoutInMs?: number;
}

/** What one kernel of a run did and how long it took. */
export interface NodeStats {
  /** The last op that the kernel computes, and its type. */
  readonly nodeName: string;
  readonly opType: string;
  /** All ops that it computes: a fused kernel covers several. */
  readonly ops: readonly string[];
  readonly kernel: {
    /** A generated loop, a routine such as a matrix product, or a plain kernel on the host. */
    readonly kind: 'loop' | 'routine' | 'host';
    readonly name: string;
    /** Floating-point operations, and bytes of the arrays that it reads and writes. */
    readonly flops: number;
    readonly bytes: number;
  };
  /** Microseconds since the run began. */
  readonly startMicros: number;
  readonly durationMicros: number;
}

/** Filled by a run that is given it and a trace level. */
export interface RunMetadata {
  stepStats?: { device: string; nodeStats: NodeStats[] }[];
}

export interface RunArguments<Feed> {
  readonly feed?: Feed;
  readonly options?: RunOptions;
  readonly metadata?: RunMetadata;
}

/** The only device of a local session. */
export const CPU_DEVICE = '/job:localhost/replica:0/task:0/device:CPU:0';
