/**
 * The Keras layer that makes rows of its inputs.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { int32 } from '../../graph/dtypes';
import { expandDims, reshape, transpose } from '../../graph/ops/array';
import { shape } from '../../graph/ops/shapes';
import { constant } from '../../graph/ops/source';
import { asShape, type ShapeLike, TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { InputSpec } from './inputSpec';
import { Layer, type LayerInput, type LayerOptions, ownClass } from './layer';
import { type DataFormat, normalizeDataFormat } from './windows';

export interface FlattenOptions extends LayerOptions {
  /** `channels_first` moves the channels last before flattening. Default `channels_last`. */
  readonly dataFormat?: DataFormat | null;
}

/**
 * All axes but the first as one; [batch] becomes [batch, 1]. Any dtype. ValueError for scalars. Mirrors tf.keras.layers.Flatten.
 */
export class Flatten extends Layer {
  static override readonly callArguments: readonly string[] | null = [];
  static override readonly keywords: readonly string[] = ['dataFormat'];

  readonly dataFormat: DataFormat;

  constructor(options: FlattenOptions = {}) {
    super(options);
    this.dataFormat = normalizeDataFormat(options.dataFormat);
    this.inputSpec = new InputSpec({ minNdim: 1 });
  }

  override call(inputs: LayerInput): Tensor {
    const input = this.#channelsLast(convertToTensor(inputs as TensorLike));
    const { dims } = input.shape;
    if (dims?.length === 1) return expandDims(input, 1);
    if (dims?.slice(1).every((dim) => dim !== null)) {
      return reshape(input, vector([-1, (dims.slice(1) as number[]).reduce((product, dim) => product * dim, 1)]));
    }
    if (dims && dims[0] !== null) return reshape(input, vector([dims[0], -1]));
    return reshape(input, [shape(input).at(0), -1]);
  }

  #channelsLast(input: Tensor): Tensor {
    const { rank } = input.shape;
    if (this.dataFormat === 'channels_last' || rank === null || rank <= 1) return input;
    return transpose(input, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);
  }

  override computeOutputShape(inputShape: ShapeLike): TensorShape {
    const { dims } = asShape(inputShape);
    if (dims === null || dims.length === 0) return new TensorShape([1, null]);
    const rest = dims.slice(1);
    const size = rest.reduce<number | null>((product, dim) => (product && dim ? product * dim : null), 1);
    return new TensorShape([dims[0], size]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}

ownClass(Flatten);

const vector = (values: readonly number[]): Tensor => constant(values, { dtype: int32 });
