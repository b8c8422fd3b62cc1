/**
 * Pooling layers over images.
 */
import type { TensorLike } from '../../graph/convert';
import { avgPool, maxPool } from '../../graph/ops/pool';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { namedArguments } from './arguments';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import { type DataFormat, layoutOf, type PaddingName, type PairLike, paddingOf, pairOf, windowCount } from './windows';

export interface Pooling2DOptions extends LayerOptions {
  readonly poolSize?: PairLike;
  /** Default: the pool size. */
  readonly strides?: PairLike | null;
  /** `valid` (default) or `same`. */
  readonly padding?: PaddingName;
  /** `channels_last` (default) or `channels_first`. */
  readonly dataFormat?: DataFormat | null;
}

/** What max and average pooling share. */
export abstract class Pooling2D extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = ['poolSize', 'strides', 'padding', 'dataFormat'];

  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: 'VALID' | 'SAME';
  readonly dataFormat: 'NHWC' | 'NCHW';

  constructor(poolSize?: PairLike, strides?: PairLike | null, options?: Pooling2DOptions);
  constructor(options: Pooling2DOptions);
  constructor(...args: readonly unknown[]) {
    const [poolSize = 2, strides = null] = args;
    const given =
      typeof poolSize === 'number' || Array.isArray(poolSize)
        ? [{ poolSize, strides, ...(args[2] as object | undefined) }]
        : args;
    const options = namedArguments<Pooling2DOptions>('Pooling2D.__init__()', [], given);
    super(options);
    this.poolSize = pairOf(options.poolSize ?? 2, 'pool_size');
    this.strides = pairOf(options.strides ?? this.poolSize, 'strides');
    this.padding = paddingOf(options.padding ?? 'valid');
    this.dataFormat = layoutOf(options.dataFormat);
    this.inputSpec = new InputSpec({ ndim: 4 });
  }

  protected abstract pool(inputs: TensorLike, size: readonly number[], strides: readonly number[]): Tensor;

  override call(inputs: LayerInput): Tensor {
    const inLayout = ([height, width]: readonly [number, number]) =>
      this.dataFormat === 'NHWC' ? [1, height, width, 1] : [1, 1, height, width];
    return this.pool(inputs as TensorLike, inLayout(this.poolSize), inLayout(this.strides));
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const dims = asShape(inputShape).withRank(4).asList();
    const first = this.dataFormat === 'NHWC' ? 1 : 2;
    const sizes = [0, 1].map((i) => windowCount(dims[first + i], this.poolSize[i], this.strides[i], this.padding));
    return new TensorShape(dims.map((dim, axis) => (axis === first || axis === first + 1 ? sizes[axis - first] : dim)));
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      poolSize: this.poolSize,
      padding: this.padding.toLowerCase(),
      strides: this.strides,
      dataFormat: this.dataFormat === 'NHWC' ? 'channels_last' : 'channels_first',
    };
  }
}

/** The largest value of each window. Mirrors tf.keras.layers.MaxPooling2D. */
export class MaxPooling2D extends Pooling2D {
  protected override pool(inputs: TensorLike, size: readonly number[], strides: readonly number[]): Tensor {
    return maxPool(inputs, size, strides, this.padding, { dataFormat: this.dataFormat });
  }
}

/** The mean of each window. Mirrors tf.keras.layers.AveragePooling2D. */
export class AveragePooling2D extends Pooling2D {
  protected override pool(inputs: TensorLike, size: readonly number[], strides: readonly number[]): Tensor {
    return avgPool(inputs, size, strides, this.padding, { dataFormat: this.dataFormat });
  }
}

for (const layerClass of [Pooling2D, MaxPooling2D, AveragePooling2D]) ownClass(layerClass);
