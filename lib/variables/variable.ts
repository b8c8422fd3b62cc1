/**
 * tf.Variable: a value that lives in a session and outlives its runs, behind a resource handle.
 *
 * Every use as a tensor reads the value anew, in the scope of the use. Assignments are operations; what they return
 * reads the value after them. No numbers live here.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { cond } from '../../graph/controlFlow/cond';
import {
  type ConvertOptions,
  convertToTensor,
  graphFromInputs,
  type TensorConvertible,
  type TensorLike,
} from '../../graph/convert';
import type { DeviceFunction } from '../../graph/deviceSpec';
import type { DType } from '../../graph/dtypes';
import { GraphTypeError, OperatorNotAllowedInGraphError, ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import { initScope } from '../../graph/initScope';
import type { ArrayLike, NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { SliceItem } from '../../graph/ops/brackets';
import type { BooleanIndex } from '../../graph/ops/slicing';
import '../../graph/ops/slicing';
import type { ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import {
  type Constraint,
  createVariable,
  type InitialValue,
  type NewVariableOptions,
  unplaced,
  VariableParts,
} from './createVariable';
import type { VariableAggregation, VariableSynchronization } from './modes';
import { WithOperators } from './withOperators';

export interface AssignOptions {
  readonly name?: string;
  /** False returns the assigning operation instead of the variable as it is afterwards. Default true. */
  readonly readValue?: boolean;
}

interface NoRead extends AssignOptions {
  readonly readValue: false;
}

type EvalOptions = Parameters<Tensor['eval']>[0];

const newParts = (
  initialValue: InitialValue | VariableParts | null | undefined,
  options: NewVariableOptions,
): VariableParts => (initialValue instanceof VariableParts ? initialValue : createVariable(initialValue, options));

/**
 * A variable of the default graph. Its dtype and shape are those of `initialValue`: a tensor, what can become one, or a
 * function that makes one, called under the variable's own scope.
 *
 * Run `variable.initializer` or `tf.globalVariablesInitializer()` before reading it. Mirrors tf.compat.v1.Variable
 * (resource variables). ValueError without an initial value; TypeError or ValueError for one that `dtype` cannot hold.
 */
export class Variable extends WithOperators implements TensorConvertible {
  #parts: VariableParts['fields'];
  #shape: TensorShape;

  constructor(initialValue: InitialValue | VariableParts | null | undefined, options: NewVariableOptions = {}) {
    super();
    const { fields, collections } = newParts(initialValue, options);
    this.#parts = fields;
    this.#shape = fields.shape;
    fields.handle.graph.addToCollections(collections, this);
  }

  /** The name of the handle: `scope/v:0`. */
  get name(): string {
    return `${this.#parts.handleName}:0`;
  }

  get handle(): Tensor {
    return this.#parts.handle;
  }

  /** The operation that makes the handle. */
  get op(): Operation {
    return this.handle.op;
  }

  get graph(): Graph {
    return this.handle.graph;
  }

  get device(): string {
    return this.handle.device;
  }

  get dtype(): DType {
    return this.#parts.dtype;
  }

  get shape(): TensorShape {
    return this.#shape;
  }

  /** Merges more knowledge into the static shape; ValueError when it contradicts. */
  setShape(shape: ShapeLike): void {
    this.#shape = this.#shape.mergeWith(shape);
  }

  get trainable(): boolean {
    return this.#parts.trainable;
  }

  get synchronization(): VariableSynchronization {
    return this.#parts.synchronization;
  }

  get aggregation(): VariableAggregation {
    return this.#parts.aggregation;
  }

  get constraint(): Constraint | null {
    return this.#parts.constraint;
  }

  get cachingDevice(): string | DeviceFunction | null {
    return this.#parts.cachingDevice;
  }

  /** The operation that assigns the initial value. */
  get initializer(): Operation {
    const { initializer } = this.#parts;
    if (initializer) return initializer;
    throw new ValueError(`${this} has no initializer of its own.`);
  }

  get initialValue(): Tensor {
    const { initialValue } = this.#parts;
    if (initialValue) return initialValue;
    throw new ValueError(`${this} has no initial value of its own.`);
  }

  /** Makes another assignment give the variable its initial value, as `tf.train.initFromCheckpoint` does. */
  replaceInitializer(initializer: Operation, initialValue: Tensor): void {
    this.#parts = { ...this.#parts, initializer, initialValue };
  }

  // ---- reading

  /** A new read of the value, on the variable's own device; with a caching device, the one cached copy. */
  override value(): Tensor {
    const { cachedValue } = this.#parts;
    return cachedValue ?? this.#build((graph) => unplaced(graph, () => this.read()));
  }

  /** A new read, behind an Identity that is placed where the code around is. Mirrors Variable.read_value. */
  readValue(): Tensor {
    return this.#build((graph) => applyUnary('Identity', { input: graph.nameScope('Read', () => this.read()) }));
  }

  protected read(): Tensor {
    const { handle, dtype, cachingDevice } = this.#parts;
    const read = () => applyUnary('ReadVariableOp', { resource: handle, dtype });
    if (cachingDevice === null) return read();
    const graph = this.#currentGraph();
    return unplaced(graph, () => graph.device(cachingDevice, read));
  }

  /** The graph in which uses of the variable are built: a function body, or the variable's own. */
  #currentGraph(): Graph {
    return graphFromInputs([this.handle]);
  }

  /** Builds there all or nothing, as one call of the user. */
  #build<R>(body: (graph: Graph) => R): R {
    const graph = this.#currentGraph();
    return graph.transaction(() => body(graph));
  }

  /** Rows by int32 or int64 `indices`, without reading all. Mirrors Variable.sparse_read. */
  sparseRead(indices: TensorLike, { name }: { name?: string } = {}): Tensor {
    return this.#readPart('ResourceGather', indices, name ?? 'Gather');
  }

  /** Elements or slices by index vectors. Mirrors Variable.gather_nd. */
  gatherNd(indices: TensorLike, { name }: { name?: string } = {}): Tensor {
    return this.#build(() =>
      applyUnary('Identity', { input: this.#readPart('ResourceGatherNd', indices, name ?? 'GatherNd') }),
    );
  }

  #readPart(type: string, indices: TensorLike, name: string): Tensor {
    const read = (scope: string) => applyUnary(type, { resource: this.handle, indices, dtype: this.dtype }, scope);
    return this.#build((graph) => graph.nameScope(name, read));
  }

  /** A part of the value: see Tensor.at. Mirrors Variable.__getitem__. */
  at(...items: readonly SliceItem[]): Tensor;
  at(mask: BooleanIndex): Tensor;
  at(...items: readonly unknown[]): Tensor {
    return this.value().at(...(items as readonly SliceItem[]));
  }

  /** Whether the session holds a value: a boolean scalar. */
  isInitialized(options: { name?: string } = {}): Tensor {
    return applyUnary('VarIsInitializedOp', { resource: this.handle }, options.name);
  }

  /**
   * The value if there is one, else the initial value: for initial values of other variables. Mirrors
   * Variable.initialized_value.
   */
  initializedValue(): Tensor {
    return initScope(() =>
      cond(
        this.isInitialized(),
        () => this.readValue(),
        () => this.initialValue,
      ),
    );
  }

  toTensor(options: ConvertOptions = {}): Tensor {
    if (options.dtype !== undefined && options.dtype !== this.dtype) {
      throw new ValueError(
        `Incompatible type conversion requested to type ${options.dtype.name} for \`tf.Variable of type ${this.dtype.name}. (Variable: ${this})`,
      );
    }
    return this.value();
  }

  /** The read that stands for the variable in fetches. */
  asGraphElement(): Tensor {
    return this.#parts.graphElement ?? this.value();
  }

  /** The value in the default (or given) session. Mirrors Variable.eval. */
  eval(options?: EvalOptions): NdArray {
    return this.asGraphElement().eval(options);
  }

  // ---- assigning

  /**
   * Assigns a new value of the variable's dtype and shape. Returns the variable as it is afterwards, or with
   * `readValue: false` the operation. ValueError where the shape cannot fit. Mirrors Variable.assign.
   */
  assign(value: TensorLike, options: NoRead): Operation;
  assign(value: TensorLike, options?: AssignOptions): Variable;
  assign(value: TensorLike, options: AssignOptions = {}): Variable | Operation {
    return this.ordered(() => this.#assign(value, options));
  }

  #assign(value: TensorLike, options: AssignOptions): Variable | Operation {
    const tensor = this.#converted(value);
    if (!this.shape.isCompatibleWith(tensor.shape)) {
      throw new ValueError(
        `Cannot assign value to variable ' ${this.name}': Shape mismatch.The variable shape ${this.shape}, and the assigned value shape ${tensor.shape} are incompatible.`,
      );
    }
    const validate = this.#parts.validateShape && this.shape.isFullyDefined();
    return this.#assigned(
      applyOp('AssignVariableOp', { resource: this.handle, value: tensor, validate_shape: validate }, options.name),
      options,
    );
  }

  /** Adds to the value. See `assign`. Mirrors Variable.assign_add. */
  assignAdd(delta: TensorLike, options: NoRead): Operation;
  assignAdd(delta: TensorLike, options?: AssignOptions): Variable;
  assignAdd(delta: TensorLike, options: AssignOptions = {}): Variable | Operation {
    return this.ordered(() => this.#assigned(this.#update('AssignAddVariableOp', delta, options.name), options));
  }

  /** Subtracts from the value. See `assign`. Mirrors Variable.assign_sub. */
  assignSub(delta: TensorLike, options: NoRead): Operation;
  assignSub(delta: TensorLike, options?: AssignOptions): Variable;
  assignSub(delta: TensorLike, options: AssignOptions = {}): Variable | Operation {
    return this.ordered(() => this.#assigned(this.#update('AssignSubVariableOp', delta, options.name), options));
  }

  #update(type: string, delta: TensorLike, name: string | undefined): Operation {
    const { cachedValue, handle } = this.#parts;
    const update = () => applyOp(type, { resource: handle, value: this.#converted(delta) }, name);
    // Reads of the cached copy come before writes.
    return cachedValue ? this.#currentGraph().controlDependencies([cachedValue], update) : update();
  }

  #converted(value: TensorLike): Tensor {
    return convertToTensor(value, { dtype: this.dtype, graph: graphFromInputs([this.handle, value]) });
  }

  #assigned(op: Operation, { readValue = true }: AssignOptions): Variable | Operation {
    return readValue ? this.after(op) : op;
  }

  /** Builds an update, or nothing if that fails, after what this object waits for. */
  protected ordered<R>(build: () => R): R {
    return this.#build(build);
  }

  /** The variable as it is once `op` is done. */
  after(op: Operation): Variable {
    return new UnreadVariable(this.#parts, this.shape, op);
  }

  /**
   * Assigns to the part that `at(...items)` reads; the value is broadcast to it.
   *
   * Mirrors the `assign` of what Variable.__getitem__ returns.
   */
  assignAt(items: readonly SliceItem[], value: TensorLike, options: { name?: string } = {}): Variable {
    return this.ordered(() => {
      const { inputs, attrs, name, type } = this.at(...items).op;
      if (type !== 'StridedSlice') throw new ValueError('Sliced assignment takes one slice with its bounds in order.');
      const [, begin, end, strides] = inputs;
      const { T: _, Index: __, ...masks } = attrs;
      const update = { ref: this.handle, begin, end, strides, value: this.#converted(value), ...masks };
      return this.after(applyOp('ResourceStridedSliceAssign', update, options.name ?? `${name}/_assign`));
    });
  }

  /** Assigns rows; repeated indices take one of the values. Mirrors Variable.scatter_update. */
  scatterUpdate(slices: IndexedSlices, options: { name?: string } = {}): Variable {
    return this.#scatter('ResourceScatterUpdate', slices, options.name);
  }

  scatterAdd(slices: IndexedSlices, options: { name?: string } = {}): Variable {
    return this.#scatter('ResourceScatterAdd', slices, options.name);
  }

  scatterSub(slices: IndexedSlices, options: { name?: string } = {}): Variable {
    return this.#scatter('ResourceScatterSub', slices, options.name);
  }

  scatterMul(slices: IndexedSlices, options: { name?: string } = {}): Variable {
    return this.#scatter('ResourceScatterMul', slices, options.name);
  }

  scatterDiv(slices: IndexedSlices, options: { name?: string } = {}): Variable {
    return this.#scatter('ResourceScatterDiv', slices, options.name);
  }

  scatterMin(slices: IndexedSlices, options: { name?: string } = {}): Variable {
    return this.#scatter('ResourceScatterMin', slices, options.name);
  }

  scatterMax(slices: IndexedSlices, options: { name?: string } = {}): Variable {
    return this.#scatter('ResourceScatterMax', slices, options.name);
  }

  #scatter(type: string, slices: IndexedSlices, name: string | undefined): Variable {
    if (!(slices instanceof IndexedSlices))
      throw new GraphTypeError(
        `Argument \`sparse_delta\` must be a \`tf.IndexedSlices\`. Received arg: ${String(slices)}`,
      );
    return this.scatterRows(type, slices.indices, slices.values, name);
  }

  /** Runs one of the `ResourceScatter…` ops. */
  scatterRows(type: string, indices: TensorLike, updates: TensorLike, name?: string): Variable {
    return this.ordered(() =>
      this.after(applyOp(type, { resource: this.handle, indices, updates: this.#converted(updates) }, name)),
    );
  }

  /** Runs one of the `ResourceScatterNd…` ops. */
  scatterSlices(type: string, indices: TensorLike, updates: TensorLike, name?: string): Variable {
    return this.ordered(() =>
      this.after(applyOp(type, { ref: this.handle, indices, updates: this.#converted(updates) }, name)),
    );
  }

  /** Adds single elements or slices, by index vectors. Mirrors Variable.scatter_nd_add. */
  scatterNdAdd(indices: TensorLike, updates: TensorLike, options: { name?: string } = {}): Variable {
    return this.scatterSlices('ResourceScatterNdAdd', indices, updates, options.name);
  }

  scatterNdSub(indices: TensorLike, updates: TensorLike, options: { name?: string } = {}): Variable {
    return this.scatterSlices('ResourceScatterNdSub', indices, updates, options.name);
  }

  scatterNdUpdate(indices: TensorLike, updates: TensorLike, options: { name?: string } = {}): Variable {
    return this.scatterSlices('ResourceScatterNdUpdate', indices, updates, options.name);
  }

  /**
   * The value before it was counted up by one; running it beyond `limit` is an OutOfRangeError. int32 and int64 scalars
   * only.
   */
  countUpTo(limit: number, options: { name?: string } = {}): Tensor {
    return applyUnary('ResourceCountUpTo', { resource: this.handle, limit, T: this.dtype }, options.name);
  }

  /** Stores a value in the default (or given) session, at once and without new nodes. Mirrors Variable.load. */
  load(value: ArrayLike, session?: NonNullable<EvalOptions>['session']): void {
    const { initializer } = this;
    initializer.run({ feed: [[initializer.inputs[1], value]], session });
  }

  override toString(): string {
    return `<tf.Variable '${this.name}' shape=${this.shape} dtype=${this.dtype.name}>`;
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'number') {
      throw new OperatorNotAllowedInGraphError(
        `Using the variable ${this} as a JavaScript number is not allowed: it has no value before session.run. Use tf.add, tf.less, … or its methods.`,
      );
    }
    return this.toString();
  }
}

/** A variable after an assignment: each use reads the value, and waits for the assignment. */
class UnreadVariable extends Variable {
  readonly #after: Operation;

  constructor(fields: VariableParts['fields'], shape: TensorShape, after: Operation) {
    const graph = graphFromInputs([fields.handle]);
    const read = () => applyUnary('ReadVariableOp', { resource: fields.handle, dtype: fields.dtype });
    const graphElement = graph.isFunction ? null : graph.controlDependencies([after], read);
    super(
      new VariableParts(
        {
          ...fields,
          shape,
          graphElement,
          initialValue: null,
          initializer: null,
          cachedValue: null,
          cachingDevice: null,
          constraint: null,
        },
        [],
      ),
    );
    this.#after = after;
  }

  override get name(): string {
    return this.#after.name;
  }

  /** The operation that assigns. */
  override get op(): Operation {
    return this.#after;
  }

  override value(): Tensor {
    return this.read();
  }

  override readValue(): Tensor {
    return this.read();
  }

  protected override read(): Tensor {
    return this.ordered(() => super.read());
  }

  protected override ordered<R>(build: () => R): R {
    return graphFromInputs([this.handle]).controlDependencies([this.#after], () => super.ordered(build));
  }
}
