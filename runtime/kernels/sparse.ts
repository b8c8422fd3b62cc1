/**
 * Plain kernels: sparse tensors as indices, values and shape, and sums over segments of rows.
 */
import { int64 } from '../../graph/dtypes';
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, type Data, NdArray, type NumericArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { sparseOps } from '../../graph/ops/sparse';
import type { Kernel, KernelTable } from '../kernel';
import { bracketed } from './state';

const { fround } = Math;

/** Index vectors, one a row. */
function indexRows(indices: NdArray, depth: number): number[][] {
  const flat = toNumbers(indices);
  return Array.from({ length: depth === 0 ? 0 : flat.length / depth }, (_, i) =>
    flat.slice(i * depth, (i + 1) * depth),
  );
}

function flatten(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((flat, at, i) => flat * shape[i] + at, 0);
}

const outOfBounds = (index: readonly number[], shape: readonly number[]) =>
  index.some((at, i) => !(at >= 0 && at < shape[i]));

/** Indices must lie in the shape, in order and without repeats. */
function checkOrder(rows: readonly number[][], shape: readonly number[]): void {
  let before = -1;
  rows.forEach((row, i) => {
    if (outOfBounds(row, shape))
      throw new InvalidArgumentError(
        `indices[${i}] = ${bracketed(row)} is out of bounds: need 0 <= index < ${bracketed(shape)}`,
      );
    const flat = flatten(row, shape);
    if (flat === before) throw new InvalidArgumentError(`indices[${i}] = ${bracketed(row)} is repeated`);
    if (flat < before)
      throw new InvalidArgumentError(
        `indices[${i}] = ${bracketed(row)} is out of order. Many sparse ops require sorted indices.\n    Use \`tf.sparse.reorder\` to create a correctly ordered copy.\n\n`,
      );
    before = flat;
  });
}

const toDense: Kernel = ([indices, shapeInput, values, fallback], c) => {
  if (indices.rank > 2)
    throw new InvalidArgumentError(
      `sparse_indices should be a scalar, vector, or matrix, got shape ${bracketed(indices.shape)}`,
    );
  if (shapeInput.rank !== 1)
    throw new InvalidArgumentError(`output_shape must be rank 1, got shape ${bracketed(shapeInput.shape)}`);
  const shape = toNumbers(shapeInput);
  const depth = indices.rank === 2 ? indices.shape[1] : 1;
  const count = indices.rank === 0 ? 1 : indices.shape[0];
  if (depth !== shape.length)
    throw new InvalidArgumentError(
      `output_shape has incorrect number of elements: ${shape.length} should be: ${depth}`,
    );
  if (values.rank > 1 || (values.rank === 1 && values.size !== count))
    throw new InvalidArgumentError(
      `sparse_values has incorrect shape ${bracketed(values.shape)}, should be [] or [${count}]`,
    );
  if (fallback.rank > 0) throw new InvalidArgumentError('default_value should be a scalar.');
  const rows = indexRows(indices, depth);
  if (c.attr<boolean>('validate_indices')) checkOrder(rows, shape);
  const out = allocate(values.dtype, sizeOf(shape)) as unknown[];
  out.fill(fallback.data[0]);
  rows.forEach((row, i) => {
    if (outOfBounds(row, shape))
      throw new InvalidArgumentError(`Indices are not valid (out of bounds).  Shape: ${bracketed(shape)}`);
    out[flatten(row, shape)] = values.data[values.rank === 0 ? 0 : i];
  });
  return new NdArray(values.dtype, shape, out as never);
};

const asInt64 = (values: readonly number[], shape: readonly number[]): NdArray =>
  new NdArray(int64, shape, BigInt64Array.from(values, BigInt) as Data<'int64'>);

/** The new shape with its -1 replaced. */
function resolveShape(input: readonly number[], wanted: readonly number[]): number[] {
  const open = wanted.indexOf(-1);
  const second = wanted.indexOf(-1, open + 1);
  if (open >= 0 && second >= 0)
    throw new InvalidArgumentError(`only one output dimension may be -1, not both ${open} and ${second}`);
  wanted.forEach((size, i) => {
    if (size < 0 && i !== open) throw new InvalidArgumentError(`size ${i} must be non-negative, not ${size}`);
  });
  const total = sizeOf(input);
  const shape = [...wanted];
  if (open >= 0) {
    const rest = sizeOf(wanted.filter((_, i) => i !== open));
    if (rest === 0)
      throw new InvalidArgumentError(
        'reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are non-zero',
      );
    shape[open] = Math.floor(total / rest);
    if (sizeOf(shape) !== total)
      throw new InvalidArgumentError(
        `Input to reshape is a SparseTensor with ${total} dense values, but the requested shape requires a multiple of ${rest}. input_shape=${bracketed(input)} output_shape=${bracketed(shape)}`,
      );
  }
  if (sizeOf(shape) !== total)
    throw new InvalidArgumentError(
      `Input to reshape is a tensor with ${total} dense values, but the requested shape has ${sizeOf(shape)}. input_shape=${bracketed(input)} output_shape=${bracketed(shape)}`,
    );
  return shape;
}

const reshape: Kernel = ([indices, inputShape, newShape]) => {
  if (indices.rank !== 2)
    throw new InvalidArgumentError(`Input indices should be a matrix but received shape ${bracketed(indices.shape)}`);
  if (inputShape.rank !== 1)
    throw new InvalidArgumentError(`Input shape should be a vector but received shape ${bracketed(inputShape.shape)}`);
  if (newShape.rank !== 1)
    throw new InvalidArgumentError(`Target shape should be a vector but received shape ${bracketed(newShape.shape)}`);
  const from = toNumbers(inputShape);
  if (indices.shape[1] !== from.length)
    throw new InvalidArgumentError(
      `Input tensor rank must match input shape length. Got ${indices.shape[1]} and ${from.length}`,
    );
  const to = resolveShape(from, toNumbers(newShape));
  const moved = indexRows(indices, from.length).flatMap((row) => {
    let rest = flatten(row, from);
    const index = new Array<number>(to.length);
    for (let axis = to.length - 1; axis >= 0; axis--) {
      index[axis] = rest % to[axis];
      rest = Math.floor(rest / to[axis]);
    }
    return index;
  });
  return [asInt64(moved, [indices.shape[0], to.length]), asInt64(to, [to.length])];
};

const fillEmptyRows: Kernel = ([indices, values, denseShape, fallback], c) => {
  if (denseShape.rank !== 1)
    throw new InvalidArgumentError(`dense_shape must be a vector, saw: ${bracketed(denseShape.shape)}`);
  if (indices.rank !== 2) throw new InvalidArgumentError(`indices must be a matrix, saw: ${bracketed(indices.shape)}`);
  if (values.rank !== 1) throw new InvalidArgumentError(`values must be a vector, saw: ${bracketed(values.shape)}`);
  if (indices.shape[0] !== values.size)
    throw new InvalidArgumentError(
      `The length of \`values\` (${values.size}) must match the first dimension of \`indices\` (${indices.shape[0]}).`,
    );
  if (fallback.rank !== 0)
    throw new InvalidArgumentError(`default_value must be a scalar, saw: ${bracketed(fallback.shape)}`);
  if (denseShape.size === 0) throw new InvalidArgumentError('Dense shape cannot be empty.');
  const rows = Number(denseShape.data[0]);
  const rank = indices.shape[1];
  const list = indexRows(indices, rank);
  if (rows === 0 && list.length > 0)
    throw new InvalidArgumentError(
      `Received SparseTensor with dense_shape[0] = 0 but indices.shape[0] = ${list.length}`,
    );
  const members: number[][] = Array.from({ length: rows }, () => []);
  list.forEach(([row], i) => {
    if (row < 0) throw new InvalidArgumentError(`indices(${i}, 0) is invalid: ${row} < 0`);
    if (row >= rows) throw new InvalidArgumentError(`indices(${i}, 0) is invalid: ${row} >= ${rows}`);
    members[row].push(i);
  });
  const map = new Array<number>(list.length);
  const outIndices: number[] = [];
  const outValues: unknown[] = [];
  members.forEach((entries, row) => {
    if (entries.length === 0) {
      outIndices.push(row, ...new Array<number>(rank - 1).fill(0));
      outValues.push(fallback.data[0]);
    }
    for (const i of entries) {
      map[i] = outValues.length;
      outIndices.push(...list[i]);
      outValues.push(values.data[i]);
    }
  });
  const filled = allocate(values.dtype, outValues.length) as unknown[];
  outValues.forEach((value, i) => {
    filled[i] = value;
  });
  return [
    asInt64(outIndices, [outValues.length, rank]),
    new NdArray(values.dtype, [outValues.length], filled as never),
    new NdArray(
      c.outputTypes[2],
      [rows],
      Uint8Array.from(members, (entries) => (entries.length === 0 ? 1 : 0)) as never,
    ),
    asInt64(map, [map.length]),
  ];
};

const fillEmptyRowsGradient: Kernel = ([map, grads]) => {
  if (map.rank !== 1)
    throw new InvalidArgumentError(`reverse_index_map must be a vector, saw: ${bracketed(map.shape)}`);
  if (grads.rank !== 1) throw new InvalidArgumentError(`grad_values must be a vector, saw: ${bracketed(grads.shape)}`);
  const places = toNumbers(map);
  const used = new Set<number>();
  const out = allocate(grads.dtype, places.length) as NumericArray;
  places.forEach((place, i) => {
    if (!(place >= 0 && place < grads.size))
      throw new InvalidArgumentError(`Elements in reverse index must be in [0, ${grads.size}) but got ${place}`);
    out[i] = grads.data[place] as never;
    used.add(place);
  });
  const rest = allocate(grads.dtype, 1) as Float64Array;
  for (let i = 0; i < grads.size; i++) if (!used.has(i)) rest[0] += (grads.data as Float64Array)[i];
  return [new NdArray(grads.dtype, [places.length], out as never), new NdArray(grads.dtype, [], rest as never)];
};

type Kind = 'sum' | 'mean' | 'sqrtN';

const divisor = (kind: Kind, count: number): number =>
  kind === 'sum' || count === 0 ? 1 : kind === 'mean' ? count : Math.sqrt(count);

function checkSegments(indices: NdArray, ids: NdArray): { rows: number[]; segments: number[] } {
  if (indices.rank !== 1) throw new InvalidArgumentError('indices should be a vector.');
  if (ids.rank !== 1) throw new InvalidArgumentError('segment_ids should be a vector.');
  if (indices.size !== ids.size) throw new InvalidArgumentError('segment_ids and indices should have same size.');
  return { rows: toNumbers(indices), segments: toNumbers(ids) };
}

function requireSingleOrWider(data: NdArray, type: string): void {
  if (data.dtype.isFloating && data.dtype.size === 2)
    throw new UnimplementedError(`${type} has no kernel for ${data.dtype.name}.`);
}

function countsOf(segments: readonly number[], count: number): Int32Array {
  const counts = new Int32Array(count);
  for (const id of segments) counts[id]++;
  return counts;
}

const reduceSegments =
  (kind: Kind): Kernel =>
  ([data, indices, ids], c) => {
    requireSingleOrWider(data, c.op.type);
    const { rows, segments } = checkSegments(indices, ids);
    const count = segments.length > 0 ? segments[segments.length - 1] + 1 : 0;
    segments.forEach((id, i) => {
      if (id < 0) throw new InvalidArgumentError('segment ids must be >= 0');
      if (i > 0 && id < segments[i - 1]) throw new InvalidArgumentError('segment ids are not increasing');
      if (!(rows[i] >= 0 && rows[i] < data.shape[0]))
        throw new InvalidArgumentError(`Bad: indices[${i}] == ${rows[i]} out of range [0, ${data.shape[0]})`);
    });
    const rest = data.shape.slice(1);
    const inner = sizeOf(rest);
    const out = allocate(data.dtype, count * inner) as Float64Array;
    const source = data.data as Float64Array;
    segments.forEach((id, i) => {
      for (let k = 0; k < inner; k++) out[id * inner + k] += source[rows[i] * inner + k];
    });
    if (kind !== 'sum')
      countsOf(segments, count).forEach((size, id) => {
        const by = divisor(kind, size);
        for (let k = id * inner; k < (id + 1) * inner; k++) out[k] /= by;
      });
    return new NdArray(data.dtype, [count, ...rest], out as never);
  };

const segmentGradient =
  (kind: Kind): Kernel =>
  ([grad, indices, ids, rowCount], c) => {
    requireSingleOrWider(grad, c.op.type);
    const { rows, segments } = checkSegments(indices, ids);
    const total = Number(rowCount.data[0]);
    const rest = grad.shape.slice(1);
    const inner = sizeOf(rest);
    segments.forEach((id, i) => {
      if (!(id >= 0 && id < grad.shape[0]))
        throw new InvalidArgumentError(`Segment id ${id} out of range [0, ${grad.shape[0]}).`);
      if (!(rows[i] >= 0 && rows[i] < total))
        throw new InvalidArgumentError(`Index ${rows[i]} out of range [0, ${total}).`);
    });
    const counts = countsOf(segments, grad.shape[0]);
    const out = allocate(grad.dtype, total * inner) as Float64Array;
    const source = grad.data as Float64Array;
    const round = grad.dtype.name === 'float32' ? fround : (value: number) => value;
    segments.forEach((id, i) => {
      const scale = round(1 / divisor(kind, counts[id]));
      for (let k = 0; k < inner; k++) out[rows[i] * inner + k] += round(source[id * inner + k] * scale);
    });
    return new NdArray(grad.dtype, [total, ...rest], out as never);
  };

export const sparseKernels: KernelTable<typeof sparseOps> = {
  SparseToDense: toDense,
  SparseReshape: reshape,
  SparseFillEmptyRows: fillEmptyRows,
  SparseFillEmptyRowsGrad: fillEmptyRowsGradient,
  SparseSegmentSum: reduceSegments('sum'),
  SparseSegmentMean: reduceSegments('mean'),
  SparseSegmentSqrtN: reduceSegments('sqrtN'),
  SparseSegmentSumGrad: segmentGradient('sum'),
  SparseSegmentMeanGrad: segmentGradient('mean'),
  SparseSegmentSqrtNGrad: segmentGradient('sqrtN'),
};
