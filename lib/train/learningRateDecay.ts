/**
 * Learning rates that depend on the global step. Each returns a scalar tensor of the learning rate's dtype.
 */

import { caseOf } from '../../graph/controlFlow/case';
import { cond } from '../../graph/controlFlow/cond';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { type DType, int32 } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import { add, divide, minimum, multiply, pow } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { equal, greater, lessEqual, whereV2 } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { constant } from '../../graph/ops/source';
import { cos } from '../../graph/ops/trigonometric';
import { ceil, exp, floor, log, negative } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

export interface DecayOptions {
  readonly name?: string | null;
}

export interface StaircaseOptions extends DecayOptions {
  /** Decay in whole intervals of `decaySteps`. Default false. */
  readonly staircase?: boolean;
}

function checkStep(globalStep: TensorLike | null | undefined, decay: string): TensorLike {
  if (globalStep === null || globalStep === undefined) throw new ValueError(`global_step is required for ${decay}.`);
  return globalStep;
}

/** Whole numbers of steps are integers, as in TensorFlow. */
function asSteps(steps: TensorLike, dtype: DType): Tensor {
  return cast(typeof steps === 'number' && Number.isInteger(steps) ? NdArray.from(steps, int32) : steps, dtype);
}

function emit(
  name: string | null | undefined,
  fallback: string,
  learningRate: TensorLike,
  values: readonly TensorLike[],
  body: (rate: Tensor, scope: string) => Tensor,
): Tensor {
  return composite(name, fallback, [learningRate, ...values], (scope) =>
    body(convertToTensor(learningRate, { name: 'initial_learning_rate' }), scope),
  );
}

/** lr · rate^(step / decaySteps). Mirrors tf.compat.v1.train.exponential_decay. */
export function exponentialDecay(
  learningRate: TensorLike,
  globalStep: TensorLike,
  decaySteps: TensorLike,
  decayRate: TensorLike,
  { staircase = false, name }: StaircaseOptions = {},
): Tensor {
  const step = checkStep(globalStep, 'exponential_decay');
  return emit(name, 'ExponentialDecay', learningRate, [step, decaySteps, decayRate], (rate, scope) => {
    const interval = asSteps(decaySteps, rate.dtype);
    const factor = cast(decayRate, rate.dtype);
    const passed = cast(step, rate.dtype).div(interval);
    return multiply(rate, pow(factor, staircase ? floor(passed) : passed), { name: scope });
  });
}

/** lr · exp(−rate · step / decaySteps). Mirrors tf.compat.v1.train.natural_exp_decay. */
export function naturalExpDecay(
  learningRate: TensorLike,
  globalStep: TensorLike,
  decaySteps: TensorLike,
  decayRate: TensorLike,
  options: StaircaseOptions = {},
): Tensor {
  checkStep(globalStep, 'natural_exp_decay');
  return exponentialDecay(learningRate, globalStep, decaySteps, exp(negative(decayRate)), options);
}

/** lr / (1 + rate · step / decaySteps). Mirrors tf.compat.v1.train.inverse_time_decay. */
export function inverseTimeDecay(
  learningRate: TensorLike,
  globalStep: TensorLike,
  decaySteps: TensorLike,
  decayRate: TensorLike,
  { staircase = false, name }: StaircaseOptions = {},
): Tensor {
  const step = checkStep(globalStep, 'inverse_time_decay');
  return emit(name, 'InverseTimeDecay', learningRate, [step, decaySteps, decayRate], (rate, scope) => {
    const interval = asSteps(decaySteps, rate.dtype);
    const factor = cast(decayRate, rate.dtype);
    const passed = cast(step, rate.dtype).div(interval);
    const whole = staircase ? floor(passed) : passed;
    const one = cast(constant(1, { dtype: int32 }), rate.dtype);
    return divide(rate, add(one, multiply(factor, whole)), { name: scope });
  });
}

/**
 * (lr − end) · (1 − step / decaySteps)^power + end, the step limited to decaySteps; with `cycle`, decaySteps is
 * multiplied instead so that it is not exceeded. Mirrors tf.compat.v1.train.polynomial_decay.
 */
export function polynomialDecay(
  learningRate: TensorLike,
  globalStep: TensorLike,
  decaySteps: TensorLike,
  {
    endLearningRate = 0.0001,
    power = 1,
    cycle = false,
    name,
  }: DecayOptions & {
    readonly endLearningRate?: TensorLike;
    readonly power?: TensorLike;
    readonly cycle?: boolean;
  } = {},
): Tensor {
  const given = checkStep(globalStep, 'polynomial_decay');
  return emit(name, 'PolynomialDecay', learningRate, [given, decaySteps], (rate, scope) => {
    const end = cast(endLearningRate, rate.dtype);
    const exponent = cast(power, rate.dtype);
    const step = cast(given, rate.dtype);
    const interval = asSteps(decaySteps, rate.dtype);
    let passed: Tensor;
    if (cycle) {
      const isStart = equal(step, 0);
      const cycles = whereV2(isStart, 1, ceil(step.div(decaySteps)));
      passed = divide(step, multiply(interval, cycles));
    } else passed = divide(minimum(step, interval), interval);
    return add(multiply(rate.sub(end), pow(passed.rsub(1), exponent)), end, { name: scope });
  });
}

/**
 * values[0] up to boundaries[0], values[i] up to boundaries[i], the last value beyond. ValueError unless there is one
 * value more than boundaries. Mirrors tf.compat.v1.train.piecewise_constant.
 */
export function piecewiseConstant(
  x: TensorLike,
  boundaries: readonly TensorLike[],
  values: readonly TensorLike[],
  { name }: DecayOptions = {},
): Tensor {
  if (boundaries.length !== values.length - 1)
    throw new ValueError('The length of boundaries should be 1 less than the length of values');
  const limits = boundaries.map((limit) =>
    convertToTensor(typeof limit === 'number' && Number.isInteger(limit) ? NdArray.from(limit, int32) : limit),
  );
  const levels = values.map((value) => convertToTensor(value));
  const probe = convertToTensor(x);
  const bounds = limits.map((limit) => (limit.dtype === probe.dtype ? limit : cast(limit, probe.dtype)));
  return composite(name, 'PiecewiseConstant', [x, ...bounds, ...levels], () => {
    const step = convertToTensor(x);
    const pairs: [Tensor, () => Tensor][] = [
      [lessEqual(step, bounds[0]), () => levels[0]],
      [greater(step, bounds.at(-1)!), () => levels.at(-1)!],
    ];
    for (let i = 1; i < bounds.length; i++)
      pairs.push([greater(step, bounds[i - 1]).and(lessEqual(step, bounds[i])), () => levels[i]]);
    return caseOf(pairs, { default: () => levels[0], exclusive: true }) as Tensor;
  });
}

/** lr · ((1 − α) · ½(1 + cos(π · step / decaySteps)) + α). Mirrors tf.compat.v1.train.cosine_decay. */
export function cosineDecay(
  learningRate: TensorLike,
  globalStep: TensorLike,
  decaySteps: TensorLike,
  { alpha = 0, name }: DecayOptions & { readonly alpha?: number } = {},
): Tensor {
  const given = checkStep(globalStep, 'cosine decay');
  return emit(name, 'CosineDecay', learningRate, [given, decaySteps], (rate) => {
    const interval = asSteps(decaySteps, rate.dtype);
    const step = minimum(cast(given, rate.dtype), interval);
    const wave = cosineWave(step.div(interval), rate.dtype);
    return multiply(rate, wave.rmul(1 - alpha).add(alpha));
  });
}

function cosineWave(fraction: Tensor, dtype: DType): Tensor {
  return cos(constant(Math.PI, { dtype }).mul(fraction)).radd(1).rmul(0.5);
}

/**
 * Cosine decay that starts again after decaySteps, then after tMul times as many, with a peak mMul times as high.
 * Mirrors tf.compat.v1.train.cosine_decay_restarts.
 */
export function cosineDecayRestarts(
  learningRate: TensorLike,
  globalStep: TensorLike,
  firstDecaySteps: TensorLike,
  {
    tMul = 2,
    mMul = 1,
    alpha = 0,
    name,
  }: DecayOptions & { readonly tMul?: TensorLike; readonly mMul?: TensorLike; readonly alpha?: TensorLike } = {},
): Tensor {
  const given = checkStep(globalStep, 'cosine decay restarts');
  return emit(name, 'SGDRDecay', learningRate, [given, firstDecaySteps], (rate, scope) => {
    const { dtype } = rate;
    const first = asSteps(firstDecaySteps, dtype);
    const floorRate = cast(alpha, dtype);
    const [stretch, peak] = [cast(tMul, dtype), cast(mMul, dtype)];
    const passed = cast(given, dtype).div(first);
    const [restarts, fraction] = cond(
      equal(stretch, 1),
      () => evenRestarts(passed),
      () => growingRestarts(passed, stretch),
    ) as unknown as [Tensor, Tensor];
    const height = peak.pow(restarts).rmul(0.5);
    const cosine = height.mul(cos(constant(Math.PI, { dtype }).mul(fraction)).radd(1));
    return multiply(rate, floorRate.rsub(1).mul(cosine).add(floorRate), { name: scope });
  });
}

function evenRestarts(passed: Tensor): [Tensor, Tensor] {
  const restarts = floor(passed);
  return [restarts, passed.sub(restarts)];
}

/** How many intervals, each `stretch` times as long as the one before, have passed, and which part of the current one. */
function growingRestarts(passed: Tensor, stretch: Tensor): [Tensor, Tensor] {
  const restarts = floor(log(passed.mul(stretch.rsub(1)).rsub(1)).div(log(stretch)));
  const before = stretch.pow(restarts).rsub(1).div(stretch.rsub(1));
  return [restarts, passed.sub(before).div(stretch.pow(restarts))];
}

/**
 * lr · ((α + (k − s)/k) · ½(1 + cos(2π · numPeriods · s/k)) + β), s the step limited to k = decaySteps.
 * Mirrors tf.compat.v1.train.linear_cosine_decay.
 */
export function linearCosineDecay(
  learningRate: TensorLike,
  globalStep: TensorLike,
  decaySteps: TensorLike,
  {
    numPeriods = 0.5,
    alpha = 0,
    beta = 0.001,
    name,
  }: DecayOptions & { readonly numPeriods?: TensorLike; readonly alpha?: TensorLike; readonly beta?: TensorLike } = {},
): Tensor {
  const given = checkStep(globalStep, 'linear cosine decay');
  return emit(name, 'LinearCosineDecay', learningRate, [given, decaySteps], (rate, scope) => {
    const { dtype } = rate;
    const interval = asSteps(decaySteps, dtype);
    const [periods, offset, floorRate] = [cast(numPeriods, dtype), cast(alpha, dtype), cast(beta, dtype)];
    const step = minimum(cast(given, dtype), interval);
    const linear = interval.sub(step).div(interval);
    const share = step.div(interval);
    const fraction = periods.rmul(2).mul(share);
    const wave = cosineWave(fraction, dtype);
    return multiply(rate, offset.add(linear).mul(wave).add(floorRate), { name: scope });
  });
}
