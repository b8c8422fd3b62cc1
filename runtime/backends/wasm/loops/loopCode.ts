/**
 * Writes the function of a loop kernel: its nest of loops with one pointer per access, vectors of four along the lane axis,
 * and what is left over element by element.
 *
 * The function takes the address of the first element of each access, the address of the random stream's state if it has one,
 * and, when the work can be split, a range of the outermost axis: of rows, of lanes where there are none (in groups of
 * LANE_GRAIN), or of blocks of columns.
 *
 * Long because all loops of a nest are written by one writer that keeps their pointers.
 */
import { InternalError } from '../../../../graph/errors';
import { type Expression, sizeOfExpression, visitExpression } from '../../../ir/expression';
import type { LoopKernel, Phase, Reduction } from '../../../ir/kernel';
import type { FunctionBuilder, GlobalRef, Local } from '../assembler/functionBuilder';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import { emitPhilox4, emitPhiloxSetup, type PhiloxLocals } from '../random/philox';
import { Evaluator, LANES, type Surroundings } from './evaluator';
import { type Axis, expressionsOf, type Nest, nestOf } from './nest';
import {
  type Accumulator,
  accumulate,
  finishColumns,
  finishLanes,
  mergeAccumulators,
  startAccumulator,
} from './reducers';
import { localType } from './types';
import { hasVectorCode, type VectorMath } from './vectorCode';

/** Vectors handled at once. */
const UNROLL = 4;
/** Elements in a group that random words come in, and columns in a block. */
export const LANE_GRAIN = LANES * UNROLL;
/** Expressions of more nodes are not unrolled. */
const MOST_UNROLLED = 40;

/** What may be split among threads: the range of the last two parameters. */
export interface KernelRange {
  readonly extent: number;
  readonly grain: number;
}

const sizeOf = (axes: readonly Axis[]): number => axes.reduce((n, { length }) => n * length, 1);

/** How the work of a kernel can be split; null when it cannot. */
export function rangeOf(nest: Nest): KernelRange | null {
  if (nest.rows.length > 0) return { extent: nest.rows[0].length, grain: 1 };
  if (nest.lane === null || nest.lane.isReduced) return null;
  if (nest.byColumns) return { extent: Math.ceil(nest.lane.length / LANE_GRAIN), grain: 1 };
  return { extent: nest.lane.length, grain: LANE_GRAIN };
}

export interface LoopFunction {
  readonly nest: Nest;
  readonly range: KernelRange | null;
}

/** Defines the function of a kernel in a module, exported under that name. */
export function defineLoop(
  module: ModuleBuilder,
  name: string,
  kernel: LoopKernel,
  math: VectorMath,
  scratch: GlobalRef,
): LoopFunction {
  const nest = nestOf(kernel);
  const range = rangeOf(nest);
  const count = kernel.accesses.length + kernel.streams.length + (range ? 2 : 0);
  module.define(name, new Array<'i32'>(count).fill('i32'), [], (f, ...params) => {
    new LoopWriter(f, params, kernel, nest, range, math, scratch).write();
  });
  return { nest, range };
}

type Mode = 'scalar' | 'vector';

class LoopWriter implements Surroundings {
  readonly accesses: LoopKernel['accesses'];
  #pointers: Local[];
  #positions = new Map<number, Local>();
  /** The index of the current element, counted over the whole domain, for random words. */
  #linear: Local | null = null;
  readonly #isVector: boolean;
  readonly #inPlace: boolean;
  readonly #expressions: readonly Expression[];
  #philox: PhiloxLocals | null = null;
  #words: readonly Local[] = [];

  constructor(
    readonly f: FunctionBuilder,
    readonly params: readonly Local[],
    readonly kernel: LoopKernel,
    readonly nest: Nest,
    readonly range: KernelRange | null,
    readonly math: VectorMath,
    readonly scratch: GlobalRef,
  ) {
    this.accesses = kernel.accesses;
    this.#pointers = params.slice(0, kernel.accesses.length);
    this.#expressions = expressionsOf(kernel);
    this.#isVector = nest.lane !== null && allHaveVectorCode(this.#expressions) && this.#accessesHaveLanes();
    const stored = new Set(kernel.phases.flatMap((p) => [...p.stores, ...p.rowStores].map((s) => s.access)));
    const storedBuffers = new Set([...stored].map((i) => kernel.accesses[i].buffer));
    this.#inPlace = this.#loads().some((access) => storedBuffers.has(kernel.accesses[access].buffer));
  }

  // What evaluators ask for.

  pointer(access: number): Local {
    return this.#pointers[access];
  }

  laneStride(access: number): number {
    return this.nest.lane?.strides[access] ?? 0;
  }

  position(axis: number): Local {
    const position = this.#positions.get(axis);
    if (!position) throw new InternalError(`no loop over axis ${axis} here`);
    return position;
  }

  isLaneAxis(axis: number): boolean {
    return this.nest.lane?.domainAxis === axis;
  }

  write(): void {
    const { f, nest, kernel } = this;
    if (kernel.streams.length > 0) {
      this.#philox = emitPhiloxSetup(f, this.params[kernel.accesses.length]);
      this.#linear = f.local('i32');
    }
    // What is the same at every element is computed once, ahead of everything.
    const constants = new Evaluator(this, 'scalar', 0, null);
    constants.expect(this.#expressions);
    const moving = this.#movingAccesses([...nest.rows, ...nest.reduced, ...(nest.lane ? [nest.lane] : [])]);
    constants.hoist(this.#expressions, (e) => this.#isInvariant(e, moving, null));
    const [begin, end] = this.range ? this.params.slice(-2) : [null, null];
    if (nest.rows.length > 0) {
      this.#loop(nest.rows[0], begin, end, () => this.#rows(1, constants));
    } else if (nest.byColumns) this.#columns(constants, begin, end);
    else if (nest.lane?.isReduced === false) this.#lanesOfMap(constants, begin, end);
    else {
      if (this.#philox) this.#drawOne(constants);
      this.#rowBody(constants);
    }
  }

  /** The random number of a kernel of a single element. */
  #drawOne(evaluator: Evaluator): void {
    const { f } = this;
    const address = f.local('i32');
    this.#words = Array.from({ length: UNROLL }, () => f.local('v128'));
    this.#drawWords();
    f.getGlobal(this.scratch).tee(address).get(this.#words[0]).access('v128.store');
    this.#defineUniform(evaluator, address);
  }

  #rows(level: number, outer: Evaluator): void {
    const { nest } = this;
    if (level < nest.rows.length) {
      this.#loop(nest.rows[level], null, null, () => this.#rows(level + 1, outer));
      return;
    }
    if (nest.byColumns) this.#columns(outer, null, null);
    else if (nest.lane !== null && !nest.lane.isReduced) this.#lanesOfMap(outer, null, null);
    else this.#rowBody(outer);
  }

  /** A loop over an axis, or from `begin` to `end` of it, that moves all pointers along. */
  #loop(axis: Axis, begin: Local | null, end: Local | null, body: () => void): void {
    const { f } = this;
    const counter = f.local('i32');
    const saved = this.#enter(axis, begin);
    const savedPosition = axis.domainAxis >= 0 ? this.#positions.get(axis.domainAxis) : undefined;
    if (begin) f.get(begin).set(counter);
    else f.i32(0).set(counter);
    if (axis.domainAxis >= 0) this.#positions.set(axis.domainAxis, counter);
    f.block((done) => {
      f.loop((again) => {
        f.get(counter);
        if (end) f.get(end);
        else f.i32(axis.length);
        f.op('i32.ge_s').brIf(done);
        body();
        this.#advance(axis, 1);
        f.get(counter).i32(1).op('i32.add').set(counter).br(again);
      });
    });
    this.#leave(saved);
    if (axis.domainAxis >= 0 && savedPosition) this.#positions.set(axis.domainAxis, savedPosition);
  }

  /** New pointers for a loop over an axis, `begin` elements along it. Returns the pointers of the loop around. */
  #enter(axis: Axis, begin: Local | null): { pointers: Local[]; linear: Local | null } {
    const { f } = this;
    const saved = { pointers: this.#pointers, linear: this.#linear };
    const start = (from: Local, stride: number): Local => {
      const local = f.local('i32');
      f.get(from);
      if (begin) f.get(begin).i32(stride).op('i32.mul').op('i32.add');
      f.set(local);
      return local;
    };
    this.#pointers = this.#pointers.map((pointer, access) => {
      const stride = axis.strides[access] * this.accesses[access].buffer.dtype.size;
      return stride === 0 ? pointer : start(pointer, stride);
    });
    if (this.#linear) this.#linear = start(this.#linear, axis.linear);
    return saved;
  }

  #leave(saved: { pointers: Local[]; linear: Local | null }): void {
    this.#pointers = saved.pointers;
    this.#linear = saved.linear;
  }

  #advance(axis: Axis, elements: number): void {
    const { f } = this;
    const step = (local: Local, distance: number) => f.get(local).i32(distance).op('i32.add').set(local);
    this.#pointers.forEach((pointer, access) => {
      const stride = axis.strides[access] * this.accesses[access].buffer.dtype.size;
      if (stride !== 0) step(pointer, stride * elements);
    });
    if (this.#linear) step(this.#linear, axis.linear * elements);
  }

  /**
   * Loops along the lane axis: `UNROLL` vectors at a time, then single vectors, then single elements. `body` writes the code for
   * that many vectors (0: one element).
   */
  #lanes(
    begin: Local | null,
    end: Local | null,
    widths: readonly number[],
    body: (vectors: number) => void,
    before?: (vectors: number) => void,
  ): void {
    const { f } = this;
    const axis = this.nest.lane!;
    const rest = f.local('i32');
    const saved = this.#enter(axis, begin);
    const needsPosition = axis.domainAxis >= 0;
    const position = needsPosition ? f.local('i32') : null;
    const savedPosition = needsPosition ? this.#positions.get(axis.domainAxis) : undefined;
    if (end && begin) f.get(end).get(begin).op('i32.sub').set(rest);
    else f.i32(axis.length).set(rest);
    if (position) {
      if (begin) f.get(begin).set(position);
      else f.i32(0).set(position);
      this.#positions.set(axis.domainAxis, position);
    }
    let left = axis.length;
    for (const width of widths) {
      const elements = width === 0 ? 1 : width * LANES;
      if (!end && left < elements) continue;
      left %= elements;
      before?.(width);
      f.block((done) => {
        f.loop((again) => {
          f.get(rest).i32(elements).op('i32.lt_s').brIf(done);
          body(width);
          this.#advance(axis, elements);
          if (position) f.get(position).i32(elements).op('i32.add').set(position);
          f.get(rest).i32(elements).op('i32.sub').set(rest).br(again);
        });
      });
    }
    this.#leave(saved);
    if (needsPosition && savedPosition) this.#positions.set(axis.domainAxis, savedPosition);
  }

  #widths(): readonly number[] {
    if (!this.#isVector) return [0];
    if (this.#philox) return [UNROLL, 0];
    const nodes = this.#expressions.reduce((n, e) => n + sizeOfExpression(e), 0);
    return nodes <= MOST_UNROLLED ? [UNROLL, 1, 0] : [1, 0];
  }

  /** The stores of a kernel without reductions, along the lane axis. */
  #lanesOfMap(outer: Evaluator, begin: Local | null, end: Local | null): void {
    const { f, kernel } = this;
    const roots = this.#expressions;
    const moving = this.#movingAccesses([this.nest.lane!]);
    const invariant = (e: Expression) => this.#isInvariant(e, moving, this.nest.lane!);
    const byMode = new Map<Mode, Evaluator>();
    const inLoop = (mode: Mode): Evaluator => byMode.get(mode)!;
    const widths = this.#widths();
    for (const mode of ['vector', 'scalar'] as const) {
      if (!widths.some((width) => (width === 0 ? 'scalar' : 'vector') === mode)) continue;
      const evaluator = new Evaluator(this, mode, 0, outer);
      evaluator.expect(roots);
      evaluator.hoist(roots, invariant);
      byMode.set(mode, evaluator);
    }
    if (this.#philox) this.#words = Array.from({ length: UNROLL }, () => f.local('v128'));
    const tail = f.local('i32');
    this.#lanes(
      begin,
      end,
      widths,
      (vectors) => {
        if (this.#philox && vectors > 0) this.#drawWords();
        if (this.#philox && !this.#isVector) this.#drawForElement(tail);
        for (let v = 0; v < Math.max(1, vectors); v++) {
          const evaluator = new Evaluator(
            this,
            vectors ? 'vector' : 'scalar',
            v * LANES,
            inLoop(vectors ? 'vector' : 'scalar'),
          );
          evaluator.expect(roots);
          if (this.#philox) this.#defineUniform(evaluator, vectors > 0 ? this.#words[v] : tail);
          for (const phase of kernel.phases) this.#storeAll(evaluator, phase.stores);
        }
        if (this.#philox && this.#isVector && vectors === 0) f.get(tail).i32(4).op('i32.add').set(tail);
      },
      (vectors) => {
        // The last, partial group of words waits in scratch memory for its elements.
        if (!this.#philox || !this.#isVector || vectors > 0) return;
        f.getGlobal(this.scratch).set(tail);
        this.#keepWords(tail);
      },
    );
  }

  /** Draws sixteen words and puts them at an address. */
  #keepWords(address: Local): void {
    this.#drawWords();
    this.#words.forEach((word, i) =>
      this.f
        .get(address)
        .get(word)
        .access('v128.store', 16 * i),
    );
  }

  /** In kernels without vectors: the address of the current element's word, drawn with its group by the first that needs it. */
  #drawForElement(address: Local): void {
    const { f } = this;
    const inGroup = () =>
      f
        .get(this.#linear!)
        .i32(LANE_GRAIN - 1)
        .op('i32.and');
    f.getGlobal(this.scratch).set(address);
    f.block((drawn) => {
      inGroup().brIf(drawn);
      this.#keepWords(address);
    });
    f.get(address);
    inGroup().i32(2).op('i32.shl').op('i32.add').set(address);
  }

  /** Sixteen words from the current element on. */
  #drawWords(): void {
    const { f } = this;
    const block = f.local('i32');
    f.get(this.#linear!).i32(2).op('i32.shr_u').set(block);
    emitPhilox4(f, this.#philox!, block, this.#words as never);
  }

  /** Lets `random` stand for uniform numbers made of words: a vector of them, or the one at an address. */
  #defineUniform(evaluator: Evaluator, words: Local): void {
    const { f } = this;
    const isVector = evaluator.mode === 'vector';
    const uniform = f.local(isVector ? 'v128' : 'f32');
    if (isVector) {
      f.get(words).i32x4(0x7fffff).op('v128.and').i32x4(0x3f800000).op('v128.or').f32x4(1).op('f32x4.sub').set(uniform);
    } else {
      f.get(words).access('i32.load').i32(0x7fffff).op('i32.and').i32(0x3f800000).op('i32.or');
      f.op('f32.reinterpret_i32').f32(1).op('f32.sub').set(uniform);
    }
    for (const root of this.#expressions)
      visitExpression(root, (e) => {
        if (e.kind === 'random') evaluator.define(e, uniform);
      });
  }

  #storeAll(evaluator: Evaluator, stores: Phase['stores']): void {
    if (this.#inPlace) evaluator.settle(stores.map(({ expression }) => expression));
    for (const { access, expression } of stores) evaluator.store(access, expression);
  }

  /** One row of a kernel that reduces along its lanes: its phases one after the other. */
  #rowBody(outer: Evaluator): void {
    const row = new Evaluator(this, 'scalar', 0, outer);
    row.expect(this.#expressions);
    for (const phase of this.kernel.phases) {
      if (phase.stores.length + phase.reductions.length > 0) this.#reduceAlongLanes(phase, row);
      this.#storeAll(row, phase.rowStores);
    }
  }

  #reduceAlongLanes(phase: Phase, row: Evaluator): void {
    const { f, nest } = this;
    const roots = rootsOf(phase);
    const inner = [...nest.reduced, ...(nest.lane ? [nest.lane] : [])];
    const movingInside = this.#movingAccesses(inner);
    row.hoist(roots, (e) => this.#isInvariant(e, movingInside, null, inner));
    if (nest.lane === null) {
      // A single element: each reduction is its own operand.
      this.#storeAll(row, phase.stores);
      for (const r of phase.reductions) {
        const local = f.local(localType(r.type));
        row.push(r.expression);
        f.set(local);
        row.define(this.#accumulator(r), local);
      }
      return;
    }
    const widths = this.#widths();
    const scalars = phase.reductions.map((r) => this.#startAccumulator(r, false));
    const most = Math.max(1, widths[0]);
    const vectors = phase.reductions.map((r) =>
      this.#isVector ? Array.from({ length: most }, () => this.#startAccumulator(r, true)) : [],
    );
    const walk = (level: number): void => {
      if (level < nest.reduced.length) {
        this.#loop(nest.reduced[level], null, null, () => walk(level + 1));
        return;
      }
      const before = new Map<Mode, Evaluator>();
      for (const mode of this.#isVector ? (['vector', 'scalar'] as const) : (['scalar'] as const)) {
        const evaluator = new Evaluator(this, mode, 0, row);
        evaluator.expect(roots);
        const moving = this.#movingAccesses([nest.lane!]);
        evaluator.hoist(roots, (e) => this.#isInvariant(e, moving, nest.lane!));
        before.set(mode, evaluator);
      }
      this.#lanes(null, null, widths, (width) => {
        for (let v = 0; v < Math.max(1, width); v++) {
          const mode = width ? 'vector' : 'scalar';
          const evaluator = new Evaluator(this, mode, v * LANES, before.get(mode)!);
          evaluator.expect(roots);
          this.#storeAll(evaluator, phase.stores);
          phase.reductions.forEach((r, i) =>
            this.#accumulate(evaluator, r, width ? vectors[i][v] : scalars[i], width > 0),
          );
        }
      });
    };
    walk(0);
    phase.reductions.forEach((r, i) => {
      const [first, ...others] = vectors[i];
      for (const other of others) mergeAccumulators(f, r.combiner, r.type, first, other);
      row.define(this.#accumulator(r), finishLanes(f, r.combiner, r.type, scalars[i], first ?? null));
    });
  }

  /** Blocks of columns, each walked through the reduced axes. */
  #columns(outer: Evaluator, begin: Local | null, end: Local | null): void {
    const { f, nest } = this;
    const lane = nest.lane!;
    let [from, to] = [begin, end];
    if (begin && end) {
      // Blocks as elements; the last block may be a partial one.
      [from, to] = [f.local('i32'), f.local('i32')];
      f.get(begin).i32(LANE_GRAIN).op('i32.mul').set(from);
      f.get(end).i32(LANE_GRAIN).op('i32.mul').set(to);
      f.i32(lane.length).get(to).get(to).i32(lane.length).op('i32.gt_s').op('select').set(to);
    }
    const widths = this.#isVector ? [UNROLL, 1, 0] : [0];
    this.#lanes(from, to, widths, (vectors) => this.#columnBlock(outer, vectors));
  }

  #columnBlock(outer: Evaluator, vectors: number): void {
    const { nest } = this;
    const mode = vectors ? 'vector' : 'scalar';
    const columns = Array.from({ length: Math.max(1, vectors) }, (_, v) => {
      const evaluator = new Evaluator(this, mode, v * LANES, outer);
      evaluator.expect(this.#expressions);
      return evaluator;
    });
    for (const phase of this.kernel.phases) {
      const roots = rootsOf(phase);
      const moving = this.#movingAccesses(nest.reduced);
      const accumulators = columns.map((column) => {
        column.hoist(roots, (e) => this.#isInvariant(e, moving, null, nest.reduced));
        return phase.reductions.map((r) => this.#startAccumulator(r, vectors > 0));
      });
      const walk = (level: number): void => {
        if (level < nest.reduced.length) {
          this.#loop(nest.reduced[level], null, null, () => walk(level + 1));
          return;
        }
        columns.forEach((column, v) => {
          const evaluator = new Evaluator(this, mode, v * LANES, column);
          evaluator.expect(roots);
          this.#storeAll(evaluator, phase.stores);
          phase.reductions.forEach((r, i) => this.#accumulate(evaluator, r, accumulators[v][i], vectors > 0));
        });
      };
      if (roots.length > 0) walk(0);
      columns.forEach((column, v) => {
        phase.reductions.forEach((r, i) => {
          column.define(this.#accumulator(r), finishColumns(this.f, accumulators[v][i]));
        });
        this.#storeAll(column, phase.rowStores);
      });
    }
  }

  #startAccumulator(r: Reduction, isVector: boolean): Accumulator {
    return startAccumulator(this.f, r.combiner, r.type, isVector);
  }

  #accumulate(evaluator: Evaluator, r: Reduction, into: Accumulator, isVector: boolean): void {
    accumulate(this.f, r.combiner, r.type, into, isVector, () => evaluator.push(r.expression));
  }

  /** The `acc` expression that later phases use for a reduction. */
  #accumulator(r: Reduction): Expression {
    let found: Expression | null = null;
    for (const root of this.#expressions)
      visitExpression(root, (e) => {
        if (e.kind === 'acc' && e.reduction === r.id) found ??= e;
      });
    return found ?? { kind: 'acc', type: r.type, reduction: r.id };
  }

  // What moves.

  #loads(): number[] {
    const loads = new Set<number>();
    const seen = new Set<Expression>();
    for (const root of this.#expressions)
      visitExpression(root, (e) => (e.kind === 'load' ? loads.add(e.access) : null), seen);
    return [...loads];
  }

  #movingAccesses(axes: readonly Axis[]): Set<number> {
    const moving = new Set<number>();
    for (const axis of axes) axis.strides.forEach((stride, access) => (stride !== 0 ? moving.add(access) : null));
    return moving;
  }

  /**
   * Whether an expression keeps its value in loops that move `moving`. `within`: the axes of those loops; without, all axes count
   * for positions unless a lane axis is given.
   */
  #isInvariant(e: Expression, moving: ReadonlySet<number>, lane: Axis | null, within?: readonly Axis[]): boolean {
    const memo = this.#invariance.get(moving) ?? new Map<Expression, boolean>();
    this.#invariance.set(moving, memo);
    const test = (x: Expression): boolean => {
      let known = memo.get(x);
      if (known !== undefined) return known;
      switch (x.kind) {
        case 'load':
          // What the kernel itself writes may change under a hoisted load.
          known = !moving.has(x.access) && !this.#isStored(x.access);
          break;
        case 'index':
          known = lane
            ? lane.domainAxis !== x.axis
            : (within?.every(({ domainAxis }) => domainAxis !== x.axis) ?? false);
          break;
        case 'random':
          known = false;
          break;
        case 'acc':
          known = lane !== null || within !== undefined;
          break;
        case 'apply':
          known = x.args.every(test);
          break;
        default:
          known = true;
      }
      memo.set(x, known);
      return known;
    };
    return test(e);
  }

  readonly #invariance = new WeakMap<ReadonlySet<number>, Map<Expression, boolean>>();

  #isStored(access: number): boolean {
    const { buffer } = this.accesses[access];
    return this.kernel.phases.some((p) =>
      [...p.stores, ...p.rowStores].some((s) => this.accesses[s.access].buffer === buffer),
    );
  }

  #accessesHaveLanes(): boolean {
    return this.accesses.every(({ buffer }) => buffer.dtype.size <= 4 && buffer.dtype.size > 0);
  }
}

function rootsOf(phase: Phase): Expression[] {
  return [...phase.stores, ...phase.reductions].map(({ expression }) => expression);
}

function allHaveVectorCode(roots: readonly Expression[]): boolean {
  let all = true;
  const seen = new Set<Expression>();
  for (const root of roots) visitExpression(root, (e) => (all &&= hasVectorCode(e)), seen);
  return all;
}

/** Elements that a kernel visits, all phases together. */
export function workOf({ rows, lane, reduced }: Nest, phases: number): number {
  return sizeOf(rows) * (lane?.length ?? 1) * sizeOf(reduced) * phases;
}
