/**
 * A routine while fusion adds an epilogue to it: what is computed of its result, element by element, while that is in the cache.
 *
 * The epilogue is a draft like others, over the result's own domain, in which the result is computed already. What joins it sees
 * that domain as rows × columns, as the routine does; the finished epilogue walks just these two axes.
 */
import type { Operation } from '../../../graph/operation';
import { stridesOf } from '../../broadcast';
import { scalarTypeOf } from '../../ir/expression';
import type { Buffer, LoopKernel, RoutineKernel } from '../../ir/kernel';
import type { RoutineWithEpilogue, Value } from '../../ir/value';
import { KernelDraft } from './kernelDraft';
import { domainOf } from './operands';

/** Results of fewer elements stay in the first cache, and another pass over them costs less than a module. */
const MIN_ELEMENTS = 16384;

/** Whether a routine's result is worth an epilogue. */
export function isWorthEpilogue({ rows, columns }: RoutineWithEpilogue): boolean {
  return rows > 1 && columns > 1 && rows * columns >= MIN_ELEMENTS;
}

export class EpilogueDraft extends KernelDraft {
  constructor(
    index: number,
    readonly routine: RoutineKernel,
    readonly result: Value,
  ) {
    super(index, domainOf(result.shape).lengths);
    const [buffer] = routine.outputs;
    const access = this.accessTo(buffer, 0, stridesOf(this.domain));
    const type = scalarTypeOf(result.dtype)!;
    this.computed.set(buffer, { level: 'element', phase: 0, expression: { kind: 'load', type, access } });
  }

  /** Whether the result can be in scratch memory only, if nobody but the epilogue reads it. */
  get mayStayUnstored(): boolean {
    return this.routine.routine.withEpilogue!.scratchRows > 0;
  }

  /** The routine with what is needed of its epilogue; null when nothing of it is. */
  override finish(isNeeded: (buffer: Buffer) => boolean): RoutineKernel | null {
    const { routine } = this;
    const loop = this.finishLoop(isNeeded);
    const [result] = routine.outputs;
    if (loop === null) return isNeeded(result) ? routine : null;
    const own = isNeeded(result) ? result : (inPlaceOf(loop, result) ?? this.#unstored(result));
    return {
      ...routine,
      outputs: [own],
      epilogue: asRectangle(loop, routine, (buffer) => (buffer === result ? own : buffer)),
      ops: [...new Set<Operation>([...routine.ops, ...loop.ops])],
    };
  }

  #unstored(result: Buffer): Buffer {
    return this.mayStayUnstored ? { ...result, place: { kind: 'scratch' } } : result;
  }
}

/** A buffer that the epilogue fills as the routine fills its result: the routine can compute right into it. */
function inPlaceOf({ phases, accesses }: LoopKernel, result: Buffer): Buffer | null {
  const stored = phases.flatMap(({ stores }) => stores.map(({ access }) => accesses[access].buffer));
  const isLike = ({ place, dtype, elements }: Buffer) =>
    place.kind === 'arena' && dtype === result.dtype && elements === result.elements;
  return stored.find(isLike) ?? null;
}

/** The epilogue over rows × columns. */
function asRectangle(loop: LoopKernel, kernel: RoutineKernel, bufferOf: (buffer: Buffer) => Buffer): LoopKernel {
  const { rows, columns } = kernel.routine.withEpilogue!;
  const rank = loop.domain.length;
  return {
    ...loop,
    domain: [rows, columns],
    reduced: [false, false],
    accesses: loop.accesses.map(({ buffer, offset, strides }) => ({
      buffer: bufferOf(buffer),
      offset,
      strides: strides.slice(rank - 2),
    })),
  };
}
