/**
 * Normalization to unit length, and the share of zeros.
 */

import { cond } from '../../graph/controlFlow/cond';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import type { DType } from '../../graph/dtypes';
import { float32, int32, int64 } from '../../graph/dtypes';
import { maximum, multiply } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { notEqual } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { reduceSum } from '../../graph/ops/reduce';
import { size } from '../../graph/ops/shapes';
import { identity, zeros } from '../../graph/ops/source';
import { rsqrt, square } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

export interface L2NormalizeOptions {
  /** Smallest sum of squares that is divided by. Default 1e-12. */
  readonly epsilon?: number;
  readonly name?: string;
}

/**
 * `x / sqrt(max(Σ x², epsilon))` over `axis`: one, several, or all axes when absent. Mirrors tf.nn.l2_normalize.
 */
export function l2Normalize(
  x: TensorLike,
  axis?: number | readonly number[] | null,
  { epsilon = 1e-12, name }: L2NormalizeOptions = {},
): Tensor {
  return composite(name, 'l2_normalize', [x], (scope) => {
    const input = convertToTensor(x, { name: 'x' });
    const sum = reduceSum(square(input), axis, { keepdims: true });
    return multiply(input, rsqrt(maximum(sum, epsilon)), { name: scope });
  });
}

/**
 * The share of elements that are 0, as a float32 scalar; NaN for an empty tensor. Mirrors tf.nn.zero_fraction.
 */
export function zeroFraction(value: TensorLike, { name }: { name?: string } = {}): Tensor {
  return composite(name, 'zero_fraction', [value], () => {
    const input = convertToTensor(value, { name: 'value' });
    const all = size(input, { outType: int64 });
    const nonzero = cond(
      all.lessEqual(0x7fffffffn),
      () => cast(countNonzero(input, int32), int64),
      () => countNonzero(input, int64),
    );
    const share = composite(null, 'counts_to_fraction', [input], () => {
      const zerosCounted = cast(all.sub(nonzero), float32);
      return zerosCounted.div(cast(all, float32));
    });
    return identity(share, { name: 'fraction' });
  });
}

function countNonzero(input: Tensor, dtype: DType): Tensor {
  return composite(null, 'count_nonzero', [], () => {
    const zero = zeros([], input.dtype);
    return reduceSum(cast(notEqual(input, zero), dtype), null, { name: 'nonzero_count' });
  });
}
