/**
 * The op definitions that a GraphDef needs, and attributes that have the default that those give them.
 *
 * A file without default values is read by older programs, too, which do not know attributes that came later.
 */
import { create, equals } from '@bufbuild/protobuf';
import { findOp } from '../registry';
import { attrToProto } from './attrProto';
import { opDefToProto } from './opDefProto';
import { AttrValueSchema } from './protos/generated/attr_value_pb';
import type { GraphDef } from './protos/generated/graph_pb';
import type { NodeDef } from './protos/generated/node_def_pb';
import { type OpDef, type OpList, OpListSchema } from './protos/generated/op_def_pb';

/** The nodes of a graph and of all its functions. */
export function* allNodes(graphDef: GraphDef): Generator<NodeDef> {
  yield* graphDef.node;
  for (const func of graphDef.library?.function ?? []) yield* func.nodeDef;
}

/**
 * Definitions of the ops that a graph uses, by name. Those that the registry lacks are taken from `given`; what nobody
 * describes is left out. Mirrors stripped_op_list_for_graph.
 */
export function strippedOpList(graphDef: GraphDef, given: readonly OpDef[] = []): OpList {
  const described = new Map(given.map((op) => [op.name, op]));
  const names = [...new Set(Array.from(allNodes(graphDef), ({ op }) => op))].sort();
  const ops = names.flatMap((name) => {
    const registered = findOp(name);
    const op = registered ? opDefToProto(registered.def) : described.get(name);
    return op ? [op] : [];
  });
  return create(OpListSchema, { op: ops });
}

/** Takes attributes away that have their default value. Changes the message. */
export function stripDefaults(graphDef: GraphDef): void {
  for (const { op, attr } of allNodes(graphDef)) {
    for (const { name, kind, defaultValue } of findOp(op)?.def.attrs ?? []) {
      if (defaultValue === undefined || attr[name] === undefined) continue;
      if (equals(AttrValueSchema, attr[name], attrToProto(defaultValue, kind))) delete attr[name];
    }
  }
}
