/**
 * Penalties on the size of weights. Mirrors tf.keras.regularizers.
 */
import { applyUnary } from '../graph/applyOp';
import { constantIn } from '../graph/convert';
import { getDefaultGraph } from '../graph/defaultGraph';
import { ValueError } from '../graph/errors';
import { NdArray } from '../graph/ndarray';
import { add } from '../graph/ops/binary';
import { reduceSum } from '../graph/ops/reduce';
import { abs } from '../graph/ops/unary';
import type { Tensor } from '../graph/tensor';
import type { Variable } from './variables/variable';

/** A function from a weight to a scalar penalty, with a configuration. */
export interface WeightRegularizer {
  (weight: Tensor | Variable): Tensor;
  getConfig(): Record<string, number>;
}

function regularizer(
  config: Record<string, number>,
  penalty: (weight: Tensor | Variable) => Tensor,
): WeightRegularizer {
  for (const value of Object.values(config)) {
    const complaint =
      typeof value !== 'number' ? 'expected an int or float value' : 'an infinite number or NaN are not valid values';
    if (!Number.isFinite(value))
      throw new ValueError(`Value ${String(value)} is not a valid regularization penalty number, ${complaint}.`);
  }
  return Object.assign((weight: Tensor | Variable) => penalty(weight), { getConfig: () => ({ ...config }) });
}

const absoluteSum = (weight: Tensor | Variable, factor: number): Tensor => reduceSum(abs(weight)).rmul(factor);
const squares = (weight: Tensor | Variable, factor: number): Tensor =>
  applyUnary('L2Loss', { t: weight }).rmul(2 * factor);

/** `factor · Σ|w|`. Default factor 0.01. Mirrors tf.keras.regularizers.l1. */
export function l1(factor = 0.01): WeightRegularizer {
  return regularizer({ l1: factor }, (weight) => absoluteSum(weight, factor));
}

/** `factor · Σw²`. Default factor 0.01. Mirrors tf.keras.regularizers.l2. */
export function l2(factor = 0.01): WeightRegularizer {
  return regularizer({ l2: factor }, (weight) => squares(weight, factor));
}

/**
 * `l1 · Σ|w| + l2 · Σw²`; a factor of 0 leaves its part out. Default factors 0.01. Mirrors tf.keras.regularizers.l1_l2.
 */
export function l1L2(factors: { readonly l1?: number; readonly l2?: number } = {}): WeightRegularizer {
  const { l1: first = 0.01, l2: second = 0.01 } = factors;
  return regularizer({ l1: first, l2: second }, (weight) => {
    let penalty = constantIn(getDefaultGraph(), NdArray.from(0, weight.dtype));
    if (first) penalty = add(penalty, absoluteSum(weight, first), { name: 'add' });
    if (second) penalty = add(penalty, squares(weight, second), { name: 'add' });
    return penalty;
  });
}
