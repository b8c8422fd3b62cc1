/**
 * Ops: joining tensors and taking them apart: concat, split, stack, unstack.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { int32 } from '../dtypes';
import { GraphTypeError, ValueError } from '../errors';
import { toNumbers } from '../ndarray';
import { defineOps, type Gradient, none } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import { type ShapeContext, ShapeError } from '../shapeContext';
import { Tensor } from '../tensor';
import { composite } from './composite';
import { rank as rankOf, shapeN, shape as shapeOf } from './shapes';
import { identity } from './source';

export const joiningOps = defineOps({
  ConcatV2: {
    signature: `(values: N * T, axis: Tidx) -> (output: T)
      N: int >= 2
      T: type
      Tidx: {int32, int64} = int32`,
    shape: (c) => [concatShape(c, c.inputs.length - 1, 0, c.inputs.length - 1)],
    gradient: (op, grad) => [...concatGradient(op.inputs.slice(0, -1), op.inputs.at(-1)!, grad), null],
  },
  Concat: {
    signature: `(concat_dim: int32, values: N * T) -> (output: T)
      N: int >= 2
      T: type`,
    shape: (c) => [concatShape(c, 0, 1, c.inputs.length)],
    gradient: (op, grad) => [null, ...concatGradient(op.inputs.slice(1), op.inputs[0], grad)],
  },
  ConcatOffset: {
    signature: `(concat_dim: int32, shape: N * shape_type) -> (offset: N * shape_type)
      N: int >= 2
      shape_type: {int32, int64} = int32`,
    shape: (c) => c.inputs.slice(1).map((input) => input.shape),
    gradient: none('offsets are integers'),
  },
  Split: {
    signature: `(split_dim: int32, value: T) -> (output: num_split * T)
      num_split: int >= 1
      T: type`,
    shape: splitShape,
    gradient: (op, ...grads) => [null, concat(grads, op.inputs[0])],
  },
  SplitV: {
    signature: `(value: T, size_splits: Tlen, split_dim: int32) -> (output: num_split * T)
      num_split: int >= 1
      T: type
      Tlen: {int8, int32, int64} = int64`,
    shape: splitVShape,
    gradient: (op, ...grads) => [concat(grads, op.inputs[2]), null, null],
  },
  Pack: {
    signature: `(values: N * T) -> (output: T)
      N: int >= 1
      T: type
      axis: int = 0`,
    shape: packShape,
    gradient: (op, grad) => unstack(grad, { num: op.inputs.length, axis: Number(op.attrs.axis) }),
  },
  Unpack: {
    signature: `(value: T) -> (output: num * T)
      num: int >= 0
      T: type
      axis: int = 0`,
    shape: unpackShape,
    gradient: (op, ...grads) => [stack(grads, { axis: Number(op.attrs.axis) })],
  },
});

function concatShape(c: ShapeContext, axisIndex: number, start: number, end: number): TensorShape {
  c.ranked(axisIndex, 0);
  const shapes = c.inputs.slice(start, end).map((input) => input.shape);
  const rank = shapes.find((shape) => shape.rank !== null)?.rank ?? null;
  if (rank !== null) for (const shape of shapes) c.withRank(shape, rank);
  if (rank === 0) c.fail("Can't concatenate scalars (use tf.stack instead)");
  const value = c.value(axisIndex);
  if (!value) return rank === null ? unknownShape : new TensorShape(new Array<null>(rank).fill(null));
  const axis = Number(value.data[0]);
  for (const shape of shapes) c.withRankAtLeast(shape, axis < 0 ? -axis : axis + 1);
  if (rank === null) return unknownShape;
  const at = axis < 0 ? axis + rank : axis;
  const parts = shapes.map((shape) => c.withRank(shape, rank));
  const around = (shape: TensorShape, from: number, to: number) => new TensorShape(shape.dims!.slice(from, to));
  // From the last input to the first, as TensorFlow merges them: messages name them in this order.
  const last = parts.at(-1)!;
  let [before, middle, after] = [around(last, 0, at), last.dims![at], around(last, at + 1, rank)];
  for (const shape of parts.slice(0, -1).reverse()) {
    const dim = shape.dims![at];
    before = c.merge(around(shape, 0, at), before);
    middle = middle === null || dim === null ? null : middle + dim;
    after = c.merge(around(shape, at + 1, rank), after);
  }
  return new TensorShape([...before.dims!, middle, ...after.dims!]);
}

/** The gradients of the concatenated tensors: slices of `grad`. */
function concatGradient(values: readonly Tensor[], axis: Tensor, grad: Tensor): Gradient[] {
  const positive = applyUnary('FloorMod', { x: axis, y: rankOf(values[0]) }, 'mod');
  const sizes = shapesOf(values);
  if (sizes.length > 16) {
    const lengths = applyUnary('Slice', { input: stack(sizes, { axis: 1 }), begin: [positive, 0], size: [1, -1] });
    return [...split(grad, applyUnary('Squeeze', { input: lengths }), { axis: positive, num: sizes.length })];
  }
  const offsets = applyOp('ConcatOffset', { concat_dim: positive, shape: sizes }).outputs;
  return sizes.map((size, i) => applyUnary('Slice', { input: grad, begin: offsets[i], size }));
}

/** The shapes of all values: as constants if all of them are known, else by one ShapeN. */
function shapesOf(values: readonly Tensor[]): readonly Tensor[] {
  const sizes: Tensor[] = [];
  for (const value of values) {
    const size = shapeOf(value);
    if (size.op.type !== 'Const') return shapeN(values);
    sizes.push(size);
  }
  return sizes;
}

/** The axis that input `index` names, counted from the front; null where it or the rank is unknown. */
function axisFromInput(c: ShapeContext, index: number, rank: number | null): number | null {
  const value = c.value(index);
  const indexRank = c.shape(index).rank;
  if (indexRank !== null && indexRank !== 0) c.fail(`Input must be scalar but has rank ${indexRank}`);
  if (!value) return null;
  const axis = Number(value.data[0]);
  if (rank === null) return axis < 0 ? null : axis;
  if (axis < -rank || axis >= rank) {
    c.fail(`Dimension size, given by scalar input ${axis} must be in range [-${rank}, ${rank})`);
  }
  return axis < 0 ? axis + rank : axis;
}

function splitShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(1);
  const axis = axisFromInput(c, 0, dims?.length ?? null);
  const count = c.outputTypes.length;
  const all = (shape: TensorShape) => c.outputTypes.map(() => shape);
  if (dims === null) return all(unknownShape);
  if (axis === null) return all(new TensorShape(dims.map(() => null)));
  const dim = dims[axis];
  if (dim !== null && dim % count !== 0) {
    throw new ShapeError(
      `Dimension size must be evenly divisible by ${count} but is ${dim}\n\tNumber of ways to split should evenly divide the split dimension`,
    );
  }
  return all(new TensorShape(dims.with(axis, dim === null ? null : dim / count)));
}

function splitVShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(0);
  if (dims?.length === 0) c.fail("Can't split scalars");
  const sizes = c.value(1);
  const axis = axisFromInput(c, 2, dims?.length ?? null);
  if (dims === null) return c.unknown();
  if (axis === null) return c.outputTypes.map(() => new TensorShape(dims.map(() => null)));
  if (!sizes) return c.outputTypes.map(() => new TensorShape(dims.with(axis, null)));
  return splitSizes(c, toNumbers(sizes), dims[axis]).map((size) => new TensorShape(dims.with(axis, size)));
}

/** The sizes of the pieces with a -1 resolved; they must add up to the dimension where it is known. */
function splitSizes(c: ShapeContext, sizes: readonly number[], whole: Dimension): Dimension[] {
  if (sizes.length !== c.outputTypes.length) c.fail('Length of size_splits should be equal to num_outputs');
  const open = sizes.filter((size) => size === -1).length;
  if (open > 1) c.fail('size_splits can only have one -1');
  const total = sizes.reduce((sum, size) => (size === -1 ? sum : sum + size), 0);
  const resolved = sizes.map((size, i) => {
    const found = size === -1 && whole !== null ? whole - total : size;
    if (found < -1 || (found === -1 && whole !== null)) c.fail(`Split size at index ${i} must be >= 0. Got: ${found}`);
    return found === -1 ? null : found;
  });
  if (whole !== null && (open > 0 ? total > whole : total !== whole)) {
    c.fail(`can't split axis of size ${whole} into pieces of size [${sizes.join(',')}]`);
  }
  return resolved;
}

function packAxis(c: ShapeContext, rank: number): number {
  const axis = Number(c.attr('axis'));
  if (axis < -rank || axis >= rank) c.fail(`Invalid axis: ${axis}; must be in [${-rank},${rank})`);
  return axis < 0 ? axis + rank : axis;
}

function packShape(c: ShapeContext): TensorShape[] {
  let shape = c.shape(c.inputs.length - 1);
  for (let i = c.inputs.length - 2; i >= 0; i--) {
    try {
      shape = c.merge(c.shape(i), shape);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`${error.message}\n\tFrom merging shape ${i} with other shapes.`);
    }
  }
  if (shape.dims === null) return [unknownShape];
  return [new TensorShape(shape.dims.toSpliced(packAxis(c, shape.dims.length + 1), 0, c.inputs.length))];
}

function unpackShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(0);
  if (dims === null) return c.unknown();
  const axis = packAxis(c, dims.length);
  const dim = dims[axis];
  if (dim !== null && dim !== c.outputTypes.length) c.fail(`Dimension must be ${c.outputTypes.length} but is ${dim}`);
  return c.outputTypes.map(() => new TensorShape(dims.toSpliced(axis, 1)));
}

interface Named {
  readonly name?: string;
}

/**
 * The tensors one after the other along `axis`; all their other dimensions must agree. Mirrors tf.concat.
 */
export function concat(
  values: readonly TensorLike[] | Tensor,
  axis: TensorLike,
  { name = 'concat' }: Named = {},
): Tensor {
  const list = Array.isArray(values) ? (values as readonly TensorLike[]) : [values as Tensor];
  if (list.length > 1) return applyUnary('ConcatV2', { values: list, axis }, name);
  if (list.length === 0)
    throw new ValueError("List argument 'values' to 'ConcatV2' Op with length 0 shorter than minimum length 2.");
  return composite(name, 'concat', [...list, axis], () => {
    convertToTensor(axis, { name: 'concat_dim', dtype: int32 }).shape.assertHasRank(0);
    return identity(list[0], { name });
  });
}

export interface SplitOptions extends Named {
  readonly axis?: TensorLike;
  /** How many sizes there are, where the static shape of the sizes does not tell. */
  readonly num?: number;
}

/**
 * Pieces of a tensor along `axis`: that many equal ones, or pieces of the given sizes, one of which may be -1.
 *
 * Mirrors tf.split. ValueError when the pieces do not make up the dimension, or their number is unknown.
 */
export function split(
  value: TensorLike,
  numOrSizeSplits: number | TensorLike,
  options: SplitOptions = {},
): readonly Tensor[] {
  const { axis = 0, num, name = 'split' } = options;
  if (typeof numOrSizeSplits === 'number') {
    return applyOp('Split', { split_dim: axis, value, num_split: numOrSizeSplits }, name).outputs;
  }
  const sizes = convertToTensor(numOrSizeSplits, { preferredDtype: int32 });
  if (sizes.shape.rank === 0) {
    throw new ValueError(
      `Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: ${sizes}`,
    );
  }
  const count = num ?? sizes.shape.dims?.[0] ?? null;
  if (count === null) throw new ValueError(`Cannot infer argument \`num\` from shape ${sizes.shape}`);
  return applyOp('SplitV', { value, size_splits: sizes, split_dim: axis, num_split: count }, name).outputs;
}

export interface StackOptions extends Named {
  readonly axis?: number;
}

/** Tensors of one shape along a new axis. Mirrors tf.stack. ValueError when `axis` is out of range. */
export function stack(values: readonly TensorLike[], { axis = 0, name = 'stack' }: StackOptions = {}): Tensor {
  if (!Array.isArray(values))
    throw new GraphTypeError(`Expected list for 'values' argument to 'Pack' Op, not ${String(values)}.`);
  if (axis === 0) return convertToTensor(values as readonly TensorLike[], { name });
  const [first] = values;
  const rank = first instanceof Tensor ? first.shape.rank : null;
  if (rank !== null && (axis < -(rank + 1) || axis > rank)) {
    throw new ValueError(`Argument \`axis\` = ${axis} not in range [${-(rank + 1)}, ${rank + 1})`);
  }
  return applyUnary('Pack', { values, axis }, name);
}

export interface UnstackOptions extends Named {
  readonly num?: number;
  readonly axis?: number;
}

/**
 * The slices of a tensor along `axis`, without that axis. Mirrors tf.unstack.
 * ValueError when their number is neither given nor known, or `axis` is out of range.
 */
export function unstack(
  value: TensorLike,
  { num, axis = 0, name = 'unstack' }: UnstackOptions = {},
): readonly Tensor[] {
  if (num !== undefined) return applyOp('Unpack', { value, num, axis }, name).outputs;
  const x = convertToTensor(value);
  const { rank } = x.shape;
  if (rank !== null && (axis < -rank || axis >= rank)) {
    throw new ValueError(`Argument \`axis\` = ${axis} not in range [${-rank}, ${rank})`);
  }
  const count = rank === null ? null : x.shape.at(axis);
  if (count === null) throw new ValueError(`Cannot infer argument \`num\` from shape ${x.shape}`);
  return applyOp('Unpack', { value: x, num: count, axis }, name).outputs;
}
