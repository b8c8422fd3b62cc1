/**
 * What depends on given inputs: for losses and updates that belong to some calls of a layer and not to others.
 */
import { GraphTypeError } from '../../graph/errors';
import { Operation } from '../../graph/operation';
import { Tensor } from '../../graph/tensor';
import { Variable } from '../variables/variable';

export type GraphThing = Tensor | Operation | Variable;

function dependents(thing: unknown): readonly GraphThing[] {
  if (thing instanceof Operation) return [...thing.outputs, ...thing.controlOutputs];
  if (thing instanceof Variable) return [thing.op];
  if (thing instanceof Tensor) return thing.consumers();
  throw new GraphTypeError(`Expected tf.Operation, tf.Variable, or tf.Tensor. Received: ${String(thing)}`);
}

/** Everything that depends on one of `inputs`, the inputs included. TypeError for an input that is no part of a graph. */
export function reachableFrom(inputs: readonly unknown[]): Set<unknown> {
  const reached = new Set<unknown>(inputs);
  const pending = [...inputs];
  for (let at = 0; at < pending.length; at++) {
    for (const next of dependents(pending[at])) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(next);
    }
  }
  return reached;
}
