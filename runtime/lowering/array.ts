/**
 * Lowerings: the same elements in another shape or order: views, copies of pieces, or gathered.
 */
import { int32 } from '../../graph/dtypes';
import type { arrayOps } from '../../graph/ops/array';
import { reverseComplaint } from '../../graph/ops/array';
import type { AxisMap } from '../ir/access';
import { apply, arg, cast, constant, index, scalarTypeOf } from '../ir/expression';
import { checkPermutation, resolveShape, squeezedShape } from '../kernels/array';
import { attempt, standIn } from './attempt';
import { picked } from './gather';
import { type Lowering, type LoweringTable, routine, view } from './lowering';
import { rearranged, whole } from './segments';

/** Each sequence up to its length backwards: positions are computed, and elements picked at them. */
const reverseSequence: Lowering = (c) => {
  const [x, lengths] = c.inputs;
  const [seq, batch] = [Number(c.attr('seq_dim')), Number(c.attr('batch_dim'))];
  const { shape } = x;
  if (seq === batch || seq < 0 || batch < 0 || seq >= shape.length || batch >= shape.length) return null;
  if (lengths.shape.length !== 1 || lengths.shape[0] !== shape[batch]) return null;
  const type = scalarTypeOf(lengths.dtype)!;
  const given = arg(0, type);
  c.guard(apply('or', apply('lt', given, constant(type, 0)), apply('gt', given, constant(type, shape[seq]))), lengths);
  const [length, at] = [cast(given, 'i32'), index(1)];
  const backwards = apply('sub', apply('sub', length, constant('i32', 1)), at);
  const positions = c.b.map(
    int32,
    [shape[batch], shape[seq]],
    [c.b.reshape(lengths, [shape[batch], 1])],
    apply('select', apply('lt', at, length), backwards, at),
  );
  const order = [batch, seq, ...shape.flatMap((_, axis) => (axis === batch || axis === seq ? [] : [axis]))];
  const turned = picked(c, c.b.transpose(x, order), positions, 1, 1);
  return c.b.transpose(
    turned,
    shape.map((_, axis) => order.indexOf(axis)),
  );
};

export const arrayLowerings: LoweringTable<typeof arrayOps> = {
  Reshape: view((c) => {
    const sizes = c.constant(1);
    const shape = sizes && attempt(() => resolveShape(standIn(c.inputs[0]), sizes));
    return shape && c.b.reshape(c.inputs[0], shape);
  }),
  Squeeze: view((c) => {
    const shape = attempt(() => squeezedShape(standIn(c.inputs[0]), c.attr<readonly number[]>('squeeze_dims')));
    return shape && c.b.reshape(c.inputs[0], shape);
  }),
  ExpandDims: view((c) => {
    const [x] = c.inputs;
    const dims = c.integers(1);
    const rank = x.shape.length;
    if (dims?.length !== 1 || dims[0] < -rank - 1 || dims[0] > rank) return null;
    const [at] = dims;
    return c.b.reshape(x, x.shape.toSpliced(at < 0 ? at + rank + 1 : at, 0, 1));
  }),
  Transpose: view((c) => {
    const [x] = c.inputs;
    const perm = c.constant(1);
    const axes = perm && attempt(() => checkPermutation(perm, x.shape.length));
    return axes && c.b.transpose(x, axes);
  }),
  ReverseV2: view((c) => {
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
  }),
  ReverseSequence: routine(reverseSequence),
  Roll: (c) => {
    const [x, shiftInput, axisInput] = c.inputs;
    const [shifts, axes] = [c.integers(1), c.integers(2)];
    const rank = x.shape.length;
    if (!shifts || !axes || rank < 1 || shiftInput.shape.length > 1) return null;
    if (shiftInput.shape.join() !== axisInput.shape.join()) return null;
    if (axes.some((axis) => axis < -rank || axis >= rank)) return null;
    const total = x.shape.map(() => 0);
    axes.forEach((axis, i) => {
      total[axis < 0 ? axis + rank : axis] += shifts[i];
    });
    return rearranged(
      c,
      x,
      x.shape.map((dim, axis) => {
        const size = Math.max(1, dim);
        const amount = ((total[axis] % size) + size) % size;
        if (amount === 0) return [whole(dim)];
        return [
          { size: amount, from: dim - amount, step: 1, to: 0 },
          { size: dim - amount, from: 0, step: 1, to: amount },
        ];
      }),
    );
  },
};
