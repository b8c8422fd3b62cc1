/**
 * `tf.metrics`: values that accumulate over runs. Each gives a pair: the value so far, and the op that adds a batch to it.
 *
 * Their variables are local: run `tf.localVariablesInitializer()` to start.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32 } from '../../graph/dtypes';
import { expandDims, squeeze } from '../../graph/ops/array';
import { divNoNan, maximum, multiply, squaredDifference } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { equal } from '../../graph/ops/compare';
import { reduceSum } from '../../graph/ops/reduce';
import { size } from '../../graph/ops/shapes';
import type { Tensor } from '../../graph/tensor';
import { removeSqueezableDimensions } from '../math/squeezable';
import { variableScope } from '../variables/variableScope';
import { broadcastWeights } from '../weightsBroadcast';
import { metricVariable } from './variables';

export interface MetricOptions {
  /** A scalar, or a tensor that fits the values; see tf.losses. */
  readonly weights?: TensorLike | null;
  /** Collections that the value is added to. */
  readonly metricsCollections?: string | readonly string[] | null;
  /** Collections that the update op is added to. */
  readonly updatesCollections?: string | readonly string[] | null;
  readonly name?: string | null;
}

/** The value so far, and the value after adding the current batch. */
export type Metric = [value: Tensor, updateOp: Tensor];

/** Weights with the values' rank, where they have one axis more or less. */
function fitWeights(weights: TensorLike, values: Tensor): Tensor {
  const own = convertToTensor(weights);
  if (own.shape.rank === null || values.shape.rank === null || own.shape.rank === 0) return own;
  const difference = own.shape.rank - values.shape.rank;
  return difference === 1 ? squeeze(own, [-1]) : difference === -1 ? expandDims(own, [-1]) : own;
}

/** The weighted mean of all values so far. Mirrors tf.compat.v1.metrics.mean. */
export function mean(values: TensorLike, options: MetricOptions = {}): Metric {
  return meanOf(values, options, 'mean');
}

function meanOf(values: TensorLike, options: MetricOptions, defaultName: string): Metric {
  return variableScope(options.name ?? null, { defaultName }, () => {
    let own = cast(values, float32);
    const total = metricVariable([], float32, 'total');
    const count = metricVariable([], float32, 'count');
    let added: Tensor;
    if (options.weights === null || options.weights === undefined) added = cast(size(own), float32);
    else {
      const weights = broadcastWeights(cast(fitWeights(options.weights, own), float32), own);
      own = multiply(own, weights);
      added = reduceSum(weights);
    }
    const updatedTotal = total.assignAdd(reduceSum(own));
    const updatedCount = getDefaultGraph().controlDependencies([own], () => count.assignAdd(added));
    const value = divNoNan(total, maximum(count, 0), { name: 'value' });
    const update = divNoNan(updatedTotal, maximum(updatedCount, 0), { name: 'update_op' });
    return collect([value, update], options);
  });
}

function collect(metric: Metric, { metricsCollections, updatesCollections }: MetricOptions): Metric {
  const graph = getDefaultGraph();
  if (metricsCollections) graph.addToCollections(metricsCollections, metric[0]);
  if (updatesCollections) graph.addToCollections(updatesCollections, metric[1]);
  return metric;
}

interface Compared {
  readonly labels: Tensor;
  readonly predictions: Tensor;
  readonly weights: Tensor | null;
}

/** Labels, predictions and weights of fitting ranks. */
function compare(labels: TensorLike, predictions: TensorLike, { weights }: MetricOptions): Compared {
  const squeezed = removeSqueezableDimensions(labels, predictions);
  squeezed.predictions.shape.assertIsCompatibleWith(squeezed.labels.shape);
  return {
    ...squeezed,
    weights: weights === null || weights === undefined ? null : fitWeights(weights, squeezed.predictions),
  };
}

/**
 * How often predictions equal labels. Labels or predictions may have a last axis of length 1 more than the other.
 * Mirrors tf.compat.v1.metrics.accuracy.
 */
export function accuracy(labels: TensorLike, predictions: TensorLike, options: MetricOptions = {}): Metric {
  const compared = compare(labels, predictions, options);
  const predicted = cast(compared.predictions, compared.labels.dtype);
  const isCorrect = cast(equal(predicted, compared.labels), float32);
  return meanOf(isCorrect, { ...options, weights: compared.weights, name: options.name ?? 'accuracy' }, 'mean');
}

/** The mean of squared differences. Mirrors tf.compat.v1.metrics.mean_squared_error. */
export function meanSquaredError(labels: TensorLike, predictions: TensorLike, options: MetricOptions = {}): Metric {
  const compared = compare(labels, predictions, options);
  const errors = squaredDifference(compared.labels, compared.predictions);
  return meanOf(errors, { ...options, weights: compared.weights, name: options.name ?? 'mean_squared_error' }, 'mean');
}
