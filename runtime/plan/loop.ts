/**
 * Which variables of a loop must be computed for those of its results that somebody reads.
 *
 * A variable is needed when the condition, or another needed variable's next value, depends on it. The others keep no
 * value: neither their computation nor its side effects happen, as in TensorFlow, which lowers loops and prunes them.
 */
import type { FunctionReference } from '../../graph/attributes';
import { NotFoundError } from '../../graph/errors';
import type { FuncGraph } from '../../graph/funcGraph';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { neededOps } from './order';

/** The function of the library that an op calls. */
export function findFunction(op: Operation, reference: FunctionReference): FuncGraph {
  const func = op.graph.outermost.functions.get(reference.name);
  if (!func) throw new NotFoundError(`Function ${reference.name} is not defined.`);
  return func;
}

/** What a function is at this moment: it changes when gradients make the op that calls it yield more. */
export function versionOf(func: FuncGraph): string {
  return `${func.version}/${func.rewrites}/${func.inputs.length}/${func.outputs.length}`;
}

const cache = new WeakMap<Operation, Map<string, readonly number[]>>();

/** The variables to compute, in order, for these results of a While op. */
export function neededVariables(op: Operation, used: readonly number[]): readonly number[] {
  const [cond, body] = ['cond', 'body'].map((name) => findFunction(op, op.attrs[name] as FunctionReference));
  const key = `${versionOf(cond)} ${versionOf(body)} ${used.join()}`;
  const known = cache.get(op) ?? new Map<string, readonly number[]>();
  cache.set(op, known);
  let variables = known.get(key);
  if (!variables) known.set(key, (variables = close(cond, body, used)));
  return variables;
}

/** Those of the variables that the body changes: the others keep the value that they start with. */
export function changedVariables(op: Operation, variables: readonly number[]): readonly number[] {
  const body = findFunction(op, op.attrs.body as FunctionReference);
  return variables.filter((index) => passedOn(body.outputs[index]) !== body.inputs[index]);
}

/** The tensor that a tensor is, behind ops that pass their input on. */
function passedOn(tensor: Tensor): Tensor {
  let source = tensor;
  while (source.op.type === 'Identity' && source.op.controlInputs.length === 0) [source] = source.op.inputs;
  return source;
}

function close(cond: FuncGraph, body: FuncGraph, used: readonly number[]): number[] {
  const needed = new Set<number>();
  const pending = [
    ...used,
    ...argumentsOf(cond, cond.outputs[0]),
    ...body.controlOutputs.flatMap((op) => argumentsBehind(body, [op])),
  ];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    pending.push(...argumentsOf(body, body.outputs[index]));
  }
  return [...needed].sort((a, b) => a - b);
}

function argumentsOf(func: FuncGraph, result: Tensor): number[] {
  const index = func.inputs.indexOf(result);
  return index >= 0 ? [index] : argumentsBehind(func, [result.op]);
}

function argumentsBehind(func: FuncGraph, ops: readonly Operation[]): number[] {
  const needed = neededOps(ops, new Set());
  return func.inputs.flatMap((input, i) => (needed.has(input.op) ? [i] : []));
}
