/**
 * The nodes of a new variable: initial value, handle, test for a value, assignment and first read, as TensorFlow lays
 * them out.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { GraphKeys } from '../../graph/collections';
import { convertToTensor, graphFromInputs, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import type { DeviceFunction } from '../../graph/deviceSpec';
import { asDType, type DType } from '../../graph/dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import { initScope } from '../../graph/initScope';
import type { Operation } from '../../graph/operation';
import { asShape, type ShapeLike, type TensorShape } from '../../graph/shape';
import { callUser } from '../../graph/site';
import { Tensor } from '../../graph/tensor';
import { type Modes, resolveModes, type VariableAggregation, type VariableSynchronization } from './modes';

/** What a variable may start with: a tensor, what becomes one, or a function that makes it. */
export type InitialValue = TensorLike | (() => TensorLike);

/** Maps a variable's value after an update to one that is allowed. */
export type Constraint = (value: Tensor) => Tensor;

export interface NewVariableOptions {
  /** Default `Variable`; made unique. */
  readonly name?: string | null;
  /** Converts the initial value. Default: its own dtype. */
  readonly dtype?: DType | null;
  /** Whether optimizers change it. Default true. */
  readonly trainable?: boolean | null;
  /** Default `[GraphKeys.GLOBAL_VARIABLES]`; a trainable variable is in TRAINABLE_VARIABLES too. */
  readonly collections?: readonly string[] | null;
  /** False lets later values have other shapes. */
  readonly validateShape?: boolean;
  /** Reads go through a copy on that device. */
  readonly cachingDevice?: string | DeviceFunction | null;
  readonly constraint?: Constraint | null;
  /** Default: the initial value's static shape. */
  readonly shape?: ShapeLike;
  readonly synchronization?: VariableSynchronization | null;
  readonly aggregation?: VariableAggregation | null;
}

/** All that a Variable object knows. */
export class VariableParts {
  constructor(
    readonly fields: Modes & {
      readonly handle: Tensor;
      readonly handleName: string;
      readonly dtype: DType;
      readonly shape: TensorShape;
      /** The read that stands for the variable where a tensor is wanted without a new node; null in function bodies. */
      readonly graphElement: Tensor | null;
      readonly initialValue: Tensor | null;
      readonly initializer: Operation | null;
      readonly cachedValue: Tensor | null;
      readonly cachingDevice: string | DeviceFunction | null;
      readonly constraint: Constraint | null;
      readonly validateShape: boolean;
    },
    readonly collections: readonly string[],
  ) {}
}

function checkOptions(options: NewVariableOptions, trainable: boolean): readonly string[] {
  const { collections, constraint } = options;
  if (collections !== undefined && collections !== null && !Array.isArray(collections)) {
    throw new ValueError(
      `collections argument to Variable constructor must be a list, tuple, or set. Got ${repr(collections)} of type ${typeWord(collections)}`,
    );
  }
  if (constraint !== undefined && constraint !== null && typeof constraint !== 'function') {
    throw new ValueError(
      `Argument \`constraint\` must be None or a callable. a callable. Got a ${typeWord(constraint)}:  ${repr(constraint)}`,
    );
  }
  const names = collections ?? [GraphKeys.GLOBAL_VARIABLES];
  return trainable && !names.includes(GraphKeys.TRAINABLE_VARIABLES)
    ? [...names, GraphKeys.TRAINABLE_VARIABLES]
    : names;
}

/** Makes the nodes in the outermost graph, outside of all control dependencies. On any error the graph is as it was. */
export function createVariable(
  initialValue: InitialValue | null | undefined,
  options: NewVariableOptions,
): VariableParts {
  if (typeof options !== 'object' || options === null)
    throw new GraphTypeError(`The options of tf.Variable must be an object, got ${repr(options)}.`);
  const modes = resolveModes(options, options.name);
  if (initialValue === null || initialValue === undefined) {
    throw new ValueError(
      'The `initial_value` arg to `tf.Variable` must be specified except when you are not providing a `variable_def`. You provided neither.',
    );
  }
  if (initialValue instanceof Tensor && initialValue.graph.isFunction) throw notLiftable(initialValue, options.name);
  const collections = checkOptions(options, modes.trainable);
  const graph = (typeof initialValue === 'function' ? getDefaultGraph() : graphFromInputs([initialValue])).outermost;
  const build = () =>
    graph.nameScope(options.name ?? 'Variable', (scope) => layOut(graph, scope, initialValue, options, modes));
  return graph.transaction(
    () =>
      new VariableParts(
        initScope(() => graph.asDefault(build)),
        collections,
      ),
  );
}

function notLiftable(value: Tensor, name: string | null | undefined): ValueError {
  return new ValueError(
    `Argument \`initial_value\` (${value}) could not be lifted out of a \`tf.function\`. (Tried to create variable with name='${name ?? 'None'}'). To avoid this error, when constructing \`tf.Variable\`s inside of \`tf.function\` you can create the \`initial_value\` tensor in a \`tf.init_scope\` or pass a callable \`initial_value\` (e.g., \`tf.Variable(lambda : tf.truncated_normal([10, 40]))\`). Please file a feature request if this restriction inconveniences you.`,
  );
}

function layOut(
  graph: Graph,
  scope: string,
  given: InitialValue,
  options: NewVariableOptions,
  modes: Modes,
): VariableParts['fields'] {
  const handleName = scope.endsWith('/') ? scope.slice(0, -1) : scope;
  const { initialValue, shape, handle } = graph.attrScope({ _class: [`loc:@${handleName}`] }, () => {
    const value = initialTensor(graph, given, options.dtype ? asDType(options.dtype) : undefined);
    const declared = declaredShape(value, options.shape);
    const attrs = { dtype: value.dtype, shape: declared, shared_name: handleName, debug_name: scope };
    return { initialValue: value, shape: declared, handle: applyUnary('VarHandleOp', attrs, scope || null) };
  });
  const { dtype } = initialValue;
  graph.nameScope('IsInitialized', () => applyUnary('VarIsInitializedOp', { resource: handle }));
  const initializer = graph.nameScope('Assign', (name) =>
    unplaced(graph, () =>
      graph.device(handle.device, () =>
        applyOp('AssignVariableOp', { resource: handle, value: initialValue, validate_shape: false }, name),
      ),
    ),
  );
  const cachingDevice = options.cachingDevice ?? null;
  const { read, cachedValue } = graph.nameScope('Read', () => {
    const value = graph.device(handle.device, () => applyUnary('ReadVariableOp', { resource: handle, dtype }));
    if (cachingDevice === null) return { read: value, cachedValue: null };
    return {
      read: value,
      cachedValue: unplaced(graph, () => graph.device(cachingDevice, () => applyUnary('Identity', { input: value }))),
    };
  });
  const { constraint = null, validateShape = true } = options;
  return {
    ...modes,
    handle,
    handleName,
    dtype,
    shape,
    graphElement: read,
    initialValue,
    initializer,
    cachedValue,
    cachingDevice,
    constraint,
    validateShape,
  };
}

function initialTensor(graph: Graph, given: InitialValue, dtype: DType | undefined): Tensor {
  return graph.nameScope('Initializer', () =>
    graph.device(null, () =>
      convertToTensor(typeof given === 'function' ? callUser(given) : given, { name: 'initial_value', dtype, graph }),
    ),
  );
}

function declaredShape(initialValue: Tensor, shape: ShapeLike | undefined): TensorShape {
  if (shape === undefined || shape === null) return initialValue.shape;
  const declared = asShape(shape);
  if (initialValue.shape.isCompatibleWith(declared)) return declared;
  throw new ValueError(
    `In this \`tf.Variable\` creation, the initial value's shape (${initialValue.shape}) is not compatible with the explicitly supplied \`shape\` argument (${declared}).`,
  );
}

/** Outside of the devices and colocations around. */
export function unplaced<R>(graph: Graph, build: () => R): R {
  return graph.colocateWith(null, { ignoreExisting: true }, build);
}
