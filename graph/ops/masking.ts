/**
 * Choosing elements by masks: booleanMask and sequenceMask, as TensorFlow composes them.
 */
import { applyUnary } from '../applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { asDType, bool, type DType, int32 } from '../dtypes';
import { ValueError } from '../errors';
import { NdArray, toNumbers } from '../ndarray';
import { TensorShape } from '../shape';
import { constantValue } from '../staticValue';
import type { Tensor } from '../tensor';
import { expandDims, reshape, squeeze } from './array';
import { sliceAt } from './brackets';
import { composite } from './composite';
import { gather } from './gather';
import { concat } from './joining';
import { rank as rankOf, shape as shapeOf } from './shapes';

interface MaskOptions {
  /** The axis of the tensor at which the mask starts. Default 0. */
  readonly axis?: number | Tensor;
  readonly name?: string;
}

function knownAxis(axis: number | Tensor): number {
  if (typeof axis === 'number') return axis;
  const value = constantValue(axis);
  if (!value) throw new ValueError('The axis of a boolean mask must be known while building the graph.');
  return toNumbers(value)[0];
}

/**
 * The elements or slices of `tensor` where `mask` is true. The mask covers the axes from `axis` on.
 *
 * Mirrors tf.boolean_mask. ValueError for a scalar mask, one of unknown rank, and shapes that cannot fit.
 */
export function booleanMask(tensor: TensorLike, mask: TensorLike, { axis = 0, name }: MaskOptions = {}): Tensor {
  return composite(name, 'boolean_mask', [tensor, mask], () => {
    const x = convertToTensor(tensor, { name: 'tensor' });
    const m = convertToTensor(mask, { name: 'mask' });
    const { rank } = m.shape;
    if (rank === 0) throw new ValueError('mask cannot be scalar.');
    if (rank === null) {
      throw new ValueError(
        'Number of mask dimensions must be specified, even if some dimensions are None.  E.g. shape=[None] is ok, but shape=None is not.',
      );
    }
    const at = knownAxis(axis);
    const masked = x.shape.slice(at, at + rank);
    masked.assertIsCompatibleWith(m.shape);
    const count = applyUnary('Prod', { input: sliceAt(shapeOf(x), [[at, at + rank]]), reduction_indices: [0] });
    const flatShape = concat([sliceAt(shapeOf(x), [[null, at]]), [count], sliceAt(shapeOf(x), [[at + rank, null]])], 0);
    const flat = reshape(x, flatShape);
    flat.setShape(
      x.shape
        .slice(0, at)
        .concatenate(new TensorShape([masked.numElements()]))
        .concatenate(x.shape.slice(at + rank)),
    );
    const indices = squeeze(applyUnary('Where', { input: reshape(m, [-1]) }), 1);
    return gather(flat, indices, { axis: at });
  });
}

export interface SequenceMaskOptions {
  readonly dtype?: DType;
  readonly name?: string;
}

/**
 * For each length a row of `maxlen` values (default: the longest length), true before the length. Mirrors tf.sequence_mask.
 */
export function sequenceMask(
  lengths: TensorLike,
  maxlen?: TensorLike | null,
  { dtype = bool, name }: SequenceMaskOptions = {},
): Tensor {
  return composite(name, 'SequenceMask', [lengths, maxlen], () => {
    const given = convertToTensor(lengths, { preferredDtype: int32 });
    const limit =
      maxlen === null || maxlen === undefined ? longest(given) : convertToTensor(maxlen, { preferredDtype: int32 });
    if (limit.shape.rank !== null && limit.shape.rank !== 0) {
      throw new ValueError(
        `Argument \`maxlen\` must be scalar for sequence_mask, received \`maxlen\` = ${limit} with shape '${limit.shape}' instead`,
      );
    }
    const scalar = (value: number) => constantIn(getDefaultGraph(), NdArray.scalar(limit.dtype, value));
    const row = applyUnary('Range', { start: scalar(0), limit, delta: scalar(1) });
    const column = applyUnary('Cast', { x: expandDims(given, -1), DstT: limit.dtype });
    const mask = applyUnary('Less', { x: row, y: column });
    return asDType(dtype) === bool ? mask : applyUnary('Cast', { x: mask, DstT: asDType(dtype) });
  });
}

function longest(lengths: Tensor): Tensor {
  const longestOf = applyUnary('Max', { input: lengths, reduction_indices: allAxes(lengths) });
  return applyUnary('Maximum', { x: constantIn(getDefaultGraph(), NdArray.scalar(lengths.dtype, 0)), y: longestOf });
}

/** All axes of a tensor, as a constant where its rank is known. */
export function allAxes(tensor: Tensor): Tensor {
  const { rank } = tensor.shape;
  if (rank !== null) return constantIn(getDefaultGraph(), NdArray.from(Int32Array.from({ length: rank }, (_, i) => i)));
  return applyUnary('Range', { start: 0, limit: rankOf(tensor), delta: 1 });
}
