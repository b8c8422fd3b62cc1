/**
 * The plain matrix product behind MatMul, BatchMatMul, Einsum and the convolutions.
 *
 * Floats: the right matrix is packed into panels of 4 columns and the left one, as it is needed, into panels of 3 rows;
 * a 3×4 block of the product is then summed in local variables. Sums are float64 and are rounded once, when stored.
 * Integers wrap around as in C++. The panels are open to callers that make the left matrix up as they go (im2col).
 */
import { UnimplementedError } from '../../graph/errors';
import type { NdArray } from '../../graph/ndarray';

export type FloatArray = Float32Array | Float64Array;

/** A matrix in an array: element (i, j) is `data[offset + i * rowStride + j * columnStride]`. */
export interface MatrixView<A = FloatArray> {
  readonly data: A;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Rows of a left panel, and columns of a right one. */
export const PANEL_ROWS = 3;
const PANEL_COLUMNS = 4;

/** A right-hand matrix of `depth` × `columns`, laid out panel by panel. */
export interface PackedColumns {
  readonly depth: number;
  readonly columns: number;
  /** `columns` rounded up to whole panels: the length of a row of products. */
  readonly paddedColumns: number;
  readonly panels: Float64Array;
}

/** The matrix in the layout that `multiplyPanel` reads; missing columns of the last panel are zeros. */
export function packColumns(depth: number, columns: number, b: MatrixView<FloatArray | Int32Array>): PackedColumns {
  const paddedColumns = Math.ceil(columns / PANEL_COLUMNS) * PANEL_COLUMNS;
  const panels = new Float64Array(paddedColumns * depth);
  const { data, offset, rowStride, columnStride } = b;
  for (let j = 0; j < columns; j++) {
    const panel = (j - (j % PANEL_COLUMNS)) * depth + (j % PANEL_COLUMNS);
    for (let p = 0, at = offset + j * columnStride, to = panel; p < depth; p++, at += rowStride, to += PANEL_COLUMNS)
      panels[to] = data[at];
  }
  return { depth, columns, paddedColumns, panels };
}

/** Fills `panel` with `rows` (at most 3) rows of the matrix from `row` on; `panel` holds 3 × depth elements. */
export function packRows(panel: Float64Array, depth: number, a: MatrixView, row: number, rows: number): void {
  const { data, offset, rowStride, columnStride } = a;
  let at = offset + row * rowStride;
  const end = PANEL_ROWS * depth;
  if (rows >= PANEL_ROWS) {
    const twice = 2 * rowStride;
    for (let to = 0; to < end; to += PANEL_ROWS, at += columnStride) {
      panel[to] = data[at];
      panel[to + 1] = data[at + rowStride];
      panel[to + 2] = data[at + twice];
    }
    return;
  }
  for (let to = 0; to < end; to += PANEL_ROWS, at += columnStride) {
    panel[to] = data[at];
    panel[to + 1] = rows > 1 ? data[at + rowStride] : 0;
    panel[to + 2] = 0;
  }
}

/** The product of a panel of 3 rows with the whole packed matrix: `products` gets 3 rows of `paddedColumns`. */
export function multiplyPanel(panel: Float64Array, b: PackedColumns, products: Float64Array): void {
  const { depth, paddedColumns, panels } = b;
  for (let j = 0; j < paddedColumns; j += PANEL_COLUMNS)
    multiplyBlock(depth, panel, panels, j * depth, products, j, paddedColumns);
}

/** `multiplyPanel` for int32 elements: sums wrap around. */
export function multiplyIntegerPanel(panel: Float64Array, b: PackedColumns, products: Float64Array): void {
  const { depth, paddedColumns, panels } = b;
  for (let row = 0; row < PANEL_ROWS; row++) {
    for (let j = 0; j < paddedColumns; j++) {
      let sum = 0;
      let at = (j - (j % PANEL_COLUMNS)) * depth + (j % PANEL_COLUMNS);
      for (let p = 0; p < depth; p++, at += PANEL_COLUMNS)
        sum = (sum + Math.imul(panel[p * PANEL_ROWS + row], panels[at])) | 0;
      products[row * paddedColumns + j] = sum;
    }
  }
}

/** One 3×4 block: twelve sums over `depth`, all in registers. */
function multiplyBlock(
  depth: number,
  a: Float64Array,
  b: Float64Array,
  bAt: number,
  out: Float64Array,
  outAt: number,
  outStride: number,
): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  for (let at = 0, end = depth * PANEL_ROWS; at < end; at += PANEL_ROWS, bAt += PANEL_COLUMNS) {
    const x = a[at];
    const y = a[at + 1];
    const z = a[at + 2];
    const b0 = b[bAt];
    c00 += x * b0;
    c10 += y * b0;
    c20 += z * b0;
    const b1 = b[bAt + 1];
    c01 += x * b1;
    c11 += y * b1;
    c21 += z * b1;
    const b2 = b[bAt + 2];
    c02 += x * b2;
    c12 += y * b2;
    c22 += z * b2;
    const b3 = b[bAt + 3];
    c03 += x * b3;
    c13 += y * b3;
    c23 += z * b3;
  }
  out[outAt] = c00;
  out[outAt + 1] = c01;
  out[outAt + 2] = c02;
  out[outAt + 3] = c03;
  const second = outAt + outStride;
  out[second] = c10;
  out[second + 1] = c11;
  out[second + 2] = c12;
  out[second + 3] = c13;
  const third = second + outStride;
  out[third] = c20;
  out[third + 1] = c21;
  out[third + 2] = c22;
  out[third + 3] = c23;
}

/** Writes the `rows` × `columns` product of two float matrices to `out` from `outOffset` on, row by row. */
function multiplyFloats(
  rows: number,
  columns: number,
  depth: number,
  a: MatrixView,
  b: MatrixView,
  out: FloatArray,
  outOffset: number,
): void {
  const packed = packColumns(depth, columns, b);
  const panel = new Float64Array(PANEL_ROWS * depth);
  const products = new Float64Array(PANEL_ROWS * packed.paddedColumns);
  for (let row = 0; row < rows; row += PANEL_ROWS) {
    const count = Math.min(PANEL_ROWS, rows - row);
    packRows(panel, depth, a, row, count);
    multiplyPanel(panel, packed, products);
    for (let r = 0; r < count; r++) {
      const at = r * packed.paddedColumns;
      out.set(products.subarray(at, at + columns), outOffset + (row + r) * columns);
    }
  }
}

function multiplyIntegers(
  rows: number,
  columns: number,
  depth: number,
  a: MatrixView<Int32Array>,
  b: MatrixView<Int32Array>,
  out: Int32Array,
  outOffset: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      let x = a.offset + i * a.rowStride;
      let y = b.offset + j * b.columnStride;
      for (let p = 0; p < depth; p++, x += a.columnStride, y += b.rowStride)
        sum = (sum + Math.imul(a.data[x], b.data[y])) | 0;
      out[outOffset + i * columns + j] = sum;
    }
  }
}

function multiplyBigInts(
  rows: number,
  columns: number,
  depth: number,
  a: MatrixView<BigInt64Array>,
  b: MatrixView<BigInt64Array>,
  out: BigInt64Array,
  outOffset: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0n;
      let x = a.offset + i * a.rowStride;
      let y = b.offset + j * b.columnStride;
      for (let p = 0; p < depth; p++, x += a.columnStride, y += b.rowStride) sum += a.data[x] * b.data[y];
      out[outOffset + i * columns + j] = sum;
    }
  }
}

/** Writes the `rows` × `columns` product over `depth` of two matrices to `out`, of their dtype, row by row. */
export type Multiply = (
  rows: number,
  columns: number,
  depth: number,
  a: MatrixView<never>,
  b: MatrixView<never>,
  out: never,
  outOffset: number,
) => void;

/** The product for the dtype of `value`; UnimplementedError for types without arithmetic here. */
export function multiplierFor(value: NdArray, opType: string): Multiply {
  const { dtype } = value;
  if (value.data instanceof Float32Array || value.data instanceof Float64Array) {
    if (dtype.isFloating) return multiplyFloats as Multiply;
  } else if (dtype.isInteger) return (dtype.isBigInt ? multiplyBigInts : multiplyIntegers) as Multiply;
  throw new UnimplementedError(`${opType} is not implemented for ${dtype.name}.`);
}
