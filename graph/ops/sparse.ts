/**
 * Ops: tensors of which few elements are set, as their indices, values and shape.
 */
import { applyOp, applyUnary } from '../applyOp';
import type { Operation } from '../operation';
import { defineOps, none, type OpDefinition, unsupported } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';

const SUMMED = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';
const AVERAGED = '{bfloat16, float16, float32, float64}';

const rowOf = (c: ShapeContext, index: number): TensorShape => c.ranked(index, 1);

/** Data rows by index, reduced over sorted segments. */
const segments = (types: string, gradient: string): OpDefinition => ({
  signature: `(data: T, indices: Tidx, segment_ids: Tsegmentids) -> (output: T)
    T: ${types}
    Tidx: {int32, int64} = int32
    Tsegmentids: {int32, int64} = int32
    sparse_gradient: bool = false`,
  shape: (c) => {
    const data = c.withRankAtLeast(c.shape(0), 1);
    c.merge(rowOf(c, 1), rowOf(c, 2));
    return [data.dims === null ? unknownShape : new TensorShape([null, ...data.dims.slice(1)])];
  },
  gradient: (op, grad) => [segmentGradient(op, grad, gradient), null, null],
});

/** Each row of data gets the gradients of the segments that it is in. */
function segmentGradient(op: Operation, grad: Tensor, type: string): Tensor {
  const [data, indices, segment_ids] = op.inputs;
  const rows = applyUnary('StridedSlice', {
    input: applyUnary('Shape', { input: data }),
    begin: [0],
    end: [1],
    strides: [1],
    shrink_axis_mask: 1,
  });
  return applyUnary(type, { grad, indices, segment_ids, output_dim0: rows });
}

const segmentGradients: OpDefinition = {
  signature: `(grad: T, indices: Tidx, segment_ids: Tsegmentids, output_dim0: int32) -> (output: T)
    T: ${AVERAGED}
    Tidx: {int32, int64} = int32
    Tsegmentids: {int32, int64} = int32`,
  shape: (c) => {
    const grad = c.withRankAtLeast(c.shape(0), 1);
    c.merge(rowOf(c, 1), rowOf(c, 2));
    c.ranked(3, 0);
    const rows = c.value(3);
    if (grad.dims === null) return [unknownShape];
    return [new TensorShape([rows && Number(rows.data[0]), ...grad.dims.slice(1)])];
  },
  gradient: unsupported('TensorFlow has no gradient of it either'),
};

export const sparseOps = defineOps({
  SparseToDense: {
    signature: `(sparse_indices: Tindices, output_shape: Tindices, sparse_values: T, default_value: T) -> (dense: T)
      validate_indices: bool = true
      T: type
      Tindices: {int32, int64}`,
    shape: (c) => [c.valueAsShape(1)],
    gradient: (op, grad) => {
      const [indices] = op.inputs;
      const values = applyUnary('GatherNd', { params: grad, indices });
      const all = applyUnary('Sum', { input: grad, reduction_indices: allAxes(grad) });
      return [
        null,
        null,
        values,
        applyUnary('Sub', { x: all, y: applyUnary('Sum', { input: values, reduction_indices: allAxes(values) }) }),
      ];
    },
  },
  SparseReshape: {
    signature: `(input_indices: int64, input_shape: int64, new_shape: int64) -> (output_indices: int64, output_shape: int64)`,
    shape: (c) => {
      const indices = c.ranked(0, 2);
      c.ranked(1, 1);
      const shape = c.ranked(2, 1);
      return [new TensorShape([indices.at(0), shape.at(0)]), shape];
    },
    gradient: none('indices are integers'),
  },
  SparseFillEmptyRows: {
    signature: `(indices: int64, values: T, dense_shape: int64, default_value: T) -> (output_indices: int64, output_values: T, empty_row_indicator: bool, reverse_index_map: int64)
      T: type`,
    shape: (c) => {
      const indices = c.ranked(0, 2);
      const values = c.ranked(1, 1);
      const shape = c.ranked(2, 1);
      c.ranked(3, 0);
      const count = c.mergeDims(indices.at(0), values.at(0));
      const rank = c.mergeDims(indices.at(1), shape.at(0));
      const known = c.valueAsShape(2);
      const rows = known.dims === null ? null : known.at(0);
      return [
        new TensorShape([null, rank]),
        new TensorShape([null]),
        new TensorShape([rows]),
        new TensorShape([count]),
      ];
    },
    gradient: (op, _indices, grad_values) => {
      const [d_values, d_default_value] = applyOp('SparseFillEmptyRowsGrad', {
        reverse_index_map: op.outputs[3],
        grad_values,
      }).outputs;
      return [null, d_values, null, d_default_value];
    },
  },
  SparseFillEmptyRowsGrad: {
    signature: `(reverse_index_map: int64, grad_values: T) -> (d_values: T, d_default_value: T)
      T: type`,
    shape: (c) => {
      const map = c.ranked(0, 1);
      c.ranked(1, 1);
      return [map, new TensorShape([])];
    },
    gradient: unsupported('TensorFlow has no gradient of it either'),
  },
  SparseSegmentSum: segments(SUMMED, 'SparseSegmentSumGrad'),
  SparseSegmentMean: segments(AVERAGED, 'SparseSegmentMeanGrad'),
  SparseSegmentSqrtN: segments(AVERAGED, 'SparseSegmentSqrtNGrad'),
  SparseSegmentSumGrad: segmentGradients,
  SparseSegmentMeanGrad: segmentGradients,
  SparseSegmentSqrtNGrad: segmentGradients,
});

function allAxes(tensor: Tensor): Tensor {
  return applyUnary('Range', { start: 0, limit: applyUnary('Rank', { input: tensor }), delta: 1 });
}
