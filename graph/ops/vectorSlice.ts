/**
 * Parts of a vector, such as a shape, as the nodes that Python's `v[begin:end]` and `v[index]` make.
 *
 * Only what gradients and composites need of one axis; general slicing is in graph/ops/slice.ts.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { int32 } from '../dtypes';
import type { Tensor } from '../tensor';
import { composite } from './composite';

/** `vector[begin:end]`; null leaves that end open. */
export function sliceVector(vector: Tensor, begin: number | null, end: number | null): Tensor {
  return strided(vector, [begin ?? 0], [end ?? 0], {
    begin_mask: begin === null ? 1 : 0,
    end_mask: end === null ? 1 : 0,
  });
}

/** `vector[index]`: a scalar. A negative constant index counts from the end. */
export function vectorElement(vector: Tensor, index: number): Tensor {
  return strided(vector, [index], [index + 1], { shrink_axis_mask: 1 });
}

/** `vector[index:index + 1]` as a scalar, where the index is a tensor and its successor is given too. */
export function vectorElementAt(vector: Tensor, index: Tensor, next: Tensor): Tensor {
  return strided(vector, [index], [next], { shrink_axis_mask: 1 });
}

function strided(vector: Tensor, begin: TensorLike, end: TensorLike, masks: Readonly<Record<string, number>>): Tensor {
  return composite(null, 'strided_slice', [vector], (scope) => {
    const [first, last, strides] = [begin, end, [1]].map((bound, i) =>
      convertToTensor(bound, { dtype: int32, name: i === 0 ? 'stack' : `stack_${i}` }),
    );
    return applyUnary('StridedSlice', { input: vector, begin: first, end: last, strides, ...masks }, scope);
  });
}
