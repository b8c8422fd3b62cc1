/**
 * Why kernels were not joined: for each loop the first thing that keeps it from being computed by the kernel before it.
 *
 * The rules are those of runtime/plan/fusion/, read off the finished kernels; where they do not tell, nothing is said.
 */
import { type Access, type Buffer, buffersOf, type Kernel, type KernelProgram, type LoopKernel } from '../ir/kernel';

/** For each kernel the reason, or null. */
export function whyApart({ kernels }: KernelProgram, fusion: boolean): (string | null)[] {
  const writers = new Map<Buffer, number>();
  return kernels.map((kernel, at) => {
    const { reads, writes } = buffersOf(kernel);
    const latest = reads.reduce((most, buffer) => Math.max(most, writers.get(buffer) ?? -1), -1);
    for (const buffer of writes) writers.set(buffer, at);
    if (kernel.kind !== 'loop' || latest < 0) return null;
    if (!fusion) return 'fusion is off';
    const reason = reasonFor(kernel, kernels[latest], latest);
    if (reason !== null || latest === at - 1) return reason;
    const isUpdate = writes.some(({ place }) => place.kind === 'variable');
    return isUpdate ? 'it writes variables, and may only join the kernel right before it' : null;
  });
}

const axesText = (lengths: readonly number[]): string => `[${lengths.join(', ')}]`;
const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

function reasonFor(kernel: LoopKernel, producer: Kernel, at: number): string | null {
  const name = `k${at}`;
  if (producer.kind === 'routine') return `${name}, which computes its input, is the routine ${producer.routine.name}`;
  if (producer.kind === 'host') return `${name}, which computes its input, runs on the host`;
  const rows = producer.domain.filter((_, axis) => !producer.reduced[axis]);
  const last = kernel.domain.at(-1) ?? 1;
  if (producer.streams.length > 0 || kernel.streams.length > 0) {
    if (kernel.reduced.includes(true)) return `${name} draws random numbers, which reductions do not`;
    if (same(kernel.domain, producer.domain) && last % 16 !== 0)
      return `random numbers come sixteen at a time, and rows have ${last}`;
  }
  const isRow = producer.reduced.includes(true) && same(kernel.domain, rows);
  if (!same(kernel.domain, producer.domain) && !isRow)
    return `it walks ${axesText(kernel.domain)}, and ${name}, which computes its input, ${axesText(producer.domain)}`;
  if (
    !isRow &&
    kernel.reduced.includes(true) &&
    producer.reduced.includes(true) &&
    !same(kernel.reduced, producer.reduced)
  )
    return `it reduces other axes than ${name}`;
  if (isRow && kernel.reduced.includes(true)) return `it reduces what ${name} computes once per row`;
  if (!isRow && readsElsewhere(kernel, producer)) return `it reads what ${name} computes at other positions`;
  return null;
}

/** Whether it reads something that the producer stores along another walk than it is stored. */
function readsElsewhere(kernel: LoopKernel, producer: LoopKernel): boolean {
  const stored = new Map<Buffer, Access>();
  for (const { stores, rowStores } of producer.phases)
    for (const { access } of [...stores, ...rowStores])
      stored.set(producer.accesses[access].buffer, producer.accesses[access]);
  return kernel.accesses.some((access) => {
    const written = stored.get(access.buffer);
    return written !== undefined && (written.offset !== access.offset || !same(written.strides, access.strides));
  });
}
