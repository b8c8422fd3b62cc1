/**
 * What kernels cost: the arithmetic in them and the bytes that they touch, for traces and for `explain`. Nothing here is measured.
 */
import type { Operation } from '../../graph/operation';
import { expressionsOf } from '../backends/wasm/loops/nest';
import { type Expression, visitExpression } from '../ir/expression';
import { type Buffer, buffersOf, type Kernel, type LoopKernel } from '../ir/kernel';

/** What a trace says of a kernel. */
export interface KernelEvent {
  /** The ops that it computes. */
  readonly ops: readonly Operation[];
  readonly kind: Kernel['kind'];
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
}

function flopsOf(kernel: LoopKernel): number {
  const seen = new Set<Expression>();
  let perElement = 0;
  for (const root of expressionsOf(kernel))
    visitExpression(root, (e) => (e.kind === 'apply' ? perElement++ : null), seen);
  return kernel.domain.reduce((n, dim) => n * dim, perElement);
}

export function describeKernel(kernel: Kernel): KernelEvent {
  const { reads, writes } = buffersOf(kernel);
  const sizeOf = ({ elements, dtype, place }: Buffer) => (place.kind === 'scratch' ? 0 : elements * dtype.size);
  const bytes = [...reads, ...writes].reduce((sum, buffer) => sum + sizeOf(buffer), 0);
  const loop = kernel.kind === 'loop' ? kernel : kernel.kind === 'routine' ? kernel.epilogue : null;
  const flops = (loop ? flopsOf(loop) : 0) + (kernel.kind === 'routine' ? kernel.routine.flops : 0);
  const name = kernel.kind === 'routine' ? kernel.routine.name : kernel.kind;
  return { ops: kernel.ops, kind: kernel.kind, name, flops, bytes };
}
