/**
 * Sorting, as TensorFlow composes it of topK, and positions in sorted sequences.
 */
import { applyUnary } from '../../graph/applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { asDType, type DType, int32 } from '../../graph/dtypes';
import { repr, ValueError } from '../../graph/errors';
import { NdArray, toNumbers } from '../../graph/ndarray';
import { reshape, transpose } from '../../graph/ops/array';
import { sliceAt } from '../../graph/ops/brackets';
import { composite } from '../../graph/ops/composite';
import { topK } from '../../graph/ops/picking';
import { tensorScatterNdUpdate } from '../../graph/ops/scatter';
import { range, rank as rankOf, shape as shapeOf } from '../../graph/ops/shapes';
import { constantValue } from '../../graph/staticValue';
import type { Tensor } from '../../graph/tensor';

export type SortDirection = 'ASCENDING' | 'DESCENDING';

export interface SortOptions {
  readonly direction?: SortDirection;
  readonly name?: string;
}

/** The elements in order along `axis`. Mirrors tf.sort. ValueError for an axis that is not known while building. */
export function sort(
  values: TensorLike,
  axis: TensorLike = -1,
  { direction = 'ASCENDING', name }: SortOptions = {},
): Tensor {
  return composite(name, 'sort', [values, axis], () => sortOrArgsort(values, axis, direction, false));
}

/** The indices that put the elements in order along `axis`; of equal elements the first comes first. Mirrors tf.argsort. */
export function argsort(
  values: TensorLike,
  axis: TensorLike = -1,
  { direction = 'ASCENDING', name }: SortOptions = {},
): Tensor {
  return composite(name, 'argsort', [values, axis], () => sortOrArgsort(values, axis, direction, true));
}

function sortOrArgsort(values: TensorLike, axis: TensorLike, direction: SortDirection, isArgsort: boolean): Tensor {
  if (direction !== 'ASCENDING' && direction !== 'DESCENDING') {
    throw new ValueError(
      `Argument \`direction\` should be one of ASCENDING, DESCENDING. Received: direction=${String(direction)}`,
    );
  }
  const axisTensor = convertToTensor(axis, { name: 'axis', preferredDtype: int32 });
  const known = constantValue(axisTensor);
  if (!known || axisTensor.shape.rank !== 0) {
    throw new ValueError(`Argument \`axis\` must be a constant scalar. Received: axis=${axisTensor}.`);
  }
  const x = convertToTensor(values, { name: 'values' });
  const at = toNumbers(known)[0];
  return direction === 'DESCENDING' ? descending(x, at, isArgsort) : ascending(x, at, isArgsort);
}

function minus(x: TensorLike, y: TensorLike): Tensor {
  return applyUnary('Sub', { x, y }, 'sub');
}

/** Downwards along the last axis, which `axis` changes places with. */
function descending(x: Tensor, axis: number, isArgsort: boolean): Tensor {
  const k = sliceAt(shapeOf(x), [axis]);
  const rank = rankOf(x);
  const staticRank = x.shape.rank;
  const isLast = axis === -1 || axis + 1 === staticRank;
  const swap = isLast ? null : swapWithLast(axis, staticRank, rank);
  const { values, indices } = topK(swap ? transpose(x, swap) : x, k);
  const result = isArgsort ? indices : values;
  return swap ? transpose(result, swap) : result;
}

/** The permutation that exchanges an axis and the last one. */
function swapWithLast(axis: number, staticRank: number | null, rank: Tensor): Tensor {
  if (staticRank !== null) {
    const at = axis < 0 ? axis + staticRank : axis;
    const order = Int32Array.from({ length: staticRank }, (_, i) => i);
    [order[at], order[staticRank - 1]] = [staticRank - 1, at];
    return constantIn(getDefaultGraph(), NdArray.from(order), 'transposition');
  }
  const at: TensorLike = axis < 0 ? applyUnary('AddV2', { x: axis, y: rank }, 'add') : axis;
  return tensorScatterNdUpdate(range(rank), [[at], [minus(rank, 1)]], [minus(rank, 1), at]);
}

/** Upwards is downwards of what reverses the order: the negative, or for integers what cannot overflow. */
function ascending(x: Tensor, axis: number, isArgsort: boolean): Tensor {
  const { dtype } = x;
  const flip = (value: Tensor): Tensor => {
    if (dtype.isUnsigned) return minus(NdArray.scalar(dtype, dtype.max), value);
    const negative = applyUnary('Neg', { x: value });
    return dtype.isInteger ? minus(negative, 1) : negative;
  };
  const result = descending(flip(x), axis, isArgsort);
  return isArgsort ? result : flip(result);
}

export interface SearchsortedOptions {
  readonly side?: 'left' | 'right';
  readonly outType?: DType;
  readonly name?: string;
}

/**
 * Where each value goes into the sorted rows of `sortedSequence`: before equal entries, or after them for the side `right`.
 *
 * Mirrors tf.searchsorted.
 */
export function searchsorted(
  sortedSequence: TensorLike,
  values: TensorLike,
  options: SearchsortedOptions = {},
): Tensor {
  const { side = 'left', outType = int32, name } = options;
  if (side !== 'left' && side !== 'right') {
    throw new ValueError(`Argument \`side\` must be either 'right' or 'left'. Received: \`side\` = ${repr(side)}.`);
  }
  const sequence = convertToTensor(sortedSequence);
  const wanted = convertToTensor(values, { dtype: sequence.dtype });
  const rows = (x: Tensor, width: Tensor) => reshape(x, [-1, width]);
  const [sequenceSize, valuesSize] = [sequence, wanted].map((x) => sliceAt(shapeOf(x), [-1]));
  const type = side === 'right' ? 'UpperBound' : 'LowerBound';
  const args = {
    sorted_inputs: rows(sequence, sequenceSize),
    values: rows(wanted, valuesSize),
    out_type: asDType(outType),
  };
  return reshape(applyUnary(type, args, name), shapeOf(wanted));
}
