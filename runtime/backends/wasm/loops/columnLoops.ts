/**
 * Reductions along axes that are not the last one: blocks of columns, each walked through the reduced axes with its accumulators
 * in vectors, a lane for each column.
 */
import type { GlobalRef, Local } from '../assembler/functionBuilder';
import { setMinimum } from '../assembler/loops';
import { reducePanels, suitsPanels } from './columnPanels';
import { Evaluator } from './evaluator';
import { type Facts, nodesOf, rootsOf } from './facts';
import { LANE_GRAIN, UNROLL } from './nest';
import { accumulate, accumulateOfGroup, finishColumns, SUM_GROUP, startAccumulator } from './reducers';
import type { Walk } from './walk';

/** Rows of larger expressions are taken one at a time, not in groups. */
const MOST_GROUPED = 12;

/** All columns, or the blocks from `begin` to `end`. `outer` has what surrounding loops have computed. */
export function reduceColumns(
  walk: Walk,
  facts: Facts,
  outer: Evaluator,
  begin: Local | null,
  end: Local | null,
  scratch: GlobalRef,
): void {
  const { f } = walk;
  let [from, to] = [begin, end];
  if (begin && end) {
    // Blocks as elements; the last block may be a partial one.
    [from, to] = [f.local('i32'), f.local('i32')];
    f.get(begin).i32(LANE_GRAIN).op('i32.mul').set(from);
    f.get(end).i32(LANE_GRAIN).op('i32.mul').set(to);
    setMinimum(f, to, to, walk.nest.lane!.length);
  }
  if (suitsPanels(facts)) {
    reducePanels(walk, facts, outer, from, to, scratch);
    return;
  }
  const widths = facts.isVector ? [UNROLL, 1, 0] : [0];
  walk.alongLanes(from, to, widths, (vectors) => reduceBlock(walk, facts, outer, vectors));
}

/** So many vectors of columns, or one column (0). */
function reduceBlock(walk: Walk, facts: Facts, outer: Evaluator, vectors: number): void {
  const { f, nest } = walk;
  const isVector = vectors > 0;
  const mode = isVector ? 'vector' : 'scalar';
  const isInvariant = facts.invariantIn(nest.reduced);
  const columns = Array.from({ length: Math.max(1, vectors) }, (_, v) => {
    const evaluator = new Evaluator(walk, mode, v, outer);
    evaluator.expect(facts.expressions);
    return evaluator;
  });
  for (const phase of facts.kernel.phases) {
    const roots = rootsOf(phase);
    const partial = columns.map((column) => {
      column.hoist(roots, isInvariant);
      return phase.reductions.map((r) => ({
        accumulator: startAccumulator(f, r, isVector),
        pairs: [f.local('v128'), f.local('v128')],
      }));
    });
    /** The elements of all columns in `count` rows from the current one on. */
    const rows = (count: number): void =>
      columns.forEach((column, v) => {
        for (let at = 0; at < count; at++) {
          const evaluator = new Evaluator(walk, mode, v, column, { axis: nest.reduced.at(-1)!, steps: at });
          evaluator.expect(roots);
          evaluator.storeAll(phase.stores, facts.isInPlace);
          phase.reductions.forEach((r, i) => {
            const { accumulator, pairs } = partial[v][i];
            if (count === SUM_GROUP) accumulateOfGroup(f, r, accumulator, at, evaluator, pairs);
            else accumulate(f, r, accumulator, evaluator);
          });
        }
      });
    if (roots.length > 0) {
      const size = isVector && nodesOf(roots).length <= MOST_GROUPED ? SUM_GROUP : 1;
      walk.loops(nest.reduced.slice(0, -1), () => walk.groups(nest.reduced.at(-1)!, size, rows));
    }
    columns.forEach((column, v) => {
      phase.reductions.forEach((r, i) =>
        column.define(facts.accumulatorOf(r), finishColumns(f, partial[v][i].accumulator)),
      );
      column.storeAll(phase.rowStores, facts.isInPlace);
    });
  }
}
