/**
 * Plain kernels: shapes, sizes and ranks of tensors, and sequences of numbers.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray } from '../../graph/ndarray';
import { rangeComplaint, rangeSize, type shapesOps } from '../../graph/ops/shapes';
import type { KernelTable } from '../kernel';

function requireScalars(names: readonly string[], inputs: readonly NdArray[]): void {
  inputs.forEach((input, i) => {
    if (input.rank !== 0)
      throw new InvalidArgumentError(`${names[i]} must be a scalar, not shape [${input.shape.join(',')}]`);
  });
}

export const shapesKernels: KernelTable<typeof shapesOps> = {
  Shape: ([x], c) => NdArray.from([...x.shape], c.outputTypes[0]),
  ShapeN: (inputs, c) => inputs.map((x) => NdArray.from([...x.shape], c.outputTypes[0])),
  Size: ([x], c) => NdArray.from(x.size, c.outputTypes[0]),
  Rank: ([x], c) => NdArray.from(x.rank, c.outputTypes[0]),
  Range: (inputs, c) => {
    requireScalars(['start', 'limit', 'delta'], inputs);
    const dtype = c.outputTypes[0];
    const [start, limit, delta] = inputs.map((input) => Number(input.data[0]));
    const complaint = rangeComplaint(start, limit, delta);
    if (complaint) throw new InvalidArgumentError(complaint);
    const size = rangeSize(start, limit, delta, dtype);
    const out = allocate(dtype, size);
    const round = dtype.name === 'float32' ? Math.fround : (value: number) => value;
    for (let i = 0; i < size; i++) {
      const value = start + round(i * delta);
      out[i] = (dtype.isBigInt ? BigInt(value) : value) as never;
    }
    return new NdArray(dtype, [size], out);
  },
  LinSpace: (inputs, c) => {
    requireScalars(['start', 'stop', 'num'], inputs);
    const [start, stop, num] = inputs.map((input) => Number(input.data[0]));
    if (num <= 0) throw new InvalidArgumentError(`Requires num > 0: ${num}`);
    const dtype = c.outputTypes[0];
    const out = allocate(dtype, num);
    const round = dtype.name === 'float32' ? Math.fround : (value: number) => value;
    const step = num > 1 ? round(round(stop - start) / (num - 1)) : 0;
    for (let i = 0; i < num; i++) out[i] = (start + round(i * step)) as never;
    if (num > 1) out[num - 1] = stop as never;
    return new NdArray(dtype, [num], out);
  },
};
