/**
 * Lowerings: sums of many tensors of one shape, and clipping to bounds.
 */
import type { combineOps } from '../../graph/ops/combine';
import { apply, arg, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { isComputed, isFloat, sameShapes } from './elementwise';
import type { Lowering, LoweringTable } from './lowering';
import { withSummedProducts } from './products';

/** How many tensors one expression sums: a kernel has a parameter for each, of which engines allow 1,000. */
const MOST_SUMMED = 64;

const sumFew: Lowering = sameShapes((args, type) =>
  type === 'bool' ? null : args.slice(1).reduce((sum, part) => apply('add', sum, part), args[0]),
);

/** Many tensors are added some at a time, from left to right all the same. */
const sumAll: Lowering = (c) => {
  const areAlike = c.inputs.every(({ shape }) => shape.join() === c.inputs[0].shape.join());
  if (!areAlike) return sumFew(c);
  const inputs = withSummedProducts(c);
  if (inputs.length <= MOST_SUMMED) return sumFew({ ...c, inputs });
  let sum: Value | null = null;
  for (let at = 0; at < inputs.length; at += MOST_SUMMED) {
    const part: readonly Value[] = inputs.slice(at, at + MOST_SUMMED);
    const result: ReturnType<Lowering> = sumFew({ ...c, inputs: sum ? [sum, ...part] : part });
    if (result === null) return null;
    sum = result as Value;
  }
  return sum;
};

export const combineLowerings: LoweringTable<typeof combineOps> = {
  AddN: sumAll,
  AccumulateNV2: sumAll,
  ClipByValue: (c) => {
    const [t, low, high] = c.inputs;
    const fits = [low, high].every(({ shape }) => shape.length === 0 || shape.join() === t.shape.join());
    const type = scalarTypeOf(t.dtype)!;
    if (!fits || !isComputed(t.dtype) || !(isFloat(type) || type === 'i32')) return null;
    const [x, a, b] = [arg(0, type), arg(1, type), arg(2, type)];
    const below = apply('select', apply('gt', x, b), b, x);
    return c.b.map(t.dtype, t.shape, c.inputs, apply('select', apply('lt', below, a), a, below));
  },
};
