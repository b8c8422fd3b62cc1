/**
 * Mean and variance of tensors over axes, weighted or not, and in two steps through sufficient statistics.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { float16, float32 } from '../../graph/dtypes';
import { squeeze } from '../../graph/ops/array';
import { add, divNoNan, multiply, squaredDifference, subtract } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { composite } from '../../graph/ops/composite';
import { gather } from '../../graph/ops/gather';
import { reduceMean, reduceProd, reduceSum } from '../../graph/ops/reduce';
import { rank, shape } from '../../graph/ops/shapes';
import { constant, stopGradient, zerosLike } from '../../graph/ops/source';
import { reciprocal, square } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

export interface MomentsOptions {
  /** Keep the reduced dimensions, with length 1. */
  readonly keepdims?: boolean;
  readonly name?: string;
}

/**
 * Mean and (biased) variance of floats over `axes`: `[mean, variance]`. Half precision is computed in float32.
 *
 * Mirrors tf.nn.moments.
 */
export function moments(
  x: TensorLike,
  axes: readonly number[],
  options: MomentsOptions = {},
): [mean: Tensor, variance: Tensor] {
  return composite(options.name, 'moments', [x, axes], () => {
    const input = convertToTensor(x);
    const precise = input.dtype === float16 ? cast(input, float32) : input;
    const mean = reduceMean(precise, axes, { keepdims: true, name: 'mean' });
    // Stopping the gradient there changes nothing: it is zero.
    const distances = squaredDifference(precise, stopGradient(mean));
    const variance = reduceMean(distances, axes, { keepdims: true, name: 'variance' });
    return finished(input, [mean, variance], axes, options);
  });
}

function finished(
  input: Tensor,
  results: [Tensor, Tensor],
  axes: readonly number[],
  { keepdims = false }: MomentsOptions,
): [Tensor, Tensor] {
  const shaped = keepdims ? results : results.map((result) => squeeze(result, axes));
  return (input.dtype === float16 ? shaped.map((result) => cast(result, float16)) : shaped) as [Tensor, Tensor];
}

/**
 * Mean and variance over `axes` with a weight for each element (broadcast to `x`): `[mean, variance]`, 0 where all
 * weights are.
 *
 * Mirrors tf.nn.weighted_moments.
 */
export function weightedMoments(
  x: TensorLike,
  axes: readonly number[],
  frequencyWeights: TensorLike,
  options: MomentsOptions = {},
): [mean: Tensor, variance: Tensor] {
  return composite(options.name, 'weighted_moments', [x, frequencyWeights, axes], () => {
    const input = convertToTensor(x, { name: 'x' });
    const given = convertToTensor(frequencyWeights, { name: 'frequency_weights' });
    const precise = input.dtype === float16 ? cast(input, float32) : input;
    const weights = given.dtype === precise.dtype ? given : cast(given, precise.dtype);
    const sum = (value: Tensor, name: string) => reduceSum(value, axes, { keepdims: true, name });
    const weighted = sum(weights.mul(precise), 'weighted_input_sum');
    const total = sum(weights.add(zerosLike(precise)), 'sum_of_weights');
    const mean = divNoNan(weighted, total);
    const distances = sum(weights.mul(squaredDifference(precise, mean)), 'weighted_distsq');
    return finished(input, [mean, divNoNan(distances, total)], axes, options);
  });
}

/** What `normalizeMoments` makes mean and variance of. */
export interface SufficientStatistics {
  /** How many elements were summed. */
  readonly count: Tensor;
  readonly meanSs: Tensor;
  readonly varianceSs: Tensor;
  readonly shift: Tensor | null;
}

/**
 * Number, sum and sum of squares over `axes`, of `x - shift` where a shift is given. Mirrors
 * tf.nn.sufficient_statistics.
 */
export function sufficientStatistics(
  x: TensorLike,
  axes: readonly number[],
  options: MomentsOptions & { readonly shift?: TensorLike | null } = {},
): SufficientStatistics {
  const { shift: given = null, keepdims = false, name } = options;
  const distinct = [...new Set(axes)];
  return composite(name, 'sufficient_statistics', [x, given], () => {
    const input = convertToTensor(x, { name: 'x' });
    const count = countOver(input, distinct);
    const shift = given === null ? null : convertToTensor(given, { name: 'shift' });
    const values = shift === null ? input : subtract(input, shift);
    const squares = shift === null ? square(input) : squaredDifference(input, shift);
    const meanSs = reduceSum(values, distinct, { keepdims, name: 'mean_ss' });
    const varianceSs = reduceSum(squares, distinct, { keepdims, name: 'var_ss' });
    return { count, meanSs, varianceSs, shift };
  });
}

function countOver(input: Tensor, axes: readonly number[]): Tensor {
  const { dims } = input.shape;
  const lengths = dims && axes.map((axis) => dims.at(axis) ?? null);
  if (lengths?.every((length) => length !== null)) {
    return constant(
      lengths.reduce((product, length) => product * length, 1),
      { dtype: input.dtype },
    );
  }
  const dimensions = rank(input);
  const positive = axes.map((axis) => (axis < 0 ? dimensions.radd(axis) : axis));
  const indices = positive.every((axis) => typeof axis === 'number') ? Int32Array.from(positive as number[]) : positive;
  return reduceProd(gather(cast(shape(input), input.dtype), indices as TensorLike), null, { name: 'count' });
}

/** `[mean, variance]` from sufficient statistics. Mirrors tf.nn.normalize_moments. */
export function normalizeMoments(
  counts: TensorLike,
  meanSs: TensorLike,
  varianceSs: TensorLike,
  shift: TensorLike | null,
  { name }: { name?: string } = {},
): [mean: Tensor, variance: Tensor] {
  return composite(name, 'normalize', [counts, meanSs, varianceSs, shift], () => {
    const divisor = reciprocal(counts, { name: 'divisor' });
    const shifted = multiply(meanSs, divisor, { name: shift === null ? 'mean' : 'shifted_mean' });
    const mean = shift === null ? shifted : add(shifted, shift, { name: 'mean' });
    const variance = subtract(multiply(varianceSs, divisor), square(shifted), { name: 'variance' });
    return [mean, variance];
  });
}
