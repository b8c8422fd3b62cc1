/**
 * Lowerings: images made larger or smaller, one side after the other: rows and then pixels are picked at positions that are known,
 * mixed by weights that are known, and gradients are added up where the pixels came from.
 */
import { type DType, float32, int32 } from '../../graph/dtypes';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { imageOps } from '../../graph/ops/image';
import { apply, arg, constant, index, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { type Centers, nearestOf, weightsOf } from '../kernels/image';
import { picked } from './gather';
import { type LowerContext, type Lowering, type LoweringTable, routine } from './lowering';
import { canScatter, scattered } from './scatter';

/** The axes of an image. */
const [HEIGHT, WIDTH] = [1, 2];

function centersOf(c: LowerContext): Centers | null {
  const [align, half] = [c.attr<boolean>('align_corners'), c.attr<boolean>('half_pixel_centers')];
  return align && half ? null : { align, half };
}

const isImage = ({ shape }: Value): boolean => shape.length === 4 && !shape.includes(0);

/** The height and width that input 1 asks for. */
function sizeFor(c: LowerContext): readonly [number, number] | null {
  const size = c.integers(1);
  if (size?.length !== 2 || c.inputs[1].shape.length !== 1 || !isImage(c.inputs[0])) return null;
  return size[0] > 0 && size[1] > 0 ? [size[0], size[1]] : null;
}

const integers = (c: LowerContext, numbers: readonly number[]): Value =>
  c.b.constant(NdArray.from({ data: [...numbers], shape: [numbers.length] }, int32));

/** Numbers along one side, under a shape that broadcasts to an image's. */
function along(c: LowerContext, axis: number, numbers: readonly number[]): Value {
  const shape = [1, 1, 1, 1].with(axis, numbers.length);
  return c.b.constant(NdArray.from({ data: [...numbers], shape }, float32));
}

/** Adds lines of an image along `axis` to those that `lines` names, of `count`. */
function addedTo(c: LowerContext, image: Value, axis: number, lines: readonly number[], count: number): Value {
  const { shape } = image;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const line = apply('add', arg(0, 'i32'), apply('mul', index(0), constant('i32', count)));
  const indices = c.b.map(int32, [outer, lines.length], [integers(c, lines)], line);
  const sums = scattered(c, {
    how: 'add',
    target: { start: 0 },
    shape: [outer * count, inner],
    depth: 1,
    indices: c.b.reshape(indices, [outer * lines.length]),
    updates: c.b.reshape(image, [outer * lines.length, inner]),
  })!;
  return c.b.reshape(sums, shape.with(axis, count));
}

/** Lines of an image along `axis` at fractions between lines of another one. */
function mixed(c: LowerContext, image: Value, axis: number, size: number, centers: Centers): Value {
  const weights = weightsOf(image.shape[axis], size, centers);
  const [lower, upper] = (['lower', 'upper'] as const).map((side) =>
    picked(
      c,
      image,
      integers(
        c,
        weights.map((weight) => weight[side]),
      ),
      axis,
    ),
  );
  const lerp = along(
    c,
    axis,
    weights.map((weight) => weight.lerp),
  );
  const [a, b, t] = [arg(0, 'f32'), arg(1, 'f32'), arg(2, 'f32')];
  return c.b.map(float32, lower.shape, [lower, upper, lerp], apply('add', a, apply('mul', apply('sub', b, a), t)));
}

/** The gradient of `mixed` by the image, whose side has `size` lines. */
function unmixed(c: LowerContext, grad: Value, axis: number, size: number, centers: Centers): Value {
  const weights = weightsOf(size, grad.shape[axis], centers);
  const type = scalarTypeOf(grad.dtype)!;
  const scaled = (factors: readonly number[]): Value => {
    const factor = c.b.cast(along(c, axis, factors), grad.dtype);
    return c.b.map(grad.dtype, grad.shape, [grad, factor], apply('mul', arg(0, type), arg(1, type)));
  };
  const parts = [scaled(weights.map(({ lerp }) => Math.fround(1 - lerp))), scaled(weights.map(({ lerp }) => lerp))];
  const length = grad.shape[axis];
  const pieces = parts.map((part, i) => c.b.piece(part, [0, 0, 0, 0].with(axis, i * length)));
  const both = c.b.assemble(grad.dtype, grad.shape.with(axis, 2 * length), null, pieces);
  return addedTo(c, both, axis, [...weights.map(({ lower }) => lower), ...weights.map(({ upper }) => upper)], size);
}

const isResized = (dtype: DType): boolean => scalarTypeOf(dtype) !== null && !dtype.isBool;

const bilinear: Lowering = (c) => {
  const size = sizeFor(c);
  const centers = centersOf(c);
  const [image] = c.inputs;
  if (!size || !centers || !isResized(image.dtype)) return null;
  const wide = mixed(c, c.b.cast(image, float32), WIDTH, size[1], centers);
  return mixed(c, wide, HEIGHT, size[0], centers);
};

const bilinearGradient: Lowering = (c) => {
  const [grad, original] = c.inputs;
  const centers = centersOf(c);
  if (!centers || !isImage(grad) || !isImage(original) || grad.dtype !== float32 || original.dtype !== float32)
    return null;
  const tall = unmixed(c, grad, HEIGHT, original.shape[HEIGHT], centers);
  return unmixed(c, tall, WIDTH, original.shape[WIDTH], centers);
};

const nearest: Lowering = (c) => {
  const size = sizeFor(c);
  const centers = centersOf(c);
  const [image] = c.inputs;
  if (!size || !centers || !isResized(image.dtype)) return null;
  return [HEIGHT, WIDTH].reduce(
    (value, axis, i) => picked(c, value, integers(c, nearestOf(image.shape[axis], size[i], centers)), axis),
    image,
  );
};

const nearestGradient: Lowering = (c) => {
  const size = sizeFor(c);
  const centers = centersOf(c);
  const [grad] = c.inputs;
  if (!size || !centers || !canScatter('add', grad.dtype)) return null;
  return [WIDTH, HEIGHT].reduce((value, axis) => {
    const lines = size[axis - HEIGHT];
    return addedTo(c, value, axis, nearestOf(lines, value.shape[axis], centers), lines);
  }, grad);
};

export const imageLowerings: LoweringTable<typeof imageOps> = {
  ResizeBilinear: routine(bilinear),
  ResizeBilinearGrad: routine(bilinearGradient),
  ResizeNearestNeighbor: routine(nearest),
  ResizeNearestNeighborGrad: routine(nearestGradient),
};
