/**
 * Ops: arrays of tensors as loops of TensorFlow v1 use them. An array is a resource of one run that its ops change; the
 * `flow` scalar that they pass on orders them.
 *
 * Nothing of ours builds these nodes (`tf.TensorArray` is a list of tensors, graph/ops/list.ts): they come from files.
 */
import { defineOps, none, unsupported } from '../registry';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import { noOutputs, type ShapeContext } from '../shapeContext';

const HANDLE = new TensorShape([2]);

const noGradient = unsupported(
  'gradients of TensorArrays of v1 are not built; tf.TensorArray and the list ops have gradients',
);

function elementShape(c: ShapeContext): TensorShape {
  return c.handleData(0)?.shape ?? unknownShape;
}

/** Handle and flow of an array; what it holds is known where all elements have one shape. */
function arrayShape(c: ShapeContext): TensorShape[] {
  c.ranked(0, 0);
  const shape = c.attr<TensorShape>('element_shape');
  if (c.attr<boolean>('identical_element_shapes') || shape.dims !== null)
    c.outputHandleData[0] = { dtype: c.attr('dtype'), shape };
  return [HANDLE, scalarShape];
}

function gradientArrayShape(c: ShapeContext): TensorShape[] {
  c.outputHandleData[0] = c.handleData(0);
  return [HANDLE, scalarShape];
}

export const tensorArraysOps = defineOps({
  TensorArrayV3: {
    signature: `(size: int32) -> (handle: resource, flow: float32)
      dtype: type
      element_shape: shape = unknown
      dynamic_size: bool = false
      clear_after_read: bool = true
      identical_element_shapes: bool = false
      tensor_array_name: string = ''`,
    stateful: true,
    shape: arrayShape,
    gradient: none('a new array holds nothing'),
  },
  TensorArrayGradV3: {
    signature: `(handle: resource, flow_in: float32) -> (grad_handle: resource, flow_out: float32)
      source: string`,
    stateful: true,
    shape: gradientArrayShape,
    gradient: none('an array of gradients is not differentiated'),
  },
  TensorArrayGradWithShape: {
    signature: `(handle: resource, flow_in: float32, shape_to_prepend: int32) -> (grad_handle: resource, flow_out: float32)
      source: string`,
    stateful: true,
    shape: () => [HANDLE, scalarShape],
    gradient: none('an array of gradients is not differentiated'),
  },
  TensorArrayWriteV3: {
    signature: `(handle: resource, index: int32, value: T, flow_in: float32) -> (flow_out: float32)
      T: type`,
    stateful: true,
    shape: (c) => {
      c.ranked(1, 0);
      c.merge(elementShape(c), c.shape(2));
      return [scalarShape];
    },
    gradient: noGradient,
  },
  TensorArrayReadV3: {
    signature: `(handle: resource, index: int32, flow_in: float32) -> (value: dtype)
      dtype: type`,
    stateful: true,
    shape: (c) => {
      c.ranked(1, 0);
      return [elementShape(c)];
    },
    gradient: noGradient,
  },
  TensorArrayGatherV3: {
    signature: `(handle: resource, indices: int32, flow_in: float32) -> (value: dtype)
      dtype: type
      element_shape: shape = unknown`,
    stateful: true,
    shape: (c) => {
      const rows = c.ranked(1, 1);
      const own = elementShape(c);
      return [rows.concatenate(own.dims === null ? c.attr<TensorShape>('element_shape') : own)];
    },
    gradient: noGradient,
  },
  TensorArrayScatterV3: {
    signature: `(handle: resource, indices: int32, value: T, flow_in: float32) -> (flow_out: float32)
      T: type`,
    stateful: true,
    shape: (c) => {
      const indices = c.ranked(1, 1);
      const value = c.withRankAtLeast(c.shape(2), 1);
      c.mergeDims(value.at(0), indices.at(0));
      if (value.dims !== null) c.merge(elementShape(c), value.slice(1));
      return [scalarShape];
    },
    gradient: noGradient,
  },
  TensorArrayConcatV3: {
    signature: `(handle: resource, flow_in: float32) -> (value: dtype, lengths: int64)
      dtype: type
      element_shape_except0: shape = unknown`,
    stateful: true,
    shape: () => [unknownShape, new TensorShape([null])],
    gradient: noGradient,
  },
  TensorArraySplitV3: {
    signature: `(handle: resource, value: T, lengths: int64, flow_in: float32) -> (flow_out: float32)
      T: type`,
    stateful: true,
    shape: (c) => {
      c.ranked(2, 1);
      return [scalarShape];
    },
    gradient: noGradient,
  },
  TensorArraySizeV3: {
    signature: '(handle: resource, flow_in: float32) -> (size: int32)',
    stateful: true,
    shape: () => [scalarShape],
    gradient: none('a size is an integer'),
  },
  TensorArrayCloseV3: {
    signature: '(handle: resource) -> ()',
    stateful: true,
    shape: noOutputs,
    gradient: none('it has no outputs'),
  },
});
