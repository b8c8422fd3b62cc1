/**
 * What a run would execute: how many ops, which placeholders must be fed, which variables are read and written, what is random.
 */
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { Tensor } from '../../graph/tensor';
import { type Feeds, feedPairs, resolveFeedKey } from '../../runtime/feeds';
import { type Fetch, resolveFetches } from '../../runtime/fetches';
import { neededOps } from '../../runtime/plan/order';
import { Report } from './report';

export interface Needs {
  readonly ops: number;
  readonly placeholders: readonly string[];
  /** Placeholders that have a default and are not fed. */
  readonly defaults: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly random: readonly string[];
}

const RANDOM = /^(Random|TruncatedNormal|Multinomial|ParameterizedTruncatedNormal)/;

/** The variable that a handle comes from. */
function variableName(handle: Tensor): string {
  let tensor = handle;
  while (tensor.op.type === 'Identity') tensor = tensor.op.inputs[0];
  return tensor.op.name;
}

function touched(ops: readonly Operation[], types: RegExp): string[] {
  return [...new Set(ops.filter((op) => types.test(op.type)).map((op) => variableName(op.inputs[0])))].sort();
}

/** What running `fetches` needs, given that `feeds` (tensors or names) are fed. */
export function needs(graph: Graph, fetches: Fetch, feeds: readonly (Tensor | string)[] | Feeds = []): Report<Needs> {
  const keys =
    Array.isArray(feeds) && feeds.every((key) => typeof key === 'string' || key instanceof Tensor)
      ? feeds
      : feedPairs(feeds as Feeds).map(([key]) => key);
  const fed = new Set(keys.map((key) => resolveFeedKey(graph, key)));
  const { tensors, targets } = resolveFetches(graph, fetches);
  const roots = [...tensors.filter((tensor) => !fed.has(tensor)).map((tensor) => tensor.op), ...targets];
  const ops = [...neededOps(roots, fed)].sort((a, b) => a.id - b.id);
  const named = (type: string) => ops.filter((op) => op.type === type).map((op) => op.name);
  const bodies = functionOps(graph, ops);
  const found: Needs = {
    ops: ops.length,
    placeholders: named('Placeholder'),
    defaults: named('PlaceholderWithDefault'),
    reads: touched(ops, /^(ReadVariableOp|ResourceGather)/),
    writes: touched(ops, /^(Assign.*VariableOp|Resource(Sparse)?Apply|ResourceScatter)/),
    random: [...ops, ...bodies].filter((op) => RANDOM.test(op.type)).map((op) => op.name),
  };
  const row = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title.padEnd(20)}${names.join(', ')}`];
  const text = [
    `${'ops to run'.padEnd(20)}${found.ops} of ${graph.operations.length}`,
    ...row('must be fed', found.placeholders),
    ...row('default used', found.defaults),
    ...row('variables read', found.reads),
    ...row('variables written', found.writes),
    ...row('random', found.random),
  ];
  return new Report(found, text.join('\n'));
}

/** The ops of the functions that ops may call, and of those that these call. */
function functionOps(graph: Graph, callers: readonly Operation[]): Operation[] {
  const called = new Set<string>();
  const found: Operation[] = [];
  let next = callers;
  while (next.length > 0) {
    const names = next.flatMap((op) => Object.values(op.attrs)).flatMap(functionNames);
    const fresh = [...new Set(names)].filter((name) => !called.has(name));
    for (const name of fresh) called.add(name);
    next = fresh.flatMap((name) => graph.functions.get(name)?.operations ?? []);
    for (const op of next) found.push(op);
  }
  return found;
}

function functionNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(functionNames);
  const name = (value as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? [name] : [];
}
