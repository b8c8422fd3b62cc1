/**
 * Second derivatives: for each x, the matrix of derivatives of the gradient's elements, as a loop in the graph.
 */
import { whileLoop } from './controlFlow/whileLoop';
import type { TensorLike } from './convert';
import { int32 } from './dtypes';
import { ValueError } from './errors';
import { type Differentiable, type GradientOptions, gradients } from './gradients';
import { reshape } from './ops/array';
import { less } from './ops/compare';
import { concat } from './ops/joining';
import { shape, size } from './ops/shapes';
import { constant } from './ops/source';
import { Tensor } from './tensor';
import { TensorArray } from './tensorArray';

export type HessianOptions = Omit<GradientOptions, 'gradYs' | 'stopGradients' | 'unconnectedGradients'>;

/**
 * The Hessians of sum(ys) with respect to each x, of shape `[...shape(x), ...shape(x)]`.
 *
 * ValueError for an x that no y depends on. Mirrors tf.hessians.
 */
export function hessians(
  ys: TensorLike | readonly TensorLike[],
  xs: Tensor | readonly Tensor[],
  options: HessianOptions = {},
): Tensor[] {
  const sources = xs instanceof Tensor ? [xs] : xs;
  const first = gradients(ys, sources as readonly Differentiable[], options);
  return sources.map((x, i) => {
    const gradient = first[i];
    if (gradient === null) throw new ValueError(`${x} has no Hessian: no y depends on it.`);
    return hessianOf(gradient as Tensor, x, options);
  });
}

function hessianOf(gradient: Tensor, x: Tensor, options: HessianOptions): Tensor {
  const flat = reshape(gradient, [-1]);
  const count = size(x);
  const start = constant(0, { dtype: int32 });
  const rows = new TensorArray(x.dtype, { size: count });
  const [, filled] = whileLoop(
    (row: Tensor) => less(row, count),
    (row: Tensor, result: TensorArray) => [
      row.add(1),
      result.write(row, gradients(flat.at(row), x, options)[0] as Tensor),
    ],
    [start, rows],
  ) as unknown as [Tensor, TensorArray];
  const dims = shape(x);
  return reshape(filled.stack(), concat([dims, dims], 0));
}
