/**
 * Runs plans. Holds what one session keeps between runs: resources, random streams, plans of function bodies.
 */
import { DeadlineExceededError, InternalError } from '../graph/errors';
import type { FuncGraph } from '../graph/funcGraph';
import type { NdArray } from '../graph/ndarray';
import type { Operation } from '../graph/operation';
import type { FileSystem } from './files/fileSystem';
import { runFlow } from './flow/run';
import type { KernelContext, KernelResult } from './kernel';
import { NodeStates } from './nodeStates';
import { attributeError } from './opErrors';
import { findFunction, versionOf } from './plan/loop';
import { makePlan, type Plan, type Step } from './plan/plan';
import { read } from './plan/references';
import { ResourceStore } from './resources';

export interface ExecutorHooks {
  /** Where Print ops and warnings write a line. */
  log(line: string): void;
  /** A seed for a random op that has none. */
  drawSeed(): number;
  /** Where ops read and write files; asked when one does. */
  fileSystem(): FileSystem;
}

/** What one run may be told beside its plan and feeds. */
export interface RunControl {
  /** `performance.now()` after which the run is given up. */
  readonly deadline?: number;
  /** Called after each op with its start and end in milliseconds of `performance.now()`. */
  readonly onStep?: (op: Operation, start: number, end: number) => void;
}

export class Executor {
  readonly resources = new ResourceStore();
  readonly nodeStates = new NodeStates();
  readonly #functionPlans = new WeakMap<FuncGraph, Map<string, Plan>>();
  readonly #contexts = new WeakMap<Plan, Map<string, readonly KernelContext[]>>();
  #control: RunControl = {};

  constructor(readonly hooks: ExecutorHooks) {}

  /** The values of the plan's fetches, for the values of its feeds. */
  run(plan: Plan, feeds: readonly NdArray[], control: RunControl = {}): NdArray[] {
    const values = new Array<NdArray | undefined>(plan.slots);
    this.#control = control;
    return this.#execute(plan, feeds, values, '');
  }

  /** Runs a plan over slots that may hold values already. */
  #execute(plan: Plan, feeds: readonly NdArray[], values: (NdArray | undefined)[], path: string): NdArray[] {
    const contexts = this.#contextsOf(plan, path);
    const results = plan.flow
      ? runFlow(plan.flow, feeds, ({ step }, inputs) =>
          this.#call(plan.steps[step], contexts[step], inputs as (NdArray | undefined)[]),
        )
      : this.#runSteps(plan, contexts, feeds, values);
    for (const i of plan.readFetches) results[i] = read(results[i], this.resources);
    return results;
  }

  #runSteps(
    plan: Plan,
    contexts: readonly KernelContext[],
    feeds: readonly NdArray[],
    values: (NdArray | undefined)[],
  ): NdArray[] {
    for (let i = 0; i < feeds.length; i++) values[plan.feeds[i]] = feeds[i];
    for (let i = 0; i < plan.steps.length; i++) {
      const step = plan.steps[i];
      const result = this.#call(
        step,
        contexts[i],
        step.inputs.map((slot) => values[slot]),
      );
      if (Array.isArray(result))
        for (let k = 0; k < result.length; k++) values[step.firstOutput + k] = result[k] as NdArray;
      else values[step.firstOutput] = result as NdArray;
      for (const slot of step.free) values[slot] = undefined;
    }
    return plan.fetches.map((slot) => values[slot]!);
  }

  /** Calls the kernel of a step. Of Merge's inputs only those that arrived are there. */
  #call(step: Step, context: KernelContext, inputs: (NdArray | undefined)[]): KernelResult {
    const { op, reads } = step;
    const { deadline, onStep } = this.#control;
    const start = deadline !== undefined || onStep ? performance.now() : 0;
    if (deadline !== undefined && start > deadline)
      throw new DeadlineExceededError('Timed out waiting for notification', op, op.nodeDef);
    try {
      for (const i of reads) if (inputs[i]) inputs[i] = read(inputs[i], this.resources);
      const result = step.kernel(inputs as NdArray[], context);
      if (Array.isArray(result) && result.length !== op.outputs.length)
        throw new InternalError(`the kernel returned ${result.length} values for ${op.outputs.length} outputs`);
      onStep?.(op, start, performance.now());
      return result;
    } catch (error) {
      throw attributeError(error, op);
    }
  }

  #contextsOf(plan: Plan, path: string): readonly KernelContext[] {
    let byPath = this.#contexts.get(plan);
    if (!byPath) this.#contexts.set(plan, (byPath = new Map()));
    let contexts = byPath.get(path);
    if (!contexts) byPath.set(path, (contexts = plan.steps.map((step) => this.#context(step, path))));
    return contexts;
  }

  #context({ op, used }: Step, path: string): KernelContext {
    const key = `${path}${op.name}`;
    const { hooks } = this;
    return {
      op,
      outputTypes: op.outputs.map((tensor) => tensor.dtype),
      resources: this.resources,
      attr: <V>(name: string) => op.attrs[name] as V,
      state: (create) => this.nodeStates.get(key, create),
      usedOutputs: used,
      prepare: (func, outputs) => this.#prepare(findFunction(op, func), `${key}/`, outputs),
      log: this.hooks.log,
      drawSeed: this.hooks.drawSeed,
      get fileSystem() {
        return hooks.fileSystem();
      },
    };
  }

  /** A function as something to call, with its state kept under that path. */
  #prepare(func: FuncGraph, path: string, outputs?: readonly number[]): (args: readonly NdArray[]) => NdArray[] {
    const plan = this.#planOf(func, outputs);
    // A rewritten function goes on with the random streams that it has.
    const inner = `${path}${func.name.replace(/(_rewritten)+$/, '')}/`;
    return (args) => this.#execute(plan, args, new Array<NdArray | undefined>(plan.slots), inner);
  }

  #planOf(func: FuncGraph, outputs?: readonly number[]): Plan {
    const key = `${versionOf(func)} ${outputs?.join() ?? 'all'}`;
    const plans = this.#functionPlans.get(func) ?? new Map<string, Plan>();
    this.#functionPlans.set(func, plans);
    let plan = plans.get(key);
    if (!plan)
      plans.set(
        key,
        (plan = makePlan(
          outputs?.map((index) => func.outputs[index]) ?? func.outputs,
          func.controlOutputs,
          func.inputs,
        )),
      );
    return plan;
  }
}
