/**
 * Plain kernels: the same elements in another shape or order.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import { type arrayOps, reverseComplaint } from '../../graph/ops/array';
import { stridesOf } from '../broadcast';
import type { KernelTable } from '../kernel';
import { copyView, readView, wholeView } from '../strided';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** The requested shape with its -1 resolved. */
export function resolveShape(input: NdArray, sizes: NdArray): number[] {
  if (sizes.rank > 1) throw new InvalidArgumentError(`sizes input must be 1-D, not ${shapeText(sizes.shape)}`);
  const shape = toNumbers(sizes);
  let open = -1;
  shape.forEach((size, i) => {
    if (size === -1) {
      if (open >= 0) throw new InvalidArgumentError(`Only one input size may be -1, not both ${open} and ${i}`);
      open = i;
    } else if (size < 0) throw new InvalidArgumentError(`Size ${i} must be non-negative, not ${size}`);
  });
  if (open >= 0) {
    // Zeros are left out on both sides, so that the other dimensions still tell the open one.
    const hasZero = shape.includes(0);
    const known = shape.reduce((product, size) => (size > 0 ? product * size : product), 1);
    const elements = hasZero ? sizeOf(input.shape.filter((size) => size > 0)) : input.size;
    if (!hasZero && elements % known !== 0) {
      throw new InvalidArgumentError(
        `Input to reshape is a tensor with ${input.size} values, but the requested shape requires a multiple of ${known}`,
      );
    }
    shape[open] = Math.floor(elements / known);
  }
  if (sizeOf(shape) !== input.size) {
    throw new InvalidArgumentError(
      `Input to reshape is a tensor with ${input.size} values, but the requested shape has ${sizeOf(shape)}`,
    );
  }
  return shape;
}

export function squeezedShape({ shape }: NdArray, dims: readonly number[]): number[] {
  const axes = dims.map((dim) => {
    const at = Number(dim);
    if (at < -shape.length || at >= shape.length) {
      throw new InvalidArgumentError(`Tried to squeeze dim index ${at} for tensor with ${shape.length} dimensions.`);
    }
    return at < 0 ? at + shape.length : at;
  });
  for (const axis of axes) {
    if (shape[axis] !== 1) {
      throw new InvalidArgumentError(`Can not squeeze dim[${axis}], expected a dimension of 1, got ${shape[axis]}`);
    }
  }
  return shape.filter((size, axis) => (axes.length === 0 ? size !== 1 : !axes.includes(axis)));
}

/** The axes of a permutation, counted from the front. */
export function checkPermutation(perm: NdArray, rank: number): number[] {
  if (perm.rank !== 1) throw new InvalidArgumentError(`perm must be rank 1, got shape ${shapeText(perm.shape)}`);
  const axes = toNumbers(perm);
  if (axes.length !== rank) {
    throw new InvalidArgumentError(
      `transpose expects a vector of size ${rank}. But input(1) is a vector of size ${axes.length}`,
    );
  }
  const positive = axes.map((axis) => {
    const at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) throw new InvalidArgumentError(`${axis} is out of range [0 .. ${rank})`);
    return at;
  });
  for (let axis = 0; axis < rank; axis++) {
    if (!positive.includes(axis)) throw new InvalidArgumentError(`${axis} is missing from {${axes.join(',')}}.`);
  }
  return positive;
}

export const arrayKernels: KernelTable<typeof arrayOps> = {
  Reshape: ([input, sizes]) => input.reshape(resolveShape(input, sizes)),
  Squeeze: ([input], c) => input.reshape(squeezedShape(input, c.attr<readonly number[]>('squeeze_dims'))),
  ExpandDims: ([input, dim]) => {
    if (dim.size !== 1) throw new InvalidArgumentError("'dim' must be a tensor with a single value");
    const at = Number(dim.data[0]);
    if (at < -input.rank - 1 || at > input.rank) {
      throw new InvalidArgumentError(`Tried to expand dim index ${at} for tensor with ${input.rank} dimensions.`);
    }
    return input.reshape(input.shape.toSpliced(at < 0 ? at + input.rank + 1 : at, 0, 1));
  },
  Transpose: ([input, perm]) => {
    const axes = checkPermutation(perm, input.rank);
    const strides = stridesOf(input.shape);
    return readView(
      input,
      axes.map((axis) => input.shape[axis]),
      0,
      axes.map((axis) => strides[axis]),
    );
  },
  InvertPermutation: ([input]) => {
    if (input.rank !== 1) throw new InvalidArgumentError('invert_permutation expects a 1D vector.');
    const out = allocate(input.dtype, input.size);
    const seen = new Uint8Array(input.size);
    toNumbers(input).forEach((to, from) => {
      if (to < 0 || to >= input.size) throw new InvalidArgumentError(`${to} is not between 0 and ${input.size}`);
      if (seen[to]) throw new InvalidArgumentError(`${to} is duplicated in the input.`);
      seen[to] = 1;
      out[to] = (input.dtype.isBigInt ? BigInt(from) : from) as never;
    });
    return new NdArray(input.dtype, input.shape, out);
  },
  ReverseV2: ([input, axis]) => {
    if (axis.rank !== 1) throw new InvalidArgumentError(`'dims' must be 1-dimension, not ${axis.rank}`);
    const axes = toNumbers(axis);
    const complaint = reverseComplaint(axes, input.rank);
    if (complaint) throw new InvalidArgumentError(complaint);
    const strides = stridesOf(input.shape);
    let offset = 0;
    for (const each of axes) {
      const at = each < 0 ? each + input.rank : each;
      offset += Math.max(0, input.shape[at] - 1) * strides[at];
      strides[at] = -strides[at];
    }
    return readView(input, input.shape, offset, strides);
  },
  ReverseSequence: ([input, lengths], c) => {
    const [seq, batch] = [Number(c.attr('seq_dim')), Number(c.attr('batch_dim'))];
    checkSequences(input, lengths, seq, batch);
    const strides = stridesOf(input.shape);
    const out = input.copy();
    const shape = [...input.shape];
    shape[batch] = 1;
    toNumbers(lengths).forEach((length, i) => {
      const base = i * strides[batch];
      shape[seq] = length;
      const backwards = strides.with(seq, -strides[seq]);
      const last = base + (length - 1) * strides[seq];
      copyView(
        shape,
        { data: input.data, offset: last, strides: backwards },
        { data: out.data, offset: base, strides },
      );
    });
    return out;
  },
  Roll: ([input, shift, axis]) => {
    if (input.rank < 1) throw new InvalidArgumentError('input must be 1-D or higher');
    if (shift.rank > 1)
      throw new InvalidArgumentError(`shift must be a scalar or a 1-D vector. Found: ${shapeText(shift.shape)}`);
    if (axis.rank > 1)
      throw new InvalidArgumentError(`axis must be a scalar or a 1-D vector. Found: ${shapeText(axis.shape)}`);
    if (shift.shape.join() !== axis.shape.join())
      throw new InvalidArgumentError('shift and axis must have the same size');
    const shifts = new Array<number>(input.rank).fill(0);
    const amounts = toNumbers(shift);
    toNumbers(axis).forEach((each, i) => {
      const at = each < 0 ? each + input.rank : each;
      if (at < 0 || at >= input.rank) throw new InvalidArgumentError(`axis ${each} is out of range`);
      const size = Math.max(1, input.shape[at]);
      shifts[at] = (((shifts[at] + amounts[i]) % size) + size) % size;
    });
    return shifts.reduce((value, amount, at) => rollAxis(value, at, amount), input);
  },
  Bitcast: ([input], c) => {
    const to = c.outputTypes[0];
    if (input.dtype.isComplex || to.isComplex) throw new UnimplementedError('Bitcast has no kernel for complex types.');
    const own = input.data.slice() as Float32Array;
    const ratio = input.dtype.size / to.size;
    if (ratio < 1 && (input.rank === 0 || input.shape.at(-1) !== 1 / ratio)) {
      throw new InvalidArgumentError(
        `Cannot bitcast from ${input.dtype.cppName} to ${to.cppName}: shape ${shapeText(input.shape)}`,
      );
    }
    const shape = ratio === 1 ? input.shape : ratio > 1 ? [...input.shape, ratio] : input.shape.slice(0, -1);
    const target = allocate(to, 0) as Float32Array;
    const Constructor = target.constructor as new (buffer: ArrayBufferLike) => Float32Array;
    return new NdArray(to, shape, new Constructor(own.buffer) as never);
  },
};

function checkSequences(input: NdArray, lengths: NdArray, seq: number, batch: number): void {
  if (lengths.rank !== 1) throw new InvalidArgumentError(`seq_lengths must be 1-dim, not ${lengths.rank}`);
  if (batch === seq) throw new InvalidArgumentError(`batch_dim == seq_dim == ${seq}`);
  if (seq >= input.rank) throw new InvalidArgumentError(`seq_dim must be < input rank ( ${seq} vs. ${input.rank})`);
  if (batch >= input.rank)
    throw new InvalidArgumentError(`batch_dim must be < input rank ( ${batch} vs. ${input.rank})`);
  if (lengths.size !== input.shape[batch]) {
    throw new InvalidArgumentError(
      `Length of seq_lengths != input.dims(${batch}), (${lengths.size} vs. ${input.shape[batch]})`,
    );
  }
  toNumbers(lengths).forEach((length, i) => {
    if (length < 0) throw new InvalidArgumentError(`seq_lens(${i}) < 0`);
    if (length > input.shape[seq]) throw new InvalidArgumentError(`seq_lens(${i}) > input.dims(${seq})`);
  });
}

/** The elements moved by `amount` along one axis. */
function rollAxis(input: NdArray, axis: number, amount: number): NdArray {
  if (amount === 0) return input;
  const out = new NdArray(input.dtype, input.shape, allocate(input.dtype, input.size));
  const strides = stridesOf(input.shape);
  const size = input.shape[axis];
  const view = wholeView(input);
  const copy = (length: number, from: number, to: number) =>
    copyView(
      input.shape.with(axis, length),
      { ...view, offset: from * strides[axis] },
      { data: out.data, offset: to * strides[axis], strides },
    );
  copy(size - amount, 0, amount);
  copy(amount, size - amount, 0);
  return out;
}
