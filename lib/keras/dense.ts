/**
 * The fully connected Keras layer.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { float32 } from '../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../graph/errors';
import { cast } from '../../graph/ops/cast';
import { matmul } from '../../graph/ops/matmul';
import { biasAdd } from '../../graph/ops/nn';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { tensordot } from '../math/tensordot';
import type { Constraint } from '../variables/createVariable';
import type { Variable } from '../variables/variable';
import { namedArguments } from './arguments';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import {
  type ActivationLike,
  getActivation,
  getInitializer,
  getRegularizer,
  type InitializerName,
  type RegularizerName,
} from './named';

/** What layers with a kernel and a bias have in common. */
export interface KernelOptions extends LayerOptions {
  /** Applied to the output. Default none. */
  readonly activation?: ActivationLike;
  /** Default true. */
  readonly useBias?: boolean;
  /** Default Glorot uniform. */
  readonly kernelInitializer?: InitializerName;
  /** Default zeros. */
  readonly biasInitializer?: InitializerName;
  readonly kernelRegularizer?: RegularizerName;
  readonly biasRegularizer?: RegularizerName;
  readonly kernelConstraint?: Constraint | null;
  readonly biasConstraint?: Constraint | null;
}

export const KERNEL_KEYWORDS = [
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'kernelConstraint',
  'biasConstraint',
];

/** The options as given, with the defaults of those left out: what `getConfig` tells of them. */
export function kernelConfig(options: KernelOptions): Record<string, unknown> {
  return {
    activation: options.activation ?? 'linear',
    useBias: options.useBias ?? true,
    kernelInitializer: options.kernelInitializer ?? null,
    biasInitializer: options.biasInitializer ?? null,
    kernelRegularizer: options.kernelRegularizer ?? null,
    biasRegularizer: options.biasRegularizer ?? null,
    activityRegularizer: options.activityRegularizer ?? null,
    kernelConstraint: options.kernelConstraint ?? null,
    biasConstraint: options.biasConstraint ?? null,
  };
}

/** How the kernel and the bias of such a layer are made. */
export function weightsOf(options: KernelOptions) {
  return {
    kernel: {
      name: 'kernel',
      initializer: getInitializer(options.kernelInitializer),
      regularizer: getRegularizer(options.kernelRegularizer),
      constraint: options.kernelConstraint ?? null,
      trainable: true,
    },
    bias: {
      name: 'bias',
      initializer: getInitializer(options.biasInitializer ?? 'zeros'),
      regularizer: getRegularizer(options.biasRegularizer),
      constraint: options.biasConstraint ?? null,
      trainable: true,
    },
  };
}

export interface DenseOptions extends KernelOptions {
  readonly units?: number;
}

/**
 * `activation(inputs · kernel + bias)` over the last axis of inputs with at least two axes, the last of known size.
 *
 * `kernel` is [input units, units] and `bias` [units]. ValueError for inputs of lower rank or another size than the first ones; TypeError
 * for a dtype that is not floating. Mirrors tf.keras.layers.Dense.
 */
export class Dense extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = ['units', ...KERNEL_KEYWORDS];
  static override readonly positional: readonly string[] = ['units'];

  readonly units: number;
  readonly useBias: boolean;
  kernel: Variable | null = null;
  bias: Variable | null = null;
  readonly #options: DenseOptions;

  constructor(units: number, options?: DenseOptions);
  constructor(config: DenseOptions & { readonly units: number });
  constructor(...args: readonly unknown[]) {
    const options = namedArguments<DenseOptions & { units: number }>('Dense.__init__()', ['units'], args);
    super(options);
    this.units = Math.trunc(options.units);
    if (!(this.units >= 0)) {
      throw new ValueError(
        `Received an invalid value for \`units\`, expected a positive integer. Received: units=${options.units}`,
      );
    }
    this.useBias = options.useBias ?? true;
    this.#options = options;
    this.inputSpec = new InputSpec({ minNdim: 2 });
    this.supportsMasking = true;
  }

  get activation(): ActivationLike {
    return getActivation(this.#options.activation);
  }

  override build(inputShape: TensorShape | null): void {
    const dtype = this.dtype ?? float32;
    if (!dtype.isFloating) {
      throw new GraphTypeError(`A Dense layer can only be built with a floating-point dtype. Received: dtype=${dtype}`);
    }
    const shape = asShape(inputShape);
    const inputs = shape.at(-1);
    if (inputs === null) {
      throw new ValueError(
        `The last dimension of the inputs to a Dense layer should be defined. Found None. Full input shape received: ${shape}`,
      );
    }
    this.inputSpec = new InputSpec({ minNdim: 2, axes: { [-1]: inputs } });
    const { kernel, bias } = weightsOf(this.#options);
    this.kernel = this.addWeight({ ...kernel, shape: [inputs, this.units], dtype });
    this.bias = this.useBias ? this.addWeight({ ...bias, shape: [this.units], dtype }) : null;
    this.built = true;
  }

  override call(inputs: LayerInput): Tensor {
    const given = convertToTensor(inputs as TensorLike);
    const input = this.dtype && given.dtype !== this.dtype ? cast(given, this.dtype) : given;
    const sums = this.#multiply(input);
    const biased = this.bias ? biasAdd(sums, this.bias) : sums;
    const activation = getActivation(this.#options.activation);
    return activation ? (activation(biased) as Tensor) : biased;
  }

  #multiply(input: Tensor): Tensor {
    const { dims } = input.shape;
    if (dims === null || dims.length === 2) return matmul(input, this.kernel!);
    const product = tensordot(input, this.kernel!, [[dims.length - 1], [0]]);
    product.setShape(new TensorShape([...dims.slice(0, -1), this.units]));
    return product;
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const shape = asShape(inputShape).withRankAtLeast(2);
    if (shape.at(-1) === null) {
      throw new ValueError(
        `The last dimension of the input shape of a Dense layer should be defined. Found None. Received: input_shape=${shape}`,
      );
    }
    return shape.slice(0, -1).concatenate(this.units);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units, ...kernelConfig(this.#options) };
  }
}

ownClass(Dense);
