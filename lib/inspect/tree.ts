/**
 * The tree of name scopes, with the number of ops in each.
 */
import type { Graph } from '../../graph/graph';
import { Report } from './report';

export interface ScopeNode {
  readonly name: string;
  /** Ops in this scope and below. */
  readonly ops: number;
  readonly children: readonly ScopeNode[];
  /** Op types directly in this scope, with their numbers. */
  readonly types: Readonly<Record<string, number>>;
}

interface Draft {
  name: string;
  ops: number;
  children: Map<string, Draft>;
  types: Record<string, number>;
}

const empty = (name: string): Draft => ({ name, ops: 0, children: new Map(), types: {} });

function build(graph: Graph): Draft {
  const root = empty('');
  const scopes = new Set(
    graph.operations.flatMap((op) => op.name.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))),
  );
  for (const op of graph.operations) {
    const parts = op.name.split('/');
    // An op that shares its name with a scope stands in it: `dense/BiasAdd` in dense, the op `cond` in its scope cond.
    const depth = scopes.has(op.name) ? parts.length : parts.length - 1;
    let node = root;
    node.ops++;
    for (const part of parts.slice(0, depth)) {
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = empty(part)));
      node = child;
      node.ops++;
    }
    node.types[op.type] = (node.types[op.type] ?? 0) + 1;
  }
  return root;
}

function freeze(draft: Draft): ScopeNode {
  return { name: draft.name, ops: draft.ops, types: draft.types, children: [...draft.children.values()].map(freeze) };
}

function typesText(types: Readonly<Record<string, number>>): string {
  const names = Object.entries(types)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 6)
    .map(([type, count]) => (count > 1 ? `${type}×${count}` : type));
  return names.join(' ') + (Object.keys(types).length > 6 ? ' …' : '');
}

function lines(node: ScopeNode, depth: number, indent: string): string[] {
  if (depth === 0) return [];
  return node.children.flatMap((child, i) => {
    const isLast = i === node.children.length - 1;
    const types = typesText(child.types);
    return [
      `${indent}${isLast ? '└─ ' : '├─ '}${child.name} (${child.ops})${types ? `  ${types}` : ''}`,
      ...lines(child, depth - 1, indent + (isLast ? '   ' : '│  ')),
    ];
  });
}

/** The scope tree, down to `depth` levels in its text (default 2). */
export function tree(graph: Graph, { depth = 2 }: { readonly depth?: number } = {}): Report<ScopeNode> {
  const root = freeze(build(graph));
  const own = typesText(root.types);
  return new Report(root, [`(${root.ops})${own ? `  ${own}` : ''}`, ...lines(root, depth, '')].join('\n'));
}
