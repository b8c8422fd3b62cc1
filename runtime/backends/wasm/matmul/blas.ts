/**
 * Matrix products as calls of BLAS, where their strides are such that BLAS can read them: one stride of A, of B and of C each is one
 * element.
 */
import type { BlasCall } from '../kernelCall';
import { canonical, type MatmulAddresses, type MatmulSpec, type Matrix } from './canonical';

interface Operand {
  readonly transpose: boolean;
  readonly leading: number;
}

/** How BLAS would read a matrix of rows × columns; null if it cannot. */
function operandOf({ rowStride, columnStride }: Matrix, rows: number, columns: number): Operand | null {
  if (columnStride === 1 && (rowStride >= columns || rows === 1)) {
    return { transpose: false, leading: Math.max(rowStride, columns) };
  }
  if (rowStride === 1 && (columnStride >= rows || columns === 1)) {
    return { transpose: true, leading: Math.max(columnStride, rows) };
  }
  return null;
}

/** The calls of BLAS that compute a product, or a batch of them, or add it to C; null where BLAS cannot. */
export function blasMatmulCalls(
  given: MatmulSpec,
  addresses: Omit<MatmulAddresses, 'workspace'>,
  accumulate = false,
): BlasCall[] | null {
  const { spec, swapped } = canonical(given);
  const { dtype, batch, m, n, k } = spec;
  if (batch * m * n === 0) return [];
  if (k === 0) return null;
  const [aAddress, bAddress] = swapped ? [addresses.b, addresses.a] : [addresses.a, addresses.b];
  const [a, b, c] = [operandOf(spec.a, m, k), operandOf(spec.b, k, n), operandOf(spec.c, m, n)];
  if (a === null || b === null || c === null || c.transpose) return null;
  const call: BlasCall = {
    kind: 'blas',
    dtype,
    transposeA: a.transpose,
    transposeB: b.transpose,
    m,
    n,
    k,
    a: aAddress,
    lda: a.leading,
    b: bAddress,
    ldb: b.leading,
    c: addresses.c,
    ldc: c.leading,
    accumulate,
  };
  const steps = { count: batch, a: spec.a.batchStride, b: spec.b.batchStride, c: spec.c.batchStride };
  return [batch === 1 ? call : { ...call, batch: steps }];
}
