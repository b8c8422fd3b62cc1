/**
 * The kernels of a program while they are made, in the order in which they run, and which of them a value may join.
 *
 * A value may join any kernel that is not before one that computes an input of it. Tried are the one that computes its last
 * input, and the last one that walks the same domain.
 */
import { sameDims } from '../../broadcast';
import { type Buffer, buffersOf, type HostKernel, type Kernel, type RoutineKernel } from '../../ir/kernel';
import type { Value } from '../../ir/value';
import { isFlatWalk, KernelDraft } from './kernelDraft';
import type { Leaf } from './reading';
import { isWorthEpilogue, RoutineDraft } from './routineDraft';

/** Nodes of a kernel beyond which nothing is added. */
const MAX_KERNEL = 640;
/** Fewer rows than this are not worth turning a plain pass into one by columns. */
const MIN_COLUMNS = 64;

export class KernelList {
  readonly #kernels: (KernelDraft | RoutineDraft | RoutineKernel | HostKernel)[] = [];
  readonly #lastByDomain = new Map<string, KernelDraft>();

  constructor(readonly fusion: boolean) {}

  get count(): number {
    return this.#kernels.length;
  }

  get last(): KernelDraft | RoutineDraft | RoutineKernel | HostKernel | undefined {
    return this.#kernels.at(-1);
  }

  /** A new kernel at the end of the list. */
  newDraft(lengths: readonly number[]): KernelDraft {
    const draft = new KernelDraft(this.#kernels.length, lengths);
    this.#kernels.push(draft);
    this.#lastByDomain.set(lengths.join(), draft);
    return draft;
  }

  /** Adds a call of a plain kernel. Returns its place. */
  add(kernel: HostKernel): number {
    return this.#kernels.push(kernel) - 1;
  }

  /** Adds a routine. Returns its place. */
  addRoutine(kernel: RoutineKernel, results: readonly Value[]): number {
    const { withEpilogue } = kernel.routine;
    const index = this.#kernels.length;
    const mayGrow = this.fusion && withEpilogue !== undefined && isWorthEpilogue(withEpilogue);
    this.#kernels.push(mayGrow ? new RoutineDraft(index, kernel, results[0]) : kernel);
    return index;
  }

  /** A routine that takes an epilogue and that the leaves allow: the one that computes the last of them, or the newest kernel. */
  routineOf(leaves: readonly Leaf[]): RoutineDraft | null {
    const { last } = this;
    if (last instanceof RoutineDraft) return last;
    const producer = this.#kernels[latestOf(leaves)];
    return producer instanceof RoutineDraft ? producer : null;
  }

  /** A draft that the leaves allow and `accepts`: the one that computes the last leaf, or a later one of the same domain. */
  find(
    leaves: readonly Leaf[],
    lengths: readonly number[],
    accepts: (draft: KernelDraft) => boolean,
  ): KernelDraft | null {
    if (!this.fusion) return null;
    const latest = latestOf(leaves);
    const producer = this.#kernels[latest];
    if (producer instanceof KernelDraft && accepts(producer)) return producer;
    const sibling = this.#lastByDomain.get(lengths.join());
    if (!sibling || sibling.index <= latest || sibling === producer) return null;
    const isNewest = sibling.index === this.#kernels.length - 1;
    const reads = new Set(sibling.accesses.map(({ buffer }) => buffer));
    const shares = isNewest || leaves.some(({ placement }) => reads.has(placement.buffer));
    return shares && accepts(sibling) ? sibling : null;
  }

  /** The kernels without what nobody reads, last to first: a kernel that goes takes the need for its inputs with it. */
  finish(results: readonly Buffer[]): Kernel[] {
    const needed = new Set<Buffer>(results);
    const isNeeded = (buffer: Buffer) => buffer.place.kind === 'variable' || needed.has(buffer);
    const kernels: Kernel[] = [];
    for (const kernel of [...this.#kernels].reverse()) {
      const finished = finish(kernel, isNeeded);
      if (!finished) continue;
      kernels.push(finished);
      for (const buffer of buffersOf(finished).reads) needed.add(buffer);
    }
    return kernels.reverse();
  }
}

const latestOf = (leaves: readonly Leaf[]): number =>
  leaves.reduce((most, { placement }) => Math.max(most, placement.kernel), -1);

/** What is left of a kernel without what nobody needs; null for nothing. */
function finish(
  kernel: KernelDraft | RoutineDraft | RoutineKernel | HostKernel,
  isNeeded: (buffer: Buffer) => boolean,
): Kernel | null {
  if (kernel instanceof KernelDraft || kernel instanceof RoutineDraft) return kernel.finish(isNeeded);
  if (kernel.kind === 'routine') return kernel.outputs.some(isNeeded) ? kernel : null;
  return { ...kernel, outputs: kernel.outputs.map((buffer) => (buffer && isNeeded(buffer) ? buffer : null)) };
}

/** On which level a draft could compute a value over the domain; null when it walks another one. */
export function levelIn(draft: KernelDraft, lengths: readonly number[]): 'element' | 'row' | null {
  if (sameDims(draft.domain, lengths)) return 'element';
  return draft.reduced && sameDims(draft.rows, lengths) ? 'row' : null;
}

/** Whether an expression over these leaves can be computed in a draft. */
export function fits(
  draft: KernelDraft,
  leaves: readonly Leaf[],
  level: 'element' | 'row',
  withRandom: boolean,
): boolean {
  if (draft.size > MAX_KERNEL) return false;
  const strides = (leaf: Leaf) => (level === 'element' ? leaf.strides : draft.spread(leaf.strides));
  for (const leaf of leaves) {
    const { buffer } = leaf.placement;
    const isOwn = leaf.placement.kernel === draft.index;
    if (isOwn && !draft.isOwnPosition(buffer, leaf.offset, strides(leaf))) return false;
    if (isOwn && level === 'row' && draft.computed.get(buffer)!.level === 'element') return false;
  }
  if (!withRandom && draft.streams.length === 0) return true;
  if (withRandom && draft.streams.length > 0) return false;
  if (draft.reduced !== null) return false;
  return (draft.isFlat || (draft.domain.at(-1) ?? 1) % 16 === 0) && suitsRandom(draft.domain, leaves);
}

/** Whether a reduction of these axes, over these leaves, can be computed in a draft. */
export function fitsReduction(
  draft: KernelDraft,
  leaves: readonly Leaf[],
  lengths: readonly number[],
  reduced: readonly boolean[],
): boolean {
  if (!sameDims(draft.domain, lengths) || draft.streams.length > 0) return false;
  const columns = lengths.reduce((n, dim, axis) => (reduced[axis] ? n : n * dim), 1);
  const isByRows = reduced[reduced.length - 1];
  if (draft.reduced ? !sameDims(draft.reduced, reduced) : !(isByRows || columns >= MIN_COLUMNS)) return false;
  return fits(draft, leaves, 'element', false);
}

/** Random words come sixteen at a time: rows must be made of whole groups, or there must be no rows. */
export function suitsRandom(lengths: readonly number[], leaves: readonly Leaf[]): boolean {
  return (lengths.at(-1) ?? 1) % 16 === 0 || leaves.every((leaf) => isFlatWalk(lengths, leaf.strides));
}
