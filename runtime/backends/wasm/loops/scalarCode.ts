/**
 * Code for one element: instructions of every function on scalars of every type.
 */
import { InternalError, NotImplementedError } from '../../../../graph/errors';
import {
  type Application,
  type DivisionName,
  divisions,
  type FunctionName,
  type ScalarType,
} from '../../../ir/expression';
import type { FunctionBuilder } from '../assembler/functionBuilder';
import type { PlainOp } from '../assembler/opcodes';
import { emitDivision } from '../math/division';
import { hasMath, type LaneShape, type MathFunction } from '../math/functions';
import { withScratch } from '../math/lanes';
import { localType, pushConstant } from './types';
import type { VectorMath } from './vectorCode';

const wholeTypes = { bool: 'i32', i32: 'i32', i64: 'i64' } as const;

/** Functions that are one instruction. */
function instruction(fn: FunctionName, type: ScalarType): PlainOp | null {
  if (type === 'f32' || type === 'f64') {
    const names: Partial<Record<FunctionName, string>> = { round: 'nearest' };
    const direct = ['add', 'sub', 'mul', 'div', 'max', 'min', 'neg', 'abs', 'floor', 'ceil', 'round', 'trunc', 'sqrt'];
    const compare = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
    return [...direct, ...compare].includes(fn) ? (`${type}.${names[fn] ?? fn}` as PlainOp) : null;
  }
  const whole = wholeTypes[type];
  switch (fn) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'and':
    case 'or':
    case 'xor':
    case 'eq':
    case 'ne':
      return `${whole}.${fn}`;
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return `${whole}.${fn}_s`;
    default:
      return null;
  }
}

/** The smallest value of an integer type, which casts give for floats out of range. */
const LOWEST = { i32: -2147483648, i64: -(2n ** 63n) } as const;

/** A float on the stack as an integer, as x86 converts: out of range and NaN become the lowest integer. */
function floatToInteger(f: FunctionBuilder, from: 'f32' | 'f64', to: 'i32' | 'i64'): void {
  withScratch(f, from, 1, (x) => {
    f.set(x);
    const limit = to === 'i32' ? 2 ** 31 : 2 ** 63;
    f.get(x).op(`${to}.trunc_sat_${from}_s`);
    pushConstant(f, to, LOWEST[to]);
    f.get(x);
    pushConstant(f, from, limit);
    f.op(`${from}.lt`).get(x).get(x).op(`${from}.eq`).op('i32.and').op('select');
  });
}

/** Converts the value on the stack. */
export function scalarCast(f: FunctionBuilder, from: ScalarType, to: ScalarType): void {
  if (to === 'bool') {
    pushConstant(f, from, 0);
    f.op(`${localType(from)}.ne` as PlainOp);
    return;
  }
  const key = `${from}>${to}`;
  switch (key) {
    case 'bool>i32':
      return;
    case 'bool>i64':
      f.op('i64.extend_i32_u');
      return;
    case 'bool>f32':
    case 'i32>f32':
      f.op('f32.convert_i32_s');
      return;
    case 'bool>f64':
    case 'i32>f64':
      f.op('f64.convert_i32_s');
      return;
    case 'i32>i64':
      f.op('i64.extend_i32_s');
      return;
    case 'i64>i32':
      f.op('i32.wrap_i64');
      return;
    case 'i64>f32':
      // By way of a double, as the plain kernel does.
      f.op('f64.convert_i64_s').op('f32.demote_f64');
      return;
    case 'i64>f64':
      f.op('f64.convert_i64_s');
      return;
    case 'f32>f64':
      f.op('f64.promote_f32');
      return;
    case 'f64>f32':
      f.op('f32.demote_f64');
      return;
    default:
      floatToInteger(f, from as 'f32' | 'f64', to as 'i32' | 'i64');
  }
}

/** A function of one scalar that takes more than one instruction; the operand is on the stack. */
function composed(f: FunctionBuilder, fn: FunctionName, type: ScalarType): boolean {
  const local = localType(type);
  if (fn === 'not') {
    if (type === 'bool') f.op('i32.eqz');
    else {
      pushConstant(f, type, -1);
      f.op(`${local}.xor` as PlainOp);
    }
    return true;
  }
  if (type === 'f32' || type === 'f64') {
    if (fn !== 'sign') return false;
    withScratch(f, type, 1, (x) => {
      f.set(x);
      pushConstant(f, type, 1);
      f.get(x).op(`${type}.copysign`).get(x);
      f.get(x).op(`${type}.abs`);
      pushConstant(f, type, 0);
      f.op(`${type}.gt`).op('select');
    });
    return true;
  }
  if (type === 'bool') return false;
  const minus = (x: () => void) => {
    pushConstant(f, type, 0);
    x();
    f.op(`${type}.sub`);
  };
  if (fn === 'neg' || fn === 'abs' || fn === 'sign') {
    withScratch(f, type, 1, (x) => {
      f.set(x);
      const isNegative = () => {
        f.get(x);
        pushConstant(f, type, 0);
        f.op(`${type}.lt_s`);
      };
      if (fn === 'neg') minus(() => f.get(x));
      else if (fn === 'abs') {
        minus(() => f.get(x));
        f.get(x);
        isNegative();
        f.op('select');
      } else {
        f.get(x);
        pushConstant(f, type, 0);
        f.op(`${type}.gt_s`);
        isNegative();
        f.op('i32.sub');
        if (type === 'i64') f.op('i64.extend_i32_s');
      }
    });
    return true;
  }
  return false;
}

/** The larger or smaller of two integers on the stack. */
function extreme(f: FunctionBuilder, fn: 'max' | 'min', type: 'i32' | 'i64'): void {
  withScratch(f, type, 2, (x, y) => {
    f.set(y).set(x).get(x).get(y).get(x).get(y);
    f.op(`${type}.${fn === 'max' ? 'gt_s' : 'lt_s'}`).op('select');
  });
}

/** A vector function applied to scalars: the same numbers as in vectors. */
function byVector(f: FunctionBuilder, shape: LaneShape, fn: MathFunction, count: number, math: VectorMath): void {
  withScratch(f, 'v128', count, (...operands) => {
    for (const operand of [...operands].reverse()) f.op(`${shape}.splat`).set(operand);
    math.write(f, shape, fn, operands);
  });
  f.lane(`${shape}.extract_lane`, 0);
}

/** A division; of float32 by way of vectors. */
function writeDivision(f: FunctionBuilder, fn: DivisionName, type: ScalarType): void {
  if (type === 'i32' || type === 'i64') {
    emitDivision(f, fn, type);
    return;
  }
  withScratch(f, 'v128', 1, (y) => {
    f.op('f32x4.splat').set(y).op('f32x4.splat').get(y);
    emitDivision(f, fn, 'f32x4');
  });
  f.lane('f32x4.extract_lane', 0);
}

/** The function of an application; its arguments are on the stack. */
export function scalarApply(f: FunctionBuilder, e: Application, math: VectorMath): void {
  const type = e.args[e.fn === 'select' ? 1 : 0].type;
  if (e.fn === 'cast') {
    scalarCast(f, type, e.type);
    return;
  }
  const direct = instruction(e.fn, type);
  if (direct) {
    f.op(direct);
    return;
  }
  if (composed(f, e.fn, type)) return;
  if (e.fn in divisions) {
    writeDivision(f, e.fn as DivisionName, type);
    return;
  }
  if ((e.fn === 'max' || e.fn === 'min') && (type === 'i32' || type === 'i64')) extreme(f, e.fn, type);
  else if (type === 'f32' && hasMath('f32x4', e.fn)) byVector(f, 'f32x4', e.fn, e.args.length, math);
  else if (type === 'f64' && hasMath('f64x2', e.fn)) byVector(f, 'f64x2', e.fn, e.args.length, math);
  else if (e.fn === 'select') throw new InternalError('select is written by its caller');
  else throw new NotImplementedError(`no code for ${e.fn} of ${type}`);
}
