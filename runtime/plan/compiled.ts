/**
 * Runs plans through compiled kernels: finds or makes the executable for the feeds' dtypes and shapes, runs its steps, and
 * goes on with the next stage where shapes became known.
 */
import { DeadlineExceededError } from '../../graph/errors';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { WasmEngine } from '../backends/wasm/engine';
import { sameDims } from '../broadcast';
import { type Explanation, explainLowering } from '../explain/facts';
import { buffersOf } from '../ir/kernel';
import type { VariableRef } from '../ir/value';
import type { KernelResult } from '../kernel';
import { attributeError } from '../opErrors';
import type { ResourceStore } from '../resources';
import { SessionBuffer } from '../sessionBuffer';
import { ResourceHandle } from '../values';
import { callsFunctions } from './calledFunction';
import type { KernelEvent } from './describe';
import { Executable } from './executable';
import { fuse } from './fusion/fuse';
import type { FusionNotes } from './fusion/kernelList';
import { type Ledger, ledgerFor } from './ledger';
import type { FeedSpec, LowerNote, LowerServices, Stage } from './lowered';
import { lowerPlan } from './lowerPlan';
import { layOut } from './memory';
import { named } from './naming';

/** Executables of one plan for different shapes; the one used longest ago goes first. */
const MOST_SPECIALIZATIONS = 16;

/** What one run may be told beside its plan and feeds. */
export interface CompiledControl {
  readonly deadline?: number;
  readonly onKernel?: (event: KernelEvent, start: number, end: number) => void;
}

/** Calls the plain kernel of a step. */
export type HostRunner = (executable: Executable, at: number, inputs: NdArray[]) => KernelResult;

interface Specialized {
  readonly executable: Executable;
  readonly rest: StagePlans | null;
  /** Whether all variables that it writes have been marked as having a value. */
  isMarked: boolean;
}

/** A stage and what was compiled of it. */
export class StagePlans {
  readonly specialized = new Map<string, Specialized>();
  /** What was run last, and for which feeds. */
  latest: { readonly feeds: readonly (FeedSpec | null)[]; readonly specialized: Specialized } | null = null;

  constructor(readonly stage: Stage) {}

  close(): void {
    for (const { executable, rest } of this.specialized.values()) {
      executable.close();
      rest?.close();
    }
    this.specialized.clear();
    this.latest = null;
  }
}

export interface CompilerOptions {
  readonly fusion: boolean;
}

export class CompiledRunner {
  readonly ledger: Ledger;
  readonly #plans = new Set<StagePlans>();

  constructor(
    owner: object,
    engine: WasmEngine,
    readonly services: LowerServices,
    readonly resources: ResourceStore,
    readonly callHost: HostRunner,
    readonly options: CompilerOptions,
  ) {
    this.ledger = ledgerFor(owner, engine);
    resources.useMemory(this.ledger);
  }

  /** The values of the plan's fetches: views that are good until the next run. */
  run(plans: StagePlans, feeds: readonly NdArray[], control: CompiledControl): NdArray[] {
    const found = this.#find(plans, feeds);
    const { executable, rest } = found;
    const { lowered } = executable;
    for (const { handle, firstRead } of lowered.variables) {
      if (firstRead && !this.resources.has(handle)) this.#failUninitialized(handle, firstRead);
    }
    executable.begin(feeds);
    const slots = new Array<NdArray | undefined>(lowered.slots);
    for (let i = 0; i < feeds.length; i++) slots[i] = feeds[i];
    this.#runSteps(executable, slots, control, found.isMarked);
    found.isMarked = true;
    if (!rest) return executable.results(slots);
    const next = () => lowered.rest!.feeds.map((source) => executable.read(source, slots));
    // Compiling may let the memory grow, which takes views of it away: they are made again after it.
    this.#find(rest, next());
    const later = this.run(rest, next(), control);
    return lowered.fetches.map((source) =>
      source.kind === 'rest' ? later[source.index] : executable.read(source, slots),
    );
  }

  /** Gives back what was compiled of a plan that nobody keeps any more. */
  forget(plans: StagePlans): void {
    plans.close();
    this.#plans.delete(plans);
  }

  /** Gives back all memory. What was compiled before must not be run again. */
  release(): void {
    for (const plans of this.#plans) plans.close();
    this.#plans.clear();
    this.ledger.release();
  }

  /** The executable for such feeds. */
  executableFor(plans: StagePlans, feeds: readonly NdArray[]): Executable {
    return this.#find(plans, feeds).executable;
  }

  /** What `executableFor` would compile, without compiling it. */
  explain({ stage }: StagePlans, feeds: readonly NdArray[]): Explanation {
    const notes: LowerNote[] = [];
    const lowered = lowerPlan(stage, specsOf(feeds, this.ledger), this.services, notes);
    const fusionNotes: FusionNotes = new Map();
    const program = fuse(lowered.program, this.options, fusionNotes);
    const ops = stage.plan.steps.map(({ op }) => op);
    return explainLowering({ ops, notes, lowered, program, layout: layOut(program), fusionNotes });
  }

  #runSteps(
    executable: Executable,
    slots: (NdArray | undefined)[],
    { deadline, onKernel }: CompiledControl,
    isMarked: boolean,
  ): void {
    const { steps } = executable;
    const isWatched = deadline !== undefined || onKernel !== undefined || !isMarked;
    let at = 0;
    try {
      for (; at < steps.length; at++) {
        const step = steps[at];
        const start = isWatched ? performance.now() : 0;
        if (deadline !== undefined && start > deadline) throw timedOut(step.kernel.ops[0]);
        if (step.host) this.#runHost(executable, at, slots);
        else step.run();
        if (!isWatched) continue;
        if (!isMarked) this.#markWritten(executable, at);
        onKernel?.(executable.describe(at), start, performance.now());
      }
    } catch (error) {
      throw named(error, steps[at].kernel);
    }
    if (deadline !== undefined && performance.now() > deadline) throw timedOut(steps.at(-1)?.kernel.ops[0]);
  }

  #runHost(executable: Executable, at: number, slots: (NdArray | undefined)[]): void {
    const { step, inputs, outputs } = executable.steps[at].host!;
    const { memory } = executable.engine;
    if (step.isGuard && memory.heapU8[inputs[0].address >>> 0] === 0) return;
    const keeps = keepsInputs(step.step.op);
    const arrays = step.inputs.map((source) => {
      const array = executable.read(source, slots, inputs);
      // Feeds are borrowed from the caller, who may fill them again.
      const isLent =
        source.kind === 'memory' || (source.kind === 'slot' && source.slot < executable.lowered.feeds.length);
      return keeps && isLent && ArrayBuffer.isView(array.data) ? array.copy() : array;
    });
    const result = this.callHost(executable, at, arrays);
    step.outputs.forEach((slot, i) => {
      let array = (Array.isArray(result) ? result[i] : result) as NdArray | undefined;
      if (!array) return;
      // What a kernel passes on may lie in the arena, where it will be written over.
      if (ArrayBuffer.isView(array.data) && array.data.buffer === memory.memory.buffer) array = array.copy();
      slots[slot] = array;
      const place = outputs[i];
      if (place) executable.write(place, array);
    });
  }

  #markWritten(executable: Executable, at: number): void {
    const { kernel } = executable.steps[at];
    for (const { place } of buffersOf(kernel).writes) {
      if (place.kind !== 'variable') continue;
      const use = executable.lowered.variables.find(({ ref }) => ref === place.variable);
      if (use?.isWritten) this.resources.markInitialized(use.handle);
    }
  }

  #failUninitialized(handle: Parameters<ResourceStore['read']>[0], op: Operation): never {
    try {
      if (op.type === 'AssignAddVariableOp' || op.type === 'AssignSubVariableOp') this.resources.readForUpdate(handle);
      else this.resources.read(handle);
    } catch (error) {
      throw attributeError(error, op);
    }
    throw new Error('unreachable: the variable has a value');
  }

  #find(plans: StagePlans, feeds: readonly NdArray[]): Specialized {
    const { latest } = plans;
    if (latest && isLike(latest.feeds, feeds, this.ledger) && this.#isCurrent(latest.specialized))
      return latest.specialized;
    const specialized = this.#findByKey(plans, feeds);
    plans.latest = { feeds: specsOf(feeds, this.ledger), specialized };
    return specialized;
  }

  #isCurrent({ executable }: Specialized): boolean {
    for (const { handle, ref } of executable.lowered.variables) if (!this.resources.isAt(handle, ref)) return false;
    return true;
  }

  #findByKey(plans: StagePlans, feeds: readonly NdArray[]): Specialized {
    const key = specKey(feeds, this.ledger);
    const { specialized } = plans;
    let found = specialized.get(key);
    if (found && !this.#isCurrent(found)) {
      // A variable has another shape by now.
      found.executable.close();
      found.rest?.close();
      specialized.delete(key);
      plans.latest = null;
      found = undefined;
    }
    if (!found) {
      const executable = this.#compile(plans.stage, feeds);
      const { rest } = executable.lowered;
      found = { executable, rest: rest && new StagePlans(rest.stage), isMarked: false };
      if (specialized.size >= MOST_SPECIALIZATIONS) {
        const [oldest, { executable: old, rest: oldRest }] = specialized.entries().next().value!;
        old.close();
        oldRest?.close();
        specialized.delete(oldest);
        plans.latest = null;
      }
    } else if (specialized.size > 1) specialized.delete(key);
    specialized.set(key, found);
    this.#plans.add(plans);
    return found;
  }

  #compile(stage: Stage, feeds: readonly NdArray[]): Executable {
    const lowered = lowerPlan(stage, specsOf(feeds, this.ledger), this.services);
    return new Executable(this.ledger, lowered, fuse(lowered.program, this.options));
  }
}

/**
 * Whether an op may hold on to its inputs, as lists do, or let the memory grow while it runs, as functions do: then it cannot be
 * given views.
 */
function keepsInputs(op: Operation): boolean {
  // It may save all variables, whose copies would fill the memory once more.
  if (op.type === 'SaveV2') return false;
  return op.def.isStateful || callsFunctions(op) || op.outputs.some(({ dtype }) => dtype.size === 0);
}

function timedOut(op: Operation | undefined): DeadlineExceededError {
  return new DeadlineExceededError('Timed out waiting for notification', op ?? null, op?.nodeDef ?? null);
}

/** Bools that are fed decide which branches run, so plans are made for their values. */
function isKnown(array: NdArray): boolean {
  return array.dtype.isBool && array.rank === 0;
}

/** What a loop or branch does not need arrives as undefined. */
function specOf(array: NdArray | undefined, ledger: Ledger): FeedSpec | null {
  if (array === undefined) return null;
  const known = isKnown(array) || isHandle(array) ? array : null;
  return { dtype: array.dtype, shape: array.shape, known, place: placeOf(array, ledger) };
}

/** Where an array lies in the memory of that ledger, if that is so. */
function placeOf(array: NdArray, ledger: Ledger): VariableRef | null {
  return array instanceof SessionBuffer && !isKnown(array) ? array.placeIn(ledger) : null;
}

/** Whether feeds have the dtypes, shapes and known values of those that a plan was made for. */
function isLike(specs: readonly (FeedSpec | null)[], feeds: readonly (NdArray | undefined)[], ledger: Ledger): boolean {
  for (let i = 0; i < feeds.length; i++) {
    const [spec, array] = [specs[i], feeds[i]];
    if (spec === null || array === undefined) {
      if (spec !== null || array !== undefined) return false;
      continue;
    }
    if (spec.dtype !== array.dtype || !sameDims(spec.shape, array.shape)) return false;
    if (isHandle(array) || spec.place !== placeOf(array, ledger)) return false;
    if (spec.known !== null && spec.known.data[0] !== array.data[0]) return false;
  }
  return true;
}

function isHandle(array: NdArray): array is ResourceHandle {
  return array instanceof ResourceHandle;
}

function specKey(feeds: readonly (NdArray | undefined)[], ledger: Ledger): string {
  let key = '';
  for (const array of feeds) {
    if (array === undefined) {
      key += '-';
      continue;
    }
    key += array.dtype.name;
    key += isKnown(array)
      ? `=${array.data[0]}`
      : isHandle(array)
        ? `@${array.container}/${array.key}`
        : `[${array.shape.join()}]${placeOf(array, ledger)?.key ?? ''}`;
  }
  return key;
}

/** Lists with holes included: what a loop does not need may be missing altogether. */
function specsOf(feeds: readonly (NdArray | undefined)[], ledger: Ledger): (FeedSpec | null)[] {
  return Array.from(feeds, (array) => specOf(array, ledger));
}
