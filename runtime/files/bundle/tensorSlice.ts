/**
 * Rectangular parts of tensors: how they are kept in files and named in tables, and what two of them share.
 */
import { create } from '@bufbuild/protobuf';
import { type TensorSliceProto, TensorSliceProtoSchema } from '../../../graph/formats/protos/generated/tensor_slice_pb';
import { sizeOf } from '../../../graph/ndarray';
import type { SavedSlice } from '../../../graph/savedSlice';
import { keyOfText } from '../table/bytes';

export function sliceToProto(slice: SavedSlice): TensorSliceProto {
  return create(TensorSliceProtoSchema, {
    extent: slice.map((extent) =>
      extent
        ? { start: BigInt(extent.start), hasLength: { case: 'length' as const, value: BigInt(extent.length) } }
        : {},
    ),
  });
}

export function sliceFromProto(proto: TensorSliceProto): SavedSlice {
  return proto.extent.map(({ start, hasLength }) =>
    hasLength.case === 'length' ? { start: Number(start), length: Number(hasLength.value) } : undefined,
  );
}

/** The key of a part in a table: numbers and text written so that their bytes sort as they do. */
export function sliceKey(name: string, slice: SavedSlice): string {
  const text = keyOfText(name).replaceAll(/[\0\xff]/g, (byte) => (byte === '\0' ? '\0\xff' : '\xff\0'));
  let key = `${orderedNumber(0)}${text}\0\x01${orderedNumber(slice.length)}`;
  for (const extent of slice) key += orderedSigned(extent?.start ?? 0) + orderedSigned(extent?.length ?? -1);
  return key;
}

/** A count of bytes, then the bytes, highest first. */
function orderedNumber(value: number): string {
  let bytes = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes = String.fromCharCode(rest % 256) + bytes;
  return String.fromCharCode(bytes.length) + bytes;
}

/** Two's complement with as many leading ones as it has bytes (zeros for negative numbers), then the sign and the bits. */
function orderedSigned(value: number): string {
  const bits = value < 0 ? -1n - BigInt(value) : BigInt(value);
  let length = 1;
  while (bits >= 1n << BigInt(7 * length - 1)) length++;
  const total = BigInt(8 * length);
  const marks = ((1n << BigInt(length)) - 1n) << (total - BigInt(length));
  const number = BigInt.asUintN(8 * length, BigInt(value)) ^ marks;
  let key = '';
  for (let shift = total - 8n; shift >= 0n; shift -= 8n) key += String.fromCharCode(Number((number >> shift) & 255n));
  return key;
}

type Box = readonly { readonly start: number; readonly length: number }[];

/** What two boxes of a tensor share; undefined when they share nothing. */
function shared(a: Box, b: Box): { start: number; length: number }[] | undefined {
  const both = a.map((extent, axis) => {
    const start = Math.max(extent.start, b[axis].start);
    return { start, length: Math.min(extent.start + extent.length, b[axis].start + b[axis].length) - start };
  });
  return both.every(({ length }) => length > 0) ? both : undefined;
}

/** How many elements two boxes of a tensor share. */
export function sharedSize(a: Box, b: Box): number {
  return sizeOf(shared(a, b)?.map(({ length }) => length) ?? [0]);
}

/**
 * Calls `run` for each run of elements that two boxes of a tensor share, by their positions in arrays that hold the boxes,
 * in ascending order.
 */
export function forEachShared(source: Box, target: Box, run: (from: number, to: number, length: number) => void): void {
  const both = shared(source, target);
  if (!both) return;
  // Trailing dimensions that both boxes hold whole make one run with the dimension before them.
  let axes = both.length;
  let runLength = 1;
  while (axes > 0) {
    axes--;
    runLength *= both[axes].length;
    if (both[axes].length !== source[axes].length || both[axes].length !== target[axes].length) break;
  }
  const counts = both.slice(0, axes).map(({ length }) => length);
  const index = counts.map(() => 0);
  const offsetIn = (box: Box): number =>
    both.reduce(
      (offset, { start }, axis) => offset * box[axis].length + start - box[axis].start + (index[axis] ?? 0),
      0,
    );
  for (let i = sizeOf(counts); i > 0; i--) {
    run(offsetIn(source), offsetIn(target), runLength);
    for (let axis = axes - 1; axis >= 0; axis--) {
      if (++index[axis] < counts[axis]) break;
      index[axis] = 0;
    }
  }
}
