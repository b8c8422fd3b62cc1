/**
 * tf.makeTemplate: a function that makes its variables on the first call and shares them on later ones.
 */
import { GraphKeys } from '../../graph/collections';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { ValueError } from '../../graph/errors';
import type { Variable } from './variable';
import { uniqueScopeName, type VariableScope, variableScope } from './variableScope';
import type { CustomGetter } from './variableStore';

export interface TemplateOptions {
  /** Open the variable scope now, so that its name does not depend on when the first call is. */
  readonly createScopeNow?: boolean;
  /** A scope name to use as it is, sharing with whatever uses it too. */
  readonly uniqueName?: string | null;
  readonly customGetter?: CustomGetter | null;
}

/** A function with variables of its own. */
export interface Template<Args extends unknown[], R> {
  (...args: Args): R;
  readonly variableScope: VariableScope | null;
  readonly variables: readonly Variable[];
  readonly globalVariables: readonly Variable[];
  readonly localVariables: readonly Variable[];
  readonly trainableVariables: readonly Variable[];
  readonly nonTrainableVariables: readonly Variable[];
}

/**
 * Wraps `fn` so that each call runs in one and the same variable scope: the first one makes its variables, later ones
 * share them.
 *
 * Mirrors tf.compat.v1.make_template. A later call that makes a trainable variable of its own (by `new tf.Variable`) is
 * a ValueError.
 */
export function makeTemplate<Args extends unknown[], R>(
  name: string,
  fn: (...args: Args) => R,
  options: TemplateOptions = {},
): Template<Args, R> {
  if (name === null || name === undefined) throw new ValueError('name cannot be None.');
  const { createScopeNow = false, uniqueName = null, customGetter = null } = options;
  let scope: VariableScope | null = null;
  let isFirst = true;
  let hasVariables = false;
  const open = (auxiliaryNameScope: boolean, body: (opened: VariableScope) => R | null) =>
    variableScope(
      uniqueName ?? (createScopeNow ? uniqueScopeName(name) : null),
      { defaultName: name, customGetter, auxiliaryNameScope },
      body,
    );
  const call = (args: Args): R => {
    if (hasVariables) return checked(fn, args);
    // A call inside the first one shares what that has made so far.
    const wasFirst = isFirst;
    isFirst = false;
    try {
      const result = fn(...args);
      hasVariables ||= wasFirst;
      return result;
    } catch (error) {
      isFirst = wasFirst;
      throw error;
    }
  };
  if (createScopeNow) {
    open(false, (opened) => {
      scope = opened;
      return null;
    });
  }
  const template = (...args: Args): R => {
    if (scope) return variableScope(scope, { reuse: !isFirst }, () => call(args));
    return open(true, (opened) => {
      scope = opened;
      return call(args);
    }) as R;
  };
  const own = (key: string) =>
    hasVariables && scope ? getDefaultGraph().outermost.getCollection<Variable>(key, `${scope.name}/`) : [];
  const globals = () => own(GraphKeys.GLOBAL_VARIABLES);
  const trainable = () => own(GraphKeys.TRAINABLE_VARIABLES);
  const property = <T>(get: () => T) => ({ get, enumerable: true });
  return Object.defineProperties(template, {
    variableScope: property(() => scope),
    variables: property(() => [...globals(), ...own(GraphKeys.LOCAL_VARIABLES)]),
    globalVariables: property(globals),
    localVariables: property(() => own(GraphKeys.LOCAL_VARIABLES)),
    trainableVariables: property(trainable),
    nonTrainableVariables: property(() => globals().filter((variable) => !trainable().includes(variable))),
  }) as unknown as Template<Args, R>;
}

function checked<Args extends unknown[], R>(fn: (...args: Args) => R, args: Args): R {
  const trainable = getDefaultGraph().outermost.getCollectionRef<Variable>(GraphKeys.TRAINABLE_VARIABLES);
  const before = trainable.length;
  const result = fn(...args);
  if (trainable.length === before) return result;
  throw new ValueError(
    `Trainable variable created when calling a template after the first time, perhaps you used tf.Variable when you meant tf.get_variable: [${trainable.slice(before).join(', ')}]`,
  );
}
