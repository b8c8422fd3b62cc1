/**
 * Plain kernels: arrays of tensors of v1. A handle holds its array; ops change the array, in the order that their flows
 * give.
 */
import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, type Data, NdArray, sizeOf } from '../../graph/ndarray';
import type { tensorArraysOps } from '../../graph/ops/tensorArrays';
import { TensorShape } from '../../graph/shape';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { partialText, TensorArrayHandle } from '../tensorArray';
import { bracketed } from './state';

function arrayOf(handle: NdArray): TensorArrayHandle {
  if (handle instanceof TensorArrayHandle) return handle;
  throw new InvalidArgumentError(`expected the handle of a TensorArray, got a ${handle.dtype.name} tensor`);
}

function requireWritten(array: TensorArrayHandle, dtype: DType): void {
  if (array.elementType !== dtype)
    throw new InvalidArgumentError(
      `TensorArray dtype is ${array.elementType.cppName} but Op is trying to write dtype ${dtype.cppName}.`,
    );
}

function requireRead(array: TensorArrayHandle, dtype: DType): void {
  if (array.elementType !== dtype)
    throw new InvalidArgumentError(
      `TensorArray dtype is ${array.elementType.cppName} but Op requested dtype ${dtype.cppName}.`,
    );
}

function scalarOf(value: NdArray, name: string): number {
  if (value.rank > 0)
    throw new InvalidArgumentError(`TensorArray ${name} must be scalar, but had shape: ${bracketed(value.shape)}`);
  return Number(value.data[0]);
}

/** Rows `from` to `to` along the first axis. */
function rows(value: NdArray, from: number, to: number, shape: readonly number[]): NdArray {
  const size = sizeOf(value.shape.slice(1));
  return new NdArray(value.dtype, shape, value.data.slice(from * size, to * size) as Data);
}

/** The elements one after the other in memory. */
function joined(dtype: DType, shape: readonly number[], elements: readonly NdArray[]): NdArray {
  const out = allocate(dtype, sizeOf(shape));
  let at = 0;
  for (const { data } of elements) {
    if (Array.isArray(out)) for (let i = 0; i < data.length; i++) out[at + i] = data[i] as string;
    else (out as Float32Array).set(data as Float32Array, at);
    at += data.length;
  }
  return new NdArray(dtype, shape, out);
}

function withoutFirst(shape: readonly number[]): string {
  return bracketed(shape.slice(1));
}

const gradientArray = (handle: NdArray, flow: NdArray, prepended: readonly number[], c: KernelContext): NdArray[] => [
  arrayOf(handle).gradient(c.attr<string>('source'), prepended),
  flow,
];

const write: Kernel = ([handle, index, value, flow]) => {
  const array = arrayOf(handle);
  requireWritten(array, value.dtype);
  array.write(scalarOf(index, 'index'), value.copy());
  return flow;
};

const gather: Kernel = ([handle, indices], c) => {
  const array = arrayOf(handle);
  const dtype = c.outputTypes[0];
  requireRead(array, dtype);
  if (indices.rank !== 1)
    throw new InvalidArgumentError(`Expected indices to be a vector, but received shape: ${bracketed(indices.shape)}`);
  array.elementShape = mergeElementShape(array, c.attr<TensorShape>('element_shape'));
  const elements = Array.from(indices.data as Int32Array, (index) => array.read(index));
  if (elements.length === 0) {
    const shape = array.elementShape;
    if (!shape.isFullyDefined())
      throw new UnimplementedError(
        `TensorArray has size zero, but element shape ${partialText(shape)} is not fully defined. Currently only static shapes are supported when packing zero-size TensorArrays.`,
      );
    return NdArray.zeros(dtype, [0, ...shape.asNumbers()]);
  }
  const [{ shape }] = elements;
  elements.forEach((element, i) => {
    if (bracketed(element.shape) !== bracketed(shape))
      throw new InvalidArgumentError(
        `TensorArray has inconsistent shapes.  Index 0 has shape: ${bracketed(shape)} but index ${i} has shape: ${bracketed(element.shape)}`,
      );
  });
  return joined(dtype, [elements.length, ...shape], elements);
};

function mergeElementShape(array: TensorArrayHandle, shape: TensorShape): TensorShape {
  if (!array.elementShape.isCompatibleWith(shape))
    throw new InvalidArgumentError(
      `TensorArray has element shape ${partialText(array.elementShape)}, which is not compatible with the shape ${partialText(shape)} that is asked for.`,
    );
  return array.elementShape.mergeWith(shape);
}

const scatter: Kernel = ([handle, indices, value, flow]) => {
  const array = arrayOf(handle);
  requireWritten(array, value.dtype);
  if (indices.rank !== 1)
    throw new InvalidArgumentError(`Expected indices to be a vector, but received shape: ${bracketed(indices.shape)}`);
  if (value.rank === 0 || value.shape[0] !== indices.size)
    throw new InvalidArgumentError(
      `Expected len(indices) == values.shape[0], but saw: ${indices.size} vs. ${value.shape[0] ?? 0}`,
    );
  const order = Array.from(indices.data as Int32Array);
  const last = Math.max(...order, -1);
  if (!array.dynamicSize && last >= array.length)
    throw new InvalidArgumentError(`Max scatter index must be < array size (${last} vs. ${array.length})`);
  order.forEach((index, i) => array.write(index, rows(value, i, i + 1, value.shape.slice(1))));
  return flow;
};

const concat: Kernel = ([handle], c) => {
  const array = arrayOf(handle);
  const dtype = c.outputTypes[0];
  requireRead(array, dtype);
  const elements = Array.from({ length: array.length }, (_, i) => array.read(i));
  const lengths = NdArray.from(
    elements.map(({ shape }) => shape[0] ?? 0),
    c.outputTypes[1],
  );
  if (elements.length === 0) {
    const shape = c.attr<TensorShape>('element_shape_except0');
    if (!shape.isFullyDefined())
      throw new UnimplementedError(
        `TensorArray has size zero, but element_shape_except0 ${partialText(shape)} is not fully defined. Currently only static shapes are supported when concatenating zero-size TensorArrays.`,
      );
    return [NdArray.zeros(dtype, [0, ...shape.asNumbers()]), NdArray.zeros(c.outputTypes[1], [0])];
  }
  const [{ shape }] = elements;
  elements.forEach((element, i) => {
    if (element.rank === 0)
      throw new InvalidArgumentError(
        `Concat saw a scalar shape at index ${i} but requires at least vectors.  Did you mean to call pack?`,
      );
    if (withoutFirst(element.shape) !== withoutFirst(shape))
      throw new InvalidArgumentError(
        `TensorArray has inconsistent shapes.  Index 0 has (excepting dimension 0) shape: ${withoutFirst(shape)} but index ${i} has (excepting dimension 0) shape: ${withoutFirst(element.shape)}`,
      );
  });
  const total = elements.reduce((sum, element) => sum + element.shape[0], 0);
  return [joined(dtype, [total, ...shape.slice(1)], elements), lengths];
};

const split: Kernel = ([handle, value, lengths, flow]) => {
  const array = arrayOf(handle);
  requireWritten(array, value.dtype);
  if (lengths.rank !== 1)
    throw new InvalidArgumentError(`Expected lengths to be a vector, received shape: ${bracketed(lengths.shape)}`);
  const parts = Array.from(lengths.data as BigInt64Array, Number);
  if (parts.length !== array.length && !array.dynamicSize)
    throw new InvalidArgumentError(
      `TensorArray's size is not equal to the size of lengths (${array.length} vs. ${parts.length}), and the TensorArray is not marked as dynamically resizeable`,
    );
  if (value.rank === 0)
    throw new InvalidArgumentError(`Expected value to be at least a vector, but received shape: []`);
  const total = parts.reduce((sum, length) => sum + length, 0);
  if (total !== value.shape[0])
    throw new InvalidArgumentError(
      `Expected sum of lengths to be equal to values.shape[0], but sum of lengths is ${total} and value's shape is: ${bracketed(value.shape)} `,
    );
  let at = 0;
  parts.forEach((length, i) => {
    array.write(i, rows(value, at, at + length, [length, ...value.shape.slice(1)]));
    at += length;
  });
  return flow;
};

export const tensorArraysKernels: KernelTable<typeof tensorArraysOps> = {
  TensorArrayV3: ([size], c) => {
    const count = scalarOf(size, 'size');
    if (count < 0) throw new InvalidArgumentError('Size should be >= 0.');
    const handle = new TensorArrayHandle({
      name: c.attr<string>('tensor_array_name') || c.op.name,
      elementType: c.attr<DType>('dtype'),
      elementShape: c.attr<TensorShape>('element_shape'),
      size: count,
      dynamicSize: c.attr<boolean>('dynamic_size'),
      clearAfterRead: c.attr<boolean>('clear_after_read'),
      identicalShapes: c.attr<boolean>('identical_element_shapes'),
    });
    return [handle, NdArray.scalar(c.outputTypes[1], 0)];
  },
  TensorArrayGradV3: ([handle, flow], c) => gradientArray(handle, flow, [], c),
  TensorArrayGradWithShape: ([handle, flow, shape], c) =>
    gradientArray(handle, flow, Array.from(shape.data as Int32Array), c),
  TensorArrayWriteV3: write,
  TensorArrayReadV3: ([handle, index], c) => {
    const array = arrayOf(handle);
    requireRead(array, c.outputTypes[0]);
    return array.read(scalarOf(index, 'index'));
  },
  TensorArrayGatherV3: gather,
  TensorArrayScatterV3: scatter,
  TensorArrayConcatV3: concat,
  TensorArraySplitV3: split,
  TensorArraySizeV3: ([handle], c) => NdArray.scalar(c.outputTypes[0], arrayOf(handle).length),
  // As in TensorFlow, an array that is closed has given its elements up.
  TensorArrayCloseV3: ([handle]) => {
    arrayOf(handle).close();
    return [];
  },
};
