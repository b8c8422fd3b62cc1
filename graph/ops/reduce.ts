/**
 * Ops: reductions over axes, and the positions of extremes.
 *
 * Scans are in graph/ops/scan.ts; reductions composed of several ops (variance, log-sum-exp, norms) in lib/math.
 */
import { applyUnary } from '../applyOp';
import { constantIn, graphFromInputs, type TensorLike } from '../convert';
import { type DType, int32 } from '../dtypes';
import { NdArray } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type Gradient, none, type OpDefinition } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import { constantValue } from '../staticValue';
import { Tensor } from '../tensor';
import { maximum } from './binary';
import { broadcastTo } from './broadcast';
import { cast } from './cast';
import { equal } from './compare';
import type { NameOptions } from './elementwise';
import { prodGradient } from './prodGradient';
import { range, rank, shape, size } from './shapes';
import { ones } from './source';

const anyNumber =
  'float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64';
const anyReal = 'float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64';

/** The input's shape without, or with length 1 at, the reduced axes. */
function reducedStaticShape(c: ShapeContext): TensorShape[] {
  c.withRankAtMost(c.shape(1), 1);
  const keep = c.attr<boolean>('keep_dims');
  const { dims } = c.shape(0);
  const axes = c.value(1);
  if (axes === null || dims === null) {
    return [keep && dims !== null ? new TensorShape(dims.map(() => null)) : unknownShape];
  }
  const reduced = new Set(
    Array.from(axes.data as ArrayLike<number | bigint>, Number).map((axis) => {
      if (axis < -dims.length || axis >= dims.length)
        c.fail(`Invalid reduction dimension ${axis} for input with ${dims.length} dimensions.`);
      return axis < 0 ? axis + dims.length : axis;
    }),
  );
  return [new TensorShape(dims.flatMap<Dimension>((dim, i) => (reduced.has(i) ? (keep ? [1] : []) : [dim])))];
}

function reduction(types: string, gradient: OpDefinition['gradient']): OpDefinition {
  return {
    signature: `(input: T, reduction_indices: Tidx) -> (output: T)
      keep_dims: bool = false
      T: {${types}}
      Tidx: {int32, int64} = int32`,
    shape: reducedStaticShape,
    gradient,
  };
}

const boolReduction: OpDefinition = {
  signature: `(input: bool, reduction_indices: Tidx) -> (output: bool)
    keep_dims: bool = false
    Tidx: {int32, int64} = int32`,
  shape: reducedStaticShape,
  gradient: none('the result is a bool'),
};

function argShape(c: ShapeContext): TensorShape[] {
  c.ranked(1, 0);
  const { dims } = c.shape(0);
  if (dims === null) return [unknownShape];
  if (dims.length <= 1) return [new TensorShape([])];
  const axis = c.value(1);
  if (axis === null) return [new TensorShape(dims.slice(1).map(() => null))];
  const given = Number(axis.data[0]);
  if (given < -dims.length || given >= dims.length) {
    c.fail(
      `Dimension (${given}) must be in the range [${-dims.length}, ${dims.length}), where ${dims.length} is the number of dimensions in the input.`,
    );
  }
  const at = given < 0 ? given + dims.length : given;
  return [new TensorShape(dims.filter((_, i) => i !== at))];
}

function argReduction(dimensionTypes: string, outputTypes: string): OpDefinition {
  return {
    signature: `(input: T, dimension: Tidx) -> (output: output_type)
      T: {${anyReal}, bool}
      Tidx: {${dimensionTypes}} = int32
      output_type: {${outputTypes}} = int64`,
    shape: argShape,
    gradient: none('a position is an integer'),
  };
}

/** A tensor that is fully known while building, as plain numbers. */
function knownNumbers(tensor: Tensor): number[] | null {
  const value = constantValue(tensor);
  return value && Array.from(value.data as ArrayLike<number | bigint>, Number);
}

const reshape = (tensor: Tensor, to: TensorLike): Tensor => applyUnary('Reshape', { tensor, shape: to });

/** `shape` with length 1 at the reduced axes: a list where both are known, else computed at run time. Mirrors math_ops.reduced_shape. */
export function reducedShape(inputShape: Tensor, axes: Tensor): Tensor | readonly number[] {
  const [dims, known] = [knownNumbers(inputShape), knownNumbers(axes)];
  if (dims && known) return keptShape(dims, known);
  const [lengths, indices] = [cast(inputShape, int32), cast(axes, int32)];
  const inputRank = size(lengths);
  const positive = indices.add(inputRank).mod(inputRank);
  const axesShape = shape(positive);
  return applyUnary('DynamicStitch', {
    indices: [range(inputRank), positive],
    data: [lengths, ones(axesShape, int32)],
  });
}

function keptShape(dims: readonly number[], axes: readonly number[]): number[] {
  const kept = [...dims];
  for (const axis of axes) kept[axis < 0 ? axis + dims.length : axis] = 1;
  return kept;
}

/** The gradient of a sum repeats the incoming one along the reduced axes. */
function sumGradient(op: Operation, grad: Tensor): [Tensor, null] {
  const [input, axes] = op.inputs;
  const { dims } = input.shape;
  const known = dims && knownNumbers(axes);
  const isRange =
    known && known.length === dims.length && known.every((axis, i) => axis === i) && axes.shape.rank === 1;
  if (known && isRange) {
    const single = reshape(
      grad,
      dims.map(() => 1),
    );
    const multiples = input.shape.isFullyDefined() ? int32Constant(grad, dims as number[]) : shape(input);
    return [applyUnary('Tile', { input: single, multiples }), null];
  }
  if (known && input.shape.isFullyDefined()) return [tileStatically(grad, dims as number[], known), null];
  const inputShape = shape(input);
  const { graph } = inputShape;
  const full = op.attrs.keep_dims
    ? grad
    : reshape(
        grad,
        graph.colocateWith(inputShape, {}, () => reducedShape(inputShape, axes)),
      );
  return [broadcastTo(full, inputShape), null];
}

function int32Constant(beside: TensorLike, values: readonly number[]): Tensor {
  return constantIn(graphFromInputs([beside]), NdArray.from(Int32Array.from(values)));
}

/** TensorFlow computes the multiples with two nodes that nothing reads, once per graph for each shape and axes. */
const tilings = new WeakMap<object, Set<string>>();

function tileStatically(grad: Tensor, dims: readonly number[], axes: readonly number[]): Tensor {
  const graph = graphFromInputs([grad]);
  const kept = keptShape(dims, axes);
  const done = tilings.get(graph) ?? new Set<string>();
  tilings.set(graph, done);
  const key = `${dims.join(',')};${axes.join(',')}`;
  if (!done.has(key)) {
    done.add(key);
    const divisor = maximum(Int32Array.from(kept), 1);
    divisor.rfloordiv(Int32Array.from(dims));
  }
  const multiples = dims.map((dim, i) => Math.floor(dim / Math.max(kept[i], 1)));
  return applyUnary('Tile', { input: reshape(grad, Int32Array.from(kept)), multiples: Int32Array.from(multiples) });
}

function meanGradient(op: Operation, grad: Tensor): readonly Gradient[] {
  const [sum] = sumGradient(op, grad);
  const [input, axes] = op.inputs;
  const [before, after] = [input.shape.numElements(), op.output.shape.numElements()];
  if (before !== null && after !== null) {
    const factor = Math.floor(before / Math.max(after, 1));
    return [sum.div(constantIn(graphFromInputs([sum]), NdArray.from(factor, sum.dtype))), null];
  }
  const inputShape = shape(input);
  const inputRank = size(inputShape);
  const positive = axes.add(inputRank).mod(inputRank);
  const factor = reduceProd(applyUnary('GatherV2', { params: inputShape, indices: positive, axis: 0 }));
  return [sum.div(cast(factor, sum.dtype)), null];
}

/** The gradient goes to the extreme elements, in equal shares. */
function extremeGradient(op: Operation, grad: Tensor): readonly Gradient[] {
  const [input, axes] = op.inputs;
  const inputShape = shape(input);
  const keep = op.attrs.keep_dims === true;
  const kept = keep ? shape(op.output) : reducedShape(inputShape, axes);
  const extreme = keep ? op.output : reshape(op.output, kept);
  const full = keep ? grad : reshape(grad, kept);
  const indicators = cast(equal(extreme, input), grad.dtype);
  const selected = reshape(reduceSum(indicators, axes), kept);
  return [indicators.div(selected).mul(full), null];
}

function normGradient(op: Operation, grad: Tensor): readonly Gradient[] {
  const [input, axes] = op.inputs;
  if (op.attrs.keep_dims) return [input.div(op.output.div(grad)), null];
  const kept = reducedShape(shape(input), axes);
  const norm = reshape(op.output, kept);
  return [input.div(norm.div(reshape(grad, kept))), null];
}

export const reduceOps = defineOps({
  Sum: reduction(anyNumber, sumGradient),
  Mean: reduction(anyNumber, meanGradient),
  Prod: reduction(anyNumber, prodGradient),
  Max: reduction(anyReal, extremeGradient),
  Min: reduction(anyReal, extremeGradient),
  All: boolReduction,
  Any: boolReduction,
  EuclideanNorm: reduction(anyNumber, normGradient),
  ArgMax: argReduction('int16, int32, int64', 'int16, uint16, int32, int64'),
  ArgMin: argReduction('int32, int64', 'int32, int64'),
});

export interface ReduceOptions extends NameOptions {
  /** Keep the reduced axes, with length 1. Default false. */
  readonly keepdims?: boolean;
}

/** The axes to reduce: those given, else all, as a constant where the rank is known. */
function axesOf(x: TensorLike, axis: TensorLike | null | undefined): TensorLike {
  if (axis !== null && axis !== undefined) return axis;
  // A variable's rank is known without reading it.
  const { shape: own } = x as { readonly shape?: unknown };
  const known = own instanceof TensorShape ? own.rank : null;
  if (!known) return range(0, rank(x));
  return int32Constant(
    x,
    Array.from({ length: known }, (_, i) => i),
  );
}

type Reduce = (x: TensorLike, axis?: TensorLike | null, options?: ReduceOptions) => Tensor;

const reduce =
  (type: string): Reduce =>
  (x, axis, { keepdims = false, name } = {}) => {
    const result = applyUnary(type, { input: x, reduction_indices: axesOf(x, axis), keep_dims: keepdims }, name);
    if (!keepdims && (axis === null || axis === undefined)) result.setShape([]);
    return result;
  };

/**
 * The sum over `axis`: one, several, or all axes when absent. Axes count from the end when negative.
 *
 * Mirrors tf.reduce_sum. ValueError, or InvalidArgumentError when it runs, for an axis that is out of range.
 */
export const reduceSum = reduce('Sum');

/** The mean over `axis`, as `reduceSum`; of integers cut off towards 0. Mirrors tf.reduce_mean. */
export const reduceMean = reduce('Mean');

/** The product over `axis`, as `reduceSum`. Mirrors tf.reduce_prod. */
export const reduceProd = reduce('Prod');

/** The largest element over `axis`, as `reduceSum`; -Infinity of none. Mirrors tf.reduce_max. */
export const reduceMax = reduce('Max');

/** The smallest element over `axis`, as `reduceSum`; Infinity of none. Mirrors tf.reduce_min. */
export const reduceMin = reduce('Min');

/** Whether all bools are true, over `axis` as `reduceSum`. Mirrors tf.reduce_all. */
export const reduceAll = reduce('All');

/** Whether any bool is true, over `axis` as `reduceSum`. Mirrors tf.reduce_any. */
export const reduceAny = reduce('Any');

/** The root of the sum of squares over `axis`, as `reduceSum`. Mirrors tf.math.reduce_euclidean_norm. */
export const reduceEuclideanNorm = reduce('EuclideanNorm');

export interface ArgOptions extends NameOptions {
  /** int64 (the default) or int32. */
  readonly outputType?: DType;
}

/** The position of the largest element along `axis` (default 0), of equal ones the first. Mirrors tf.argmax. */
export function argmax(input: TensorLike, axis: TensorLike = 0, { outputType, name }: ArgOptions = {}): Tensor {
  return applyUnary('ArgMax', { input, dimension: axis, output_type: outputType }, name);
}

/** The position of the smallest element along `axis` (default 0), of equal ones the first. Mirrors tf.argmin. */
export function argmin(input: TensorLike, axis: TensorLike = 0, { outputType, name }: ArgOptions = {}): Tensor {
  return applyUnary('ArgMin', { input, dimension: axis, output_type: outputType }, name);
}
