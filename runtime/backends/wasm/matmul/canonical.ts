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

function withFree(spec: MatmulSpec): MatmulSpec {
  const { m, n, k } = spec;
  return {
    ...spec,
    a: withFreeStrides(spec.a, m, k),
    b: withFreeStrides(spec.b, k, n),
    c: withFreeStrides(spec.c, m, n),
  };
}

/** A batch of rows that lie evenly, times one B, as one matrix. */
function collapsed(spec: MatmulSpec): MatmulSpec {
  const { batch, m, a, b, c } = spec;
  const isEven = a.batchStride === m * a.rowStride && c.batchStride === m * c.rowStride;
  return batch > 1 && b.batchStride === 0 && isEven ? withFree({ ...spec, m: m * batch, batch: 1 }) : spec;
}

/**
 * The product with C's columns side by side where that can be, if A and B may change places, and a batch as one matrix where that can
 * be.
 */
export function canonical(given: MatmulSpec, maySwap = true): CanonicalProduct {
  const spec = collapsed(withFree(given));
  if (!maySwap || !shouldSwap(spec)) return { spec, swapped: false };
  const { m, n, a, b, c } = spec;
  const other = { ...spec, m: n, n: m, a: transposed(b), b: transposed(a), c: transposed(c) };
  return { spec: collapsed(withFree(other)), swapped: true };
}

/** Whether the transposed product reads along rows, or writes along them, where this one does not. */
function shouldSwap({ m, n, a, b, c }: MatmulSpec): boolean {
  // A matrix times a vector is a vector times the transposed matrix.
  if (n === 1) return m > 1 && a.columnStride !== 1 && a.rowStride === 1 && c.rowStride === 1;
  if (m === 1) return b.columnStride !== 1 && b.rowStride === 1 && a.columnStride === 1;
  return c.columnStride !== 1 && c.rowStride === 1;
}
