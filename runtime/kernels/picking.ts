/**
 * Plain kernels: oneHot, where, topK, unique, set differences, bounds in sorted rows, counts.
 */

import { bool, type DType } from '../../graph/dtypes';
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, type StringElement, sizeOf, toNumbers } from '../../graph/ndarray';
import type { pickingOps } from '../../graph/ops/picking';
import { stridesOf } from '../broadcast';
import type { Kernel, KernelTable } from '../kernel';
import { readBlock } from '../strided';
import { gatherAlong } from './gather';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** Integers as an array of an index dtype. */
function integers(dtype: DType, shape: readonly number[], values: ArrayLike<number>): NdArray {
  const out = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++) out[i] = (dtype.isBigInt ? BigInt(values[i]) : values[i]) as never;
  return new NdArray(dtype, shape, out);
}

function refuseNarrow(value: NdArray, type: string): void {
  if (value.dtype.isComplex || (value.dtype.isFloating && value.dtype.size === 2)) {
    throw new UnimplementedError(`${type} has no kernel for ${value.dtype.name}.`);
  }
}

/** Something that is equal for equal elements and no others; NaNs differ from each other. */
function keyOf(element: number | bigint | StringElement, index: number): unknown {
  if (element instanceof Uint8Array) return `bytes:${element.join(',')}`;
  if (typeof element === 'string') return `text:${element}`;
  if (typeof element === 'number' && Number.isNaN(element)) return `nan:${index}`;
  return element === 0 ? 0 : element;
}

/** The rows of equal keys: for each element its group, and the first element of each group. */
function groupBy(keys: readonly unknown[]): { groups: Int32Array; firsts: number[]; counts: number[] } {
  const known = new Map<unknown, number>();
  const groups = new Int32Array(keys.length);
  const firsts: number[] = [];
  const counts: number[] = [];
  keys.forEach((key, i) => {
    let group = known.get(key);
    if (group === undefined) {
      group = firsts.length;
      known.set(key, group);
      firsts.push(i);
      counts.push(0);
    }
    groups[i] = group;
    counts[group]++;
  });
  return { groups, firsts, counts };
}

function elementKeys(x: NdArray): unknown[] {
  return Array.from({ length: x.size }, (_, i) => keyOf(x.data[i] as number, i));
}

function pick(x: NdArray, positions: readonly number[]): NdArray {
  const out = allocate(x.dtype, positions.length);
  positions.forEach((position, i) => {
    out[i] = x.data[position] as never;
  });
  return new NdArray(x.dtype, [positions.length], out);
}

function uniqueVector(x: NdArray): ReturnType<typeof groupBy> {
  if (x.rank !== 1) throw new InvalidArgumentError('unique expects a 1D vector.');
  return groupBy(elementKeys(x));
}

/** The positions of the k largest of one row: by value downwards, then by position; NaN comes last. */
function largest(data: NdArray['data'], start: number, length: number, k: number): number[] {
  const value = (i: number) => data[start + i] as number;
  const isNaNAt = (i: number) => Number.isNaN(value(i));
  const order = Array.from({ length }, (_, i) => i);
  order.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x > y) return -1;
    if (x < y) return 1;
    return x === y ? a - b : Number(isNaNAt(a)) - Number(isNaNAt(b)) || a - b;
  });
  return order.slice(0, k);
}

function topK(input: NdArray, k: number, indexType: DType, type: string): NdArray[] {
  refuseNarrow(input, type);
  if (k < 0) throw new InvalidArgumentError(`Need k >= 0, got ${k}`);
  if (input.rank < 1) throw new InvalidArgumentError(`input must be >= 1-D, got shape ${shapeText(input.shape)}`);
  const width = input.shape.at(-1)!;
  if (width < k) throw new InvalidArgumentError(`input must have at least k columns. Had ${width}, needed ${k}`);
  const shape = [...input.shape.slice(0, -1), k];
  const rows = sizeOf(shape.slice(0, -1));
  const values = allocate(input.dtype, rows * k);
  const indices = new Float64Array(rows * k);
  for (let row = 0; row < rows; row++) {
    largest(input.data, row * width, width, k).forEach((position, j) => {
      values[row * k + j] = input.data[row * width + position] as never;
      indices[row * k + j] = position;
    });
  }
  return [new NdArray(input.dtype, shape, values), integers(indexType, shape, indices)];
}

function inTopK(predictions: NdArray, targets: NdArray, k: number): NdArray {
  if (predictions.rank !== 2) throw new InvalidArgumentError('predictions must be 2-dimensional');
  if (targets.rank !== 1) throw new InvalidArgumentError('targets must be 1-dimensional');
  const [rows, classes] = predictions.shape;
  if (rows !== targets.size) {
    throw new InvalidArgumentError(
      `First dimension of predictions ${rows} must match length of targets ${targets.size}`,
    );
  }
  const data = predictions.data as Float32Array;
  const out = toNumbers(targets).map((target, row) => {
    const prediction = data[row * classes + target];
    // An infinite or missing prediction is never said to be among the best.
    if (target < 0 || target >= classes || !Number.isFinite(prediction)) return false;
    let better = 0;
    for (let i = 0; i < classes; i++) {
      const other = data[row * classes + i];
      if (!Number.isFinite(other)) return false;
      if (other > prediction) better++;
    }
    return better < k;
  });
  return new NdArray(bool, [rows], Uint8Array.from(out, Number));
}

/** For each value how many entries of its row are below it (or, for upper bounds, not above it). */
function bound(isBelow: (entry: number | bigint, value: number | bigint) => boolean): Kernel {
  return ([sorted, values], c) => {
    for (const [input, name] of [
      [sorted, 'sorted_inputs'],
      [values, 'values'],
    ] as const) {
      if (input.rank !== 2)
        throw new InvalidArgumentError(`Shape must be rank 2 but is rank ${input.rank} for \`${name}\` argument`);
    }
    if (sorted.shape[0] !== values.shape[0])
      throw new InvalidArgumentError('Leading dim_size of both tensors must match.');
    const [rows, columns] = values.shape;
    const width = sorted.shape[1];
    const out = new Float64Array(values.size);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < columns; j++) {
        const value = values.data[row * columns + j] as number;
        let [low, high] = [0, width];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (isBelow(sorted.data[row * width + middle] as number, value)) low = middle + 1;
          else high = middle;
        }
        out[row * columns + j] = low;
      }
    }
    return integers(c.outputTypes[0], values.shape, out);
  };
}

function oneHot([indices, depthInput, on, off]: readonly NdArray[], axis: number): NdArray {
  const { rank } = indices;
  if (axis !== -1 && (axis < 0 || axis > rank)) {
    throw new InvalidArgumentError(`Expected axis to be -1 or between [0, ${rank + 1}).  But received: ${axis}`);
  }
  for (const [value, name] of [
    [depthInput, 'depth'],
    [on, 'on_value'],
    [off, 'off_value'],
  ] as const) {
    if (value.rank !== 0)
      throw new InvalidArgumentError(`${name} must be a scalar, but got: ${shapeText(value.shape)}`);
  }
  const depth = Number(depthInput.data[0]);
  if (depth < 0) throw new InvalidArgumentError(`depth must be non-negative, got: ${depth}`);
  const at = axis === -1 ? rank : axis;
  const shape = indices.shape.toSpliced(at, 0, depth);
  const out = allocate(on.dtype, sizeOf(shape));
  (out as unknown[]).fill(off.data[0]);
  const suffix = sizeOf(indices.shape.slice(at));
  toNumbers(indices).forEach((index, i) => {
    if (index < 0 || index >= depth) return;
    const prefix = Math.floor(i / suffix);
    out[(prefix * depth + index) * suffix + (i % suffix)] = on.data[0] as never;
  });
  return new NdArray(on.dtype, shape, out);
}

/** The distinct slices along an axis, and which of them each slice is. */
function uniqueAlong(x: NdArray, axes: readonly number[], indexType: DType): NdArray[] {
  if (axes.length > 1) throw new InvalidArgumentError('axis does not support multiple dimensions');
  if (axes.length === 0 && x.rank !== 1) throw new InvalidArgumentError('unique expects a 1D vector.');
  const axis = axes.length === 0 ? 0 : axes[0] < 0 ? axes[0] + x.rank : axes[0];
  if (axis < 0 || axis >= x.rank) throw new InvalidArgumentError(`axis has to be between [0, ${x.rank})`);
  const start = new Array<number>(x.rank).fill(0);
  const slices = Array.from({ length: x.shape[axis] }, (_, i) =>
    readBlock(x, start.with(axis, i), x.shape.with(axis, 1)),
  );
  const { groups, firsts } = groupBy(
    slices.map((slice, i) =>
      elementKeys(slice)
        .map((key) => (String(key).startsWith('nan:') ? `nan:${i}` : key))
        .join('\u0000'),
    ),
  );
  const y = gatherAlong(x, NdArray.from(Int32Array.from(firsts)), axis, 0);
  return [y, integers(indexType, [groups.length], groups)];
}

export const pickingKernels: KernelTable<typeof pickingOps> = {
  OneHot: (inputs, c) => oneHot(inputs, Number(c.attr('axis'))),
  Where: ([input], c) => {
    if (input.rank < 1 || input.rank > 8)
      throw new InvalidArgumentError(`WhereOp : Unhandled input dimensions: ${input.rank}`);
    const strides = stridesOf(input.shape);
    const found: number[] = [];
    for (let i = 0; i < input.size; i++) {
      const value = input.data[i] as number | bigint;
      if (value === 0 || value === 0n) continue;
      for (let axis = 0; axis < input.rank; axis++) found.push(Math.floor(i / strides[axis]) % input.shape[axis]);
    }
    return integers(c.outputTypes[0], [found.length / input.rank, input.rank], found);
  },
  TopKV2: ([input, k], c) => {
    if (k.rank !== 0) throw new InvalidArgumentError(`k must be scalar, got shape ${shapeText(k.shape)}`);
    return topK(input, Number(k.data[0]), c.outputTypes[1], c.op.type);
  },
  TopK: ([input], c) => topK(input, Number(c.attr('k')), c.outputTypes[1], c.op.type),
  InTopK: ([predictions, targets], c) => inTopK(predictions, targets, Number(c.attr('k'))),
  InTopKV2: ([predictions, targets, k]) => {
    if (k.rank !== 0) throw new InvalidArgumentError(`k must be 0-D, got shape ${shapeText(k.shape)}`);
    return inTopK(predictions, targets, Number(k.data[0]));
  },
  Unique: ([x], c) => {
    const { groups, firsts } = uniqueVector(x);
    return [pick(x, firsts), integers(c.outputTypes[1], [groups.length], groups)];
  },
  UniqueV2: ([x, axis], c) => uniqueAlong(x, toNumbers(axis), c.outputTypes[1]),
  UniqueWithCounts: ([x], c) => {
    const { groups, firsts, counts } = uniqueVector(x);
    const asIndices = (values: ArrayLike<number>) => integers(c.outputTypes[1], [values.length], values);
    return [pick(x, firsts), asIndices(groups), asIndices(counts)];
  },
  ListDiff: ([x, y], c) => {
    if (x.rank !== 1) throw new InvalidArgumentError('x should be a 1D vector.');
    if (y.rank !== 1) throw new InvalidArgumentError('y should be a 1D vector.');
    const excluded = new Set(elementKeys(y));
    const kept = elementKeys(x).flatMap((key, i) => (excluded.has(key) ? [] : [i]));
    return [pick(x, kept), integers(c.outputTypes[1], [kept.length], kept)];
  },
  LowerBound: bound((entry, value) => entry < value),
  UpperBound: bound((entry, value) => entry <= value),
  Bincount: ([arr, sizeInput, weights]) => {
    const size = Number(sizeInput.data[0]);
    if (sizeInput.rank !== 0) throw new InvalidArgumentError(`Shape must be rank 0 but is rank ${sizeInput.rank}`);
    if (size < 0) throw new InvalidArgumentError(`size (${size}) must be non-negative`);
    const isWeighted = weights.size > 0;
    if (isWeighted && weights.size !== arr.size) {
      throw new InvalidArgumentError('Input indices and weights must have the same size.');
    }
    const out = allocate(weights.dtype, size) as Float64Array;
    const one = (weights.dtype.isBigInt ? 1n : 1) as number;
    toNumbers(arr).forEach((bin, i) => {
      if (bin < 0) throw new InvalidArgumentError('Input arr must be non-negative!');
      if (bin < size) out[bin] += isWeighted ? (weights.data[i] as number) : one;
    });
    return new NdArray(weights.dtype, [size], out as never);
  },
};
