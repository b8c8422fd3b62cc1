/**
 * Lowerings: activation functions and their gradients, with the cases of NaN that TensorFlow has.
 */
import type { activationsOps } from '../../graph/ops/activations';
import { apply, type Expression } from '../ir/expression';
import { mul } from './arithmetic';
import { broadcasting, hasCode, isFloat, number, sameShapes } from './elementwise';
import type { LowerContext, Lowering, LoweringTable } from './lowering';

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

type Write = (args: readonly Expression[], of: (value: number) => Expression, c: LowerContext) => Expression;

const floats = (write: Write): Lowering =>
  broadcasting((args, type, c) => (isFloat(type) ? write(args, (value) => number(type, value), c) : null));

const gradient = (write: Write): Lowering =>
  sameShapes((args, type, c) => (isFloat(type) ? write(args, (value) => number(type, value), c) : null));

const withExpm1 = (write: Write): Lowering =>
  broadcasting((args, type, c) =>
    isFloat(type) && hasCode('expm1', type) ? write(args, (value) => number(type, value), c) : null,
  );

const select = (test: Expression, yes: Expression, no: Expression) => apply('select', test, yes, no);
const alphaOf = (c: LowerContext) => Math.fround(c.attr<number>('alpha'));

export const activationsLowerings: LoweringTable<typeof activationsOps> = {
  // Not max(x, 0): NaN stays NaN, and -0 becomes 0.
  Relu: floats(([x], of) => select(apply('le', x, of(0)), of(0), x)),
  ReluGrad: gradient(([g, x], of) => select(apply('gt', x, of(0)), g, mul(g, of(0)))),
  Relu6: floats(([x], of) => select(apply('le', x, of(0)), of(0), select(apply('gt', x, of(6)), of(6), x))),
  Relu6Grad: gradient(([g, x], of) =>
    select(apply('and', apply('gt', x, of(0)), apply('lt', x, of(6))), g, mul(g, of(0))),
  ),
  Elu: withExpm1(([x], of) => select(apply('lt', x, of(0)), apply('expm1', x), x)),
  EluGrad: gradient(([g, y], of) => select(apply('lt', y, of(0)), mul(g, apply('add', y, of(1))), g)),
  Selu: withExpm1(([x], of) =>
    select(apply('lt', x, of(0)), mul(of(SELU_SCALE_ALPHA), apply('expm1', x)), mul(of(SELU_SCALE), x)),
  ),
  SeluGrad: gradient(([g, y], of) =>
    select(apply('lt', y, of(0)), mul(g, apply('add', y, of(SELU_SCALE_ALPHA))), mul(g, of(SELU_SCALE))),
  ),
  LeakyRelu: floats(([x], of, c) => select(apply('gt', x, of(0)), x, mul(of(alphaOf(c)), x))),
  LeakyReluGrad: gradient(([g, x], of, c) => select(apply('gt', x, of(0)), g, mul(of(alphaOf(c)), g))),
  Softplus: broadcasting(([x], type) => (isFloat(type) && hasCode('softplus', type) ? apply('softplus', x) : null)),
  SoftplusGrad: sameShapes(([g, x], type) =>
    isFloat(type) && hasCode('exp', type)
      ? apply('div', g, apply('add', apply('exp', apply('neg', x)), number(type, 1)))
      : null,
  ),
  Softsign: floats(([x], of) => apply('div', x, apply('add', apply('abs', x), of(1)))),
  SoftsignGrad: gradient(([g, x], of) => {
    const root = apply('add', of(1), apply('abs', x));
    return apply('div', g, mul(root, root));
  }),
};
