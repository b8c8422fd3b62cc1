/**
 * How partial results of reductions start, and how two of them become one.
 */
import type { ScalarType } from '../../../ir/expression';
import type { Combiner } from '../../../ir/value';
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import type { PlainOp } from '../assembler/opcodes';
import { withScratch } from '../math/lanes';
import { localType, pushConstant, pushVectorConstant } from './types';

const lowest = { f32: -Infinity, f64: -Infinity, i32: -2147483648, i64: -(2n ** 63n), bool: 0 } as const;
const highest = { f32: Infinity, f64: Infinity, i32: 2147483647, i64: 2n ** 63n - 1n, bool: 1 } as const;

/** What a reduction of nothing gives. */
export function initialOf(combiner: Combiner, type: ScalarType): number | bigint {
  switch (combiner) {
    case 'sum':
    case 'any':
      return type === 'i64' ? 0n : 0;
    case 'prod':
    case 'all':
      return type === 'i64' ? 1n : 1;
    case 'max':
      return lowest[type];
    case 'min':
      return highest[type];
  }
}

export function pushInitial(f: FunctionBuilder, combiner: Combiner, type: ScalarType, isVector: boolean): void {
  const value = initialOf(combiner, type);
  if (isVector) pushVectorConstant(f, type, Number(value));
  else pushConstant(f, type, value);
}

const names: Readonly<Record<Combiner, string>> = {
  sum: 'add',
  prod: 'mul',
  max: 'max',
  min: 'min',
  all: 'and',
  any: 'or',
};

/**
 * What a reduction has so far. Sums of float32 are kept in float64, so that they do not depend on how long they are: two
 * vectors of two lanes each, or a scalar.
 */
export type Accumulator =
  | { readonly kind: 'plain'; readonly local: Local }
  | { readonly kind: 'wide'; readonly low: Local; readonly high: Local }
  | { readonly kind: 'wideScalar'; readonly local: Local };

const isWide = (combiner: Combiner, type: ScalarType): boolean => combiner === 'sum' && type === 'f32';

/** A new accumulator of nothing. */
export function startAccumulator(
  f: FunctionBuilder,
  combiner: Combiner,
  type: ScalarType,
  isVector: boolean,
): Accumulator {
  if (isWide(combiner, type)) {
    if (!isVector) {
      const local = f.local('f64');
      f.f64(0).set(local);
      return { kind: 'wideScalar', local };
    }
    const [low, high] = [f.local('v128'), f.local('v128')];
    f.f64x2(0).set(low).f64x2(0).set(high);
    return { kind: 'wide', low, high };
  }
  const local = f.local(isVector ? 'v128' : localType(type));
  pushInitial(f, combiner, type, isVector);
  f.set(local);
  return { kind: 'plain', local };
}

/** Takes an element, or a vector of them, up into an accumulator; `push` pushes it. */
export function accumulate(
  f: FunctionBuilder,
  combiner: Combiner,
  type: ScalarType,
  into: Accumulator,
  isVector: boolean,
  push: () => void,
): void {
  if (into.kind === 'wideScalar') {
    f.get(into.local);
    push();
    f.op('f64.promote_f32').op('f64.add').set(into.local);
  } else if (into.kind === 'wide') {
    withScratch(f, 'v128', 1, (x) => {
      push();
      f.set(x);
      f.get(into.low).get(x).op('f64x2.promote_low_f32x4').op('f64x2.add').set(into.low);
      f.get(into.high).get(x).get(x).shuffle32(2, 3, 2, 3).op('f64x2.promote_low_f32x4').op('f64x2.add').set(into.high);
    });
  } else {
    f.get(into.local);
    push();
    if (isVector) combineVectors(f, combiner, type);
    else combineScalars(f, combiner, type);
    f.set(into.local);
  }
}

/** Adds one vector accumulator to another. */
export function mergeAccumulators(
  f: FunctionBuilder,
  combiner: Combiner,
  type: ScalarType,
  into: Accumulator,
  other: Accumulator,
): void {
  if (into.kind === 'wide' && other.kind === 'wide') {
    f.get(into.low).get(other.low).op('f64x2.add').set(into.low);
    f.get(into.high).get(other.high).op('f64x2.add').set(into.high);
  } else if (into.kind === 'plain' && other.kind === 'plain') {
    f.get(into.local).get(other.local);
    combineVectors(f, combiner, type);
    f.set(into.local);
  }
}

/** A new local with the result of lanes and left-over elements together. */
export function finishLanes(
  f: FunctionBuilder,
  combiner: Combiner,
  type: ScalarType,
  scalar: Accumulator,
  vector: Accumulator | null,
): Local {
  const result = f.local(localType(type));
  if (scalar.kind === 'wideScalar') {
    f.get(scalar.local);
    if (vector?.kind === 'wide') {
      withScratch(f, 'v128', 1, (sum) => {
        f.get(vector.low).get(vector.high).op('f64x2.add').set(sum);
        f.get(sum).lane('f64x2.extract_lane', 0).op('f64.add');
        f.get(sum).lane('f64x2.extract_lane', 1).op('f64.add');
      });
    }
    f.op('f32.demote_f64').set(result);
  } else if (scalar.kind === 'plain') {
    f.get(scalar.local);
    if (vector?.kind === 'plain') {
      combineLanes(f, combiner, type, vector.local);
      combineScalars(f, combiner, type);
    }
    f.set(result);
  }
  return result;
}

/** A local with what an accumulator of columns holds: a vector of four results, or one. */
export function finishColumns(f: FunctionBuilder, accumulator: Accumulator): Local {
  if (accumulator.kind === 'plain') return accumulator.local;
  const isVector = accumulator.kind === 'wide';
  const result = f.local(isVector ? 'v128' : 'f32');
  if (isVector) {
    f.get(accumulator.low).op('f32x4.demote_f64x2_zero').get(accumulator.high).op('f32x4.demote_f64x2_zero');
    f.shuffle32(0, 1, 4, 5);
  } else f.get(accumulator.local).op('f32.demote_f64');
  f.set(result);
  return result;
}

/** Combines the two values on the stack. */
export function combineScalars(f: FunctionBuilder, combiner: Combiner, type: ScalarType): void {
  const local = localType(type);
  const isExtreme = combiner === 'max' || combiner === 'min';
  if (isExtreme && (type === 'i32' || type === 'i64')) {
    withScratch(f, local, 2, (x, y) => {
      f.set(y).set(x).get(x).get(y).get(x).get(y);
      f.op(`${type}.${combiner === 'max' ? 'gt_s' : 'lt_s'}`).op('select');
    });
    return;
  }
  f.op(`${local}.${names[combiner]}` as PlainOp);
}

export function combineVectors(f: FunctionBuilder, combiner: Combiner, type: ScalarType): void {
  if (combiner === 'all') f.op('v128.and');
  else if (combiner === 'any') f.op('v128.or');
  else {
    const suffix = type === 'i32' && (combiner === 'max' || combiner === 'min') ? '_s' : '';
    f.op(`${type === 'f32' ? 'f32x4' : 'i32x4'}.${names[combiner]}${suffix}` as PlainOp);
  }
}

/** Pushes the combination of the four lanes of a vector. */
export function combineLanes(f: FunctionBuilder, combiner: Combiner, type: ScalarType, vector: Local): void {
  if (type === 'bool') {
    f.get(vector).op(combiner === 'all' ? 'i32x4.all_true' : 'v128.any_true');
    return;
  }
  const extract = type === 'f32' ? 'f32x4.extract_lane' : 'i32x4.extract_lane';
  withScratch(f, 'v128', 1, (half) => {
    f.get(vector).get(vector).get(vector).shuffle32(2, 3, 2, 3);
    combineVectors(f, combiner, type);
    f.set(half);
    f.get(half).lane(extract, 0).get(half).lane(extract, 1);
  });
  combineScalars(f, combiner, type);
}
