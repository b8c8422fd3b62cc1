/**
 * Ops: resource variables, their reads and assignments. The class that users see is lib/variables/variable.ts; updates
 * of rows and slices are graph/ops/stateScatter.ts.
 */
import { applyUnary } from '../applyOp';
import { constantIn, graphFromInputs } from '../convert';
import { type DType, int32 } from '../dtypes';
import { IndexedSlices } from '../indexedSlices';
import { NdArray } from '../ndarray';
import { defineOps, none } from '../registry';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import { noOutputs, type ShapeContext, scalarOutputs } from '../shapeContext';
import type { Tensor } from '../tensor';

/**
 * What is known of the shape behind the handle at input 0; fails when the variable holds another dtype than the op
 * expects.
 */
export function variableShapeOf(c: ShapeContext, dtypeAttr: string): TensorShape {
  const data = c.handleData(0);
  if (!data) return unknownShape;
  const dtype = c.attr<DType>(dtypeAttr);
  if (data.dtype !== dtype)
    c.fail(`Trying to read variable with wrong dtype. Expected ${data.dtype.cppName} got ${dtype.cppName}`);
  return data.shape;
}

function assignment(c: ShapeContext): TensorShape[] {
  c.merge(variableShapeOf(c, 'dtype'), c.shape(1));
  return noOutputs();
}

function gatherShape(c: ShapeContext): TensorShape[] {
  const params = c.withRankAtLeast(variableShapeOf(c, 'dtype'), c.attr<number>('batch_dims') + 1);
  const batchDims = c.attr<number>('batch_dims');
  const indices = c.withRankAtLeast(c.shape(1), batchDims);
  if (params.dims === null || indices.dims === null) return [unknownShape];
  return [
    new TensorShape([
      ...params.dims.slice(0, batchDims),
      ...indices.dims.slice(batchDims),
      ...params.dims.slice(batchDims + 1),
    ]),
  ];
}

function gatherNdShape(c: ShapeContext): TensorShape[] {
  const params = variableShapeOf(c, 'dtype');
  const indices = c.withRankAtLeast(c.shape(1), 1);
  const depth = indices.dims?.at(-1) ?? null;
  if (params.dims === null || indices.dims === null || depth === null) return [unknownShape];
  if (depth > params.dims.length) {
    c.fail(
      `indices.shape[-1] must be <= params.rank, but saw indices shape: ${indices.toCpp()} and params shape: ${params.toCpp()}`,
    );
  }
  return [new TensorShape([...indices.dims.slice(0, -1), ...params.dims.slice(depth)])];
}

export const stateOps = defineOps({
  VarHandleOp: {
    signature: `() -> (resource: resource)
      container: string = ''
      shared_name: string = ''
      debug_name: string = ''
      dtype: type
      shape: shape
      allowed_devices: list(string) = []`,
    stateful: true,
    shape: (c) => {
      c.outputHandleData[0] = { dtype: c.attr('dtype'), shape: c.attr('shape') };
      return [scalarShape];
    },
    gradient: none('a handle has no inputs'),
  },
  ReadVariableOp: {
    signature: `(resource: resource) -> (value: dtype)
      dtype: type`,
    stateful: true,
    shape: (c) => [variableShapeOf(c, 'dtype')],
    gradient: (_op, grad) => [grad],
    sparseGradients: true,
  },
  AssignVariableOp: {
    signature: `(resource: resource, value: dtype) -> ()
      dtype: type
      validate_shape: bool = false`,
    stateful: true,
    mayReshapeVariables: true,
    shape: assignment,
    gradient: none('an assignment has no outputs'),
  },
  AssignAddVariableOp: {
    signature: `(resource: resource, value: dtype) -> ()
      dtype: type`,
    stateful: true,
    shape: assignment,
    gradient: none('an assignment has no outputs'),
  },
  AssignSubVariableOp: {
    signature: `(resource: resource, value: dtype) -> ()
      dtype: type`,
    stateful: true,
    shape: assignment,
    gradient: none('an assignment has no outputs'),
  },
  VarIsInitializedOp: {
    signature: '(resource: resource) -> (is_initialized: bool)',
    stateful: true,
    shape: scalarOutputs,
    gradient: none('whether a variable has a value is no number'),
  },
  VariableShape: {
    signature: `(input: resource) -> (output: out_type)
      out_type: {int32, int64} = int32`,
    stateful: true,
    shape: (c) => [new TensorShape([c.handleData(0)?.shape.rank ?? null])],
    gradient: none('a shape is an integer'),
  },
  DestroyResourceOp: {
    signature: `(resource: resource) -> ()
      ignore_lookup_error: bool = true`,
    stateful: true,
    mayReshapeVariables: true,
    shape: noOutputs,
    gradient: none('it has no outputs'),
  },
  DisableCopyOnRead: {
    signature: '(resource: resource) -> ()',
    stateful: true,
    shape: noOutputs,
    gradient: none('it has no outputs'),
  },
  ResourceCountUpTo: {
    signature: `(resource: resource) -> (output: T)
      limit: int
      T: {int32, int64}`,
    stateful: true,
    shape: (c) => [c.withRank(variableShapeOf(c, 'T'), 0)],
    gradient: none('a counter is an integer'),
  },
  ResourceGather: {
    signature: `(resource: resource, indices: Tindices) -> (output: dtype)
      batch_dims: int = 0
      validate_indices: bool = true
      dtype: type
      Tindices: {int32, int64}`,
    stateful: true,
    shape: gatherShape,
    gradient: (op, grad) => {
      const [handle, indices] = op.inputs;
      const shape = variableShape(handle);
      const size = applyUnary('ExpandDims', { input: sizeOf(indices), dim: 0 });
      const rows = applyUnary('ConcatV2', { values: [size, innerShape(shape)], axis: 0 }, 'concat');
      const values = applyUnary('Reshape', { tensor: grad, shape: rows });
      return [new IndexedSlices(values, applyUnary('Reshape', { tensor: indices, shape: size }), shape), null];
    },
  },
  ResourceGatherNd: {
    signature: `(resource: resource, indices: Tindices) -> (output: dtype)
      dtype: type
      Tindices: {int32, int64}`,
    stateful: true,
    shape: gatherNdShape,
    gradient: (op, grad) => {
      const [handle, indices] = op.inputs;
      const shape = applyUnary('VariableShape', { input: handle, out_type: indices.dtype });
      if (indices.shape.rank === 2 && indices.shape.at(-1) === 1) {
        return [new IndexedSlices(grad, applyUnary('Squeeze', { input: indices, squeeze_dims: [-1] }), shape), null];
      }
      return [applyUnary('ScatterNd', { indices, updates: grad, shape }), null];
    },
  },
});

/** The number of elements, as a constant where the shape is known. */
function sizeOf(tensor: Tensor): Tensor {
  const size = tensor.shape.numElements();
  return size === null
    ? applyUnary('Size', { input: tensor })
    : constantIn(graphFromInputs([tensor]), NdArray.from(size, int32), 'Size');
}

/** `shape[1:]` */
function innerShape(shape: Tensor): Tensor {
  const graph = graphFromInputs([shape]);
  return graph.nameScope('strided_slice', (scope) => {
    const [begin, end, strides] = [1, 0, 1].map((value, i) =>
      constantIn(graph, NdArray.from(Int32Array.of(value)), i === 0 ? 'stack' : `stack_${i}`),
    );
    return applyUnary('StridedSlice', { input: shape, begin, end, strides, end_mask: 1 }, scope);
  });
}

/** The shape of the variable behind a handle: a constant where it is known. */
export function variableShape(handle: Tensor, options: { outType?: DType; name?: string } = {}): Tensor {
  const outType = options.outType ?? int32;
  const shape = handle.handleData?.shape;
  if (shape?.isFullyDefined())
    return constantIn(graphFromInputs([handle]), NdArray.from(shape.asNumbers(), outType), 'Const');
  return applyUnary('VariableShape', { input: handle, out_type: outType }, options.name);
}
