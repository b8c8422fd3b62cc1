/**
 * Kernels as text: one kernel after the other, one line per store or reduction, every access with its walk. What `sluice explain`
 * shows, and what specs of passes compare.
 */
import { type Expression, expressionText, visitExpression } from './expression';
import type { Access, Buffer, Kernel, LoopKernel, Phase } from './kernel';

export function bufferText(buffer: Buffer): string {
  const { place, dtype, elements } = buffer;
  const name = place.kind === 'variable' ? `@${place.variable.key}` : `${place.kind[0]}${buffer.id}`;
  return `${name}:${dtype.name}[${elements}]`;
}

function accessText({ buffer, offset, strides }: Access): string {
  return `${bufferText(buffer)}${offset === 0 ? '' : `+${offset}`}{${strides.join(',')}}`;
}

/** Operations that several others of a phase use. */
function sharedIn({ stores, reductions, rowStores }: Phase): Set<Expression> {
  const used = new Set<Expression>();
  const shared = new Set<Expression>();
  const use = (e: Expression) => {
    if (e.kind !== 'apply') return;
    if (used.has(e)) shared.add(e);
    else used.add(e);
  };
  const seen = new Set<Expression>();
  for (const { expression } of [...stores, ...reductions, ...rowStores]) {
    use(expression);
    visitExpression(expression, (e) => (e.kind === 'apply' ? e.args.forEach(use) : null), seen);
  }
  return shared;
}

/** The lines of a phase: what is used more than once has a line and a name, `tN`, before its first use. */
function phaseLines(phase: Phase, names: { count: number }): string[] {
  const lines: string[] = [];
  const shared = sharedIn(phase);
  const known = new Map<Expression, string>();
  const textOf = (e: Expression): string => {
    if (!shared.has(e)) return expressionText(e, textOf);
    let name = known.get(e);
    if (name === undefined) {
      const text = expressionText(e, textOf);
      known.set(e, (name = `t${names.count++}`));
      lines.push(`    ${name} = ${text}`);
    }
    return name;
  };
  const line = (target: string, expression: Expression) => {
    const text = textOf(expression);
    lines.push(`    ${target} ${text}`);
  };
  for (const { access, expression } of phase.stores) line(`%${access} <-`, expression);
  for (const { id, combiner, expression } of phase.reductions) line(`acc${id} <- ${combiner}`, expression);
  for (const { access, expression } of phase.rowStores) line(`row %${access} <-`, expression);
  return lines;
}

/** A loop, or the epilogue of a routine. */
function loopLines(kernel: LoopKernel, title = 'loop'): string[] {
  const axes = kernel.domain.map((length, axis) => (kernel.reduced[axis] ? `(${length})` : String(length)));
  const lines = [`${title} [${axes.join(', ')}]`];
  kernel.accesses.forEach((access, i) => {
    lines.push(`  %${i} = ${accessText(access)}`);
  });
  const names = { count: 0 };
  kernel.phases.forEach((phase, at) => {
    if (kernel.phases.length > 1) lines.push(`  phase ${at}`);
    lines.push(...phaseLines(phase, names));
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
    const line = `${name} ${text}: ${kernel.outputs.map(bufferText).join(', ')} <- ${inputs.join(', ')}`;
    return [line, ...(kernel.epilogue ? loopLines(kernel.epilogue, '  then') : [])];
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
