/**
 * Batch normalization, as the Keras layer of TensorFlow 1 does it: the moving averages are updates to be run with training.
 *
 * Renormalization, virtual batches and adjustments are not there; asking for them is an error.
 */

import { smartCond, smartConstantValue } from '../../graph/controlFlow/smartCond';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { type DType, float32 } from '../../graph/dtypes';
import { NotImplementedError, ValueError } from '../../graph/errors';
import { reshape } from '../../graph/ops/array';
import { cast } from '../../graph/ops/cast';
import { fusedBatchNorm } from '../../graph/ops/norm';
import { constant } from '../../graph/ops/source';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { onesInitializer, zerosInitializer } from '../initializers/constants';
import { batchNormalization } from '../nn/batchNormalization';
import { moments } from '../nn/moments';
import { VariableAggregation, VariableSynchronization } from '../variables/modes';
import type { Variable } from '../variables/variable';
import type { InitializerLike, Regularizer } from '../variables/variableStore';
import { InputSpec } from './inputSpec';
import { type CallOptions, Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import { learningPhase } from './learningPhase';

type Constraint = (value: Tensor) => Tensor;

export interface BatchNormalizationOptions extends LayerOptions {
  /** The axis that is not averaged over: the features. Default −1. */
  readonly axis?: number;
  /** Default 0.99. */
  readonly momentum?: number;
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
  /** Add a learned `beta`. Default true. */
  readonly center?: boolean;
  /** Multiply by a learned `gamma`. Default true. */
  readonly scale?: boolean;
  readonly betaInitializer?: InitializerLike;
  readonly gammaInitializer?: InitializerLike;
  readonly movingMeanInitializer?: InitializerLike;
  readonly movingVarianceInitializer?: InitializerLike;
  readonly betaRegularizer?: Regularizer | null;
  readonly gammaRegularizer?: Regularizer | null;
  readonly betaConstraint?: Constraint | null;
  readonly gammaConstraint?: Constraint | null;
  /** Use one op for all of it; null decides by the rank of the input. Default null. */
  readonly fused?: boolean | null;
  readonly renorm?: boolean;
  readonly virtualBatchSize?: number | null;
  readonly adjustment?: unknown;
}

/**
 * (x − mean) / √(variance + ε) · gamma + beta, over all axes but `axis`: with the statistics of the batch while training, with
 * their moving averages otherwise.
 *
 * `apply(inputs, { training })`: inputs of a floating dtype whose feature axis is known. Variables gamma, beta, moving_mean and
 * moving_variance have the shape [features].
 */
export class BatchNormalization extends Layer {
  static override readonly callArguments: readonly string[] | null = ['training', 'mask'];
  static override readonly keywords: readonly string[] = [
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

  readonly momentum: number;
  readonly epsilon: number;
  gamma: Variable | null = null;
  beta: Variable | null = null;
  movingMean: Variable | null = null;
  movingVariance: Variable | null = null;
  #axis: number;
  #fused: boolean | null;
  #dataFormat: 'NHWC' | 'NCHW' = 'NHWC';
  #features = 0;
  readonly #options: BatchNormalizationOptions;

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    for (const [name, value] of Object.entries({
      renorm: options.renorm,
      virtualBatchSize: options.virtualBatchSize,
      adjustment: options.adjustment,
    })) {
      if (value) throw new NotImplementedError(`BatchNormalization does not support \`${name}\`. Leave it out.`);
    }
    this.#options = options;
    this.#axis = options.axis ?? -1;
    this.momentum = options.momentum ?? 0.99;
    this.epsilon = options.epsilon ?? 1e-3;
    this.#fused = options.fused ?? null;
    this.supportsMasking = true;
  }

  /** The normalized axis; counted from the front once the layer is built. */
  get axis(): number {
    return this.#axis;
  }

  get #center(): boolean {
    return this.#options.center ?? true;
  }

  get #scale(): boolean {
    return this.#options.scale ?? true;
  }

  /** Statistics of low precision would lose what they are for. */
  #paramDType(): DType {
    return this.dtype ?? float32;
  }

  override build(inputShape: TensorShape | null): void {
    const shape = asShape(inputShape);
    const { rank } = shape;
    if (rank === null) throw new ValueError('Input has undefined rank.');
    if (this.#axis < -rank || this.#axis >= rank) {
      throw new ValueError(
        `Invalid value for \`axis\` argument. Expected 0 <= axis < inputs.rank (with inputs.rank=${rank}). Received: axis=(${this.#axis},)`,
      );
    }
    this.#axis = this.#axis < 0 ? this.#axis + rank : this.#axis;
    this.#chooseFused(rank, shape);
    const features = shape.at(this.#axis);
    if (features === null)
      throw new ValueError(
        `Input has undefined \`axis\` dimension. Received input with shape ${shape} and axis=(${this.#axis},)`,
      );
    this.#features = features;
    this.inputSpec = new InputSpec({ ndim: rank, axes: { [this.#axis]: features } });
    this.#makeWeights([features]);
    super.build(shape);
  }

  #chooseFused(rank: number, shape: TensorShape): void {
    const possible = rank === 4 && (this.#axis === 1 || this.#axis === 3) && this.#paramDType() === float32;
    if (this.#fused === true && rank !== 4) {
      throw new ValueError(
        `Batch normalization layers with \`fused=True\` only support 4D or 5D input tensors. Received tensor with shape: ${shape}`,
      );
    }
    if (this.#fused === true && !possible) {
      throw new ValueError(
        `Unsupported axis. The use of \`fused=True\` is only possible with \`axis=1\` or \`axis=3\` for 4D input tensors. Received: axis=(${this.#axis},)`,
      );
    }
    this.#fused ??= possible;
    this.#dataFormat = this.#axis === 1 ? 'NCHW' : 'NHWC';
  }

  #makeWeights(shape: readonly number[]): void {
    const dtype = this.#paramDType();
    const {
      gammaInitializer,
      gammaRegularizer,
      gammaConstraint,
      betaInitializer,
      betaRegularizer,
      betaConstraint,
      movingMeanInitializer,
      movingVarianceInitializer,
    } = this.#options;
    if (this.#scale) {
      this.gamma = this.addWeight({
        name: 'gamma',
        shape,
        dtype,
        initializer: gammaInitializer ?? onesInitializer(),
        regularizer: gammaRegularizer,
        constraint: gammaConstraint,
      });
    }
    if (this.#center) {
      this.beta = this.addWeight({
        name: 'beta',
        shape,
        dtype,
        initializer: betaInitializer ?? zerosInitializer(),
        regularizer: betaRegularizer,
        constraint: betaConstraint,
      });
    }
    const moving = {
      shape,
      dtype,
      trainable: false,
      synchronization: VariableSynchronization.ON_READ,
      aggregation: VariableAggregation.MEAN,
    };
    this.movingMean = this.addWeight({
      ...moving,
      name: 'moving_mean',
      initializer: movingMeanInitializer ?? zerosInitializer(),
    });
    this.movingVariance = this.addWeight({
      ...moving,
      name: 'moving_variance',
      initializer: movingVarianceInitializer ?? onesInitializer(),
    });
  }

  override call(inputs: LayerInput, { training = null }: CallOptions = {}): Tensor {
    const input = convertToTensor(inputs as TensorLike);
    const phase = (training ?? learningPhase()) as TensorLike;
    return this.#fused ? this.#normalizeFused(input, phase) : this.#normalize(input, phase);
  }

  #normalizeFused(input: Tensor, training: TensorLike): Tensor {
    const dtype = this.#paramDType();
    const learned = (variable: Variable | null, value: number) =>
      variable ?? constant(value, { dtype, shape: [this.#features] });
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

  #normalize(input: Tensor, training: TensorLike): Tensor {
    const rank = input.shape.rank!;
    const axes = Array.from({ length: rank }, (_, i) => i).filter((axis) => axis !== this.#axis);
    const isLast = this.#axis === rank - 1;
    // Statistics of another axis than the last do not broadcast by themselves.
    const broadcast = <V extends Tensor | Variable | null>(value: V): V | Tensor =>
      value === null || isLast
        ? value
        : reshape(
            value,
            Array.from({ length: rank }, (_, i) => (i === this.#axis ? this.#features : 1)),
          );
    const scale = broadcast(this.gamma);
    const offset = broadcast(this.beta);
    let mean: Tensor | Variable = this.movingMean!;
    let variance: Tensor | Variable = this.movingVariance!;
    const known = smartConstantValue(training);
    if (known !== false) {
      const [batchMean, batchVariance] = moments(input, axes);
      const choose = (own: Tensor, moving: Variable): Tensor =>
        smartCond(
          training,
          () => own,
          () => convertToTensor(moving),
        ) as Tensor;
      const newMean = choose(batchMean, this.movingMean!);
      const newVariance = choose(batchVariance, this.movingVariance!);
      const update = (variable: Variable, value: Tensor) =>
        smartCond(
          training,
          () => this.#average(variable, value, this.momentum),
          () => variable,
        ) as Tensor;
      this.addUpdate(() => update(this.movingMean!, newMean));
      this.addUpdate(() => update(this.movingVariance!, newVariance));
      [mean, variance] = [newMean, newVariance];
    }
    const output = batchNormalization(input, broadcast(mean), broadcast(variance), offset, scale, this.epsilon);
    output.setShape(input.shape);
    return output;
  }

  /** Moves a variable towards a value by the share 1 − momentum. */
  #average(variable: Variable, value: Tensor, momentum: number | Tensor): Tensor | Variable {
    const graph = getDefaultGraph();
    return graph.nameScope('AssignMovingAvg', () =>
      graph.colocateWith(variable.op, {}, () => {
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
    const { center = true, scale = true } = this.#options;
    return { ...super.getConfig(), axis: [this.#axis], momentum: this.momentum, epsilon: this.epsilon, center, scale };
  }
}

ownClass(BatchNormalization);
