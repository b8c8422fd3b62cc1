/**
 * A plan: the operations of one run in order, with the slot that each value is kept in and the point where it can go.
 *
 * A plan knows no shapes and holds no values, so one plan serves all runs with the same fetches and feeds. It is compiled for the
 * shapes of what is fed (lowerPlan.ts), or its steps call their plain kernels one by one.
 */
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { type FlowPlan, hasFlow, planFlow } from '../flow/frames';
import { splitFlow } from '../flow/split';
import type { Kernel } from '../kernel';
import { findKernel } from '../kernels/index';
import { requireKernels } from './missingOps';
import { executionOrder, neededOps } from './order';
import { isReference, readsThrough } from './references';

export interface Step {
  readonly op: Operation;
  readonly kernel: Kernel;
  /** Slots of the inputs. */
  readonly inputs: readonly number[];
  /** Slot of the first output; the others follow. */
  readonly firstOutput: number;
  /** Slots that nothing reads after this step. */
  readonly free: readonly number[];
  /** The outputs that something reads. */
  readonly used: readonly number[];
  /** The inputs whose values are read through references to variables. */
  readonly reads: readonly number[];
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly slots: number;
  /** Slot of each fed tensor, in the order of the feeds. */
  readonly feeds: readonly number[];
  /** Slot of each fetched tensor, in the order of the fetches. */
  readonly fetches: readonly number[];
  /** The fetches whose values are read through references to variables. */
  readonly readFetches: readonly number[];
  /** Set for graphs with control flow of TensorFlow v1: when steps run and where values go. Such plans have no slots. */
  readonly flow?: FlowPlan;
  /** What such a plan does first, as a plan of its own: its fetches are further feeds. */
  readonly before?: Plan;
}

/** All steps of a plan, those of the plan before it too. */
export function allSteps({ steps, before }: Plan): readonly Step[] {
  return before ? [...before.steps, ...steps] : steps;
}

/** Plans a run that computes `fetches` and executes `targets`, given values for `feeds`; ops of `done` have run already. */
export function makePlan(
  fetches: readonly Tensor[],
  targets: readonly Operation[],
  feeds: readonly Tensor[],
  done?: ReadonlySet<Operation>,
): Plan {
  const fed = new Set(feeds);
  const roots = [...fetches.filter((tensor) => !fed.has(tensor)).map((tensor) => tensor.op), ...targets];
  const needed = neededOps(roots, fed, done);
  requireKernels(needed);
  if (hasFlow(needed)) return makeFlowPlan(needed, fetches, targets, feeds, done);
  const order = executionOrder(needed, fed);
  const slotOf = new Map<Tensor, number>();
  const take = (tensor: Tensor) => {
    if (!slotOf.has(tensor)) slotOf.set(tensor, slotOf.size);
    return slotOf.get(tensor)!;
  };
  const feedSlots = feeds.map(take);
  // Outputs of one op are neighbours; an output that is fed keeps the fed slot and its computed value is dropped.
  let slots = slotOf.size;
  const drafts = order.map((op) => {
    const inputs = op.inputs.map((tensor) => slotOf.get(tensor)!);
    const firstOutput = slots;
    op.outputs.forEach((tensor, i) => {
      if (!slotOf.has(tensor)) slotOf.set(tensor, firstOutput + i);
    });
    slots += op.outputs.length;
    return { op, kernel: findKernel(op), inputs, firstOutput, reads: readsThrough(op) };
  });
  const fetchSlots = fetches.map((tensor) => slotOf.get(tensor)!);
  const kept = new Set([...fetchSlots, ...feedSlots]);
  const lastUse = new Map<number, number>();
  drafts.forEach(({ op, inputs, firstOutput }, step) => {
    op.outputs.forEach((_, i) => lastUse.set(firstOutput + i, step));
    for (const slot of inputs) lastUse.set(slot, step);
  });
  const free: number[][] = drafts.map(() => []);
  for (const [slot, step] of lastUse) if (!kept.has(slot)) free[step].push(slot);
  const isRead = outputsRead(order, fetches, targets);
  const steps = drafts.map((draft, i) => ({
    ...draft,
    free: free[i],
    used: draft.op.outputs.flatMap((tensor, k) => (isRead(tensor) ? [k] : [])),
  }));
  return { steps, slots, feeds: feedSlots, fetches: fetchSlots, readFetches: referencesAmong(fetches) };
}

function referencesAmong(fetches: readonly Tensor[]): number[] {
  return fetches.flatMap((tensor, i) => (isReference(tensor) ? [i] : []));
}

/** A plan whose steps run when their inputs arrive. */
function makeFlowPlan(
  needed: ReadonlySet<Operation>,
  fetches: readonly Tensor[],
  targets: readonly Operation[],
  feeds: readonly Tensor[],
  done?: ReadonlySet<Operation>,
): Plan {
  const split = splitFlow(needed, fetches, targets, new Set(feeds));
  const before = split ? makePlan(split.handedOver, split.targets, feeds, done) : undefined;
  const order = [...(split?.rest ?? needed)].sort((a, b) => a.id - b.id);
  const isRead = outputsRead(order, fetches, targets);
  const steps = order.map((op) => ({
    op,
    kernel: findKernel(op),
    inputs: [],
    firstOutput: 0,
    free: [],
    used: op.outputs.flatMap((tensor, k) => (isRead(tensor) ? [k] : [])),
    reads: readsThrough(op),
  }));
  const flow = planFlow(order, fetches, [...feeds, ...(split?.handedOver ?? [])]);
  return { steps, slots: 0, feeds: [], fetches: [], readFetches: referencesAmong(fetches), flow, before };
}

/** Which outputs are read in a run; all those of an op that somebody waits for as a whole. */
function outputsRead(
  order: readonly Operation[],
  fetches: readonly Tensor[],
  targets: readonly Operation[],
): (tensor: Tensor) => boolean {
  const read = new Set(fetches);
  const whole = new Set(targets);
  for (const op of order) {
    for (const input of op.inputs) read.add(input);
    for (const control of op.controlInputs) whole.add(control);
  }
  return (tensor) => read.has(tensor) || whole.has(tensor.op);
}
