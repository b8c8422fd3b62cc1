/**
 * Plain kernels: broadcasting a tensor to a shape, and shapes to each other.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { broadcastOps } from '../../graph/ops/broadcast';
import { broadcastShapes, broadcastStrides, forEachRun } from '../broadcast';
import type { KernelTable } from '../kernel';
import type { Numbers } from './elementwise';

const numbers = (vector: NdArray): number[] => Array.from(vector.data as ArrayLike<number | bigint>, Number);

export const broadcastKernels: KernelTable<typeof broadcastOps> = {
  BroadcastTo: ([input, target]) => {
    const shape = numbers(target);
    const negative = shape.find((dim) => dim < 0);
    if (negative !== undefined) throw new InvalidArgumentError(`Dimension ${negative} must be >= 0`);
    if (input.rank > shape.length) {
      throw new InvalidArgumentError(
        `Rank of input (${input.rank}) must be no greater than rank of output shape (${shape.length}).`,
      );
    }
    const shift = shape.length - input.rank;
    if (input.shape.some((dim, i) => dim !== 1 && dim !== shape[i + shift])) {
      throw new InvalidArgumentError(`Incompatible shapes: [${input.shape.join(',')}] vs. [${shape.join(',')}]`);
    }
    const out = allocate(input.dtype, sizeOf(shape)) as Numbers;
    const from = input.data as Numbers;
    forEachRun(shape, [broadcastStrides(input.shape, shape)], (at, n, [i], [step]) => {
      if (step === 0) out.fill(from[i], at, at + n);
      else for (let k = 0; k < n; k++) out[at + k] = from[i + k * step];
    });
    return new NdArray(input.dtype, shape, out as NdArray['data']);
  },
  BroadcastArgs: ([s0, s1]) => NdArray.from(broadcastShapes(numbers(s0), numbers(s1)), s0.dtype),
  BroadcastGradientArgs: ([s0, s1], c) => {
    const [a, b] = [numbers(s0), numbers(s1)];
    const shape = broadcastShapes(a, b);
    const axes: [number[], number[]] = [[], []];
    const same = a.length === b.length && a.every((dim, i) => dim === b[i]);
    shape.forEach((_, axis) => {
      const [x, y] = [a, b].map((dims) => dims[axis - shape.length + dims.length] ?? 1);
      if (same || (x === y && x !== 1)) return;
      // An axis of length 1 on both sides counts as reduced on both: summing over it changes nothing.
      if (x === 1) axes[0].push(axis);
      if (y === 1) axes[1].push(axis);
    });
    return axes.map((list, i) => NdArray.from(list, c.outputTypes[i]));
  },
};
