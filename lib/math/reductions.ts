/**
 * Reductions composed of several ops: log-sum-exp, variance, standard deviation, and the count of what is not zero.
 */
import { applyUnary } from '../../graph/applyOp';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { type DType, int64 } from '../../graph/dtypes';
import { GraphTypeError } from '../../graph/errors';
import { add, subtract } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { notEqual } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { type ReduceOptions, reduceMax, reduceMean, reduceSum } from '../../graph/ops/reduce';
import { stopGradient, zeros } from '../../graph/ops/source';
import { exp, isFinite, log, sqrt, square } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

/**
 * `log(Σ e^x)` over `axis` (all when absent), without overflow: the largest element is taken out first.
 *
 * Floats only. Mirrors tf.reduce_logsumexp.
 */
export function reduceLogsumexp(
  x: TensorLike,
  axis?: TensorLike | null,
  { keepdims = false, name }: ReduceOptions = {},
): Tensor {
  return composite(name, 'ReduceLogSumExp', [x], (scope) => {
    const largest = reduceMax(x, axis, { keepdims: true });
    const isUsable = isFinite(largest);
    const shift = stopGradient(
      applyUnary('Select', { condition: isUsable, t: largest, e: applyUnary('ZerosLike', { x: largest }) }),
    );
    const sum = log(reduceSum(exp(subtract(x, shift)), axis, { keepdims }));
    const back = keepdims
      ? shift
      : applyUnary('Reshape', { tensor: shift, shape: applyUnary('Shape', { input: sum }) });
    const result = add(sum, back, { name: scope });
    if (!keepdims && (axis === null || axis === undefined)) result.setShape([]);
    return result;
  });
}

/**
 * The mean of the squared distances from the mean over `axis` (all when absent).
 *
 * Floats only: TypeError for integers. Mirrors tf.math.reduce_variance.
 */
export function reduceVariance(
  x: TensorLike,
  axis?: TensorLike | null,
  { keepdims = false, name }: ReduceOptions = {},
): Tensor {
  return composite(name, 'reduce_variance', [x], () => {
    const tensor = convertToTensor(x);
    const means = reduceMean(tensor, axis, { keepdims: true });
    if (means.dtype.isInteger)
      throw new GraphTypeError(`Input must be either real or complex. Received integer type ${means.dtype}.`);
    return reduceMean(square(tensor.sub(means)), axis, { keepdims });
  });
}

/** The root of `reduceVariance`. Mirrors tf.math.reduce_std. */
export function reduceStd(
  x: TensorLike,
  axis?: TensorLike | null,
  { keepdims = false, name }: ReduceOptions = {},
): Tensor {
  return composite(name, 'reduce_std', [x], () => sqrt(reduceVariance(convertToTensor(x), axis, { keepdims })));
}

export interface CountOptions extends ReduceOptions {
  /** Of the result. Default int64. */
  readonly dtype?: DType;
}

/** How many elements over `axis` (all when absent) are not 0, false or ''. Mirrors tf.count_nonzero. */
export function countNonzero(
  input: TensorLike,
  axis?: TensorLike | null,
  { keepdims = false, dtype = int64, name }: CountOptions = {},
): Tensor {
  return composite(name, 'count_nonzero', [input], () => {
    const x = convertToTensor(input, { name: 'input' });
    const counted = x.dtype.isBool ? x : notEqual(x, zeros([], x.dtype));
    return cast(reduceSum(cast(counted, int64), axis, { keepdims }), dtype);
  });
}
