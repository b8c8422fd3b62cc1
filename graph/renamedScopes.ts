/**
 * Finds name scopes that are in two states of a graph under two names: with the same nodes, called and typed alike.
 *
 * Only whole scopes count: all nodes under the old name are gone, all under the new one are new. The outermost scopes are
 * tried first, and the first new scope that fits is taken.
 */
import type { AttrState } from './attrState';
import type { NodeState, NodeStates } from './state';

/** A scope's two names, without trailing slash, and how many nodes it holds. */
export interface ScopeRenaming {
  readonly before: string;
  readonly after: string;
  readonly nodes: number;
}

/** For each scope all of whose nodes are among `names`: those nodes, by their names inside the scope. */
function wholeScopes(nodes: NodeStates, names: readonly string[]): Map<string, string[]> {
  const prefixes = (name: string) => [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index));
  const totals = new Map<string, number>();
  for (const name of nodes.keys()) for (const scope of prefixes(name)) totals.set(scope, (totals.get(scope) ?? 0) + 1);
  const members = new Map<string, string[]>();
  for (const name of names) {
    for (const scope of prefixes(name)) {
      const inside = name.slice(scope.length);
      const known = members.get(scope);
      if (known) known.push(inside);
      else members.set(scope, [inside]);
    }
  }
  const among = new Set(names);
  for (const [scope, inside] of members) {
    if (inside.length !== totals.get(scope)) members.delete(scope);
    // A node of the scope's own name, as `dropout` beside `dropout/mul`, goes with it.
    else if (among.has(scope)) inside.push('');
  }
  return members;
}

function signature(nodes: NodeStates, scope: string, inside: readonly string[]): string {
  return JSON.stringify(inside.map((name) => [name, nodes.get(scope + name)!.op]).sort());
}

const depth = (scope: string) => scope.split('/').length;

export function renamedScopes(
  before: NodeStates,
  after: NodeStates,
  removed: readonly string[],
  added: readonly string[],
): ScopeRenaming[] {
  const candidates = new Map<string, string[]>();
  for (const [scope, inside] of wholeScopes(after, added)) {
    const key = signature(after, scope, inside);
    const known = candidates.get(key);
    if (known) known.push(scope);
    else candidates.set(key, [scope]);
  }
  const found: ScopeRenaming[] = [];
  const isTaken = (scope: string, side: 'before' | 'after') =>
    found.some((pair) => scope === pair[side] || scope.startsWith(`${pair[side]}/`));
  const scopes = [...wholeScopes(before, removed)].sort((a, b) => depth(a[0]) - depth(b[0]));
  for (const [scope, inside] of scopes) {
    if (isTaken(scope, 'before')) continue;
    const match = candidates.get(signature(before, scope, inside))?.find((name) => !isTaken(name, 'after'));
    if (match !== undefined) found.push({ before: scope, after: match, nodes: inside.length });
  }
  return found;
}

/** How names and nodes read after these renamings. */
export function renaming(scopes: readonly ScopeRenaming[]): {
  newName: (name: string) => string;
  renameNode: (node: NodeState) => NodeState;
} {
  const newName = (name: string) => {
    const pair = scopes.find(({ before }) => name === before || name.startsWith(`${before}/`));
    return pair ? pair.after + name.slice(pair.before.length) : name;
  };
  const renameInput = (input: string) => {
    const colon = input.indexOf(':');
    return colon < 0 ? newName(input) : newName(input.slice(0, colon)) + input.slice(colon);
  };
  const renameGroup = (item: AttrState): AttrState =>
    'string' in item && item.string.startsWith('loc:@') ? { string: `loc:@${newName(item.string.slice(5))}` } : item;
  const renameNode = (node: NodeState): NodeState => {
    if (scopes.length === 0) return node;
    const { _class: groups } = node.attrs;
    return {
      ...node,
      name: newName(node.name),
      inputs: node.inputs.map(renameInput),
      controlInputs: node.controlInputs.map(newName),
      attrs:
        groups && 'list' in groups ? { ...node.attrs, _class: { list: groups.list.map(renameGroup) } } : node.attrs,
    };
  };
  return { newName, renameNode };
}
