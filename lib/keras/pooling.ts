/**
 * The Keras layers that take the largest or the mean of each window of pictures.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { avgPool, maxPool } from '../../graph/ops/pool';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import {
  type DataFormat,
  type LayerPadding,
  normalizeDataFormat,
  normalizePadding,
  normalizePair,
  opFormat,
  outputLength,
  type Pair,
} from './windows';

export interface Pooling2DOptions extends LayerOptions {
  /** Height and width of the window. Default 2. */
  readonly poolSize?: Pair;
  /** Default: the window's size. */
  readonly strides?: Pair | null;
  /** Default `valid`: only whole windows. */
  readonly padding?: LayerPadding;
  /** Default `channels_last`: [batch, height, width, channels]. */
  readonly dataFormat?: DataFormat | null;
}

type PoolFunction = typeof avgPool;

/** Pooling of pictures by some function. ValueError for inputs that are not of rank 4. */
export abstract class Pooling2D extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = ['poolSize', 'strides', 'padding', 'dataFormat'];

  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: string;
  readonly dataFormat: DataFormat;

  constructor(options: Pooling2DOptions = {}) {
    super(options);
    const { poolSize = 2 } = options;
    this.poolSize = normalizePair(poolSize, 'pool_size');
    this.strides = normalizePair(options.strides ?? poolSize, 'strides', { allowZero: true });
    this.padding = normalizePadding(options.padding ?? 'valid');
    this.dataFormat = normalizeDataFormat(options.dataFormat);
    this.inputSpec = new InputSpec({ ndim: 4 });
  }

  protected abstract get pool(): PoolFunction;

  override call(inputs: LayerInput): Tensor {
    const whole = (pair: readonly [number, number]) =>
      this.dataFormat === 'channels_first' ? [1, 1, ...pair] : [1, ...pair, 1];
    const input = convertToTensor(inputs as TensorLike);
    const options = { dataFormat: opFormat(this.dataFormat) };
    return this.pool(input, whole(this.poolSize), whole(this.strides), this.padding.toUpperCase(), options);
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const dims = asShape(inputShape).withRank(4).asList();
    const isFirst = this.dataFormat === 'channels_first';
    const sizes = (isFirst ? dims.slice(2) : dims.slice(1, 3)).map((size, i) =>
      outputLength(size, this.poolSize[i], this.padding, this.strides[i]),
    );
    return new TensorShape(isFirst ? [dims[0], dims[1], ...sizes] : [dims[0], ...sizes, dims[3]]);
  }

  override getConfig(): Record<string, unknown> {
    const { poolSize, padding, strides, dataFormat } = this;
    return { ...super.getConfig(), poolSize, padding, strides, dataFormat };
  }
}

/** The largest element of each window of [batch, height, width, channels]. Mirrors tf.keras.layers.MaxPooling2D. */
export class MaxPooling2D extends Pooling2D {
  protected override get pool(): PoolFunction {
    return maxPool as PoolFunction;
  }
}

/** The mean of each window of [batch, height, width, channels]. Mirrors tf.keras.layers.AveragePooling2D. */
export class AveragePooling2D extends Pooling2D {
  protected override get pool(): PoolFunction {
    return avgPool;
  }
}

ownClass(MaxPooling2D);
ownClass(AveragePooling2D);
