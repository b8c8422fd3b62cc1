/**
 * Ops: which elements: oneHot, where, topK, unique, set differences, bounds in sorted rows, counts.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, ownDType, type TensorLike } from '../convert';
import { asDType, bool, type DType, float32, int32, int64 } from '../dtypes';
import { GraphTypeError } from '../errors';
import { toNumbers } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, none } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { expandDims, reshape } from './array';
import { sliceAt } from './brackets';
import { composite } from './composite';
import { gather } from './gather';
import { stack } from './joining';
import { scatterNd } from './scatter';
import { range, shape as shapeOf, size as sizeOf } from './shapes';
import { zeros } from './source';

const unknownVector = new TensorShape([null]);

const TOP_K_TYPES = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';

export const pickingOps = defineOps({
  OneHot: {
    signature: `(indices: TI, depth: int32, on_value: T, off_value: T) -> (output: T)
      axis: int = -1
      T: type
      TI: {uint8, int8, int32, int64} = int64`,
    shape: oneHotShape,
    gradient: none('indices are integers; TensorFlow lets none through the values'),
  },
  Where: {
    signature: `(input: T) -> (index: int64)
      T: {float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64, bool} = bool`,
    shape: (c) => [new TensorShape([null, c.shape(0).rank])],
    gradient: none('positions are integers'),
  },
  TopKV2: {
    signature: `(input: T, k: Tk) -> (values: T, indices: index_type)
      sorted: bool = true
      T: ${TOP_K_TYPES}
      Tk: {int16, int32, int64} = int32
      index_type: {int16, int32, int64} = int32`,
    shape: (c) => topKShape(c, dimensionInput(c, 1)),
    gradient: (op, grad) => {
      const forInput = topKGradient(op, grad);
      return [forInput, zeros([], int32)];
    },
  },
  TopK: {
    signature: `(input: T) -> (values: T, indices: int32)
      k: int >= 0
      sorted: bool = true
      T: ${TOP_K_TYPES}`,
    shape: (c) => topKShape(c, Number(c.attr('k'))),
    gradient: (op, grad) => [topKGradient(op, grad)],
  },
  InTopK: {
    signature: `(predictions: float32, targets: T) -> (precision: bool)
      k: int
      T: {int32, int64} = int32`,
    shape: inTopKShape,
    gradient: none('the answer is true or false'),
  },
  InTopKV2: {
    signature: `(predictions: float32, targets: T, k: T) -> (precision: bool)
      T: {int32, int64} = int32`,
    shape: inTopKShape,
    gradient: none('the answer is true or false'),
  },
  Unique: {
    signature: `(x: T) -> (y: T, idx: out_idx)
      T: type
      out_idx: {int32, int64} = int32`,
    shape: (c) => [unknownVector, c.ranked(0, 1)],
    gradient: none('TensorFlow has none'),
  },
  UniqueV2: {
    signature: `(x: T, axis: Taxis) -> (y: T, idx: out_idx)
      T: type
      Taxis: {int32, int64} = int64
      out_idx: {int32, int64} = int32`,
    shape: uniqueAlongShape,
    gradient: none('TensorFlow has none'),
  },
  UniqueWithCounts: {
    signature: `(x: T) -> (y: T, idx: out_idx, count: out_idx)
      T: type
      out_idx: {int32, int64} = int32`,
    shape: (c) => [unknownVector, c.ranked(0, 1), unknownVector],
    gradient: none('TensorFlow has none'),
  },
  ListDiff: {
    signature: `(x: T, y: T) -> (out: T, idx: out_idx)
      T: type
      out_idx: {int32, int64} = int32`,
    shape: (c) => {
      c.ranked(0, 1);
      c.ranked(1, 1);
      return [unknownVector, unknownVector];
    },
    gradient: none('TensorFlow has none'),
  },
  LowerBound: {
    signature: `(sorted_inputs: T, values: T) -> (output: out_type)
      T: type
      out_type: {int32, int64} = int32`,
    shape: boundShape,
    gradient: none('positions are integers'),
  },
  UpperBound: {
    signature: `(sorted_inputs: T, values: T) -> (output: out_type)
      T: type
      out_type: {int32, int64} = int32`,
    shape: boundShape,
    gradient: none('positions are integers'),
  },
  Bincount: {
    signature: `(arr: int32, size: int32, weights: T) -> (bins: T)
      T: {int32, int64, float32, float64}`,
    shape: (c) => {
      c.ranked(1, 0);
      const size = c.value(1);
      const count = size && Number(size.data[0]);
      if (count !== null && count < 0) c.fail(`size (${count}) must be non-negative`);
      return [new TensorShape([count])];
    },
    gradient: none('TensorFlow has none'),
  },
});

/** Input `index` as one dimension. */
function dimensionInput(c: ShapeContext, index: number): Dimension {
  const value = c.value(index);
  const { rank } = c.shape(index);
  if (rank !== null && rank !== 0) c.fail(`Input must be scalar but has rank ${rank}`);
  if (!value) return null;
  const dim = Number(value.data[0]);
  if (dim < 0) c.fail(`Dimension size, given by scalar input ${index}, must be non-negative but is ${dim}`);
  return dim;
}

function oneHotShape(c: ShapeContext): TensorShape[] {
  const axis = Number(c.attr('axis'));
  if (axis < -1) c.fail('axis must be >= -1');
  const depth = dimensionInput(c, 1);
  const { dims } = c.shape(0);
  if (dims === null) return [unknownShape];
  // An axis beyond the rank shows at run time, as in TensorFlow.
  if (axis > dims.length) return [unknownShape];
  return [new TensorShape(dims.toSpliced(axis === -1 ? dims.length : axis, 0, depth))];
}

function topKShape(c: ShapeContext, k: Dimension): TensorShape[] {
  const { dims } = c.withRankAtLeast(c.shape(0), 1);
  if (dims === null) return [unknownShape, unknownShape];
  const last = dims.at(-1)!;
  if (last !== null && k !== null && last < k) c.fail(`input must have last dimension >= k = ${k} but is ${last}`);
  const shape = new TensorShape([...dims.slice(0, -1), k]);
  return [shape, shape];
}

function inTopKShape(c: ShapeContext): TensorShape[] {
  const [predictions, targets] = [c.ranked(0, 2), c.ranked(1, 1)];
  return [new TensorShape([c.mergeDims(predictions.dims![0], targets.dims![0])])];
}

function uniqueAlongShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(0);
  c.ranked(1, 1);
  const value = c.value(1);
  if (!value || dims === null) return [unknownShape, unknownVector];
  const axes = toNumbers(value);
  if (axes.length > 1) c.fail('axis does not support multiple dimensions');
  if (axes.length === 0) return [unknownVector, c.ranked(0, 1)];
  const at = axes[0] < 0 ? axes[0] + dims.length : axes[0];
  if (at < 0 || at >= dims.length) c.fail(`axis expects to be in the range [${-dims.length}, ${dims.length})`);
  // TensorFlow keeps no dimension, not even those beside the axis.
  return [new TensorShape(dims.map(() => null)), new TensorShape([dims[at]])];
}

function boundShape(c: ShapeContext): TensorShape[] {
  c.ranked(0, 2);
  return [c.ranked(1, 2)];
}

/** The gradient written to where the values came from. */
function topKGradient(op: Operation, grad: Tensor): Tensor {
  const [input, indices] = [op.inputs[0], op.outputs[1]];
  const cast = (x: Tensor, DstT: DType) => applyUnary('Cast', { x, DstT });
  const inShape = shapeOf(input);
  const indexShape = shapeOf(indices);
  const last = (shape: Tensor) => {
    const wide = cast(shape, int64);
    return gather(wide, applyUnary('Sub', { x: sizeOf(shape), y: 1 }, 'sub'));
  };
  const flat = reshape(indices, stack([-1, last(indexShape)]));
  const width = last(inShape);
  const rows = sliceAt(shapeOf(flat), [0]);
  const end = applyUnary('Mul', { x: cast(rows, int64), y: width }, 'mul');
  const offsets = cast(expandDims(range(0, end, width), -1), indices.dtype);
  const linear = reshape(applyUnary('AddV2', { x: flat, y: offsets }, 'add'), [-1]);
  const column = expandDims(linear, -1);
  const updates = reshape(grad, [-1]);
  const total = applyUnary('Prod', { input: inShape, reduction_indices: convertToTensor(Int32Array.of(0)) });
  const size = indices.dtype === int32 ? total : cast(total, indices.dtype);
  return reshape(scatterNd(column, updates, [size]), inShape);
}

interface Named {
  readonly name?: string;
}

export interface OneHotOptions extends Named {
  readonly onValue?: TensorLike;
  readonly offValue?: TensorLike;
  /** Where the new axis goes; -1 (the default) is last. */
  readonly axis?: number;
  /** Default: that of the values, else float32. */
  readonly dtype?: DType;
}

/**
 * For each index a row of `depth` values: `onValue` at the index, `offValue` elsewhere; nothing on for an index out of range.
 *
 * Mirrors tf.one_hot. TypeError when the values' dtypes disagree.
 */
export function oneHot(indices: TensorLike, depth: TensorLike, options: OneHotOptions = {}): Tensor {
  const { onValue, offValue, axis = -1, dtype, name } = options;
  return composite(name, 'one_hot', [indices, depth, onValue, offValue], (scope) => {
    const wanted = dtype ? asDType(dtype) : (ownDType(onValue) ?? ownDType(offValue));
    const given = (value: TensorLike | undefined) =>
      value === undefined ? null : convertToTensor(value, ownDType(value) === undefined ? { dtype: wanted } : {});
    const [on, off] = [given(onValue), given(offValue)];
    for (const [value, what] of [
      [on, 'on_value'],
      [off, 'off_value'],
    ] as const) {
      if (value && wanted && value.dtype !== wanted) {
        throw new GraphTypeError(`dtype ${value.dtype} of ${what} does not match dtype parameter ${wanted}`);
      }
    }
    const target = wanted ?? on?.dtype ?? off?.dtype ?? float32;
    const onTensor = on ?? convertToTensor(target === bool ? true : 1, { dtype: target, name: 'on_value' });
    const offTensor = off ?? convertToTensor(target === bool ? false : 0, { dtype: target, name: 'off_value' });
    if (onTensor.dtype !== offTensor.dtype) {
      throw new GraphTypeError(
        `dtype ${onTensor.dtype} of on_value does not match dtype ${offTensor.dtype} of off_value`,
      );
    }
    return applyUnary('OneHot', { indices, depth, on_value: onTensor, off_value: offTensor, axis }, scope);
  });
}

export interface TopKOptions extends Named {
  readonly sorted?: boolean;
  readonly indexType?: DType;
}

/** The `k` largest entries of each row and their indices, largest first; of equal ones the first. Mirrors tf.math.top_k. */
export function topK(
  input: TensorLike,
  k: TensorLike = 1,
  { sorted, indexType, name }: TopKOptions = {},
): { values: Tensor; indices: Tensor } {
  const [values, indices] = applyOp(
    'TopKV2',
    { input, k, sorted, index_type: indexType && asDType(indexType) },
    name,
  ).outputs;
  return { values, indices };
}

/** Whether each target is among the `k` largest predictions of its row. Mirrors tf.compat.v1.nn.in_top_k. */
export function inTopK(predictions: TensorLike, targets: TensorLike, k: TensorLike, { name }: Named = {}): Tensor {
  return composite(null, 'in_top_k', [predictions, targets, k], () =>
    applyUnary('InTopKV2', { predictions, targets, k }, name),
  );
}

export interface UniqueOptions extends Named {
  readonly outIdx?: DType;
}

/** The distinct values of a vector in order of appearance, and for each element which of them it is. Mirrors tf.unique. */
export function unique(x: TensorLike, { outIdx, name }: UniqueOptions = {}): { y: Tensor; idx: Tensor } {
  const [y, idx] = applyOp('Unique', { x, out_idx: outIdx && asDType(outIdx) }, name).outputs;
  return { y, idx };
}

/** As `unique`, with how often each value appears. Mirrors tf.unique_with_counts. */
export function uniqueWithCounts(
  x: TensorLike,
  { outIdx, name }: UniqueOptions = {},
): { y: Tensor; idx: Tensor; count: Tensor } {
  const [y, idx, count] = applyOp('UniqueWithCounts', { x, out_idx: outIdx && asDType(outIdx) }, name).outputs;
  return { y, idx, count };
}

/** The values of `x` that are not in `y`, and where they stand in `x`. Mirrors tf.compat.v1.setdiff1d. */
export function setdiff1d(
  x: TensorLike,
  y: TensorLike,
  { outIdx, name }: UniqueOptions = {},
): { out: Tensor; idx: Tensor } {
  const [out, idx] = applyOp('ListDiff', { x, y, out_idx: outIdx && asDType(outIdx) }, name).outputs;
  return { out, idx };
}
