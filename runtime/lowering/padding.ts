/**
 * Lowerings: padding and repetition.
 */
import type { paddingOps } from '../../graph/ops/padding';
import type { AxisMap } from '../ir/access';
import type { Value } from '../ir/value';
import { readPaddings } from '../kernels/padding';
import { attempt } from './attempt';
import type { LowerContext, LoweringTable } from './lowering';

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

export const paddingLowerings: LoweringTable<typeof paddingOps> = {
  Pad: (c) => pad(c, 0),
  PadV2: (c) => {
    const value = c.constant(2);
    return value?.rank === 0 ? pad(c, value.data[0] as number) : null;
  },
  Tile: (c) => {
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
  },
};
