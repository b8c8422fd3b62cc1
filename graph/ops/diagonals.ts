/**
 * Ops: diagonals and bands of matrices.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { type DType, float32, int32 } from '../dtypes';
import { GraphTypeError, repr } from '../errors';
import { toNumbers } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import { type ShapeContext, sameShape } from '../shapeContext';
import { Tensor } from '../tensor';
import { composite } from './composite';
import { concat } from './joining';
import { ones, zeros, zerosLike } from './source';

const ALIGN = "align: {'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'} = 'RIGHT_LEFT'";

/** Which side of its row a diagonal shorter than the longest one is padded on: superdiagonals, then subdiagonals. */
export type DiagonalAlign = 'LEFT_RIGHT' | 'RIGHT_LEFT' | 'LEFT_LEFT' | 'RIGHT_RIGHT';

export const diagonalsOps = defineOps({
  MatrixBandPart: {
    signature: `(input: T, num_lower: Tindex, num_upper: Tindex) -> (band: T)
      T: type
      Tindex: {int32, int64} = int64`,
    shape: sameShape,
    gradient: (op, grad) => [matrixBandPart(grad, op.inputs[1], op.inputs[2]), null, null],
  },
  Diag: {
    signature: `(diagonal: T) -> (output: T)
      T: {bfloat16, float16, float32, float64, int32, int64, complex64, complex128}`,
    shape: (c) => {
      const shape = c.withRankAtLeast(c.shape(0), 1);
      return [shape.concatenate(shape)];
    },
    gradient: (_op, grad) => [diagPart(grad)],
  },
  DiagPart: {
    signature: `(input: T) -> (diagonal: T)
      T: {bfloat16, float16, float32, float64, int32, int64, complex64, complex128}`,
    shape: (c) => {
      const { dims } = c.shape(0);
      if (dims === null) return [unknownShape];
      if (dims.length % 2 !== 0 || dims.length === 0) {
        c.fail(`Input must have even and non-zero rank, input rank is ${dims.length}`);
      }
      const half = dims.length / 2;
      return [new TensorShape(dims.slice(0, half).map((dim, i) => c.mergeDims(dim, dims[half + i])))];
    },
    gradient: (_op, grad) => [diag(grad)],
  },
  MatrixDiagV3: {
    signature: `(diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T) -> (output: T)
      T: type
      ${ALIGN}`,
    shape: (c) => [matrixDiagShape(c)],
    gradient: (op, grad) => [
      matrixDiagPart(grad, { k: op.inputs[1], align: op.attrs.align as DiagonalAlign }),
      null,
      null,
      null,
      null,
    ],
  },
  MatrixDiagPartV3: {
    signature: `(input: T, k: int32, padding_value: T) -> (diagonal: T)
      T: type
      ${ALIGN}`,
    shape: (c) => [matrixDiagPartShape(c)],
    gradient: matrixDiagPartGradient,
  },
  MatrixSetDiagV3: {
    signature: `(input: T, diagonal: T, k: int32) -> (output: T)
      T: type
      ${ALIGN}`,
    shape: (c) => [matrixSetDiagShape(c)],
    gradient: (op, grad) => {
      const [, diagonal, k] = op.inputs;
      const align = op.attrs.align as DiagonalAlign;
      const nothing = diagonal.shape.isFullyDefined() ? zeros(diagonal.shape, grad.dtype) : zerosLike(diagonal);
      return [matrixSetDiag(grad, nothing, { k, align }), matrixDiagPart(grad, { k, align }), null];
    },
  },
});

/** The lowest and the highest diagonal that input `index` names, where it is known. */
function diagonalBounds(c: ShapeContext, index: number): readonly [number, number] | null {
  c.withRankAtMost(c.shape(index), 1);
  const value = c.value(index);
  if (!value) return null;
  const bounds = toNumbers(value);
  if (bounds.length !== 1 && bounds.length !== 2) {
    c.fail(`diag_index must be a vector with one or two elements. It has ${bounds.length} elements.`);
  }
  const [lower, upper = lower] = bounds;
  if (lower > upper) c.fail('lower_diag_index is greater than upper_diag_index');
  return [lower, upper];
}

/** The length of the longest diagonal between two in a matrix. */
export function longestDiagonal(rows: number, columns: number, lower: number, upper: number): number {
  return Math.min(rows + Math.min(upper, 0), columns + Math.min(-lower, 0));
}

function checkBounds(c: ShapeContext, lower: number, upper: number, rows: Dimension, columns: Dimension): void {
  const outside = (index: number) =>
    (columns !== null && index >= columns && !(index === 0 && columns === 0)) ||
    (rows !== null && -index >= rows && !(index === 0 && rows === 0));
  if (outside(lower)) c.fail('lower_diag_index is out of bound.');
  if (outside(upper)) c.fail('upper_diag_index is out of bound.');
}

function matrixDiagShape(c: ShapeContext): TensorShape {
  const input = c.withRankAtLeast(c.shape(0), 1);
  c.ranked(2, 0);
  c.ranked(3, 0);
  c.ranked(4, 0);
  const bounds = diagonalBounds(c, 1);
  if (input.dims === null || bounds === null) return unknownShape;
  const [lower, upper] = bounds;
  const count = upper - lower + 1;
  if (lower < upper) {
    c.withRankAtLeast(input, 2);
    const given = input.dims.at(-2)!;
    if (given !== null && given !== count) {
      c.fail(
        `The number of rows of \`diagonal\` doesn't match the number of diagonals implied from \`d_lower\` and \`d_upper\`.\nnum_diags = ${count}, d_lower = ${lower}, d_upper = ${upper}, input rank = ${input.dims.length}, diagonal rows = ${given}`,
      );
    }
  }
  const [rowsValue, columnsValue] = [c.value(2), c.value(3)];
  const batch = input.dims.slice(0, lower < upper ? -2 : -1);
  const longest = input.dims.at(-1)!;
  if (!rowsValue || !columnsValue || longest === null) return new TensorShape([...batch, null, null]);
  const size = matrixSize(longest, lower, upper, Number(rowsValue.data[0]), Number(columnsValue.data[0]));
  if (typeof size === 'string') return c.fail(sizeComplaints[size]);
  return new TensorShape([...batch, ...size]);
}

/** What can be wrong with the size of a matrix that is made from diagonals. */
export type SizeComplaint = 'rows' | 'columns' | 'both';

/** The rows and columns of the matrix whose longest diagonal is given; -1 asks for the smallest that fits. */
export function matrixSize(
  longest: number,
  lower: number,
  upper: number,
  rows: number,
  columns: number,
): readonly [number, number] | SizeComplaint {
  const [minRows, minColumns] = [longest - Math.min(upper, 0), longest + Math.max(lower, 0)];
  if (rows === -1 && columns === -1) {
    const size = Math.max(minRows, minColumns);
    return [size, size];
  }
  const [r, k] = [rows === -1 ? minRows : rows, columns === -1 ? minColumns : columns];
  if (r < minRows) return 'rows';
  if (k < minColumns) return 'columns';
  return r !== minRows && k !== minColumns ? 'both' : [r, k];
}

const sizeComplaints: Readonly<Record<SizeComplaint, string>> = {
  rows: 'num_rows is too small',
  columns: 'num_cols is too small.',
  both: 'num_rows and num_cols are not consistent with lower_diag_index, upper_diag_index, and the length of the given diagonals.\n',
};

function matrixDiagPartShape(c: ShapeContext): TensorShape {
  const input = c.withRankAtLeast(c.shape(0), 2);
  c.ranked(2, 0);
  const bounds = diagonalBounds(c, 1);
  if (input.dims === null || bounds === null) return unknownShape;
  const [lower, upper] = bounds;
  const [rows, columns] = input.dims.slice(-2);
  checkBounds(c, lower, upper, rows, columns);
  const longest = rows === null || columns === null ? null : longestDiagonal(rows, columns, lower, upper);
  return new TensorShape([...input.dims.slice(0, -2), ...(lower < upper ? [upper - lower + 1] : []), longest]);
}

function matrixSetDiagShape(c: ShapeContext): TensorShape {
  const input = c.withRankAtLeast(c.shape(0), 2);
  const diagonal = c.withRankAtLeast(c.shape(1), 1);
  const bounds = diagonalBounds(c, 2);
  if (input.dims === null || bounds === null) return input;
  const [lower, upper] = bounds;
  const [rows, columns] = input.dims.slice(-2);
  checkBounds(c, lower, upper, rows, columns);
  if (diagonal.dims === null || input.isFullyDefined()) return input;
  // What a rectangular matrix is cannot be told from its diagonals: only the batch dimensions are.
  const batch = c.merge(diagonal.slice(0, lower === upper ? -1 : -2), input.slice(0, -2));
  return new TensorShape([...batch.dims!, rows, columns]);
}

function matrixDiagPartGradient(op: Operation, grad: Tensor): Gradient[] {
  const [input, k] = op.inputs;
  const align = op.attrs.align as DiagonalAlign;
  const [rows, columns] = input.shape.dims?.slice(-2) ?? [null, null];
  if (rows !== null && columns !== null) {
    return [matrixDiag(grad, { k, numRows: rows, numCols: columns, align }), null, null];
  }
  return [matrixSetDiag(zerosLike(input), grad, { k, align }), null, null];
}

interface Named {
  readonly name?: string;
}

/** A tensor with everything but a band around the diagonal of its matrices set to 0; -1 keeps all. Mirrors tf.linalg.band_part. */
export function matrixBandPart(
  input: TensorLike,
  numLower: TensorLike,
  numUpper: TensorLike,
  { name }: Named = {},
): Tensor {
  return applyUnary('MatrixBandPart', { input, num_lower: numLower, num_upper: numUpper }, name);
}

/** A tensor of twice the rank with `diagonal` on its diagonal. Mirrors tf.linalg.tensor_diag. */
export function diag(diagonal: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('Diag', { diagonal }, name);
}

/** The diagonal of a tensor of even rank. Mirrors tf.linalg.tensor_diag_part. */
export function diagPart(input: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('DiagPart', { input }, name);
}

export interface DiagonalOptions extends Named {
  /** Which diagonal, or the lowest and the highest: 0 is the main one, positive ones lie above it. */
  readonly k?: TensorLike;
  readonly align?: DiagonalAlign;
}

export interface MatrixDiagOptions extends DiagonalOptions {
  readonly numRows?: TensorLike;
  readonly numCols?: TensorLike;
  readonly paddingValue?: TensorLike;
}

/** The padding value in the dtype of the tensor it goes with. */
function paddingFor(value: TensorLike | undefined, like: TensorLike): TensorLike {
  if (value !== undefined) return value;
  return like instanceof Tensor && like.dtype.isBool ? false : 0;
}

/** Matrices with the given diagonals and `paddingValue` elsewhere. Mirrors tf.linalg.diag. */
export function matrixDiag(diagonal: TensorLike, options: MatrixDiagOptions = {}): Tensor {
  const { k = 0, numRows = -1, numCols = -1, paddingValue, align, name = 'diag' } = options;
  const padding = paddingFor(paddingValue, diagonal);
  return applyUnary(
    'MatrixDiagV3',
    { diagonal, k, num_rows: numRows, num_cols: numCols, padding_value: padding, align },
    name,
  );
}

export interface MatrixDiagPartOptions extends DiagonalOptions {
  readonly paddingValue?: TensorLike;
}

/** The diagonals of matrices. Mirrors tf.linalg.diag_part. */
export function matrixDiagPart(
  input: TensorLike,
  { k = 0, paddingValue, align, name = 'diag_part' }: MatrixDiagPartOptions = {},
): Tensor {
  return applyUnary('MatrixDiagPartV3', { input, k, padding_value: paddingFor(paddingValue, input), align }, name);
}

/** Matrices with their diagonals replaced. Mirrors tf.linalg.set_diag. */
export function matrixSetDiag(
  input: TensorLike,
  diagonal: TensorLike,
  { k = 0, align, name = 'set_diag' }: DiagonalOptions = {},
): Tensor {
  return applyUnary('MatrixSetDiagV3', { input, diagonal, k, align }, name);
}

export interface EyeOptions extends Named {
  /** Default: as many as rows. */
  readonly numColumns?: number | Tensor;
  readonly batchShape?: readonly number[] | Tensor;
  readonly dtype?: DType;
}

/**
 * Identity matrices: ones on the diagonal, zeros elsewhere. Mirrors tf.eye. TypeError for sizes that are no integers.
 */
export function eye(numRows: number | Tensor, options: EyeOptions = {}): Tensor {
  const { numColumns = numRows, batchShape = [], dtype = float32, name } = options;
  return composite(name, 'eye', [numRows, numColumns, batchShape], () => {
    const isSquare = numColumns === numRows;
    const { diagonal, whole } = eyeShapes(numRows, numColumns, batchShape, isSquare);
    const onDiagonal = ones(diagonal, dtype);
    return isSquare ? matrixDiag(onDiagonal) : matrixSetDiag(zeros(whole, dtype), onDiagonal);
  });
}

/** The shapes of the diagonals and of the matrices, as lists where all is known and as tensors otherwise. */
function eyeShapes(
  rows: number | Tensor,
  columns: number | Tensor,
  batch: readonly number[] | Tensor,
  isSquare: boolean,
) {
  const isStatic = typeof rows === 'number' && typeof columns === 'number';
  if (!isStatic && !(rows instanceof Tensor || columns instanceof Tensor)) throw badSizes(rows, columns);
  if (isStatic && !(Number.isInteger(rows) && Number.isInteger(columns))) throw badSizes(rows, columns);
  const shorter = isStatic ? Math.min(rows, columns) : applyUnary('Minimum', { x: rows, y: columns });
  if (!(batch instanceof Tensor) && typeof shorter === 'number') {
    return { diagonal: [...batch, shorter], whole: [...batch, rows, columns] };
  }
  const outer = convertToTensor(batch, { name: 'shape', dtype: int32 });
  const diagonal = concat([outer, [shorter]], 0);
  return { diagonal, whole: isSquare ? diagonal : concat([outer, [rows, columns]], 0) };
}

function badSizes(rows: unknown, columns: unknown): GraphTypeError {
  return new GraphTypeError(
    `Arguments \`num_rows\` and \`num_columns\` must be positive integer values. Received: num_rows=${repr(rows)}, num_columns=${repr(columns)}`,
  );
}
