/**
 * What lowerings of elementwise families share: from a scalar function to a lowering, with broadcasting and the choice of dtypes.
 */
import type { DType } from '../../graph/dtypes';
import { hasMath } from '../backends/wasm/math/functions';
import {
  apply,
  arg,
  constant,
  type Expression,
  type FunctionName,
  type ScalarType,
  scalarTypeOf,
} from '../ir/expression';
import type { LowerContext, Lowering } from './lowering';

/** Whether kernels compute with a dtype: arithmetic on smaller integers wraps, which the plain kernels know how to do. */
export function isComputed(dtype: DType): boolean {
  return ['float32', 'float64', 'int32', 'int64', 'bool'].includes(dtype.name);
}

/** Functions that are instructions. */
const instructions = new Set<FunctionName>(['floor', 'ceil', 'round', 'trunc', 'sqrt']);

/** Whether a function of floats has code; the others stay with the plain kernels. */
export function hasCode(fn: FunctionName, type: ScalarType): boolean {
  return instructions.has(fn) || hasMath(type === 'f32' ? 'f32x4' : 'f64x2', fn);
}

/** The shape of two shapes broadcast together, or null where they do not fit. */
export function broadcastDims(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    dims.push(x === 1 ? y : x);
  }
  return dims;
}

/** All inputs broadcast together; `write` gives the expression of the output. */
export function broadcasting(
  write: (args: readonly Expression[], type: ScalarType, c: LowerContext) => Expression | null,
): Lowering {
  return (c) => {
    if (!c.inputs.every(({ dtype }) => isComputed(dtype))) return null;
    let shape: readonly number[] | null = c.inputs[0].shape;
    for (const { shape: other } of c.inputs.slice(1)) shape = shape && broadcastDims(shape, other);
    if (!shape) return null;
    const args = c.inputs.map(({ dtype }, i) => arg(i, scalarTypeOf(dtype)!));
    const expression = write(args, args[0].type, c);
    return expression && c.b.map(c.outputTypes[0], shape, c.inputs, expression);
  };
}

/** All inputs of one shape, as ops that do not broadcast want them. */
export function sameShapes(
  write: (args: readonly Expression[], type: ScalarType, c: LowerContext) => Expression | null,
): Lowering {
  const lowering = broadcasting(write);
  return (c) => (c.inputs.every(({ shape }) => shape.join() === c.inputs[0].shape.join()) ? lowering(c) : null);
}

export const isFloat = (type: ScalarType): boolean => type === 'f32' || type === 'f64';
export const isWhole = (type: ScalarType): boolean => type === 'i32' || type === 'i64';

/** A number of the given type. */
export const number = (type: ScalarType, value: number): Expression => constant(type, value);

/** One function of all inputs, for the types that `allow` admits. */
export function direct(fn: FunctionName, allow: (type: ScalarType) => boolean): Lowering {
  return broadcasting((args, type) => (allow(type) ? apply(fn, ...args) : null));
}

/** A function of floats that has code for them. */
export function floatFunction(fn: FunctionName): Lowering {
  return broadcasting((args, type) => (isFloat(type) && hasCode(fn, type) ? apply(fn, ...args) : null));
}
