/**
 * Twins of the programs of spec/golden/ops.py about reductions, scans, norms and clipping.
 */

import { applyUnary } from '../../../graph/applyOp';
import { bool, type DType, float32, int32 } from '../../../graph/dtypes';
import * as reduce from '../../../graph/ops/reduce';
import { cumprod, cumsum } from '../../../graph/ops/scan';
import { placeholder } from '../../../graph/ops/source';
import { clipByAverageNorm, clipByGlobalNorm, clipByNorm, clipByValue, globalNorm } from '../../../lib/math/clip';
import { norm } from '../../../lib/math/norm';
import { countNonzero, reduceLogsumexp, reduceStd, reduceVariance } from '../../../lib/math/reductions';
import { goldenCases, readGoldens } from '../../support/golden';

const input = (shape: (number | null)[] | null, name = 'x', dtype: DType = float32) =>
  placeholder(dtype, shape, { name });
const matrix = () => input([2, 3]);
const batch = () => input([null, 3]);
const { reduceSum, reduceMean, reduceMax, reduceMin, reduceProd, reduceAll, reduceAny, argmax, argmin } = reduce;

const twins = {
  reduce_all_axes: () => {
    const x = matrix();
    return [reduceSum(x), reduceMean(x), reduceMax(x), reduceMin(x), reduceProd(x)];
  },
  reduce_axis: () => {
    const x = batch();
    return [reduceSum(x, 0), reduceMean(x, 1), reduceMax(x, -1), reduceMin(x, [0, 1]), reduceProd(x, [1])];
  },
  reduce_keepdims: () => {
    const x = batch();
    return [
      reduceSum(x, 1, { keepdims: true }),
      reduceMean(x, null, { keepdims: true }),
      reduceMax(x, [0], { keepdims: true }),
    ];
  },
  reduce_dynamic_rank: () => {
    const x = input(null);
    return [reduceSum(x), reduceMean(x, 0), reduceMax(x, null, { name: 'largest' })];
  },
  reduce_bool: () => {
    const b = input([2, 3], 'b', bool);
    return [reduceAll(b), reduceAny(b, 1), countNonzero(b), countNonzero(matrix(), 0)];
  },
  reduce_logsumexp: () => {
    const x = batch();
    return [reduceLogsumexp(x), reduceLogsumexp(x, 1), reduceLogsumexp(x, 1, { keepdims: true })];
  },
  reduce_variance: () => {
    const x = matrix();
    return [reduceVariance(x), reduceStd(x, 1)];
  },
  arg_max_min: () => {
    const x = batch();
    return [argmax(x), argmax(x, 1), argmin(x, -1, { outputType: int32 }), argmax(x, 1, { name: 'winner' })];
  },
  cumulative: () => {
    const x = batch();
    return [cumsum(x), cumsum(x, 1, { exclusive: true }), cumsum(x, -1, { reverse: true }), cumprod(x, 1)];
  },
  norms: () => {
    const x = batch();
    return [
      norm(x),
      norm(x, { axis: 1 }),
      norm(x, { ord: 1, axis: 1 }),
      norm(x, { ord: Infinity }),
      applyUnary('L2Loss', { t: x }),
    ];
  },
  clip_by_value: () => {
    const x = batch();
    const low = input([], 'low');
    return [clipByValue(x, 0, 1), clipByValue(x, low, 1, { name: 'clipped' })];
  },
  clip_by_norm: () => {
    const x = batch();
    return [clipByNorm(x, 1), clipByNorm(x, 2, { axes: [1] }), clipByAverageNorm(x, 1)];
  },
  clip_by_global_norm: () => {
    const [x, y] = [matrix(), input([4], 'y')];
    return clipByGlobalNorm([x, null, y], 5);
  },
  clip_by_global_norm_given: () => {
    const x = matrix();
    return clipByGlobalNorm([x, x], 5, { useNorm: globalNorm([x, x]), name: 'c' });
  },
};

const others = [...readGoldens('ops').keys()].filter((name) => !(name in twins));
goldenCases('ops', twins, Object.fromEntries(others.map((name) => [name, 'belongs to another spec'])));
