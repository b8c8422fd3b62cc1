/**
 * Plain kernels: blocks of space moved into the batch or the depth, and back.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { blocksOps } from '../../graph/ops/blocks';
import { stridesOf } from '../broadcast';
import type { KernelContext, KernelTable } from '../kernel';
import { readBlock, readView, writeBlock } from '../strided';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** An array with its axes in another order. */
function permute(value: NdArray, axes: readonly number[]): NdArray {
  const strides = stridesOf(value.shape);
  return readView(
    value,
    axes.map((axis) => value.shape[axis]),
    0,
    axes.map((axis) => strides[axis]),
  );
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

function readBorders(
  what: string,
  input: NdArray,
  block: NdArray,
  borders: NdArray,
): { sizes: number[]; borders: number[] } {
  if (block.rank !== 1) throw new InvalidArgumentError(`block rank should be 1 but is ${block.rank}`);
  const sizes = toNumbers(block);
  if (input.rank < sizes.length + 1) {
    throw new InvalidArgumentError(`input rank should be >= ${sizes.length + 1} instead of ${input.rank}`);
  }
  if (borders.rank !== 2 || borders.shape[0] !== sizes.length || borders.shape[1] !== 2) {
    throw new InvalidArgumentError(
      `${what} should have shape [${sizes.length}, 2] instead of ${shapeText(borders.shape)}`,
    );
  }
  const numbers = toNumbers(borders);
  if (sizes.some((size) => size < 1)) throw new InvalidArgumentError('All values in block_shape must be positive');
  if (numbers.some((border) => border < 0))
    throw new InvalidArgumentError(`${what === 'crops' ? 'Crops' : 'Paddings'} must be non-negative`);
  return { sizes, borders: numbers };
}

function depthBlock(c: KernelContext): number {
  const format = c.attr<string>('data_format');
  if (format !== 'NHWC')
    throw new UnimplementedError(`${c.op.type} has no kernel for the data format ${format} on this device.`);
  return Number(c.attr('block_size'));
}

export const blocksKernels: KernelTable<typeof blocksOps> = {
  SpaceToBatchND: ([input, block, paddings]) => {
    const { sizes, borders } = readBorders('paddings', input, block, paddings);
    const [batch, ...rest] = input.shape;
    const count = sizes.length;
    const space = sizes.map((size, i) => {
      const padded = rest[i] + borders[2 * i] + borders[2 * i + 1];
      if (padded % size !== 0)
        throw new InvalidArgumentError(`padded_shape[${i}]=${padded} is not divisible by block_shape[${i}]=${size}`);
      return padded;
    });
    const remaining = rest.slice(count);
    const paddedShape = [batch, ...space, ...remaining];
    const padded = new NdArray(input.dtype, paddedShape, allocate(input.dtype, sizeOf(paddedShape)));
    writeBlock(padded, [0, ...sizes.map((_, i) => borders[2 * i]), ...remaining.map(() => 0)], input);
    const divided = padded.reshape([batch, ...sizes.flatMap((size, i) => [space[i] / size, size]), ...remaining]);
    const axes = [
      ...upTo(count).map((i) => 2 * i + 2),
      0,
      ...upTo(count).map((i) => 2 * i + 1),
      ...remaining.map((_, i) => 2 * count + 1 + i),
    ];
    return permute(divided, axes).reshape([
      batch * product(sizes),
      ...sizes.map((size, i) => space[i] / size),
      ...remaining,
    ]);
  },
  BatchToSpaceND: ([input, block, crops]) => {
    const { sizes, borders } = readBorders('crops', input, block, crops);
    const [batch, ...rest] = input.shape;
    const count = sizes.length;
    if (batch % product(sizes) !== 0) {
      throw new InvalidArgumentError(
        `Input batch dimension (${batch}) is not divisible by product of block sizes (${product(sizes)})`,
      );
    }
    const outBatch = batch / product(sizes);
    const remaining = rest.slice(count);
    const divided = input.reshape([...sizes, outBatch, ...rest]);
    const axes = [
      count,
      ...upTo(count).flatMap((i) => [count + 1 + i, i]),
      ...remaining.map((_, i) => 2 * count + 1 + i),
    ];
    const whole = permute(divided, axes).reshape([outBatch, ...sizes.map((size, i) => rest[i] * size), ...remaining]);
    const shape = sizes.map((size, i) => {
      const cropped = rest[i] * size - borders[2 * i] - borders[2 * i + 1];
      if (cropped < 0) throw new InvalidArgumentError(`cropped_shape[${i}]=${cropped} must be non-negative`);
      return cropped;
    });
    return readBlock(
      whole,
      [0, ...sizes.map((_, i) => borders[2 * i]), ...remaining.map(() => 0)],
      [outBatch, ...shape, ...remaining],
    );
  },
  SpaceToDepth: ([input], c) => {
    const size = depthBlock(c);
    if (input.rank !== 4) throw new InvalidArgumentError(`Input rank should be 4 instead of ${input.rank}`);
    const [batch, height, width, depth] = input.shape;
    if (height % size !== 0 || width % size !== 0) {
      throw new InvalidArgumentError(
        `Image width ${width} and height ${height} should be divisible by block_size: ${size}`,
      );
    }
    const divided = input.reshape([batch, height / size, size, width / size, size, depth]);
    return permute(divided, [0, 1, 3, 2, 4, 5]).reshape([batch, height / size, width / size, depth * size * size]);
  },
  DepthToSpace: ([input], c) => {
    const size = depthBlock(c);
    if (input.rank !== 4) throw new InvalidArgumentError(`Input rank should be: 4 instead of: ${input.rank}`);
    const [batch, height, width, depth] = input.shape;
    if (depth % (size * size) !== 0) {
      throw new InvalidArgumentError(`Input depth dimension ${depth} should be divisible by: ${size * size}`);
    }
    const divided = input.reshape([batch, height, width, size, size, depth / (size * size)]);
    return permute(divided, [0, 1, 3, 2, 4, 5]).reshape([batch, height * size, width * size, depth / (size * size)]);
  },
};
