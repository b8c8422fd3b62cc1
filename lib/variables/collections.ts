/**
 * The collections of variables, and the operations that initialise or check all of them.
 */
import { applyUnary } from '../../graph/applyOp';
import { GraphKeys } from '../../graph/collections';
import { constantIn } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { string } from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { logicalNot } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { group } from '../../graph/ops/grouping';
import { stack } from '../../graph/ops/joining';
import { booleanMask } from '../../graph/ops/masking';
import { noOp } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import type { Variable } from './variable';

function collection(key: string, scope: string | null | undefined): Variable[] {
  return getDefaultGraph().outermost.getCollection<Variable>(key, scope);
}

/**
 * The variables that are shared by all sessions of a cluster: what is made unless something else is asked for. With
 * `scope` those whose name it matches.
 */
export function globalVariables(scope?: string | null): Variable[] {
  return collection(GraphKeys.GLOBAL_VARIABLES, scope);
}

/** The variables of one process, such as counters of metrics. */
export function localVariables(scope?: string | null): Variable[] {
  return collection(GraphKeys.LOCAL_VARIABLES, scope);
}

/** The variables that inference needs, where a model says which. */
export function modelVariables(scope?: string | null): Variable[] {
  return collection(GraphKeys.MODEL_VARIABLES, scope);
}

/** The variables that optimizers change. */
export function trainableVariables(scope?: string | null): Variable[] {
  return collection(GraphKeys.TRAINABLE_VARIABLES, scope);
}

/** The variables that keep moving averages. */
export function movingAverageVariables(scope?: string | null): Variable[] {
  return collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope);
}

/** An operation that gives these variables their initial values. Mirrors tf.compat.v1.variables_initializer. */
export function variablesInitializer(variables: readonly Variable[], options: { name?: string } = {}): Operation {
  const name = options.name ?? 'init';
  return variables.length > 0 ? group(...variables.map((variable) => variable.initializer), { name }) : noOp({ name });
}

/**
 * An operation that gives all global variables made so far their initial values. Mirrors
 * tf.compat.v1.global_variables_initializer.
 */
export function globalVariablesInitializer(): Operation {
  return variablesInitializer(globalVariables());
}

/**
 * An operation that gives all local variables made so far their initial values. Mirrors
 * tf.compat.v1.local_variables_initializer.
 */
export function localVariablesInitializer(): Operation {
  return variablesInitializer(localVariables());
}

/**
 * Whether the session holds a value of the variable: a boolean scalar. Mirrors tf.compat.v1.is_variable_initialized.
 */
export function isVariableInitialized(variable: Variable, options: { name?: string } = {}): Tensor {
  return variable.isInitialized(options);
}

/**
 * The names of those variables (default: all global and local ones) that have no value yet, as a vector of strings.
 *
 * Mirrors tf.compat.v1.report_uninitialized_variables.
 */
export function reportUninitializedVariables(
  variables?: readonly Variable[] | null,
  options: { name?: string } = {},
): Tensor {
  const asked = variables ?? [...globalVariables(), ...localVariables()];
  return composite(options.name, 'report_uninitialized_variables', asked, () => {
    const graph = getDefaultGraph();
    const initialized = asked.map((variable) => variable.isInitialized());
    return graph.device('/cpu:0', () => {
      if (asked.length === 0) return constantIn(graph, NdArray.from([], string));
      const missing = logicalNot(stack(initialized));
      const names = constantIn(graph, NdArray.from(asked.map((variable) => variable.op.name)));
      return booleanMask(names, missing);
    });
  });
}

/**
 * A tensor whose evaluation fails unless all variables have a value. Null if there are none.
 *
 * Mirrors tf.compat.v1.assert_variables_initialized.
 */
export function assertVariablesInitialized(variables?: readonly Variable[] | null): Tensor | null {
  const asked = variables ?? [...globalVariables(), ...localVariables()];
  if (asked.length === 0) return null;
  const ranks = asked.map((variable) =>
    variable.graph.colocateWith(variable.op, {}, () => applyUnary('Rank', { input: variable })),
  );
  return ranks.length === 1 ? ranks[0] : stack(ranks);
}
