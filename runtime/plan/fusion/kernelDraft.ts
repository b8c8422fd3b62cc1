/**
 * A loop kernel while fusion is adding to it: which values it computes, on which level and in which phase.
 */
import type { Operation } from '../../../graph/operation';
import { sameDims, stridesOf } from '../../broadcast';
import type { AxisMap, AxisMaps } from '../../ir/access';
import {
  type Accumulator,
  type Expression,
  replaceLeaves,
  type ScalarType,
  sizeOfExpression,
  visitExpression,
} from '../../ir/expression';
import type { Access, Buffer, LoopKernel, Phase, Reduction, RoutineKernel, Store } from '../../ir/kernel';
import type { Combiner, RandomSource } from '../../ir/value';

/** How a draft computes a buffer that it stores: at each position of the domain, or once per row. */
export interface Computed {
  readonly level: 'element' | 'row';
  readonly phase: number;
  readonly expression: Expression;
}

interface DraftPhase {
  stores: Store[];
  reductions: Reduction[];
  rowStores: Store[];
}

export class KernelDraft {
  readonly kind = 'draft';
  /** Null until a reduction joins. */
  reduced: readonly boolean[] | null = null;
  readonly accesses: Access[] = [];
  readonly phases: DraftPhase[] = [];
  readonly streams: RandomSource[] = [];
  readonly computed = new Map<Buffer, Computed>();
  readonly ops = new Set<Operation>();
  /** Number of expression nodes, as a measure of the code it becomes. */
  size = 0;
  /** Whether all accesses walk through memory as through one axis. */
  isFlat = true;
  readonly #accessIndex = new Map<string, number>();
  #reductions = 0;

  constructor(
    readonly index: number,
    readonly domain: readonly number[],
  ) {}

  /** The lengths of the axes that are not reduced. */
  get rows(): readonly number[] {
    return this.reduced === null ? this.domain : this.domain.filter((_, axis) => !this.reduced![axis]);
  }

  /** Notes that it computes an op. */
  note(op: Operation | null): void {
    if (op) this.ops.add(op);
  }

  /** Maps to the axes of its rows, as maps to the axes of its domain. */
  rowMaps(maps: AxisMaps): AxisMap[] {
    const axes = this.domain.flatMap((_, axis) => (this.reduced![axis] ? [] : [axis]));
    return maps.map((map) => (map.axis < 0 ? map : { ...map, axis: axes[map.axis] }));
  }

  /** Strides over its rows as strides over its domain. */
  spread(strides: readonly number[]): number[] {
    let row = 0;
    return this.domain.map((_, axis) => (this.reduced![axis] ? 0 : strides[row++]));
  }

  /** Strides of a dense buffer over the domain, or over the rows. */
  ownStrides(level: 'element' | 'row'): readonly number[] {
    if (level === 'element' || this.reduced === null) return stridesOf(this.domain);
    return this.spread(stridesOf(this.rows));
  }

  /** Whether an access to a buffer that this draft computes reads just what the same position, or row, has computed. */
  isOwnPosition(buffer: Buffer, offset: number, strides: readonly number[]): boolean {
    const computed = this.computed.get(buffer);
    return computed !== undefined && offset === 0 && sameDims(strides, this.ownStrides(computed.level));
  }

  accessTo(buffer: Buffer, offset: number, strides: readonly number[]): number {
    const key = `${buffer.id}/${offset}/${strides.join()}`;
    let at = this.#accessIndex.get(key);
    if (at === undefined) {
      at = this.accesses.push({ buffer, offset, strides }) - 1;
      this.#accessIndex.set(key, at);
      this.isFlat &&= isFlatWalk(this.domain, strides);
    }
    return at;
  }

  phase(at: number): DraftPhase {
    while (this.phases.length <= at) this.phases.push({ stores: [], reductions: [], rowStores: [] });
    return this.phases[at];
  }

  store(buffer: Buffer, expression: Expression, level: 'element' | 'row', phase: number): void {
    this.update(buffer, expression, level, phase);
    this.computed.set(buffer, { level, phase, expression });
  }

  /** A store to anywhere, at each position of the domain. */
  storeAt(buffer: Buffer, offset: number, strides: readonly number[], expression: Expression, phase: number): void {
    const access = this.accessTo(buffer, offset, strides);
    this.phase(phase).stores.push({ access, expression });
    this.size += sizeOfExpression(expression);
  }

  /** A store to a dense buffer that it may read, too: a variable. */
  update(buffer: Buffer, expression: Expression, level: 'element' | 'row', phase: number): void {
    const access = this.accessTo(buffer, 0, this.ownStrides(level));
    const target = this.phase(phase);
    (level === 'element' ? target.stores : target.rowStores).push({ access, expression });
    this.size += sizeOfExpression(expression);
  }

  /** Adds a reduction; its result is the row's. */
  reduce(combiner: Combiner, type: ScalarType, expression: Expression, phase: number): Accumulator {
    const id = this.#reductions++;
    this.phase(phase).reductions.push({ id, combiner, type, expression });
    this.size += sizeOfExpression(expression);
    return { kind: 'acc', type, reduction: id };
  }

  /** The finished kernel, without what nobody needs; null when nothing is left. */
  finish(isNeeded: (buffer: Buffer) => boolean): LoopKernel | RoutineKernel | null {
    return this.finishLoop(isNeeded);
  }

  /** Its loops, without the stores of buffers that nobody reads; null when nothing is left. */
  protected finishLoop(isNeeded: (buffer: Buffer) => boolean): LoopKernel | null {
    const ownReads = new Set<Buffer>();
    const usedReductions = new Set<number>();
    // Backwards: what a later phase does not need, an earlier one need not compute.
    const phases: Phase[] = [];
    const note = (expression: Expression) =>
      visitExpression(expression, (e) => {
        if (e.kind === 'load') ownReads.add(this.accesses[e.access].buffer);
        if (e.kind === 'acc') usedReductions.add(e.reduction);
      });
    for (const { stores, reductions, rowStores } of [...this.phases].reverse()) {
      const isKept = ({ access }: Store) => {
        const { buffer } = this.accesses[access];
        return isNeeded(buffer) || ownReads.has(buffer);
      };
      const keptRows = rowStores.filter(isKept);
      for (const { expression } of keptRows) note(expression);
      const keptReductions = reductions.filter(({ id }) => usedReductions.has(id));
      for (const { expression } of keptReductions) note(expression);
      const kept = stores.filter(isKept);
      for (const { expression } of kept) note(expression);
      if (kept.length + keptReductions.length + keptRows.length > 0)
        phases.unshift({ stores: kept, reductions: keptReductions, rowStores: keptRows });
    }
    return phases.length === 0 ? null : this.#compact(phases);
  }

  /** The kernel with only the accesses and streams that its phases use. */
  #compact(phases: readonly Phase[]): LoopKernel {
    const accesses: Access[] = [];
    const streams: RandomSource[] = [];
    const renumbered = new Map<number, number>();
    const newStreams = new Map<number, number>();
    const access = (old: number): number => {
      if (!renumbered.has(old)) renumbered.set(old, accesses.push(this.accesses[old]) - 1);
      return renumbered.get(old)!;
    };
    const stream = (old: number): number => {
      if (!newStreams.has(old)) newStreams.set(old, streams.push(this.streams[old]) - 1);
      return newStreams.get(old)!;
    };
    // One memo for all expressions of the kernel, so that what they share stays shared.
    const memo = new Map<Expression, Expression>();
    const rewrite = (e: Expression): Expression =>
      replaceLeaves(
        e,
        (leaf) => {
          if (leaf.kind === 'load') return { ...leaf, access: access(leaf.access) };
          if (leaf.kind === 'random') return { ...leaf, stream: stream(leaf.stream) };
          return leaf;
        },
        memo,
      );
    const stores = (list: readonly Store[]): Store[] =>
      list.map((store) => ({ expression: rewrite(store.expression), access: access(store.access) }));
    const rewritten = phases.map((phase) => ({
      stores: stores(phase.stores),
      reductions: phase.reductions.map((r) => ({ ...r, expression: rewrite(r.expression) })),
      rowStores: stores(phase.rowStores),
    }));
    return {
      kind: 'loop',
      domain: this.domain,
      reduced: this.reduced ?? this.domain.map(() => false),
      accesses,
      phases: rewritten,
      streams,
      ops: [...this.ops].sort((a, b) => a.id - b.id),
    };
  }
}

/** Whether a walk over the domain moves by one distance all along, or not at all. */
export function isFlatWalk(domain: readonly number[], strides: readonly number[]): boolean {
  return domain.every((_, i) => i === domain.length - 1 || strides[i] === strides[i + 1] * domain[i + 1]);
}
