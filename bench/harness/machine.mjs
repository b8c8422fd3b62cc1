/**
 * What a report says of the machine: figures of different machines are not to be compared.
 */
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';

/** Kinds of vector instructions that matter for what is measured. */
const WIDTHS = ['avx512f', 'avx2', 'fma', 'asimd'];

export function describeMachine() {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    vectors: flags().filter((flag) => WIDTHS.includes(flag)),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
  };
}

function flags() {
  try {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return line?.[1].split(' ') ?? [];
  } catch {
    return [];
  }
}

/** How many processes wanted a core in the last minute: above the number of cores, times are too long. */
export function load() {
  return loadavg()[0];
}
