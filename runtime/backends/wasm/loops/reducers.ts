/**
 * How partial results of reductions start, and how two of them become one.
 */
import type { ScalarType } from '../../../ir/expression';
import type { Reduction } from '../../../ir/kernel';
import type { Combiner } from '../../../ir/value';
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import type { PlainOp } from '../assembler/opcodes';
import { withScratch } from '../math/lanes';
import type { Evaluator } from './evaluator';
import { isLong, type LaneCount, pushVectorConstant, shapeOf } from './lanes';
import { localType, pushConstant } from './types';
import { longExtreme } from './vectorCode';

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
  if (isVector) pushVectorConstant(f, type, value);
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
 * vectors of two lanes each, or a scalar. The largest or smallest of floats in vectors are found without regard to NaN and to
 * the sign of zero, which are noted beside: that takes half the time.
 */
export type Accumulator =
  | { readonly kind: 'plain'; readonly local: Local }
  | { readonly kind: 'wide'; readonly low: Local; readonly high: Local }
  | { readonly kind: 'wideScalar'; readonly local: Local }
  | {
      readonly kind: 'extreme';
      readonly shape: 'f32x4' | 'f64x2';
      readonly best: Local;
      /** Masks of the lanes that have seen a NaN. */
      readonly strange: Local;
      /** In the sign bits: whether all (max) or some (min) numbers of a lane have a sign. */
      readonly signs: Local;
    };

/** Vectors of float32 that are added up before they are widened. */
export const SUM_GROUP = 4;

const isWide = ({ combiner, type }: Reduction): boolean => combiner === 'sum' && type === 'f32';

/** Whether the lanes of a result can be combined in the end; each by itself can be anything. */
export function hasVectorReduction({ type }: Reduction, lanes: LaneCount): boolean {
  return lanes === 4 || isLong(type) || type === 'bool';
}

/** New accumulators for steps of so many vectors. */
export function startAccumulators(f: FunctionBuilder, r: Reduction, vectors: number): Accumulator[] {
  const length = isWide(r) ? Math.ceil(vectors / SUM_GROUP) : vectors;
  return Array.from({ length }, () => startAccumulator(f, r, true));
}

/** A new accumulator of nothing. */
export function startAccumulator(f: FunctionBuilder, r: Reduction, isVector: boolean): Accumulator {
  const { combiner, type } = r;
  if (isWide(r)) {
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
  const isFloat = type === 'f32' || type === 'f64';
  if (!isVector || !isFloat || (combiner !== 'max' && combiner !== 'min')) return { kind: 'plain', local };
  const [strange, signs] = [f.local('v128'), f.local('v128')];
  f.i32x4(0)
    .set(strange)
    .i32x4(combiner === 'max' ? -1 : 0)
    .set(signs);
  return { kind: 'extreme', shape: type === 'f32' ? 'f32x4' : 'f64x2', best: local, strange, signs };
}

/** The locals that an accumulator is. */
export function localsOf(accumulator: Accumulator): readonly Local[] {
  switch (accumulator.kind) {
    case 'wide':
      return [accumulator.low, accumulator.high];
    case 'extreme':
      return [accumulator.best, accumulator.strange, accumulator.signs];
    default:
      return [accumulator.local];
  }
}

/** Takes an element, or a vector of them, up into an accumulator. */
export function accumulate(f: FunctionBuilder, r: Reduction, into: Accumulator, evaluator: Evaluator): void {
  const { combiner, type, expression } = r;
  switch (into.kind) {
    case 'wideScalar':
      f.get(into.local);
      evaluator.push(expression);
      f.op('f64.promote_f32').op('f64.add').set(into.local);
      break;
    case 'wide':
      if (evaluator.isHere(expression)) {
        // Conversions read halves of vectors from memory: nothing has to be shuffled.
        [into.low, into.high].forEach((local, half) => {
          f.get(local);
          evaluator.pushHalf(expression, half);
          f.op('f64x2.promote_low_f32x4').op('f64x2.add').set(local);
        });
      } else {
        evaluator.push(expression);
        widen(f, into);
      }
      break;
    case 'extreme':
      withScratch(f, 'v128', 1, (x) => {
        evaluator.push(expression);
        // A single element may count in all lanes.
        if (evaluator.mode === 'scalar') f.op(`${into.shape}.splat`);
        f.set(x);
        // The comparison is false for NaN: what was there stays.
        f.get(into.best)
          .get(x)
          .op(`${into.shape}.p${combiner as 'max' | 'min'}`)
          .set(into.best);
        f.get(into.strange).get(x).get(x).op(`${into.shape}.ne`).op('v128.or').set(into.strange);
        f.get(into.signs)
          .get(x)
          .op(combiner === 'max' ? 'v128.and' : 'v128.or')
          .set(into.signs);
      });
      break;
    case 'plain':
      f.get(into.local);
      evaluator.push(expression);
      if (evaluator.mode === 'vector') combineVectors(f, combiner, type);
      else combineScalars(f, combiner, type);
      f.set(into.local);
  }
}

/**
 * As `accumulate`, for vector `at` of a step with an accumulator for each. Sums of float32 are made in groups of four and widened
 * once per group, which halves the work; no number goes through more than two additions that round to float32. `pairs` are two
 * locals.
 */
export function accumulateInGroup(
  f: FunctionBuilder,
  r: Reduction,
  into: readonly Accumulator[],
  at: number,
  evaluator: Evaluator,
  pairs: readonly Local[],
): void {
  const target = isWide(r) ? into[Math.floor(at / SUM_GROUP)] : into[at];
  accumulateOfGroup(f, r, target, at % SUM_GROUP, evaluator, pairs);
}

/** The same for number `at` of a group, and the group's accumulator. */
export function accumulateOfGroup(
  f: FunctionBuilder,
  r: Reduction,
  into: Accumulator,
  at: number,
  evaluator: Evaluator,
  pairs: readonly Local[],
): void {
  if (into.kind !== 'wide') {
    accumulate(f, r, into, evaluator);
    return;
  }
  const pair = pairs[at >> 1];
  evaluator.push(r.expression);
  if (at % 2 === 1) f.get(pair).op('f32x4.add');
  f.set(pair);
  if (at < SUM_GROUP - 1) return;
  f.get(pairs[0]).get(pair).op('f32x4.add');
  widen(f, into);
}

/** Adds the vector of float32 on the stack to a sum. */
function widen(f: FunctionBuilder, { low, high }: Accumulator & { readonly kind: 'wide' }): void {
  withScratch(f, 'v128', 1, (x) => {
    f.set(x);
    f.get(low).get(x).op('f64x2.promote_low_f32x4').op('f64x2.add').set(low);
    f.get(high).get(x).get(x).shuffle32(2, 3, 2, 3).op('f64x2.promote_low_f32x4').op('f64x2.add').set(high);
  });
}

/** Sets a new local to the largest or smallest numbers of the lanes, as max and min find them. */
function settleExtreme(
  f: FunctionBuilder,
  { shape, best, strange, signs }: Accumulator & { readonly kind: 'extreme' },
): Local {
  const [result, isZero] = [f.local('v128'), f.local('v128')];
  const type = shape === 'f32x4' ? 'f32' : 'f64';
  f.get(best);
  pushVectorConstant(f, type, 0);
  f.op(`${shape}.eq`).set(isZero);
  // Of a zero only the sign is open. What is strange has all bits set: a NaN.
  f.get(best).get(isZero).op('v128.andnot');
  f.get(signs);
  pushVectorConstant(f, type, -0);
  f.op('v128.and').get(isZero).op('v128.and');
  f.op('v128.or').get(strange).op('v128.or').set(result);
  return result;
}

/** Adds one vector accumulator to another of its kind. */
export function mergeAccumulators(
  f: FunctionBuilder,
  { combiner, type }: Reduction,
  into: Accumulator,
  other: Accumulator,
): void {
  if (into.kind === 'wide' && other.kind === 'wide') {
    f.get(into.low).get(other.low).op('f64x2.add').set(into.low);
    f.get(into.high).get(other.high).op('f64x2.add').set(into.high);
  } else if (into.kind === 'extreme' && other.kind === 'extreme') {
    f.get(into.best)
      .get(other.best)
      .op(`${into.shape}.p${combiner as 'max' | 'min'}`)
      .set(into.best);
    f.get(into.strange).get(other.strange).op('v128.or').set(into.strange);
    f.get(into.signs)
      .get(other.signs)
      .op(combiner === 'max' ? 'v128.and' : 'v128.or')
      .set(into.signs);
  } else if (into.kind === 'plain' && other.kind === 'plain') {
    f.get(into.local).get(other.local);
    combineVectors(f, combiner, type);
    f.set(into.local);
  }
}

/** A new local with the result of lanes and left-over elements together. */
export function finishLanes(
  f: FunctionBuilder,
  { combiner, type }: Reduction,
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
    if (vector?.kind === 'extreme') combineLanes(f, combiner, type, settleExtreme(f, vector));
    else {
      f.get(scalar.local);
      if (vector?.kind === 'plain') {
        combineLanes(f, combiner, type, vector.local);
        combineScalars(f, combiner, type);
      }
    }
    f.set(result);
  }
  return result;
}

/** A local with what an accumulator of columns holds: a vector of four results, or one. */
export function finishColumns(f: FunctionBuilder, accumulator: Accumulator): Local {
  switch (accumulator.kind) {
    case 'plain':
      return accumulator.local;
    case 'extreme':
      return settleExtreme(f, accumulator);
    case 'wide': {
      const result = f.local('v128');
      f.get(accumulator.low).op('f32x4.demote_f64x2_zero').get(accumulator.high).op('f32x4.demote_f64x2_zero');
      f.shuffle32(0, 1, 4, 5).set(result);
      return result;
    }
    case 'wideScalar': {
      const result = f.local('f32');
      f.get(accumulator.local).op('f32.demote_f64').set(result);
      return result;
    }
  }
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
  const isExtreme = combiner === 'max' || combiner === 'min';
  if (combiner === 'all') f.op('v128.and');
  else if (combiner === 'any') f.op('v128.or');
  else if (type === 'i64' && isExtreme) longExtreme(f, combiner);
  else f.op(`${shapeOf(type, 4)}.${names[combiner]}${type === 'i32' && isExtreme ? '_s' : ''}` as PlainOp);
}

/** Pushes the combination of the lanes of a vector. */
export function combineLanes(f: FunctionBuilder, combiner: Combiner, type: ScalarType, vector: Local): void {
  if (type === 'bool') {
    f.get(vector).op(combiner === 'all' ? 'i32x4.all_true' : 'v128.any_true');
    return;
  }
  // In vectors to the end: scalar max and min of floats are branches that nobody can predict.
  withScratch(f, 'v128', 1, (half) => {
    f.get(vector).get(vector).get(vector).shuffle32(2, 3, 2, 3);
    combineVectors(f, combiner, type);
    if (isLong(type)) return;
    f.set(half).get(half).get(half).get(half).shuffle32(1, 1, 1, 1);
    combineVectors(f, combiner, type);
  });
  f.lane(`${shapeOf(type, 4)}.extract_lane`, 0);
}
