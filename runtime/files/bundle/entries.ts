/**
 * What the index of a bundle says of each tensor, read with suspicion: shapes, places and sizes are checked before anything
 * is allocated for them.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { allDTypes, type DType, string } from '../../../graph/dtypes';
import { DataLossError, InvalidArgumentError, UnimplementedError } from '../../../graph/errors';
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  type BundleHeaderProto,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
} from '../../../graph/formats/protos/generated/tensor_bundle_pb';
import type { TensorShapeProto } from '../../../graph/formats/protos/generated/tensor_shape_pb';
import { DataType } from '../../../graph/formats/protos/generated/types_pb';
import { sizeOf } from '../../../graph/ndarray';
import { type SavedSlice } from '../../../graph/savedSlice';
import { textOfKey } from '../table/bytes';
import type { TableEntry } from '../table/tableReader';
import { sliceFromProto } from './tensorSlice';

/** The version of the format that is written, and the newest that is read. */
export const BUNDLE_VERSION = 1;

/** One tensor, or one part of a tensor that was saved in parts. */
export interface BundleEntry {
  readonly dtypeNumber: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** As stored: masked. */
  readonly crc: number;
  /** The parts that hold the values; empty for a tensor that holds them itself. */
  readonly slices: readonly SavedSlice[];
}

const byNumber = new Map(allDTypes.map((dtype) => [dtype.asDatatypeEnum, dtype]));

/** The dtype; UnimplementedError for one that is not held here, such as quantized numbers. */
export function dtypeOfNumber(dtypeNumber: number, name: string): DType {
  const dtype = byNumber.get(dtypeNumber);
  if (dtype && (dtype.size > 0 || dtype === string)) return dtype;
  const known = DataType[dtypeNumber];
  throw new UnimplementedError(
    `Tensor ${name} is of type ${known ?? `number ${dtypeNumber}`}, which cannot be read. All others of the checkpoint can.`,
  );
}

/** A shape with all dimensions known; undefined when it is none, or has more elements than can be counted. */
export function shapeFromProto(proto: TensorShapeProto | undefined): number[] | undefined {
  if (proto?.unknownRank) return undefined;
  const shape = (proto?.dim ?? []).map(({ size }) => Number(size));
  const isFine =
    shape.length <= 254 && shape.every((dim) => dim >= 0) && sizeOf(shape.map((dim) => dim || 1)) <= 2 ** 50;
  return isFine ? shape : undefined;
}

/** The header, checked: the number of shards. */
export function readHeader(path: string, entry: TableEntry | undefined): number {
  if (entry?.key !== '')
    throw new DataLossError(`${path}: the index has no header (its first key is not empty), at offset 0`);
  let header: BundleHeaderProto;
  try {
    header = fromBinary(BundleHeaderProtoSchema, entry.value);
  } catch {
    throw new DataLossError(`${path}: unable to parse the header of the index, in the block at offset ${entry.block}`);
  }
  if (header.numShards < 0 || header.numShards > 99999) {
    throw new DataLossError(
      `${path}: the header tells of ${header.numShards} shards, in the block at offset ${entry.block}`,
    );
  }
  const { minConsumer = 0, badConsumers = [], producer = 0 } = header.version ?? {};
  if (minConsumer > BUNDLE_VERSION) {
    throw new InvalidArgumentError(
      `${path}: Checkpoint min consumer version ${minConsumer} above current version ${BUNDLE_VERSION} for this reader. Please upgrade.`,
    );
  }
  if (badConsumers.includes(BUNDLE_VERSION)) {
    throw new InvalidArgumentError(
      `${path}: Checkpoint disallows consumer version ${BUNDLE_VERSION}. Its writer (version ${producer}) says that this reader cannot read it.`,
    );
  }
  if (header.endianness !== BundleHeaderProto_Endianness.LITTLE) {
    throw new UnimplementedError(
      `${path}: the checkpoint was written on a big-endian machine; only little-endian ones are read.`,
    );
  }
  return header.numShards;
}

/** The message of an entry. */
export function parseEntry(path: string, { key, value, block }: TableEntry): BundleEntryProto {
  try {
    return fromBinary(BundleEntryProtoSchema, value);
  } catch {
    throw new DataLossError(`${path}: unable to parse the entry of ${textOfKey(key)}, in the block at offset ${block}`);
  }
}

/** An entry, checked as far as the index alone tells. */
export function readEntry(path: string, entry: TableEntry, shards: number): BundleEntry {
  const proto = parseEntry(path, entry);
  const problem = (what: string) =>
    new DataLossError(`${path}: the entry of ${textOfKey(entry.key)} ${what}, in the block at offset ${entry.block}`);
  const shape = shapeFromProto(proto.shape);
  if (!shape) throw problem('has no possible shape');
  const [offset, size] = [Number(proto.offset), Number(proto.size)];
  if (!(offset >= 0 && size >= 0 && offset + size <= Number.MAX_SAFE_INTEGER)) throw problem('has no possible place');
  if (proto.shardId < 0 || (proto.shardId >= shards && proto.slices.length === 0)) {
    throw problem(`is in shard ${proto.shardId} of ${shards}`);
  }
  return {
    dtypeNumber: proto.dtype,
    shape,
    shard: proto.shardId,
    offset,
    size,
    crc: proto.crc32c,
    slices: proto.slices.map(sliceFromProto),
  };
}
