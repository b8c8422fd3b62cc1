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
import { type F32x4Function, type F32x4Functions, f32x4Functions, makeF32x4Functions } from '../math/f32x4';
import { type F64x2Function, type F64x2Functions, f64x2Functions, makeF64x2Functions } from '../math/f64x2';
import { withScratch } from '../math/lanes';

/** The functions that are written by runtime/backends/wasm/math. */
export class VectorMath {
  readonly #functions32: F32x4Functions;
  readonly #functions64: F64x2Functions;

  constructor(readonly target: { readonly relaxed: boolean }) {
    this.#functions32 = makeF32x4Functions(target);
    this.#functions64 = makeF64x2Functions(target);
  }

  has32(fn: FunctionName): boolean {
    return fn in f32x4Functions;
  }

  has64(fn: FunctionName): boolean {
    return fn in f64x2Functions;
  }

  write32(f: FunctionBuilder, fn: FunctionName, operands: readonly Local[]): void {
    this.#functions32[fn as F32x4Function](f, ...operands);
  }

  write64(f: FunctionBuilder, fn: FunctionName, operands: readonly Local[]): void {
    this.#functions64[fn as F64x2Function](f, ...operands);
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
  return type === 'f32' && e.fn in f32x4Functions;
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

/** The function of an application; its arguments are on the stack (for `select`: both values, then the mask). */
export function vectorApply(f: FunctionBuilder, e: Application, math: VectorMath): void {
  const type = e.args[e.fn === 'select' ? 1 : 0].type;
  if (e.fn === 'cast') {
    vectorCast(f, type, e.type);
    return;
  }
  if (e.fn === 'select') {
    f.op('v128.bitselect');
    return;
  }
  const direct = instruction(e.fn, type);
  if (direct) f.op(direct);
  else if (e.fn === 'sign') sign(f, type);
  else if (e.fn in divisions) emitDivision(f, e.fn as DivisionName, type === 'f32' ? 'f32x4' : 'i32x4');
  else if (type === 'f32' && math.has32(e.fn)) {
    withScratch(f, 'v128', e.args.length, (...operands) => {
      for (const operand of [...operands].reverse()) f.set(operand);
      math.write32(f, e.fn, operands);
    });
  } else throw new NotImplementedError(`no vector code for ${e.fn} of ${type}`);
}
