/**
 * The graph of a tfjs model as a GraphDef of TensorFlow: fused nodes written out, weights put into their constants.
 */
import { clone, create } from '@bufbuild/protobuf';
import type { DType } from '../dtypes';
import { InvalidArgumentError } from '../errors';
import { allocate, NdArray, type NumericArray } from '../ndarray';
import { dtypeOf } from './dtypeProto';
import { AttrValueSchema } from './protos/generated/attr_value_pb';
import { type GraphDef, GraphDefSchema } from './protos/generated/graph_pb';
import { type NodeDef, NodeDefSchema } from './protos/generated/node_def_pb';
import { VersionDefSchema } from './protos/generated/versions_pb';
import { tensorToProto } from './tensorProto';
import { withoutFused } from './tfjsFused';

/** tfjs keeps what was int64 as int32 and what was a double as float32: back to what the graph says. */
function asType(value: NdArray, dtype: DType, name: string): NdArray {
  if (value.dtype === dtype) return value;
  const isWidened =
    (value.dtype.name === 'int32' && dtype.isInteger) || (value.dtype.name === 'float32' && dtype.name === 'float64');
  if (!isWidened)
    throw new InvalidArgumentError(
      `The weight '${name}' is ${value.dtype.name}, but the graph has a ${dtype.name} constant there.`,
    );
  const source = value.data as Int32Array;
  const data = allocate(dtype, source.length);
  if (dtype.isBigInt) for (let i = 0; i < source.length; i++) (data as BigInt64Array)[i] = BigInt(source[i]);
  else (data as Exclude<NumericArray, BigInt64Array | BigUint64Array>).set(source);
  return new NdArray(dtype, value.shape, data);
}

/** A constant with its value; other nodes as they are. */
function withValue(node: NodeDef, weights: ReadonlyMap<string, NdArray>): NodeDef {
  const weight = node.op === 'Const' ? weights.get(node.name) : undefined;
  if (!weight) return node;
  const type = node.attr.dtype?.value;
  const dtype = type?.case === 'type' ? dtypeOf(type.value, `Node '${node.name}': attr 'dtype'`) : weight.dtype;
  const tensor = tensorToProto(asType(weight, dtype, node.name));
  const attr = {
    ...node.attr,
    dtype: create(AttrValueSchema, { value: { case: 'type', value: dtype.asDatatypeEnum } }),
    value: create(AttrValueSchema, { value: { case: 'tensor', value: tensor } }),
  };
  return create(NodeDefSchema, { ...node, attr });
}

/** Constants of scalars and without elements may stand in the JSON itself; others must have a weight. */
function checkHasValue(node: NodeDef): void {
  if (node.op !== 'Const') return;
  const value = node.attr.value?.value;
  if (value?.case !== 'tensor')
    throw new InvalidArgumentError(`The constant '${node.name}' has neither a value nor a weight.`);
}

/** Without the shapes that the converter noted: they are hints, and in functions they may be of other nodes. */
function withoutShapes(node: NodeDef): NodeDef {
  const { _output_shapes, ...attr } = node.attr;
  return _output_shapes === undefined ? node : create(NodeDefSchema, { ...node, attr });
}

/** The GraphDef that a tfjs graph stands for, its constants taken from `weights`. */
export function graphDefFromTfjs(graph: GraphDef, weights: ReadonlyMap<string, NdArray>): GraphDef {
  const result = clone(GraphDefSchema, graph);
  const nodes = (list: readonly NodeDef[]) => withoutFused(list).map((node) => withoutShapes(withValue(node, weights)));
  result.node = nodes(result.node);
  for (const func of result.library?.function ?? []) func.nodeDef = nodes(func.nodeDef);
  for (const node of [...result.node, ...(result.library?.function ?? []).flatMap((func) => func.nodeDef)])
    checkHasValue(node);
  // tfjs leaves the producer out of graphs that its converter changed.
  if (!result.versions?.producer)
    result.versions = create(VersionDefSchema, {
      minConsumer: result.versions?.minConsumer,
      badConsumers: result.versions?.badConsumers,
      producer: PRODUCER,
    });
  return result;
}

/** That of the TensorFlow which current converters of tfjs run on. */
const PRODUCER = 1482;
