/**
 * What the emitters of vector functions share: a writer for floating-point lanes (constants, polynomials, multiply-adds, fused
 * where relaxed SIMD is to be had) and a pool of scratch locals, so that a function used often needs few.
 *
 * Emitters leave operands as they are and their result on the stack. They know nothing of memory, loops or plans.
 */
import type { FunctionBuilder, FunctionRef, Local, ValueType } from '../assembler/functionBuilder';
import type { ModuleBuilder } from '../assembler/moduleBuilder';

/** Writes code that computes lane by lane; operands are v128 locals that it does not change; the result is on the stack. */
export type VectorEmitter = (f: FunctionBuilder, ...operands: Local[]) => void;

/** What a vector function may use of the machine. */
export interface MathTarget {
  /** Whether f32x4.relaxed_madd and its kin validate. */
  readonly relaxed: boolean;
}

/** Polynomials of so many coefficients are worth splitting. */
const SPLIT_LENGTH = 5;

export type LaneShape = 'f32x4' | 'f64x2';

/** Instructions that both shapes have. */
type LaneInstruction =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'sqrt'
  | 'abs'
  | 'neg'
  | 'min'
  | 'max'
  | 'pmin'
  | 'pmax'
  | 'nearest'
  | 'floor'
  | 'trunc'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'gt'
  | 'le'
  | 'ge';

const pools = new WeakMap<FunctionBuilder, Map<ValueType, Local[]>>();

function poolOf(f: FunctionBuilder, type: ValueType): Local[] {
  let byType = pools.get(f);
  if (!byType) pools.set(f, (byType = new Map()));
  let pool = byType.get(type);
  if (!pool) byType.set(type, (pool = []));
  return pool;
}

/** Lends `count` scratch locals of one type to `body`: new ones, or ones that an earlier borrower is done with. */
export function withScratch<T>(
  f: FunctionBuilder,
  type: ValueType,
  count: number,
  body: (...scratch: Local[]) => T,
): T {
  const pool = poolOf(f, type);
  const scratch = Array.from({ length: count }, () => pool.pop() ?? f.local(type));
  try {
    return body(...scratch);
  } finally {
    pool.push(...scratch.reverse());
  }
}

/** Writes floating-point lanes of one shape. Methods take operands from the stack, then from the locals given. */
export class LaneWriter {
  constructor(
    readonly f: FunctionBuilder,
    readonly shape: LaneShape,
    readonly target: MathTarget,
  ) {}

  /** Lends scratch vectors. */
  scratch<T>(count: number, body: (...scratch: Local[]) => T): T {
    return withScratch(this.f, 'v128', count, body);
  }

  constant(value: number): this {
    if (this.shape === 'f32x4') this.f.f32x4(value);
    else this.f.f64x2(value);
    return this;
  }

  get(local: Local): this {
    this.f.get(local);
    return this;
  }

  set(local: Local): this {
    this.f.set(local);
    return this;
  }

  tee(local: Local): this {
    this.f.tee(local);
    return this;
  }

  op(name: LaneInstruction): this {
    this.f.op(`${this.shape}.${name}`);
    return this;
  }

  bits(name: 'and' | 'or' | 'xor' | 'andnot' | 'not' | 'bitselect'): this {
    this.f.op(`v128.${name}`);
    return this;
  }

  /** Gives the top, whose lanes are positive or have the sign already, the signs of x. */
  copySign(x: Local): this {
    return this.get(x).constant(-0).bits('and').bits('or');
  }

  /** top · x + y. */
  multiplyAdd(x: Local | number, y: Local | number): this {
    this.#push(x);
    if (!this.target.relaxed) this.op('mul');
    this.#push(y);
    if (this.target.relaxed) this.f.op(`${this.shape}.relaxed_madd`);
    else this.op('add');
    return this;
  }

  /** y − x · factor; leaves the stack's top below. */
  subtractProduct(y: Local, x: Local, factor: Local | number): this {
    if (this.target.relaxed) {
      this.f.get(x);
      this.#push(factor);
      this.f.get(y).op(`${this.shape}.relaxed_nmadd`);
    } else {
      this.f.get(y).get(x);
      this.#push(factor);
      this.op('mul').op('sub');
    }
    return this;
  }

  /**
   * Σ coefficients[k] · x^k. Long ones are split into even and odd powers, two chains of Horner's rule that run side by side;
   * `square` is x² where that is at hand already.
   */
  polynomial(x: Local, coefficients: readonly number[], square?: Local): this {
    if (coefficients.length < SPLIT_LENGTH) return this.horner(x, coefficients);
    if (square === undefined) {
      return this.scratch(1, (own) => this.get(x).get(x).op('mul').set(own).polynomial(x, coefficients, own));
    }
    const odd = coefficients.filter((_, k) => k % 2 === 1);
    const even = coefficients.filter((_, k) => k % 2 === 0);
    this.horner(square, odd).get(x);
    if (!this.target.relaxed) this.op('mul');
    this.horner(square, even);
    if (this.target.relaxed) this.f.op(`${this.shape}.relaxed_madd`);
    else this.op('add');
    return this;
  }

  /** The same as one chain. */
  horner(x: Local, coefficients: readonly number[]): this {
    this.constant(coefficients[coefficients.length - 1]);
    for (let k = coefficients.length - 2; k >= 0; k--) this.multiplyAdd(x, coefficients[k]);
    return this;
  }

  #push(value: Local | number): void {
    if (typeof value === 'number') this.constant(value);
    else this.f.get(value);
  }
}

/** Emitters by the names of functions. */
export type FunctionTable<Name extends string> = Readonly<Record<Name, VectorEmitter>>;

/** Makes emitters of functions that are written in terms of a writer. */
export function makeFunctions<Name extends string>(
  shape: LaneShape,
  writers: Readonly<Record<Name, (w: LaneWriter, ...operands: [Local, Local]) => void>>,
  target: MathTarget,
): FunctionTable<Name> {
  const table: Partial<Record<Name, VectorEmitter>> = {};
  for (const name of Object.keys(writers) as Name[]) {
    table[name] = (f, ...operands) => writers[name](new LaneWriter(f, shape, target), ...(operands as [Local, Local]));
  }
  return table as FunctionTable<Name>;
}

/** Defines a function of a module, not exported, from vectors to a vector. */
export function defineVectorFunction(module: ModuleBuilder, arity: number, emit: VectorEmitter): FunctionRef {
  const operands = Array.from({ length: arity }, (): ValueType => 'v128');
  return module.define(null, operands, ['v128'], emit);
}
