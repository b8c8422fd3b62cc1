/**
 * The part of a GraphDef that some nodes need.
 */
import { create } from '@bufbuild/protobuf';
import { AssertionError } from '../../graph/errors';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import type { NodeDef } from '../../graph/formats/protos/generated/node_def_pb';

/** The node that an input of a node names: `a` of `a`, `a:1` and `^a`. */
export const nodeNameOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

const decoder = new TextDecoder();

/** The nodes that a node is placed with. */
function colocated({ attr }: NodeDef): string[] {
  const value = attr._class?.value;
  if (value?.case !== 'list') return [];
  return value.value.s
    .map((bytes) => decoder.decode(bytes))
    .flatMap((text) => (text.startsWith('loc:@') ? [text.slice(5)] : []));
}

/**
 * The nodes that `destNodes` need, those included, in their order; with the library and the versions.
 *
 * Mirrors tf.compat.v1.graph_util.extract_sub_graph. AssertionError for a name that no node has.
 */
export function extractSubGraph(graphDef: GraphDef, destNodes: readonly string[]): GraphDef {
  const byName = new Map(graphDef.node.map((node) => [node.name, node]));
  for (const name of destNodes) if (!byName.has(name)) throw new AssertionError(`${name} is not in graph`);
  const kept = new Set<string>();
  const waiting = [...destNodes];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = byName.get(name);
    if (!node || kept.has(name)) continue;
    kept.add(name);
    waiting.push(...node.input.map(nodeNameOf), ...colocated(node));
  }
  const node = graphDef.node.filter(({ name }) => kept.has(name));
  return create(GraphDefSchema, { node, library: graphDef.library, versions: graphDef.versions });
}
