/**
 * Variables without the class: handles that hold given values, steps that run in order, and what the handles hold in
 * the end. For rows of ops that work on handles, so that one run shows the effect.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';

/** A handle to a new variable of that name, for values like `initial`. */
export function handleFor(initial: Tensor, name: string): Tensor {
  return applyUnary('VarHandleOp', { dtype: initial.dtype, shape: initial.shape, shared_name: name }, name);
}

/** Stores `initial` in new variables, runs `steps` one after the other, and reads the variables. */
export function afterSteps(
  initial: readonly Tensor[],
  ...steps: ((...handles: Tensor[]) => Operation | Tensor)[]
): Tensor[] {
  const { graph } = initial[0];
  const handles = initial.map((value, i) => handleFor(value, `state_${i}`));
  let done: (Operation | Tensor)[] = initial.map((value, i) =>
    applyOp('AssignVariableOp', { resource: handles[i], value }),
  );
  for (const step of steps) done = [graph.controlDependencies(done, () => step(...handles))];
  return graph.controlDependencies(done, () =>
    handles.map((resource, i) => applyUnary('ReadVariableOp', { resource, dtype: initial[i].dtype })),
  );
}
