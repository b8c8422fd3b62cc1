/**
 * Batch normalization, as the Keras layer of TensorFlow 1 does it: the moving averages are updates to be run with training.
 *
 * Renormalization, virtual batches and adjustments are not there; asking for them is an error.
 */

import { smartCond, smartConstantValue } from '../../graph/controlFlow/smartCond';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { bfloat16, type DType, float16, float32 } from '../../graph/dtypes';
import { GraphTypeError, NotImplementedError, repr, ValueError } from '../../graph/errors';
import { reshape } from '../../graph/ops/array';
import { cast } from '../../graph/ops/cast';
import { fusedBatchNorm } from '../../graph/ops/norm';
import { constant } from '../../graph/ops/source';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { batchNormalization } from '../nn/batchNormalization';
import { moments } from '../nn/moments';
import type { Constraint } from '../variables/createVariable';
import { VariableAggregation, VariableSynchronization } from '../variables/modes';
import type { Variable } from '../variables/variable';
import { InputSpec } from './inputSpec';
import { type CallOptions, Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import { learningPhase } from './learningPhase';
import { getInitializer, getRegularizer, type InitializerName, type RegularizerName } from './named';
import { asTuple } from './windows';

export interface BatchNormalizationOptions extends LayerOptions {
  /** The axis that is not averaged over, the features; several keep one statistic for each combination. Default −1. */
  readonly axis?: number | readonly number[];
  /** Default 0.99. */
  readonly momentum?: number;
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
  /** Add a learned `beta`. Default true. */
  readonly center?: boolean;
  /** Multiply by a learned `gamma`. Default true. */
  readonly scale?: boolean;
  readonly betaInitializer?: InitializerName;
  readonly gammaInitializer?: InitializerName;
  readonly movingMeanInitializer?: InitializerName;
  readonly movingVarianceInitializer?: InitializerName;
  readonly betaRegularizer?: RegularizerName;
  readonly gammaRegularizer?: RegularizerName;
  readonly betaConstraint?: Constraint | null;
  readonly gammaConstraint?: Constraint | null;
  /** False never uses the one op for all of it; else it is used where it can be: for pictures and one axis. */
  readonly fused?: boolean | null;
  readonly renorm?: boolean;
  readonly virtualBatchSize?: number | null;
  readonly adjustment?: unknown;
}

const KEYWORDS = [
  'axis',
  'momentum',
  'epsilon',
  'center',
  'scale',
  'betaInitializer',
  'gammaInitializer',
  'movingMeanInitializer',
  'movingVarianceInitializer',
  'betaRegularizer',
  'gammaRegularizer',
  'betaConstraint',
  'gammaConstraint',
  'fused',
  'renorm',
  'virtualBatchSize',
  'adjustment',
];

/**
 * (x − mean) / √(variance + ε) · gamma + beta, over all axes but `axis`: with the statistics of the batch while training, with
 * their moving averages otherwise.
 *
 * `apply(inputs, { training })`: inputs of a floating dtype whose feature axis is known. Variables gamma, beta, moving_mean and
 * moving_variance have the shape [features].
 */
export class BatchNormalization extends Layer {
  static override readonly callArguments: readonly string[] | null = ['training', 'mask'];
  static override readonly keywords: readonly string[] = KEYWORDS;

  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  gamma: Variable | null = null;
  beta: Variable | null = null;
  movingMean: Variable | null = null;
  movingVariance: Variable | null = null;
  #axis: number | readonly number[];
  #axes: readonly number[] = [];
  #fused: boolean;
  #dataFormat = 'NHWC';
  /** Of each variable: [features], or for several axes the input's rank, with 1 in all other places. */
  #paramShape: readonly number[] = [];
  readonly #options: BatchNormalizationOptions;

  /** TypeError for an axis that is no number or list; NotImplementedError for what is not supported. */
  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    const { axis = -1, renorm, virtualBatchSize, adjustment } = options;
    for (const [name, value] of Object.entries({ renorm, virtualBatchSize, adjustment })) {
      if (value) throw new NotImplementedError(`BatchNormalization does not support \`${name}\`. Leave it out.`);
    }
    if (!Array.isArray(axis) && !Number.isInteger(axis)) {
      throw new GraphTypeError(
        `Expected an int or a list/tuple of ints for the argument 'axis', but received: ${repr(axis)}`,
      );
    }
    this.#options = options;
    this.#axis = axis;
    this.#fused = options.fused ?? true;
    this.momentum = options.momentum ?? 0.99;
    this.epsilon = options.epsilon ?? 1e-3;
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
    this.supportsMasking = true;
  }

  /** The axes that are not averaged over; as given, and once the layer is built a list that counts from the front. */
  get axis(): number | readonly number[] {
    return this.#axis;
  }

  /** Whether one op does it all; known once the layer is built. */
  get fused(): boolean {
    return this.#fused;
  }

  /** Statistics of low precision would lose what they are for. */
  get #paramDType(): DType {
    const { dtype } = this;
    return dtype === null || dtype === float16 || dtype === bfloat16 ? float32 : dtype;
  }

  override build(inputShape: TensorShape | null): void {
    const shape = asShape(inputShape);
    const axes = this.#checkedAxes(shape);
    this.#axes = axes;
    this.#axis = axes;
    this.#chooseFused(shape.rank!);
    const sizes = axes.map((axis) => shape.at(axis));
    if (sizes.includes(null)) {
      throw new ValueError(
        `Input has undefined \`axis\` dimension. Received input with shape ${shape} and axis=${asTuple(axes)}`,
      );
    }
    const known = sizes as number[];
    this.inputSpec = new InputSpec({
      ndim: shape.rank,
      axes: Object.fromEntries(axes.map((axis, i) => [axis, known[i]])),
    });
    this.#paramShape = axes.length === 1 ? known : this.#broadcastShape(shape.rank!, known);
    this.#makeWeights();
    this.built = true;
  }

  #checkedAxes(shape: TensorShape): number[] {
    const { rank } = shape;
    if (rank === null) throw new ValueError('Input has undefined rank. Received: input_shape=<unknown>.');
    const given = typeof this.#axis === 'number' ? [this.#axis] : this.#axis;
    const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
    if (axes.some((axis) => axis < 0 || axis >= rank)) {
      throw new ValueError(
        `Invalid value for \`axis\` argument. Expected 0 <= axis < inputs.rank (with inputs.rank=${rank}). Received: axis=${asTuple(axes)}`,
      );
    }
    if (new Set(axes).size < axes.length) throw new ValueError(`Duplicate axis: ${asTuple(axes)}`);
    return axes;
  }

  /** 1 in all places but the normalized axes. */
  #broadcastShape(rank: number, sizes: readonly number[]): number[] {
    const dims = new Array<number>(rank).fill(1);
    this.#axes.forEach((axis, i) => {
      dims[axis] = sizes[i];
    });
    return dims;
  }

  #chooseFused(rank: number): void {
    const [axis, ...others] = this.#axes;
    const isPicture = (rank === 4 || rank === 5) && others.length === 0 && (axis === 1 || axis === rank - 1);
    this.#fused &&= isPicture && this.#paramDType === float32;
    const layout = rank === 5 ? 'DHW' : 'HW';
    this.#dataFormat = axis === 1 ? `NC${layout}` : `N${layout}C`;
  }

  #makeWeights(): void {
    const options = this.#options;
    const common = { shape: this.#paramShape, dtype: this.#paramDType };
    const learned = (name: 'gamma' | 'beta', initializer: string): Variable =>
      this.addWeight({
        ...common,
        name,
        initializer: getInitializer(options[`${name}Initializer`] ?? initializer),
        regularizer: getRegularizer(options[`${name}Regularizer`]),
        constraint: options[`${name}Constraint`] ?? null,
        trainable: true,
      });
    this.gamma = this.scale ? learned('gamma', 'ones') : null;
    this.beta = this.center ? learned('beta', 'zeros') : null;
    const moving = (name: string, initializer: InitializerName): Variable =>
      this.addWeight({
        ...common,
        name,
        initializer: getInitializer(initializer),
        trainable: false,
        synchronization: VariableSynchronization.ON_READ,
        aggregation: VariableAggregation.MEAN,
      });
    this.movingMean = moving('moving_mean', options.movingMeanInitializer ?? 'zeros');
    this.movingVariance = moving('moving_variance', options.movingVarianceInitializer ?? 'ones');
  }

  override call(inputs: LayerInput, { training = null }: CallOptions = {}): Tensor {
    const given = convertToTensor(inputs as TensorLike);
    const input = this.dtype && given.dtype !== this.dtype ? cast(given, this.dtype) : given;
    const phase = (training ?? learningPhase()) as TensorLike;
    return this.#fused ? this.#normalizeFused(input, phase) : this.#normalize(input, phase);
  }

  #normalizeFused(input: Tensor, training: TensorLike): Tensor {
    const fixed = { dtype: this.#paramDType, shape: this.#paramShape };
    const learned = (variable: Variable | null, value: number) => variable ?? constant(value, fixed);
    const offset = learned(this.beta, 0);
    const scale = learned(this.gamma, 1);
    const norm = (isTraining: boolean) => {
      const statistics = {
        mean: this.movingMean!,
        variance: this.movingVariance!,
        epsilon: this.epsilon,
        dataFormat: this.#dataFormat,
      };
      return fusedBatchNorm(input, scale, offset, { ...statistics, isTraining }) as unknown as [Tensor, Tensor, Tensor];
    };
    const [output, mean, variance] = smartCond(
      training,
      () => norm(true),
      () => norm(false),
    ) as unknown as [Tensor, Tensor, Tensor];
    const known = smartConstantValue(training);
    if (known !== false) {
      const momentum = this.#momentumFor(training, known);
      this.addUpdate(() => this.#average(this.movingMean!, mean, momentum));
      this.addUpdate(() => this.#average(this.movingVariance!, variance, momentum));
    }
    return output;
  }

  /** The moving averages stand still where training is false: their momentum is 1. */
  #momentumFor(training: TensorLike, known: boolean | null): Tensor {
    if (known === true) return convertToTensor(this.momentum);
    return smartCond(
      training,
      () => this.momentum,
      () => 1,
    ) as unknown as Tensor;
  }

  #normalize(given: Tensor, training: TensorLike): Tensor {
    const isLow = given.dtype === float16 || given.dtype === bfloat16;
    const input = isLow ? cast(given, float32) : given;
    const rank = input.shape.rank!;
    const axes = Array.from({ length: rank }, (_, i) => i).filter((axis) => !this.#axes.includes(axis));
    // Vectors of features broadcast by themselves only over the last axis.
    const isReady = this.#axes.length > 1 || this.#axes[0] === rank - 1;
    const spread = this.#broadcastShape(rank, this.#paramShape);
    const broadcast = <V extends Tensor | Variable | null>(value: V): V | Tensor =>
      value === null || isReady ? value : reshape(value, spread);
    const scale = broadcast(this.gamma);
    const offset = broadcast(this.beta);
    const known = smartConstantValue(training);
    const [mean, variance] =
      known === false ? [this.movingMean!, this.movingVariance!] : this.#statistics(input, axes, training);
    const output = batchNormalization(input, broadcast(mean), broadcast(variance), offset, scale, this.epsilon);
    const result = isLow ? cast(output, given.dtype) : output;
    result.setShape(given.shape);
    return result;
  }

  /** Mean and variance: of the batch while training, and then the moving averages follow them. */
  #statistics(input: Tensor, axes: readonly number[], training: TensorLike): readonly [Tensor, Tensor] {
    const own = moments(cast(input, this.#paramDType), axes, { keepdims: this.#axes.length > 1 });
    const choose = (ofBatch: Tensor, moving: Variable): Tensor =>
      smartCond(
        training,
        () => ofBatch,
        () => convertToTensor(moving),
      ) as Tensor;
    const mean = choose(own[0], this.movingMean!);
    const variance = choose(own[1], this.movingVariance!);
    const update = (variable: Variable, value: Tensor) =>
      smartCond(
        training,
        () => this.#average(variable, value, this.momentum),
        () => variable,
      ) as Tensor;
    this.addUpdate(() => update(this.movingMean!, mean));
    this.addUpdate(() => update(this.movingVariance!, variance));
    return [mean, variance];
  }

  /** Moves a variable towards a value by the share 1 − momentum. */
  #average(variable: Variable, value: Tensor, momentum: number | Tensor): Tensor | Variable {
    const graph = getDefaultGraph();
    return graph.nameScope('AssignMovingAvg', () =>
      graph.colocateWith(graph.bringIn(variable.handle).op, {}, () => {
        const share =
          typeof momentum === 'number'
            ? convertToTensor(1 - momentum, { dtype: variable.dtype, name: 'decay' })
            : momentum.rsub(1);
        const delta = variable.value().sub(cast(value, variable.dtype)).mul(cast(share, variable.dtype));
        return variable.assignSub(delta) as Tensor | Variable;
      }),
    );
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    return asShape(inputShape);
  }

  override getConfig(): Record<string, unknown> {
    const { axis, momentum, epsilon, center, scale } = this;
    const config: Record<string, unknown> = { ...super.getConfig(), axis, momentum, epsilon, center, scale };
    const kept = ['Initializer', 'Regularizer', 'Constraint'].flatMap((kind) =>
      KEYWORDS.filter((key) => key.endsWith(kind)),
    );
    for (const key of kept) config[key] = this.#options[key as keyof BatchNormalizationOptions] ?? null;
    return config;
  }
}

ownClass(BatchNormalization);
