/**
 * Ops: images [batch, height, width, channels] made larger or smaller.
 */
import { applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import { int32 } from '../dtypes';
import type { Operation } from '../operation';
import { defineOps, unsupported } from '../registry';
import { TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { sliceAt } from './brackets';
import { constant } from './source';

const IMAGES = '{int8, uint8, int16, uint16, int32, int64, float16, float32, float64, bfloat16}';

const CENTERS = `align_corners: bool = false
  half_pixel_centers: bool = false`;

/** Images of input 0 with the height and width that input 1 says. */
function sizedShape(c: ShapeContext): TensorShape[] {
  const [batch, , , channels] = c.ranked(0, 4).dims!;
  c.ranked(1, 1);
  const { dims } = c.valueAsShape(1);
  if (dims !== null && dims.length !== 2) c.fail(`Dimension must be 2 but is ${dims.length}`);
  const [height, width] = dims ?? [null, null];
  return [new TensorShape([batch, height, width, channels])];
}

const centers = (op: Operation) => ({
  align_corners: op.attrs.align_corners as boolean,
  half_pixel_centers: op.attrs.half_pixel_centers as boolean,
});

/** Height and width of images, as a constant where they are known. */
function imageSize(images: Tensor): Tensor {
  const [, height, width] = images.shape.dims ?? [];
  if (typeof height === 'number' && typeof width === 'number') return constant([height, width], int32);
  return sliceAt(applyUnary('Shape', { input: images }), [[1, 3]]);
}

const noSecond = unsupported('TensorFlow has no gradient of it either');

export const imageOps = defineOps({
  ResizeBilinear: {
    signature: `(images: T, size: int32) -> (resized_images: float32)
      T: ${IMAGES}
      ${CENTERS}`,
    shape: sizedShape,
    gradient: (op, grads) =>
      op.inputs[0].dtype.isFloating
        ? [applyUnary('ResizeBilinearGrad', { grads, original_image: op.inputs[0], ...centers(op) }), null]
        : [null, null],
  },
  ResizeBilinearGrad: {
    signature: `(grads: float32, original_image: T) -> (output: T)
      T: {float32, bfloat16, float16, float64}
      ${CENTERS}`,
    shape: (c) => [c.shape(1)],
    gradient: noSecond,
  },
  ResizeNearestNeighbor: {
    signature: `(images: T, size: int32) -> (resized_images: T)
      T: ${IMAGES}
      ${CENTERS}`,
    shape: sizedShape,
    gradient: (op, grads) => [
      applyUnary('ResizeNearestNeighborGrad', { grads, size: imageSize(op.inputs[0]), ...centers(op) }),
      null,
    ],
  },
  ResizeNearestNeighborGrad: {
    signature: `(grads: T, size: int32) -> (output: T)
      T: {uint8, int8, int32, float16, float32, float64, bfloat16}
      ${CENTERS}`,
    shape: sizedShape,
    gradient: noSecond,
  },
});

export interface ResizeOptions {
  /** The corners' pixels of both images lie on each other. Default false. */
  readonly alignCorners?: boolean;
  /** Pixels are squares, not points. Default false. */
  readonly halfPixelCenters?: boolean;
  readonly name?: string;
}

const resized = (op: string, images: TensorLike, size: TensorLike, options: ResizeOptions): Tensor =>
  applyUnary(
    op,
    { images, size, align_corners: options.alignCorners, half_pixel_centers: options.halfPixelCenters },
    options.name,
  );

/**
 * Images [batch, height, width, channels] of any numbers at `size` = [newHeight, newWidth], as float32, by bilinear
 * interpolation. Mirrors tf.compat.v1.image.resize_bilinear.
 */
export function resizeBilinear(images: TensorLike, size: TensorLike, options: ResizeOptions = {}): Tensor {
  return resized('ResizeBilinear', images, size, options);
}

/** Images at `size`, each pixel that of the nearest one. Mirrors tf.compat.v1.image.resize_nearest_neighbor. */
export function resizeNearestNeighbor(images: TensorLike, size: TensorLike, options: ResizeOptions = {}): Tensor {
  return resized('ResizeNearestNeighbor', images, size, options);
}
