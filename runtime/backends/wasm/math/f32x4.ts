/**
 * The table of functions of four float32 lanes, to be written into a kernel's loop or called as functions of a module.
 *
 * All are within 4 units in the last place of the correctly rounded result over the whole range; spec/…/math.spec.ts has the
 * measured bounds. NaN, infinities, signed zeros and subnormals come out as from the plain kernels.
 */
import type { FunctionRef, Local, ValueType } from '../assembler/functionBuilder';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import * as error from './error32';
import * as exponential from './exponential32';
import * as inverseTrigonometric from './inverseTrigonometric32';
import { LaneWriter, type MathTarget, type VectorEmitter } from './lanes';
import * as logarithm from './logarithm32';
import * as power from './power32';
import * as trigonometric from './trigonometric32';

export type { MathTarget, VectorEmitter } from './lanes';

/** Functions written in terms of a writer of float32 lanes. */
const writers = {
  exp: exponential.exp,
  expm1: exponential.expm1,
  sigmoid: exponential.sigmoid,
  softplus: exponential.softplus,
  tanh: exponential.tanh,
  sinh: exponential.sinh,
  cosh: exponential.cosh,
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
} satisfies Record<string, (w: LaneWriter, ...operands: Local[]) => void>;

export type F32x4Function = keyof typeof writers;

/** How many operands a function takes. */
export function arityOf(name: F32x4Function): number {
  return writers[name].length - 1;
}

export type F32x4Functions = Readonly<Record<F32x4Function, VectorEmitter>>;

/** The functions for a target: fused multiply-adds are used where it has them. */
export function makeF32x4Functions(target: MathTarget): F32x4Functions {
  const entries = Object.entries(writers).map(([name, write]): [string, VectorEmitter] => [
    name,
    (f, ...operands) =>
      (write as (w: LaneWriter, ...operands: Local[]) => void)(new LaneWriter(f, 'f32x4', target), ...operands),
  ]);
  return Object.fromEntries(entries) as F32x4Functions;
}

/**
 * Defines a function of a module that takes and returns vectors, for expressions in which writing it inline again would cost more
 * (code size, compile time) than calls do. Not exported.
 */
export function defineMath(module: ModuleBuilder, name: F32x4Function, target: MathTarget): FunctionRef {
  const operands = Array.from({ length: arityOf(name) }, (): ValueType => 'v128');
  return module.define(null, operands, ['v128'], makeF32x4Functions(target)[name]);
}

/** The functions for any engine. */
export const f32x4Functions: F32x4Functions = makeF32x4Functions({ relaxed: false });
