/**
 * The table of functions of two float64 lanes, as f32x4.ts has it for float32: within 4 units in the last place. The
 * complementary error function is not here: it is left to runtime/specialFunctions.ts.
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
  pow: power.pow,
  rsqrt: (w: LaneWriter, x: Local) => {
    w.constant(1).get(x).op('sqrt').op('div');
  },
};

export type F64x2Function = keyof typeof writers;

export type F64x2Functions = FunctionTable<F64x2Function>;

/** The functions for a target: fused multiply-adds are used where it has them. */
export function makeF64x2Functions(target: MathTarget): F64x2Functions {
  return makeFunctions('f64x2', writers, target);
}

/** The functions for any engine. */
export const f64x2Functions: F64x2Functions = makeF64x2Functions({ relaxed: false });

/** Defines a function of a module that takes and returns vectors. Not exported. */
export function defineMath64(module: ModuleBuilder, name: F64x2Function, target: MathTarget): FunctionRef {
  return defineVectorFunction(module, writers[name].length - 1, makeF64x2Functions(target)[name]);
}
