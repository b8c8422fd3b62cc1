/**
 * Session: runs the parts of a graph that are fetched.
 */
import type { Graph } from '../graph/graph';
import { getDefaultGraph } from '../graph/defaultGraph';
import { type ArrayLike, NdArray } from '../graph/ndarray';
import { Operation } from '../graph/operation';
import { Tensor } from '../graph/tensor';
import '../graph/ops/index';
import { Executor } from './executor';
import { makePlan } from './plan/plan';

export class Session {
  readonly graph: Graph;
  readonly #executor: Executor;

  constructor(options: { graph?: Graph } = {}) {
    this.graph = options.graph ?? getDefaultGraph();
    this.#executor = new Executor({ log: (line) => console.error(line), drawSeed: () => Math.floor(Math.random() * 2 ** 31) });
  }

  /** The values of the fetched tensors; null for operations. */
  runSync(fetches: readonly (Tensor | Operation)[], options: { feed?: readonly (readonly [Tensor, ArrayLike])[] } = {}): (NdArray | null)[] {
    const feeds = options.feed ?? [];
    const tensors = fetches.filter((fetch): fetch is Tensor => fetch instanceof Tensor);
    const targets = fetches.filter((fetch): fetch is Operation => fetch instanceof Operation);
    const plan = makePlan(tensors, targets, feeds.map(([tensor]) => tensor));
    const values = this.#executor.run(plan, feeds.map(([tensor, value]) => NdArray.from(value, tensor.dtype)));
    return fetches.map((fetch) => (fetch instanceof Tensor ? values[tensors.indexOf(fetch)] : null));
  }
}
