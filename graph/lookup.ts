/**
 * From what a user wrote — a name, an operation, a tensor, a variable — to the element of the graph it means.
 */
import { GraphTypeError, KeyError, repr, typeWord, ValueError } from './errors';
import type { Graph } from './graph';
import { IndexedSlices } from './indexedSlices';
import { Operation } from './operation';
import { didYouMean } from './suggest';
import { Tensor } from './tensor';

export type GraphElement = Operation | Tensor;

export interface LookupOptions {
  readonly allowTensor?: boolean;
  readonly allowOperation?: boolean;
}

/** Objects that stand for a graph element, as variables do. */
export interface HasGraphElement {
  asGraphElement(): GraphElement;
}

function standsForElement(value: unknown): value is HasGraphElement {
  return typeof value === 'object' && value !== null && typeof (value as { asGraphElement?: unknown }).asGraphElement === 'function';
}

/** See Graph.asGraphElement. */
export function asGraphElement(graph: Graph, value: unknown, options: LookupOptions): GraphElement {
  const { allowTensor = true, allowOperation = true } = options;
  if (!allowTensor && !allowOperation) throw new ValueError("allow_tensor and allow_operation can't both be False.");
  const wanted = allowTensor && allowOperation ? 'Tensor or Operation' : allowTensor ? 'Tensor' : 'Operation';
  const element = standsForElement(value) && !isGraph(value) ? value.asGraphElement() : value;
  if (typeof element === 'string') return byName(graph, element, allowTensor, allowOperation);
  if (element instanceof Tensor && allowTensor) {
    if (element.graph !== graph) throw new ValueError(`Tensor ${element} is not an element of this graph.`);
    return element;
  }
  if (element instanceof Operation && allowOperation) {
    if (element.graph !== graph) throw new ValueError(`Operation ${element.nodeDef} is not an element of this graph.`);
    return element;
  }
  throw new GraphTypeError(`Can not convert a ${typeWord(element)} into a ${wanted}.`);
}

function isGraph(value: object): boolean {
  return 'createOp' in value;
}

function byName(graph: Graph, name: string, allowTensor: boolean, allowOperation: boolean): GraphElement {
  const known = () => graph.operations.map((op) => op.name);
  if (name.includes(':') && allowTensor) {
    const match = /^([^:]*):(\d+)$/.exec(name);
    if (!match) {
      throw new ValueError(`The name ${repr(name)} looks a like a Tensor name, but is not a valid one. Tensor names must be of the form "<op_name>:<output_index>".`);
    }
    const [, opName, index] = match;
    const op = graph.findOperation(opName);
    if (!op) {
      throw new KeyError(
        `"The name ${repr(name)} refers to a Tensor which does not exist. The operation, ${repr(opName)}, does not exist in the graph."${didYouMean(opName, known())}`,
      );
    }
    const tensor = op.outputs[Number(index)];
    if (!tensor) {
      throw new KeyError(`"The name ${repr(name)} refers to a Tensor which does not exist. The operation, ${repr(opName)}, exists but only has ${op.outputs.length} outputs."`);
    }
    return tensor;
  }
  if (name.includes(':')) throw new ValueError(`Name ${repr(name)} appears to refer to a Tensor, not a Operation.`);
  const op = graph.findOperation(name);
  if (op && allowOperation) return op;
  if (!allowOperation) {
    throw new ValueError(
      op
        ? `The name ${repr(name)} refers to an Operation, not a Tensor. Tensor names must be of the form "<op_name>:<output_index>".`
        : `The name ${repr(name)} looks like an (invalid) Operation name, not a Tensor. Tensor names must be of the form "<op_name>:<output_index>".`,
    );
  }
  throw new KeyError(`"The name ${repr(name)} refers to an Operation not in the graph."${didYouMean(name, known())}`);
}

/** What may stand in a list of control dependencies. */
export function asControlInput(graph: Graph, value: unknown): Operation {
  const plain = value instanceof IndexedSlices ? value.op : standsForElement(value) ? value.asGraphElement() : value;
  const element = plain instanceof Tensor ? plain.op : plain;
  if (element instanceof Operation) return graph.isFunction && element.graph !== graph ? outerControl(graph, element) : (asGraphElement(graph, element, { allowTensor: false }) as Operation);
  const found = asGraphElement(graph, element, {});
  return found instanceof Tensor ? found.op : found;
}

/** A function body cannot wait for an op outside: the call itself does, so the control is dropped inside. */
function outerControl(_graph: Graph, element: Operation): Operation {
  throw new ValueError(`Operation ${element.name} is outside of this function body and cannot be a control input in it. Put the control dependency around the call.`);
}
