/**
 * What a matrix product is, and its canonical forms: the same product said so that fewer cases are left.
 */
import type { FloatName } from './floats';

/** Where a matrix's elements lie, in elements. Any strides, also 0, but for C. */
export interface Matrix {
  readonly rowStride: number;
  readonly columnStride: number;
  /** From one matrix of the batch to the next; 0 where all use the same. */
  readonly batchStride: number;
}

/** C = A · B for each of a batch; A is m × k, B is k × n. */
export interface MatmulSpec {
  readonly dtype: FloatName;
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
}

export interface MatmulAddresses {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly workspace: number;
}

/** Cᵀ = Bᵀ · Aᵀ. */
export interface CanonicalProduct {
  readonly spec: MatmulSpec;
  /** Whether A and B have changed places. */
  readonly swapped: boolean;
}

const transposed = ({ rowStride, columnStride, batchStride }: Matrix): Matrix => ({
  rowStride: columnStride,
  columnStride: rowStride,
  batchStride,
});

/** A stride over one element is whatever suits best. */
function withFreeStrides({ rowStride, columnStride, batchStride }: Matrix, rows: number, columns: number): Matrix {
  const row = rows === 1 && columns !== 1 ? columnStride * columns : rows === 1 ? 1 : rowStride;
  return { rowStride: row, columnStride: columns === 1 ? 1 : columnStride, batchStride };
}

/**
 * The product with C's columns side by side where that can be, if A and B may change places, and a batch of rows that lie evenly as
 * one matrix.
 */
export function canonical(given: MatmulSpec, maySwap = true): CanonicalProduct {
  const { m, n, k } = given;
  let spec: MatmulSpec = {
    ...given,
    a: withFreeStrides(given.a, m, k),
    b: withFreeStrides(given.b, k, n),
    c: withFreeStrides(given.c, m, n),
  };
  const swapped = maySwap && shouldSwap(spec);
  if (swapped) {
    const { a, b, c } = spec;
    spec = { ...spec, m: n, n: m, a: transposed(b), b: transposed(a), c: transposed(c) };
  }
  const { a, b, c } = spec;
  if (
    spec.batch > 1 &&
    b.batchStride === 0 &&
    a.batchStride === spec.m * a.rowStride &&
    c.batchStride === spec.m * c.rowStride
  ) {
    spec = { ...spec, m: spec.m * spec.batch, batch: 1 };
  }
  return { spec, swapped };
}

function shouldSwap({ m, n, a, c }: MatmulSpec): boolean {
  // A matrix times a vector is a vector times the transposed matrix: that reads along the matrix's rows.
  if (n === 1 && m > 1) return a.columnStride !== 1 && a.rowStride === 1 && c.rowStride === 1;
  if (m === 1) return false;
  return c.columnStride !== 1 && c.rowStride === 1;
}
