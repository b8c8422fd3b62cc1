/**
 * Lowerings: batch normalization and its gradient, as sums per channel and maps.
 */
import { float32 } from '../../graph/dtypes';
import type { normOps } from '../../graph/ops/norm';
import { apply, arg, constant, type Expression } from '../ir/expression';
import type { Value } from '../ir/value';
import type { LowerContext, Lowering, LoweringTable } from './lowering';

const of = (value: number): Expression => constant('f32', value);
const add = (x: Expression, y: Expression) => apply('add', x, y);
const sub = (x: Expression, y: Expression) => apply('sub', x, y);
const mul = (x: Expression, y: Expression) => apply('mul', x, y);
const div = (x: Expression, y: Expression) => apply('div', x, y);

/** A tensor with its channels: sums over everything else, and maps over elements or channels. */
class Channels {
  readonly axis: number;
  readonly count: number;

  constructor(
    readonly c: LowerContext,
    readonly shape: readonly number[],
  ) {
    this.axis = c.attr<string>('data_format').startsWith('NC') ? 1 : shape.length - 1;
    this.count = shape.reduce((n, dim, i) => (i === this.axis ? n : n * dim), 1);
  }

  get size(): number {
    return this.shape[this.axis];
  }

  sum(value: Value): Value {
    return this.c.b.reduce(
      value,
      this.shape.map((_, i) => i !== this.axis),
      'sum',
    );
  }

  /** At each element; `values` of one element per channel are repeated. */
  map(values: readonly Value[], write: (...args: Expression[]) => Expression): Value {
    const along = values.map((value) =>
      value.shape.length === 1
        ? this.c.b.reshape(
            value,
            this.shape.map((dim, i) => (i === this.axis ? dim : 1)),
          )
        : value,
    );
    return this.c.b.map(float32, this.shape, along, write(...along.map((_, i) => arg(i, 'f32'))));
  }

  perChannel(values: readonly Value[], write: (...args: Expression[]) => Expression): Value {
    return this.c.b.map(float32, [this.size], values, write(...values.map((_, i) => arg(i, 'f32'))));
  }
}

function isPlain(values: readonly Value[]): boolean {
  return (
    values.every(({ dtype }) => dtype === float32) &&
    (values[0].shape.length === 4 || values[0].shape.length === 5) &&
    !values[0].shape.includes(0)
  );
}

const normalize =
  (version: 1 | 2 | 3): Lowering =>
  (c) => {
    const [x, scale, offset, givenMean, givenVariance] = c.inputs;
    if (!isPlain(c.inputs)) return null;
    const g = new Channels(c, x.shape);
    const isTraining = c.attr<boolean>('is_training');
    const factor = c.attr<number>('exponential_avg_factor');
    const isVector = ({ shape }: Value) => shape.length === 1 && shape[0] === g.size;
    if (!isVector(scale) || !isVector(offset)) return null;
    if ((!isTraining || factor !== 1) && !(isVector(givenMean) && isVector(givenVariance))) return null;
    let [mean, variance] = [givenMean, givenVariance];
    if (isTraining) {
      mean = g.perChannel([g.sum(x)], (sum) => div(sum, of(g.count)));
      const squares = g.map([x, mean], (a, m) => mul(sub(a, m), sub(a, m)));
      variance = g.perChannel([g.sum(squares)], (sum) => div(sum, of(g.count)));
    }
    const epsilon = of(c.attr<number>('epsilon'));
    const inverse = g.perChannel([variance], (v) => div(of(1), apply('sqrt', add(v, epsilon))));
    const y = g.map([x, mean, inverse, scale, offset], (a, m, i, s, b) => add(mul(mul(sub(a, m), i), s), b));
    const unbiased = isTraining
      ? g.perChannel([variance], (v) => mul(v, of(g.count / Math.max(g.count - 1, 1))))
      : variance;
    const averaged = (old: Value, now: Value) =>
      isTraining && factor !== 1
        ? g.perChannel([old, now], (o, n) => add(mul(of(1 - factor), o), mul(of(factor), n)))
        : now;
    const saved = (value: Value) => (isTraining ? value : c.b.fill(float32, [g.size], 0));
    const outputs = [y, averaged(givenMean, mean), averaged(givenVariance, unbiased), saved(mean), saved(variance)];
    return version === 3 ? [...outputs, c.b.fill(float32, [], 0)] : outputs;
  };

const normalizeGrad: Lowering = (c) => {
  const [dy, x, scale, mean, variance] = c.inputs;
  if (!isPlain(c.inputs.slice(0, 5)) || dy.shape.join() !== x.shape.join()) return null;
  const g = new Channels(c, x.shape);
  const isVector = ({ shape }: Value) => shape.length === 1 && shape[0] === g.size;
  if (![scale, mean, variance].every(isVector)) return null;
  const epsilon = of(c.attr<number>('epsilon'));
  const inverse = g.perChannel([variance], (v) => div(of(1), apply('sqrt', add(v, epsilon))));
  const sums = g.sum(dy);
  const products = g.sum(g.map([dy, x, mean], (d, a, m) => mul(d, sub(a, m))));
  const share = of(c.attr<boolean>('is_training') ? 1 / g.count : 0);
  // In training mean and variance depend on x too.
  const dx = g.map([dy, x, mean, inverse, scale, sums, products], (d, a, m, i, s, sum, product) => {
    const indirect = mul(share, add(sum, mul(mul(sub(a, m), product), mul(i, i))));
    return mul(mul(s, i), sub(d, indirect));
  });
  const dscale = g.perChannel([products, inverse], (product, i) => mul(product, i));
  const nothing = c.b.fill(float32, [0], 0);
  return [dx, dscale, sums, nothing, nothing];
};

export const normLowerings: LoweringTable<typeof normOps> = {
  FusedBatchNorm: normalize(1),
  FusedBatchNormV2: normalize(2),
  FusedBatchNormV3: normalize(3),
  FusedBatchNormGrad: normalizeGrad,
  FusedBatchNormGradV2: normalizeGrad,
  FusedBatchNormGradV3: normalizeGrad,
};
