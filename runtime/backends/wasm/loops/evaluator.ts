/**
 * Writes the code of expressions at one place of a loop nest: for one element, or for four at a time. What is used twice
 * is kept in a local; what does not change in a loop is computed before it (`hoist`).
 */
import type { DType } from '../../../../graph/dtypes';
import { InternalError } from '../../../../graph/errors';
import { type Expression, type Load, type ScalarType, scalarTypeOf, visitExpression } from '../../../ir/expression';
import type { Access, Store } from '../../../ir/kernel';
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import {
  bytesOfMask,
  isLong,
  type LaneCount,
  loadLanes,
  maskOfBytes,
  narrowMask,
  pushVectorConstant,
  shapeOf,
  splat,
  storeLanes,
} from './lanes';
import type { Axis } from './nest';
import { scalarApply } from './scalarCode';
import { elementAccess, localType, pushConstant } from './types';
import { type VectorMath, vectorApply } from './vectorCode';

/** What the code around an expression provides. */
export interface Surroundings {
  readonly f: FunctionBuilder;
  readonly math: VectorMath;
  /** Elements in a vector. */
  readonly lanes: LaneCount;
  readonly accesses: readonly Access[];
  /** The address of the current element of each access. */
  pointer(access: number): Local;
  /** Distance in elements from one lane to the next. */
  laneStride(access: number): number;
  /** The position along an axis of the domain; in vectors, of lane 0. */
  position(axis: number): Local;
  isLaneAxis(axis: number): boolean;
  /** Whether a float is at most zero or NaN, whatever the data. */
  isNeverPositive(e: Expression): boolean;
}

/** The type of elements as they are loaded and stored one by one: bools are integers. */
function inRegister(dtype: DType): ScalarType {
  return dtype.isBool ? 'i32' : scalarTypeOf(dtype)!;
}

/** Whether all bits of a constant are zero. */
function isZero(e: Expression): boolean {
  return e.kind === 'const' && Object.is(Number(e.value), 0);
}

export class Evaluator {
  readonly #kept = new Map<Expression, Local>();
  readonly #uses = new Map<Expression, number>();
  /** The same distance in elements. */
  readonly #shift: number;

  constructor(
    readonly around: Surroundings,
    readonly mode: 'scalar' | 'vector',
    /** Vectors along the lane axis from the pointers to where this evaluator works. */
    readonly vector: number,
    /** What surrounding loops have computed. */
    readonly outer: Evaluator | null,
    /** Steps along another axis from the pointers to where this works. */
    readonly beyond: { readonly axis: Axis; readonly steps: number } | null = null,
  ) {
    this.#shift = vector * around.lanes;
  }

  /** Declares what will be evaluated here, so that shared parts are computed once. */
  expect(roots: readonly Expression[]): void {
    const seen = new Set<Expression>();
    for (const root of roots) {
      this.#uses.set(root, (this.#uses.get(root) ?? 0) + 1);
      visitExpression(
        root,
        (e) => {
          if (e.kind === 'apply') for (const a of e.args) this.#uses.set(a, (this.#uses.get(a) ?? 0) + 1);
        },
        seen,
      );
    }
  }

  /** Lets an expression stand for a local, which holds a scalar or, here, a vector. */
  define(e: Expression, local: Local): void {
    this.#kept.set(e, local);
  }

  /** Computes now what of the expressions is the same all through a loop that follows. */
  hoist(roots: readonly Expression[], isInvariant: (e: Expression) => boolean): void {
    const seen = new Set<Expression>();
    const visit = (e: Expression): void => {
      if (seen.has(e)) return;
      seen.add(e);
      if (e.kind === 'const') return;
      const known = this.#find(e);
      if (known && this.mode === 'vector' && known.type !== 'v128') this.#spread(e, known);
      if (known) return;
      if (isInvariant(e)) this.#keep(e);
      else if (e.kind === 'apply') for (const a of e.args) visit(a);
    };
    for (const root of roots) visit(root);
  }

  /** Pushes the value of an expression. */
  push(e: Expression): void {
    const { f } = this.around;
    const kept = this.#find(e);
    if (kept) {
      f.get(kept);
      if (this.mode === 'vector' && kept.type !== 'v128') splat(this.around.f, e.type);
      return;
    }
    if (e.kind !== 'const' && (this.#uses.get(e) ?? 0) > 1) {
      f.get(this.#keep(e));
      return;
    }
    this.#compute(e);
  }

  /** Whether a vector of float32 is used once, straight from consecutive elements in memory. */
  isHere(e: Expression): e is Load {
    return (
      e.kind === 'load' &&
      e.type === 'f32' &&
      this.mode === 'vector' &&
      this.around.lanes === 4 &&
      this.around.laneStride(e.access) === 1 &&
      !this.#find(e) &&
      (this.#uses.get(e) ?? 0) <= 1
    );
  }

  /** Pushes the lower or the upper two lanes of what `isHere`, in the lower half of a vector. */
  pushHalf({ access }: Load, half: number): void {
    const offset = this.#address(access, 0);
    this.around.f.access('v128.load64_zero', offset + 8 * half);
  }

  /** Stores an expression to the current element of an access. */
  store(access: number, e: Expression): void {
    const { f, accesses } = this.around;
    const { dtype } = accesses[access].buffer;
    const stride = this.around.laneStride(access);
    if (this.mode === 'scalar') {
      const offset = this.#address(access, 0);
      this.push(e);
      f.access(elementAccess(dtype).store, offset);
    } else if (stride === 1) storeLanes(f, dtype, this.around.lanes, this.#address(access, 0), () => this.push(e));
    else this.#scatter(access, e);
  }

  /** Several stores; if the kernel works in place, what they read is computed before any of them is made. */
  storeAll(stores: readonly Store[], isInPlace: boolean): void {
    if (isInPlace) for (const { expression: e } of stores) if (e.kind !== 'const' && !this.#find(e)) this.#keep(e);
    for (const { access, expression } of stores) this.store(access, expression);
  }

  #find(e: Expression): Local | undefined {
    return this.#kept.get(e) ?? this.outer?.lookUp(e);
  }

  lookUp(e: Expression): Local | undefined {
    return this.#find(e);
  }

  /** Computes an expression into a local. */
  #keep(e: Expression): Local {
    const local = this.around.f.local(this.mode === 'vector' ? 'v128' : localType(e.type));
    this.#compute(e);
    this.around.f.set(local);
    this.#kept.set(e, local);
    return local;
  }

  /** Keeps what an outer scalar evaluator has computed, in all lanes. */
  #spread(e: Expression, scalar: Local): void {
    const local = this.around.f.local('v128');
    this.around.f.get(scalar);
    splat(this.around.f, e.type);
    this.around.f.set(local);
    this.#kept.set(e, local);
  }

  #compute(e: Expression): void {
    const { f, math } = this.around;
    switch (e.kind) {
      case 'const':
        if (this.mode === 'vector') pushVectorConstant(f, e.type, e.value);
        else pushConstant(f, e.type, e.value);
        break;
      case 'load':
        this.#load(e.access);
        break;
      case 'index':
        this.#index(e.axis);
        break;
      case 'apply':
        if (e.fn === 'select') this.#select(e.args);
        else {
          for (const a of e.args) this.push(a);
          if (this.mode === 'vector')
            vectorApply(f, e, this.around.lanes, math, () => this.around.isNeverPositive(e.args[0]));
          else scalarApply(f, e, math);
        }
        break;
      default:
        throw new InternalError(`${e.kind} of an expression has no value here`);
    }
  }

  #select([condition, yes, no]: readonly Expression[]): void {
    const { f, lanes } = this.around;
    if (this.mode === 'vector' && (isZero(yes) || isZero(no))) {
      // Bits are taken or left.
      this.push(isZero(yes) ? no : yes);
      this.push(condition);
      if (!isLong(yes.type) && yes.type !== 'bool') narrowMask(f, lanes);
      f.op(isZero(yes) ? 'v128.andnot' : 'v128.and');
      return;
    }
    for (const e of [yes, no, condition]) this.push(e);
    if (this.mode === 'scalar') f.op('select');
    else {
      if (!isLong(yes.type) && yes.type !== 'bool') narrowMask(f, lanes);
      f.op('v128.bitselect');
    }
  }

  #load(access: number): void {
    const { f, accesses, lanes } = this.around;
    const { dtype } = accesses[access].buffer;
    const stride = this.around.laneStride(access);
    if (this.mode === 'vector' && stride === 1) {
      loadLanes(f, dtype, lanes, this.#address(access, 0));
      return;
    }
    const one = (lane: number) => f.access(elementAccess(dtype).load, this.#address(access, lane));
    one(0);
    if (this.mode === 'scalar') return;
    const shape = shapeOf(inRegister(dtype), lanes);
    f.op(`${shape}.splat`);
    if (stride !== 0) {
      for (let lane = 1; lane < lanes; lane++) {
        one(lane);
        f.lane(`${shape}.replace_lane`, lane);
      }
    }
    if (dtype.isBool) maskOfBytes(f, lanes);
  }

  #scatter(access: number, e: Expression): void {
    const { f, accesses, lanes } = this.around;
    const { dtype } = accesses[access].buffer;
    const value = f.local('v128');
    this.push(e);
    if (dtype.isBool) bytesOfMask(f, lanes);
    f.set(value);
    for (let lane = 0; lane < lanes; lane++) {
      const offset = this.#address(access, lane);
      f.get(value).lane(`${shapeOf(inRegister(dtype), lanes)}.extract_lane`, lane);
      f.access(elementAccess(dtype).store, offset);
    }
  }

  #index(axis: number): void {
    const { f } = this.around;
    f.get(this.around.position(axis));
    if (this.beyond?.axis.domainAxis === axis) f.i32(this.beyond.steps).op('i32.add');
    const isLane = this.around.isLaneAxis(axis);
    if (this.mode === 'scalar') {
      if (isLane && this.#shift !== 0) f.i32(this.#shift).op('i32.add');
      return;
    }
    f.op('i32x4.splat');
    if (isLane) f.i32x4(this.#shift, this.#shift + 1, this.#shift + 2, this.#shift + 3).op('i32x4.add');
  }

  /** Pushes an address for a lane's element of an access. Returns the offset to be added to it: offsets are never negative. */
  #address(access: number, lane: number): number {
    const { f, accesses } = this.around;
    const along = (this.#shift + lane) * this.around.laneStride(access);
    const across = this.beyond ? this.beyond.steps * this.beyond.axis.strides[access] : 0;
    const distance = (along + across) * accesses[access].buffer.dtype.size;
    f.get(this.around.pointer(access));
    if (distance < 0) f.i32(distance).op('i32.add');
    return Math.max(0, distance);
  }
}
