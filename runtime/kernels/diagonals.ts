/**
 * Plain kernels: diagonals and bands of matrices.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import {
  type DiagonalAlign,
  type diagonalsOps,
  longestDiagonal,
  matrixSize,
  type SizeComplaint,
} from '../../graph/ops/diagonals';
import type { KernelContext, KernelTable } from '../kernel';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

function requireMatrices(input: NdArray): void {
  if (input.rank < 2)
    throw new InvalidArgumentError(`input must be at least 2-dim, received shape: ${shapeText(input.shape)}`);
}

/** The lowest and the highest of the diagonals. */
function readBounds(index: NdArray): readonly [number, number] {
  if (index.rank > 1 || index.size < 1 || index.size > 2) {
    throw new InvalidArgumentError(`diag_index must have one or two elements, received ${index.size} elements.`);
  }
  const [lower, upper = lower] = toNumbers(index);
  if (lower > upper) {
    throw new InvalidArgumentError(`lower_diag_index must not be larger than upper_diag_index: ${lower} > ${upper}`);
  }
  return [lower, upper];
}

function checkBounds(lower: number, upper: number, rows: number, columns: number): void {
  const inside = (index: number) => (-rows < index && index < columns) || index === 0;
  const refuse = (name: string, index: number) =>
    new InvalidArgumentError(`${name} is out of bound: ${index}. It must be between ${-rows} and ${columns}`);
  if (!inside(lower)) throw refuse('lower_diag_index', lower);
  if (!inside(upper)) throw refuse('upper_diag_index', upper);
}

/** Where the elements of diagonal `d` lie in its row of the packed form. */
function contentOffset(d: number, length: number, longest: number, align: DiagonalAlign): number {
  const [above, below] = align.split('_');
  const isLeft = (d >= 0 && above === 'LEFT') || (d <= 0 && below === 'LEFT');
  return isLeft ? 0 : longest - length;
}

/** Calls `visit(packed, matrix)` with the offsets of each element in one packed set of diagonals and in one matrix. */
function forEachOnDiagonals(
  [rows, columns]: readonly [number, number],
  [lower, upper]: readonly [number, number],
  align: DiagonalAlign,
  visit: (packed: number, matrix: number) => void,
): void {
  const longest = longestDiagonal(rows, columns, lower, upper);
  for (let d = upper; d >= lower; d--) {
    const length = Math.min(rows + Math.min(0, d), columns - Math.max(0, d));
    const start = (upper - d) * longest + contentOffset(d, length, longest, align);
    for (let i = 0; i < length; i++) visit(start + i, (i - Math.min(0, d)) * columns + i + Math.max(0, d));
  }
}

const sizeComplaints: Readonly<Record<SizeComplaint, string>> = {
  rows: 'The number of rows is too small.',
  columns: 'The number of columns is too small.',
  both: 'The number of rows or columns is not consistent with the specified d_lower, d_upper, and diagonal.',
};

const alignOf = (c: KernelContext): DiagonalAlign => c.attr<DiagonalAlign>('align');

function matrixDiag(
  [diagonal, index, rowsInput, columnsInput, padding]: readonly NdArray[],
  c: KernelContext,
): NdArray {
  if (diagonal.rank < 1)
    throw new InvalidArgumentError(`diagonal must be at least 1-dim, received shape: ${shapeText(diagonal.shape)}`);
  const bounds = readBounds(index);
  const [lower, upper] = bounds;
  const count = upper - lower + 1;
  if (count > 1 && (diagonal.rank < 2 || diagonal.shape.at(-2) !== count)) {
    throw new InvalidArgumentError(
      `The number of diagonals provided in the input does not match the lower_diag_index and upper_diag_index range.`,
    );
  }
  const longest = diagonal.shape.at(-1)!;
  const size = matrixSize(longest, lower, upper, Number(rowsInput.data[0]), Number(columnsInput.data[0]));
  if (typeof size === 'string') throw new InvalidArgumentError(sizeComplaints[size]);
  const batch = diagonal.shape.slice(0, count > 1 ? -2 : -1);
  const shape = [...batch, ...size];
  const out = allocate(diagonal.dtype, sizeOf(shape));
  (out as unknown[]).fill(padding.data[0]);
  for (let b = 0; b < sizeOf(batch); b++) {
    const [from, to] = [b * count * longest, b * size[0] * size[1]];
    forEachOnDiagonals(size, bounds, alignOf(c), (packed, matrix) => {
      out[to + matrix] = diagonal.data[from + packed] as never;
    });
  }
  return new NdArray(diagonal.dtype, shape, out);
}

/** The rows and columns of the matrices of an array, and how many matrices there are. */
function matricesOf(input: NdArray): { rows: number; columns: number; batch: readonly number[]; count: number } {
  requireMatrices(input);
  const [rows, columns] = input.shape.slice(-2);
  const batch = input.shape.slice(0, -2);
  return { rows, columns, batch, count: sizeOf(batch) };
}

export const diagonalsKernels: KernelTable<typeof diagonalsOps> = {
  MatrixBandPart: ([input, numLower, numUpper]) => {
    const { rows, columns, count } = matricesOf(input);
    for (const [name, value] of [
      ['num_lower', numLower],
      ['num_upper', numUpper],
    ] as const) {
      if (value.rank !== 0)
        throw new InvalidArgumentError(`${name} must be scalar, got shape ${shapeText(value.shape)}`);
    }
    const [lower, upper] = [Number(numLower.data[0]), Number(numUpper.data[0])];
    if (lower > rows)
      throw new InvalidArgumentError(
        `num_lower must be negative or less or equal to number of rows (${rows}) got: ${lower}`,
      );
    if (upper > columns) {
      throw new InvalidArgumentError(
        `num_upper must be negative or less or equal to number of columns (${columns}) got: ${upper}`,
      );
    }
    const out = allocate(input.dtype, input.size);
    for (let b = 0, at = 0; b < count; b++) {
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < columns; k++, at++) {
          if ((lower < 0 || r - k <= lower) && (upper < 0 || k - r <= upper)) out[at] = input.data[at] as never;
        }
      }
    }
    return new NdArray(input.dtype, input.shape, out);
  },
  Diag: ([diagonal]) => {
    if (diagonal.rank < 1) throw new InvalidArgumentError(`Input must be at least rank 1, got ${diagonal.rank}`);
    const { size } = diagonal;
    const out = allocate(diagonal.dtype, size * size);
    for (let i = 0; i < size; i++) out[i * (size + 1)] = diagonal.data[i] as never;
    return new NdArray(diagonal.dtype, [...diagonal.shape, ...diagonal.shape], out);
  },
  DiagPart: ([input]) => {
    const half = input.rank / 2;
    if (!Number.isInteger(half) || half === 0) {
      throw new InvalidArgumentError(
        `The rank of the tensor should be even and positive, got shape ${shapeText(input.shape)}`,
      );
    }
    const shape = input.shape.slice(0, half);
    const differing = shape.findIndex((dim, i) => dim !== input.shape[half + i]);
    if (differing >= 0) {
      throw new InvalidArgumentError(
        `Invalid shape ${shapeText(input.shape)}: dimensions ${differing} and ${half + differing} do not match.`,
      );
    }
    const size = sizeOf(shape);
    const out = allocate(input.dtype, size);
    for (let i = 0; i < size; i++) out[i] = input.data[i * (size + 1)] as never;
    return new NdArray(input.dtype, shape, out);
  },
  MatrixDiagV3: matrixDiag,
  MatrixDiagPartV3: ([input, index, padding], c) => {
    const { rows, columns, batch, count } = matricesOf(input);
    const bounds = readBounds(index);
    const [lower, upper] = bounds;
    checkBounds(lower, upper, rows, columns);
    const longest = longestDiagonal(rows, columns, lower, upper);
    const diagonals = upper - lower + 1;
    const shape = [...batch, ...(diagonals > 1 ? [diagonals] : []), longest];
    const out = allocate(input.dtype, sizeOf(shape));
    (out as unknown[]).fill(padding.data[0]);
    for (let b = 0; b < count; b++) {
      const [to, from] = [b * diagonals * longest, b * rows * columns];
      forEachOnDiagonals([rows, columns], bounds, alignOf(c), (packed, matrix) => {
        out[to + packed] = input.data[from + matrix] as never;
      });
    }
    return new NdArray(input.dtype, shape, out);
  },
  MatrixSetDiagV3: ([input, diagonal, index], c) => {
    const { rows, columns, batch, count } = matricesOf(input);
    const bounds = readBounds(index);
    const [lower, upper] = bounds;
    checkBounds(lower, upper, rows, columns);
    const longest = longestDiagonal(rows, columns, lower, upper);
    const diagonals = upper - lower + 1;
    const expected = [...batch, ...(diagonals > 1 ? [diagonals] : []), longest];
    if (expected.join() !== diagonal.shape.join()) {
      throw new InvalidArgumentError(
        `Either first dimensions of diagonal don't match input.shape[:-2], or diagonal.shape[:-1] is not equal to the longests diagonal in range [lower_diag_index:upper_diag_index].\nInput shape: ${shapeText(input.shape)}\nDiagonal shape: ${shapeText(diagonal.shape)}\nExpected diagonal shape: ${shapeText(expected)}`,
      );
    }
    const out = input.copy();
    for (let b = 0; b < count; b++) {
      const [from, to] = [b * diagonals * longest, b * rows * columns];
      forEachOnDiagonals([rows, columns], bounds, alignOf(c), (packed, matrix) => {
        out.data[to + matrix] = diagonal.data[from + packed] as never;
      });
    }
    return out;
  },
};
