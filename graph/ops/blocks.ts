/**
 * Ops: blocks of space moved into the batch or the depth, and back.
 */
import { applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import { toNumbers } from '../ndarray';
import { defineOps } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';

export type DataFormat = 'NHWC' | 'NCHW';

export const blocksOps = defineOps({
  SpaceToBatchND: {
    signature: `(input: T, block_shape: Tblock_shape, paddings: Tpaddings) -> (output: T)
      T: type
      Tblock_shape: {int32, int64} = int32
      Tpaddings: {int32, int64} = int32`,
    shape: (c) => [blockShape(c, 'paddings')],
    gradient: (op, grad) => [batchToSpaceND(grad, op.inputs[1], op.inputs[2]), null, null],
  },
  BatchToSpaceND: {
    signature: `(input: T, block_shape: Tblock_shape, crops: Tcrops) -> (output: T)
      T: type
      Tblock_shape: {int32, int64} = int32
      Tcrops: {int32, int64} = int32`,
    shape: (c) => [blockShape(c, 'crops')],
    gradient: (op, grad) => [spaceToBatchND(grad, op.inputs[1], op.inputs[2]), null, null],
  },
  SpaceToDepth: {
    signature: `(input: T) -> (output: T)
      T: type
      block_size: int >= 2
      data_format: {'NHWC', 'NCHW', 'NCHW_VECT_C'} = 'NHWC'`,
    shape: (c) => {
      const { at, size } = imageDims(c);
      return at(
        (dim) => divide(c, dim, size),
        (dim) => times(dim, size * size),
      );
    },
    gradient: (op, grad) => [
      depthToSpace(grad, Number(op.attrs.block_size), { dataFormat: op.attrs.data_format as DataFormat }),
    ],
  },
  DepthToSpace: {
    signature: `(input: T) -> (output: T)
      T: type
      block_size: int >= 2
      data_format: {'NHWC', 'NCHW', 'NCHW_VECT_C'} = 'NHWC'`,
    shape: (c) => {
      const { at, size } = imageDims(c);
      return at(
        (dim) => times(dim, size),
        (dim) => divide(c, dim, size * size),
      );
    },
    gradient: (op, grad) => [
      spaceToDepth(grad, Number(op.attrs.block_size), { dataFormat: op.attrs.data_format as DataFormat }),
    ],
  },
});

const times = (dim: Dimension, factor: number): Dimension => (dim === null ? null : dim * factor);

function divide(c: ShapeContext, dim: Dimension, divisor: number): Dimension {
  if (dim === null) return null;
  if (dim % divisor !== 0) c.fail(`Dimension size must be evenly divisible by ${divisor} but is ${dim}`);
  return dim / divisor;
}

/** The image dimensions of input 0, and how to map its space and its depth in the op's data format. */
function imageDims(c: ShapeContext) {
  const format = c.attr<string>('data_format');
  const dims = c.ranked(0, 4).dims!;
  if (format === 'NCHW_VECT_C') c.fail('the data format NCHW_VECT_C holds quantised values, which are not supported');
  const depthAt = format === 'NCHW' ? 1 : 3;
  const at = (space: (dim: Dimension) => Dimension, depth: (dim: Dimension) => Dimension): TensorShape[] => [
    new TensorShape(dims.map((dim, i) => (i === 0 ? dim : i === depthAt ? depth(dim) : space(dim)))),
  ];
  return { at, size: Number(c.attr('block_size')) };
}

function blockShape(c: ShapeContext, what: 'paddings' | 'crops'): TensorShape {
  const block = c.shape(1);
  if (block.rank !== 1) c.fail('block_shape must have rank 1.');
  const spatial = block.dims![0];
  if (spatial === null) c.fail('block_shape must have known size.');
  const input = c.withRankAtLeast(c.shape(0), spatial + 1);
  c.merge(c.shape(2), new TensorShape([spatial, 2]));
  const blockValue = c.value(1);
  const borderValue = c.value(2);
  const sizes = blockValue ? toNumbers(blockValue) : null;
  const borders = borderValue ? toNumbers(borderValue) : null;
  if (sizes?.some((size) => size < 1)) c.fail('block_shape must be positive');
  if (borders?.some((border) => border < 0)) c.fail(`${what} cannot be negative`);
  if (input.dims === null) return unknownShape;
  const blocks = sizes?.reduce((product, size) => product * size, 1) ?? null;
  const [batch, ...rest] = input.dims;
  const toBatch = what === 'paddings';
  const outBatch = blocks === null ? null : toBatch ? times(batch, blocks) : divide(c, batch, blocks);
  const space = rest.slice(0, spatial).map((dim, i) => {
    if (sizes === null || borders === null || dim === null) return null;
    const border = borders[2 * i] + borders[2 * i + 1];
    if (toBatch) return divide(c, dim + border, sizes[i]);
    return subtract(c, subtract(c, dim * sizes[i], borders[2 * i]), borders[2 * i + 1]);
  });
  return new TensorShape([outBatch, ...space, ...rest.slice(spatial)]);
}

function subtract(c: ShapeContext, dim: number, amount: number): number {
  if (dim < amount) c.fail(`Negative dimension size caused by subtracting ${amount} from ${dim}`);
  return dim - amount;
}

interface Named {
  readonly name?: string;
}

/** Blocks of the padded spatial dimensions moved into the batch dimension. Mirrors tf.space_to_batch_nd. */
export function spaceToBatchND(
  input: TensorLike,
  blockShape: TensorLike,
  paddings: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('SpaceToBatchND', { input, block_shape: blockShape, paddings }, name);
}

/** The inverse of spaceToBatchND, with `crops` cut off. Mirrors tf.batch_to_space_nd. */
export function batchToSpaceND(
  input: TensorLike,
  blockShape: TensorLike,
  crops: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('BatchToSpaceND', { input, block_shape: blockShape, crops }, name);
}

export interface DepthOptions extends Named {
  readonly dataFormat?: DataFormat;
}

/** Blocks of space moved into depth. Mirrors tf.nn.space_to_depth. */
export function spaceToDepth(input: TensorLike, blockSize: number, { dataFormat, name }: DepthOptions = {}): Tensor {
  return applyUnary('SpaceToDepth', { input, block_size: blockSize, data_format: dataFormat }, name);
}

/** Depth moved into blocks of space. Mirrors tf.nn.depth_to_space. */
export function depthToSpace(input: TensorLike, blockSize: number, { dataFormat, name }: DepthOptions = {}): Tensor {
  return applyUnary('DepthToSpace', { input, block_size: blockSize, data_format: dataFormat }, name);
}
