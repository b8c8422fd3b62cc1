/**
 * Views of a graph: who reaches whom, orders, cycles, paths, connected parts, and the scopes as a tree.
 *
 * What walks edges is iterative and linear, for chains of any length. graphlib holds the views that are looked at as
 * graphs: `edgesView` and `scopeTree`; its own algorithms recurse, so use them on small pieces only.
 */
import { Graph as Graphlib } from 'graphlib';
import type { Graph } from './graph';
import type { Operation } from './operation';

export interface WalkOptions {
  /** Towards what the start needs, or towards what needs the start. Default `inputs`. */
  readonly towards?: 'inputs' | 'consumers';
  /** Follow control edges too. Default true. */
  readonly control?: boolean;
}

/** The neighbours of an operation one edge away, some perhaps more than once. */
export function* neighbours(
  op: Operation,
  { towards = 'inputs', control = true }: WalkOptions = {},
): Generator<Operation> {
  if (towards === 'inputs') {
    for (const input of op.inputs) yield input.op;
    if (control) yield* op.controlInputs;
  } else {
    for (const output of op.outputs) yield* output.consumers();
    if (control) yield* op.controlOutputs;
  }
}

/** Whether a value of that edge belongs to the next iteration of a loop of TensorFlow v1: the one edge that may lead back. */
export function isBackEdge(from: Operation, to: Operation): boolean {
  return from.type.endsWith('NextIteration') && (to.type === 'Merge' || to.type === 'RefMerge');
}

/** The neighbours of an operation, but for those one iteration away. */
function sameIteration(op: Operation, options: WalkOptions = {}): Set<Operation> {
  const found = new Set(neighbours(op, options));
  const isConsumer = options.towards === 'consumers';
  for (const other of found) if (isConsumer ? isBackEdge(op, other) : isBackEdge(other, op)) found.delete(other);
  return found;
}

/** The operations that can be reached from `start`, itself included, in the order in which they are found. */
export function reachable(start: Iterable<Operation>, options: WalkOptions = {}): Set<Operation> {
  const found = new Set(start);
  // A Set hands out what is added while it is walked.
  for (const op of found) for (const next of neighbours(op, options)) found.add(next);
  return found;
}

/**
 * A shortest chain of operations from `from` to what it (indirectly) needs or, with `towards: 'consumers'`, feeds; both
 * ends included. Null when there is none. Tells why a fetch needs some op.
 */
export function shortestPath(from: Operation, to: Operation, options: WalkOptions = {}): Operation[] | null {
  const reachedFrom = new Map<Operation, Operation | null>([[from, null]]);
  for (const op of reachedFrom.keys()) {
    if (op === to) break;
    for (const next of neighbours(op, options)) if (!reachedFrom.has(next)) reachedFrom.set(next, op);
  }
  if (!reachedFrom.has(to)) return null;
  const path: Operation[] = [];
  for (let op: Operation | null = to; op !== null; op = reachedFrom.get(op)!) path.push(op);
  return path.reverse();
}

/**
 * The operations with each after its inputs and control inputs; otherwise in order of creation. Those on cycles, and
 * what needs them, are left out; the edges by which loops of TensorFlow v1 go on do not count. `operations` must hold all
 * that they need.
 */
export function topologicalOrder(operations: readonly Operation[]): Operation[] {
  const waiting = new Map<Operation, number>();
  for (const op of operations) waiting.set(op, sameIteration(op).size);
  const order: Operation[] = [];
  const ready = operations.filter((op) => waiting.get(op) === 0).reverse();
  while (ready.length > 0) {
    const op = ready.pop()!;
    order.push(op);
    const next = [...sameIteration(op, { towards: 'consumers' })].filter((reader) => waiting.has(reader));
    const free = next.filter((reader) => {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      return left === 0;
    });
    ready.push(...free.sort((a, b) => b.id - a.id));
  }
  return order;
}

/** The groups of operations that need each other in a circle, each in order of creation; loops of v1 are no circles. */
export function cycles(graph: Graph): Operation[][] {
  const inOrder = new Set(topologicalOrder(graph.operations));
  const rest = graph.operations.filter((op) => !inOrder.has(op));
  return rest.length === 0 ? [] : stronglyConnected(rest);
}

/** Tarjan's algorithm with a stack of its own: the components of more than one operation, and those that need themselves. */
function stronglyConnected(operations: readonly Operation[]): Operation[][] {
  const index = new Map<Operation, number>();
  const low = new Map<Operation, number>();
  const open = new Set<Operation>();
  const components: Operation[][] = [];
  for (const root of operations) {
    if (index.has(root)) continue;
    const calls = [{ op: root, next: sameIteration(root).values() }];
    while (calls.length > 0) {
      const { op, next } = calls.at(-1)!;
      if (!index.has(op)) {
        index.set(op, index.size);
        low.set(op, index.get(op)!);
        open.add(op);
      }
      const step = next.next();
      if (!step.done) {
        if (!index.has(step.value)) calls.push({ op: step.value, next: sameIteration(step.value).values() });
        else if (open.has(step.value)) low.set(op, Math.min(low.get(op)!, index.get(step.value)!));
        continue;
      }
      calls.pop();
      const caller = calls.at(-1)?.op;
      if (caller) low.set(caller, Math.min(low.get(caller)!, low.get(op)!));
      if (low.get(op) !== index.get(op)) continue;
      const members = [...open].slice([...open].indexOf(op));
      for (const member of members) open.delete(member);
      if (members.length > 1 || sameIteration(op).has(op)) components.push(members.sort((a, b) => a.id - b.id));
    }
  }
  return components;
}

/** The parts of a graph that no edge connects, each in order of creation. */
export function components(graph: Graph): Operation[][] {
  const seen = new Set<Operation>();
  const parts: Operation[][] = [];
  for (const start of graph.operations) {
    if (seen.has(start)) continue;
    const part = new Set([start]);
    for (const op of part) {
      for (const next of neighbours(op)) part.add(next);
      for (const next of neighbours(op, { towards: 'consumers' })) part.add(next);
    }
    for (const op of part) seen.add(op);
    parts.push([...part].sort((a, b) => a.id - b.id));
  }
  return parts;
}

/** The label of an edge of `edgesView`. */
export type EdgeLabel = {
  /** How many inputs of the reader the edge stands for. */
  readonly inputs: number;
  readonly control: boolean;
};

/** Operations by name and the edges between them, as graphlib's directed graph. The labels of nodes are op types. */
export function edgesView(graph: Graph): Graphlib<string, string, EdgeLabel> {
  const view = new Graphlib<string, string, EdgeLabel>();
  for (const op of graph.operations) view.setNode(op.name, op.type);
  for (const op of graph.operations) {
    const edge = (from: Operation, inputs: number, control: boolean) => {
      const known = view.edge(from.name, op.name) as EdgeLabel | undefined;
      view.setEdge(from.name, op.name, {
        inputs: (known?.inputs ?? 0) + inputs,
        control: (known?.control ?? false) || control,
      });
    };
    for (const input of op.inputs) edge(input.op, 1, false);
    for (const control of op.controlInputs) edge(control, 0, true);
  }
  return view;
}

/** The label of a node of `scopeTree`. */
export type ScopeLabel = {
  readonly isScope: boolean;
  /** Operations in the scope and below; 1 for an operation. */
  readonly ops: number;
  /** The type of an operation, null for a scope. */
  readonly type: string | null;
};

/**
 * The name scopes as graphlib's compound graph: operations by their names, scopes by theirs with a trailing slash, each
 * within the scope around it. It has no edges.
 */
export function scopeTree(graph: Graph): Graphlib<string, ScopeLabel, string> {
  const tree = new Graphlib<string, ScopeLabel, string>({ compound: true });
  const ops = new Map<string, number>();
  for (const op of graph.operations) {
    tree.setNode(op.name, { isScope: false, ops: 1, type: op.type });
    let child = op.name;
    for (let slash = op.name.lastIndexOf('/'); slash >= 0; slash = op.name.lastIndexOf('/', slash - 1)) {
      const scope = op.name.slice(0, slash + 1);
      ops.set(scope, (ops.get(scope) ?? 0) + 1);
      if (!tree.hasNode(scope)) tree.setNode(scope);
      if (tree.parent(child) === undefined) tree.setParent(child, scope);
      child = scope;
    }
  }
  for (const [scope, count] of ops) tree.setNode(scope, { isScope: true, ops: count, type: null });
  return tree;
}
