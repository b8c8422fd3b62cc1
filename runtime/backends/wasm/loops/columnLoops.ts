/**
 * Reductions along axes that are not the last one: blocks of columns, each walked through the reduced axes with its accumulators
 * in vectors, a lane for each column.
 */
import type { Local } from '../assembler/functionBuilder';
import { setMinimum } from '../assembler/loops';
import { Evaluator } from './evaluator';
import { type Facts, rootsOf } from './facts';
import { LANE_GRAIN, UNROLL } from './nest';
import { accumulate, finishColumns, startAccumulator } from './reducers';
import type { Walk } from './walk';

/** All columns, or the blocks from `begin` to `end`. `outer` has what surrounding loops have computed. */
export function reduceColumns(
  walk: Walk,
  facts: Facts,
  outer: Evaluator,
  begin: Local | null,
  end: Local | null,
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
  const widths = facts.isVector ? [UNROLL, 1, 0] : [0];
  walk.lanes(from, to, widths, (vectors) => reduceBlock(walk, facts, outer, vectors));
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
    const accumulators = columns.map((column) => {
      column.hoist(roots, isInvariant);
      return phase.reductions.map((r) => startAccumulator(f, r, isVector));
    });
    const body = () =>
      columns.forEach((column, v) => {
        const evaluator = new Evaluator(walk, mode, v, column);
        evaluator.expect(roots);
        evaluator.storeAll(phase.stores, facts.isInPlace);
        phase.reductions.forEach((r, i) => accumulate(f, r, accumulators[v][i], evaluator));
      });
    if (roots.length > 0) walk.loops(nest.reduced, body);
    columns.forEach((column, v) => {
      phase.reductions.forEach((r, i) => column.define(facts.accumulatorOf(r), finishColumns(f, accumulators[v][i])));
      column.storeAll(phase.rowStores, facts.isInPlace);
    });
  }
}
