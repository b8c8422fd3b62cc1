/**
 * Writes an epilogue: a loop kernel over rows × columns as a function of a rectangle of them, which the routine that computes
 * the rectangle calls (matmul/epilogue.ts). Random words come in whole groups, so with them rectangles begin and end at
 * multiples of LANE_GRAIN columns.
 */
import type { LoopKernel } from '../../../ir/kernel';
import type { FunctionRef, GlobalRef } from '../assembler/functionBuilder';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import { Evaluator } from './evaluator';
import { Facts } from './facts';
import { mapLanes } from './mapLoops';
import type { Nest } from './nest';
import { RandomWords } from './randomWords';
import type { VectorMath } from './vectorCode';
import { Walk } from './walk';

/** Rows and columns as they are: the rectangle may be any part of them, so they are never walked as one axis. */
function rectangleNest({ domain, accesses }: LoopKernel): Nest {
  const [rows, lane] = domain.map((length, axis) => ({
    length,
    isReduced: false,
    strides: accesses.map(({ strides }) => strides[axis]),
    domainAxis: axis,
    linear: axis === 0 ? domain[1] : 1,
  }));
  return { rows: [rows], lane, byColumns: false, reduced: [] };
}

/**
 * Defines the function (result, row, rowEnd, column, columnEnd). Accesses to a buffer of the thread's own are to what lies at `result`:
 * just this rectangle, dense.
 *
 * @param args where the addresses are: of the first element of each access, then of the state of the random stream, if there is one.
 */
export function defineRectangle(
  module: ModuleBuilder,
  kernel: LoopKernel,
  math: VectorMath,
  scratch: GlobalRef,
  args: readonly GlobalRef[],
): FunctionRef {
  const nest = rectangleNest(kernel);
  const facts = new Facts(kernel, nest);
  return module.define(null, new Array<'i32'>(5).fill('i32'), [], (f, result, row, rowEnd, column, columnEnd) => {
    const count = kernel.accesses.length;
    const addresses = args.map((arg, i) => {
      const local = f.local('i32');
      const { buffer, strides } = kernel.accesses[i] ?? {};
      if (buffer?.place.kind === 'scratch') {
        // The loops below go on from here by rows and columns that are counted from the whole result's first.
        f.get(result).get(row).i32(strides[0]).op('i32.mul').get(column).op('i32.add');
        f.i32(buffer.dtype.size).op('i32.mul').op('i32.sub').set(local);
      } else f.getGlobal(arg).set(local);
      return local;
    });
    const walk = new Walk(f, math, facts, addresses.slice(0, count));
    const random = kernel.streams.length > 0 ? new RandomWords(walk, facts, addresses[count], scratch) : null;
    const constants = new Evaluator(walk, 'scalar', 0, null);
    constants.expect(facts.expressions);
    constants.hoist(facts.expressions, facts.constants());
    walk.loop(nest.rows[0], row, rowEnd, () => mapLanes(walk, facts, random, constants, column, columnEnd));
  });
}
