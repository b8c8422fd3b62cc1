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
  // A graph has a method of that name, too.
  if (typeof value !== 'object' || value === null || 'createOp' in value) return false;
  return typeof (value as { asGraphElement?: unknown }).asGraphElement === 'function';
}

/** See Graph.asGraphElement. */
export function asGraphElement(graph: Graph, value: unknown, options: LookupOptions): GraphElement {
  const { allowTensor = true, allowOperation = true } = options;
  if (!allowTensor && !allowOperation) throw new ValueError("allow_tensor and allow_operation can't both be False.");
  const wanted = allowTensor && allowOperation ? 'Tensor or Operation' : allowTensor ? 'Tensor' : 'Operation';
  const element = standsForElement(value) ? value.asGraphElement() : value;
  if (typeof element === 'string') return byName(graph, element, allowTensor, allowOperation);
  if (element instanceof Tensor && allowTensor) {
    if (element.graph !== graph) throw new ValueError(`Tensor ${element} is not an element of this graph.`);
    return element;
  }
  if (element instanceof Operation && allowOperation) {
    if (element.graph !== graph) throw new ValueError(`Operation ${element.nodeDef} is not an element of this graph.`);
    return element;
  }
  const word = element instanceof Tensor ? 'SymbolicTensor' : typeWord(element);
  throw new GraphTypeError(`Can not convert a ${word} into a ${wanted}.`);
}

/** As `asGraphElement`, by name only. */
export function elementByName(graph: Graph, kind: string, name: unknown, options: LookupOptions): GraphElement {
  if (typeof name !== 'string')
    throw new GraphTypeError(`${kind} names are strings (or similar), not ${typeWord(name)}.`);
  return asGraphElement(graph, name, options);
}

function isVariable(value: unknown): value is { readonly op: Operation } {
  return typeof value === 'object' && value !== null && 'handle' in value && 'op' in value;
}

function byName(graph: Graph, name: string, allowTensor: boolean, allowOperation: boolean): GraphElement {
  const known = () => graph.operations.map((op) => op.name);
  if (name.includes(':') && allowTensor) {
    const match = /^([^:]*):(\d+)$/.exec(name);
    if (!match) {
      throw new ValueError(
        `The name ${repr(name)} looks a like a Tensor name, but is not a valid one. Tensor names must be of the form "<op_name>:<output_index>".`,
      );
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
      throw new KeyError(
        `"The name ${repr(name)} refers to a Tensor which does not exist. The operation, ${repr(opName)}, exists but only has ${op.outputs.length} outputs."`,
      );
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

/** The operations of a list of control dependencies. */
export function asControlInputs(graph: Graph, values: Iterable<unknown>): Operation[] {
  if (
    typeof values !== 'string' &&
    typeof (values as Iterable<unknown> | undefined)?.[Symbol.iterator] !== 'function'
  ) {
    throw new GraphTypeError(
      `'${typeWord(values)}' object is not iterable: control dependencies are a list of operations or tensors, or null.`,
    );
  }
  return Array.from(values, (value) => asControlInput(graph, value));
}

/** What may stand in a list of control dependencies. */
function asControlInput(graph: Graph, value: unknown): Operation {
  // A variable stands for its own op here, so that waiting for an assignment does not read.
  const plain =
    value instanceof IndexedSlices || isVariable(value)
      ? value.op
      : standsForElement(value)
        ? value.asGraphElement()
        : value;
  const element = plain instanceof Tensor ? plain.op : plain;
  // A function body waits for an op outside by its caller; see FuncGraph.acceptControl.
  if (element instanceof Operation && graph.isFunction) return element;
  const found = asGraphElement(graph, plain, {});
  return found instanceof Tensor ? found.op : found;
}

/** What ops may be placed with: an operation, a tensor or variable, or the name of one. */
export function asColocationTarget(graph: Graph, value: unknown): Operation {
  const plain = value instanceof IndexedSlices || isVariable(value) ? value.op : value;
  // A function body may be placed with an op outside.
  if (graph.isFunction && (plain instanceof Tensor || plain instanceof Operation))
    return plain instanceof Tensor ? plain.op : plain;
  const element = asGraphElement(graph, plain, {});
  return element instanceof Tensor ? element.op : element;
}

/** Why a tensor of a function body cannot be used in that graph. */
export function outOfScope(tensor: Tensor, graph: Graph): string {
  const shown = `<tf.Tensor '${tensor.name}' shape=${tensor.shape} dtype=${tensor.dtype.name}>`;
  const site = tensor.op.traceback.map((frame) => `\n    ${frame}`).join('');
  return [
    `${shown} is out of scope and cannot be used here. Use return values, explicit Python locals or TensorFlow collections to access it.`,
    'Please see https://www.tensorflow.org/guide/function#all_outputs_of_a_tffunction_must_be_return_values for more information.\n',
    `${shown} was defined here:${site}\n`,
    `The tensor ${shown} cannot be accessed from ${graph}, because it was defined in ${tensor.graph}, which is out of scope.`,
  ].join('\n');
}
