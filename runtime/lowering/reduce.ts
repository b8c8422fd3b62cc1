/**
 * Lowerings: reductions over axes.
 */
import { type DType, int32 } from '../../graph/dtypes';
import type { reduceOps } from '../../graph/ops/reduce';
import { initialOf } from '../backends/wasm/loops/reducers';
import { apply, arg, constant, index, scalarTypeOf } from '../ir/expression';
import type { Combiner, Value } from '../ir/value';
import { isComputed, isFloat } from './elementwise';
import type { LowerContext, Lowering, LoweringTable } from './lowering';

/** Which axes of the first input are reduced; null where the axes are not known or not legal. */
function reducedAxes(c: LowerContext): boolean[] | null {
  const axes = c.integers(1);
  const rank = c.inputs[0].shape.length;
  if (!axes) return null;
  const reduced = new Array<boolean>(rank).fill(false);
  for (const axis of axes) {
    const at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank || reduced[at]) return null;
    reduced[at] = true;
  }
  return reduced;
}

/** The result under the shape that `keep_dims` asks for. */
function shaped(c: LowerContext, value: Value, reduced: readonly boolean[]): Value {
  if (!c.attr<boolean>('keep_dims')) return value;
  return c.b.reshape(
    value,
    c.inputs[0].shape.map((dim, axis) => (reduced[axis] ? 1 : dim)),
  );
}

function reduction(combiner: Combiner, allow: (dtype: DType) => boolean): Lowering {
  return (c) => {
    const [x] = c.inputs;
    const reduced = reducedAxes(c);
    if (!reduced || !allow(x.dtype)) return null;
    if (!reduced.includes(true)) return x;
    return shaped(c, c.b.reduce(x, reduced, combiner), reduced);
  };
}

const isNumeric = (dtype: DType) => isComputed(dtype) && !dtype.isBool;

const mean: Lowering = (c) => {
  const [x] = c.inputs;
  const reduced = reducedAxes(c);
  const type = scalarTypeOf(x.dtype)!;
  if (!reduced || !isComputed(x.dtype) || !isFloat(type)) return null;
  if (!reduced.includes(true)) return x;
  const count = x.shape.reduce((n, dim, axis) => (reduced[axis] ? n * dim : n), 1);
  const sum = c.b.reduce(x, reduced, 'sum');
  return shaped(c, c.b.map(x.dtype, sum.shape, [sum], apply('div', arg(0, type), constant(type, count))), reduced);
};

const euclideanNorm: Lowering = (c) => {
  const [x] = c.inputs;
  const reduced = reducedAxes(c);
  const type = scalarTypeOf(x.dtype)!;
  if (!reduced?.includes(true) || !isComputed(x.dtype) || !isFloat(type)) return null;
  const squares = c.b.map(x.dtype, x.shape, [x], apply('mul', arg(0, type), arg(0, type)));
  const sum = c.b.reduce(squares, reduced, 'sum');
  return shaped(c, c.b.map(x.dtype, sum.shape, [sum], apply('sqrt', arg(0, type))), reduced);
};

/**
 * The position of the first extreme along an axis: the smallest position of what equals the extreme. NaN is passed over, and
 * where nothing beats the worst value the position is 0.
 */
const argExtreme =
  (combiner: 'max' | 'min'): Lowering =>
  (c) => {
    const [x] = c.inputs;
    const axes = c.integers(1);
    const rank = x.shape.length;
    const type = scalarTypeOf(x.dtype)!;
    if (!isComputed(x.dtype) || !(isFloat(type) || type === 'i32') || !isComputed(c.outputTypes[0])) return null;
    if (axes?.length !== 1 || axes[0] < -rank || axes[0] >= rank || c.inputs[1].shape.length !== 0) return null;
    const axis = axes[0] < 0 ? axes[0] + rank : axes[0];
    const length = x.shape[axis];
    if (length === 0) return null;
    const worst = constant(type, initialOf(combiner, type));
    const element = arg(0, type);
    const counted = isFloat(type) ? apply('select', apply('eq', element, element), element, worst) : element;
    const reduced = x.shape.map((_, i) => i === axis);
    const kept = x.shape.with(axis, 1);
    const extreme = c.b.reshape(c.b.reduce(c.b.map(x.dtype, x.shape, [x], counted), reduced, combiner), kept);
    const isExtreme = apply('eq', arg(0, type), arg(1, type));
    const beats = apply('ne', arg(1, type), worst);
    const none = constant('i32', length);
    const position = apply('select', isExtreme, apply('select', beats, index(axis), constant('i32', 0)), none);
    const positions = c.b.map(int32, x.shape, [x, extreme], position);
    const first = c.b.reduce(positions, reduced, 'min');
    // Where nothing beats the worst value, not even an equal one may have been there.
    const inside = apply('select', apply('eq', arg(0, 'i32'), none), constant('i32', 0), arg(0, 'i32'));
    return c.b.cast(c.b.map(int32, first.shape, [first], inside), c.outputTypes[0]);
  };

export const reduceLowerings: LoweringTable<typeof reduceOps> = {
  Sum: reduction('sum', isNumeric),
  Prod: reduction('prod', isNumeric),
  Max: reduction('max', isNumeric),
  Min: reduction('min', isNumeric),
  All: reduction('all', (dtype) => dtype.isBool),
  Any: reduction('any', (dtype) => dtype.isBool),
  Mean: mean,
  EuclideanNorm: euclideanNorm,
  ArgMax: argExtreme('max'),
  ArgMin: argExtreme('min'),
};
