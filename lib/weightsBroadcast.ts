/**
 * Which weights fit which values in losses and metrics: scalars, or the same rank with each dimension 1 or equal.
 *
 * It is stricter than broadcasting: `[N]` does not fit `[N, M]`.
 */

import { Assert } from '../graph/controlFlow/assert';
import { cond } from '../graph/controlFlow/cond';
import { convertToTensor, type TensorLike } from '../graph/convert';
import { getDefaultGraph } from '../graph/defaultGraph';
import { ValueError } from '../graph/errors';
import type { Operation } from '../graph/operation';
import { expandDims } from '../graph/ops/array';
import { multiply } from '../graph/ops/binary';
import { equal } from '../graph/ops/compare';
import { composite } from '../graph/ops/composite';
import { concat } from '../graph/ops/joining';
import { setDifference } from '../graph/ops/sets';
import { rank, shape, size } from '../graph/ops/shapes';
import { noOp, onesLike } from '../graph/ops/source';
import { constantValue } from '../graph/staticValue';
import type { Tensor } from '../graph/tensor';

const PREFIX = 'weights can not be broadcast to values.';

interface Described {
  readonly tensor: Tensor;
  readonly shape: Tensor;
  readonly rank: Tensor;
}

function describe(value: TensorLike, name: string): Described {
  return composite(null, name, [value], (scope) => {
    const tensor = convertToTensor(value, { name: scope });
    return { tensor, shape: shape(tensor, { name: 'shape' }), rank: rank(tensor, { name: 'rank' }) };
  });
}

function hasValidDims(weightsShape: Tensor, valuesShape: Tensor): Tensor {
  return composite(null, 'has_invalid_dims', [weightsShape, valuesShape], (scope) => {
    const values = expandDims(valuesShape, -1);
    const valid = concat([values, onesLike(values)], 1);
    const invalid = setDifference(expandDims(weightsShape, -1), valid);
    return equal(0, size(invalid.values, { name: 'num_invalid_dims' }), { name: scope });
  });
}

function hasValidShape(weights: Described, values: Described): Tensor {
  return composite(null, 'has_valid_nonscalar_shape', [weights.rank, values.rank], (scope) => {
    const isSameRank = equal(values.rank, weights.rank, { name: 'is_same_rank' });
    return cond(
      isSameRank,
      () => hasValidDims(weights.shape, values.shape),
      () => isSameRank,
      { name: scope },
    ) as Tensor;
  });
}

/** A check made while building, where shapes are known; null where a run must decide. */
function checkStatically(weights: Described, values: Described): Operation | null {
  const [a, b] = [weights.tensor.shape, values.tensor.shape];
  if (a.rank === null || b.rank === null) return null;
  if (a.rank === 0) return noOp({ name: 'static_scalar_check_success' });
  if (a.rank !== b.rank) {
    throw new ValueError(
      `${PREFIX} values.rank=${b.rank}. weights.rank=${a.rank}. values.shape=${b}. weights.shape=${a}. Received weights=${weights.tensor}, values=${values.tensor}`,
    );
  }
  const [own, target] = [constantValue(weights.shape), constantValue(values.shape)];
  if (!own || !target) return null;
  own.data.forEach((dim: unknown, i: number) => {
    if (dim !== 1 && dim !== target.data[i]) {
      throw new ValueError(
        `${PREFIX} Mismatch at dim ${i}. values.shape=[${[...target.data].join(' ')}], weights.shape=[${[...own.data].join(' ')}]. Received weights=${weights.tensor}, values=${values.tensor}`,
      );
    }
  });
  return noOp({ name: 'static_dims_check_success' });
}

/**
 * An operation that fails unless `weights` fit `values`; ValueError at once where shapes are known and do not.
 * Mirrors TensorFlow's assert_broadcastable.
 */
export function assertBroadcastable(weights: TensorLike, values: TensorLike): Operation {
  return composite(null, 'assert_broadcastable', [weights, values], (scope) => {
    const [own, target] = [describe(weights, 'weights'), describe(values, 'values')];
    const checked = checkStatically(own, target);
    if (checked) return checked;
    const isScalar = equal(0, own.rank, { name: 'is_scalar' });
    const data = [
      PREFIX,
      'weights.shape=',
      own.tensor.name,
      own.shape,
      'values.shape=',
      target.tensor.name,
      target.shape,
      'is_scalar=',
      isScalar,
    ];
    const isValid = cond(
      isScalar,
      () => isScalar,
      () => hasValidShape(own, target),
      { name: 'is_valid_shape' },
    ) as Tensor;
    return Assert(isValid, data, { name: scope });
  });
}

/** `weights` repeated to the shape of `values`. Mirrors TensorFlow's broadcast_weights. */
export function broadcastWeights(weights: Tensor, values: Tensor): Tensor {
  return composite(null, 'broadcast_weights', [weights, values], (scope) => {
    if (weights.shape.isFullyDefined() && values.shape.isFullyDefined() && weights.shape.equals(values.shape))
      return weights;
    return getDefaultGraph().controlDependencies([assertBroadcastable(weights, values)], () =>
      multiply(weights, onesLike(values), { name: scope }),
    );
  });
}
