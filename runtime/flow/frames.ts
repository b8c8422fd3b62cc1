/**
 * The plan of a run whose graph has control flow of TensorFlow v1: its operations as nodes of frames, one frame for the
 * graph and one for each loop, and where each value goes.
 *
 * A plan holds no values; runtime/flow/run.ts runs it. Everything here is iterative: graphs may be deep.
 */
import { InvalidArgumentError } from '../../graph/errors';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';

/** What is special about when a node runs and where its results go. */
export type FlowKind = 'plain' | 'merge' | 'enter' | 'exit' | 'next' | 'trigger';

/** A node and the place of one of its inputs in the values of its frame. */
export interface Edge {
  readonly to: FlowNode;
  readonly slot: number;
}

export interface FlowNode {
  /** Which step of the plan it is. */
  readonly step: number;
  readonly op: Operation;
  readonly kind: FlowKind;
  readonly frame: Frame;
  /** Position among the nodes of its frame. */
  readonly position: number;
  /** Where its inputs lie in the values of its frame. */
  readonly firstSlot: number;
  readonly inputs: number;
  /** For each output, who reads it. */
  readonly readers: Edge[][];
  /** Who waits for it. */
  readonly waiting: FlowNode[];
  /** For each output, the fetches that it is. */
  readonly fetches: number[][];
  /** For Enter: the frame that it leads into, and whether its value is there in every iteration. */
  readonly enters: Frame | null;
  readonly isConstant: boolean;
}

export interface Frame {
  readonly name: string;
  readonly parent: Frame | null;
  readonly children: Map<string, Frame>;
  readonly nodes: FlowNode[];
  /** How many inputs each node waits for; for Merge 1 plus twice the number of nodes it waits for. */
  readonly pending: number[];
  /** How many Enter nodes lead here. */
  entries: number;
  slots: number;
}

export interface FlowPlan {
  readonly root: Frame;
  /** Nodes that wait for nothing. */
  readonly sources: readonly FlowNode[];
  /** For each feed, who reads it and the fetches that it is. */
  readonly feeds: readonly { readonly readers: readonly Edge[]; readonly fetches: readonly number[] }[];
  readonly fetches: number;
}

const kinds: Readonly<Record<string, FlowKind>> = {
  Switch: 'plain',
  RefSwitch: 'plain',
  LoopCond: 'plain',
  Merge: 'merge',
  RefMerge: 'merge',
  Enter: 'enter',
  RefEnter: 'enter',
  Exit: 'exit',
  RefExit: 'exit',
  NextIteration: 'next',
  RefNextIteration: 'next',
  ControlTrigger: 'trigger',
};

export const isFlow = ({ type }: Operation): boolean => Object.hasOwn(kinds, type);

/** Whether a run of these operations needs a flow plan: some of them may not run, or run several times. */
export function hasFlow(ops: Iterable<Operation>): boolean {
  for (const op of ops) if (isFlow(op)) return true;
  return false;
}

const newFrame = (name: string, parent: Frame | null): Frame => ({
  name,
  parent,
  children: new Map(),
  nodes: [],
  pending: [],
  entries: 0,
  slots: 0,
});

function childOf(frame: Frame, name: string): Frame {
  let child = frame.children.get(name);
  if (!child) frame.children.set(name, (child = newFrame(name, frame)));
  return child;
}

/** The frame that an op's results belong to. */
function frameOfResults(op: Operation, frame: Frame): Frame {
  const kind = kinds[op.type];
  if (kind === 'enter') return childOf(frame, op.attrs.frame_name as string);
  if (kind !== 'exit') return frame;
  if (frame.parent) return frame.parent;
  throw new InvalidArgumentError('Invalid Exit op: Cannot find a corresponding Enter op.', op);
}

/** Which frame each operation runs in. InvalidArgumentError where values of different loops meet. */
function assignFrames(ops: readonly Operation[], root: Frame, fed: ReadonlySet<Tensor>): Map<Operation, Frame> {
  const frames = new Map<Operation, Frame>();
  /** The input by which each operation got its frame. */
  const by = new Map<Operation, string>();
  const planned = new Set(ops);
  const waits = (op: Operation) =>
    op.inputs.some((input) => !fed.has(input)) || op.controlInputs.some((control) => planned.has(control));
  const pending = ops.filter((op) => !waits(op));
  for (const op of pending) frames.set(op, root);
  for (let at = 0; at < pending.length; at++) {
    const op = pending[at];
    const frame = frameOfResults(op, frames.get(op)!);
    const next = (reader: Operation) => {
      if (!planned.has(reader)) return;
      const known = frames.get(reader);
      if (!known) {
        frames.set(reader, frame);
        by.set(reader, op.name);
        pending.push(reader);
      } else if (known !== frame) differ(reader, op.name, frame, by.get(reader) ?? '', known);
    };
    for (const output of op.outputs) if (!fed.has(output)) for (const reader of output.consumers()) next(reader);
    for (const waiting of op.controlOutputs) next(waiting);
  }
  for (const op of ops) {
    const frame = frames.get(op);
    const input = op.inputs.find((each) => fed.has(each));
    if (frame && frame !== root && input) differ(op, input.op.name, root, by.get(op) ?? '', frame);
  }
  return frames;
}

function differ(op: Operation, a: string, inA: Frame, b: string, inB: Frame): never {
  throw new InvalidArgumentError(
    `{{node ${op.name}}} has inputs from different frames. The input {{node ${a}}} is in frame '${inA.name}'. The input {{node ${b}}} is in frame '${inB.name}'.`,
    op,
  );
}

/** Plans a run of these operations, the steps of a plan in their order. */
export function planFlow(ops: readonly Operation[], fetches: readonly Tensor[], feeds: readonly Tensor[]): FlowPlan {
  const root = newFrame('', null);
  const fed = new Set(feeds);
  const frames = assignFrames(ops, root, fed);
  const nodes = new Map<Operation, FlowNode>();
  ops.forEach((op, step) => {
    const frame = frames.get(op);
    if (!frame) cyclic(op);
    else nodes.set(op, addNode(op, step, frame));
  });
  const fedReaders = new Map<Tensor, Edge[]>(feeds.map((feed) => [feed, []]));
  for (const node of nodes.values()) connect(node, nodes, fedReaders);
  const fedFetches = new Map<Tensor, number[]>(feeds.map((feed) => [feed, []]));
  fetches.forEach((tensor, i) => (fedFetches.get(tensor) ?? nodes.get(tensor.op)!.fetches[tensor.index]).push(i));
  return {
    root,
    sources: [...nodes.values()].filter(({ frame, position }) => frame.pending[position] === 0),
    feeds: feeds.map((feed) => ({ readers: fedReaders.get(feed)!, fetches: fedFetches.get(feed)! })),
    fetches: fetches.length,
  };
}

/** What no operation without inputs leads to stands on a cycle. */
function cyclic(op: Operation): never {
  throw new InvalidArgumentError(`Graph is invalid, contains a cycle that nothing enters, including: ${op.name}`, op);
}

function addNode(op: Operation, step: number, frame: Frame): FlowNode {
  const kind = kinds[op.type] ?? 'plain';
  const enters = kind === 'enter' ? childOf(frame, op.attrs.frame_name as string) : null;
  if (enters) enters.entries++;
  const node: FlowNode = {
    step,
    op,
    kind,
    frame,
    position: frame.nodes.length,
    firstSlot: frame.slots,
    inputs: op.inputs.length,
    readers: op.outputs.map(() => []),
    waiting: [],
    fetches: op.outputs.map(() => []),
    enters,
    isConstant: enters !== null && op.attrs.is_constant === true,
  };
  frame.nodes.push(node);
  frame.slots += node.inputs;
  frame.pending.push(0);
  return node;
}

/** Notes at a node's inputs that it reads them, and how much it waits for. */
function connect(node: FlowNode, nodes: ReadonlyMap<Operation, FlowNode>, fed: ReadonlyMap<Tensor, Edge[]>): void {
  const { op, frame } = node;
  op.inputs.forEach((input, i) => {
    const readers = fed.get(input) ?? nodes.get(input.op)!.readers[input.index];
    readers.push({ to: node, slot: node.firstSlot + i });
  });
  const controls = op.controlInputs.flatMap((control) => nodes.get(control) ?? []);
  for (const control of controls) control.waiting.push(node);
  frame.pending[node.position] = node.kind === 'merge' ? 1 + 2 * controls.length : node.inputs + controls.length;
}
