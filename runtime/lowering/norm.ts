/**
 * Lowerings: batch normalization and its gradient, as sums per channel and maps; and normalization by neighbouring channels, as sums of
 * shifted values.
 */
import { float32 } from '../../graph/dtypes';
import type { normOps } from '../../graph/ops/norm';
import type { AxisMap } from '../ir/access';
import { apply, arg, constant, type Expression } from '../ir/expression';
import type { Value } from '../ir/value';
import { add, div, mul, sub } from './arithmetic';
import type { LowerContext, Lowering, LoweringTable } from './lowering';

const of = (value: number): Expression => constant('f32', value);

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

/** Neighbours on one side, up to which they are added one by one. */
const MOST_NEIGHBOURS = 16;

/** At each channel the sum over channels up to `radius` away, and the norm that such a sum of squares makes. */
function neighbourhood(c: LowerContext) {
  const [radius, bias, alpha, beta] = ['depth_radius', 'bias', 'alpha', 'beta'].map((name) => Number(c.attr(name)));
  const sum = (value: Value): Value => {
    const { shape } = value;
    const last = shape.length - 1;
    const wide = shape.with(last, shape[last] + 2 * radius);
    const padded = c.b.assemble(float32, wide, 0, [c.b.piece(value, [0, 0, 0, radius])]);
    const operands = Array.from({ length: 2 * radius + 1 }, (_, k) => ({
      value: padded,
      maps: shape.map((dim, axis): AxisMap => {
        const start = axis === last ? k : 0;
        return dim === 1 ? { axis: -1, step: 0, start } : { axis, step: 1, start };
      }),
    }));
    const terms = operands.map((_, k): Expression => arg(k, 'f32'));
    return c.b.mapOperands(float32, shape, operands, terms.reduce(add));
  };
  const squares = (x: Value) => c.b.map(float32, x.shape, [x], mul(arg(0, 'f32'), arg(0, 'f32')));
  const norm = (x: Value): Value =>
    c.b.map(float32, x.shape, [sum(squares(x))], add(of(bias), mul(of(alpha), arg(0, 'f32'))));
  const isPossible = c.inputs.every(
    ({ dtype, shape }) => dtype === float32 && shape.length === 4 && shape.join() === c.inputs[0].shape.join(),
  );
  return isPossible && radius >= 0 && radius <= MOST_NEIGHBOURS ? { sum, norm, alpha, beta } : null;
}

const localResponse: Lowering = (c) => {
  const around = neighbourhood(c);
  const [x] = c.inputs;
  if (!around) return null;
  const scaled = mul(arg(0, 'f32'), apply('pow', arg(1, 'f32'), of(-around.beta)));
  return c.b.map(float32, x.shape, [x, around.norm(x)], scaled);
};

const localResponseGrad: Lowering = (c) => {
  const around = neighbourhood(c);
  const [dy, x, y] = c.inputs;
  if (!around) return null;
  const { alpha, beta } = around;
  const norm = around.norm(x);
  const [a, b, n] = [arg(0, 'f32'), arg(1, 'f32'), arg(2, 'f32')];
  const indirect = c.b.map(float32, x.shape, [y, dy, norm], mul(div(mul(of(-2 * alpha * beta), a), n), b));
  const direct = mul(apply('pow', n, of(-beta)), arg(3, 'f32'));
  return c.b.map(float32, x.shape, [x, around.sum(indirect), norm, dy], add(mul(a, b), direct));
};

export const normLowerings: LoweringTable<typeof normOps> = {
  FusedBatchNorm: normalize(1),
  FusedBatchNormV2: normalize(2),
  FusedBatchNormV3: normalize(3),
  FusedBatchNormGrad: normalizeGrad,
  FusedBatchNormGradV2: normalizeGrad,
  FusedBatchNormGradV3: normalizeGrad,
  LRN: localResponse,
  LRNGrad: localResponseGrad,
};
