/**
 * Flattening: everything but the batch becomes one axis.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { int32 } from '../../graph/dtypes';
import { expandDims, reshape, transpose } from '../../graph/ops/array';
import { shape } from '../../graph/ops/shapes';
import '../../graph/ops/slicing';
import { constant } from '../../graph/ops/source';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import { type DataFormat, layoutOf } from './windows';

export interface FlattenOptions extends LayerOptions {
  /** With `channels_first`, channels are moved to the end before. */
  readonly dataFormat?: DataFormat | null;
}

/** `[batch, …]` as `[batch, features]`; a vector as a column. Mirrors tf.keras.layers.Flatten. */
export class Flatten extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = ['dataFormat'];

  readonly dataFormat: 'NHWC' | 'NCHW';

  constructor(options: FlattenOptions = {}) {
    super(options);
    this.dataFormat = layoutOf(options.dataFormat);
    this.inputSpec = new InputSpec({ minNdim: 1 });
  }

  override call(inputs: LayerInput): Tensor {
    let input = convertToTensor(inputs as TensorLike);
    const { rank } = input.shape;
    if (this.dataFormat === 'NCHW' && rank !== null && rank > 1) {
      input = transpose(input, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);
    }
    if (rank === 1) return expandDims(input, 1);
    const features = rank === null ? null : input.shape.slice(1).numElements();
    if (features !== null) return reshape(input, constant([-1, features], { dtype: int32 }));
    const batch = rank === null ? null : input.shape.at(0);
    if (batch !== null) return reshape(input, constant([batch, -1], { dtype: int32 }));
    return reshape(input, [shape(input).at(0), -1]);
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const { dims } = asShape(inputShape);
    if (dims === null) return new TensorShape([null, null]);
    return new TensorShape([dims[0] ?? null, dims.length === 1 ? 1 : new TensorShape(dims.slice(1)).numElements()]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat === 'NHWC' ? 'channels_last' : 'channels_first' };
  }
}

ownClass(Flatten);
