/**
 * Plain kernels: elements and slices picked by indices.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { gatherOps } from '../../graph/ops/gather';
import { stridesOf } from '../broadcast';
import type { KernelTable } from '../kernel';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** The position of element `flat` of an array as an index: `[1,0]`, or nothing for a scalar. */
export function positionText(flat: number, shape: readonly number[]): string {
  if (shape.length === 0) return '';
  const strides = stridesOf(shape);
  return `[${strides.map((stride, axis) => Math.floor(flat / stride) % shape[axis]).join(',')}]`;
}

/** Copies `length` elements; block-wise where the data is a typed array. */
export function copyBlock(from: NdArray['data'], start: number, to: NdArray['data'], at: number, length: number): void {
  if (ArrayBuffer.isView(from) && length > 8)
    (to as Float32Array).set((from as Float32Array).subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i] as never;
}

/** Slices of `params` along `axis`, where the first `batch` axes of params and indices belong together. */
export function gatherAlong(params: NdArray, indices: NdArray, axis: number, batch: number): NdArray {
  const limit = params.shape[axis];
  const batchSize = sizeOf(params.shape.slice(0, batch));
  const outer = sizeOf(params.shape.slice(batch, axis));
  const inner = sizeOf(params.shape.slice(axis + 1));
  const perBatch = sizeOf(indices.shape.slice(batch));
  const shape = [...params.shape.slice(0, axis), ...indices.shape.slice(batch), ...params.shape.slice(axis + 1)];
  const picked = toNumbers(indices);
  const wrong = picked.findIndex((index) => index < 0 || index >= limit);
  if (wrong >= 0) {
    throw new InvalidArgumentError(
      `indices${positionText(wrong, indices.shape)} = ${picked[wrong]} is not in [0, ${limit})`,
    );
  }
  const out = allocate(params.dtype, sizeOf(shape));
  let at = 0;
  for (let b = 0; b < batchSize; b++) {
    for (let o = 0; o < outer; o++) {
      const base = (b * outer + o) * limit * inner;
      for (let i = 0; i < perBatch; i++, at += inner) {
        copyBlock(params.data, base + picked[b * perBatch + i] * inner, out, at, inner);
      }
    }
  }
  return new NdArray(params.dtype, shape, out);
}

function gatherV2([params, indices, axisInput]: readonly NdArray[], givenBatch: number): NdArray {
  const rank = params.rank;
  if (rank < 1) throw new InvalidArgumentError('params must be at least 1 dimensional');
  if (axisInput.rank !== 0) throw new InvalidArgumentError('axis must be scalar');
  const axis = Number(axisInput.data[0]);
  if (axis < -rank || axis >= rank) {
    throw new InvalidArgumentError(`Expected axis in the range [${-rank}, ${rank}), but got ${axis}`);
  }
  const at = axis < 0 ? axis + rank : axis;
  if (givenBatch < -indices.rank || givenBatch > indices.rank) {
    throw new InvalidArgumentError(
      `Expected batch_dims in the range [${-indices.rank}, ${indices.rank}], but got ${givenBatch}`,
    );
  }
  const batch = givenBatch < 0 ? givenBatch + indices.rank : givenBatch;
  if (batch >= rank) throw new InvalidArgumentError(`batch_dims (${batch}) must be less than rank(params) (${rank}).`);
  if (batch > at) throw new InvalidArgumentError(`batch_dims (${batch}) must be less than or equal to axis (${at}).`);
  for (let i = 0; i < batch; i++) {
    if (params.shape[i] !== indices.shape[i]) {
      throw new InvalidArgumentError(
        `params.shape[${i}]: ${params.shape[i]} should be equal to indices.shape[${i}]: ${indices.shape[i]}`,
      );
    }
  }
  return gatherAlong(params, indices, at, batch);
}

/** The flat offset of each index vector, or the number of the first vector that is out of bounds. */
export function flatOffsets(indices: NdArray, shape: readonly number[]): { offsets: Int32Array; bad: number } {
  const depth = indices.shape.at(-1) ?? 0;
  const count = sizeOf(indices.shape.slice(0, -1));
  const strides = stridesOf(shape);
  const offsets = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let offset = 0;
    for (let d = 0; d < depth; d++) {
      const index = Number(indices.data[i * depth + d]);
      if (index < 0 || index >= shape[d]) return { offsets, bad: i };
      offset += index * strides[d];
    }
    offsets[i] = offset;
  }
  return { offsets, bad: -1 };
}

/** Index vector `i` as text: `[1, 5]`. */
export function vectorText(indices: NdArray, i: number, separator: string): string {
  const depth = indices.shape.at(-1)!;
  return `[${Array.from({ length: depth }, (_, d) => String(indices.data[i * depth + d])).join(separator)}]`;
}

export const gatherKernels: KernelTable<typeof gatherOps> = {
  Gather: ([params, indices]) => {
    if (params.rank < 1) throw new InvalidArgumentError('params must be at least 1 dimensional');
    return gatherAlong(params, indices, 0, 0);
  },
  GatherV2: (inputs, c) => gatherV2(inputs, Number(c.attr('batch_dims'))),
  GatherNd: ([params, indices], c) => {
    if (params.rank < 1) throw new InvalidArgumentError('params must be at least a vector');
    if (indices.rank < 1) throw new InvalidArgumentError('indices must be at least a vector');
    const depth = indices.shape.at(-1)!;
    if (depth > params.rank) {
      throw new InvalidArgumentError(
        `index innermost dimension length must be <= params rank; saw: ${depth} vs. ${params.rank}`,
      );
    }
    const { offsets, bad } = flatOffsets(indices, params.shape);
    const outer = indices.shape.slice(0, -1);
    if (bad >= 0) {
      throw new InvalidArgumentError(
        `indices${positionText(bad, outer)} = ${vectorText(indices, bad, ', ')} does not index into param shape ${shapeText(params.shape)}, node name: ${c.op.name}`,
      );
    }
    const rest = params.shape.slice(depth);
    const inner = sizeOf(rest);
    const out = allocate(params.dtype, offsets.length * inner);
    offsets.forEach((offset, i) => {
      copyBlock(params.data, offset, out, i * inner, inner);
    });
    return new NdArray(params.dtype, [...outer, ...rest], out);
  },
};
