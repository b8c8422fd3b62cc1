/**
 * Why kernels were not joined: what fusion noted (runtime/plan/fusion/joining.ts), in words.
 */
import type { Kernel, KernelProgram, LoopKernel } from '../ir/kernel';
import type { Refusal } from '../plan/fusion/joining';
import type { Apart, FusionNotes } from '../plan/fusion/kernelList';

/** For each kernel the reason, or null. */
export function whyApart({ kernels }: KernelProgram, notes: FusionNotes): (string | null)[] {
  const places = new Map(kernels.map((kernel, at) => [kernel, at]));
  return kernels.map((kernel) => {
    const apart = notes.get(kernel);
    if (!apart || kernel.kind !== 'loop') return null;
    return textOf(kernel, apart, apart.producer && `k${places.get(apart.producer)}`);
  });
}

/** What does not depend on a kernel that computes an input. */
const reasons: Partial<Record<Refusal, string>> = {
  copy: 'it copies what is read in another order',
  piece: 'it fills a part of a value',
  saved: 'it keeps what a variable holds before that is written',
};

/** `name`: what the kernel that computes its last input is called here; null when there is none. */
function textOf(kernel: LoopKernel, { refusal, producer }: Apart, name: string | null): string | null {
  const known = reasons[refusal];
  if (known) return known;
  // Without inputs from kernels there was nothing to join.
  if (!producer || !name) return null;
  switch (refusal) {
    case 'off':
      return 'fusion is off';
    case 'host':
      return `${name}, which computes its input, runs on the host`;
    case 'routine':
      return `${name}, which computes its input, is the routine ${routineOf(producer)}`;
    case 'domain':
      return `it walks ${axesText(kernel.domain)}, and ${name}, which computes its input, ${domainText(producer)}`;
    case 'elsewhere':
      return `it reads what ${name} computes at other positions`;
    case 'large':
      return `${name} is as large as kernels become`;
    case 'axes':
      return `it reduces other axes than ${name}`;
    case 'rows':
      return `it reduces what ${name} computes once per row`;
    case 'columns':
      return `it has too few columns for ${name} to be walked by columns`;
    case 'random reduction':
      return `${name} draws random numbers, which reductions do not`;
    case 'streams':
      return `${name} draws random numbers already`;
    case 'sixteen':
      return `random numbers come sixteen at a time, and rows have ${kernel.domain.at(-1) ?? 1}`;
    case 'epilogue reduces':
      return `it reduces, and ${name} gives the result of ${routineOf(producer)} away element by element`;
    case 'epilogue walk':
      return `it reads neither by rows nor by columns, as ${routineOf(producer)} of ${name} gives its result`;
    case 'blas':
      return `${name}, which computes its input, is the routine ${routineOf(producer)}, by BLAS as a whole`;
    case 'host between':
      return `a plain kernel runs after ${name}, which computes its input, and may fail before anything is written`;
    case 'touched':
      return `what it writes is read or written after ${name}, which computes its input`;
    case 'stored':
      return `others read what ${name} computes, or it has to be stored there: another pass is as quick then`;
    default:
      return null;
  }
}

const axesText = (lengths: readonly number[]): string => `[${lengths.join(', ')}]`;
const routineOf = (kernel: Kernel): string => (kernel.kind === 'routine' ? kernel.routine.name : kernel.kind);

function domainText(kernel: Kernel): string {
  if (kernel.kind === 'routine') return `is the routine ${kernel.routine.name}`;
  return kernel.kind === 'loop' ? axesText(kernel.domain) : 'runs on the host';
}
