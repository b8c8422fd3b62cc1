/**
 * Loops along the lanes of a kernel without reductions: the stores of every element, several vectors of them at once.
 */
import type { Local } from '../assembler/functionBuilder';
import { Evaluator } from './evaluator';
import type { Facts } from './facts';
import type { RandomWords } from './randomWords';
import type { Walk } from './walk';

/** `outer` has what surrounding loops have computed. */
export function mapLanes(
  walk: Walk,
  facts: Facts,
  random: RandomWords | null,
  outer: Evaluator,
  begin: Local | null,
  end: Local | null,
): void {
  const widths = facts.widths();
  const modes = (['vector', 'scalar'] as const).filter((mode) =>
    widths.some((width) => width > 0 === (mode === 'vector')),
  );
  const isInvariant = facts.invariantIn([walk.nest.lane!]);
  const aheadOfLoop = new Map(
    modes.map((mode) => {
      const evaluator = new Evaluator(walk, mode, 0, outer);
      evaluator.expect(facts.expressions);
      evaluator.hoist(facts.expressions, isInvariant);
      return [mode, evaluator];
    }),
  );
  const step = (vectors: number): void => {
    random?.beginStep(vectors);
    const mode = vectors > 0 ? 'vector' : 'scalar';
    for (let v = 0; v < Math.max(1, vectors); v++) {
      const evaluator = new Evaluator(walk, mode, v, aheadOfLoop.get(mode)!);
      evaluator.expect(facts.expressions);
      random?.define(evaluator, v);
      for (const phase of facts.kernel.phases) evaluator.storeAll(phase.stores, facts.isInPlace);
    }
    random?.endStep(vectors);
  };
  walk.alongLanes(begin, end, widths, step, (vectors) => random?.beforeLoop(vectors));
}
