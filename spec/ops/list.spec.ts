/**
 * Lists of tensors: values, and gradients by central differences.
 *
 * The rows use the ops directly; spec/graph/tensorArray.spec.ts covers them as TensorArray.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { float32, float64, int32 } from '../../graph/dtypes';
import '../../graph/ops/index';
import '../../graph/ops/operators';
import {
  emptyTensorList,
  tensorListFromTensor,
  tensorListGetItem,
  tensorListPopBack,
  tensorListPushBack,
  tensorListReserve,
  tensorListSetItem,
  tensorListStack,
} from '../../graph/ops/list';
import { TensorShape, unknownShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, i32, i64, opCase } from '../support/opCase';

const rows = f64([
  [1, -2],
  [0.5, 3],
  [4, 0.25],
]);
const vector = new TensorShape([2]);
const listOf = (tensor: Tensor) => tensorListFromTensor(tensor, null);
const stacked = (list: Tensor) => tensorListStack(list, float64);
const element = (list: Tensor, index: number) => tensorListGetItem(list, index, float64);

opCase('TensorListFromTensor', 'and its rows', {
  inputs: [rows],
  build: (x) => [element(listOf(x), 2), element(listOf(x), 0)],
  want: [f64([4, 0.25]), f64([1, -2])],
  gradient: true,
  covers: ['TensorListGetItem'],
});
opCase('TensorListStack', 'of what it was made of', {
  inputs: [rows],
  build: (x) => stacked(listOf(x)).mul(stacked(listOf(x))),
  want: f64([
    [1, 4],
    [0.25, 9],
    [16, 0.0625],
  ]),
  gradient: true,
});
opCase('TensorListStack', 'of elements that were never set', {
  inputs: [f64([7, 8])],
  build: (x) => stacked(tensorListSetItem(tensorListReserve(vector, 3, float64), 1, x)),
  want: f64([
    [0, 0],
    [7, 8],
    [0, 0],
  ]),
  gradient: true,
  covers: ['TensorListSetItem'],
});
opCase('TensorListReserve', 'gives zeros of the declared shape', {
  inputs: [i32(2)],
  build: (n) => [
    tensorListGetItem(tensorListReserve(vector, n, float32), 1, float32),
    applyUnary('TensorListLength', { input_handle: tensorListReserve(vector, n, float32) }),
  ],
  want: [f32([0, 0]), i32(2)],
  covers: ['TensorListLength'],
});
opCase('TensorListReserve', 'of a negative size', {
  inputs: [i32(-1)],
  build: (n) => applyUnary('TensorListLength', { input_handle: tensorListReserve(vector, n, float32) }),
  fails: /The num_elements to reserve must be a non negative number, but got -1/,
});
opCase('TensorListGetItem', 'of an element that was never set and has no known shape', {
  inputs: [i32(1)],
  build: (n) => tensorListGetItem(tensorListReserve(null, n, float32), 0, float32),
  fails: /Trying to read an uninitialized tensor but element_shape is not fully defined/,
});
opCase('TensorListGetItem', 'outside', {
  inputs: [rows, i32(3)],
  build: (x, i) => tensorListGetItem(listOf(x), i, float64),
  fails: /Trying to access element 3 in a list with 3 elements\./,
});
opCase('TensorListSetItem', 'replaces an element', {
  inputs: [rows, f64([5, 6])],
  build: (x, y) => stacked(tensorListSetItem(listOf(x), 1, y)),
  want: f64([
    [1, -2],
    [5, 6],
    [4, 0.25],
  ]),
  gradient: true,
});
opCase('TensorListSetItem', 'leaves the old list as it was', {
  inputs: [rows, f64([5, 6])],
  build: (x, y) => {
    const before = listOf(x);
    const after = tensorListSetItem(before, 0, y);
    return [stacked(tensorListSetItem(after, 1, y)), stacked(before), stacked(after)];
  },
  want: [
    f64([
      [5, 6],
      [5, 6],
      [4, 0.25],
    ]),
    rows,
    f64([
      [5, 6],
      [0.5, 3],
      [4, 0.25],
    ]),
  ],
  gradient: true,
});
opCase('TensorListSetItem', 'behind the end, growing the list', {
  inputs: [rows, f64([5, 6])],
  build: (x, y) => stacked(tensorListSetItem(listOf(x), 4, y, true)),
  want: f64([
    [1, -2],
    [0.5, 3],
    [4, 0.25],
    [0, 0],
    [5, 6],
  ]),
  gradient: true,
  covers: [],
});
opCase('TensorListSetItem', 'outside', {
  inputs: [rows, f64([5, 6])],
  build: (x, y) => stacked(tensorListSetItem(listOf(x), 3, y)),
  fails: /Trying to modify element 3 in a list with 3 elements\./,
});
opCase('TensorListSetItem', 'of another shape', {
  inputs: [rows, f64([5])],
  build: (x, y) => stacked(tensorListSetItem(tensorListFromTensor(x, vector), 1, y)),
  fails: /Tried to set a tensor with incompatible shape at a list index|Dimension 0 in both shapes must be equal/,
});
opCase('EmptyTensorList', 'filled by pushing', {
  inputs: [f64([1, 2]), f64([3, 4])],
  build: (x, y) => stacked(tensorListPushBack(tensorListPushBack(emptyTensorList(vector, float64), x), y)),
  want: f64([
    [1, 2],
    [3, 4],
  ]),
  gradient: true,
  covers: ['TensorListPushBack'],
});
opCase('TensorListPushBack', 'to a full list', {
  inputs: [f64([1, 2])],
  build: (x) =>
    stacked(tensorListPushBack(tensorListPushBack(emptyTensorList(vector, float64, { maxNumElements: 1 }), x), x)),
  fails: /Tried to push item into a full list list size: 1 max_num_elements: 1/,
});
opCase('TensorListPushBack', 'of another shape', {
  inputs: [f64([1, 2, 3])],
  build: (x) => stacked(tensorListPushBack(emptyTensorList(vector, float64), x)),
  fails: /Tried to append a tensor with incompatible shape to a list\. Op element shape: \[3\] list shape: \[2\]/,
});
opCase('TensorListPopBack', 'gives the last element and the others', {
  inputs: [rows],
  build: (x) => {
    const [rest, last] = tensorListPopBack(listOf(x), float64);
    return [stacked(rest), last];
  },
  want: [
    f64([
      [1, -2],
      [0.5, 3],
    ]),
    f64([4, 0.25]),
  ],
  gradient: true,
});
opCase('TensorListPopBack', 'of an empty list', {
  inputs: [f64(1)],
  build: () => tensorListPopBack(emptyTensorList(vector, float64), float64)[1],
  fails: /Trying to pop from an empty list\./,
});
opCase('TensorListPopBack', 'of another dtype', {
  inputs: [f64([[1]])],
  build: (x) => tensorListPopBack(listOf(x), int32)[1],
  fails:
    /Trying to read from list with wrong element dtype\. List has type double but trying to read element with type int32/,
});
opCase('TensorListGather', 'of some elements', {
  inputs: [rows, i32([2, 0, 2])],
  build: (x, indices) =>
    applyUnary('TensorListGather', { input_handle: listOf(x), indices, element_shape: -1, element_dtype: float64 }),
  want: f64([
    [4, 0.25],
    [1, -2],
    [4, 0.25],
  ]),
});
opCase('TensorListGather', 'gradient', {
  inputs: [rows, i32([2, 0])],
  build: (x, indices) =>
    applyUnary('TensorListGather', { input_handle: listOf(x), indices, element_shape: -1, element_dtype: float64 }),
  gradient: true,
});
opCase('TensorListScatterV2', 'to given places', {
  inputs: [rows, i32([3, 0, 1])],
  build: (x, indices) =>
    stacked(applyUnary('TensorListScatterV2', { tensor: x, indices, element_shape: -1, num_elements: -1 })),
  want: f64([
    [0.5, 3],
    [4, 0.25],
    [0, 0],
    [1, -2],
  ]),
  gradient: true,
});
opCase('TensorListScatterIntoExistingList', 'over old elements', {
  inputs: [rows, f64([[7, 8]]), i32([1])],
  build: (x, y, indices) =>
    stacked(applyUnary('TensorListScatterIntoExistingList', { input_handle: listOf(x), tensor: y, indices })),
  want: f64([
    [1, -2],
    [7, 8],
    [4, 0.25],
  ]),
  gradient: true,
});
opCase('TensorListSplit', 'into pieces and joined again', {
  inputs: [rows, i64([1, 0, 2])],
  build: (x, lengths) => {
    const list = applyUnary('TensorListSplit', { tensor: x, element_shape: -1, lengths });
    const joined = applyOp('TensorListConcatV2', {
      input_handle: list,
      element_shape: -1,
      leading_dims: new BigInt64Array(0),
      element_dtype: float64,
    });
    return [joined.outputs[0].mul(joined.outputs[0]), joined.outputs[1], element(list, 2)];
  },
  want: [
    f64([
      [1, 4],
      [0.25, 9],
      [16, 0.0625],
    ]),
    i64([1, 0, 2]),
    f64([
      [0.5, 3],
      [4, 0.25],
    ]),
  ],
  covers: ['TensorListConcatV2'],
  gradient: true,
});
opCase('TensorListSplit', 'into too little', {
  inputs: [rows, i64([1, 1])],
  build: (x, lengths) => element(applyUnary('TensorListSplit', { tensor: x, element_shape: -1, lengths }), 0),
  fails: /Unused values in tensor\. Length of tensor: 3 Values used: 2/,
});
opCase('TensorListResize', 'longer and shorter', {
  inputs: [rows],
  build: (x) => {
    const resized = (size: number) => applyUnary('TensorListResize', { input_handle: listOf(x), size });
    return [stacked(resized(4)), stacked(resized(1))];
  },
  want: [
    f64([
      [1, -2],
      [0.5, 3],
      [4, 0.25],
      [0, 0],
    ]),
    f64([[1, -2]]),
  ],
  gradient: true,
});
opCase('TensorListElementShape', 'known, partly known and unknown', {
  inputs: [f32([[1, 2]])],
  build: (x) => {
    const shapeOf = (handle: Tensor) =>
      applyUnary('TensorListElementShape', { input_handle: handle, shape_type: int32 });
    return [
      shapeOf(tensorListFromTensor(x, vector)),
      shapeOf(emptyTensorList(new TensorShape([null, 3]), float32)),
      shapeOf(emptyTensorList(unknownShape, float32)),
    ];
  },
  want: [i32([2]), i32([-1, 3]), i32(-1)],
});
opCase('ZerosLike', 'of a list', {
  inputs: [rows],
  build: (x) => stacked(applyUnary('ZerosLike', { x: listOf(x) })),
  want: f64([
    [0, 0],
    [0, 0],
    [0, 0],
  ]),
});
opCase('AddN', 'of lists', {
  inputs: [rows, rows],
  build: (x, y) => stacked(applyUnary('AddN', { inputs: [listOf(x), listOf(y)] })),
  want: f64([
    [2, -4],
    [1, 6],
    [8, 0.5],
  ]),
  gradient: true,
});
