/**
 * What is in a file of graphs, for `show`: how many nodes of what types, what goes in and what comes out, signatures.
 */
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { findOp } from '../../graph/registry';
import type { Tensor } from '../../graph/tensor';
import { Report } from '../inspect/report';
import type { LoadedGraph, Signature } from './files/kind';

/** How many types of ops, and outputs, are named. */
const MOST_NAMED = 12;

export interface OneGraph {
  /** Of a SavedModel's graphs. */
  readonly tags: string | null;
  readonly nodes: number;
  readonly functions: number;
  readonly ops: Readonly<Record<string, number>>;
  /** Types of ops that sluice does not know: their nodes can be looked at, not run. */
  readonly unknownOps: readonly string[];
  readonly inputs: readonly string[];
  /** Values that nothing reads. */
  readonly outputs: readonly string[];
  readonly variables: number;
  readonly signatures: Readonly<Record<string, Signature>>;
}

export interface GraphInfo {
  readonly kind: string;
  readonly graphs: readonly OneGraph[];
}

/** Nodes that save, restore and watch variables: the file has them, the model does not need them. */
const isMachinery = ({ name, type }: Operation) =>
  /^save(_\d+)?\//.test(name) || type === 'VarIsInitializedOp' || name.endsWith('/Read/ReadVariableOp');

const described = (tensor: Tensor) => `${tensor.name} ${tensor.dtype.name}${shapeOf(tensor)}`;

function shapeOf({ shape }: Tensor): string {
  return shape.dims === null ? '[…]' : `[${shape.dims.map((dim) => dim ?? '?').join(',')}]`;
}

function countOf(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of graph.operations) counts.set(type, (counts.get(type) ?? 0) + 1);
  return new Map([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

function infoOf({ graph, signatures = new Map() }: LoadedGraph, tags: string | null): OneGraph {
  const read = new Set(graph.operations.flatMap(({ inputs }) => inputs));
  const model = graph.operations.filter((op) => !isMachinery(op));
  const outputs = model.flatMap((op) => op.outputs).filter((tensor) => !read.has(tensor));
  const bodies = [...graph.functions.values()].flatMap(({ operations }) => operations);
  const types = new Set([...graph.operations, ...bodies].map(({ type }) => type));
  return {
    tags,
    nodes: graph.operations.length,
    functions: graph.functions.size,
    ops: Object.fromEntries(countOf(graph)),
    unknownOps: [...types].filter((type) => findOp(type) === undefined).sort(),
    inputs: graph.operations
      .filter(({ type }) => type.startsWith('Placeholder'))
      .map(({ output }) => described(output)),
    outputs: outputs.map(described),
    variables: graph.operations.filter(({ type }) => /^(VarHandleOp|VariableV2|Variable)$/.test(type)).length,
    signatures: Object.fromEntries(signatures),
  };
}

/** The first few of a list, and how many there are more. */
function some(items: readonly string[], most = MOST_NAMED): string {
  const more = items.length - most;
  return `${items.slice(0, most).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function linesOf(info: OneGraph): string[] {
  const { nodes, functions, variables, ops, unknownOps, inputs, outputs, signatures, tags } = info;
  const named = Object.entries(signatures).flatMap(([name, { inputs: given, outputs: got }]) => [
    `signature ${name}`,
    ...Object.entries(given).map(([key, tensor]) => `  in   ${key} = ${tensor}`),
    ...Object.entries(got).map(([key, tensor]) => `  out  ${key} = ${tensor}`),
  ]);
  return [
    `${tags === null ? '' : `#${tags}  `}${nodes} nodes, ${functions} functions, ${variables} variables`,
    ...(nodes > 0
      ? [`ops      ${some(Object.entries(ops).map(([type, count]) => (count > 1 ? `${type} ×${count}` : type)))}`]
      : []),
    ...(unknownOps.length > 0 ? [`unknown  ${some(unknownOps)}`] : []),
    ...(inputs.length > 0 ? [`in       ${some(inputs)}`] : []),
    ...(outputs.length > 0 ? [`out      ${some(outputs)}`] : []),
    ...named,
  ];
}

/** A report on the graphs of a file. */
export function graphReport(
  kind: string,
  graphs: readonly (LoadedGraph & { readonly tags?: string })[],
): Report<GraphInfo> {
  const infos = graphs.map((graph) => infoOf(graph, graph.tags ?? null));
  return new Report({ kind, graphs: infos }, infos.flatMap(linesOf).join('\n'));
}
