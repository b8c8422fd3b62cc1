/**
 * The convolution layer over images.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { ValueError } from '../../graph/errors';
import { biasAdd } from '../../graph/ops/nn';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { zerosInitializer } from '../initializers/constants';
import { convolution } from '../nn/convolution';
import type { Variable } from '../variables/variable';
import { namedArguments } from './arguments';
import { type Activation, KERNEL_KEYWORDS, type KernelOptions } from './dense';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, ownClass } from './layer';
import { type DataFormat, layoutOf, type PaddingName, paddingOf, type PairLike, pairOf, windowCount } from './windows';

export interface Conv2DOptions extends KernelOptions {
  readonly filters?: number;
  readonly kernelSize?: PairLike;
  /** Default 1. */
  readonly strides?: PairLike;
  /** `valid` (default) or `same`. */
  readonly padding?: PaddingName;
  /** `channels_last` (default) or `channels_first`. */
  readonly dataFormat?: DataFormat | null;
  /** Default 1; not together with strides. */
  readonly dilationRate?: PairLike;
}

type Required2D = Conv2DOptions & { readonly filters: number; readonly kernelSize: PairLike };

/**
 * activation(inputs ∗ kernel + bias): images `[batch, height, width, channels]`, kernel [height, width, channels, filters].
 *
 * Mirrors tf.keras.layers.Conv2D.
 */
export class Conv2D extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = ['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'dilationRate', ...KERNEL_KEYWORDS];
  static override readonly positional: readonly string[] = ['filters', 'kernelSize'];

  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: 'VALID' | 'SAME';
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilationRate: readonly [number, number];
  readonly activation: Activation | null;
  readonly useBias: boolean;
  kernel: Variable | null = null;
  bias: Variable | null = null;
  readonly #options: Conv2DOptions;

  /** ValueError for sizes that are no positive integers, and for strides together with dilation. */
  constructor(filters: number, kernelSize: PairLike, options?: Conv2DOptions);
  constructor(config: Required2D);
  constructor(...args: readonly unknown[]) {
    const options = namedArguments<Required2D>('Conv2D.__init__()', ['filters', 'kernelSize'], args);
    super(options);
    this.filters = options.filters;
    if (!Number.isInteger(this.filters) || this.filters <= 0) {
      throw new ValueError(`Invalid value for argument \`filters\`. Expected a strictly positive value. Received filters=${this.filters}.`);
    }
    this.kernelSize = pairOf(options.kernelSize, 'kernel_size');
    this.strides = pairOf(options.strides ?? 1, 'strides');
    this.padding = paddingOf(options.padding ?? 'valid');
    this.dataFormat = layoutOf(options.dataFormat);
    this.dilationRate = pairOf(options.dilationRate ?? 1, 'dilation_rate');
    if (this.strides.some((stride) => stride > 1) && this.dilationRate.some((rate) => rate > 1)) {
      throw new ValueError(
        `\`strides > 1\` not supported in conjunction with \`dilation_rate > 1\`. Received: strides=(${this.strides.join(', ')}) and dilation_rate=(${this.dilationRate.join(', ')})`,
      );
    }
    this.activation = options.activation ?? null;
    this.useBias = options.useBias ?? true;
    this.#options = options;
    this.inputSpec = new InputSpec({ minNdim: 4 });
  }

  get #channelAxis(): number {
    return this.dataFormat === 'NCHW' ? 1 : -1;
  }

  override build(inputShape: TensorShape | null): void {
    const shape = asShape(inputShape);
    const channels = shape.rank === null ? null : shape.at(this.#channelAxis);
    if (channels === null) {
      throw new ValueError(
        `The channel dimension of the inputs should be defined. The input_shape received is ${shape}, where axis ${this.#channelAxis} (0-based) is the channel dimension, which found to be \`None\`.`,
      );
    }
    const { kernelInitializer, kernelRegularizer, kernelConstraint, biasInitializer, biasRegularizer, biasConstraint } = this.#options;
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [...this.kernelSize, channels, this.filters],
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
      constraint: kernelConstraint,
    });
    if (this.useBias) {
      this.bias = this.addWeight({
        name: 'bias',
        shape: [this.filters],
        initializer: biasInitializer ?? zerosInitializer(),
        regularizer: biasRegularizer,
        constraint: biasConstraint,
      });
    }
    this.inputSpec = new InputSpec({ minNdim: 4, axes: { [this.#channelAxis]: channels } });
    super.build(shape);
  }

  override call(inputs: LayerInput): Tensor {
    const input = convertToTensor(inputs as TensorLike);
    let output = convolution(input, this.kernel!, {
      strides: this.strides,
      padding: this.padding,
      dilations: this.dilationRate,
      dataFormat: this.dataFormat,
      name: 'Conv2D',
    });
    if (this.bias) output = biasAdd(output, this.bias, { dataFormat: this.dataFormat });
    if (input.shape.rank !== null) output.setShape(this.computeOutputShape(input.shape));
    return this.activation ? this.activation(output) : output;
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const dims = asShape(inputShape).withRank(4).asList();
    const first = this.dataFormat === 'NHWC' ? 1 : 2;
    const sizes = [0, 1].map((i) => windowCount(dims[first + i], this.kernelSize[i], this.strides[i], this.padding, this.dilationRate[i]));
    return new TensorShape(this.dataFormat === 'NHWC' ? [dims[0], ...sizes, this.filters] : [dims[0], this.filters, ...sizes]);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernelSize: this.kernelSize,
      strides: this.strides,
      padding: this.padding.toLowerCase(),
      dataFormat: this.dataFormat === 'NHWC' ? 'channels_last' : 'channels_first',
      dilationRate: this.dilationRate,
      activation: this.activation,
      useBias: this.useBias,
    };
  }
}

ownClass(Conv2D);
