/**
 * Whether what is to be computed may join a kernel and, if not, why: the rules of fusion. `explain` tells the reasons.
 */
import { sameDims } from '../../broadcast';
import { EpilogueDraft } from './epilogueDraft';
import { isFlatWalk, type KernelDraft } from './kernelDraft';
import type { Leaf } from './reading';

/** Nodes of a kernel beyond which nothing is added. */
const MAX_KERNEL = 640;
/** Nodes of an epilogue, and addresses that it takes: it becomes a part of a module of its own. */
const MAX_EPILOGUE = 160;
const MAX_EPILOGUE_ACCESSES = 24;
/** Fewer rows than this are not worth turning a plain pass into one by columns. */
const MIN_COLUMNS = 64;

export type Refusal =
  /** Every value has a kernel of its own. */
  | 'off'
  /** What computes its inputs is no loop: a plain kernel, or a routine that takes no epilogue. */
  | 'host'
  | 'routine'
  | 'domain'
  /** It reads what the kernel computes, at other positions. */
  | 'elsewhere'
  | 'large'
  /** It reduces other axes than the kernel, or what the kernel computes once per row, or too few columns. */
  | 'axes'
  | 'rows'
  | 'columns'
  /** Random words and reductions, or a second stream, or rows that are no multiple of sixteen. */
  | 'random reduction'
  | 'streams'
  | 'sixteen'
  /** An epilogue meets elements one by one, by rows and columns. */
  | 'epilogue reduces'
  | 'epilogue walk'
  /** BLAS computes it as a whole. */
  | 'blas'
  /** Of updates. */
  | 'host between'
  | 'touched'
  | 'stored'
  /** It is a copy, a part of an assembled value, or a variable's value before that is written. */
  | 'copy'
  | 'piece'
  | 'saved';

/** What is to be computed. */
export interface Joiner {
  readonly leaves: readonly Leaf[];
  readonly lengths: readonly number[];
  /** Axes that are reduced; null for values at each element. */
  readonly reduced: readonly boolean[] | null;
  readonly drawsRandom: boolean;
  /** Whether it writes variables only, and so may be all that the result of a routine is for. */
  readonly isUpdate?: boolean;
  /** Whether positions are part of what is computed. */
  readonly readsPosition: () => boolean;
}

/** On which level a draft could compute a value over the domain; null when it walks another one. */
export function levelIn(draft: KernelDraft, lengths: readonly number[]): 'element' | 'row' | null {
  if (sameDims(draft.domain, lengths)) return 'element';
  return draft.reduced && sameDims(draft.rows, lengths) ? 'row' : null;
}

/** Why something may not join a draft; null when it may. */
export function refusalOf(draft: KernelDraft, joiner: Joiner): Refusal | null {
  const level = levelIn(draft, joiner.lengths);
  if (level === null) return 'domain';
  if (draft instanceof EpilogueDraft) return refusalOfEpilogue(draft, joiner);
  if (joiner.reduced !== null) return level === 'row' ? 'rows' : refusalOfReduction(draft, joiner, joiner.reduced);
  if (level === 'row' && joiner.drawsRandom) return 'random reduction';
  return refusalAtLevel(draft, joiner, level);
}

function refusalOfReduction(draft: KernelDraft, joiner: Joiner, reduced: readonly boolean[]): Refusal | null {
  if (draft.streams.length > 0) return 'random reduction';
  if (draft.reduced && !sameDims(draft.reduced, reduced)) return 'axes';
  const columns = joiner.lengths.reduce((n, dim, axis) => (reduced[axis] ? n : n * dim), 1);
  const isByRows = reduced[reduced.length - 1];
  if (!draft.reduced && !isByRows && columns < MIN_COLUMNS) return 'columns';
  return refusalAtLevel(draft, joiner, 'element');
}

function refusalAtLevel(draft: KernelDraft, { leaves, drawsRandom }: Joiner, level: 'element' | 'row'): Refusal | null {
  if (draft.size > MAX_KERNEL) return 'large';
  const strides = (leaf: Leaf) => (level === 'element' ? leaf.strides : draft.spread(leaf.strides));
  for (const leaf of leaves) {
    const { buffer } = leaf.placement;
    const isOwn = leaf.placement.kernel === draft.index;
    if (isOwn && !draft.isOwnPosition(buffer, leaf.offset, strides(leaf))) return 'elsewhere';
    if (isOwn && level === 'row' && draft.computed.get(buffer)!.level === 'element') return 'elsewhere';
  }
  if (!drawsRandom && draft.streams.length === 0) return null;
  if (drawsRandom && draft.streams.length > 0) return 'streams';
  if (draft.reduced !== null) return 'random reduction';
  const isWhole = draft.isFlat || (draft.domain.at(-1) ?? 1) % 16 === 0;
  return isWhole && suitsRandom(draft.domain, leaves) ? null : 'sixteen';
}

function refusalOfEpilogue(draft: EpilogueDraft, joiner: Joiner): Refusal | null {
  const { leaves, reduced, drawsRandom, readsPosition } = joiner;
  const rank = draft.domain.length;
  if (draft.routine.routine.withEpilogue!.onlyUnstored && !joiner.isUpdate) return 'blas';
  if (reduced !== null) return 'epilogue reduces';
  if (draft.size > MAX_EPILOGUE || draft.accesses.length + leaves.length > MAX_EPILOGUE_ACCESSES) return 'large';
  // All axes but the last are walked as one.
  const rows = draft.domain.slice(0, -1);
  for (const { placement, offset, strides } of leaves) {
    if (!isFlatWalk(rows, strides)) return 'epilogue walk';
    if (placement.kernel === draft.index && !draft.isOwnPosition(placement.buffer, offset, strides)) return 'elsewhere';
  }
  if (rank > 2 && readsPosition()) return 'epilogue walk';
  if (!drawsRandom) return null;
  if (draft.streams.length > 0) return 'streams';
  // Rectangles begin and end at multiples of sixteen columns in products of float32 only.
  return draft.domain[rank - 1] % 16 === 0 && draft.result.dtype.name === 'float32' ? null : 'sixteen';
}

/** Random words come sixteen at a time: rows must be made of whole groups, or there must be no rows. */
export function suitsRandom(lengths: readonly number[], leaves: readonly Leaf[]): boolean {
  return (lengths.at(-1) ?? 1) % 16 === 0 || leaves.every((leaf) => isFlatWalk(lengths, leaf.strides));
}
