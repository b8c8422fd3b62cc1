/**
 * Where the time of runs went: kernels' times summed up by scope, by phase of training, by kind of kernel or by op.
 *
 * A fused kernel computes several ops and has one time: it is divided among them evenly, as are its operations and bytes.
 */
import type { NodeStats, RunMetadata } from '../../runtime/config';
import { Tracer } from '../../runtime/tracer';
import { Report } from './report';
import { formatTable } from './table';

export interface TimesOptions {
  /**
   * `scope` (default): the outer name scopes; `phase`: forward, gradients and optimizer; `kernel`: kinds of kernels;
   * `op`: each op by itself.
   */
  readonly by?: 'scope' | 'phase' | 'kernel' | 'op';
  /** How many levels of scopes are told apart; default 1. */
  readonly depth?: number;
}

export interface TimesRow {
  readonly name: string;
  readonly micros: number;
  /** The part of all time, 0 to 1. */
  readonly share: number;
  /** Kernels that it had a part in. */
  readonly kernels: number;
  readonly flops: number;
  readonly bytes: number;
}

export interface Times {
  readonly totalMicros: number;
  readonly rows: readonly TimesRow[];
}

/** `gradients/…`, also within another scope and numbered. */
const GRADIENTS = /(^|\/)gradients(_\d+)?(\/|$)/;
/** Optimizers name their updates so. */
const UPDATE = /^(?:(.+?)\/)?update_/;
/** Types of ops that write variables. */
const WRITES = /(^|\/)(Assign(Add|Sub)?Variable|ResourceApply|ResourceSparseApply)[^/]*$/;

/** Which phase an op belongs to: a scope with updates in it is the optimizer's. */
function phases(stats: readonly NodeStats[]): (op: string) => string {
  const scopes = new Set<string>();
  for (const { ops } of stats) {
    for (const op of ops) {
      const scope = UPDATE.exec(op)?.[1];
      if (scope !== undefined) scopes.add(scope);
    }
  }
  const isOptimizer = (op: string) =>
    UPDATE.test(op) || WRITES.test(op) || [...scopes].some((scope) => op.startsWith(`${scope}/`));
  return (op) => (isOptimizer(op) ? 'optimizer' : GRADIENTS.test(op) ? 'gradients' : 'forward');
}

function scopeOf(op: string, depth: number): string {
  const parts = op.split('/');
  return parts.length === 1 ? op : parts.slice(0, Math.min(depth, parts.length - 1)).join('/');
}

/** Times without those of kernels that ran within: a loop on the host has the kernels of its body in it. */
function ownMicros(stats: readonly NodeStats[]): number[] {
  const own = stats.map(({ durationMicros }) => durationMicros);
  const order = stats.map((_, i) => i);
  order.sort(
    (a, b) => stats[a].startMicros - stats[b].startMicros || stats[b].durationMicros - stats[a].durationMicros,
  );
  const open: number[] = [];
  const endOf = (i: number) => stats[i].startMicros + stats[i].durationMicros;
  for (const i of order) {
    while (open.length > 0 && endOf(open[open.length - 1]) < endOf(i)) open.pop();
    if (open.length > 0) own[open[open.length - 1]] -= stats[i].durationMicros;
    // Only plain kernels run others.
    if (stats[i].kernel.kind === 'host') open.push(i);
  }
  return own.map((micros) => Math.max(0, micros));
}

/** Sums up the times of one run, or of all that a tracer holds. */
export function times(source: RunMetadata | Tracer, { by = 'scope', depth = 1 }: TimesOptions = {}): Report<Times> {
  const stats: readonly NodeStats[] =
    source instanceof Tracer ? source.kernels : (source.stepStats ?? []).flatMap(({ nodeStats }) => nodeStats);
  const phaseOf = phases(stats);
  const groupsOf = ({ ops, kernel, opType }: NodeStats): readonly string[] => {
    switch (by) {
      case 'kernel':
        return [kernel.kind === 'host' ? `host ${opType}` : kernel.name];
      case 'op':
        return ops;
      case 'phase':
        return ops.map(phaseOf);
      case 'scope':
        return ops.map((op) => scopeOf(op, depth));
    }
  };
  const sums = new Map<string, { micros: number; kernels: number; flops: number; bytes: number }>();
  const own = ownMicros(stats);
  stats.forEach((one, i) => {
    const found = groupsOf(one);
    const groups = found.length > 0 ? found : [''];
    for (const group of groups) {
      let sum = sums.get(group);
      if (!sum) sums.set(group, (sum = { micros: 0, kernels: 0, flops: 0, bytes: 0 }));
      sum.micros += own[i] / groups.length;
      sum.flops += one.kernel.flops / groups.length;
      sum.bytes += one.kernel.bytes / groups.length;
    }
    for (const group of new Set(groups)) sums.get(group)!.kernels++;
  });
  const totalMicros = own.reduce((sum, micros) => sum + micros, 0);
  const rows = [...sums].map(([name, sum]) => ({
    name,
    ...sum,
    share: totalMicros > 0 ? sum.micros / totalMicros : 0,
  }));
  rows.sort((a, b) => b.micros - a.micros || (a.name < b.name ? -1 : 1));
  return new Report({ totalMicros, rows }, textOf(by, totalMicros, rows));
}

function textOf(by: string, totalMicros: number, rows: readonly TimesRow[]): string {
  return formatTable(
    [
      { title: by, maxWidth: 60 },
      { title: 'ms', align: 'right' },
      { title: '%', align: 'right' },
      { title: 'kernels', align: 'right' },
      { title: 'Mflop', align: 'right' },
      { title: 'MB', align: 'right' },
    ],
    rows.map(({ name, micros, share, kernels, flops, bytes }) => [
      name,
      (micros / 1000).toFixed(3),
      (share * 100).toFixed(1),
      String(kernels),
      (flops / 1e6).toFixed(3),
      (bytes / 1e6).toFixed(3),
    ]),
    [`${(totalMicros / 1000).toFixed(3)} ms in kernels`],
  );
}
