/**
 * Plain kernels: matrix decompositions.
 */
import { UnimplementedError } from '../../graph/errors';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { linalgOps } from '../../graph/ops/linalg';
import type { Kernel, KernelTable } from '../kernel';

/**
 * Householder's method, as LAPACK and Eigen order it: signs of the factors come out as theirs. Computes in double
 * precision.
 */
const qr: Kernel = ([input], c) => {
  const { dtype } = input;
  if (dtype.name !== 'float32' && dtype.name !== 'float64')
    throw new UnimplementedError(`${c.op.type} is not implemented for ${dtype.name}.`);
  const batch = input.shape.slice(0, -2);
  const [rows, columns] = input.shape.slice(-2);
  const width = c.attr<boolean>('full_matrices') ? rows : Math.min(rows, columns);
  const q = NdArray.zeros(dtype, [...batch, rows, width]);
  const r = NdArray.zeros(dtype, [...batch, width, columns]);
  for (let b = 0; b < sizeOf(batch); b++) {
    const matrix = Float64Array.from(
      (input.data as Float64Array).subarray(b * rows * columns, (b + 1) * rows * columns),
    );
    const basis = decompose(matrix, rows, columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < width; j++) q.data[(b * rows + i) * width + j] = basis[i * rows + j];
    for (let i = 0; i < width; i++)
      for (let j = i; j < columns; j++) r.data[(b * width + i) * columns + j] = matrix[i * columns + j];
  }
  return [q, r];
};

/** Turns `matrix` into its triangular factor and returns the square orthogonal one. */
function decompose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const basis = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) basis[i * rows + i] = 1;
  const reflector = new Float64Array(rows);
  for (let k = 0; k < Math.min(rows - 1, columns); k++) {
    let tail = 0;
    for (let i = k + 1; i < rows; i++) tail += matrix[i * columns + k] ** 2;
    const head = matrix[k * columns + k];
    // A column that is zero below the diagonal needs no reflection.
    if (tail === 0) continue;
    const beta = -Math.sign(head || 1) * Math.sqrt(head * head + tail);
    reflector[k] = 1;
    for (let i = k + 1; i < rows; i++) reflector[i] = matrix[i * columns + k] / (head - beta);
    const tau = (beta - head) / beta;
    reflectRows(matrix, columns, reflector, k, tau, rows);
    reflectColumns(basis, rows, reflector, k, tau);
  }
  return basis;
}

/** `(1 - tau·v·vᵀ)·matrix` from row k on. */
function reflectRows(
  matrix: Float64Array,
  columns: number,
  v: Float64Array,
  k: number,
  tau: number,
  rows: number,
): void {
  for (let j = 0; j < columns; j++) {
    let dot = 0;
    for (let i = k; i < rows; i++) dot += v[i] * matrix[i * columns + j];
    for (let i = k; i < rows; i++) matrix[i * columns + j] -= tau * dot * v[i];
  }
}

/** `basis·(1 - tau·v·vᵀ)` from column k on. */
function reflectColumns(basis: Float64Array, size: number, v: Float64Array, k: number, tau: number): void {
  for (let i = 0; i < size; i++) {
    let dot = 0;
    for (let j = k; j < size; j++) dot += basis[i * size + j] * v[j];
    for (let j = k; j < size; j++) basis[i * size + j] -= tau * dot * v[j];
  }
}

export const linalgKernels: KernelTable<typeof linalgOps> = { Qr: qr };
