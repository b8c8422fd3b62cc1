/**
 * Runs plans. Holds what one session keeps between runs: resources, random streams, plans of function bodies.
 */
import type { FunctionReference } from '../graph/attributes';
import { InternalError, NotFoundError, OpError, opErrorByCode } from '../graph/errors';
import type { FuncGraph } from '../graph/funcGraph';
import type { NdArray } from '../graph/ndarray';
import type { Operation } from '../graph/operation';
import type { KernelContext } from './kernel';
import { makePlan, type Plan, type Step } from './plan/plan';
import { ResourceStore } from './resources';

export interface ExecutorHooks {
  log(line: string): void;
  drawSeed(): number;
}

export class Executor {
  readonly resources = new ResourceStore();
  /** Per-node state, under the path of calls that leads to the node. */
  readonly nodeState = new Map<string, unknown>();
  readonly #functionPlans = new WeakMap<FuncGraph, Plan>();

  constructor(readonly hooks: ExecutorHooks) {}

  /** The values of the plan's fetches. */
  run(plan: Plan, feeds: readonly NdArray[], path = ''): NdArray[] {
    const values = new Array<NdArray | undefined>(plan.slots);
    plan.feeds.forEach((slot, i) => {
      values[slot] = feeds[i];
    });
    for (const step of plan.steps) this.#runStep(step, values, path);
    return plan.fetches.map((slot) => values[slot]!);
  }

  #runStep(step: Step, values: (NdArray | undefined)[], path: string): void {
    const { op, inputs, firstOutput } = step;
    const args = inputs.map((slot) => values[slot]!);
    try {
      const result = step.kernel(args, this.#context(op, path));
      const outputs = Array.isArray(result) ? (result as readonly NdArray[]) : [result as NdArray];
      if (outputs.length !== op.outputs.length) throw new InternalError(`the kernel returned ${outputs.length} values for ${op.outputs.length} outputs`);
      outputs.forEach((value, i) => {
        values[firstOutput + i] = value;
      });
    } catch (error) {
      throw attribute(error, op);
    }
    for (const slot of step.free) values[slot] = undefined;
  }

  #context(op: Operation, path: string): KernelContext {
    const key = `${path}${op.name}`;
    return {
      op,
      outputTypes: op.outputs.map((tensor) => tensor.dtype),
      resources: this.resources,
      attr: <V>(name: string) => op.attrs[name] as V,
      state: <S>(create: () => S) => {
        if (!this.nodeState.has(key)) this.nodeState.set(key, create());
        return this.nodeState.get(key) as S;
      },
      call: (func, args) => this.#call(func, args, op, `${key}/`),
      log: this.hooks.log,
      drawSeed: this.hooks.drawSeed,
    };
  }

  #call(reference: FunctionReference, args: readonly NdArray[], caller: Operation, path: string): NdArray[] {
    const func = caller.graph.outermost.functions.get(reference.name);
    if (!func) throw new NotFoundError(`Function ${reference.name} is not defined.`);
    let plan = this.#functionPlans.get(func);
    if (!plan) {
      plan = makePlan(func.outputs, func.controlOutputs, func.inputs);
      this.#functionPlans.set(func, plan);
    }
    return this.run(plan, args, path);
  }
}

/** An error of a kernel as an error of the op that ran. */
export function attribute(error: unknown, op: Operation): unknown {
  if (error instanceof OpError && error.op !== null) return error;
  const site = op.creationSite;
  const where = `\n\t [[${op.nodeDef.slice(0, op.nodeDef.indexOf('}}') + 2)}]]\n\nNode: '${op.name}' (op type: ${op.type})${site ? `, made at ${site}` : ''}`;
  if (error instanceof OpError) {
    const OpErrorClass = opErrorByCode[error.errorCode as keyof typeof opErrorByCode];
    return new OpErrorClass(`${error.message}${where}`, op, op.nodeDef);
  }
  const message = error instanceof Error ? error.message : String(error);
  const wrapped = new InternalError(`${message}${where}`, op, op.nodeDef);
  wrapped.cause = error;
  return wrapped;
}
