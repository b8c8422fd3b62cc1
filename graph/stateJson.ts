/**
 * GraphState as JSON and back. Reading checks the form of everything: an error names the path in the JSON, such as
 * `nodes[3].attrs.T.type`. What the nodes mean together is checked when a graph is made of them (graph/loadState.ts).
 */
import { asList, asObject, asString, decodeAttrs, decodeDType, decodeShape, reject } from './attrState';
import {
  type AttrStates,
  deepFreeze,
  type FunctionState,
  freezeState,
  type GraphState,
  type HandleState,
  type MemberState,
  type NodeState,
  type NodeStates,
  type OutputState,
} from './state';

/** What the file says it is. */
export const FORMAT = 'sluice graph';
const VERSION = 1;

/** Absent lists are empty, an absent device is none. */
export interface NodeJson {
  readonly name: string;
  readonly op: string;
  readonly device?: string;
  readonly inputs?: readonly string[];
  readonly controlInputs?: readonly string[];
  readonly attrs: AttrStates;
  readonly outputs: readonly OutputState[];
}

export interface FunctionJson {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly controlOutputs: readonly string[];
  readonly nodes: readonly NodeJson[];
}

export interface GraphJson {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly versions: { readonly producer: number; readonly minConsumer: number };
  readonly seed: number | string | null;
  readonly seedlessOps: number;
  readonly nodes: readonly NodeJson[];
  readonly functions: readonly FunctionJson[];
  readonly collections: readonly { readonly name: string; readonly members: readonly MemberState[] }[];
}

function nodesToJSON(nodes: NodeStates): NodeJson[] {
  return Array.from(nodes.values(), ({ name, op, device, inputs, controlInputs, attrs, outputs }) => ({
    name,
    op,
    ...(device === '' ? {} : { device }),
    ...(inputs.length === 0 ? {} : { inputs }),
    ...(controlInputs.length === 0 ? {} : { controlInputs }),
    attrs,
    outputs,
  }));
}

/** Data for `JSON.stringify`; `stateFromJSON` reads it. */
export function stateToJSON(state: GraphState): GraphJson {
  return {
    format: FORMAT,
    version: VERSION,
    versions: state.versions,
    seed: state.seed,
    seedlessOps: state.seedlessOps,
    nodes: nodesToJSON(state.nodes),
    functions: Array.from(state.functions.values(), (func) => ({ ...func, nodes: nodesToJSON(func.nodes) })),
    collections: Array.from(state.collections, ([name, members]) => ({ name, members })),
  };
}

/** A copy of plain data, which its owner may go on to change. */
function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)])) as T;
}

function strings(value: unknown, path: string): string[] {
  return asList(value, path).map((item, i) => asString(item, `${path}[${i}]`));
}

function count(value: unknown, path: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : reject(path, 'a count', value);
}

function typed(value: unknown, path: string): HandleState {
  const { dtype, shape } = asObject(value, path);
  return { dtype: decodeDType(dtype, `${path}.dtype`).name, shape: decodeShape(shape, `${path}.shape`).toJSON() };
}

function outputFromJSON(value: unknown, path: string): OutputState {
  const { handle } = asObject(value, path);
  return handle === undefined ? typed(value, path) : { ...typed(value, path), handle: typed(handle, `${path}.handle`) };
}

function nodeFromJSON(value: unknown, path: string): NodeState {
  const { name, op, device = '', inputs = [], controlInputs = [], attrs, outputs } = asObject(value, path);
  decodeAttrs(attrs, `${path}.attrs`);
  return deepFreeze({
    name: asString(name, `${path}.name`),
    op: asString(op, `${path}.op`),
    device: asString(device, `${path}.device`),
    inputs: strings(inputs, `${path}.inputs`),
    controlInputs: strings(controlInputs, `${path}.controlInputs`),
    attrs: copyOf(attrs as AttrStates),
    outputs: asList(outputs, `${path}.outputs`).map((output, i) => outputFromJSON(output, `${path}.outputs[${i}]`)),
  });
}

/** Named things of a list, by name; a name may stand there once. */
function byName<T extends { readonly name: string }>(
  value: unknown,
  path: string,
  read: (item: unknown, path: string) => T,
): Map<string, T> {
  const all = new Map<string, T>();
  asList(value, path).forEach((item, i) => {
    const result = read(item, `${path}[${i}]`);
    if (all.has(result.name)) reject(`${path}[${i}].name`, 'a name that was not there before', result.name);
    all.set(result.name, result);
  });
  return all;
}

function functionFromJSON(value: unknown, path: string): FunctionState {
  const { name, inputs, outputs, controlOutputs, nodes } = asObject(value, path);
  return deepFreeze({
    name: asString(name, `${path}.name`),
    inputs: strings(inputs, `${path}.inputs`),
    outputs: strings(outputs, `${path}.outputs`),
    controlOutputs: strings(controlOutputs, `${path}.controlOutputs`),
    nodes: byName(nodes, `${path}.nodes`, nodeFromJSON),
  });
}

function memberFromJSON(value: unknown, path: string): MemberState {
  const member = asObject(value, path);
  const keys = Object.keys(member).sort().join(' ');
  switch (keys) {
    case 'op':
    case 'tensor':
    case 'object':
    case 'handle variable':
      for (const [key, name] of Object.entries(member)) asString(name, `${path}.${key}`);
      return member as unknown as MemberState;
    case 'value':
      if (member.value !== null && typeof member.value === 'object')
        return reject(`${path}.value`, 'a plain value', member.value);
      return member as unknown as MemberState;
    default:
      return reject(path, 'an op, a tensor, a variable with its handle, a value or an object', value);
  }
}

/** The state that `stateToJSON` wrote. ValueError names the path of what is not as it must be. */
export function stateFromJSON(json: unknown): GraphState {
  const { format, version, versions, seed, seedlessOps, nodes, functions, collections } = asObject(json, 'the graph');
  if (format !== FORMAT) return reject('format', JSON.stringify(FORMAT), format);
  if (version !== VERSION) return reject('version', String(VERSION), version);
  const { producer, minConsumer } = asObject(versions, 'versions');
  const isSeed = seed === null || Number.isSafeInteger(seed) || (typeof seed === 'string' && /^-?\d+$/.test(seed));
  const members = byName(collections, 'collections', (item, path) => {
    const { name, members: list } = asObject(item, path);
    const all = asList(list, `${path}.members`).map((member, i) => memberFromJSON(member, `${path}.members[${i}]`));
    return { name: asString(name, `${path}.name`), members: deepFreeze(copyOf(all)) };
  });
  return freezeState({
    versions: {
      producer: count(producer, 'versions.producer'),
      minConsumer: count(minConsumer, 'versions.minConsumer'),
    },
    seed: isSeed ? (seed as GraphState['seed']) : reject('seed', 'an integer or null', seed),
    seedlessOps: count(seedlessOps, 'seedlessOps'),
    nodes: byName(nodes, 'nodes', nodeFromJSON),
    functions: byName(functions, 'functions', functionFromJSON),
    collections: new Map(Array.from(members.values(), ({ name, members: all }) => [name, all] as const)),
  });
}
