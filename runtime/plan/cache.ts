/**
 * Plans of a session by what was fetched and fed, bounded: the least recently used plan goes first.
 */
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import type { Plan } from './plan';

const MAX_PLANS = 128;

export class PlanCache {
  readonly #plans = new Map<string, Plan>();

  /** @param onEvict called with a plan that has to go. */
  constructor(readonly onEvict: (plan: Plan) => void) {}

  get(
    graph: Graph,
    fetches: { readonly tensors: readonly Tensor[]; readonly targets: readonly Operation[] },
    feeds: readonly Tensor[],
    make: () => Plan,
  ): Plan {
    const ids = (tensors: readonly Tensor[]) => tensors.map((tensor) => `${tensor.op.id}:${tensor.index}`).join(',');
    const key = `${graph.rewrites}|${ids(fetches.tensors)}|${fetches.targets.map((op) => op.id).join(',')}|${ids(feeds)}`;
    const plan = this.#plans.get(key) ?? make();
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    if (this.#plans.size > MAX_PLANS) {
      const [oldest, evicted] = this.#plans.entries().next().value!;
      this.#plans.delete(oldest);
      this.onEvict(evicted);
    }
    return plan;
  }
}
