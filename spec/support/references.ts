/**
 * Variables of TensorFlow v1 for rows of ops that work on references: like handles.ts.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';

/** A new variable of that name, for values like `initial`. */
export function referenceFor(initial: Tensor, name: string): Tensor {
  return applyUnary('VariableV2', { dtype: initial.dtype, shape: initial.shape, shared_name: name }, name);
}

/** Stores `initial` in new variables, runs `steps` one after the other, and reads the variables. */
export function afterReferenceSteps(
  initial: readonly Tensor[],
  ...steps: ((...references: Tensor[]) => Operation | Tensor)[]
): Tensor[] {
  const { graph } = initial[0];
  const references = initial.map((value, i) => referenceFor(value, `state_${i}`));
  let done: (Operation | Tensor)[] = initial.map((value, i) =>
    applyOp('Assign', { ref: references[i], value, validate_shape: false }),
  );
  for (const step of steps) done = [graph.controlDependencies(done, () => step(...references))];
  return graph.controlDependencies(done, () => references.map((input) => applyUnary('Identity', { input })));
}
