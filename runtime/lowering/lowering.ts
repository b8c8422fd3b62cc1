/**
 * What a lowering is: it turns one TensorFlow op, whose inputs have concrete shapes, into values of a program.
 *
 * A lowering gives its outputs, or null to leave the op to its plain kernel: for dtypes it does not know, and for inputs that
 * the op refuses, so that the plain kernel says so in TensorFlow's words.
 */
import type { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Expression } from '../ir/expression';
import type { RandomSource, Value, VariableRef } from '../ir/value';
import type { ProgramBuilder } from '../plan/builder';

export interface LowerContext {
  readonly op: Operation;
  readonly b: ProgramBuilder;
  /** Whether there is a BLAS for matrix products. */
  blas(): boolean;
  /** The inputs; handles of variables and what is no array have none here. */
  readonly inputs: readonly Value[];
  readonly outputTypes: readonly DType[];
  /** The outputs that something reads. */
  readonly usedOutputs: readonly number[];
  /** Whether the first output may be longer than TensorFlow has it: only ops read it that leave out the rest. */
  readonly mayPad: boolean;
  /** Whether input `index` may be longer: it then ends with the lowest number of its type, which is to be left out. */
  isPadded(index: number): boolean;
  attr<V>(name: string): V;
  /** The value of input `index` where it is known before the run. */
  constant(index: number): NdArray | null;
  /** The integers of input `index`, or null where they are not known before the run. */
  integers(index: number): number[] | null;
  /** The variable behind the handle at input `index`: null when its dtype or shape is not known, or not `like` that. */
  variable(index: number, like?: { readonly dtype: DType; readonly shape: readonly number[] }): VariableRef | null;
  /** Runs the plain kernel, which throws, if `isWrong` holds for an element of `value` when the plan runs. */
  guard(isWrong: Expression, value: Value): void;
  /** The stream of random words of this node. */
  randomSource(): RandomSource;
}

export interface Lowering {
  (c: LowerContext): Value | readonly Value[] | null;
  /** What docs/ops.md says of it: a loop, if nothing else. */
  readonly compiledAs?: string;
  /** An input that has to be known before the run: where it is not, the op does not wait for shapes either. */
  readonly knownInput?: number;
  /** Whether it takes and gives uint64, which kernels do not compute with, as so many bytes. */
  readonly movesUint64?: boolean;
}

const described = (compiledAs: string, lowering: Lowering): Lowering =>
  Object.assign(lowering.bind(null), { compiledAs });

/** A lowering to another walk over the same memory: it costs nothing unless something has to be dense. */
export const view = (lowering: Lowering): Lowering => described('view', lowering);

/** A lowering to kernels written by hand, for whole arrays; `only` says where, if they are not for all that the op can do. */
export const routine = (lowering: Lowering, only = ''): Lowering => described(`routine${only}`, lowering);

/** A lowering for where an input is known before the run. */
export const knowing = (knownInput: number, lowering: Lowering): Lowering => Object.assign(lowering, { knownInput });

/** A lowering to routines that also read and write uint64. */
export const movingUint64 = (lowering: Lowering): Lowering => Object.assign(lowering, { movesUint64: true });

/** Lowerings of some ops of a family; the others run their plain kernels. */
export type LoweringTable<Ops> = { readonly [Type in keyof Ops]?: Lowering };

/** The calls of a routine that may have nothing to do. */
export const listOf = <T>(call: T | null): readonly T[] => (call === null ? [] : [call]);
