/**
 * Writes the function of a loop kernel: rows outermost, and inside, one of three ways to walk lanes (mapLoops, rowLoops,
 * columnLoops).
 *
 * The function takes the address of the first element of each access, the address of the random stream's state if it has one,
 * and, when the work can be split, a range of the outermost axis: of rows, of lanes where there are none (in groups of
 * LANE_GRAIN), or of blocks of columns.
 */
import type { LoopKernel } from '../../../ir/kernel';
import type { FunctionBuilder, FunctionRef, GlobalRef, Local } from '../assembler/functionBuilder';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import { reduceColumns } from './columnLoops';
import { Evaluator } from './evaluator';
import { Facts } from './facts';
import { mapLanes } from './mapLoops';
import { type KernelRange, type Nest, nestOf, rangeOf } from './nest';
import { RandomWords } from './randomWords';
import { reduceRow } from './rowLoops';
import type { VectorMath } from './vectorCode';
import { Walk } from './walk';

export interface LoopFunction {
  readonly code: FunctionRef;
  readonly nest: Nest;
  readonly range: KernelRange | null;
}

/** Defines the function of a kernel in a module, exported under that name. */
export function defineLoop(
  module: ModuleBuilder,
  name: string,
  kernel: LoopKernel,
  math: VectorMath,
  scratch: GlobalRef,
): LoopFunction {
  const nest = nestOf(kernel);
  const range = rangeOf(nest);
  const count = kernel.accesses.length + kernel.streams.length + (range ? 2 : 0);
  const code = module.define(name, new Array<'i32'>(count).fill('i32'), [], (f, ...params) => {
    writeLoops(f, params, new Facts(kernel, nest), range !== null, math, scratch);
  });
  return { code, nest, range };
}

function writeLoops(
  f: FunctionBuilder,
  params: readonly Local[],
  facts: Facts,
  isSplit: boolean,
  math: VectorMath,
  scratch: GlobalRef,
): void {
  const { kernel, nest } = facts;
  const { length } = kernel.accesses;
  const walk = new Walk(f, math, facts, params.slice(0, length));
  const random = kernel.streams.length > 0 ? new RandomWords(walk, facts, params[length], scratch) : null;
  // What is the same at every element is computed once, ahead of everything.
  const constants = new Evaluator(walk, 'scalar', 0, null);
  constants.expect(facts.expressions);
  constants.hoist(facts.expressions, facts.constants());
  const lanes = (begin: Local | null, end: Local | null): void => {
    if (nest.byColumns) reduceColumns(walk, facts, constants, begin, end, scratch);
    else if (nest.lane?.isReduced === false) mapLanes(walk, facts, random, constants, begin, end);
    else {
      random?.beginStep(0);
      random?.define(constants, 0);
      reduceRow(walk, facts, constants);
    }
  };
  const [begin, end] = isSplit ? params.slice(-2) : [null, null];
  if (nest.rows.length === 0) lanes(begin, end);
  else walk.loop(nest.rows[0], begin, end, () => walk.loops(nest.rows.slice(1), () => lanes(null, null)));
}
