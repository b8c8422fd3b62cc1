/**
 * The memory layout of a plan: where in one arena each value lies, so that values that are never needed together share space.
 *
 * Buffers are placed largest first at the lowest address that nothing alive at the same time occupies; in plans too long
 * for that, in order of time.
 */
import { type Buffer, buffersOf, type KernelProgram, workspaceOf } from '../ir/kernel';

const ALIGNMENT = 64;
const PAGE = 4096;
/** Beyond so many buffers their pairs are not compared any more. */
const MOST_COMPARED = 2000;

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

function placeBySize(blocks: readonly Block[]): void {
  const placed: Block[] = [];
  for (const block of [...blocks].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
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
  }
}

function placeByTime(blocks: readonly Block[]): void {
  const free: { offset: number; bytes: number }[] = [];
  const active: Block[] = [];
  let top = 0;
  for (const block of [...blocks].sort((a, b) => a.first - b.first)) {
    for (let i = active.length - 1; i >= 0; i--) {
      if (active[i].last >= block.first) continue;
      free.push({ offset: active[i].offset, bytes: active[i].bytes });
      active[i] = active[active.length - 1];
      active.pop();
    }
    const fit = free.findIndex(({ bytes }) => bytes >= block.bytes);
    if (fit >= 0) {
      const hole = free[fit];
      block.offset = hole.offset;
      if (hole.bytes === block.bytes) free.splice(fit, 1);
      else free[fit] = { offset: hole.offset + block.bytes, bytes: hole.bytes - block.bytes };
    } else {
      block.offset = top;
      top += block.bytes;
    }
    active.push(block);
  }
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
  if (blocks.length <= MOST_COMPARED) placeBySize(blocks);
  else placeByTime(blocks);
  const offsets = new Map<Buffer, number>();
  const workspaces = new Map<number, number>();
  let bytes = 0;
  for (const { key, offset, bytes: size } of blocks) {
    if (typeof key === 'number') workspaces.set(key, offset);
    else offsets.set(key, offset);
    bytes = Math.max(bytes, offset + size);
  }
  return { offsets, workspaces, bytes, lowerBound: lowerBoundOf(blocks, program.kernels.length) };
}
