/**
 * What a kernel's expressions and accesses say about its loops: whether they can work on vectors, how many at once, what stays
 * the same while an axis is walked, and what has to be read before anything is stored.
 */
import { type Expression, visitExpression } from '../../../ir/expression';
import type { Access, LoopKernel, Phase, Reduction } from '../../../ir/kernel';
import { hasMath } from '../math/functions';
import { hasLanes, isLong, type LaneCount } from './lanes';
import { type Axis, expressionsOf, type Nest, UNROLL } from './nest';
import { hasVectorReduction } from './reducers';
import { hasVectorCode } from './vectorCode';

/** Expressions of more nodes are not unrolled, unless all of them are single instructions: then those of some more. */
const MOST_UNROLLED = 40;
const MOST_UNROLLED_INSTRUCTIONS = 200;

export class Facts {
  readonly expressions: readonly Expression[];
  /** Whether there is code for vectors, and of how many elements. */
  readonly isVector: boolean;
  readonly lanes: LaneCount;
  /** Whether a buffer is both read and written. */
  readonly isInPlace: boolean;
  readonly #written: ReadonlySet<Access['buffer']>;

  constructor(
    readonly kernel: LoopKernel,
    readonly nest: Nest,
  ) {
    const { accesses, phases } = kernel;
    this.expressions = expressionsOf(kernel);
    const nodes = nodesOf(this.expressions);
    // What is computed once per row is computed by itself, unless rows are lanes.
    const stores = phases.flatMap((p) => (nest.byColumns ? [...p.stores, ...p.rowStores] : p.stores));
    const inLanes = nodesOf([...phases.flatMap(rootsOf), ...stores.map(({ expression }) => expression)]);
    const touched = [
      ...stores.map(({ access }) => access),
      ...inLanes.flatMap((e) => (e.kind === 'load' ? [e.access] : [])),
    ].map((access) => accesses[access].buffer.dtype);
    this.lanes = inLanes.some(({ type }) => isLong(type)) || touched.some(({ size }) => size === 8) ? 2 : 4;
    const { lanes } = this;
    this.isVector =
      nest.lane !== null &&
      inLanes.every((e) => hasVectorCode(e, lanes)) &&
      touched.every((dtype) => hasLanes(dtype, lanes)) &&
      (nest.byColumns || phases.every(({ reductions }) => reductions.every((r) => hasVectorReduction(r, lanes)))) &&
      // Words come four at a time.
      !(lanes === 2 && kernel.streams.length > 0);
    this.#written = new Set(
      phases.flatMap((p) => [...p.stores, ...p.rowStores].map(({ access }) => accesses[access].buffer)),
    );
    this.isInPlace = nodes.some((e) => e.kind === 'load' && this.#isWritten(e.access));
  }

  /** Steps along the lane axis, in vectors at a time; 0 is one element. */
  widths(): readonly number[] {
    if (!this.isVector) return [0];
    const nodes = nodesOf(this.expressions);
    const isShort =
      nodes.length <=
      (nodes.some((e) => e.kind === 'apply' && hasMath('f32x4', e.fn)) ? MOST_UNROLLED : MOST_UNROLLED_INSTRUCTIONS);
    // Words come in groups of four vectors, and faster in two groups at once.
    const [several, single] = this.kernel.streams.length > 0 ? [2 * UNROLL, UNROLL] : [UNROLL, 1];
    const widths = isShort ? [several, single, 0] : [single, 0];
    return widths.filter((width) => width * this.lanes <= this.nest.lane!.length);
  }

  /** Tells what has the same value at every element. */
  constants(): (e: Expression) => boolean {
    const { rows, reduced, lane } = this.nest;
    return this.#invariance([...rows, ...reduced, ...(lane ? [lane] : [])], false);
  }

  /** Tells what keeps its value in loops over `axes`; results of reductions, which are made by then, among it. */
  invariantIn(axes: readonly Axis[]): (e: Expression) => boolean {
    return this.#invariance(axes, true);
  }

  #invariance(axes: readonly Axis[], knowsAccumulators: boolean): (e: Expression) => boolean {
    const memo = new Map<Expression, boolean>();
    const compute = (e: Expression): boolean => {
      switch (e.kind) {
        case 'load':
          // What the kernel itself writes may change under a hoisted load.
          return axes.every(({ strides }) => strides[e.access] === 0) && !this.#isWritten(e.access);
        case 'index':
          return axes.every(({ domainAxis }) => domainAxis !== e.axis);
        case 'random':
          return false;
        case 'acc':
          return knowsAccumulators;
        case 'apply':
          return e.args.every(test);
        default:
          return true;
      }
    };
    const test = (e: Expression): boolean => {
      let known = memo.get(e);
      if (known === undefined) memo.set(e, (known = compute(e)));
      return known;
    };
    return test;
  }

  /** Whether a float is known to be at most zero, or NaN: such exponents take less code. */
  isNeverPositive(e: Expression): boolean {
    if (e.kind === 'const') return Number(e.value) <= 0;
    if (e.kind !== 'apply') return false;
    const [a, b] = e.args;
    if (e.fn === 'neg') return a.kind === 'apply' && (a.fn === 'abs' || (a.fn === 'mul' && a.args[0] === a.args[1]));
    // A number less the largest of its row.
    return e.fn === 'sub' && b.kind === 'acc' && this.#isLargest(b.reduction, a);
  }

  #isLargest(reduction: number, e: Expression): boolean {
    const found = this.kernel.phases.flatMap(({ reductions }) => reductions).find(({ id }) => id === reduction);
    if (found?.combiner !== 'max') return false;
    const { expression } = found;
    return (
      expression === e ||
      (expression.kind === 'load' && e.kind === 'load' && expression.access === e.access && !this.#isWritten(e.access))
    );
  }

  /** The `acc` expression that later phases use for a reduction. */
  accumulatorOf({ id, type }: Reduction): Expression {
    const isIt = (e: Expression) => e.kind === 'acc' && e.reduction === id;
    return nodesOf(this.expressions).find(isIt) ?? { kind: 'acc', type, reduction: id };
  }

  #isWritten(access: number): boolean {
    return this.#written.has(this.kernel.accesses[access].buffer);
  }
}

/** What a phase evaluates at each element. */
export function rootsOf(phase: Phase): Expression[] {
  return [...phase.stores, ...phase.reductions].map(({ expression }) => expression);
}

/** Every node of some expressions, once. */
export function nodesOf(roots: readonly Expression[]): Expression[] {
  const nodes = new Set<Expression>();
  for (const root of roots) visitExpression(root, () => {}, nodes);
  return [...nodes];
}
