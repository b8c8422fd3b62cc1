/**
 * Which resources a function or an op only reads: TensorFlow notes it in the attribute `_read_only_resource_inputs`.
 */
import type { FunctionReference } from '../attributes';
import { resource } from '../dtypes';
import { AssertionError, ValueError } from '../errors';
import type { FuncGraph } from '../funcGraph';
import type { Operation } from '../operation';
import type { Tensor } from '../tensor';
import { calledFunction } from './functions';

/** Ops that read the resources they are given and never change them. */
const READERS = new Set(['ReadVariableOp', 'ResourceGather', 'ResourceGatherNd', 'VariableShape', '_ReadVariablesOp']);

/** Whether all that the op does with resources is to read them. */
export function readsOnly(op: Operation): boolean {
  return READERS.has(op.type);
}

/** The resource inputs of an op that it only reads. */
export function readOnlyResources(op: Operation): Set<Tensor> {
  if (READERS.has(op.type)) return new Set(op.inputs.filter((input) => input.dtype === resource));
  const indices = (op.attrs._read_only_resource_inputs ?? []) as readonly bigint[];
  return new Set(indices.map((index) => op.inputs[Number(index)]));
}

/** The value of the attribute for a call of these functions: indices of inputs that none of them writes. */
export function readOnlyInputs(functions: readonly FuncGraph[], offset: number): bigint[] {
  const isRead = (func: FuncGraph, index: number) => {
    const input = func.inputs[index];
    return input.dtype === resource && input.consumers().every((op) => readOnlyResources(op).has(input));
  };
  return functions[0].inputs.flatMap((_, index) =>
    functions.every((func) => isRead(func, index)) ? [BigInt(index + offset)] : [],
  );
}

/**
 * The argument of `func` that a resource inside it is: handles are passed through Identity, While and If only.
 *
 * ValueError for a resource that is made inside.
 */
export function resourceInputIndex(tensor: Tensor, func: FuncGraph): number {
  for (let current = tensor; ; ) {
    const index = func.inputs.indexOf(current);
    if (index >= 0) return index;
    const { op } = current;
    if (op.type === 'Identity' || op.type === 'While' || op.type === 'StatelessWhile')
      current = op.inputs[current.index];
    else if (op.type === 'If' || op.type === 'StatelessIf') current = op.inputs[1 + throughBranches(current)];
    else
      throw new ValueError(
        `Taking gradient of a while loop which creates a resource in its body is not supported: ${op.name} (${op.type})`,
      );
  }
}

function throughBranches({ op, index }: Tensor): number {
  const [first, second] = [op.attrs.then_branch, op.attrs.else_branch].map((reference) => {
    const branch = calledFunction(op, reference as FunctionReference);
    return resourceInputIndex(branch.outputs[index], branch);
  });
  if (first !== second)
    throw new AssertionError(
      `Expected cond branches (${op.type} op) to each have the same input->output mapping of resources.`,
    );
  return first;
}
