/**
 * Arrays of tensors of TensorFlow v1. Texts of errors are TensorFlow's, seen with spec/golden's TensorFlow 2.15.
 */
import { applyOp, applyUnary, type OpArguments } from '../../graph/applyOp';
import { float32, int32 } from '../../graph/dtypes';
import { controlDependencies } from '../../graph/framework';
import { constant } from '../../graph/ops/source';
import { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { f32, i32, i64, opCase } from '../support/opCase';
import { v1Loop } from '../support/v1Loop';

interface Handle {
  readonly handle: Tensor;
  readonly flow: Tensor;
}

const array = (size: number, options: OpArguments = {}): Handle => {
  const [handle, flow] = applyOp('TensorArrayV3', { size, dtype: float32, ...options }).outputs;
  return { handle, flow };
};
const write = ({ handle, flow }: Handle, index: number | Tensor, value: Tensor): Handle => ({
  handle,
  flow: applyUnary('TensorArrayWriteV3', { handle, index, value, flow_in: flow }),
});
const readAt = ({ handle, flow }: Handle, index: number | Tensor): Tensor =>
  applyUnary('TensorArrayReadV3', { handle, index, flow_in: flow, dtype: float32 });
const gather = ({ handle, flow }: Handle, indices: readonly number[], options: OpArguments = {}): Tensor =>
  applyUnary('TensorArrayGatherV3', {
    handle,
    indices: constant(i32([...indices])),
    flow_in: flow,
    dtype: float32,
    ...options,
  });
const scatter = ({ handle, flow }: Handle, indices: readonly number[], value: Tensor): Handle => ({
  handle,
  flow: applyUnary('TensorArrayScatterV3', { handle, indices: constant(i32([...indices])), value, flow_in: flow }),
});
const split = ({ handle, flow }: Handle, value: Tensor, lengths: Tensor): Handle => ({
  handle,
  flow: applyUnary('TensorArraySplitV3', { handle, value, lengths, flow_in: flow }),
});
const concat = ({ handle, flow }: Handle, options: OpArguments = {}) =>
  applyOp('TensorArrayConcatV3', { handle, flow_in: flow, dtype: float32, ...options }).outputs;
const sizeOf = ({ handle, flow }: Handle) => applyUnary('TensorArraySizeV3', { handle, flow_in: flow });
const gradientOf = (of: Handle): Handle => {
  const [handle, flow] = applyOp('TensorArrayGradV3', {
    handle: of.handle,
    flow_in: of.flow,
    source: 'gradients',
  }).outputs;
  return { handle, flow };
};

opCase('TensorArrayV3', 'written and read', {
  inputs: [f32([1, 2]), f32([3])],
  build: (x, y) => {
    const written = write(write(array(2), 1, x), 0, y);
    return [readAt(written, 0), readAt(written, 1), sizeOf(written)];
  },
  covers: ['TensorArrayWriteV3', 'TensorArrayReadV3', 'TensorArraySizeV3'],
  want: [f32([3]), f32([1, 2]), i32(2)],
});
opCase('TensorArrayGatherV3', 'in another order', {
  inputs: [
    f32([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  ],
  build: (x) => gather(scatter(array(3, { clear_after_read: false }), [2, 0, 1], x), [0, 1, 2, 0]),
  covers: ['TensorArrayScatterV3'],
  want: f32([
    [3, 4],
    [5, 6],
    [1, 2],
    [3, 4],
  ]),
});
opCase('TensorArraySplitV3', 'and joined', {
  inputs: [f32([[1], [2], [3]]), i64([2, 0, 1])],
  build: (x, lengths) => concat(split(array(3), x, lengths)),
  covers: ['TensorArrayConcatV3'],
  want: [f32([[1], [2], [3]]), i64([2, 0, 1])],
});
opCase('TensorArrayWriteV3', 'an array that grows', {
  inputs: [f32(1)],
  build: (x) => {
    const written = write(array(0, { dynamic_size: true, element_shape: new TensorShape([]) }), 2, x);
    return [sizeOf(written), gather(written, [0, 2])];
  },
  want: [i32(3), f32([0, 1])],
});
opCase('TensorArrayGatherV3', 'nothing', {
  inputs: [f32(1)],
  build: () => gather(array(0), [], { element_shape: new TensorShape([2]) }),
  want: f32([]).reshape([0, 2]),
});
opCase('TensorArrayConcatV3', 'nothing', {
  inputs: [f32(1)],
  build: () => concat(array(0), { element_shape_except0: new TensorShape([2]) }),
  want: [f32([]).reshape([0, 2]), i64([])],
});
opCase('TensorArrayCloseV3', 'keeps its size', {
  inputs: [f32(1)],
  build: () => {
    const made = array(3);
    return controlDependencies([applyOp('TensorArrayCloseV3', { handle: made.handle })], () => sizeOf(made));
  },
  want: i32(3),
});
opCase('TensorArrayGradV3', 'sums what is written to one place', {
  inputs: [f32([1, 2]), f32([0.5, 0])],
  build: (x, y) => {
    const grad = gradientOf(write(array(3), 2, x));
    const written = write(write(grad, 1, x), 1, y);
    return [readAt(written, 1), readAt(written, 2), sizeOf(written)];
  },
  want: [f32([1.5, 2]), f32([0, 0]), i32(3)],
});
opCase('TensorArrayGradWithShape', 'zeros of a larger shape', {
  inputs: [f32([1, 2])],
  build: (x) => {
    const { handle, flow } = write(array(1), 0, x);
    const [grad, gradFlow] = applyOp('TensorArrayGradWithShape', {
      handle,
      flow_in: flow,
      shape_to_prepend: constant(i32([2])),
      source: 'g',
    }).outputs;
    return readAt({ handle: grad, flow: gradFlow }, 0);
  },
  want: f32([
    [0, 0],
    [0, 0],
  ]),
});

opCase('TensorArrayV3', 'filled by a loop', {
  inputs: [f32([1, 2, 3, 4])],
  build: (x) => {
    const source = scatter(array(4), [0, 1, 2, 3], x);
    const target = array(4);
    const start = applyUnary('Identity', { input: constant(i32(0)) });
    const [, flow] = v1Loop(
      [start, target.flow],
      (i) => applyUnary('Less', { x: i, y: 4 }),
      (i, written, from, fromFlow, to) => {
        const value = applyUnary('Square', { x: readAt({ handle: from, flow: fromFlow }, i) });
        return [applyUnary('AddV2', { x: i, y: 1 }), write({ handle: to, flow: written }, i, value).flow];
      },
      { constants: [source.handle, source.flow, target.handle] },
    );
    return gather({ handle: target.handle, flow }, [0, 1, 2, 3]);
  },
  want: f32([1, 4, 9, 16]),
});

const failing: readonly (readonly [
  title: string,
  op: string,
  build: (x: Tensor) => Tensor | readonly Tensor[],
  fails: RegExp,
])[] = [
  [
    'outside',
    'TensorArrayWriteV3',
    (x) => write(array(3), 5, x).flow,
    /Tried to write to index 5 but array is not resizeable and size is: 3/,
  ],
  [
    'before the first',
    'TensorArrayWriteV3',
    (x) => write(array(3), -1, x).flow,
    /Tried to write to index -1 but index must be >= 0/,
  ],
  [
    'twice',
    'TensorArrayWriteV3',
    (x) => write(write(array(3), 1, x), 1, x).flow,
    /Could not write to TensorArray index 1 because it has already been written to\./,
  ],
  [
    'another shape',
    'TensorArrayWriteV3',
    (x) => write(array(3, { element_shape: new TensorShape([3]) }), 1, x).flow,
    /Dimension 0 in both shapes must be equal, but are 3 and 2|Could not write to TensorArray index 1 because the value shape is \[2\] which is incompatible with the TensorArray's inferred element shape: \[3\]/,
  ],
  [
    'of another shape than before',
    'TensorArrayWriteV3',
    (x) => write(write(array(3, { identical_element_shapes: true }), 1, x), 2, constant(f32([1]))).flow,
    /index 2 because the value shape is \[1\] which is incompatible with the TensorArray's inferred element shape: \[2\]/,
  ],
  [
    'another dtype',
    'TensorArrayWriteV3',
    () => write(array(3), 1, constant(i32(1))).flow,
    /TensorArray dtype is float but Op is trying to write dtype int32\./,
  ],
  ['outside', 'TensorArrayReadV3', () => readAt(array(3), 7), /Tried to read from index 7 but array size is: 3/],
  [
    'what nobody wrote',
    'TensorArrayReadV3',
    () => readAt(array(3), 1),
    /Could not read from TensorArray index 1\. {2}Furthermore, the element shape is not fully defined: <unknown>\./,
  ],
  [
    'twice',
    'TensorArrayReadV3',
    (x) => {
      const all = write(array(3), 1, x);
      const first = readAt(all, 1);
      return controlDependencies([first], () => readAt(all, 1));
    },
    /Could not read index 1 twice because it was cleared after a previous read/,
  ],
  [
    'another dtype',
    'TensorArrayReadV3',
    () => applyUnary('TensorArrayReadV3', { ...handleAndFlow(), index: 0, dtype: int32 }),
    /TensorArray dtype is float but Op requested dtype int32\./,
  ],
  [
    'shapes that differ',
    'TensorArrayGatherV3',
    (x) => gather(write(write(array(2), 0, x), 1, constant(f32([1]))), [0, 1]),
    /TensorArray has inconsistent shapes\. {2}Index 0 has shape: \[2\] but index 1 has shape: \[1\]/,
  ],
  [
    'nothing of an unknown shape',
    'TensorArrayGatherV3',
    () => gather(array(0), []),
    /TensorArray has size zero, but element shape <unknown> is not fully defined\./,
  ],
  [
    'outside',
    'TensorArrayScatterV3',
    (x) => scatter(array(3), [0, 4], x).flow,
    /Max scatter index must be < array size \(4 vs\. 3\)/,
  ],
  [
    'more values than indices',
    'TensorArrayScatterV3',
    (x) => scatter(array(3), [0], x).flow,
    /Dimensions must be equal, but are 2 and 1|Expected len\(indices\) == values.shape\[0\], but saw: 1 vs\. 2/,
  ],
  [
    'more parts than places',
    'TensorArraySplitV3',
    (x) => split(array(1), x, constant(i64([1, 1]))).flow,
    /TensorArray's size is not equal to the size of lengths \(1 vs\. 2\), and the TensorArray is not marked as dynamically resizeable/,
  ],
  [
    'parts that do not add up',
    'TensorArraySplitV3',
    (x) => split(array(2), x, constant(i64([1, 2]))).flow,
    /Expected sum of lengths to be equal to values.shape\[0\], but sum of lengths is 3 and value's shape is: \[2\]/,
  ],
  [
    'scalars',
    'TensorArrayConcatV3',
    (x) => concat(scatter(array(2), [0, 1], x)),
    /Concat saw a scalar shape at index 0 but requires at least vectors\. {2}Did you mean to call pack\?/,
  ],
  [
    'nothing of an unknown shape',
    'TensorArrayConcatV3',
    () => concat(array(0)),
    /TensorArray has size zero, but element_shape_except0 <unknown> is not fully defined/,
  ],
  ['a negative size', 'TensorArrayV3', () => array(-1).flow, /Size should be >= 0\./],
  [
    'of gradients',
    'TensorArrayGradV3',
    () => gradientOf(gradientOf(array(1))).flow,
    /Wrong input container\. _tensor_array_grads/,
  ],
];

const handleAndFlow = () => {
  const { handle, flow } = array(1);
  return { handle, flow_in: flow };
};

for (const [title, op, build, fails] of failing) opCase(op, title, { inputs: [f32([1, 2])], build, fails });
