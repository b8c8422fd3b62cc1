/**
 * Ops: maximum and average pooling over three spatial dimensions, and their gradients.
 */
import { applyUnary } from '../applyOp';
import type { Attrs } from '../attributes';
import type { TensorLike } from '../convert';
import { defineOps } from '../registry';
import type { Tensor } from '../tensor';
import { poolAttrs, pooledShape, throughMaxima } from './pool';
import { shape } from './shapes';
import { stopGradient } from './source';
import { type PerDimension, perDimension } from './window';

const attributes = `ksize: list(int) >= 5
      strides: list(int) >= 5
      padding: {'SAME', 'VALID'}
      data_format: {'NDHWC', 'NCDHW'} = 'NDHWC'`;

export const pool3dOps = defineOps({
  MaxPool3D: {
    signature: `(input: T) -> (output: T)
      ${attributes}
      T: {float16, bfloat16, float32}`,
    shape: (c) => [pooledShape(c, 'Pool3D ops')],
    gradient: (op, grad) => {
      const args = { orig_input: op.inputs[0], orig_output: op.outputs[0], grad, ...poolAttrs(op.attrs) };
      return [applyUnary('MaxPool3DGrad', args)];
    },
  },
  MaxPool3DGrad: {
    signature: `(orig_input: TInput, orig_output: TInput, grad: T) -> (output: T)
      ${attributes}
      T: {float16, bfloat16, float32} = float32
      TInput: {float16, bfloat16, float32} = float32`,
    shape: (c) => [c.ranked(0, 5)],
    gradient: (op, grad) => throughMaxima(op, grad, 'MaxPool3DGradGrad'),
  },
  MaxPool3DGradGrad: {
    signature: `(orig_input: T, orig_output: T, grad: T) -> (output: T)
      ${attributes}
      T: {float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}`,
    shape: (c) => {
      c.merge(c.shape(0), c.shape(2));
      return [c.merge(pooledShape(c, 'Pool3D ops'), c.shape(1))];
    },
    gradient: (op, grad) => throughMaxima(op, grad, 'MaxPool3DGrad'),
  },
  AvgPool3D: {
    signature: `(input: T) -> (output: T)
      ${attributes}
      T: {float16, bfloat16, float32, float64}`,
    shape: (c) => [pooledShape(c, 'Pool3D ops')],
    gradient: (op, grad) => [
      applyUnary('AvgPool3DGrad', { orig_input_shape: shape(op.inputs[0]), grad, ...poolAttrs(op.attrs) }),
    ],
  },
  AvgPool3DGrad: {
    signature: `(orig_input_shape: int32, grad: T) -> (output: T)
      ${attributes}
      T: {float16, bfloat16, float32, float64}`,
    shape: (c) => [c.withRank(c.valueAsShape(0), 5)],
    gradient: (op, grad) => [
      stopGradient(op.inputs[0]),
      applyUnary('AvgPool3D', { input: grad, ...poolAttrs(op.attrs) }),
    ],
  },
});

export interface Pool3dOptions {
  /** `NDHWC` (the default) or `NCDHW`. */
  readonly dataFormat?: string | null;
  readonly name?: string;
}

function attrsOf(ksize: PerDimension, strides: PerDimension, dataFormat: string | null | undefined): Attrs {
  const format = dataFormat ?? 'NDHWC';
  const channelsFirst = format.startsWith('NC');
  return {
    ksize: perDimension(ksize, 3, channelsFirst, 'ksize'),
    strides: perDimension(strides, 3, channelsFirst, 'strides'),
    data_format: format,
  };
}

/** The largest element of each window of `input` [batch, depth, height, width, channels]. Mirrors tf.nn.max_pool3d. */
export function maxPool3d(
  input: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: string,
  options: Pool3dOptions = {},
): Tensor {
  return applyUnary('MaxPool3D', { input, padding, ...attrsOf(ksize, strides, options.dataFormat) }, options.name);
}

/** The mean of each window of `input` [batch, depth, height, width, channels]. Mirrors tf.nn.avg_pool3d. */
export function avgPool3d(
  input: TensorLike,
  ksize: PerDimension,
  strides: PerDimension,
  padding: string,
  options: Pool3dOptions = {},
): Tensor {
  return applyUnary('AvgPool3D', { input, padding, ...attrsOf(ksize, strides, options.dataFormat) }, options.name);
}
