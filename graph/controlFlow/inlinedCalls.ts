/**
 * Calls of functions written out, for their gradients: the gradient of a call's results is that of copies of what its function
 * computes, in the graph of the call.
 *
 * The call stays as it is; a run that needs the gradients runs the copies beside it. So only functions that can run twice are
 * written out: nothing in them may draw random numbers or change variables.
 */
import type { FunctionReference } from '../attributes';
import { getDefaultGraph } from '../defaultGraph';
import { LookupError } from '../errors';
import type { FuncGraph } from '../funcGraph';
import type { Operation } from '../operation';
import { findOp } from '../registry';
import type { Tensor } from '../tensor';

/** Stateful ops that may run twice: they only read. */
const READERS = ['ReadVariableOp', 'ResourceGather', 'ResourceGatherNd', 'VariableShape', 'VarHandleOp'];

export function refuseCopy(op: Operation, reason: string): never {
  throw new LookupError(`No gradient defined for operation'${op.name}' (op type: ${op.type}): ${reason}.`);
}

/** Refuses what would do something else when it ran twice, or cannot stand outside of its frame. */
export function checkCopied(op: Operation): void {
  if (op.def.isStateful && !READERS.includes(op.type))
    refuseCopy(op, 'it cannot run a second time, as the gradient of what it is part of would have it');
  // Gradients would rewrite the functions, which the original calls too.
  if (op.def.attrs.some(({ kind }) => kind === 'func'))
    refuseCopy(op, 'gradients of functional control flow inside of calls and of loops of TensorFlow v1 are not built');
}

/** A copy of an operation in the default graph, which reads these tensors. */
export function copyOperation(op: Operation, inputs: readonly Tensor[]): Operation {
  const { _class, ...attrs } = op.attrs;
  const name = op.name.slice(op.name.lastIndexOf('/') + 1);
  return getDefaultGraph().createOp(op.type, inputs, { name, attrs });
}

/** The operations that tensors need, up to those that are known, each after what it reads. */
export function neededFor(
  targets: readonly Tensor[],
  known: ReadonlyMap<Tensor, Tensor>,
  reads: (op: Operation) => readonly Tensor[],
): Operation[] {
  const found = new Set<Operation>();
  const pending = targets.filter((tensor) => !known.has(tensor)).map((tensor) => tensor.op);
  for (let op = pending.pop(); op !== undefined; op = pending.pop()) {
    if (found.has(op)) continue;
    found.add(op);
    for (const input of reads(op)) if (!known.has(input)) pending.push(input.op);
  }
  // Without the edges of loops that lead back, operations were made after what they read.
  return [...found].sort((a, b) => a.id - b.id);
}

const isCall = ({ type }: Operation): boolean => type === 'PartitionedCall' || type === 'StatefulPartitionedCall';

function functionOf(op: Operation): FuncGraph {
  const { name } = op.attrs.f as FunctionReference;
  return op.graph.outermost.functions.get(name) ?? refuseCopy(op, `function ${name} is not defined`);
}

/** The results of a call, computed by copies of what its function holds. */
function inline(op: Operation, inputs: readonly Tensor[], around: readonly FuncGraph[]): readonly Tensor[] {
  const func = functionOf(op);
  if (around.includes(func)) refuseCopy(op, `function ${func.name} calls itself`);
  const known = new Map(func.inputs.map((argument, i) => [argument, inputs[i]]));
  for (const inner of neededFor(func.outputs, known, ({ inputs: all }) => all)) {
    const read = inner.inputs.map((input) => known.get(input)!);
    if (isCall(inner)) {
      inline(inner, read, [...around, func]).forEach((value, i) => known.set(inner.outputs[i], value));
      continue;
    }
    if (findOp(inner.type)?.substitutes || inner.type.endsWith('NextIteration'))
      refuseCopy(inner, 'gradients of loops of TensorFlow v1 inside of functions are not built');
    checkCopied(inner);
    const copy = copyOperation(inner, read);
    inner.outputs.forEach((output, i) => known.set(output, copy.outputs[i]));
  }
  return func.outputs.map((output) => known.get(output)!);
}

/** For each result of these calls a tensor that equals it and has gradients. LookupError for what cannot be written out. */
export function inlineCalls(calls: readonly Operation[]): Map<Tensor, Tensor> {
  const results = new Map<Tensor, Tensor>();
  for (const call of calls) {
    const name = call.name.slice(call.name.lastIndexOf('/') + 1);
    getDefaultGraph().nameScope(`${name}_inlined`, () => {
      inline(call, call.inputs, []).forEach((value, i) => results.set(call.outputs[i], value));
    });
  }
  return results;
}
