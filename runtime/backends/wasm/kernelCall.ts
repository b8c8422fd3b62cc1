/**
 * What the executor of a compiled plan runs: calls of exported WebAssembly functions, and matrix products for BLAS. All shapes
 * and addresses are known when a plan is made, so a call is plain data and running a plan allocates nothing.
 *
 * A module is built and compiled once per process and instantiated once per session and thread. It imports `env.memory`, and
 * `env.scratch`, an immutable i32 global: the address of SCRATCH_BYTES that belong to the calling thread alone.
 */

/** A module that kernels come from: equal keys mean equal bytes. */
export interface KernelModule {
  readonly key: string;
  /** The module's bytes for a memory that is shared or not, with or without relaxed SIMD. */
  build(target: WasmTarget): Uint8Array<ArrayBuffer>;
}

export interface WasmTarget {
  readonly shared: boolean;
  /** Whether f32x4.relaxed_madd and its kin may be used. */
  readonly relaxed: boolean;
}

export interface WasmCall {
  readonly kind: 'wasm';
  readonly module: KernelModule;
  readonly exportName: string;
  /** i32 arguments: byte addresses (unsigned) and sizes. */
  readonly args: readonly number[];
  /**
   * Set where the work can be split: the function then takes two more i32 arguments, `begin` and `end`, within 0 … extent, and
   * computes that part of the output. Parts start at multiples of `grain`; results do not depend on how work is split.
   */
  readonly range: { readonly extent: number; readonly grain: number } | null;
}

/** From one product to the next, in elements; none is negative. */
export interface BlasSteps {
  readonly count: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** C = op(A) · op(B), or C += … with `accumulate`; row-major, leading dimensions in elements, byte addresses. */
export interface BlasCall {
  readonly kind: 'blas';
  readonly dtype: 'float32' | 'float64';
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly lda: number;
  readonly b: number;
  readonly ldb: number;
  readonly c: number;
  readonly ldc: number;
  readonly accumulate: boolean;
  /** Products of the same shape with C's of their own, which do not overlap. */
  readonly batch?: BlasSteps;
  /** Products of the same shape that are added up, in this order; their C's may overlap, if they accumulate. */
  readonly terms?: BlasSteps;
}

export type KernelCall = WasmCall | BlasCall;

/** Bytes of scratch memory per thread. */
export const SCRATCH_BYTES = 1 << 20;
