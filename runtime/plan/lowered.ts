/**
 * What goes into lowering a plan and what comes out of it: types only.
 */
import type { FunctionReference } from '../../graph/attributes';
import type { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Program, Value, VariableRef } from '../ir/value';
import type { KernelContext } from '../kernel';
import type { ResourceStore } from '../resources';
import type { ResourceHandle } from '../values';
import type { Plan, Step } from './plan';
import type { Source } from './symbols';

/** A call of a plain kernel. */
export interface HostStep {
  readonly step: Step;
  readonly context: KernelContext;
  readonly inputs: readonly Source[];
  /** The slot of each output. */
  readonly outputs: readonly number[];
  /** Whether it is called only to throw: when its first value in memory, a bool that is not among `inputs`, is true. */
  readonly isGuard: boolean;
}

/** A plan with the contexts of its steps, and values of slots that are known before any run. */
export interface Stage {
  readonly plan: Plan;
  readonly contexts: readonly KernelContext[];
  readonly presets: ReadonlyMap<number, NdArray>;
}

export interface FeedSpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The value, where it is part of what the program is made for. */
  readonly known: NdArray | null;
  /** Where it lies in the session's memory, if it is there already. */
  readonly place: VariableRef | null;
}

export interface VariableUse {
  readonly handle: ResourceHandle;
  readonly ref: VariableRef;
  /** The op that reads it before anything in the program writes it. */
  readonly firstRead: Operation | null;
  isWritten: boolean;
}

export interface Lowered {
  readonly program: Program;
  /** For each feed its value in the program, or null when only the host reads it. Its slot is its index. */
  readonly feeds: readonly (Value | null)[];
  readonly hostSteps: readonly HostStep[];
  readonly slots: number;
  /** What is fetched: from here, or number `rest` of what the next stage gives. */
  readonly fetches: readonly (Source | { readonly kind: 'rest'; readonly index: number })[];
  readonly variables: readonly VariableUse[];
  /** Steps that wait for shapes, and where the values that they are fed come from. */
  readonly rest: { readonly stage: Stage; readonly feeds: readonly Source[] } | null;
}

/** What became of an op: what `explain` tells, noted only when it asks. */
export interface LowerNote {
  readonly op: Operation;
  /**
   * `alias`: passes its input on; `constant`: known, computed or not; `inlined`: its function's body stands in its place;
   * `shared`: another op computes the same; `waits`: for a further stage.
   */
  readonly outcome: 'alias' | 'constant' | 'inlined' | 'shared' | 'lowered' | 'host' | 'waits';
}

export interface LowerServices {
  /** Whether matrix products may be given to BLAS. */
  blas(): boolean;
  readonly resources: ResourceStore;
  /** The steps of a function that is called in place. */
  expand(context: KernelContext, func: FunctionReference, outputs: readonly number[]): Stage;
}
