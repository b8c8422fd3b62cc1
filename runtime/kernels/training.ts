/**
 * Plain kernels: the update steps of optimizers. Formulas, their order and the rounding of each step are those of
 * TensorFlow's CPU kernels.
 *
 * Each formula is written once for float32 and float64: `f(x, s)` rounds to float32 where `s` says that precision is
 * single. Formulas apply to all elements (`dense`) or to the rows that a gradient's indices name (`sparse`).
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { type NdArray, sizeOf } from '../../graph/ndarray';
import type { trainingOps } from '../../graph/ops/training';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { asHandle, bracketed } from './state';

type Values = Float32Array | Float64Array;

/** Hyper-parameters by their names in the signature. */
type Scalars = Readonly<Record<string, number>>;

interface Range {
  /** First element of the variable and its slots. */
  readonly at: number;
  /** First element of the gradient. */
  readonly from: number;
  readonly count: number;
}

/** Changes `range` of the variable and its slots, in the order of the inputs, by a gradient. */
type Step = (
  state: readonly Values[],
  grad: Values,
  range: Range,
  scalars: Scalars,
  isSingle: boolean,
  attrs: KernelContext['attr'],
) => void;

interface Inputs {
  readonly state: readonly NdArray[];
  readonly grad: NdArray;
  readonly gradName: string;
  readonly indices: NdArray | null;
  readonly scalars: Scalars;
}

const GRADIENTS = ['grad', 'delta'];

function read(inputs: readonly NdArray[], c: KernelContext): Inputs {
  const state: NdArray[] = [];
  const scalars: Record<string, number> = {};
  let grad = inputs[0];
  let gradName = '';
  let indices: NdArray | null = null;
  const slotNames: string[] = [];
  c.op.def.inputs.forEach(({ name, dtype, isRef }, i) => {
    const value = inputs[i];
    if (dtype !== null || isRef) {
      // Like a read, so that a slot without a value is named.
      state.push(c.resources.read(asHandle(value)));
      slotNames.push(name);
    } else if (name === 'indices') indices = value;
    else if (GRADIENTS.includes(name)) [grad, gradName] = [value, name];
    else {
      if (value.size !== 1 || value.rank > 0)
        throw new InvalidArgumentError(`${name} is not a scalar: ${bracketed(value.shape)}`);
      scalars[name] = value.data[0] as number;
    }
  });
  const [variable] = state;
  const { dtype } = variable;
  if (dtype.name !== 'float32' && dtype.name !== 'float64')
    throw new UnimplementedError(`${c.op.type} is not implemented for ${dtype.name}.`);
  state.forEach((slot, i) => requireShape(variable, slot, slotNames[i]));
  return { state, grad, gradName, indices, scalars };
}

function requireShape(variable: NdArray, other: NdArray, name: string): void {
  if (variable.rank === other.rank && variable.shape.every((dim, i) => dim === other.shape[i])) return;
  throw new InvalidArgumentError(
    `var and ${name} do not have the same shape${bracketed(variable.shape)} ${bracketed(other.shape)}`,
  );
}

/** Runs `change` on copies of the variable and its slots, and stores them. */
function store(
  inputs: readonly NdArray[],
  state: readonly NdArray[],
  c: KernelContext,
  change: (values: readonly Values[]) => void,
): [] {
  const results = state.map((value) => value.copy());
  change(results.map((value) => value.data as Values));
  results.forEach((value, i) => c.resources.write(asHandle(inputs[i]), value));
  return [];
}

function dense(step: Step): Kernel {
  return (inputs, c) => {
    const { state, grad, gradName, scalars } = read(inputs, c);
    requireShape(state[0], grad, gradName);
    const isSingle = grad.dtype.name === 'float32';
    return store(inputs, state, c, (values) =>
      step(values, grad.data as Values, { at: 0, from: 0, count: grad.size }, scalars, isSingle, c.attr),
    );
  };
}

function sparse(step: Step): Kernel {
  return (inputs, c) => {
    const { state, grad, indices, scalars } = read(inputs, c);
    const [{ shape }] = state;
    checkRows(shape, grad, indices!);
    const count = sizeOf(shape.slice(1));
    const isSingle = grad.dtype.name === 'float32';
    return store(inputs, state, c, (values) => {
      for (let i = 0; i < indices!.size; i++) {
        const row = Number(indices!.data[i]);
        if (!(row >= 0 && row < shape[0]))
          throw new InvalidArgumentError(`Index ${row} at offset ${i} in indices is out of range`);
        step(values, grad.data as Values, { at: row * count, from: i * count, count }, scalars, isSingle, c.attr);
      }
    });
  };
}

function checkRows(shape: readonly number[], grad: NdArray, indices: NdArray): void {
  if (shape.length === 0) throw new InvalidArgumentError('var must be at least 1 dimensional');
  if (indices.rank !== 1) throw new InvalidArgumentError('indices must be one-dimensional');
  for (let axis = 1; axis < shape.length; axis++) {
    if (shape[axis] !== grad.shape[axis])
      throw new InvalidArgumentError(`var and grad must match in dimension ${axis}`);
  }
  if (grad.shape[0] !== indices.size)
    throw new InvalidArgumentError('grad must be the same size as indices in the first dimension.');
}

/** x, rounded to float32 if `single`. A parameter, since engines inline one function better than one of two. */
function f(x: number, single: boolean): number {
  return single ? Math.fround(x) : x;
}

const gradientDescent: Step = ([w], grad, { count }, { alpha }, s) => {
  for (let i = 0; i < count; i++) w[i] -= f(grad[i] * alpha, s);
};

const momentum: Step = ([w, accum], grad, { at, from, count }, { lr, momentum: decay }, s, attr) => {
  const nesterov = attr<boolean>('use_nesterov');
  for (let i = 0; i < count; i++) {
    const g = grad[from + i];
    const a = f(f(accum[at + i] * decay, s) + g, s);
    accum[at + i] = a;
    w[at + i] -= nesterov ? f(f(g * lr, s) + f(f(a * decay, s) * lr, s), s) : f(a * lr, s);
  }
};

const kerasMomentum: Step = ([w, accum], grad, { at, from, count }, { lr, momentum: decay }, s, attr) => {
  const nesterov = attr<boolean>('use_nesterov');
  for (let i = 0; i < count; i++) {
    const delta = f(grad[from + i] * lr, s);
    const a = f(f(accum[at + i] * decay, s) - delta, s);
    accum[at + i] = a;
    w[at + i] += nesterov ? f(f(a * decay, s) - delta, s) : a;
  }
};

const adagrad: Step = ([w, accum], grad, { at, from, count }, { lr }, s, attr) => {
  const updateSlots = attr<boolean>('update_slots');
  for (let i = 0; i < count; i++) {
    const g = grad[from + i];
    if (updateSlots) accum[at + i] += f(g * g, s);
    w[at + i] -= f(f(g * lr, s) * f(1 / f(Math.sqrt(accum[at + i]), s), s), s);
  }
};

const adagradV2: Step = ([w, accum], grad, { at, from, count }, { lr, epsilon }, s, attr) => {
  const updateSlots = attr<boolean>('update_slots');
  for (let i = 0; i < count; i++) {
    const g = grad[from + i];
    if (updateSlots) accum[at + i] += f(g * g, s);
    w[at + i] -= f(f(g * lr, s) / f(f(Math.sqrt(accum[at + i]), s) + epsilon, s), s);
  }
};

const adam: Step = ([w, m, v], grad, { count }, scalars, s, attr) => {
  const { lr, beta1, beta2, epsilon } = scalars;
  const alpha = f(f(lr * f(Math.sqrt(f(1 - scalars.beta2_power, s)), s), s) / f(1 - scalars.beta1_power, s), s);
  const [rest1, rest2] = [f(1 - beta1, s), f(1 - beta2, s)];
  const nesterov = attr<boolean>('use_nesterov');
  for (let i = 0; i < count; i++) {
    const g = grad[i];
    const mean = f(m[i] + f(f(g - m[i], s) * rest1, s), s);
    const variance = f(v[i] + f(f(f(g * g, s) - v[i], s) * rest2, s), s);
    m[i] = mean;
    v[i] = variance;
    const direction = nesterov ? f(f(g * rest1, s) + f(beta1 * mean, s), s) : mean;
    w[i] -= f(f(direction * alpha, s) / f(f(Math.sqrt(variance), s) + epsilon, s), s);
  }
};

const rmsProp: Step = ([w, ms, mom], grad, { count }, { lr, rho, momentum: decay, epsilon }, s) => {
  const rest = f(1 - rho, s);
  for (let i = 0; i < count; i++) {
    const g = grad[i];
    const square = f(ms[i] + f(f(f(g * g, s) - ms[i], s) * rest, s), s);
    ms[i] = square;
    const step = f(f(mom[i] * decay, s) + f(f(g * lr, s) / f(Math.sqrt(f(square + epsilon, s)), s), s), s);
    mom[i] = step;
    w[i] -= step;
  }
};

const centeredRmsProp: Step = ([w, mg, ms, mom], grad, { count }, { lr, rho, momentum: decay, epsilon }, s) => {
  const rest = f(1 - rho, s);
  for (let i = 0; i < count; i++) {
    const g = grad[i];
    const square = f(ms[i] + f(f(f(g * g, s) - ms[i], s) * rest, s), s);
    const mean = f(mg[i] + f(f(g - mg[i], s) * rest, s), s);
    ms[i] = square;
    mg[i] = mean;
    const variance = f(f(square - f(mean * mean, s), s) + epsilon, s);
    const step = f(f(mom[i] * decay, s) + f(f(g * lr, s) / f(Math.sqrt(variance), s), s), s);
    mom[i] = step;
    w[i] -= step;
  }
};

/** The sparse kernels of RMSProp weigh old and new where the dense ones add a difference. */
const rmsPropRows: Step = ([w, ms, mom], grad, { at, from, count }, { lr, rho, momentum: decay, epsilon }, s) => {
  const rest = f(1 - rho, s);
  for (let i = 0; i < count; i++) {
    const g = grad[from + i];
    const square = f(f(ms[at + i] * rho, s) + f(f(g * g, s) * rest, s), s);
    ms[at + i] = square;
    const scale = f(1 / f(Math.sqrt(f(square + epsilon, s)), s), s);
    const step = f(f(mom[at + i] * decay, s) + f(f(scale * lr, s) * g, s), s);
    mom[at + i] = step;
    w[at + i] -= step;
  }
};

const centeredRmsPropRows: Step = (
  [w, mg, ms, mom],
  grad,
  { at, from, count },
  { lr, rho, momentum: decay, epsilon },
  s,
) => {
  const rest = f(1 - rho, s);
  for (let i = 0; i < count; i++) {
    const g = grad[from + i];
    const square = f(f(ms[at + i] * rho, s) + f(f(g * g, s) * rest, s), s);
    const mean = f(f(mg[at + i] * rho, s) + f(g * rest, s), s);
    ms[at + i] = square;
    mg[at + i] = mean;
    const scale = f(1 / f(Math.sqrt(f(f(square + epsilon, s) - f(mean * mean, s), s)), s), s);
    const step = f(f(mom[at + i] * decay, s) + f(f(scale * lr, s) * g, s), s);
    mom[at + i] = step;
    w[at + i] -= step;
  }
};

const adadelta: Step = ([w, accum, accumUpdate], grad, { count }, { lr, rho, epsilon }, s) => {
  const rest = f(1 - rho, s);
  for (let i = 0; i < count; i++) {
    const g = grad[i];
    const square = f(f(accum[i] * rho, s) + f(f(g * g, s) * rest, s), s);
    accum[i] = square;
    const update = f(
      f(f(Math.sqrt(f(accumUpdate[i] + epsilon, s)), s) * f(1 / f(Math.sqrt(f(square + epsilon, s)), s), s), s) * g,
      s,
    );
    w[i] -= f(update * lr, s);
    accumUpdate[i] = f(f(accumUpdate[i] * rho, s) + f(f(update * update, s) * rest, s), s);
  }
};

const ftrl: Step = ([w, accum, linear], grad, { count }, scalars, s, attr) => {
  const { lr, l1, l2 } = scalars;
  const power = -scalars.lr_power;
  const shrinkage = f(2 * (scalars.l2_shrinkage ?? 0), s);
  const byLearningRate = attr<boolean>('multiply_linear_by_lr');
  const [l1Scale, l2Scale] = byLearningRate ? [f(l1 * lr, s), f(f(2 * l2, s) * lr, s)] : [l1, f(2 * l2, s)];
  const raise = power === 0.5 ? Math.sqrt : (x: number) => x ** power;
  for (let i = 0; i < count; i++) {
    const g = shrinkage === 0 ? grad[i] : f(grad[i] + f(shrinkage * w[i], s), s);
    const sum = f(accum[i] + f(grad[i] * grad[i], s), s);
    const root = f(raise(sum), s);
    const change = f(root - f(raise(accum[i]), s), s);
    const z = byLearningRate
      ? f(linear[i] + f(f(g * lr, s) - f(change * w[i], s), s), s)
      : f(linear[i] + f(g - f(f(change / lr, s) * w[i], s), s), s);
    linear[i] = z;
    const scale = byLearningRate ? f(root + l2Scale, s) : f(f(root / lr, s) + l2Scale, s);
    w[i] = Math.abs(z) > l1Scale ? f(f(f(l1Scale * Math.sign(z), s) - z, s) / scale, s) : 0;
    accum[i] = sum;
  }
};

/** The proximal step: shrinks `value` towards 0 by l1, then by l2. */
function shrink(s: boolean, value: number, rate: number, l1: number, l2: number): number {
  const scale = f(1 + f(l2 * rate, s), s);
  if (l1 <= 0) return f(value / scale, s);
  return f(f(Math.sign(value) * Math.max(f(Math.abs(value) - f(rate * l1, s), s), 0), s) / scale, s);
}

const proximalGradientDescent: Step = ([w], grad, { count }, { alpha, l1, l2 }, s) => {
  for (let i = 0; i < count; i++) w[i] = shrink(s, f(w[i] - f(grad[i] * alpha, s), s), alpha, l1, l2);
};

const proximalAdagrad: Step = ([w, accum], grad, { count }, { lr, l1, l2 }, s) => {
  for (let i = 0; i < count; i++) {
    accum[i] += f(grad[i] * grad[i], s);
    const rate = f(lr * f(1 / f(Math.sqrt(accum[i]), s), s), s);
    w[i] = shrink(s, f(w[i] - f(grad[i] * rate, s), s), rate, l1, l2);
  }
};

export const trainingKernels: KernelTable<typeof trainingOps> = {
  ResourceApplyGradientDescent: dense(gradientDescent),
  ResourceApplyMomentum: dense(momentum),
  ResourceApplyKerasMomentum: dense(kerasMomentum),
  ResourceApplyAdagrad: dense(adagrad),
  ResourceApplyAdagradV2: dense(adagradV2),
  ResourceApplyAdam: dense(adam),
  ResourceApplyRMSProp: dense(rmsProp),
  ResourceApplyCenteredRMSProp: dense(centeredRmsProp),
  ResourceApplyAdadelta: dense(adadelta),
  ResourceApplyFtrl: dense(ftrl),
  ResourceApplyFtrlV2: dense(ftrl),
  ResourceApplyProximalGradientDescent: dense(proximalGradientDescent),
  ResourceApplyProximalAdagrad: dense(proximalAdagrad),
  ResourceSparseApplyMomentum: sparse(momentum),
  ResourceSparseApplyKerasMomentum: sparse(kerasMomentum),
  ResourceSparseApplyAdagrad: sparse(adagrad),
  ResourceSparseApplyAdagradV2: sparse(adagradV2),
  ResourceSparseApplyRMSProp: sparse(rmsPropRows),
  ResourceSparseApplyCenteredRMSProp: sparse(centeredRmsPropRows),
};
