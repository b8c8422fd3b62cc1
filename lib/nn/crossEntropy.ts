/**
 * Losses of classifiers: cross-entropies with softmax and sigmoid, computed from logits so that they neither overflow
 * nor lose precision, and the Poisson loss.
 *
 * None of them reduces: they give one loss for each example (or element). Labels and logits are keywords, as in
 * TensorFlow.
 */
import { applyUnary } from '../../graph/applyOp';
import { Assert } from '../../graph/controlFlow/assert';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { float16, float32 } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { type Operation } from '../../graph/operation';
import { relu } from '../../graph/ops/activations';
import { reshape, transpose } from '../../graph/ops/array';
import { add, subtract } from '../../graph/ops/binary';
import { sliceAt } from '../../graph/ops/brackets';
import { cast } from '../../graph/ops/cast';
import { equal, logicalAnd, where } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { concat } from '../../graph/ops/joining';
import { softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from '../../graph/ops/nn';
import { reduceAll } from '../../graph/ops/reduce';
import { range, rank, shape } from '../../graph/ops/shapes';
import { slice } from '../../graph/ops/slice';
import { constant, onesLike, stopGradient, zerosLike } from '../../graph/ops/source';
import { abs, exp, log, log1p } from '../../graph/ops/unary';
import { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

export interface CrossEntropyArguments {
  readonly labels: TensorLike;
  readonly logits: TensorLike;
  readonly name?: string;
}

export interface SoftmaxCrossEntropyArguments extends CrossEntropyArguments {
  /** The axis of the classes; the last one when absent. */
  readonly axis?: number | null;
}

const isMissing = (value: unknown): boolean => value === null || value === undefined;

function requireBoth(name: string, { labels, logits }: CrossEntropyArguments): void {
  if (!isMissing(labels) && !isMissing(logits)) return;
  const text = (value: unknown) => (isMissing(value) ? 'None' : String(value));
  throw new ValueError(
    `Both \`labels\` and \`logits\` must be provided for ${name}Received: labels=${text(labels)} and logits=${text(logits)}`,
  );
}

/**
 * The cross-entropy of softmax(logits) with labels that are a distribution over classes, for each example: the shape of
 * the logits without the class axis. Gradients flow to both. Mirrors tf.nn.softmax_cross_entropy_with_logits_v2.
 */
export function softmaxCrossEntropyWithLogitsV2(args: SoftmaxCrossEntropyArguments): Tensor {
  requireBoth('softmax_cross_entropy_with_logits', args);
  const axis = args.axis ?? -1;
  return composite(args.name, 'softmax_cross_entropy_with_logits', [args.logits, args.labels], (scope) => {
    const logits = convertToTensor(args.logits, { name: 'logits' });
    const given = convertToTensor(args.labels, { name: 'labels' });
    const precise = logits.dtype === float16 ? cast(logits, float32) : logits;
    const labels = cast(given, precise.dtype);
    const dimensions = rank(precise);
    const [x, y] = axis === -1 ? [precise, labels] : [precise, labels].map((value) => toEnd(value, axis, dimensions));
    const whole = shape(x);
    const [rows, targets] = [x, y].map(flattenOuter);
    const [cost] = softmaxCrossEntropy(rows, targets, scope);
    const result = reshape(cost, slice(whole, [0], [subtract(dimensions, 1)]));
    if (logits.shape.dims !== null) result.setShape(new TensorShape(logits.shape.dims.toSpliced(axis, 1)));
    return logits.dtype === float16 ? cast(result, float16) : result;
  });
}

/**
 * `softmaxCrossEntropyWithLogitsV2` without gradients to the labels. Mirrors tf.nn.softmax_cross_entropy_with_logits of
 * version 1.
 */
export function softmaxCrossEntropyWithLogits(
  args: SoftmaxCrossEntropyArguments & { readonly dim?: number | null },
): Tensor {
  requireBoth('softmax_cross_entropy_with_logits', args);
  const { labels, logits, dim, axis } = args;
  if (!isMissing(dim) && !isMissing(axis)) throw new ValueError("Cannot specify both 'dim' and 'axis'.");
  return composite(args.name, 'softmax_cross_entropy_with_logits_sg', [logits, labels], (scope) =>
    softmaxCrossEntropyWithLogitsV2({
      labels: stopGradient(labels, { name: 'labels_stop_gradient' }),
      logits,
      axis: axis ?? dim,
      name: scope,
    }),
  );
}

function toEnd(value: Tensor, axis: number, dimensions: Tensor): Tensor {
  return transpose(value, concat([range(axis), range(axis + 1, dimensions), [axis]], 0));
}

/** The tensor as a matrix: all but the last dimension become one. */
function flattenOuter(value: Tensor): Tensor {
  const dimensions = rank(value);
  const whole = shape(value);
  const classes = slice(whole, [subtract(dimensions, 1)], [1]);
  const matrix = reshape(value, concat([[-1], classes], 0));
  const { dims } = value.shape;
  const outer = dims?.slice(0, -1);
  if (dims && outer!.every((dim) => dim !== null)) {
    matrix.setShape([(outer as number[]).reduce((product, dim) => product * dim, 1), dims.at(-1)]);
  }
  return matrix;
}

/**
 * The cross-entropy of softmax(logits) with labels that are class numbers (int32 or int64): labels have the shape of
 * the logits without their last dimension, and so have the losses. Mirrors
 * tf.nn.sparse_softmax_cross_entropy_with_logits.
 *
 * ValueError where the shapes do not fit; InvalidArgumentError while running for a label out of range.
 */
export function sparseSoftmaxCrossEntropyWithLogits(args: CrossEntropyArguments): Tensor {
  requireBoth('sparse_softmax_cross_entropy_with_logits', args);
  const { name } = args;
  const opName = name?.split('/').findLast((part) => part !== '');
  return composite(name, 'SparseSoftmaxCrossEntropyWithLogits', [args.labels, args.logits], () => {
    const labels = convertToTensor(args.labels);
    const logits = convertToTensor(args.logits);
    const precise = logits.dtype === float16 ? cast(logits, float32) : logits;
    const labelShape = shape(labels);
    const outer = logits.shape.slice(0, -1);
    const isKnown = labels.shape.isFullyDefined() && outer.isFullyDefined();
    checkSparseShapes(labels, logits, isKnown);
    const finish = (cost: Tensor) => (logits.dtype === float16 ? cast(cost, float16) : cost);
    if (logits.shape.rank === 2) return finish(sparseSoftmaxCrossEntropy(precise, labels, opName)[0]);
    const checks = isKnown ? [] : [assertSameShape(shape(labels), sliceAt(shape(logits), [[null, -1]]))];
    return logits.graph.controlDependencies(checks, () => {
      const whole = shape(logits);
      const classes = sliceAt(whole, [rank(logits).sub(1)]);
      const rows = reshape(precise, [-1, classes]);
      const targets = reshape(labels, [-1]);
      const cost = reshape(sparseSoftmaxCrossEntropy(rows, targets, opName)[0], labelShape);
      cost.setShape(labels.shape);
      return finish(cost);
    });
  });
}

function checkSparseShapes(labels: Tensor, logits: Tensor, isKnown: boolean): void {
  const [ofLabels, ofLogits] = [labels.shape, logits.shape];
  if (ofLogits.rank === 0) throw new ValueError(`\`logits\` cannot be a scalar. Received logits=${logits}\``);
  if (ofLogits.rank !== null && ofLabels.rank !== null && ofLabels.rank !== ofLogits.rank - 1) {
    throw new ValueError(
      `\`labels.shape.rank\` must equal \`logits.shape.rank - 1\`. Received: labels.shape=${ofLabels} of rank ${ofLabels.rank} and logits.shape=${ofLogits} of rank ${ofLogits.rank}`,
    );
  }
  if (isKnown && !ofLabels.equals(ofLogits.slice(0, -1))) {
    throw new ValueError(
      `\`labels.shape\` must equal \`logits.shape\` except for the last dimension. Received: labels.shape=${ofLabels} and logits.shape=${ofLogits}`,
    );
  }
}

/** The nodes of assert_equal for two shapes that are known only when the graph runs. */
function assertSameShape(x: Tensor, y: Tensor): Operation {
  // Python's assert_equal opens the scope once to compare static values, and once more for the op.
  composite(null, 'assert_equal', [x, y], () => null);
  return composite(null, 'assert_equal', [x, y], () => {
    const message = 'Condition x == y did not hold element-wise:';
    const condition = reduceAll(equal(x, y));
    const data = [message, `x (${x.name}) = `, x, `y (${y.name}) = `, y];
    return Assert(condition, data);
  });
}

function requireSameShape(labels: Tensor, logits: Tensor): void {
  if (labels.shape.isCompatibleWith(logits.shape)) return;
  throw new ValueError(
    `\`logits\` and \`labels\` must have the same shape, received (${logits.shape} vs ${labels.shape}).`,
  );
}

/**
 * The cross-entropy of sigmoid(logits) with labels in [0, 1], for each element: `max(x, 0) - x z + log(1 + exp(-|x|))`.
 *
 * Mirrors tf.nn.sigmoid_cross_entropy_with_logits. ValueError for shapes that differ.
 */
export function sigmoidCrossEntropyWithLogits(args: CrossEntropyArguments): Tensor {
  requireBoth('sigmoid_cross_entropy_with_logits', args);
  return composite(args.name, 'logistic_loss', [args.logits, args.labels], (scope) => {
    const logits = convertToTensor(args.logits, { name: 'logits' });
    const labels = convertToTensor(args.labels, { name: 'labels' });
    requireSameShape(labels, logits);
    // Selections instead of max and abs, which have no gradient at 0.
    const zeros = zerosLike(logits);
    const isPositive = logits.greaterEqual(zeros);
    const positive = where(isPositive, logits, zeros);
    const negative = where(isPositive, logits.neg(), logits);
    return add(positive.sub(logits.mul(labels)), log1p(exp(negative)), { name: scope });
  });
}

/**
 * `sigmoidCrossEntropyWithLogits` with the loss of positive labels multiplied by `posWeight`.
 *
 * Mirrors tf.nn.weighted_cross_entropy_with_logits. ValueError for shapes that differ.
 */
export function weightedCrossEntropyWithLogits(
  labels: TensorLike,
  logits: TensorLike,
  posWeight: TensorLike,
  { name }: { name?: string } = {},
): Tensor {
  return composite(name, 'logistic_loss', [logits, labels], (scope) => {
    const x = convertToTensor(logits, { name: 'logits' });
    const z = convertToTensor(labels, { name: 'labels' });
    requireSameShape(z, x);
    const extra = typeof posWeight === 'number' ? posWeight - 1 : convertToTensor(posWeight).sub(1);
    const weight = (typeof extra === 'number' ? z.rmul(extra) : extra.mul(z)).radd(1);
    const unlabelled = z.rsub(1).mul(x);
    const loss = log1p(exp(abs(x).neg())).add(relu(x.neg()));
    return add(unlabelled, weight.mul(loss), { name: scope });
  });
}

export interface LogPoissonLossOptions {
  /** Add Stirling's approximation of the term that does not depend on the input. */
  readonly computeFullLoss?: boolean;
  readonly name?: string;
}

/**
 * The Poisson loss of the logarithm of a prediction: `exp(c) - z c`, for each element. Mirrors tf.nn.log_poisson_loss.
 *
 * ValueError for shapes that differ.
 */
export function logPoissonLoss(targets: TensorLike, logInput: TensorLike, options: LogPoissonLossOptions = {}): Tensor {
  return composite(options.name, 'log_poisson_loss', [logInput, targets], () => {
    const input = convertToTensor(logInput, { name: 'log_input' });
    const z = convertToTensor(targets, { name: 'targets' });
    if (!z.shape.isCompatibleWith(input.shape)) {
      throw new ValueError(
        `\`log_input\` and \`targets\` must have the same shape, received (${input.shape} vs ${z.shape}).`,
      );
    }
    const loss = exp(input).sub(input.mul(z));
    if (!options.computeFullLoss) return loss;
    const half = constant(0.5, { dtype: z.dtype });
    const circle = constant(2 * Math.PI, { dtype: z.dtype });
    const stirling = z
      .mul(log(z))
      .sub(z)
      .add(half.mul(log(circle.mul(z))));
    const [zeros, ones] = [zerosLike(z), onesLike(z)];
    const isSmall = logicalAnd(z.greaterEqual(zeros), z.lessEqual(ones));
    return loss.add(applyUnary('Select', { condition: isSmall, t: zeros, e: stirling }));
  });
}
