/**
 * Lowerings: padding, with mirrored borders too, and repetition.
 */
import type { paddingOps } from '../../graph/ops/padding';
import type { AxisMap } from '../ir/access';
import { apply, arg, type Expression, scalarTypeOf } from '../ir/expression';
import type { Piece, Value } from '../ir/value';
import { readPaddings } from '../kernels/padding';
import { attempt } from './attempt';
import { isComputed } from './elementwise';
import { type LowerContext, type LoweringTable, view } from './lowering';
import { rearranged, type Segment } from './segments';

function pad(c: LowerContext, fill: number | bigint): Value | null {
  const [x] = c.inputs;
  const given = c.constant(1);
  const paddings = given && attempt(() => readPaddings(given));
  if (!paddings || paddings.length !== x.shape.length || paddings.flat().some((pad) => pad < 0)) return null;
  if (paddings.flat().every((pad) => pad === 0)) return x;
  const shape = x.shape.map((dim, i) => dim + paddings[i][0] + paddings[i][1]);
  return c.b.assemble(x.dtype, shape, fill, [
    c.b.piece(
      x,
      paddings.map(([before]) => before),
    ),
  ]);
}

/** The paddings of an array of `shape` before they are there, and whether its edge is repeated; null for what is refused. */
function mirrored(c: LowerContext, shapeOf: (dim: number, before: number, after: number) => number) {
  const given = c.constant(1);
  const paddings = given && attempt(() => readPaddings(given));
  if (!paddings || paddings.length !== c.inputs[0].shape.length) return null;
  const shape = c.inputs[0].shape.map((dim, axis) => shapeOf(dim, ...paddings[axis]));
  const shift = c.attr<string>('mode') === 'SYMMETRIC' ? 0 : 1;
  const fits = paddings.every((pads, axis) => pads.every((pad) => pad >= 0 && pad <= Math.max(0, shape[axis] - shift)));
  // A reflected axis has to have an element, even where nothing is added to it.
  const isThere = shape.every((dim) => dim >= shift);
  return fits && isThere ? { paddings, shape, shift } : null;
}

/** What a piece of a gradient is a sum of: positions from `from` on, forwards or backwards. */
interface Part {
  readonly from: number;
  readonly step: 1 | -1;
}

/** Adds what lies on mirrored borders of an axis to what it mirrors. */
function folded(c: LowerContext, grad: Value, axis: number, [before, after]: readonly [number, number], shift: number) {
  const size = grad.shape[axis] - before - after;
  const type = scalarTypeOf(grad.dtype)!;
  const whole = grad.shape.with(axis, size);
  // Position k is mirrored at before − 1 + shift − k and at 2 size + before − 1 − shift − k, where these are borders.
  const cuts = [0, shift, before + shift, size - shift - after, size - shift, size];
  const edges = [...new Set(cuts)].filter((cut) => cut >= 0 && cut <= size).sort((x, y) => x - y);
  const pieces = edges.slice(0, -1).map((start, i): Piece => {
    const parts: Part[] = [{ from: before + start, step: 1 }];
    if (start >= shift && start < before + shift) parts.push({ from: before - 1 + shift - start, step: -1 });
    if (start >= size - shift - after && start < size - shift)
      parts.push({ from: before + 2 * size - 1 - shift - start, step: -1 });
    const shape = grad.shape.with(axis, edges[i + 1] - start);
    const operands = parts.map(({ from, step }) => ({
      value: grad,
      maps: shape.map((dim, at): AxisMap => {
        const [first, by] = at === axis ? [from, step] : [0, 1];
        return dim === 1 ? { axis: -1, step: 0, start: first } : { axis: at, step: by, start: first };
      }),
    }));
    const sum = parts
      .slice(1)
      .reduce((total, _, k) => apply('add', total, arg(k + 1, type)), arg(0, type) as Expression);
    return c.b.piece(
      c.b.mapOperands(grad.dtype, shape, operands, sum),
      whole.map((_, at) => (at === axis ? start : 0)),
    );
  });
  return c.b.assemble(grad.dtype, whole, null, pieces);
}

export const paddingLowerings: LoweringTable<typeof paddingOps> = {
  Pad: (c) => pad(c, 0),
  PadV2: (c) => {
    const value = c.constant(2);
    return value?.rank === 0 ? pad(c, value.data[0] as number) : null;
  },
  MirrorPad: (c) => {
    const [x] = c.inputs;
    const read = mirrored(c, (dim) => dim);
    if (!read) return null;
    const { paddings, shift } = read;
    const axes = x.shape.map((size, axis): Segment[] => {
      const [before, after] = paddings[axis];
      const middle: Segment = { size, from: 0, step: 1, to: before };
      const left: Segment = { size: before, from: before - 1 + shift, step: -1, to: 0 };
      const right: Segment = { size: after, from: size - 1 - shift, step: -1, to: before + size };
      return [left, middle, right].filter((segment) => segment === middle || segment.size > 0);
    });
    return rearranged(c, x, axes);
  },
  MirrorPadGrad: (c) => {
    const read = mirrored(c, (dim, before, after) => dim - before - after);
    if (!read || !isComputed(c.inputs[0].dtype) || c.inputs[0].dtype.isBool) return null;
    return read.paddings.reduce(
      (grad, pads, axis) => (pads[0] + pads[1] === 0 ? grad : folded(c, grad, axis, pads, read.shift)),
      c.inputs[0],
    );
  },
  Tile: view((c) => {
    const [x] = c.inputs;
    const multiples = c.integers(1);
    if (!multiples || multiples.length !== x.shape.length || multiples.some((times) => times < 0)) return null;
    if (multiples.every((times) => times === 1)) return x;
    // Each axis becomes two: the repetitions, which do not move, and the axis itself.
    const apart = x.shape.flatMap((dim, axis) => [multiples[axis], dim]);
    const maps = x.shape.map(
      (dim, axis): AxisMap => (dim === 1 ? { axis: -1, step: 0, start: 0 } : { axis: 2 * axis + 1, step: 1, start: 0 }),
    );
    const shape = x.shape.map((dim, axis) => dim * multiples[axis]);
    return c.b.reshape(c.b.view(x, apart, maps), shape);
  }),
};
