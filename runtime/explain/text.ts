/**
 * An explanation as text: a summary, then kernel after kernel with what it costs, who reads it and why it stands alone.
 */
import { bytesText } from '../backends/wasm/bytesText';
import type { ExplainedKernel, Explanation } from './facts';

const MOST_NAMED = 8;

const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** The first few names; the data has them all. */
function someOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function readersText({ results, kind }: ExplainedKernel, at: number): string {
  const own = kind === 'routine' ? 'its epilogue' : 'its later phases';
  return results
    .map(({ buffer, readers, fetched }) => {
      const names = [...readers.map((reader) => (reader === at ? own : `k${reader}`)), ...(fetched ? ['fetched'] : [])];
      return `${buffer} → ${names.length > 0 ? names.join(', ') : 'nobody'}`;
    })
    .join('; ');
}

function kernelText(kernel: ExplainedKernel, at: number): string {
  const { text, flops, bytes, apart, host } = kernel;
  const readers = readersText(kernel, at);
  return [
    `k${at} ${text}`,
    `  · ${count(flops, 'operation')}, ${bytesText(bytes)}${readers === '' ? '' : `; ${readers}`}`,
    ...(apart === null ? [] : [`  · not joined: ${apart}`]),
    ...(host === null ? [] : [`  · on the host: ${host}`]),
  ].join('\n');
}

export function explanationText({ ops, kernels, without, waiting, plain, memory }: Explanation): string {
  const { arenaBytes, lowerBoundBytes, constantBytes, variableBytes } = memory;
  const kinds = (['loop', 'routine', 'host'] as const)
    .map((kind) => ({ kind, n: kernels.filter((kernel) => kernel.kind === kind).length }))
    .filter(({ n }) => n > 0)
    .map(({ kind, n }) => (kind === 'host' ? `${n} on the host` : count(n, kind)));
  const over = lowerBoundBytes > 0 ? ` (${(arenaBytes / lowerBoundBytes).toFixed(2)} × the least possible)` : '';
  const list = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title.padEnd(10)}${count(names.length, 'op')}: ${someOf(names)}`];
  return [
    `${'run'.padEnd(10)}${count(ops, 'op')} in ${count(kernels.length, 'kernel')}${kinds.length > 0 ? `: ${kinds.join(', ')}` : ''}`,
    `${'memory'.padEnd(10)}arena ${bytesText(arenaBytes)}${over}, constants ${bytesText(constantBytes)}, variables ${bytesText(variableBytes)}`,
    ...list('known', without.constant),
    ...list('no work', without.views),
    ...list('inlined', without.inlined),
    ...list('shared', without.shared),
    ...list('unread', without.unread),
    ...list('plain', plain),
    ...(waiting.length === 0
      ? []
      : [
          `${'later'.padEnd(10)}${count(waiting.length, 'op')} compiled in the middle of the run:`,
          ...waiting.map(({ op, reason }) => `  ${op}: ${reason}`),
        ]),
    ...kernels.map((kernel, at) => `\n${kernelText(kernel, at)}`),
  ].join('\n');
}
