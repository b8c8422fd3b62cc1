/**
 * Ops: products of matrices and of batches of matrices.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, ownDType, type TensorLike } from '../convert';
import { NotImplementedError, repr, ValueError } from '../errors';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { reshape } from './array';
import { sliceAt } from './brackets';
import { composite } from './composite';
import { reduceSum } from './reduce';
import { shape } from './shapes';

export const matmulOps = defineOps({
  MatMul: {
    signature: `(a: T, b: T) -> (product: T)
      transpose_a: bool = false
      transpose_b: bool = false
      T: {bfloat16, float16, float32, float64, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128}`,
    shape: (c) => [matrixProduct(c, c.ranked(0, 2), c.ranked(1, 2), c.attr('transpose_a'), c.attr('transpose_b'))],
    gradient: (op, grad) => {
      const [a, b] = op.inputs;
      const [transposeA, transposeB] = [op.attrs.transpose_a === true, op.attrs.transpose_b === true];
      const product = (x: Tensor, y: Tensor, transpose_a: boolean, transpose_b: boolean) =>
        applyUnary('MatMul', { a: x, b: y, transpose_a, transpose_b });
      return productGradients(product, a, b, grad, transposeA, transposeB);
    },
  },
  BatchMatMul: {
    signature: `(x: T, y: T) -> (output: T)
      T: {bfloat16, float16, float32, float64, int32, int64, complex64, complex128}
      adj_x: bool = false
      adj_y: bool = false`,
    shape: (c) => [batchProduct(c, (x, y) => c.merge(x, y))],
    gradient: (op, grad) => batchGradients(op, grad),
  },
  BatchMatMulV2: {
    signature: `(x: T, y: T) -> (output: T)
      T: {bfloat16, float16, float32, float64, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128}
      adj_x: bool = false
      adj_y: bool = false`,
    shape: (c) => [batchProduct(c, (x, y) => c.broadcast(x, y))],
    gradient: (op, grad) => reduceBatches(op, batchGradients(op, grad)),
  },
});

/** The shape of the product of the last two dimensions of both. */
function matrixProduct(
  c: ShapeContext,
  a: TensorShape,
  b: TensorShape,
  transposeA: boolean,
  transposeB: boolean,
): TensorShape {
  const rows = a.at(transposeA ? -1 : -2);
  const columns = b.at(transposeB ? -2 : -1);
  c.mergeDims(a.at(transposeA ? -2 : -1), b.at(transposeB ? -1 : -2));
  return new TensorShape([rows, columns]);
}

function batchProduct(c: ShapeContext, combine: (x: TensorShape, y: TensorShape) => TensorShape): TensorShape {
  const [x, y] = [0, 1].map((i) => c.withRankAtLeast(c.shape(i), 2));
  const matrix = matrixProduct(c, x, y, c.attr('adj_x'), c.attr('adj_y'));
  const batch = combine(x.slice(0, -2), y.slice(0, -2));
  return batch.dims === null
    ? unknownShape
    : new TensorShape([...batch.dims, ...(matrix.dims as readonly Dimension[])]);
}

type Product = (x: Tensor, y: Tensor, transposeX: boolean, transposeY: boolean) => Tensor;

/** The gradients of `a·b`, where either may be transposed: again two products. */
function productGradients(
  product: Product,
  a: Tensor,
  b: Tensor,
  grad: Tensor,
  transposeA: boolean,
  transposeB: boolean,
): readonly Gradient[] {
  const forA = transposeA ? product(b, grad, transposeB, true) : product(grad, b, false, !transposeB);
  const forB = transposeB ? product(grad, a, true, transposeA) : product(a, grad, !transposeA, false);
  return [forA, forB];
}

function batchGradients(op: Operation, grad: Tensor): readonly Tensor[] {
  const [x, y] = op.inputs;
  const product: Product = (a, b, adjointA, adjointB) => matmul(a, b, { adjointA, adjointB });
  return productGradients(product, x, y, grad, op.attrs.adj_x === true, op.attrs.adj_y === true) as readonly Tensor[];
}

/** Sums the gradients over the batch dimensions along which their operands were repeated. */
function reduceBatches(op: Operation, gradients: readonly Tensor[]): readonly Gradient[] {
  const [x, y] = op.inputs;
  const [batchX, batchY] = [x.shape.slice(0, -2), y.shape.slice(0, -2)];
  const hasBatches = x.shape.rank === null || y.shape.rank === null || x.shape.rank > 2 || y.shape.rank > 2;
  if (!hasBatches || (batchX.isFullyDefined() && batchX.equals(batchY))) return gradients;
  const shapes = [shape(x), shape(y)];
  const [s0, s1] = shapes.map((whole) => sliceAt(whole, [[null, -2]]));
  const axes = applyOp('BroadcastGradientArgs', { s0, s1 }).outputs;
  return gradients.map((gradient, i) => reshape(reduceSum(gradient, axes[i]), shapes[i]));
}

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Transposed and conjugated: the same as transposed for the real types. */
  readonly adjointA?: boolean;
  readonly adjointB?: boolean;
  /** A hint that many elements are zeros, which is not taken. */
  readonly aIsSparse?: boolean;
  readonly bIsSparse?: boolean;
  readonly name?: string;
}

/**
 * The matrix product `a · b`; of tensors of more than two dimensions the products of their last two, broadcasting the
 * others.
 *
 * ValueError for both transposing and adjoining one of them, for dimensions that do not fit and for vectors.
 * Mirrors tf.matmul.
 */
export function matmul(a: TensorLike, b: TensorLike, options: MatmulOptions = {}): Tensor {
  return composite(options.name, 'MatMul', [a, b], (scope) => {
    const transposeA = isTransposed('a', options.transposeA, options.adjointA);
    const transposeB = isTransposed('b', options.transposeB, options.adjointB);
    if (options.aIsSparse || options.bIsSparse) {
      throw new NotImplementedError(
        'aIsSparse and bIsSparse ask for the op SparseMatMul, which is not available. Leave them out.',
      );
    }
    const left = convertToTensor(a, { name: 'a', preferredDtype: ownDType(b) });
    const right = convertToTensor(b, { name: 'b', preferredDtype: left.dtype });
    const ranks = [left.shape.rank, right.shape.rank];
    if (ranks.some((rank) => rank === null || rank > 2)) {
      return applyUnary('BatchMatMulV2', { x: left, y: right, adj_x: transposeA, adj_y: transposeB }, scope);
    }
    return applyUnary('MatMul', { a: left, b: right, transpose_a: transposeA, transpose_b: transposeB }, scope);
  });
}

function isTransposed(operand: 'a' | 'b', transpose = false, adjoint = false): boolean {
  if (transpose && adjoint) {
    throw new ValueError(
      `Only one of \`transpose_${operand}\` and \`adjoint_${operand}\` can be True. ` +
        `Received \`transpose_${operand}\`=${repr(transpose)}, \`adjoint_${operand}\`=${repr(adjoint)}.`,
    );
  }
  return transpose || adjoint;
}

/**
 * The product of a matrix and a vector, over leading dimensions as in `matmul`: `a` has shape [..., m, n], `b` [...,
 * n], the result [..., m]. Mirrors tf.linalg.matvec.
 */
export function matvec(
  a: TensorLike,
  b: TensorLike,
  options: Omit<MatmulOptions, 'transposeB' | 'adjointB'> = {},
): Tensor {
  return composite(options.name, 'MatVec', [a, b], () => {
    const input = convertToTensor(b, { preferredDtype: ownDType(a), name: 'b' });
    const column = applyUnary('ExpandDims', { input, dim: -1 });
    const product = matmul(a, column, { ...options, name: undefined });
    return applyUnary('Squeeze', { input: product, squeeze_dims: [-1] });
  });
}
