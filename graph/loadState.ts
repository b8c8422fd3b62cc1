/**
 * From recorded state to a live graph. The graph is built apart from everything and verified before anybody sees it: a
 * state that is not a legal graph is a ValueError that names where, as paths into its JSON.
 *
 * Functions come back as bodies that can run; what the user's functions captured while they were built is not recorded.
 * Variables in collections come back as their names, handles, dtypes and shapes.
 */
import { type AttrState, decodeAttrs, decodeDType, decodeShape, reject } from './attrState';
import { ValueError } from './errors';
import { FuncGraph } from './funcGraph';
import { Graph } from './graph';
import { isValidOpName } from './names';
import type { Operation } from './operation';
import { findOp } from './registry';
import type { FunctionState, GraphState, MemberState, NodeState, NodeStates, OutputState } from './state';
import { stateFromJSON } from './stateJson';
import { didYouMean } from './suggest';
import type { HandleData, Tensor } from './tensor';
import { findingsOf } from './verify';

/** What a variable in a collection is after loading. */
export interface LoadedVariable {
  readonly name: string;
  readonly handle: Tensor;
  readonly dtype: HandleData['dtype'];
  readonly shape: HandleData['shape'];
}

const typed = ({ dtype, shape }: OutputState, path: string) => ({
  dtype: decodeDType(dtype, `${path}.dtype`),
  shape: decodeShape(shape, `${path}.shape`),
});

function adopt(graph: Graph, node: NodeState, path: string): void {
  const registered = findOp(node.op);
  if (!registered) reject(`${path}.op`, 'a registered type of op', node.op);
  if (!isValidOpName(node.name)) reject(`${path}.name`, 'a valid name of a node', node.name);
  const outputs = node.outputs.map((output, i) => typed(output, `${path}.outputs[${i}]`));
  const op = graph.adopt(
    {
      name: node.name,
      def: registered.def,
      inputs: [],
      controlInputs: [],
      attrs: decodeAttrs(node.attrs, `${path}.attrs`),
      device: node.device,
      outputTypes: outputs.map(({ dtype }) => dtype),
      site: null,
    },
    outputs.map(({ shape }) => shape),
  );
  node.outputs.forEach(({ handle }, i) => {
    if (handle) op.outputs[i].handleData = typed(handle, `${path}.outputs[${i}].handle`);
  });
}

function findTensor(graph: Graph, name: string, path: string): Tensor {
  const [, opName, index] = /^([^:]*)(?::(\d+))?$/.exec(name) ?? [];
  return (
    graph.findOperation(opName)?.outputs[Number(index ?? 0)] ?? reject(path, 'an output of a node that is there', name)
  );
}

function findOperation(graph: Graph, name: string, path: string): Operation {
  const op = graph.findOperation(name);
  if (op) return op;
  const known = graph.operations.map(({ name: other }) => other);
  return reject(path, `the name of a node that is there${didYouMean(name, known)}`, name);
}

function connect(graph: Graph, node: NodeState, path: string): void {
  const op = graph.findOperation(node.name)!;
  const inputs = node.inputs.map((name, i) => findTensor(graph, name, `${path}.inputs[${i}]`));
  const controls = node.controlInputs.map((name, i) => findOperation(graph, name, `${path}.controlInputs[${i}]`));
  if (new Set(controls).size !== controls.length)
    reject(`${path}.controlInputs`, 'a list without repeats', node.controlInputs);
  if (inputs.length > 0) graph.extendOp(op, { attrs: op.attrs, inputs, outputs: [] });
  if (controls.length > 0) graph.updateOp(op, { addControlInputs: controls });
}

function fill(graph: Graph, nodes: NodeStates, path: string): void {
  const list = [...nodes.values()];
  list.forEach((node, i) => adopt(graph, node, `${path}[${i}]`));
  list.forEach((node, i) => connect(graph, node, `${path}[${i}]`));
}

/** The functions that an attribute names. */
function* namesOf(attr: AttrState): Generator<string> {
  if ('func' in attr) yield attr.func.name;
  else if ('list' in attr) for (const item of attr.list) yield* namesOf(item);
}

/** Makes the bodies of all functions, still empty: each within the graph that calls it first. */
function declareFunctions(graph: Graph, state: GraphState): void {
  const bodies = new Map<string, FuncGraph>();
  const declare = (outer: Graph, func: FunctionState) => {
    const body = new FuncGraph(func.name, outer);
    bodies.set(func.name, body);
    declareCalled(body, func.nodes);
  };
  const declareCalled = (caller: Graph, nodes: NodeStates) => {
    for (const { attrs } of nodes.values()) {
      for (const name of Object.values(attrs).flatMap((attr) => [...namesOf(attr)])) {
        const func = state.functions.get(name);
        if (func && !bodies.has(name)) declare(caller, func);
      }
    }
  };
  declareCalled(graph, state.nodes);
  for (const func of state.functions.values()) {
    if (!bodies.has(func.name)) declare(graph, func);
    graph.addFunction(bodies.get(func.name)!);
  }
}

function fillFunction(graph: Graph, state: FunctionState, path: string): void {
  const func = graph.functions.get(state.name)!;
  fill(func, state.nodes, `${path}.nodes`);
  func.inputs = state.inputs.map((name, i) => findTensor(func, name, `${path}.inputs[${i}]`));
  func.outputs = state.outputs.map((name, i) => findTensor(func, name, `${path}.outputs[${i}]`));
  func.controlOutputs = state.controlOutputs.map((name, i) =>
    findOperation(func, name, `${path}.controlOutputs[${i}]`),
  );
}

function memberOf(graph: Graph, member: MemberState, path: string): unknown {
  if ('op' in member) return findOperation(graph, member.op, `${path}.op`);
  if ('tensor' in member) return findTensor(graph, member.tensor, `${path}.tensor`);
  if ('value' in member) return member.value;
  if ('object' in member) return Object.freeze({ name: member.object });
  const handle = findTensor(graph, member.handle, `${path}.handle`);
  const { dtype, shape } = handle.handleData ?? reject(`${path}.handle`, 'the handle of a variable', member.handle);
  return Object.freeze({ name: member.variable, handle, dtype, shape });
}

/** The graph that a state describes. ValueError when it is not a legal one. */
export function graphFromState(state: GraphState): Graph {
  const graph = new Graph();
  graph.seed = typeof state.seed === 'string' ? BigInt(state.seed) : state.seed;
  graph.seedlessOps = state.seedlessOps;
  declareFunctions(graph, state);
  fill(graph, state.nodes, 'nodes');
  [...state.functions.values()].forEach((func, i) => fillFunction(graph, func, `functions[${i}]`));
  [...state.collections].forEach(([name, members], i) => {
    const list = graph.getCollectionRef(name);
    members.forEach((member, k) => list.push(memberOf(graph, member, `collections[${i}].members[${k}]`)));
  });
  checkLegal(graph, state);
  return graph;
}

/** Reports what verification finds at its place in the JSON. */
function checkLegal(graph: Graph, state: GraphState): void {
  const findings = findingsOf(graph);
  if (findings.length === 0) return;
  const functionNames = [...state.functions.keys()];
  const lines = findings.map(({ func, op, text }) => {
    const owner = func === null ? '' : `functions[${functionNames.indexOf(func)}]`;
    if (op === null) return `${owner === '' ? '' : `${owner}: `}${text}`;
    const nodes = func === null ? state.nodes : state.functions.get(func)!.nodes;
    return `${owner === '' ? '' : `${owner}.`}nodes[${[...nodes.keys()].indexOf(op)}]: ${op} ${text}`;
  });
  throw new ValueError(`Invalid graph: ${lines.join('\n')}`);
}

/** The graph that JSON written by `stateToJSON` describes. ValueError names the path of what is wrong with it. */
export function graphFromJSON(json: unknown): Graph {
  return graphFromState(stateFromJSON(json));
}
