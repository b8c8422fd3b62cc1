/**
 * The loop nest of a kernel before code is written: its axes with neighbours merged where every access steps through both as
 * through one, split into rows, lanes and reduced axes. And how the nest can be split among threads.
 */
import { InternalError } from '../../../../graph/errors';
import { type Expression, visitExpression } from '../../../ir/expression';
import type { LoopKernel } from '../../../ir/kernel';

/** Vectors handled at once. */
export const UNROLL = 4;
/** Elements in a group that random words come in, and columns in a block. */
export const LANE_GRAIN = 16;

/** An axis of the nest. */
export interface Axis {
  readonly length: number;
  readonly isReduced: boolean;
  /** Distance in elements, per access. */
  readonly strides: readonly number[];
  /** The axis of the domain that `index` expressions mean, or -1 where several were merged and none asks. */
  readonly domainAxis: number;
  /** Distance in elements of the domain, counted row by row: for random words. */
  readonly linear: number;
}

export interface Nest {
  /** Axes walked outermost. The first one may be split among threads. */
  readonly rows: readonly Axis[];
  /** The axis along which vectors lie; null when the domain is a single element. */
  readonly lane: Axis | null;
  /** Whether vectors lie along an axis that is not reduced, with the reduced axes walked inside ("by columns"). */
  readonly byColumns: boolean;
  /** Reduced axes; by rows, without the one that is `lane`. */
  readonly reduced: readonly Axis[];
}

/** All expressions of a kernel. */
export function expressionsOf(kernel: LoopKernel): Expression[] {
  return kernel.phases.flatMap(({ stores, reductions, rowStores }) => [
    ...stores.map(({ expression }) => expression),
    ...reductions.map(({ expression }) => expression),
    ...rowStores.map(({ expression }) => expression),
  ]);
}

/** Axes that some `index` expression asks for. */
function indexedAxes(kernel: LoopKernel): Set<number> {
  const axes = new Set<number>();
  const seen = new Set<Expression>();
  for (const root of expressionsOf(kernel))
    visitExpression(root, (e) => (e.kind === 'index' ? axes.add(e.axis) : null), seen);
  return axes;
}

function mergedAxes(kernel: LoopKernel): Axis[] {
  const indexed = indexedAxes(kernel);
  const merged: Axis[] = [];
  let linear = kernel.domain.reduce((n, dim) => n * dim, 1);
  kernel.domain.forEach((length, axis) => {
    linear = length === 0 ? 0 : linear / length;
    const strides = kernel.accesses.map((access) => access.strides[axis]);
    const isReduced = kernel.reduced[axis];
    const outer = merged.at(-1);
    const fits =
      outer !== undefined &&
      outer.isReduced === isReduced &&
      !indexed.has(axis) &&
      !indexed.has(outer.domainAxis) &&
      outer.strides.every((stride, i) => stride === strides[i] * length);
    if (fits) merged[merged.length - 1] = { length: outer.length * length, isReduced, strides, domainAxis: -1, linear };
    else merged.push({ length, isReduced, strides, domainAxis: axis, linear });
  });
  return merged;
}

/** The nest of a kernel. */
export function nestOf(kernel: LoopKernel): Nest {
  const axes = mergedAxes(kernel);
  const reduced = axes.filter(({ isReduced }) => isReduced);
  const kept = axes.filter(({ isReduced }) => !isReduced);
  const last = axes.at(-1) ?? null;
  const nest: Nest =
    last?.isReduced === true
      ? { rows: kept, lane: last, byColumns: false, reduced: reduced.slice(0, -1) }
      : { rows: kept.slice(0, -1), lane: kept.at(-1) ?? null, byColumns: reduced.length > 0, reduced };
  if (kernel.streams.length > 0 && (reduced.length > 0 || kernel.streams.length > 1))
    throw new InternalError('random words in a reduction, or of two streams in one kernel');
  if (kernel.streams.length > 0 && nest.rows.length > 0 && nest.lane!.length % 16 !== 0)
    throw new InternalError('random words in rows that are no multiple of 16');
  return nest;
}

/** What may be split among threads: a range of the outermost rows, of lanes, or of blocks of columns. */
export interface KernelRange {
  readonly extent: number;
  readonly grain: number;
}

/** How the work of a kernel can be split; null when it cannot. */
export function rangeOf(nest: Nest): KernelRange | null {
  if (nest.rows.length > 0) return { extent: nest.rows[0].length, grain: 1 };
  if (nest.lane === null || nest.lane.isReduced) return null;
  if (nest.byColumns) return { extent: Math.ceil(nest.lane.length / LANE_GRAIN), grain: 1 };
  return { extent: nest.lane.length, grain: LANE_GRAIN };
}

const sizeOf = (axes: readonly Axis[]): number => axes.reduce((n, { length }) => n * length, 1);

/** Elements that a kernel visits, all phases together. */
export function workOf({ rows, lane, reduced }: Nest, phases: number): number {
  return sizeOf(rows) * (lane?.length ?? 1) * sizeOf(reduced) * phases;
}
