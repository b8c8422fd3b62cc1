/**
 * Runs plans. Holds what one session keeps between runs: resources, random streams, plans of function bodies.
 */
import type { FunctionReference } from '../graph/attributes';
import type { DType, DTypeName } from '../graph/dtypes';
import { DeadlineExceededError, InternalError } from '../graph/errors';
import type { FuncGraph } from '../graph/funcGraph';
import type { NdArray } from '../graph/ndarray';
import type { WasmEngine } from './backends/wasm/engine';
import type { Explanation } from './explain/facts';
import type { FileSystem } from './files/fileSystem';
import { runFlow } from './flow/run';
import type { KernelContext, KernelResult } from './kernel';
import { NodeStates } from './nodeStates';
import { attributeError } from './opErrors';
import { CompiledRunner, StagePlans } from './plan/compiled';
import type { KernelEvent } from './plan/describe';
import type { Executable } from './plan/executable';
import type { OwnedBytes } from './plan/ledger';
import { findFunction, versionOf } from './plan/loop';
import type { Stage } from './plan/lowered';
import { makePlan, type Plan, type Step } from './plan/plan';
import { read } from './plan/references';
import { ResourceStore } from './resources';
import { SessionBuffer } from './sessionBuffer';

export interface ExecutorOptions {
  /** What compiled kernels run on; null: all ops run their plain kernels. */
  readonly engine: WasmEngine | null;
  readonly fusion: boolean;
}

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
  /** Called after each kernel with its start and end in milliseconds of `performance.now()`. */
  readonly onKernel?: (event: KernelEvent, start: number, end: number) => void;
}

export class Executor {
  readonly resources = new ResourceStore();
  readonly nodeStates = new NodeStates();
  readonly #functionPlans = new WeakMap<FuncGraph, Map<string, Plan>>();
  readonly #contexts = new WeakMap<Plan, Map<string, readonly KernelContext[]>>();
  #control: RunControl = {};

  readonly #compiled: CompiledRunner | null;
  readonly #stages = new WeakMap<Plan, Map<string, StagePlans>>();

  constructor(
    readonly hooks: ExecutorHooks,
    options: ExecutorOptions,
  ) {
    const services = {
      blas: () => Boolean(options.engine?.blas),
      resources: this.resources,
      expand: (context: KernelContext, func: FunctionReference, outputs: readonly number[]) =>
        this.#expand(context, func, outputs),
    };
    this.#compiled =
      options.engine &&
      new CompiledRunner(this, options.engine, services, this.resources, callPlainKernel, { fusion: options.fusion });
  }

  /** The values of the plan's fetches, for the values of its feeds. They are good until the next run. */
  run(plan: Plan, feeds: readonly NdArray[], control: RunControl = {}): NdArray[] {
    const values = new Array<NdArray | undefined>(plan.slots);
    this.#control = control;
    return this.#execute(plan, feeds, values, '');
  }

  /** Runs a plan over slots that may hold values already. */
  #execute(plan: Plan, feeds: readonly NdArray[], values: (NdArray | undefined)[], path: string): NdArray[] {
    if (this.#compiled && this.#isCompilable(plan))
      return this.#compiled.run(this.#stageOf(plan, path), feeds, this.#control);
    const contexts = this.#contextsOf(plan, path);
    const results = plan.flow
      ? runFlow(plan.flow, this.#handedOver(plan.before, feeds, path), ({ step }, inputs) =>
          this.#call(plan.steps[step], contexts[step], inputs as (NdArray | undefined)[]),
        )
      : this.#runSteps(plan, contexts, feeds, values);
    for (const i of plan.readFetches) results[i] = read(results[i], this.resources);
    return results;
  }

  /** The feeds of a flow plan: those of the run, and what the plan before it computes. */
  #handedOver(before: Plan | undefined, feeds: readonly NdArray[], path: string): readonly NdArray[] {
    if (!before) return feeds;
    const values = this.#execute(before, feeds, new Array<NdArray | undefined>(before.slots), path);
    return [...feeds, ...this.#kept(values)];
  }

  /** Values that stay when another plan runs: compiled plans give views, which the next one would write over. */
  #kept(values: NdArray[]): NdArray[] {
    return this.#compiled ? values.map((value) => (value && isPlainArray(value) ? value.copy() : value)) : values;
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
    const { deadline, onKernel } = this.#control;
    const start = deadline !== undefined || onKernel ? performance.now() : 0;
    if (deadline !== undefined && start > deadline)
      throw new DeadlineExceededError('Timed out waiting for notification', op, op.nodeDef);
    try {
      for (const i of reads) if (inputs[i]) inputs[i] = read(inputs[i], this.resources);
      const result = step.kernel(inputs as NdArray[], context);
      if (Array.isArray(result) && result.length !== op.outputs.length)
        throw new InternalError(`the kernel returned ${result.length} values for ${op.outputs.length} outputs`);
      onKernel?.({ ops: [op], kind: 'host', name: 'host', flops: 0, bytes: 0 }, start, performance.now());
      return result;
    } catch (error) {
      throw attributeError(error, op);
    }
  }

  #isCompilable(plan: Plan): boolean {
    let known = this.#compilable.get(plan);
    if (known === undefined) this.#compilable.set(plan, (known = isCompilable(plan)));
    return known;
  }

  readonly #compilable = new WeakMap<Plan, boolean>();

  #stageOf(plan: Plan, path: string): StagePlans {
    let byPath = this.#stages.get(plan);
    if (!byPath) this.#stages.set(plan, (byPath = new Map()));
    let stage = byPath.get(path);
    if (!stage) {
      stage = new StagePlans({ plan, contexts: this.#contextsOf(plan, path), presets: new Map() });
      byPath.set(path, stage);
    }
    return stage;
  }

  /** A function's steps with the contexts that they have when a call runs them. */
  #expand(context: KernelContext, reference: FunctionReference, outputs: readonly number[]): Stage {
    const func = findFunction(context.op, reference);
    const plan = this.#planOf(func, outputs);
    return { plan, contexts: this.#contextsOf(plan, innerPath(`${context.path}/`, func)), presets: new Map() };
  }

  /** Gives back what was compiled of a plan that left the cache. */
  forget(plan: Plan): void {
    for (const stage of this.#stages.get(plan)?.values() ?? []) this.#compiled?.forget(stage);
    this.#stages.delete(plan);
    if (plan.before) this.forget(plan.before);
  }

  /** An array that compiled plans read where it lies, if there are any. */
  buffer<N extends DTypeName>(dtype: DType<N>, shape: readonly number[]): SessionBuffer<N> {
    return new SessionBuffer(this.#compiled?.ledger ?? null, dtype, shape);
  }

  /** What compiled plans hold, and the bytes of the memory that they share with other sessions. */
  owned(): { readonly owners: OwnedBytes[]; readonly heldBytes: number } {
    const ledger = this.#compiled?.ledger;
    return { owners: ledger?.owned() ?? [], heldBytes: ledger?.engine.memory.capacityBytes ?? 0 };
  }

  /** Gives back what compiled plans hold. The executor can go on; it compiles again. */
  release(): void {
    this.resources.clear();
    this.#compiled?.release();
  }

  /** Whether a plan runs on compiled kernels. */
  isCompiled(plan: Plan): boolean {
    return this.#compiled !== null && this.#isCompilable(plan);
  }

  /** The executable of a plan for such feeds, or null when plans are not compiled. */
  executableFor(plan: Plan, feeds: readonly NdArray[]): Executable | null {
    if (!this.#compiled || !this.#isCompilable(plan)) return null;
    return this.#compiled.executableFor(this.#stageOf(plan, ''), feeds);
  }

  /** The kernels of a plan for such feeds, or null when all its ops run their plain kernels. */
  explain(plan: Plan, feeds: readonly NdArray[]): Explanation | null {
    const compiled = this.#isCompilable(plan) ? plan : plan.before;
    if (!this.#compiled || !compiled || !this.#isCompilable(compiled)) return null;
    const explanation = this.#compiled.explain(this.#stageOf(compiled, ''), feeds);
    return compiled === plan ? explanation : { ...explanation, plain: plan.steps.map(({ op }) => op.name) };
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
      path: key,
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
    const inner = innerPath(path, func);
    return (args) => this.#kept(this.#execute(plan, args, new Array<NdArray | undefined>(plan.slots), inner));
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

/** Where the nodes of a function keep their state. A rewritten function goes on with the random streams that it has. */
function innerPath(path: string, func: FuncGraph): string {
  return `${path}${func.name.replace(/(_rewritten)+$/, '')}/`;
}

/** Their tensors stay in files until each is used by itself; compiled plans would take them all into memory first. */
const READS_FILES: ReadonlySet<string> = new Set(['RestoreV2', 'RestoreSlice', 'Restore']);

/**
 * Plans with control flow of TensorFlow v1, or with references to variables, run their plain kernels; so do those that restore
 * checkpoints.
 */
function isCompilable(plan: Plan): boolean {
  if (plan.flow || plan.readFetches.length > 0) return false;
  return plan.steps.every(({ op, reads }) => reads.length === 0 && !READS_FILES.has(op.type));
}

function isPlainArray(value: NdArray): boolean {
  return value.dtype.size > 0;
}

function callPlainKernel(executable: Executable, at: number, inputs: NdArray[]): KernelResult {
  const { step, context } = executable.steps[at].host!.step;
  try {
    const result = step.kernel(inputs, context);
    if (Array.isArray(result) && result.length !== step.op.outputs.length)
      throw new InternalError(`the kernel returned ${result.length} values for ${step.op.outputs.length} outputs`);
    return result;
  } catch (error) {
    throw attributeError(error, step.op);
  }
}
