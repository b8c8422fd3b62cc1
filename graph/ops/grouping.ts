/**
 * Functions that tie operations together by control inputs only: group, tuple, withDependencies.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, type TensorConvertible, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { GraphTypeError, repr, ValueError } from '../errors';
import { IndexedSlices } from '../indexedSlices';
import { Operation } from '../operation';
import { Tensor } from '../tensor';
import { composite } from './composite';

/** What can be waited for: operations, tensors, variables, and nested lists of them. */
export type Groupable = Operation | Tensor | IndexedSlices | TensorConvertible | readonly Groupable[];

function flatten(inputs: readonly Groupable[]): (Operation | Tensor)[] {
  return inputs.flatMap((input) => {
    if (Array.isArray(input)) return flatten(input as readonly Groupable[]);
    if (input instanceof Operation || input instanceof Tensor) return [input];
    if (input instanceof IndexedSlices)
      return flatten([input.values, input.indices, ...(input.denseShape ? [input.denseShape] : [])]);
    if (typeof input === 'object' && input !== null && 'toTensor' in input)
      return [convertToTensor(input as TensorConvertible)];
    throw new GraphTypeError(
      `'inputs' should be zero or more (nested) Tensors. Received '${repr(input)}' with type '${typeof input}'.`,
    );
  });
}

function noOpAfter(device: string, inputs: readonly (Operation | Tensor)[], name?: string): Operation {
  const graph = getDefaultGraph();
  return graph.controlDependencies(inputs, () => graph.device(device, () => applyOp('NoOp', {}, name)));
}

/**
 * An operation that is done when all inputs are. Inputs on several devices are joined per device first.
 *
 * Mirrors tf.group. TypeError for anything that is no tensor or operation.
 */
export function group(...args: [...Groupable[], { name?: string }] | Groupable[]): Operation {
  const last = args.at(-1);
  const hasOptions = typeof last === 'object' && last !== null && Object.getPrototypeOf(last) === Object.prototype;
  const inputs = (hasOptions ? args.slice(0, -1) : args) as Groupable[];
  const { name } = hasOptions ? (last as { name?: string }) : {};
  const flat = flatten(inputs);
  return composite(name, 'group_deps', flat, (scope) => {
    if (flat.length === 0) return applyOp('NoOp', {}, scope);
    const byDevice = new Map<string, (Operation | Tensor)[]>();
    for (const input of flat) byDevice.set(input.device, [...(byDevice.get(input.device) ?? []), input]);
    if (byDevice.size === 1) return noOpAfter(flat[0].device, flat, scope);
    const parts = [...byDevice.keys()].sort().map((device) => noOpAfter(device, byDevice.get(device)!));
    return getDefaultGraph().controlDependencies(parts, () => applyOp('NoOp', {}, scope));
  });
}

/** `tensor` behind an Identity that waits for `dependencies`. Mirrors TensorFlow's with_dependencies. */
export function withDependencies<T extends Tensor | IndexedSlices>(
  dependencies: readonly (Operation | Tensor)[],
  tensor: T,
  options: { name?: string } = {},
): T {
  return composite(options.name, 'control_dependency', [tensor], (scope) => {
    const graph = getDefaultGraph();
    const behind = (value: Tensor) =>
      graph.colocateWith(value, {}, () =>
        graph.controlDependencies(dependencies, () => applyUnary('Identity', { input: value }, scope)),
      );
    return (
      tensor instanceof IndexedSlices
        ? new IndexedSlices(behind(tensor.values), tensor.indices, tensor.denseShape)
        : behind(tensor as Tensor)
    ) as T;
  });
}

/**
 * The same tensors, none of which is available before all are. Operations in the list become operations; null stays.
 *
 * Mirrors tf.tuple. ValueError without any tensor or operation.
 */
export function tuple(
  tensors: readonly (TensorLike | Operation | null)[],
  options: { name?: string; controlInputs?: readonly (Operation | Tensor)[] } = {},
): (Tensor | IndexedSlices | Operation | null)[] {
  const keep = (value: unknown): value is Operation | Tensor | IndexedSlices | null =>
    value === null || value instanceof Operation || value instanceof Tensor || value instanceof IndexedSlices;
  return composite(options.name, 'tuple', tensors, () => {
    const graph = getDefaultGraph();
    const members = tensors.map((value) => (keep(value) ? value : convertToTensor(value as TensorLike)));
    const gates = members
      .filter((member) => member !== null)
      .map((member) => (member instanceof Operation ? member : member.op));
    for (const control of options.controlInputs ?? []) {
      if (!(control instanceof Operation || control instanceof Tensor)) {
        throw new GraphTypeError(`'control_inputs' must only contain Operation or Tensor. Received: ${repr(control)}`);
      }
      gates.push(control instanceof Tensor ? control.op : control);
    }
    if (gates.length === 0)
      throw new ValueError(`'tensors' must have at least one Tensor. Received: ${repr(tensors)}.`);
    const gate = group(...[...new Set(gates)].sort((a, b) => a.id - b.id));
    return members.map((member) => {
      if (member === null) return null;
      if (member instanceof Operation) return graph.controlDependencies([gate], () => group(member));
      return withDependencies([gate], member);
    });
  });
}
