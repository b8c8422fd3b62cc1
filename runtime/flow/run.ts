/**
 * Runs a flow plan: nodes run when what they wait for has arrived, dead tensors travel along the ways that are not taken,
 * and loops run one iteration after the other.
 *
 * The rules are those of TensorFlow's executor: a node with a dead input is dead, but for Merge, which is dead when all of
 * its inputs are; dead NextIterations stop; a dead Exit counts when its loop ends. `parallel_iterations` does not matter to
 * results and is not followed. One queue, no recursion: loops may run for millions of iterations.
 */
import { InternalError, InvalidArgumentError } from '../../graph/errors';
import type { NdArray } from '../../graph/ndarray';
import type { KernelResult } from '../kernel';
import type { Edge, FlowNode, FlowPlan, Frame } from './frames';

type Value = NdArray | undefined;

/** One run of a frame's loop; for the graph itself, the run. */
class FrameRun {
  /** What each node still waits for. */
  readonly pending: Int32Array;
  /** How many dead inputs each node has got. */
  readonly dead: Int32Array;
  values: Value[];
  iteration = 0;
  /** Nodes of this iteration that are ready and have not run. */
  ready = 0;
  /** Enter nodes that have not run yet. */
  entries: number;
  readonly children = new Map<Frame, FrameRun>();
  /** Values for the next iteration. */
  next: { readonly node: FlowNode; readonly value: Value }[] = [];
  /** Values for every iteration. */
  readonly constants: { readonly node: FlowNode; readonly value: Value }[] = [];
  /** Exits of this iteration that were not taken. */
  deadExits: FlowNode[] = [];

  constructor(
    readonly frame: Frame,
    readonly parent: FrameRun | null,
  ) {
    this.pending = Int32Array.from(frame.pending);
    this.dead = new Int32Array(frame.nodes.length);
    this.values = new Array<Value>(frame.slots).fill(undefined);
    this.entries = frame.entries;
  }

  startIteration(): void {
    this.iteration++;
    this.pending.set(this.frame.pending);
    this.dead.fill(0);
    this.values.fill(undefined);
    this.deadExits = [];
    this.next = [];
  }

  get isBusy(): boolean {
    return this.ready > 0 || this.children.size > 0 || this.entries > 0;
  }
}

/** Calls the kernel of a node. */
type Call = (node: FlowNode, inputs: readonly Value[]) => KernelResult;

/** How many entries of the queue may be used up before they are dropped. */
const QUEUE_SLACK = 4096;

export function runFlow(plan: FlowPlan, feeds: readonly NdArray[], call: Call): NdArray[] {
  const run = new FlowRun(plan, call);
  return run.run(feeds);
}

class FlowRun {
  readonly #results: Value[];
  readonly #nodes: FlowNode[] = [];
  readonly #runs: FrameRun[] = [];
  readonly #isDead: boolean[] = [];

  constructor(
    readonly plan: FlowPlan,
    readonly call: Call,
  ) {
    this.#results = new Array<Value>(plan.fetches).fill(undefined);
  }

  run(feeds: readonly NdArray[]): NdArray[] {
    const root = new FrameRun(this.plan.root, null);
    this.plan.feeds.forEach(({ readers, fetches }, i) => {
      for (const fetch of fetches) this.#results[fetch] = feeds[i];
      for (const edge of readers) this.#arrive(root, edge, feeds[i], false);
    });
    // Those whose inputs are all fed are ready by now.
    for (const node of this.plan.sources) this.#enqueue(root, node, false);
    this.#sortReady();
    let head = 0;
    while (head < this.#nodes.length) {
      const [node, run, isDead] = [this.#nodes[head], this.#runs[head], this.#isDead[head]];
      head++;
      if (head === QUEUE_SLACK) {
        for (const list of [this.#nodes, this.#runs, this.#isDead]) list.splice(0, head);
        head = 0;
      }
      this.#propagate(node, run, isDead ? [] : this.#execute(node, run), isDead);
    }
    this.#results.forEach((value, i) => {
      if (value === undefined) throw new InvalidArgumentError(`Retval[${i}] does not have value`);
    });
    return this.#results as NdArray[];
  }

  /** What can start at once starts in order of creation. */
  #sortReady(): void {
    const order = this.#nodes.map((node, i) => ({ node, run: this.#runs[i], isDead: this.#isDead[i] }));
    order.sort((a, b) => a.node.step - b.node.step);
    order.forEach(({ node, run, isDead }, i) => {
      this.#nodes[i] = node;
      this.#runs[i] = run;
      this.#isDead[i] = isDead;
    });
  }

  #enqueue(run: FrameRun, node: FlowNode, isDead: boolean): void {
    run.ready++;
    this.#nodes.push(node);
    this.#runs.push(run);
    this.#isDead.push(isDead);
  }

  #execute(node: FlowNode, run: FrameRun): readonly Value[] {
    const inputs = new Array<Value>(node.inputs);
    for (let i = 0; i < node.inputs; i++) {
      inputs[i] = run.values[node.firstSlot + i];
      run.values[node.firstSlot + i] = undefined;
    }
    const result = this.call(node, inputs);
    return Array.isArray(result) ? (result as readonly Value[]) : [result as NdArray];
  }

  #propagate(node: FlowNode, run: FrameRun, outputs: readonly Value[], isDead: boolean): void {
    this.#fetch(node, outputs);
    switch (node.kind) {
      case 'enter':
        this.#enter(node, run, outputs[0], isDead);
        break;
      case 'exit':
        if (isDead) run.deadExits.push(node);
        else this.#send(run.parent!, node, outputs, false);
        break;
      case 'next':
        if (isDead) break;
        // Outside of loops it passes its value on.
        if (run.parent) run.next.push({ node, value: outputs[0] });
        else this.#send(run, node, outputs, false);
        break;
      default:
        this.#send(run, node, outputs, isDead);
    }
    run.ready--;
    this.#settle(run);
  }

  #fetch(node: FlowNode, outputs: readonly Value[]): void {
    for (let i = 0; i < node.fetches.length; i++) {
      if (outputs[i] === undefined) continue;
      for (const fetch of node.fetches[i]) {
        if (this.#results[fetch] !== undefined) throw new InternalError(`Retval[${fetch}] has already been set.`);
        this.#results[fetch] = outputs[i];
      }
    }
  }

  #enter(node: FlowNode, run: FrameRun, value: Value, isDead: boolean): void {
    const frame = node.enters!;
    let child = run.children.get(frame);
    if (!child) run.children.set(frame, (child = new FrameRun(frame, run)));
    child.entries--;
    if (node.isConstant) child.constants.push({ node, value });
    this.#send(child, node, [value], isDead);
    this.#settle(child);
  }

  /** Results of a node arrive at those that read them and wait for it. */
  #send(run: FrameRun, node: FlowNode, outputs: readonly Value[], isDead: boolean): void {
    for (let i = 0; i < node.readers.length; i++) {
      const value = isDead ? undefined : outputs[i];
      for (const edge of node.readers[i]) this.#arrive(run, edge, value, node.kind === 'enter');
    }
    for (const waiting of node.waiting) this.#release(run, waiting, isDead);
  }

  /** A value, or its absence, arrives at an input. */
  #arrive(run: FrameRun, { to, slot }: Edge, value: Value, isEntering: boolean): void {
    const at = to.position;
    if (to.kind !== 'merge') {
      run.values[slot] = value;
      this.#countDown(run, to, value === undefined);
    } else if (value !== undefined) {
      // The lowest bit says that no living input has arrived yet: the first one is taken.
      const count = run.pending[at];
      if ((count & 1) === 0) return;
      run.values[slot] = value;
      run.pending[at] = count - 1;
      if (count === 1) this.#enqueue(run, to, false);
    } else {
      run.dead[at]++;
      const isDead = run.dead[at] === to.inputs || isEntering;
      if (isDead && run.pending[at] === 1) this.#enqueueDeadMerge(run, to);
    }
  }

  #enqueueDeadMerge(run: FrameRun, node: FlowNode): void {
    // Once is enough: what still arrives finds nobody waiting.
    run.pending[node.position] = 0;
    this.#enqueue(run, node, true);
  }

  /** A node that others wait for has run, or is dead. */
  #release(run: FrameRun, node: FlowNode, isDead: boolean): void {
    if (node.kind !== 'merge') {
      this.#countDown(run, node, isDead);
      return;
    }
    const at = node.position;
    run.pending[at] -= 2;
    if (run.pending[at] === 0) this.#enqueue(run, node, false);
    else if (run.pending[at] === 1 && run.dead[at] === node.inputs) this.#enqueueDeadMerge(run, node);
  }

  #countDown(run: FrameRun, node: FlowNode, isDead: boolean): void {
    const at = node.position;
    if (isDead) run.dead[at]++;
    run.pending[at]--;
    if (run.pending[at] === 0) this.#enqueue(run, node, run.dead[at] > 0 && node.kind !== 'trigger');
  }

  /** Starts the next iteration of a loop, or ends the loop, when nothing is left to do in this one. */
  #settle(start: FrameRun): void {
    for (let run: FrameRun | null = start; run?.parent && !run.isBusy; ) {
      if (run.next.length > 0) {
        const { next } = run;
        run.startIteration();
        for (const { node, value } of next) this.#send(run, node, [value], false);
        for (const { node, value } of run.constants) this.#send(run, node, [value], value === undefined);
        continue;
      }
      const parent: FrameRun = run.parent;
      parent.children.delete(run.frame);
      for (const node of run.deadExits) this.#send(parent, node, [], true);
      run = parent;
    }
  }
}
