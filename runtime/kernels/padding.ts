/**
 * Plain kernels: padding and repetition.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { paddingOps } from '../../graph/ops/padding';
import { stridesOf } from '../broadcast';
import type { KernelTable } from '../kernel';
import { readView, writeBlock } from '../strided';

type Paddings = readonly (readonly [before: number, after: number])[];

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

export function readPaddings(paddings: NdArray): Paddings {
  if (paddings.rank !== 2 || paddings.shape[1] !== 2) {
    throw new InvalidArgumentError(`paddings must be a matrix with 2 columns: ${shapeText(paddings.shape)}`);
  }
  const numbers = toNumbers(paddings);
  return Array.from({ length: paddings.shape[0] }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]] as const);
}

function constantPad(input: NdArray, paddingsInput: NdArray, value: NdArray | undefined): NdArray {
  const paddings = readPaddings(paddingsInput);
  if (paddings.length !== input.rank) {
    throw new InvalidArgumentError(
      `The first dimension of paddings must be the rank of inputs${shapeText(paddingsInput.shape)} ${shapeText(input.shape)}`,
    );
  }
  if (value && value.rank !== 0)
    throw new InvalidArgumentError(`constant_values must be a scalar. Found: ${shapeText(value.shape)}`);
  const shape = input.shape.map((dim, i) => {
    const [before, after] = paddings[i];
    if (before < 0 || after < 0) throw new InvalidArgumentError(`Paddings must be non-negative: ${before} ${after}`);
    return dim + before + after;
  });
  const out = new NdArray(input.dtype, shape, allocate(input.dtype, sizeOf(shape)));
  if (value) (out.data as unknown[]).fill(value.data[0]);
  writeBlock(
    out,
    paddings.map(([before]) => before),
    input,
  );
  return out;
}

/** For each position of the padded axis, the position of the original axis that it mirrors. */
function mirrorIndex(size: number, before: number, after: number, repeatsEdge: boolean): Int32Array {
  const shift = repeatsEdge ? 0 : 1;
  return Int32Array.from({ length: size + before + after }, (_, i) => {
    const at = i - before;
    if (at < 0) return shift - 1 - at;
    return at < size ? at : 2 * size - 1 - shift - at;
  });
}

/** The offset in the original of each element of the padded array, axis by axis. */
function mirrorOffsets(shape: readonly number[], paddings: Paddings, repeatsEdge: boolean): readonly Int32Array[] {
  const strides = stridesOf(shape);
  return shape.map((size, axis) => mirrorIndex(size, ...paddings[axis], repeatsEdge).map((at) => at * strides[axis]));
}

/** Calls `visit(padded, original)` with the flat positions of all elements of the padded array. */
function forEachMirrored(offsets: readonly Int32Array[], visit: (padded: number, original: number) => void): void {
  let next = 0;
  const walk = (axis: number, base: number): void => {
    if (axis === offsets.length) visit(next++, base);
    else for (const offset of offsets[axis]) walk(axis + 1, base + offset);
  };
  walk(0, 0);
}

function checkMirror(paddings: Paddings, paddingsInput: NdArray, shape: readonly number[], repeatsEdge: boolean): void {
  if (paddings.length !== shape.length) {
    throw new InvalidArgumentError(
      `The first dimension of paddings must be the rank of inputs${shapeText(paddingsInput.shape)}, ${shapeText(shape)}`,
    );
  }
  paddings.forEach(([before, after], axis) => {
    const size = shape[axis];
    if (before < 0 || after < 0) throw new InvalidArgumentError(`paddings must be non-negative: ${before} ${after}`);
    if (repeatsEdge && (before > size || after > size)) {
      throw new InvalidArgumentError(
        `paddings must be no greater than the dimension size: ${before}, ${after} greater than ${size}`,
      );
    }
    if (!repeatsEdge && (before >= size || after >= size)) {
      throw new InvalidArgumentError(
        `paddings must be less than the dimension size: ${before}, ${after} not less than ${size}`,
      );
    }
  });
}

export const paddingKernels: KernelTable<typeof paddingOps> = {
  Pad: ([input, paddings]) => constantPad(input, paddings, undefined),
  PadV2: ([input, paddings, value]) => constantPad(input, paddings, value),
  MirrorPad: ([input, paddingsInput], c) => {
    const paddings = readPaddings(paddingsInput);
    const repeatsEdge = c.attr<string>('mode') === 'SYMMETRIC';
    checkMirror(paddings, paddingsInput, input.shape, repeatsEdge);
    const shape = input.shape.map((dim, i) => dim + paddings[i][0] + paddings[i][1]);
    const out = allocate(input.dtype, sizeOf(shape));
    forEachMirrored(mirrorOffsets(input.shape, paddings, repeatsEdge), (padded, original) => {
      out[padded] = input.data[original] as never;
    });
    return new NdArray(input.dtype, shape, out);
  },
  MirrorPadGrad: ([grad, paddingsInput], c) => {
    const paddings = readPaddings(paddingsInput);
    const repeatsEdge = c.attr<string>('mode') === 'SYMMETRIC';
    if (paddings.length !== grad.rank) {
      throw new InvalidArgumentError(
        `The first dimension of paddings must be the rank of inputs${shapeText(paddingsInput.shape)} ${shapeText(grad.shape)}`,
      );
    }
    const shape = grad.shape.map((dim, i) => {
      const [before, after] = paddings[i];
      if (before < 0 || after < 0) throw new InvalidArgumentError(`Paddings must be non-negative: ${before}, ${after}`);
      if (before + after > dim) {
        throw new InvalidArgumentError(
          `Total paddings must be less than the input dimension size: ${before + after} was not less than ${dim}`,
        );
      }
      return dim - before - after;
    });
    checkMirror(paddings, paddingsInput, shape, repeatsEdge);
    const out = allocate(grad.dtype, sizeOf(shape)) as Float64Array;
    forEachMirrored(mirrorOffsets(shape, paddings, repeatsEdge), (padded, original) => {
      out[original] += grad.data[padded] as number;
    });
    return new NdArray(grad.dtype, shape, out as never);
  },
  Tile: ([input, multiples]) => {
    if (multiples.rank !== 1) {
      throw new InvalidArgumentError(`Expected multiples to be 1-D, but got shape ${shapeText(multiples.shape)}`);
    }
    const counts = toNumbers(multiples);
    if (counts.length !== input.rank) {
      throw new InvalidArgumentError(
        `Expected multiples argument to be a vector of length ${input.rank} but got length ${counts.length}`,
      );
    }
    counts.forEach((count, i) => {
      if (count < 0) throw new InvalidArgumentError(`Expected multiples[${i}] >= 0, but got ${count}`);
    });
    // Each axis is read as two: the copies, which stand still in the original, and the axis itself.
    const strides = stridesOf(input.shape);
    const interleaved = readView(
      input,
      input.shape.flatMap((dim, i) => [counts[i], dim]),
      0,
      strides.flatMap((stride) => [0, stride]),
    );
    return interleaved.reshape(input.shape.map((dim, i) => dim * counts[i]));
  },
};
