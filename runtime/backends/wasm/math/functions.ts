/**
 * The table of functions of four float32 lanes or two float64 lanes, to be written into a kernel's loop or called as functions of
 * a module.
 *
 * All are within 4 units in the last place of the exact result over the whole range; spec/…/math.spec.ts has the measured
 * bounds. NaN, infinities, signed zeros and subnormals come out as from the plain kernels.
 */
import type { FunctionRef, Local } from '../assembler/functionBuilder';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import * as error from './error';
import * as exponential from './exponential';
import * as hyperbolic from './hyperbolic';
import * as inverseTrigonometric from './inverseTrigonometric';
import {
  defineVectorFunction,
  type FunctionTable,
  type LaneShape,
  type LaneWriter,
  type MathTarget,
  makeFunctions,
} from './lanes';
import * as logarithm from './logarithm';
import * as power from './power';
import * as trigonometric from './trigonometric';

export type { LaneShape, MathTarget, VectorEmitter } from './lanes';

const writers = {
  exp: exponential.exp,
  expOfNegative: exponential.expOfNegative,
  expm1: exponential.expm1,
  sigmoid: hyperbolic.sigmoid,
  softplus: hyperbolic.softplus,
  tanh: hyperbolic.tanh,
  sinh: hyperbolic.sinh,
  cosh: hyperbolic.cosh,
  log: logarithm.log,
  log1p: logarithm.log1p,
  asinh: logarithm.asinh,
  acosh: logarithm.acosh,
  atanh: logarithm.atanh,
  sin: trigonometric.sin,
  cos: trigonometric.cos,
  tan: trigonometric.tan,
  asin: inverseTrigonometric.asin,
  acos: inverseTrigonometric.acos,
  atan: inverseTrigonometric.atan,
  atan2: inverseTrigonometric.atan2,
  erf: error.erf,
  erfc: error.erfc,
  pow: power.pow,
  rsqrt: (w: LaneWriter, x: Local) => {
    w.constant(1).get(x).op('sqrt').op('div');
  },
};

export type MathFunction = keyof typeof writers;

export type MathFunctions = FunctionTable<MathFunction>;

/** Whether there is code of a function for lanes of a shape: that of `erfc` is for float32 only. */
export function hasMath(shape: LaneShape, name: string): name is MathFunction {
  return name in writers && !(name === 'erfc' && shape === 'f64x2');
}

/** How many operands a function takes. */
export function arityOf(name: MathFunction): number {
  return writers[name].length - 1;
}

/** The functions for a target: fused multiply-adds are used where it has them. */
export function makeMath(shape: LaneShape, target: MathTarget): MathFunctions {
  return makeFunctions(shape, writers, target);
}

/**
 * Defines a function of a module that takes and returns vectors, for expressions in which writing it inline again would cost more
 * (code size, compile time) than calls do. Not exported.
 */
export function defineMath(
  module: ModuleBuilder,
  shape: LaneShape,
  name: MathFunction,
  target: MathTarget,
): FunctionRef {
  return defineVectorFunction(module, arityOf(name), makeMath(shape, target)[name]);
}
