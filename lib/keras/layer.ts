/**
 * The Keras layer of graph mode: building once, calling under a name scope, losses and updates, weights.
 *
 * `tf.layers.Layer` (lib/layers/base.ts) changes how names and variables are made and inherits the rest. Losses and updates
 * are lib/keras/layerLosses.ts; what a call does with its arguments is here.
 */

import { withAllIntermediates } from '../../graph/controlFlow/functions';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { asDType, type DType, type DTypeName, float32 } from '../../graph/dtypes';
import { AttributeError, GraphTypeError, repr, ValueError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import { flatten, mapStructure } from '../../graph/nest';
import type { Operation } from '../../graph/operation';
import { cast } from '../../graph/ops/cast';
import type { ShapeLike, TensorShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';
import { Module, toSnakeCase } from '../module';
import type { Variable } from '../variables/variable';
import { getVariable } from '../variables/variableScope';
import type { Regularizer, VariableOptions } from '../variables/variableStore';
import { currentCall, enterCall } from './callContext';
import { assertInputCompatibility, type InputSpec } from './inputSpec';
import { LayerLosses, type LossLike, type UpdateLike } from './layerLosses';
import { uniqueObjectName } from './objectNames';

/** What layers are called with: a tensor, a plain value, or nested arrays and objects of them. */
export type LayerInput = TensorLike | { readonly [key: string]: LayerInput } | readonly LayerInput[];

export interface LayerOptions {
  readonly name?: string | null;
  /** Whether the layer's variables are trained and its updates run. Default true. */
  readonly trainable?: boolean;
  readonly dtype?: DType | DTypeName | null;
  readonly dynamic?: boolean;
  readonly activityRegularizer?: Regularizer | null;
  readonly inputShape?: ShapeLike;
  readonly batchInputShape?: ShapeLike;
  readonly batchSize?: number | null;
  readonly inputDim?: number | null;
  readonly weights?: readonly NdArray[] | null;
  readonly autocast?: boolean;
  readonly implementation?: unknown;
}

/** The keyword arguments of a call. */
export interface CallOptions {
  /** Whether to behave as in training; null asks the Keras learning phase, absence the surrounding layer. */
  readonly training?: TensorLike | null;
  readonly mask?: TensorLike | null;
  readonly [keyword: string]: unknown;
}

export interface WeightOptions extends VariableOptions {
  readonly name?: string;
}

const LAYER_KEYWORDS = [
  'name',
  'trainable',
  'dtype',
  'dynamic',
  'activityRegularizer',
  'inputShape',
  'batchInputShape',
  'batchSize',
  'inputDim',
  'weights',
  'autocast',
  'implementation',
];

/** A layer: state and a function of tensors. Mirrors tf.keras.layers.Layer in graph mode. */
export class Layer extends Module {
  /** The keywords that `call` takes beside the inputs; null when it takes any. Subclasses with fewer say so. */
  static readonly callArguments: readonly string[] | null = null;

  trainable: boolean;
  stateful = false;
  built = false;
  supportsMasking = false;
  inputSpec: InputSpec | readonly InputSpec[] | null = null;
  readonly dynamic: boolean;
  activityRegularizer: Regularizer | null;
  protected readonly autocast: boolean;
  #name: string | null = null;
  #dtype: DType | null;
  readonly #trainableWeights: Variable[] = [];
  readonly #nonTrainableWeights: Variable[] = [];
  readonly #losses = new LayerLosses();

  /** TypeError for keywords that no layer knows. */
  constructor(options: LayerOptions = {}, ownKeywords: readonly string[] = []) {
    super();
    for (const keyword of Object.keys(options)) {
      if (!LAYER_KEYWORDS.includes(keyword) && !ownKeywords.includes(keyword)) {
        throw new GraphTypeError(`('Keyword argument not understood:', ${repr(keyword)})`);
      }
    }
    this.trainable = options.trainable ?? true;
    this.dynamic = options.dynamic ?? false;
    this.activityRegularizer = options.activityRegularizer ?? null;
    this.#dtype = options.dtype ? asDType(options.dtype) : this.defaultDType();
    this.autocast = options.autocast ?? this.defaultAutocast();
    this.#name = this.chooseName(options.name ?? null);
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
    return name === null || name === ''
      ? uniqueObjectName(toSnakeCase(this.constructor.name), { zeroBased: true })
      : name;
  }

  override get name(): string {
    return this.#name ?? super.name;
  }

  /** The dtype of computations and variables; null until the first input decides. */
  get dtype(): DType | null {
    return this.#dtype;
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

  computeOutputShape(_inputShape: ShapeLike): TensorShape {
    throw new ValueError(
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

  /** What the constructor needs to make this layer again. */
  getConfig(): Record<string, unknown> {
    return { name: this.name, trainable: this.trainable, dtype: this.#dtype?.name ?? null };
  }

  /** A layer from what `getConfig` returned. */
  static fromConfig<L>(this: new (config: never) => L, config: Readonly<Record<string, unknown>>): L {
    const { rest = {}, ...known } = config as Record<string, unknown>;
    return new this({ ...(rest as object), ...known } as never);
  }

  // ---- calling

  /**
   * Calls the layer: builds it first if need be, and emits its ops under its name scope. Mirrors Layer.__call__.
   *
   * TypeError for keywords that `call` does not take and for missing inputs; ValueError for inputs that do not meet
   * `inputSpec` and for a `call` that returns nothing.
   */
  apply(inputs: LayerInput, options: CallOptions = {}): Tensor {
    if (inputs === undefined)
      throw new GraphTypeError("Layer.__call__() missing 1 required positional argument: 'inputs'");
    if (typeof options !== 'object' || options === null) {
      throw new GraphTypeError(
        `The second argument of ${this.constructor.name}.apply is an object of keyword arguments, such as { training }, got ${repr(options)}.`,
      );
    }
    this.checkKeywords(options);
    const given = mapStructure(asTensorIfNumeric, inputs) as LayerInput;
    const { callOptions, training } = this.resolveTraining(options);
    return enterCall({ layerName: this.name, inputs: given, training: training ?? undefined }, () => {
      assertInputCompatibility(this.inputSpec, given, this.name);
      const graph = getDefaultGraph();
      const scope = this.callScope();
      return graph.nameScope(scope, () => {
        this.buildFor(given);
        const outputs = withAllIntermediates(() => this.call(this.castInputs(given), callOptions));
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

  protected checkKeywords(options: CallOptions): void {
    const { callArguments } = this.constructor as typeof Layer;
    if (callArguments === null) return;
    for (const keyword of Object.keys(options)) {
      if (!callArguments.includes(keyword) && keyword !== 'training' && keyword !== 'mask') {
        throw new GraphTypeError(`${this.constructor.name}.call() got an unexpected keyword argument '${keyword}'`);
      }
    }
  }

  /** `training` as given, else that of the layer around this one; and the options that `call` gets. */
  protected resolveTraining(options: CallOptions): {
    callOptions: CallOptions;
    training: TensorLike | null | undefined;
  } {
    const { callArguments } = this.constructor as typeof Layer;
    const takesTraining = callArguments === null || callArguments.includes('training');
    const inherited = options.training ?? currentCall()?.training;
    const { training: given, ...others } = options;
    const training = inherited ?? given;
    return { callOptions: takesTraining && training !== undefined ? { ...others, training } : others, training };
  }

  /** Builds the layer for its first inputs. */
  protected buildFor(inputs: LayerInput): void {
    if (this.built) return;
    const leaves = flatten(inputs);
    const first = leaves[0] as { dtype?: DType } | undefined;
    if (this.#dtype === null && first?.dtype) this.#dtype = first.dtype;
    const shapes = leaves.map((leaf) => (leaf as { shape?: TensorShape }).shape ?? null);
    this.build(shapes.length === 1 ? shapes[0] : (shapes as never));
    this.built = true;
  }

  /** With autocast, floating inputs take the layer's dtype. */
  protected castInputs(inputs: LayerInput): LayerInput {
    const target = this.#dtype;
    if (!this.autocast || !target?.isFloating) return inputs;
    return mapStructure(
      (leaf) => (leaf instanceof Tensor && leaf.dtype.isFloating && leaf.dtype !== target ? cast(leaf, target) : leaf),
      inputs,
    ) as LayerInput;
  }

  #regularizeActivity(inputs: LayerInput, outputs: unknown): void {
    const regularizer = this.activityRegularizer;
    if (regularizer) this.#losses.addActivity(this, regularizer, flatten(outputs) as Tensor[], inputs);
  }

  // ---- weights

  /** Makes a variable of the layer. Mirrors Layer.add_weight. */
  addWeight(options: WeightOptions = {}): Variable {
    const variable = this.makeWeight(options);
    this.trackWeight(variable, variable.trainable);
    return variable;
  }

  protected makeWeight({ name = 'variable', regularizer, ...options }: WeightOptions): Variable {
    const variable = getVariable(name, { ...options, dtype: options.dtype ?? this.#dtype ?? float32 });
    if (regularizer) this.addWeightRegularizer(variable.op.name, variable, regularizer);
    return variable;
  }

  protected trackWeight(variable: Variable, trainable: boolean): void {
    (trainable ? this.#trainableWeights : this.#nonTrainableWeights).push(variable);
  }

  /** Adds the regularizer of a variable to the losses: evaluated anew wherever losses are asked for. */
  protected addWeightRegularizer(name: string, variable: Variable, regularizer: Regularizer): void {
    this.addLoss(() => getDefaultGraph().nameScope(`${name}/Regularizer`, () => regularizer(variable)));
  }

  /** This layer and the layers it holds, at any depth. */
  protected get allLayers(): Layer[] {
    return [this, ...this.submodules.filter((module): module is Layer => module instanceof Layer)];
  }

  get trainableWeights(): Variable[] {
    if (!this.trainable) return [];
    return distinct([...this.#trainableWeights, ...this.#children().flatMap((layer) => layer.trainableWeights)]);
  }

  get nonTrainableWeights(): Variable[] {
    const children = this.#children();
    if (this.trainable)
      return distinct([...this.#nonTrainableWeights, ...children.flatMap((layer) => layer.nonTrainableWeights)]);
    return distinct([
      ...this.#trainableWeights,
      ...this.#nonTrainableWeights,
      ...children.flatMap((layer) => layer.weights),
    ]);
  }

  #children(): Layer[] {
    return this.ownValues((value): value is Layer => value instanceof Layer);
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

  /** The values of all weights in a session. */
  getWeights(session?: WeightSession): NdArray[] {
    const { weights } = this;
    if (weights.length === 0) return [];
    if (!session)
      throw new ValueError(`The weights of ${this.name} have values only in a session: use getWeights(session).`);
    return session.runSync(weights);
  }

  // ---- losses and updates

  /** Regularization and activity losses, and those added. Losses given as functions are evaluated anew at each access. */
  get losses(): Tensor[] {
    return this.allLayers.flatMap((layer) => layer.#losses.evaluate());
  }

  /** The operations that update state beside training; empty for layers that are not trained. */
  get updates(): Operation[] {
    return this.allLayers.flatMap((layer) => (layer.trainable || layer.stateful ? layer.#losses.updates : []));
  }

  /**
   * Adds losses: tensors, numbers, functions that make one, or lists of these; null is skipped. With `inputs`, they belong to
   * the calls with inputs they depend on. Mirrors Layer.add_loss.
   */
  addLoss(losses: LossLike | readonly LossLike[], { inputs = null }: { readonly inputs?: unknown } = {}): void {
    this.#losses.add(losses, inputs === null);
  }

  /** Adds operations that update the layer's state. TypeError for `inputs`, which is found out. Mirrors Layer.add_update. */
  addUpdate(updates: UpdateLike | readonly UpdateLike[], ...rest: readonly unknown[]): void {
    if (rest.length > 0) throw new GraphTypeError("Layer.add_update() got an unexpected keyword argument 'inputs'");
    this.#losses.addUpdates(updates, currentCall()?.inputs ?? []);
  }

  /** The losses that depend on `inputs`; with null those that depend on no input. Mirrors Layer.get_losses_for. */
  getLossesFor(inputs: unknown): Tensor[] {
    return LayerLosses.select(this.losses, inputs);
  }

  /** The updates that depend on `inputs`; with null those that depend on no input. Mirrors Layer.get_updates_for. */
  getUpdatesFor(inputs: unknown): Operation[] {
    return LayerLosses.select(this.updates, inputs);
  }

  /** Bookkeeping of subclasses: how many losses there are, and those after a position. */
  protected lossesSince(mark: { losses: number; callables: number }): Tensor[] {
    return this.#losses.since(mark);
  }

  protected get lossMark(): { losses: number; callables: number } {
    return this.#losses.mark;
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
    throw new AttributeError(`The layer "${this.name}" has never been called and thus has no defined output shape.`);
  }

  override toString(): string {
    return `<${this.constructor.name} name=${this.name}>`;
  }
}

/** A session, as far as reading weights needs one. */
export interface WeightSession {
  runSync(fetches: readonly Variable[]): NdArray[];
}

/** Numbers, booleans and arrays with a shape become constants, outside of the layer's scope. */
function asTensorIfNumeric(leaf: unknown): unknown {
  const isArray = leaf instanceof NdArray || ArrayBuffer.isView(leaf);
  return isArray || typeof leaf === 'number' || typeof leaf === 'boolean' || typeof leaf === 'bigint'
    ? convertToTensor(leaf as TensorLike)
    : leaf;
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
