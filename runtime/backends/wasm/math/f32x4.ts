/**
 * The table of functions of four float32 lanes, to be written into a kernel's loop or called as functions of a module.
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
import { defineVectorFunction, type FunctionTable, type LaneWriter, type MathTarget, makeFunctions } from './lanes';
import * as logarithm from './logarithm';
import * as power from './power';
import * as trigonometric from './trigonometric';

export type { MathTarget, VectorEmitter } from './lanes';

const writers = {
  exp: exponential.exp,
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

export type F32x4Function = keyof typeof writers;

export type F32x4Functions = FunctionTable<F32x4Function>;

/** How many operands a function takes. */
export function arityOf(name: F32x4Function): number {
  return writers[name].length - 1;
}

/** The functions for a target: fused multiply-adds are used where it has them. */
export function makeF32x4Functions(target: MathTarget): F32x4Functions {
  return makeFunctions('f32x4', writers, target);
}

/** The functions for any engine. */
export const f32x4Functions: F32x4Functions = makeF32x4Functions({ relaxed: false });

/**
 * Defines a function of a module that takes and returns vectors, for expressions in which writing it inline again would cost more
 * (code size, compile time) than calls do. Not exported.
 */
export function defineMath(module: ModuleBuilder, name: F32x4Function, target: MathTarget): FunctionRef {
  return defineVectorFunction(module, arityOf(name), makeF32x4Functions(target)[name]);
}
