/**
 * Ops that a run needs and nothing here computes: nodes that came out of a file. All of them are named at once, those of
 * the functions that the run calls included.
 */
import { type Attrs, type AttrValue, FunctionReference } from '../../graph/attributes';
import { NotImplementedError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { registeredOps } from '../../graph/registry';
import { didYouMean } from '../../graph/suggest';
import { hasKernel } from '../kernels/index';

function* functionNames(attrs: Attrs): Generator<string> {
  const walk = function* (value: AttrValue): Generator<string> {
    if (value instanceof FunctionReference) yield value.name;
    else if (Array.isArray(value)) for (const item of value) yield* walk(item as AttrValue);
  };
  for (const value of Object.values(attrs)) yield* walk(value);
}

/** Nodes shown of one type. */
const SHOWN = 3;

/** How a node is called: functions are named, for the same names stand in many. */
function where(op: Operation): string {
  const owner = op.graph.isFunction ? ` of function '${(op.graph as Graph & { readonly name: string }).name}'` : '';
  return `'${op.name}'${owner}`;
}

function missingIn(needed: Iterable<Operation>): Map<string, Operation[]> {
  const missing = new Map<string, Operation[]>();
  const seen = new Set<string>();
  const pending = [...needed];
  for (let op = pending.pop(); op; op = pending.pop()) {
    if (!hasKernel(op.type)) missing.set(op.type, [op, ...(missing.get(op.type) ?? [])]);
    for (const name of functionNames(op.attrs)) {
      if (seen.has(name)) continue;
      seen.add(name);
      pending.push(...(op.graph.outermost.functions.get(name)?.operations ?? []));
    }
  }
  return missing;
}

/** NotImplementedError that lists all ops among those needed which have no kernel. */
export function requireKernels(needed: ReadonlySet<Operation>): void {
  let isComplete = true;
  for (const { type } of needed) isComplete &&= hasKernel(type);
  if (isComplete) return;
  const missing = [...missingIn(needed)].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = missing.map(([type, ops]) => {
    const shown = [...ops]
      .sort((a, b) => a.id - b.id)
      .slice(0, SHOWN)
      .map(where)
      .join(', ');
    const more = ops.length > SHOWN ? ` and ${ops.length - SHOWN} more` : '';
    return `\n  ${type}: ${ops.length === 1 ? 'node' : 'nodes'} ${shown}${more}.${didYouMean(type, registeredOps().keys())}`;
  });
  const what =
    missing.length === 1
      ? 'an op type that sluice does not have'
      : `${missing.length} op types that sluice does not have`;
  throw new NotImplementedError(
    `Op type not registered: this run needs ${what}.${lines.join('')}\nFeed a tensor behind such nodes, or fetch something that does not need them; docs/ops.md lists the ops there are.`,
  );
}
