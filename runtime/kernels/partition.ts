/**
 * Plain kernels: tensors dealt out to partitions, and put together again.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { partitionOps } from '../../graph/ops/partition';
import type { Kernel, KernelTable } from '../kernel';
import { copyBlock, positionText } from './gather';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

function startsWith(shape: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((dim, i) => dim === shape[i]);
}

const stitch: Kernel = (inputs) => {
  const count = inputs.length / 2;
  const [indices, data] = [inputs.slice(0, count), inputs.slice(count)];
  const rest = data[0].shape.slice(indices[0].rank);
  data.forEach((value, i) => {
    if (!startsWith(value.shape, indices[i].shape)) {
      throw new InvalidArgumentError(
        `data[${i}].shape = ${shapeText(value.shape)} does not start with indices[${i}].shape = ${shapeText(indices[i].shape)}`,
      );
    }
    if (value.shape.slice(indices[i].rank).join() !== rest.join()) {
      throw new InvalidArgumentError(
        `Need data[0].shape[${indices[0].rank}:] = data[${i}].shape[${indices[i].rank}:], got data[0].shape = ${shapeText(data[0].shape)}, data[${i}].shape = ${shapeText(value.shape)}, indices[0].shape = ${shapeText(indices[0].shape)}, indices[${i}].shape = ${shapeText(indices[i].shape)}`,
      );
    }
  });
  const targets = indices.map(toNumbers);
  const rows = targets.flat().reduce((most, index) => Math.max(most, index + 1), 0);
  const inner = sizeOf(rest);
  const out = allocate(data[0].dtype, rows * inner);
  targets.forEach((rowsOf, i) => {
    rowsOf.forEach((target, j) => {
      if (target < 0) throw new InvalidArgumentError(`indices[${j}] is out of range`);
      copyBlock(data[i].data, j * inner, out, target * inner, inner);
    });
  });
  return new NdArray(data[0].dtype, [rows, ...rest], out);
};

export const partitionKernels: KernelTable<typeof partitionOps> = {
  DynamicPartition: ([data, partitions], c) => {
    if (!startsWith(data.shape, partitions.shape)) {
      throw new InvalidArgumentError(
        `data.shape must start with partitions.shape, got data.shape = ${shapeText(data.shape)}, partitions.shape = ${shapeText(partitions.shape)}`,
      );
    }
    const count = c.outputTypes.length;
    const rows: number[][] = Array.from({ length: count }, () => []);
    toNumbers(partitions).forEach((partition, i) => {
      if (partition < 0 || partition >= count) {
        throw new InvalidArgumentError(
          `partitions${positionText(i, partitions.shape)} = ${partition} is not in [0, ${count})`,
        );
      }
      rows[partition].push(i);
    });
    const rest = data.shape.slice(partitions.rank);
    const inner = sizeOf(rest);
    return rows.map((members) => {
      const out = allocate(data.dtype, members.length * inner);
      members.forEach((row, i) => {
        copyBlock(data.data, row * inner, out, i * inner, inner);
      });
      return new NdArray(data.dtype, [members.length, ...rest], out);
    });
  },
  DynamicStitch: stitch,
  ParallelDynamicStitch: stitch,
};
