/**
 * The kernels of a program while they are made, in the order in which they run, and the choice of the one that something joins.
 *
 * A value may join any kernel that is not before one that computes an input of it. Tried are the one that computes its last
 * input, and the last one that walks the same domain.
 */
import { type Buffer, buffersOf, type HostKernel, type Kernel, type RoutineKernel } from '../../ir/kernel';
import type { Value } from '../../ir/value';
import { EpilogueDraft, isWorthEpilogue } from './epilogueDraft';
import { type Joiner, type Refusal, refusalOf } from './joining';
import { KernelDraft } from './kernelDraft';
import type { Leaf } from './reading';

/** Why a kernel is one of its own. */
export interface Apart {
  readonly refusal: Refusal;
  /** The kernel that computes the last of its inputs; null when none does. */
  readonly producer: Kernel | null;
}

/** Why kernels are kernels of their own: noted only when `explain` asks. */
export type FusionNotes = Map<Kernel, Apart>;

type Entry = KernelDraft | RoutineKernel | HostKernel;

export class KernelList {
  readonly #kernels: Entry[] = [];
  readonly #lastByDomain = new Map<string, KernelDraft>();
  #lastHost = -1;
  readonly #refusals = new Map<Entry, { readonly refusal: Refusal; readonly producer: number }>();

  constructor(
    readonly fusion: boolean,
    readonly notes: FusionNotes | null = null,
  ) {}

  get count(): number {
    return this.#kernels.length;
  }

  /** The kernel that computes the last of the leaves. */
  producerOf(leaves: readonly Leaf[]): Entry | undefined {
    return this.#kernels[latestOf(leaves)];
  }

  get last(): Entry | undefined {
    return this.#kernels.at(-1);
  }

  /** A new kernel at the end of the list, and why it is one. */
  newDraft(lengths: readonly number[], refusal: Refusal | null, leaves: readonly Leaf[] = []): KernelDraft {
    const draft = new KernelDraft(this.#kernels.length, lengths);
    this.#kernels.push(draft);
    this.#lastByDomain.set(lengths.join(), draft);
    if (this.notes && refusal) this.#refusals.set(draft, { refusal, producer: latestOf(leaves) });
    return draft;
  }

  /** Adds a call of a plain kernel. Returns its place. */
  add(kernel: HostKernel): number {
    this.#lastHost = this.#kernels.push(kernel) - 1;
    return this.#lastHost;
  }

  /** The place of the last call of a plain kernel; -1 for none. */
  get lastHost(): number {
    return this.#lastHost;
  }

  /** Adds a routine. Returns its place. */
  addRoutine(kernel: RoutineKernel, results: readonly Value[]): number {
    const { withEpilogue } = kernel.routine;
    const index = this.#kernels.length;
    const mayGrow = this.fusion && withEpilogue !== undefined && isWorthEpilogue(withEpilogue);
    this.#kernels.push(mayGrow ? new EpilogueDraft(index, kernel, results[0]) : kernel);
    return index;
  }

  /** The draft that computes something: one that it may join, or a new one. */
  join(joiner: Joiner): KernelDraft {
    const { leaves, lengths } = joiner;
    return this.choose(leaves, lengths, this.#candidates(joiner), (draft) => refusalOf(draft, joiner));
  }

  /** The first of the candidates that does not refuse, or a new draft. */
  choose(
    leaves: readonly Leaf[],
    lengths: readonly number[],
    candidates: readonly KernelDraft[],
    refuses: (draft: KernelDraft) => Refusal | null,
  ): KernelDraft {
    if (!this.fusion) return this.newDraft(lengths, 'off', leaves);
    const producer = this.producerOf(leaves);
    let first: Refusal | null = null;
    if (producer && !(producer instanceof KernelDraft)) first = producer.kind;
    for (const draft of candidates) {
      const refusal = refuses(draft);
      if (refusal === null) return draft;
      first ??= refusal;
    }
    return this.newDraft(lengths, first, leaves);
  }

  #candidates({ leaves, lengths }: Joiner): KernelDraft[] {
    const candidates: KernelDraft[] = [];
    const producer = this.producerOf(leaves);
    if (producer instanceof KernelDraft) candidates.push(producer);
    // What needs nothing, as masks do, is made where it will be used.
    if (leaves.length === 0 && this.last instanceof EpilogueDraft) candidates.push(this.last);
    const sibling = this.#lastByDomain.get(lengths.join());
    if (!sibling || sibling.index <= latestOf(leaves) || sibling === producer) return candidates;
    const reads = new Set(sibling.accesses.map(({ buffer }) => buffer));
    if (sibling === this.last || leaves.some(({ placement }) => reads.has(placement.buffer))) candidates.push(sibling);
    return candidates;
  }

  /** The kernels without what nobody reads, last to first: a kernel that goes takes the need for its inputs with it. */
  finish(results: readonly Buffer[]): Kernel[] {
    const needed = new Set<Buffer>(results);
    const isNeeded = (buffer: Buffer) => buffer.place.kind === 'variable' || needed.has(buffer);
    const finished = new Map<Entry, Kernel>();
    for (const kernel of [...this.#kernels].reverse()) {
      const whole = finish(kernel, isNeeded);
      if (!whole) continue;
      finished.set(kernel, whole);
      for (const buffer of buffersOf(whole).reads) needed.add(buffer);
    }
    for (const [draft, { refusal, producer }] of this.#refusals) {
      const kernel = finished.get(draft);
      if (kernel) this.notes?.set(kernel, { refusal, producer: finished.get(this.#kernels[producer]) ?? null });
    }
    return [...finished.values()].reverse();
  }
}

const latestOf = (leaves: readonly Leaf[]): number =>
  leaves.reduce((most, { placement }) => Math.max(most, placement.kernel), -1);

/** What is left of a kernel without what nobody needs; null for nothing. */
function finish(kernel: Entry, isNeeded: (buffer: Buffer) => boolean): Kernel | null {
  if (kernel instanceof KernelDraft) return kernel.finish(isNeeded);
  if (kernel.kind === 'routine') return kernel.outputs.some(isNeeded) ? kernel : null;
  return { ...kernel, outputs: kernel.outputs.map((buffer) => (buffer && isNeeded(buffer) ? buffer : null)) };
}
