/**
 * Ops: matrix decompositions.
 */
import { applyOp } from '../applyOp';
import type { TensorLike } from '../convert';
import { defineOps, none } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { Tensor } from '../tensor';

export const linalgOps = defineOps({
  Qr: {
    signature: `(input: T) -> (q: T, r: T)
      full_matrices: bool = false
      T: {float64, float32, float16, complex64, complex128}`,
    shape: (c) => {
      const input = c.withRankAtLeast(c.shape(0), 2);
      if (input.dims === null) return [unknownShape, unknownShape];
      const batch = input.dims.slice(0, -2);
      const [rows, columns] = input.dims.slice(-2);
      const inner = rows === null || columns === null ? null : Math.min(rows, columns);
      if (c.attr<boolean>('full_matrices'))
        return [new TensorShape([...batch, rows, rows]), new TensorShape([...batch, rows, columns])];
      return [new TensorShape([...batch, rows, inner]), new TensorShape([...batch, inner, columns])];
    },
    gradient: none('it serves initial values, which are not differentiated'),
  },
});

export interface QrOptions {
  /** True gives a square q. */
  readonly fullMatrices?: boolean;
  readonly name?: string;
}

/** The orthogonal and the upper triangular factor of each matrix in [..., rows, columns]. Mirrors tf.linalg.qr. */
export function qr(
  input: TensorLike,
  { fullMatrices = false, name }: QrOptions = {},
): { readonly q: Tensor; readonly r: Tensor } {
  const [q, r] = applyOp('Qr', { input, full_matrices: fullMatrices }, name).outputs;
  return { q, r };
}
