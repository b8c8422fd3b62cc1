/**
 * Plain kernels: joining tensors and taking them apart.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { joiningOps } from '../../graph/ops/joining';
import type { KernelResult, KernelTable } from '../kernel';
import { readBlock, writeBlock } from '../strided';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

function concatenate(values: readonly NdArray[], axisInput: NdArray): NdArray {
  const [first] = values;
  const rank = first.rank;
  const axis = Number(axisInput.data[0]);
  if (rank === 0) throw new InvalidArgumentError("ConcatOp : Can't concatenate scalars (use tf.stack instead)");
  if (axis < -rank || axis >= rank) {
    throw new InvalidArgumentError(
      `ConcatOp : Expected concatenating dimensions in the range [${-rank}, ${rank}), but got ${axis}`,
    );
  }
  const at = axis < 0 ? axis + rank : axis;
  values.forEach((value, i) => {
    if (value.rank !== rank) {
      throw new InvalidArgumentError(
        `ConcatOp : Ranks of all input tensors should match: shape[0] = ${shapeText(first.shape)} vs. shape[${i}] = ${shapeText(value.shape)}`,
      );
    }
    const differing = value.shape.findIndex((dim, d) => d !== at && dim !== first.shape[d]);
    if (differing >= 0) {
      throw new InvalidArgumentError(
        `ConcatOp : Dimension ${differing} in both shapes must be equal: shape[0] = ${shapeText(first.shape)} vs. shape[${i}] = ${shapeText(value.shape)}`,
      );
    }
  });
  const shape = first.shape.with(
    at,
    values.reduce((sum, value) => sum + value.shape[at], 0),
  );
  const out = new NdArray(first.dtype, shape, allocate(first.dtype, sizeOf(shape)));
  const start = new Array<number>(rank).fill(0);
  for (const value of values) {
    writeBlock(out, start, value);
    start[at] += value.shape[at];
  }
  return out;
}

/** Pieces of the given sizes along an axis. */
function pieces(value: NdArray, axis: number, sizes: readonly number[]): NdArray[] {
  const start = new Array<number>(value.rank).fill(0);
  return sizes.map((size) => {
    const piece = readBlock(value, start, value.shape.with(axis, size));
    start[axis] += size;
    return piece;
  });
}

function splitAxis(input: NdArray, rank: number): number {
  if (input.rank !== 0) throw new InvalidArgumentError(`split_dim must be a scalar but has rank ${input.rank}`);
  const axis = Number(input.data[0]);
  if (axis < -rank || axis >= rank) {
    throw new InvalidArgumentError(`-input rank(-${rank}) <= split_dim < input rank (${rank}), but got ${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}

function packAxis(axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) throw new InvalidArgumentError(`axis = ${axis} not in [${-rank}, ${rank})`);
  return axis < 0 ? axis + rank : axis;
}

/** The sizes of the pieces, with a -1 resolved. */
export function resolveSizes(sizes: NdArray, count: number, whole: number): number[] {
  if (sizes.rank !== 1 || sizes.size !== count) {
    throw new InvalidArgumentError(
      `size of the split_tensor must be 1-D and have the same elements as outputs got ${sizes.rank} -D and ${sizes.size} elements`,
    );
  }
  const given = toNumbers(sizes);
  const open = given.indexOf(-1);
  if (open !== given.lastIndexOf(-1)) throw new InvalidArgumentError('There can only be one -1 in the input.');
  const total = given.reduce((sum, size) => (size === -1 ? sum : sum + size), 0);
  given.forEach((size, i) => {
    if (size < -1) throw new InvalidArgumentError(`Split size at index ${i} must be >= 0. Got: ${size}`);
  });
  if (open >= 0 ? total > whole : total !== whole) {
    throw new InvalidArgumentError(
      `Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the size of the input along split_dim if not fully specified.  Got: ${total}`,
    );
  }
  return given.map((size) => (size === -1 ? whole - total : size));
}

function concatOffsets([dim, ...shapes]: readonly NdArray[]): KernelResult {
  const rank = shapes[0].size;
  const axis = Number(dim.data[0]);
  const at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank) throw new InvalidArgumentError(`Concat dim is out of range: ${axis} vs. ${rank}`);
  const first = toNumbers(shapes[0]);
  let offset = 0;
  return shapes.map((shape, i) => {
    const sizes = toNumbers(shape);
    if (sizes.length !== rank)
      throw new InvalidArgumentError(`input ${i} should contain ${rank} elements, but got ${sizes.length}`);
    if (sizes.some((size, d) => d !== at && size !== first[d])) {
      throw new InvalidArgumentError(
        `All dimensions except ${at} must match. Input ${i} has shape [${sizes.join(' ')}] and doesn't match input 0 with shape [${first.join(' ')}].`,
      );
    }
    const result = NdArray.from(
      sizes.map((_, d) => (d === at ? offset : 0)),
      shape.dtype,
    );
    offset += sizes[at];
    return result;
  });
}

export const joiningKernels: KernelTable<typeof joiningOps> = {
  ConcatV2: (inputs) => concatenate(inputs.slice(0, -1), inputs.at(-1)!),
  Concat: ([axis, ...values]) => concatenate(values, axis),
  ConcatOffset: concatOffsets,
  Split: ([dim, value], c) => {
    const axis = splitAxis(dim, value.rank);
    const count = c.outputTypes.length;
    const size = value.shape[axis];
    if (size % count !== 0) {
      throw new InvalidArgumentError(
        `Number of ways to split should evenly divide the split dimension, but got split_dim ${axis} (size = ${size}) and num_split ${count}`,
      );
    }
    return pieces(value, axis, new Array<number>(count).fill(size / count));
  },
  SplitV: ([value, sizes, dim], c) => {
    const axis = splitAxis(dim, value.rank);
    return pieces(value, axis, resolveSizes(sizes, c.outputTypes.length, value.shape[axis]));
  },
  Pack: (values, c) => {
    const [first] = values;
    const axis = packAxis(Number(c.attr('axis')), first.rank + 1);
    values.forEach((value, i) => {
      if (value.shape.join() === first.shape.join()) return;
      throw new InvalidArgumentError(
        `Shapes of all inputs must match: values[0].shape = ${shapeText(first.shape)} != values[${i}].shape = ${shapeText(value.shape)}`,
      );
    });
    const shape = first.shape.toSpliced(axis, 0, values.length);
    const out = new NdArray(first.dtype, shape, allocate(first.dtype, sizeOf(shape)));
    const start = new Array<number>(shape.length).fill(0);
    values.forEach((value, i) => {
      start[axis] = i;
      writeBlock(out, start, value.reshape(value.shape.toSpliced(axis, 0, 1)));
    });
    return out;
  },
  Unpack: ([value], c) => {
    const axis = packAxis(Number(c.attr('axis')), value.rank);
    const count = c.outputTypes.length;
    if (value.shape[axis] !== count) {
      throw new InvalidArgumentError(
        `Input shape axis ${axis} must equal ${count}, got shape ${shapeText(value.shape)}`,
      );
    }
    const shape = value.shape.toSpliced(axis, 1);
    return pieces(value, axis, new Array<number>(count).fill(1)).map((piece) => piece.reshape(shape));
  },
};
