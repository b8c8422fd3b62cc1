/**
 * What two graphs do not share.
 */
import { diff as diffStates, type GraphDiff } from '../../graph/diff';
import type { Graph } from '../../graph/graph';
import { Report } from './report';

export interface Difference extends Omit<GraphDiff, 'patches'> {
  readonly isEmpty: boolean;
}

/** Nodes added, removed, changed and rewired from `before` to `after`, and scopes that only got another name. */
export function diff(before: Graph, after: Graph): Report<Difference> {
  const { patches, ...found } = diffStates(before.state, after.state);
  const value = (part: unknown) => (part === undefined ? 'absent' : JSON.stringify(part));
  const lines = [
    ...found.renamedScopes.map((scope) => `= ${scope.before}/** → ${scope.after}/**  (${scope.nodes} nodes)`),
    ...found.removed.map((name) => `- ${name}`),
    ...found.added.map((name) => `+ ${name} = ${after.findOperation(name)?.type ?? ''}`),
    ...found.changed.flatMap(({ name, ...change }) => [
      `~ ${name}`,
      ...Object.entries(change).flatMap(([part, what]) => describe(part, what, value)),
    ]),
    ...found.rewired.flatMap(({ name, ...wires }) => [
      `> ${name}`,
      ...Object.entries(wires).flatMap(([part, what]) => describe(part, what, value)),
    ]),
    ...found.collections.map((name) => `~ collection ${name}`),
  ];
  const count = `${found.added.length} added, ${found.removed.length} removed, ${found.changed.length} changed, ${found.rewired.length} rewired, ${found.renamedScopes.length} scopes renamed`;
  const isEmpty = patches.length === 0;
  return new Report({ ...found, isEmpty }, isEmpty ? 'The graphs are the same.' : [...lines, count].join('\n'));
}

function describe(part: string, what: unknown, value: (part: unknown) => string): string[] {
  if (typeof what !== 'object' || what === null) return what === undefined ? [] : [`    ${part}: ${value(what)}`];
  if ('before' in what || 'after' in what) {
    const { before, after } = what as { before?: unknown; after?: unknown };
    return [`    ${part}: ${value(before)} → ${value(after)}`];
  }
  return Object.entries(what).flatMap(([key, inner]) => describe(`${part}.${key}`, inner, value));
}
