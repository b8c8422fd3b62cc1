/**
 * Clipping tensors to bounds and to norms, alone and together. What a tensor may be, IndexedSlices may be too: their
 * values are clipped.
 */
import { applyUnary } from '../../graph/applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32 } from '../../graph/dtypes';
import { GraphTypeError, typeWord } from '../../graph/errors';
import { IndexedSlices } from '../../graph/indexedSlices';
import { NdArray } from '../../graph/ndarray';
import { maximum, minimum } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { where } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { stack } from '../../graph/ops/joining';
import { reduceSum } from '../../graph/ops/reduce';
import { range, rank, size } from '../../graph/ops/shapes';
import { identity, onesLike } from '../../graph/ops/source';
import { rsqrt, sqrt } from '../../graph/ops/unary';
import { Tensor } from '../../graph/tensor';

export interface ClipOptions {
  readonly name?: string;
}

type Clippable = TensorLike | IndexedSlices;

/** The numbers to clip: of slices their values. */
function valuesOf(t: Clippable, name: string): Tensor {
  return convertToTensor(t instanceof IndexedSlices ? t.values : t, { name });
}

/** Clipped values as what they came in. */
function like(t: Clippable, values: Tensor): Tensor | IndexedSlices {
  return t instanceof IndexedSlices ? new IndexedSlices(values, t.indices, t.denseShape) : values;
}

/** The scalar 1 of the dtype of `beside`. */
function one(beside: Tensor): Tensor {
  return constantIn(getDefaultGraph(), NdArray.from(1, beside.dtype));
}

/**
 * Elements below `clipValueMin` become it, elements above `clipValueMax` that. The bounds are scalars or broadcast to t.
 *
 * Mirrors tf.clip_by_value. ValueError when a bound would broadcast t.
 */
export function clipByValue(
  t: IndexedSlices,
  clipValueMin: TensorLike,
  clipValueMax: TensorLike,
  options?: ClipOptions,
): IndexedSlices;
export function clipByValue(
  t: TensorLike,
  clipValueMin: TensorLike,
  clipValueMax: TensorLike,
  options?: ClipOptions,
): Tensor;
export function clipByValue(
  t: Clippable,
  clipValueMin: TensorLike,
  clipValueMax: TensorLike,
  { name }: ClipOptions = {},
): Tensor | IndexedSlices {
  return composite(name, 'clip_by_value', [t, clipValueMin, clipValueMax], (scope) => {
    const values = valuesOf(t, 't');
    const below = minimum(values, clipValueMax);
    values.shape.assertIsCompatibleWith(below.shape);
    const clipped = maximum(below, clipValueMin, { name: scope });
    values.shape.assertIsCompatibleWith(clipped.shape);
    return like(t, clipped);
  });
}

export interface ClipByNormOptions extends ClipOptions {
  /** The axes over which norms are taken; all when absent. */
  readonly axes?: TensorLike | null;
}

/**
 * t scaled down to an L2 norm of at most `clipNorm`, over `axes`.
 *
 * Mirrors tf.clip_by_norm. ValueError when the norm would broadcast t.
 */
export function clipByNorm(t: IndexedSlices, clipNorm: TensorLike, options?: ClipByNormOptions): IndexedSlices;
export function clipByNorm(t: TensorLike, clipNorm: TensorLike, options?: ClipByNormOptions): Tensor;
export function clipByNorm(
  t: Clippable,
  clipNorm: TensorLike,
  { axes, name }: ClipByNormOptions = {},
): Tensor | IndexedSlices {
  return composite(name, 'clip_by_norm', [t, clipNorm], (scope) => {
    const values = valuesOf(t, 't');
    const squares = reduceSum(values.mul(values), axes, { keepdims: true });
    // Where all is 0 the root is taken of 1 instead, so that no gradient becomes NaN.
    const positive = squares.greater(0);
    const safe = where(positive, squares, onesLike(squares));
    const norm = where(positive, sqrt(safe), squares);
    const scaled = values.mul(clipNorm);
    values.shape.assertIsCompatibleWith(scaled.shape);
    return like(t, identity(scaled.div(maximum(norm, clipNorm)), { name: scope }));
  });
}

/** t scaled down to an L2 norm per element of at most `clipNorm`. Mirrors tf.clip_by_average_norm. */
export function clipByAverageNorm(t: TensorLike, clipNorm: TensorLike, { name }: ClipOptions = {}): Tensor {
  return composite(name, 'clip_by_average_norm', [t, clipNorm], (scope) => {
    const values = convertToTensor(t, { name: 't' });
    const count = cast(size(values), float32);
    const inverse = rsqrt(reduceSum(values.mul(values), range(rank(values))));
    const scaled = values.mul(clipNorm);
    const perElement = inverse.mul(count);
    const bound = constantIn(getDefaultGraph(), NdArray.from(1, float32)).div(clipNorm);
    return identity(scaled.mul(minimum(perElement, bound)), { name: scope });
  });
}

function checkList(tensors: unknown): asserts tensors is readonly unknown[] {
  if (!Array.isArray(tensors))
    throw new GraphTypeError(`\`t_list\` should be a sequence of tensors. Received ${typeWord(tensors)}.`);
}

/** Each of a list as a tensor; null stays null. */
const listValues = (tensors: readonly (Clippable | null)[]) =>
  tensors.map((t, i) => (t === null ? null : valuesOf(t, `t_${i}`)));

/** The L2 norm of all elements of several tensors; nulls are left out. Mirrors tf.global_norm. TypeError unless it is a list. */
export function globalNorm(tensors: readonly (Clippable | null)[], { name }: ClipOptions = {}): Tensor {
  checkList(tensors);
  return composite(
    name,
    'global_norm',
    tensors.filter((t) => t !== null),
    () => {
      const graph = getDefaultGraph();
      const given = listValues(tensors).filter((value) => value !== null);
      const halves = given.map((value) => graph.colocateWith(value, {}, () => applyUnary('L2Loss', { t: value })));
      const half = reduceSum(stack(halves));
      const two = constantIn(graph, NdArray.from(2, half.dtype));
      return sqrt(half.mul(two), { name: 'global_norm' });
    },
  );
}

export interface ClipByGlobalNormOptions extends ClipOptions {
  /** The norm to clip by, if it is known already. Default: `globalNorm` of the list. */
  readonly useNorm?: Tensor;
}

/**
 * Tensors scaled down together to a common L2 norm of at most `clipNorm`; nulls stay null. Gives the list and the norm
 * before. If the norm is not finite, all elements become NaN.
 *
 * Mirrors tf.clip_by_global_norm. TypeError unless it is a list.
 */
export function clipByGlobalNorm<T extends Clippable | null>(
  tensors: readonly T[],
  clipNorm: TensorLike,
  { useNorm, name }: ClipByGlobalNormOptions = {},
): [(T extends null ? null : T extends IndexedSlices ? IndexedSlices : Tensor)[], Tensor] {
  checkList(tensors);
  const norm = useNorm ?? globalNorm(tensors, { name });
  const clipped = composite(name, 'clip_by_global_norm', [...tensors.filter((t) => t !== null), clipNorm], (scope) => {
    const inverse = norm.rdiv(1);
    const smallest = minimum(inverse, one(norm).div(clipNorm));
    const finite = clipNorm instanceof Tensor ? clipNorm.mul(smallest) : smallest.rmul(clipNorm);
    // The difference is 0, or NaN where the norm is not finite.
    const scale = finite.add(norm.sub(norm));
    return listValues(tensors).map((value, i) => {
      if (value === null) return null;
      const scaled = getDefaultGraph().colocateWith(value, {}, () =>
        identity(value.mul(cast(scale, value.dtype)), { name: `${scope}_${i}` }),
      );
      return like(tensors[i] as Clippable, scaled);
    });
  });
  return [clipped as never, norm];
}
