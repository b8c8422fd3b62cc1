/**
 * Ops: lists of tensors, as one variant value. Loops keep the values of their iterations in them, and TensorArray
 * (graph/tensorArray.ts) is one.
 *
 * The element dtype and shape travel as handle data. A scalar -1 as element shape leaves even the rank open.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { type DType, int32 } from '../dtypes';
import type { Operation } from '../operation';
import { defineOps, none } from '../registry';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import { Tensor } from '../tensor';
import { shape } from './shapes';
import { zerosLike } from './source';

/** An input that holds an element shape; a scalar says nothing. */
function elementShape(c: ShapeContext, index: number): TensorShape {
  return c.shape(index).rank === 0
    ? unknownShape
    : c.shape(index).rank === null && !c.value(index)
      ? unknownShape
      : c.valueAsShape(index);
}

/** What input 0 is known to hold, checked against the op's element dtype. */
function held(c: ShapeContext, verb: 'push to' | 'read from' | 'write to'): TensorShape {
  const data = c.handleData(0);
  const dtype = c.attr<DType>('element_dtype');
  if (!data) return unknownShape;
  if (data.dtype !== dtype) {
    const action = { 'push to': 'push', 'read from': 'read', 'write to': 'write' }[verb];
    c.fail(
      `Trying to ${verb} list with wrong element dtype. List has type ${data.dtype.cppName} but trying to ${action} element with type ${dtype.cppName}`,
    );
  }
  return data.shape;
}

/** The op's output 0 is a list of elements of that shape. */
function list(c: ShapeContext, shapeOfElements: TensorShape): TensorShape {
  c.outputHandleData[0] = { dtype: c.attr<DType>('element_dtype'), shape: shapeOfElements };
  return scalarShape;
}

const prepend = (dim: number | null, rest: TensorShape) => new TensorShape([dim]).concatenate(rest);

/** A shape without its first dimension, as a tensor. */
function tail(tensor: Tensor): Tensor {
  return applyUnary('Slice', { input: shape(tensor), begin: [1], size: [-1] }, 'Slice');
}

const elementShapeOf = (handle: Tensor) =>
  applyUnary('TensorListElementShape', { input_handle: handle, shape_type: int32 });
const lengthOf = (handle: Tensor) => applyUnary('TensorListLength', { input_handle: handle });

function gatherGradient(op: Operation, dtensor: Tensor): Tensor {
  const [handle, indices] = op.inputs;
  const elements = elementShapeOf(handle);
  const reserved = tensorListReserve(elements, lengthOf(handle), dtensor.dtype);
  return applyUnary('TensorListScatterIntoExistingList', { input_handle: reserved, tensor: dtensor, indices });
}

function gatherRows(op: Operation, handle: Tensor, tensor: Tensor, indices: Tensor): Tensor {
  return applyUnary('TensorListGather', {
    input_handle: handle,
    indices,
    element_shape: tail(tensor),
    element_dtype: op.attrs.element_dtype,
  });
}

export const listOps = defineOps({
  EmptyTensorList: {
    signature: `(element_shape: shape_type, max_num_elements: int32) -> (handle: variant)
      element_dtype: type
      shape_type: {int32, int64}`,
    shape: (c) => [list(c, elementShape(c, 0))],
    gradient: none('it holds nothing'),
  },
  TensorListReserve: {
    signature: `(element_shape: shape_type, num_elements: int32) -> (handle: variant)
      element_dtype: type
      shape_type: {int32, int64}`,
    shape: (c) => [list(c, elementShape(c, 0))],
    gradient: none('it holds nothing'),
  },
  TensorListFromTensor: {
    signature: `(tensor: element_dtype, element_shape: shape_type) -> (output_handle: variant)
      element_dtype: type
      shape_type: {int32, int64}`,
    shape: (c) => {
      const rows = c.withRankAtLeast(c.shape(0), 1);
      return [list(c, c.merge(rows.slice(1), elementShape(c, 1)))];
    },
    gradient: (op, dlist) => {
      const [tensor] = op.inputs;
      const count = tensor.shape.dims?.[0] ?? null;
      return [
        applyUnary('TensorListStack', {
          input_handle: dlist,
          element_shape: tail(tensor),
          element_dtype: tensor.dtype,
          num_elements: count ?? undefined,
        }),
        null,
      ];
    },
  },
  TensorListPushBack: {
    signature: `(input_handle: variant, tensor: element_dtype) -> (output_handle: variant)
      element_dtype: type`,
    shape: (c) => [list(c, held(c, 'push to'))],
    gradient: (op, dlist) =>
      applyOp('TensorListPopBack', {
        input_handle: dlist,
        element_shape: shape(op.inputs[1]),
        element_dtype: op.attrs.element_dtype,
      }).outputs,
  },
  TensorListPopBack: {
    signature: `(input_handle: variant, element_shape: int32) -> (output_handle: variant, tensor: element_dtype)
      element_dtype: type`,
    shape: (c) => {
      const element = held(c, 'read from');
      return [list(c, element), element];
    },
    gradient: (op, dlist: Tensor | null, delement: Tensor | null) => {
      const rest = dlist ?? emptyTensorList(elementShapeOf(op.outputs[0]), delement!.dtype);
      return [
        applyUnary('TensorListPushBack', { input_handle: rest, tensor: delement ?? zerosLike(op.outputs[1]) }),
        null,
      ];
    },
  },
  TensorListGetItem: {
    signature: `(input_handle: variant, index: int32, element_shape: int32) -> (item: element_dtype)
      element_dtype: type`,
    shape: (c) => [c.merge(held(c, 'read from'), elementShape(c, 2))],
    gradient: (op, ditem) => {
      const [handle, index] = op.inputs;
      const length = lengthOf(handle);
      const reserved = applyUnary('TensorListReserve', {
        element_shape: elementShapeOf(handle),
        num_elements: length,
        element_dtype: ditem.dtype,
      });
      return [applyUnary('TensorListSetItem', { input_handle: reserved, index, item: ditem }), null, null];
    },
  },
  TensorListSetItem: {
    signature: `(input_handle: variant, index: int32, item: element_dtype) -> (output_handle: variant)
      element_dtype: type
      resize_if_index_out_of_bounds: bool = false`,
    shape: (c) => {
      const element = held(c, 'write to');
      c.merge(element, c.shape(2));
      return [list(c, element)];
    },
    gradient: (op, dlist) => {
      const [handle, index, item] = op.inputs;
      const cleared = applyUnary('TensorListSetItem', { input_handle: dlist, index, item: zerosLike(item) });
      const delement = tensorListGetItem(dlist, index, item.dtype, shape(item));
      if (op.attrs.resize_if_index_out_of_bounds !== true) return [cleared, null, delement];
      return [applyUnary('TensorListResize', { input_handle: cleared, size: lengthOf(handle) }), null, delement];
    },
  },
  TensorListStack: {
    signature: `(input_handle: variant, element_shape: int32) -> (tensor: element_dtype)
      element_dtype: type
      num_elements: int = -1`,
    shape: (c) => {
      const count = Number(c.attr<number>('num_elements'));
      return [prepend(count < 0 ? null : count, c.merge(held(c, 'read from'), elementShape(c, 1)))];
    },
    gradient: (_op, dtensor) => [tensorListFromTensor(dtensor, dtensor.shape.slice(1)), null],
  },
  TensorListGather: {
    signature: `(input_handle: variant, indices: int32, element_shape: int32) -> (values: element_dtype)
      element_dtype: type`,
    shape: (c) => {
      const indices = c.ranked(1, 1);
      return [prepend(indices.dims![0], c.merge(held(c, 'read from'), elementShape(c, 2)))];
    },
    gradient: (op, dtensor) => [gatherGradient(op, dtensor), null, null],
  },
  TensorListScatterV2: {
    signature: `(tensor: element_dtype, indices: int32, element_shape: shape_type, num_elements: int32) -> (output_handle: variant)
      element_dtype: type
      shape_type: {int32, int64}`,
    shape: (c) => [list(c, elementShape(c, 2))],
    gradient: (op, dlist) => [gatherRows(op, dlist, op.inputs[0], op.inputs[1]), null, null, null],
  },
  TensorListScatterIntoExistingList: {
    signature: `(input_handle: variant, tensor: element_dtype, indices: int32) -> (output_handle: variant)
      element_dtype: type`,
    shape: (c) => [list(c, held(c, 'write to'))],
    gradient: (op, dlist) => {
      const [, tensor, indices] = op.inputs;
      const dtensor = gatherRows(op, dlist, tensor, indices);
      const cleared = applyUnary('TensorListScatterIntoExistingList', {
        input_handle: dlist,
        tensor: zerosLike(tensor),
        indices,
      });
      return [cleared, dtensor, null];
    },
  },
  TensorListConcatV2: {
    signature: `(input_handle: variant, element_shape: shape_type, leading_dims: int64) -> (tensor: element_dtype, lengths: int64)
      element_dtype: type
      shape_type: {int32, int64}`,
    shape: (c) => {
      const element = c.merge(held(c, 'read from'), elementShape(c, 1));
      return [element.dims ? prepend(null, element.slice(1)) : unknownShape, new TensorShape([null])];
    },
    gradient: (op, dtensor) => {
      const split = { tensor: dtensor, element_shape: elementShapeOf(op.inputs[0]), lengths: op.outputs[1] };
      return [applyUnary('TensorListSplit', split), null, null];
    },
  },
  TensorListSplit: {
    signature: `(tensor: element_dtype, element_shape: shape_type, lengths: int64) -> (output_handle: variant)
      element_dtype: type
      shape_type: {int32, int64}`,
    shape: (c) => {
      const rows = c.withRankAtLeast(c.shape(0), 1);
      const element = rows.dims ? prepend(null, rows.slice(1)) : unknownShape;
      return [list(c, c.merge(element, elementShape(c, 1)))];
    },
    gradient: (op, dlist) => {
      const [tensor, , lengths] = op.inputs;
      const rest = tail(tensor);
      const element = applyUnary(
        'ConcatV2',
        { values: [convertToTensor([-1], { dtype: int32, name: 'concat/values_0' }), rest], axis: 0 },
        'concat',
      );
      const joined = {
        input_handle: dlist,
        element_shape: element,
        leading_dims: lengths,
        element_dtype: tensor.dtype,
      };
      return [applyOp('TensorListConcatV2', joined).output, null, null];
    },
  },
  TensorListResize: {
    signature: '(input_handle: variant, size: int32) -> (output_handle: variant)',
    shape: (c) => {
      c.outputHandleData[0] = c.handleData(0);
      return [scalarShape];
    },
    gradient: (op, dlist) => [
      applyUnary('TensorListResize', { input_handle: dlist, size: lengthOf(op.inputs[0]) }),
      null,
    ],
  },
  TensorListLength: {
    signature: '(input_handle: variant) -> (length: int32)',
    shape: () => [scalarShape],
    gradient: none('a length is an integer'),
  },
  TensorListElementShape: {
    signature: `(input_handle: variant) -> (element_shape: shape_type)
      shape_type: {int32, int64}`,
    shape: (c) => {
      const rank = c.handleData(0)?.shape.rank ?? null;
      return [rank === null ? unknownShape : new TensorShape([rank])];
    },
    gradient: none('a shape is an integer'),
  },
});

/** A shape as element shape of a list: -1 where nothing is known; a scalar's is a constant of its own. */
export function asElementShape(value: Tensor | TensorShape | null | undefined): TensorLike {
  if (value instanceof Tensor) return value;
  if (!value?.dims) return -1;
  return value.dims.length === 0 ? convertToTensor(new Int32Array(0)) : Int32Array.from(value.dims, (dim) => dim ?? -1);
}

export interface EmptyListOptions {
  /** An int32 scalar; -1 and null leave the length open. */
  readonly maxNumElements?: TensorLike | null;
  readonly name?: string;
}

type ElementShape = Tensor | TensorShape | null;

/** A list of no elements yet. Mirrors list_ops.empty_tensor_list. */
export function emptyTensorList(
  elementShape: ElementShape,
  elementDtype: DType,
  { maxNumElements, name }: EmptyListOptions = {},
): Tensor {
  const args = {
    element_shape: asElementShape(elementShape),
    max_num_elements: maxNumElements ?? -1,
    element_dtype: elementDtype,
  };
  return applyUnary('EmptyTensorList', args, name);
}

/** A list of that many elements without values. Mirrors list_ops.tensor_list_reserve. */
export function tensorListReserve(
  elementShape: ElementShape,
  numElements: TensorLike,
  elementDtype: DType,
  name?: string,
): Tensor {
  const args = { element_shape: asElementShape(elementShape), num_elements: numElements, element_dtype: elementDtype };
  return applyUnary('TensorListReserve', args, name);
}

/** The rows of a tensor as a list. Mirrors list_ops.tensor_list_from_tensor. */
export function tensorListFromTensor(tensor: Tensor, elementShape: ElementShape, name?: string): Tensor {
  return applyUnary('TensorListFromTensor', { tensor, element_shape: asElementShape(elementShape) }, name);
}

/** The list with one more element at its end. */
export function tensorListPushBack(list: Tensor, tensor: Tensor): Tensor {
  return applyUnary('TensorListPushBack', { input_handle: list, tensor });
}

/** The list without its last element, and that element. */
export function tensorListPopBack(list: Tensor, elementDtype: DType): readonly [Tensor, Tensor] {
  const { outputs } = applyOp('TensorListPopBack', {
    input_handle: list,
    element_shape: -1,
    element_dtype: elementDtype,
  });
  return [outputs[0], outputs[1]];
}

/** The element at an index. Mirrors list_ops.tensor_list_get_item. */
export function tensorListGetItem(
  list: Tensor,
  index: TensorLike,
  elementDtype: DType,
  elementShape?: ElementShape,
  name?: string,
): Tensor {
  const args = { input_handle: list, index, element_shape: asElementShape(elementShape), element_dtype: elementDtype };
  return applyUnary('TensorListGetItem', args, name);
}

/** The list with another element at an index. Mirrors list_ops.tensor_list_set_item. */
export function tensorListSetItem(
  list: Tensor,
  index: TensorLike,
  item: TensorLike,
  resize = false,
  name?: string,
): Tensor {
  return applyUnary(
    'TensorListSetItem',
    { input_handle: list, index, item, resize_if_index_out_of_bounds: resize },
    name,
  );
}

export interface StackOptions {
  readonly numElements?: number;
  readonly elementShape?: ElementShape;
  readonly name?: string;
}

/** The elements as rows of one tensor. Mirrors list_ops.tensor_list_stack. */
export function tensorListStack(
  list: Tensor,
  elementDtype: DType,
  { numElements, elementShape, name }: StackOptions = {},
): Tensor {
  const args = {
    input_handle: list,
    element_shape: asElementShape(elementShape),
    element_dtype: elementDtype,
    num_elements: numElements,
  };
  return applyUnary('TensorListStack', args, name);
}
