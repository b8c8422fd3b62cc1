/**
 * When a matrix product is given to BLAS, and how it is said there: operands must have one dense axis.
 */
import type { BlasCall } from '../backends/wasm/kernelCall';
import type { MatmulSpec } from '../backends/wasm/matmul/matmul';

/** Multiplications below which a call of BLAS costs more than it saves. */
const MIN_PRODUCT = 32768;

interface Layout {
  readonly transpose: boolean;
  readonly leading: number;
}

/** A matrix as BLAS takes it, or null when neither of its axes is dense. */
function layout(rows: number, columns: number, rowStride: number, columnStride: number): Layout | null {
  if ((columnStride === 1 || columns === 1) && (rowStride >= columns || rows === 1))
    return { transpose: false, leading: Math.max(columns, rows === 1 ? columns : rowStride) };
  if ((rowStride === 1 || rows === 1) && (columnStride >= rows || columns === 1))
    return { transpose: true, leading: Math.max(rows, columns === 1 ? rows : columnStride) };
  return null;
}

/** Whether a call of BLAS pays. */
export function isLargeProduct({ m, n, k }: MatmulSpec): boolean {
  return m * n * k >= MIN_PRODUCT;
}

/** The calls for a product at given addresses; null when WebAssembly computes it. */
export function useBlas(spec: MatmulSpec): ((a: number, b: number, c: number) => BlasCall[]) | null {
  const { dtype, batch, m, n, k } = spec;
  const left = layout(m, k, spec.a.rowStride, spec.a.columnStride);
  const right = layout(k, n, spec.b.rowStride, spec.b.columnStride);
  if (!left || !right) return null;
  const size = dtype === 'float64' ? 8 : 4;
  return (a, b, c) =>
    Array.from(
      { length: batch },
      (_, i): BlasCall => ({
        kind: 'blas',
        dtype,
        transposeA: left.transpose,
        transposeB: right.transpose,
        m,
        n,
        k,
        a: a + i * spec.a.batchStride * size,
        lda: left.leading,
        b: b + i * spec.b.batchStride * size,
        ldb: right.leading,
        c: c + i * spec.c.batchStride * size,
        ldc: spec.c.rowStride,
        accumulate: false,
      }),
    );
}
