/**
 * What differs between two states of a graph, or between two graphs: as patches, and summed up for people.
 *
 * Patches are immer's: applied to `before` they give `after`. The summary knows that a scope was renamed: its nodes are
 * then compared under their new names, and those that only follow the renaming count as equal.
 */
import { enableMapSet, enablePatches, Immer, type Patch } from 'immer';
import type { AttrState } from './attrState';
import { renamedScopes, renaming, type ScopeRenaming } from './renamedScopes';
import type { FunctionState, GraphState, NodeState, NodeStates, OutputState } from './state';

enableMapSet();
enablePatches();
const immer = new Immer({ autoFreeze: true });

/** Two values of the same thing; undefined where one graph does not have it. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** A node that is in both graphs, and what of it differs; for lists, all of it. */
export interface NodeChange {
  readonly name: string;
  readonly op?: Change<string>;
  readonly device?: Change<string>;
  readonly attrs?: Readonly<Record<string, Change<AttrState | undefined>>>;
  readonly outputs?: Change<readonly OutputState[]>;
}

export interface Rewiring {
  readonly name: string;
  readonly inputs?: Change<readonly string[]>;
  readonly controlInputs?: Change<readonly string[]>;
}

export interface GraphDiff {
  readonly patches: readonly Patch[];
  /** Names of nodes; those of renamed scopes are not among them. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly NodeChange[];
  readonly rewired: readonly Rewiring[];
  readonly renamedScopes: readonly ScopeRenaming[];
  /** Names of functions. */
  readonly functions: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
  };
  /** Names of collections whose members differ. */
  readonly collections: readonly string[];
}

/** Equality of plain data, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame((a as never)[key], (b as never)[key]));
}

/** Nodes without what order or numbering alone would tell apart. */
const isSameNode = (a: NodeState, b: NodeState) => a === b || isSame(a, b);

function isSameFunction(a: FunctionState, b: FunctionState): boolean {
  if (a === b) return true;
  const { nodes, ...rest } = a;
  const { nodes: otherNodes, ...otherRest } = b;
  return (
    isSame(rest, otherRest) &&
    nodes.size === otherNodes.size &&
    [...nodes].every(([name, node]) => otherNodes.has(name) && isSameNode(node, otherNodes.get(name)!))
  );
}

type Drafted<T> = { -readonly [K in keyof T]: T[K] };

/** Makes the draft of a map hold what `after` holds, touching only what differs. */
function patchMap<V>(
  draft: Map<string, V>,
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
  isEqual: (a: V, b: V) => boolean,
  change?: (draft: V, before: V, after: V) => void,
): void {
  for (const key of before.keys()) if (!after.has(key)) draft.delete(key);
  for (const [key, value] of after) {
    const old = before.get(key);
    if (old === undefined) draft.set(key, value);
    else if (isEqual(old, value)) continue;
    else if (change) change(draft.get(key)!, old, value);
    else draft.set(key, value);
  }
}

function patchFields<T extends object>(draft: T, before: T, after: T, except: readonly (keyof T)[] = []): void {
  for (const key of Object.keys(after) as (keyof T)[]) {
    if (!except.includes(key) && !isSame(before[key], after[key])) draft[key] = after[key];
  }
}

function patchNode(draft: Drafted<NodeState>, before: NodeState, after: NodeState): void {
  patchFields(draft, before, after, ['attrs']);
  const attrs = draft.attrs as Record<string, AttrState>;
  for (const name of Object.keys(before.attrs)) if (!Object.hasOwn(after.attrs, name)) delete attrs[name];
  patchFields(attrs, before.attrs as typeof attrs, after.attrs as typeof attrs);
}

function patchNodes(draft: NodeStates, before: NodeStates, after: NodeStates): void {
  patchMap(draft as Map<string, NodeState>, before, after, isSameNode, patchNode);
}

function patchesOf(before: GraphState, after: GraphState): Patch[] {
  const [, patches] = immer.produceWithPatches(before, (draft) => {
    const target = draft as unknown as Drafted<GraphState>;
    patchFields(target, before, after, ['nodes', 'functions', 'collections']);
    patchNodes(target.nodes, before.nodes, after.nodes);
    patchMap(
      target.functions as Map<string, FunctionState>,
      before.functions,
      after.functions,
      isSameFunction,
      (func, old, now) => {
        patchFields(func as Drafted<FunctionState>, old, now, ['nodes']);
        patchNodes(func.nodes, old.nodes, now.nodes);
      },
    );
    patchMap(target.collections as Map<string, unknown>, before.collections, after.collections, isSame);
  });
  return patches;
}

function changeOf<T>(before: T, after: T): Change<T> | undefined {
  return isSame(before, after) ? undefined : { before, after };
}

function attrChanges(before: NodeState, after: NodeState): NodeChange['attrs'] {
  const names = [...new Set([...Object.keys(before.attrs), ...Object.keys(after.attrs)])].sort();
  const changes = names.flatMap((name) => {
    const change = changeOf(before.attrs[name], after.attrs[name]);
    return change ? [[name, change] as const] : [];
  });
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

/** Only the keys that have a value. */
function defined<T extends object>(parts: T): T {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as T;
}

/** The differences between two states. It takes time proportional to what they do not share. */
export function diff(before: GraphState, after: GraphState): GraphDiff {
  const removed = [...before.nodes.keys()].filter((name) => !after.nodes.has(name));
  const added = [...after.nodes.keys()].filter((name) => !before.nodes.has(name));
  const scopes = renamedScopes(before.nodes, after.nodes, removed, added);
  const { renameNode, newName } = renaming(scopes);
  const movedTo = new Set(removed.map(newName));
  const changed: NodeChange[] = [];
  const rewired: Rewiring[] = [];
  for (const original of before.nodes.values()) {
    const node = after.nodes.get(newName(original.name));
    if (!node || node === original) continue;
    const old = renameNode(original);
    const change = defined({
      op: changeOf(old.op, node.op),
      device: changeOf(old.device, node.device),
      attrs: attrChanges(old, node),
      outputs: changeOf(old.outputs, node.outputs),
    });
    if (Object.keys(change).length > 0) changed.push({ name: node.name, ...change });
    const wires = defined({
      inputs: changeOf(old.inputs, node.inputs),
      controlInputs: changeOf(old.controlInputs, node.controlInputs),
    });
    if (Object.keys(wires).length > 0) rewired.push({ name: node.name, ...wires });
  }
  const isShared = (name: string) => before.functions.has(name) && after.functions.has(name);
  const keys = new Set([...before.collections.keys(), ...after.collections.keys()]);
  return {
    patches: patchesOf(before, after),
    added: added.filter((name) => !movedTo.has(name)),
    removed: removed.filter((name) => !after.nodes.has(newName(name))),
    changed,
    rewired,
    renamedScopes: scopes,
    functions: {
      added: [...after.functions.keys()].filter((name) => !isShared(name)),
      removed: [...before.functions.keys()].filter((name) => !isShared(name)),
      changed: [...after.functions.keys()].filter(
        (name) => isShared(name) && !isSameFunction(before.functions.get(name)!, after.functions.get(name)!),
      ),
    },
    collections: [...keys].filter((key) => !isSame(before.collections.get(key), after.collections.get(key))),
  };
}
