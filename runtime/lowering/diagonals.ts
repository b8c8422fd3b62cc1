/**
 * Lowerings: bands of matrices, by the positions of their elements, and single diagonals: in the row-major elements of a matrix they
 * are every so-many-th.
 */
import { sizeOf } from '../../graph/ndarray';
import { type diagonalsOps, longestDiagonal, matrixSize } from '../../graph/ops/diagonals';
import type { AxisMap } from '../ir/access';
import { apply, arg, constant, type Expression, index, scalarTypeOf } from '../ir/expression';
import type { Piece, Value } from '../ir/value';
import { type LowerContext, type LoweringTable, view } from './lowering';

/** The diagonal at input `at`, if it is a single one. */
function singleDiagonal(c: LowerContext, at: number): number | null {
  const bounds = c.integers(at);
  if (!bounds || c.inputs[at].shape.length > 1 || bounds.length < 1 || bounds.length > 2) return null;
  return bounds.every((bound) => bound === bounds[0]) ? bounds[0] : null;
}

/** Whether matrices of that size have diagonal `d`. */
const hasDiagonal = (d: number, rows: number, columns: number): boolean => (-rows < d && d < columns) || d === 0;

/** Where diagonal `d` begins in the elements of a matrix. */
const firstOf = (d: number, columns: number): number => Math.max(0, d) + Math.max(0, -d) * columns;

/** The diagonals of a batch of matrices as a view. */
function diagonalOf({ b }: LowerContext, matrices: Value, d: number): Value {
  const [rows, columns] = matrices.shape.slice(-2);
  const batch = matrices.shape.slice(0, -2);
  const length = longestDiagonal(rows, columns, d, d);
  const along = (start: number): AxisMap =>
    length === 1 ? { axis: -1, step: 0, start } : { axis: batch.length, step: 1, start };
  const maps = batch.map(
    (dim, axis): AxisMap => (dim === 1 ? { axis: -1, step: 0, start: 0 } : { axis, step: 1, start: 0 }),
  );
  return b.view(matrices, [...batch, length], [...maps, along(Math.max(0, -d)), along(Math.max(0, d))]);
}

/** Diagonals as a piece of matrices whose elements are one axis. */
function diagonalPiece({ b }: LowerContext, diagonal: Value, d: number, columns: number): Piece {
  const batch = diagonal.shape.slice(0, -1);
  return b.piece(
    b.reshape(diagonal, [sizeOf(batch), diagonal.shape.at(-1)!]),
    [0, firstOf(d, columns)],
    [1, columns + 1],
  );
}

export const diagonalsLowerings: LoweringTable<typeof diagonalsOps> = {
  MatrixBandPart: (c) => {
    const [x] = c.inputs;
    const rank = x.shape.length;
    const bounds = [c.constant(1), c.constant(2)];
    if (rank < 2 || bounds.some((bound) => bound?.rank !== 0)) return null;
    const [lower, upper] = bounds.map((bound) => Number(bound!.data[0]));
    if (lower > x.shape[rank - 2] || upper > x.shape[rank - 1]) return null;
    const type = scalarTypeOf(x.dtype)!;
    const [row, column] = [index(rank - 2), index(rank - 1)];
    const within = (from: Expression, to: Expression, most: number): Expression[] =>
      most < 0 ? [] : [apply('le', apply('sub', to, from), constant('i32', most))];
    const tests = [...within(column, row, lower), ...within(row, column, upper)];
    if (tests.length === 0) return x;
    const isInside = tests.reduce((both, test) => apply('and', both, test));
    return c.b.map(x.dtype, x.shape, [x], apply('select', isInside, arg(0, type), constant(type, 0)));
  },
  Diag: (c) => {
    const [x] = c.inputs;
    const size = sizeOf(x.shape);
    if (x.shape.length < 1) return null;
    const piece = diagonalPiece(c, c.b.reshape(x, [1, size]), 0, size);
    return c.b.reshape(c.b.assemble(x.dtype, [1, size * size], 0, [piece]), [...x.shape, ...x.shape]);
  },
  DiagPart: view((c) => {
    const [x] = c.inputs;
    const shape = x.shape.slice(0, x.shape.length / 2);
    if (shape.length === 0 || [...shape, ...shape].join() !== x.shape.join()) return null;
    const size = sizeOf(shape);
    return c.b.reshape(diagonalOf(c, c.b.reshape(x, [size, size]), 0), shape);
  }),
  MatrixDiagV3: (c) => {
    const [diagonal] = c.inputs;
    const d = singleDiagonal(c, 1);
    const [rows, columns, padding] = [c.integers(2), c.integers(3), c.constant(4)];
    if (d === null || diagonal.shape.length < 1 || !rows || !columns || padding?.size !== 1) return null;
    const batch = diagonal.shape.slice(0, -1);
    const size = matrixSize(diagonal.shape.at(-1)!, d, d, rows[0], columns[0]);
    if (typeof size === 'string') return null;
    const fill = padding.data[0] as number | bigint;
    const piece = diagonalPiece(c, diagonal, d, size[1]);
    const flat = c.b.assemble(diagonal.dtype, [sizeOf(batch), size[0] * size[1]], fill, [piece]);
    return c.b.reshape(flat, [...batch, ...size]);
  },
  MatrixDiagPartV3: view((c) => {
    const [x] = c.inputs;
    const d = singleDiagonal(c, 1);
    if (d === null || x.shape.length < 2 || !hasDiagonal(d, x.shape.at(-2)!, x.shape.at(-1)!)) return null;
    return diagonalOf(c, x, d);
  }),
  MatrixSetDiagV3: (c) => {
    const [x, diagonal] = c.inputs;
    const d = singleDiagonal(c, 2);
    if (d === null || x.shape.length < 2 || x.dtype !== diagonal.dtype) return null;
    const [rows, columns] = x.shape.slice(-2);
    const batch = x.shape.slice(0, -2);
    if (!hasDiagonal(d, rows, columns)) return null;
    if (diagonal.shape.join() !== [...batch, longestDiagonal(rows, columns, d, d)].join()) return null;
    const flat = c.b.reshape(x, [sizeOf(batch), rows * columns]);
    // Pieces are written one after the other.
    const pieces = [c.b.piece(flat, [0, 0]), diagonalPiece(c, diagonal, d, columns)];
    return c.b.reshape(c.b.assemble(x.dtype, flat.shape, null, pieces), x.shape);
  },
};
