/**
 * Code for several elements at a time: instructions of every function on vectors of every type.
 */
import { NotImplementedError } from '../../../../graph/errors';
import {
  type Application,
  type DivisionName,
  divisions,
  type Expression,
  type FunctionName,
  type ScalarType,
} from '../../../ir/expression';
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import type { PlainOp } from '../assembler/opcodes';
import { emitDivision } from '../math/division';
import { hasMath, type LaneShape, type MathFunction, type MathFunctions, makeMath } from '../math/functions';
import { withScratch } from '../math/lanes';
import {
  isLong,
  type LaneCount,
  maskOfBytes,
  narrow,
  narrowMask,
  pushVectorConstant,
  shapeOf,
  widenMask,
} from './lanes';

/** The functions that are written by runtime/backends/wasm/math. */
export class VectorMath {
  readonly #functions: Readonly<Record<LaneShape, MathFunctions>>;

  constructor(readonly target: { readonly relaxed: boolean }) {
    this.#functions = { f32x4: makeMath('f32x4', target), f64x2: makeMath('f64x2', target) };
  }

  write(f: FunctionBuilder, shape: LaneShape, fn: MathFunction, operands: readonly Local[]): void {
    this.#functions[shape][fn](f, ...operands);
  }
}

/** Functions that are one instruction of every shape of their kind. */
const ofFloats = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'div',
  max: 'max',
  min: 'min',
  neg: 'neg',
  abs: 'abs',
  floor: 'floor',
  ceil: 'ceil',
  round: 'nearest',
  trunc: 'trunc',
  sqrt: 'sqrt',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt',
  le: 'le',
  gt: 'gt',
  ge: 'ge',
} as const;

const ofIntegers = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  neg: 'neg',
  abs: 'abs',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt_s',
  le: 'le_s',
  gt: 'gt_s',
  ge: 'ge_s',
} as const;

const ofMasks = { eq: 'eq', ne: 'ne' } as const;

/** Functions of bits, and of 32-bit integers only. */
const ofBits: Partial<Record<FunctionName, PlainOp>> = {
  and: 'v128.and',
  or: 'v128.or',
  xor: 'v128.xor',
  not: 'v128.not',
};
const ofShortIntegers: Partial<Record<FunctionName, PlainOp>> = { max: 'i32x4.max_s', min: 'i32x4.min_s' };

function instruction(fn: FunctionName, type: ScalarType, lanes: LaneCount): PlainOp | undefined {
  const shape = shapeOf(type, lanes);
  if (type === 'f32' || type === 'f64')
    return fn in ofFloats ? (`${shape}.${ofFloats[fn as 'add']}` as PlainOp) : undefined;
  if (fn in ofBits) return ofBits[fn];
  if (type === 'i32' && fn in ofShortIntegers) return ofShortIntegers[fn];
  const names = type === 'bool' ? ofMasks : ofIntegers;
  return fn in names ? (`${shape}.${(names as typeof ofIntegers)[fn as 'eq']}` as PlainOp) : undefined;
}

const mathShape = (type: ScalarType): LaneShape | null => (type === 'f32' ? 'f32x4' : type === 'f64' ? 'f64x2' : null);

/** Whether a node can be computed in so many lanes, its arguments given. */
export function hasVectorCode(e: Expression, lanes: LaneCount): boolean {
  if (lanes === 4 && isLong(e.type)) return false;
  if (e.kind !== 'apply') return true;
  const type = e.args[e.fn === 'select' ? 1 : 0].type;
  if (e.fn === 'cast') return castOf(type, e.type) !== undefined;
  if (e.fn === 'select' || e.fn === 'sign' || instruction(e.fn, type, lanes) !== undefined) return true;
  if (e.fn in divisions) return type === 'f32' || type === 'i32';
  if (type === 'i64') return e.fn === 'max' || e.fn === 'min';
  const shape = mathShape(type);
  return shape !== null && hasMath(shape, e.fn);
}

type VectorCast = (f: FunctionBuilder, lanes: LaneCount) => void;

const one = (f: FunctionBuilder, type: ScalarType): void => {
  pushVectorConstant(f, type, 1);
  f.op('v128.and');
};

/** Floats that are NaN or too large become the lowest integer, as x86 converts. */
const casts: Readonly<Record<string, VectorCast>> = {
  'bool>f32': (f, lanes) => {
    narrowMask(f, lanes);
    one(f, 'f32');
  },
  'bool>i32': (f, lanes) => {
    narrowMask(f, lanes);
    one(f, 'i32');
  },
  'bool>f64': (f) => one(f, 'f64'),
  'bool>i64': (f) => one(f, 'i64'),
  'i32>f32': (f) => f.op('f32x4.convert_i32x4_s'),
  'i32>f64': (f) => f.op('f64x2.convert_low_i32x4_s'),
  'i32>i64': (f) => f.op('i64x2.extend_low_i32x4_s'),
  'i64>i32': narrow,
  'f32>f64': (f) => f.op('f64x2.promote_low_f32x4'),
  'f64>f32': (f) => f.op('f32x4.demote_f64x2_zero'),
  'f32>bool': (f, lanes) => {
    f.f32x4(0).op('f32x4.ne');
    widenMask(f, lanes);
  },
  'i32>bool': maskOfBytes,
  'f64>bool': (f) => f.f64x2(0).op('f64x2.ne'),
  'i64>bool': (f) => f.i64x2(0n).op('i64x2.ne'),
  'f32>i32': (f) =>
    withScratch(f, 'v128', 1, (x) => {
      f.set(x).get(x).op('i32x4.trunc_sat_f32x4_s').i32x4(-2147483648).get(x);
      f.f32x4(2 ** 31)
        .op('f32x4.lt')
        .op('v128.bitselect');
    }),
  'f64>i32': (f) =>
    withScratch(f, 'v128', 1, (x) => {
      f.set(x).get(x).op('i32x4.trunc_sat_f64x2_s_zero').i32x4(-2147483648).get(x);
      f.f64x2(2 ** 31).op('f64x2.lt');
      narrow(f);
      f.op('v128.bitselect');
    }),
};

function castOf(from: ScalarType, to: ScalarType): VectorCast | undefined {
  return casts[`${from}>${to}`];
}

function sign(f: FunctionBuilder, type: ScalarType): void {
  if (type === 'i32') {
    f.i32x4(1).op('i32x4.min_s').i32x4(-1).op('i32x4.max_s');
    return;
  }
  withScratch(f, 'v128', 1, (x) => {
    f.set(x).get(x);
    if (type === 'i64') {
      // Masks are minus one.
      f.i64x2(0n).op('i64x2.lt_s').get(x).i64x2(0n).op('i64x2.gt_s').op('i64x2.sub');
      return;
    }
    const shape = type === 'f32' ? 'f32x4' : 'f64x2';
    pushVectorConstant(f, type, -0);
    f.op('v128.and');
    pushVectorConstant(f, type, 1);
    f.op('v128.or').get(x).get(x).op(`${shape}.abs`);
    pushVectorConstant(f, type, 0);
    f.op(`${shape}.gt`).op('v128.bitselect');
  });
}

/** The larger or smaller of 64-bit integers on the stack. */
export function longExtreme(f: FunctionBuilder, fn: 'max' | 'min'): void {
  withScratch(f, 'v128', 2, (x, y) => {
    f.set(y).set(x).get(x).get(y).get(x).get(y);
    f.op(fn === 'max' ? 'i64x2.gt_s' : 'i64x2.lt_s').op('v128.bitselect');
  });
}

/**
 * The function of an application other than `select`; its arguments are on the stack.
 *
 * @param isNeverPositive whether the only argument is known to be at most zero, or NaN
 */
export function vectorApply(
  f: FunctionBuilder,
  e: Application,
  lanes: LaneCount,
  math: VectorMath,
  isNeverPositive: () => boolean,
): void {
  const { type } = e.args[0];
  if (e.fn === 'cast') {
    castOf(type, e.type)!(f, lanes);
    return;
  }
  const direct = instruction(e.fn, type, lanes);
  const shape = mathShape(type);
  if (direct) {
    f.op(direct);
    if (e.type === 'bool' && !isLong(type) && type !== 'bool') widenMask(f, lanes);
  } else if (e.fn === 'sign') sign(f, type);
  else if (e.fn in divisions) emitDivision(f, e.fn as DivisionName, type === 'f32' ? 'f32x4' : 'i32x4');
  else if (type === 'i64') longExtreme(f, e.fn as 'max' | 'min');
  else if (shape && hasMath(shape, e.fn)) {
    const fn = e.fn === 'exp' && isNeverPositive() ? 'expOfNegative' : e.fn;
    withScratch(f, 'v128', e.args.length, (...operands) => {
      for (const operand of [...operands].reverse()) f.set(operand);
      math.write(f, shape, fn, operands);
    });
  } else throw new NotImplementedError(`no vector code for ${e.fn} of ${type}`);
}
