/**
 * The While op itself, over functions that are complete: its checks, attributes and accumulators.
 */
import { getDefaultGraph } from '../defaultGraph';
import { resource } from '../dtypes';
import { AssertionError, GraphTypeError } from '../errors';
import { type ArgumentSpec, FuncGraph, specOf } from '../funcGraph';
import type { Operation } from '../operation';
import type { TensorShape } from '../shape';
import type { Tensor } from '../tensor';
import { createInScope, isStateful, register } from './functions';
import { readOnlyInputs } from './resources';

/** The body of a loop. */
export class LoopBodyGraph extends FuncGraph {
  override get isLoopBody(): boolean {
    return true;
  }
}

/** AssertionError unless both functions fit the loop's inputs; TypeError when a variable's dtype changes. */
export function checkSignatures(condGraph: FuncGraph, bodyGraph: FuncGraph, inputs: readonly Tensor[]): void {
  const count = inputs.length;
  const check = (what: string, has: number, expected: number) => {
    if (has !== expected) throw new AssertionError(`${what}; Expected: ${expected}`);
  };
  check(`cond_graph takes ${condGraph.inputs.length} inputs`, condGraph.inputs.length, count);
  check(`cond_graph has ${condGraph.outputs.length} outputs`, condGraph.outputs.length, 1);
  check(`body_graph takes ${bodyGraph.inputs.length} inputs`, bodyGraph.inputs.length, count);
  check(`body_graph has ${bodyGraph.outputs.length} outputs`, bodyGraph.outputs.length, count);
  inputs.forEach((input, i) => {
    const [before, after] = [bodyGraph.inputs[i].dtype, bodyGraph.outputs[i].dtype];
    if (before === after) return;
    throw new GraphTypeError(
      `Loop var ${input.name} enters the loop with type ${before} but has type ${after} after 1 iteration. ${input.name} type should remain constant.`,
    );
  });
}

/** The values of an iteration that a gradient may need. */
export function intermediates(bodyGraph: FuncGraph): Tensor[] {
  const captured = new Set(bodyGraph.captures.values());
  return bodyGraph.operations.flatMap((op) =>
    op.type === 'Identity'
      ? []
      : op.outputs.filter(
          (tensor) =>
            tensor !== bodyGraph.inputs[0] &&
            tensor.dtype !== resource &&
            !captured.has(tensor) &&
            !accumulatorOf(tensor),
        ),
  );
}

/** The result of a body that is the list of all values of a tensor of it, if there is one. */
export function accumulatorOf(tensor: Tensor): Tensor | null {
  const graph = tensor.graph as FuncGraph;
  for (const consumer of tensor.consumers()) {
    if (consumer.type !== 'TensorListPushBack' || consumer.inputs[1] !== tensor) continue;
    const index = graph.inputs.indexOf(consumer.inputs[0]);
    const list = consumer.output;
    const results = [list, ...list.consumers().flatMap((op) => (op.type === 'Identity' ? [op.output] : []))];
    const found = index < 0 ? undefined : results.find((result) => graph.outputs[index] === result);
    if (found) return found;
  }
  return null;
}

export interface WhileParts {
  readonly inputs: readonly Tensor[];
  readonly condGraph: FuncGraph;
  readonly bodyGraph: FuncGraph;
  readonly outputShapes: readonly TensorShape[];
  /** Scope that the op is made in, or the name of a new one. */
  readonly scope: string;
  readonly parallelIterations: number;
  /** How many outputs are there for the user: a gradient is not asked for the others. */
  readonly originalOutputs: number;
}

/** Adds the While op of these functions to the default graph. */
export function makeWhile({
  inputs,
  condGraph,
  bodyGraph,
  outputShapes,
  scope,
  parallelIterations,
  originalOutputs,
}: WhileParts): Operation {
  const functions = [condGraph, bodyGraph];
  const attrs = {
    T: inputs.map((tensor) => tensor.dtype),
    cond: register(condGraph),
    body: register(bodyGraph),
    output_shapes: outputShapes,
    parallel_iterations: parallelIterations,
    _lower_using_switch_merge: true,
    _num_original_outputs: BigInt(originalOutputs),
    _read_only_resource_inputs: readOnlyInputs(functions, 0),
  };
  const op = createInScope(getDefaultGraph(), functions.some(isStateful) ? 'While' : 'StatelessWhile', inputs, {
    scope,
    attrs,
  });
  op.outputs.forEach((output, i) => {
    output.handleData = bodyGraph.outputs[i].handleData;
  });
  for (const func of functions) func.caller = op;
  return op;
}

/** Arguments like these tensors, without names. */
export function specsOf(tensors: readonly Tensor[]): ArgumentSpec[] {
  return tensors.map(specOf);
}
