/**
 * Norms of vectors and matrices inside a tensor.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { NotImplementedError, repr, ValueError } from '../../graph/errors';
import { squeeze } from '../../graph/ops/array';
import { pow } from '../../graph/ops/binary';
import { composite } from '../../graph/ops/composite';
import { type ReduceOptions, reduceMax, reduceSum } from '../../graph/ops/reduce';
import { abs, sqrt } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

/** Which norm: the Euclidean one (for matrices Frobenius's), or the p-norm of a number p > 0, which may be Infinity. */
export type NormOrder = 'euclidean' | 'fro' | number;

export interface NormOptions extends ReduceOptions {
  /** Default 'euclidean'. */
  readonly ord?: NormOrder;
  /** One axis: norms of vectors along it. Two: norms of matrices over them. Absent: of all elements as one vector. */
  readonly axis?: number | readonly number[] | null;
}

const keepdims = true;

function checkAxis(axis: unknown): void {
  const isInt = (value: unknown) => typeof value === 'number' && Number.isInteger(value);
  const isPair = Array.isArray(axis) && axis.length === 2 && axis.every(isInt) && axis[0] !== axis[1];
  if (axis !== null && !isInt(axis) && !isPair) {
    throw new ValueError(`'axis' must be None, an integer, or a tuple of 2 unique integers, got ${repr(axis)}`);
  }
}

function checkOrder(ord: NormOrder, ofMatrix: boolean): void {
  if (ofMatrix) {
    if (!['euclidean', 'fro', 1, 2, Infinity].includes(ord)) {
      throw new ValueError(
        `'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got ${repr(ord)}`,
      );
    }
    if (ord === 2)
      throw new NotImplementedError('The 2-norm of matrices needs their singular values, which are not implemented.');
  } else if (ord !== 'euclidean' && !(typeof ord === 'number' && ord > 0)) {
    throw new ValueError(`'ord' must be a supported vector norm, got ${repr(ord)}`);
  }
}

/** Norms with the axes kept. */
function normOf(x: Tensor, ord: NormOrder, axes: readonly number[] | null): Tensor {
  if (ord === 'euclidean' || ord === 'fro' || ord === 2) return sqrt(reduceSum(x.mul(x), axes, { keepdims }));
  const sizes = abs(x);
  if (ord === 1) {
    const sums = reduceSum(sizes, axes?.[0], { keepdims });
    return axes?.length === 2 ? reduceMax(sums, axes[1], { keepdims }) : sums;
  }
  if (ord === Infinity) {
    const rows = axes?.length === 2 ? reduceSum(sizes, axes[1], { keepdims }) : sizes;
    return reduceMax(rows, axes?.[0], { keepdims });
  }
  return pow(reduceSum(pow(sizes, ord), axes, { keepdims }), 1 / ord);
}

/**
 * The norm of all elements, of vectors along an axis, or of matrices over two axes.
 *
 * Mirrors tf.norm. ValueError for an order or axis that is not supported.
 */
export function norm(
  tensor: TensorLike,
  { ord = 'euclidean', axis = null, keepdims: keep = false, name }: NormOptions = {},
): Tensor {
  checkAxis(axis);
  checkOrder(ord, Array.isArray(axis));
  const axes = axis === null ? null : ([axis].flat() as number[]);
  return composite(name, 'norm', [tensor], () => {
    const result = normOf(convertToTensor(tensor), ord, axes);
    return keep ? result : squeeze(result, axes);
  });
}
