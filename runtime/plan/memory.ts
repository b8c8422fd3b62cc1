/**
 * The memory layout of a plan: where in one arena each value lies, so that values that are never needed together share space.
 *
 * Buffers are placed one after the other, at the lowest address that nothing alive at the same time occupies: in several orders, of
 * which the best one is kept. Plans that are too long for that are gone through once, in order of time.
 */
import { type Buffer, buffersOf, type KernelProgram, workspaceOf } from '../ir/kernel';

const ALIGNMENT = 64;
const PAGE = 4096;
/** Beyond so many buffers their pairs are not compared any more: that takes tens of milliseconds. */
const MOST_COMPARED = 4000;
/** Times the least possible: a layout so small ends the search. */
const GOOD_ENOUGH = 1.05;

export const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export interface Layout {
  /** Offset in the arena of each arena and input buffer. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** Offset of the workspace of each routine kernel, by the kernel's position. */
  readonly workspaces: ReadonlyMap<number, number>;
  readonly bytes: number;
  /** The largest sum of what is alive at one time: no layout can be smaller. */
  readonly lowerBound: number;
}

interface Block {
  readonly key: Buffer | number;
  readonly bytes: number;
  readonly first: number;
  last: number;
  offset: number;
}

export function bytesOf(buffer: Buffer): number {
  const bytes = alignUp(Math.max(1, buffer.elements * buffer.dtype.size));
  // Arrays of whole pages side by side would have all their elements of one index in the same few lines of the cache.
  return bytes % PAGE === 0 ? bytes + ALIGNMENT : bytes;
}

function lifetimes({ kernels, results }: KernelProgram): Block[] {
  const blocks = new Map<Buffer | number, Block>();
  const touch = (buffer: Buffer, at: number, first: number) => {
    if (buffer.place.kind !== 'arena' && buffer.place.kind !== 'input') return;
    const known = blocks.get(buffer);
    if (known) known.last = Math.max(known.last, at);
    else blocks.set(buffer, { key: buffer, bytes: bytesOf(buffer), first, last: at, offset: 0 });
  };
  kernels.forEach((kernel, at) => {
    const { reads, writes } = buffersOf(kernel);
    for (const buffer of writes) touch(buffer, at, at);
    // What was never written comes from outside: it is there from the start.
    for (const buffer of reads) touch(buffer, at, -1);
    const workspace = workspaceOf(kernel);
    if (workspace > 0) {
      const bytes = alignUp(workspace);
      blocks.set(at, { key: at, bytes, first: at, last: at, offset: 0 });
    }
  });
  for (const buffer of results) touch(buffer, kernels.length, -1);
  return [...blocks.values()];
}

type Order = (a: Block, b: Block) => number;

const bySize: Order = (a, b) => b.bytes - a.bytes || a.first - b.first;
const byTime: Order = (a, b) => a.first - b.first || b.bytes - a.bytes;
const byArea: Order = (a, b) => b.bytes * (b.last - b.first + 1) - a.bytes * (a.last - a.first + 1) || bySize(a, b);

/** Places blocks in an order, each at the lowest address that nothing alive at the same time occupies. Returns the bytes in use. */
function placeInOrder(blocks: readonly Block[], order: Order): number {
  const placed: Block[] = [];
  let top = 0;
  for (const block of [...blocks].sort(order)) {
    let offset = 0;
    // `placed` is kept in order of offsets.
    for (const other of placed) {
      if (other.last < block.first || other.first > block.last) continue;
      if (other.offset - offset >= block.bytes) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    block.offset = offset;
    let at = placed.length;
    while (at > 0 && placed[at - 1].offset > offset) at--;
    placed.splice(at, 0, block);
    top = Math.max(top, offset + block.bytes);
  }
  return top;
}

/** The best of several orders. */
function placeInBestOrder(blocks: readonly Block[], lowerBound: number): void {
  let least = Number.POSITIVE_INFINITY;
  let best: number[] = [];
  for (const order of [bySize, byArea, byTime]) {
    const bytes = placeInOrder(blocks, order);
    if (bytes >= least) continue;
    least = bytes;
    best = blocks.map(({ offset }) => offset);
    if (bytes <= lowerBound * GOOD_ENOUGH) break;
  }
  blocks.forEach((block, i) => {
    block.offset = best[i];
  });
}

/** Goes through time once: each block takes the smallest hole that it fits in, or goes on top. */
function placeByTime(blocks: readonly Block[]): void {
  // In order of offsets; neighbours are one hole.
  const holes: { offset: number; bytes: number }[] = [];
  const ends = [...blocks].sort((a, b) => a.last - b.last);
  let ended = 0;
  let top = 0;
  for (const block of [...blocks].sort(byTime)) {
    for (; ended < ends.length && ends[ended].last < block.first; ended++) release(holes, ends[ended]);
    let fit = -1;
    holes.forEach(({ bytes }, i) => {
      if (bytes >= block.bytes && (fit < 0 || bytes < holes[fit].bytes)) fit = i;
    });
    if (fit >= 0) {
      const hole = holes[fit];
      block.offset = hole.offset;
      hole.offset += block.bytes;
      hole.bytes -= block.bytes;
      if (hole.bytes === 0) holes.splice(fit, 1);
    } else {
      // A hole that ends at the top is made larger.
      const last = holes.at(-1);
      block.offset = last && last.offset + last.bytes === top ? holes.pop()!.offset : top;
      top = block.offset + block.bytes;
    }
  }
}

function release(holes: { offset: number; bytes: number }[], { offset, bytes }: Block): void {
  let at = holes.length;
  while (at > 0 && holes[at - 1].offset > offset) at--;
  const [before, after] = [holes[at - 1], holes[at]];
  const joinsBefore = before !== undefined && before.offset + before.bytes === offset;
  const joinsAfter = after !== undefined && offset + bytes === after.offset;
  if (joinsBefore) before.bytes += bytes + (joinsAfter ? after.bytes : 0);
  if (joinsBefore && joinsAfter) holes.splice(at, 1);
  else if (!joinsBefore && joinsAfter) {
    after.offset = offset;
    after.bytes += bytes;
  } else if (!joinsBefore) holes.splice(at, 0, { offset, bytes });
}

function lowerBoundOf(blocks: readonly Block[], steps: number): number {
  const change = new Float64Array(steps + 4);
  for (const { first, last, bytes } of blocks) {
    change[first + 1] += bytes;
    change[last + 2] -= bytes;
  }
  let [alive, most] = [0, 0];
  for (const delta of change) {
    alive += delta;
    most = Math.max(most, alive);
  }
  return most;
}

/** Lays out the arena of a program. */
export function layOut(program: KernelProgram): Layout {
  const blocks = lifetimes(program);
  const lowerBound = lowerBoundOf(blocks, program.kernels.length);
  if (blocks.length <= MOST_COMPARED) placeInBestOrder(blocks, lowerBound);
  else placeByTime(blocks);
  const offsets = new Map<Buffer, number>();
  const workspaces = new Map<number, number>();
  let bytes = 0;
  for (const { key, offset, bytes: size } of blocks) {
    if (typeof key === 'number') workspaces.set(key, offset);
    else offsets.set(key, offset);
    bytes = Math.max(bytes, offset + size);
  }
  return { offsets, workspaces, bytes, lowerBound };
}
