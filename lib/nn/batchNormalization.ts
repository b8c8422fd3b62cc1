/**
 * Batch normalization as a composite of elementwise ops; the fused op is in graph/ops/norm.ts.
 */
import { convertToTensor, isTensorConvertible, type TensorLike } from '../../graph/convert';
import { cast } from '../../graph/ops/cast';
import { composite } from '../../graph/ops/composite';
import { rsqrt } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

/**
 * `(x - mean) · scale / sqrt(variance + varianceEpsilon) + offset`. Offset and scale may be null.
 *
 * All broadcast to x. Mirrors tf.nn.batch_normalization.
 */
export function batchNormalization(
  x: TensorLike,
  mean: TensorLike,
  variance: TensorLike,
  offset: TensorLike | null,
  scale: TensorLike | null,
  varianceEpsilon: number | Tensor,
  { name }: { name?: string } = {},
): Tensor {
  return composite(name, 'batchnorm', [x, mean, variance, scale, offset], () => {
    const input = convertToTensor(x);
    // Variables are read where they are used.
    const deviation = rsqrt(convertToTensor(variance).add(varianceEpsilon));
    const inverse = scale === null ? deviation : deviation.mul(scale);
    const scaled = input.mul(cast(inverse, input.dtype));
    const shift =
      offset === null
        ? convertToTensor(mean).neg().mul(inverse)
        : subtractFrom(offset, convertToTensor(mean).mul(inverse));
    return scaled.add(cast(shift, input.dtype));
  });
}

/** Python's `offset - value`, where the offset may be a plain number. */
function subtractFrom(offset: TensorLike, value: Tensor): Tensor {
  return isTensorConvertible(offset) ? convertToTensor(offset).sub(value) : value.rsub(offset);
}
