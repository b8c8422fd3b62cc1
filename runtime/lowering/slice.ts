/**
 * Lowerings: parts of tensors by position, as views; their gradients put the part back among zeros.
 */

import { InvalidArgumentError } from '../../graph/errors';
import type { sliceOps } from '../../graph/ops/slice';
import { type ResolvedSlice, resolveSlice, sliceMasks } from '../../graph/sliceSpec';
import type { Value } from '../ir/value';
import { checkBlock } from '../kernels/slice';
import { attempt, standIn } from './attempt';
import { broadcastDims } from './elementwise';
import { type LowerContext, type LoweringTable, view } from './lowering';
import { sliceAt, sliceGradientAt } from './positions';

/** What begin, end and strides, inputs from `first` on, pick of a shape; null where they are not known or not legal. */
export function resolved(c: LowerContext, shape: readonly number[], first: number): ResolvedSlice | null {
  const [begin, end, strides] = [0, 1, 2].map((i) => c.integers(first + i));
  if (!begin || !end || !strides || end.length !== begin.length || strides.length !== begin.length) return null;
  if ([0, 1, 2].some((i) => c.inputs[first + i].shape.length !== 1)) return null;
  return attempt(() =>
    resolveSlice(shape, { begin, end, strides, masks: sliceMasks(c.op.attrs) }, (message) => {
      throw new InvalidArgumentError(message);
    }),
  );
}

/** The value repeated to the shape of a slice, with an axis for each axis of what is sliced; null where it does not fit. */
export function spreadOver(c: LowerContext, value: Value, slice: ResolvedSlice): Value | null {
  const shape = slice.shape as number[];
  if (broadcastDims(value.shape, shape)?.join() !== shape.join()) return null;
  return c.b.reshape(
    c.b.broadcast(value, shape),
    slice.axes.map((axis) => axis.size!),
  );
}

export const sliceLowerings: LoweringTable<typeof sliceOps> = {
  Slice: view((c) => {
    const [x] = c.inputs;
    const [begin, size] = [c.constant(1), c.constant(2)];
    const block = begin && size && attempt(() => checkBlock(standIn(x), begin, size));
    return (
      block &&
      c.b.slice(
        x,
        block.start,
        block.sizes,
        block.start.map(() => 1),
      )
    );
  }),
  StridedSlice: view((c) => {
    const [x] = c.inputs;
    const slice = resolved(c, x.shape, 1);
    if (!slice) return c.constant(1) ? null : sliceAt(c);
    const full = slice.axes.map((axis) => axis.size!);
    const part = c.b.slice(
      x,
      slice.axes.map((axis) => axis.begin),
      full,
      slice.axes.map((axis) => axis.stride),
    );
    return c.b.reshape(part, slice.shape as number[]);
  }),
  TensorStridedSliceUpdate: (c) => {
    const [x] = c.inputs;
    const slice = resolved(c, x.shape, 1);
    const value = slice && c.inputs[4].dtype === x.dtype ? spreadOver(c, c.inputs[4], slice) : null;
    if (!slice || !value) return null;
    const piece = c.b.piece(
      value,
      slice.axes.map((axis) => axis.begin),
      slice.axes.map((axis) => axis.stride),
    );
    // Pieces are written one after the other.
    const all = c.b.piece(
      x,
      x.shape.map(() => 0),
    );
    return c.b.assemble(x.dtype, x.shape, null, [all, piece]);
  },
  StridedSliceGrad: (c) => {
    const shape = c.integers(0);
    const dy = c.inputs[4];
    if (shape && !c.constant(1)) return sliceGradientAt(c, shape, dy);
    const slice = shape && resolved(c, shape, 1);
    if (!slice || slice.shape.join() !== dy.shape.join()) return null;
    const full = slice.axes.map((axis) => axis.size!);
    const piece = c.b.piece(
      c.b.reshape(dy, full),
      slice.axes.map((axis) => axis.begin),
      slice.axes.map((axis) => axis.stride),
    );
    return c.b.assemble(dy.dtype, shape, 0, [piece]);
  },
};
