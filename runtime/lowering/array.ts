/**
 * Lowerings: the same elements in another shape or order. All of them are views.
 */
import type { arrayOps } from '../../graph/ops/array';
import { reverseComplaint } from '../../graph/ops/array';
import type { AxisMap } from '../ir/access';
import { checkPermutation, resolveShape, squeezedShape } from '../kernels/array';
import { attempt, standIn } from './attempt';
import type { LoweringTable } from './lowering';

export const arrayLowerings: LoweringTable<typeof arrayOps> = {
  Reshape: (c) => {
    const sizes = c.constant(1);
    const shape = sizes && attempt(() => resolveShape(standIn(c.inputs[0]), sizes));
    return shape && c.b.reshape(c.inputs[0], shape);
  },
  Squeeze: (c) => {
    const shape = attempt(() => squeezedShape(standIn(c.inputs[0]), c.attr<readonly number[]>('squeeze_dims')));
    return shape && c.b.reshape(c.inputs[0], shape);
  },
  ExpandDims: (c) => {
    const [x] = c.inputs;
    const dims = c.integers(1);
    const rank = x.shape.length;
    if (dims?.length !== 1 || dims[0] < -rank - 1 || dims[0] > rank) return null;
    const [at] = dims;
    return c.b.reshape(x, x.shape.toSpliced(at < 0 ? at + rank + 1 : at, 0, 1));
  },
  Transpose: (c) => {
    const [x] = c.inputs;
    const perm = c.constant(1);
    const axes = perm && attempt(() => checkPermutation(perm, x.shape.length));
    return axes && c.b.transpose(x, axes);
  },
  ReverseV2: (c) => {
    const [x] = c.inputs;
    const axes = c.integers(1);
    const rank = x.shape.length;
    if (!axes || reverseComplaint(axes, rank)) return null;
    const reversed = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
    const maps = x.shape.map((dim, axis): AxisMap => {
      if (dim <= 1) return { axis: -1, step: 0, start: 0 };
      return reversed.has(axis) ? { axis, step: -1, start: dim - 1 } : { axis, step: 1, start: 0 };
    });
    return x.shape.includes(0) ? x : c.b.view(x, x.shape, maps);
  },
};
