/**
 * What a plain kernel is: arrays in, arrays out, and a context for attributes, state and resources.
 *
 * Kernels never change their inputs. They report failures by throwing `tf.errors` classes with TensorFlow's text and no
 * op; the executor adds the node, its type and the user's line.
 */
import type { FunctionReference } from '../graph/attributes';
import type { DType } from '../graph/dtypes';
import type { NdArray } from '../graph/ndarray';
import type { Operation } from '../graph/operation';
import type { FileSystem } from './files/fileSystem';
import type { ResourceStore } from './resources';

export interface KernelContext {
  /** The op that runs. */
  readonly op: Operation;
  /** The names of the calls that lead to the op, and its own: under which it keeps its state. */
  readonly path: string;
  /** The dtypes of its outputs. */
  readonly outputTypes: readonly DType[];
  /** Variables and other resources of the session. */
  readonly resources: ResourceStore;
  attr<V>(name: string): V;
  /** Something kept for this node as long as the session lives, made on first use: a random stream, for example. */
  state<S>(create: () => S): S;
  /** The outputs that something reads; only ops that call functions may leave the values of others out. */
  readonly usedOutputs: readonly number[];
  /** A function of the graph's library, ready to be called many times. Gives all its results, or those asked for. */
  prepare(func: FunctionReference, outputs?: readonly number[]): (args: readonly NdArray[]) => readonly NdArray[];
  /** Where Print ops and warnings write a line. */
  log(line: string): void;
  /** A seed for a random op that has none: drawn from the session's one replayable source. */
  drawSeed(): number;
  /** Where ops read and write files. */
  readonly fileSystem: FileSystem;
}

export type KernelResult = NdArray | readonly NdArray[];

export type Kernel = (inputs: readonly NdArray[], context: KernelContext) => KernelResult;

/** A total table of kernels for a family of ops. */
export type KernelTable<Ops> = { readonly [Type in keyof Ops]: Kernel };
