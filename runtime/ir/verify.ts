/**
 * What a legal list of kernels is, written down as a check: every access lies within its buffer, buffers are written before
 * they are read, expressions are well typed. A mistake of lowering or fusion becomes an error here, never a wrong number.
 */
import { InternalError } from '../../graph/errors';
import { sameDims } from '../broadcast';
import { type Expression, scalarTypeOf, verifyExpression, visitExpression } from './expression';
import {
  type Access,
  type Buffer,
  buffersOf,
  type Kernel,
  type KernelProgram,
  type LoopKernel,
  type RoutineKernel,
} from './kernel';

function fail(text: string, kernel: Kernel): never {
  const ops = kernel.ops.map(({ name }) => name).join(', ');
  throw new InternalError(`illegal kernel (of ${ops || 'no op'}): ${text}`);
}

function verifyAccess({ buffer, offset, strides }: Access, kernel: LoopKernel): void {
  if (strides.length !== kernel.domain.length) fail('an access has not one stride per axis', kernel);
  if (kernel.domain.includes(0)) return;
  let [low, high] = [offset, offset];
  strides.forEach((stride, axis) => {
    const reach = stride * (kernel.domain[axis] - 1);
    if (reach < 0) low += reach;
    else high += reach;
  });
  if (low < 0 || high >= buffer.elements)
    fail(`an access reaches from ${low} to ${high} in a buffer of ${buffer.elements} elements`, kernel);
}

/** What an epilogue may be: it meets elements in any order, so at each it may touch the result there only, and the result is its own. */
function verifyEpilogue(kernel: RoutineKernel, epilogue: LoopKernel): void {
  const { withEpilogue } = kernel.routine;
  const [result, ...others] = kernel.outputs;
  if (!withEpilogue || others.length > 0) fail('an epilogue of a routine that takes none', kernel);
  const { rows, columns } = withEpilogue;
  if (!sameDims(epilogue.domain, [rows, columns])) fail('an epilogue over another domain than the result', kernel);
  if (epilogue.reduced.includes(true) || epilogue.phases.length !== 1) fail('an epilogue that reduces', kernel);
  if (epilogue.streams.length > 0 && columns % 16 !== 0)
    fail('random words in rows that are no multiple of 16', kernel);
  const own = [columns, 1];
  verifyLoop(epilogue);
  const { writes } = buffersOf(epilogue);
  for (const { buffer, offset, strides } of epilogue.accesses) {
    if (buffer !== result && !writes.includes(buffer)) continue;
    if (offset !== 0 || !sameDims(strides, own))
      fail('an epilogue touches what it writes, or the result, elsewhere', kernel);
  }
  if (kernel.inputs.some(({ buffer }) => buffer === result || writes.includes(buffer)))
    fail('an epilogue writes what its routine reads', kernel);
}

function verifyLoop(kernel: LoopKernel): void {
  if (kernel.domain.includes(1)) fail('an axis of length 1', kernel);
  if (kernel.reduced.length !== kernel.domain.length) fail('not every axis is said to be reduced or not', kernel);
  for (const access of kernel.accesses) verifyAccess(access, kernel);
  const done = new Set<number>();
  const check = (e: Expression, mayRead: ReadonlySet<number>) => {
    verifyExpression(e);
    visitExpression(e, (node) => {
      if (node.kind === 'arg') fail('an argument that was not replaced', kernel);
      if (node.kind === 'load') {
        const access = kernel.accesses[node.access];
        if (!access) fail(`no access ${node.access}`, kernel);
        if (scalarTypeOf(access.buffer.dtype) !== node.type) fail('a load of another type than its buffer', kernel);
      }
      if (node.kind === 'acc' && !mayRead.has(node.reduction)) fail(`reduction ${node.reduction} is not done`, kernel);
      if (node.kind === 'index' && !(node.axis < kernel.domain.length)) fail(`no axis ${node.axis}`, kernel);
      if (node.kind === 'random' && !kernel.streams[node.stream]) fail(`no stream ${node.stream}`, kernel);
    });
  };
  for (const { stores, reductions, rowStores } of kernel.phases) {
    for (const { expression, access } of stores) verifyStore(expression, access);
    for (const { expression } of reductions) check(expression, done);
    for (const { id } of reductions) done.add(id);
    for (const { expression, access } of rowStores) verifyStore(expression, access);
  }

  function verifyStore(expression: Expression, access: number): void {
    check(expression, done);
    if (scalarTypeOf(kernel.accesses[access].buffer.dtype) !== expression.type)
      fail('a store of another type than its buffer', kernel);
  }
}

/** InternalError that names the ops of the first kernel that is not legal. */
export function verifyKernels({ kernels, results }: KernelProgram): void {
  const written = new Set<Buffer>();
  const isThere = (buffer: Buffer) => buffer.place.kind !== 'arena' || written.has(buffer);
  for (const kernel of kernels) {
    const { reads, writes } = buffersOf(kernel);
    for (const buffer of reads)
      if (!isThere(buffer) && !writes.includes(buffer)) fail('reads a buffer before it is written', kernel);
    if (kernel.kind === 'loop') verifyLoop(kernel);
    if (kernel.kind === 'routine' && kernel.epilogue) verifyEpilogue(kernel, kernel.epilogue);
    for (const buffer of writes) written.add(buffer);
  }
  for (const buffer of results) if (!isThere(buffer)) throw new InternalError('a result of a program is never written');
}
