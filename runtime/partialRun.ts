/**
 * Runs in several steps: each step gives some feeds and takes some fetches, and no op runs twice.
 */
import { InvalidArgumentError } from '../graph/errors';
import type { NdArray } from '../graph/ndarray';
import type { Operation } from '../graph/operation';
import type { Tensor } from '../graph/tensor';
import type { ResolvedFetches } from './fetches';
import { neededOps } from './plan/order';
import { allSteps, type Plan } from './plan/plan';

interface PartialRun {
  readonly fetches: Set<Tensor | Operation>;
  readonly feeds: Set<Tensor>;
  /** Values of tensors that were fed or computed. */
  readonly values: Map<Tensor, NdArray>;
  readonly done: Set<Operation>;
}

export interface PartialStep {
  /** Tensors whose values are known, and these values. */
  readonly known: readonly Tensor[];
  readonly values: readonly NdArray[];
  /** Tensors of this step that later steps may read. */
  readonly keep: readonly Tensor[];
  /** Operations that ran in earlier steps. */
  readonly done: ReadonlySet<Operation>;
}

export class PartialRuns {
  readonly #runs = new Map<string, PartialRun>();
  #count = 0;

  setup(tensors: readonly Tensor[], targets: readonly Operation[], feeds: readonly Tensor[]): string {
    const handle = `->${[...tensors, ...targets].map((fetch) => fetch.name).join(',')}/${this.#count++}`;
    this.#runs.set(handle, {
      fetches: new Set([...tensors, ...targets]),
      feeds: new Set(feeds),
      values: new Map(),
      done: new Set(),
    });
    return handle;
  }

  /** What the next step starts from; InvalidArgumentError when it was not announced. */
  continue(handle: string, { tensors, targets }: ResolvedFetches, feeds: ReadonlyMap<Tensor, NdArray>): PartialStep {
    const run = this.#runs.get(handle);
    if (!run) throw new InvalidArgumentError("Must run 'setup' before performing partial runs!");
    const fetches: readonly (Tensor | Operation)[] = [...tensors, ...targets];
    for (const feed of feeds.keys()) {
      if (!run.feeds.has(feed)) {
        const text = run.values.has(feed)
          ? `The feed ${feed.name} has already been fed.`
          : `The feed ${feed.name} was not specified in partial_run_setup.`;
        throw new InvalidArgumentError(text);
      }
    }
    for (const fetch of fetches) {
      if (!run.fetches.has(fetch))
        throw new InvalidArgumentError(`The fetch ${fetch.name} was not specified in partial_run_setup.`);
    }
    if (fetches.length + feeds.size === 0)
      throw new InvalidArgumentError('Must specify at least one target to fetch or execute.');
    for (const [feed, value] of feeds) {
      run.feeds.delete(feed);
      run.values.set(feed, value);
    }
    const known = [...run.values.keys()];
    const roots = [...tensors.filter((tensor) => !run.values.has(tensor)).map((tensor) => tensor.op), ...targets];
    const needed = neededOps(roots, new Set(known), run.done);
    const keep = [...needed].flatMap((op) => op.outputs);
    return { known, values: [...run.values.values()], keep, done: new Set(run.done) };
  }

  /** Notes what a step computed; a run whose fetches were all taken is over. */
  advance(
    handle: string,
    plan: Plan,
    values: readonly NdArray[],
    keep: readonly Tensor[],
    fetched: ResolvedFetches,
  ): void {
    const run = this.#runs.get(handle)!;
    keep.forEach((tensor, i) => run.values.set(tensor, values[i]));
    for (const step of allSteps(plan)) run.done.add(step.op);
    for (const fetch of [...fetched.tensors, ...fetched.targets]) run.fetches.delete(fetch);
    if (run.fetches.size === 0) this.#runs.delete(handle);
  }
}
