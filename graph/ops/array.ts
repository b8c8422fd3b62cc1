/**
 * Ops: the same elements in another shape or order: reshape, transpose, reverse, roll, bitcast.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { asDType, type DType } from '../dtypes';
import { ValueError } from '../errors';
import { IndexedSlices } from '../indexedSlices';
import { toNumbers } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, none } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import { type ShapeContext, sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { composite } from './composite';
import { rank as rankOf, shape as shapeOf } from './shapes';

/** A gradient in the shape of the op's first input; rows are added up first. */
function reshapeToInput(op: Operation, grad: Tensor | IndexedSlices): Tensor {
  const dense = densified(grad);
  return reshape(dense, shapeOf(op.inputs[0]));
}

/** A gradient as a tensor: nodes of its own, before those of the op that takes it. */
export function densified(grad: Tensor | IndexedSlices): Tensor {
  return grad instanceof IndexedSlices ? convertToTensor(grad, { graph: grad.graph }) : grad;
}

export const arrayOps = defineOps({
  Reshape: {
    signature: `(tensor: T, shape: Tshape) -> (output: T)
      T: type
      Tshape: {int32, int64} = int32`,
    shape: reshapeShape,
    gradient: (op, grad) => [reshapeToInput(op, grad), null],
    sparseGradients: true,
  },
  Squeeze: {
    signature: `(input: T) -> (output: T)
      T: type
      squeeze_dims: list(int) >= 0 = []`,
    shape: squeezeShape,
    gradient: (op, grad) => [reshapeToInput(op, grad)],
    sparseGradients: true,
  },
  ExpandDims: {
    signature: `(input: T, dim: Tdim) -> (output: T)
      T: type
      Tdim: {int32, int64} = int32`,
    shape: expandDimsShape,
    gradient: (op, grad) => [reshapeToInput(op, grad), null],
    sparseGradients: true,
  },
  Transpose: {
    signature: `(x: T, perm: Tperm) -> (y: T)
      T: type
      Tperm: {int32, int64} = int32`,
    shape: transposeShape,
    gradient: (op, grad) => [transpose(grad, invertPermutation(op.inputs[1])), null],
  },
  InvertPermutation: {
    signature: `(x: T) -> (y: T)
      T: {int32, int64} = int32`,
    shape: (c) => [c.ranked(0, 1)],
    gradient: none('a permutation is made of integers'),
  },
  ReverseV2: {
    signature: `(tensor: T, axis: Tidx) -> (output: T)
      Tidx: {int32, int64} = int32
      T: {uint8, int8, uint16, int16, int32, uint32, int64, uint64, bool, bfloat16, float16, float32, float64, complex64, complex128, string}`,
    shape: (c) => {
      c.ranked(1, 1);
      const rank = c.shape(0).rank;
      const axes = rank === null ? null : c.value(1);
      if (rank !== null && axes) {
        const complaint = reverseComplaint(toNumbers(axes), rank);
        if (complaint) c.fail(complaint);
      }
      return [c.shape(0)];
    },
    gradient: (op, grad) => [reverse(grad, op.inputs[1]), null],
  },
  ReverseSequence: {
    signature: `(input: T, seq_lengths: Tlen) -> (output: T)
      seq_dim: int
      batch_dim: int = 0
      T: type
      Tlen: {int32, int64} = int64`,
    shape: reverseSequenceShape,
    gradient: (op, grad) => [
      applyUnary('ReverseSequence', {
        input: grad,
        seq_lengths: op.inputs[1],
        seq_dim: op.attrs.seq_dim,
        batch_dim: op.attrs.batch_dim,
      }),
      null,
    ],
  },
  Roll: {
    signature: `(input: T, shift: Tshift, axis: Taxis) -> (output: T)
      T: type
      Tshift: {int32, int64}
      Taxis: {int32, int64}`,
    shape: (c) => {
      c.withRankAtLeast(c.shape(0), 1);
      c.withRankAtMost(c.shape(1), 1);
      c.withRankAtMost(c.shape(2), 1);
      return [c.shape(0)];
    },
    gradient: (op, grad) => [
      applyUnary('Roll', { input: grad, shift: applyUnary('Neg', { x: op.inputs[1] }), axis: op.inputs[2] }),
      null,
      null,
    ],
  },
  Bitcast: {
    signature: `(input: T) -> (output: type)
      T: {bfloat16, float16, float32, float64, int64, int32, uint8, uint16, uint32, uint64, int8, int16, complex64, complex128}
      type: {bfloat16, float16, float32, float64, int64, int32, uint8, uint16, uint32, uint64, int8, int16, complex64, complex128}`,
    shape: bitcastShape,
    gradient: none('the bits of a number are no continuous function of it'),
  },
});

/** Product of the known dimensions, and where the unknown one is; null when several are unknown. */
function knownElements(dims: readonly Dimension[]): { readonly elements: number; readonly unknownAt: number } | null {
  const unknown = dims.flatMap((dim, i) => (dim === null ? [i] : []));
  // A dimension of zero settles the product whatever the others are.
  if (dims.includes(0)) return { elements: 0, unknownAt: -1 };
  if (unknown.length > 1) return null;
  return { elements: dims.reduce<number>((product, dim) => product * (dim ?? 1), 1), unknownAt: unknown[0] ?? -1 };
}

function reshapeShape(c: ShapeContext): TensorShape[] {
  const input = c.shape(0);
  c.ranked(1, 1);
  const out = c.valueAsShape(1);
  if (input.dims === null || out.dims === null) return [out];
  const [from, to] = [knownElements(input.dims), knownElements(out.dims)];
  if (!from || !to) return [out];
  if (from.unknownAt < 0 && to.unknownAt < 0) {
    if (from.elements !== to.elements) {
      c.fail(
        `Cannot reshape a tensor with ${from.elements} elements to shape ${out.toCpp()} (${to.elements} elements)`,
      );
    }
    return [out];
  }
  if (from.unknownAt < 0 && to.elements > 0) return [fillDim(out, to.unknownAt, divide(c, from.elements, to.elements))];
  if (from.unknownAt >= 0 && to.unknownAt < 0 && from.elements !== 0) divide(c, to.elements, from.elements);
  return [out];
}

function fillDim(shape: TensorShape, at: number, dim: Dimension): TensorShape {
  return new TensorShape(shape.dims!.map((own, i) => (i === at ? dim : own)));
}

function divide(c: ShapeContext, dim: number, divisor: number): number {
  if (dim % divisor !== 0) c.fail(`Dimension size must be evenly divisible by ${divisor} but is ${dim}`);
  return dim / divisor;
}

function squeezeShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(0);
  if (dims === null) return [unknownShape];
  const rank = dims.length;
  const axes = c.attr<readonly number[]>('squeeze_dims').map((axis, i) => {
    const at = Number(axis);
    if (at < -rank || at >= rank) c.fail(`squeeze_dims[${i}] not in [${-rank},${rank}).`);
    return at < 0 ? at + rank : at;
  });
  if (axes.length === 0) {
    return [dims.includes(null) ? unknownShape : new TensorShape(dims.filter((dim) => dim !== 1))];
  }
  for (const axis of axes) {
    const dim = dims[axis];
    if (dim !== null && dim !== 1) c.fail(`Can not squeeze dim[${axis}], expected a dimension of 1, got ${dim}`);
  }
  return [new TensorShape(dims.filter((_, axis) => !axes.includes(axis)))];
}

function expandDimsShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(0);
  const dim = c.value(1);
  if (dim && dim.size !== 1) c.fail("'dim' input must be a tensor with a single value");
  if (dims === null) return [unknownShape];
  if (!dim) return [new TensorShape([...dims.map(() => null), null])];
  const at = Number(dim.data[0]);
  const rank = dims.length;
  if (at < -rank - 1 || at > rank) c.fail(`dim ${at} not in the interval [${-rank - 1}, ${rank}].`);
  return [new TensorShape(dims.toSpliced(at < 0 ? at + rank + 1 : at, 0, 1))];
}

function transposeShape(c: ShapeContext): TensorShape[] {
  const [input, perm] = [c.shape(0), c.shape(1)];
  const permSize = perm.numElements();
  const rank = input.rank ?? permSize;
  // A permutation of one element could stand for a scalar or a vector: both stay as they are.
  if (rank === null || (input.rank === null && rank < 2)) return [unknownShape];
  c.withRank(input, rank);
  c.withRank(perm, 1);
  if (permSize !== null && permSize !== rank) c.fail(`Dimension must be ${rank} but is ${permSize}`);
  const value = c.value(1);
  if (!value) return [new TensorShape(new Array<null>(rank).fill(null))];
  return [
    new TensorShape(
      toNumbers(value).map((axis) => {
        if (axis >= rank || axis < -rank) c.fail(`perm dim ${axis} is out of range of input rank ${rank}`);
        return input.dims === null ? null : input.dims.at(axis)!;
      }),
    ),
  ];
}

/** What is wrong with the axes of a reversal, or null. */
export function reverseComplaint(axes: readonly number[], rank: number): string | null {
  const seen = new Set<number>();
  for (const [i, axis] of axes.entries()) {
    const at = axis < 0 ? axis + rank : axis;
    // The bracket that is missing is missing in TensorFlow's text.
    if (at < 0 || at >= rank) return `'axis'[${i}] = ${axis} is out of valid range [0, ${rank - 1}`;
    if (seen.has(at)) return `axis ${at} specified more than once.`;
    seen.add(at);
  }
  return null;
}

function reverseSequenceShape(c: ShapeContext): TensorShape[] {
  const input = c.shape(0);
  const lengths = c.ranked(1, 1);
  const [seqDim, batchDim] = [Number(c.attr('seq_dim')), Number(c.attr('batch_dim'))];
  if (batchDim < 0) c.fail(`batch_dim must be >=0, got ${batchDim}`);
  if (seqDim < 0) c.fail(`seq_dim must be >=0, got ${seqDim}`);
  if (input.dims === null) return [unknownShape];
  if (batchDim >= input.dims.length) c.fail(`batch_dim must be < input rank: ${batchDim} vs. ${input.dims.length}`);
  if (seqDim >= input.dims.length) c.fail(`seq_dim must be < input rank: ${seqDim} vs. ${input.dims.length}`);
  return [fillDim(input, batchDim, c.mergeDims(input.dims[batchDim], lengths.dims![0]))];
}

function bitcastShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(0);
  const [from, to] = [c.inputs[0].dtype.size, c.outputTypes[0].size];
  if (from === to) return sameShape(c);
  if (from > to) return [dims === null ? unknownShape : new TensorShape([...dims, from / to])];
  const ratio = to / from;
  if (dims === null) return [unknownShape];
  if (dims.length === 0)
    c.fail(
      `Cannot bitcast from ${c.inputs[0].dtype.cppName} to ${c.outputTypes[0].cppName} due to shape. [] must have at least one dimension.`,
    );
  const last = dims.at(-1)!;
  if (last !== null && last !== ratio) {
    c.fail(
      `Cannot bitcast from ${c.inputs[0].dtype.cppName} to ${c.outputTypes[0].cppName} due to shape. ${last} does not match ${ratio}`,
    );
  }
  return [new TensorShape(dims.slice(0, -1))];
}

interface Named {
  readonly name?: string;
}

/**
 * The same elements in another shape, of which one dimension may be -1. Mirrors tf.reshape.
 * ValueError, or InvalidArgumentError where it shows at run time only, when the numbers of elements differ.
 */
export function reshape(tensor: TensorLike, shape: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('Reshape', { tensor, shape }, name);
}

/** The tensor without its dimensions of size 1: all of them, or those of `axis`. Mirrors tf.squeeze. */
export function squeeze(input: TensorLike, axis?: number | readonly number[] | null, { name }: Named = {}): Tensor {
  const axes = axis === null || axis === undefined ? undefined : typeof axis === 'number' ? [axis] : [...axis];
  return applyUnary('Squeeze', { input, squeeze_dims: axes }, name);
}

/** The tensor with a dimension of size 1 inserted before `axis`. Mirrors tf.expand_dims. */
export function expandDims(input: TensorLike, axis: TensorLike, { name }: Named = {}): Tensor {
  if (axis === null || axis === undefined) throw new ValueError('Must specify an axis argument to tf.expand_dims()');
  return applyUnary('ExpandDims', { input, dim: axis }, name);
}

/** The tensor with its dimensions permuted; without `perm`, reversed. Mirrors tf.transpose. */
export function transpose(a: TensorLike, perm?: TensorLike | null, { name }: Named = {}): Tensor {
  return composite(name, 'transpose', [a, perm], (scope) => {
    const x = convertToTensor(a, { name: 'a' });
    if (perm !== null && perm !== undefined) return applyUnary('Transpose', { x, perm }, scope);
    return applyUnary('Transpose', { x, perm: reversedAxes(x) }, scope);
  });
}

function reversedAxes(x: Tensor): TensorLike {
  const { rank } = x.shape;
  if (rank !== null) return Int32Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const last = applyUnary('Sub', { x: applyUnary('Rank', { input: x }), y: 1 }, 'sub');
  return applyUnary('Range', { start: last, limit: -1, delta: -1 });
}

/**
 * The tensor with its last two dimensions swapped. Mirrors tf.linalg.matrix_transpose. ValueError for rank below 2.
 */
export function matrixTranspose(a: TensorLike, { name }: Named = {}): Tensor {
  return composite(name, 'matrix_transpose', [a], () => {
    const x = convertToTensor(a, { name: 'a' });
    const { rank } = x.shape;
    if (rank !== null && rank < 2) {
      throw new ValueError(
        `Argument \`a\` should be a (batch) matrix with rank >= 2.  Received \`a\` = ${x} with shape: ${x.shape}`,
      );
    }
    return transpose(x, rank === null ? matrixAxes(x) : swapLastTwo(rank));
  });
}

function swapLastTwo(rank: number): Int32Array {
  return Int32Array.from({ length: rank }, (_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i));
}

/** The axes of a tensor of unknown rank with the last two swapped. */
function matrixAxes(x: Tensor): Tensor {
  const rank = rankOf(x);
  const minus = (count: number) => applyUnary('Sub', { x: rank, y: count }, 'sub');
  const outer = applyUnary('Range', { start: 0, limit: minus(2), delta: 1 });
  return applyUnary('ConcatV2', { values: [outer, [minus(1), minus(2)]], axis: 0 }, 'concat');
}

/** Where each index stands in the permutation `x`. Mirrors tf.math.invert_permutation. */
export function invertPermutation(x: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('InvertPermutation', { x }, name);
}

/** The tensor with the order of elements reversed along each of `axis`. Mirrors tf.reverse. */
export function reverse(tensor: TensorLike, axis: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('ReverseV2', { tensor, axis }, name);
}

export interface ReverseSequenceOptions extends Named {
  /** The axis along which elements are reversed. */
  readonly seqAxis: number;
  /** The axis along which sequences lie. Default 0. */
  readonly batchAxis?: number;
}

/** The first `seqLengths[i]` elements of sequence i reversed, the others kept. Mirrors tf.reverse_sequence. */
export function reverseSequence(input: TensorLike, seqLengths: TensorLike, options: ReverseSequenceOptions): Tensor {
  const { seqAxis, batchAxis, name } = options;
  return applyUnary(
    'ReverseSequence',
    { input, seq_lengths: seqLengths, seq_dim: seqAxis, batch_dim: batchAxis },
    name,
  );
}

/** The elements moved along axes; those that fall off one end come back at the other. Mirrors tf.roll. */
export function roll(input: TensorLike, shift: TensorLike, axis: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('Roll', { input, shift, axis }, name);
}

/** The same bits read as another dtype. Mirrors tf.bitcast. */
export function bitcast(input: TensorLike, type: DType, { name }: Named = {}): Tensor {
  return applyUnary('Bitcast', { input, type: asDType(type) }, name);
}
