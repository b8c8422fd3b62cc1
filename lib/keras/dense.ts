/**
 * The fully connected layer.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { float32 } from '../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../graph/errors';
import { matmul } from '../../graph/ops/matmul';
import { biasAdd } from '../../graph/ops/nn';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { tensordot } from '../math/tensordot';
import { zerosInitializer } from '../initializers/constants';
import type { Variable } from '../variables/variable';
import type { InitializerLike, Regularizer } from '../variables/variableStore';
import { namedArguments } from './arguments';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, type LayerOptions, ownClass } from './layer';

export type Constraint = (value: Tensor) => Tensor;
export type Activation = (features: Tensor) => Tensor;

/** What layers with a kernel and a bias have in common. */
export interface KernelOptions extends LayerOptions {
  /** Applied to the result, such as `tf.nn.relu`. Default none. */
  readonly activation?: Activation | null;
  /** Default true. */
  readonly useBias?: boolean;
  /** Default Glorot's uniform distribution. */
  readonly kernelInitializer?: InitializerLike | null;
  /** Default zeros. */
  readonly biasInitializer?: InitializerLike | null;
  readonly kernelRegularizer?: Regularizer | null;
  readonly biasRegularizer?: Regularizer | null;
  readonly kernelConstraint?: Constraint | null;
  readonly biasConstraint?: Constraint | null;
}

export const KERNEL_KEYWORDS: readonly string[] = [
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'kernelConstraint',
  'biasConstraint',
];

export interface DenseOptions extends KernelOptions {
  readonly units?: number;
}

/**
 * activation(inputs · kernel + bias), over the last axis of the inputs: kernel [in, units], bias [units].
 *
 * Inputs of a floating dtype and rank ≥ 2 whose last dimension is known. Mirrors tf.keras.layers.Dense.
 */
export class Dense extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = ['units', ...KERNEL_KEYWORDS];
  static override readonly positional: readonly string[] = ['units'];

  readonly units: number;
  readonly activation: Activation | null;
  readonly useBias: boolean;
  kernel: Variable | null = null;
  bias: Variable | null = null;
  readonly #options: DenseOptions;

  /** ValueError unless `units` is a positive integer. */
  constructor(units: number, options?: DenseOptions);
  constructor(config: DenseOptions & { readonly units: number });
  constructor(...args: readonly unknown[]) {
    const options = namedArguments<DenseOptions & { units: number }>('Dense.__init__()', ['units'], args);
    super(options);
    if (!Number.isInteger(options.units) || options.units <= 0) {
      throw new ValueError(`Received an invalid value for \`units\`, expected a positive integer. Received: units=${options.units}`);
    }
    this.units = options.units;
    this.activation = options.activation ?? null;
    this.useBias = options.useBias ?? true;
    this.#options = options;
    this.inputSpec = new InputSpec({ minNdim: 2 });
    this.supportsMasking = true;
  }

  override build(inputShape: TensorShape | null): void {
    const dtype = this.dtype ?? float32;
    if (!dtype.isFloating) throw new GraphTypeError(`A Dense layer can only be built with a floating-point dtype. Received: dtype=${dtype}`);
    const shape = asShape(inputShape);
    const features = shape.rank === null ? null : shape.at(-1);
    if (features === null) {
      throw new ValueError(`The last dimension of the inputs to a Dense layer should be defined. Found None. Full input shape received: ${shape}`);
    }
    this.inputSpec = new InputSpec({ minNdim: 2, axes: { [-1]: features } });
    const { kernelInitializer, kernelRegularizer, kernelConstraint, biasInitializer, biasRegularizer, biasConstraint } = this.#options;
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [features, this.units],
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
      constraint: kernelConstraint,
    });
    if (this.useBias) {
      this.bias = this.addWeight({
        name: 'bias',
        shape: [this.units],
        initializer: biasInitializer ?? zerosInitializer(),
        regularizer: biasRegularizer,
        constraint: biasConstraint,
      });
    }
    super.build(shape);
  }

  override call(inputs: LayerInput): Tensor {
    const input = convertToTensor(inputs as TensorLike);
    const { rank } = input.shape;
    let output: Tensor;
    if (rank === null || rank === 2) output = matmul(input, this.kernel!);
    else {
      output = tensordot(input, this.kernel!, [[rank - 1], [0]]);
      output.setShape(this.computeOutputShape(input.shape));
    }
    if (this.bias) output = biasAdd(output, this.bias);
    return this.activation ? this.activation(output) : output;
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const shape = asShape(inputShape).withRankAtLeast(2);
    if (shape.dims !== null && shape.at(-1) === null) {
      throw new ValueError(`The last dimension of the input shape of a Dense layer should be defined. Found None. Received: input_shape=${shape}`);
    }
    return shape.dims === null ? shape : new TensorShape([...shape.dims.slice(0, -1), this.units]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units, activation: this.activation, useBias: this.useBias };
  }
}

ownClass(Dense);
