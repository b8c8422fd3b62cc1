/**
 * Attributes that are newer than this library: the producer's definitions tell which attributes have the default of
 * their time, and those that ops here do not have are taken away where they do.
 */
import { clone, equals } from '@bufbuild/protobuf';
import { findOp } from '../registry';
import { AttrValueSchema } from './protos/generated/attr_value_pb';
import { type GraphDef, GraphDefSchema } from './protos/generated/graph_pb';
import type { NodeDef } from './protos/generated/node_def_pb';
import type { OpDef, OpList } from './protos/generated/op_def_pb';

function strip(node: NodeDef, producer: OpDef | undefined): void {
  const known = findOp(node.op)?.def.attrByName;
  if (!known || !producer) return;
  for (const { name, defaultValue } of producer.attr) {
    const value = node.attr[name];
    if (value && defaultValue && !known.has(name) && equals(AttrValueSchema, value, defaultValue))
      delete node.attr[name];
  }
}

/** A copy of the graph without attributes that only its producer knows, where they have their default. */
export function removeNewDefaults(graphDef: GraphDef, producer: OpList): GraphDef {
  const result = clone(GraphDefSchema, graphDef);
  const definitions = new Map(producer.op.map((op) => [op.name, op]));
  const bodies = [result.node, ...(result.library?.function ?? []).map(({ nodeDef }) => nodeDef)];
  for (const node of bodies.flat()) strip(node, definitions.get(node.op));
  return result;
}
