/**
 * Kernels as text: one kernel after the other, one line per store or reduction, every access with its walk. What `sluice explain`
 * shows, and what specs of passes compare.
 */
import { expressionText } from './expression';
import type { Access, Buffer, Kernel, KernelProgram, LoopKernel } from './kernel';

export function bufferText(buffer: Buffer): string {
  const { place, dtype, elements } = buffer;
  const name = place.kind === 'variable' ? `@${place.variable.key}` : `${place.kind[0]}${buffer.id}`;
  return `${name}:${dtype.name}[${elements}]`;
}

function accessText({ buffer, offset, strides }: Access): string {
  return `${bufferText(buffer)}${offset === 0 ? '' : `+${offset}`}{${strides.join(',')}}`;
}

function loopLines(kernel: LoopKernel): string[] {
  const axes = kernel.domain.map((length, axis) => (kernel.reduced[axis] ? `(${length})` : String(length)));
  const lines = [`loop [${axes.join(', ')}]`];
  kernel.accesses.forEach((access, i) => {
    lines.push(`  %${i} = ${accessText(access)}`);
  });
  kernel.phases.forEach(({ stores, reductions, rowStores }, phase) => {
    if (kernel.phases.length > 1) lines.push(`  phase ${phase}`);
    for (const { access, expression } of stores) lines.push(`    %${access} <- ${expressionText(expression)}`);
    for (const { id, combiner, expression } of reductions)
      lines.push(`    acc${id} <- ${combiner} ${expressionText(expression)}`);
    for (const { access, expression } of rowStores) lines.push(`    row %${access} <- ${expressionText(expression)}`);
  });
  return lines;
}

function kernelLines(kernel: Kernel): string[] {
  if (kernel.kind === 'loop') return loopLines(kernel);
  if (kernel.kind === 'routine') {
    const inputs = kernel.inputs.map(
      ({ buffer, offset }) => `${bufferText(buffer)}${offset === 0 ? '' : `+${offset}`}`,
    );
    const { name, text } = kernel.routine;
    return [`${name} ${text}: ${kernel.outputs.map(bufferText).join(', ')} <- ${inputs.join(', ')}`];
  }
  const side = (buffers: readonly (Buffer | null)[]) => buffers.map((b) => (b ? bufferText(b) : '-')).join(', ');
  return [`host ${kernel.call.op.type}: ${side(kernel.outputs)} <- ${side(kernel.inputs)}`];
}

/** The kernel as lines of text, the ops that it covers in the first one. */
export function printKernel(kernel: Kernel): string {
  const [first, ...rest] = kernelLines(kernel);
  const ops = kernel.ops.map(({ name }) => name).join(' ');
  return [ops === '' ? first : `${first}   ; ${ops}`, ...rest].join('\n');
}

export function printKernels({ kernels }: KernelProgram): string {
  return kernels.map((kernel, i) => `k${i} ${printKernel(kernel)}`).join('\n');
}
