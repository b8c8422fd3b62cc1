/**
 * Nodes of a GraphDef whose value is known now, computed and replaced by constants.
 */
import { create } from '@bufbuild/protobuf';
import { importGraphDef } from '../../graph/formats/importGraphDef';
import { AttrValueSchema } from '../../graph/formats/protos/generated/attr_value_pb';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { type NodeDef, NodeDefSchema } from '../../graph/formats/protos/generated/node_def_pb';
import { tensorToProto } from '../../graph/formats/tensorProto';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { findOp } from '../../graph/registry';
import { Session } from '../../runtime/session';

/** Larger results stay computed: a file of ones is longer than the node that fills. */
const MOST_ELEMENTS = 1 << 22;

const holdsFunctions = (op: Operation) => [...op.def.attrs].some(({ kind }) => kind === 'func');

/** Whether the value of an op is the same in each run, given that its inputs are. */
function isPure(op: Operation): boolean {
  const registered = findOp(op.type);
  if (!registered || registered.stateful || holdsFunctions(op) || op.controlInputs.length > 0) return false;
  if (op.outputs.length !== 1 || op.type.startsWith('Placeholder')) return false;
  const { dtype, shape } = op.output;
  return dtype.isNumeric || dtype.isBool || dtype.name === 'string'
    ? (shape.numElements() ?? 0) <= MOST_ELEMENTS
    : false;
}

/** The ops that constants alone decide. */
function decided(graph: Graph): Set<Operation> {
  const found = new Set<Operation>();
  for (const op of graph.operations) if (isPure(op) && op.inputs.every((input) => found.has(input.op))) found.add(op);
  return found;
}

/** The values of ops; an op that fails keeps failing when it runs. */
function valuesOf(graph: Graph, ops: readonly Operation[]): Map<string, NdArray> {
  const session = new Session({ graph });
  const values = new Map<string, NdArray>();
  for (const op of ops) {
    try {
      values.set(op.name, session.runSync(op.output) as NdArray);
    } catch {
      // It stays as it is.
    }
  }
  session.close();
  return values;
}

function constantNode(node: NodeDef, value: NdArray): NodeDef {
  const dtype = create(AttrValueSchema, { value: { case: 'type', value: value.dtype.asDatatypeEnum } });
  const tensor = create(AttrValueSchema, { value: { case: 'tensor', value: tensorToProto(value) } });
  return create(NodeDefSchema, { name: node.name, op: 'Const', device: node.device, attr: { dtype, value: tensor } });
}

/**
 * The GraphDef with each op that constants alone decide replaced by its value, where something else reads it or `keep`
 * names it. Random ops, ops with state, and large results stay.
 */
export function foldConstants(graphDef: GraphDef, keep: readonly string[] = []): GraphDef {
  const graph = new Graph();
  graph.asDefault(() => importGraphDef(graphDef, { name: '' }));
  const known = decided(graph);
  const readers = new Set(
    graph.operations.filter((op) => !known.has(op)).flatMap((op) => op.inputs.map((input) => input.op)),
  );
  const wanted = [...known].filter((op) => op.type !== 'Const' && (readers.has(op) || keep.includes(op.name)));
  const values = valuesOf(graph, wanted);
  const node = graphDef.node.map((each) => {
    const value = values.get(each.name);
    return value === undefined ? each : constantNode(each, value);
  });
  return create(GraphDefSchema, { ...graphDef, node });
}
