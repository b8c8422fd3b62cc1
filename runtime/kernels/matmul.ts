/**
 * Plain kernels: products of matrices and of batches of matrices.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { matmulOps } from '../../graph/ops/matmul';
import { broadcastStrides, forEachBroadcast } from '../broadcast';
import type { Kernel, KernelTable } from '../kernel';
import { multiplierFor } from './gemm';

type Shape = readonly number[];

const text = (shape: Shape) => `[${shape.join(',')}]`;

/** The product of the last two dimensions, over batches of the given shape. */
function product(
  x: NdArray,
  y: NdArray,
  transposeX: boolean,
  transposeY: boolean,
  batch: Shape,
  opType: string,
): NdArray {
  const [xRows, xColumns] = x.shape.slice(-2);
  const [yRows, yColumns] = y.shape.slice(-2);
  const [rows, depth] = transposeX ? [xColumns, xRows] : [xRows, xColumns];
  const [yDepth, columns] = transposeY ? [yColumns, yRows] : [yRows, yColumns];
  if (depth !== yDepth)
    throw new InvalidArgumentError(`Matrix size-incompatible: In[0]: ${text(x.shape)}, In[1]: ${text(y.shape)}`);
  const multiply = multiplierFor(x, opType);
  const shape = [...batch, rows, columns];
  const out = allocate(x.dtype, sizeOf(shape));
  const view = (value: NdArray, index: number, transposed: boolean, [height, width]: readonly number[]) => ({
    data: value.data as never,
    offset: index * height * width,
    rowStride: transposed ? 1 : width,
    columnStride: transposed ? width : 1,
  });
  const strides = [x, y].map((value) => broadcastStrides(value.shape.slice(0, -2), batch));
  forEachBroadcast(batch, strides[0], strides[1], (i, xi, yi) => {
    const [a, b] = [view(x, xi, transposeX, [xRows, xColumns]), view(y, yi, transposeY, [yRows, yColumns])];
    multiply(rows, columns, depth, a, b, out as never, i * rows * columns);
  });
  return new NdArray(x.dtype, shape, out);
}

function requireMatrices(x: NdArray, y: NdArray): void {
  [x, y].forEach((value, i) => {
    if (value.rank < 2) throw new InvalidArgumentError(`In[${i}] ndims must be >= 2: ${value.rank}`);
  });
}

function broadcastBatch(x: NdArray, y: NdArray): number[] {
  const [a, b] = [x.shape.slice(0, -2), y.shape.slice(0, -2)];
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (m !== n && m !== 1 && n !== 1) {
      throw new InvalidArgumentError(
        `In[0] and In[1] must have compatible batch dimensions: ${text(x.shape)} vs. ${text(y.shape)}`,
      );
    }
    return m === 1 ? n : m;
  });
}

const matMul: Kernel = ([a, b], c) => {
  if (a.rank !== b.rank)
    throw new InvalidArgumentError(`In[0] and In[1] has different ndims: ${text(a.shape)} vs. ${text(b.shape)}`);
  if (a.rank !== 2) throw new InvalidArgumentError(`In[0] and In[1] ndims must be == 2: ${a.rank}`);
  return product(a, b, c.attr('transpose_a'), c.attr('transpose_b'), [], 'MatMul');
};

const batchMatMul: Kernel = ([x, y], c) => {
  if (x.rank !== y.rank)
    throw new InvalidArgumentError(`In[0] and In[1] has different ndims: ${text(x.shape)} vs. ${text(y.shape)}`);
  requireMatrices(x, y);
  const batch = x.shape.slice(0, -2);
  batch.forEach((dim, i) => {
    if (dim === y.shape[i]) return;
    throw new InvalidArgumentError(
      `In[0].dim(${i}) and In[1].dim(${i}) must be the same: ${text(x.shape)} vs ${text(y.shape)}`,
    );
  });
  return product(x, y, c.attr('adj_x'), c.attr('adj_y'), batch, 'BatchMatMul');
};

const batchMatMulV2: Kernel = ([x, y], c) => {
  requireMatrices(x, y);
  return product(x, y, c.attr('adj_x'), c.attr('adj_y'), broadcastBatch(x, y), 'BatchMatMulV2');
};

export const matmulKernels: KernelTable<typeof matmulOps> = {
  MatMul: matMul,
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMulV2,
};
