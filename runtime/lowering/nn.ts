/**
 * Lowerings: bias, softmax and the cross-entropies that are computed with it, and the L2 loss. Softmax and its kin are
 * reductions and maps over the same rows, which fusion makes one kernel of.
 */
import type { nnOps } from '../../graph/ops/nn';
import { apply, arg, cast, constant, type Expression, index, type ScalarType, scalarTypeOf } from '../ir/expression';
import type { Combiner, Value } from '../ir/value';
import { broadcastDims, hasCode, isComputed, isFloat } from './elementwise';
import type { LowerContext, Lowering, LoweringTable } from './lowering';

/** The bias under a shape that broadcasts to the value's: along the channels. */
const biasAdd: Lowering = (c) => {
  const [value, bias] = c.inputs;
  const rank = value.shape.length;
  const type = scalarTypeOf(value.dtype);
  if (rank < 2 || bias.shape.length !== 1 || !type || !isComputed(value.dtype)) return null;
  const axis = c.op.attrs.data_format === 'NCHW' ? 1 : rank - 1;
  if (bias.shape[0] !== value.shape[axis]) return null;
  const shaped = c.b.reshape(
    bias,
    value.shape.map((dim, i) => (i === axis ? dim : 1)),
  );
  return c.b.map(value.dtype, value.shape, [value, shaped], apply('add', arg(0, type), arg(1, type)));
};

const biasAddGrad: Lowering = (c) => {
  const [grad] = c.inputs;
  const rank = grad.shape.length;
  if (rank < 2 || !isComputed(grad.dtype) || grad.dtype.isBool) return null;
  const axis = c.op.attrs.data_format === 'NCHW' ? 1 : rank - 1;
  return c.b.reduce(
    grad,
    grad.shape.map((_, i) => i !== axis),
    'sum',
  );
};

/** Reductions along the last axis, kept as an axis of length 1, and maps over rows. */
class Rows {
  constructor(
    readonly c: LowerContext,
    readonly shape: readonly number[],
    readonly dtype: Value['dtype'],
  ) {}

  get type(): ScalarType {
    return scalarTypeOf(this.dtype)!;
  }

  map(values: readonly Value[], write: (...args: Expression[]) => Expression): Value {
    const args = values.map(({ dtype }, i) => arg(i, scalarTypeOf(dtype)!));
    return this.c.b.map(this.dtype, this.shape, values, write(...args));
  }

  reduce(value: Value, combiner: Combiner): Value {
    const last = this.shape.length - 1;
    const sums = this.c.b.reduce(
      value,
      this.shape.map((_, axis) => axis === last),
      combiner,
    );
    return this.c.b.reshape(sums, [...this.shape.slice(0, -1), 1]);
  }

  /** Numbers over the sum of their row, as TensorFlow has them: one division per row, and a product each. */
  shares(values: Value, sum: Value): Value {
    const inverse = this.perRow([sum], (total) => apply('div', constant(this.type, 1), total));
    return this.map([values, inverse], (e, factor) => apply('mul', e, factor));
  }

  /** A number per row, computed from numbers per row. */
  perRow(values: readonly Value[], write: (...args: Expression[]) => Expression): Value {
    const args = values.map((_, i) => arg(i, this.type));
    return this.c.b.map(this.dtype, [...this.shape.slice(0, -1), 1], values, write(...args));
  }
}

/** x − max(x) along the last axis, its exponential, and the sum of that. */
function exponentials(rows: Rows, x: Value): { shifted: Value; exponential: Value; sum: Value } {
  const shifted = rows.map([x, rows.reduce(x, 'max')], (a, max) => apply('sub', a, max));
  const exponential = rows.map([shifted], (a) => apply('exp', a));
  return { shifted, exponential, sum: rows.reduce(exponential, 'sum') };
}

const softmax =
  (asLog: boolean): Lowering =>
  (c) => {
    const [logits] = c.inputs;
    const type = scalarTypeOf(logits.dtype);
    if (logits.shape.length < 1 || !type || !isFloat(type) || !hasCode('exp', type) || !hasCode('log', type))
      return null;
    const rows = new Rows(c, logits.shape, logits.dtype);
    const { shifted, exponential, sum } = exponentials(rows, logits);
    if (!asLog) return rows.shares(exponential, sum);
    return rows.map([shifted, rows.perRow([sum], (total) => apply('log', total))], (a, log) => apply('sub', a, log));
  };

const crossEntropy: Lowering = (c) => {
  const [features, labels] = c.inputs;
  const shape = broadcastDims(features.shape, labels.shape);
  const type = scalarTypeOf(features.dtype);
  if (shape?.length !== 2 || !type || !isFloat(type) || !hasCode('exp', type) || !hasCode('log', type)) return null;
  const rows = new Rows(c, shape, features.dtype);
  const { shifted, exponential, sum } = exponentials(rows, c.b.broadcast(features, shape));
  const log = rows.perRow([sum], (total) => apply('log', total));
  const terms = rows.map([labels, log, shifted], (y, l, a) => apply('mul', y, apply('sub', l, a)));
  const loss = c.b.reduce(terms, [false, true], 'sum');
  const backprop = rows.map([rows.shares(exponential, sum), labels], (share, y) => apply('sub', share, y));
  return [loss, backprop];
};

const sparseCrossEntropy: Lowering = (c) => {
  const [features, labels] = c.inputs;
  const type = scalarTypeOf(features.dtype);
  const labelType = scalarTypeOf(labels.dtype)!;
  const [count, classes] = features.shape;
  const fits = features.shape.length === 2 && labels.shape.length === 1 && labels.shape[0] === count && classes > 0;
  if (!fits || !type || !isFloat(type) || !hasCode('exp', type) || !hasCode('log', type)) return null;
  const label = arg(0, labelType);
  const isOutside = apply(
    'or',
    apply('lt', label, constant(labelType, 0)),
    apply('ge', label, constant(labelType, classes)),
  );
  c.guard(isOutside, labels);
  const rows = new Rows(c, features.shape, features.dtype);
  const { shifted, exponential, sum } = exponentials(rows, features);
  const column = c.b.reshape(labels, [count, 1]);
  const zero = constant(type, 0);
  const one = constant(type, 1);
  const isChosen = (y: Expression) => apply('eq', index(1), cast(y, 'i32'));
  const chosen = rows.map([shifted, column], (a, y) => apply('select', isChosen(y), a, zero));
  const loss = c.b.map(
    features.dtype,
    [count],
    [c.b.reshape(sum, [count]), c.b.reduce(chosen, [false, true], 'sum')],
    apply('sub', apply('log', arg(0, type)), arg(1, type)),
  );
  const backprop = rows.map([rows.shares(exponential, sum), column], (share, y) =>
    apply('sub', share, apply('select', isChosen(y), one, zero)),
  );
  return [loss, backprop];
};

export const nnLowerings: LoweringTable<typeof nnOps> = {
  BiasAdd: biasAdd,
  BiasAddV1: biasAdd,
  BiasAddGrad: biasAddGrad,
  L2Loss: (c) => {
    const [t] = c.inputs;
    const type = scalarTypeOf(t.dtype);
    if (!type || !isFloat(type)) return null;
    const squares = c.b.map(t.dtype, t.shape, [t], apply('mul', arg(0, type), arg(0, type)));
    const sum = c.b.reduce(
      squares,
      t.shape.map(() => true),
      'sum',
    );
    return c.b.map(t.dtype, [], [sum], apply('div', arg(0, type), constant(type, 2)));
  },
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
  SoftmaxCrossEntropyWithLogits: crossEntropy,
  SparseSoftmaxCrossEntropyWithLogits: sparseCrossEntropy,
};
