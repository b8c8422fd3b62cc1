/**
 * Code for four elements at a time: float32, int32 and bools as 32-bit lanes; bools are masks of all bits.
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

const floats: Partial<Record<FunctionName, PlainOp>> = {
  add: 'f32x4.add',
  sub: 'f32x4.sub',
  mul: 'f32x4.mul',
  div: 'f32x4.div',
  max: 'f32x4.max',
  min: 'f32x4.min',
  neg: 'f32x4.neg',
  abs: 'f32x4.abs',
  floor: 'f32x4.floor',
  ceil: 'f32x4.ceil',
  round: 'f32x4.nearest',
  trunc: 'f32x4.trunc',
  sqrt: 'f32x4.sqrt',
  eq: 'f32x4.eq',
  ne: 'f32x4.ne',
  lt: 'f32x4.lt',
  le: 'f32x4.le',
  gt: 'f32x4.gt',
  ge: 'f32x4.ge',
};

const integers: Partial<Record<FunctionName, PlainOp>> = {
  add: 'i32x4.add',
  sub: 'i32x4.sub',
  mul: 'i32x4.mul',
  max: 'i32x4.max_s',
  min: 'i32x4.min_s',
  neg: 'i32x4.neg',
  abs: 'i32x4.abs',
  eq: 'i32x4.eq',
  ne: 'i32x4.ne',
  lt: 'i32x4.lt_s',
  le: 'i32x4.le_s',
  gt: 'i32x4.gt_s',
  ge: 'i32x4.ge_s',
  and: 'v128.and',
  or: 'v128.or',
  xor: 'v128.xor',
  not: 'v128.not',
};

const masks: Partial<Record<FunctionName, PlainOp>> = {
  eq: 'i32x4.eq',
  ne: 'i32x4.ne',
  and: 'v128.and',
  or: 'v128.or',
  xor: 'v128.xor',
  not: 'v128.not',
};

function instruction(fn: FunctionName, type: ScalarType): PlainOp | undefined {
  return type === 'f32' ? floats[fn] : type === 'i32' ? integers[fn] : type === 'bool' ? masks[fn] : undefined;
}

const casts = new Set(['bool>f32', 'bool>i32', 'i32>f32', 'f32>i32', 'f32>bool', 'i32>bool']);

/** Whether a node can be computed in 32-bit lanes, its arguments given. */
export function hasVectorCode(e: Expression): boolean {
  if (e.type !== 'f32' && e.type !== 'i32' && e.type !== 'bool') return false;
  if (e.kind !== 'apply') return true;
  const type = e.args[e.fn === 'select' ? 1 : 0].type;
  if (e.fn === 'cast') return casts.has(`${type}>${e.type}`);
  if (e.fn === 'select' || instruction(e.fn, type) !== undefined) return true;
  if (e.fn === 'sign' || e.fn in divisions) return type === 'f32' || type === 'i32';
  return type === 'f32' && hasMath('f32x4', e.fn);
}

function vectorCast(f: FunctionBuilder, from: ScalarType, to: ScalarType): void {
  switch (`${from}>${to}`) {
    case 'bool>f32':
      f.f32x4(1).op('v128.and');
      break;
    case 'bool>i32':
      f.i32x4(1).op('v128.and');
      break;
    case 'i32>f32':
      f.op('f32x4.convert_i32x4_s');
      break;
    case 'f32>bool':
      f.f32x4(0).op('f32x4.ne');
      break;
    case 'i32>bool':
      f.i32x4(0).op('i32x4.ne');
      break;
    case 'f32>i32':
      withScratch(f, 'v128', 1, (x) => {
        f.set(x);
        f.get(x).op('i32x4.trunc_sat_f32x4_s').i32x4(-2147483648);
        // Not for NaN and what is too large: those become the lowest integer, as x86 converts.
        f.get(x)
          .f32x4(2 ** 31)
          .op('f32x4.lt')
          .op('v128.bitselect');
      });
      break;
    default:
      throw new NotImplementedError(`no vector code for a cast of ${from} to ${to}`);
  }
}

function sign(f: FunctionBuilder, type: ScalarType): void {
  if (type === 'i32') {
    f.i32x4(1).op('i32x4.min_s').i32x4(-1).op('i32x4.max_s');
    return;
  }
  withScratch(f, 'v128', 1, (x) => {
    f.set(x);
    f.get(x).i32x4(-2147483648).op('v128.and').f32x4(1).op('v128.or').get(x);
    f.get(x).op('f32x4.abs').f32x4(0).op('f32x4.gt').op('v128.bitselect');
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
  math: VectorMath,
  isNeverPositive: () => boolean,
): void {
  const { type } = e.args[0];
  if (e.fn === 'cast') {
    vectorCast(f, type, e.type);
    return;
  }
  const direct = instruction(e.fn, type);
  if (direct) f.op(direct);
  else if (e.fn === 'sign') sign(f, type);
  else if (e.fn in divisions) emitDivision(f, e.fn as DivisionName, type === 'f32' ? 'f32x4' : 'i32x4');
  else if (type === 'f32' && hasMath('f32x4', e.fn)) {
    const fn = e.fn === 'exp' && isNeverPositive() ? 'expOfNegative' : e.fn;
    withScratch(f, 'v128', e.args.length, (...operands) => {
      for (const operand of [...operands].reverse()) f.set(operand);
      math.write(f, 'f32x4', fn, operands);
    });
  } else throw new NotImplementedError(`no vector code for ${e.fn} of ${type}`);
}
