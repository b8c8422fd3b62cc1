/**
 * Lowering: one-hot vectors, computed where they are read.
 */
import type { pickingOps } from '../../graph/ops/picking';
import { apply, arg, cast, index, scalarTypeOf } from '../ir/expression';
import type { LoweringTable } from './lowering';

export const pickingLowerings: LoweringTable<typeof pickingOps> = {
  OneHot: (c) => {
    const [indices, , on, off] = c.inputs;
    const depths = c.integers(1);
    const rank = indices.shape.length;
    const given = Number(c.attr('axis'));
    const axis = given === -1 ? rank : given;
    if (depths?.length !== 1 || c.inputs[1].shape.length !== 0 || depths[0] < 0 || axis < 0 || axis > rank) return null;
    if (on.shape.length !== 0 || off.shape.length !== 0) return null;
    const type = scalarTypeOf(on.dtype)!;
    const indexType = scalarTypeOf(indices.dtype)!;
    const isHot = apply('eq', cast(index(axis), indexType), arg(0, indexType));
    return c.b.map(
      on.dtype,
      indices.shape.toSpliced(axis, 0, depths[0]),
      [c.b.reshape(indices, indices.shape.toSpliced(axis, 0, 1)), on, off],
      apply('select', isHot, arg(1, type), arg(2, type)),
    );
  },
};
