/**
 * What a legal graph is, written down as a check: every rule that building keeps, seen again from outside. Used by the
 * loaders of files and by the specs, which verify every graph that they build.
 */
import { FunctionReference, sameAttr } from './attributes';
import { completeAttrs, inferShapes, outputTypesOf } from './createOp';
import { parseDevice } from './deviceSpec';
import { ValueError } from './errors';
import type { FuncGraph } from './funcGraph';
import type { Graph } from './graph';
import { isValidOpName } from './names';
import { Operation } from './operation';
import { findOp } from './registry';
import { Tensor } from './tensor';
import { cycles } from './topology';

export interface Finding {
  /** The function in whose body it is, or null for the graph itself. */
  readonly func: string | null;
  /** The operation it is about, if it is about one. */
  readonly op: string | null;
  readonly text: string;
}

type Report = (text: string, op?: Operation) => void;

/** Membership in lists that may be long, as those of the readers of one constant. */
class Lists {
  readonly #sets = new Map<readonly unknown[], Set<unknown>>();

  has<T>(list: readonly T[], item: T): boolean {
    if (list.length < 16) return list.includes(item);
    let set = this.#sets.get(list);
    if (!set) this.#sets.set(list, (set = new Set(list)));
    return set.has(item);
  }
}

function messageOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether the operation is really part of that graph. */
function isIn(op: Operation, graph: Graph): boolean {
  return op.graph === graph && graph.operations[op.id] === op;
}

function verifyName(graph: Graph, op: Operation, position: number, report: Report): void {
  if (op.id !== position) report(`stands at position ${position} but has the number ${op.id}`, op);
  if (!isValidOpName(op.name)) report('has a name that is not valid', op);
  if (graph.findOperation(op.name) !== op) report('is not found under its name', op);
  const device = messageOf(() => parseDevice(op.device));
  if (device !== null) report(`has a device that cannot be read: ${device}`, op);
}

function verifyEdges(graph: Graph, op: Operation, lists: Lists, report: Report): boolean {
  let areInputsLegal = true;
  op.inputs.forEach((input, i) => {
    if (isIn(input.op, graph) && input.op.outputs[input.index] === input) {
      if (!lists.has(input.consumers(), op)) report(`is not among the consumers of its input ${i}, ${input.name}`, op);
      return;
    }
    areInputsLegal = false;
    report(`has an input ${i}, ${input.name}, that is not of this graph`, op);
  });
  if (new Set(op.controlInputs).size !== op.controlInputs.length) report('has a control input twice', op);
  for (const control of op.controlInputs) {
    if (!isIn(control, graph)) report(`has a control input, ${control.name}, that is not of this graph`, op);
    else if (!lists.has(control.controlOutputs, op))
      report(`is not among the control outputs of its control input ${control.name}`, op);
  }
  for (const waiting of op.controlOutputs) {
    if (!isIn(waiting, graph) || !lists.has(waiting.controlInputs, op))
      report(`has a control output, ${waiting.name}, that does not wait for it`, op);
  }
  for (const output of op.outputs) {
    for (const consumer of output.consumers()) {
      if (!isIn(consumer, graph) || !lists.has(consumer.inputs, output))
        report(`has a consumer of ${output.name}, ${consumer.name}, that does not read it`, op);
    }
  }
  return areInputsLegal;
}

function verifySignature(op: Operation, report: Report): void {
  const registered = findOp(op.type);
  if (!registered) {
    report(`is of the type ${op.type}, which is not registered`, op);
    return;
  }
  for (const name of Object.keys(op.attrs)) {
    if (!name.startsWith('_') && !op.def.attrByName.has(name))
      report(`has an attribute ${name} that its signature does not know`, op);
  }
  const failure = messageOf(() => {
    const attrs = completeAttrs(op.def, op.inputs, op.attrs);
    const lacking = op.def.attrs.filter(({ name }) => !sameAttr(attrs[name], op.attrs[name]));
    for (const { name } of lacking) report(`lacks the attribute ${name}`, op);
    if (lacking.length > 0) return;
    const types = outputTypesOf(op.def, attrs);
    const found = op.outputs.map((output) => output.dtype.name).join(', ');
    const wanted = types.map((dtype) => dtype.name).join(', ');
    if (found !== wanted) report(`has outputs of the dtypes (${found}), where its signature says (${wanted})`, op);
    else verifyShapes(op, report);
  });
  if (failure !== null) report(failure, op);
}

function verifyShapes(op: Operation, report: Report): void {
  const types = op.outputs.map((output) => output.dtype);
  const { shapes } = inferShapes(findOp(op.type)!, op, types, op.site);
  op.outputs.forEach((output, i) => {
    if (shapes[i] === undefined) report(`has no inferred shape for its output ${i}`, op);
    else if (!output.shape.isCompatibleWith(shapes[i]))
      report(`has a shape ${output.shape} of ${output.name}, where ${shapes[i]} is inferred`, op);
  });
}

function* functionNames(value: unknown): Generator<string> {
  if (value instanceof FunctionReference) yield value.name;
  else if (Array.isArray(value)) for (const item of value) yield* functionNames(item);
}

function verifyFunctionNames(graph: Graph, op: Operation, report: Report): void {
  for (const [attr, value] of Object.entries(op.attrs)) {
    for (const name of functionNames(value)) {
      if (!graph.outermost.functions.has(name))
        report(`has an attribute ${attr} that names a function, ${name}, which is not in the library`, op);
    }
  }
}

function verifyCollections(graph: Graph, report: Report): void {
  const isForeign = (op: Operation) => op.graph.outermost !== graph || op.graph.operations[op.id] !== op;
  for (const key of graph.getAllCollectionKeys()) {
    for (const item of graph.getCollection(key)) {
      const handle = (item as { readonly handle?: unknown } | null)?.handle;
      const element = handle instanceof Tensor ? handle : item;
      const op = element instanceof Tensor ? element.op : element instanceof Operation ? element : null;
      if (op && isForeign(op)) report(`collection ${key} holds ${op.name}, which is not of this graph`);
    }
  }
}

function verifyBody(graph: Graph, func: FuncGraph | null, findings: Finding[]): void {
  const report: Report = (text, op) => findings.push({ func: func?.name ?? null, op: op?.name ?? null, text });
  const lists = new Lists();
  graph.operations.forEach((op, position) => {
    verifyName(graph, op, position, report);
    if (verifyEdges(graph, op, lists, report)) verifySignature(op, report);
    verifyFunctionNames(graph, op, report);
  });
  for (const cycle of cycles(graph))
    report(`there is a cycle: ${[...cycle, cycle[0]].map((op) => op.name).join(' → ')}`);
  if (!func) return;
  const check = (what: string, op: Operation) => {
    if (!isIn(op, graph)) report(`has a ${what}, ${op.name}, that is not of its body`);
  };
  for (const input of func.inputs) check('argument', input.op);
  for (const output of func.outputs) check('result', output.op);
  for (const op of func.controlOutputs) check('control output', op);
}

/** All that is not legal in a graph and the functions of its library. */
export function findingsOf(graph: Graph): Finding[] {
  const findings: Finding[] = [];
  verifyBody(graph, null, findings);
  verifyCollections(graph, (text) => findings.push({ func: null, op: null, text }));
  for (const [name, func] of graph.functions) {
    if (func.name !== name) findings.push({ func: name, op: null, text: `is called ${func.name}` });
    verifyBody(func, func, findings);
  }
  return findings;
}

/** One finding as a line of text. */
export function findingText({ func, op, text }: Finding): string {
  return `${func === null ? '' : `function ${func}: `}${op === null ? '' : `${op} `}${text}`;
}

/** Throws a ValueError that lists all findings, if there are any. */
export function verifyGraph(graph: Graph): void {
  const findings = findingsOf(graph);
  if (findings.length === 0) return;
  throw new ValueError(`The graph is not legal:\n${findings.map((finding) => `  ${findingText(finding)}`).join('\n')}`);
}
