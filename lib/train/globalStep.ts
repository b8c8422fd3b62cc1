/**
 * The global step: the one variable that counts training steps.
 */
import { GraphKeys } from '../../graph/collections';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { int64 } from '../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { Tensor } from '../../graph/tensor';
import { Zeros } from '../initializers/constants';
import { VariableAggregation } from '../variables/modes';
import { Variable } from '../variables/variable';
import { getVariable } from '../variables/variableScope';

/** TypeError unless it is an integer scalar tensor or variable. Mirrors tf.compat.v1.train.assert_global_step. */
export function assertGlobalStep(step: unknown): asserts step is Variable | Tensor {
  if (!(step instanceof Variable || step instanceof Tensor))
    throw new GraphTypeError(`Existing "global_step" must be a Variable or Tensor: ${String(step)}.`);
  if (!step.dtype.isInteger)
    throw new GraphTypeError(`Existing "global_step" does not have integer type: ${step.dtype}`);
  if (step.shape.rank !== 0 && step.shape.isFullyDefined())
    throw new GraphTypeError(`Existing "global_step" is not scalar: ${step.shape}`);
}

/**
 * The graph's global step, or null: what is in the collection GLOBAL_STEP, else the tensor `global_step:0`.
 *
 * Mirrors tf.compat.v1.train.get_global_step. TypeError if it is no integer scalar.
 */
export function getGlobalStep(graph: Graph = getDefaultGraph()): Variable | Tensor | null {
  const found = graph.outermost.getCollection(GraphKeys.GLOBAL_STEP);
  // Several cannot be told apart.
  if (found.length > 1) return null;
  const step = found[0] ?? graph.outermost.findOperation('global_step')?.outputs[0] ?? null;
  if (step === null) return null;
  assertGlobalStep(step);
  return step;
}

/**
 * Makes the global step: an int64 variable that starts at 0 and is not trained. ValueError when there is one.
 *
 * Mirrors tf.compat.v1.train.create_global_step.
 */
export function createGlobalStep(graph: Graph = getDefaultGraph()): Variable {
  if (getGlobalStep(graph) !== null) throw new ValueError('"global_step" already exists.');
  return graph.asDefault(() =>
    graph.nameScope(null, () =>
      getVariable(GraphKeys.GLOBAL_STEP, {
        shape: [],
        dtype: int64,
        initializer: new Zeros(),
        trainable: false,
        aggregation: VariableAggregation.ONLY_FIRST_REPLICA,
        collections: [GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
      }),
    ),
  );
}

/** Mirrors tf.compat.v1.train.get_or_create_global_step. */
export function getOrCreateGlobalStep(graph: Graph = getDefaultGraph()): Variable | Tensor {
  return getGlobalStep(graph) ?? createGlobalStep(graph);
}

/** The number of steps so far, in that session. Mirrors tf.compat.v1.train.global_step. */
export function globalStep(session: { runSync(fetch: Variable | Tensor): NdArray }, step: Variable | Tensor): number {
  return Number(session.runSync(step).item());
}
