/**
 * Ops: tensors dealt out to partitions by index, and put together again.
 */
import { applyOp, applyUnary } from '../applyOp';
import type { TensorLike } from '../convert';
import { toNumbers } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { reshape } from './array';
import { gather } from './gather';
import { allAxes } from './masking';
import { range, shape as shapeOf } from './shapes';

export const partitionOps = defineOps({
  DynamicPartition: {
    signature: `(data: T, partitions: int32) -> (outputs: num_partitions * T)
      num_partitions: int >= 1
      T: type`,
    shape: (c) => {
      const rest = startsWith(c, c.shape(0), c.shape(1));
      const shape = rest.dims === null ? unknownShape : new TensorShape([null, ...rest.dims]);
      return c.outputTypes.map(() => shape);
    },
    gradient: partitionGradient,
  },
  DynamicStitch: {
    signature: `(indices: N * int32, data: N * T) -> (merged: T)
      N: int >= 1
      T: type`,
    shape: stitchShape,
    gradient: stitchGradient,
  },
  ParallelDynamicStitch: {
    signature: `(indices: N * int32, data: N * T) -> (merged: T)
      N: int >= 1
      T: type`,
    shape: stitchShape,
    gradient: stitchGradient,
  },
});

/** What follows in the shape of `data` after the shape of its indices. */
function startsWith(c: ShapeContext, data: TensorShape, indices: TensorShape): TensorShape {
  if (data.dims === null || indices.dims === null) return unknownShape;
  c.withRankAtLeast(data, indices.dims.length);
  indices.dims.forEach((dim, i) => c.mergeDims(data.dims![i], dim));
  return data.slice(indices.dims.length);
}

function stitchShape(c: ShapeContext): TensorShape[] {
  const count = c.inputs.length / 2;
  let rest: TensorShape = unknownShape;
  let rows: number | null = 0;
  for (let i = 0; i < count; i++) {
    rest = c.merge(rest, startsWith(c, c.shape(count + i), c.shape(i)));
    const indices = c.value(i);
    if (!indices || rows === null) rows = null;
    else rows = toNumbers(indices).reduce((most, index) => Math.max(most, index + 1), rows);
  }
  return [rest.dims === null ? unknownShape : new TensorShape([rows, ...rest.dims])];
}

function partitionGradient(op: Operation, ...grads: Tensor[]): Gradient[] {
  const [data, partitions] = op.inputs;
  const shape = shapeOf(partitions);
  const total = applyUnary('Prod', { input: shape, reduction_indices: allAxes(shape) });
  const original = reshape(range(total), shape);
  const dealt = dynamicPartition(original, partitions, grads.length);
  const merged = applyUnary('ParallelDynamicStitch', { indices: dealt, data: grads });
  return [reshape(merged, shapeOf(data)), null];
}

function stitchGradient(op: Operation, grad: Tensor): Gradient[] {
  const indices = op.inputs.slice(0, op.inputs.length / 2);
  return [...indices.map(() => null), ...indices.map((index) => gather(grad, index))];
}

interface Named {
  readonly name?: string;
}

/** The slices of `data` whose partition is 0, 1, … up to `numPartitions`. Mirrors tf.dynamic_partition. */
export function dynamicPartition(
  data: TensorLike,
  partitions: TensorLike,
  numPartitions: number,
  { name }: Named = {},
): readonly Tensor[] {
  return applyOp('DynamicPartition', { data, partitions, num_partitions: numPartitions }, name).outputs;
}

/** Slices put at their indices into one tensor; of repeated indices the last counts. Mirrors tf.dynamic_stitch. */
export function dynamicStitch(
  indices: readonly TensorLike[],
  data: readonly TensorLike[],
  { name }: Named = {},
): Tensor {
  return applyUnary('DynamicStitch', { indices, data }, name);
}

/** As `dynamicStitch`; which of repeated indices counts is not said. Mirrors tf.parallel_stitch. */
export function parallelDynamicStitch(
  indices: readonly TensorLike[],
  data: readonly TensorLike[],
  { name }: Named = {},
): Tensor {
  return applyUnary('ParallelDynamicStitch', { indices, data }, name);
}
