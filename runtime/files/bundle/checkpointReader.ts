/**
 * What reading a checkpoint is, whichever version of the format it has, and tensors of checkpoints that are read when used.
 */
import type { DType } from '../../../graph/dtypes';
import { DataLossError, InvalidArgumentError } from '../../../graph/errors';
import { type NdArray, type NumericArray, sizeOf } from '../../../graph/ndarray';
import { extentsIn, formatSlice, type SavedSlice } from '../../../graph/savedSlice';
import { StoredArray } from '../storedArray';
import { sharedSize } from './tensorSlice';

/** A checkpoint open for reading. Errors name the file and the offset. */
export interface CheckpointReader {
  /** The names of all tensors, sorted. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** NotFoundError for a name that the checkpoint does not have. */
  shapeOf(name: string): readonly number[];
  /** Throws like `shapeOf`; UnimplementedError for a type that is not held here. */
  dtypeOf(name: string): DType;
  /** A tensor or a part of it, checked and in memory: in `into`, if that is given for a numeric one. */
  read(name: string, slice?: SavedSlice, into?: NumericArray): NdArray;
  /** Reads all that `read` would and checks it, but keeps nothing. */
  check(name: string, slice?: SavedSlice): void;
  /** Closes the files. What is read afterwards opens them again. */
  close(): void;
}

export type Extents = readonly { readonly start: number; readonly length: number }[];

/** The box that a read asks for. */
export function requestedExtents(name: string, shape: readonly number[], slice: SavedSlice | undefined): Extents {
  const extents = extentsIn(slice ?? shape.map(() => undefined), shape);
  if (extents) return extents;
  throw new InvalidArgumentError(
    `The slice ${formatSlice(slice!)} does not fit into tensor ${name} of shape [${shape.join(',')}] in the checkpoint.`,
  );
}

/**
 * Which of the parts that a tensor was saved in hold a box of it, by their numbers. DataLossError when parts overlap or lie
 * outside, InvalidArgumentError when some of the box is in none. Parts are few where files are sound; a hostile file costs the
 * square of their number at worst.
 */
export function partsFor(
  path: string,
  name: string,
  shape: readonly number[],
  slices: readonly SavedSlice[],
  wanted: Extents,
): { box: Extents; index: number }[] {
  const boxes = slices.map((slice) => {
    const box = extentsIn(slice, shape);
    if (box) return box;
    throw new DataLossError(
      `${path}: the part ${formatSlice(slice)} does not fit into tensor ${name} of shape [${shape.join(',')}]`,
    );
  });
  for (let i = 0; i < boxes.length; i++)
    for (let j = 0; j < i; j++)
      if (sharedSize(boxes[i], boxes[j]) > 0) {
        const parts = `${formatSlice(slices[j])} and ${formatSlice(slices[i])}`;
        throw new DataLossError(`${path}: the parts ${parts} of tensor ${name} overlap`);
      }
  const covered = boxes.reduce((sum, box) => sum + sharedSize(box, wanted), 0);
  if (covered !== sizeOf(wanted.map(({ length }) => length))) {
    throw new InvalidArgumentError(
      `${path}: Does not have sufficient slices for partitioned tensor ${name} to restore in slice_spec: ${formatSlice(wanted)}`,
    );
  }
  return boxes.flatMap((box, index) => (sharedSize(box, wanted) > 0 ? [{ box, index }] : []));
}

/** Tensors up to this many bytes are read at once; larger ones when they are used. */
const EAGER_BYTES = 1 << 16;

/**
 * A tensor of a checkpoint, checked now and in memory only once it is used: large ones stay in the file until then. The
 * file is read twice, for when values turn out to be damaged it must not be halfway through restoring variables.
 */
export function readWhenUsed(reader: CheckpointReader, name: string, slice?: SavedSlice): NdArray {
  const dtype = reader.dtypeOf(name);
  const shape = requestedExtents(name, reader.shapeOf(name), slice).map(({ length }) => length);
  if (dtype.size * sizeOf(shape) <= EAGER_BYTES) return reader.read(name, slice);
  reader.check(name, slice);
  return new StoredArray(dtype, shape, (into) => {
    try {
      return reader.read(name, slice, into).data as unknown as NumericArray;
    } finally {
      reader.close();
    }
  });
}
