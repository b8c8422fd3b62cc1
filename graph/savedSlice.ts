/**
 * Parts of tensors in checkpoints, as a saver's specs name them: `10 20 0,5:-` is rows 0 to 4 of a tensor of shape [10, 20].
 *
 * How parts are kept in files is runtime/files/bundle/tensorSlice.ts. Slicing of tensors in graphs is sliceSpec.ts.
 */
import { InvalidArgumentError } from './errors';

/** What a slice takes of one dimension; undefined is all of it. */
export type Extent = { readonly start: number; readonly length: number } | undefined;

export type SavedSlice = readonly Extent[];

/** A spec: the whole tensor's shape, then the slice. */
export interface SavedSliceSpec {
  readonly fullShape: readonly number[];
  readonly slice: SavedSlice;
  /** The shape of the part. */
  readonly shape: readonly number[];
}

/** The part of a shape that a slice takes, with all extents known. Undefined when it does not fit. */
export function extentsIn(
  slice: SavedSlice,
  fullShape: readonly number[],
): { start: number; length: number }[] | undefined {
  if (slice.length !== fullShape.length) return undefined;
  const extents = slice.map((extent, axis) => extent ?? { start: 0, length: fullShape[axis] });
  return extents.every(({ start, length }, axis) => start >= 0 && length >= 0 && start + length <= fullShape[axis])
    ? extents
    : undefined;
}

/** Reads a spec. InvalidArgumentError with TensorFlow's text for what is none. */
export function parseSliceSpec(spec: string): SavedSliceSpec {
  const parts = spec.split(' ');
  if (parts.length < 2)
    throw new InvalidArgumentError(`Need least two elements in shape_and_slice specification: ${spec}`);
  const fullShape = parts.slice(0, -1).map((part) => {
    if (!/^\d{1,15}$/.test(part)) throw new InvalidArgumentError(`Non numerical dimension in shape_and_slice: ${spec}`);
    return Number(part);
  });
  const text = parts.at(-1)!;
  const slice = parseSlice(text);
  const shapeText = `[${fullShape.join(',')}]`;
  if (slice.length !== fullShape.length)
    throw new InvalidArgumentError(`Mismatching ranks: shape = ${shapeText}, slice = ${text}`);
  const outside = slice.findIndex((extent, axis) => extent && extent.start + extent.length > fullShape[axis]);
  if (outside >= 0) {
    throw new InvalidArgumentError(
      `Extent in dimension ${outside} out of bounds: shape = ${shapeText}, slice = ${text}`,
    );
  }
  return { fullShape, slice, shape: slice.map((extent, axis) => extent?.length ?? fullShape[axis]) };
}

function parseSlice(text: string): SavedSlice {
  return text.split(':').map((part) => {
    if (part === '-') return undefined;
    const match = /^(-?\d{1,15}),(-?\d{1,15})$/.exec(part);
    if (!match) throw new InvalidArgumentError(`Expected a pair of numbers or '-' but got '${part}': string = ${text}`);
    const [start, length] = [Number(match[1]), Number(match[2])];
    if (start < 0 || length <= 0) {
      throw new InvalidArgumentError(
        `Expected non-negative start and positive length but got start = ${start}, length = ${length}: string = ${text}`,
      );
    }
    return { start, length };
  });
}

/** A slice as specs write it. */
export function formatSlice(slice: SavedSlice): string {
  return slice.map((extent) => (extent ? `${extent.start},${extent.length}` : '-')).join(':');
}
