/**
 * What a picture of a graph shows: boxes for scopes and ops, and the edges between them. Layout is layout.ts, drawing svg.ts and dot.ts.
 */
import { KeyError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { didYouMean } from '../../graph/suggest';
import type { Tensor } from '../../graph/tensor';

export interface PictureOptions {
  /** Scopes to open; the others are single boxes. A scope is opened only if those around it are. */
  readonly expand?: readonly string[];
  /** Also show gradients, initializers and saving. Default false. */
  readonly machinery?: boolean;
}

export interface Box {
  readonly id: string;
  /** The last component of the name. */
  readonly label: string;
  /** The op type, or how many ops the scope holds. */
  readonly note: string;
  readonly isScope: boolean;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Shape of the tensors that flow, where they agree. */
  readonly label: string;
  readonly isControl: boolean;
}

export interface Picture {
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
}

const MACHINERY = /^(gradients|init|save|report_uninitialized_variables)(_\d+)?(\/|$)/;

/** The box that shows an op: the outermost scope around it that is not expanded, or itself. */
function boxOf(name: string, scopes: ReadonlySet<string>, expanded: ReadonlySet<string>): string {
  const parts = name.split('/');
  for (let i = 1; i < parts.length; i++) {
    const scope = parts.slice(0, i).join('/');
    if (!expanded.has(scope)) return scope;
  }
  return scopes.has(name) && !expanded.has(name) ? name : expanded.has(name) ? `${name}/(op)` : name;
}

function shapeText(tensor: Tensor): string {
  return tensor.shape.dims === null ? '?' : tensor.shape.dims.map((dim) => dim ?? '?').join('×');
}

/** Boxes and edges of a graph, scopes folded. KeyError for a scope to expand that is not there. */
export function picture(graph: Graph, { expand = [], machinery = false }: PictureOptions = {}): Picture {
  const scopes = new Set(graph.operations.flatMap((op) => prefixes(op.name)));
  for (const scope of expand) {
    if (!scopes.has(scope)) throw new KeyError(`There is no scope '${scope}' to expand.${didYouMean(scope, scopes)}`);
  }
  const expanded = new Set(expand);
  const shown = graph.operations.filter((op) => machinery || !MACHINERY.test(op.name));
  const boxIds = new Map<Operation, string>(shown.map((op) => [op, boxOf(op.name, scopes, expanded)]));
  const members = new Map<string, Operation[]>();
  for (const [op, id] of boxIds) {
    const known = members.get(id);
    if (known) known.push(op);
    else members.set(id, [op]);
  }
  const boxes = [...members].map(([id, ops]) => {
    const isScope = ops.length > 1 || ops[0].name !== id.replace(/\/\(op\)$/, '');
    const only = ops[0];
    return {
      id,
      label: id
        .replace(/\/\(op\)$/, '')
        .split('/')
        .at(-1)!,
      note: isScope ? `${ops.length} ${ops.length === 1 ? 'op' : 'ops'}` : only.type,
      isScope,
    };
  });
  return { boxes, edges: edgesOf(boxIds) };
}

function prefixes(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

function edgesOf(boxIds: ReadonlyMap<Operation, string>): Edge[] {
  const edges = new Map<string, { from: string; to: string; labels: Set<string>; isControl: boolean }>();
  const add = (source: Operation, target: string, label: string | null) => {
    const from = boxIds.get(source);
    if (from === undefined || from === target) return;
    const key = `${from}\n${target}\n${label === null}`;
    let edge = edges.get(key);
    if (!edge) edges.set(key, (edge = { from, to: target, labels: new Set(), isControl: label === null }));
    if (label !== null) edge.labels.add(label);
  };
  for (const [op, id] of boxIds) {
    for (const input of op.inputs) add(input.op, id, shapeText(input));
    for (const control of op.controlInputs) add(control, id, null);
  }
  const all = [...edges.values()];
  const hasData = new Set(all.filter((edge) => !edge.isControl).map(({ from, to }) => `${from}\n${to}`));
  return all
    .filter((edge) => !edge.isControl || !hasData.has(`${edge.from}\n${edge.to}`))
    .map(({ from, to, labels, isControl }) => ({
      from,
      to,
      isControl,
      label: labels.size === 1 ? [...labels][0] : '',
    }));
}
