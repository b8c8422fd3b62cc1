/**
 * Plain kernels: images made larger or smaller. Positions and weights are single precision, as in TensorFlow.
 */
import { float32 } from '../../graph/dtypes';
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, type NumericArray, sizeOf } from '../../graph/ndarray';
import type { imageOps } from '../../graph/ops/image';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { bracketed } from './state';

const { fround } = Math;

type Numbers = Exclude<NumericArray, BigInt64Array | BigUint64Array>;

export interface Centers {
  readonly align: boolean;
  readonly half: boolean;
}

function centersOf(c: KernelContext): Centers {
  const [align, half] = [c.attr<boolean>('align_corners'), c.attr<boolean>('half_pixel_centers')];
  if (align && half) throw new InvalidArgumentError('If half_pixel_centers is True, align_corners must be False.');
  return { align, half };
}

function requireImages(images: NdArray): readonly number[] {
  if (images.rank !== 4) throw new InvalidArgumentError(`input must be 4-dimensional${bracketed(images.shape)}`);
  return images.shape;
}

function sizesOf(images: NdArray, size: NdArray): { from: readonly number[]; to: readonly number[] } {
  const from = requireImages(images);
  if (size.rank !== 1) throw new InvalidArgumentError(`shape_t must be 1-dimensional${bracketed(size.shape)}`);
  if (size.size !== 2) throw new InvalidArgumentError(`shape_t must have two elements${bracketed(size.shape)}`);
  const [height, width] = size.data as Int32Array;
  if (height <= 0 || width <= 0) throw new InvalidArgumentError('output dimensions must be positive');
  if (from[1] <= 0 || from[2] <= 0) throw new InvalidArgumentError('input image must be of non-zero size');
  return { from, to: [from[0], height, width, from[3]] };
}

/** Input pixels per output pixel along one side. */
function scaleOf(from: number, to: number, { align }: Centers): number {
  return align && to > 1 ? fround((from - 1) / (to - 1)) : fround(from / to);
}

/** For each output position the two input positions around it, and how far it is on the way to the second. */
export function weightsOf(from: number, to: number, centers: Centers) {
  const scale = scaleOf(from, to, centers);
  return Array.from({ length: to }, (_, i) => {
    const at = centers.half ? fround(fround(fround(i + 0.5) * scale) - 0.5) : fround(i * scale);
    const floor = Math.floor(at);
    return { lower: Math.max(floor, 0), upper: Math.min(Math.ceil(at), from - 1), lerp: fround(at - floor) };
  });
}

/** Numbers as single precision. */
function asSingles(images: NdArray, type: string): Float32Array {
  const { dtype, data } = images;
  if (dtype.isFloating && dtype.size === 2) throw new UnimplementedError(`${type} has no kernel for ${dtype.name}.`);
  if (dtype === float32) return data as Float32Array;
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

const bilinear: Kernel = ([images, size], c) => {
  const centers = centersOf(c);
  const { from, to } = sizesOf(images, size);
  const source = asSingles(images, c.op.type);
  const [batch, height, width, channels] = to;
  const out = new Float32Array(sizeOf(to));
  const ys = weightsOf(from[1], height, centers);
  const xs = weightsOf(from[2], width, centers);
  const row = from[2] * channels;
  let at = 0;
  for (let b = 0; b < batch; b++) {
    const image = b * from[1] * row;
    for (const y of ys) {
      const [top, bottom] = [image + y.lower * row, image + y.upper * row];
      for (const x of xs) {
        const [left, right] = [x.lower * channels, x.upper * channels];
        for (let k = 0; k < channels; k++, at++) {
          const topLeft = source[top + left + k];
          const bottomLeft = source[bottom + left + k];
          const above = fround(topLeft + fround(fround(source[top + right + k] - topLeft) * x.lerp));
          const below = fround(bottomLeft + fround(fround(source[bottom + right + k] - bottomLeft) * x.lerp));
          out[at] = above + fround(fround(below - above) * y.lerp);
        }
      }
    }
  }
  return new NdArray(float32, to, out);
};

const bilinearGradient: Kernel = ([grads, original], c) => {
  const centers = centersOf(c);
  const from = requireImages(original);
  const [, height, width] = requireImages(grads);
  const { dtype } = original;
  if (dtype.size === 2) throw new UnimplementedError(`${c.op.type} has no kernel for ${dtype.name}.`);
  const [batch, rows, columns, channels] = from;
  const round = dtype === float32 ? fround : (value: number) => value;
  const out = allocate(dtype, sizeOf(from)) as Float32Array;
  const source = grads.data as Float32Array;
  const ys = weightsOf(rows, height, centers);
  const xs = weightsOf(columns, width, centers);
  let at = 0;
  for (let b = 0; b < batch; b++) {
    for (const y of ys) {
      const [top, bottom] = [y.lower, y.upper].map((line) => (b * rows + line) * columns);
      const above = fround(1 - y.lerp);
      for (const x of xs) {
        const before = fround(1 - x.lerp);
        for (let k = 0; k < channels; k++, at++) {
          const add = (pixel: number, one: number, other: number) => {
            const place = pixel * channels + k;
            out[place] = round(out[place] + round(fround(fround(source[at] * one) * other)));
          };
          add(top + x.lower, above, before);
          add(top + x.upper, above, x.lerp);
          add(bottom + x.lower, y.lerp, before);
          add(bottom + x.upper, y.lerp, x.lerp);
        }
      }
    }
  }
  return new NdArray(dtype, from, out as never);
};

/** Away from zero at halves, as C rounds. */
const rounded = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

/** For each of `to` positions the nearest of `from`. */
export function nearestOf(from: number, to: number, centers: Centers): number[] {
  const scale = scaleOf(from, to, centers);
  return Array.from({ length: to }, (_, i) => {
    const at = fround((centers.half ? i + 0.5 : i) * scale);
    return Math.max(0, Math.min(centers.align ? rounded(at) : Math.floor(at), from - 1));
  });
}

const nearest: Kernel = ([images, size], c) => {
  const centers = centersOf(c);
  const { from, to } = sizesOf(images, size);
  const [batch, height, width, channels] = to;
  const out = allocate(images.dtype, sizeOf(to)) as Numbers;
  const source = images.data as Numbers;
  const ys = nearestOf(from[1], height, centers);
  const xs = nearestOf(from[2], width, centers);
  let at = 0;
  for (let b = 0; b < batch; b++) {
    for (const y of ys) {
      const row = (b * from[1] + y) * from[2];
      for (const x of xs) {
        const pixel = (row + x) * channels;
        for (let k = 0; k < channels; k++) out[at++] = source[pixel + k];
      }
    }
  }
  return new NdArray(images.dtype, to, out as never);
};

const nearestGradient: Kernel = ([grads, size], c) => {
  const centers = centersOf(c);
  const { from, to } = sizesOf(grads, size);
  const { dtype } = grads;
  if (dtype.isFloating && dtype.size === 2)
    throw new UnimplementedError(`${c.op.type} has no kernel for ${dtype.name}.`);
  const [batch, height, width, channels] = from;
  const out = allocate(dtype, sizeOf(to)) as Numbers;
  const source = grads.data as Numbers;
  const ys = nearestOf(to[1], height, centers);
  const xs = nearestOf(to[2], width, centers);
  let at = 0;
  for (let b = 0; b < batch; b++) {
    for (const y of ys) {
      for (const x of xs) {
        const pixel = ((b * to[1] + y) * to[2] + x) * channels;
        for (let k = 0; k < channels; k++) out[pixel + k] += source[at++];
      }
    }
  }
  return new NdArray(dtype, to, out as never);
};

export const imageKernels: KernelTable<typeof imageOps> = {
  ResizeBilinear: bilinear,
  ResizeBilinearGrad: bilinearGradient,
  ResizeNearestNeighbor: nearest,
  ResizeNearestNeighborGrad: nearestGradient,
};
