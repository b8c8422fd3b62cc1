/**
 * Lowerings: blocks of space moved into the batch or the depth, and back, as transposes between reshapes.
 */
import type { blocksOps } from '../../graph/ops/blocks';
import type { Value } from '../ir/value';
import type { LowerContext, LoweringTable } from './lowering';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

/** The sizes of the blocks, and what is padded or cropped before and after each axis. */
function readBorders(c: LowerContext): { readonly sizes: number[]; readonly borders: number[] } | null {
  const [sizes, borders] = [c.integers(1), c.integers(2)];
  if (!sizes || !borders || c.inputs[1].shape.length !== 1) return null;
  if (c.inputs[2].shape.join() !== `${sizes.length},2` || c.inputs[0].shape.length < sizes.length + 1) return null;
  return sizes.some((size) => size < 1) || borders.some((border) => border < 0) ? null : { sizes, borders };
}

/** The size of the blocks of an image in NHWC; null for other formats. */
function depthBlock(c: LowerContext): number | null {
  return c.attr<string>('data_format') === 'NHWC' && c.inputs[0].shape.length === 4
    ? Number(c.attr('block_size'))
    : null;
}

/** Reshapes, exchanges axes and reshapes again. */
function moved(
  { b }: LowerContext,
  value: Value,
  divided: readonly number[],
  axes: readonly number[],
  shape: readonly number[],
): Value {
  return b.reshape(b.transpose(b.reshape(value, divided), axes), shape);
}

export const blocksLowerings: LoweringTable<typeof blocksOps> = {
  SpaceToBatchND: (c) => {
    const [x] = c.inputs;
    const read = readBorders(c);
    if (!read) return null;
    const { sizes, borders } = read;
    const count = sizes.length;
    const [batch, ...rest] = x.shape;
    const remaining = rest.slice(count);
    const space = sizes.map((_, i) => rest[i] + borders[2 * i] + borders[2 * i + 1]);
    if (space.some((dim, i) => dim % sizes[i] !== 0)) return null;
    const start = [0, ...sizes.map((_, i) => borders[2 * i]), ...remaining.map(() => 0)];
    const padded = borders.every((border) => border === 0)
      ? x
      : c.b.assemble(x.dtype, [batch, ...space, ...remaining], 0, [c.b.piece(x, start)]);
    const axes = [
      ...upTo(count).map((i) => 2 * i + 2),
      0,
      ...upTo(count).map((i) => 2 * i + 1),
      ...remaining.map((_, i) => 2 * count + 1 + i),
    ];
    const divided = [batch, ...sizes.flatMap((size, i) => [space[i] / size, size]), ...remaining];
    const shape = [batch * product(sizes), ...sizes.map((size, i) => space[i] / size), ...remaining];
    return moved(c, padded, divided, axes, shape);
  },
  BatchToSpaceND: (c) => {
    const [x] = c.inputs;
    const read = readBorders(c);
    if (!read) return null;
    const { sizes, borders } = read;
    const count = sizes.length;
    const [batch, ...rest] = x.shape;
    const remaining = rest.slice(count);
    if (batch % product(sizes) !== 0) return null;
    const outBatch = batch / product(sizes);
    const space = sizes.map((size, i) => rest[i] * size);
    const cropped = space.map((dim, i) => dim - borders[2 * i] - borders[2 * i + 1]);
    if (cropped.some((dim) => dim < 0)) return null;
    const axes = [
      count,
      ...upTo(count).flatMap((i) => [count + 1 + i, i]),
      ...remaining.map((_, i) => 2 * count + 1 + i),
    ];
    const whole = moved(c, x, [...sizes, outBatch, ...rest], axes, [outBatch, ...space, ...remaining]);
    return c.b.slice(
      whole,
      [0, ...sizes.map((_, i) => borders[2 * i]), ...remaining.map(() => 0)],
      [outBatch, ...cropped, ...remaining],
      whole.shape.map(() => 1),
    );
  },
  SpaceToDepth: (c) => {
    const size = depthBlock(c);
    const [batch, height, width, depth] = c.inputs[0].shape;
    if (size === null || height % size !== 0 || width % size !== 0) return null;
    const divided = [batch, height / size, size, width / size, size, depth];
    const shape = [batch, height / size, width / size, depth * size * size];
    return moved(c, c.inputs[0], divided, [0, 1, 3, 2, 4, 5], shape);
  },
  DepthToSpace: (c) => {
    const size = depthBlock(c);
    const [batch, height, width, depth] = c.inputs[0].shape;
    if (size === null || depth % (size * size) !== 0) return null;
    const rest = depth / (size * size);
    const divided = [batch, height, width, size, size, rest];
    return moved(c, c.inputs[0], divided, [0, 1, 3, 2, 4, 5], [batch, height * size, width * size, rest]);
  },
};
