/**
 * Scalar expressions: what a kernel computes for one element. Immutable, typed DAGs; sharing is by identity.
 *
 * Expressions know nothing of shapes and loops: `arg` is the element that an input of the map has at this position, `index` the
 * position itself. Kernels replace `arg` by loads from buffers (kernel.ts) and backends emit code for the rest.
 */
import type { DType } from '../../graph/dtypes';
import { InternalError } from '../../graph/errors';

/** What a register holds. Bools are 0 or 1. */
export type ScalarType = 'f32' | 'f64' | 'i32' | 'i64' | 'bool';

/** Functions of the arguments' own type. */
export const arithmetic = {
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  max: 2,
  min: 2,
  neg: 1,
  abs: 1,
  sign: 1,
} as const;

/** Functions of floats. */
export const floatFunctions = {
  floor: 1,
  ceil: 1,
  round: 1,
  trunc: 1,
  sqrt: 1,
  exp: 1,
  expm1: 1,
  log: 1,
  log1p: 1,
  tanh: 1,
  sigmoid: 1,
  softplus: 1,
  erf: 1,
  erfc: 1,
  sin: 1,
  cos: 1,
  tan: 1,
  asin: 1,
  acos: 1,
  atan: 1,
  sinh: 1,
  cosh: 1,
  asinh: 1,
  acosh: 1,
  atanh: 1,
  pow: 2,
  atan2: 2,
} as const;

/** Functions of integers and bools; shifts stay on the host. */
export const bitFunctions = { and: 2, or: 2, xor: 2, not: 1 } as const;

/** Divisions of integers, rounded down or towards zero; the remainders also of float32. By 0 an integer gives any number. */
export const divisions = { floorDiv: 2, truncDiv: 2, floorMod: 2, truncMod: 2 } as const;

/** Functions of two numbers of one type, with a bool result. */
export const comparisons = { eq: 2, ne: 2, lt: 2, le: 2, gt: 2, ge: 2 } as const;

export type ArithmeticName = keyof typeof arithmetic;
export type FloatName = keyof typeof floatFunctions;
export type BitName = keyof typeof bitFunctions;
export type DivisionName = keyof typeof divisions;
export type ComparisonName = keyof typeof comparisons;
/** `select` takes a bool and two values of one type. */
export type FunctionName = ArithmeticName | FloatName | BitName | DivisionName | ComparisonName | 'select' | 'cast';

export type Expression = Argument | Load | Constant | Index | RandomBits | Accumulator | Application;

/** The element of input `input` at this position. Only in maps, before fusion. */
export interface Argument {
  readonly kind: 'arg';
  readonly type: ScalarType;
  readonly input: number;
}

/** The element of the kernel's access `access` at this position. Only in kernels. */
export interface Load {
  readonly kind: 'load';
  readonly type: ScalarType;
  readonly access: number;
}

export interface Constant {
  readonly kind: 'const';
  readonly type: ScalarType;
  /** i64 holds a bigint, bool 0 or 1. */
  readonly value: number | bigint;
}

/** The position along an axis of the domain. */
export interface Index {
  readonly kind: 'index';
  readonly type: 'i32';
  readonly axis: number;
}

/** A uniform float32 in [0, 1) from the stream's word for this element of the domain, counted row by row. */
export interface RandomBits {
  readonly kind: 'random';
  readonly type: 'f32';
  readonly stream: number;
}

/** The result of a reduction of an earlier phase of the kernel, at this row. Only in kernels. */
export interface Accumulator {
  readonly kind: 'acc';
  readonly type: ScalarType;
  readonly reduction: number;
}

export interface Application {
  readonly kind: 'apply';
  readonly type: ScalarType;
  readonly fn: FunctionName;
  readonly args: readonly Expression[];
}

/** How elements of a dtype are held in registers; null for dtypes that kernels do not compute with. */
export function scalarTypeOf(dtype: DType): ScalarType | null {
  switch (dtype.name) {
    case 'float32':
      return 'f32';
    case 'float64':
      return 'f64';
    case 'int32':
    case 'uint8':
    case 'int8':
    case 'int16':
    case 'uint16':
      return 'i32';
    case 'int64':
      return 'i64';
    case 'bool':
      return 'bool';
    default:
      return null;
  }
}

export function arg(input: number, type: ScalarType): Argument {
  return { kind: 'arg', type, input };
}

export function constant(type: ScalarType, value: number | bigint): Constant {
  if (type === 'i64') return { kind: 'const', type, value: BigInt(value) };
  return { kind: 'const', type, value: type === 'f32' ? Math.fround(Number(value)) : Number(value) };
}

export function index(axis: number): Index {
  return { kind: 'index', type: 'i32', axis };
}

export function random(stream: number): RandomBits {
  return { kind: 'random', type: 'f32', stream };
}

const isConstant = (e: Expression, value: number): boolean =>
  e.kind === 'const' && typeof e.value === 'number' && Object.is(e.value, value);

/** A function applied to arguments; multiplications by one disappear. */
export function apply(fn: FunctionName, ...args: Expression[]): Expression {
  if (fn === 'mul' && isConstant(args[1], 1)) return args[0];
  if (fn === 'mul' && isConstant(args[0], 1)) return args[1];
  if (fn === 'div' && isConstant(args[1], 1)) return args[0];
  const type = fn in comparisons ? 'bool' : fn === 'select' ? args[1].type : args[0].type;
  return { kind: 'apply', type, fn, args };
}

/** Types that hold all values of another. */
const isHeldBy: Partial<Record<ScalarType, readonly ScalarType[]>> = { i32: ['i64', 'f64'], f32: ['f64'] };

/** Conversion as TensorFlow casts: integers wrap, floats lose their fraction; to bool, whether it is not zero. */
export function cast(e: Expression, type: ScalarType): Expression {
  if (e.type === type) return e;
  // There and back again, by way of a type that holds all values.
  if (e.kind === 'apply' && e.fn === 'cast' && e.args[0].type === type && isHeldBy[type]?.includes(e.type))
    return e.args[0];
  return { kind: 'apply', type, fn: 'cast', args: [e] };
}

/** The expression with other leaves; with one memo, what several expressions share stays shared. */
export function replaceLeaves(
  root: Expression,
  replace: (leaf: Expression) => Expression,
  memo = new Map<Expression, Expression>(),
): Expression {
  const visit = (e: Expression): Expression => {
    const known = memo.get(e);
    if (known) return known;
    let result: Expression;
    if (e.kind === 'apply') {
      const args = e.args.map(visit);
      if (args.every((a, i) => a === e.args[i])) result = e;
      else result = e.fn === 'cast' ? cast(args[0], e.type) : apply(e.fn, ...args);
    } else result = replace(e);
    memo.set(e, result);
    return result;
  };
  return visit(root);
}

/** Visits every node once, arguments first. */
export function visitExpression(root: Expression, visit: (e: Expression) => void, seen = new Set<Expression>()): void {
  if (seen.has(root)) return;
  seen.add(root);
  if (root.kind === 'apply') for (const a of root.args) visitExpression(a, visit, seen);
  visit(root);
}

/** Number of distinct nodes. */
export function sizeOfExpression(root: Expression): number {
  let count = 0;
  visitExpression(root, () => count++);
  return count;
}

/** Text in which each distinct node stands once: equal texts mean equal computations. */
export function sharedText(roots: readonly Expression[]): string {
  const ids = new Map<Expression, number>();
  const lines: string[] = [];
  for (const root of roots)
    visitExpression(root, (e) => {
      if (ids.has(e)) return;
      const text =
        e.kind === 'apply' ? `${e.type} ${e.fn} ${e.args.map((a) => ids.get(a)).join(' ')}` : expressionText(e);
      lines.push(text);
      ids.set(e, ids.size);
    });
  return `${lines.join('\n')}\n${roots.map((root) => ids.get(root)).join(' ')}`;
}

/**
 * One line of text, for printing: `add(%0, mul(%1, 2:f32))`.
 *
 * @param part the text of arguments. Without it what is shared is written out each time: names for it keep text short.
 */
export function expressionText(e: Expression, part: (arg: Expression) => string = (a) => expressionText(a)): string {
  switch (e.kind) {
    case 'arg':
      return `arg${e.input}`;
    case 'load':
      return `%${e.access}`;
    case 'const':
      return `${Object.is(e.value, -0) ? '-0' : String(e.value)}:${e.type}`;
    case 'index':
      return `i${e.axis}`;
    case 'random':
      return `uniform${e.stream}`;
    case 'acc':
      return `acc${e.reduction}`;
    case 'apply':
      return e.fn === 'cast' ? `${e.type}(${part(e.args[0])})` : `${e.fn}(${e.args.map((a) => part(a)).join(', ')})`;
  }
}

/** InternalError unless arguments and results have the types that their functions take and give. */
export function verifyExpression(root: Expression): void {
  visitExpression(root, (e) => {
    if (e.kind !== 'apply') return;
    const [first] = e.args;
    const want = arities[e.fn];
    const isSame = (a: Expression, i: number) => a.type === first.type || (e.fn === 'select' && i > 0);
    const areFloats = !(e.fn in floatFunctions) || first.type === 'f32' || first.type === 'f64';
    const areBits = !(e.fn in bitFunctions) || ['i32', 'i64', 'bool'].includes(first.type);
    const areDivided =
      !(e.fn in divisions) || ['i32', 'i64'].includes(first.type) || (first.type === 'f32' && e.fn.endsWith('Mod'));
    const isChoice = e.fn !== 'select' || (first.type === 'bool' && e.args[1].type === e.args[2].type);
    const isTyped = areFloats && areBits && areDivided && isChoice;
    if (e.args.length !== want || !(e.fn === 'cast' || e.args.every(isSame)) || !isTyped)
      throw new InternalError(`ill-typed expression ${e.fn}(${e.args.map((a) => a.type).join(', ')}) -> ${e.type}`);
  });
}

const arities: Readonly<Record<FunctionName, number>> = {
  ...arithmetic,
  ...floatFunctions,
  ...bitFunctions,
  ...divisions,
  ...comparisons,
  select: 3,
  cast: 1,
};
