/**
 * One row of a kernel that reduces along its lanes: its phases one after the other, each a loop with accumulators in vectors.
 */
import type { Phase } from '../../../ir/kernel';
import { Evaluator } from './evaluator';
import { type Facts, rootsOf } from './facts';
import {
  accumulate,
  accumulateInGroup,
  finishLanes,
  mergeAccumulators,
  SUM_GROUP,
  startAccumulator,
  startAccumulators,
} from './reducers';
import { localType } from './types';
import type { Walk } from './walk';

/** `outer` has what surrounding loops have computed. */
export function reduceRow(walk: Walk, facts: Facts, outer: Evaluator): void {
  const row = new Evaluator(walk, 'scalar', 0, outer);
  row.expect(facts.expressions);
  for (const phase of facts.kernel.phases) {
    if (phase.stores.length + phase.reductions.length > 0) runPhase(walk, facts, phase, row);
    row.storeAll(phase.rowStores, facts.isInPlace);
  }
}

function runPhase(walk: Walk, facts: Facts, phase: Phase, row: Evaluator): void {
  const { lane, reduced } = walk.nest;
  row.hoist(rootsOf(phase), facts.invariantIn(lane ? [...reduced, lane] : reduced));
  if (lane) reduceAlongLanes(walk, facts, phase, row);
  else takeOne(walk, facts, phase, row);
}

/** A row of a single element: each reduction is its own operand. */
function takeOne({ f }: Walk, facts: Facts, phase: Phase, row: Evaluator): void {
  row.storeAll(phase.stores, facts.isInPlace);
  for (const r of phase.reductions) {
    const local = f.local(localType(r.type));
    row.push(r.expression);
    f.set(local);
    row.define(facts.accumulatorOf(r), local);
  }
}

function reduceAlongLanes(walk: Walk, facts: Facts, phase: Phase, row: Evaluator): void {
  const { f, nest } = walk;
  const { reductions } = phase;
  const roots = rootsOf(phase);
  const widths = facts.widths();
  const modes = widths[0] > 0 ? (['vector', 'scalar'] as const) : (['scalar'] as const);
  const partial = reductions.map((r) => ({
    scalar: startAccumulator(f, r, false),
    vectors: startAccumulators(f, r, widths[0]),
    pairs: [f.local('v128'), f.local('v128')],
  }));
  const isInvariant = facts.invariantIn([nest.lane!]);
  walk.loops(nest.reduced, () => {
    const aheadOfLoop = new Map(
      modes.map((mode) => {
        const evaluator = new Evaluator(walk, mode, 0, row);
        evaluator.expect(roots);
        evaluator.hoist(roots, isInvariant);
        return [mode, evaluator];
      }),
    );
    walk.alongLanes(null, null, widths, (width) => {
      const mode = width > 0 ? 'vector' : 'scalar';
      for (let v = 0; v < Math.max(1, width); v++) {
        const evaluator = new Evaluator(walk, mode, v, aheadOfLoop.get(mode)!);
        evaluator.expect(roots);
        evaluator.storeAll(phase.stores, facts.isInPlace);
        reductions.forEach((r, i) => {
          const { scalar, vectors, pairs } = partial[i];
          if (width >= SUM_GROUP) accumulateInGroup(f, r, vectors, v, evaluator, pairs);
          else accumulate(f, r, width > 0 || vectors[0]?.kind === 'extreme' ? vectors[0] : scalar, evaluator);
        });
      }
    });
  });
  reductions.forEach((r, i) => {
    const { scalar, vectors } = partial[i];
    const [first, ...others] = vectors;
    for (const other of others) mergeAccumulators(f, r, first, other);
    row.define(facts.accumulatorOf(r), finishLanes(f, r, scalar, first ?? null));
  });
}
