/**
 * The Keras layer that convolves pictures.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { ValueError } from '../../graph/errors';
import { biasAdd } from '../../graph/ops/nn';
import { asShape, type Dimension, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { convolution } from '../nn/convolution';
import type { Variable } from '../variables/variable';
import { namedArguments } from './arguments';
import { KERNEL_KEYWORDS, type KernelOptions, kernelConfig, weightsOf } from './dense';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, ownClass } from './layer';
import { type ActivationLike, getActivation } from './named';
import {
  asTuple,
  type DataFormat,
  type LayerPadding,
  normalizeDataFormat,
  normalizePadding,
  normalizePair,
  opFormat,
  outputLength,
  type Pair,
} from './windows';

export interface Conv2DOptions extends KernelOptions {
  /** Number of output channels. */
  readonly filters?: number;
  /** Height and width of the window. */
  readonly kernelSize?: Pair;
  /** Default 1. */
  readonly strides?: Pair;
  /** Default `valid`: only whole windows. */
  readonly padding?: LayerPadding;
  /** Default `channels_last`: [batch, height, width, channels]. */
  readonly dataFormat?: DataFormat | null;
  /** Distance of the elements of a window. Default 1. */
  readonly dilationRate?: Pair;
}

/**
 * `activation(conv(inputs, kernel) + bias)` for inputs [batch, height, width, channels] with a known number of channels.
 *
 * `kernel` is [height, width, input channels, filters] and `bias` [filters]. ValueError for arguments out of range, strides together with
 * dilation, and inputs of lower rank or with other channels than the first ones. Mirrors tf.keras.layers.Conv2D, without groups.
 */
export class Conv2D extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = [
    'filters',
    'kernelSize',
    'strides',
    'padding',
    'dataFormat',
    'dilationRate',
    ...KERNEL_KEYWORDS,
  ];
  static override readonly positional: readonly string[] = ['filters', 'kernelSize'];

  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: string;
  readonly dataFormat: DataFormat;
  readonly dilationRate: readonly [number, number];
  readonly useBias: boolean;
  kernel: Variable | null = null;
  bias: Variable | null = null;
  readonly #options: Conv2DOptions;

  constructor(filters: number, kernelSize: Pair, options?: Conv2DOptions);
  constructor(config: Conv2DOptions & { readonly filters: number; readonly kernelSize: Pair });
  constructor(...args: readonly unknown[]) {
    type Config = Conv2DOptions & { filters: number; kernelSize: Pair };
    const options = namedArguments<Config>('Conv2D.__init__()', ['filters', 'kernelSize'], args);
    super(options);
    this.filters = Math.trunc(options.filters);
    if (!(this.filters > 0)) {
      throw new ValueError(
        `Invalid value for argument \`filters\`. Expected a strictly positive value. Received filters=${options.filters}.`,
      );
    }
    this.kernelSize = normalizePair(options.kernelSize, 'kernel_size');
    this.strides = normalizePair(options.strides ?? 1, 'strides', { allowZero: true });
    this.padding = normalizePadding(options.padding ?? 'valid');
    this.dataFormat = normalizeDataFormat(options.dataFormat);
    this.dilationRate = normalizePair(options.dilationRate ?? 1, 'dilation_rate');
    this.useBias = options.useBias ?? true;
    this.#options = options;
    this.inputSpec = new InputSpec({ minNdim: 4 });
    this.#checkCombination();
  }

  #checkCombination(): void {
    const { strides, dilationRate } = this;
    if (strides.includes(0)) {
      throw new ValueError(`The argument \`strides\` cannot contains 0(s). Received: ${asTuple(strides)}`);
    }
    if (this.padding === 'causal') {
      throw new ValueError('Causal padding is only supported for `Conv1D`and `SeparableConv1D`.');
    }
    if (Math.max(...strides) > 1 && Math.max(...dilationRate) > 1) {
      throw new ValueError(
        `\`strides > 1\` not supported in conjunction with \`dilation_rate > 1\`. Received: strides=${asTuple(strides)} and dilation_rate=${asTuple(dilationRate)}`,
      );
    }
  }

  get activation(): ActivationLike {
    return getActivation(this.#options.activation);
  }

  get #channelAxis(): number {
    return this.dataFormat === 'channels_first' ? -3 : -1;
  }

  override build(inputShape: TensorShape | null): void {
    const shape = asShape(inputShape);
    const channels = shape.at(this.#channelAxis);
    if (channels === null) {
      throw new ValueError(
        `The channel dimension of the inputs should be defined. The input_shape received is ${shape}, where axis ${this.#channelAxis} (0-based) is the channel dimension, which found to be \`None\`.`,
      );
    }
    const { kernel, bias } = weightsOf(this.#options);
    const { dtype } = this;
    this.kernel = this.addWeight({ ...kernel, shape: [...this.kernelSize, channels, this.filters], dtype });
    this.bias = this.useBias ? this.addWeight({ ...bias, shape: [this.filters], dtype }) : null;
    this.inputSpec = new InputSpec({ minNdim: 4, axes: { [this.#channelAxis]: channels } });
    this.built = true;
  }

  override call(inputs: LayerInput): Tensor {
    const input = convertToTensor(inputs as TensorLike);
    const dataFormat = opFormat(this.dataFormat);
    const sums = convolution(input, this.kernel!, {
      strides: this.strides,
      padding: this.padding.toUpperCase() as 'SAME' | 'VALID',
      dilations: this.dilationRate,
      dataFormat,
      name: this.constructor.name,
    });
    const biased = this.bias ? biasAdd(sums, this.bias, { dataFormat }) : sums;
    if (input.shape.rank) biased.setShape(this.computeOutputShape(input.shape));
    const activation = getActivation(this.#options.activation);
    return activation ? (activation(biased) as Tensor) : biased;
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const dims = asShape(inputShape).asList();
    const sizes = (spatial: readonly Dimension[]) =>
      spatial.map((size, i) =>
        outputLength(size, this.kernelSize[i], this.padding, this.strides[i], this.dilationRate[i]),
      );
    return new TensorShape(
      this.dataFormat === 'channels_first'
        ? [...dims.slice(0, -3), this.filters, ...sizes(dims.slice(-2))]
        : [...dims.slice(0, -3), ...sizes(dims.slice(-3, -1)), this.filters],
    );
  }

  override getConfig(): Record<string, unknown> {
    const { filters, kernelSize, strides, padding, dataFormat, dilationRate } = this;
    const own = { filters, kernelSize, strides, padding, dataFormat, dilationRate };
    return { ...super.getConfig(), ...own, ...kernelConfig(this.#options) };
  }
}

ownClass(Conv2D);
