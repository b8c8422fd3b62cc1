/**
 * Reads checkpoints of the older format V1: one table, or several for one checkpoint, that hold values as protos.
 *
 * They have checksums for blocks of the table only, and are written no more. A part of a tensor is read whole.
 */
import { fromBinary } from '@bufbuild/protobuf';
import type { DType } from '../../../graph/dtypes';
import { DataLossError, InvalidArgumentError, NotFoundError, OpError } from '../../../graph/errors';
import {
  type SavedTensorSlices,
  SavedTensorSlicesSchema,
} from '../../../graph/formats/protos/generated/saved_tensor_slice_pb';
import type { TensorProto } from '../../../graph/formats/protos/generated/tensor_pb';
import { shapeToProto } from '../../../graph/formats/shapeProto';
import { tensorFromProto } from '../../../graph/formats/tensorProto';
import { NdArray, type NumericArray, type StringElement, sizeOf } from '../../../graph/ndarray';
import type { SavedSlice } from '../../../graph/savedSlice';
import type { FileSystem } from '../fileSystem';
import { Table, type TableEntry } from '../table/tableReader';
import { type CheckpointReader, type Extents, partsFor, requestedExtents } from './checkpointReader';
import { dtypeOfNumber, shapeFromProto } from './entries';
import { allocateNumeric, numericArray } from './tensorBytes';
import { forEachShared, sliceFromProto, sliceKey } from './tensorSlice';

interface Saved {
  readonly dtypeNumber: number;
  readonly shape: readonly number[];
  readonly slices: SavedSlice[];
  /** The file that each slice is in. */
  readonly paths: string[];
}

/** The newest version of the format, and the one that is read. */
const V1_VERSION = 1;

export class V1Reader implements CheckpointReader {
  readonly names: readonly string[];
  readonly #tensors = new Map<string, Saved>();
  readonly #tables = new Map<string, Table>();

  /** @param paths the tables that the checkpoint consists of. */
  constructor(
    readonly fileSystem: FileSystem,
    readonly paths: readonly string[],
  ) {
    try {
      for (const path of paths) this.#readMeta(path);
    } finally {
      this.close();
    }
    this.names = [...this.#tensors.keys()].sort();
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  shapeOf(name: string): readonly number[] {
    return this.#saved(name).shape;
  }

  dtypeOf(name: string): DType {
    return dtypeOfNumber(this.#saved(name).dtypeNumber, name);
  }

  read(name: string, slice?: SavedSlice, into?: NumericArray): NdArray {
    const array = this.#read(name, slice);
    if (!into) return array;
    (into as Float64Array).set(array.data as unknown as Float64Array);
    return numericArray(array.dtype, array.shape, into);
  }

  #read(name: string, slice: SavedSlice | undefined): NdArray {
    const saved = this.#saved(name);
    const dtype = this.dtypeOf(name);
    const wanted = requestedExtents(name, saved.shape, slice);
    const shape = wanted.map(({ length }) => length);
    const parts = partsFor(this.paths[0], name, saved.shape, saved.slices, wanted);
    // Read first, then allocate: what the parts hold is what there can be.
    const values = parts.map(({ box, index }) => ({ box, array: this.#readPart(name, dtype, saved, index, box) }));
    if (values.length === 1 && values[0].array.size === sizeOf(shape)) return values[0].array.reshape(shape);
    const data = dtype.name === 'string' ? null : allocateNumeric(dtype, sizeOf(shape));
    const strings = new Array<StringElement>(data ? 0 : sizeOf(shape)).fill('');
    const width = dtype.isComplex ? 2 : 1;
    for (const { box, array } of values) {
      forEachShared(box, wanted, (from, to, length) => {
        if (data) {
          const source = array.data as NumericArray;
          (data as Float64Array).set(
            source.subarray(from * width, (from + length) * width) as Float64Array,
            to * width,
          );
        } else for (let i = 0; i < length; i++) strings[to + i] = array.data[from + i] as StringElement;
      });
    }
    return data ? numericArray(dtype, shape, data) : new NdArray(dtype, shape, strings as never);
  }

  check(name: string, slice?: SavedSlice): void {
    this.read(name, slice);
  }

  close(): void {
    for (const table of this.#tables.values()) table.close();
    this.#tables.clear();
  }

  #saved(name: string): Saved {
    const saved = this.#tensors.get(name);
    if (!saved) throw new NotFoundError(`Key ${name} not found in checkpoint`);
    return saved;
  }

  #table(path: string): Table {
    let table = this.#tables.get(path);
    if (!table) this.#tables.set(path, (table = new Table(this.fileSystem, path)));
    return table;
  }

  #readMeta(path: string): void {
    const entry = this.#table(path).find('');
    const meta = entry && parse(path, entry).meta;
    if (!meta) throw new DataLossError(`${path}: the table has no description of a checkpoint under the empty key`);
    const { minConsumer = 0, badConsumers = [] } = meta.versions ?? {};
    if (minConsumer > V1_VERSION || badConsumers.includes(V1_VERSION)) {
      throw new InvalidArgumentError(
        `${path}: Checkpoint min consumer version ${minConsumer} above current version ${V1_VERSION} for this reader. Please upgrade.`,
      );
    }
    for (const { name, shape: proto, type, slice } of meta.tensor) {
      const shape = shapeFromProto(proto);
      if (!shape)
        throw new DataLossError(`${path}: tensor ${name} has no possible shape, in the block at offset ${entry.block}`);
      const known = this.#tensors.get(name);
      const saved = known ?? { dtypeNumber: type, shape, slices: [], paths: [] };
      if (saved.dtypeNumber !== type || saved.shape.join() !== shape.join()) {
        throw new DataLossError(
          `${path}: tensor ${name} has another type or shape than in ${saved.paths[0] ?? 'another file'}`,
        );
      }
      saved.slices.push(...slice.map(sliceFromProto));
      saved.paths.push(...slice.map(() => path));
      this.#tensors.set(name, saved);
    }
  }

  #readPart(name: string, dtype: DType, saved: Saved, index: number, box: Extents): NdArray {
    const path = saved.paths[index];
    const entry = this.#table(path).find(sliceKey(name, saved.slices[index]));
    const data = entry && parse(path, entry).data;
    if (data?.name !== name || !data.data) {
      throw new DataLossError(`${path}: the values of tensor ${name} are missing`);
    }
    const shape = box.map(({ length }) => length);
    const where = `${path}: tensor ${name}, in the block at offset ${entry!.block}`;
    const elements = sizeOf(shape) * (dtype.isComplex ? 2 : 1);
    if (data.data.tensorContent.length === 0 && valuesIn(data.data) !== elements) {
      throw new DataLossError(`${where}: ${valuesIn(data.data)} values stand where ${elements} are needed`);
    }
    // The proto has values only: what they are is said once, in the description.
    const proto = { ...data.data, dtype: saved.dtypeNumber, tensorShape: shapeToProto(shape) };
    try {
      return tensorFromProto(proto, where);
    } catch (error) {
      if (error instanceof OpError) throw new DataLossError(error.message);
      throw error;
    }
  }
}

function parse(path: string, { value, block }: TableEntry): SavedTensorSlices {
  try {
    return fromBinary(SavedTensorSlicesSchema, value);
  } catch {
    throw new DataLossError(`${path}: unable to parse an entry of the table, in the block at offset ${block}`);
  }
}

/** How many values a proto lists. */
function valuesIn(proto: TensorProto): number {
  const lists = [
    proto.halfVal,
    proto.floatVal,
    proto.doubleVal,
    proto.intVal,
    proto.stringVal,
    proto.scomplexVal,
    proto.int64Val,
    proto.boolVal,
    proto.dcomplexVal,
    proto.uint32Val,
    proto.uint64Val,
  ];
  return lists.reduce((sum, list) => sum + list.length, 0);
}
