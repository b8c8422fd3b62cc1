/**
 * Lowerings: one-hot vectors, computed where they are read, and distinct numbers where their count does not show.
 */
import type { pickingOps } from '../../graph/ops/picking';
import { type UniqueSpec, uniqueCall, uniqueWorkspace } from '../backends/wasm/routines/unique';
import { identityAccess } from '../ir/access';
import { apply, arg, cast, index, scalarTypeOf } from '../ir/expression';
import { type Lowering, type LoweringTable, listOf, routine } from './lowering';

/** The distinct numbers, filled up to the length of the input, and where each element is among them. */
const unique: Lowering = (c) => {
  const [x] = c.inputs;
  const [type, indexType] = [x.dtype, c.outputTypes[1]].map(({ name }) =>
    name === 'int32' ? 'i32' : name === 'int64' ? 'i64' : null,
  );
  if (!c.mayPad || x.shape.length !== 1 || !type || !indexType) return null;
  const spec: UniqueSpec = { type, indexType, count: x.shape[0] };
  return c.b.routine(
    {
      inputs: [{ value: x, maps: identityAccess(x.shape) }],
      strided: false,
      make: () => ({
        name: 'unique',
        text: `${spec.count} ${x.dtype.name}`,
        flops: 0,
        workspaceBytes: uniqueWorkspace(spec),
        calls: ({ inputs: [source], outputs: [distinct, positions], workspace }) =>
          listOf(uniqueCall(spec, { source, distinct, positions, workspace })),
      }),
    },
    [
      { dtype: x.dtype, shape: x.shape },
      { dtype: c.outputTypes[1], shape: x.shape },
    ],
  );
};

export const pickingLowerings: LoweringTable<typeof pickingOps> = {
  Unique: routine(
    unique,
    ' where only updates of the rows that it names depend on it; else host: its result has a size that depends on the data',
  ),
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
