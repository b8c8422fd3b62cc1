/**
 * Freezing: a GraphDef whose variables are constants, so that it needs nothing beside itself. Functions that get variables are
 * written anew, with the values in their place.
 */
import { create } from '@bufbuild/protobuf';
import { applyUnary } from '../../graph/applyOp';
import { ValueError } from '../../graph/errors';
import { type AttrValue, AttrValueSchema } from '../../graph/formats/protos/generated/attr_value_pb';
import {
  type FunctionDef,
  FunctionDefLibrarySchema,
  FunctionDefSchema,
} from '../../graph/formats/protos/generated/function_pb';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { type NodeDef, NodeDefSchema } from '../../graph/formats/protos/generated/node_def_pb';
import { type OpDef_ArgDef, OpDef_ArgDefSchema } from '../../graph/formats/protos/generated/op_def_pb';
import { DataType } from '../../graph/formats/protos/generated/types_pb';
import { tensorToProto } from '../../graph/formats/tensorProto';
import type { NdArray } from '../../graph/ndarray';
import type { Session } from '../../runtime/session';
import { extractSubGraph } from './extractSubGraph';

const VARIABLES = new Set(['VarHandleOp', 'VariableV2', 'Variable']);
/** Ops that call functions with their inputs from that index on, and the attributes that list the inputs' types. */
const CALLS: Readonly<Record<string, { readonly from: number; readonly types: readonly string[] }>> = {
  If: { from: 1, types: ['Tin'] },
  StatelessIf: { from: 1, types: ['Tin'] },
  Case: { from: 1, types: ['Tin'] },
  StatelessCase: { from: 1, types: ['Tin'] },
  While: { from: 0, types: ['T'] },
  StatelessWhile: { from: 0, types: ['T'] },
  PartitionedCall: { from: 0, types: ['Tin'] },
  StatefulPartitionedCall: { from: 0, types: ['Tin'] },
};

const hasBatches = ({ attr }: NodeDef) => attr.batch_dims?.value.case === 'i' && attr.batch_dims.value.value !== 0n;
const typeAttr = (value: DataType) => create(AttrValueSchema, { value: { case: 'type', value } });
const dataInputs = ({ input }: NodeDef) => input.filter((each) => !each.startsWith('^'));

/** Rewrites the nodes of a graph or of a function, given which inputs are variables that have become values. */
class Freezer {
  readonly functions = new Map<string, FunctionDef>();
  readonly #library: ReadonlyMap<string, FunctionDef>;

  constructor(graphDef: GraphDef) {
    this.#library = new Map((graphDef.library?.function ?? []).map((def) => [def.signature?.name ?? '', def]));
  }

  /**
   * `values` are the types of what were handles, by the name that readers use; it grows by those that are passed on. The
   * result has nodes in place of those that read handles. `renamed` gets outputs that are called otherwise now.
   */
  nodes(nodes: readonly NodeDef[], values: Map<string, DataType>, renamed: Map<string, string>): NodeDef[] {
    return nodes.map((node) => {
      const types = dataInputs(node).map((input) => values.get(input));
      if (types.every((type) => type === undefined)) return node;
      return this.#node(node, types, values, renamed);
    });
  }

  #node(
    node: NodeDef,
    types: readonly (DataType | undefined)[],
    values: Map<string, DataType>,
    renamed: Map<string, string>,
  ): NodeDef {
    const { name, op } = node;
    const [type] = types;
    if (op === 'ReadVariableOp' || op === 'Identity') {
      const attr = { T: typeAttr(type as DataType) };
      if (op === 'ReadVariableOp') renamed.set(`${name}:value`, `${name}:output`);
      else for (const spelled of [name, `${name}:0`, `${name}:output:0`]) values.set(spelled, type as DataType);
      return create(NodeDefSchema, { ...node, op: 'Identity', attr });
    }
    if (op === 'ResourceGather' && types.length === 2 && !hasBatches(node)) {
      const { dtype, Tindices, validate_indices } = node.attr;
      const attr = { Tparams: dtype, Tindices, ...(validate_indices && { validate_indices }) };
      return create(NodeDefSchema, { ...node, op: 'Gather', attr });
    }
    const call = CALLS[op];
    if (!call) throw this.#refusal(node, 'does more than read it');
    const attr = { ...node.attr };
    for (const key of call.types) attr[key] = this.#withTypes(attr[key], types.slice(call.from));
    for (const [key, value] of Object.entries(attr)) attr[key] = this.#withFunctions(value, types.slice(call.from));
    const isLoop = op.endsWith('While');
    types.forEach((each, i) => {
      if (!isLoop || each === undefined) return;
      for (const spelled of [`${name}:${i}`, `${name}:output:${i}`, ...(i === 0 ? [name] : [])])
        values.set(spelled, each);
    });
    return create(NodeDefSchema, { ...node, attr });
  }

  #refusal({ name, op }: NodeDef, why: string): ValueError {
    return new ValueError(
      `The graph cannot be frozen: node ${name} (${op}) takes a variable and ${why}. Name outputs that do not need it.`,
    );
  }

  #withTypes(value: AttrValue, types: readonly (DataType | undefined)[]): AttrValue {
    if (value.value.case !== 'list') return value;
    const list = { ...value.value.value, type: value.value.value.type.map((type, i) => types[i] ?? type) };
    return create(AttrValueSchema, { value: { case: 'list', value: list } });
  }

  #withFunctions(value: AttrValue, types: readonly (DataType | undefined)[]): AttrValue {
    if (value.value.case === 'func') {
      const func = { ...value.value.value, name: this.#function(value.value.value.name, types) };
      return create(AttrValueSchema, { value: { case: 'func', value: func } });
    }
    if (value.value.case !== 'list' || value.value.value.func.length === 0) return value;
    const func = value.value.value.func.map((each) => ({ ...each, name: this.#function(each.name, types) }));
    return create(AttrValueSchema, { value: { case: 'list', value: { ...value.value.value, func } } });
  }

  /** The name of the function for arguments of these types. */
  #function(name: string, types: readonly (DataType | undefined)[]): string {
    const def = this.#library.get(name);
    if (!def?.signature) return name;
    const frozen = `${name}_frozen${types.map((type) => (type === undefined ? '' : `_${type}`)).join('')}`;
    if (this.functions.has(frozen)) return frozen;
    const typed = (arg: OpDef_ArgDef, type: DataType | undefined) =>
      type === undefined ? arg : create(OpDef_ArgDefSchema, { ...arg, type, handleData: [] });
    const inputArg = def.signature.inputArg.map((arg, i) => typed(arg, types[i]));
    const values = new Map<string, DataType>();
    inputArg.forEach(({ name: arg }, i) => {
      const type = types[i];
      if (type !== undefined) values.set(arg, type);
    });
    const renamed = new Map<string, string>();
    const nodes = this.nodes(def.nodeDef, values, renamed);
    const read = (input: string) => {
      const [, output, index] = /^(.*):(\d+)$/.exec(input) ?? [];
      return output !== undefined && renamed.has(output) ? `${renamed.get(output)}:${index}` : input;
    };
    const nodeDef = nodes.map((node) => create(NodeDefSchema, { ...node, input: node.input.map(read) }));
    const outputArg = def.signature.outputArg.map((arg) => typed(arg, values.get(def.ret[arg.name] ?? '')));
    const ret = Object.fromEntries(Object.entries(def.ret).map(([key, input]) => [key, read(input)]));
    const signature = { ...def.signature, name: frozen, inputArg, outputArg };
    this.functions.set(frozen, create(FunctionDefSchema, { ...def, signature, nodeDef, ret }));
    return frozen;
  }
}

/** The values of variables, by the names of their nodes. */
function valuesOf(session: Session, names: readonly string[]): Map<string, NdArray> {
  const { graph } = session;
  const reads = names.map((name) => {
    const op = graph.findOperation(name);
    if (!op) throw new ValueError(`The session's graph has no variable ${name}.`);
    if (op.type !== 'VarHandleOp') return op.output;
    return graph.asDefault(() => applyUnary('ReadVariableOp', { resource: op.output, dtype: op.attrs.dtype }));
  });
  const values = session.runSync(reads) as NdArray[];
  return new Map(names.map((name, i) => [name, values[i]]));
}

/**
 * The part of a GraphDef that `outputNodeNames` need, with the variables' values in the session as constants.
 *
 * Mirrors tf.compat.v1.graph_util.convert_variables_to_constants. AssertionError for a name that no node has, ValueError when a
 * node does more with a variable than read it, FailedPreconditionError when one has no value.
 */
export function convertVariablesToConstants(
  session: Session,
  inputGraphDef: GraphDef,
  outputNodeNames: readonly string[],
): GraphDef {
  const part = extractSubGraph(inputGraphDef, outputNodeNames);
  const variables = part.node.filter(({ op }) => VARIABLES.has(op)).map(({ name }) => name);
  const arrays = valuesOf(session, variables);
  const freezer = new Freezer(part);
  const handles = new Map<string, DataType>();
  for (const { name, op } of part.node) {
    const value = arrays.get(name);
    if (value === undefined || op !== 'VarHandleOp') continue;
    for (const spelled of [name, `${name}:0`]) handles.set(spelled, value.dtype.asDatatypeEnum);
  }
  const node = freezer.nodes(part.node, handles, new Map()).map((each) => {
    const value = arrays.get(each.name);
    return value === undefined ? each : constantNode(each, value);
  });
  const functions = [...(part.library?.function ?? []), ...freezer.functions.values()];
  const library = create(FunctionDefLibrarySchema, { gradient: part.library?.gradient, function: functions });
  return create(GraphDefSchema, { ...part, node, library: functions.length > 0 ? library : undefined });
}

function constantNode({ name, device }: NodeDef, value: NdArray): NodeDef {
  const tensor = create(AttrValueSchema, { value: { case: 'tensor', value: tensorToProto(value) } });
  const attr = { dtype: typeAttr(value.dtype.asDatatypeEnum), value: tensor };
  return create(NodeDefSchema, { name, op: 'Const', device, attr });
}
