/**
 * One op run by sluice, over constants in a graph of its own: the counterpart of server.py's `run_op`.
 */
import { applyOp } from '../../graph/applyOp';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { constant } from '../../graph/ops/source';
import type { TensorShape } from '../../graph/shape';
import { Session } from '../../runtime/session';
import type { Attributes, Inputs } from './oracle';

export interface Result {
  readonly outputs: readonly (readonly NdArray[])[];
  readonly shapes: readonly TensorShape[];
}

/** Runs the op `runs` times in one session. Throws what building and running throw. */
export function runOp(type: string, inputs: Inputs, attrs: Attributes = {}, runs = 1): Result {
  const graph = new Graph();
  const op = graph.asDefault(() => {
    const tensors = Object.entries(inputs).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((item) => constant(item)) : constant(value as NdArray),
    ]);
    return applyOp(type, { ...Object.fromEntries(tensors), ...attrs });
  });
  const session = new Session({ graph });
  const outputs = Array.from({ length: runs }, () => session.runSync([...op.outputs]) as NdArray[]);
  return { outputs, shapes: op.outputs.map((output) => output.shape) };
}
