/**
 * The Keras layer of graph mode: building once, calling under a name scope, losses and updates, weights.
 *
 * `tf.layers.Layer` (lib/layers/base.ts) changes how names and variables are made and inherits the rest. Losses and updates
 * are kept by lib/keras/layerLosses.ts, variables by lib/keras/layerWeights.ts.
 */
import { withAllIntermediates } from '../../graph/controlFlow/functions';
import type { TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { asDType, type DType, float32 } from '../../graph/dtypes';
import { AttributeError, GraphTypeError, NotImplementedError, repr, ValueError } from '../../graph/errors';
import type { ArrayLike, NdArray } from '../../graph/ndarray';
import { flatten, mapStructure } from '../../graph/nest';
import type { Operation } from '../../graph/operation';
import { cast } from '../../graph/ops/cast';
import { onRollback } from '../../graph/rollback';
import type { ShapeLike, TensorShape } from '../../graph/shape';
import { callUser } from '../../graph/site';
import { Tensor } from '../../graph/tensor';
import { Module, toSnakeCase } from '../module';
import type { Variable } from '../variables/variable';
import type { Regularizer } from '../variables/variableStore';
import { currentCall, enterCall } from './callContext';
import { assertInputCompatibility, InputSpec } from './inputSpec';
import { LayerLosses, type LossLike, type UpdateLike } from './layerLosses';
import {
  asTensorIfNumeric,
  batchShape,
  type CallOptions,
  checkLayerOptions,
  type LayerInput,
  type LayerOptions,
} from './layerOptions';
import {
  checkWeightOptions,
  LayerWeights,
  makeVariable,
  storeWeights,
  type WeightOptions,
  type WeightSession,
  weightDType,
} from './layerWeights';
import { uniqueObjectName } from './objectNames';

export type { CallOptions, LayerInput, LayerOptions } from './layerOptions';
export type { WeightOptions } from './layerWeights';

/** The classes of sluice; calls of others lead into code of the user's. */
const ownClasses = new WeakSet<object>();

/** Marks a layer class as one of sluice's: its ops count as made by whoever calls the layer. */
export function ownClass(layerClass: object): void {
  ownClasses.add(layerClass);
}

/** A layer: state and a function of tensors. Mirrors tf.keras.layers.Layer in graph mode. */
export class Layer extends Module {
  /** The keywords that `call` takes beside the inputs; null when it takes any. Subclasses with fewer say so. */
  static readonly callArguments: readonly string[] | null = null;
  /** The constructor's options beyond those of all layers. */
  static readonly keywords: readonly string[] = [];
  /** The options that the constructor takes by position, as `fromConfig` must pass them. */
  static readonly positional: readonly string[] = [];

  stateful = false;
  supportsMasking = false;
  readonly dynamic: boolean;
  activityRegularizer: Regularizer | null;
  protected readonly autocast: boolean;
  #built = false;
  #trainable: boolean;
  #inputSpec: InputSpec | readonly InputSpec[] | null = null;
  #name: string | null = null;
  #dtype: DType | null;
  #initialWeights: readonly ArrayLike[] | null;
  readonly #batchInputShape: ShapeLike | undefined;
  readonly #weights = new LayerWeights();
  readonly #losses = new LayerLosses();

  /** TypeError for keywords that the layer does not know. */
  constructor(options: LayerOptions = {}) {
    super();
    checkLayerOptions(options, (new.target as typeof Layer).keywords);
    this.#trainable = options.trainable ?? true;
    this.dynamic = options.dynamic ?? false;
    this.activityRegularizer = options.activityRegularizer ?? null;
    this.#dtype = options.dtype ? asDType(options.dtype) : this.defaultDType();
    this.autocast = options.autocast ?? this.defaultAutocast();
    this.#name = this.chooseName(options.name ?? null);
    this.#initialWeights = options.weights ?? null;
    this.#batchInputShape = batchShape(options);
  }

  protected override allowsAnyName(): boolean {
    return true;
  }

  protected defaultDType(): DType | null {
    return float32;
  }

  protected defaultAutocast(): boolean {
    return true;
  }

  /** The layer's name: the given one, or the next free one of its class. */
  protected chooseName(name: string | null): string {
    if (name !== null && name !== '') return name;
    return uniqueObjectName(toSnakeCase(this.constructor.name), { zeroBased: true });
  }

  override get name(): string {
    return this.#name ?? super.name;
  }

  /** The dtype of computations and variables; null until the first input decides. */
  get dtype(): DType | null {
    return this.#dtype;
  }

  /** Whether the variables exist: true from the first call on. */
  get built(): boolean {
    return this.#built;
  }

  set built(built: boolean) {
    const before = this.#built;
    this.#built = built;
    onRollback(() => {
      this.#built = before;
    });
  }

  /** Whether the variables are trained; setting it sets it for all layers in this one. */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(trainable: boolean) {
    this.#trainable = trainable;
    for (const layer of this.heldLayers()) layer.trainable = trainable;
  }

  /** What the inputs must be like. TypeError unless InputSpecs. */
  get inputSpec(): InputSpec | readonly InputSpec[] | null {
    return this.#inputSpec;
  }

  set inputSpec(spec: InputSpec | readonly InputSpec[] | null) {
    const wrong = flatten(spec).find((item) => item !== null && !(item instanceof InputSpec));
    if (wrong !== undefined) {
      throw new GraphTypeError(`Layer input_spec must be an instance of InputSpec. Got: ${repr(wrong)}`);
    }
    const before = this.#inputSpec;
    this.#inputSpec = spec;
    onRollback(() => {
      this.#inputSpec = before;
    });
  }

  // ---- what subclasses define

  /** Makes the layer's variables, once, before the first call. */
  build(_inputShape: TensorShape | null): void {
    this.built = true;
  }

  /** The layer's function. The default passes its inputs through. */
  call(inputs: LayerInput, _options: CallOptions = {}): unknown {
    return inputs;
  }

  /** The shape of the output for inputs of that shape. NotImplementedError where a subclass does not say. */
  computeOutputShape(_inputShape: ShapeLike): TensorShape {
    throw new NotImplementedError(
      `The layer ${this.name} (${this.constructor.name}) does not say what shape its outputs have: define computeOutputShape.`,
    );
  }

  /** The mask of the outputs, given that of the inputs. TypeError when the layer does not support masks and gets one. */
  computeMask(_inputs: LayerInput, mask: TensorLike | null = null): TensorLike | null {
    if (!this.supportsMasking && mask !== null) {
      throw new GraphTypeError(
        `Layer ${this.name} does not support masking, but was passed an input_mask: ${String(mask)}`,
      );
    }
    return mask;
  }

  /** What `fromConfig` makes the same layer of, without weights. */
  getConfig(): Record<string, unknown> {
    const config: Record<string, unknown> = { name: this.name, trainable: this.trainable };
    if (this.#batchInputShape !== undefined) config.batchInputShape = this.#batchInputShape;
    config.dtype = this.#dtype?.name ?? null;
    if (this.dynamic) config.dynamic = true;
    return config;
  }

  /** A layer from what `getConfig` returned. Mirrors Layer.from_config. */
  static fromConfig<L>(this: new (...args: never[]) => L, config: Readonly<Record<string, unknown>>): L {
    // biome-ignore lint/complexity/noThisInStatic: subclasses say which options stand first
    const { positional } = this as unknown as typeof Layer;
    const options = Object.fromEntries(Object.entries(config).filter(([key]) => !positional.includes(key)));
    return new this(...([...positional.map((key) => config[key]), options] as never[]));
  }

  // ---- calling

  /**
   * Calls the layer: builds it first if need be, and emits its ops under its name scope. On any error the graph and the layer are as they
   * were. Mirrors Layer.__call__.
   *
   * TypeError for keywords that `call` does not take and for missing inputs; ValueError for inputs that do not meet
   * `inputSpec` and for a `call` that returns nothing.
   */
  apply(inputs: LayerInput, options: CallOptions = {}): Tensor {
    if (inputs === undefined) {
      throw new GraphTypeError("Layer.__call__() missing 1 required positional argument: 'inputs'");
    }
    if (typeof options !== 'object' || options === null) {
      throw new GraphTypeError(
        `The second argument of ${this.constructor.name}.apply is an object of keyword arguments, such as { training }, got ${repr(options)}.`,
      );
    }
    return oneSite(() => this.callWith(inputs, options));
  }

  protected callWith(inputs: LayerInput, options: CallOptions): Tensor {
    const given = mapStructure(asTensorIfNumeric, inputs) as LayerInput;
    const { callOptions, training } = this.#resolveTraining(options);
    this.#checkKeywords(callOptions);
    return enterCall({ inputs: given, training: training ?? undefined }, () => {
      assertInputCompatibility(this.inputSpec, given, this.name);
      return getDefaultGraph().nameScope(this.callScope(), () => {
        this.#buildFor(given);
        const outputs = withAllIntermediates(() =>
          this.#mayBeUsers(() => this.call(this.#castInputs(given), callOptions)),
        );
        if (outputs === null || outputs === undefined) {
          throw new ValueError(
            `A layer's \`call\` method should return a Tensor or a list of Tensors, not None (layer: ${this.name}).`,
          );
        }
        this.#regularizeActivity(given, outputs);
        return outputs as Tensor;
      });
    });
  }

  /** The name scope that the ops of a call go under. */
  protected callScope(): string {
    return this.name;
  }

  /** Ops made in the methods of the user's classes have lines of their own. */
  #mayBeUsers<R>(body: () => R): R {
    return ownClasses.has(this.constructor) ? body() : callUser(body);
  }

  #checkKeywords(options: CallOptions): void {
    const { callArguments } = this.constructor as typeof Layer;
    const unknown = callArguments && Object.keys(options).find((keyword) => !callArguments.includes(keyword));
    if (unknown)
      throw new GraphTypeError(`${this.constructor.name}.call() got an unexpected keyword argument '${unknown}'`);
  }

  /** `training` as given, else that of the layer around this one; and the options that `call` gets. */
  #resolveTraining(options: CallOptions): { callOptions: CallOptions; training: TensorLike | null | undefined } {
    const { callArguments } = this.constructor as typeof Layer;
    const takesTraining = callArguments === null || callArguments.includes('training');
    const { training: given, ...others } = options;
    const training = given ?? currentCall()?.training ?? given;
    return { callOptions: takesTraining && training !== undefined ? { ...others, training } : others, training };
  }

  #buildFor(inputs: LayerInput): void {
    if (!this.built) {
      const leaves = flatten(inputs);
      const first = leaves[0] as { dtype?: DType } | null | undefined;
      if (this.#dtype === null && first?.dtype) {
        this.#dtype = first.dtype;
        onRollback(() => {
          this.#dtype = null;
        });
      }
      const shapes = leaves.map((leaf) => (leaf as { shape?: TensorShape } | null)?.shape ?? null);
      this.#mayBeUsers(() => this.build(shapes.length === 1 ? shapes[0] : (shapes as never)));
      this.built = true;
    }
    if (this.#initialWeights) this.setWeights(this.#initialWeights);
    this.#initialWeights = null;
  }

  /** With autocast, floating inputs take the layer's dtype. */
  #castInputs(inputs: LayerInput): LayerInput {
    const target = this.#dtype;
    if (!this.autocast || !target?.isFloating) return inputs;
    const isOther = (leaf: unknown): leaf is Tensor =>
      leaf instanceof Tensor && leaf.dtype.isFloating && leaf.dtype !== target;
    return mapStructure((leaf) => (isOther(leaf) ? cast(leaf, target) : leaf), inputs) as LayerInput;
  }

  #regularizeActivity(inputs: LayerInput, outputs: unknown): void {
    const regularizer = this.activityRegularizer;
    if (regularizer) this.#losses.addActivity(this, regularizer, flatten(outputs) as Tensor[], inputs);
  }

  // ---- weights

  /** Makes a variable of the layer, named after the current name scope. Mirrors Layer.add_weight. */
  addWeight(options?: WeightOptions): Variable;
  addWeight(name: string, options?: WeightOptions): Variable;
  addWeight(nameOrOptions: string | WeightOptions = {}, more: WeightOptions = {}): Variable {
    const options = typeof nameOrOptions === 'string' ? { ...more, name: nameOrOptions } : nameOrOptions;
    checkWeightOptions(options);
    return oneSite(() => this.makeWeight(options));
  }

  protected makeWeight(options: WeightOptions): Variable {
    const variable = makeVariable(weightDType(options.dtype, this.#dtype), options, this.name);
    if (options.regularizer) this.addWeightRegularizer(variable.op.name, variable, options.regularizer);
    this.trackWeight(variable, variable.trainable);
    return variable;
  }

  protected trackWeight(variable: Variable, isTrained: boolean): void {
    this.#weights.track(variable, isTrained);
  }

  /** Adds the regularizer of a variable to the losses: evaluated anew wherever losses are asked for. */
  protected addWeightRegularizer(name: string, variable: Variable, regularizer: Regularizer): void {
    this.addLoss(() => getDefaultGraph().nameScope(`${name}/Regularizer`, () => regularizer(variable)));
  }

  /** The layers in this one's properties, whose variables, losses and updates are this one's too. */
  protected heldLayers(): Layer[] {
    return this.ownValues((value): value is Layer => value instanceof Layer, { isSorted: false });
  }

  /** This layer and the layers it holds, at any depth. */
  #all(): Layer[] {
    return distinct([this as Layer, ...this.heldLayers().flatMap((layer) => layer.#all())]);
  }

  get trainableWeights(): Variable[] {
    if (!this.trainable) return [];
    return distinct([...this.#weights.trainable, ...this.heldLayers().flatMap((layer) => layer.trainableWeights)]);
  }

  get nonTrainableWeights(): Variable[] {
    const { trainable, nonTrainable } = this.#weights;
    const held = this.heldLayers();
    return this.trainable
      ? distinct([...nonTrainable, ...held.flatMap((layer) => layer.nonTrainableWeights)])
      : distinct([...trainable, ...nonTrainable, ...held.flatMap((layer) => layer.weights)]);
  }

  /** All variables, the trainable ones first. */
  get weights(): Variable[] {
    return distinct([...this.trainableWeights, ...this.nonTrainableWeights]);
  }

  override get variables(): Variable[] {
    return this.weights;
  }

  override get trainableVariables(): Variable[] {
    return this.trainableWeights;
  }

  override get nonTrainableVariables(): Variable[] {
    return this.nonTrainableWeights;
  }

  /** Number of elements in all weights. ValueError before the layer is built. */
  countParams(): number {
    if (!this.built) {
      throw new ValueError(
        `You tried to call \`count_params\` on ${this.name}, but the layer isn't built. You can build it manually via: \`${this.name}.build(batch_input_shape)\`.`,
      );
    }
    return this.weights.reduce((sum, weight) => sum + (weight.shape.numElements() ?? 0), 0);
  }

  /** The values of all weights in a session. Mirrors Layer.get_weights. */
  getWeights(session?: WeightSession): NdArray[] {
    const { weights } = this;
    return session ? session.runSync(weights) : weights.map((weight) => weight.eval());
  }

  /** Stores values for all weights in the given or default session. ValueError when they do not fit. Mirrors Layer.set_weights. */
  setWeights(values: readonly ArrayLike[], session?: Parameters<Variable['load']>[1]): void {
    storeWeights(this.name, this.weights, values, session);
  }

  // ---- losses and updates

  /** Regularization and activity losses, and those added. Losses given as functions are evaluated anew at each access. */
  get losses(): Tensor[] {
    return oneSite(() => this.#all().flatMap((layer) => layer.#losses.evaluate()));
  }

  /** The operations that update state beside training; empty for layers that are not trained. */
  get updates(): Operation[] {
    return this.#all().flatMap((layer) => (layer.trainable || layer.stateful ? layer.#losses.updates : []));
  }

  /**
   * Adds losses: tensors, numbers, functions that make one, or lists of these; null is skipped. With `inputs`, they belong to
   * the calls with inputs they depend on. Mirrors Layer.add_loss.
   */
  addLoss(losses: LossLike | readonly LossLike[], { inputs = null }: { readonly inputs?: unknown } = {}): void {
    oneSite(() => this.#losses.add(losses, inputs === null));
  }

  /**
   * Adds operations, or things that have one, or functions that return them. Those that do not depend on the inputs of the call in progress
   * are unconditional. TypeError for `inputs`, which are found out. Mirrors Layer.add_update.
   */
  addUpdate(updates: UpdateLike | readonly UpdateLike[], ...rest: readonly unknown[]): void {
    if (rest.length > 0) throw new GraphTypeError("Layer.add_update() got an unexpected keyword argument 'inputs'");
    oneSite(() => this.#losses.addUpdates(updates, currentCall()?.inputs ?? []));
  }

  /** The losses that depend on `inputs`; with null those that depend on no input. Mirrors Layer.get_losses_for. */
  getLossesFor(inputs: unknown): Tensor[] {
    return LayerLosses.select(this.losses, inputs);
  }

  /** The updates that depend on `inputs`; with null those that depend on no input. Mirrors Layer.get_updates_for. */
  getUpdatesFor(inputs: unknown): Operation[] {
    return LayerLosses.select(this.updates, inputs);
  }

  /** Bookkeeping of subclasses: how many losses there are. */
  protected get lossMark(): { losses: number; callables: number } {
    return this.#losses.mark;
  }

  /** Bookkeeping of subclasses: the losses after a mark. */
  protected lossesSince(mark: { losses: number; callables: number }): Tensor[] {
    return this.#losses.since(mark);
  }

  // ---- connectivity, which only functional models have

  get input(): never {
    throw new AttributeError(`Layer ${this.name} is not connected, no input to return.`);
  }

  get output(): never {
    throw new AttributeError(`Layer ${this.name} has no inbound nodes.`);
  }

  get inputShape(): never {
    throw new AttributeError(
      `The layer "${this.name}" has never been called and thus has no defined input shape. Note that the \`input_shape\` property is only available for Functional and Sequential models.`,
    );
  }

  get outputShape(): never {
    throw new AttributeError('The layer has never been called and thus has no defined output shape.');
  }

  override toString(): string {
    return `<${this.constructor.name} name=${this.name}>`;
  }
}

ownClass(Layer);

/** All or nothing, and as made at the line of the user that called the method. */
function oneSite<R>(build: () => R): R {
  return getDefaultGraph().transaction(build);
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
