/**
 * Reductions of many columns: rows are read straight through, some at a time, with what the columns have so far in the thread's
 * scratch memory. A column's elements lie far apart, on pages of their own and, if rows are whole pages long, in the same few
 * lines of the cache: to walk down a column takes twice as long.
 */
import type { Expression } from '../../../ir/expression';
import type { GlobalRef, Local } from '../assembler/functionBuilder';
import { SCRATCH_BYTES } from '../kernelCall';
import { Evaluator } from './evaluator';
import { type Facts, nodesOf, rootsOf } from './facts';
import {
  type Accumulator,
  accumulate,
  accumulateOfGroup,
  finishColumns,
  localsOf,
  SUM_GROUP,
  startAccumulator,
} from './reducers';
import type { Walk } from './walk';

/** Vectors of columns at once, which end with single ones and single columns. */
const WIDTHS = [2, 1, 0];

/** Fewer rows or columns are not worth it, nor are larger expressions. */
const FEWEST_ROWS = 32;
const FEWEST_COLUMNS = 256;
const MOST_NODES = 12;

/** Bytes of a local in scratch memory, and the most of them that a vector of columns, or a single column, may have. */
const LOCAL_BYTES = 16;
const MOST_LOCALS = 6;

/** Whether columns are better reduced so. */
export function suitsPanels({ kernel, nest, isVector, lanes }: Facts): boolean {
  const { phases } = kernel;
  const [lane, rows] = [nest.lane!, nest.reduced.at(-1)!];
  if (!isVector || phases.length !== 1 || rows.length < FEWEST_ROWS || lane.length < FEWEST_COLUMNS) return false;
  const columns = Math.ceil(lane.length / lanes) + lanes;
  const fits = 3 * phases[0].reductions.length <= MOST_LOCALS && columns * MOST_LOCALS * LOCAL_BYTES <= SCRATCH_BYTES;
  return fits && nodesOf(rootsOf(phases[0])).length <= MOST_NODES;
}

/** What a step works on: a vector of columns, or a single one. */
interface Column {
  readonly evaluator: Evaluator;
  readonly accumulators: readonly Accumulator[];
}

/** All columns, or those from `from` to `to`. `outer` has what surrounding loops have computed. */
export function reducePanels(
  walk: Walk,
  facts: Facts,
  outer: Evaluator,
  from: Local | null,
  to: Local | null,
  scratch: GlobalRef,
): void {
  const { f, nest } = walk;
  const [phase] = facts.kernel.phases;
  const roots = rootsOf(phase);
  const at = f.local('i32');

  /** One pass over all columns. */
  const pass = (
    expected: readonly Expression[],
    begins: boolean,
    ends: boolean,
    work: (column: Column) => void,
  ): void => {
    f.getGlobal(scratch).set(at);
    walk.alongLanes(from, to, WIDTHS, (vectors) => {
      for (let v = 0; v < Math.max(1, vectors); v++) {
        const evaluator = new Evaluator(walk, vectors > 0 ? 'vector' : 'scalar', v, outer);
        evaluator.expect(expected);
        const accumulators = phase.reductions.map((r) => startAccumulator(f, r, vectors > 0));
        const locals = accumulators.flatMap(localsOf);
        if (!begins)
          locals.forEach((local, i) =>
            f
              .get(at)
              .access(`${local.type}.load`, i * LOCAL_BYTES)
              .set(local),
          );
        work({ evaluator, accumulators });
        if (!ends)
          locals.forEach((local, i) =>
            f
              .get(at)
              .get(local)
              .access(`${local.type}.store`, i * LOCAL_BYTES),
          );
        f.get(at)
          .i32(locals.length * LOCAL_BYTES)
          .op('i32.add')
          .set(at);
      }
    });
  };

  /** The elements of a column in `count` rows from the current one on. */
  const takeRows = ({ evaluator, accumulators }: Column, count: number): void => {
    const pairs = accumulators.map(() => [f.local('v128'), f.local('v128')]);
    evaluator.hoist(roots, facts.invariantIn([nest.reduced.at(-1)!]));
    for (let steps = 0; steps < count; steps++) {
      const { mode, vector } = evaluator;
      const row = new Evaluator(walk, mode, vector, evaluator, { axis: nest.reduced.at(-1)!, steps });
      row.expect(roots);
      row.storeAll(phase.stores, facts.isInPlace);
      phase.reductions.forEach((r, i) => {
        if (count === SUM_GROUP) accumulateOfGroup(f, r, accumulators[i], steps, row, pairs[i]);
        else accumulate(f, r, accumulators[i], row);
      });
    }
  };

  pass([], true, false, () => {});
  walk.loops(nest.reduced.slice(0, -1), () =>
    walk.groups(nest.reduced.at(-1)!, SUM_GROUP, (count) =>
      pass(roots, false, false, (column) => takeRows(column, count)),
    ),
  );
  pass(facts.expressions, false, true, ({ evaluator, accumulators }) => {
    phase.reductions.forEach((r, i) => evaluator.define(facts.accumulatorOf(r), finishColumns(f, accumulators[i])));
    evaluator.storeAll(phase.rowStores, facts.isInPlace);
  });
}
