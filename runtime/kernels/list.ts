/**
 * Plain kernels: lists of tensors.
 *
 * Lists are immutable, but changing the newest version of one costs no copy (runtime/persistentArray.ts), so that loops
 * may push and set an element in each iteration.
 */

import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { listOps } from '../../graph/ops/list';
import { TensorShape, unknownShape } from '../../graph/shape';
import type { KernelContext, KernelTable } from '../kernel';
import { asVariant, listOf, TensorList } from '../variants';

const text = (shape: readonly number[]) => `[${shape.join(',')}]`;
const scalarOf = (value: NdArray) => Number(value.data[0]);

/** An element shape from its input: -1 is unknown, as a scalar it leaves the rank open. */
function shapeFrom(value: NdArray): TensorShape {
  const dims = toNumbers(value).map((dim) => (dim < 0 ? null : dim));
  if (value.rank > 0) return new TensorShape(dims);
  if (scalarOf(value) !== -1)
    throw new InvalidArgumentError('The only valid scalar shape tensor is the fully unknown shape specified as -1.');
  return unknownShape;
}

function merged(a: TensorShape, b: TensorShape): TensorShape {
  if (a.isCompatibleWith(b)) return a.mergeWith(b);
  throw new InvalidArgumentError(`Incompatible shapes during merge: ${a.toCpp()} vs. ${b.toCpp()}`);
}

function checkType(c: KernelContext, list: TensorList): DType {
  const wanted = c.attr<DType>('element_dtype');
  if (wanted === list.elementType) return wanted;
  throw new InvalidArgumentError(
    `Invalid data types; op elements ${wanted.cppName} but list elements ${list.elementType.cppName}`,
  );
}

/** Zeros in place of an element that was never set: its shape must be known, if need be from the other elements. */
function unset(list: TensorList, wanted: TensorShape): NdArray {
  let shape = merged(list.elementShape, wanted);
  if (!shape.isFullyDefined())
    for (const element of list.elements.toArray()) if (element) shape = merged(shape, new TensorShape(element.shape));
  if (shape.isFullyDefined()) return NdArray.zeros(list.elementType, shape.asNumbers());
  throw new InvalidArgumentError(
    `Trying to read an uninitialized tensor but element_shape is not fully defined${shape.toCpp()} and no list element is set.`,
  );
}

function checkItem(list: TensorList, item: NdArray, complaint: string, own: string): void {
  if (list.elementShape.isCompatibleWith(item.shape)) return;
  throw new InvalidArgumentError(
    `${complaint} ${own} element shape: ${text(item.shape)} list shape: ${list.elementShape.toCpp()}`,
  );
}

function setItem(list: TensorList, index: number, item: NdArray, resize: boolean): TensorList {
  let { elements } = list;
  if (resize && index >= list.length) elements = resized(list, index + 1);
  if (index < 0 || index >= elements.length)
    throw new InvalidArgumentError(`Trying to modify element ${index} in a list with ${list.length} elements.`);
  checkItem(list, item, 'Tried to set a tensor with incompatible shape at a list index.', 'Item');
  return list.withElements(elements.with(index, item));
}

function resized(list: TensorList, size: number): TensorList['elements'] {
  let { elements } = list;
  while (elements.length < size) elements = elements.withPushed(undefined);
  while (elements.length > size) elements = elements.withoutLast();
  return elements;
}

/** Arrays of one shape behind one another, as rows of a new array. */
function stack(dtype: DType, elements: readonly NdArray[], shape: readonly number[]): NdArray {
  const out = new NdArray(dtype, [elements.length, ...shape], allocate(dtype, elements.length * sizeOf(shape)));
  copyInto(out.data, elements);
  return out;
}

function copyInto(out: NdArray['data'], parts: readonly NdArray[]): void {
  let offset = 0;
  for (const { data } of parts) {
    if (Array.isArray(out)) for (let i = 0; i < data.length; i++) out[offset + i] = (data as typeof out)[i];
    else (out as Float64Array).set(data as Float64Array, offset);
    offset += data.length;
  }
}

/** Rows `start` to `end` of an array. */
function rows(value: NdArray, start: number, end: number, shape: readonly number[]): NdArray {
  const width = value.shape[0] === 0 ? 0 : value.data.length / value.shape[0];
  return new NdArray(value.dtype, shape, value.data.slice(start * width, end * width) as typeof value.data);
}

function rowsOf(value: NdArray): NdArray[] {
  const shape = value.shape.slice(1);
  return Array.from({ length: value.shape[0] }, (_, i) => rows(value, i, i + 1, shape));
}

/** The elements at these places as rows of one tensor. */
function gather(c: KernelContext, list: TensorList, places: readonly number[], wanted: TensorShape): NdArray {
  const dtype = checkType(c, list);
  const bad = places.find((place) => place < 0 || place >= list.length);
  if (bad !== undefined)
    throw new InvalidArgumentError(`Trying to gather element ${bad} in a list with ${list.length} elements.`);
  let shape = merged(list.elementShape, wanted);
  const all = list.elements.toArray();
  if (places.length === 0 && !shape.isFullyDefined())
    throw new InvalidArgumentError(
      `Tried to stack elements of an empty list with non-fully-defined element_shape: ${shape.toCpp()}`,
    );
  for (const place of places) {
    const element = all[place];
    if (element) shape = merged(shape, new TensorShape(element.shape));
  }
  if (!shape.isFullyDefined())
    throw new InvalidArgumentError(
      `Tried to stack list which only contains uninitialized tensors and has a non-fully-defined element_shape: ${shape.toCpp()}`,
    );
  const dims = shape.asNumbers();
  return stack(
    dtype,
    places.map((place) => all[place] ?? NdArray.zeros(dtype, dims)),
    dims,
  );
}

function scatter(list: TensorList, tensor: NdArray, indices: NdArray): TensorList {
  if (indices.rank !== 1)
    throw new InvalidArgumentError(`Expected indices to be a vector, but received shape: ${text(indices.shape)}`);
  const places = toNumbers(indices);
  const parts = rowsOf(tensor);
  if (places.length !== parts.length) {
    throw new InvalidArgumentError(
      `Expected len(indices) == tensor.shape[0], but saw: ${places.length} vs. ${parts.length}`,
    );
  }
  const negative = places.find((place) => place < 0);
  if (negative !== undefined) throw new InvalidArgumentError(`Indices in TensorListScatter must all be non-negative.`);
  const needed = Math.max(list.length, ...places.map((place) => place + 1));
  let elements = resized(list, needed);
  places.forEach((place, i) => {
    elements = elements.with(place, parts[i]);
  });
  return list.withElements(elements);
}

export const listKernels: KernelTable<typeof listOps> = {
  EmptyTensorList: ([shape, most], c) =>
    asVariant(TensorList.of(c.attr('element_dtype'), shapeFrom(shape), [], scalarOf(most))),
  TensorListReserve: ([shape, count], c) => {
    const length = scalarOf(count);
    if (length < 0)
      throw new InvalidArgumentError(`The num_elements to reserve must be a non negative number, but got ${length}`);
    return asVariant(
      TensorList.of(c.attr('element_dtype'), shapeFrom(shape), new Array<undefined>(length).fill(undefined)),
    );
  },
  TensorListFromTensor: ([tensor, shape], c) => {
    if (tensor.rank === 0)
      throw new InvalidArgumentError(`Tensor must be at least a vector, but saw shape: ${text(tensor.shape)}`);
    const element = shapeFrom(shape);
    if (!element.isCompatibleWith(tensor.shape.slice(1))) {
      throw new InvalidArgumentError(
        `Specified a list with shape ${element.toCpp()} from a tensor with shape ${text(tensor.shape.slice(1))}`,
      );
    }
    return asVariant(TensorList.of(c.attr('element_dtype'), element, rowsOf(tensor)));
  },
  TensorListPushBack: ([handle, tensor], c) => {
    const list = listOf(handle);
    const dtype = c.attr<DType>('element_dtype');
    if (dtype !== list.elementType) {
      throw new InvalidArgumentError(
        `Invalid data types; list elements ${list.elementType.cppName} but tried to append ${dtype.cppName}`,
      );
    }
    checkItem(list, tensor, 'Tried to append a tensor with incompatible shape to a list.', 'Op');
    if (list.maxElements !== -1 && list.length >= list.maxElements) {
      throw new InvalidArgumentError(
        `Tried to push item into a full list list size: ${list.length} max_num_elements: ${list.maxElements}`,
      );
    }
    return asVariant(list.withElements(list.elements.withPushed(tensor)));
  },
  TensorListPopBack: ([handle, shape], c) => {
    const list = listOf(handle);
    checkType(c, list);
    if (list.length === 0) throw new InvalidArgumentError('Trying to pop from an empty list.');
    const last = list.elements.get(list.length - 1) ?? unset(list, shapeFrom(shape));
    return [asVariant(list.withElements(list.elements.withoutLast())), last];
  },
  TensorListGetItem: ([handle, place, shape], c) => {
    const list = listOf(handle);
    checkType(c, list);
    const index = scalarOf(place);
    if (index < 0 || index >= list.length)
      throw new InvalidArgumentError(`Trying to access element ${index} in a list with ${list.length} elements.`);
    return list.elements.get(index) ?? unset(list, shapeFrom(shape));
  },
  TensorListSetItem: ([handle, place, item], c) => {
    const list = listOf(handle);
    checkType(c, list);
    return asVariant(setItem(list, scalarOf(place), item, c.attr('resize_if_index_out_of_bounds')));
  },
  TensorListStack: ([handle, shape], c) => {
    const list = listOf(handle);
    const count = Number(c.attr<number>('num_elements'));
    checkType(c, list);
    if (count !== -1 && count !== list.length) {
      throw new InvalidArgumentError(
        `Operation expected a list with ${count} elements but got a list with ${list.length} elements.`,
      );
    }
    return gather(
      c,
      list,
      Array.from({ length: list.length }, (_, i) => i),
      shapeFrom(shape),
    );
  },
  TensorListGather: ([handle, indices, shape], c) => gather(c, listOf(handle), toNumbers(indices), shapeFrom(shape)),
  TensorListScatterV2: ([tensor, indices, shape, count], c) => {
    const length = Math.max(0, scalarOf(count));
    const empty = TensorList.of(
      c.attr('element_dtype'),
      shapeFrom(shape),
      new Array<undefined>(length).fill(undefined),
    );
    return asVariant(scatter(empty, tensor, indices));
  },
  TensorListScatterIntoExistingList: ([handle, tensor, indices]) => asVariant(scatter(listOf(handle), tensor, indices)),
  TensorListConcatV2: ([handle, shape, leading], c) => {
    const list = listOf(handle);
    const dtype = checkType(c, list);
    const wanted = merged(list.elementShape, shapeFrom(shape));
    const lengths = toNumbers(leading);
    const parts = list.elements.toArray().map((element, i) => {
      if (element) return element;
      const dims = wanted.dims?.slice(1);
      if (lengths[i] === undefined || !dims?.every((dim) => dim !== null)) {
        throw new InvalidArgumentError(
          `Trying to concat list with only uninitialized tensors but element_shape_except_first_dim is not fully defined: ${wanted.slice(1).toCpp()}`,
        );
      }
      return NdArray.zeros(dtype, [lengths[i], ...(dims as number[])]);
    });
    const scalar = parts.find((part) => part.rank === 0);
    if (scalar) throw new InvalidArgumentError('Concat saw a scalar shape at index 0 but requires at least vectors.');
    const rest = parts.reduce(
      (known, part) => merged(known, new TensorShape(part.shape.slice(1))),
      wanted.dims ? wanted.slice(1) : unknownShape,
    );
    if (!rest.isFullyDefined())
      throw new InvalidArgumentError(
        `All except the first dimension must be fully defined when concating an empty tensor list. element_shape: ${wanted.toCpp()}`,
      );
    const counts = parts.map((part) => part.shape[0]);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const out = NdArray.zeros(dtype, [total, ...rest.asNumbers()]);
    copyInto(out.data, parts);
    return [out, NdArray.from(BigInt64Array.from(counts, BigInt))];
  },
  TensorListSplit: ([tensor, shape, lengths], c) => {
    if (tensor.rank === 0)
      throw new InvalidArgumentError(`Tensor must be at least a vector, but saw shape: ${text(tensor.shape)}`);
    const counts = toNumbers(lengths);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total !== tensor.shape[0])
      throw new InvalidArgumentError(
        `Unused values in tensor. Length of tensor: ${tensor.shape[0]} Values used: ${total}`,
      );
    const wanted = shapeFrom(shape);
    let start = 0;
    const parts = counts.map((count) => {
      const part = rows(tensor, start, start + count, [count, ...tensor.shape.slice(1)]);
      start += count;
      return part;
    });
    return asVariant(TensorList.of(c.attr('element_dtype'), wanted, parts));
  },
  TensorListResize: ([handle, size]) => {
    const list = listOf(handle);
    const length = scalarOf(size);
    if (length < 0) throw new InvalidArgumentError(`TensorListSlice expects size to be non-negative. Got: ${length}`);
    return asVariant(list.withElements(resized(list, length)));
  },
  TensorListLength: ([handle]) => NdArray.from(Int32Array.of(listOf(handle).length)).reshape([]),
  TensorListElementShape: ([handle], c) => {
    const { dims } = listOf(handle).elementShape;
    return dims === null
      ? NdArray.from(-1, c.outputTypes[0])
      : NdArray.from(
          dims.map((dim) => dim ?? -1),
          c.outputTypes[0],
        );
  },
};
