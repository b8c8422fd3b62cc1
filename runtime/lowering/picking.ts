/**
 * Lowerings: one-hot vectors, computed where they are read; the largest elements, and whether a class is among them; counts; and
 * distinct numbers where their count does not show.
 */
import { bool, float32, int32 } from '../../graph/dtypes';
import { sizeOf } from '../../graph/ndarray';
import type { pickingOps } from '../../graph/ops/picking';
import { type TopKSpec, topKCall } from '../backends/wasm/routines/topK';
import { type UniqueSpec, uniqueCall, uniqueWorkspace } from '../backends/wasm/routines/unique';
import { identityAccess } from '../ir/access';
import { apply, arg, cast, constant, index, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { isComputed } from './elementwise';
import { type LowerContext, type Lowering, type LoweringTable, listOf, routine } from './lowering';
import { canScatter, scattered } from './scatter';

const of = (value: number) => constant('f32', value);

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

/** The k largest of each row and their positions. */
function largest(c: LowerContext, k: number): readonly Value[] | null {
  const [x] = c.inputs;
  const [, indexDtype] = c.outputTypes;
  const width = x.shape.at(-1);
  if (width === undefined || k < 0 || k > width || !isComputed(x.dtype) || x.dtype.isBool) return null;
  if (indexDtype.name !== 'int32' && indexDtype.name !== 'int64') return null;
  const shape = x.shape.with(-1, k);
  const spec: TopKSpec = {
    type: scalarTypeOf(x.dtype) as TopKSpec['type'],
    indexType: indexDtype.name === 'int32' ? 'i32' : 'i64',
    rows: sizeOf(x.shape.slice(0, -1)),
    width,
    k,
  };
  return c.b.routine(
    {
      inputs: [{ value: x, maps: identityAccess(x.shape) }],
      strided: false,
      make: () => ({
        name: 'top k',
        text: `${k} of ${width}, ${spec.rows} times`,
        flops: sizeOf(x.shape),
        workspaceBytes: 0,
        calls: ({ inputs: [source], outputs: [values, positions] }) =>
          listOf(topKCall(spec, source, values, positions)),
      }),
    },
    [
      { dtype: x.dtype, shape },
      { dtype: indexDtype, shape },
    ],
  );
}

/** Whether fewer than `k` classes of a row are better than its target; never where a number is not finite. */
function isAmongBest(c: LowerContext, k: Value): Value | null {
  const [predictions, targets] = c.inputs;
  if (predictions.shape.length !== 2 || targets.shape.join() !== String(predictions.shape[0])) return null;
  if (k.shape.length !== 0) return null;
  const [rows, classes] = predictions.shape;
  const [type, kType] = [targets, k].map(({ dtype }) => scalarTypeOf(dtype)!);
  const column = c.b.reshape(targets, [rows, 1]);
  const alongClasses = [false, true];
  const isTarget = apply('eq', cast(index(1), type), arg(1, type));
  const chosen = c.b.reduce(
    c.b.map(float32, predictions.shape, [predictions, column], apply('select', isTarget, arg(0, 'f32'), of(0))),
    alongClasses,
    'sum',
  );
  const isBetter = cast(apply('gt', arg(0, 'f32'), arg(1, 'f32')), 'i32');
  const better = c.b.reduce(
    c.b.map(int32, predictions.shape, [predictions, c.b.reshape(chosen, [rows, 1])], isBetter),
    alongClasses,
    'sum',
  );
  const isFinite = apply('lt', apply('abs', arg(0, 'f32')), of(Infinity));
  const finite = c.b.reduce(c.b.map(bool, predictions.shape, [predictions], isFinite), alongClasses, 'all');
  const target = arg(2, type);
  const isClass = apply('and', apply('ge', target, constant(type, 0)), apply('lt', target, constant(type, classes)));
  const isAmong = apply('lt', cast(arg(1, 'i32'), kType), arg(3, kType));
  const result = apply('and', apply('and', arg(0, 'bool'), isClass), isAmong);
  return c.b.map(bool, [rows], [finite, better, targets, k], result);
}

/** Sums of weights, or counts, by number; what is not below the size is left out. */
const bincount: Lowering = (c) => {
  const [numbers, sizeInput, weights] = c.inputs;
  const sizes = c.integers(1);
  if (sizes?.length !== 1 || sizeInput.shape.length !== 0 || sizes[0] < 0 || !canScatter('add', weights.dtype))
    return null;
  const count = sizeOf(numbers.shape);
  const isWeighted = sizeOf(weights.shape) > 0;
  if (isWeighted && sizeOf(weights.shape) !== count) return null;
  const number = arg(0, 'i32');
  c.guard(apply('lt', number, constant('i32', 0)), numbers);
  const isCounted = apply('lt', number, constant('i32', sizes[0]));
  const bins = c.b.map(int32, numbers.shape, [numbers], apply('select', isCounted, number, constant('i32', -1)));
  return scattered(c, {
    how: 'add',
    target: { start: 0 },
    shape: [sizes[0]],
    depth: 1,
    indices: bins,
    updates: isWeighted ? weights : c.b.fill(weights.dtype, [count], 1),
    skipsNegative: true,
  });
};

export const pickingLowerings: LoweringTable<typeof pickingOps> = {
  Unique: routine(
    unique,
    ' where only updates of the rows that it names depend on it; else host: its result has a size that depends on the data',
  ),
  TopK: routine((c) => largest(c, Number(c.attr('k')))),
  TopKV2: routine((c) => {
    const given = c.integers(1);
    return given?.length === 1 && c.inputs[1].shape.length === 0 ? largest(c, given[0]) : null;
  }),
  InTopK: (c) => isAmongBest(c, c.b.fill(int32, [], Number(c.attr('k')))),
  InTopKV2: (c) => isAmongBest(c, c.inputs[2]),
  Bincount: routine(bincount),
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
