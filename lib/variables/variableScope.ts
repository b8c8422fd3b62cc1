/**
 * Variable scopes: the names, defaults and sharing of variables that `tf.getVariable` makes.
 *
 * A variable's name depends on variable scopes only; a variable scope opens a name scope too, for the ops around.
 */
import { GraphKeys } from '../../graph/collections';
import { convertToTensor, graphFromInputs, ownDType } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { pushDefaultGraph } from '../../graph/defaultStack';
import type { DeviceFunction } from '../../graph/deviceSpec';
import { asDType, type DType, float32 } from '../../graph/dtypes';
import { GraphTypeError, RuntimeError, repr, ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import { checkString } from '../../graph/names';
import { type ArrayLike, NdArray } from '../../graph/ndarray';
import { onRollback } from '../../graph/rollback';
import { type Opened, openScope, type ScopeHandle } from '../../graph/scope';
import { type ShapeLike, TensorShape } from '../../graph/shape';
import type { Constraint } from './createVariable';
import type { Variable } from './variable';
import {
  AUTO_REUSE,
  type CustomGetter,
  type InitializerLike,
  isMaker,
  type Regularizer,
  type Reuse,
  type VariableOptions,
  variableStoreOf,
} from './variableStore';

export { AUTO_REUSE, type Reuse } from './variableStore';

/** The defaults that a scope gives to the variables inside. */
export interface ScopeDefaults {
  readonly initializer?: InitializerLike | null;
  readonly regularizer?: Regularizer | null;
  readonly cachingDevice?: string | DeviceFunction | null;
  readonly partitioner?: VariableOptions['partitioner'];
  readonly customGetter?: CustomGetter | null;
  readonly dtype?: DType | null;
  readonly constraint?: Constraint | null;
}

export interface VariableScopeOptions extends ScopeDefaults {
  /** The name if none is given; made unique among the scopes around. */
  readonly defaultName?: string | null;
  /** Tensors that decide which graph the scope belongs to. */
  readonly values?: readonly unknown[];
  /**
   * True shares existing variables, here and inside; AUTO_REUSE makes those that are missing; else the scope around
   * decides.
   */
  readonly reuse?: Reuse | null;
  /** False opens no name scope: for entering a scope again. */
  readonly auxiliaryNameScope?: boolean;
}

/** A scope for variables: name, defaults, reuse. Mirrors tf.VariableScope. */
export class VariableScope {
  #reuse: Reuse;
  #defaults: ScopeDefaults;

  constructor(
    reuse: Reuse | null,
    /** Prefix of the variables' names; empty at the root. */
    readonly name = '',
    defaults: ScopeDefaults = {},
    /** The name scope that was opened with it, with trailing slash. */
    readonly originalNameScope = '',
  ) {
    this.#reuse = reuse ?? false;
    this.#defaults = defaults;
  }

  get reuse(): Reuse {
    return this.#reuse;
  }

  /** Shares variables from here on. */
  reuseVariables(): void {
    this.#reuse = true;
  }

  get initializer(): InitializerLike | null {
    return this.#defaults.initializer ?? null;
  }

  get regularizer(): Regularizer | null {
    return this.#defaults.regularizer ?? null;
  }

  get cachingDevice(): string | DeviceFunction | null {
    return this.#defaults.cachingDevice ?? null;
  }

  get partitioner(): VariableOptions['partitioner'] {
    return this.#defaults.partitioner ?? null;
  }

  get customGetter(): CustomGetter | null {
    return this.#defaults.customGetter ?? null;
  }

  get dtype(): DType {
    return this.#defaults.dtype ?? float32;
  }

  get constraint(): Constraint | null {
    return this.#defaults.constraint ?? null;
  }

  /** Variables are always resource variables. */
  get useResource(): boolean {
    return true;
  }

  setInitializer(initializer: InitializerLike | null): void {
    this.#defaults = { ...this.#defaults, initializer };
  }

  setRegularizer(regularizer: Regularizer | null): void {
    this.#defaults = { ...this.#defaults, regularizer };
  }

  setCachingDevice(cachingDevice: string | DeviceFunction | null): void {
    this.#defaults = { ...this.#defaults, cachingDevice };
  }

  setCustomGetter(customGetter: CustomGetter | null): void {
    this.#defaults = { ...this.#defaults, customGetter };
  }

  setDType(dtype: DType): void {
    this.#defaults = { ...this.#defaults, dtype };
  }

  getCollection(name: string): Variable[] {
    return getDefaultGraph().outermost.getCollection<Variable>(name, this.name === '' ? null : `${this.name}/`);
  }

  trainableVariables(): Variable[] {
    return this.getCollection(GraphKeys.TRAINABLE_VARIABLES);
  }

  globalVariables(): Variable[] {
    return this.getCollection(GraphKeys.GLOBAL_VARIABLES);
  }

  localVariables(): Variable[] {
    return this.getCollection(GraphKeys.LOCAL_VARIABLES);
  }

  /** The variable `name` in this scope, with the scope's defaults for what the options leave open. */
  getVariable(name: string, options: VariableOptions): Variable {
    checkString(name);
    const graph = getDefaultGraph();
    return graph.outermost.transaction(() => graph.nameScope(null, () => this.#get(graph, name, options)));
  }

  #get(graph: Graph, name: string, options: VariableOptions): Variable {
    const { dtype = null } = options;
    const initializer = dtype ? converted(options.initializer ?? null, asDType(dtype)) : (options.initializer ?? null);
    // A custom getter may return a tensor; callers that set one know.
    return variableStoreOf(graph).getVariable(this.name === '' ? name : `${this.name}/${name}`, {
      ...options,
      initializer: initializer ?? this.initializer,
      regularizer: options.regularizer ?? this.regularizer,
      cachingDevice: options.cachingDevice ?? this.cachingDevice,
      partitioner: options.partitioner ?? this.partitioner,
      customGetter: options.customGetter ?? this.customGetter,
      reuse: options.reuse ?? this.reuse,
      constraint: options.constraint ?? this.constraint,
      dtype: asDType(dtype ?? this.dtype),
    }) as Variable;
  }
}

/**
 * An initial value of the dtype that was asked for: plain numbers take it, anything else must have it. As in
 * TensorFlow, the check leaves a constant behind where the initializer is no tensor.
 */
function converted(initializer: InitializerLike | null, dtype: DType): InitializerLike | null {
  if (initializer === null || isMaker(initializer)) return initializer;
  const found = convertToTensor(initializer, { preferredDtype: dtype }).dtype;
  if (found !== dtype) throw new ValueError(`Initializer type '${found}' and explicit dtype '${dtype}' don't match.`);
  return ownDType(initializer) === undefined ? NdArray.from(initializer as ArrayLike, dtype) : initializer;
}

/** The scope that is open in a graph, and how often scopes of each name were opened. */
class ScopeStore {
  current = new VariableScope(false);
  counts = new Map<string, number>();

  opened(name: string): void {
    const before = this.counts.get(name) ?? 0;
    this.counts.set(name, before + 1);
    onRollback(() => this.counts.set(name, before));
  }

  /** Default names inside a scope count from the beginning when it is entered again. */
  forgetInside(name: string): void {
    for (const key of this.counts.keys()) if (key.startsWith(`${name}/`)) this.counts.set(key, 0);
  }

  /** `prefix`, or `prefix_1`, … where scopes of that name were opened in the current one. */
  unique(prefix: string): string {
    const full = this.current.name === '' ? prefix : `${this.current.name}/${prefix}`;
    if (!this.counts.get(full)) return prefix;
    let index = 1;
    while (this.counts.get(`${full}_${index}`)) index++;
    return `${prefix}_${index}`;
  }
}

const scopeStores = new WeakMap<Graph, ScopeStore>();

function scopeStoreOf({ outermost }: Graph): ScopeStore {
  let store = scopeStores.get(outermost);
  if (!store) scopeStores.set(outermost, (store = new ScopeStore()));
  return store;
}

/** The variable scope that is open in the default graph. Mirrors tf.compat.v1.get_variable_scope. */
export function getVariableScope(): VariableScope {
  return scopeStoreOf(getDefaultGraph()).current;
}

/** The name a scope with that default name would get here. */
export function uniqueScopeName(prefix: string): string {
  return scopeStoreOf(getDefaultGraph()).unique(prefix);
}

/**
 * Opens a variable scope: inside the current one by name, again by a scope object, or with null by `defaultName`, made
 * unique.
 *
 * Ops made inside are in a name scope of the last part of the name. Yields the scope. Mirrors
 * tf.compat.v1.variable_scope. TypeError without any name or for other kinds of scopes; ValueError for `reuse` where
 * there is no name to share.
 */
export function variableScope(
  nameOrScope: string | VariableScope | null,
  options?: VariableScopeOptions,
): ScopeHandle<VariableScope>;
export function variableScope<R>(nameOrScope: string | VariableScope | null, body: (scope: VariableScope) => R): R;
export function variableScope<R>(
  nameOrScope: string | VariableScope | null,
  options: VariableScopeOptions,
  body: (scope: VariableScope) => R,
): R;
export function variableScope<R>(
  nameOrScope: string | VariableScope | null,
  optionsOrBody: VariableScopeOptions | ((scope: VariableScope) => R) = {},
  givenBody?: (scope: VariableScope) => R,
): R | ScopeHandle<VariableScope> {
  const [options, body] = typeof optionsOrBody === 'function' ? [{}, optionsOrBody] : [optionsOrBody, givenBody];
  return openScope(() => enter(nameOrScope ?? null, options), body);
}

function checkScope(
  nameOrScope: unknown,
  { defaultName = null, reuse = null, auxiliaryNameScope = true }: VariableScopeOptions,
): void {
  if (defaultName === null && nameOrScope === null)
    throw new GraphTypeError('If default_name is None then name_or_scope is required');
  if (reuse !== null && typeof reuse !== 'boolean' && reuse !== AUTO_REUSE)
    throw new ValueError('The reuse parameter must be True or False or None.');
  if (typeof auxiliaryNameScope !== 'boolean') {
    throw new GraphTypeError(
      `The auxiliary_name_scope must be \`True\` or \`False\`, while get ${repr(auxiliaryNameScope)}`,
    );
  }
  if (nameOrScope !== null && typeof nameOrScope !== 'string' && !(nameOrScope instanceof VariableScope)) {
    throw new GraphTypeError('VariableScope: name_or_scope must be a string or VariableScope.');
  }
  if (nameOrScope === null && reuse) throw new ValueError('reuse=True cannot be used without a name_or_scope');
}

function enter(nameOrScope: string | VariableScope | null, options: VariableScopeOptions): Opened<VariableScope> {
  checkScope(nameOrScope, options);
  const graph = graphFromInputs(options.values ?? []);
  const asDefault = pushDefaultGraph(graph);
  try {
    const names = enterNames(graph, nameOrScope, options);
    const variables = enterVariables(graph, nameOrScope, names?.value ?? null, options);
    return {
      value: variables.value,
      exit: () => {
        variables.exit();
        names?.exit();
        asDefault.exit();
      },
    };
  } catch (error) {
    asDefault.exit();
    throw error;
  }
}

/** The name scope that goes with a variable scope; none for the root. */
function enterNames(
  graph: Graph,
  nameOrScope: string | VariableScope | null,
  options: VariableScopeOptions,
): Opened<string> | null {
  const { auxiliaryNameScope = true, defaultName = null } = options;
  if (!auxiliaryNameScope) return graph.enterNameScope(graph.currentScope === '' ? '' : `${graph.currentScope}/`);
  const name =
    nameOrScope instanceof VariableScope ? nameOrScope.name.split('/').at(-1)! : (nameOrScope ?? defaultName!);
  return name === '' ? null : graph.enterNameScope(name);
}

function enterVariables(
  graph: Graph,
  nameOrScope: string | VariableScope | null,
  nameScope: string | null,
  options: VariableScopeOptions,
): Opened<VariableScope> {
  const store = scopeStoreOf(graph);
  const outer = store.current;
  const again = nameOrScope instanceof VariableScope ? nameOrScope : null;
  const own = again ? again.name : ((nameOrScope as string | null) ?? store.unique(options.defaultName!));
  const name = again || outer.name === '' ? own : `${outer.name}/${own}`;
  const base = again ?? outer;
  const scope = new VariableScope(
    options.reuse || base.reuse,
    name,
    merged(base, options),
    again ? again.originalNameScope : (nameScope ?? own),
  );
  store.opened(name);
  const counts = again ? new Map(store.counts) : null;
  store.current = scope;
  return {
    value: scope,
    exit: () => {
      if (store.current !== scope) throw new RuntimeError('Improper nesting of variable_scope.');
      // Leaving a scope that was jumped to takes back what was counted inside.
      if (counts) store.counts = counts;
      else store.forgetInside(name);
      store.current = outer;
    },
  };
}

/** The defaults of a scope, with those that are given anew. A new custom getter calls the one around it. */
function merged(base: VariableScope, options: VariableScopeOptions): ScopeDefaults {
  const { initializer, regularizer, cachingDevice, partitioner, customGetter, dtype, constraint = null } = options;
  return {
    initializer: initializer ?? base.initializer,
    regularizer: regularizer ?? base.regularizer,
    cachingDevice: cachingDevice ?? base.cachingDevice,
    partitioner: partitioner ?? base.partitioner,
    customGetter: customGetter ? around(customGetter, base.customGetter) : base.customGetter,
    dtype: dtype ? asDType(dtype) : base.dtype,
    // The one default that scopes inside do not inherit.
    constraint,
  };
}

function around(own: CustomGetter, outer: CustomGetter | null): CustomGetter {
  if (outer === null) return own;
  return (getter, name, options) => own((wanted, given) => outer(getter, wanted, given), name, options);
}

/**
 * The variable of that name in the current variable scope: made, or shared where the scope reuses variables.
 *
 * `shape` may stand second, as in Python. Mirrors tf.compat.v1.get_variable. ValueError when the variable exists and is
 * not to be reused, is missing but to be reused, or has another shape or dtype.
 */
export function getVariable(name: string, options?: VariableOptions): Variable;
export function getVariable(name: string, shape: ShapeLike, options?: VariableOptions): Variable;
export function getVariable(
  name: string,
  shapeOrOptions?: ShapeLike | VariableOptions,
  more?: VariableOptions,
): Variable {
  return getVariableScope().getVariable(name, variableOptions(shapeOrOptions, more));
}

/**
 * A variable for values that live in one session only, such as counters: not trainable, and in the collection
 * LOCAL_VARIABLES.
 *
 * Mirrors tf.compat.v1.get_local_variable.
 */
export function getLocalVariable(name: string, options?: VariableOptions): Variable;
export function getLocalVariable(name: string, shape: ShapeLike, options?: VariableOptions): Variable;
export function getLocalVariable(
  name: string,
  shapeOrOptions?: ShapeLike | VariableOptions,
  more?: VariableOptions,
): Variable {
  const options = variableOptions(shapeOrOptions, more);
  const collections = [...(options.collections ?? []), GraphKeys.LOCAL_VARIABLES];
  return getVariableScope().getVariable(name, { ...options, trainable: false, collections });
}

function variableOptions(
  shapeOrOptions: ShapeLike | VariableOptions,
  more: VariableOptions | undefined,
): VariableOptions {
  const isShape =
    Array.isArray(shapeOrOptions) ||
    shapeOrOptions instanceof TensorShape ||
    typeof shapeOrOptions !== 'object' ||
    shapeOrOptions === null;
  return isShape
    ? { ...more, shape: (shapeOrOptions as ShapeLike) ?? more?.shape }
    : (shapeOrOptions as VariableOptions);
}

/** A regularizer that gives none, for variables in a scope that has one. Mirrors tf.compat.v1.no_regularizer. */
export function noRegularizer(): null {
  return null;
}
