/**
 * Lowerings: the update steps of optimizers with dense gradients, each one pass over the variable and its slots. Formulas and
 * the order of their operations are those of the plain kernels.
 */
import type { trainingOps } from '../../graph/ops/training';
import { apply, arg, constant, type Expression, scalarTypeOf } from '../ir/expression';
import type { Value, VariableRef } from '../ir/value';
import { add, div, mul, sqrt, sub } from './arithmetic';
import type { LowerContext, Lowering, LoweringTable } from './lowering';

const GRADIENTS = ['grad', 'delta'];

/** Expressions by the names of the op's inputs, and what a formula needs beside them. */
interface Terms {
  readonly [input: string]: Expression;
}

export type Formula = (
  t: Terms,
  number: (value: number) => Expression,
  c: LowerContext,
) => Readonly<Record<string, Expression>>;

/** A lowering from what the variables, by their inputs' names, become. */
function update(formula: Formula): Lowering {
  return (c) => {
    const variables = new Map<string, VariableRef>();
    const operands: Value[] = [];
    const terms: Record<string, Expression> = {};
    const inputs = c.op.def.inputs.map((input, index) => ({ ...input, index }));
    for (const { name, dtype, index } of inputs) {
      if (dtype === null) continue;
      const variable = c.variable(index);
      if (!variable) return null;
      variables.set(name, variable);
    }
    const [{ shape, dtype }] = variables.values();
    const type = scalarTypeOf(dtype)!;
    if (type !== 'f32' && type !== 'f64') return null;
    for (const variable of variables.values())
      if (variable.dtype !== dtype || variable.shape.join() !== shape.join()) return null;
    for (const { name, dtype: fixed, index } of inputs) {
      const value = fixed === null ? c.inputs[index] : c.b.readVariable(variables.get(name)!);
      if (fixed === null && value.shape.join() !== (GRADIENTS.includes(name) ? shape.join() : '')) return null;
      terms[name] = arg(operands.push(value) - 1, type);
    }
    const results = formula(terms, (value) => constant(type, value), c);
    const targets = Object.entries(results).map(([name, expression]) => ({
      variable: variables.get(name)!,
      expression,
    }));
    c.b.update(shape, operands, targets);
    return [];
  };
}

export const momentum: Formula = ({ var: w, accum, lr, grad, momentum: decay }, _, c) => {
  const a = add(mul(accum, decay), grad);
  const step = c.attr<boolean>('use_nesterov') ? add(mul(grad, lr), mul(mul(a, decay), lr)) : mul(a, lr);
  return { accum: a, var: sub(w, step) };
};

export const kerasMomentum: Formula = ({ var: w, accum, lr, grad, momentum: decay }, _, c) => {
  const delta = mul(grad, lr);
  const a = sub(mul(accum, decay), delta);
  return { accum: a, var: add(w, c.attr<boolean>('use_nesterov') ? sub(mul(a, decay), delta) : a) };
};

export const adagrad: Formula = ({ var: w, accum, lr, grad }, number, c) => {
  const a = c.attr<boolean>('update_slots') ? add(accum, mul(grad, grad)) : accum;
  return { accum: a, var: sub(w, mul(mul(grad, lr), div(number(1), sqrt(a)))) };
};

export const adagradV2: Formula = ({ var: w, accum, lr, epsilon, grad }, _, c) => {
  const a = c.attr<boolean>('update_slots') ? add(accum, mul(grad, grad)) : accum;
  return { accum: a, var: sub(w, div(mul(grad, lr), add(sqrt(a), epsilon))) };
};

const adam: Formula = (t, number, c) => {
  const { var: w, m, v, lr, beta1, beta2, epsilon, grad } = t;
  const one = number(1);
  const alpha = div(mul(lr, sqrt(sub(one, t.beta2_power))), sub(one, t.beta1_power));
  const mean = add(m, mul(sub(grad, m), sub(one, beta1)));
  const variance = add(v, mul(sub(mul(grad, grad), v), sub(one, beta2)));
  const direction = c.attr<boolean>('use_nesterov') ? add(mul(grad, sub(one, beta1)), mul(beta1, mean)) : mean;
  return { m: mean, v: variance, var: sub(w, div(mul(direction, alpha), add(sqrt(variance), epsilon))) };
};

const rmsProp: Formula = ({ var: w, ms, mom, lr, rho, momentum: decay, epsilon, grad }, number) => {
  const square = add(ms, mul(sub(mul(grad, grad), ms), sub(number(1), rho)));
  const step = add(mul(mom, decay), div(mul(grad, lr), sqrt(add(square, epsilon))));
  return { ms: square, mom: step, var: sub(w, step) };
};

const centeredRmsProp: Formula = ({ var: w, mg, ms, mom, lr, rho, momentum: decay, epsilon, grad }, number) => {
  const rest = sub(number(1), rho);
  const square = add(ms, mul(sub(mul(grad, grad), ms), rest));
  const mean = add(mg, mul(sub(grad, mg), rest));
  const variance = add(sub(square, mul(mean, mean)), epsilon);
  const step = add(mul(mom, decay), div(mul(grad, lr), sqrt(variance)));
  return { mg: mean, ms: square, mom: step, var: sub(w, step) };
};

const adadelta: Formula = (t, number) => {
  const { var: w, accum, accum_update: accumUpdate, lr, rho, epsilon, grad } = t;
  const rest = sub(number(1), rho);
  const square = add(mul(accum, rho), mul(mul(grad, grad), rest));
  const change = mul(mul(sqrt(add(accumUpdate, epsilon)), div(number(1), sqrt(add(square, epsilon)))), grad);
  return {
    accum: square,
    var: sub(w, mul(change, lr)),
    accum_update: add(mul(accumUpdate, rho), mul(mul(change, change), rest)),
  };
};

/** The proximal step: shrinks a value towards 0 by l1, then by l2. */
function shrunk(t: Terms, value: Expression, rate: Expression, number: (value: number) => Expression): Expression {
  const zero = number(0);
  const scale = add(number(1), mul(t.l2, rate));
  const rest = apply('max', sub(apply('abs', value), mul(rate, t.l1)), zero);
  return div(apply('select', apply('gt', t.l1, zero), mul(apply('sign', value), rest), value), scale);
}

const proximalGradientDescent: Formula = (t, number) => ({
  var: shrunk(t, sub(t.var, mul(t.delta, t.alpha)), t.alpha, number),
});

const proximalAdagrad: Formula = (t, number) => {
  const accum = add(t.accum, mul(t.grad, t.grad));
  const rate = mul(t.lr, div(number(1), sqrt(accum)));
  return { accum, var: shrunk(t, sub(t.var, mul(t.grad, rate)), rate, number) };
};

const ftrl: Formula = (t, number, c) => {
  const { var: w, accum, linear, grad, lr, l1, l2 } = t;
  const byLearningRate = c.attr<boolean>('multiply_linear_by_lr');
  const power = c.constant(c.op.def.inputs.findIndex(({ name }) => name === 'lr_power'));
  const raise = (x: Expression) => (power?.data[0] === -0.5 ? sqrt(x) : apply('pow', x, apply('neg', t.lr_power)));
  const twice = mul(number(2), l2);
  const [l1Scale, l2Scale] = byLearningRate ? [mul(l1, lr), mul(twice, lr)] : [l1, twice];
  const g = t.l2_shrinkage ? add(grad, mul(mul(number(2), t.l2_shrinkage), w)) : grad;
  const sum = add(accum, mul(grad, grad));
  const root = raise(sum);
  const change = sub(root, raise(accum));
  const z = byLearningRate
    ? add(linear, sub(mul(g, lr), mul(change, w)))
    : add(linear, sub(g, mul(div(change, lr), w)));
  const scale = byLearningRate ? add(root, l2Scale) : add(div(root, lr), l2Scale);
  const stepped = div(sub(mul(l1Scale, apply('sign', z)), z), scale);
  return { accum: sum, linear: z, var: apply('select', apply('gt', apply('abs', z), l1Scale), stepped, number(0)) };
};

export const trainingLowerings: LoweringTable<typeof trainingOps> = {
  ResourceApplyGradientDescent: update(({ var: w, alpha, delta }) => ({ var: sub(w, mul(delta, alpha)) })),
  ResourceApplyMomentum: update(momentum),
  ResourceApplyKerasMomentum: update(kerasMomentum),
  ResourceApplyAdagrad: update(adagrad),
  ResourceApplyAdagradV2: update(adagradV2),
  ResourceApplyAdam: update(adam),
  ResourceApplyRMSProp: update(rmsProp),
  ResourceApplyCenteredRMSProp: update(centeredRmsProp),
  ResourceApplyAdadelta: update(adadelta),
  ResourceApplyFtrl: update(ftrl),
  ResourceApplyFtrlV2: update(ftrl),
  ResourceApplyProximalGradientDescent: update(proximalGradientDescent),
  ResourceApplyProximalAdagrad: update(proximalAdagrad),
};
