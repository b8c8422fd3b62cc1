/**
 * GraphState: a whole graph as one immutable value of plain data, frozen and structurally shared between snapshots.
 *
 * A graph is built by appending, and folded into its snapshot when somebody asks for `graph.state`: only what changed
 * since the last snapshot is visited, in one immer `produce` (one per operation would be quadratic). Maps keep the order
 * of creation and hold any name. JSON is graph/stateJson.ts, back to a graph graph/loadState.ts, differences graph/diff.ts.
 */
import { enableMapSet, freeze, Immer } from 'immer';
import type { Attrs } from './attributes';
import { type AttrState, type AttrStates, encodeAttrs, type ShapeState } from './attrState';
import type { DType, DTypeName } from './dtypes';
import type { FuncGraph } from './funcGraph';
import type { Graph } from './graph';
import { Operation } from './operation';
import { inputName } from './print';
import type { TensorShape } from './shape';
import { Tensor } from './tensor';

enableMapSet();
const immer = new Immer({ autoFreeze: true });

export type { AttrState, AttrStates };

/** What a resource handle refers to. */
export interface HandleState {
  readonly dtype: DTypeName;
  readonly shape: ShapeState;
}

export interface OutputState {
  readonly dtype: DTypeName;
  readonly shape: ShapeState;
  readonly handle?: HandleState;
}

export interface NodeState {
  readonly name: string;
  readonly op: string;
  readonly device: string;
  /** `a` for output 0 of node a, else `a:1`. */
  readonly inputs: readonly string[];
  readonly controlInputs: readonly string[];
  readonly attrs: AttrStates;
  readonly outputs: readonly OutputState[];
}

export type NodeStates = ReadonlyMap<string, NodeState>;

export interface FunctionState {
  readonly name: string;
  /** The nodes that are the arguments. */
  readonly inputs: readonly string[];
  /** The results, written as inputs of nodes are. */
  readonly outputs: readonly string[];
  readonly controlOutputs: readonly string[];
  readonly nodes: NodeStates;
}

/**
 * A member of a collection: an operation, a tensor, a variable by the names of itself and its handle, or a plain value.
 * Of anything else only the kind is kept.
 */
export type MemberState =
  | { readonly op: string }
  | { readonly tensor: string }
  | { readonly variable: string; readonly handle: string }
  | { readonly value: string | number | boolean | null }
  | { readonly object: string };

export interface GraphState {
  /** TensorFlow's versions of the form of graphs. */
  readonly versions: { readonly producer: number; readonly minConsumer: number };
  /** The graph-level seed; a bigint as text. */
  readonly seed: number | string | null;
  /** How many random ops took their seed from the graph's. */
  readonly seedlessOps: number;
  readonly nodes: NodeStates;
  readonly functions: ReadonlyMap<string, FunctionState>;
  readonly collections: ReadonlyMap<string, readonly MemberState[]>;
}

/** The versions that TensorFlow 2.15 writes. */
export const VERSIONS = Object.freeze({ producer: 1645, minConsumer: 0 });

export const emptyState: GraphState = immer.produce<GraphState>(
  { versions: VERSIONS, seed: null, seedlessOps: 0, nodes: new Map(), functions: new Map(), collections: new Map() },
  () => {},
);

/** The same state, frozen all the way down. */
export function freezeState(state: GraphState): GraphState {
  return freeze(state, true);
}

// ---- nodes

/** Attributes that ops share stay shared. */
const attrStates = new WeakMap<Attrs, AttrStates>();
const outputStates = new WeakMap<TensorShape, Map<DType, OutputState>>();

/** Freezes plain data all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

function attrsOf(op: Operation): AttrStates {
  let states = attrStates.get(op.attrs);
  if (!states) attrStates.set(op.attrs, (states = deepFreeze(encodeAttrs(op.attrs, op.def))));
  return states;
}

function outputOf({ dtype, shape, handleData }: Tensor): OutputState {
  if (handleData) {
    const handle = { dtype: handleData.dtype.name, shape: handleData.shape.toJSON() };
    return deepFreeze({ dtype: dtype.name, shape: shape.toJSON(), handle });
  }
  let byType = outputStates.get(shape);
  if (!byType) outputStates.set(shape, (byType = new Map()));
  let state = byType.get(dtype);
  if (!state) byType.set(dtype, (state = deepFreeze({ dtype: dtype.name, shape: shape.toJSON() })));
  return state;
}

/** The state of one operation. */
export function nodeState(op: Operation): NodeState {
  return Object.freeze({
    name: op.name,
    op: op.type,
    device: op.device,
    inputs: Object.freeze(op.inputs.map(inputName)),
    controlInputs: Object.freeze(op.controlInputs.map((control) => control.name)),
    attrs: attrsOf(op),
    outputs: Object.freeze(op.outputs.map(outputOf)),
  });
}

// ---- functions and collections

const sameItems = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((item, i) => item === b[i]);

function functionState(func: FuncGraph, before: FunctionState | undefined): FunctionState {
  const lists = {
    inputs: func.inputs.map((input) => input.op.name),
    outputs: func.outputs.map(inputName),
    controlOutputs: func.controlOutputs.map((op) => op.name),
  };
  const nodes = func.nodeStates;
  const isSame =
    before?.nodes === nodes &&
    sameItems(before.inputs, lists.inputs) &&
    sameItems(before.outputs, lists.outputs) &&
    sameItems(before.controlOutputs, lists.controlOutputs);
  return isSame ? before : Object.freeze({ name: func.name, ...deepFreeze(lists), nodes });
}

function memberState(item: unknown): MemberState {
  if (item instanceof Operation) return { op: item.name };
  if (item instanceof Tensor) return { tensor: item.name };
  if (item === null || typeof item === 'string' || typeof item === 'boolean' || typeof item === 'number')
    return { value: item };
  const { name, handle } = (item ?? {}) as { readonly name?: unknown; readonly handle?: unknown };
  if (typeof name === 'string' && handle instanceof Tensor) return { variable: name, handle: handle.name };
  return {
    object:
      typeof name === 'string' ? name : typeof item === 'object' ? (item as object).constructor.name : typeof item,
  };
}

const keyOf = (member: MemberState) => JSON.stringify(member);

function membersOf(items: readonly unknown[], before: readonly MemberState[] | undefined): readonly MemberState[] {
  const members = items.map(memberState);
  return before && sameItems(members.map(keyOf), before.map(keyOf)) ? before : deepFreeze(members);
}

// ---- folding

/** Follows one graph: folds what was added, changed and removed into the next snapshot of its nodes. */
export class NodeJournal {
  #nodes: NodeStates = emptyState.nodes;
  /** How many operations the snapshot holds. */
  #folded = 0;
  readonly #changed = new Set<Operation>();
  readonly #removed = new Set<string>();

  noteChange(op: Operation): void {
    if (op.id < this.#folded) this.#changed.add(op);
  }

  /** The newest operation is taken back. */
  noteRemoval(op: Operation): void {
    if (op.id >= this.#folded) return;
    this.#folded = op.id;
    this.#changed.delete(op);
    this.#removed.add(op.name);
  }

  fold(operations: readonly Operation[]): NodeStates {
    if (this.#folded === operations.length && this.#changed.size === 0 && this.#removed.size === 0) return this.#nodes;
    this.#nodes = immer.produce(this.#nodes, (nodes) => {
      const draft = nodes as Map<string, unknown>;
      for (const name of this.#removed) draft.delete(name);
      for (const op of this.#changed) draft.set(op.name, nodeState(op));
      for (let i = this.#folded; i < operations.length; i++) draft.set(operations[i].name, nodeState(operations[i]));
    });
    this.#folded = operations.length;
    this.#changed.clear();
    this.#removed.clear();
    return this.#nodes;
  }
}

/** The snapshot that follows `before`: the same object if nothing changed. */
export function foldState(graph: Graph, before: GraphState): GraphState {
  return immer.produce(before, (draft) => {
    draft.nodes = graph.nodeStates as typeof draft.nodes;
    draft.seed = typeof graph.seed === 'bigint' ? String(graph.seed) : graph.seed;
    draft.seedlessOps = graph.seedlessOps;
    const functions = draft.functions as unknown as Map<string, FunctionState>;
    syncMap(
      functions,
      new Map([...graph.functions].map(([name, func]) => [name, functionState(func, before.functions.get(name))])),
      before.functions,
    );
    const collections = draft.collections as unknown as Map<string, readonly MemberState[]>;
    const members = graph
      .getAllCollectionKeys()
      .map((key) => [key, membersOf(graph.getCollection(key), before.collections.get(key))] as const);
    syncMap(collections, new Map(members), before.collections);
  });
}

/** Makes a draft equal to `wanted`, which shares its unchanged values with `before`. */
function syncMap<V>(draft: Map<string, V>, wanted: ReadonlyMap<string, V>, before: ReadonlyMap<string, V>): void {
  for (const key of before.keys()) if (!wanted.has(key)) draft.delete(key);
  for (const [key, value] of wanted) if (before.get(key) !== value) draft.set(key, value);
}
