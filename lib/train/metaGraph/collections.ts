/**
 * Collections of a graph as a MetaGraph holds them, and back: variables, nodes, strings, integers, numbers, packed messages.
 *
 * Contexts of the old control flow, queue runners and savers are messages here too: they are kept as such.
 */
import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt';
import { GraphKeys } from '../../../graph/collections';
import { DataLossError, NotFoundError, ValueError } from '../../../graph/errors';
import { CondContextDefSchema, WhileContextDefSchema } from '../../../graph/formats/protos/generated/control_flow_pb';
import { type CollectionDef, CollectionDefSchema } from '../../../graph/formats/protos/generated/meta_graph_pb';
import { QueueRunnerDefSchema } from '../../../graph/formats/protos/generated/queue_runner_pb';
import { SaverDefSchema } from '../../../graph/formats/protos/generated/saver_pb';
import { type VariableDef, VariableDefSchema } from '../../../graph/formats/protos/generated/variable_pb';
import { bytesOf } from '../../../graph/formats/tensorProto';
import type { Graph } from '../../../graph/graph';
import { toStringElement } from '../../../graph/ndarray';
import { Operation } from '../../../graph/operation';
import { Tensor } from '../../../graph/tensor';
import { RefVariable } from '../../variables/refVariable';
import { Variable } from '../../variables/variable';
import { prependScope, stripScope, variableFromProto, variableToProto } from '../../variables/variableProto';
import { scopedMessage } from './scopedMessages';

/** Collections whose members are variables. */
const VARIABLES: ReadonlySet<string> = new Set([
  GraphKeys.GLOBAL_VARIABLES,
  GraphKeys.LOCAL_VARIABLES,
  GraphKeys.METRIC_VARIABLES,
  GraphKeys.MODEL_VARIABLES,
  GraphKeys.TRAINABLE_VARIABLES,
  GraphKeys.MOVING_AVERAGE_VARIABLES,
  GraphKeys.CONCATENATED_VARIABLES,
  GraphKeys.TRAINABLE_RESOURCE_VARIABLES,
  GraphKeys.GLOBAL_STEP,
]);

/** Collections whose members are messages. */
const MESSAGES: ReadonlyMap<string, DescMessage> = new Map<string, DescMessage>([
  [GraphKeys.COND_CONTEXT, CondContextDefSchema],
  [GraphKeys.WHILE_CONTEXT, WhileContextDefSchema],
  [GraphKeys.QUEUE_RUNNERS, QueueRunnerDefSchema],
  [GraphKeys.SAVERS, SaverDefSchema],
]);

const isVariable = (item: unknown): item is Variable | RefVariable =>
  item instanceof Variable || item instanceof RefVariable;

const isMessage = (item: unknown): item is Message =>
  typeof item === 'object' && item !== null && typeof (item as Message).$typeName === 'string';

interface HasSaverDef {
  asSaverDef(): Message | null;
}

const hasSaverDef = (item: unknown): item is HasSaverDef => typeof (item as HasSaverDef)?.asSaverDef === 'function';

function messageBytes(item: unknown, schema: DescMessage, scope: string): Uint8Array[] {
  const message = hasSaverDef(item) ? item.asSaverDef() : item;
  if (!isMessage(message) || message.$typeName !== schema.typeName) return [];
  return [
    toBinary(
      schema,
      scopedMessage(message, (name) => stripScope(name, scope)),
    ),
  ];
}

/**
 * What a MetaGraph holds of a collection; null for one whose members have no form in files. Which members `scope` leaves
 * out is told by their names.
 */
export function collectionToProto(key: string, items: readonly unknown[], scope: string): CollectionDef | null {
  const kind = kindOf(key, items, scope);
  return kind && create(CollectionDefSchema, { kind });
}

type Kind = NonNullable<MessageInitShape<typeof CollectionDefSchema>['kind']>;

function kindOf(key: string, items: readonly unknown[], scope: string): Kind | null {
  if (VARIABLES.has(key) && items.every(isVariable)) {
    const value = items.flatMap((item) => variableToProto(item, scope) ?? []);
    return bytesKind(value.map((proto) => toBinary(VariableDefSchema, proto)));
  }
  const schema = MESSAGES.get(key);
  if (schema) return bytesKind(items.flatMap((item) => messageBytes(item, schema, scope)));
  if (items.every((item) => item instanceof Tensor || item instanceof Operation || isVariable(item))) {
    const names = items.map(({ name }) => name).filter((name) => name.startsWith(scope));
    return { case: 'nodeList', value: { value: names.map((name) => stripScope(name, scope)) } };
  }
  if (items.every((item) => typeof item === 'string' || item instanceof Uint8Array))
    return bytesKind(items.map(bytesOf));
  if (items.every(isInteger)) return { case: 'int64List', value: { value: items.map((item) => BigInt(item)) } };
  if (items.every((item) => typeof item === 'number')) return { case: 'floatList', value: { value: [...items] } };
  if (items.every((item): item is Any => isMessage(item) && item.$typeName === AnySchema.typeName))
    return { case: 'anyList', value: { value: [...items] } };
  return null;
}

const bytesKind = (value: Uint8Array[]): Kind => ({ case: 'bytesList', value: { value } });

const isInteger = (item: unknown): item is number | bigint | boolean =>
  typeof item === 'bigint' || typeof item === 'boolean' || Number.isSafeInteger(item);

// ---- reading

/** Reads the collections of one MetaGraph. A variable that stands in several is one object. */
export class CollectionReader {
  readonly #variables = new Map<string, Variable | RefVariable>();

  constructor(
    readonly graph: Graph,
    readonly scope: string,
  ) {}

  /** All variables read so far. */
  get variables(): readonly (Variable | RefVariable)[] {
    return [...this.#variables.values()];
  }

  /** The members of a collection. Errors name it. */
  read(key: string, { kind }: CollectionDef): unknown[] {
    switch (kind.case) {
      case 'nodeList':
        return kind.value.value.map((name) => this.#node(key, name));
      case 'bytesList':
        return kind.value.value.map((bytes) => this.#bytes(key, new Uint8Array(bytes)));
      case 'int64List':
        return kind.value.value.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
      case 'floatList':
        return [...kind.value.value];
      case 'anyList':
        return [...kind.value.value];
      default:
        throw new ValueError(`Cannot identify data type for collection ${key}. Skipping.`);
    }
  }

  #node(key: string, name: string): unknown {
    const full = prependScope(name, this.scope);
    try {
      return this.graph.asGraphElement(full);
    } catch {
      throw new NotFoundError(`The collection ${key} names ${full}, which is not in the graph.`);
    }
  }

  #bytes(key: string, bytes: Uint8Array): unknown {
    if (VARIABLES.has(key)) return this.#variable(key, bytes);
    const schema = MESSAGES.get(key);
    if (schema) {
      const prepend = (name: string) => prependScope(name, this.scope);
      return scopedMessage(decoded(key, schema, bytes), prepend);
    }
    const value = toStringElement(bytes);
    return typeof value === 'string' ? prependScope(value, this.scope) : value;
  }

  #variable(key: string, bytes: Uint8Array): Variable | RefVariable {
    const proto = decoded(key, VariableDefSchema, bytes) as VariableDef;
    // Descriptions of one variable may differ in little things between programs.
    const known = this.#variables.get(proto.variableName);
    if (known) return known;
    const variable = variableFromProto(proto, this.graph, this.scope);
    this.#variables.set(proto.variableName, variable);
    return variable;
  }
}

function decoded(key: string, schema: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new DataLossError(`A member of the collection ${key} is no ${schema.name}: ${(error as Error).message}.`);
  }
}
