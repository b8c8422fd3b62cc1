/**
 * Epilogues: code that runs on a rectangle of a product as soon as that is computed, while it is in the cache: bias, activation,
 * dropout, a cast, whatever else the caller emits.
 *
 * The code becomes a function of the product's own module, whose key then has the epilogue's as a suffix. It is called as
 * (result, row, rowEnd, column, columnEnd): rows of C counted through the batch, every element once, in any order and by any thread.
 * Its own arguments, i32 numbers such as addresses, arrive in globals. It may use the first TILE_BYTES of the thread's scratch memory.
 *
 * Where nobody else reads C it is not stored at all: `scratchRows` of it at a time are in scratch memory, at `result`, dense; with
 * BLAS, in the workspace (blasEpilogue.ts).
 */
import type { FunctionBuilder, FunctionRef, GlobalRef, Local } from '../assembler/functionBuilder';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import type { WasmTarget } from '../kernelCall';

export interface EpilogueContext {
  readonly module: ModuleBuilder;
  readonly target: WasmTarget;
  /** The address of the thread's scratch memory. */
  readonly scratch: GlobalRef;
  /** One for each of the epilogue's arguments. */
  readonly args: readonly GlobalRef[];
}

export interface Epilogue {
  /** Equal keys mean equal code. */
  readonly key: string;
  readonly args: readonly number[];
  /** Rows of C that are in scratch memory at a time, where C is not stored; else null, and `result` is 0. */
  readonly scratchRows: number | null;
  /** Defines the function (result, row, rowEnd, column, columnEnd) without results. */
  define(context: EpilogueContext): FunctionRef;
}

/** A module's epilogue while the module is assembled. */
export interface DefinedEpilogue {
  readonly call: FunctionRef;
  readonly args: readonly GlobalRef[];
  readonly scratchRows: number | null;
  readonly scratch: GlobalRef;
}

/** Defines the epilogue's globals and its function; null for none. */
export function defineEpilogue(
  epilogue: Epilogue | null,
  context: Omit<EpilogueContext, 'args'>,
): DefinedEpilogue | null {
  if (epilogue === null) return null;
  const args = epilogue.args.map(() => context.module.defineGlobal());
  const { scratchRows } = epilogue;
  return { call: epilogue.define({ ...context, args }), args, scratchRows, scratch: context.scratch };
}

/** Takes the epilogue's arguments from the parameters of an exported function. */
export function setEpilogueArgs(f: FunctionBuilder, epilogue: DefinedEpilogue | null, params: readonly Local[]): void {
  epilogue?.args.forEach((global, i) => void f.get(params[i]).setGlobal(global));
}

/** The suffix of a module's key. */
export function epilogueSuffix(epilogue: Epilogue | null): string {
  return epilogue === null ? '' : `/${epilogue.key}`;
}
