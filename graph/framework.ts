/**
 * The functions of `tf` that act on the default graph: scopes around what is built, and collections.
 *
 * Each scope has two forms, `tf.nameScope('a', (scope) => …)` and `using scope = tf.nameScope('a')`. The default graph
 * itself is graph/defaultGraph.ts, its seed graph/seeds.ts.
 */
import { graphFromInputs } from './convert';
import { getDefaultGraph } from './defaultGraph';
import type { DeviceFunction } from './deviceSpec';
import { GraphTypeError, repr, typeWord, ValueError } from './errors';
import { openScope, type ScopeHandle } from './scope';
import { callUser } from './site';

export interface NameScopeOptions {
  /** The name where `name` is null. */
  readonly defaultName?: string | null;
  /** What the ops inside will read: the scope is opened in their graph, which becomes the default one. */
  readonly values?: readonly unknown[];
}

/**
 * Opens a name scope of the default graph. A name is made unique within the current scope; with a trailing slash it is
 * exactly that scope again; null or '' is the root. Yields the full name with a trailing slash, '' for the root.
 *
 * ValueError for an invalid name, without any name although there are values, and for values of different graphs;
 * TypeError for what is no string. Mirrors tf.compat.v1.name_scope.
 */
export function nameScope(name: string | null, options?: NameScopeOptions): ScopeHandle<string>;
export function nameScope<R>(name: string | null, body: (scope: string) => R): R;
export function nameScope<R>(name: string | null, options: NameScopeOptions, body: (scope: string) => R): R;
export function nameScope<R>(
  name: string | null,
  options: NameScopeOptions | ((scope: string) => R) = {},
  body?: (scope: string) => R,
): R | ScopeHandle<string> {
  if (typeof options === 'function') return nameScope(name, {}, options);
  const { defaultName, values } = options;
  if (defaultName !== undefined && defaultName !== null && typeof defaultName !== 'string') {
    const type = `<class '${typeWord(defaultName)}'>`;
    throw new GraphTypeError(
      `\`default_name\` type (${type}) is not a string type. You likely meant to pass this into the \`values\` kwarg.`,
    );
  }
  const wanted = name ?? defaultName ?? null;
  if (wanted === null && values !== undefined) {
    throw new ValueError(
      `At least one of name (${repr(name)}) and default_name (${repr(defaultName)}) must be provided.`,
    );
  }
  const open = () => {
    const current = getDefaultGraph();
    const graph = values && values.length > 0 ? graphFromInputs(values) : current;
    if (graph === current) return graph.enterNameScope(wanted);
    const scope = graph.enterNameScope(wanted);
    const outer = graph.asDefault();
    return {
      value: scope.value,
      exit: () => {
        scope.exit();
        outer[Symbol.dispose]();
      },
    };
  };
  return body ? openScope(open, (scope) => callUser(() => body(scope))) : openScope(open);
}

/** The name of the current scope of the default graph, without trailing slash. Mirrors tf.get_current_name_scope. */
export function getCurrentNameScope(): string {
  return getDefaultGraph().currentScope;
}

/**
 * Ops made inside run after `controls` (operations, tensors, variables or their names), and after those of enclosing
 * blocks; null clears the latter. An op that reads another one made inside the same block waits through it.
 *
 * TypeError for what is no list, or holds what is no operation or tensor. Mirrors tf.compat.v1.control_dependencies.
 */
export function controlDependencies(controls: Iterable<unknown> | null): ScopeHandle<null>;
export function controlDependencies<R>(controls: Iterable<unknown> | null, body: () => R): R;
export function controlDependencies<R>(controls: Iterable<unknown> | null, body?: () => R): R | ScopeHandle<null> {
  const graph = getDefaultGraph();
  return body ? graph.controlDependencies(controls, () => callUser(body)) : graph.controlDependencies(controls);
}

/**
 * Ops made inside go to that device: a string such as `/job:ps/task:1/device:GPU:0`, any part of which may be absent and
 * is then taken from outer scopes; a function from the new op to a string; or null to ignore outer devices.
 *
 * ValueError for a string that is no device. Mirrors tf.compat.v1.device.
 */
export function device(name: string | DeviceFunction | null): ScopeHandle<null>;
export function device<R>(name: string | DeviceFunction | null, body: () => R): R;
export function device<R>(name: string | DeviceFunction | null, body?: () => R): R | ScopeHandle<null> {
  const graph = getDefaultGraph();
  return body ? graph.device(name, () => callUser(body)) : graph.device(name);
}

/**
 * Ops made inside are placed with `target`, an operation, tensor, variable or name. With `ignoreExisting`, outer
 * colocations do not apply, and `target` may be null.
 *
 * Mirrors tf.compat.v1.colocate_with.
 */
export function colocateWith(target: unknown, options?: { ignoreExisting?: boolean }): ScopeHandle<null>;
export function colocateWith<R>(target: unknown, options: { ignoreExisting?: boolean }, body: () => R): R;
export function colocateWith<R>(target: unknown, body: () => R): R;
export function colocateWith<R>(
  target: unknown,
  options: { ignoreExisting?: boolean } | (() => R) = {},
  body?: () => R,
): R | ScopeHandle<null> {
  if (typeof options === 'function') return colocateWith(target, {}, options);
  const graph = getDefaultGraph();
  return body ? graph.colocateWith(target, options, () => callUser(body)) : graph.colocateWith(target, options);
}

/** Stateful ops made inside keep their state in that container. Mirrors tf.container. */
export function container(name: string): ScopeHandle<null>;
export function container<R>(name: string, body: () => R): R;
export function container<R>(name: string, body?: () => R): R | ScopeHandle<null> {
  const graph = getDefaultGraph();
  return body ? graph.container(name, () => callUser(body)) : graph.container(name);
}

/** Adds to a collection of the default graph. Mirrors tf.compat.v1.add_to_collection. */
export function addToCollection(name: string, value: unknown): void {
  getDefaultGraph().addToCollection(name, value);
}

/** Adds to each of several collections once. Mirrors tf.compat.v1.add_to_collections. */
export function addToCollections(names: string | Iterable<string>, value: unknown): void {
  getDefaultGraph().addToCollections(names, value);
}

/**
 * A copy of a collection, empty if there is none of that name. With `scope` only the items that have a name which this
 * regular expression matches at its start.
 *
 * Mirrors tf.compat.v1.get_collection.
 */
export function getCollection<T = unknown>(name: string, scope?: string | null): T[] {
  return getDefaultGraph().getCollection<T>(name, scope);
}

/** The live list of a collection, made when absent. Mirrors tf.compat.v1.get_collection_ref. */
export function getCollectionRef<T = unknown>(name: string): T[] {
  return getDefaultGraph().getCollectionRef<T>(name);
}
