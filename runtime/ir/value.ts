/**
 * The values of a program: what lowering makes of TensorFlow's ops, before anybody decides what is stored where.
 *
 * A value has a dtype, a concrete shape and a definition; `map`, `reduce`, `view` and their kin say what it is, not how it is
 * computed. Fusion (runtime/plan/fusion/) turns a program into kernels.
 */
import type { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { KernelCall } from '../backends/wasm/kernelCall';
import type { Epilogue } from '../backends/wasm/matmul/epilogue';
import type { AxisMaps } from './access';
import type { Expression } from './expression';

/** A value read through an access. */
export interface Operand {
  readonly value: Value;
  readonly maps: AxisMaps;
}

export type Combiner = 'sum' | 'prod' | 'max' | 'min' | 'all' | 'any';

/** A variable of the session at a fixed place in memory. */
export interface VariableRef {
  readonly key: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly address: number;
}

/** A stream of random words that one node keeps. */
export interface RandomSource {
  /** Sets aside words for that many outputs and writes the generator's state, six words, for this run. */
  prepare(words: Int32Array, outputs: number): void;
}

/** Addresses of a routine's inputs, outputs and workspace in memory. */
export interface RoutineAddresses {
  readonly inputs: readonly number[];
  /** Of its results, then of the variables that it writes. */
  readonly outputs: readonly number[];
  readonly workspace: number;
  /** Where the states of its random streams are, for this run. */
  readonly streams: readonly number[];
}

/** A hand-written kernel of whole arrays: products, convolutions, pooling, gathering. */
export interface Routine {
  readonly name: string;
  /** Sizes and options, for printing. */
  readonly text: string;
  readonly workspaceBytes: number;
  /** Floating-point operations, for traces. */
  readonly flops: number;
  /** What one call works on, where `flops` do not tell: threads share what is worth it. */
  readonly work?: number;
  calls(addresses: RoutineAddresses): readonly KernelCall[];
  /** How it is done with an epilogue; absent where it takes none. */
  readonly withEpilogue?: RoutineWithEpilogue;
}

/** A routine that runs code on rectangles of its only result, seen as rows × columns, as soon as they are computed. */
export interface RoutineWithEpilogue {
  readonly rows: number;
  readonly columns: number;
  /** How many rows at a time may be in memory, where nobody but the epilogue reads them; 0 where all must be stored. */
  readonly scratchRows: number;
  /** Whether it is of use in that case only. */
  readonly onlyUnstored?: boolean;
  readonly workspaceBytes: number;
  calls(addresses: RoutineAddresses, epilogue: Epilogue): readonly KernelCall[];
}

export type Definition =
  | { readonly kind: 'const'; readonly array: NdArray }
  /** Given at the start of a run, or by a step on the host. */
  | { readonly kind: 'input' }
  | { readonly kind: 'variable'; readonly variable: VariableRef; readonly version: number }
  | { readonly kind: 'view'; readonly source: Operand }
  /** The same elements in the same order under another shape. */
  | { readonly kind: 'reshape'; readonly source: Value }
  | { readonly kind: 'map'; readonly args: readonly Operand[]; readonly expression: Expression }
  | { readonly kind: 'random'; readonly source: RandomSource }
  | {
      readonly kind: 'reduce';
      readonly arg: Operand;
      /** The shape that is walked; axes that are not reduced make the result's shape. */
      readonly domain: readonly number[];
      readonly reduced: readonly boolean[];
      readonly combiner: Combiner;
    }
  /** Pieces put side by side, on a background of `fill` where they leave gaps. */
  | { readonly kind: 'assemble'; readonly fill: number | bigint | null; readonly pieces: readonly Piece[] }
  /** Result `index` of a routine. */
  | { readonly kind: 'result'; readonly call: RoutineCall; readonly index: number };

/** A block of an assembled value. */
export interface Piece {
  readonly operand: Operand;
  readonly shape: readonly number[];
  readonly start: readonly number[];
  readonly step: readonly number[];
}

export interface Value {
  readonly id: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly definition: Definition;
  /** The TensorFlow op that it comes from. */
  readonly op: Operation | null;
}

/** A routine with its inputs; operands are read where they lie if the routine takes strides, else they are dense. */
export interface RoutineCall {
  readonly kind: 'routine';
  readonly op: Operation | null;
  readonly inputs: readonly Operand[];
  /** Whether inputs may be strided: the routine is then made for their walks. */
  readonly strided: boolean;
  make(walks: readonly { readonly offset: number; readonly strides: readonly number[] }[]): Routine;
  /** Variables that it changes in places, where they lie. */
  readonly writes?: readonly VariableRef[];
  /** Where it sums matrix products: the operands of each. */
  readonly products?: readonly (readonly [Value, Value])[];
  /** Streams that it draws from, a number for each element of its first result. */
  readonly streams?: readonly RandomSource[];
  readonly results: Value[];
}

/** Variables written from values over their shape, in one pass. */
export interface Update {
  readonly kind: 'update';
  readonly op: Operation | null;
  readonly shape: readonly number[];
  readonly args: readonly Operand[];
  readonly targets: readonly { readonly variable: VariableRef; readonly expression: Expression }[];
}

/** An op that a plain kernel runs. */
export interface HostCall {
  readonly kind: 'host';
  readonly op: Operation;
  /** Dense values that it reads from memory; null for inputs that live on the host. */
  readonly inputs: readonly (Value | null)[];
  /** Values that it puts into memory; null for outputs that stay on the host. */
  readonly outputs: readonly (Value | null)[];
  /** Variables that it may read or write. */
  readonly variables: readonly VariableRef[];
  /** What the executor needs to run it. */
  readonly step: number;
}

export type Item = { readonly kind: 'value'; readonly value: Value } | RoutineCall | Update | HostCall;

/** A program: values and effects in an order in which they may be computed. */
export interface Program {
  readonly items: readonly Item[];
  /** Values that must be in memory at the end, dense. */
  readonly results: readonly Value[];
}
