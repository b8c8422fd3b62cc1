/**
 * The kernel IR: a list of steps over buffers, in the order in which they run.
 *
 * A loop kernel walks a domain once per phase. Axes marked `reduced` belong to reductions: for each position of the other axes
 * (a row) the phases run one after the other, so that a softmax, say, is one kernel of three phases over rows that stay
 * in the cache. `stores` write at each position of the domain, `rowStores` once per row after the phase's reductions.
 */
import type { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Expression, ScalarType } from './expression';
import type { Combiner, HostCall, RandomSource, Routine, Value, VariableRef } from './value';

/** A dense stretch of memory that holds the elements of one value. */
export interface Buffer {
  readonly id: number;
  readonly dtype: DType;
  readonly elements: number;
  readonly place:
    | { readonly kind: 'arena' }
    /** Filled from outside: by a feed, or by the host in the middle of a run. */
    | { readonly kind: 'input' }
    | { readonly kind: 'const'; readonly array: NdArray }
    | { readonly kind: 'variable'; readonly variable: VariableRef }
    /** What a routine computes for its epilogue alone: never all there, some rows at a time in scratch memory of a thread. */
    | { readonly kind: 'scratch' };
}

/** Elements of a buffer at each position of a kernel's domain: offset and strides in elements. */
export interface Access {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly strides: readonly number[];
}

export interface Store {
  readonly access: number;
  readonly expression: Expression;
}

export interface Reduction {
  /** What `acc` expressions refer to. */
  readonly id: number;
  readonly combiner: Combiner;
  readonly type: ScalarType;
  readonly expression: Expression;
}

export interface Phase {
  readonly stores: readonly Store[];
  readonly reductions: readonly Reduction[];
  readonly rowStores: readonly Store[];
}

export interface LoopKernel {
  readonly kind: 'loop';
  /** Lengths of the axes; none is 1. */
  readonly domain: readonly number[];
  readonly reduced: readonly boolean[];
  readonly accesses: readonly Access[];
  readonly phases: readonly Phase[];
  readonly streams: readonly RandomSource[];
  /** The TensorFlow ops that it covers, in order. */
  readonly ops: readonly Operation[];
}

export interface RoutineKernel {
  readonly kind: 'routine';
  readonly routine: Routine;
  readonly inputs: readonly { readonly buffer: Buffer; readonly offset: number }[];
  readonly outputs: readonly Buffer[];
  readonly streams: readonly RandomSource[];
  /**
   * What is done at each element of the only output, seen as rows × columns, as soon as it is computed: one phase of stores over that
   * domain. It reads the output as any other buffer, and may store to it.
   */
  readonly epilogue: LoopKernel | null;
  /** The epilogue's among them. */
  readonly ops: readonly Operation[];
}

export interface HostKernel {
  readonly kind: 'host';
  readonly call: HostCall;
  readonly inputs: readonly (Buffer | null)[];
  readonly outputs: readonly (Buffer | null)[];
  readonly ops: readonly Operation[];
}

export type Kernel = LoopKernel | RoutineKernel | HostKernel;

/** What fusion makes of a program. */
export interface KernelProgram {
  readonly kernels: readonly Kernel[];
  /** The buffers of the program's results, in order. */
  readonly results: readonly Buffer[];
  /** The buffers of values that come from outside. */
  readonly inputs: ReadonlyMap<Value, Buffer>;
}

/** Bytes that a kernel needs beside its buffers. */
export function workspaceOf(kernel: Kernel): number {
  if (kernel.kind !== 'routine') return 0;
  const { routine, epilogue } = kernel;
  return (epilogue === null ? routine : routine.withEpilogue!).workspaceBytes;
}

/** The buffers that a kernel reads, and those that it writes. */
export function buffersOf(kernel: Kernel): { readonly reads: readonly Buffer[]; readonly writes: readonly Buffer[] } {
  if (kernel.kind === 'routine') {
    const { epilogue, outputs } = kernel;
    const inputs = kernel.inputs.map(({ buffer }) => buffer);
    if (epilogue === null) return { reads: inputs, writes: outputs };
    const { reads, writes } = buffersOf(epilogue);
    return {
      reads: [...inputs, ...reads.filter((buffer) => !outputs.includes(buffer))],
      writes: [...new Set([...outputs, ...writes])],
    };
  }
  if (kernel.kind === 'host') {
    const present = (buffers: readonly (Buffer | null)[]) => buffers.filter((buffer) => buffer !== null);
    return { reads: present(kernel.inputs), writes: present(kernel.outputs) };
  }
  const stored = new Set(
    kernel.phases.flatMap(({ stores, rowStores }) => [...stores, ...rowStores].map((s) => s.access)),
  );
  return {
    reads: kernel.accesses.flatMap(({ buffer }, i) => (stored.has(i) ? [] : [buffer])),
    writes: [...stored].map((i) => kernel.accesses[i].buffer),
  };
}
