/**
 * The variables of a graph that were made by `tf.getVariable`, by full name: making them once, and finding them again.
 *
 * Names and defaults come from the variable scope (lib/variables/variableScope.ts).
 */
import { GraphKeys } from '../../graph/collections';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import type { DeviceFunction } from '../../graph/deviceSpec';
import { asDType, type DType, string } from '../../graph/dtypes';
import { NotImplementedError, ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import { onRollback } from '../../graph/rollback';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import { callUser } from '../../graph/site';
import { didYouMean } from '../../graph/suggest';
import type { Tensor } from '../../graph/tensor';
import { Zeros } from '../initializers/constants';
import { Initializer } from '../initializers/initializer';
import { GlorotUniform } from '../initializers/varianceScaling';
import type { Constraint, InitialValue } from './createVariable';
import { LazyTensor } from './lazyTensor';
import type { VariableAggregation, VariableSynchronization } from './modes';
import { Variable } from './variable';

/** Share existing variables, or those that exist, or none. */
export type Reuse = boolean | typeof AUTO_REUSE;

/** As `reuse`: takes a variable that exists, and makes one that does not. Mirrors tf.compat.v1.AUTO_REUSE. */
export const AUTO_REUSE = 'AUTO_REUSE';

/** A function from a variable to a scalar loss, or to null for none. */
export type Regularizer = (variable: Tensor | Variable) => TensorLike | null | undefined;

/** Makes a value of a shape and dtype. */
export type InitializerFunction = (shape: readonly number[], dtype: DType) => TensorLike;

/**
 * What a variable may be initialized with: an initializer or its maker, a function, or a value that dictates the shape.
 */
export type InitializerLike = Initializer | InitializerFunction | (() => Initializer) | TensorLike;

/**
 * Stands between a caller and the making of a variable: may change the name or the options, or use what `getter`
 * returns.
 */
export type CustomGetter = (getter: Getter, name: string, options: VariableOptions) => Variable | Tensor;
export type Getter = (name: string, options: VariableOptions) => Variable | Tensor;

export interface VariableOptions {
  /** Required unless the initializer is a value or takes no arguments. */
  readonly shape?: ShapeLike;
  /** Default: that of the scope, float32. */
  readonly dtype?: DType | null;
  /** Default: that of the scope; else Glorot uniform for floats, and zeros. */
  readonly initializer?: InitializerLike | null;
  readonly regularizer?: Regularizer | null;
  readonly trainable?: boolean | null;
  readonly collections?: readonly string[] | null;
  readonly cachingDevice?: string | DeviceFunction | null;
  /** Not supported: variables in several parts. */
  readonly partitioner?: ((shape: TensorShape, dtype: DType) => readonly number[]) | null;
  readonly validateShape?: boolean;
  readonly reuse?: Reuse | null;
  readonly customGetter?: CustomGetter | null;
  readonly constraint?: Constraint | null;
  readonly synchronization?: VariableSynchronization | null;
  readonly aggregation?: VariableAggregation | null;
}

const stores = new WeakMap<Graph, VariableStore>();

/** The store of the outermost graph around `graph`. */
export function variableStoreOf(graph: Graph): VariableStore {
  const { outermost } = graph;
  let store = stores.get(outermost);
  if (!store) stores.set(outermost, (store = new VariableStore()));
  return store;
}

export class VariableStore {
  readonly #variables = new Map<string, Variable>();

  /** All variables that were made, by their full names. */
  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables;
  }

  /** The variable of that full name, made or shared as `options.reuse` says. */
  getVariable(name: string, options: VariableOptions): Variable | Tensor {
    const { customGetter = null, ...rest } = options;
    const getter: Getter = (wanted, { customGetter: _, ...given }) => this.#get(wanted, given);
    return customGetter ? callUser(() => customGetter(getter, name, rest)) : getter(name, rest);
  }

  #get(name: string, options: VariableOptions): Variable {
    if (options.partitioner && !(Array.isArray(options.shape) && options.shape.length === 0)) {
      throw new NotImplementedError(
        `Variable ${name} has a partitioner, but variables in several parts are not supported. Leave \`partitioner\` out.`,
      );
    }
    const { initializer = null } = options;
    const isValue = initializer !== null && !isMaker(initializer);
    if (isGiven(options.shape) && isValue) throw new ValueError('If initializer is a constant, do not specify shape.');
    const shape = isGiven(options.shape) ? asShape(options.shape) : null;
    const existing = this.#variables.get(name);
    return existing ? this.#share(name, existing, shape, options) : this.#make(name, shape, isValue, options);
  }

  #share(name: string, found: Variable, shape: TensorShape | null, { reuse, dtype }: VariableOptions): Variable {
    if (reuse === false || reuse === null || reuse === undefined) {
      const site = found.op.creationSite;
      throw new ValueError(
        `Variable ${name} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?${site ? ` Originally defined at:\n\n  ${site}` : ''}`,
        found.op,
      );
    }
    if (shape && !shape.isCompatibleWith(found.shape)) {
      throw new ValueError(
        `Trying to share variable ${name}, but specified shape ${shape} and found shape ${found.shape}.`,
        found.op,
      );
    }
    if (dtype && asDType(dtype) !== found.dtype) {
      throw new ValueError(
        `Trying to share variable ${name}, but specified dtype ${asDType(dtype).name} and found dtype ${found.dtype.name}.`,
        found.op,
      );
    }
    return found;
  }

  #make(name: string, shape: TensorShape | null, isValue: boolean, options: VariableOptions): Variable {
    if (options.reuse === true) {
      throw new ValueError(
        `Variable ${name} does not exist, or was not created with tf.get_variable(). Did you mean to set reuse=tf.AUTO_REUSE in VarScope?${didYouMean(name, this.#variables.keys())}`,
      );
    }
    const dtype = asDType(options.dtype!);
    const start = isValue ? null : makerOf(name, options.initializer as Maker | null, shape, dtype);
    const variable = new Variable(start ? start.value : (options.initializer as TensorLike), {
      name,
      trainable: options.trainable,
      collections: options.collections,
      cachingDevice: options.cachingDevice,
      dtype: start?.dtype,
      validateShape: options.validateShape,
      constraint: options.constraint,
      synchronization: options.synchronization,
      aggregation: options.aggregation,
      shape,
    });
    this.#variables.set(name, variable);
    onRollback(() => this.#variables.delete(name));
    if (options.regularizer) regularize(name, variable, options.regularizer);
    return variable;
  }
}

function isGiven(shape: ShapeLike): boolean {
  return shape !== null && shape !== undefined;
}

type Maker = Initializer | InitializerFunction | (() => Initializer);

export function isMaker(initializer: unknown): initializer is Maker {
  return initializer instanceof Initializer || typeof initializer === 'function';
}

/** What a variable starts with when its initializer has to be called, and whether the dtype asked for applies. */
function makerOf(
  name: string,
  given: Maker | null,
  shape: TensorShape | null,
  dtype: DType,
): { value: InitialValue; dtype: DType | null } {
  if (given === null && shape === null) {
    throw new ValueError(`Variable ${name} did not get an initializer, so its \`shape\` argument must be specified.`);
  }
  const initializer = instantiated(given ?? defaultInitializer(name, dtype));
  if (shape?.isFullyDefined()) {
    const dims = shape.asNumbers();
    const make =
      initializer instanceof Initializer
        ? () => initializer.call(dims, dtype)
        : () => resolved(initializer(dims, dtype), dims, dtype);
    return { value: make, dtype };
  }
  if (initializer instanceof Initializer || initializer.length > 0) {
    throw new ValueError(
      "The initializer passed is not valid. It should be a callable with no arguments and the shape should not be provided or an instance of `tf.keras.initializers.*' and `shape` should be fully defined.",
    );
  }
  return { value: initializer as () => TensorLike, dtype: null };
}

/** `tf.zerosInitializer` itself may be given where `tf.zerosInitializer()` is meant. */
function instantiated(given: Maker): Initializer | InitializerFunction {
  return typeof given === 'function' && Initializer.isMaker(given)
    ? given()
    : (given as Initializer | InitializerFunction);
}

function resolved(value: TensorLike | Initializer, dims: readonly number[], dtype: DType): TensorLike {
  return value instanceof Initializer ? value.call(dims, dtype) : value;
}

function defaultInitializer(name: string, dtype: DType): Initializer {
  if (dtype.isFloating) return new GlorotUniform();
  if (dtype.isInteger || dtype.isBool || dtype === string) return new Zeros();
  throw new ValueError(`An initializer for variable ${name} of ${dtype} is required`);
}

/** Puts the loss of a new variable into its collection. Like TensorFlow, asks once in vain whether there is one. */
function regularize(name: string, variable: Variable, regularizer: Regularizer): void {
  const loss = () => callUser(() => regularizer(variable));
  const asked = loss();
  if (asked === null || asked === undefined) return;
  const { graph } = variable;
  const build = () =>
    graph.colocateWith(variable.op, {}, () => graph.nameScope(`${name}/Regularizer/`, () => convertToTensor(loss()!)));
  graph.addToCollection(GraphKeys.REGULARIZATION_LOSSES, new LazyTensor(build));
}
