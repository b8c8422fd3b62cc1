/**
 * Ops: tensors made larger by padding or repetition.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { int32 } from '../dtypes';
import { ValueError } from '../errors';
import { NdArray, toNumbers } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import { Tensor } from '../tensor';
import { reshape, transpose } from './array';
import { stack } from './joining';
import { range, rank as rankOf, shape as shapeOf, size as sizeOf } from './shapes';

export const paddingOps = defineOps({
  Pad: {
    signature: `(input: T, paddings: Tpaddings) -> (output: T)
      T: type
      Tpaddings: {int32, int64} = int32`,
    shape: (c) => [padShape(c)],
    gradient: padGradient,
  },
  PadV2: {
    signature: `(input: T, paddings: Tpaddings, constant_values: T) -> (output: T)
      T: type
      Tpaddings: {int32, int64} = int32`,
    shape: (c) => [padShape(c)],
    gradient: padGradient,
  },
  MirrorPad: {
    signature: `(input: T, paddings: Tpaddings) -> (output: T)
      T: type
      Tpaddings: {int32, int64} = int32
      mode: {'REFLECT', 'SYMMETRIC'}`,
    shape: (c) => [padShape(c)],
    gradient: (op, grad) => [
      applyUnary('MirrorPadGrad', { input: grad, paddings: op.inputs[1], mode: op.attrs.mode }),
      null,
    ],
  },
  MirrorPadGrad: {
    signature: `(input: T, paddings: Tpaddings) -> (output: T)
      T: type
      Tpaddings: {int32, int64} = int32
      mode: {'REFLECT', 'SYMMETRIC'}`,
    shape: (c) => [unpadShape(c)],
    gradient: (op, grad) => [
      applyUnary('MirrorPad', { input: grad, paddings: op.inputs[1], mode: op.attrs.mode }),
      null,
    ],
  },
  Tile: {
    signature: `(input: T, multiples: Tmultiples) -> (output: T)
      T: type
      Tmultiples: {int32, int64} = int32`,
    shape: (c) => {
      const multiples = c.valueAsShape(1);
      c.ranked(1, 1);
      if (c.shape(0).dims !== null) c.withRank(multiples, c.shape(0).dims!.length);
      if (multiples.dims === null) return [unknownShape];
      const input = c.withRank(c.shape(0), multiples.dims.length);
      const product = (a: number | null, b: number | null) =>
        a === 0 || b === 0 ? 0 : a === null || b === null ? null : a * b;
      return [new TensorShape(input.dims!.map((dim, i) => product(dim, multiples.dims![i])))];
    },
    gradient: tileGradient,
  },
});

/** What the paddings say: `[before, after]` per dimension, or null for each where they are unknown. */
function readPaddings(c: ShapeContext): readonly (readonly [number, number])[] | number | null {
  const paddings = c.ranked(1, 2);
  const [rows, columns] = paddings.dims!;
  if (columns !== null && columns !== 2) c.fail(`Dimension must be 2 but is ${columns}`);
  if (rows !== null) c.withRank(c.shape(0), rows);
  const value = c.value(1);
  if (!value) return rows ?? c.shape(0).rank;
  const numbers = toNumbers(value);
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]] as const);
}

function padShape(c: ShapeContext): TensorShape {
  const paddings = readPaddings(c);
  if (paddings === null) return unknownShape;
  if (typeof paddings === 'number') return new TensorShape(new Array<null>(paddings).fill(null));
  const input = c.withRank(c.shape(0), paddings.length);
  return new TensorShape(
    paddings.map(([before, after], i) => {
      if (before < 0 || after < 0) c.fail('Paddings must be non-negative');
      const dim = input.dims![i];
      return dim === null ? null : dim + before + after;
    }),
  );
}

function unpadShape(c: ShapeContext): TensorShape {
  const paddings = readPaddings(c);
  if (paddings === null) return unknownShape;
  if (typeof paddings === 'number') return new TensorShape(new Array<null>(paddings).fill(null));
  const input = c.withRank(c.shape(0), paddings.length);
  return new TensorShape(
    paddings.map(([before, after], i) => {
      if (before < 0 || after < 0) c.fail('Paddings must be non-negative');
      const dim = input.dims![i];
      if (dim !== null && dim < before + after) {
        c.fail(`Negative dimension size caused by subtracting ${before + after} from ${dim}`);
      }
      return dim === null ? null : dim - before - after;
    }),
  );
}

/** The part of the gradient that the padding surrounds. */
function padGradient(op: Operation, grad: Tensor): Gradient[] {
  const [x, paddings, values] = op.inputs;
  const size = stack([rankOf(x), 1]);
  const before = applyUnary('Slice', { input: paddings, begin: [0, 0], size });
  const begin = reshape(before, [-1]);
  const sizes = shapeOf(x, { outType: begin.dtype });
  const gradient = applyUnary('Slice', { input: grad, begin, size: sizes });
  return values ? [gradient, null, null] : [gradient, null];
}

/** The sum over all copies: the repeated axes are split off and reduced. */
function tileGradient(op: Operation, grad: Tensor): Gradient[] {
  const [x, multiples] = op.inputs;
  const inputShape = shapeOf(x, { outType: multiples.dtype });
  const splitShape = reshape(transpose(stack([multiples, inputShape])), [-1]);
  const axes = range(0, sizeOf(splitShape), 2);
  const gradient = applyUnary('Sum', { input: reshape(grad, splitShape), reduction_indices: axes });
  gradient.setShape(x.shape);
  return [gradient, null];
}

export interface PadOptions {
  /** `CONSTANT` (the default), `REFLECT` or `SYMMETRIC`. */
  readonly mode?: string;
  /** What constant padding consists of: a scalar. Default 0. */
  readonly constantValues?: TensorLike;
  readonly name?: string;
}

function isPlainZero(value: TensorLike): boolean {
  if (value instanceof NdArray) return value.rank === 0 && isPlainZero(value.flatAt(0));
  return value === 0 || value === 0n || value === false;
}

/**
 * The tensor with `paddings[i] = [before, after]` elements around each dimension, all of one value or mirrored.
 *
 * Mirrors tf.pad. ValueError for an unknown mode and negative paddings; InvalidArgumentError where they show at run time.
 */
export function pad(tensor: TensorLike, paddings: TensorLike, options: PadOptions = {}): Tensor {
  const { constantValues = 0, name } = options;
  const mode = (options.mode ?? 'CONSTANT').toUpperCase();
  const result = ((): Tensor => {
    if (mode === 'REFLECT' || mode === 'SYMMETRIC')
      return applyUnary('MirrorPad', { input: tensor, paddings, mode }, name);
    if (mode !== 'CONSTANT') {
      throw new ValueError(
        `Value of argument \`mode\` expected to be one of "CONSTANT", "REFLECT", or "SYMMETRIC". Received \`mode\` = ${mode}`,
      );
    }
    if (isPlainZero(constantValues)) return applyUnary('Pad', { input: tensor, paddings }, name);
    return applyUnary('PadV2', { input: tensor, paddings, constant_values: constantValues }, name);
  })();
  if (Array.isArray(paddings)) refineShape(result, paddings as readonly TensorLike[]);
  return result;
}

/** Gives the result the dimensions that a list of paddings with tensors in it determines. */
function refineShape(result: Tensor, paddings: readonly TensorLike[]): void {
  const input = result.op.inputs[0].shape;
  if (input.dims === null || result.shape.isFullyDefined()) return;
  const dims = input.dims.map((dim, i) => {
    const sides = paddings[i];
    if (dim === null || !Array.isArray(sides) || !sides.every((side) => typeof side === 'number')) return null;
    return dim + (sides[0] as number) + (sides[1] as number);
  });
  result.setShape(dims);
}

/** The tensor repeated `multiples[i]` times along each dimension. Mirrors tf.tile. */
export function tile(input: TensorLike, multiples: TensorLike, options: { name?: string } = {}): Tensor {
  return applyUnary('Tile', { input, multiples }, options.name);
}

/** `multiple` copies along one axis of a tensor. */
export function tileOneDimension(data: Tensor, axis: number, multiple: Tensor): Tensor {
  const { rank } = data.shape;
  if (rank !== null)
    return tile(
      data,
      Array.from({ length: rank }, (_, i) => (i === axis ? multiple : 1)),
    );
  const ones = applyUnary(
    'Fill',
    { dims: reshape(rankOf(data), [-1]), value: convertToTensor(1, { dtype: int32 }) },
    'ones',
  );
  const part = (begin: number, end: number) =>
    applyUnary('StridedSlice', {
      input: ones,
      begin: [begin],
      end: [end],
      strides: [1],
      begin_mask: 0,
      end_mask: end === 0 ? 1 : 0,
    });
  return tile(
    data,
    applyUnary('ConcatV2', { values: [part(0, axis), [multiple], part(axis + 1, 0)], axis: 0 }, 'concat'),
  );
}
